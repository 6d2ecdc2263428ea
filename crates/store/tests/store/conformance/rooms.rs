//! Rooms: a tree in order.

use quintet_core::change::Change;
use quintet_core::chat::ChatFilter;
use quintet_core::error::Kind;
use quintet_core::event::Body;
use quintet_core::id::Id;
use quintet_core::limits::Limits;
use quintet_core::right::{Grant, Holder, Right, Rights, Scope};
use quintet_core::room::{NewRoom, Room, RoomEdit};
use quintet_core::topic::Topic;

use crate::house::{House, nowhere, room, room_in};

on_every_store! {
    a_room_is_kept_as_it_was_made
    siblings_are_numbered_by_place_then_name
    a_room_needs_its_parent
    a_room_can_be_changed_in_part
    a_room_takes_everything_in_it_along
    the_default_room_may_go
    rooms_are_bounded_in_number
    rooms_are_bounded_in_depth
}

async fn a_room_is_kept_as_it_was_made(house: House) {
    let (admin, general) = house.found().await;
    house.wait(3);
    let new = NewRoom {
        name: "menu".into(),
        description: Some("what is on".into()),
        parent: Some(general.id),
        ordinality: Some(17),
        capabilities: Some(vec!["text".into(), "odd".into()]),
    };
    let events = house.append(&admin, Change::CreateRoom(new.clone())).await.unwrap();
    let [event] = events.as_slice() else { panic!("{events:?}") };
    let Body::RoomCreated(made) = &event.body else { panic!("{event:?}") };
    let expected = Room {
        id: made.id,
        parent: new.parent,
        ordinality: 0,
        name: new.name,
        description: new.description,
        capabilities: new.capabilities,
        created_at: house.now(),
        created_by: admin.id,
        federated: false,
    };
    assert_eq!(*made, expected);
    assert_eq!(event.topics, [Topic::room(made.id)]);
    assert_eq!(house.snapshot().await.rooms, [general, expected]);
}

/// The names at the top, in order, with their numbers checked.
async fn order(house: &House) -> Vec<String> {
    let mut rooms = house.snapshot().await.rooms;
    rooms.retain(|room| room.parent.is_none());
    rooms.sort_by_key(|room| room.ordinality);
    for (index, room) in (0..).zip(&rooms) {
        assert_eq!(room.ordinality, index, "{}", room.name);
    }
    rooms.into_iter().map(|room| room.name).collect()
}

async fn siblings_are_numbered_by_place_then_name(house: House) {
    let (admin, general) = house.found().await;
    let first = house.create_room(&admin, room("zoo")).await;
    assert_eq!(first.ordinality, 1);
    let before = house.make(&admin, Change::CreateRoom(NewRoom { ordinality: Some(1), ..room("yard") })).await;
    let [Body::RoomCreated(yard), Body::RoomChanged(zoo)] = before.as_slice() else { panic!("{before:?}") };
    assert_eq!((yard.ordinality, zoo.ordinality, zoo.id), (1, 2, first.id));
    assert_eq!(order(&house).await, ["general", "yard", "zoo"]);

    house.create_room(&admin, NewRoom { ordinality: Some(1), ..room("zebra") }).await;
    house.create_room(&admin, NewRoom { ordinality: Some(-5), ..room("top") }).await;
    house.create_room(&admin, room("alone")).await;
    house.create_room(&admin, room_in(general.id, "below")).await;
    assert_eq!(order(&house).await, ["top", "general", "yard", "zebra", "zoo", "alone"]);

    // A gap closes with the next room.
    house.make(&admin, Change::DeleteRoom(yard.id)).await;
    house.create_room(&admin, room("last")).await;
    assert_eq!(order(&house).await, ["top", "general", "zebra", "zoo", "alone", "last"]);
}

async fn a_room_needs_its_parent(house: House) {
    let (admin, _) = house.found().await;
    let refusal = house.refused(&admin, Change::CreateRoom(room_in(nowhere(), "lost"))).await;
    assert_eq!(refusal, (Kind::NotFound, "no room 4242".to_owned()));
}

