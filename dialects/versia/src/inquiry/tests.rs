//! Inquiries played by hand: what is fetched, what is believed, and what attackers serve instead (versia.md, section 5).

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

fn metadata() -> Value {
    json!({
        "type": "InstanceMetadata",
        "name": "A",
        "host": "a.example",
        "software": {"name": "versia-server", "version": "0.8.0"},
        "compatibility": {"versions": ["0.5.0"], "extensions": []},
        "public_key": {"algorithm": "ed25519", "key": KEY},
        "shared_inbox": "https://a.example/inbox",
        "created_at": "2024-01-01T00:00:00Z",
        "extensions": {"pub.versia:websockets": {
            "endpoint": "wss://a.example/.versia/ws", "subprotocols": ["pub.versia.websockets.v1"],
        }},
    })
}

fn instance() -> Value {
    changed(
        &metadata(),
        &[
            ("host", Value::Null),
            ("shared_inbox", Value::Null),
            ("domain", json!("a.example")),
            ("/compatibility/versions", json!(["0.6.0"])),
        ],
    )
}

fn profile() -> Value {
    json!({
        "type": "User",
        "id": "1",
        "uri": USER,
        "created_at": "2024-01-01T00:00:00Z",
        "username": "alice",
        "display_name": "Alice",
        "bio": {"text/plain": {"content": "I am", "remote": false}},
        "public_key": {"actor": USER, "algorithm": "ed25519", "key": KEY},
        "inbox": "https://a.example/users/1/inbox",
        "collections": {
            "outbox": "https://a.example/users/1/outbox",
            "followers": "https://a.example/users/1/followers",
            "following": "https://a.example/users/1/following",
            "featured": "https://a.example/users/1/featured",
        },
    })
}

fn later_profile() -> Value {
    json!({
        "type": "User",
        "id": "1",
        "created_at": "2024-01-01T00:00:00Z",
        "username": "alice",
        "fields": [],
        "manually_approves_followers": false,
        "indexable": true,
    })
}

fn note() -> Value {
    json!({
        "type": "Note",
        "id": "7",
        "uri": NOTE,
        "author": USER,
        "created_at": "2024-01-01T00:00:00Z",
        "group": "public",
        "content": {"text/plain": {"content": "Hi", "remote": false}},
        "collections": {"replies": "https://a.example/notes/7/replies", "quotes": "https://a.example/notes/7/quotes"},
    })
}

fn group() -> Value {
    json!({
        "type": "pub.versia:groups/Group",
        "id": "2",
        "uri": GROUP,
        "created_at": "2024-01-01T00:00:00Z",
        "name": {"text/plain": {"content": "Bee keepers", "remote": false}},
        "members": "https://a.example/groups/2/members",
    })
}

fn finger(links: Value) -> Value {
    json!({"subject": "acct:mallory@evil.example", "links": links})
}

const FINGER: &str = "https://a.example/.well-known/webfinger?resource=acct%3Aalice%40a%2Eexample";

fn named() -> Question {
    Question::Named { name: "alice".into(), host: host("a.example") }
}

#[test]
fn a_house_tells_of_itself() {
    let (finding, asked) = found_at(&house(), Question::Peer(host("a.example")), &[ok(WELL_KNOWN, &metadata())]);
    assert!(!asked[0].signed);
    let peer = peer(finding);
    assert_eq!(peer.host, host("a.example"));
    assert_eq!(peer.forms, [Form::Uri]);
    assert_eq!(peer.software, "A (versia-server 0.8.0)");
    assert_eq!(peer.key[..4], [0xf6, 0x81, 0x85, 0x3d]);
    assert_eq!(peer.shared_inbox.as_deref(), Some("https://a.example/inbox"));
    assert_eq!(peer.endpoint.as_deref(), Some("wss://a.example/.versia/ws"));
}

#[test]
fn a_house_of_the_later_form_tells_of_itself_elsewhere() {
    let versions = json!({"versions": ["0.6.0", "0.7.1"]});
    let served = [ok(WELL_KNOWN, &versions), ok(INSTANCE, &instance())];
    let (finding, asked) = found_at(&house(), Question::Peer(host("a.example")), &served);
    let peer = peer(finding);
    assert_eq!((peer.forms, peer.shared_inbox), (vec![Form::Reference], None));
    assert!(peer.endpoint.is_some() && !asked[1].signed);
    assert_eq!(asked[1].accept, "application/vnd.versia+json");
}

