//! What holds as a token, and everything that does not.

use quintet_core::Kind;
use quintet_core::room::ServerRecord;
use quintet_core::user::Status;
use quintet_core::{Author, Body, Event};
use quintet_store::Snapshot;
use serde_json::{Value, json};

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_763_000_000_000);
const HOUR: Duration = Duration::from_hours(1);

fn ann() -> User {
    User {
        id: Id::new(5000).unwrap(),
        username: "ann".into(),
        nickname: "ann".into(),
        bio: None,
        avatar: None,
        created_at: NOW,
        disabled: false,
        remote: None,
        agent: quintet_core::AgentKey([8; 32]),
        status: Status::Offline,
    }
}

/// A house with ann in it, at token generation 3.
fn directory() -> Directory {
    let server = ServerRecord { name: String::new(), description: String::new(), icon: None, default_room: None };
    Directory::new(Snapshot {
        server,
        users: vec![(ann(), 3)],
        secrets: vec![],
        rooms: vec![],
        roles: vec![],
        follows: Vec::new(),
        grants: vec![],
    })
}

fn tokens() -> Tokens {
    Tokens::new(&[7; 32], WorkerKeys::default())
}

fn issued() -> String {
    tokens().issue(&ann(), 3, NOW, HOUR).unwrap().0.expose().to_owned()
}

fn identify(token: &str, now: Timestamp) -> Result<Identity, Error> {
    tokens().identify(&Secret::new(token), &directory(), now)
}

/// A token with other claims, signed with our own key.
fn with_claims(change: impl FnOnce(&mut Value)) -> String {
    let payload = URL_SAFE_NO_PAD.decode(issued().split('.').nth(1).unwrap()).unwrap();
    let mut claims: Value = serde_json::from_slice(&payload).unwrap();
    change(&mut claims);
    jsonwebtoken::encode(&tokens().header, &claims, &tokens().signing).unwrap()
}

/// An unsigned head and body, with the signature of a good token.
fn with_header(header: &Value) -> String {
    let good = issued();
    let (_, rest) = good.split_once('.').unwrap();
    format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header.to_string()))
}

#[test]
fn a_token_holds_until_its_end() {
    let (token, expires_at) = tokens().issue(&ann(), 3, NOW, HOUR).unwrap();
    assert_eq!(expires_at.millis(), NOW.millis() + 3_600_000);
    let last = expires_at.plus_millis(-1);
    assert_eq!(identify(token.expose(), last).unwrap(), Identity::User(ann().id));
    let error = identify(token.expose(), expires_at).unwrap_err();
    assert_eq!(error.kind(), Kind::Unauthenticated);
    assert!(error.public().contains("expired"), "{error}");
}

#[test]
fn tokens_are_url_safe_and_each_its_own() {
    let (one, other) = (issued(), issued());
    assert_ne!(one, other);
    let safe = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
    assert!(one.chars().all(safe), "{one}");
}

#[test]
fn what_was_not_signed_here_does_not_hold() {
    let good = issued();
    let foreign = Tokens::new(&[8; 32], WorkerKeys::default()).issue(&ann(), 3, NOW, HOUR).unwrap().0;
    let hmac_key = EncodingKey::from_secret(&SigningKey::from_bytes(&[7; 32]).verifying_key().to_bytes());
    let claims = json!({"sub":"ann","id":5000,"gen":3,"iat":0,"exp":9_999_999_999_i64,"iss":ISSUER,"jti":""});
    let table = [
        ("empty", String::new()),
        ("garbage", "not a token".into()),
        ("dots", "..".into()),
        ("not base64", "é.é.é".into()),
        ("huge", "x".repeat(1_000_000)),
        ("no signature", good.rsplit_once('.').unwrap().0.to_owned() + "."),
        ("another key", foreign.expose().into()),
        ("alg none", with_header(&json!({"alg": "none"}))),
        ("alg HS256", with_header(&json!({"alg": "HS256"}))),
        ("alg RS256", with_header(&json!({"alg": "RS256"}))),
        (
            "public key as a shared secret",
            jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &hmac_key).unwrap(),
        ),
        ("tampered", good.replacen('.', ".e", 1)),
        ("with a scheme", format!("Bearer {good}")),
    ];
    for (name, token) in table {
        let error = identify(&token, NOW).unwrap_err();
        assert_eq!(error.kind(), Kind::Unauthenticated, "{name}");
        assert!(error.public().contains("not valid"), "{name}: {error}");
    }
    assert!(identify(&good, NOW).is_ok());
}

#[test]
fn every_flipped_bit_is_noticed() {
    let good = issued();
    for index in 0..good.len() {
        let mut bytes = good.clone().into_bytes();
        bytes[index] = if bytes[index] == b'A' { b'B' } else { b'A' };
        let token = String::from_utf8(bytes).unwrap();
        // The last character of an encoded text may hold bits that mean nothing; the library refuses those as well.
        assert!(identify(&token, NOW).is_err() || token == good, "at {index}");
    }
}

