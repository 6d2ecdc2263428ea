//! What users of other houses feel about something of ours, and ours about theirs.

use quintet_core::change::Change;
use quintet_core::event::Body;
use quintet_core::federation::note::NewNote;
use quintet_core::federation::{Audience, Deed, Own, Target};
use quintet_core::id::Id;
use quintet_core::identity::Author;
use quintet_core::limits::Limits;
use quintet_core::topic::Topic;
use quintet_core::user::User;
use quintet_core::{Kind, chat::Chat};
use quintet_store::Bond;

use crate::house::{House, nowhere};
use crate::letters::{Letter, address, elsewhere, letter, like, note, order};

on_every_store! {
    a_reaction_stands_until_it_is_taken_back
    an_exclusive_reaction_takes_the_place_of_another
    the_same_feeling_by_two_names_ends_with_the_last
    a_reaction_needs_a_right_and_something_to_feel_about
    reactions_are_bounded
    a_note_of_ours_is_felt_about
    users_here_feel_about_notes_of_others
}

fn reaction(house: &House, path: &str, to: Id, text: &str) -> Letter {
    let target = Target::Own(Own::Note(to));
    letter(house, path, "Reaction", Deed::React { target, reaction: text.into(), exclusive: false })
}

fn liking(house: &House, path: &str, to: Id, text: &str) -> Letter {
    let Deed::React { target, exclusive, .. } = like(Target::Own(Own::Note(to))) else { unreachable!() };
    letter(house, path, "Reaction", Deed::React { target, reaction: text.into(), exclusive })
}

fn back(house: &House, path: &str) -> Letter {
    let deed = Deed::Delete { target: elsewhere(path), kind: "Reaction".into() };
    order(house, &format!("deletes/{path}"), deed)
}

/// A federated room with a chat, and two users of another house.
async fn stage(house: &House) -> (Author, Chat, User, User) {
    let (admin, _) = house.found().await;
    let group = house.group(&admin).await;
    let chat = house.post(&admin, group.id, "hello").await;
    (admin, chat, house.adopt("bob").await, house.adopt("eve").await)
}

fn reacted(chat: &Chat, change: (&str, bool), reactions: &[(&str, u64)]) -> Body {
    Body::ChatReacted {
        chat: chat.id,
        room: chat.room,
        thread: None,
        subject: None,
        reactions: reactions.iter().map(|(text, count)| ((*text).to_owned(), *count)).collect(),
        change: Some((change.0.to_owned(), change.1)),
    }
}

async fn a_reaction_stands_until_it_is_taken_back(house: House) {
    let (_, chat, bob, eve) = stage(&house).await;
    let bodies = house.take(reaction(&house, "r/1", chat.id, "+").of(&bob)).await;
    assert_eq!(bodies, [reacted(&chat, ("+", true), &[("+", 1)])]);
    house.take(reaction(&house, "r/2", chat.id, "+").of(&eve)).await;
    house.known(reaction(&house, "r/2", chat.id, "-").of(&eve).signed(1)).await;
    let reactors = house.store.reactors(chat.id).await.unwrap().unwrap();
    assert_eq!(reactors.len(), 1);
    assert_eq!(reactors[0].1.len(), 2);
    let (found, total) = house.store.correspondence().about(chat.id, Bond::Reaction, None, None, 0, 9).await.unwrap();
    assert_eq!((found.len(), total), (2, 2));

    assert_eq!(house.returned(back(&house, "r/1").of(&eve)).await, Kind::Forbidden);
    let bodies = house.take(back(&house, "r/1").of(&bob)).await;
    assert_eq!(bodies, [reacted(&chat, ("+", false), &[("+", 1)])]);
    // The house takes back what its user felt.
    let bodies = house.take(back(&house, "r/2").by_house()).await;
    assert_eq!(bodies, [reacted(&chat, ("+", false), &[])]);
    assert_eq!(house.store.correspondence().about(chat.id, Bond::Reaction, None, None, 0, 9).await.unwrap().1, 0);
}

async fn an_exclusive_reaction_takes_the_place_of_another(house: House) {
    let (_, chat, bob, eve) = stage(&house).await;
    house.take(reaction(&house, "r/1", chat.id, "+").of(&bob)).await;
    house.take(liking(&house, "l/1", chat.id, "yes").of(&eve)).await;
    house.take(liking(&house, "l/2", chat.id, "yes").of(&bob)).await;
    let bodies = house.take(liking(&house, "l/3", chat.id, "no").of(&bob)).await;
    let gone = reacted(&chat, ("yes", false), &[("+", 1), ("yes", 1)]);
    let come = reacted(&chat, ("no", true), &[("+", 1), ("yes", 1), ("no", 1)]);
    assert_eq!(bodies, [gone, come]);
    // What was replaced is taken back without effect; the other still counts.
    assert_eq!(house.take(back(&house, "l/2").of(&bob)).await, []);
    let bodies = house.take(back(&house, "l/3").of(&bob)).await;
    assert_eq!(bodies, [reacted(&chat, ("no", false), &[("+", 1), ("yes", 1)])]);
}

