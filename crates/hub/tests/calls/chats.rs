//! Chats, reactions and threads in rooms that everybody sees.

use futures_util::FutureExt;
use quintet_core::chat::{ChatFilter, NewChat, ThreadFilter};
use quintet_core::right::{Holder, Scope};
use quintet_core::{Answer, Call, Id, Kind, Limits, Right, Timestamp};

use crate::house::{House, Who, chat, house, new_chat, rules, unknown};

#[tokio::test]
async fn a_chat_reaches_the_store_without_waiting() {
    let house_ = House::new().await;
    let ann = house_.register("ann").await;
    let room = house_.room("busy", None).await.id;
    // The store in memory is done with the first poll: whoever waits for something else before shows here.
    let at_once = |content| house_.hub.call(&ann, Call::PostChat(new_chat(room, content))).now_or_never();
    let (first, second) = (chat(at_once("first").unwrap()), chat(at_once("second").unwrap()));
    assert!(first.id < second.id);
    assert_eq!((first.author.id, &*first.author.name, &*first.via), (ann.id(), "ann", "test"));
    let read = house_.chats(&ann, ChatFilter { room: Some(room), ..ChatFilter::default() }).await;
    assert_eq!(read, ["second", "first"]);
}

#[tokio::test]
async fn what_is_no_chat_is_refused() {
    let house_ = House::with(Limits { content_bytes: 10, ..Limits::default() }, rules()).await;
    let ann = house_.register("ann").await;
    let room = house_.room("room", None).await.id;
    let table = [
        (new_chat(room, ""), Kind::BadMessage),
        (new_chat(room, "eleven char"), Kind::TooLarge),
        (new_chat(unknown(), "hello"), Kind::BadMessage),
        (NewChat { thread: Some(unknown()), ..new_chat(room, "hello") }, Kind::BadMessage),
    ];
    for (new, expected) in table {
        assert_eq!(house_.refusal(&ann, Call::PostChat(new.clone())).await, expected, "{new:?}");
        assert_eq!(house_.refusal(&house(), Call::PostChat(new.clone())).await, expected, "{new:?}");
    }
    assert!(house_.chats(&ann, ChatFilter::default()).await.is_empty());
}

#[tokio::test]
async fn a_client_dates_its_chat_within_a_small_window_only() {
    let house_ = House::new().await;
    let ann = house_.register("ann").await;
    let room = house_.room("room", None).await.id;
    let now = house_.now().millis();
    let table = [
        (Some(now - 30_000), now - 30_000),
        (Some(now + 30_000), now + 30_000),
        (Some(now - 30_001), now),
        (Some(now + 30_001), now),
        (Some(0), now),
        (Some(i64::MIN), now),
        (Some(i64::MAX), now),
        (None, now),
    ];
    for (sent_at, expected) in table {
        let sent_at = sent_at.map(Timestamp::from_millis);
        let new = NewChat { sent_at, ..new_chat(room, "hello") };
        let posted = chat(house_.ask(&ann, Call::PostChat(new)).await);
        assert_eq!(posted.created_at.millis(), expected, "{sent_at:?}");
    }
}

#[tokio::test]
async fn only_its_author_edits_a_chat() {
    let house_ = House::new().await;
    let (ann, bob) = (house_.register("ann").await, house_.register("bob").await);
    let room = house_.room("room", None).await.id;
    let id = house_.post(&ann, room, "hello").await.id;
    let edit = |content: &str| Call::EditChat { chat: id, content: content.into() };
    assert_eq!(house_.refusal(&bob, edit("mine")).await, Kind::Forbidden);
    assert_eq!(house_.refusal(&house_.admin().await, edit("mine")).await, Kind::Forbidden);
    assert_eq!(house_.refusal(&ann, edit("")).await, Kind::BadMessage);
    let edited = chat(house_.ask(&ann, edit("hello!")).await);
    assert_eq!((&*edited.content, edited.edited, edited.author.id), ("hello!", true, ann.id()));
    house_.grant(Scope::Room(room), Holder::User(ann.id()), Right::Write, -1).await;
    assert_eq!(house_.refusal(&ann, edit("again")).await, Kind::Forbidden, "who may not write, may not edit");
    let missing = Call::EditChat { chat: unknown(), content: "x".into() };
    assert_eq!(house_.refusal(&ann, missing).await, Kind::NotFound);
}

