mod attacks;
mod samples;
mod shapes;

use quintet_core::Id;
use quintet_core::federation::host::Reach;
use quintet_core::federation::incoming::Said;
use quintet_core::federation::{Address, Audience, Own, Target};
use serde_json::{Value, json};

use super::*;
use crate::naming::tests::house;

const USER: &str = "https://a.example/users/1";

fn host(text: &str) -> Host {
    Host::parse(text, Reach::Net).unwrap()
}

fn at_a(form: Form, key: &str) -> Address {
    Address { host: host("a.example"), form, key: key.into() }
}

fn user() -> Signer {
    Signer::User(at_a(Form::Uri, USER))
}

fn instance(form: Form) -> Signer {
    Signer::Instance(host("a.example"), form)
}

fn take(signer: &Signer, text: &str) -> Result<Incoming, Error> {
    read(&house("https://b.example"), signer, &text.into())
}

/// Who is to sign a sample.
fn signer_of(form: Form, kind: &str) -> Signer {
    let house = ["Group", "SubscribeAccept", "SubscribeReject", "Federate", "InstanceMetadata"];
    if form == Form::Reference || house.iter().any(|name| kind.ends_with(name)) { instance(form) } else { user() }
}

fn sample(form: Form, kind: &str, changes: Value) -> Result<Incoming, Error> {
    let mut whole = if form == Form::Uri { samples::uri(kind) } else { samples::reference(kind) };
    samples::merge(&mut whole, changes);
    take(&signer_of(form, kind), &whole.to_string())
}

fn deed(form: Form, kind: &str, changes: Value) -> Deed {
    sample(form, kind, changes).unwrap_or_else(|error| panic!("{form:?} {kind}: {error}")).deed
}

fn own(number: u64, make: fn(Id) -> Own) -> Target {
    Target::Own(make(Id::new(number).unwrap()))
}

fn remote(form: Form, kind: &str, uri: &str, id: &str) -> Target {
    Target::Remote(match form {
        Form::Uri => at_a(form, uri),
        Form::Reference => at_a(form, &format!("{kind} a.example:{id}")),
    })
}

const FORMS: [Form; 2] = [Form::Uri, Form::Reference];

#[test]
fn each_type_asks_for_its_deed() {
    for form in FORMS {
        let (alice, note, room) = (own(4096, Own::User), own(4097, Own::Note), own(4098, Own::Room));
        let author = remote(form, "User", USER, "1");
        let group = remote(form, kind::GROUP, "https://a.example/groups/1", "g1");
        let react =
            |reaction: &str, exclusive| Deed::React { target: note.clone(), reaction: reaction.into(), exclusive };
        let deeds = [
            ("Follow", Deed::Follow(alice.clone())),
            ("Unfollow", Deed::Unfollow(alice.clone())),
            ("FollowAccept", Deed::Accept { follower: alice.clone(), followee: author.clone() }),
            ("FollowReject", Deed::Reject { follower: alice.clone(), followee: author }),
            (kind::SUBSCRIBE, Deed::Follow(room.clone())),
            (kind::UNSUBSCRIBE, Deed::Unfollow(room)),
            (kind::SUBSCRIBE_ACCEPT, Deed::Accept { follower: alice.clone(), followee: group.clone() }),
            (kind::SUBSCRIBE_REJECT, Deed::Reject { follower: alice.clone(), followee: group.clone() }),
            (kind::LIKE, react("❤", true)),
            (kind::DISLIKE, react("👎", true)),
            (kind::REACTION, react("🎉", false)),
            (kind::VOTE, Deed::Keep { about: vec![note.clone()] }),
            (kind::SHARE, Deed::Keep { about: vec![note.clone()] }),
            (kind::MIGRATION, Deed::Keep { about: vec![alice] }),
            (kind::GROUP, Deed::Group),
            ("InstanceMetadata", Deed::Keep { about: vec![] }),
            ("org.example:things/Thing", Deed::Unknown),
        ];
        for (kind, expected) in deeds {
            assert_eq!(deed(form, kind, json!({})), expected, "{form:?} {kind}");
        }
        let target = remote(form, "Note", "https://a.example/notes/1", "g1");
        assert_eq!(deed(form, "Delete", json!({})), Deed::Delete { target, kind: "Note".into() });
        let about = if form == Form::Uri { vec![note] } else { vec![] };
        assert_eq!(deed(form, kind::REPORT, json!({})), Deed::Keep { about });
        let note = remote(form, "Note", "https://a.example/notes/1", "1");
        let (Target::Remote(note), Target::Remote(group)) = (note, group) else { panic!() };
        assert_eq!(deed(form, kind::FEDERATE, json!({})), Deed::Carry { note, group });
    }
}

