//! The handshake (versia.md, section 2.4): every check, from either side.

use quintet_core::dialect::{Dialing, Parting};
use quintet_core::federation::{Ask, Host};
use quintet_core::http::Head;
use quintet_core::{Error, Hello, Identity, Input, Limits, Origin};
use serde_json::{Value, json};

use super::side::{NOW, Side, converse, host, message};
use crate::house::House;
use crate::{Options, session};

const SOCKET: &str = "get /.versia/ws";

/// A Hello of paper: what it says, by whom, for what.
struct Paper {
    entity: Value,
    signer: String,
    target: &'static str,
    after: i64,
}

impl Paper {
    fn new(host: &str, to: Option<&str>, nonce: &str, answer: Option<&Value>) -> Self {
        let entity = json!({
            "answer": answer, "author": null, "created_at": "2024-10-18T08:56:47Z", "host": host,
            "nonce": nonce, "to": to, "type": "pub.versia:websockets/Hello",
        });
        Self { entity, signer: format!("instance {host}"), target: SOCKET, after: 0 }
    }

    fn with(mut self, name: &str, value: Value) -> Self {
        self.entity[name] = value;
        self
    }

    fn by(mut self, signer: &str) -> Self {
        signer.clone_into(&mut self.signer);
        self
    }

    fn frame(&self) -> String {
        message(&self.signer, self.target, NOW.plus_millis(self.after * 1000), &self.entity.to_string())
    }
}

const NA: &str = "AQIDBAUGBwgJCgsMDQ4PEA";
const NB: &str = "ERITFBUWFxgZGhscHR4fIA";

fn entity(frame: &Value) -> Value {
    serde_json::from_str(frame["entity"].as_str().unwrap()).unwrap()
}

/// An acceptor b.example that said its Hello, and its nonce.
fn acceptor() -> (Side, Value) {
    let mut side = Side::accepting("b.example");
    let nonce = entity(&side.next_json())["nonce"].clone();
    (side, nonce)
}

/// A dialer a.example that heard a Hello and answered, and its nonce.
fn dialer() -> (Side, Value) {
    let mut side = Side::dialing("a.example", "b.example");
    side.hear(&Paper::new("b.example", None, NB, None).frame());
    let nonce = entity(&side.next_json())["nonce"].clone();
    (side, nonce)
}

fn second(nonce: &Value) -> Paper {
    Paper::new("a.example", Some("b.example"), NA, Some(nonce))
}

fn third(nonce: &Value) -> Paper {
    Paper::new("b.example", Some("a.example"), NB, Some(nonce))
}

#[test]
fn two_sides_come_to_know_each_other() {
    let (mut a, mut b) = (Side::dialing("a.example", "b.example"), Side::accepting("b.example"));
    assert_eq!((a.limit, b.limit), (Some((10, 4408)), Some((10, 4408))));
    assert!(a.sent.is_empty(), "who calls speaks second");
    converse(&mut a, &mut b);
    for (side, other) in [(&a, "b.example"), (&b, "a.example")] {
        assert_eq!((side.identity.as_deref(), &side.closed, side.limit), (Some(other), &None, None));
        let carriage = side.carriage.unwrap();
        assert_eq!((carriage.window, carriage.entity_bytes, carriage.frame_bytes), (4, 262_144, 1_048_576));
        assert_eq!(carriage.patience.as_secs(), 30);
    }
    assert_eq!((a.idle, b.idle), (Some(600), None), "only who called hangs up");
}

#[test]
fn the_three_hellos_say_what_the_page_says() {
    let mut b = Side::accepting("b.example");
    let first = b.next_json();
    assert_eq!(first["signed_by"], "instance b.example");
    let (first, nb) = (entity(&first), entity(&first)["nonce"].clone());
    assert_eq!((&first["host"], &first["to"], &first["answer"]), (&json!("b.example"), &Value::Null, &Value::Null));
    assert_eq!(nb.as_str().unwrap().len(), 22);
    b.hear(&second(&nb).frame());
    let last = entity(&b.next_json());
    assert_eq!((&last["to"], &last["answer"], &last["nonce"]), (&json!("a.example"), &json!(NA), &nb));

    let mut a = Side::dialing("a.example", "b.example");
    a.hear(&Paper::new("b.example", None, NB, None).frame());
    let said = entity(&a.next_json());
    assert_eq!((&said["host"], &said["to"], &said["answer"]), (&json!("a.example"), &json!("b.example"), &json!(NB)));
    a.hear(&third(&said["nonce"]).frame());
    assert_eq!(a.identity.as_deref(), Some("b.example"));
}