#[test]
fn who_understands_both_forms_is_spoken_to_in_the_earlier() {
    for document in [
        changed(&metadata(), &[("versions", json!(["0.6.0"]))]),
        changed(&metadata(), &[("/compatibility/versions", json!(["0.5.0", "0.6.0"]))]),
    ] {
        let peer = peer(found(Question::Peer(host("a.example")), &[ok(WELL_KNOWN, &document)]));
        assert_eq!(peer.forms, [Form::Uri, Form::Reference]);
    }
}

#[test]
fn metadata_is_not_believed() {
    let raw = STANDARD.encode([1; 32]);
    let long = STANDARD.encode([&STANDARD.decode(KEY).unwrap()[..], &[0]].concat());
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{KEY}\n-----END PUBLIC KEY-----");
    for (path, value) in [
        ("type", json!("User")),
        ("host", Value::Null),
        ("host", json!("b.example")),
        ("host", json!("A.example")),
        ("host", json!("a.example.")),
        ("host", json!("a.example:443")),
        ("host", json!("a.example.evil.example")),
        ("host", json!("https://a.example")),
        ("host", json!(["a.example"])),
        ("/compatibility/versions", json!(["0.4.0"])),
        ("/compatibility/versions", json!(["0.50.0", "10.5"])),
        ("public_key", Value::Null),
        ("public_key", json!(KEY)),
        ("/public_key/algorithm", json!("Ed25519")),
        ("/public_key/algorithm", json!("rsa")),
        ("/public_key/key", json!(raw)),
        ("/public_key/key", json!(long)),
        ("/public_key/key", json!(pem)),
        ("/public_key/key", json!(KEY.replace("K2VwAyEA", "K2VuAyEA"))),
        ("/public_key/key", json!(KEY.trim_end_matches('='))),
        ("/public_key/key", json!(KEY.replace('/', "_"))),
    ] {
        let document = changed(&metadata(), &[(path, value.clone())]);
        let found = found(Question::Peer(host("a.example")), &[ok(WELL_KNOWN, &document)]);
        let error = found.unwrap_err();
        assert_eq!(error.kind(), Kind::BadMessage, "{path} {value}");
        assert!(!error.public().contains("evil"), "nothing of it is repeated");
    }
    for (path, value) in [("domain", json!("b.example")), ("domain", json!("a.example:8443")), ("type", json!("x"))] {
        let document = changed(&instance(), &[(path, value)]);
        let served = [ok(WELL_KNOWN, &json!({"versions": ["0.6.0"]})), ok(INSTANCE, &document)];
        assert_eq!(kind(found(Question::Peer(host("a.example")), &served)), Kind::BadMessage, "{path}");
    }
}

#[test]
fn places_of_a_third_party_are_no_places() {
    for endpoint in [
        "wss://c.example/.versia/ws",
        "ws://a.example/.versia/ws",
        "https://a.example/.versia/ws",
        "wss://a.example:8443/.versia/ws",
        "wss://a.example:443/.versia/ws",
        "wss://a.example.evil.example/.versia/ws",
        "wss://a.example@evil.example/.versia/ws",
        "wss://user@a.example/.versia/ws",
        "wss://a.example\\@evil.example/",
        "wss://a.example/.versia/ws?to=evil",
        "wss://a.example/.versia/ws#x",
        "wss://A.example/.versia/ws",
        "wss://127.0.0.1/.versia/ws",
        "wss://[::1]/.versia/ws",
        "//a.example/.versia/ws",
        "/.versia/ws",
        "",
    ] {
        let document = changed(&metadata(), &[("/extensions/pub.versia:websockets/endpoint", json!(endpoint))]);
        let peer = peer(found(Question::Peer(host("a.example")), &[ok(WELL_KNOWN, &document)]));
        assert_eq!(peer.endpoint, None, "{endpoint}");
    }
    for block in [json!({}), json!({"endpoint": "wss://a.example/.versia/ws", "subprotocols": ["v2"]}), json!(7)] {
        let document = changed(&metadata(), &[("/extensions/pub.versia:websockets", block)]);
        assert_eq!(peer(found(Question::Peer(host("a.example")), &[ok(WELL_KNOWN, &document)])).endpoint, None);
    }
    for inbox in ["https://c.example/inbox", "http://a.example/inbox", "https://a.example@c.example/inbox", "inbox"] {
        let document = changed(&metadata(), &[("shared_inbox", json!(inbox))]);
        let peer = peer(found(Question::Peer(host("a.example")), &[ok(WELL_KNOWN, &document)]));
        assert_eq!(peer.shared_inbox, None, "{inbox}");
    }
}

