//! After the handshake: messages, receipts, the window, and what closes a socket (versia.md, sections 2.5 to 2.8).

use quintet_core::Error;
use quintet_core::federation::{ParcelId, Receipt};
use quintet_core::{Input, Kind};
use serde_json::{Value, json};

use super::side::{NOW, Side, converse, message, parcel};

const USER: &str = "https://a.example/users/1";

fn follow(id: u32) -> String {
    json!({
        "author": USER, "created_at": "2024-10-18T08:56:47Z", "followee": "https://b.example/users/1",
        "id": format!("f{id}"), "type": "Follow",
    })
    .to_string()
}

fn signed(id: u32) -> String {
    message(USER, "post /inbox", NOW, &follow(id))
}

/// b.example, to which a.example has shown who it is; and a.example.
fn both() -> (Side, Side) {
    let (mut a, mut b) = (Side::dialing("a.example", "b.example"), Side::accepting("b.example"));
    converse(&mut a, &mut b);
    (b, a)
}

fn talking() -> Side {
    both().0
}

#[test]
fn a_message_is_taken_and_receipted() {
    let mut b = talking();
    let frame = signed(1);
    b.hear(&frame);
    let frame: Value = serde_json::from_str(&frame).unwrap();
    assert_eq!(b.next_json(), json!({ "in_reply_to": frame["signature"], "status": 202 }));
    assert_eq!(b.taken, [follow(1)]);
}

#[test]
fn parcels_travel_and_their_receipts_come_back() {
    let (mut b, mut a) = both();
    for id in 1..=3 {
        a.tell(Input::Parcel(parcel(id, USER, &follow(u32::try_from(id).unwrap()))));
    }
    converse(&mut a, &mut b);
    assert_eq!(b.taken, [follow(1), follow(2), follow(3)]);
    let receipts: Vec<_> = a.receipts.iter().map(|(id, receipt)| (id.0, receipt.status)).collect();
    assert_eq!(receipts, [(1, 202), (2, 202), (3, 202)]);
}

#[test]
fn receipts_of_the_peer_find_their_parcels() {
    let mut b = talking();
    let user = "https://b.example/users/1";
    let parcels: Vec<_> = (1..=4).map(|id| parcel(id, user, &id.to_string())).collect();
    for parcel in &parcels {
        b.tell(Input::Parcel(parcel.clone()));
    }
    let reply = |to: Value, status: u16| json!({ "in_reply_to": to, "status": status, "error": "why" }).to_string();
    b.hear(&reply(json!(parcels[1].signature), 429));
    b.hear(&reply(json!("never sent"), 202));
    b.hear(&reply(Value::Null, 400));
    b.hear(&reply(json!(parcels[1].signature), 202));
    b.hear(&json!({ "in_reply_to": parcels[2].signature }).to_string());
    b.hear(&reply(Value::Null, 202));
    b.hear(&reply(Value::Null, 202));
    let ids: Vec<_> = b.receipts.iter().map(|(id, receipt)| (id.0, receipt.status)).collect();
    assert_eq!(ids, [(2, 429), (1, 400), (3, 500), (4, 202)]);
    assert_eq!(b.receipts[0].1.error.as_deref(), Some("why"));
    assert_eq!(b.receipts[3], (ParcelId(4), Receipt::of(202)));
    b.sent.retain(|text| !text.contains("entity"));
    assert!(b.sent.is_empty(), "receipts are never answered");
}

#[test]
fn signatures_are_checked_side_by_side_and_all_else_is_in_order() {
    let mut b = talking();
    b.is_slow = true;
    (1..=3).for_each(|id| b.hear(&signed(id)));
    assert_eq!(b.asked.len(), 3);
    b.answer(2);
    b.answer(1);
    assert_eq!((b.asked.len(), b.taken.len(), b.sent.len()), (1, 0, 0), "the first is not checked yet");
    b.answer(0);
    assert_eq!(b.asked.len(), 3, "now all of them are begun, in order");
    b.answer(1);
    b.answer(1);
    assert!(b.sent.is_empty(), "the first has no receipt yet");
    b.answer(0);
    assert_eq!(b.taken, [follow(2), follow(3), follow(1)]);
    let mut replies = Vec::new();
    while !b.sent.is_empty() {
        replies.push(b.next_json()["in_reply_to"].clone());
    }
    let signatures = (1..=3).map(|id| serde_json::from_str::<Value>(&signed(id)).unwrap()["signature"].clone());
    assert_eq!(replies, signatures.collect::<Vec<_>>());
}

#[test]
fn receives_are_begun_in_the_order_of_arrival() {
    let mut b = talking();
    b.is_slow = true;
    (1..=4).for_each(|id| b.hear(&signed(id)));
    for place in [3, 1, 0] {
        b.answer(place);
    }
    // The third is not checked: 1 and 2 are begun, 4 is not.
    let begun = |b: &Side| {
        let ids = b.asked.iter().filter_map(|(_, ask)| match ask {
            quintet_core::federation::Ask::Receive(_, incoming) => Some(incoming.text.to_string()),
            _ => None,
        });
        ids.collect::<Vec<_>>()
    };
    assert_eq!(begun(&b), [follow(1), follow(2)]);
    b.answer(0);
    assert_eq!(begun(&b), [follow(1), follow(2), follow(3), follow(4)]);
}

#[test]
fn a_full_window_is_not_read_on() {
    let mut b = talking();
    b.is_slow = true;
    for id in 1..=4 {
        assert!(!b.session.waits());
        b.hear(&signed(id));
    }
    assert!(b.session.waits());
    b.answer(0);
    assert!(b.session.waits(), "checked is not taken");
    b.answer(3);
    assert!(!b.session.waits());
}

