//! What this house shows of itself to others: to whom it is for, and nothing of what it is not.

use quintet_core::federation::desk::{Exhibit, Item, List, Shown};
use quintet_core::federation::note::{Audience, NewNote};
use quintet_core::federation::{Address, Ask, Deed, Form, Own, Signed, Target, Told};
use quintet_core::right::{Holder, Scope};
use quintet_core::{Body, Call, Change, Error, Id, Kind, Right};

use crate::house::{Who as _, house, public};
use crate::inbox::{abroad, accept, append, group};
use crate::peer::{Abroad, address, entity};

async fn show(abroad: &Abroad, exhibit: Exhibit, reader: Option<Signed>) -> Result<Shown, Error> {
    match abroad.ask(&public(), Ask::Show { exhibit, reader: reader.map(Box::new) }).await? {
        Told::Shown(exhibition) => Ok(exhibition.shown),
        other => panic!("{other:?}"),
    }
}

async fn is_shown(abroad: &Abroad, exhibit: Exhibit, reader: Option<&Address>) -> bool {
    let reader = reader.map(|reader| Signed { once: false, ..abroad.signed(reader, 1, "get") });
    match show(abroad, exhibit, reader).await {
        Ok(_) => true,
        Err(error) if error.kind() == Kind::NotFound => false,
        Err(error) => panic!("{error}"),
    }
}

async fn page(abroad: &Abroad, of: Own, list: List, (offset, limit): (u64, u64)) -> (Vec<Item>, u64) {
    match show(abroad, Exhibit::Page { of, list, form: Form::Uri, offset, limit }, None).await.unwrap() {
        Shown::Page { items, total, .. } => (items, total),
        other => panic!("{other:?}"),
    }
}

