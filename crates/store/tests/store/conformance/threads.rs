//! Threads: talks within a room.

use quintet_core::change::Change;
use quintet_core::chat::{ChatFilter, NewChat, ThreadFilter};
use quintet_core::error::Kind;
use quintet_core::room::Thread;

use crate::house::{House, chat, nowhere, room};

on_every_store! {
    a_thread_grows_from_a_chat
    a_chat_grows_one_thread_and_threads_none
    a_chat_joins_a_thread_of_its_own_room_only
    threads_are_listed_oldest_first
}

async fn a_thread_grows_from_a_chat(house: House) {
    let (admin, general) = house.found().await;
    let source = house.post(&admin, general.id, "lunch?").await;
    house.wait(9);
    let thread = house.start_thread(&admin, source.id, "lunch").await;
    let expected = Thread {
        id: thread.id,
        room: general.id,
        source: source.id,
        name: "lunch".into(),
        created_at: house.now(),
        creator: admin.clone(),
    };
    assert_eq!(thread, expected);
    let inside = house.post_in(&admin, general.id, Some(thread.id), "yes").await;
    assert_eq!(inside.thread, Some(thread.id));
    assert_eq!(house.store.threads(general.id).await.unwrap(), std::slice::from_ref(&thread));

    let of = |thread| ChatFilter { thread: Some(thread), ..ChatFilter::default() };
    assert_eq!(house.contents(of(ThreadFilter::In(thread.id))).await, ["yes"]);
    assert_eq!(house.contents(of(ThreadFilter::Main)).await, ["lunch?"]);
    assert_eq!(house.contents(ChatFilter::default()).await, ["yes", "lunch?"]);
}

async fn a_chat_grows_one_thread_and_threads_none(house: House) {
    let (admin, general) = house.found().await;
    let source = house.post(&admin, general.id, "lunch?").await;
    let thread = house.start_thread(&admin, source.id, "lunch").await;
    let again = Change::StartThread { chat: source.id, name: "dinner".into() };
    assert_eq!(house.refused(&admin, again).await.0, Kind::Conflict);
    let inside = house.post_in(&admin, general.id, Some(thread.id), "yes").await;
    let nested = Change::StartThread { chat: inside.id, name: "deeper".into() };
    assert_eq!(house.refused(&admin, nested).await.0, Kind::Conflict);
}

async fn a_chat_joins_a_thread_of_its_own_room_only(house: House) {
    let (admin, general) = house.found().await;
    let attic = house.create_room(&admin, room("attic")).await;
    let source = house.post(&admin, general.id, "lunch?").await;
    let thread = house.start_thread(&admin, source.id, "lunch").await;
    for (room, thread) in [(attic.id, thread.id), (general.id, nowhere()), (general.id, source.id)] {
        let new = NewChat { thread: Some(thread), ..chat(room, "hello") };
        let refusal = house.refused(&admin, Change::PostChat(new)).await;
        assert_eq!(refusal, (Kind::NotFound, format!("no thread {thread} in room {room}")));
    }
}

async fn threads_are_listed_oldest_first(house: House) {
    let (admin, general) = house.found().await;
    for name in ["b", "a", "c"] {
        let source = house.post(&admin, general.id, "?").await;
        house.start_thread(&admin, source.id, name).await;
    }
    let threads = house.store.threads(general.id).await.unwrap();
    let names: Vec<_> = threads.iter().map(|thread| thread.name.as_str()).collect();
    assert_eq!(names, ["b", "a", "c"]);
    assert!(house.store.threads(nowhere()).await.unwrap().is_empty());
}
