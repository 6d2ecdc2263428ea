//! The session against a hall that answers at once.

mod walker;

use proptest::prelude::*;
use quintet_core::http::Head;
use quintet_core::identity::Secret;
use quintet_core::procedure::Invocation;
use quintet_core::{Body, Call};
use serde_json::json;

use super::*;
use crate::walker::tests::Shelf;

/// Walkers with these specs, and two procedures that are none.
fn shelf() -> Arc<dyn Catalogue> {
    let walkers = [
        ("roll", json!({"methods": ["websocket", "post"]})),
        ("peek", json!({"methods": ["WEBSOCKET"], "auth": false})),
        ("hidden", json!({"methods": ["websocket"], "private": true})),
        ("posted", json!({})),
        ("a\"b", json!({"methods": ["websocket"]})),
    ];
    Arc::new(Shelf::of(&walkers, &["add", "chat:send"]))
}

const NOW: Timestamp = Timestamp::from_millis(1_795_188_918_250);
const CLIENT: &str = "1795188918:000000000000000000000000000000aa";
const PUBLIC: &str = "n::000000000000000000000001";
const ANN: &str = "n::000000000000000000001001";

/// A session, and a hall that knows ann (4097) by the token `ann`, and one room that all may read: 4101.
struct Peer {
    session: JacSession,
    sent: Vec<String>,
    done: Vec<String>,
    /// Procedures that it waits for.
    calls: Vec<Ticket>,
}

impl Peer {
    fn open(query: &str) -> Self {
        Self::open_as(query, Ok(Identity::Public))
    }

    fn open_as(query: &str, identity: Result<Identity, Error>) -> Self {
        let head = Head { path: "/websocket".into(), query: query.into(), ..Head::default() };
        let mut actions = Vec::new();
        let hello = Hello { head: &head, identity, fresh: [0xAA, 0xBB], now: NOW };
        let session = JacSession::begin(&hello, 3, shelf(), &mut actions);
        let mut peer = Self { session, sent: Vec::new(), done: Vec::new(), calls: Vec::new() };
        peer.carry_out(actions);
        peer
    }

    /// Does what the session asks, and answers as the hall would.
    fn carry_out(&mut self, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Send(frame) => self.sent.push(String::from_utf8(frame.payload().to_vec()).unwrap()),
                Action::Subscribe(ticket, pattern) => {
                    self.done.push(format!("+{}", pattern.path()));
                    let readable = pattern.path().kind() != "room" || pattern.path().as_str() == "room/4101";
                    self.answer(ticket, Ok(Answer::Subscribed { readable }));
                }
                Action::Authenticate(ticket, credential) => self.answer(ticket, identify(&credential)),
                Action::Unsubscribe(pattern) => self.done.push(format!("-{}", pattern.path())),
                Action::Publish(_, topics, body) => self.done.push(format!("{topics:?} {}", said(&body))),
                Action::Call(ticket, Call::Invoke(invocation)) => {
                    self.done.push(called(&invocation));
                    self.calls.push(ticket);
                }
                Action::Call(_, Call::PostChat(chat)) => self.done.push(format!("chat {} {}", chat.room, chat.content)),
                other => panic!("unexpected {other:?}"),
            }
        }
    }

    fn answer(&mut self, ticket: Ticket, answer: Result<Answer, Error>) {
        self.input(Input::Answer(ticket, answer));
    }

    fn input(&mut self, input: Input<'_>) {
        let mut actions = Vec::new();
        self.session.handle(input, NOW, &mut actions);
        self.carry_out(actions);
    }

    /// What is sent, and done, upon one message.
    fn say(&mut self, text: &str) -> (Vec<String>, Vec<String>) {
        self.forget();
        self.input(Input::Text(text));
        (std::mem::take(&mut self.sent), std::mem::take(&mut self.done))
    }

    fn forget(&mut self) {
        self.sent.clear();
        self.done.clear();
    }
}

