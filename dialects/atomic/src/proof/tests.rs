//! Tests of all that clients show.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::Signer;
use quintet_core::identity::{Proof, Secret};
use quintet_core::{AgentKey, Kind, Timestamp};
use serde_json::{Value, json};

use super::*;
use crate::vectors::{self, REQUEST, SOCKET, UPGRADE, Vector, origin};

const ORIGIN: &str = "http://localhost:9883";

/// The authentication resource that a text was signed for, as `@tomic/lib` writes it.
fn claim(vector: &Vector) -> Value {
    let (requested, timestamp) = vector.signed.rsplit_once(' ').unwrap();
    json!({
        "https://atomicdata.dev/properties/auth/agent": vectors::agent(1),
        "https://atomicdata.dev/properties/auth/requestedSubject": requested,
        "https://atomicdata.dev/properties/auth/publicKey": vectors::public_key(1),
        "https://atomicdata.dev/properties/auth/timestamp": timestamp.parse::<i64>().unwrap(),
        "https://atomicdata.dev/properties/auth/signature": vector.signature,
    })
}

fn claim_for(requested: &str) -> Value {
    let signed = format!("{requested} 1700000000000");
    let signature = STANDARD.encode(vectors::key(1).sign(signed.as_bytes()).to_bytes());
    claim(&Vector { agent: 1, signed: signed.leak(), signature: signature.leak() })
}

fn with(mut claim: Value, member: &str, value: Value) -> Value {
    claim[format!("https://atomicdata.dev/properties/auth/{member}")] = value;
    claim
}

fn proof(vector: &Vector, lasting: bool) -> Credential {
    let (_, timestamp) = vector.signed.rsplit_once(' ').unwrap();
    Credential::Proof(Box::new(Proof {
        agent: AgentKey(vectors::key(1).verifying_key().to_bytes()),
        signed: vector.signed.to_owned(),
        signature: STANDARD.decode(vector.signature).unwrap().try_into().unwrap(),
        signed_at: Timestamp::from_millis(timestamp.parse().unwrap()),
        lasting,
    }))
}

fn head(target: &str, headers: &[(&str, String)]) -> Head {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Head { method: "GET".into(), path: path.into(), query: query.into(), headers }
}

fn signed_headers(vector: &Vector) -> Vec<(&'static str, String)> {
    let (_, timestamp) = vector.signed.rsplit_once(' ').unwrap();
    vec![
        ("x-atomic-public-key", vectors::public_key(1).to_owned()),
        ("x-atomic-signature", vector.signature.to_owned()),
        ("x-atomic-timestamp", timestamp.to_owned()),
        ("x-atomic-agent", vectors::agent(1).to_owned()),
    ]
}

fn bearer(claim: &Value) -> (&'static str, String) {
    ("authorization", format!("Bearer {}", STANDARD.encode(claim.to_string())))
}

