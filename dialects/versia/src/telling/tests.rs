use proptest::prelude::*;
use quintet_core::agent::AgentKey;
use quintet_core::federation::incoming::Said;
use quintet_core::federation::{
    Address, Audience, Deed, Form, Host, Incoming, Note, Own, Signer, Tale, Target, Telling,
};
use quintet_core::federation::{host::Reach, telling::What};
use quintet_core::identity::Author;
use quintet_core::room::Room;
use quintet_core::user::{Status, User};
use quintet_core::{Id, Timestamp};
use serde_json::Value;

use crate::entity;
use crate::naming::tests::house;
use crate::telling::tell;

const FORMS: [Form; 2] = [Form::Uri, Form::Reference];
const AT: Timestamp = Timestamp::from_millis(1_729_241_800_000);

fn id(number: u64) -> Id {
    Id::new(number).unwrap()
}

fn user(number: u64) -> Target {
    Target::Own(Own::User(id(number)))
}

/// Something of the house at b.example, in one of the forms.
fn at_b(form: Form, kind: &str, uri: &str, number: &str) -> Target {
    let key = match form {
        Form::Uri => format!("https://b.example/{uri}/{number}"),
        Form::Reference => format!("{kind} b.example:{number}"),
    };
    Target::Remote(Address { host: Host::parse("b.example", Reach::Net).unwrap(), form, key: key.into() })
}

/// What the house at a.example tells.
fn told(form: Form, what: What<'_>) -> Option<Telling> {
    tell(&house("https://a.example"), &Tale { id: id(9000), at: AT, what }, form)
}

/// What the house at b.example understands of it.
fn heard(telling: &Telling) -> Incoming {
    let host = Host::parse("a.example", Reach::Net).unwrap();
    let signer = match &telling.signer {
        Own::User(user) if telling.form == Form::Uri => {
            let key = format!("https://a.example/users/{user}").into();
            Signer::User(Address { host, form: Form::Uri, key })
        }
        Own::House => Signer::Instance(host, telling.form),
        other => panic!("{other:?} has no key"),
    };
    let incoming = entity::read(&house("https://b.example"), &signer, &telling.text.as_str().into());
    let incoming = incoming.unwrap_or_else(|error| panic!("{error} in {}", telling.text));
    assert_eq!((&*incoming.kind, incoming.form), (telling.kind, telling.form));
    assert_sorted(&serde_json::from_str(&telling.text).unwrap());
    incoming
}

fn assert_sorted(value: &Value) {
    if let Value::Object(members) = value {
        assert!(members.keys().is_sorted(), "{value}");
        members.values().for_each(assert_sorted);
    }
}

/// What our house means, as others name it: `kind` is its type.
fn as_others(form: Form, own: &Own) -> Target {
    let kind = entity::kind::of(own).unwrap();
    let (a, b) = (house("https://a.example"), house("https://b.example"));
    let text = crate::naming::spell(&a, form, &Target::Own(own.clone()));
    crate::naming::read(&b, form, a.host.as_ref().unwrap(), kind, &text).unwrap()
}

/// What others name, as they mean it.
fn own_of_b(number: u64, make: fn(Id) -> Own) -> Target {
    Target::Own(make(id(number)))
}

fn note(audience: Audience, content: &str) -> Note {
    Note {
        id: id(5000),
        author: Author { id: id(4096), name: "alice".into() },
        content: content.into(),
        audience,
        mentions: vec![],
        replies_to: None,
        created_at: AT,
        edited: false,
    }
}