async fn say(abroad: &Abroad, author: Id, audience: Audience, mentions: Vec<Target>) -> Id {
    let new = NewNote { content: "hello".into(), audience, mentions, replies_to: None };
    match &append(abroad, author, Change::PostNote(new)).await[0].body {
        Body::NotePosted(note) => note.id,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_house_and_its_users_are_shown_by_number_and_by_name_in_any_case() {
    let (abroad, _) = abroad().await;
    let ann = abroad.house.register("Ann").await.id();
    let Shown::House { name, created_at, .. } = show(&abroad, Exhibit::House, None).await.unwrap() else { panic!() };
    assert!(!name.is_empty() && created_at == abroad.house.now());
    for exhibit in [Exhibit::User(ann), Exhibit::Named("ann".into()), Exhibit::Named("ANN".into())] {
        let Shown::User(user) = show(&abroad, exhibit, None).await.unwrap() else { panic!() };
        assert_eq!(user.id, ann);
    }
    abroad.house.register("ann").await;
    let Ok(Shown::User(user)) = show(&abroad, Exhibit::Named("Ann".into()), None).await else { panic!() };
    assert_eq!(user.id, ann, "who has exactly this name goes first");
    abroad.house.done(&house(), Call::SetDisabled { user: ann, disabled: true }).await;
    assert!(!is_shown(&abroad, Exhibit::User(ann), None).await);
    let Ok(Shown::User(user)) = show(&abroad, Exhibit::Named("Ann".into()), None).await else { panic!() };
    assert_ne!(user.id, ann);
    assert!(!is_shown(&abroad, Exhibit::Named("nobody".into()), None).await);
}

#[tokio::test]
async fn a_reader_whose_signature_does_not_hold_is_shown_nothing() {
    let (abroad, bob) = abroad().await;
    let reader = Signed { once: false, ..abroad.signed(&bob, 2, "get") };
    let refused = show(&abroad, Exhibit::House, Some(reader)).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Unauthenticated);
    assert!(is_shown(&abroad, Exhibit::House, Some(&bob)).await);
    assert!(is_shown(&abroad, Exhibit::House, Some(&bob)).await, "a request may be made twice");
}

#[tokio::test]
async fn notes_are_shown_to_the_houses_that_they_are_for() {
    let (abroad, bob) = abroad().await;
    let cat = address("c.example", "cat");
    abroad.net.serve_key(&cat.key, 1);
    let ann = abroad.house.register("ann").await.id();
    let follow = entity(&abroad, &bob, "f", Deed::Follow(Target::Own(Own::User(ann))));
    accept(&abroad, &bob, &follow).await.unwrap();
    let to_cat = || vec![Target::Remote(cat.clone())];
    let table = [
        (say(&abroad, ann, Audience::Public, Vec::new()).await, [true, true, true]),
        (say(&abroad, ann, Audience::Followers, Vec::new()).await, [false, true, false]),
        (say(&abroad, ann, Audience::Followers, to_cat()).await, [false, true, true]),
        (say(&abroad, ann, Audience::Mentioned, to_cat()).await, [false, false, true]),
    ];
    for (note, [anybody, by_bob, by_cat]) in table {
        let of = || Exhibit::Page { of: Own::Note(note), list: List::Replies, form: Form::Uri, offset: 0, limit: 9 };
        for (reader, seen) in [(None, anybody), (Some(&bob), by_bob), (Some(&cat), by_cat)] {
            assert_eq!(is_shown(&abroad, Exhibit::Note(note), reader).await, seen, "{note} {reader:?}");
            assert_eq!(is_shown(&abroad, of(), reader).await, seen, "{note} {reader:?}");
        }
    }
    let (notes, total) = page(&abroad, Own::User(ann), List::Notes, (0, 9)).await;
    assert_eq!((notes.len(), total), (1, 1), "what is not for everybody is in no list");
    let followers = page(&abroad, Own::User(ann), List::Followers, (0, 9)).await;
    assert_eq!(followers, (vec![Item::Named(Target::Remote(bob))], 1));
    assert_eq!(page(&abroad, Own::User(ann), List::Followers, (1, 9)).await, (Vec::new(), 1));
    let (of, form) = (Own::User(ann), Form::Reference);
    let unnamed = Exhibit::Page { of: of.clone(), list: List::Followers, form, offset: 0, limit: 9 };
    let unnamed = show(&abroad, unnamed, None).await.unwrap();
    assert_eq!(
        unnamed,
        Shown::Page { of, total: 0, items: Vec::new() },
        "who has no name in a form does not count there"
    );
    assert_eq!(page(&abroad, Own::User(ann), List::Featured, (0, 9)).await, (Vec::new(), 0));
    abroad.house.done(&house(), Call::SetDisabled { user: ann, disabled: true }).await;
    assert!(!is_shown(&abroad, Exhibit::Note(table[0].0), None).await);
}

#[tokio::test]
async fn chats_of_a_federated_room_are_notes_in_a_group() {
    let (abroad, bob) = abroad().await;
    let ann = abroad.house.register("ann").await;
    let (room, closed) = (group(&abroad).await, abroad.house.room("closed", None).await.id);
    let chat = abroad.house.post(&ann, room, "hello").await.id;
    let Shown::Note(note) = show(&abroad, Exhibit::Note(chat), None).await.unwrap() else { panic!() };
    assert_eq!((note.content.as_str(), note.author.id), ("hello", ann.id()));
    assert_eq!(note.audience, Audience::Group(Target::Own(Own::Room(room))));
    let elsewhere = abroad.house.post(&ann, closed, "secret").await.id;
    assert!(!is_shown(&abroad, Exhibit::Note(elsewhere), Some(&bob)).await);
    assert!(!is_shown(&abroad, Exhibit::Room(closed), Some(&bob)).await);
    assert!(is_shown(&abroad, Exhibit::Room(room), None).await);
    let said = crate::peer::said("hi", Audience::Group(Target::Own(Own::Room(room))));
    let incoming = entity(&abroad, &bob, "n", said);
    accept(&abroad, &bob, &incoming).await.unwrap();
    let (items, total) = page(&abroad, Own::Room(room), List::Notes, (0, 9)).await;
    let bobs = Item::Named(Target::Remote(incoming.name.clone().unwrap()));
    assert_eq!((items[0].clone(), items[1].clone(), total), (bobs, Item::Note(*note), 2));
    assert_eq!(page(&abroad, Own::Room(room), List::Notes, (1, 1)).await.0.len(), 1);
}

#[tokio::test]
async fn a_room_that_is_not_for_all_is_read_by_the_houses_of_its_members() {
    let (abroad, bob) = abroad().await;
    let cat = address("c.example", "cat");
    abroad.net.serve_key(&cat.key, 1);
    let ann = abroad.house.register("ann").await;
    let room = group(&abroad).await;
    let chat = abroad.house.post(&ann, room, "hello").await.id;
    accept(&abroad, &bob, &entity(&abroad, &bob, "f", Deed::Follow(Target::Own(Own::Room(room))))).await.unwrap();
    abroad.house.grant(Scope::Room(room), Holder::Role(Id::EVERYONE), Right::View, -1).await;
    let bob_here = abroad.house.hub.user_named("bob@b.example").unwrap().user().unwrap();
    assert!(!is_shown(&abroad, Exhibit::Note(chat), Some(&bob)).await, "it may not read there itself");
    let join = entity(&abroad, &cat, "f", Deed::Follow(Target::Own(Own::Room(room))));
    assert_eq!(accept(&abroad, &cat, &join).await.unwrap_err().kind(), Kind::NotFound);
    assert!(abroad.house.hub.user_named("cat@c.example").is_none());
    assert!(!is_shown(&abroad, Exhibit::Room(room), Some(&bob)).await, "not even what it is called");
    abroad.house.grant(Scope::Room(room), Holder::User(bob_here), Right::View, 2).await;
    for (reader, seen) in [(None, false), (Some(&bob), true), (Some(&cat), false)] {
        assert_eq!(is_shown(&abroad, Exhibit::Note(chat), reader).await, seen, "{reader:?}");
        assert_eq!(is_shown(&abroad, Exhibit::Room(room), reader).await, seen, "{reader:?}");
    }
    // Who is let in sees the room before it is in it.
    let leave = entity(&abroad, &bob, "u", Deed::Unfollow(Target::Own(Own::Room(room))));
    accept(&abroad, &bob, &leave).await.unwrap();
    assert!(is_shown(&abroad, Exhibit::Room(room), Some(&bob)).await);
    assert!(!is_shown(&abroad, Exhibit::Note(chat), Some(&bob)).await);
}

#[tokio::test]
async fn nobody_finds_out_by_asking_what_there_is() {
    let (abroad, bob) = abroad().await;
    let ann = abroad.house.register("ann").await;
    let room = group(&abroad).await;
    let chat = abroad.house.post(&ann, room, "hello").await.id;
    abroad.house.grant(Scope::Room(room), Holder::Role(Id::EVERYONE), Right::View, -1).await;
    let cat = Target::Remote(address("c.example", "cat"));
    let note = say(&abroad, ann.id(), Audience::Mentioned, vec![cat]).await;
    let reply = |id| {
        let Deed::Note(said) = crate::peer::said("so?", Audience::Public) else { panic!() };
        let replies_to = Some(Target::Own(Own::Note(id)));
        Deed::Note(Box::new(quintet_core::federation::incoming::Said { replies_to, ..*said }))
    };
    let like = |id| Deed::React { target: Target::Own(Own::Note(id)), reaction: "❤".into(), exclusive: true };
    let about = |own| Deed::Keep { about: vec![Target::Own(own)] };
    let to_room = |id| crate::peer::said("hi", Audience::Group(Target::Own(Own::Room(id))));
    let (nothing, nowhere) = (crate::house::unknown(), abroad.house.room("closed", None).await.id);
    let table = [
        [reply(note), reply(chat), reply(nothing)],
        [like(note), like(chat), like(nothing)],
        [about(Own::Note(note)), about(Own::Note(chat)), about(Own::Note(nothing))],
        [about(Own::Room(room)), to_room(room), to_room(nowhere)],
        [
            Deed::Unfollow(Target::Own(Own::Room(room))),
            Deed::Follow(Target::Own(Own::Room(room))),
            Deed::Unfollow(Target::Own(Own::Room(nowhere))),
        ],
    ];
    for (row, deeds) in table.into_iter().enumerate() {
        for (column, deed) in deeds.into_iter().enumerate() {
            let incoming = entity(&abroad, &bob, &format!("{row} {column}"), deed);
            let refused = accept(&abroad, &bob, &incoming).await.unwrap_err();
            let told = (refused.kind(), refused.public());
            assert_eq!(told, (Kind::NotFound, "there is no such thing here"), "{incoming:?}");
        }
    }
    assert!(abroad.house.hub.user_named("bob@b.example").is_none(), "nobody is adopted for that");
}

#[tokio::test]
async fn reactions_are_shown_one_by_one_and_by_type() {
    let (abroad, bob) = abroad().await;
    let ann = abroad.house.register("ann").await;
    let room = group(&abroad).await;
    let chat = abroad.house.post(&ann, room, "hello").await.id;
    abroad.house.pass_millis(5_000);
    for reaction in ["❤", "🎉"] {
        abroad.house.done(&ann, Call::React { chat, reaction: reaction.into(), adding: true }).await;
    }
    let felt_at = abroad.house.now();
    let target = Target::Own(Own::Note(chat));
    let like = Deed::React { target: target.clone(), reaction: "❤".into(), exclusive: true };
    let incoming = entity(&abroad, &bob, "l", like);
    let incoming = std::sync::Arc::new(quintet_core::federation::Incoming {
        kind: "like".into(),
        transient: false,
        ..(*incoming).clone()
    });
    accept(&abroad, &bob, &incoming).await.unwrap();
    let exhibit = |reaction: &str| Exhibit::Reaction { user: ann.id(), to: chat, reaction: reaction.into() };
    let Shown::Reaction { by, to, at, .. } = show(&abroad, exhibit("❤"), None).await.unwrap() else { panic!() };
    assert_eq!((by, to, at), (ann.id(), target, felt_at));
    assert!(!is_shown(&abroad, exhibit("👎"), None).await);
    let own = |reaction: &str| Own::Reaction { user: ann.id(), to: chat, reaction: reaction.into() };
    let (anns, bobs) =
        (Item::Entity(Target::Own(own("❤"))), Item::Entity(Target::Remote(incoming.name.clone().unwrap())));
    let list = |span| page(&abroad, Own::Note(chat), List::Reactions("like"), span);
    assert_eq!(list((0, 9)).await, (vec![anns.clone(), bobs.clone()], 2));
    assert_eq!(list((0, 1)).await, (vec![anns], 2));
    assert_eq!(list((1, 9)).await, (vec![bobs], 2));
    let others = page(&abroad, Own::Note(chat), List::Reactions("reaction"), (0, 9)).await;
    assert_eq!(others, (vec![Item::Entity(Target::Own(own("🎉")))], 1));
}