#[test]
fn entities_are_named_as_their_form_names_them() {
    for (form, kind, name, actor, transient) in [
        (Form::Uri, "Note", Some("https://a.example/notes/1"), Some(USER), false),
        (Form::Uri, "User", Some(USER), Some(USER), false),
        (Form::Uri, kind::LIKE, Some("https://a.example/things/e-1"), Some(USER), false),
        (Form::Uri, kind::GROUP, Some("https://a.example/groups/1"), None, false),
        (Form::Uri, "Follow", Some("https://a.example/users/1 Follow e-1"), Some(USER), true),
        (Form::Uri, kind::FEDERATE, Some("a.example pub.versia:groups/Federate e-1"), None, true),
        (Form::Uri, "InstanceMetadata", None, None, true),
        (Form::Uri, "org.example:x/Y", Some("https://a.example/users/1 org.example:x/Y e-1"), Some(USER), true),
        (Form::Reference, "Note", Some("Note a.example:e-1"), Some("User a.example:1"), false),
        (Form::Reference, "User", Some("User a.example:e-1"), Some("User a.example:e-1"), false),
        (Form::Reference, kind::GROUP, Some("pub.versia:groups/Group a.example:e-1"), None, false),
        (Form::Reference, "Follow", None, Some("User a.example:1"), true),
        (Form::Reference, "org.example:x/Y", Some("org.example:x/Y a.example:e-1"), Some("User a.example:1"), false),
    ] {
        let incoming = sample(form, kind, json!({})).unwrap();
        assert_eq!(incoming.name, name.map(|key| at_a(form, key)), "{kind}");
        assert_eq!(incoming.actor, actor.map(|key| at_a(form, key)), "{kind}");
        assert_eq!((incoming.form, &*incoming.kind, incoming.transient), (form, kind, transient));
    }
    let text = samples::uri("Note").to_string().replace(',', " ,\n ");
    let incoming = take(&user(), &text).unwrap();
    assert_eq!((&*incoming.text, incoming.created_at.millis()), (&*text, 1_729_241_800_000));
}

#[test]
fn a_note_says_what_it_says() {
    let said = |form, changes| match deed(form, "Note", changes) {
        Deed::Note(said) => *said,
        other => panic!("{other:?}"),
    };
    let plain = Said {
        content: "Hi Alice".into(),
        audience: Audience::Public,
        mentions: vec![],
        replies_to: None,
        quotes: None,
    };
    assert_eq!([said(Form::Uri, json!({})), said(Form::Reference, json!({}))], [plain.clone(), plain]);
    let rich = said(
        Form::Uri,
        json!({
            "group": "https://b.example/groups/4098", "mentions": ["https://b.example/users/4096", "https://c.example/x"],
            "replies_to": "https://b.example/notes/4097", "quotes": "https://a.example/notes/0", "subject": "s",
            "content": {"text/plain": "-", "text/html": {"content": "<p>a &amp; b</p>", "remote": false, "fps": null}},
            "attachments": [{"image/svg+xml": {"content": "https://cdn.example/Ü.svg", "remote": true, "size": 5,
                "duration": 1.5e0, "hash": {"sha256": "0A", "future": 5}}}],
            "device": {"name": "d", "url": "https://d.example"}, "category": "blog", "is_sensitive": true,
            "previews": [{"link": "https://l.example", "title": "t", "image": null}], "unheard_of": {"a": 1},
            "$schema": "https://versia.pub/schema", "collections": {"pub.versia:likes/Likes": "https://a.example/l"},
            "extensions": {
                "org.example:x": 5, "pub.versia:polls": {"options": [{"text/plain": {"content": "y", "remote": false}}],
                "votes": [0], "multiple_choice": false, "expires_at": null},
                "pub.versia:custom_emojis": {"emojis": [{"name": ":cat:", "url": "https://a.example/cat.png"}]},
                "pub.versia:interaction_controls": {"reply": {"allowed": ["mentioned"]}},
            },
        }),
    );
    assert_eq!((rich.content.as_str(), rich.audience), ("a & b", Audience::Group(own(4098, Own::Room))));
    assert_eq!(rich.mentions[0], own(4096, Own::User));
    assert!(matches!(&rich.mentions[1], Target::Remote(address) if address.host == host("c.example")));
    assert_eq!(rich.replies_to, Some(own(4097, Own::Note)));
    assert_eq!(rich.quotes, Some(remote(Form::Uri, "", "https://a.example/notes/0", "")));
    assert_eq!(said(Form::Uri, json!({"group": "-"})).audience, Audience::Mentioned);
    assert_eq!(said(Form::Reference, json!({"group": null, "content": null})).content, "");
    let group = said(Form::Reference, json!({"group": "b.example:4098"})).audience;
    assert_eq!(group, Audience::Group(own(4098, Own::Room)));
    let markdown = json!({"content": {"text/plain": "-", "text/x-a": {"content": "x", "remote": false},
        "text/markdown": {"content": "*m*\r\n", "remote": false}}});
    assert_eq!(said(Form::Uri, markdown).content, "*m*\n");
}