#[test]
fn what_a_peer_calls_itself_is_harmless() {
    let called = format!("\u{1b}[2J{}\n", "x".repeat(1000));
    let document = changed(&metadata(), &[("name", json!(called))]);
    let peer = peer(found(Question::Peer(host("a.example")), &[ok(WELL_KNOWN, &document)]));
    assert!(peer.software.starts_with("[2Jxxx") && peer.software.len() <= 100);
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
    ] {
        assert_eq!(kind(found(question, &[])), Kind::BadMessage);
    }
}

#[test]
fn a_user_is_fetched_with_its_key() {
    let (finding, asked) = found_at(&house(), Question::User(uri(USER)), &[ok(USER, &profile())]);
    assert!(asked[0].signed);
    let user = user(finding);
    assert_eq!((user.address, user.username.as_str(), user.group), (uri(USER), "alice", false));
    assert_eq!((user.display_name.as_deref(), user.bio.as_deref()), (Some("Alice"), Some("I am")));
    assert_eq!(user.key.map(|key| key[0]), Some(0xf6));
    assert_eq!(user.inbox.as_deref(), Some("https://a.example/users/1/inbox"));
    assert_eq!(*user.text, profile().to_string());
}

#[test]
fn a_user_is_not_believed() {
    for (path, value) in [
        ("type", json!("Note")),
        ("type", json!("pub.versia:groups/Group")),
        ("uri", Value::Null),
        ("uri", json!("https://a.example/users/2")),
        ("uri", json!("https://a.example/users/1/")),
        ("uri", json!("https://a.example/users/%31")),
        ("uri", json!("https://A.example/users/1")),
        ("uri", json!("https://a.example:443/users/1")),
        ("uri", json!("https://c.example/users/1")),
        ("uri", json!("https://b.example/users/1")),
        ("username", json!("al ice")),
        ("username", json!("alice@b.example")),
        ("inbox", Value::Null),
        ("inbox", json!("https://c.example/inbox")),
        ("inbox", json!("https://b.example/inbox")),
        ("inbox", json!("https://127.0.0.1/inbox")),
        ("/collections/outbox", json!("https://c.example/outbox")),
        ("public_key", Value::Null),
        ("/public_key/actor", json!("https://a.example/users/2")),
        ("/public_key/actor", json!("https://c.example/users/1")),
        ("/public_key/algorithm", json!("rsa")),
        ("/public_key/key", json!(STANDARD.encode([1; 32]))),
        ("/public_key/key", json!("")),
    ] {
        let document = changed(&profile(), &[(path, value.clone())]);
        assert_eq!(kind(found(Question::User(uri(USER)), &[ok(USER, &document)])), Kind::BadMessage, "{path} {value}");
    }
    assert_eq!(kind(found(Question::User(uri(USER)), &[(USER, 404, Vec::new())])), Kind::NotFound);
}

#[test]
fn a_user_of_the_later_form_has_two_paths() {
    const SHORT: &str = "https://a.example/.versia/v0.6/entities/User/1";
    const LONG: &str = "https://a.example/.versia/v0.6/entities/pub.versia%3Ausers%2FUser/1";
    let address = reference("User a.example:1");
    let question = || Question::User(address.clone());
    let (finding, asked) = found_at(&house(), question(), &[ok(SHORT, &later_profile())]);
    let profile = user(finding);
    assert_eq!((profile.address, profile.key, profile.inbox), (address.clone(), None, None));
    assert!(asked[0].signed && asked[0].accept == "application/vnd.versia+json");

    let missing = |url| (url, 404, Vec::new());
    assert_eq!(user(found(question(), &[missing(SHORT), ok(LONG, &later_profile())])).address, address);
    assert_eq!(kind(found(question(), &[missing(SHORT), missing(LONG)])), Kind::NotFound);
    assert_eq!(kind(found(question(), &[(SHORT, 503, Vec::new())])), Kind::Unavailable);
    for change in [("id", json!("2")), ("id", Value::Null), ("id", json!("../1")), ("type", json!("Note"))] {
        let document = changed(&later_profile(), &[change]);
        assert_eq!(kind(found(question(), &[ok(SHORT, &document)])), Kind::BadMessage);
    }
}