#[test]
fn a_note_is_written_as_the_page_says() {
    let note = note(Audience::Public, "Hi\r\nBob");
    let text = r#"{"attachments":[],"author":"https://a.example/users/4096","collections":{"quotes":"https://a.example/notes/5000/quotes","replies":"https://a.example/notes/5000/replies"},"content":{"text/plain":{"content":"Hi\nBob","remote":false}},"created_at":"2024-10-18T08:56:40Z","group":"public","id":"5000","is_sensitive":false,"mentions":[],"previews":[],"type":"Note","uri":"https://a.example/notes/5000"}"#;
    let telling = told(Form::Uri, What::Note(&note)).unwrap();
    assert_eq!((telling.text.as_str(), telling.signer, telling.kind), (text, Own::User(id(4096)), "Note"));
    let text = r#"{"attachments":[],"author":"a.example:4096","category":null,"content":{"text/plain":{"content":"Hi\nBob","remote":false}},"created_at":"2024-10-18T08:56:40Z","device":null,"extensions":null,"group":"public","id":"5000","is_sensitive":false,"mentions":[],"previews":[],"quotes":null,"replies_to":null,"subject":null,"type":"Note"}"#;
    let telling = told(Form::Reference, What::Note(&note)).unwrap();
    assert_eq!((telling.text.as_str(), telling.signer), (text, Own::House));
}

#[test]
fn orders_are_named_by_their_event() {
    let what = || What::Followed { by: id(4096), followee: at_b(Form::Uri, "User", "users", "7"), group: false };
    let telling = told(Form::Uri, what()).unwrap();
    let text = r#"{"author":"https://a.example/users/4096","created_at":"2024-10-18T08:56:40Z","followee":"https://b.example/users/7","id":"9000","type":"Follow"}"#;
    assert_eq!(telling.text, text);
    assert!(told(Form::Reference, what()).is_none(), "who is known by URI is not spoken to by reference");
}

#[test]
fn what_is_told_is_understood_as_it_was_meant() {
    for form in FORMS {
        let (bob, group) = (at_b(form, "User", "users", "7"), at_b(form, entity::kind::GROUP, "groups", "8"));
        let (follower, room) = (own_of_b(7, Own::User), own_of_b(8, Own::Room));
        let (alice, hall) = (Own::User(id(4096)), Own::Room(id(4100)));
        let (us, our_hall) = (as_others(form, &alice), as_others(form, &hall));
        let by = id(4096);
        let cases = [
            (What::Followed { by, followee: bob.clone(), group: false }, Deed::Follow(follower.clone())),
            (What::Unfollowed { by, followee: bob.clone(), group: false }, Deed::Unfollow(follower.clone())),
            (What::Followed { by, followee: group.clone(), group: true }, Deed::Follow(room.clone())),
            (What::Unfollowed { by, followee: group, group: true }, Deed::Unfollow(room)),
            (
                What::Accepted { by: alice.clone(), follower: bob.clone() },
                Deed::Accept { follower: follower.clone(), followee: us.clone() },
            ),
            (
                What::Rejected { by: alice.clone(), follower: bob.clone() },
                Deed::Reject { follower: follower.clone(), followee: us.clone() },
            ),
            (
                What::Accepted { by: hall.clone(), follower: bob.clone() },
                Deed::Accept { follower: follower.clone(), followee: our_hall.clone() },
            ),
            (What::Rejected { by: hall, follower: bob }, Deed::Reject { follower, followee: our_hall.clone() }),
        ];
        for (what, deed) in cases {
            let telling = told(form, what).unwrap();
            let incoming = heard(&telling);
            assert_eq!((incoming.deed, incoming.transient), (deed, true), "{}", telling.text);
        }
        let note = as_others(form, &Own::Note(id(5000)));
        let carried = heard(&told(form, What::Carried { note: note.clone(), room: id(4100) }).unwrap());
        let (Target::Remote(note), Target::Remote(group)) = (note, our_hall) else { panic!() };
        assert_eq!(carried.deed, Deed::Carry { note, group });
    }
}

