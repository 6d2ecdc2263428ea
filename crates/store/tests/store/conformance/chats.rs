//! Chats: posted, changed, gone.

use quintet_core::change::Change;
use quintet_core::chat::{Chat, NewChat};
use quintet_core::error::Kind;
use quintet_core::event::Body;

use crate::house::{House, chat, nowhere, room};

on_every_store! {
    a_chat_is_kept_as_it_was_said
    a_chat_may_bring_its_own_time
    a_chat_needs_its_room
    an_edit_replaces_the_text_for_good
    a_deleted_chat_is_gone
    what_is_not_there_cannot_be_changed
}

async fn a_chat_is_kept_as_it_was_said(house: House) {
    let (admin, general) = house.found().await;
    house.wait(5);
    let text = "say \"hi\"\0\n\u{2028}\u{1f355}";
    let events = house.append(&admin, Change::PostChat(chat(general.id, text))).await.unwrap();
    let [event] = events.as_slice() else { panic!("{events:?}") };
    let Body::ChatPosted(posted) = &event.body else { panic!("{event:?}") };
    let expected = Chat {
        id: posted.id,
        room: general.id,
        thread: None,
        author: admin.clone(),
        content: text.into(),
        created_at: house.now(),
        edited: false,
        reactions: Vec::new(),
        via: "test".into(),
        subject: None,
    };
    assert_eq!(*posted, expected);
    assert_eq!((event.at, &event.author, &*event.via), (house.now(), &admin, "test"));
    assert_eq!(house.store.chat(posted.id).await.unwrap(), Some(expected));
}

async fn a_chat_may_bring_its_own_time(house: House) {
    let (admin, general) = house.found().await;
    let sent_at = house.now().plus_millis(-20_000);
    let new = NewChat { sent_at: Some(sent_at), ..chat(general.id, "late") };
    let events = house.append(&admin, Change::PostChat(new)).await.unwrap();
    let Body::ChatPosted(posted) = &events[0].body else { panic!("{events:?}") };
    assert_eq!((posted.created_at, events[0].at), (sent_at, house.now()));
}

async fn a_chat_needs_its_room(house: House) {
    let (admin, _) = house.found().await;
    let refusal = house.refused(&admin, Change::PostChat(chat(nowhere(), "hello"))).await;
    assert_eq!(refusal, (Kind::NotFound, "no room 4242".to_owned()));
    // A user has a number, but is no room.
    let refusal = house.refused(&admin, Change::PostChat(chat(admin.id, "hello"))).await;
    assert_eq!(refusal.0, Kind::NotFound);
}

async fn an_edit_replaces_the_text_for_good(house: House) {
    let (admin, general) = house.found().await;
    let posted = house.post(&admin, general.id, "helo").await;
    house.make(&admin, Change::React { chat: posted.id, reaction: "+".into(), adding: true }).await;
    house.wait(5);
    let edited = house.make_one(&admin, Change::EditChat { chat: posted.id, content: "hello".into() }).await;
    let expected = Chat { content: "hello".into(), edited: true, reactions: vec![("+".into(), 1)], ..posted };
    assert_eq!(edited, Body::ChatEdited(expected.clone()));
    assert_eq!(house.store.chat(expected.id).await.unwrap(), Some(expected));
}

async fn a_deleted_chat_is_gone(house: House) {
    let (admin, general) = house.found().await;
    let posted = house.post(&admin, general.id, "oops").await;
    house.make(&admin, Change::React { chat: posted.id, reaction: "+".into(), adding: true }).await;
    let deleted = house.make_one(&admin, Change::DeleteChat(posted.id)).await;
    assert_eq!(deleted, Body::ChatDeleted { chat: posted.id, room: general.id, thread: None, subject: None });
    assert_eq!(house.store.chat(posted.id).await.unwrap(), None);
    assert_eq!(house.store.reactors(posted.id).await.unwrap(), None);
    assert!(house.contents(quintet_core::chat::ChatFilter::default()).await.is_empty());
    assert_eq!(house.refused(&admin, Change::DeleteChat(posted.id)).await.0, Kind::NotFound);
}

async fn what_is_not_there_cannot_be_changed(house: House) {
    let (admin, _) = house.found().await;
    let attic = house.create_room(&admin, room("attic")).await;
    for chat in [nowhere(), attic.id] {
        let changes = [
            Change::EditChat { chat, content: "x".into() },
            Change::DeleteChat(chat),
            Change::React { chat, reaction: "+".into(), adding: true },
            Change::StartThread { chat, name: "x".into() },
        ];
        for change in changes {
            assert_eq!(house.refused(&admin, change).await, (Kind::NotFound, format!("no chat {chat}")));
        }
    }
}