#[test]
fn a_name_leads_to_a_user() {
    let link = |media: &str, href: &str| json!({"rel": "self", "type": media, "href": href});
    const LATER: &str = "https://a.example/.versia/v0.6/entities/User/1";
    let (json, versia) = ("application/json", "application/vnd.versia+json");
    for links in [
        json!([link(json, USER)]),
        json!([link(versia, LATER), link(json, USER)]),
        json!([link("text/html", "https://a.example/@alice"), link("application/json; charset=utf-8", USER)]),
        json!([{"rel": "avatar", "type": json, "href": "https://a.example/x"}, link(json, USER)]),
        // What leads to a third party is passed over.
        json!([link(json, "https://c.example/users/1"), link(json, USER)]),
        json!([7, {}, link(json, USER)]),
    ] {
        let served = [ok(FINGER, &finger(links)), ok(USER, &profile())];
        assert_eq!(user(found(named(), &served)).address, uri(USER));
    }
    // The subject is of no use, and a server of the later form may name its link as the earlier does.
    for links in [json!([link(versia, LATER)]), json!([link(json, LATER)])] {
        let served = [ok(FINGER, &finger(links)), ok(LATER, &later_profile())];
        assert_eq!(user(found(named(), &served)).address, reference("User a.example:1"));
    }
    for links in [
        json!([]),
        json!("x"),
        json!([link("text/html", USER)]),
        json!([link(json, "https://c.example/users/1")]),
        json!([link(json, "http://a.example/users/1")]),
        json!([link(json, "https://a.example@c.example/users/1")]),
        json!([link(json, "https://a.example.c.example/users/1")]),
        json!([link(json, "https://b.example/users/1")]),
        json!([link(json, "https://127.0.0.1/users/1")]),
        json!([link(versia, "https://a.example/.versia/v0.6/entities/Delete/1")]),
        json!([link(versia, "https://a.example/.versia/v0.6/entities/User/a%2Fb")]),
    ] {
        assert_eq!(kind(found(named(), &[ok(FINGER, &finger(links.clone()))])), Kind::BadMessage, "{links}");
    }
    assert_eq!(kind(found(named(), &[(FINGER, 404, Vec::new())])), Kind::NotFound);
    for name in ["", "al ice", "alice@c.example", "a/../b", "ü", &"a".repeat(1000)] {
        let question = Question::Named { name: name.into(), host: host("a.example") };
        assert_eq!(kind(found(question, &[])), Kind::BadMessage, "{name}");
    }
}

#[test]
fn a_url_leads_to_whatever_is_there() {
    let at = |url: &str| Question::At(url.into());
    assert_eq!(user(found(at(USER), &[ok(USER, &profile())])).address, uri(USER));
    let found_group = user(found(at(GROUP), &[ok(GROUP, &group())]));
    assert!(found_group.group && found_group.address == uri(GROUP));
    assert!(matches!(found(at(NOTE), &[ok(NOTE, &note())]), Ok(Finding::Note(_))));
    const LATER: &str = "https://a.example/.versia/v0.6/entities/pub.versia%3Ausers%2FUser/1";
    let served = [ok("https://a.example/.versia/v0.6/entities/User/1", &later_profile())];
    assert_eq!(user(found(at(LATER), &served)).address, reference("User a.example:1"));

    assert_eq!(kind(found(at(USER), &[ok(USER, &json!({"type": "Delete"}))])), Kind::NotFound);
    assert_eq!(kind(found(at(USER), &[ok(USER, &json!({}))])), Kind::NotFound);
    let elsewhere = "https://a.example/@alice";
    assert_eq!(kind(found(at(elsewhere), &[ok(elsewhere, &profile())])), Kind::BadMessage, "another uri");
    for url in [
        "",
        "alice",
        "http://a.example/users/1",
        "ftp://a.example/users/1",
        "https://127.0.0.1/users/1",
        "https://169.254.169.254/latest/meta-data",
        "https://localhost/users/1",
        "https://a.example@evil.example/users/1",
        "https://a.example\\evil/users/1",
        "https://a.example/users/1#x",
        "https://a.example/.versia/v0.6/entities/Delete/1",
    ] {
        assert_eq!(kind(found(at(url), &[])), Kind::BadMessage, "{url}");
    }
}

