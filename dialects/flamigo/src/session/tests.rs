//! The session against a hall that answers at once, unless it is told to wait.

mod working;

use proptest::prelude::*;
use quintet_core::http::Head;
use quintet_core::identity::Secret;
use quintet_core::procedure::{Actor, ActorKind, Invocation, Order, OrderId, Outcome};
use quintet_core::{Body, Call, Credential, Id, Limits, Room};
use serde_json::value::RawValue;

use super::*;
use crate::Options;

const NOW: Timestamp = Timestamp::from_millis(1_795_188_918_250);
const OWN: &str = "client/c-000000000000000000000000000000aa";

/// A session, and a hall that knows ann, bea and the worker w by tokens of these names, one room (4101), and `echo`.
struct Peer {
    session: FlamigoSession,
    sent: Vec<String>,
    done: Vec<String>,
    /// Calls that are not answered yet, where the hall is slow.
    slow: Option<Vec<(Ticket, Call)>>,
}

fn raw(json: &str) -> Box<RawValue> {
    RawValue::from_string(json.to_owned()).unwrap()
}

impl Peer {
    fn knock(entrance: Entrance, identity: Result<Identity, Error>, options: Options) -> Self {
        let limits = Limits { authentication_attempts: 3, topic_bytes: 64, ..Limits::default() };
        let head = Head::default();
        let hello = Hello { head: &head, identity, fresh: [0xAA, 0xBB], now: NOW };
        let mut actions = Vec::new();
        let session = FlamigoSession::begin(Arc::new(House { limits, options }), entrance, &hello, &mut actions);
        let mut peer = Self { session, sent: Vec::new(), done: Vec::new(), slow: None };
        peer.carry_out(actions);
        peer
    }

    fn stranger() -> Self {
        Self::knock(Entrance::Room, Ok(Identity::Public), Options::default())
    }

    /// Ann, who has just come in.
    fn ann() -> Self {
        let mut peer = Self::stranger();
        peer.say(r#"{"topic":"app::websocket:auth","payload":{"token":"ann"}}"#);
        peer.forget();
        peer
    }

    fn worker() -> Self {
        let mut peer = Self::knock(Entrance::Workers, Ok(Identity::Worker("w".into())), Options::default());
        peer.forget();
        peer
    }

    fn forget(&mut self) {
        self.sent.clear();
        self.done.clear();
    }

    /// What is sent in answer to a message.
    fn say(&mut self, text: &str) -> Vec<String> {
        self.hear(Input::Text(text))
    }

    fn hear(&mut self, input: Input<'_>) -> Vec<String> {
        let mut actions = Vec::new();
        self.session.handle(input, NOW, &mut actions);
        self.carry_out(actions);
        std::mem::take(&mut self.sent)
    }

    /// The message and status of the refusal of a message.
    fn refused(&mut self, text: &str) -> (String, u64) {
        let sent = self.say(text);
        let [frame] = &sent[..] else { panic!("{text}: {sent:?}") };
        let frame: serde_json::Value = serde_json::from_str(frame).unwrap();
        assert_eq!(frame["topic"], "error", "{text}");
        (frame["payload"]["message"].as_str().unwrap().to_owned(), frame["payload"]["status"].as_u64().unwrap())
    }

    fn carry_out(&mut self, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Send(frame) => self.sent.push(String::from_utf8(frame.payload().to_vec()).unwrap()),
                Action::Authenticate(ticket, credential) => {
                    self.answer(ticket, identify(&credential).map(Answer::Identity));
                }
                Action::Subscribe(ticket, pattern) => {
                    self.done.push(format!("+{}", pattern.path()));
                    let readable = pattern.path().as_str() != "room/4199";
                    self.answer(ticket, Ok(Answer::Subscribed { readable }));
                }
                Action::Unsubscribe(pattern) => self.done.push(format!("-{}", pattern.path())),
                Action::Publish(ticket, topics, body) => {
                    self.done.push(format!("{topics:?} {}", said(&body)));
                    let answer = match topics[0].as_str() {
                        "room/4199" => Err(Error::not_found("no room 4199")),
                        "locked" => Err(Error::forbidden("not here")),
                        _ => Ok(Answer::Done),
                    };
                    self.answer(ticket, answer);
                }
                Action::Call(ticket, call) => match &mut self.slow {
                    Some(waiting) => waiting.push((ticket, call)),
                    None => self.answer(ticket, answered(call)),
                },
                Action::Offer(ticket, offers, calls) => {
                    let names: Vec<_> = offers.iter().map(|offer| &*offer.name).collect();
                    self.done.push(format!("offers {names:?}, {calls} at once"));
                    let taken = names.contains(&"taken");
                    self.answer(ticket, if taken { Err(Error::conflict("taken is taken")) } else { Ok(Answer::Done) });
                }
                Action::Drain => self.done.push("drain".into()),
                Action::Result(id, Ok(outcome)) => {
                    self.done.push(format!("{} is {} {}", id.0, outcome.status, outcome.payload.get()));
                }
                Action::Result(id, Err(error)) => {
                    self.done.push(format!("{} failed with {} {}", id.0, error.status(), error.public()));
                }
                Action::Deadline(within) => self.done.push(format!("deadline {within:?}")),
                Action::Close(code, reason) => self.done.push(format!("close {code} {reason}")),
                other => panic!("{other:?}"),
            }
        }
    }

    fn answer(&mut self, ticket: Ticket, answer: Result<Answer, Error>) {
        let mut actions = Vec::new();
        self.session.handle(Input::Answer(ticket, answer), NOW, &mut actions);
        self.carry_out(actions);
    }
}

