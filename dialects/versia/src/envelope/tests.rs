use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use quintet_core::federation::host::Reach;
use quintet_core::{Limits, Origin};
use serde_json::json;

use super::*;
use crate::Options;

const NOW: Timestamp = Timestamp::from_millis(1_729_241_807_000);

fn house() -> House {
    let options = Options { enabled: true, reach: Reach::Net, ..Options::default() };
    House::new(&Origin("https://b.example".into()), &Limits { entity_bytes: 64, ..Limits::default() }, options)
}

fn peer() -> Host {
    Host::parse("a.example", Reach::Net).unwrap()
}

fn signature() -> String {
    STANDARD.encode([7; 64])
}

fn message() -> serde_json::Value {
    json!({ "signature": signature(), "signed_at": "1729241807", "signed_by": "https://a.example/users/1", "entity": "{}" })
}

/// The status with which a frame is refused; 0 where it is not.
fn status(text: &str) -> u16 {
    let opened = Frame::read(text).and_then(|frame| match frame {
        Frame::Message(envelope) => envelope.open(&house(), Some(&peer()), NOW).map(drop),
        other => panic!("no message: {other:?}"),
    });
    opened.err().map_or(0, |error| error.status())
}

#[test]
fn a_frame_is_told_apart_by_its_members() {
    for member in ["entity", "signature", "signed_at", "signed_by"] {
        let frame = json!({ member: 1, "in_reply_to": "x" }).to_string();
        assert!(matches!(Frame::read(&frame), Ok(Frame::Message(_))), "{member}");
    }
    assert!(matches!(Frame::read(r#"{"in_reply_to":null}"#), Ok(Frame::Receipt(_))));
    assert!(matches!(Frame::read(r#"{"hello":{"a":[1]}}"#), Ok(Frame::Other)));
    for text in ["", "[]", r#"[{"entity":"{}"}]"#, "null", "1", r#""x""#, "{", "{}x", r#"{"a":1,}"#, r#"{"a":NaN}"#] {
        assert_eq!(Frame::read(text).unwrap_err().status(), 400, "{text}");
    }
    for text in [
        r#"{"entity":"{}","entity":"{}"}"#,
        r#"{"entity":"{}","\u0065ntity":"{}"}"#,
        r#"{"x":1,"entity":"{}","x":2}"#,
        r#"{"in_reply_to":"a","in_reply_to":"a"}"#,
    ] {
        assert_eq!(Frame::read(text).unwrap_err().status(), 400, "{text}");
    }
}

#[test]
fn every_step_of_the_table_has_its_status() {
    assert_eq!(status(&message().to_string()), 0);
    let with = |name: &str, value: serde_json::Value| {
        let mut message = message();
        message[name] = value;
        status(&message.to_string())
    };
    let without = |name: &str| {
        let mut message = message();
        message.as_object_mut().unwrap().remove(name);
        status(&message.to_string())
    };
    assert_eq!(with("unknown", json!({ "x": [1, 2] })), 0, "unknown members are ignored");
    assert_eq!(without("entity"), 400);
    for entity in [json!({}), json!(null), json!(1), json!(["{}"]), json!(true), json!(1.5)] {
        assert_eq!(with("entity", entity), 400);
    }
    for name in ["signature", "signed_at", "signed_by"] {
        assert_eq!(without(name), 401, "{name}");
        for value in [json!(null), json!(1_729_241_807), json!({}), json!([]), json!(false), json!(0.5), json!(-1)] {
            assert_eq!(with(name, value), 400, "{name}");
        }
    }
    assert_eq!((with("entity", json!("x".repeat(64))), with("entity", json!("x".repeat(65)))), (0, 413));
    assert_eq!(with("entity", json!("ü".repeat(33))), 413, "bytes count, not characters");
    for bad in ["", "x", "1729241807.5", " 1729241807", "1729241807123456"] {
        assert_eq!(with("signed_at", json!(bad)), 400, "{bad}");
    }
    for (at, expected) in [("1729241507", 0), ("1729241506", 422), ("1729242107", 0), ("1729242108", 422)] {
        assert_eq!(with("signed_at", json!(at)), expected, "{at}");
    }
    assert_eq!(with("signed_by", json!("https://A.example/users/1")), 400);
    assert_eq!(with("signed_by", json!("https://b.example/users/1")), 400, "that is us");
    for other in ["https://c.example/users/1", "instance a.example.evil.example", "example"] {
        assert_eq!(with("signed_by", json!(other)), 403, "{other}");
    }
    for (name, same) in [("signed_by", "instance a.example"), ("signed_by", "a.example")] {
        assert_eq!(with(name, json!(same)), 0, "{same}");
    }
    assert_eq!(with("signature", json!("AAAA")), 401);
}

#[test]
fn what_is_cheaper_comes_first() {
    let all_wrong = json!({ "signature": "x", "signed_at": "1", "signed_by": "c.example", "entity": "x".repeat(65) });
    let steps = [("entity", "{}", 413), ("signed_at", "1729241807", 422), ("signed_by", "a.example", 403)];
    let mut message = all_wrong;
    for (name, right, expected) in steps {
        assert_eq!(status(&message.to_string()), expected, "{name}");
        message[name] = right.into();
    }
    assert_eq!(status(&message.to_string()), 401);
}

#[test]
fn an_entity_is_unescaped_once() {
    let read = |entity: &str| {
        let members =
            json!({ "signature": signature(), "signed_at": "1729241807", "signed_by": "a.example" }).to_string();
        let text = format!(r#"{{"entity":{entity},{}"#, &members[1..]);
        let Ok(Frame::Message(envelope)) = Frame::read(&text) else { panic!("{text}") };
        assert_eq!(envelope.reference(), Some(signature()), "it is known of what is spoken");
        envelope.open(&house(), Some(&peer()), NOW).map(|letter| letter.entity.to_string()).map_err(|it| it.status())
    };
    assert_eq!(read(r#""gr\u00fc\u00dfe \ud83d\ude00 \/ \\n""#).as_deref(), Ok("grüße 😀 / \\n"));
    assert_eq!(read(r#""grüße 😀 / \\n""#).as_deref(), Ok("grüße 😀 / \\n"));
    for lone in [r#""\ud800""#, r#""\udc00""#, r#""\ud800x""#, r#""\ud800\ud800""#] {
        assert_eq!(read(lone), Err(400), "{lone}");
    }
}

#[test]
fn a_reference_is_cut() {
    let text = json!({ "signature": "ü".repeat(300) }).to_string();
    let Ok(Frame::Message(envelope)) = Frame::read(&text) else { panic!("it is a message") };
    assert_eq!(envelope.reference().unwrap().chars().count(), 256);
    let Ok(Frame::Message(envelope)) = Frame::read(r#"{"signature":1}"#) else { panic!("it is a message") };
    assert_eq!(envelope.reference(), None);
}

#[test]
fn receipts_are_read_with_whatever_they_have() {
    let read = |text: &str| match Frame::read(text) {
        Ok(Frame::Receipt(reply)) => {
            (reply.to.map(Cow::into_owned), reply.status, reply.error, reply.details, reply.retry_after)
        }
        other => panic!("{other:?}"),
    };
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(read(r#"{"in_reply_to":"a","status":202}"#), (text("a"), 202, None, None, None));
    assert_eq!(
        read(r#"{"status":429,"in_reply_to":null,"error":"e","details":"d","retry_after":7,"more":1}"#),
        (None, 429, text("e"), text("d"), Some(7))
    );
    assert_eq!(
        read(r#"{"in_reply_to":"a","status":"202","error":1,"details":{"a":"b"},"retry_after":-1}"#),
        (text("a"), 500, None, None, None)
    );
    assert_eq!(read(r#"{"in_reply_to":7,"status":99}"#).1, 500);
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in ".{0,200}") {
        let _ = Frame::read(&text);
    }

    #[test]
    fn any_members_are_read_without_panic(at in ".{0,20}", by in ".{0,60}", entity in ".{0,80}", signature in ".{0,100}") {
        let text = json!({ "signature": signature, "signed_at": at, "signed_by": by, "entity": entity }).to_string();
        prop_assert!(status(&text) >= 400);
    }
}
