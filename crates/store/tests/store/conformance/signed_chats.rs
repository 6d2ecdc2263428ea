//! Chats that came in as signed commits, and the history of each.

use std::sync::Arc;

use quintet_core::change::Change;
use quintet_core::chat::NewChat;
use quintet_core::error::{Error, Kind};
use quintet_core::event::{Body, Event};
use quintet_core::identity::Author;
use quintet_core::{Commit, Draft, Id, term};
use quintet_store::Rooms;

use crate::house::{House, chat, nowhere, room};
use crate::pen::{Pen, at, below, drive, edit};

on_every_store! {
    a_commit_posts_a_chat_once
    a_poisoned_commit_posts_none
    a_subject_is_one_things
    a_subject_is_free_again_when_its_chat_is_gone
    the_history_of_a_chat_is_its_own
}

async fn append(
    house: &House,
    author: &Author,
    change: Change,
    commit: &Arc<Commit>,
) -> Result<Vec<Arc<Event>>, Error> {
    house.store.append(Draft { commit: Some(Arc::clone(commit)), ..house.draft(author, change) }).await
}

fn named(room: Id, path: &str) -> Change {
    Change::PostChat(NewChat { subject: Some(at(path)), ..chat(room, "hello") })
}

async fn a_commit_posts_a_chat_once(house: House) {
    let (admin, general) = house.found().await;
    let commit = house.sign(&Pen::of(1), edit("/message").set(term::DESCRIPTION, "hello"));
    let events = append(&house, &admin, named(general.id, "/message"), &commit).await.unwrap();
    assert_eq!(events[0].commit.as_ref(), Some(&commit));
    let Body::ChatPosted(posted) = &events[0].body else { panic!("{events:?}") };
    for change in [named(general.id, "/other"), Change::DeleteChat(posted.id)] {
        let error = append(&house, &admin, change, &commit).await.unwrap_err();
        assert_eq!((error.kind(), error.public()), (Kind::Conflict, "this commit is known"));
    }
    assert_eq!(house.store.commit(&commit.signature).await.unwrap().as_ref(), Some(&*events[0]));
    assert_eq!(house.store.chat_at(&at("/message")).await.unwrap().as_ref(), Some(posted));
    assert_eq!(house.store.chat(posted.id).await.unwrap().as_ref(), Some(posted));
    assert_eq!(house.store.document(&at("/message")).await.unwrap(), None);
}

async fn a_poisoned_commit_posts_none(house: House) {
    let (admin, general) = house.found().await;
    let commit =
        house.sign(&Pen::of(1), edit("/message").set(term::DESCRIPTION, "hello").set("https://p.example/a", 7));
    append(&house, &admin, named(general.id, "/message"), &commit).await.unwrap();
    // It is told as it is: whoever listens has to parse it.
    let poisoned = edit("/other").set(term::DESCRIPTION, "hello").set("https://p.example/a", serde_json::json!([7]));
    let commit = house.sign(&Pen::of(1), poisoned);
    let error = append(&house, &admin, named(general.id, "/other"), &commit).await.unwrap_err();
    assert_eq!(error.kind(), Kind::BadMessage);
}

async fn a_subject_is_one_things(house: House) {
    let (admin, general) = house.found().await;
    house.write(&Pen::root(), drive("/d")).await;
    house.make(&admin, named(general.id, "/message")).await;
    for path in ["/d", "/message"] {
        assert_eq!(house.refused(&admin, named(general.id, path)).await.0, Kind::Conflict, "{path}");
    }
    assert_eq!(house.refuses(&Pen::root(), below("/d", "/message")).await.0, Kind::Conflict);
    assert_eq!(house.store.chats(&all(), Rooms::All).await.unwrap().len(), 1);
}

fn all() -> quintet_core::chat::ChatFilter {
    quintet_core::chat::ChatFilter { limit: 9, ..Default::default() }
}

async fn a_subject_is_free_again_when_its_chat_is_gone(house: House) {
    let (admin, general) = house.found().await;
    let attic = house.create_room(&admin, room("attic")).await;
    house.make(&admin, named(attic.id, "/message")).await;
    house.make(&admin, Change::DeleteRoom(attic.id)).await;
    assert_eq!(house.store.chat_at(&at("/message")).await.unwrap(), None);
    house.make(&admin, named(general.id, "/message")).await;
    let posted = house.store.chat_at(&at("/message")).await.unwrap().unwrap();
    house.make(&admin, Change::DeleteChat(posted.id)).await;
    assert_eq!(house.store.chat_at(&at("/message")).await.unwrap(), None);
    house.write(&Pen::root(), drive("/message")).await;
}

async fn the_history_of_a_chat_is_its_own(house: House) {
    let (admin, general) = house.found().await;
    let one = house.post(&admin, general.id, "one").await;
    let two = house.post(&admin, general.id, "two").await;
    house.make(&admin, Change::EditChat { chat: one.id, content: "1".into() }).await;
    house.make(&admin, Change::React { chat: two.id, reaction: "+".into(), adding: true }).await;
    house.make(&admin, Change::React { chat: one.id, reaction: "+".into(), adding: true }).await;
    house.start_thread(&admin, one.id, "thread").await;
    house.make(&admin, Change::DeleteChat(one.id)).await;
    let history = house.store.chat_history(one.id, 99).await.unwrap();
    let names: Vec<_> = history.iter().map(|event| event.body.name()).collect();
    assert_eq!(names, ["chat_posted", "chat_edited", "chat_reacted", "chat_deleted"]);
    let heard = house.heard.lock().clone();
    assert!(history.iter().all(|event| heard.iter().any(|heard| **heard == *event)));
    assert_eq!(house.store.chat_history(one.id, 2).await.unwrap(), history[..2]);
    assert_eq!(house.store.chat_history(two.id, 99).await.unwrap().len(), 2);
    let last = house.store.last_of_chats(&[two.id, nowhere(), one.id]).await.unwrap();
    let names: Vec<_> = last.iter().map(|event| event.as_ref().map(|event| event.body.name())).collect();
    assert_eq!(names, [Some("chat_reacted"), None, Some("chat_deleted")]);
    assert!(house.store.chat_history(nowhere(), 9).await.unwrap().is_empty());
}
