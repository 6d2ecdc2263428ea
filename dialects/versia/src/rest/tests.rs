//! Every endpoint, asked as a peer asks.

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

fn asked_of(house: &Arc<House>, asked: Request) -> (Ask, quintet_core::http::Reply) {
    match request(house, &asked) {
        Step::Ask(Exchange { credential: Credential::None, call: Call::Federation(ask), reply }) => (*ask, reply),
        Step::Ask(exchange) => panic!("asks {:?}", exchange.call),
        Step::Reply(response) => panic!("replies {} {:?}", response.status, response.body),
    }
}

fn replied(asked: Request) -> Response {
    match request(&house(), &asked) {
        Step::Reply(response) => response,
        Step::Ask(exchange) => panic!("asks {:?}", exchange.call),
    }
}

fn shown_to(asked: Request, shown: Shown) -> Response {
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

fn shown_user() -> Shown {
    Shown::User { user: Box::new(user()), manual: false }
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
        let response = replied(get(path));
        assert_eq!((response.status, response.content_type), (404, Some(JSON)), "{path}");
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
        let response = replied(get(path));
        assert_eq!((response.status, response.content_type), (404, Some(VERSIA)), "{path}");
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
    ] {
        let response = replied(asking(method, path));
        assert_eq!((response.status, headers_of(&response)["allow"]), (405, allow), "{method} {path}");
    }
}

