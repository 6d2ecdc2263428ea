//! Tests of the room at the door.

use quintet_core::{Identity, Kind, Timestamp};

use super::*;
use crate::vectors::origin;

fn room() -> Atomic {
    Atomic::new(origin(), &Limits::default())
}

fn head(path: &str, headers: &[(&str, &str)]) -> Head {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Head { method: "GET".into(), path: path.into(), headers, ..Head::default() }
}

fn knock(head: &Head, identity: Result<Identity, Error>) -> Result<usize, Kind> {
    let hello = Hello { head, identity, fresh: [0; 2], now: Timestamp::from_millis(0) };
    let mut actions = Vec::new();
    room().open(hello, &mut actions).map(|_| actions.len()).map_err(|error| error.kind())
}

#[test]
fn anybody_comes_in_and_is_not_greeted() {
    assert_eq!(knock(&head("/ws", &[]), Ok(Identity::Public)), Ok(0));
    let wrong = Err(Error::unauthenticated("Incorrect signature for auth headers."));
    assert_eq!(knock(&head("/ws", &[]), wrong), Err(Kind::Unauthenticated));
    let partial = head("/ws", &[("x-atomic-agent", "x")]);
    let identity = Err(Error::unauthenticated("some are missing"));
    assert_eq!(knock(&partial, identity), Err(Kind::BadMessage), "not a proof that fails, but none");
}

#[test]
fn one_sub_protocol_is_spoken() {
    for (offered, spoken) in [
        (&["AtomicData"][..], Some("AtomicData")),
        (&["atomicdata-ws.v2", "AtomicData"], Some("AtomicData")),
        (&["atomicdata-ws.v2"], None),
        (&["atomicdata"], None),
        (&[], None),
    ] {
        assert_eq!(room().subprotocol(offered), spoken, "{offered:?}");
    }
}

#[test]
fn a_verb_is_recognized() {
    for (first, ours) in
        [("SUBSCRIBE x", true), ("X", true), ("{\"a\":1}", false), ("get x", false), ("", false), ("É", false)]
    {
        assert_eq!(room().recognizes(&Input::Text(first)), ours, "{first}");
    }
    assert!(!room().recognizes(&Input::Binary(b"SUBSCRIBE x")));
}

#[test]
fn what_is_large_has_room_where_it_belongs() {
    let limits = Limits { commit_bytes: 1_000, upload_bytes: 9_000, body_bytes: 500, ..Limits::default() };
    let room = Atomic::new(origin(), &limits);
    for (path, bytes) in [("/upload", 9_000 + OVERHEAD), ("/commit", 2_000 + OVERHEAD), ("/commit/x", 500), ("/", 500)]
    {
        assert_eq!(room.body_bytes(&head(path, &[]), &limits), bytes, "{path}");
    }
    assert_eq!(room.message_bytes(), 10_000 * SUBJECT_BYTES);
    assert!(self::room().message_bytes() > size(2 * Limits::default().commit_bytes));
}

#[test]
fn a_refusal_is_an_error_resource() {
    for (error, status) in [
        (Error::unauthenticated("no"), 401),
        (Error::forbidden("no"), 401),
        (Error::bad_message("no"), 400),
        (Error::too_large("no"), 413),
    ] {
        let response = room().refusal(&head("/ws", &[]), &error);
        assert_eq!((response.status, response.content_type), (status, Some("application/ad+json")));
    }
}

#[test]
fn a_part_of_the_headers_is_a_bad_request() {
    let request = Request { head: head("/x", &[("x-atomic-signature", "x")]), ..Request::default() };
    let Step::Reply(response) = room().request(request) else { panic!("asked") };
    assert_eq!(response.status, 400);
}