#[test]
fn both_forms_of_an_instance_are_taken() {
    let (mut b, nonce) = acceptor();
    b.hear(&second(&nonce).by("a.example").frame());
    assert_eq!(b.identity.as_deref(), Some("a.example"));
    let (mut a, nonce) = dialer();
    a.hear(&third(&nonce).by("b.example").frame());
    assert_eq!(a.identity.as_deref(), Some("b.example"));
}

/// Whatever is wrong with a Hello.
fn spoiled(good: impl Fn() -> Paper) -> Vec<(&'static str, String)> {
    let (wrong, late) = ("Zm9yZ2Vk9yZ2VkZm9yZ2VkZg", |paper: Paper, after| Paper { after, ..paper });
    let tampered = good().frame().replace("08:56:47", "08:56:48");
    vec![
        ("host", good().with("host", "c.example".into()).frame()),
        ("upper case", good().with("host", "A.example".into()).frame()),
        ("to", good().with("to", "c.example".into()).frame()),
        ("answer", good().with("answer", wrong.into()).frame()),
        ("short nonce", good().with("nonce", "abc".into()).frame()),
        ("no nonce", good().with("nonce", Value::Null).frame()),
        ("type", good().with("type", "Note".into()).frame()),
        ("author", good().with("author", "https://a.example/users/1".into()).frame()),
        ("a user", good().by("https://a.example/users/1").frame()),
        ("somebody else", good().by("instance c.example").frame()),
        ("lookalike", good().by("instance a.example.evil.example").frame()),
        ("as post", Paper { target: "post /.versia/ws", ..good() }.frame()),
        ("another path", Paper { target: "get /inbox", ..good() }.frame()),
        ("too old", late(good(), -301).frame()),
        ("too new", late(good(), 301).frame()),
        ("tampered", tampered),
        ("a message", message("https://a.example/users/1", "post /inbox", NOW, "{}")),
        ("a receipt", json!({ "in_reply_to": "x", "status": 202 }).to_string()),
        ("anything", "{}".to_owned()),
        ("nothing", String::new()),
        ("a list", format!("[{}]", good().frame())),
    ]
}

#[test]
fn an_acceptor_takes_only_the_right_hello() {
    let (_, nonce) = acceptor();
    let mut table = spoiled(|| second(&nonce));
    table.push(("no to", second(&nonce).with("to", Value::Null).frame()));
    table.push(("no answer", second(&nonce).with("answer", Value::Null).frame()));
    table.push(("itself", Paper::new("b.example", Some("b.example"), NA, Some(&nonce)).frame()));
    for (name, frame) in table {
        let (mut b, _) = acceptor();
        b.hear(&frame);
        assert_eq!(b.closed.as_ref().map(|it| it.0), Some(4401), "{name}");
        assert!(b.carriage.is_none() && b.sent.is_empty(), "{name}");
    }
    let (mut b, nonce) = acceptor();
    b.hear(&second(&nonce).frame());
    assert!(b.carriage.is_some(), "the right one passes");
}

#[test]
fn a_dialer_takes_only_the_right_hellos() {
    let mut table = spoiled(|| Paper::new("b.example", None, NB, None));
    table.push(("to, too early", Paper::new("b.example", Some("a.example"), NB, None).frame()));
    for (name, frame) in table {
        let mut a = Side::dialing("a.example", "b.example");
        a.hear(&frame);
        assert_eq!((a.closed.as_ref().map(|it| it.0), a.sent.len()), (Some(4401), 0), "{name}");
    }
    let (_, nonce) = dialer();
    let mut table = spoiled(|| third(&nonce));
    table.push(("no to", third(&nonce).with("to", Value::Null).frame()));
    table.push(("no answer", third(&nonce).with("answer", Value::Null).frame()));
    table.push(("another nonce", third(&nonce).with("nonce", NA.into()).frame()));
    table.push(("the first again", Paper::new("b.example", None, NB, None).frame()));
    for (name, frame) in table {
        let (mut a, _) = dialer();
        a.hear(&frame);
        assert_eq!(a.closed.as_ref().map(|it| it.0), Some(4401), "{name}");
        assert!(a.carriage.is_none() && a.identity.is_none(), "{name}");
    }
}