#[test]
fn a_window_of_large_entities_is_full_sooner() {
    let mut b = talking();
    b.is_slow = true;
    let large = |id: u32| {
        let entity = json!({
            "created_at": "2024-10-18T08:56:47Z", "id": id.to_string(), "type": "a.example:large/Large", "x": "x".repeat(200_000),
        });
        message(USER, "post /inbox", NOW, &entity.to_string())
    };
    b.hear(&large(1));
    assert!(!b.session.waits());
    b.hear(&large(2));
    assert!(b.session.waits());
    b.answer(0);
    b.answer(1);
    assert!(!b.session.waits(), "the first is on disk");
}

#[test]
fn every_status_has_its_cause() {
    let other = |signer: &str, target: &str| message(signer, target, NOW, &follow(1));
    let large = message(USER, "post /inbox", NOW, &format!("\"{}\"", "x".repeat(262_144)));
    let table = [
        ("no object", "[]".to_owned(), 400, true),
        ("a batch", format!("[{}]", signed(1)), 400, true),
        ("neither", r#"{"status":202}"#.to_owned(), 400, true),
        ("no entity", json!({ "signature": "x" }).to_string(), 400, false),
        ("no signature", json!({ "entity": "{}" }).to_string(), 401, true),
        ("too large", large, 413, false),
        ("stale", message(USER, "post /inbox", NOW.plus_millis(-301_000), &follow(1)), 422, false),
        ("another's", other("https://c.example/users/1", "post /inbox"), 403, false),
        ("another path", other(USER, "post /outbox"), 401, false),
        ("a fetch", other(USER, "get /inbox"), 401, false),
        ("of 0.6 for the path of 0.5", other("a.example", "post /inbox"), 401, false),
    ];
    for (name, frame, status, is_nameless) in table {
        let mut b = talking();
        b.hear(&frame);
        let receipt = b.next_json();
        assert_eq!(
            (receipt["status"].as_u64(), receipt["in_reply_to"].is_null()),
            (Some(status), is_nameless),
            "{name}"
        );
        assert!(!receipt["error"].as_str().unwrap().is_empty(), "{name}");
        assert!(b.closed.is_none() && b.taken.is_empty(), "{name}");
    }
}

#[test]
fn the_personal_inbox_of_somebody_named_will_do() {
    let mut b = talking();
    b.hear(&message(USER, "post /users/1/inbox", NOW, &follow(1)));
    b.hear(&message(USER, "post /users/2/inbox", NOW, &follow(1)));
    assert_eq!(b.statuses(), [202, 401]);
}

#[test]
fn what_the_hall_says_is_told() {
    for (kind, status) in [(Kind::NotFound, 404), (Kind::Forbidden, 403), (Kind::Unavailable, 503)] {
        let mut b = talking();
        b.verdict = Some(match kind {
            Kind::NotFound => || Error::not_found("no such user"),
            Kind::Forbidden => || Error::forbidden("not yours"),
            _ => || Error::unavailable("not now"),
        });
        b.hear(&signed(1));
        assert_eq!(b.statuses(), [status]);
    }
    let mut b = talking();
    b.trouble = Some(|| Error::unavailable("the key was not reached"));
    b.hear(&signed(1));
    assert_eq!((b.statuses(), b.taken.len()), (vec![503], 0));
}

#[test]
fn what_was_accepted_before_is_not_taken_again() {
    let mut b = talking();
    b.knows_all = true;
    b.hear(&signed(1));
    assert_eq!((b.statuses(), b.taken.len()), (vec![202], 0));
}

#[test]
fn what_is_wrong_with_an_entity_counts_only_if_its_signature_holds() {
    let mut b = talking();
    b.hear(&message(USER, "post /inbox", NOW, "no JSON"));
    b.hear(&message(USER, "get /inbox", NOW, "no JSON"));
    assert_eq!(b.statuses(), [400, 401]);
}

#[test]
fn a_hello_comes_once() {
    let mut b = talking();
    let entity = json!({ "type": "pub.versia:websockets/Hello", "host": "a.example", "nonce": "x" }).to_string();
    b.hear(&message("instance a.example", "get /.versia/ws", NOW, &entity));
    b.hear(&message("instance a.example", "post /inbox", NOW, &entity));
    assert_eq!(b.statuses(), [400, 400]);
}

#[test]
fn haste_is_told_with_a_time() {
    let mut b = talking();
    b.tell(Input::Refused(Error::too_many("slow down")));
    let receipt = b.next_json();
    let expected = json!({ "in_reply_to": null, "status": 429, "error": "slow down", "retry_after": 1 });
    assert_eq!(receipt, expected);
}

#[test]
fn only_errors_close_the_socket_but_not_one_too_few() {
    let mut b = talking();
    for _ in 0..100 {
        b.hear("{}");
    }
    assert!(b.closed.is_none());
    b.hear(&signed(1));
    for _ in 0..100 {
        b.hear("{}");
    }
    assert!(b.closed.is_none(), "a success begins anew");
    b.now = NOW.plus_millis(10_000);
    b.hear("{}");
    assert!(b.closed.is_none(), "and so does time");
    for _ in 0..100 {
        b.hear("{}");
    }
    assert_eq!(b.closed.map(|it| it.0), Some(4429));
}

#[test]
fn what_is_over_says_no_more() {
    let mut b = talking();
    b.is_slow = true;
    b.hear(&signed(1));
    b.tell(Input::Binary(b"x"));
    assert_eq!(b.closed.as_ref().map(|it| it.0), Some(1003));
    b.answer(0);
    b.hear(&signed(2));
    b.tell(Input::Parcel(parcel(1, USER, "{}")));
    assert!(b.sent.is_empty() && b.asked.is_empty() && b.receipts.is_empty());
    assert!(!b.session.waits());
}
