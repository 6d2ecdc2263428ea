//! Notes of users here.

use quintet_core::Kind;
use quintet_core::change::Change;
use quintet_core::event::Body;
use quintet_core::federation::note::NewNote;
use quintet_core::federation::{Audience, Note, Own, Target};
use quintet_core::identity::Author;
use quintet_core::topic::Topic;

use crate::house::{House, nowhere};
use crate::letters::elsewhere;

on_every_store! {
    a_note_is_kept_until_it_is_deleted
    notes_are_read_the_newest_first
    notes_of_users_are_read_from_a_number
    only_its_author_changes_a_note
    a_room_is_written_to_by_chats
}

fn new(content: &str, audience: Audience) -> NewNote {
    NewNote { content: content.into(), audience, mentions: Vec::new(), replies_to: None }
}

async fn post(house: &House, author: &Author, new: NewNote) -> Note {
    match house.make_one(author, Change::PostNote(new)).await {
        Body::NotePosted(note) => *note,
        other => panic!("not a note: {other:?}"),
    }
}

async fn a_note_is_kept_until_it_is_deleted(house: House) {
    let (admin, _) = house.found().await;
    let mentions = vec![elsewhere("users/bob"), Target::Own(Own::User(admin.id))];
    let replies_to = Some(elsewhere("notes/1"));
    let group = Audience::Group(elsewhere("groups/1"));
    let events =
        house.append(&admin, Change::PostNote(NewNote { mentions, replies_to, ..new("hi", group) })).await.unwrap();
    let Body::NotePosted(note) = &events[0].body else { panic!("{events:?}") };
    assert_eq!(events[0].topics, [Topic::user(admin.id)]);
    assert_eq!((&note.author, note.created_at, note.edited, note.mentions.len()), (&admin, house.now(), false, 2));
    let correspondence = house.store.correspondence();
    assert_eq!(correspondence.note(note.id).await.unwrap().as_ref(), Some(&**note));

    let edited = house.make_one(&admin, Change::EditNote { note: note.id, content: "ho".into() }).await;
    let expected = Note { content: "ho".into(), edited: true, ..(**note).clone() };
    assert_eq!(edited, Body::NoteEdited(Box::new(expected.clone())));
    assert_eq!(correspondence.note(note.id).await.unwrap(), Some(expected.clone()));
    let deleted = house.make_one(&admin, Change::DeleteNote(note.id)).await;
    assert_eq!(deleted, Body::NoteDeleted(Box::new(expected)));
    assert_eq!(correspondence.note(note.id).await.unwrap(), None);
    let log = house.store.history(&Topic::user(admin.id), 1, 9).await.unwrap();
    assert_eq!(log.len(), 3);
    assert_eq!(log[0], *events[0]);
}

async fn notes_are_read_the_newest_first(house: House) {
    let (admin, general) = house.found().await;
    let ann = house.user("ann").await;
    for (author, content, audience) in [
        (&admin, "1", Audience::Public),
        (&admin, "2", Audience::Followers),
        (&ann, "3", Audience::Public),
        (&admin, "4", Audience::Mentioned),
        (&admin, "5", Audience::Public),
    ] {
        post(&house, author, new(content, audience)).await;
    }
    house.post(&admin, general.id, "a chat").await;
    let read = async |public, offset, limit| {
        let (notes, total) = house.store.correspondence().notes(admin.id, public, offset, limit).await.unwrap();
        (notes.into_iter().map(|note| note.content).collect::<String>(), total)
    };
    assert_eq!(read(false, 0, 9).await, ("5421".into(), 4));
    assert_eq!(read(false, 1, 2).await, ("42".into(), 4));
    assert_eq!(read(true, 0, 9).await, ("51".into(), 2));
    assert_eq!(read(true, 2, 9).await, (String::new(), 2));
}

async fn notes_of_users_are_read_from_a_number(house: House) {
    let (admin, _) = house.found().await;
    let (ann, ben) = (house.user("ann").await, house.user("ben").await);
    let first = post(&house, &ann, new("first", Audience::Public)).await;
    post(&house, &ann, new("private", Audience::Mentioned)).await;
    post(&house, &ann, new("to the group", Audience::Group(elsewhere("groups/1")))).await;
    let second = post(&house, &admin, new("second", Audience::Followers)).await;
    post(&house, &ben, new("not asked for", Audience::Public)).await;
    let third = post(&house, &ann, new("third", Audience::Public)).await;
    let both = [ann.id, admin.id];
    let read = async |authors: &[_], before, limit| {
        house.store.correspondence().notes_of(authors, before, limit).await.unwrap()
    };
    assert_eq!(read(&both, None, 9).await, [third.clone(), second.clone(), first.clone()]);
    assert_eq!(read(&both, None, 2).await, [third.clone(), second.clone()]);
    assert_eq!(read(&both, Some(third.id), 1).await, [second]);
    assert_eq!(read(&both[..1], None, 9).await, [third, first]);
    assert_eq!(read(&[], None, 9).await, []);
}

async fn only_its_author_changes_a_note(house: House) {
    let (admin, general) = house.found().await;
    let ann = house.user("ann").await;
    let (note, chat) = (post(&house, &ann, new("hi", Audience::Public)).await, house.post(&ann, general.id, "x").await);
    for (id, kind) in [(note.id, Kind::Forbidden), (nowhere(), Kind::NotFound), (chat.id, Kind::NotFound)] {
        let edit = Change::EditNote { note: id, content: "ho".into() };
        assert_eq!(house.refused(&admin, edit).await.0, kind);
        assert_eq!(house.refused(&admin, Change::DeleteNote(id)).await.0, kind);
    }
    assert_eq!(house.store.correspondence().note(chat.id).await.unwrap(), None);
}

async fn a_room_is_written_to_by_chats(house: House) {
    let (admin, general) = house.found().await;
    let group = Audience::Group(Target::Own(Own::Room(general.id)));
    assert_eq!(house.refused(&admin, Change::PostNote(new("hi", group))).await.0, Kind::BadMessage);
}