fn cookie(claim: &Value) -> String {
    let base64 = STANDARD.encode(claim.to_string());
    format!("atomic_session={}", base64.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D"))
}

/// Whether a proof was found, and whether it lasts; else what is said.
fn found(credential: &Credential) -> Result<bool, String> {
    match credential {
        Credential::Proof(proof) => Ok(proof.lasting),
        Credential::Malformed(why) => Err(why.clone()),
        other => Err(format!("{other:?}")),
    }
}

#[test]
fn a_socket_takes_proofs_for_its_own_origin() {
    assert_eq!(on_socket(&claim(&SOCKET).to_string(), &origin()), Ok(proof(&SOCKET, false)));
    for (requested, fits) in [
        ("ws://localhost:9883/ws", true),
        ("ws://localhost:9883", true),
        ("ws://localhost:9883/any/path?x=1", true),
        ("http://localhost:9883", true),
        ("http://localhost:9883/ws", true),
        ("wss://localhost:9883/ws", false),
        ("ws://localhost:98831/ws", false),
        ("ws://localhost/ws", false),
        ("ws://127.0.0.1:9883/ws", false),
        ("ws://evil.example/ws://localhost:9883/ws", false),
        ("ws://localhost:9883@evil.example/ws", false),
        ("ws", false),
        ("", false),
    ] {
        let shown = on_socket(&claim_for(requested).to_string(), &origin());
        match shown {
            Ok(_) => assert!(fits, "{requested}"),
            Err(refused) => {
                assert!(!fits && refused.why().contains("such as ws://localhost:9883/ws"), "{requested}: {refused:?}");
            }
        }
    }
}

#[test]
fn the_socket_of_a_house_with_tls_is_wss() {
    let origin = Origin("https://a.example".into());
    for (requested, fits) in [("wss://a.example/ws", true), ("https://a.example", true), ("ws://a.example/ws", false)] {
        let agent = AgentKey(vectors::key(1).verifying_key().to_bytes()).subject(&origin);
        let shown = with(claim_for(requested), "agent", agent.as_str().into());
        assert_eq!(on_socket(&shown.to_string(), &origin).is_ok(), fits, "{requested}");
    }
}

#[test]
fn a_claim_that_cannot_be_read_is_told_apart_from_one_that_does_not_hold() {
    let missing = |member: &str| {
        let mut claim = claim(&SOCKET);
        claim.as_object_mut().unwrap().remove(&format!("https://atomicdata.dev/properties/auth/{member}"));
        claim.to_string()
    };
    let unreadable = [
        "{".to_owned(),
        "[]".to_owned(),
        missing("agent"),
        missing("requestedSubject"),
        missing("publicKey"),
        missing("timestamp"),
        missing("signature"),
        with(claim(&SOCKET), "timestamp", "1700000000000".into()).to_string(),
        with(claim(&SOCKET), "timestamp", json!(1.5)).to_string(),
        with(claim(&SOCKET), "agent", json!(["x".repeat(9_000)])).to_string(),
    ];
    for json in unreadable {
        let Err(Refused::Unreadable(why)) = on_socket(&json, &origin()) else { panic!("{json}") };
        assert!(why.len() < 300, "{why}");
    }
    let broken = [
        (with(claim(&SOCKET), "publicKey", "AAAA".into()), "the public key must be 32 bytes"),
        (
            with(claim(&SOCKET), "publicKey", vectors::public_key(2).into()),
            "does not match the public key in the agent",
        ),
        (with(claim(&SOCKET), "agent", vectors::agent(2).into()), "does not match the public key in the agent"),
        (
            with(claim(&SOCKET), "agent", "http://localhost:9883/ann".into()),
            "does not match the public key in the agent",
        ),
        (with(claim(&SOCKET), "agent", "http://evil.example/agents/x".into()), "the agent is not of this server"),
        (with(claim(&SOCKET), "agent", "sudo:agent".into()), "the agent is not of this server"),
        (
            with(claim(&SOCKET), "agent", "https://atomicdata.dev/agents/publicAgent".into()),
            "the agent is not of this server",
        ),
        (with(claim(&SOCKET), "signature", "AAAA".into()), "the signature must be 64 bytes"),
    ];
    for (claim, expected) in broken {
        let Err(Refused::Broken(why)) = on_socket(&claim.to_string(), &origin()) else { panic!("{claim}") };
        assert!(why.contains(expected), "{why}");
    }
}

#[test]
fn members_that_are_not_known_are_ignored() {
    let shown = with(with(claim(&SOCKET), "validUntil", 1.into()), "x", json!({ "deep": [] }));
    assert_eq!(on_socket(&shown.to_string(), &origin()), Ok(proof(&SOCKET, false)));
}

#[test]
fn signed_headers_are_for_the_url_as_sent() {
    assert_eq!(of_request(&head("/private", &signed_headers(&REQUEST)), &origin()), proof(&REQUEST, false));
    assert_eq!(at_the_door(&head("/ws", &signed_headers(&UPGRADE)), &origin()), proof(&UPGRADE, false));
    for (target, url) in [
        ("/", "http://localhost:9883"),
        ("/?a=1", "http://localhost:9883/?a=1"),
        ("/a//b+c%20=", "http://localhost:9883/a//b+c%20="),
        ("/query?property=http%3A%2F%2Fx&value=a+b", "http://localhost:9883/query?property=http%3A%2F%2Fx&value=a+b"),
    ] {
        assert_eq!(request_url(&head(target, &[]), &origin()), url);
        let Credential::Proof(proof) = of_request(&head(target, &signed_headers(&REQUEST)), &origin()) else {
            panic!("{target}")
        };
        assert_eq!(proof.signed, format!("{url} 1700000000123"), "another URL was signed, so the hall refuses it");
    }
}

#[test]
fn signed_headers_are_all_there_or_none() {
    let all = signed_headers(&REQUEST);
    for some in 1..15_usize {
        let headers: Vec<_> = (0..4).filter(|at| some >> at & 1 == 1).map(|at| all[at].clone()).collect();
        let head = head("/private", &headers);
        assert_eq!(complete(&head).unwrap_err().kind(), Kind::BadMessage, "{headers:?}");
        for credential in [of_request(&head, &origin()), at_the_door(&head, &origin())] {
            assert!(found(&credential).unwrap_err().contains("all four x-atomic headers"));
        }
    }
    assert!(complete(&head("/private", &all)).is_ok() && complete(&head("/private", &[])).is_ok());
    let mut headers = all;
    headers[2].1 = "soon".into();
    let why = found(&of_request(&head("/private", &headers), &origin())).unwrap_err();
    assert_eq!(why, "x-atomic-timestamp must be milliseconds since 1970");
}

#[test]
fn a_bearer_is_for_the_origin_or_the_url() {
    for (requested, lasting) in [
        (ORIGIN, Ok(true)),
        ("http://localhost:9883/", Ok(true)),
        ("http://localhost:9883/private", Ok(false)),
        ("http://localhost:9883/other", Err("requestedSubject")),
        ("http://localhost:98831", Err("requestedSubject")),
        ("ws://localhost:9883/ws", Err("requestedSubject")),
        ("ws", Err("requestedSubject")),
    ] {
        let credential = of_request(&head("/private", &[bearer(&claim_for(requested))]), &origin());
        match lasting {
            Ok(lasting) => assert_eq!(found(&credential), Ok(lasting), "{requested}"),
            Err(why) => assert!(found(&credential).unwrap_err().contains(why), "{requested}"),
        }
    }
    assert_eq!(found(&at_the_door(&head("/ws", &[bearer(&claim_for("ws"))]), &origin())), Ok(false));
    assert_eq!(found(&at_the_door(&head("/ws", &[bearer(&claim_for(ORIGIN))]), &origin())), Ok(true));
}

#[test]
fn a_bearer_may_be_a_token_of_the_house() {
    let token = |text: &str| Credential::Token(Secret::new(text));
    for (header, credential) in [
        ("Bearer a.b.c", token("a.b.c")),
        ("bEARER a.b.c ", token("a.b.c")),
        ("Basic a.b.c", Credential::None),
        ("Bearer", Credential::None),
    ] {
        assert_eq!(of_request(&head("/x", &[("authorization", header.to_owned())]), &origin()), credential, "{header}");
    }
    for header in ["Bearer ", "Bearer x", "Bearer a.b", "Bearer e30=", "Bearer ////"] {
        let credential = of_request(&head("/x", &[("authorization", header.to_owned())]), &origin());
        assert!(found(&credential).unwrap_err().starts_with("Bearer: "), "{header}");
    }
}

#[test]
fn the_first_cookie_that_fits_counts() {
    let fits = cookie(&claim_for(ORIGIN));
    let other = cookie(&with(claim_for("http://localhost:8080"), "agent", "http://localhost:8080/agents/x".into()));
    for (cookies, lasting) in [
        (vec![fits.clone()], Ok(true)),
        (vec![format!("a=b; {other}; {fits};c")], Ok(true)),
        (vec![other.clone(), fits.clone()], Ok(true)),
        (vec![format!("atomic_session=rubbish; {fits}")], Ok(true)),
        (vec![cookie(&claim_for("http://localhost:9883/private"))], Ok(false)),
        // A server at another port of this host set it: nothing was shown to us.
        (vec![other], Err("None")),
        (vec!["other=x".into()], Err("None")),
        (vec!["atomic_session=".into()], Err("None")),
        (vec!["atomic_session=rubbish".into()], Err("atomic_session: not base64 of JSON")),
        (vec!["atomic_session=e30%3D".into()], Err("atomic_session: missing field")),
    ] {
        let headers: Vec<_> = cookies.iter().map(|value| ("cookie", value.clone())).collect();
        let credential = of_request(&head("/private", &headers), &origin());
        match lasting {
            Ok(lasting) => assert_eq!(found(&credential), Ok(lasting), "{cookies:?}"),
            Err(why) => assert!(found(&credential).unwrap_err().contains(why), "{credential:?}"),
        }
    }
    assert_eq!(at_the_door(&head("/ws", &[("cookie", fits)]), &origin()), Credential::None, "no cookies on sockets");
}

#[test]
fn a_bearer_goes_before_headers_and_those_before_a_cookie() {
    let mut headers = vec![("cookie", cookie(&claim_for(ORIGIN)))];
    headers.extend(signed_headers(&REQUEST));
    assert_eq!(of_request(&head("/private", &headers), &origin()), proof(&REQUEST, false));
    headers.push(bearer(&claim_for(ORIGIN)));
    assert_eq!(found(&of_request(&head("/private", &headers), &origin())), Ok(true));
}