#[test]
fn a_proof_for_one_is_none_for_another() {
    // c.example is called by a.example, and hands what it hears on to b.example.
    let (mut b, nonce) = acceptor();
    let mut a = Side::dialing("a.example", "c.example");
    a.hear(&Paper::new("c.example", None, nonce.as_str().unwrap(), None).frame());
    b.hear(&a.sent.pop_front().unwrap());
    assert_eq!(b.closed.map(|it| it.0), Some(4401));
    // What once was right is not so again: another connection has another nonce.
    let (_, nonce) = acceptor();
    let mut later = Side::accepting("b.example");
    later.sent.clear();
    let stale = second(&nonce).with("answer", NB.into());
    later.hear(&stale.frame());
    assert_eq!(later.closed.map(|it| it.0), Some(4401));
}

#[test]
fn nothing_may_come_before_its_time() {
    // Before our own Hello.
    let mut b = Side::accepting_slowly("b.example", true);
    b.hear(&second(&json!(NB)).frame());
    assert_eq!(b.closed.map(|it| it.0), Some(4401));
    // Behind H2, while that is checked.
    let (mut b, nonce) = acceptor();
    b.is_slow = true;
    b.hear(&second(&nonce).frame());
    assert!(matches!(b.asked[..], [(_, Ask::Verify(ref signed, None))] if !signed.once));
    b.hear(&message("https://a.example/users/1", "post /inbox", NOW, "{}"));
    assert_eq!(b.closed.as_ref().map(|it| it.0), Some(4401));
    b.answer(0);
    assert!(b.identity.is_none(), "what is over stays so");
}

#[test]
fn behind_the_last_hello_messages_wait_until_it_is_checked() {
    let (mut a, nonce) = dialer();
    a.is_slow = true;
    assert!(!a.session.waits());
    a.hear(&third(&nonce).frame());
    assert!(a.session.waits() && a.closed.is_none());
    a.answer(0);
    assert!(!a.session.waits() && a.carriage.is_some());
}

#[test]
fn a_dialer_whose_pen_is_late_answers_when_it_has_it() {
    let mut a = Side::dialing_slowly("a.example", "b.example", true);
    a.hear(&Paper::new("b.example", None, NB, None).frame());
    assert!(matches!(a.asked[..], [(_, Ask::Pen), (_, Ask::Verify(..))]));
    a.answer(1);
    assert!(a.sent.is_empty());
    a.answer(0);
    assert_eq!(entity(&a.next_json())["answer"], NB);
}

#[test]
fn who_is_blocked_is_told_so() {
    for (trouble, code) in [
        ((|| Error::forbidden("blocked")) as fn() -> Error, 4403),
        (|| Error::unauthenticated("no match"), 4401),
        (|| Error::unavailable("key not reached"), 4401),
    ] {
        let (mut b, nonce) = acceptor();
        b.trouble = Some(trouble);
        b.hear(&second(&nonce).frame());
        assert_eq!(b.closed.map(|it| it.0), Some(code));
        let (mut b, nonce) = acceptor();
        b.bouncer = Some(trouble);
        b.hear(&second(&nonce).frame());
        assert_eq!((b.closed.map(|it| it.0), b.sent.len()), (Some(code), 0));
    }
}

#[test]
fn binary_frames_and_partings_close() {
    for (input, code) in [
        (Input::Binary(b"x"), 1003),
        (Input::Part(Parting::Displaced), 4409),
        (Input::Part(Parting::Blocked), 4403),
        (Input::Part(Parting::Unanswered), 1001),
    ] {
        let (mut b, _) = acceptor();
        b.tell(input);
        assert_eq!(b.closed.map(|it| it.0), Some(code));
    }
}

#[test]
fn the_sub_protocol_is_asked_for() {
    let options = Options { enabled: true, ..Options::default() };
    let house = House::new(&Origin("https://b.example".into()), &Limits::default(), options).into();
    let head = Head::default();
    let hello = Hello { head: &head, identity: Ok(Identity::Public), fresh: [1, 2], now: NOW };
    assert_eq!(session::accept(&house, &hello, &mut Vec::new()).err().unwrap().status(), 400);
    let host: Host = host("a.example");
    let call = Dialing { host: &host, endpoint: "wss://a.example/ws", subprotocol: None, fresh: [1, 2], now: NOW };
    assert_eq!(session::dial(&house, &call, &mut Vec::new()).err().unwrap().status(), 503);
}
