//! Searches: documents and chats by their words, the best first, and only what a reader may read.

use quintet_core::change::Change;
use quintet_core::document::Search;
use quintet_core::hierarchy::Reader;
use quintet_core::limits::Limits;
use quintet_core::term;
use quintet_store::{Hit, Rooms};
use serde_json::json;

use crate::house::{House, room_in};
use crate::pen::{Pen, at, below, drive, edit, property};

on_every_store! {
    what_has_most_of_the_words_comes_first
    words_that_changed_are_found_as_they_are
    only_what_may_be_read_is_found
    a_search_may_be_below_something
    filters_must_all_hold
    chats_are_found_where_they_may_be_seen
    a_search_ends_where_a_page_is_full
}

fn words(words: &str) -> Search {
    Search { words: words.into(), limit: 99, ..Search::default() }
}

async fn hits(house: &House, search: &Search, reader: &Reader, rooms: Rooms) -> Vec<String> {
    let hits = house.store.search(search, reader, rooms).await.unwrap();
    let named = hits.into_iter().map(|hit| match hit {
        Hit::Document(document) => document.subject.path().to_owned(),
        Hit::Chat(chat) => chat.content,
    });
    named.collect()
}

async fn by_root(house: &House, search: &Search) -> Vec<String> {
    hits(house, search, &Pen::root().reader, Rooms::All).await
}

async fn what_has_most_of_the_words_comes_first(house: House) {
    let root = Pen::root();
    house.write(&root, drive("/d").set(term::NAME, "Orchard")).await;
    house.write(&root, below("/d", "/a").set(term::NAME, "Red apples").set(term::DESCRIPTION, "fall in autumn")).await;
    house.write(&root, below("/d", "/b").set(&property("n"), json!(["green", { "x": "Apple" }]))).await;
    house
        .write(&root, below("/d", "/c").set(&property("link"), "http://apple.example/pie").set(&property("n"), 7))
        .await;
    let table = [
        ("apple", vec!["/b", "/a"]),
        ("RED apple", vec!["/a", "/b"]),
        ("green apples autumn", vec!["/b", "/a"]),
        ("orch", vec!["/d"]),
        ("orch apple", vec!["/b", "/a"]),
        ("pear", vec![]),
        ("7", vec![]),
        ("?!", vec![]),
        ("", vec!["/c", "/b", "/a", "/d"]),
    ];
    for (search, expected) in table {
        assert_eq!(by_root(&house, &words(search)).await, expected, "{search}");
    }
    assert_eq!(by_root(&house, &Search { limit: 1, ..words("apple") }).await, ["/b"]);
    assert!(by_root(&house, &Search { limit: 0, ..words("apple") }).await.is_empty());
}

async fn words_that_changed_are_found_as_they_are(house: House) {
    let root = Pen::root();
    house.write(&root, drive("/d").set(term::NAME, "apples").set(&property("n"), 1)).await;
    house.write(&root, edit("/d").set(&property("n"), 2)).await;
    assert_eq!(by_root(&house, &words("apple")).await, ["/d"]);
    house.write(&root, edit("/d").set(term::NAME, "pears")).await;
    assert_eq!(by_root(&house, &words("apple")).await.len(), 0);
    assert_eq!(by_root(&house, &words("pear")).await, ["/d"]);
    house.write(&root, edit("/d").remove(term::NAME).push(&property("t"), json!(["plums"]))).await;
    assert_eq!(by_root(&house, &words("pear")).await.len(), 0);
    assert_eq!(by_root(&house, &words("plum")).await, ["/d"]);
    house.write(&root, edit("/d").destroy()).await;
    assert_eq!(by_root(&house, &words("plum")).await.len(), 0);
}

async fn only_what_may_be_read_is_found(house: House) {
    let (ann, bob) = (Pen::of(1), Pen::of(2));
    house.write(&ann, drive("/ann").lets(term::WRITE, &[&ann]).lets(term::READ, &[&ann])).await;
    for number in 0..5 {
        house.write(&ann, below("/ann", &format!("/{number}")).set(term::NAME, "apple")).await;
    }
    house.write(&ann, edit("/2").lets(term::READ, &[&bob])).await;
    assert_eq!(hits(&house, &words("apple"), &bob.reader, Rooms::All).await, ["/2"]);
    let one = Search { limit: 1, ..words("apple") };
    assert_eq!(hits(&house, &one, &bob.reader, Rooms::All).await, ["/2"], "what is hidden takes no place");
    assert_eq!(hits(&house, &words("apple"), &ann.reader, Rooms::All).await.len(), 5);
    assert!(hits(&house, &words("apple"), &Reader::default(), Rooms::All).await.is_empty());
}

