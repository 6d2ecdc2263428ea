//! Drafts: in order, heard before they are answered, each on its own.

use futures_util::future::join_all;
use quintet_core::change::Change;
use quintet_core::error::Kind;
use quintet_core::event::Body;
use quintet_core::identity::Author;

use crate::house::{House, chat, nowhere, room};

on_every_store! {
    events_are_heard_before_their_answer
    drafts_are_committed_in_the_order_of_their_first_poll
    a_refused_draft_disturbs_no_other
    ids_grow_with_every_event
    a_closed_store_takes_nothing
}

async fn events_are_heard_before_their_answer(house: House) {
    let (admin, general) = house.found().await;
    for _ in 0..20 {
        let events = house.append(&admin, Change::PostChat(chat(general.id, "x"))).await.unwrap();
        assert_eq!(house.heard.lock().last(), events.last());
    }
    let bodies = house.heard.lock().len();
    assert_eq!(bodies, 3 + 20, "each once");
}

async fn drafts_are_committed_in_the_order_of_their_first_poll(house: House) {
    let (admin, general) = house.found().await;
    // More than one batch and less than the queue; joining polls them in order.
    let posts = (0..700).map(|number| house.append(&admin, Change::PostChat(chat(general.id, &number.to_string()))));
    for (number, outcome) in join_all(posts).await.into_iter().enumerate() {
        let events = outcome.unwrap();
        let Body::ChatPosted(chat) = &events[0].body else { panic!("{events:?}") };
        assert_eq!(chat.content, number.to_string());
        assert_eq!(events[0].position.unwrap().offset, number as u64 + 2);
    }
    let heard = house.heard.lock();
    let offsets: Vec<_> = heard[3..].iter().map(|event| event.position.unwrap().offset).collect();
    assert_eq!(offsets, (2..702).collect::<Vec<_>>());
}

async fn a_refused_draft_disturbs_no_other(house: House) {
    let (admin, general) = house.found().await;
    let attic = house.create_room(&admin, room("attic")).await;
    let changes = [
        Change::PostChat(chat(general.id, "one")),
        Change::PostChat(chat(nowhere(), "lost")),
        Change::DeleteRoom(attic.id),
        Change::PostChat(chat(attic.id, "too late")),
        Change::CreateRole { name: "mods".into(), ordinality: 0 },
        Change::CreateRole { name: "mods".into(), ordinality: 1 },
        Change::PostChat(chat(general.id, "two")),
    ];
    let outcomes = join_all(changes.map(|change| house.append(&admin, change))).await;
    let kinds: Vec<_> = outcomes.iter().map(|outcome| outcome.as_ref().err().map(quintet_core::Error::kind)).collect();
    let (lost, taken) = (Some(Kind::NotFound), Some(Kind::Conflict));
    assert_eq!(kinds, [None, lost, None, lost, None, taken, None]);
    assert_eq!(house.contents(quintet_core::chat::ChatFilter::default()).await, ["two", "one"]);
}

async fn ids_grow_with_every_event(house: House) {
    let (admin, general) = house.found().await;
    house.wait(-5_000);
    house.post(&admin, general.id, "the clock stepped back").await;
    house.wait(10_000);
    house.post(&admin, general.id, "and on").await;
    let heard = house.heard.lock();
    let ids: Vec<_> = heard.iter().map(|event| event.id).collect();
    assert!(ids.is_sorted_by(|one, other| one < other), "{ids:?}");
}

async fn a_closed_store_takes_nothing(house: House) {
    let (admin, general) = house.found().await;
    house.store.ping().await.unwrap();
    // What was begun before is finished.
    let begun = house.append(&admin, Change::PostChat(chat(general.id, "last")));
    let (begun, closed) = futures_util::future::join(begun, house.store.close()).await;
    assert!(begun.is_ok() && closed.is_ok());
    house.store.close().await.unwrap();
    let refusal = house.refused(&Author::house(), Change::DeleteRoom(general.id)).await;
    assert_eq!(refusal.0, Kind::Unavailable);
    assert_eq!(house.store.ping().await.unwrap_err().kind(), Kind::Unavailable);
    assert_eq!(house.store.chat(general.id).await.unwrap_err().kind(), Kind::Unavailable);
    assert_eq!(house.store.secret("late", [1; 32]).await.unwrap_err().kind(), Kind::Unavailable);
}
