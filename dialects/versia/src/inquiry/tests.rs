//! Inquiries played by hand: what is fetched, what is believed, and what attackers serve instead (versia.md, section 5).

mod houses;
mod things;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use quintet_core::federation::host::Reach;
use quintet_core::federation::{Deed, Form, PeerProfile, UserProfile};
use quintet_core::{Kind, Limits, Origin};
use serde_json::{Value, json};

use super::*;
use crate::Options;

/// The key `docs` of versia.md, section 6.
const KEY: &str = "MCowBQYDK2VwAyEA9oGFPbz+LThzQSOhWhOpUdFxLG07Rqmn0HtAFaCz/hM=";
const WELL_KNOWN: &str = "https://a.example/.well-known/versia";
const INSTANCE: &str = "https://a.example/.versia/v0.6/instance";
const USER: &str = "https://a.example/users/1";
const NOTE: &str = "https://a.example/notes/7";
const GROUP: &str = "https://a.example/groups/2";
const ENTITY: &str = "https://a.example/.versia/v0.6/entities";

fn house() -> Arc<House> {
    house_of("https://b.example", Reach::Net)
}

fn house_of(origin: &str, reach: Reach) -> Arc<House> {
    let options = Options { enabled: true, reach, ..Options::default() };
    Arc::new(House::new(&Origin(origin.into()), &Limits::default(), options))
}

fn host(text: &str) -> Host {
    Host::parse(text, Reach::Net).unwrap()
}

fn uri(key: &str) -> Address {
    Address { host: host("a.example"), form: Form::Uri, key: key.into() }
}

fn reference(key: &str) -> Address {
    Address { host: host("a.example"), form: Form::Reference, key: key.into() }
}

