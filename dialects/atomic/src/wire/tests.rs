//! Tests of the frames.

use proptest::prelude::*;
use quintet_core::{Frame, Position};
use serde_json::{Map, Value, json};

use super::message::{Message, Wanted, clip};
use super::told;

const MOST: usize = 5;

fn read(text: &str) -> Result<Message<'_>, String> {
    Message::read(text, MOST)
}

fn texts(items: &[&str]) -> Vec<String> {
    items.iter().map(|item| (*item).to_owned()).collect()
}

/// A message as a client sends it.
fn written(message: &Message<'_>) -> String {
    match message {
        Message::Subscribe(subject) => format!("SUBSCRIBE {subject}"),
        Message::SubscribeAll(subjects) => format!("SUBSCRIBE {}", json!(subjects)),
        Message::Unsubscribe(subject) => format!("UNSUBSCRIBE {subject}"),
        Message::UnsubscribeAll(subjects) => format!("UNSUBSCRIBE {}", json!(subjects)),
        Message::Get(wanted) => format!("GET {}", wanted.echo),
        Message::Authenticate(json) => format!("AUTHENTICATE {json}"),
        Message::Commit(json) => format!("COMMIT {json}"),
        Message::Call(json) => format!("CALL {json}"),
        Message::Resume(since) => {
            let since: Map<String, Value> = since.iter().map(|(key, at)| (key.clone(), at.as_str().into())).collect();
            format!("RESUME {}", Value::Object(since))
        }
    }
}

/// A frame's verb and argument.
fn heard(frame: &Frame) -> (String, String) {
    let text = std::str::from_utf8(frame.payload()).unwrap();
    let (verb, argument) = text.split_once(' ').unwrap();
    (verb.to_owned(), argument.to_owned())
}

#[test]
fn verbs_are_told_apart() {
    let get = |url, echo| Message::Get(Wanted { url, echo });
    let url = "http://localhost:9883/agents/a//b+c=";
    let table = [
        ("SUBSCRIBE http://a/x", Message::Subscribe("http://a/x")),
        ("UNSUBSCRIBE http://a/x", Message::Unsubscribe("http://a/x")),
        ("GET http://localhost:9883/agents/a//b+c=", get(url, url)),
        ("GET not a url at all", get("not a url at all", "not a url at all")),
        ("GET  http://a/x \n", get("http://a/x", " http://a/x \n")),
        // The original splits at every verb, and loses the rest.
        ("SUBSCRIBE http://a/SUBSCRIBE x", Message::Subscribe("http://a/SUBSCRIBE x")),
        ("AUTHENTICATE {\"a\": 1}", Message::Authenticate("{\"a\": 1}")),
        ("COMMIT {}", Message::Commit("{}")),
        ("CALL {\"name\":\"echo\"} ", Message::Call("{\"name\":\"echo\"}")),
        ("SUBSCRIBE [\"http://a/x\", \"y\"]", Message::SubscribeAll(texts(&["http://a/x", "y"]))),
        ("SUBSCRIBE []", Message::SubscribeAll(Vec::new())),
        ("UNSUBSCRIBE [\"x\"]", Message::UnsubscribeAll(texts(&["x"]))),
        ("RESUME {}", Message::Resume(Vec::new())),
        (
            "RESUME {\"b\":\"1-a\",\"a\":\"none\"}",
            Message::Resume(vec![("b".into(), "1-a".into()), ("a".into(), "none".into())]),
        ),
    ];
    for (text, message) in table {
        assert_eq!(read(text), Ok(message), "{text}");
    }
}

#[test]
fn what_is_unknown_is_told_so() {
    for text in ["", " ", "SUBSCRIBE", "SUBSCRIBE ", "GET   ", "get http://a/x", "HELLO x", "SUBSCRIBE\thttp://a", "{}"]
    {
        assert_eq!(read(text), Err(format!("Unknown message: {text}")));
    }
}

#[test]
fn lists_that_are_none_are_told_so() {
    let table = [
        ("SUBSCRIBE [", "Invalid SUBSCRIBE JSON: EOF while parsing a list"),
        ("SUBSCRIBE [1]", "Invalid SUBSCRIBE JSON: invalid type: integer `1`"),
        ("UNSUBSCRIBE [\"a\"] x", "Invalid UNSUBSCRIBE JSON: trailing characters"),
        ("RESUME []", "Invalid RESUME JSON: "),
        ("RESUME x", "Invalid RESUME JSON: expected value"),
        ("RESUME {\"a\":1}", "Invalid RESUME JSON: each position must be a string"),
        ("SUBSCRIBE [\"1\",\"2\",\"3\",\"4\",\"5\",\"6\"]", "at most 5 subjects at once"),
        ("RESUME {\"1\":\"\",\"2\":\"\",\"3\":\"\",\"4\":\"\",\"5\":\"\",\"6\":\"\"}", "at most 5 subjects at once"),
    ];
    for (text, why) in table {
        let told = read(text).unwrap_err();
        assert!(told.starts_with(why), "{text}: {told}");
    }
}