#[test]
fn a_group_is_somebody_without_a_key() {
    let profile = user(found(Question::Group(uri(GROUP)), &[ok(GROUP, &group())]));
    assert_eq!((profile.address, profile.group, profile.key, profile.inbox), (uri(GROUP), true, None, None));
    assert_eq!(profile.display_name.as_deref(), Some("Bee keepers"));
    assert_eq!(*profile.text, group().to_string());
    for (path, value) in [
        ("type", json!("User")),
        ("uri", json!("https://a.example/groups/3")),
        ("uri", json!("https://c.example/groups/2")),
        ("members", json!("https://c.example/members")),
        ("members", Value::Null),
        ("name", json!("Bee keepers")),
    ] {
        let document = changed(&group(), &[(path, value.clone())]);
        let found = found(Question::Group(uri(GROUP)), &[ok(GROUP, &document)]);
        assert_eq!(kind(found), Kind::BadMessage, "{path} {value}");
    }
    const LATER: &str = "https://a.example/.versia/v0.6/entities/pub.versia%3Agroups%2FGroup/2";
    let later = json!({
        "type": "pub.versia:groups/Group", "id": "2", "created_at": "2024-01-01T00:00:00Z",
        "name": null, "description": null, "open": true,
    });
    let address = reference("pub.versia:groups/Group a.example:2");
    assert_eq!(user(found(Question::Group(address.clone()), &[ok(LATER, &later)])).address, address);
}

#[test]
fn a_note_is_its_authors_and_of_its_house() {
    let finding = found(Question::Note(uri(NOTE)), &[ok(NOTE, &note())]).unwrap();
    let Finding::Note(incoming) = finding else { panic!("{finding:?}") };
    assert_eq!((incoming.name.as_ref(), incoming.actor.as_ref()), (Some(&uri(NOTE)), Some(&uri(USER))));
    assert!(matches!(&incoming.deed, Deed::Note(said) if said.content == "Hi"));
    for (path, value) in [
        ("type", json!("User")),
        ("uri", json!("https://a.example/notes/8")),
        ("uri", json!("https://c.example/notes/7")),
        ("author", Value::Null),
        ("author", json!("https://c.example/users/1")),
        ("author", json!("https://b.example/users/1")),
        ("author", json!("https://a.example@c.example/users/1")),
        ("content", json!({"text/plain": {"content": "Hi", "remote": true}})),
    ] {
        let document = changed(&note(), &[(path, value.clone())]);
        let found = found(Question::Note(uri(NOTE)), &[ok(NOTE, &document)]);
        assert_eq!(kind(found), Kind::BadMessage, "{path} {value}");
    }
}

#[test]
fn a_note_of_the_later_form_is_of_its_domain() {
    let url = Box::leak(format!("{ENTITY}/Note/7").into_boxed_str());
    let later = json!({
        "type": "Note", "id": "7", "author": "1", "created_at": "2024-01-01T00:00:00Z", "group": "public",
        "content": {"text/plain": {"content": "Hi", "remote": false}},
        "attachments": [], "is_sensitive": false, "mentions": [], "previews": [],
    });
    let address = reference("Note a.example:7");
    let Finding::Note(incoming) = found(Question::Note(address.clone()), &[ok(url, &later)]).unwrap() else {
        panic!("no note")
    };
    assert_eq!(incoming.actor, Some(reference("User a.example:1")));
    for change in [("id", json!("8")), ("author", json!("c.example:1"))] {
        let document = changed(&later, &[change]);
        assert_eq!(kind(found(Question::Note(address.clone()), &[ok(url, &document)])), Kind::BadMessage);
    }
}

#[test]
fn on_one_machine_peers_are_plain() {
    let house = house_of("http://127.0.0.1:8080", Reach::Loopback);
    let host = Host::parse("127.0.0.1:9090", Reach::Loopback).unwrap();
    let document = changed(
        &metadata(),
        &[
            ("host", json!("127.0.0.1:9090")),
            ("shared_inbox", json!("http://127.0.0.1:9090/inbox")),
            ("/extensions/pub.versia:websockets/endpoint", json!("ws://127.0.0.1:9090/.versia/ws")),
        ],
    );
    let served = [ok("http://127.0.0.1:9090/.well-known/versia", &document)];
    let peer = peer(found_at(&house, Question::Peer(host), &served).0);
    assert_eq!(peer.endpoint.as_deref(), Some("ws://127.0.0.1:9090/.versia/ws"));
    assert_eq!(peer.shared_inbox.as_deref(), Some("http://127.0.0.1:9090/inbox"));
}
