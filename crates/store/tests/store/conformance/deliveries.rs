//! What other houses send: names, edits, chats, what is taken back.

use quintet_core::Kind;
use quintet_core::change::Change;
use quintet_core::event::Body;
use quintet_core::federation::incoming::Said;
use quintet_core::federation::{Address, Audience, Deed, Form, Own, Target};
use quintet_core::id::Id;
use quintet_core::topic::Topic;
use quintet_store::{Bond, Post};

use crate::house::{House, nowhere};
use crate::letters::{Letter, address, address_at, elsewhere, letter, note, note_in, order, said};

on_every_store! {
    an_entity_is_kept_as_it_was_signed
    what_is_known_says_nothing_new
    a_note_is_edited_under_its_name
    a_name_belongs_to_its_first_actor
    what_has_no_name_is_known_by_its_signature
    a_note_into_a_room_is_a_chat
    a_chat_is_dated_about_now
    who_may_not_write_there_is_refused
    a_chat_is_edited_and_taken_back
    a_chat_that_is_deleted_here_does_not_come_again
    what_its_house_lost_is_gone
    only_its_author_takes_something_back
    what_it_is_about_must_be_there
    what_concerns_nobody_is_forgotten
    replies_are_found_and_parted_from_quotes
    a_timeline_has_what_followers_read
    entities_are_read_by_house
}

fn public(house: &House, path: &str, content: &str) -> Letter {
    letter(house, path, "Note", note(content))
}

async fn an_entity_is_kept_as_it_was_signed(house: House) {
    house.found().await;
    let letter = public(&house, "notes/1", "hello");
    let incoming = letter.0.incoming.clone();
    let events = house.try_take(letter).await.unwrap();
    let [event] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(event.topics, [Topic::instance("b.example")]);

    let kept = house.entity("notes/1").await.unwrap();
    assert_eq!((kept.id, kept.at, &kept.name, &kept.actor), (event.id, house.now(), &incoming.name, &incoming.actor));
    assert_eq!((&kept.text, &*kept.signature, &*kept.kind), (&incoming.text, "signature of notes/1", "Note"));
    let correspondence = house.store.correspondence();
    assert_eq!(correspondence.entity_numbered(event.id).await.unwrap(), Some(kept));
    assert_eq!(correspondence.entity_numbered(nowhere()).await.unwrap(), None);

    // The log does not keep the text twice.
    let log = house.store.history(&Topic::instance("b.example"), 0, 9).await.unwrap();
    let [Body::Delivered(delivered)] = &log.iter().map(|event| event.body.clone()).collect::<Vec<_>>()[..] else {
        panic!("{log:?}")
    };
    assert_eq!((&*delivered.text, delivered.name.as_deref()), ("", Some("https://b.example/notes/1")));
    let all = correspondence.log(Id::HOUSE, 99).await.unwrap();
    assert_eq!((all.len(), all.last()), (4, log.last()));
    assert_eq!(correspondence.log(all[1].id, 1).await.unwrap(), all[2..3]);
}

async fn what_is_known_says_nothing_new(house: House) {
    house.found().await;
    house.take(public(&house, "notes/1", "hello")).await;
    house.known(public(&house, "notes/1", "hello")).await;
    house.known(public(&house, "notes/1", "hello").signed(99)).await;
    house.known(public(&house, "notes/1", "older").signed(-1)).await;
    house.take(order(&house, "likes/1", Deed::Unknown)).await;
    house.known(order(&house, "likes/1", Deed::Keep { about: Vec::new() }).signed(5)).await;
}

async fn a_note_is_edited_under_its_name(house: House) {
    house.found().await;
    house.take(public(&house, "notes/1", "hello")).await;
    let first = house.entity("notes/1").await.unwrap();
    house.wait(5_000);
    // In the same second as the first, another text is an edit; the number stays.
    let edit = public(&house, "notes/1", "hello again").signed(-5);
    let text = edit.0.incoming.text.clone();
    assert_eq!(house.take(edit).await, []);
    let second = house.entity("notes/1").await.unwrap();
    assert_eq!((second.id, second.at, &second.text), (first.id, first.at, &text));
    house.known(public(&house, "notes/1", "hello").signed(-6)).await;
}

