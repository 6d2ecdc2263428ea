//! Inboxes, and how "no" is said.

use super::*;

const FOLLOW: &str = concat!(
    r#"{"author":"https://a.example/users/1","created_at":"2025-12-20T09:00:00Z","#,
    r#""followee":"https://b.example/users/5000","id":"f1","type":"Follow"}"#
);

#[test]
fn entities_are_posted_to_every_inbox() {
    for (path, body, signer) in [
        ("/inbox", FOLLOW, "https://a.example/users/1"),
        ("/users/5000/inbox", FOLLOW, "https://a.example/users/1"),
        (
            "/.versia/v0.6/inbox",
            r#"{"author":"1","created_at":"2025-12-20T09:00:00Z","followee":"b.example:5000","type":"Follow"}"#,
            "a.example",
        ),
    ] {
        let (ask, reply) = asked_of(&house(), &signed_by(posted(path, body.as_bytes()), signer));
        let Ask::Accept(signed, Ok(incoming)) = ask else { panic!("{ask:?}") };
        assert_eq!(signed.texts, [signing::text("post", path, SIGNED_AT, body.as_bytes())]);
        assert!(signed.once && &*incoming.text == body);
        let response = reply(Ok(Answer::Federation(Told::Received(Reception::Taken, None))));
        assert_eq!((response.status, response.body.len()), (202, 0));
    }
}

#[test]
fn what_is_wrong_with_an_entity_counts_only_behind_its_signature() {
    for (body, status) in [(&b"\xff"[..], 400), (b"", 400), (b"[]", 400), (br#"{"type":"Nonsense"}"#, 400)] {
        let (ask, _) = asked_of(&house(), &signed_by(posted("/inbox", body), "https://a.example/users/1"));
        let Ask::Accept(_, Err(error)) = ask else { panic!("{ask:?}") };
        assert_eq!(error.status(), status, "{}", String::from_utf8_lossy(body));
    }
}

#[test]
fn a_post_must_be_signed() {
    let signature = STANDARD.encode([7; 64]);
    let post = |signature: &str, at: &str, by: &str| {
        let headers = [("versia-signature", signature), ("versia-signed-at", at), ("versia-signed-by", by)];
        let headers: Vec<_> = headers.into_iter().filter(|(_, value)| *value != "-").collect();
        with(posted("/inbox", FOLLOW.as_bytes()), &headers)
    };
    for (headers, status) in [
        (("-", SIGNED_AT, "a.example"), 401),
        ((&*signature, "-", "a.example"), 401),
        ((&*signature, SIGNED_AT, "-"), 401),
        (("c2ln", SIGNED_AT, "a.example"), 401),
        ((&*signature, "now", "a.example"), 400),
        ((&*signature, "1766221200.", "a.example"), 400),
        ((&*signature, SIGNED_AT, "https://a.example@b.example/users/1"), 400),
        ((&*signature, SIGNED_AT, "instance b.example"), 400),
        ((&*signature, SIGNED_AT, "a.example:8443"), 400),
    ] {
        assert_eq!(replied(&post(headers.0, headers.1, headers.2)).status, status, "{headers:?}");
    }
    // A published program signs fractions of seconds.
    let (ask, _) = asked_of(&house(), &post(&signature, "1766221200.123", "https://a.example/users/1"));
    let Ask::Accept(signed, _) = ask else { panic!("{ask:?}") };
    assert_eq!(signed.signed_at, Timestamp::from_millis(1_766_221_200_000));
    assert!(signed.texts[0].starts_with("post /inbox 1766221200.123 "));
}

#[test]
fn a_sender_is_told_what_it_may_still_send() {
    let allowance = Allowance { limit: 100, remaining: 42, reset: 17 };
    let wanted = [("ratelimit-limit", "100"), ("ratelimit-remaining", "42"), ("ratelimit-reset", "17")];
    let post = || signed_by(posted("/inbox", FOLLOW.as_bytes()), "https://a.example/users/1");
    let taken =
        asked_of(&house(), &post()).1(Ok(Answer::Federation(Told::Received(Reception::Known, Some(allowance)))));
    assert_eq!((taken.status, headers_of(&taken)), (202, wanted.into()));

    let data = serde_json::value::to_raw_value(&Allowance { remaining: 0, ..allowance }).unwrap();
    let refused = asked_of(&house(), &post()).1(Err(Error::too_many("too fast").with_data(data)));
    let headers = headers_of(&refused);
    assert_eq!((refused.status, headers["retry-after"], headers["ratelimit-remaining"]), (429, "17", "0"));
    assert_eq!(json_of(&refused), json!({"error": "too fast"}));
    let refused = refusal(&Head::default(), &Error::too_many("too many connections"));
    assert_eq!(refused.headers, [("retry-after", "1".to_owned())]);
}

#[test]
fn refusals_have_the_statuses_of_the_page() {
    for (error, status) in [
        (Error::bad_message("x"), 400),
        (Error::unauthenticated("x"), 401),
        (Error::forbidden("x"), 403),
        (Error::not_found("x"), 404),
        (Error::too_large("x"), 413),
        (Error::new(Kind::Stale, "x"), 422),
        (Error::bad_message("x").with_status(422), 422),
        (Error::unavailable("x"), 503),
    ] {
        let post = signed_by(posted("/inbox", FOLLOW.as_bytes()), "https://a.example/users/1");
        let response = asked_of(&house(), &post).1(Err(error));
        assert_eq!((response.status, json_of(&response)), (status, json!({"error": "x"})));
    }
    let fault = refusal(&Head::default(), &Error::internal("disk on fire"));
    assert_eq!((fault.status, json_of(&fault)), (500, json!({"error": "internal error"})));
}

#[test]
fn operators_may_write() {
    let post = posted("/.versia/v0.6/messaging", "Hallo".as_bytes());
    let (ask, reply) = asked_of(&house(), &post);
    assert!(matches!(&ask, Ask::OperatorMessage(text) if text == "Hallo"), "{ask:?}");
    let response = reply(Ok(Answer::Federation(Told::Done)));
    assert_eq!((response.status, response.body.len()), (200, 0));
    let refused = asked_of(&house(), &post).1(Err(Error::too_many("too many")));
    assert_eq!((refused.status, headers_of(&refused)["retry-after"]), (429, "1"));
    assert_eq!(replied(&posted("/.versia/v0.6/messaging", b"\xff")).status, 400);
    let limits = Limits::default();
    assert_eq!(body_bytes(&posted("/.versia/v0.6/messaging", b"").head, &limits), 16_384);
    assert_eq!(body_bytes(&posted("/inbox", b"").head, &limits), 262_144);
}