async fn the_same_feeling_by_two_names_ends_with_the_last(house: House) {
    let (_, chat, bob, _) = stage(&house).await;
    for path in ["r/1", "r/2"] {
        let bodies = house.take(reaction(&house, path, chat.id, "+").of(&bob)).await;
        assert_eq!(bodies, [reacted(&chat, ("+", true), &[("+", 1)])]);
    }
    assert_eq!(house.take(back(&house, "r/1").of(&bob)).await, []);
    assert_eq!(house.take(back(&house, "r/2").of(&bob)).await, [reacted(&chat, ("+", false), &[])]);
    for path in ["l/1", "l/2"] {
        let bodies = house.take(liking(&house, path, chat.id, "yes").of(&bob)).await;
        assert_eq!(bodies, [reacted(&chat, ("yes", true), &[("yes", 1)])]);
    }
}

async fn a_reaction_needs_a_right_and_something_to_feel_about(house: House) {
    let (admin, chat, bob, _) = stage(&house).await;
    let general = house.snapshot().await.rooms[0].id;
    let hidden = house.post(&admin, general, "hidden").await;
    assert_eq!(house.returned(reaction(&house, "r/1", nowhere(), "+").of(&bob)).await, Kind::NotFound);
    assert_eq!(house.returned(reaction(&house, "r/1", hidden.id, "+").of(&bob)).await, Kind::NotFound);
    for own in [Own::Unknown, Own::User(admin.id), Own::Room(chat.room)] {
        let letter = letter(&house, "r/1", "Reaction", like(Target::Own(own)));
        assert_eq!(house.returned(letter.of(&bob)).await, Kind::NotFound);
    }
    assert_eq!(house.returned(reaction(&house, "r/1", chat.id, "+")).await, Kind::Forbidden);
    let mut silenced = reaction(&house, "r/1", chat.id, "+").of(&bob);
    silenced.0.may = false;
    assert_eq!(house.returned(silenced).await, Kind::Forbidden);
    assert_eq!(house.returned(reaction(&house, "r/1", chat.id, &"x".repeat(129)).of(&bob)).await, Kind::BadMessage);
    // What others feel about others is kept, whether that is known or not.
    assert_eq!(house.take(letter(&house, "r/1", "Reaction", like(elsewhere("notes/1")))).await, []);
}

async fn reactions_are_bounded(house: House) {
    let house = house.with(Limits { chat_reactions: 1, ..Limits::default() }).await;
    let (admin, chat, bob, _) = stage(&house).await;
    house.take(liking(&house, "l/1", chat.id, "yes").of(&bob)).await;
    assert_eq!(house.returned(reaction(&house, "r/1", chat.id, "+").of(&bob)).await, Kind::TooMany);
    house.take(letter(&house, "notes/1", "Note", note("hello"))).await;
    let to = house.entity("notes/1").await.unwrap().id;
    let react = |reaction: &str| Change::ReactToNote { to, reaction: reaction.into(), adding: true };
    house.make(&admin, react("+")).await;
    assert_eq!(house.refused(&admin, react("-")).await.0, Kind::TooMany);
}

async fn a_note_of_ours_is_felt_about(house: House) {
    let (admin, _, bob, _) = stage(&house).await;
    let new = NewNote { content: "hi".into(), audience: Audience::Public, mentions: Vec::new(), replies_to: None };
    let posted = house.make_one(&admin, Change::PostNote(new)).await;
    let Body::NotePosted(note) = posted else { panic!("{posted:?}") };
    // Of what is no chat, nobody needs to be a user here to feel something about it.
    assert_eq!(house.take(liking(&house, "l/1", note.id, "yes").by(&address("users/x"))).await, []);
    assert_eq!(house.take(reaction(&house, "r/1", note.id, "+").of(&bob)).await, []);
    let about = async || house.store.correspondence().about(note.id, Bond::Reaction, None, None, 0, 9).await.unwrap().1;
    assert_eq!(about().await, 2);
    // A like and a dislike are not both there.
    assert_eq!(house.take(liking(&house, "l/2", note.id, "no").by(&address("users/x"))).await, []);
    assert_eq!(about().await, 2);
    assert_eq!(house.take(back(&house, "r/1").of(&bob)).await, []);
    assert_eq!(about().await, 1);
    house.make(&admin, Change::DeleteNote(note.id)).await;
    assert_eq!(about().await, 0);
}

async fn users_here_feel_about_notes_of_others(house: House) {
    let (admin, ..) = stage(&house).await;
    house.take(letter(&house, "notes/1", "Note", note("hello"))).await;
    let to = house.entity("notes/1").await.unwrap().id;
    let felt = async || house.store.correspondence().felt(admin.id, to, "+").await.unwrap();
    let since = house.now();
    for (adding, expected) in [(true, Some(since)), (true, Some(since)), (false, None), (false, None)] {
        let change = Change::ReactToNote { to, reaction: "+".into(), adding };
        let events = house.append(&admin, change).await.unwrap();
        let note = elsewhere("notes/1");
        assert_eq!(events[0].body, Body::NoteReacted { by: admin.id, to, note, reaction: "+".into(), adding });
        assert_eq!(events[0].topics, [Topic::user(admin.id)]);
        assert_eq!(felt().await, expected);
        house.wait(1);
    }
    let change = |to| Change::ReactToNote { to, reaction: "+".into(), adding: true };
    assert_eq!(house.refused(&admin, change(nowhere())).await.0, Kind::NotFound);
    let deed = Deed::Delete { target: elsewhere("notes/1"), kind: "Note".into() };
    house.take(order(&house, "d/1", deed)).await;
    assert_eq!(house.refused(&admin, change(to)).await.0, Kind::NotFound);
}