async fn a_name_belongs_to_its_first_actor(house: House) {
    house.found().await;
    house.take(public(&house, "notes/1", "hello")).await;
    let another = public(&house, "notes/1", "mine").by(&address("users/eve"));
    assert_eq!(house.returned(another).await, Kind::Forbidden);
    assert_eq!(house.returned(public(&house, "notes/1", "mine").by_house()).await, Kind::Forbidden);
    let another = public(&house, "notes/1", "hello").with(|incoming| incoming.kind = "Group".into());
    assert_eq!(house.returned(another).await, Kind::Forbidden);
    let mut another = public(&house, "notes/1", "mine");
    another.0.host = crate::letters::host("c.example");
    assert_eq!(house.returned(another).await, Kind::Forbidden);
}

async fn what_has_no_name_is_known_by_its_signature(house: House) {
    house.found().await;
    let nameless = |path| order(&house, path, Deed::Unknown).with(|incoming| incoming.name = None);
    house.take(nameless("a")).await;
    house.take(nameless("b")).await;
    house.known(nameless("a")).await;
    // A name that is spelled like a signature is another thing.
    let named = order(&house, "c", Deed::Unknown).with(|incoming| {
        incoming.name = Some(Address { key: "signature of a".into(), ..address("") });
    });
    house.take(named.clone()).await;
    house.known(named).await;
}

async fn a_note_into_a_room_is_a_chat(house: House) {
    let (admin, _) = house.found().await;
    let (room, bob) = (house.group(&admin).await, house.adopt("bob").await);
    house.wait(9_000);
    let letter = letter(&house, "notes/1", "Note", note_in(room.id, "running late")).of(&bob);
    let bodies = house.take(letter.clone()).await;
    let [Body::ChatPosted(chat)] = bodies.as_slice() else { panic!("{bodies:?}") };
    assert_eq!((chat.room, &chat.content[..], chat.created_at), (room.id, "running late", house.now()));
    assert_eq!((chat.author.id, &*chat.author.name), (bob.id, "bob@b.example"));
    assert_eq!(house.store.chat(chat.id).await.unwrap().as_ref(), Some(chat));
    let words = quintet_core::chat::ChatFilter { words: Some("run".into()), ..Default::default() };
    assert_eq!(house.contents(words).await, ["running late"]);
    assert_eq!(house.store.correspondence().name_of_chat(chat.id).await.unwrap(), Some(address("notes/1")));
    assert!(house.entity("notes/1").await.is_some());
    house.known(letter).await;
    let own = house.post(&admin, room.id, "hello").await;
    assert_eq!(house.store.correspondence().name_of_chat(own.id).await.unwrap(), None);
}

async fn a_chat_is_dated_about_now(house: House) {
    let (admin, _) = house.found().await;
    let (room, bob) = (house.group(&admin).await, house.adopt("bob").await);
    for (number, late) in [0, 30_000, 30_001, -30_000, -30_001].into_iter().enumerate() {
        let at = house.now().plus_millis(late);
        let letter = letter(&house, &format!("notes/{number}"), "Note", note_in(room.id, "x")).of(&bob);
        let bodies = house.take(letter.with(|incoming| incoming.created_at = at)).await;
        let [Body::ChatPosted(chat)] = bodies.as_slice() else { panic!("{bodies:?}") };
        assert_eq!(chat.created_at, if late.abs() <= 30_000 { at } else { house.now() }, "{late}");
    }
}

async fn who_may_not_write_there_is_refused(house: House) {
    let (admin, general) = house.found().await;
    let (room, bob) = (house.group(&admin).await, house.adopt("bob").await);
    let into = |room| letter(&house, "notes/1", "Note", note_in(room, "hello"));
    assert_eq!(house.returned(into(general.id).of(&bob)).await, Kind::NotFound, "not federated");
    assert_eq!(house.returned(into(nowhere()).of(&bob)).await, Kind::NotFound);
    assert_eq!(house.returned(into(room.id)).await, Kind::Forbidden, "nobody here");
    let mut silenced = into(room.id).of(&bob);
    silenced.0.may = false;
    assert_eq!(house.returned(silenced).await, Kind::Forbidden);
    let nowhere = Said { audience: Audience::Group(Target::Own(Own::Unknown)), ..said("hello") };
    let letter = letter(&house, "notes/1", "Note", Deed::Note(Box::new(nowhere))).of(&bob);
    assert_eq!(house.returned(letter).await, Kind::NotFound);
}