fn identify(credential: &Credential) -> Result<Identity, Error> {
    let token = |name: &str| Credential::Token(Secret::new(name));
    match credential {
        Credential::None => Ok(Identity::Public),
        shown if *shown == token("ann") => Ok(Identity::User(Id::new(4097).unwrap())),
        shown if *shown == token("bea") => Ok(Identity::User(Id::new(4098).unwrap())),
        shown if *shown == token("w") => Ok(Identity::Worker("w".into())),
        _ => Err(Error::unauthenticated("the token does not hold")),
    }
}

fn said(body: &Body) -> String {
    match body {
        Body::Message { name, payload } => format!("{name} {payload}"),
        Body::Notice(text) => format!("notice {text}"),
        other => panic!("{other:?}"),
    }
}

fn answered(call: Call) -> Result<Answer, Error> {
    match call {
        Call::Invoke(invocation) if &*invocation.name == "echo" => Ok(Answer::Outcome(Outcome::ok(invocation.payload))),
        Call::Invoke(invocation) if &*invocation.name == "broken" => Err(Error::internal("disk on fire")),
        Call::Invoke(invocation) => Err(Error::not_found(format!("no procedure {}", invocation.name))),
        Call::Room(room) if room.get() == 4101 => Ok(Answer::Room(Room {
            id: room,
            parent: None,
            ordinality: 0,
            name: "menu".into(),
            description: None,
            capabilities: None,
            created_at: NOW,
            created_by: Id::HOUSE,
            federated: false,
        })),
        Call::Room(room) => Err(Error::not_found(format!("no room {room}"))),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_stranger_has_a_deadline_and_may_only_show_who_it_is() {
    let mut peer = Peer::stranger();
    assert_eq!(peer.done, ["deadline Some(30s)"]);
    for topic in ["app::echo", "app::nothing", "rooms:list", "app::websocket:authx", "worker::register"] {
        let text = format!(r#"{{"topic":"{topic}","payload":1}}"#);
        assert_eq!(peer.refused(&text), ("unauthorized".into(), 401), "{topic}");
    }
    assert_eq!(
        peer.say(r#"{"topic":"app::websocket:auth","payload":{"token":"ann"},"ackId":"2","ack":"1"}"#),
        [r#"{"topic":"app::websocket:auth","ack":"1","ackId":"2","payload":{"success":true}}"#]
    );
    assert_eq!(peer.done[1..], [format!("+{OWN}"), "deadline None".into()]);
    assert_eq!(peer.say(r#"{"topic":"app::echo","payload":1}"#), [r#"{"topic":"app::echo","payload":1}"#]);
}

#[test]
fn checks_are_made_in_their_order() {
    for (text, stranger, known) in [
        ("no json", 400, 400),
        ("[]", 400, 400),
        (r#"{"payload":1}"#, 400, 400),
        (r#"{"topic":"","payload":1}"#, 400, 400),
        (r#"{"topic":7,"payload":1}"#, 400, 400),
        (r#"{"topic":"notes:list"}"#, 401, 403),
        (r#"{"topic":"APP::echo"}"#, 401, 403),
        (r#"{"topic":"worker::drain"}"#, 401, 403),
        (r#"{"topic":"error"}"#, 401, 403),
        (r#"{"topic":"app::nothing"}"#, 401, 404),
    ] {
        assert_eq!(Peer::stranger().refused(text).1, stranger, "{text}");
        assert_eq!(Peer::ann().refused(text).1, known, "{text}");
    }
    let told = Peer::ann().say(r#"{"ackId":9,"payload":1}"#);
    assert_eq!(
        told,
        [
            r#"{"topic":"error","ackId":9,"payload":{"message":"topic is required","status":400,"type":"bad_request","fieldErrors":[{"field":"topic","error":"topic is required"}]}}"#
        ]
    );
}

#[test]
fn frames_may_be_binary_and_have_newlines() {
    let mut peer = Peer::ann();
    let reply = [r#"{"topic":"app::echo","payload":["a b", 1]}"#];
    assert_eq!(peer.say("\n{\"topic\":\n\"app::echo\",\"payload\":[\"a\nb\",\n1]}\n"), reply);
    assert_eq!(peer.hear(Input::Binary(br#"{"topic":"app::echo","payload":["a b", 1]}"#)), reply);
    assert_eq!(peer.hear(Input::Binary(&[0xFF]))[0][..18], r#"{"topic":"error","payload""#[..18]);
}

#[test]
fn internal_errors_show_their_cause_in_debug_mode_only() {
    let text = r#"{"topic":"app::broken","ack":"1"}"#;
    let quiet =
        r#"{"topic":"error","ack":"1","payload":{"message":"internal error","status":500,"type":"server_error"}}"#;
    assert_eq!(Peer::ann().say(text), [quiet]);
    let mut peer = Peer::knock(Entrance::Room, Ok(Identity::Public), Options { debug: true, ..Options::default() });
    peer.say(r#"{"topic":"app::websocket:auth","payload":{"token":"ann"}}"#);
    assert!(peer.say(text)[0].contains("disk on fire"));
}

#[test]
fn tokens_that_do_not_hold_are_counted() {
    let mut peer = Peer::stranger();
    for payload in [r#"{"token":"x"}"#, "null", r#"{"token":"w"}"#] {
        let (_, status) = peer.refused(&format!(r#"{{"topic":"app::websocket:auth","payload":{payload}}}"#));
        assert_eq!(status, if payload.contains('w') { 403 } else { 401 }, "{payload}");
    }
    let (message, status) = peer.refused(r#"{"topic":"app::websocket:auth","payload":{"token":"ann"}}"#);
    assert_eq!(status, 429);
    assert_eq!(peer.done.last().unwrap(), &format!("close 1008 {message}"));
}

#[test]
fn a_token_is_a_text() {
    let mut peer = Peer::stranger();
    for payload in ["7", "[]", r#"{"token":7}"#] {
        let text = format!(r#"{{"topic":"app::websocket:auth","payload":{payload}}}"#);
        assert_eq!(peer.refused(&text).1, 400, "{payload}");
    }
}

#[test]
fn another_user_hears_nothing_that_the_first_one_asked_for() {
    let mut peer = Peer::ann();
    peer.say(r#"{"topic":"app::topic:subscribe","payload":{"topic":"notes"}}"#);
    peer.forget();
    peer.say(r#"{"topic":"app::websocket:auth","payload":{"token":"wrong"}}"#);
    assert!(peer.done.is_empty(), "nothing has changed: {:?}", peer.done);
    peer.say(r#"{"topic":"app::websocket:auth","payload":{"token":"bea"}}"#);
    assert_eq!(peer.done, ["-notes".to_owned(), format!("+{OWN}"), "deadline None".into()]);
    peer.forget();
    peer.say(r#"{"topic":"app::websocket:auth","payload":{"token":"w"}}"#);
    assert_eq!(peer.done, [format!("-{OWN}"), "deadline Some(30s)".into()]);
    assert_eq!(peer.refused(r#"{"topic":"app::echo"}"#).1, 401, "a worker's token leaves nobody");
}

#[test]
fn patterns_are_listened_to() {
    let mut peer = Peer::ann();
    let done = |topic: &str, name: &str| {
        [format!(r#"{{"topic":"app::topic:{name}","payload":{{"success":true}}}}"#)]
            .map(|text| (topic.to_owned(), text))
    };
    for name in ["subscribe", "subscribe", "unsubscribe", "unsubscribe"] {
        for (topic, reply) in done("rooms/*", name) {
            assert_eq!(
                peer.say(&format!(r#"{{"topic":"app::topic:{name}","payload":{{"topic":"{topic}"}}}}"#)),
                [reply]
            );
        }
    }
    assert_eq!(peer.done, ["+rooms/*", "+rooms/*", "-rooms/*"]);
    for (payload, status) in [
        ("null", 400),
        ("{}", 400),
        (r#"{"topic":7}"#, 400),
        (r#"{"topic":""}"#, 400),
        (r#"{"topic":"client/c-1"}"#, 403),
        (r#"{"topic":"room/4199"}"#, 404),
    ] {
        let (_, told) = peer.refused(&format!(r#"{{"topic":"app::topic:subscribe","payload":{payload}}}"#));
        assert_eq!(told, status, "{payload}");
    }
    assert_eq!(peer.done[3..], ["+room/4199", "-room/4199"]);
    let long = format!(r#"{{"topic":"app::topic:subscribe","payload":{{"topic":"{}"}}}}"#, "x".repeat(65));
    assert_eq!(peer.refused(&long).1, 413);
    for topic in [OWN, "client/*", "*", "user/disconnected/*"] {
        let text = format!(r#"{{"topic":"app::topic:subscribe","payload":{{"topic":"{topic}"}}}}"#);
        assert!(peer.say(&text)[0].contains("success"), "{topic}");
    }
}

#[test]
fn a_switch_makes_patterns_match_as_many_segments_only() {
    for (same_length, wanted) in [(false, true), (true, false)] {
        let options = Options { same_length, ..Options::default() };
        let mut peer = Peer::knock(Entrance::Room, Ok(Identity::Public), options);
        peer.say(r#"{"topic":"app::websocket:auth","payload":{"token":"ann"}}"#);
        peer.say(r#"{"topic":"app::topic:subscribe","payload":{"topic":"t/*"}}"#);
        let pattern = peer.session.patterns.iter().next().unwrap();
        assert_eq!(pattern.matches(&quintet_core::Topic::of(&["t", "a", "b"])), wanted);
    }
}

#[test]
fn what_is_published_keeps_its_name_and_payload() {
    let mut peer = Peer::ann();
    let publish = |payload: &str| format!(r#"{{"topic":"app::topic:publish","payload":{payload},"ack":"1"}}"#);
    let success = [r#"{"topic":"app::topic:publish","ack":"1","payload":{"success":true}}"#];
    assert_eq!(peer.say(&publish(r#"{"topic":"rooms/blue","payload":{"n": 1.50}}"#)), success);
    assert_eq!(peer.say(&publish(r#"{"topic":"t/*"}"#)), success);
    assert_eq!(peer.done, [r#"["rooms/blue"] rooms/blue {"n": 1.50}"#, r#"["t/%2A"] t/* null"#]);
    for (payload, status) in [
        (r#"{"payload":1}"#, 400),
        (r#"{"topic":["t"],"payload":1}"#, 400),
        (r#"{"topic":"error"}"#, 400),
        (r#"{"topic":"app::echo"}"#, 400),
        (r#"{"topic":"locked"}"#, 403),
    ] {
        assert_eq!(peer.refused(&publish(payload)).1, status, "{payload}");
    }
}

#[test]
fn a_room_is_joined_by_its_number() {
    let mut peer = Peer::ann();
    let join = |room: &str| format!(r#"{{"topic":"app::room:join","payload":{{"roomId":{room}}},"ack":"j"}}"#);
    let told = r#"{"topic":"app::room:join","ack":"j","payload":{"room":{"id":4101,"parentId":null,"name":"menu","description":null}}}"#;
    assert_eq!(peer.say(&join("4101")), [told]);
    assert_eq!(peer.say(&join("\"4101\"")), [told]);
    assert_eq!(peer.done, ["+room/4101", "+room/4101"]);
    for (room, status) in [("4102", 404), ("null", 400), ("\"x\"", 400)] {
        assert_eq!(peer.refused(&join(room)).1, status, "{room}");
    }
    peer.say(r#"{"topic":"app::topic:unsubscribe","payload":{"topic":"room/4101"}}"#);
    assert_eq!(peer.done.last().unwrap(), "-room/4101");
}

#[test]
fn only_what_asked_for_overlap_is_overtaken() {
    let mut peer = Peer::ann();
    peer.slow = Some(Vec::new());
    assert!(peer.say(r#"{"topic":"app::echo","payload":1,"overlap":true}"#).is_empty());
    assert!(!peer.session.waits());
    peer.say(r#"{"topic":"app::echo","payload":2}"#);
    assert!(peer.session.waits());
    let waiting = peer.slow.take().unwrap();
    for (ticket, call) in waiting.into_iter().rev() {
        peer.answer(ticket, answered(call));
    }
    assert_eq!(peer.sent, [r#"{"topic":"app::echo","payload":2}"#, r#"{"topic":"app::echo","payload":1}"#]);
    assert!(!peer.session.waits());
}

#[test]
fn calls_name_the_connection_that_makes_them() {
    let mut peer = Peer::ann();
    peer.slow = Some(Vec::new());
    peer.say(r#"{"topic":"app::orders:create","payload":{"n":1}}"#);
    let (_, Call::Invoke(call)) = &peer.slow.as_ref().unwrap()[0] else { panic!("no call") };
    let connection = call.connection.as_ref().unwrap();
    assert_eq!((&*call.name, call.payload.get(), call.extra.is_none()), ("orders:create", r#"{"n":1}"#, true));
    assert_eq!((format!("client/{}", connection.name), &*connection.dialect), (OWN.into(), "flamigo"));
}

proptest! {
    #[test]
    fn whatever_is_said_is_answered_in_json(text in ".*", bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        for entrance in [Entrance::Room, Entrance::Workers] {
            for who in [Ok(Identity::Public), Ok(Identity::Worker("w".into()))] {
                let mut peer = Peer::knock(entrance, who, Options::default());
                let sent = [peer.say(&text), peer.hear(Input::Binary(&bytes))].concat();
                for frame in sent {
                    prop_assert!(serde_json::from_str::<serde_json::Value>(&frame).is_ok(), "{frame}");
                }
            }
        }
    }

    #[test]
    fn whatever_is_in_a_payload_is_answered_once(
        topic in prop::sample::select(vec![
            "app::websocket:auth", "app::topic:subscribe", "app::topic:unsubscribe", "app::topic:publish", "app::room:join",
            "app::echo", "worker::register", "worker::drain",
        ]),
        key in prop::sample::select(vec!["token", "topic", "roomId", "procedures"]),
        value in prop::sample::select(vec![
            "null", "1", "\"x\"", "\"\"", "[]", "[1]", "{}", "[{}]", "true", "1e999", "\"\\ud800\"", "-0", "[{\"name\":\"x\",\"claims\":7}]",
        ]),
        ack in prop::sample::select(vec!["1", "\"a\"", "[null]", "{\"x\":1}"]),
    ) {
        for mut peer in [Peer::ann(), Peer::worker()] {
            let sent = peer.say(&format!(r#"{{"topic":"{topic}","payload":{{"{key}":{value}}},"ackId":{ack}}}"#));
            prop_assert_eq!(sent.len(), 1, "{:?}", sent);
            let key = format!(r#","ackId":{ack},"#);
            prop_assert!(sent[0].contains(&key), "{:?}", sent);
        }
    }
}