async fn a_room_can_be_changed_in_part(house: House) {
    let (admin, general) = house.found().await;
    let named = RoomEdit { name: Some("hall".into()), description: None, federated: None };
    let body = house.make_one(&admin, Change::ChangeRoom { room: general.id, edit: named }).await;
    let hall = Room { name: "hall".into(), ..general };
    assert_eq!(body, Body::RoomChanged(hall.clone()));
    let silent = RoomEdit { name: None, description: Some(None), federated: None };
    let body = house.make_one(&admin, Change::ChangeRoom { room: hall.id, edit: silent }).await;
    let hall = Room { description: None, ..hall };
    assert_eq!(body, Body::RoomChanged(hall.clone()));
    assert_eq!(house.snapshot().await.rooms, [hall]);
    let lost = Change::ChangeRoom { room: nowhere(), edit: RoomEdit::default() };
    assert_eq!(house.refused(&admin, lost).await.0, Kind::NotFound);
}

async fn a_room_takes_everything_in_it_along(house: House) {
    let (admin, general) = house.found().await;
    let attic = house.create_room(&admin, room("attic")).await.id;
    let box_ = house.create_room(&admin, room_in(attic, "box")).await.id;
    let shelf = house.create_room(&admin, room_in(attic, "shelf")).await.id;
    let jar = house.create_room(&admin, room_in(box_, "jar")).await.id;
    let mut chats = Vec::new();
    for room in [attic, jar] {
        let chat = house.post(&admin, room, "old things").await.id;
        house.make(&admin, Change::React { chat, reaction: "+".into(), adding: true }).await;
        house.start_thread(&admin, chat, "older").await;
        house.make(&admin, Change::SetGrant(grant(room, admin.id))).await;
        chats.push(chat);
    }
    let kept = house.post(&admin, general.id, "new things").await;

    let bodies = house.make(&admin, Change::DeleteRoom(attic)).await;
    let gone: Vec<Id> = bodies
        .iter()
        .map(|body| match body {
            Body::RoomDeleted { room } => *room,
            other => panic!("{other:?}"),
        })
        .collect();
    let place = |room| gone.iter().position(|other| *other == room).unwrap();
    assert_eq!(gone.len(), 4);
    assert_eq!((place(jar), place(attic)), (0, 3), "the deepest first: {gone:?}");
    assert!(place(box_) < 3 && place(shelf) < 3);

    let snapshot = house.snapshot().await;
    assert_eq!(snapshot.rooms.len(), 1);
    assert_eq!(snapshot.grants.len(), 1, "only the admin's own: {:?}", snapshot.grants);
    for (room, chat) in [attic, jar].into_iter().zip(chats) {
        assert_eq!(house.store.chat(chat).await.unwrap(), None);
        assert!(house.store.threads(room).await.unwrap().is_empty());
    }
    let search = ChatFilter { words: Some("things".into()), limit: 9, ..ChatFilter::default() };
    assert_eq!(house.contents(search).await, [kept.content]);
    assert_eq!(house.refused(&admin, Change::DeleteRoom(attic)).await.0, Kind::NotFound);
}

fn grant(room: Id, user: Id) -> Grant {
    let mut rights = Rights::default();
    rights.set(Right::View, 1);
    Grant { scope: Scope::Room(room), holder: Holder::User(user), rights }
}

async fn the_default_room_may_go(house: House) {
    let (admin, general) = house.found().await;
    assert_eq!(house.snapshot().await.server.default_room, Some(general.id));
    house.make(&admin, Change::DeleteRoom(general.id)).await;
    let snapshot = house.snapshot().await;
    assert_eq!((snapshot.server.default_room, snapshot.rooms.len()), (None, 0));
}

async fn rooms_are_bounded_in_number(house: House) {
    let house = house.with(Limits { rooms: 2, ..Limits::default() }).await;
    let (admin, _) = house.found().await;
    let attic = house.create_room(&admin, room("attic")).await;
    assert_eq!(house.refused(&admin, Change::CreateRoom(room("cellar"))).await.0, Kind::TooMany);
    house.make(&admin, Change::DeleteRoom(attic.id)).await;
    house.create_room(&admin, room("cellar")).await;
}

async fn rooms_are_bounded_in_depth(house: House) {
    let house = house.with(Limits { room_depth: 2, ..Limits::default() }).await;
    let (admin, general) = house.found().await;
    let second = house.create_room(&admin, room_in(general.id, "second")).await;
    let third = Change::CreateRoom(room_in(second.id, "third"));
    assert_eq!(house.refused(&admin, third).await.0, Kind::BadMessage);
}
