//! Tests of commits. The vectors of atomic-data.md, section 10, are in the Atomic room.

use super::*;
use crate::error::Kind;

const SIGNATURE: &str = "EHAFmlmfg79vkKXjfenR5qvNQ4Uls7bT+26eHGk0f6skFacLuepcFWGcmVx66AcX6z3H3Pcbg3IdLk7WUJHRCw==";

fn here() -> Origin {
    Origin("http://a.example".into())
}

fn posted(extra: Value) -> Value {
    let mut body = json!({
        "@id": "local:store/commits/x",
        term::SUBJECT: "http://a.example/doc",
        term::CREATED_AT: 7,
        term::SIGNER: "http://a.example/agents/x",
        term::SIGNATURE: SIGNATURE,
        term::IS_A: [term::COMMIT],
    });
    if let (Value::Object(body), Value::Object(extra)) = (&mut body, extra) {
        body.extend(extra);
    }
    body
}

fn parse(extra: Value) -> Result<Unverified, Error> {
    Unverified::parse(&posted(extra).to_string(), &here())
}

fn properties(value: Value) -> Properties {
    match value {
        Value::Object(properties) => properties,
        _ => Properties::new(),
    }
}

#[test]
fn only_what_is_empty_at_the_top_is_left_out_of_the_signed_text() {
    let same = parse(json!({ term::REMOVE: [], term::PUSH: {}, term::DESTROY: false })).unwrap();
    assert_eq!(same.signed, parse(json!({})).unwrap().signed);
    let set = parse(json!({ term::SET: {} })).unwrap();
    assert!(set.signed.contains("properties/set\":{}"), "an empty set was signed by whoever sent it");
    let empty = parse(json!({ term::SET: { "https://p.example/tags": [] } })).unwrap();
    assert!(empty.signed.contains("\"https://p.example/tags\":[]"));
}

#[test]
fn the_stored_commit_has_its_own_name() {
    let commit = parse(json!({})).unwrap().commit;
    assert_eq!(commit.id(), format!("http://a.example/commits/{SIGNATURE}"));
    assert!(commit.json.starts_with(&format!("{{\"@id\":\"{}\"", commit.id())), "{}", commit.json);
    assert_eq!(Commit::parse_stored(&commit.json).unwrap(), *commit);
}

#[test]
fn what_is_no_commit_is_told_so() {
    let table = [
        (json!({ term::SUBJECT: 5 }), "No subject field"),
        (json!({ term::SUBJECT: "http://a.example.evil/x" }), "other domain"),
        (json!({ term::SUBJECT: "http://b.example/http://a.example/y" }), "other domain"),
        (json!({ term::SUBJECT: "http://a.example/x?y=1" }), "query parameters"),
        (json!({ term::CREATED_AT: "7" }), "createdAt"),
        (json!({ term::SIGNER: 7 }), "signer"),
        (json!({ term::SIGNATURE: "AAAA" }), "64 bytes"),
        (json!({ term::IS_A: ["https://x.example/Other"] }), "isA"),
        (json!({ term::PUSH: { "https://p.example/a": "x" } }), "array"),
        (json!({ term::SET: [] }), "set of a commit"),
        (json!({ term::REMOVE: [7] }), "remove of a commit"),
        (json!({ term::DESTROY: 1 }), "destroy of a commit"),
        (json!({ term::SET: { "https://p.example/a": [null] } }), "https://p.example/a. Null not allowed"),
    ];
    for (extra, expected) in table {
        let error = parse(extra.clone()).unwrap_err();
        assert!(error.public().contains(expected), "{extra}: {error}");
        assert_eq!(error.kind(), Kind::BadMessage);
    }
    assert!(Unverified::parse("[]", &here()).is_err());
    assert!(Unverified::parse("{", &here()).is_err());
}

#[test]
fn a_commit_removes_then_sets_then_pushes() {
    let commit = parse(json!({
        term::REMOVE: ["https://p.example/a", "https://p.example/absent"],
        term::SET: { "https://p.example/b": 2 },
        term::PUSH: { "https://p.example/c": ["x", "x"], "https://p.example/d": [1] },
    }));
    let commit = commit.unwrap().commit;
    let before =
        properties(json!({ "https://p.example/a": 1, "https://p.example/b": 1, "https://p.example/c": ["w"] }));
    let after = commit.apply(before).unwrap().unwrap();
    let expected = json!({
        "https://p.example/b": 2,
        "https://p.example/c": ["w", "x", "x"],
        "https://p.example/d": [1],
        term::LAST_COMMIT: commit.id(),
    });
    assert_eq!(Value::Object(after), expected);
}

#[test]
fn destroy_wins_over_all() {
    let commit = parse(json!({ term::DESTROY: true, term::SET: { "https://p.example/b": 2 } })).unwrap().commit;
    assert_eq!(commit.apply(Properties::new()).unwrap(), None);
}

#[test]
fn pushing_to_a_text_is_a_mistake() {
    let commit = parse(json!({ term::PUSH: { "https://p.example/b": ["x"] } })).unwrap().commit;
    let error = commit.apply(properties(json!({ "https://p.example/b": "text" }))).unwrap_err();
    assert!(error.public().contains("Wrong datatype when pushing to array"), "{error}");
}

#[test]
fn what_is_signed_here_reads_like_what_is_posted() {
    let mut unsigned = Unsigned::new(Subject::parse("http://a.example/doc").unwrap());
    unsigned.set.insert("https://p.example/b".into(), json!("é\n"));
    unsigned.remove.push("https://p.example/a".into());
    let mut text = Vec::new();
    let commit = unsigned.sign("http://a.example/agents/x", Timestamp::from_millis(9), |bytes| {
        text = bytes.to_vec();
        [7; 64]
    });
    let read = Unverified::parse(&commit.json, &here()).unwrap();
    assert_eq!(read.signed.as_bytes(), text);
    assert_eq!((read.signature, &*read.commit), ([7; 64], &commit));
}

#[test]
fn what_the_house_made_says_so() {
    let unsigned = || Unsigned::new(Subject::parse("http://a.example/doc").unwrap());
    let at = Timestamp::from_millis(7);
    let (own, made) =
        (unsigned().sign("http://a.example/agents/x", at, |_| [1; 64]), unsigned().sign_for("x", at, |_| [1; 64]));
    let is_made = |commit: &Commit| Unverified::parse(&commit.json, &here()).unwrap().is_made_by_house();
    assert_eq!((is_made(&own), is_made(&made)), (false, true));
    let nested = parse(json!({ term::SET: { term::MADE_BY_HOUSE: true } })).unwrap();
    assert!(!nested.is_made_by_house(), "a property of a document is no mark");
}
