//! Tests of sessions: what is said, and what is then to be done.

use proptest::prelude::*;
use quintet_core::call::Resumed;
use quintet_core::commit::Unverified;
use quintet_core::document::{Described, Document};
use quintet_core::procedure::Outcome;
use quintet_core::{Credential, Id, Identity, Limits, Pattern, Position};
use serde_json::json;
use serde_json::value::RawValue;

use super::*;
use crate::vectors::{self, CREATE, SOCKET, origin};

const ONE: &str = "http://localhost:9883/vec/one";
const TWO: &str = "http://localhost:9883/vec/two";

struct Peer {
    session: AtomicSession,
}

impl Peer {
    fn new() -> Self {
        Self::within(Limits { connection_subscriptions: 4, ..Limits::default() })
    }

    fn within(limits: Limits) -> Self {
        Self { session: AtomicSession::new(Arc::new(House { origin: origin(), limits }), &Head::default()) }
    }

    fn handle(&mut self, input: Input<'_>) -> Vec<Action> {
        let mut actions = Vec::new();
        self.session.handle(input, Timestamp::from_millis(0), &mut actions);
        actions
    }

    fn say(&mut self, text: &str) -> Vec<Action> {
        self.handle(Input::Text(text))
    }

    fn answer(&mut self, ticket: Ticket, answer: Result<Answer, Error>) -> Vec<Action> {
        self.handle(Input::Answer(ticket, answer))
    }

    fn listening(&mut self, ticket: Ticket, readable: bool) -> Vec<Action> {
        self.answer(ticket, Ok(Answer::Subscribed { readable }))
    }

    /// What is said on the socket in answer.
    fn told(&mut self, text: &str) -> Vec<String> {
        frames(&self.say(text))
    }
}

fn frames(actions: &[Action]) -> Vec<String> {
    let text = |action: &Action| match action {
        Action::Send(frame) => Some(String::from_utf8(frame.payload().to_vec()).unwrap()),
        _ => None,
    };
    actions.iter().filter_map(text).collect()
}

fn calls(actions: Vec<Action>) -> Vec<(Ticket, Call)> {
    let call = |action| match action {
        Action::Call(ticket, call) => Some((ticket, call)),
        _ => None,
    };
    actions.into_iter().filter_map(call).collect()
}

fn subscribed(actions: &[Action]) -> Vec<(Ticket, String)> {
    let topic = |action: &Action| match action {
        Action::Subscribe(ticket, Pattern::Exact(topic)) => Some((*ticket, topic.as_str().to_owned())),
        _ => None,
    };
    actions.iter().filter_map(topic).collect()
}

fn refused() -> Error {
    Error::too_many("too many subscriptions on this connection, end some first")
}

fn commit_text(vector: &vectors::Vector) -> String {
    format!("COMMIT {}", vector.posted())
}

fn committed(vector: &vectors::Vector) -> Answer {
    let commit = Unverified::parse(&vector.posted(), &origin()).unwrap().commit;
    Answer::Committed { commit, position: Some(Position { epoch: 0xab, offset: 12 }) }
}

#[test]
fn subscriptions_are_silent_and_only_ours() {
    for (subject, topic) in [
        (ONE, Some("resource/vec/one")),
        ("http://localhost:9883", Some("resource")),
        ("http://localhost:9883/", Some("resource")),
        ("http://localhost:9883/agents/a//b+c=", Some("resource/agents/a/%00/b+c=")),
        ("http://localhost:9883/vec/one?x=1", None),
        ("http://localhost:9883?x=1", None),
        ("http://localhost:9883/#a", None),
        ("http://localhost:98831/x", None),
        ("https://atomicdata.dev/properties/name", None),
        ("nonsense", None),
    ] {
        let mut peer = Peer::new();
        let actions = peer.say(&format!("SUBSCRIBE {subject}"));
        let expected: Vec<_> = topic.map(|topic| (ticket::HEARING, topic.to_owned())).into_iter().collect();
        assert_eq!(subscribed(&actions), expected, "{subject}");
        assert_eq!(actions.len(), expected.len(), "{subject}");
        assert!(peer.listening(ticket::HEARING, false).is_empty(), "also when it cannot be read yet");
        let actions = peer.say(&format!("UNSUBSCRIBE {subject}"));
        assert!(matches!(actions.as_slice(), [Action::Unsubscribe(_)]) == topic.is_some() && actions.len() < 2);
    }
}

