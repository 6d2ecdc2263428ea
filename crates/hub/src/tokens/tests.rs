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
        grants: vec![],
    })
}

fn tokens() -> Tokens {
    Tokens::new(&[7; 32])
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
    let foreign = Tokens::new(&[8; 32]).issue(&ann(), 3, NOW, HOUR).unwrap().0;
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