/// A chat that came as `notes/1`.
async fn chat_of(
    house: &House,
) -> (quintet_core::identity::Author, quintet_core::user::User, quintet_core::chat::Chat) {
    let (admin, _) = house.found().await;
    let (room, bob) = (house.group(&admin).await, house.adopt("bob").await);
    let bodies = house.take(letter(house, "notes/1", "Note", note_in(room.id, "hello")).of(&bob)).await;
    let [Body::ChatPosted(chat)] = bodies.as_slice() else { panic!("{bodies:?}") };
    (admin, bob, chat.clone())
}

fn deletion(house: &House, path: &str, kind: &str) -> Letter {
    let deed = Deed::Delete { target: elsewhere(path), kind: kind.into() };
    order(house, &format!("deletes/{path}"), deed)
}

async fn a_chat_is_edited_and_taken_back(house: House) {
    let (_, bob, chat) = chat_of(&house).await;
    let edit = letter(&house, "notes/1", "Note", note_in(chat.room, "goodbye")).of(&bob).signed(1);
    let mut silenced = edit.clone();
    silenced.0.may = false;
    assert_eq!(house.returned(silenced).await, Kind::Forbidden);
    let bodies = house.take(edit).await;
    let [Body::ChatEdited(edited)] = bodies.as_slice() else { panic!("{bodies:?}") };
    assert_eq!((edited.id, &edited.content[..], edited.edited), (chat.id, "goodbye", true));

    let deletion = deletion(&house, "notes/1", "Note").of(&bob);
    let gone = Body::ChatDeleted { chat: chat.id, room: chat.room, thread: None, subject: None };
    assert_eq!(house.take(deletion.clone()).await, [gone]);
    assert_eq!(house.store.chat(chat.id).await.unwrap(), None);
    assert_eq!(house.entity("notes/1").await, None);
    let name = house.store.correspondence().name_of_chat(chat.id).await.unwrap();
    assert_eq!(name, Some(address("notes/1")), "others are told under it that it is gone");
    house.known(deletion).await;
    // Nor by an order of another name; nor does the note come again.
    let again = order(&house, "d/2", Deed::Delete { target: elsewhere("notes/1"), kind: "Note".into() });
    house.known(again.of(&bob)).await;
    house.known(letter(&house, "notes/1", "Note", note_in(chat.room, "back again")).of(&bob).signed(9)).await;
}

async fn a_chat_that_is_deleted_here_does_not_come_again(house: House) {
    let (admin, bob, chat) = chat_of(&house).await;
    house.make(&admin, Change::DeleteChat(chat.id)).await;
    assert_eq!(house.entity("notes/1").await, None);
    house.known(letter(&house, "notes/1", "Note", note_in(chat.room, "back again")).of(&bob).signed(9)).await;

    // One that went with its room is edited without effect.
    let letter = |content| letter(&house, "notes/2", "Note", note_in(chat.room, content)).of(&bob);
    house.take(letter("one")).await;
    house.make(&admin, Change::DeleteRoom(chat.room)).await;
    assert_eq!(house.take(letter("two").signed(1)).await, []);
}

async fn what_its_house_lost_is_gone(house: House) {
    let (_, _, chat) = chat_of(&house).await;
    house.take(public(&house, "notes/2", "hello")).await;
    let gone = |path| letter(&house, path, "Note", Deed::Gone).with(|incoming| incoming.actor = None);
    let mut elsewhere = gone("notes/2");
    elsewhere.0.host =
        quintet_core::federation::Host::parse("c.example", quintet_core::federation::host::Reach::Net).unwrap();
    for letter in [gone("notes/1"), gone("notes/3"), elsewhere] {
        house.known(letter).await;
    }
    assert!(house.store.chat(chat.id).await.unwrap().is_some(), "a chat is its author's to take back");
    assert!(house.entity("notes/2").await.is_some());
    assert_eq!(house.take(gone("notes/2")).await, []);
    assert_eq!(house.entity("notes/2").await, None);
    house.known(gone("notes/2")).await;
}