#[test]
fn little_is_echoed_of_what_was_not_understood() {
    let long = "é".repeat(50_000);
    for text in
        [long.clone(), format!("SHOUT {long}"), format!("SUBSCRIBE [{{\"{long}\":1}}]"), format!("RESUME \"{long}\"")]
    {
        let told = read(&text).unwrap_err();
        assert!(told.len() < 400, "{} bytes", told.len());
    }
    assert_eq!((clip("aéé", 4).as_str(), clip("aé", 3).as_str()), ("aé…", "aé"));
}

#[test]
fn what_is_told_is_compact() {
    let position = Position { epoch: 0xab, offset: 12 };
    let table = [
        (told::commit("{\"a\":1}"), r#"COMMIT {"a":1}"#),
        (told::resource(&json!({ "@id": "x", "a": [1.5, 1e21] })), r#"RESOURCE {"@id":"x","a":[1.5,1e+21]}"#),
        (told::error("no \"such\" thing"), "ERROR no \"such\" thing"),
        (told::position("http://a/x", position), r#"POSITION {"http://a/x":"12-ab"}"#),
        (told::rejected(None, 400, "why"), r#"REJECTED {"signature":null,"status":400,"error":"why"}"#),
        (told::unsubscribed(texts(&["a", "a"])), r#"UNSUBSCRIBED ["a","a"]"#),
    ];
    for (frame, text) in table {
        assert_eq!(std::str::from_utf8(frame.payload()), Ok(text));
    }
}

fn subject() -> impl Strategy<Value = String> {
    "[^ \t\r\n\u{c}\\[](.{0,30}[^ \t\r\n\u{c}])?"
        .prop_filter("a list is written in brackets", |text| text.trim_ascii() == text && !text.is_empty())
}

fn names() -> impl Strategy<Value = Vec<String>> {
    prop::collection::btree_set(".{0,20}", 0..=MOST).prop_map(|names| names.into_iter().collect())
}

proptest! {
    #[test]
    fn what_is_written_is_read(subject in subject(), names in names(), kind in 0..9) {
        let positions = || names.iter().cloned().zip(names.iter().cloned().rev()).collect();
        let message = match kind {
            0 => Message::Subscribe(&subject),
            1 => Message::SubscribeAll(names.clone()),
            2 => Message::Unsubscribe(&subject),
            3 => Message::UnsubscribeAll(names.clone()),
            4 => Message::Get(Wanted { url: &subject, echo: &subject }),
            5 => Message::Authenticate(&subject),
            6 => Message::Commit(&subject),
            7 => Message::Call(&subject),
            _ => Message::Resume(positions()),
        };
        let text = written(&message);
        prop_assert_eq!(read(&text), Ok(message));
    }

    #[test]
    fn what_is_told_is_heard(names in names(), text in ".{0,50}", offset: u64, epoch: u32) {
        let position = Position { epoch, offset };
        let (verb, json) = heard(&told::position(&text, position));
        prop_assert_eq!((verb.as_str(), serde_json::from_str(&json).ok()), ("POSITION", Some(json!({ &text: position.to_string() }))));
        let readable: Map<String, Value> = names.iter().map(|name| (name.clone(), true.into())).collect();
        let (verb, json) = heard(&told::subscribed(readable.clone()));
        prop_assert_eq!((verb.as_str(), serde_json::from_str(&json).ok()), ("SUBSCRIBED", Some(Value::Object(readable))));
        let (verb, json) = heard(&told::resource(&json!({ "@id": text })));
        prop_assert_eq!((verb.as_str(), serde_json::from_str(&json).ok()), ("RESOURCE", Some(json!({ "@id": text }))));
    }

    #[test]
    fn no_text_makes_it_panic(text in "(SUBSCRIBE|UNSUBSCRIBE|RESUME|GET|COMMIT|CALL|[A-Z]{0,5}) ?.{0,60}") {
        let _ = read(&text);
    }
}
