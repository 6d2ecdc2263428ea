//! A private room is invisible everywhere: it looks the same as one that was never there.

use quintet_core::chat::{ChatFilter, NewChat, ThreadFilter};
use quintet_core::right::{Grant, Holder, Rights, Scope};
use quintet_core::room::{NewRoom, RoomEdit};
use quintet_core::{Answer, Call, Id, Kind, Position, Right, term};
use quintet_hub::Caller;
use serde_json::json;

use crate::house::{House, Who, house, new_chat, unknown};
use crate::patient::Meanwhile;
use crate::sheets::at;

/// What can be asked about a room.
fn about_room(room: Id) -> Vec<Call> {
    let child =
        NewRoom { name: "x".into(), description: None, parent: Some(room), ordinality: None, capabilities: None };
    let grant = Grant { scope: Scope::Room(room), holder: Holder::Role(Id::EVERYONE), rights: Rights::default() };
    vec![
        Call::Room(room),
        Call::Threads(room),
        Call::PostChat(new_chat(room, "hello")),
        Call::PostChat(NewChat { thread: Some(unknown()), ..new_chat(room, "hello") }),
        Call::CreateRoom(child),
        Call::ChangeRoom { room, edit: RoomEdit { name: Some("x".into()), description: None, federated: None } },
        Call::DeleteRoom(room),
        Call::Grants(Scope::Room(room)),
        Call::SetGrant(grant),
    ]
}

/// What can be asked about a chat.
fn about_chat(chat: Id) -> Vec<Call> {
    vec![
        Call::Chat(chat),
        Call::EditChat { chat, content: "x".into() },
        Call::DeleteChat(chat),
        Call::React { chat, reaction: "x".into(), adding: true },
        Call::Reactors(chat),
        Call::StartThread { chat, name: "x".into() },
    ]
}

#[tokio::test]
async fn a_private_room_and_its_chats_look_as_if_they_were_not_there() {
    let house_ = House::new().await;
    let (ann, bob) = (house_.register("ann").await, house_.register("bob").await);
    let private = house_.private_room(&bob).await;
    let within = house_.room("within", Some(private)).await.id;
    let pairs = [private, within].map(|room| (about_room(room), room, about_room(unknown())));
    let secret = house_.post(&bob, private, "secret").await.id;
    let chats = [(about_chat(secret), secret, about_chat(unknown()))];
    for (calls, hidden, missing) in pairs.into_iter().chain(chats) {
        for (call, same) in calls.into_iter().zip(missing) {
            let name = format!("{call:?}");
            let seen = house_.ask(&ann, call).await.unwrap_err();
            let absent = house_.ask(&ann, same).await.unwrap_err();
            assert_eq!(seen.kind(), absent.kind(), "{name}");
            assert_eq!(seen.public().replace(&hidden.to_string(), &unknown().to_string()), absent.public(), "{name}");
            assert!(matches!(seen.kind(), Kind::NotFound | Kind::BadMessage), "{name}");
        }
    }
}

#[tokio::test]
async fn what_is_said_there_is_found_by_those_within_only() {
    let house_ = House::new().await;
    let (ann, bob) = (house_.register("ann").await, house_.register("bob").await);
    let private = house_.private_room(&bob).await;
    let open = house_.room("open", None).await.id;
    house_.post(&ann, open, "pizza in the open").await;
    let source = house_.post(&bob, private, "pizza in secret").await.id;
    let start = Call::StartThread { chat: source, name: "talk".into() };
    let Ok(Answer::Thread(thread)) = house_.ask(&bob, start).await else { panic!() };

    let none = ChatFilter::default;
    let filters = [
        (none(), 1, 2),
        (ChatFilter { room: Some(private), ..none() }, 0, 1),
        (ChatFilter { room: Some(unknown()), ..none() }, 0, 0),
        (ChatFilter { words: Some("pizza".into()), ..none() }, 1, 2),
        (ChatFilter { words: Some("secret".into()), ..none() }, 0, 1),
        (ChatFilter { author: Some(bob.id()), ..none() }, 0, 1),
        (ChatFilter { thread: Some(ThreadFilter::Main), ..none() }, 1, 2),
        (ChatFilter { thread: Some(ThreadFilter::In(thread.id)), ..none() }, 0, 0),
    ];
    for (filter, for_ann, for_bob) in filters {
        let found = [house_.chats(&ann, filter.clone()).await, house_.chats(&bob, filter.clone()).await];
        assert_eq!(found.map(|chats| chats.len()), [for_ann, for_bob], "{filter:?}");
        let admin = house_.chats(&house_.admin().await, filter.clone()).await;
        assert_eq!(admin.len(), for_bob, "{filter:?}");
    }
}