#[test]
fn the_house_tells_of_itself_in_both_forms() {
    let response = shown_to(get("/.well-known/versia"), shown_house());
    assert_eq!((response.status, response.content_type), (200, Some(JSON)));
    assert_sealed(&response, "get", "/.well-known/versia", &Own::House, "instance b.example");
    let public_key = json!({
        "algorithm": "ed25519",
        "key": crate::entity::profile::spell_public_key(&key_of(&Own::House).verifying_key().to_bytes()),
    });
    let mut wanted = json!({
        "compatibility": {
            "extensions": ["pub.versia:groups", "pub.versia:likes", "pub.versia:reactions", "pub.versia:websockets"],
            "versions": ["0.5.0", "0.6.0"],
        },
        "created_at": "2023-11-14T22:13:20Z",
        "description": "Bees",
        "extensions": {"pub.versia:websockets": {
            "endpoint": "wss://b.example/.versia/ws", "subprotocols": ["pub.versia.websockets.v1"],
        }},
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
    let response = asked_of(&strict, get("/.well-known/versia")).1(Ok(exhibition(shown_house())));
    wanted.as_object_mut().unwrap().shift_remove("versions");
    assert_eq!(json_of(&response), wanted);

    let response = shown_to(get("/.versia/v0.6/instance"), shown_house());
    assert_eq!((response.status, response.content_type, response.headers.len()), (200, Some(VERSIA), 0));
    for (name, value) in [("domain", json!("b.example")), ("logo", Value::Null), ("banner", Value::Null)] {
        wanted[name] = value;
    }
    for name in ["host", "shared_inbox"] {
        wanted.as_object_mut().unwrap().shift_remove(name);
    }
    assert_eq!(json_of(&response), wanted);
}

#[test]
fn on_one_machine_sockets_are_plain() {
    let options = Options { enabled: true, reach: Reach::Loopback, ..Options::default() };
    let house = house_of("http://127.0.0.1:8080", options);
    let response = asked_of(&house, get("/.well-known/versia")).1(Ok(exhibition(shown_house())));
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
        let (ask, reply) = asked_of(&house(), get(&format!("/.well-known/webfinger?resource={resource}")));
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
        assert_eq!(replied(get(&format!("/.well-known/webfinger{query}"))).status, status, "{query}");
    }
    let none =
        asked_of(&house(), get("/.well-known/webfinger?resource=acct:x@b.example")).1(Err(Error::not_found("x")));
    assert_eq!(none.status, 404);
}

#[test]
fn a_host_has_its_port() {
    let house = house_of("https://b.example:8443", Options { enabled: true, ..Options::default() });
    let (ask, _) = asked_of(&house, get("/.well-known/webfinger?resource=acct:alice@b.example:8443"));
    assert!(matches!(ask, Ask::Show { exhibit: Exhibit::Named(_), .. }));
}

#[test]
fn things_are_shown_with_the_signature_of_their_owner() {
    let user = Own::User(id(5000));
    let room = Room {
        id: id(6000),
        parent: None,
        ordinality: 0,
        name: "general".into(),
        description: None,
        capabilities: None,
        created_at: NOW,
        created_by: id(5000),
        federated: true,
    };
    let heart = || Shown::Reaction {
        by: id(5000),
        number: id(9),
        to: Target::Own(Own::Note(id(9))),
        reaction: "❤".into(),
        at: NOW,
    };
    let alice = "https://b.example/users/5000";
    for (path, shown, kind, owner, signer) in [
        ("/users/5000", shown_user(), "User", &user, alice),
        ("/notes/5001", Shown::Note(Box::new(note(5001))), "Note", &user, alice),
        (
            "/groups/6000",
            Shown::Room(Box::new(room.clone())),
            "pub.versia:groups/Group",
            &Own::House,
            "instance b.example",
        ),
        ("/reactions/5000/9/4p2k", heart(), "pub.versia:likes/Like", &user, alice),
    ] {
        for method in ["GET", "HEAD"] {
            let response = shown_to(asking(method, path), shown.clone());
            assert_eq!((response.status, response.content_type), (200, Some(JSON)), "{path}");
            assert_eq!(json_of(&response)["type"], kind);
            assert_eq!(json_of(&response)["uri"], format!("https://b.example{path}"));
            assert_sealed(&response, &method.to_ascii_lowercase(), path, owner, signer);
        }
    }
    for (path, shown, kind) in [
        ("User/5000", shown_user(), "User"),
        ("pub.versia:users/User/5000", shown_user(), "User"),
        ("pub.versia%3Anotes%2FNote/5001", Shown::Note(Box::new(note(5001))), "Note"),
        ("pub.versia%3agroups%2fGroup/6000", Shown::Room(Box::new(room)), "pub.versia:groups/Group"),
        ("pub.versia:likes%2FLike/5000-9-4p2k", heart(), "pub.versia:likes/Like"),
    ] {
        let path = format!("/.versia/v0.6/entities/{path}");
        let response = shown_to(signed_by(get(&path), "a.example"), shown);
        assert_eq!((response.status, response.content_type), (200, Some(VERSIA)), "{path}");
        assert_eq!(json_of(&response)["type"], kind);
        assert_sealed(&response, "get", &path, &Own::House, "b.example");
    }
}

#[test]
fn a_like_is_no_reaction_of_another_type() {
    for kind in ["pub.versia:reactions%2FReaction", "pub.versia:likes%2FDislike"] {
        let path = format!("/.versia/v0.6/entities/{kind}/5000-9-4p2k");
        assert_eq!(replied(signed_by(get(&path), "a.example")).status, 404, "{kind}");
    }
}

#[test]
fn reading_is_signed_in_the_later_form_and_may_be_in_the_earlier() {
    let path = "/.versia/v0.6/entities/User/5000";
    assert_eq!(replied(get(path)).status, 401);
    assert_eq!(replied(get(&format!("{path}/collections/outbox"))).status, 401);
    let (ask, _) = asked_of(&house(), get("/users/5000"));
    assert!(matches!(ask, Ask::Show { reader: None, .. }));

    let path = "/.versia/v0.6/entities/pub.versia%3Ausers%2FUser/5000";
    let (ask, _) = asked_of(&house(), signed_by(get(path), "a.example"));
    let Ask::Show { exhibit: Exhibit::User(_), reader: Some(reader) } = ask else { panic!("{ask:?}") };
    let digest = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let twice = path.replace('%', "%25");
    assert_eq!(reader.texts, [format!("get {path} {SIGNED_AT} {digest}"), format!("get {twice} {SIGNED_AT} {digest}")]);
    assert!(!reader.once, "who reads may ask again");

    let (ask, _) = asked_of(&house(), signed_by(get("/notes/5001"), "https://a.example/users/1"));
    assert!(matches!(ask, Ask::Show { reader: Some(_), .. }));
    // A signature that is there must hold, and so be one.
    let half = with(get("/notes/5001"), &[("versia-signed-by", "a.example")]);
    assert_eq!(replied(half).status, 401);
    assert_eq!(replied(signed_by(get("/notes/5001"), "b.example")).status, 400);
    let refused = asked_of(&house(), signed_by(get("/notes/5001"), "a.example")).1(Err(Error::unauthenticated("no")));
    assert_eq!((refused.status, json_of(&refused)), (401, json!({"error": "no"})));
}

#[test]
fn the_later_form_is_not_for_who_wants_something_else() {
    let asked = |accept| with(signed_by(get("/.versia/v0.6/entities/User/5000"), "a.example"), &[("accept", accept)]);
    assert_eq!(replied(asked("text/html")).status, 406);
    for accept in ["application/vnd.versia+json; charset=utf-8", "text/html, */*;q=0.1", "application/json"] {
        assert!(matches!(asked_of(&house(), asked(accept)).0, Ask::Show { .. }), "{accept}");
    }
}

fn page(items: Vec<Item>, total: u64, of: Own) -> Shown {
    Shown::Page { of, total, items }
}

#[test]
fn lists_of_the_earlier_form_have_pages() {
    let user = Own::User(id(5000));
    let at = |page: u64| format!("https://b.example/users/5000/followers?page={page}");
    let host = Host::parse("a.example", Reach::Net).unwrap();
    let follower = |form, key: &str| Item::Named(Target::Remote(Address { host: host.clone(), form, key: key.into() }));
    for (query, total, offset, last, next, previous) in [
        ("", 0, 0, 1, None, None),
        ("?page=1", 41, 0, 2, Some(2), None),
        ("?page=2", 81, 40, 3, Some(3), Some(1)),
        ("?page=3", 80, 80, 2, None, Some(2)),
        ("?page=9", 1, 320, 1, None, Some(1)),
        ("?page=0", 1, 0, 1, None, None),
    ] {
        let (ask, reply) = asked_of(&house(), get(&format!("/users/5000/followers{query}")));
        let Ask::Show { exhibit, .. } = ask else { panic!("{ask:?}") };
        assert_eq!(exhibit, Exhibit::Page { of: user.clone(), list: List::Followers, offset, limit: 40 });
        // Whom only the other form can name is left out.
        let items =
            vec![follower(Form::Uri, "https://a.example/users/1"), follower(Form::Reference, "User a.example:2")];
        let response = reply(Ok(exhibition(page(items, total, user.clone()))));
        assert_sealed(&response, "get", "/users/5000/followers", &user, "https://b.example/users/5000");
        assert_eq!(
            json_of(&response),
            json!({
                "author": "https://b.example/users/5000",
                "first": at(1),
                "items": ["https://a.example/users/1"],
                "last": at(last),
                "next": next.map(at),
                "previous": previous.map(at),
                "total": total,
            }),
            "{query}"
        );
    }
    for query in ["?page=x", "?page=-1", "?page=1.5", "?page=99999999999999999999"] {
        assert_eq!(replied(get(&format!("/users/5000/followers{query}"))).status, 400, "{query}");
    }
}

#[test]
fn lists_of_the_later_form_have_stretches() {
    let path = "/.versia/v0.6/entities/pub.versia%3Agroups%2FGroup/6000/collections/members";
    for (query, offset, limit) in
        [("", 0, 40), ("?offset=7&limit=5", 7, 5), ("?limit=0", 0, 1), ("?limit=41", 0, 40), ("?limit=1000000", 0, 40)]
    {
        let (ask, reply) = asked_of(&house(), signed_by(get(&format!("{path}{query}")), "a.example"));
        let Ask::Show { exhibit, .. } = ask else { panic!("{ask:?}") };
        let room = Own::Room(id(6000));
        assert_eq!(exhibit, Exhibit::Page { of: room.clone(), list: List::Followers, offset, limit });
        let items = vec![Item::Named(Target::Own(Own::User(id(5000))))];
        let response = reply(Ok(exhibition(page(items, 1, room))));
        assert_eq!(json_of(&response), json!({"author": null, "items": ["b.example:5000"], "total": 1}));
        assert_sealed(&response, "get", path, &Own::House, "b.example");
    }
    assert_eq!(replied(signed_by(get(&format!("{path}?limit=x")), "a.example")).status, 400);
}

#[test]
fn every_list_has_its_path() {
    let (user, note, room) = (Own::User(id(5000)), Own::Note(id(5001)), Own::Room(id(6000)));
    let reactions = |kind| List::Reactions(kind);
    for (path, reference, of, list) in [
        ("/users/5000/outbox", "User/5000/collections/outbox", &user, List::Notes),
        ("/users/5000/followers", "User/5000/collections/followers", &user, List::Followers),
        ("/users/5000/following", "User/5000/collections/following", &user, List::Following),
        ("/users/5000/featured", "User/5000/collections/featured", &user, List::Featured),
        ("/notes/5001/replies", "Note/5001/collections/replies", &note, List::Replies),
        ("/notes/5001/quotes", "pub.versia:notes/Note/5001/collections/quotes", &note, List::Quotes),
        (
            "/notes/5001/likes",
            "Note/5001/collections/pub.versia%3Alikes%2FLikes",
            &note,
            reactions("pub.versia:likes/Like"),
        ),
        (
            "/notes/5001/dislikes",
            "Note/5001/collections/pub.versia:likes/Dislikes",
            &note,
            reactions("pub.versia:likes/Dislike"),
        ),
        (
            "/notes/5001/reactions",
            "Note/5001/collections/pub.versia:reactions%2FReactions",
            &note,
            reactions("pub.versia:reactions/Reaction"),
        ),
        (
            "/notes/5001/shares",
            "Note/5001/collections/pub.versia:share/Shares",
            &note,
            reactions("pub.versia:share/Share"),
        ),
        ("/groups/6000/members", "pub.versia:groups/Group/6000/collections/members", &room, List::Followers),
        ("/groups/6000/notes", "pub.versia%3Agroups%2FGroup/6000/collections/notes", &room, List::Notes),
    ] {
        let later = signed_by(get(&format!("/.versia/v0.6/entities/{reference}")), "a.example");
        for asked in [get(path), later] {
            let (ask, _) = asked_of(&house(), asked);
            let Ask::Show { exhibit: Exhibit::Page { of: whose, list: which, .. }, .. } = ask else {
                panic!("{ask:?}")
            };
            assert_eq!((&whose, which), (of, list), "{path}");
        }
    }
}

#[test]
fn an_outbox_has_whole_notes_and_other_lists_have_names() {
    let notes = || vec![Item::Note(note(5002)), Item::Note(note(5001))];
    let user = Own::User(id(5000));
    let response = shown_to(get("/users/5000/outbox"), page(notes(), 2, user.clone()));
    let document = json_of(&response);
    assert_eq!(document["items"][1]["uri"], "https://b.example/notes/5001");
    assert_eq!(document["items"][0]["type"], "Note");
    let later = signed_by(get("/.versia/v0.6/entities/User/5000/collections/outbox"), "a.example");
    assert_eq!(json_of(&shown_to(later, page(notes(), 2, user)))["items"][0]["id"], "5002");

    let response = shown_to(get("/groups/6000/notes"), page(notes(), 2, Own::Room(id(6000))));
    assert_eq!(json_of(&response)["items"], json!(["https://b.example/notes/5002", "https://b.example/notes/5001"]));
    assert_eq!(json_of(&response)["author"], Value::Null);
    assert_sealed(&response, "get", "/groups/6000/notes", &Own::House, "instance b.example");
}

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
        let (ask, reply) = asked_of(&house(), signed_by(posted(path, body.as_bytes()), signer));
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
        let (ask, _) = asked_of(&house(), signed_by(posted("/inbox", body), "https://a.example/users/1"));
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
        assert_eq!(replied(post(headers.0, headers.1, headers.2)).status, status, "{headers:?}");
    }
    // A published program signs fractions of seconds.
    let (ask, _) = asked_of(&house(), post(&signature, "1766221200.123", "https://a.example/users/1"));
    let Ask::Accept(signed, _) = ask else { panic!("{ask:?}") };
    assert_eq!(signed.signed_at, Timestamp::from_millis(1_766_221_200_000));
    assert!(signed.texts[0].starts_with("post /inbox 1766221200.123 "));
}