#[test]
fn reactions_are_likes_dislikes_and_others_and_can_be_taken_back() {
    for form in FORMS {
        for (reaction, kind, exclusive) in [
            ("❤", "pub.versia:likes/Like", true),
            ("👎", "pub.versia:likes/Dislike", true),
            ("🎉", "pub.versia:reactions/Reaction", false),
        ] {
            let to = at_b(form, "Note", "notes", "7");
            let telling = told(form, What::Reacted { by: id(4096), number: id(6000), to, reaction }).unwrap();
            assert_eq!(telling.kind, kind);
            let incoming = heard(&telling);
            let target = own_of_b(7, Own::Note);
            assert_eq!(incoming.deed, Deed::React { target, reaction: reaction.into(), exclusive });
            let own = Own::Reaction { user: id(4096), to: id(6000), reaction: reaction.into() };
            for by in [Own::User(id(4096)), Own::House] {
                let undone = heard(&told(form, What::Deleted { by, target: own.clone() }).unwrap());
                let Deed::Delete { target: Target::Remote(target), kind: of } = undone.deed else { panic!() };
                assert_eq!((Some(target), &*of), (incoming.name.clone(), kind), "it is the same thing");
                assert_eq!(undone.actor, incoming.actor);
            }
        }
    }
}

#[test]
fn notes_are_taken_back_by_their_author_or_in_0_5_by_the_house() {
    for form in FORMS {
        let target = Own::Note(id(5000));
        let telling = told(form, What::Deleted { by: Own::User(id(4096)), target: target.clone() }).unwrap();
        let deed = Deed::Delete { target: as_others(form, &target), kind: "Note".into() };
        assert_eq!(heard(&telling).deed, deed);
        let by_house = told(form, What::Deleted { by: Own::House, target });
        match form {
            Form::Uri => assert_eq!(heard(&by_house.unwrap()).actor, None),
            Form::Reference => assert_eq!(by_house, None),
        }
    }
}

#[test]
fn users_and_rooms_are_known_by_what_is_told_of_them() {
    let mut alice = User {
        id: id(4096),
        username: "alice".into(),
        nickname: "Alice".into(),
        bio: Some("line\r\nline".into()),
        avatar: None,
        created_at: AT,
        disabled: false,
        agent: AgentKey([1; 32]),
        remote: None,
        status: Status::Offline,
    };
    let room = Room {
        id: id(4100),
        parent: None,
        ordinality: 0,
        name: "The hall".into(),
        description: None,
        capabilities: None,
        created_at: AT,
        created_by: id(4096),
        federated: true,
    };
    for form in FORMS {
        alice.username = "alice".into();
        let Deed::Profile(profile) = heard(&told(form, What::User(&alice, [7; 32])).unwrap()).deed else { panic!() };
        assert_eq!((profile.username.as_str(), profile.display_name.as_deref()), ("alice", Some("Alice")));
        assert_eq!(profile.bio.as_deref(), Some("line\nline"));
        assert_eq!(Target::Remote(profile.address), as_others(form, &Own::User(id(4096))));
        assert_eq!(profile.key, (form == Form::Uri).then_some([7; 32]));
        alice.username = "alice b.".into();
        let Deed::Profile(profile) = heard(&told(form, What::User(&alice, [7; 32])).unwrap()).deed else { panic!() };
        assert_eq!(profile.username, "4096", "a name that others do not allow");
        let telling = told(form, What::Room(&room)).unwrap();
        assert_eq!(heard(&telling).deed, Deed::Group);
        let host = Host::parse("a.example", Reach::Net).unwrap();
        let group = entity::group(&house("https://b.example"), &host, form, &telling.text).unwrap();
        assert_eq!((group.username.as_str(), group.display_name.as_deref()), ("The_hall", Some("The hall")));
    }
}

#[test]
fn only_users_of_ours_say_notes() {
    for (number, name) in [(0, ""), (1, ""), (4096, "bob@b.example")] {
        let mut note = note(Audience::Public, "x");
        note.author = Author { id: id(number), name: name.into() };
        assert_eq!(told(Form::Uri, What::Note(&note)), None);
    }
}

fn audience(form: Form) -> impl Strategy<Value = Audience> {
    prop_oneof![
        Just(Audience::Public),
        Just(Audience::Followers),
        Just(Audience::Mentioned),
        (1_u64..1 << 53).prop_map(|room| Audience::Group(Target::Own(Own::Room(id(room))))),
        (1_u64..1 << 53).prop_map(move |it| Audience::Group(at_b(
            form,
            entity::kind::GROUP,
            "groups",
            &it.to_string()
        ))),
    ]
}