fn identify(credential: &Credential) -> Result<Answer, Error> {
    match credential {
        Credential::None => Ok(Answer::Identity(Identity::Public)),
        token if *token == Credential::Token(Secret::new("ann")) => {
            Ok(Answer::Identity(Identity::User(Id::new(4097).unwrap())))
        }
        _ => Err(Error::unauthenticated("bad token")),
    }
}

fn called(invocation: &Invocation) -> String {
    let connection = invocation.connection.as_ref().unwrap();
    assert_eq!((&*connection.name, &*connection.dialect), (CLIENT, "jac"));
    let extra = invocation.extra.as_ref().map_or("-", |extra| extra.get());
    format!("{} {} {extra}", invocation.name, invocation.payload.get())
}

fn said(body: &Body) -> String {
    match body {
        Body::Notice(text) => text.to_string(),
        Body::Typing { room, thread: None, sent_at } => format!("typing {room} {}", sent_at.millis()),
        other => panic!("unexpected {other:?}"),
    }
}

fn connection(root: &str, channel: &str) -> String {
    format!(r#"{{"type":"connection","data":{{"client_id":"{CLIENT}","root_id":"{root}","channel_id":"{channel}"}}}}"#)
}

fn forbidden(root: &str, channel: &str) -> String {
    connection(root, channel).replace("\"}}", &format!(r#"","rooms":{{"{channel}":"forbidden"}}}}}}"#))
}

#[test]
fn the_first_frame_is_the_connection_event() {
    let private = "1795188918:000000000000000000000000000000bb";
    for (query, channel, topic) in [
        ("", private, format!("channel/{private}")),
        ("channel_id=", private, format!("channel/{private}")),
        ("channel_id=a&channel_id=a+b%2F%C3%A9", "a b/é", "channel/a b%2Fé".into()),
        ("channel_id=room:4101", "room:4101", "room/4101".into()),
    ] {
        let peer = Peer::open(query);
        assert_eq!(peer.sent, [connection(PUBLIC, channel)], "{query}");
        assert_eq!(peer.done, [format!("+client/{CLIENT}"), "+user/1".into(), format!("+{topic}")], "{query}");
    }
}

#[test]
fn a_user_has_its_own_root() {
    let peer = Peer::open_as("channel_id=x", Ok(Identity::User(Id::new(4097).unwrap())));
    assert_eq!(peer.sent, [connection(ANN, "x")]);
    assert_eq!(peer.done, [format!("+client/{CLIENT}"), "+user/4097".into(), "+channel/x".into()]);
}

#[test]
fn a_bad_token_makes_a_public_socket() {
    let peer = Peer::open_as("channel_id=x", Err(Error::unauthenticated("token expired")));
    assert_eq!(peer.sent, [connection(PUBLIC, "x")]);
}

#[test]
fn a_forbidden_room_is_told_and_asked_for_again() {
    let mut peer = Peer::open("channel_id=room:9");
    assert_eq!(peer.sent, [forbidden(PUBLIC, "room:9")]);
    let (sent, done) = peer.say(r#"{"type":"connection"}"#);
    assert_eq!((sent, done), (vec![forbidden(PUBLIC, "room:9")], vec!["+room/9".into()]));
}

#[test]
fn a_refused_subscription_is_told_after_the_connection_event() {
    let head = Head::default();
    let hello = Hello { head: &head, identity: Ok(Identity::Public), fresh: [0xAA, 0xBB], now: NOW };
    let mut session = JacSession::begin(&hello, 3, shelf(), &mut Vec::new());
    let mut actions = Vec::new();
    for ticket in [ticket::CLIENT, ticket::ROOT, ticket::CHANNEL] {
        assert!(actions.is_empty(), "nothing is sent before all is answered");
        let answer = if ticket == ticket::CHANNEL {
            Err(Error::too_many("10000 subscriptions at the most"))
        } else {
            Ok(Answer::Subscribed { readable: true })
        };
        session.handle(Input::Answer(ticket, answer), NOW, &mut actions);
    }
    let mut peer = Peer { session, sent: Vec::new(), done: Vec::new(), calls: Vec::new() };
    peer.carry_out(actions);
    let private = "1795188918:000000000000000000000000000000bb";
    let line = r#"{"error":["RuntimeError: 10000 subscriptions at the most\n"]}"#;
    assert_eq!(peer.sent, [connection(PUBLIC, private), line.into()]);
}

#[test]
fn users_change() {
    let mut peer = Peer::open("channel_id=x");
    let in_and_out = [
        (r#"{"type":"change_user","token":"ann"}"#, ANN, &["-user/1", "+user/4097"][..]),
        (r#"{"type":"change_user","token":"bEARER ann"}"#, ANN, &[]),
        (r#"{"type":"change_user","token":"bad"}"#, PUBLIC, &["-user/4097", "+user/1"]),
        (r#"{"type":"change_user","token":"Bearer ann"}"#, ANN, &["-user/1", "+user/4097"]),
        (r#"{"type":"change_user"}"#, PUBLIC, &["-user/4097", "+user/1"]),
        (r#"{"type":"change_user","token":""}"#, PUBLIC, &[]),
        (r#"{"type":"change_user","token":null}"#, PUBLIC, &[]),
        (r#"{"type":"connection","token":"ann"}"#, PUBLIC, &[]),
    ];
    for (text, root, done) in in_and_out {
        let told = peer.say(text);
        assert_eq!(told.0, [connection(root, "x")], "{text}");
        assert_eq!(told.1, done, "{text}");
    }
}

#[test]
fn a_room_is_asked_for_again_by_another_user() {
    let mut peer = Peer::open("channel_id=room:4101");
    let (sent, done) = peer.say(r#"{"type":"change_user","token":"ann"}"#);
    assert_eq!(sent, [connection(ANN, "room:4101")]);
    assert_eq!(done, ["-user/1", "+user/4097", "+room/4101"]);
}

#[test]
fn addressed_events_are_published() {
    let mut peer = Peer::open("");
    for (text, wanted) in [
        (r#"{"type":"channel","channel_ids":["x"],"data":{}}"#, &[r#"["channel/x"] {}"#][..]),
        (
            r#"{"type":"channel","channel_ids":["b","a/*","b"],"data":{"z":1.50,"a":"\u00e9"}}"#,
            &[r#"["channel/a%2F%2A", "channel/b"] {"z":1.50,"a":"é"}"#],
        ),
        (r#"{"type":"channel","channel_ids":[""],"data":{}}"#, &[]),
        (
            r#"{"type":"client","client_ids":["1:ab","gone"],"data":{"a":[NaN]}}"#,
            &[r#"["client/1:ab", "client/gone"] {"a":[null]}"#],
        ),
        (
            r#"{"type":"user","root_ids":["n::000000000000000000001001","n:x:000000000000000000000001"],"data":{}}"#,
            &[r#"["user/1", "user/4097"] {}"#],
        ),
        (r#"{"type":"user","root_ids":["n::ffffffffffffffffffffffff"],"data":{}}"#, &[]),
    ] {
        let (sent, done) = peer.say(text);
        assert_eq!((sent, done), (vec![], wanted.iter().map(ToString::to_string).collect()), "{text}");
    }
}

#[test]
fn rooms_are_spoken_to_in_the_words_of_the_house() {
    let mut peer = Peer::open("");
    let both = r#"["room:4101","lobby","room:4101"]"#;
    for (data, wanted) in [
        (r#"{"type":"chat","data":{"content":"Lunch?"}}"#, vec!["chat 4101 Lunch?".to_owned()]),
        (r#"{"type":"chat","data":{"message":"Lunch?"}}"#, vec!["chat 4101 Lunch?".to_owned()]),
        (r#"{"type":"typing","data":{}}"#, vec![format!(r#"["room/4101"] typing 4101 {}"#, NOW.millis())]),
        (r#"{"any":"thing"}"#, vec![r#"["room/4101"] {"any":"thing"}"#.to_owned()]),
    ] {
        let (sent, done) = peer.say(&format!(r#"{{"type":"channel","channel_ids":{both},"data":{data}}}"#));
        let wanted: Vec<String> = [format!(r#"["channel/lobby"] {data}"#)].into_iter().chain(wanted).collect();
        assert_eq!((sent, done), (vec![], wanted));
    }
}

#[test]
fn every_failure_has_its_frame() {
    let mut peer = Peer::open("");
    for (text, wanted) in [
        (
            "{",
            r#"{"error":["json.decoder.JSONDecodeError: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)\n"]}"#,
        ),
        ("", r#"{"error":["json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)\n"]}"#),
        (r#"["\ud800"]"#, r#"{"error":["TypeError: str is not valid UTF-8: surrogates not allowed\n"]}"#),
        (
            r#"{"type":"user","root_ids":["n::000000000000000000000001","b\"d"],"data":{}}"#,
            r#"{"error":["ValueError: [b\"d] is not a valid reference!\n"]}"#,
        ),
        (
            "3",
            r#"{"error":[{"type":"model_attributes_type","loc":["event"],"msg":"Input should be a valid dictionary or object to extract fields from","input":3,"url":"https://errors.pydantic.dev/2.10/v/model_attributes_type"}]}"#,
        ),
    ] {
        assert_eq!(peer.say(text), (vec![wanted.into()], vec![]), "{text}");
    }
    peer.forget();
    peer.input(Input::Binary(&[0, 255]));
    peer.input(Input::Refused(Error::too_many("slow down")));
    assert_eq!(peer.sent, [r#"{"error":["KeyError: 'text'\n"]}"#, r#"{"error":["RuntimeError: slow down\n"]}"#]);
}

#[test]
fn refusals_of_the_house_are_told() {
    let mut peer = Peer::open("");
    peer.forget();
    peer.answer(ticket::CHAT, Err(Error::forbidden("no right to write in room 4101")));
    peer.answer(ticket::CHAT, Err(Error::bad_message("no room 9")));
    peer.answer(ticket::NOTICE, Err(Error::forbidden("no right to write in room 4101")));
    let told = |line: &str| format!(r#"{{"error":["{line}\n"]}}"#);
    let forbidden = told("PermissionError: no right to write in room 4101");
    assert_eq!(peer.sent, [forbidden.clone(), told("ValueError: no room 9"), forbidden]);
}

#[test]
fn what_is_not_there_is_skipped_silently() {
    let mut peer = Peer::open("");
    peer.forget();
    peer.answer(ticket::NOTICE, Err(Error::not_found("no room 9")));
    assert_eq!((peer.sent, peer.done), (vec![], vec![]));
}

proptest! {
    #[test]
    fn no_text_panics(text in any::<String>()) {
        Peer::open("").input(Input::Text(&text));
    }

    #[test]
    fn no_event_panics(
        tag in "user|channel|client|walker|change_user|connection|x",
        ids in r#"(\["(n::[0-9a-f]{24}|room:[0-9]{0,20}|\PC{0,9})"\]|\{\}|\[[0-9]*\]|"x")"#,
        data in r#"(\{"type":"(chat|typing)","data":(\{"content":("\PC{0,9}"|1)\}|\[\])\}|\{\}|\PC{0,9})"#,
    ) {
        let names = ["root_ids", "channel_ids", "client_ids", "token", "node"];
        let fields: Vec<String> = names.iter().map(|name| format!(r#""{name}":{ids}"#)).collect();
        Peer::open("").input(Input::Text(&format!(r#"{{"type":"{tag}","walker":"peek",{},"data":{data}}}"#, fields.join(","))));
    }

    #[test]
    fn no_bytes_panic(bytes in any::<Vec<u8>>(), query in any::<String>()) {
        let mut peer = Peer::open(&query);
        peer.input(Input::Binary(&bytes));
        peer.input(Input::Text(&String::from_utf8_lossy(&bytes)));
    }

    #[test]
    fn a_notice_is_its_senders_object(value in prop::collection::btree_map(any::<String>(), any::<i64>(), 0..9)) {
        let data = serde_json::to_string(&value).unwrap();
        let (_, done) = Peer::open("").say(&format!(r#"{{"type":"channel","channel_ids":["x"],"data":{data}}}"#));
        prop_assert_eq!(done, [format!(r#"["channel/x"] {data}"#)]);
    }
}