#[test]
fn that_there_is_no_room_for_more_is_told_once() {
    let mut peer = Peer::new();
    let full = "ERROR too many subscriptions on this connection, end some first";
    assert_eq!(frames(&peer.answer(ticket::HEARING, Err(refused()))), [full]);
    assert!(peer.answer(ticket::HEARING, Err(refused())).is_empty());
    assert!(peer.answer(ticket::HEARING, Err(Error::too_large("a topic may have 1024 bytes at most"))).is_empty());
    peer.say(&format!("UNSUBSCRIBE {ONE}"));
    assert_eq!(frames(&peer.answer(ticket::HEARING, Err(refused()))), [full]);
}

fn resumed(subject: &str, recovered: bool, position: Option<Position>, missed: &[&vectors::Vector]) -> Resumed {
    let subject = Subject::parse(subject).unwrap();
    let commit = |vector: &&vectors::Vector| Unverified::parse(&vector.posted(), &origin()).unwrap().commit;
    let topic = Topic::of(&["room", "7"]);
    let missed = missed.iter().map(commit).collect();
    Resumed { subject, readable: position.is_some(), recovered, position, topic, missed }
}

/// Sends a list, and lets the hall listen to `room` of its subjects.
fn call_roll(peer: &mut Peer, list: &str, room: usize) -> (Ticket, Vec<String>) {
    let actions = peer.say(&format!("SUBSCRIBE {list}"));
    assert!(frames(&actions).is_empty());
    for place in 0..subscribed(&actions).len() {
        let answer = if place < room { Ok(Answer::Subscribed { readable: true }) } else { Err(refused()) };
        peer.answer(ticket::ROLL, answer);
    }
    assert!(peer.session.waits(), "one list at a time");
    let (ticket, Call::Resume(asked)) = calls(actions).remove(0) else { panic!("it is asked what may be read") };
    assert!(asked.iter().all(|(_, since)| since.is_none()));
    (ticket, asked.iter().map(|(subject, _)| subject.as_str().to_owned()).collect())
}