#[test]
fn claims_must_be_ours_whole_and_of_this_generation() {
    type Change = fn(&mut Value);
    let table: [(&str, Change); 8] = [
        ("issuer", |claims| claims["iss"] = json!("Concord")),
        ("no issuer", |claims| drop(claims.as_object_mut().unwrap().remove("iss"))),
        ("no end", |claims| drop(claims.as_object_mut().unwrap().remove("exp"))),
        ("end as text", |claims| claims["exp"] = json!("never")),
        ("from the future", |claims| claims["iat"] = json!(NOW.seconds() + 3600)),
        ("unknown user", |claims| claims["id"] = json!(5001)),
        ("no number", |claims| claims["id"] = json!(u64::MAX)),
        ("older generation", |claims| claims["gen"] = json!(2)),
    ];
    for (name, change) in table {
        let error = identify(&with_claims(change), NOW).unwrap_err();
        assert_eq!(error.kind(), Kind::Unauthenticated, "{name}");
    }
    assert!(identify(&with_claims(|_| ()), NOW).is_ok());
}

#[test]
fn a_disabled_user_is_nobody() {
    let directory = directory();
    let user = User { disabled: true, ..ann() };
    directory.apply(&Event {
        id: Id::HOUSE,
        topics: vec![],
        position: None,
        at: NOW,
        author: Author::house(),
        via: "test".into(),
        body: Body::UserChanged { user, token_generation: 3 },
        commit: None,
    });
    let error = tokens().identify(&Secret::new(issued()), &directory, NOW).unwrap_err();
    assert!(error.public().contains("disabled"), "{error}");
}

#[test]
fn the_published_key_checks_our_tokens() {
    let jwks: jsonwebtoken::jwk::JwkSet = serde_json::from_str(tokens().jwks()).unwrap();
    let header = jsonwebtoken::decode_header(issued()).unwrap();
    let key = jwks.find(header.kid.as_deref().unwrap()).unwrap();
    let key = DecodingKey::from_jwk(key).unwrap();
    assert!(jsonwebtoken::decode::<Claims>(issued(), &key, &validation()).is_ok());
}

fn worker(name: &str, ttl: Option<Duration>) -> String {
    tokens().issue_for_worker(name, NOW, ttl).unwrap().expose().to_owned()
}

#[test]
fn a_workers_token_holds_until_it_is_ended() {
    let forever = worker("billing-2", None);
    let in_a_century = NOW.plus_millis(100 * 365 * 86_400_000);
    assert_eq!(identify(&forever, in_a_century).unwrap(), Identity::Worker("billing-2".into()));
    let hour = worker("billing-2", Some(HOUR));
    let end = NOW.plus_millis(3_600_000);
    assert!(identify(&hour, end.plus_millis(-1)).is_ok());
    assert!(identify(&hour, end).unwrap_err().public().contains("expired"));

    let tokens = tokens();
    let (ours, other) = (Secret::new(forever), Secret::new(worker("billing", None)));
    let identify = |token: &Secret| tokens.identify(token, &directory(), NOW);
    assert!(identify(&ours).is_ok());
    tokens.workers().replace("billing-2", &WorkerKey::made_up().unwrap());
    assert!(identify(&ours).unwrap_err().public().contains("ended"));
    assert!(identify(&other).is_ok(), "of another name");
    assert!(identify(&tokens.issue_for_worker("billing-2", NOW, None).unwrap()).is_ok(), "a new one");
}

#[test]
fn the_key_of_a_worker_comes_back_from_the_store() {
    let key = WorkerKey::made_up().unwrap();
    let kept = vec![(WorkerKeys::stored_name("jac"), key.secret()), ("else".to_owned(), [1; 32])];
    let before = Tokens::new(&[7; 32], WorkerKeys::default());
    before.workers().replace("jac", &key);
    let token = before.issue_for_worker("jac", NOW, None).unwrap();
    let after = Tokens::new(&[7; 32], WorkerKeys::new(kept));
    assert_eq!(after.identify(&token, &directory(), NOW).unwrap(), Identity::Worker("jac".into()));
    assert!(tokens().identify(&token, &directory(), NOW).is_err(), "another key than none");
}

#[test]
fn users_and_workers_are_not_taken_for_each_other() {
    // A worker of a user's name is no user, nor is a user of a worker's name one, whoever makes them up with our own key.
    assert_eq!(identify(&worker("ann", None), NOW).unwrap(), Identity::Worker("ann".into()));
    assert!(identify(&with_claims(|claims| claims["aud"] = json!(WORKERS)), NOW).is_err());
    let half = with_claims(|claims| {
        claims["aud"] = json!(WORKERS);
        claims["key"] = json!("");
    });
    assert!(identify(&half, NOW).is_err(), "its name does not begin as those of workers do");
    let audience = |token: &str| {
        let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        serde_json::from_slice::<Value>(&payload).unwrap()["aud"].clone()
    };
    assert_eq!(audience(&worker("ann", None)), json!("worker"), "others refuse it by that");
    assert_eq!(audience(&issued()), Value::Null);
}