#[test]
fn a_sender_is_told_what_it_may_still_send() {
    let allowance = Allowance { limit: 100, remaining: 42, reset: 17 };
    let wanted = [("ratelimit-limit", "100"), ("ratelimit-remaining", "42"), ("ratelimit-reset", "17")];
    let post = || signed_by(posted("/inbox", FOLLOW.as_bytes()), "https://a.example/users/1");
    let taken = asked_of(&house(), post()).1(Ok(Answer::Federation(Told::Received(Reception::Known, Some(allowance)))));
    assert_eq!((taken.status, headers_of(&taken)), (202, wanted.into()));

    let data = serde_json::value::to_raw_value(&Allowance { remaining: 0, ..allowance }).unwrap();
    let refused = asked_of(&house(), post()).1(Err(Error::too_many("too fast").with_data(data)));
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
        let response = asked_of(&house(), post).1(Err(error));
        assert_eq!((response.status, json_of(&response)), (status, json!({"error": "x"})));
    }
    let fault = refusal(&Head::default(), &Error::internal("disk on fire"));
    assert_eq!((fault.status, json_of(&fault)), (500, json!({"error": "internal error"})));
}

#[test]
fn operators_may_write() {
    let response = replied(posted("/.versia/v0.6/messaging", "Hallo".as_bytes()));
    assert_eq!((response.status, response.body.len()), (200, 0));
    assert_eq!(replied(posted("/.versia/v0.6/messaging", b"\xff")).status, 400);
    let limits = Limits::default();
    assert_eq!(body_bytes(&posted("/.versia/v0.6/messaging", b"").head, &limits), 16_384);
    assert_eq!(body_bytes(&posted("/inbox", b"").head, &limits), 262_144);
}

#[test]
fn who_does_not_federate_shows_nothing() {
    let house = house_of("https://b.example", Options::default());
    let Step::Reply(response) = request(&house, &get("/.well-known/versia")) else { panic!("asks") };
    assert_eq!(response.status, 404);
}
