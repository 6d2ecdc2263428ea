//! Every endpoint, asked as a peer asks.

mod inboxes;
mod things;

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey};
use quintet_core::agent::AgentKey;
use quintet_core::federation::desk::{Item, List, Reception, Shown};
use quintet_core::federation::host::Reach;
use quintet_core::federation::pen::Hand;
use quintet_core::federation::{Address, Audience, Note, Pen, Target};
use quintet_core::identity::Author;
use quintet_core::user::Status;
use quintet_core::{Id, Origin, Room, Timestamp, User};
use serde_json::{Value, json};

use super::*;
use crate::{Options, signing};

const NOW: Timestamp = Timestamp::from_millis(1_766_221_200_500);
const SIGNED_AT: &str = "1766221200";

/// Signs with a key for each: the house's is of zeros.
struct Keys;

fn key_of(who: &Own) -> SigningKey {
    let seed = match who {
        Own::User(id) => u8::try_from(id.get() % 251).unwrap() + 1,
        _ => 0,
    };
    SigningKey::from_bytes(&[seed; 32])
}

impl Hand for Keys {
    fn sign(&self, who: &Own, text: &[u8]) -> [u8; 64] {
        key_of(who).sign(text).to_bytes()
    }

    fn public(&self, who: &Own) -> [u8; 32] {
        key_of(who).verifying_key().to_bytes()
    }
}

fn house() -> Arc<House> {
    house_of("https://b.example", Options { enabled: true, ..Options::default() })
}

fn house_of(origin: &str, options: Options) -> Arc<House> {
    Arc::new(House::new(&Origin(origin.into()), &Limits::default(), options))
}

fn id(number: u64) -> Id {
    Id::new(number).unwrap()
}

fn asking(method: &str, target: &str) -> Request {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let head = Head { method: method.into(), path: path.into(), query: query.into(), headers: Vec::new() };
    Request { head, ..Request::default() }
}

fn get(target: &str) -> Request {
    asking("GET", target)
}

fn with(mut request: Request, headers: &[(&str, &str)]) -> Request {
    request.head.headers.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    request
}

fn signed_by(request: Request, signer: &str) -> Request {
    let signature = STANDARD.encode([7; 64]);
    with(request, &[("versia-signature", &signature), ("versia-signed-at", SIGNED_AT), ("versia-signed-by", signer)])
}

fn posted(path: &str, body: &[u8]) -> Request {
    Request { body: body.to_vec().into(), ..asking("POST", path) }
}

fn asked_of(house: &Arc<House>, asked: &Request) -> (Ask, quintet_core::http::Reply) {
    match request(house, asked) {
        Step::Ask(Exchange { credential: Credential::None, call: Call::Federation(ask), reply }) => (*ask, reply),
        Step::Ask(exchange) => panic!("asks {:?}", exchange.call),
        Step::Reply(response) => panic!("replies {} {:?}", response.status, response.body),
    }
}

fn replied(asked: &Request) -> Response {
    match request(&house(), asked) {
        Step::Reply(response) => response,
        Step::Ask(exchange) => panic!("asks {:?}", exchange.call),
    }
}

fn shown_to(asked: &Request, shown: Shown) -> Response {
    asked_of(&house(), asked).1(Ok(exhibition(shown)))
}

fn exhibition(shown: Shown) -> Answer {
    Answer::Federation(Told::Shown(Box::new(Exhibition { shown, pen: Pen::new(Arc::new(Keys)), at: NOW })))
}

fn json_of(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap()
}

