//! Users, groups and notes, by address, name and URL.

use super::*;

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

fn finger(links: &Value) -> Value {
    json!({"subject": "acct:mallory@evil.example", "links": links})
}

const LATER: &str = "https://a.example/.versia/v0.6/entities/User/1";
const FINGER: &str = "https://a.example/.well-known/webfinger?resource=acct%3Aalice%40a%2Eexample";

fn named() -> Question {
    Question::Named { name: "alice".into(), host: host("a.example") }
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
    const LONG: &str = "https://a.example/.versia/v0.6/entities/pub.versia%3Ausers%2FUser/1";
    let address = reference("User a.example:1");
    let question = || Question::User(address.clone());
    let (finding, asked) = found_at(&house(), question(), &[ok(LATER, &later_profile())]);
    let profile = user(finding);
    assert_eq!((profile.address, profile.key, profile.inbox), (address.clone(), None, None));
    assert!(asked[0].signed && asked[0].accept == "application/vnd.versia+json");

    let missing = |url| (url, 404, Vec::new());
    assert_eq!(user(found(question(), &[missing(LATER), ok(LONG, &later_profile())])).address, address);
    assert_eq!(kind(found(question(), &[missing(LATER), missing(LONG)])), Kind::NotFound);
    assert_eq!(kind(found(question(), &[(LATER, 503, Vec::new())])), Kind::Unavailable);
    for change in [("id", json!("2")), ("id", Value::Null), ("id", json!("../1")), ("type", json!("Note"))] {
        let document = changed(&later_profile(), &[change]);
        assert_eq!(kind(found(question(), &[ok(LATER, &document)])), Kind::BadMessage);
    }
}

#[test]
fn a_name_leads_to_a_user() {
    let link = |media: &str, href: &str| json!({"rel": "self", "type": media, "href": href});
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
        let served = [ok(FINGER, &finger(&links)), ok(USER, &profile())];
        assert_eq!(user(found(named(), &served)).address, uri(USER));
    }
    // The subject is of no use, and a server of the later form may name its link as the earlier does.
    for links in [json!([link(versia, LATER)]), json!([link(json, LATER)])] {
        let served = [ok(FINGER, &finger(&links)), ok(LATER, &later_profile())];
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
        assert_eq!(kind(found(named(), &[ok(FINGER, &finger(&links))])), Kind::BadMessage, "{links}");
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
    let later = "https://a.example/.versia/v0.6/entities/pub.versia%3Ausers%2FUser/1";
    let served = [ok(LATER, &later_profile())];
    assert_eq!(user(found(at(later), &served)).address, reference("User a.example:1"));

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
    let url = "https://a.example/.versia/v0.6/entities/pub.versia%3Agroups%2FGroup/2";
    let later = json!({
        "type": "pub.versia:groups/Group", "id": "2", "created_at": "2024-01-01T00:00:00Z",
        "name": null, "description": null, "open": true,
    });
    let address = reference("pub.versia:groups/Group a.example:2");
    assert_eq!(user(found(Question::Group(address.clone()), &[ok(url, &later)])).address, address);
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