#[tokio::test]
async fn its_author_or_who_manages_chats_deletes_a_chat() {
    let house_ = House::new().await;
    let (ann, bob) = (house_.register("ann").await, house_.register("bob").await);
    let room = house_.room("room", None).await.id;
    let first = house_.post(&ann, room, "first").await.id;
    let second = house_.post(&ann, room, "second").await.id;
    assert_eq!(house_.refusal(&bob, Call::DeleteChat(first)).await, Kind::Forbidden);
    house_.done(&ann, Call::DeleteChat(first)).await;
    assert_eq!(house_.refusal(&ann, Call::Chat(first)).await, Kind::NotFound);
    assert_eq!(house_.refusal(&ann, Call::DeleteChat(first)).await, Kind::NotFound);
    house_.grant(Scope::Room(room), Holder::User(bob.id()), Right::ManageChats, 1).await;
    house_.done(&bob, Call::DeleteChat(second)).await;
}

#[tokio::test]
async fn reactions_want_the_right_and_a_text() {
    let house_ = House::new().await;
    let (ann, bob) = (house_.register("ann").await, house_.register("bob").await);
    let room = house_.room("room", None).await.id;
    let id = house_.post(&ann, room, "lunch?").await.id;
    let react = |reaction: &str| Call::React { chat: id, reaction: reaction.into(), adding: true };
    house_.done(&bob, react("🍕")).await;
    house_.done(&bob, react("a.b")).await;
    assert_eq!(house_.refusal(&bob, react("")).await, Kind::BadMessage);
    assert_eq!(house_.refusal(&bob, react(&"x".repeat(129))).await, Kind::TooLarge);
    house_.grant(Scope::Room(room), Holder::User(bob.id()), Right::React, -1).await;
    assert_eq!(house_.refusal(&bob, react("👍")).await, Kind::Forbidden);
    let Ok(Answer::Reactors(reactors)) = house_.ask(&bob, Call::Reactors(id)).await else { panic!() };
    assert_eq!(reactors, [("🍕".to_owned(), vec![bob.id()]), ("a.b".to_owned(), vec![bob.id()])]);
    assert_eq!(house_.refusal(&bob, Call::Reactors(unknown())).await, Kind::NotFound);
}

#[tokio::test]
async fn a_thread_grows_from_a_chat_and_holds_chats() {
    let house_ = House::new().await;
    let ann = house_.register("ann").await;
    let (room, other) = (house_.room("room", None).await.id, house_.room("other", None).await.id);
    let source = house_.post(&ann, room, "source").await.id;
    let start = Call::StartThread { chat: source, name: "talk".into() };
    let Ok(Answer::Thread(thread)) = house_.ask(&ann, start.clone()).await else { panic!() };
    assert_eq!((thread.room, thread.source, thread.creator.id), (room, source, ann.id()));
    assert_eq!(house_.refusal(&ann, start).await, Kind::Conflict);
    let blank = Call::StartThread { chat: source, name: " ".into() };
    assert_eq!(house_.refusal(&ann, blank).await, Kind::BadMessage);

    let within = |room| NewChat { thread: Some(thread.id), ..new_chat(room, "within") };
    assert_eq!(chat(house_.ask(&ann, Call::PostChat(within(room))).await).thread, Some(thread.id));
    assert_eq!(house_.refusal(&ann, Call::PostChat(within(other))).await, Kind::BadMessage);
    let only = |filter| ChatFilter { thread: Some(filter), ..ChatFilter::default() };
    assert_eq!(house_.chats(&ann, only(ThreadFilter::In(thread.id))).await, ["within"]);
    assert_eq!(house_.chats(&ann, only(ThreadFilter::Main)).await, ["source"]);
    let Ok(Answer::Threads(threads)) = house_.ask(&ann, Call::Threads(room)).await else { panic!() };
    assert_eq!(threads, [thread]);
}

#[tokio::test]
async fn pages_are_bounded() {
    let house_ = House::with(Limits { page_chats: 3, ..Limits::default() }, rules()).await;
    let ann = house_.register("ann").await;
    let room = house_.room("room", None).await.id;
    for number in 0..5 {
        house_.post(&ann, room, &number.to_string()).await;
    }
    let page = async |skip, limit| {
        let filter = ChatFilter { skip, limit, ..ChatFilter::default() };
        let Ok(Answer::Chats(chats)) = house_.ask(&ann, Call::Chats(filter)).await else { panic!() };
        chats.into_iter().map(|chat| chat.content).collect::<Vec<_>>()
    };
    assert_eq!(page(0, u64::MAX).await, ["4", "3", "2"]);
    assert_eq!(page(3, 3).await, ["1", "0"]);
    assert_eq!(page(1, 1).await, ["3"]);
    assert!(page(0, 0).await.is_empty());
    for beyond in [5, Id::MAX, Id::MAX + 1, u64::MAX] {
        assert!(page(beyond, 3).await.is_empty(), "{beyond}");
    }
}