fn meant(form: Form, target: &Target) -> Target {
    match target {
        Target::Own(own) => as_others(form, own),
        Target::Remote(address) => {
            let house = house("https://b.example");
            let text = crate::naming::spell(&house, form, target);
            let kind = address.key.split_once(' ').map_or("Note", |(kind, _)| kind);
            crate::naming::read(&house, form, &address.host, kind, &text).unwrap()
        }
    }
}

proptest! {
    #[test]
    fn any_note_is_understood_as_it_was_meant(
        uri in any::<bool>(),
        content in "\\PC{0,40}|[\\r\\n\"\\\\\u{0}-\u{1f}\u{2028}😀]{0,20}",
        (by_uri, by_reference) in (audience(Form::Uri), audience(Form::Reference)),
        mentions in proptest::collection::vec(1_u64..1 << 53, 0..4),
        reply in proptest::option::of(1_u64..1 << 53),
    ) {
        let form = if uri { Form::Uri } else { Form::Reference };
        let mut note = note(if uri { by_uri } else { by_reference }, &content);
        note.mentions = mentions.iter().map(|it| at_b(form, "User", "users", &it.to_string())).collect();
        note.mentions.push(user(4097));
        note.replies_to = reply.map(|it| at_b(form, "Note", "notes", &it.to_string()));
        let incoming = heard(&told(form, What::Note(&note)).unwrap());
        let said = Said {
            content: content.replace("\r\n", "\n").replace('\r', "\n"),
            audience: match &note.audience {
                Audience::Group(group) => Audience::Group(meant(form, group)),
                other => other.clone(),
            },
            mentions: note.mentions.iter().map(|target| meant(form, target)).collect(),
            replies_to: note.replies_to.as_ref().map(|target| meant(form, target)),
            quotes: None,
        };
        prop_assert_eq!(incoming.deed, Deed::Note(Box::new(said)));
        prop_assert_eq!(incoming.created_at, AT);
        prop_assert_eq!(incoming.name.map(Target::Remote), Some(as_others(form, &Own::Note(id(5000)))));
        prop_assert_eq!(incoming.actor.map(Target::Remote), Some(as_others(form, &Own::User(id(4096)))));
    }

    #[test]
    fn any_reaction_is_understood_and_taken_back(uri in any::<bool>(), reaction in "\\PC{1,60}", to in 1_u64..1 << 53) {
        let form = if uri { Form::Uri } else { Form::Reference };
        let target = at_b(form, "Note", "notes", "7");
        let telling = told(form, What::Reacted { by: id(4096), number: id(to), to: target, reaction: &reaction });
        let incoming = heard(&telling.unwrap());
        let own = Own::Reaction { user: id(4096), to: id(to), reaction: reaction.as_str().into() };
        prop_assert_eq!(incoming.name.map(Target::Remote), Some(as_others(form, &own)));
        let exclusive = matches!(reaction.as_str(), "❤" | "👎");
        prop_assert_eq!(incoming.deed, Deed::React { target: own_of_b(7, Own::Note), reaction, exclusive });
    }

    #[test]
    fn no_bytes_panic(text in "([{}\\[\\]:,\"]|type|Note|author|null|1|e|\\\\u|\\PC){0,60}", cut in any::<prop::sample::Index>()) {
        let telling = told(Form::Uri, What::Note(&note(Audience::Public, "x"))).unwrap().text;
        let signer = Signer::Instance(Host::parse("a.example", Reach::Net).unwrap(), Form::Reference);
        let house = house("https://b.example");
        let at = cut.index(telling.len());
        for text in [&text, &format!("{}{text}{}", &telling[..at], &telling[at..])] {
            drop(entity::read(&house, &signer, &text.as_str().into()));
        }
    }
}