#[tokio::test]
async fn lists_hold_only_what_may_be_seen() {
    let house_ = House::new().await;
    let (ann, bob) = (house_.register("ann").await, house_.register("bob").await);
    let private = house_.private_room(&bob).await;
    let within = house_.room("within", Some(private)).await.id;
    let listed = async |who: &Caller| {
        let Ok(Answer::Rooms(rooms)) = house_.ask(who, Call::Rooms).await else { panic!() };
        rooms.into_iter().map(|room| room.id).collect::<Vec<_>>()
    };
    let everything = listed(&house()).await;
    assert!(everything.contains(&private) && everything.contains(&within));
    assert_eq!(listed(&bob).await, everything);
    assert_eq!(listed(&ann).await.len(), everything.len() - 2);
}

#[tokio::test]
async fn nobody_lands_where_it_may_not_be() {
    let house_ = House::new().await;
    let ann = house_.register("ann").await;
    let landing = async |who: &Caller| {
        let Ok(Answer::Server(server)) = house_.ask(who, Call::Server).await else { panic!() };
        server.default_room
    };
    let general = landing(&ann).await.unwrap();
    house_.grant(Scope::Room(general), Holder::User(ann.id()), Right::View, -1).await;
    assert_eq!(landing(&ann).await, None);
    assert_eq!(landing(&house()).await, Some(general));
}

#[tokio::test]
async fn who_reads_only_is_told_so() {
    let house_ = House::new().await;
    let ann = house_.register("ann").await;
    let room = house_.room("news", None).await.id;
    let chat = house_.post(&ann, room, "before").await.id;
    house_.grant(Scope::Room(room), Holder::Role(Id::EVERYONE), Right::Write, -1).await;
    assert_eq!(house_.refusal(&ann, Call::PostChat(new_chat(room, "hello"))).await, Kind::Forbidden);
    assert_eq!(house_.refusal(&ann, Call::StartThread { chat, name: "x".into() }).await, Kind::Forbidden);
    assert!(house_.ask(&ann, Call::Chat(chat)).await.is_ok());
}

/// Sets the name and the readers of `/d`, just before the store is asked this.
fn change_before(house_: &House, meanwhile: &Meanwhile, question: &'static str, name: &str, readers: &[&str]) {
    let (_, draft) = house_.draft_as("http://localhost:8080/agents/x", "/d", |unsigned| {
        unsigned.set.insert(term::NAME.into(), name.into());
        unsigned.set.insert(term::READ.into(), json!(readers));
    });
    *meanwhile.lock().unwrap() = Some((question, draft));
}

#[tokio::test]
async fn what_a_document_was_before_it_became_public_is_not_read() {
    let meanwhile = Meanwhile::default();
    let house_ = House::with_meanwhile(meanwhile.clone()).await;
    let bob = house_.register("bob").await;
    house_.drive("/d", &[]).await;
    house_.make("/d", json!({ term::NAME: "secret" })).await;
    change_before(&house_, &meanwhile, "may", "open", &[term::PUBLIC_AGENT]);
    assert_eq!(house_.read(&bob, &at("/d")).await.unwrap().text(term::NAME), Some("open"));
    assert!(meanwhile.lock().unwrap().is_none());
}

#[tokio::test]
async fn what_happens_to_a_document_that_became_private_is_not_told() {
    let meanwhile = Meanwhile::default();
    let house_ = House::with_meanwhile(meanwhile.clone()).await;
    let bob = house_.register("bob").await;
    house_.drive("/d", &[term::PUBLIC_AGENT]).await;
    change_before(&house_, &meanwhile, "history", "secret", &[]);
    assert_eq!(house_.commits(&bob, &at("/d")).await.unwrap_err().kind(), Kind::Forbidden);
    house_.make("/d", json!({ term::NAME: "open", term::READ: [term::PUBLIC_AGENT] })).await;

    let Ok(Answer::Resumed(now)) = house_.ask(&bob, Call::Resume(vec![(at("/d"), None)])).await else { panic!() };
    let since = now[0].position.map(|position| Position { offset: position.offset - 1, ..position });
    change_before(&house_, &meanwhile, "history", "secret", &[]);
    let Ok(Answer::Resumed(back)) = house_.ask(&bob, Call::Resume(vec![(at("/d"), since)])).await else { panic!() };
    assert!(!back[0].recovered && back[0].missed.is_empty());
    assert!(meanwhile.lock().unwrap().is_none());
}