/// What a peer serves at a URL.
type Served = (&'static str, u16, Vec<u8>);

fn ok(url: &'static str, document: &Value) -> Served {
    (url, 200, document.to_string().into_bytes())
}

/// Plays an inquiry against what is served, which must be asked for in this order, all of it.
fn found(question: Question, served: &[Served]) -> Result<Finding, Error> {
    found_at(&house(), question, served).0
}

fn found_at(house: &Arc<House>, question: Question, served: &[Served]) -> (Result<Finding, Error>, Vec<Fetch>) {
    let (mut inquiry, mut served, mut asked, mut fetched) = (begin(house, question), served.iter(), Vec::new(), None);
    loop {
        match inquiry.step(fetched.take()) {
            Step::Done(found) => {
                assert_eq!(served.next(), None, "not asked for; {found:?}");
                return (found, asked);
            }
            Step::Fetch(fetch) => {
                let (url, status, body) = served.next().unwrap_or_else(|| panic!("asks for {}", fetch.url));
                assert_eq!(fetch.url, *url);
                let content_type = Some("application/json".into());
                fetched =
                    Some(Ok(Fetched { url: fetch.url.clone(), status: *status, content_type, body: body.clone() }));
                asked.push(fetch);
            }
        }
    }
}

fn peer(found: Result<Finding, Error>) -> PeerProfile {
    match found.unwrap() {
        Finding::Peer(peer) => *peer,
        other => panic!("{other:?}"),
    }
}

fn user(found: Result<Finding, Error>) -> UserProfile {
    match found.unwrap() {
        Finding::User(user) => *user,
        other => panic!("{other:?}"),
    }
}

fn kind(found: Result<Finding, Error>) -> Kind {
    found.unwrap_err().kind()
}

/// A document with some members changed; `null` takes one away. Names of nested ones are joined by slashes.
fn changed(document: &Value, changes: &[(&str, Value)]) -> Value {
    let mut document = document.clone();
    for (path, value) in changes {
        let (object, name) = path.rsplit_once('/').unwrap_or(("", *path));
        let object = document.pointer_mut(object).unwrap().as_object_mut().unwrap();
        match value {
            Value::Null => object.shift_remove(name),
            value => object.insert(name.to_owned(), value.clone()),
        };
    }
    document
}

#[test]
fn answers_that_are_none() {
    let twice = br#"{"type":"InstanceMetadata","host":"b.example","host":"a.example"}"#;
    let deep = format!(r#"{{"x":{}{}}}"#, "[".repeat(100), "]".repeat(100));
    for (status, body, wanted) in [
        (404, &b""[..], Kind::NotFound),
        (410, b"", Kind::NotFound),
        (403, b"", Kind::NotFound),
        (429, b"", Kind::Unavailable),
        (500, b"", Kind::Unavailable),
        (503, b"{}", Kind::Unavailable),
        (204, b"", Kind::BadMessage),
        (301, b"", Kind::BadMessage),
        (200, b"", Kind::BadMessage),
        (200, b"<html>", Kind::BadMessage),
        (200, b"[]", Kind::BadMessage),
        (200, b"{} {}", Kind::BadMessage),
        (200, b"\xff", Kind::BadMessage),
        (200, br#"{"a":"\ud800"}"#, Kind::BadMessage),
        (200, twice, Kind::BadMessage),
        (200, deep.as_bytes(), Kind::BadMessage),
    ] {
        let served = (WELL_KNOWN, status, body.to_vec());
        let found = found(Question::Peer(host("a.example")), &[served]);
        assert_eq!(kind(found), wanted, "{status} {}", String::from_utf8_lossy(body));
    }
    let mut inquiry = begin(&house(), Question::Peer(host("a.example")));
    assert!(matches!(inquiry.step(None), Step::Fetch(_)));
    let step = inquiry.step(Some(Err(Error::unavailable("no answer in time"))));
    assert!(matches!(step, Step::Done(Err(error)) if error.kind() == Kind::Unavailable));
    assert!(matches!(inquiry.step(None), Step::Done(Err(_))), "and then it is over");
}

#[test]
fn this_house_is_not_asked_over_the_net() {
    for question in [
        Question::Peer(host("b.example")),
        Question::Named { name: "alice".into(), host: host("b.example") },
        Question::At("https://b.example/users/1".into()),
        Question::User(Address { host: host("b.example"), form: Form::Uri, key: "https://b.example/users/1".into() }),
    ] {
        assert_eq!(kind(found(question, &[])), Kind::BadMessage);
    }
}

proptest::proptest! {
    /// However strange the answers are, an inquiry comes to an end, soon.
    #[test]
    fn every_inquiry_ends(
        url in "https://a\\.example/[ -~]{0,30}",
        status in proptest::sample::select(vec![200_u16, 404, 500, 301]),
        kind in "InstanceMetadata|User|Note|pub\\.versia:groups/Group|[ -~]{0,10}",
        text in "[ -~]{0,20}",
        garbage: Vec<u8>,
    ) {
        let document = json!({
            "type": kind, "host": "a.example", "domain": text, "versions": ["0.6.0", text], "uri": url, "author": url, "id": text,
            "links": [{"rel": "self", "type": "application/json", "href": url}, text],
            "public_key": {"actor": url, "algorithm": "ed25519", "key": text},
        });
        for body in [document.to_string().into_bytes(), garbage] {
            for question in [
                Question::Peer(host("a.example")),
                Question::At(url.clone()),
                Question::Named { name: "alice".into(), host: host("a.example") },
                Question::User(uri(&url)),
                Question::Group(reference(&text)),
                Question::Note(reference(&format!("Note a.example:{text}"))),
            ] {
                let (mut inquiry, mut fetched) = (begin(&house(), question), None);
                let ended = (0..4).any(|_| match inquiry.step(fetched.take()) {
                    Step::Done(_) => true,
                    Step::Fetch(Fetch { url, .. }) => {
                        fetched = Some(Ok(Fetched { url, status, content_type: None, body: body.clone() }));
                        false
                    }
                });
                proptest::prop_assert!(ended);
            }
        }
    }
}