async fn only_its_author_takes_something_back(house: House) {
    house.found().await;
    for path in ["notes/1", "notes/2"] {
        house.take(public(&house, path, "hello")).await;
    }
    let of = |path, kind| deletion(&house, path, kind);
    assert_eq!(house.returned(of("notes/9", "Note")).await, Kind::NotFound);
    assert_eq!(house.returned(of("notes/1", "Note").by(&address("users/eve"))).await, Kind::Forbidden);
    assert_eq!(house.returned(of("notes/1", "Group")).await, Kind::Forbidden);
    let mut stranger = of("notes/1", "Note").by_house();
    stranger.0.host = crate::letters::host("c.example");
    assert_eq!(house.returned(stranger).await, Kind::Forbidden);
    for (own, kind) in [(Own::Unknown, Kind::NotFound), (Own::Note(nowhere()), Kind::Forbidden)] {
        let deed = Deed::Delete { target: Target::Own(own), kind: "Note".into() };
        assert_eq!(house.returned(order(&house, "d/1", deed)).await, kind);
    }
    assert!(house.entity("notes/1").await.is_some());
    assert_eq!(house.take(of("notes/1", "Note")).await, []);
    assert_eq!(house.take(of("notes/2", "Note").by_house()).await, []);
    assert_eq!((house.entity("notes/1").await, house.entity("notes/2").await), (None, None));
}

async fn what_it_is_about_must_be_there(house: House) {
    let (admin, general) = house.found().await;
    let (group, bob) = (house.group(&admin).await, house.adopt("bob").await);
    let (hidden, shown) = (house.post(&admin, general.id, "a").await, house.post(&admin, group.id, "b").await);
    let there = [Own::House, Own::User(admin.id), Own::Room(group.id), Own::Note(shown.id)];
    let not_there = [
        Own::Unknown,
        Own::User(nowhere()),
        Own::User(bob.id),
        Own::Room(general.id),
        Own::Note(hidden.id),
        Own::Note(nowhere()),
    ];
    let about = |own: &Own| Deed::Keep { about: vec![elsewhere("x"), Target::Own(own.clone())] };
    let mention = |own: &Own| Deed::Note(Box::new(Said { mentions: vec![Target::Own(own.clone())], ..said("hi") }));
    let reply = |own: &Own| Deed::Note(Box::new(Said { replies_to: Some(Target::Own(own.clone())), ..said("hi") }));
    for own in &not_there {
        for deed in [about(own), mention(own), reply(own)] {
            assert_eq!(house.returned(letter(&house, "x", "Note", deed)).await, Kind::NotFound, "{own:?}");
        }
    }
    for (number, own) in there.iter().enumerate() {
        for (kind, deed) in [("a", about(own)), ("b", mention(own)), ("c", reply(own))] {
            assert_eq!(house.take(letter(&house, &format!("{kind}/{number}"), "Note", deed)).await, [], "{own:?}");
        }
    }
    // A chat is not lost for what it answers, unless that never was anything.
    for (own, is_taken) in [(Own::Note(nowhere()), true), (Own::Unknown, false)] {
        let Deed::Note(said) = note_in(group.id, "an answer") else { unreachable!() };
        let said = Said { replies_to: Some(Target::Own(own)), ..*said };
        let letter = letter(&house, "notes/1", "Note", Deed::Note(Box::new(said))).of(&bob);
        assert_eq!(house.try_take(letter).await.is_ok_and(|events| events.len() == 2), is_taken);
        if is_taken {
            house.make(&admin, Change::DeleteChat(shown.id)).await;
            house.take(deletion(&house, "notes/1", "Note").of(&bob)).await;
        }
    }
}

