//! Histories: numbered without gaps, read from any place.

use quintet_core::change::Change;
use quintet_core::event::Event;
use quintet_core::topic::Topic;

use crate::house::{House, nowhere, room};

on_every_store! {
    places_count_from_one_without_gaps_in_each_topic
    a_history_is_read_from_any_place
    a_history_tells_what_was_heard
}

async fn history(house: &House, topic: &Topic, after: u64, limit: u64) -> Vec<Event> {
    house.store.history(topic, after, limit).await.unwrap()
}

fn places(events: &[Event]) -> Vec<u64> {
    events.iter().map(|event| event.position.unwrap().offset).collect()
}

async fn places_count_from_one_without_gaps_in_each_topic(house: House) {
    let (admin, general) = house.found().await;
    let attic = house.create_room(&admin, room("attic")).await;
    for number in 0..6 {
        let room = if number % 3 == 0 { attic.id } else { general.id };
        house.post(&admin, room, "x").await;
        house.refused(&admin, Change::DeleteChat(nowhere())).await;
    }
    house.make(&admin, Change::DeleteRoom(attic.id)).await;
    let general = history(&house, &Topic::room(general.id), 0, 99).await;
    let attic = history(&house, &Topic::room(attic.id), 0, 99).await;
    assert_eq!(places(&general), [1, 2, 3, 4, 5]);
    assert_eq!(places(&attic), [1, 2, 3, 4]);
    assert_eq!(general[0].position.unwrap().epoch, attic[0].position.unwrap().epoch);
}

async fn a_history_is_read_from_any_place(house: House) {
    let (admin, general) = house.found().await;
    let topic = Topic::room(general.id);
    for _ in 0..4 {
        house.post(&admin, general.id, "x").await;
    }
    for (after, limit, expected) in [
        (0, 2, vec![1, 2]),
        (2, 2, vec![3, 4]),
        (4, 99, vec![5]),
        (5, 99, vec![]),
        (u64::MAX, u64::MAX, vec![]),
        (0, u64::MAX, vec![1, 2, 3, 4, 5]),
        (0, 0, vec![]),
    ] {
        assert_eq!(places(&history(&house, &topic, after, limit).await), expected, "{after} {limit}");
    }
    assert!(history(&house, &Topic::room(nowhere()), 0, 9).await.is_empty());
}

async fn a_history_tells_what_was_heard(house: House) {
    let (admin, general) = house.found().await;
    let posted = house.post(&admin, general.id, "helo").await;
    house.make(&admin, Change::EditChat { chat: posted.id, content: "hello".into() }).await;
    house.make(&admin, Change::React { chat: posted.id, reaction: "a.b".into(), adding: true }).await;
    house.start_thread(&admin, posted.id, "talk").await;
    house.make(&admin, Change::DeleteChat(posted.id)).await;
    for topic in [Topic::room(general.id), Topic::user(admin.id), Topic::rights()] {
        let heard: Vec<Event> = house
            .heard
            .lock()
            .iter()
            .filter(|event| event.topics.contains(&topic))
            .map(|event| (**event).clone())
            .collect();
        assert!(!heard.is_empty(), "{topic}");
        assert_eq!(history(&house, &topic, 0, 99).await, heard, "{topic}");
    }
}