fn headers_of(response: &Response) -> HashMap<&str, &str> {
    response.headers.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

/// Checks the signature of a response as its reader would.
fn assert_sealed(response: &Response, method: &str, path: &str, owner: &Own, signer: &str) {
    let headers = headers_of(response);
    assert_eq!((headers["versia-signed-by"], headers["versia-signed-at"]), (signer, SIGNED_AT));
    let signature = STANDARD.decode(headers["versia-signature"]).unwrap();
    let text = signing::text(method, path, SIGNED_AT, &response.body);
    let signature = Signature::from_slice(&signature).unwrap();
    key_of(owner).verifying_key().verify_strict(text.as_bytes(), &signature).unwrap();
}

fn user() -> User {
    User {
        id: id(5000),
        username: "alice".into(),
        nickname: "Alice".into(),
        bio: None,
        avatar: None,
        created_at: Timestamp::from_millis(1_700_000_000_000),
        disabled: false,
        agent: AgentKey([1; 32]),
        remote: None,
        status: Status::Offline,
    }
}

fn note(number: u64) -> Note {
    Note {
        id: id(number),
        author: Author { id: id(5000), name: "alice".into() },
        content: "Hi".into(),
        audience: Audience::Public,
        mentions: Vec::new(),
        replies_to: None,
        created_at: Timestamp::from_millis(1_700_000_000_000),
        edited: false,
    }
}

fn page(items: Vec<Item>, total: u64, of: Own) -> Shown {
    Shown::Page { of, total, items }
}

fn shown_user() -> Shown {
    Shown::User(Box::new(user()))
}

fn shown_house() -> Shown {
    let created_at = Timestamp::from_millis(1_700_000_000_000);
    Shown::House { name: "B".into(), description: "Bees".into(), created_at }
}

#[test]
fn only_what_is_numbered_and_what_is_named_is_ours() {
    for path in [
        "/.well-known/versia",
        "/.well-known/webfinger",
        "/inbox",
        "/users/5000",
        "/users/5000/outbox",
        "/notes/1",
        "/groups/1/members",
        "/reactions/1/2/4p2k",
        "/.versia/v0.6/entities/User/1",
        "/.versia/else",
    ] {
        assert!(serves(path), "{path}");
    }
    for path in
        ["/", "/users", "/users/", "/users/alice", "/notes/x1", "/groups/-1", "/inbox/", "/.well-known/x", "/user/1"]
    {
        assert!(!serves(path), "{path}");
    }
}

#[test]
fn what_is_not_there_is_told_in_the_form_of_its_path() {
    for path in ["/users/01", "/users/1/likes", "/users/99999999999999999999", "/notes/1/outbox", "/groups/1/followers"]
    {
        let response = replied(&get(path));
        assert_eq!((response.status, response.content_type), (404, Some(media::JSON_TEXT)), "{path}");
        assert_eq!(json_of(&response), json!({"error": "nothing is here"}), "{path}");
    }
    for path in [
        "/.versia/v0.6/entities",
        "/.versia/v0.6/entities/User",
        "/.versia/v0.6/entities/User/x",
        "/.versia/v0.6/entities/User/a.example:1",
        "/.versia/v0.6/entities/Delete/1",
        "/.versia/v0.6/entities/User/%ff",
        "/.versia/v0.6/entities/User/1/collections/members",
        "/.versia/v0.6/entities/User/1/collections/",
        "/.versia/v0.6/entities/User/1/x/outbox",
    ] {
        let response = replied(&get(path));
        assert_eq!((response.status, response.content_type), (404, Some(media::VERSIA_TEXT)), "{path}");
    }
}

#[test]
fn a_path_has_its_methods() {
    for (method, path, allow) in [
        ("POST", "/users/5000", "GET, HEAD"),
        ("PUT", "/.versia/v0.6/instance", "GET, HEAD"),
        ("GET", "/inbox", "POST"),
        ("DELETE", "/.versia/v0.6/messaging", "POST"),
        ("OPTIONS", "/users/5000/inbox", "POST"),
        ("POST", "/.versia/ws", "GET"),
    ] {
        let response = replied(&asking(method, path));
        assert_eq!((response.status, headers_of(&response)["allow"]), (405, allow), "{method} {path}");
    }
}

#[test]
fn who_asks_for_the_socket_without_a_handshake_is_told_so() {
    let response = replied(&get("/.versia/ws"));
    assert_eq!((response.status, headers_of(&response)["upgrade"]), (426, "websocket"));
}

#[test]
fn the_house_tells_of_itself_in_both_forms() {
    let response = shown_to(&get("/.well-known/versia"), shown_house());
    assert_eq!((response.status, response.content_type), (200, Some(media::JSON_TEXT)));
    assert_sealed(&response, "get", "/.well-known/versia", &Own::House, "instance b.example");
    let public_key = json!({
        "algorithm": "ed25519",
        "key": crate::entity::profile::spell_public_key(&key_of(&Own::House).verifying_key().to_bytes()),
    });
    let mut wanted = json!({
        "compatibility": {
            "extensions": [
                "pub.versia:groups", "pub.versia:instance_messaging", "pub.versia:likes", "pub.versia:reactions",
                "pub.versia:websockets",
            ],
            "versions": ["0.5.0", "0.6.0"],
        },
        "created_at": "2023-11-14T22:13:20Z",
        "description": "Bees",
        "extensions": {
            "pub.versia:instance_messaging": {"endpoint": "https://b.example/.versia/v0.6/messaging"},
            "pub.versia:websockets": {
                "endpoint": "wss://b.example/.versia/ws", "subprotocols": ["pub.versia.websockets.v1"],
            },
        },
        "host": "b.example",
        "name": "B",
        "public_key": public_key,
        "shared_inbox": "https://b.example/inbox",
        "software": {"name": "quintet", "version": env!("CARGO_PKG_VERSION")},
        "type": "InstanceMetadata",
        "versions": ["0.5.0", "0.6.0"],
    });
    assert_eq!(str::from_utf8(&response.body).unwrap(), wanted.to_string(), "its keys are in order");

    let strict = house_of("https://b.example", Options { enabled: true, strict_metadata: true, ..Options::default() });
    let response = asked_of(&strict, &get("/.well-known/versia")).1(Ok(exhibition(shown_house())));
    wanted.as_object_mut().unwrap().shift_remove("versions");
    assert_eq!(json_of(&response), wanted);

    let response = shown_to(&get("/.versia/v0.6/instance"), shown_house());
    assert_eq!((response.status, response.content_type, response.headers.len()), (200, Some(media::VERSIA_TEXT), 0));
    for (name, value) in [("domain", json!("b.example")), ("logo", Value::Null), ("banner", Value::Null)] {
        wanted[name] = value;
    }
    wanted["extensions"].as_object_mut().unwrap().shift_remove("pub.versia:instance_messaging");
    for name in ["host", "shared_inbox"] {
        wanted.as_object_mut().unwrap().shift_remove(name);
    }
    assert_eq!(json_of(&response), wanted);
}

#[test]
fn on_one_machine_sockets_are_plain() {
    let options = Options { enabled: true, reach: Reach::Loopback, ..Options::default() };
    let house = house_of("http://127.0.0.1:8080", options);
    let response = asked_of(&house, &get("/.well-known/versia")).1(Ok(exhibition(shown_house())));
    let document = json_of(&response);
    assert_eq!(document["extensions"]["pub.versia:websockets"]["endpoint"], "ws://127.0.0.1:8080/.versia/ws");
    assert_eq!(
        (&document["host"], &document["shared_inbox"]),
        (&json!("127.0.0.1:8080"), &json!("http://127.0.0.1:8080/inbox"))
    );
}

#[test]
fn names_are_found() {
    for (resource, exhibit) in [
        ("acct:alice@b.example", Exhibit::Named("alice".into())),
        ("acct%3AAlice%40B.Example", Exhibit::Named("Alice".into())),
        ("acct:5000@b.example", Exhibit::User(id(5000))),
        ("acct:007@b.example", Exhibit::Named("007".into())),
    ] {
        let (ask, reply) = asked_of(&house(), &get(&format!("/.well-known/webfinger?resource={resource}")));
        assert!(matches!(&ask, Ask::Show { exhibit: asked, reader: None } if *asked == exhibit), "{ask:?}");
        let response = reply(Ok(exhibition(shown_user())));
        assert_eq!((response.status, response.content_type), (200, Some("application/jrd+json")));
        let document = json_of(&response);
        assert_eq!(document["subject"], resource.replace("%3A", ":").replace("%40", "@"), "echoes what was asked");
        assert_eq!(
            document["links"],
            json!([
                {"rel": "self", "type": "application/json", "href": "https://b.example/users/5000"},
                {"rel": "self", "type": "application/vnd.versia+json",
                 "href": "https://b.example/.versia/v0.6/entities/User/5000"},
            ])
        );
    }
    for (query, status) in [
        ("", 400),
        ("?resource=", 400),
        ("?resource=alice@b.example", 400),
        ("?resource=acct:alice", 400),
        ("?resource=acct:@b.example", 400),
        ("?resource=acct:alice@", 400),
        ("?resource=acct:@alice@b.example", 400),
        ("?resource=https://b.example/users/1", 400),
        ("?resource=acct:alice@a.example", 404),
        ("?resource=acct:alice@b.example:443", 404),
        ("?resource=acct:alice@b.example.", 404),
    ] {
        assert_eq!(replied(&get(&format!("/.well-known/webfinger{query}"))).status, status, "{query}");
    }
    let none =
        asked_of(&house(), &get("/.well-known/webfinger?resource=acct:x@b.example")).1(Err(Error::not_found("x")));
    assert_eq!(none.status, 404);
}

#[test]
fn a_host_has_its_port() {
    let house = house_of("https://b.example:8443", Options { enabled: true, ..Options::default() });
    let (ask, _) = asked_of(&house, &get("/.well-known/webfinger?resource=acct:alice@b.example:8443"));
    assert!(matches!(ask, Ask::Show { exhibit: Exhibit::Named(_), .. }));
}

#[test]
fn who_does_not_federate_shows_nothing() {
    let house = house_of("https://b.example", Options::default());
    let Step::Reply(response) = request(&house, &get("/.well-known/versia")) else { panic!("asks") };
    assert_eq!(response.status, 404);
}

proptest::proptest! {
    /// Whatever is asked, something is answered, or asked of the hall; and whatever that answers has a response.
    #[test]
    fn no_request_is_too_strange(
        method in "GET|POST|HEAD|[A-Z]{0,8}",
        path in "/(users|notes|groups|reactions|inbox|\\.versia/v0\\.6/(entities|inbox)|\\.well-known/webfinger)(/(User|[0-9]{1,20}|%[0-9a-fA-F]{2}|collections|outbox|pub\\.versia:notes|[ -~]{0,6})){0,5}",
        query in "(resource=acct:|page=|offset=|limit=)?[ -~]{0,20}",
        headers in proptest::collection::vec("[ -~]{0,90}", 4),
        body: Vec<u8>,
    ) {
        let mut asked = asking(&method, &format!("{path}?{query}"));
        let names = ["versia-signature", "versia-signed-at", "versia-signed-by", "accept"];
        asked = with(asked, &names.into_iter().zip(headers.iter().map(String::as_str)).collect::<Vec<_>>());
        let signed = signed_by(Request { body: body.into(), ..asking(&method, &format!("{path}?{query}")) }, "a.example");
        for asked in [asked, signed] {
            if let Step::Ask(exchange) = request(&house(), &asked) {
                let response = (exchange.reply)(Ok(exhibition(page(vec![Item::Note(note(5001))], u64::MAX, Own::House))));
                proptest::prop_assert!(response.status >= 200);
            }
        }
    }
}
