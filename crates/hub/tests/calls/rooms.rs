//! Making, changing and deleting rooms.

use quintet_core::right::{Holder, Scope};
use quintet_core::room::{NewRoom, RoomEdit};
use quintet_core::{Answer, Call, Id, Kind, Limits, Right};

use crate::house::{House, Who, house, room, rules, unknown};

fn new(name: &str, parent: Option<Id>) -> NewRoom {
    NewRoom { name: name.into(), description: None, parent, ordinality: None, capabilities: None }
}

#[tokio::test]
async fn rooms_are_made_where_one_manages_rooms() {
    let house_ = House::new().await;
    let ann = house_.register("ann").await;
    let top = house_.room("top", None).await.id;
    assert_eq!(house_.refusal(&ann, Call::CreateRoom(new("mine", None))).await, Kind::Forbidden);
    assert_eq!(house_.refusal(&ann, Call::CreateRoom(new("mine", Some(top)))).await, Kind::Forbidden);
    house_.grant(Scope::Room(top), Holder::User(ann.id()), Right::ManageRooms, 1).await;
    let mine = room(house_.ask(&ann, Call::CreateRoom(new("mine", Some(top)))).await);
    assert_eq!((mine.parent, mine.created_by), (Some(top), ann.id()));
    assert_eq!(house_.refusal(&ann, Call::CreateRoom(new("mine", None))).await, Kind::Forbidden);
    assert_eq!(room(house_.ask(&ann, Call::Room(mine.id)).await), mine);
}

#[tokio::test]
async fn what_is_no_room_is_refused() {
    let limits = Limits { room_capabilities: 1, description_bytes: 4, ..Limits::default() };
    let house_ = House::with(limits, rules()).await;
    let described = |text: &str| NewRoom { description: Some(text.into()), ..new("room", None) };
    let capable = |names: &[&str]| NewRoom {
        capabilities: Some(names.iter().map(|name| (*name).to_owned()).collect()),
        ..new("room", None)
    };
    let table = [
        (new("", None), Kind::BadMessage),
        (new("a\nb", None), Kind::BadMessage),
        (new("room", Some(unknown())), Kind::BadMessage),
        (described("12345"), Kind::TooLarge),
        (capable(&["text", "voice"]), Kind::BadMessage),
        (capable(&[""]), Kind::BadMessage),
    ];
    for (new, expected) in table {
        assert_eq!(house_.refusal(&house(), Call::CreateRoom(new.clone())).await, expected, "{new:?}");
    }
    room(house_.ask(&house(), Call::CreateRoom(described("1234"))).await);
    room(house_.ask(&house(), Call::CreateRoom(capable(&["text"]))).await);
}

#[tokio::test]
async fn a_changed_room_is_read_back() {
    let house_ = House::new().await;
    let ann = house_.register("ann").await;
    let id = house_.room("before", None).await.id;
    let edit = RoomEdit { name: Some("after".into()), description: Some(Some("why".into())), federated: None };
    let change = |edit: &RoomEdit| Call::ChangeRoom { room: id, edit: edit.clone() };
    assert_eq!(house_.refusal(&ann, change(&edit)).await, Kind::Forbidden);
    let changed = room(house_.ask(&house(), change(&edit)).await);
    assert_eq!((&*changed.name, changed.description.as_deref()), ("after", Some("why")));
    assert_eq!(room(house_.ask(&ann, Call::Room(id)).await), changed);
    let blank = RoomEdit { name: Some(String::new()), description: None, federated: None };
    assert_eq!(house_.refusal(&house(), change(&blank)).await, Kind::BadMessage);
}

#[tokio::test]
async fn a_deleted_room_takes_what_is_in_it_along() {
    let house_ = House::new().await;
    let ann = house_.register("ann").await;
    let outer = house_.room("outer", None).await.id;
    let inner = house_.room("inner", Some(outer)).await.id;
    let chat = house_.post(&ann, inner, "hello").await.id;
    assert_eq!(house_.refusal(&ann, Call::DeleteRoom(outer)).await, Kind::Forbidden);
    house_.done(&house(), Call::DeleteRoom(outer)).await;
    for call in [Call::Room(outer), Call::Room(inner), Call::Chat(chat), Call::DeleteRoom(outer)] {
        assert_eq!(house_.refusal(&house(), call.clone()).await, Kind::NotFound, "{call:?}");
    }
}

#[tokio::test]
async fn siblings_keep_their_places_without_gaps() {
    let house_ = House::new().await;
    let outer = house_.room("outer", None).await.id;
    for name in ["b", "c"] {
        house_.room(name, Some(outer)).await;
    }
    room(house_.ask(&house(), Call::CreateRoom(NewRoom { ordinality: Some(0), ..new("a", Some(outer)) })).await);
    let Ok(Answer::Rooms(rooms)) = house_.ask(&house(), Call::Rooms).await else { panic!() };
    let within = rooms.iter().filter(|room| room.parent == Some(outer));
    let places: Vec<_> = within.map(|room| (&*room.name, room.ordinality)).collect();
    assert_eq!(places, [("a", 0), ("b", 1), ("c", 2)]);
}
