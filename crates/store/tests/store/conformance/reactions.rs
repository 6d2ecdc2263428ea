//! Reactions: who felt what.

use quintet_core::change::Change;
use quintet_core::chat::{ChatFilter, Reactions};
use quintet_core::error::Kind;
use quintet_core::event::Body;
use quintet_core::id::Id;
use quintet_core::identity::Author;
use quintet_core::limits::Limits;
use quintet_store::Rooms;

use crate::house::House;

on_every_store! {
    reactions_are_counted_by_codepoints
    repeating_changes_nothing_but_is_said
    a_reaction_keeps_its_place_while_somebody_has_it
    a_chat_takes_a_bounded_number_of_different_reactions
}

async fn react(house: &House, author: &Author, chat: Id, reaction: &str, adding: bool) -> Reactions {
    match house.make_one(author, Change::React { chat, reaction: reaction.into(), adding }).await {
        Body::ChatReacted { reactions, .. } => reactions,
        other => panic!("not a reaction: {other:?}"),
    }
}

fn counted(reactions: &[(&str, u64)]) -> Reactions {
    reactions.iter().map(|(reaction, count)| ((*reaction).to_owned(), *count)).collect()
}

async fn reactions_are_counted_by_codepoints(house: House) {
    let (admin, general) = house.found().await;
    let ann = house.user("ann").await;
    let chat = house.post(&admin, general.id, "done").await.id;
    for reaction in ["✔", "✔\u{fe0f}", "a.b", "$", "", "E\u{301}", "É", "é"] {
        react(&house, &admin, chat, reaction, true).await;
    }
    let now = react(&house, &ann, chat, "✔\u{fe0f}", true).await;
    let ones = [("a.b", 1), ("$", 1), ("", 1), ("E\u{301}", 1), ("É", 1), ("é", 1)];
    let expected = counted(&[&[("✔", 1), ("✔\u{fe0f}", 2)], ones.as_slice()].concat());
    assert_eq!(now, expected);
    assert_eq!(house.store.chat(chat).await.unwrap().unwrap().reactions, expected);
    let listed = house.store.chats(&ChatFilter { limit: 1, ..ChatFilter::default() }, Rooms::All).await.unwrap();
    assert_eq!(listed[0].reactions, expected);
    let reactors = house.store.reactors(chat).await.unwrap().unwrap();
    assert_eq!(reactors[1], ("✔\u{fe0f}".to_owned(), vec![admin.id, ann.id]));
    assert_eq!(reactors.len(), expected.len());
}

async fn repeating_changes_nothing_but_is_said(house: House) {
    let (admin, general) = house.found().await;
    let chat = house.post(&admin, general.id, "done").await.id;
    assert_eq!(react(&house, &admin, chat, "+", false).await, counted(&[]));
    assert_eq!(react(&house, &admin, chat, "+", true).await, counted(&[("+", 1)]));
    assert_eq!(react(&house, &admin, chat, "+", true).await, counted(&[("+", 1)]));
    assert_eq!(react(&house, &admin, chat, "+", false).await, counted(&[]));
    assert_eq!(react(&house, &admin, chat, "+", false).await, counted(&[]));
    assert_eq!(house.store.reactors(chat).await.unwrap(), Some(Vec::new()));
}

async fn a_reaction_keeps_its_place_while_somebody_has_it(house: House) {
    let (admin, general) = house.found().await;
    let ann = house.user("ann").await;
    let chat = house.post(&admin, general.id, "done").await.id;
    react(&house, &admin, chat, "z", true).await;
    react(&house, &admin, chat, "a", true).await;
    react(&house, &ann, chat, "z", true).await;
    assert_eq!(react(&house, &admin, chat, "z", false).await, counted(&[("z", 1), ("a", 1)]));
    react(&house, &ann, chat, "z", false).await;
    assert_eq!(react(&house, &ann, chat, "z", true).await, counted(&[("a", 1), ("z", 1)]));
}

async fn a_chat_takes_a_bounded_number_of_different_reactions(house: House) {
    let house = house.with(Limits { chat_reactions: 2, ..Limits::default() }).await;
    let (admin, general) = house.found().await;
    let ann = house.user("ann").await;
    let chat = house.post(&admin, general.id, "done").await.id;
    react(&house, &admin, chat, "1", true).await;
    react(&house, &admin, chat, "2", true).await;
    let third = Change::React { chat, reaction: "3".into(), adding: true };
    assert_eq!(house.refused(&admin, third).await.0, Kind::TooMany);
    assert_eq!(react(&house, &ann, chat, "2", true).await, counted(&[("1", 1), ("2", 2)]));
    assert_eq!(react(&house, &ann, chat, "3", false).await, counted(&[("1", 1), ("2", 2)]));
    react(&house, &admin, chat, "1", false).await;
    assert_eq!(react(&house, &admin, chat, "3", true).await, counted(&[("2", 2), ("3", 1)]));
}