async fn what_concerns_nobody_is_forgotten(house: House) {
    let (admin, _) = house.found().await;
    let (bob, eve) = (house.adopt("bob").await, house.adopt("eve").await);
    house.follows(&admin, &bob).await;
    house.take(public(&house, "notes/heard", "hello").of(&bob)).await;
    house.take(public(&house, "notes/stray", "hello").of(&eve)).await;
    house.take(public(&house, "notes/felt", "hello").of(&eve)).await;
    house.take(order(&house, "orders/1", Deed::Unknown).of(&bob)).await;
    let mention = Said { mentions: vec![Target::Own(Own::User(admin.id))], ..said("hello") };
    house.take(letter(&house, "notes/mention", "Note", Deed::Note(Box::new(mention)))).await;
    let felt = house.entity("notes/felt").await.unwrap().id;
    house.make(&admin, Change::ReactToNote { to: felt, reaction: "+".into(), adding: true }).await;

    let correspondence = house.store.correspondence();
    assert_eq!(correspondence.forget(house.now()).await.unwrap(), 0);
    house.wait(1);
    assert_eq!(correspondence.forget(house.now()).await.unwrap(), 2);
    assert_eq!(correspondence.forget(house.now()).await.unwrap(), 0);
    let mut left = Vec::new();
    for path in ["notes/heard", "notes/stray", "notes/felt", "orders/1", "notes/mention"] {
        left.extend(house.entity(path).await.map(|_| path));
    }
    assert_eq!(left, ["notes/heard", "notes/felt", "notes/mention"]);
    // What was forgotten is new again.
    house.take(public(&house, "notes/stray", "hello").of(&eve)).await;
}

async fn replies_are_found_and_parted_from_quotes(house: House) {
    let (admin, _) = house.found().await;
    let group = house.group(&admin).await;
    let chat = house.post(&admin, group.id, "hello").await;
    let own = || Some(Target::Own(Own::Note(chat.id)));
    let notes = [
        Said { replies_to: own(), ..said("1") },
        Said { quotes: own(), ..said("2") },
        Said { replies_to: own(), quotes: own(), ..said("3") },
        said("4"),
    ];
    for (number, said) in (1..).zip(notes) {
        house.take(letter(&house, &format!("notes/{number}"), "Note", Deed::Note(Box::new(said)))).await;
    }
    let keep = Deed::Keep { about: own().into_iter().collect() };
    house.take(letter(&house, "votes/1", "Vote", keep)).await;
    let found = async |bond, kind: Option<&str>, offset, limit| {
        let (found, total) =
            house.store.correspondence().about(chat.id, bond, kind, Some(Form::Uri), offset, limit).await.unwrap();
        let names: Vec<_> =
            found.iter().map(|kept| kept.name.clone().unwrap().key.replace("https://b.example/", "")).collect();
        (names.join(" "), total)
    };
    assert_eq!(found(Bond::Reply, None, 0, 9).await, ("notes/1 notes/3".into(), 2));
    assert_eq!(found(Bond::Reply, Some("Note"), 1, 1).await, ("notes/3".into(), 2));
    assert_eq!(found(Bond::Reply, Some("Vote"), 0, 9).await, (String::new(), 0));
    assert_eq!(found(Bond::Quote, None, 0, 1).await, ("notes/2".into(), 2));
    assert_eq!(found(Bond::Other, Some("Vote"), 0, 9).await, ("votes/1".into(), 1));
    let other = house.store.correspondence().about(chat.id, Bond::Reply, None, Some(Form::Reference), 0, 9).await;
    assert_eq!(other.unwrap(), (Vec::new(), 0), "what has no name in a form does not count there");

    // An edit changes what it is about; what is taken back is about nothing.
    house.take(letter(&house, "notes/1", "Note", note("5")).signed(1)).await;
    house.take(deletion(&house, "notes/2", "Note")).await;
    assert_eq!(found(Bond::Reply, None, 0, 9).await, ("notes/3".into(), 1));
    assert_eq!(found(Bond::Quote, None, 0, 9).await, ("notes/3".into(), 1));
    house.make(&admin, Change::DeleteChat(chat.id)).await;
    assert_eq!(found(Bond::Quote, None, 0, 9).await, (String::new(), 0));
}