#[test]
fn a_list_says_what_may_be_read() {
    let mut peer = Peer::new();
    let (ticket, asked) = call_roll(&mut peer, &format!(r#"["{ONE}","http://b.example/x","{TWO}","{ONE}"]"#), 2);
    assert_eq!(asked, [ONE, TWO]);
    let agent = Resumed { readable: true, ..resumed(ONE, false, None, &[]) };
    let told = frames(&peer.answer(ticket, Ok(Answer::Resumed(vec![agent, resumed(TWO, false, None, &[])]))));
    assert_eq!(told, [format!(r#"SUBSCRIBED {{"{ONE}":true,"http://b.example/x":false,"{TWO}":false}}"#)]);
    assert!(!peer.session.waits());
    assert_eq!(peer.told("SUBSCRIBE []"), ["SUBSCRIBED {}"]);
    assert_eq!(peer.told(r#"SUBSCRIBE ["x"]"#), [r#"SUBSCRIBED {"x":false}"#]);

    let actions = peer.say(&format!(r#"UNSUBSCRIBE ["{TWO}","x"]"#));
    assert!(matches!(&actions[0], Action::Unsubscribe(pattern) if pattern.path().as_str() == "resource/vec/two"));
    assert_eq!(frames(&actions), [format!(r#"UNSUBSCRIBED ["{TWO}","x"]"#)]);
}

#[test]
fn what_finds_no_room_in_a_list_is_not_heard() {
    let mut peer = Peer::new();
    let (ticket, _) = call_roll(&mut peer, &format!(r#"["{ONE}","{TWO}"]"#), 1);
    let at = Some(Position { epoch: 1, offset: 1 });
    let answer = vec![resumed(ONE, false, at, &[]), resumed(TWO, false, at, &[])];
    let told = frames(&peer.answer(ticket, Ok(Answer::Resumed(answer))));
    assert_eq!(told[0], format!(r#"SUBSCRIBED {{"{ONE}":true,"{TWO}":false}}"#));
    assert_eq!(told[1], "ERROR too many subscriptions on this connection, end some first");
}

#[test]
fn a_list_of_which_nothing_is_known_is_answered_too() {
    let mut peer = Peer::new();
    let (ticket, _) = call_roll(&mut peer, &format!(r#"["{ONE}"]"#), 1);
    let told = frames(&peer.answer(ticket, Err(Error::unavailable("shutting down"))));
    assert_eq!(told, ["ERROR shutting down".to_owned(), format!(r#"SUBSCRIBED {{"{ONE}":false}}"#)]);
    assert!(!peer.session.waits());
}

#[test]
fn who_authenticates_becomes_the_agent_silently() {
    let claim = json!({
        "https://atomicdata.dev/properties/auth/agent": vectors::agent(1),
        "https://atomicdata.dev/properties/auth/requestedSubject": "ws://localhost:9883/ws",
        "https://atomicdata.dev/properties/auth/publicKey": vectors::public_key(1),
        "https://atomicdata.dev/properties/auth/timestamp": 1_700_000_000_000_i64,
        "https://atomicdata.dev/properties/auth/signature": SOCKET.signature,
    });
    let mut peer = Peer::new();
    let actions = peer.say(&format!("AUTHENTICATE {claim}"));
    let [Action::Authenticate(ticket, Credential::Proof(proof))] = actions.as_slice() else { panic!("{actions:?}") };
    assert_eq!(proof.signed, SOCKET.signed);
    assert!(peer.answer(*ticket, Ok(Answer::Identity(Identity::User(Id::EVERYONE)))).is_empty());
    let told = frames(&peer.answer(*ticket, Err(Error::unauthenticated("the proof is too old"))));
    assert_eq!(told, ["ERROR Authentication failed: the proof is too old"]);
}

#[test]
fn what_is_wrong_is_told_and_the_socket_stays() {
    let mut peer = Peer::new();
    for (text, told) in [
        ("HELLO there", "ERROR Unknown message: HELLO there"),
        ("SUBSCRIBE", "ERROR Unknown message: SUBSCRIBE"),
        ("", "ERROR Unknown message: "),
        ("AUTHENTICATE {", "ERROR Invalid AUTHENTICATE JSON: EOF while parsing an object at line 1 column 1"),
        ("AUTHENTICATE []", "ERROR Invalid AUTHENTICATE JSON: invalid length 0"),
        ("SUBSCRIBE [7]", "ERROR Invalid SUBSCRIBE JSON: invalid type"),
    ] {
        let frames = peer.told(text);
        assert!(frames.len() == 1 && frames[0].starts_with(told), "{text}: {frames:?}");
    }
    assert_eq!(frames(&peer.handle(Input::Binary(b"GET x"))), ["ERROR Binary not supported"]);
    let busy = Error::too_many("too many messages, wait a moment");
    assert_eq!(frames(&peer.handle(Input::Refused(busy))), ["ERROR too many messages, wait a moment"]);
    assert!(!peer.session.waits());
}

#[test]
fn a_commit_is_acknowledged_with_its_place() {
    let mut peer = Peer::new();
    let asked = calls(peer.say(&commit_text(&CREATE)));
    let [(ticket, Call::Commit(unverified))] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!(unverified.signed, CREATE.signed);
    let told = frames(&peer.answer(*ticket, Ok(committed(&CREATE))));
    let id = format!("http://localhost:9883/commits/{}", CREATE.signature);
    assert_eq!(told, [format!(r#"COMMITTED {{"@id":"{id}","subject":"{ONE}","position":"12-ab"}}"#)]);
}

#[test]
fn a_commit_is_rejected_with_a_status() {
    let said = |frames: Vec<String>| {
        let json: Value = serde_json::from_str(frames[0].strip_prefix("REJECTED ").unwrap()).unwrap();
        (json["signature"].clone(), json["status"].clone(), json["error"].as_str().unwrap().to_owned())
    };
    let mut peer = Peer::new();
    for (error, status) in [
        (Error::unauthenticated("No write right"), 401),
        (Error::forbidden("No write right"), 401),
        (Error::bad_message("Incorrect signature"), 400),
        (Error::not_found("gone"), 404),
        (Error::conflict("there already"), 409),
    ] {
        let (ticket, _) = calls(peer.say(&commit_text(&CREATE))).remove(0);
        let public = error.public().to_owned();
        let (signature, told, why) = said(frames(&peer.answer(ticket, Err(error))));
        assert_eq!((signature, told), (CREATE.signature.into(), status.into()));
        assert!(why.ends_with(&public), "{why}");
    }
    let (signature, status, _) = said(peer.told("COMMIT nonsense"));
    assert_eq!((signature, status), (Value::Null, 400.into()));
    let (signature, ..) =
        said(peer.told(&format!(r#"COMMIT {{"{}":"{}"}}"#, quintet_core::term::SIGNATURE, "x".repeat(999))));
    assert_eq!(signature, format!("{}…", "x".repeat(88)));
    assert!(!peer.session.waits());
}

#[test]
fn what_is_read_behind_commits_waits_for_them() {
    let mut peer = Peer::new();
    let first = calls(peer.say(&commit_text(&CREATE))).remove(0).0;
    let second = calls(peer.say(&commit_text(&vectors::UPDATE))).remove(0).0;
    assert!(!peer.session.waits(), "commits do not wait for each other");
    assert!(peer.say(&format!("GET {ONE}")).is_empty());
    assert!(peer.session.waits());
    assert_eq!(frames(&peer.answer(first, Ok(committed(&CREATE)))).len(), 1);
    assert!(peer.session.waits(), "one is still under way");
    let actions = peer.answer(second, Err(Error::conflict("no")));
    assert!(frames(&actions)[0].starts_with("REJECTED "));
    assert!(matches!(calls(actions).as_slice(), [(_, Call::Document(_))]));
    assert!(!peer.session.waits(), "it does not wait for its own answer");
}

#[test]
fn a_commit_waits_for_what_reads_before_it() {
    let mut peer = Peer::new();
    let get = calls(peer.say(&format!("GET {ONE}"))).remove(0).0;
    assert!(peer.say(&commit_text(&CREATE)).is_empty(), "what it does would be heard before the answer");
    assert!(peer.session.waits());
    let actions = peer.answer(get, Err(Error::not_found("gone")));
    assert!(matches!(actions.as_slice(), [Action::Send(_), Action::Call(_, Call::Commit(_))]));
    assert!(!peer.session.waits());
}

#[test]
fn a_get_is_always_answered_under_the_name_that_it_asked_for() {
    let described = |subject: &Subject| {
        let mut properties = quintet_core::Properties::new();
        properties.insert("http://p.example/x".into(), json!([]));
        let document = Document { subject: subject.clone(), properties };
        Answer::Document(Box::new(Described { document, terms: Vec::new() }))
    };
    let mut peer = Peer::new();
    let mut asked = Vec::new();
    for echo in
        [ONE, "http://localhost:9883/", "http://localhost:9883/agents/a//b+c=", "http://localhost:9883/vec/two "]
    {
        let (ticket, Call::Document(query)) = calls(peer.say(&format!("GET {echo}"))).remove(0) else {
            panic!("{echo}")
        };
        asked.push((echo, ticket, query.subject));
    }
    // The later answers come first, and wait.
    let mut told = Vec::new();
    for (place, (_, ticket, subject)) in asked.iter().enumerate().rev() {
        assert!(told.is_empty(), "{place}");
        told = frames(&peer.answer(*ticket, Ok(described(subject))));
    }
    let echoes = asked.iter().map(|(echo, ..)| format!(r#"RESOURCE {{"@id":"{echo}","http://p.example/x":[]}}"#));
    assert_eq!(told, echoes.collect::<Vec<_>>());
    assert!(!peer.session.waits());
}

#[test]
fn everything_is_answered_in_the_order_in_which_it_was_asked() {
    let mut peer = Peer::new();
    let get = calls(peer.say(&format!("GET {ONE}"))).remove(0).0;
    let other = calls(peer.say(&format!("GET {TWO}"))).remove(0).0;
    assert!(peer.say(&format!("UNSUBSCRIBE {ONE}")).len() == 1, "what is not answered waits for nothing");
    for text in ["HELLO", "AUTHENTICATE {", "SUBSCRIBE []", r#"UNSUBSCRIBE ["x"]"#, "SUBSCRIBE [7]", "GET nonsense"] {
        assert!(peer.told(text).is_empty(), "{text}");
    }
    assert!(frames(&peer.handle(Input::Binary(&[1]))).is_empty());
    assert!(frames(&peer.handle(Input::Refused(Error::too_many("too fast")))).is_empty());
    assert!(frames(&peer.answer(ticket::IDENTITY, Err(Error::unauthenticated("no")))).is_empty());
    assert!(peer.answer(other, Err(Error::not_found("gone"))).is_empty());
    let told = frames(&peer.answer(get, Err(Error::not_found("gone"))));
    let verbs: Vec<_> = told.iter().map(|frame| frame.split(' ').next().unwrap()).collect();
    let begun = ["RESOURCE", "RESOURCE", "ERROR", "ERROR", "SUBSCRIBED", "UNSUBSCRIBED", "ERROR", "RESOURCE"];
    assert_eq!(verbs, [&begun[..], &["ERROR"; 3]].concat());
}

#[test]
fn procedures_are_answered_when_they_have_answered_and_hold_up_nothing() {
    let mut peer = Peer::new();
    let slow = calls(peer.say(r#"CALL {"name":"slow","ref":1}"#)).remove(0).0;
    let get = calls(peer.say(&format!("GET {ONE}"))).remove(0).0;
    let fast = calls(peer.say(r#"CALL {"name":"fast","ref":2}"#)).remove(0).0;
    let outcome = || Ok(Answer::Outcome(Outcome::ok(RawValue::NULL.to_owned())));
    assert_eq!(frames(&peer.answer(fast, outcome())), [r#"CALLED {"ref":2,"payload":null}"#]);
    assert_eq!(frames(&peer.answer(get, Err(Error::not_found("gone")))).len(), 1);
    assert_eq!(frames(&peer.answer(slow, outcome())), [r#"CALLED {"ref":1,"payload":null}"#]);
    assert_eq!(peer.told("CALL {}"), ["ERROR Invalid CALL JSON: missing field `name` at line 1 column 2"]);
    assert!(!peer.session.waits());
}

#[test]
fn as_much_waits_for_its_turn_as_calls_may_be_under_way() {
    let mut peer = Peer::within(Limits { connection_calls: 3, ..Limits::default() });
    let ticket = calls(peer.say(&format!("GET {ONE}"))).remove(0).0;
    for waits in [false, true] {
        assert!(peer.told("GET nonsense").is_empty());
        assert_eq!(peer.session.waits(), waits);
    }
    assert_eq!(frames(&peer.answer(ticket, Err(Error::not_found("gone")))).len(), 3);
    assert!(!peer.session.waits());

    let mut peer = Peer::within(Limits { queue_bytes: 1_000, ..Limits::default() });
    let ticket = calls(peer.say(&format!("GET {ONE}"))).remove(0).0;
    peer.say(&format!("GET {}", "x".repeat(1_000)));
    assert!(peer.session.waits(), "nor more than may wait for a connection");
    assert_eq!(frames(&peer.answer(ticket, Err(Error::not_found("gone")))).len(), 2);
    assert!(!peer.session.waits());
}

#[test]
fn a_get_that_fails_is_answered_with_an_error_resource() {
    let told = |frames: Vec<String>| -> Value {
        assert_eq!(frames.len(), 1);
        serde_json::from_str(frames[0].strip_prefix("RESOURCE ").unwrap()).unwrap()
    };
    let mut peer = Peer::new();
    for (error, beginning) in [
        (Error::not_found("Failed to retrieve locally"), "Resource not found. "),
        (Error::unauthenticated("This resource is not publicly readable."), "Unauthorized. "),
        (Error::forbidden("No read right"), "Unauthorized. "),
        (Error::unavailable("shutting down"), "shutting down"),
    ] {
        let ticket = calls(peer.say(&format!("GET {ONE}"))).remove(0).0;
        let resource = told(frames(&peer.answer(ticket, Err(error))));
        assert_eq!(resource["@id"], ONE);
        assert_eq!(resource[quintet_core::term::IS_A], json!([quintet_core::term::ERROR]));
        assert!(resource[quintet_core::term::DESCRIPTION].as_str().unwrap().starts_with(beginning), "{resource}");
    }
    for foreign in ["http://b.example/x", "nonsense", "http://localhost:98831/x"] {
        assert_eq!(told(peer.told(&format!("GET {foreign}")))["@id"], foreign, "answered, and not fetched");
    }
    let ticket = calls(peer.say(&format!("GET {ONE}"))).remove(0).0;
    assert_eq!(told(frames(&peer.answer(ticket, Ok(Answer::Done))))["@id"], ONE, "even what does not fit");
}

#[test]
fn the_first_invite_is_not_for_pages_of_other_sites() {
    let house = || Arc::new(House { origin: origin(), limits: Limits::default() });
    let key = vectors::public_key(1).replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    for (shown, taken) in
        [(None, true), (Some("http://localhost:9883"), true), (Some("http://b.example"), false), (Some("null"), false)]
    {
        let headers = shown.map(|shown| ("origin".to_owned(), shown.to_owned())).into_iter().collect();
        let mut peer = Peer { session: AtomicSession::new(house(), &Head { headers, ..Head::default() }) };
        let setup = peer.say(&format!("GET http://localhost:9883/setup?public-key={key}"));
        assert_eq!(calls(setup).len(), usize::from(taken), "{shown:?}");
        let other = peer.say(&format!("GET http://localhost:9883/invite?public-key={key}"));
        assert!(
            matches!(calls(other).as_slice(), [(_, Call::AcceptInvite { .. })]),
            "who knows another invite was invited"
        );
    }
}

#[test]
fn an_answer_to_nothing_says_nothing() {
    let mut peer = Peer::new();
    for number in 0..40 {
        if Ticket(number) != ticket::IDENTITY {
            assert!(peer.answer(Ticket(number), Ok(Answer::Done)).is_empty(), "{number}");
        }
    }
}

mod resuming {
    use super::*;

    fn at(offset: u64) -> Position {
        Position { epoch: 0xab, offset }
    }

    /// Sends a `RESUME`, and lets the hall listen to all that is asked for.
    fn begin(peer: &mut Peer, since: &Value) -> (Ticket, Vec<(Subject, Option<Position>)>) {
        let actions = peer.say(&format!("RESUME {since}"));
        assert!(matches!(actions[0], Action::Hold), "before it listens");
        let listened = subscribed(&actions).len();
        assert!(matches!(actions.last(), Some(Action::Call(..))), "after it listens");
        for _ in 0..listened {
            assert!(peer.listening(ticket::RETURNING, true).is_empty());
        }
        assert!(peer.session.waits());
        let (ticket, Call::Resume(asked)) = calls(actions).remove(0) else { panic!("no RESUME") };
        assert_eq!(asked.len(), listened);
        (ticket, asked)
    }

    fn end(peer: &mut Peer, ticket: Ticket, resumed: Vec<Resumed>) -> (Vec<String>, Vec<Action>) {
        let actions = peer.answer(ticket, Ok(Answer::Resumed(resumed)));
        assert!(!peer.session.waits());
        let rest = actions.iter().position(|action| !matches!(action, Action::Send(_))).unwrap();
        let frames = frames(&actions);
        assert_eq!(frames.len(), rest, "all is sent before what was held back is let out");
        (frames, actions.into_iter().skip(rest).collect())
    }

    fn released(action: &Action) -> Vec<(String, u64)> {
        let Action::Release(had) = action else { panic!("{action:?}") };
        had.iter().map(|(topic, offset)| (topic.as_str().to_owned(), *offset)).collect()
    }

    #[test]
    fn what_was_missed_follows_in_order_and_then_what_was_held_back() {
        let mut peer = Peer::new();
        let (ticket, asked) = begin(&mut peer, &json!({ ONE: "10-ab", TWO: "none" }));
        assert_eq!(asked, [(Subject::parse(ONE).unwrap(), Some(at(10))), (Subject::parse(TWO).unwrap(), None)]);
        let answer =
            vec![resumed(ONE, true, Some(at(12)), &[&CREATE, &vectors::UPDATE]), resumed(TWO, false, Some(at(3)), &[])];
        let (frames, rest) = end(&mut peer, ticket, answer);
        assert_eq!(
            frames[0],
            format!(
                r#"RESUMED {{"{ONE}":{{"recovered":true,"position":"12-ab"}},"{TWO}":{{"recovered":false,"position":"3-ab"}}}}"#
            )
        );
        let signatures = [CREATE.signature, vectors::UPDATE.signature];
        for (frame, signature) in frames[1..].iter().zip(signatures) {
            assert!(frame.starts_with(&format!(r#"COMMIT {{"@id":"http://localhost:9883/commits/{signature}""#)));
        }
        assert_eq!(frames.len(), 3);
        let [Action::Positions(true), release] = rest.as_slice() else { panic!("{rest:?}") };
        // The topics are those that are delivered, not those whose history it is.
        assert_eq!(released(release), [("resource/vec/one".to_owned(), 12), ("resource/vec/two".to_owned(), 3)]);

        let (ticket, _) = begin(&mut peer, &json!({ ONE: "12-ab" }));
        let (_, rest) = end(&mut peer, ticket, vec![resumed(ONE, true, Some(at(12)), &[])]);
        assert!(matches!(rest.as_slice(), [Action::Release(_)]), "positions were asked for already");
    }

    #[test]
    fn what_cannot_be_recovered_is_said_plainly() {
        let mut peer = Peer::new();
        let since = json!({ ONE: "rubbish", "http://b.example/x": "1-ab", "http://localhost:9883/x?y": "1-ab" });
        let (ticket, asked) = begin(&mut peer, &since);
        assert_eq!(asked, [(Subject::parse(ONE).unwrap(), None)]);
        let (frames, rest) = end(&mut peer, ticket, vec![resumed(ONE, true, Some(at(12)), &[&CREATE])]);
        let lost = r#"{"recovered":false,"position":null}"#;
        let told = format!(
            r#"RESUMED {{"{ONE}":{{"recovered":false,"position":"12-ab"}},"http://b.example/x":{lost},"http://localhost:9883/x?y":{lost}}}"#
        );
        assert_eq!(frames, [told], "never a part of it");
        assert_eq!(released(rest.last().unwrap()), [("resource/vec/one".to_owned(), 12)]);
    }

    #[test]
    fn what_may_not_be_read_tells_nothing() {
        let mut peer = Peer::new();
        let (ticket, _) = begin(&mut peer, &json!({ ONE: "1-ab" }));
        let (frames, rest) = end(&mut peer, ticket, vec![resumed(ONE, false, None, &[])]);
        assert_eq!(frames, [format!(r#"RESUMED {{"{ONE}":{{"recovered":false,"position":null}}}}"#)]);
        assert!(released(rest.last().unwrap()).is_empty());
    }

    #[test]
    fn what_is_not_listened_to_is_not_recovered() {
        let mut peer = Peer::new();
        let actions = peer.say(&format!(r#"RESUME {{"{ONE}":"1-ab","{TWO}":"1-ab"}}"#));
        let ticket = calls(actions).remove(0).0;
        peer.answer(ticket::RETURNING, Err(refused()));
        peer.listening(ticket::RETURNING, false);
        let answer = vec![resumed(ONE, true, Some(at(2)), &[&CREATE]), resumed(TWO, true, Some(at(2)), &[])];
        let actions = peer.answer(ticket, Ok(Answer::Resumed(answer)));
        let told = format!(
            r#"RESUMED {{"{ONE}":{{"recovered":false,"position":null}},"{TWO}":{{"recovered":true,"position":"2-ab"}}}}"#
        );
        assert_eq!(frames(&actions), [told, "ERROR too many subscriptions on this connection, end some first".into()]);
        assert_eq!(released(&actions[2]), [("resource/vec/two".to_owned(), 2)]);
    }

    #[test]
    fn more_than_finds_room_is_to_be_read_again() {
        let mut peer = Peer::within(Limits { queue_bytes: 2_000, ..Limits::default() });
        let (ticket, _) = begin(&mut peer, &json!({ ONE: "1-ab", TWO: "1-ab" }));
        let answer =
            vec![resumed(ONE, true, Some(at(2)), &[&CREATE]), resumed(TWO, true, Some(at(9)), &[&CREATE, &CREATE])];
        let (frames, _) = end(&mut peer, ticket, answer);
        assert_eq!(frames.len(), 2);
        assert!(frames[0].ends_with(r#"{"recovered":false,"position":"9-ab"}}"#), "{}", frames[0]);
    }

    #[test]
    fn it_waits_for_everything_before_it() {
        let mut peer = Peer::new();
        let get = calls(peer.say(&format!("GET {ONE}"))).remove(0).0;
        assert!(peer.say(&format!(r#"RESUME {{"{ONE}":"none"}}"#)).is_empty());
        assert!(peer.session.waits(), "so does everything behind it");
        let actions = peer.answer(get, Err(Error::not_found("gone")));
        assert!(matches!(actions.as_slice(), [Action::Send(_), Action::Hold, Action::Subscribe(..), Action::Call(..)]));
    }

    #[test]
    fn an_error_recovers_nothing_and_holds_nothing_back() {
        let mut peer = Peer::new();
        let (ticket, _) = begin(&mut peer, &json!({ ONE: "1-ab" }));
        let actions = peer.answer(ticket, Err(Error::unavailable("shutting down")));
        let told = frames(&actions);
        assert_eq!(told[0], "ERROR shutting down");
        assert_eq!(told[1], format!(r#"RESUMED {{"{ONE}":{{"recovered":false,"position":null}}}}"#));
        assert!(released(actions.last().unwrap()).is_empty());
        assert!(!peer.session.waits());
    }
}

proptest! {
    #[test]
    fn no_frame_makes_it_panic_or_speak_at_length(text in "(SUBSCRIBE|GET|AUTHENTICATE|COMMIT|RESUME|X) [\\[{\"]?.{0,300}") {
        let told = Peer::new().told(&text);
        prop_assert!(told.iter().all(|frame| frame.len() < 4 * text.len() + 400));
    }
}