async fn a_search_may_be_below_something(house: House) {
    let root = Pen::root();
    for path in ["/d", "/e"] {
        house.write(&root, drive(path).set(term::NAME, "apple")).await;
        house.write(&root, below(path, &format!("{path}/a")).set(term::NAME, "apple")).await;
        house.write(&root, below(&format!("{path}/a"), &format!("{path}/a/b")).set(term::NAME, "apple")).await;
    }
    let below = |paths: &[&str]| Search { parents: paths.iter().map(|path| at(path)).collect(), ..words("apple") };
    assert_eq!(by_root(&house, &below(&["/d"])).await, ["/d/a/b", "/d/a"]);
    assert_eq!(by_root(&house, &below(&["/d/a", "/e/a"])).await, ["/e/a/b", "/d/a/b"]);
    assert_eq!(by_root(&house, &Search { words: String::new(), ..below(&["/d"]) }).await, ["/d/a/b", "/d/a"]);
    assert!(by_root(&house, &below(&["/nowhere"])).await.is_empty());
}

async fn filters_must_all_hold(house: House) {
    let root = Pen::root();
    house.write(&root, drive("/d").set(term::NAME, "apple").set(&property("n"), 1)).await;
    house.write(&root, drive("/e").set(term::NAME, "apple").set(&property("n"), json!(["1", "2"]))).await;
    let filter = |filters: &[(&str, &str)], text: &str| {
        let filters = filters.iter().map(|(name, value)| (property(name), (*value).to_owned())).collect();
        Search { filters, ..words(text) }
    };
    for text in ["apple", ""] {
        assert_eq!(by_root(&house, &filter(&[("n", "1")], text)).await, ["/e", "/d"]);
        assert_eq!(by_root(&house, &filter(&[("n", "1"), ("n", "2")], text)).await, ["/e"]);
        assert!(by_root(&house, &filter(&[("n", "3")], text)).await.is_empty());
    }
}

async fn chats_are_found_where_they_may_be_seen(house: House) {
    let (admin, general) = house.found().await;
    let attic = house.create_room(&admin, room_in(general.id, "attic")).await;
    house.post(&admin, general.id, "apple pie").await;
    let hidden = house.post(&admin, attic.id, "an apple in the attic").await;
    house.write(&Pen::root(), drive("/d").set(term::NAME, "apple pie")).await;
    let anybody = Reader::default();
    let all = ["/d", "apple pie", "an apple in the attic"];
    assert_eq!(by_root(&house, &words("apple pie")).await, all);
    assert_eq!(hits(&house, &words("apple pie"), &anybody, Rooms::Except(vec![attic.id])).await, ["apple pie"]);
    let room = |id| Search { parents: vec![at(&format!("/room/{id}"))], ..words("apple") };
    assert_eq!(by_root(&house, &room(attic.id)).await, ["an apple in the attic"]);
    assert_eq!(by_root(&house, &room(general.id)).await.len(), 2, "at any depth");
    let class = |class: &str| Search { filters: vec![(term::IS_A.into(), class.into())], ..words("apple") };
    assert_eq!(by_root(&house, &class(term::MESSAGE)).await.len(), 2);
    assert_eq!(by_root(&house, &class(term::DRIVE)).await, ["/d"]);
    house.make(&admin, Change::DeleteChat(hidden.id)).await;
    assert!(by_root(&house, &room(attic.id)).await.is_empty());
}

async fn a_search_ends_where_a_page_is_full(house: House) {
    let root = Pen::root();
    let house = house.with(Limits { page_bytes: 3_000, ..Limits::default() }).await;
    house.write(&root, drive("/d")).await;
    for number in 0..4 {
        let text = format!("apple {}", "x".repeat(1_000));
        house.write(&root, below("/d", &format!("/{number}")).set(&property("text"), text)).await;
    }
    assert_eq!(by_root(&house, &words("apple")).await, ["/3", "/2"], "the best of them");
    let (admin, general) = house.found().await;
    for letter in ["a", "b", "c", "d"] {
        house.post(&admin, general.id, &format!("pear {}", letter.repeat(1_000))).await;
    }
    let said = by_root(&house, &words("pear")).await;
    let last: Vec<_> = said.iter().map(|words| &words[words.len() - 1..]).collect();
    assert_eq!(last, ["d", "c"]);
}
