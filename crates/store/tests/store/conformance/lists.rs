//! Lists of chats: filters, pages and search.

use quintet_core::change::Change;
use quintet_core::chat::{ChatFilter, NewChat};
use quintet_core::id::Id;
use quintet_core::identity::Author;
use quintet_core::limits::Limits;
use quintet_store::Rooms;

use crate::house::{DAWN, House, chat, nowhere, room};

on_every_store! {
    the_newest_come_first_by_time_then_number
    pages_never_overlap
    before_and_after_are_strict
    all_conditions_hold_at_once
    hidden_rooms_are_left_out
    any_of_the_words_in_any_case_and_ending
    search_follows_edits
    only_so_many_words_count
}

fn all() -> ChatFilter {
    ChatFilter { limit: 100, ..ChatFilter::default() }
}

/// Posts a chat that was said some milliseconds after dawn.
async fn post_at(house: &House, author: &Author, room: Id, millis: i64) {
    let new = NewChat { sent_at: Some(DAWN.plus_millis(millis)), ..chat(room, &millis.to_string()) };
    house.make(author, Change::PostChat(new)).await;
}

async fn the_newest_come_first_by_time_then_number(house: House) {
    let (admin, general) = house.found().await;
    for (content, millis) in [("third", 2), ("first", 1), ("fourth", 2), ("second", 1)] {
        let new = NewChat { sent_at: Some(DAWN.plus_millis(millis)), ..chat(general.id, content) };
        house.make(&admin, Change::PostChat(new)).await;
    }
    for filter in
        [all(), ChatFilter { room: Some(general.id), ..all() }, ChatFilter { author: Some(admin.id), ..all() }]
    {
        assert_eq!(house.contents(filter).await, ["fourth", "third", "second", "first"]);
    }
}

async fn pages_never_overlap(house: House) {
    let (admin, general) = house.found().await;
    for number in 0..10 {
        house.post(&admin, general.id, &number.to_string()).await;
    }
    let mut read = Vec::new();
    for page in 0..4 {
        let filter = ChatFilter { room: Some(general.id), skip: page * 3, limit: 3, ..ChatFilter::default() };
        read.extend(house.contents(filter).await);
    }
    assert_eq!(read, ["9", "8", "7", "6", "5", "4", "3", "2", "1", "0"]);
    for (skip, limit) in [(10, 3), (u64::MAX, u64::MAX), (0, 0)] {
        let filter = ChatFilter { skip, limit, ..ChatFilter::default() };
        assert!(house.store.chats(&filter, Rooms::All).await.unwrap().is_empty(), "{skip} {limit}");
    }
}

async fn before_and_after_are_strict(house: House) {
    let (admin, general) = house.found().await;
    for millis in 1..=5 {
        post_at(&house, &admin, general.id, millis).await;
    }
    let at = |millis: i64| Some(DAWN.plus_millis(millis));
    for (after, before, expected) in [
        (None, at(3), vec!["2", "1"]),
        (at(3), None, vec!["5", "4"]),
        (at(1), at(4), vec!["3", "2"]),
        (at(2), at(3), vec![]),
        (at(4), at(1), vec![]),
    ] {
        for room in [None, Some(general.id)] {
            assert_eq!(house.contents(ChatFilter { room, before, after, ..all() }).await, expected);
        }
    }
}

async fn all_conditions_hold_at_once(house: House) {
    let (admin, general) = house.found().await;
    let ann = house.user("ann").await;
    let attic = house.create_room(&admin, room("attic")).await;
    for (author, room, content) in [
        (&ann, general.id, "apple pie"),
        (&ann, attic.id, "apple tart"),
        (&admin, attic.id, "apple cake"),
        (&ann, attic.id, "plum tart"),
    ] {
        house.post(author, room, content).await;
    }
    let words = |words: &str| Some(words.to_owned());
    for (filter, expected) in [
        (ChatFilter { room: Some(attic.id), author: Some(ann.id), words: words("apple"), ..all() }, vec!["apple tart"]),
        (ChatFilter { author: Some(ann.id), words: words("apple"), ..all() }, vec!["apple tart", "apple pie"]),
        (ChatFilter { room: Some(attic.id), words: words("apple"), limit: 1, ..all() }, vec!["apple cake"]),
        (ChatFilter { room: Some(attic.id), words: words("apple"), skip: 1, ..all() }, vec!["apple tart"]),
        (ChatFilter { room: Some(nowhere()), ..all() }, vec![]),
        (ChatFilter { author: Some(nowhere()), ..all() }, vec![]),
    ] {
        assert_eq!(house.contents(filter.clone()).await, expected, "{filter:?}");
    }
}

async fn hidden_rooms_are_left_out(house: House) {
    let (admin, general) = house.found().await;
    let attic = house.create_room(&admin, room("attic")).await;
    house.post(&admin, general.id, "open").await;
    house.post(&admin, attic.id, "hidden").await;
    for (filter, hidden, expected) in [
        (all(), vec![], vec!["hidden", "open"]),
        (all(), vec![attic.id, nowhere()], vec!["open"]),
        (ChatFilter { room: Some(attic.id), ..all() }, vec![attic.id], vec![]),
        (all(), vec![attic.id, general.id], vec![]),
    ] {
        let chats = house.store.chats(&filter, Rooms::Except(hidden)).await.unwrap();
        let contents: Vec<_> = chats.iter().map(|chat| chat.content.as_str()).collect();
        assert_eq!(contents, expected, "{filter:?}");
    }
}

async fn found(house: &House, words: &str) -> Vec<String> {
    house.contents(ChatFilter { words: Some(words.into()), ..all() }).await
}

async fn any_of_the_words_in_any_case_and_ending(house: House) {
    let (admin, general) = house.found().await;
    for content in ["Running late", "two runs OR \"three\"", "Größe 日本 café", "nothing", "🍕"] {
        house.post(&admin, general.id, content).await;
    }
    for (words, expected) in [
        ("run", vec!["two runs OR \"three\"", "Running late"]),
        ("LATE nothing", vec!["nothing", "Running late"]),
        ("\"three\"*) AND", vec!["two runs OR \"three\""]),
        ("größe", vec!["Größe 日本 café"]),
        ("日本", vec!["Größe 日本 café"]),
        ("grosse cafe", vec![]),
        ("unsaid", vec![]),
        ("?! *", vec![]),
        ("🍕", vec![]),
        ("NOT", vec![]),
        ("stems:run", vec!["two runs OR \"three\"", "Running late"]),
    ] {
        assert_eq!(found(&house, words).await, expected, "{words}");
    }
    assert_eq!(found(&house, " \t\n").await.len(), 5, "blank is no condition");
}

async fn search_follows_edits(house: House) {
    let (admin, general) = house.found().await;
    let posted = house.post(&admin, general.id, "apples").await;
    house.make(&admin, Change::EditChat { chat: posted.id, content: "pears".into() }).await;
    assert!(found(&house, "apple").await.is_empty());
    assert_eq!(found(&house, "pear").await, ["pears"]);
    house.make(&admin, Change::DeleteChat(posted.id)).await;
    assert!(found(&house, "pear").await.is_empty());
}

async fn only_so_many_words_count(house: House) {
    let house = house.with(Limits { search_words: 2, ..Limits::default() }).await;
    let (admin, general) = house.found().await;
    house.post(&admin, general.id, "needle").await;
    assert_eq!(found(&house, "hay needle").await, ["needle"]);
    assert!(found(&house, "hay straw needle").await.is_empty());
}