/// The paths of what passes.
async fn paths(house: &House, post: Post) -> Vec<String> {
    let found = house.store.correspondence().entities(&post).await.unwrap();
    found.into_iter().map(|kept| kept.name.unwrap().key.split('/').skip(3).collect::<Vec<_>>().join("/")).collect()
}

async fn a_timeline_has_what_followers_read(house: House) {
    let (admin, _) = house.found().await;
    let me = Target::Own(Own::User(admin.id));
    let group = || Audience::Group(elsewhere("groups/1"));
    let notes = [
        ("1", "bob", said("to all")),
        ("2", "bob", Said { audience: Audience::Followers, ..said("to followers") }),
        ("3", "bob", Said { audience: Audience::Mentioned, ..said("to somebody else") }),
        ("4", "eve", said("by nobody whom I follow")),
        ("5", "eve", Said { audience: Audience::Mentioned, mentions: vec![me.clone()], ..said("to me") }),
        ("6", "eve", Said { audience: group(), ..said("to the group") }),
        ("7", "bob", Said { mentions: vec![me], ..said("to all and me") }),
    ];
    for (path, actor, said) in notes {
        let letter = letter(&house, path, "Note", Deed::Note(Box::new(said)));
        house.take(letter.by(&address(&format!("users/{actor}")))).await;
    }
    house.take(letter(&house, "8", "Vote", Deed::Keep { about: Vec::new() })).await;
    house.take(deletion(&house, "1", "Note")).await;

    // Whoever names the group is not in it by that: its house says what is.
    let stranger = |path: &str, signature: &str, may| {
        let said = Said { audience: group(), ..said("from elsewhere") };
        let mut letter = letter(&house, path, "Note", Deed::Note(Box::new(said))).by(&address("users/eve"));
        (letter.0.signature, letter.0.may) = (signature.into(), may);
        letter
    };
    house.take(stranger("9", "signed", false)).await;

    let keys = ["users/bob", "groups/1"].map(|path| address(path).key);
    let all = Post { actors: Some((keys.to_vec(), admin.id)), limit: 9, ..Post::default() };
    assert_eq!(paths(&house, all.clone()).await, ["7", "6", "5", "2"]);
    assert_eq!(paths(&house, Post { limit: 2, ..all.clone() }).await, ["7", "6"]);
    let six = house.entity("6").await.unwrap().id;
    assert_eq!(paths(&house, Post { before: Some(six), ..all.clone() }).await, ["5", "2"]);
    assert_eq!(paths(&house, Post { actors: Some((Vec::new(), admin.id)), ..all.clone() }).await, ["7", "5"]);
    house.known(stranger("9", "signed again", true)).await;
    house.take(stranger("9", "", true)).await;
    assert_eq!(paths(&house, Post { limit: 2, ..all }).await, ["9", "7"]);
    house.known(stranger("9", "", true)).await;
}

async fn entities_are_read_by_house(house: House) {
    house.found().await;
    for (name, path) in [("b.example", "1"), ("c.example", "2"), ("b.example", "3"), ("c.example", "4")] {
        let mut letter = public(&house, path, "hello").by(&address_at(name, "users/x"));
        letter.0.host = crate::letters::host(name);
        house.take(letter.with(|incoming| incoming.name = Some(address_at(name, path)))).await;
    }
    house.take(public(&house, "1", "hello again").by(&address("users/x")).signed(1)).await;
    let all = Post { limit: 9, ..Post::default() };
    let of_b = Post { host: Some(crate::letters::host("b.example")), ..all.clone() };
    assert_eq!(paths(&house, all.clone()).await, ["4", "3", "2", "1"]);
    assert_eq!(paths(&house, of_b.clone()).await, ["3", "1"]);
    let three = house.entity("3").await.unwrap().id;
    assert_eq!(paths(&house, Post { before: Some(three), ..all.clone() }).await, ["2", "1"]);
    assert_eq!(paths(&house, Post { before: Some(three), ..of_b }).await, ["1"]);
    assert_eq!(paths(&house, Post { limit: 1, ..all }).await, ["4"]);
}
