//! What a client says, and what is then to be done.

use proptest::prelude::*;
use quintet_core::Id;
use quintet_core::error::FieldError;
use quintet_core::procedure::Outcome;
use serde_json::value::RawValue;

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_760_000_000_000);

fn handle(input: Input<'_>) -> Vec<Action> {
    let mut actions = Vec::new();
    dialect::Session::handle(&mut Session::default(), input, NOW, &mut actions);
    actions
}

fn say(text: &str) -> Action {
    let mut actions = handle(Input::Text(text));
    assert_eq!(actions.len(), 1, "{text}");
    actions.remove(0)
}

fn told(actions: &[Action]) -> String {
    let [Action::Send(frame)] = actions else { panic!("not one frame: {actions:?}") };
    String::from_utf8(frame.payload().to_vec()).unwrap()
}

fn id(number: u64) -> Id {
    Id::new(number).unwrap()
}

#[test]
fn typing_is_published_with_the_time_given_or_now() {
    for (rest, thread, sent_at) in [
        (r#""threadId":null"#, None, NOW.millis()),
        (r#""sentAt":5"#, None, 5),
        (r#""threadId":77,"sentAt":-1,"userId":1,"more":[{}]"#, Some(id(77)), -1),
    ] {
        let text = format!(r#"{{"type":"chat_typing","channelId":4101,{rest}}}"#);
        let Action::Publish(TYPED, topics, body) = say(&text) else { panic!("{text}") };
        assert_eq!(topics, [address::channel_topic(id(4101))]);
        let sent_at = Timestamp::from_millis(sent_at);
        assert_eq!(body, Body::Typing { room: id(4101), thread, sent_at }, "{text}");
    }
}

#[test]
fn what_is_written_is_asked_for() {
    for (rest, thread, sent_at) in [
        ("", None, None),
        (r#""threadId":null,"sentAt":1760000000000,"#, None, Some(NOW)),
        (r#""threadId":9,"authorId":1,"#, Some(id(9)), None),
    ] {
        let text = format!(r#"{{"type":"chat_written",{rest}"channelId":4101,"content":"Lunch?"}}"#);
        let Action::Call(ASKED, Call::PostChat(chat)) = say(&text) else { panic!("{text}") };
        assert_eq!(chat, NewChat { room: id(4101), thread, content: "Lunch?".into(), sent_at, subject: None });
    }
}

#[test]
fn reactions_are_taken_codepoint_by_codepoint() {
    for (reaction, adding) in [("🍕", true), ("✔\u{fe0f}", false), ("a.b", true)] {
        let text = format!(r#"{{"type":"chat_reaction","chatId":5550,"reaction":"{reaction}","adding":{adding}}}"#);
        let Action::Call(ASKED, Call::React { chat, reaction: felt, adding: added }) = say(&text) else {
            panic!("{text}")
        };
        assert_eq!((chat, felt.as_str(), added), (id(5550), reaction, adding));
    }
}

#[test]
fn a_type_may_be_spelt_with_escapes_and_stand_last() {
    let text = r#" {"channelId":1,"content":"\"type\":\"x\"","type":"chat\u005fwritten"} "#;
    assert!(matches!(say(text), Action::Call(ASKED, Call::PostChat(_))));
}

#[test]
fn what_is_not_meant_for_us_is_ignored() {
    for text in [
        "",
        " \r\n\t",
        "null",
        "7",
        r#""chat_typing""#,
        "[]",
        r#"["chat_typing",4101,null]"#,
        "{}",
        r#"{"channelId":4101}"#,
        r#"{"type":null}"#,
        r#"{"type":7,"channelId":4101}"#,
        r#"{"type":["chat_typing"]}"#,
        r#"{"type":"chat_typed","channelId":"x"}"#,
        r#"{"type":"CHAT_TYPING","channelId":4101}"#,
        r#"{"type":"heartbeat","timestamp":1760000000000}"#,
        r#"{"type":"error","status":400,"message":""}"#,
    ] {
        let actions = handle(Input::Text(text));
        assert!(actions.is_empty(), "{text}: {actions:?}");
    }
}

#[test]
fn what_cannot_be_understood_is_told_to_the_offender() {
    for (text, message) in [
        ("hello", "not JSON"),
        ("{", "not JSON"),
        ("[1,2", "not JSON"),
        (r#"{"type":"chat_typing",}"#, "not JSON"),
        (r#"{"type":"chat_typing"}{}"#, "not JSON"),
        (r#"{"type":"chat_typing"}"#, "chat_typing: missing field `channelId`"),
        (r#"{"type":"chat_typing","channelId":null}"#, "chat_typing: channelId: invalid type: null"),
        (r#"{"type":"chat_typing","channelId":"4101"}"#, "chat_typing: channelId: invalid type: string"),
        (r#"{"type":"chat_typing","channelId":4101.0}"#, "chat_typing: channelId: invalid type: floating point"),
        (
            r#"{"type":"chat_typing","channelId":-1}"#,
            "chat_typing: channelId: invalid type: integer `-1`, expected an id",
        ),
        (
            r#"{"type":"chat_typing","channelId":9007199254740992}"#,
            "chat_typing: channelId: invalid value: integer `9007199254740992`, expected an id",
        ),
        (r#"{"type":"chat_typing","channelId":1,"channelId":2}"#, "chat_typing: duplicate field `channelId`"),
        (r#"{"type":"chat_typing","channelId":1,"threadId":"7"}"#, "chat_typing: threadId: invalid type: string"),
        (r#"{"type":"chat_typing","channelId":1,"sentAt":null}"#, "chat_typing: sentAt: invalid type: null"),
        (r#"{"type":"chat_typing","channelId":1,"sentAt":1.5}"#, "chat_typing: sentAt: invalid type: floating point"),
        (r#"{"type":"chat_written","content":"x"}"#, "chat_written: missing field `channelId`"),
        (r#"{"type":"chat_written","channelId":1}"#, "chat_written: missing field `content`"),
        (r#"{"type":"chat_written","channelId":1,"content":null}"#, "chat_written: content: invalid type: null"),
        (r#"{"type":"chat_written","channelId":1,"content":""}"#, "chat_written: content: must not be empty"),
        (r#"{"type":"chat_written","channelId":1,"content":5}"#, "chat_written: content: invalid type: integer"),
        (r#"{"type":"chat_written","channelId":1,"content":"\ud800"}"#, "chat_written: "),
        (r#"{"type":"chat_reaction","reaction":"x","adding":true}"#, "chat_reaction: missing field `chatId`"),
        (r#"{"type":"chat_reaction","chatId":1,"adding":true}"#, "chat_reaction: missing field `reaction`"),
        (
            r#"{"type":"chat_reaction","chatId":1,"reaction":"","adding":true}"#,
            "chat_reaction: reaction: must not be empty",
        ),
        (r#"{"type":"chat_reaction","chatId":1,"reaction":"x"}"#, "chat_reaction: missing field `adding`"),
        (
            r#"{"type":"chat_reaction","chatId":1,"reaction":"x","adding":1}"#,
            "chat_reaction: adding: invalid type: integer",
        ),
    ] {
        let told = told(&handle(Input::Text(text)));
        let start = format!(r#"{{"type":"error","status":400,"message":"{message}"#);
        assert!(told.starts_with(&start), "{text}: {told}");
    }
}

#[test]
fn what_the_peer_sent_is_not_echoed_at_length() {
    let text = format!(r#"{{"type":"chat_typing","channelId":"{}"}}"#, "é".repeat(30_000));
    assert!(told(&handle(Input::Text(&text))).len() < 500);
}

#[test]
fn deep_nesting_does_not_overflow_the_stack() {
    let deep = "[".repeat(32_000);
    assert!(told(&handle(Input::Text(&deep))).contains("not JSON"));
    let balanced = format!(r#"{{"type":"x","y":{}{}}}"#, &deep, "]".repeat(32_000));
    assert!(handle(Input::Text(&balanced)).len() <= 1);
    let known = format!(r#"{{"type":"chat_typing","channelId":{deep}"#);
    assert_eq!(handle(Input::Text(&known)).len(), 1);
}

#[test]
fn binary_is_refused() {
    let told = told(&handle(Input::Binary(b"{}")));
    assert_eq!(told, r#"{"type":"error","status":400,"message":"binary message: send JSON in a text message"}"#);
}

#[test]
fn a_rate_limit_is_told() {
    let told = told(&handle(Input::Refused(Error::too_many("slow down"))));
    assert_eq!(told, r#"{"type":"error","status":429,"message":"slow down"}"#);
}

#[test]
fn only_refused_chats_and_reactions_are_told() {
    let refused = || Error::not_found("no such chat");
    let actions = handle(Input::Answer(ASKED, Err(refused())));
    assert_eq!(told(&actions), r#"{"type":"error","status":404,"message":"no such chat"}"#);
    for (ticket, answer) in
        [(ASKED, Ok(Answer::Done)), (SUBSCRIBED, Ok(Answer::Subscribed { readable: true })), (TYPED, Err(refused()))]
    {
        assert!(handle(Input::Answer(ticket, answer)).is_empty(), "{ticket:?}");
    }
}

const CALL: &str = r#"{"type":"procedure_called","name":"orders:create","payload":{ "n": 1.10 },"ref":"007"}"#;

fn call(session: &mut Session, text: &str) -> (Ticket, Box<Invocation>) {
    let mut actions = Vec::new();
    dialect::Session::handle(session, Input::Text(text), NOW, &mut actions);
    let Some(Action::Call(ticket, Call::Invoke(invocation))) = actions.pop() else { panic!("{text}") };
    assert!(actions.is_empty(), "{actions:?}");
    (ticket, invocation)
}

fn answer(session: &mut Session, ticket: Ticket, answer: Result<Answer, Error>) -> Vec<Action> {
    let mut actions = Vec::new();
    dialect::Session::handle(session, Input::Answer(ticket, answer), NOW, &mut actions);
    actions
}

fn outcome(json: &str) -> Answer {
    Answer::Outcome(Outcome::ok(RawValue::from_string(json.into()).unwrap()))
}

#[test]
fn a_procedure_is_called_with_what_was_written() {
    for (text, name, payload) in [
        (CALL, "orders:create", r#"{ "n": 1.10 }"#),
        (r#"{"type":"procedure_called","name":"echo"}"#, "echo", "null"),
        (r#"{"type":"procedure_called","name":"echo","payload":null,"ref":null,"x":1}"#, "echo", "null"),
        (r#"{"ref":[1],"payload":"\u00e9","name":"größe","type":"procedure_called"}"#, "größe", r#""\u00e9""#),
    ] {
        let (_, invocation) = call(&mut Session::default(), text);
        assert_eq!((&*invocation.name, invocation.payload.get()), (name, payload), "{text}");
        assert!(invocation.connection.is_none() && invocation.extra.is_none());
    }
}

#[test]
fn answers_find_their_ref_in_any_order_and_once() {
    let mut session = Session::default();
    let (first, _) = call(&mut session, CALL);
    let (second, _) = call(&mut session, r#"{"type":"procedure_called","name":"a","ref":{"b": [2]}}"#);
    let (third, _) = call(&mut session, r#"{"type":"procedure_called","name":"a"}"#);
    for (ticket, json, expected) in [
        (second, "3", r#"{"type":"procedure_answered","ref":{"b": [2]},"payload":3}"#),
        (first, r#"{ "a": 1.0 }"#, r#"{"type":"procedure_answered","ref":"007","payload":{ "a": 1.0 }}"#),
        (third, "null", r#"{"type":"procedure_answered","ref":null,"payload":null}"#),
    ] {
        assert_eq!(told(&answer(&mut session, ticket, Ok(outcome(json)))), expected);
        assert!(answer(&mut session, ticket, Ok(outcome(json))).is_empty(), "once");
    }
    assert!(session.called.is_empty());
}

#[test]
fn errors_of_procedures_have_their_status_and_fields() {
    let fields = vec![FieldError::required("id")];
    for (error, expected) in [
        (Error::not_found("no procedure a"), r#""status":404,"message":"no procedure a","ref":"007"}"#),
        (Error::bad_message("I'm a teapot").with_status(418), r#""status":418,"message":"I'm a teapot","ref":"007"}"#),
        (
            Error::invalid(fields),
            r#""status":400,"message":"id is required","ref":"007","fieldErrors":[{"field":"id","error":"id is required"}]}"#,
        ),
        (Error::internal("disk on fire"), r#""status":500,"message":"internal error","ref":"007"}"#),
    ] {
        let mut session = Session::default();
        let (ticket, _) = call(&mut session, CALL);
        let told = told(&answer(&mut session, ticket, Err(error)));
        assert_eq!(told, format!(r#"{{"type":"error",{expected}"#));
    }
}

#[test]
fn a_call_that_cannot_be_understood_is_told_with_its_ref_where_that_can_be() {
    let long = "x".repeat(60_000);
    for (text, expected) in [
        (
            r#"{"type":"procedure_called","ref":7}"#.to_owned(),
            r#"procedure_called: missing field `name` at line 1 column 35","ref":7}"#,
        ),
        (
            r#"{"type":"procedure_called","name":"","ref":7}"#.to_owned(),
            r#"procedure_called: name: must have 1 to 128 bytes at line 1 column 36","ref":7}"#,
        ),
        (
            format!(r#"{{"type":"procedure_called","name":"{long}"}}"#),
            r#"procedure_called: name: must have 1 to 128 bytes at line 1 column 60037"}"#,
        ),
        (
            r#"{"type":"procedure_called","ref":7"#.to_owned(),
            r#"not JSON: EOF while parsing an object at line 1 column 34"}"#,
        ),
    ] {
        let told = told(&handle(Input::Text(&text)));
        assert!(told.starts_with(r#"{"type":"error","status":400,"message":""#) && told.ends_with(expected), "{told}");
    }
}

#[test]
fn a_payload_is_not_nested_deeper_than_others_can_read() {
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let say = |payload: &str| {
        handle(Input::Text(&format!(r#"{{"type":"procedure_called","name":"a","payload":{payload}}}"#)))
    };
    assert!(matches!(say(&deep(100))[..], [Action::Call(..)]));
    for depth in [130, 30_000] {
        let told = told(&say(&deep(depth)));
        assert!(told.contains("recursion limit exceeded"), "{told}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in ".{0,200}") {
        prop_assert!(handle(Input::Text(&text)).len() <= 1);
    }

    #[test]
    fn no_fields_make_it_panic(
        kind in "chat_(typing|written|reaction)|procedure_called|heartbeat|[a-z_]{0,9}",
        key in "channelId|threadId|chatId|content|name|payload|ref|reaction|adding|sentAt|type",
        value in r#"[0-9]{1,22}|-?[0-9]\.[0-9]e[0-9]{1,4}|null|true|"[^"]{0,9}"|\[\]|\{\}|\{"a":\[1"#,
    ) {
        let text = format!(r#"{{"type":"{kind}","channelId":1,"{key}":{value}}}"#);
        prop_assert!(handle(Input::Text(&text)).len() <= 1);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert_eq!(handle(Input::Binary(&bytes)).len(), 1);
    }
}