#[test]
fn users_and_groups_have_profiles() {
    let changes = json!({
        "display_name": "Bob", "bio": {"text/markdown": {"content": "*I*", "remote": false}},
        "avatar": {"image/png": {"content": "https://a.example/a.png", "remote": true}},
        "extensions": {"pub.versia:vanity": {"birthday": "--02-28", "pronouns": {"en": ["she"]}, "aliases": [USER]}},
    });
    let Deed::Profile(profile) = deed(Form::Uri, "User", changes) else { panic!() };
    assert_eq!((profile.username.as_str(), profile.display_name.as_deref()), ("bob", Some("Bob")));
    assert_eq!(
        (profile.bio.as_deref(), profile.inbox.as_deref()),
        (Some("*I*"), Some("https://a.example/users/1/inbox"))
    );
    assert_eq!(profile.key.unwrap()[..2], [0xf6, 0x81]);
    let delegated = json!({"public_key": {"actor": "https://a.example/users/2"}});
    let Deed::Profile(profile) = deed(Form::Uri, "User", delegated) else { panic!() };
    assert_eq!(profile.key, None, "it is another's");
    let Deed::Profile(profile) = deed(Form::Reference, "User", json!({})) else { panic!() };
    assert_eq!((profile.key, profile.inbox), (None, None));
    for form in FORMS {
        let text = match form {
            Form::Uri => samples::uri(kind::GROUP),
            Form::Reference => samples::reference(kind::GROUP),
        };
        let group = group(&house("https://b.example"), &host("a.example"), form, &text.to_string()).unwrap();
        assert_eq!((group.username.as_str(), group.display_name.as_deref()), ("The_group", Some("The group")));
        assert!(group.group && group.bio.is_none());
    }
    assert!(
        group(&house("https://b.example"), &host("a.example"), Form::Uri, &samples::uri("User").to_string()).is_err()
    );
}

#[test]
fn habits_of_deployed_programs_are_understood() {
    let accept = |follower: &str| match deed(Form::Reference, "FollowAccept", json!({"follower": follower})) {
        Deed::Accept { follower, .. } => follower,
        other => panic!("{other:?}"),
    };
    let nobody = Target::Own(Own::Unknown);
    assert_eq!(
        [accept("0190-uuid"), accept("a.example:x"), accept("b.example:uuid")],
        [nobody.clone(), nobody.clone(), nobody]
    );
    let Deed::Delete { kind, .. } = deed(Form::Uri, "Delete", json!({"deleted_type": "pub.versia:shares/Share"}))
    else {
        panic!()
    };
    assert_eq!(&*kind, kind::SHARE);
    let long = sample(Form::Reference, "Note", json!({"type": "pub.versia:notes/Note"})).unwrap();
    assert_eq!((&*long.kind, long.name), ("Note", Some(at_a(Form::Reference, "Note a.example:e-1"))));
    assert!(sample(Form::Reference, "Follow", json!({"id": "-"})).is_ok());
}

#[test]
fn what_cannot_be_meant_is_nothing_of_ours() {
    let nothing = Target::Own(Own::Unknown);
    let followed = deed(Form::Uri, "Follow", json!({"followee": "https://b.example/notes/4097"}));
    assert_eq!(followed, Deed::Follow(nothing.clone()));
    let joined = deed(Form::Uri, kind::SUBSCRIBE, json!({"group": "https://b.example/users/4096"}));
    assert_eq!(joined, Deed::Follow(nothing.clone()));
    let shared = deed(Form::Uri, kind::SHARE, json!({"shared": "https://b.example/users/4096"}));
    assert_eq!(shared, Deed::Keep { about: vec![nothing.clone()] });
    let Deed::Note(said) = deed(
        Form::Uri,
        "Note",
        json!({"mentions": ["https://b.example/notes/1"],
        "group": "https://b.example/users/1", "replies_to": "https://b.example/users/1"}),
    ) else {
        panic!()
    };
    assert_eq!((&said.mentions[..], said.replies_to), (&[nothing.clone()][..], Some(nothing.clone())));
    assert_eq!(said.audience, Audience::Group(nothing.clone()));
    let federated = deed(Form::Uri, kind::FEDERATE, json!({"note": "https://b.example/notes/4097"}));
    assert_eq!(federated, Deed::Keep { about: vec![own(4097, Own::Note)] });
}

/// The entities of the page's vectors (section 6).
#[test]
fn the_vectors_are_entities() {
    let bob = Host::parse("bob.com", Reach::Net).unwrap();
    let key = "https://bob.com/users/bf44e6ad-7c0a-4560-9938-cf3fd4066511";
    let bob = Signer::User(Address { host: bob, form: Form::Uri, key: key.into() });
    let text = r#"{"author":"https://bob.com/users/bf44e6ad-7c0a-4560-9938-cf3fd4066511","collections":{"quotes":"https://bob.com/notes/u-1/quotes","replies":"https://bob.com/notes/u-1/replies"},"content":{"text/plain":{"content":"grüße 😀 \u2028 \"q\" \\ \n","remote":false}},"created_at":"2024-10-18T08:56:42Z","id":"u-1","type":"Note","uri":"https://bob.com/notes/u-1"}"#;
    let Deed::Note(said) = take(&bob, text).unwrap().deed else { panic!() };
    assert_eq!((said.content.as_str(), said.audience), ("grüße 😀 \u{2028} \"q\" \\ \n", Audience::Mentioned));
    let house = |form| Signer::Instance(host("bob.example"), form);
    let text = r#"{"author":null,"created_at":"2024-10-18T08:56:41Z","deleted":"https://bob.example/notes/77","deleted_type":"Note","id":"5f0c9a1e-0002-4000-8000-000000000002","type":"Delete"}"#;
    let incoming = take(&house(Form::Uri), text).unwrap();
    assert!(incoming.actor.is_none() && matches!(incoming.deed, Deed::Delete { .. }));
    let text = r#"{"author":"bf44e6ad-7c0a-4560-9938-cf3fd4066511","created_at":"2025-12-20T09:00:00Z","followee":"alice.example:02e1e3b2-cb1f-4e4a-b82e-98866bee5de7","type":"Follow"}"#;
    let incoming = take(&house(Form::Reference), text).unwrap();
    assert_eq!(&*incoming.actor.unwrap().key, "User bob.example:bf44e6ad-7c0a-4560-9938-cf3fd4066511");
    assert_eq!(incoming.name, None);
}

#[test]
fn for_whom_a_kept_note_is_can_be_told_again() {
    let (house, none) = (house("https://b.example"), Value::Null);
    for (form, group, audience) in [
        (Form::Uri, json!("public"), Some(Audience::Public)),
        (Form::Reference, json!("followers"), Some(Audience::Followers)),
        (Form::Uri, none.clone(), Some(Audience::Mentioned)),
    ] {
        let incoming = sample(form, "Note", json!({ "group": group })).unwrap();
        let mut kept = Kept {
            id: Id::new(4096).unwrap(),
            host: host("a.example"),
            kind: incoming.kind,
            name: incoming.name,
            actor: incoming.actor,
            chat: None,
            at: incoming.created_at,
            signature: "".into(),
            text: incoming.text,
        };
        assert_eq!(super::audience(&house, &kept), audience);
        kept.text = "{}".into();
        assert_eq!(super::audience(&house, &kept), None);
    }
}
