//! The house's own procedures, called by name.

use std::sync::Arc;

use quintet_core::procedure::Invocation;
use quintet_core::right::{Holder, Scope};
use quintet_core::{Answer, Body, Call, Error, Id, Identity, Kind, Pattern, Right, Topic};
use quintet_hub::Caller;
use quintet_hub::listening::Heard;
use serde_json::value::to_raw_value;
use serde_json::{Value, json};

use crate::attached::{listen, next, open_house};
use crate::house::{House, Who, caller, house, public, unknown};

async fn invoke(house_: &House, who: &Caller, name: &str, payload: Value) -> Result<Value, Error> {
    let payload = to_raw_value(&payload).unwrap();
    let invocation = Invocation { name: name.into(), payload, connection: None, extra: None };
    match house_.ask(who, Call::Invoke(Box::new(invocation))).await? {
        Answer::Outcome(outcome) => Ok(serde_json::from_str(outcome.payload.get()).unwrap()),
        other => panic!("{other:?}"),
    }
}

fn worker() -> Caller {
    caller(Identity::Worker("w".into()))
}

#[tokio::test]
async fn a_connection_is_tried_with_echo_and_fail() {
    let house_ = House::new().await;
    let ann = house_.register("ann").await;
    for value in [json!({"a": [1, null]}), json!("x"), json!(null)] {
        assert_eq!(invoke(&house_, &ann, "echo", value.clone()).await.unwrap(), value);
    }
    let failed = invoke(&house_, &ann, "fail", json!(1)).await.unwrap_err();
    assert_eq!((failed.status(), failed.public()), (418, "this procedure always fails"));
    assert_eq!(invoke(&house_, &public(), "echo", json!(1)).await.unwrap_err().kind(), Kind::Unauthenticated);
    assert_eq!(invoke(&house_, &worker(), "echo", json!(1)).await.unwrap(), json!(1));
    for name in ["topic:subscribe", "topic:unsubscribe", "websocket:auth", "room:join", "connection:get"] {
        let refused = invoke(&house_, &ann, name, json!({})).await.unwrap_err();
        assert_eq!(
            (refused.status(), refused.public()),
            (400, &*format!("{name} is for sockets at /ws, connect there"))
        );
    }
    assert_eq!(invoke(&house_, &ann, "chat:sing", json!({})).await.unwrap_err().kind(), Kind::NotFound);
}

#[tokio::test]
async fn a_chat_is_sent_edited_reacted_to_and_deleted() {
    let house_ = House::new().await;
    let (ann, bob) = (house_.register("ann").await, house_.register("bob").await);
    let room = house_.room("room", None).await.id;
    let sent = invoke(&house_, &ann, "chat:send", json!({"roomId": room.to_string(), "content": "hi"})).await.unwrap();
    let chat = &sent["chat"];
    let expected = json!({
        "id": chat["id"], "roomId": room.get(), "threadId": null, "content": "hi", "edited": false, "reactions": {},
        "author": {"id": ann.id().get(), "username": "ann", "rootId": format!("n::{:024x}", ann.id().get())},
        "createdAt": house_.now().millis(), "via": "test", "position": null,
    });
    assert_eq!(*chat, expected);
    let about = |more: Value| {
        let mut payload = json!({"chatId": chat["id"]});
        payload.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        payload
    };
    let forbidden = invoke(&house_, &bob, "chat:edit", about(json!({"content": "ho"}))).await.unwrap_err();
    assert_eq!(forbidden.kind(), Kind::Forbidden);
    let edited = invoke(&house_, &ann, "chat:edit", about(json!({"content": "ho"}))).await.unwrap();
    assert_eq!((&edited["chat"]["content"], &edited["chat"]["edited"]), (&json!("ho"), &json!(true)));
    let success = json!({"success": true});
    for (adding, reactions) in [(json!(null), json!({"+": 1})), (json!(false), json!({}))] {
        let payload = about(json!({"reaction": "+", "adding": adding}));
        assert_eq!(invoke(&house_, &bob, "chat:react", payload).await.unwrap(), success);
        let read = invoke(&house_, &bob, "chat:history", json!({"roomId": room.get()})).await;
        assert_eq!(read.unwrap()["chats"][0]["reactions"], reactions);
    }
    assert_eq!(invoke(&house_, &ann, "chat:delete", about(json!({}))).await.unwrap(), success);
    let gone = invoke(&house_, &ann, "chat:delete", about(json!({}))).await.unwrap_err();
    assert_eq!(gone.kind(), Kind::NotFound);
}

#[tokio::test]
async fn what_is_wrong_is_told_by_field() {
    let house_ = House::new().await;
    let ann = house_.register("ann").await;
    let table = [
        ("chat:send", json!({}), vec!["roomId is required", "content is required"]),
        (
            "chat:send",
            json!({"roomId": "x", "content": 5, "threadId": []}),
            vec!["roomId failed for number", "threadId failed for number", "content failed for text"],
        ),
        ("chat:edit", json!(null), vec!["chatId is required", "content is required"]),
        (
            "chat:react",
            json!({"chatId": 1, "reaction": "", "adding": 1}),
            vec!["reaction is required", "adding failed for boolean"],
        ),
        (
            "chat:history",
            json!({"roomId": 1, "limit": 0, "before": -1}),
            vec!["before failed for number", "limit failed for positive"],
        ),
        ("presence:get", json!({}), vec!["roomId is required"]),
        ("user:get", json!({"id": "ann"}), vec!["id failed for number"]),
        ("topic:publish", json!({"payload": 1}), vec!["topic is required"]),
    ];
    for (name, payload, expected) in table {
        let error = invoke(&house_, &ann, name, payload).await.unwrap_err();
        let told: Vec<_> = error.fields().iter().map(|field| field.error.clone()).collect();
        assert_eq!((error.status(), told), (400, expected.into_iter().map(String::from).collect()), "{name}");
    }
}

async fn page(house_: &House, who: &Caller, payload: Value) -> (Vec<String>, Value) {
    let answer = invoke(house_, who, "chat:history", payload).await.unwrap();
    let chats = answer["chats"].as_array().unwrap();
    (chats.iter().map(|chat| chat["content"].as_str().unwrap().to_owned()).collect(), answer["more"].clone())
}

#[tokio::test]
async fn history_is_read_page_by_page_also_where_many_were_said_in_one_moment() {
    let limits = quintet_core::Limits { page_chats: 3, ..quintet_core::Limits::default() };
    let house_ = House::with(limits, crate::house::rules()).await;
    let ann = house_.register("ann").await;
    let room = house_.room("room", None).await.id;
    let mut ids = Vec::new();
    for number in 0..8 {
        // Six at one moment, and two after it.
        house_.pass_millis(i64::from(number > 5));
        ids.push(house_.post(&ann, room, &number.to_string()).await.id);
    }
    let all = |from: usize, to: usize| (from..to).rev().map(|number| number.to_string()).collect::<Vec<_>>();
    assert_eq!(
        page(&house_, &ann, json!({"roomId": room.get()})).await,
        (all(5, 8), json!(true)),
        "the bound of a page"
    );
    for limit in 1..=3 {
        let (mut before, mut read) = (Value::Null, Vec::new());
        loop {
            let payload = json!({"roomId": room.get(), "before": before, "limit": limit});
            let (chats, more) = page(&house_, &ann, payload).await;
            read.extend(chats);
            before = ids[8 - read.len()].get().into();
            assert_eq!(more, json!(read.len() < 8), "{read:?}");
            if more == json!(false) {
                break;
            }
        }
        assert_eq!(read, all(0, 8), "{limit} on a page");
    }
    house_.done(&ann, Call::DeleteChat(ids[3])).await;
    let from_gone = page(&house_, &ann, json!({"roomId": room.get(), "before": ids[3].get(), "limit": 3})).await;
    assert_eq!(from_gone, (all(0, 3), json!(false)), "a chat that is gone still tells a place");
}

#[tokio::test]
async fn private_rooms_are_not_there() {
    let house_ = House::new().await;
    let (ann, bob) = (house_.register("ann").await, house_.register("bob").await);
    let private = house_.private_room(&bob).await;
    for name in ["chat:history", "presence:get", "chat:typing"] {
        let kinds = [(private, &ann), (unknown(), &bob)].map(|(room, who)| (json!({"roomId": room.get()}), who));
        for (payload, who) in kinds {
            assert_eq!(invoke(&house_, who, name, payload).await.unwrap_err().kind(), Kind::NotFound, "{name}");
        }
        assert!(invoke(&house_, &bob, name, json!({"roomId": private.get()})).await.is_ok(), "{name}");
    }
    let rooms = async |who| invoke(&house_, who, "room:list", json!({})).await.unwrap()["rooms"].clone();
    let listed = rooms(&bob).await.as_array().unwrap().iter().find(|room| room["id"] == private.get()).cloned();
    let expected = json!({"id": private.get(), "parentId": null, "name": "private", "description": null});
    assert_eq!(listed, Some(expected));
    assert!(!rooms(&ann).await.to_string().contains(&private.to_string()));
}

#[tokio::test]
async fn users_are_told_of_by_number() {
    let house_ = House::new().await;
    let ann = house_.register("ann").await;
    let told = json!({"user": {"id": ann.id().get(), "username": "ann", "nickname": "ann"}});
    for id in [json!(ann.id().get()), json!(ann.id().to_string())] {
        assert_eq!(invoke(&house_, &ann, "user:get", json!({"id": id})).await.unwrap(), told);
    }
    let missing = invoke(&house_, &ann, "user:get", json!({"id": unknown().get()})).await.unwrap_err();
    assert_eq!(missing.kind(), Kind::NotFound);
}

#[tokio::test]
async fn a_worker_asks_as_the_house_and_is_no_user() {
    let house_ = House::new().await;
    let bob = house_.register("bob").await;
    let private = house_.private_room(&bob).await;
    house_.post(&bob, private, "secret").await;
    let read = invoke(&house_, &worker(), "chat:history", json!({"roomId": private.get()})).await.unwrap();
    assert_eq!(read["chats"][0]["content"], "secret");
    for name in ["chat:send", "chat:typing", "chat:react"] {
        let payload = json!({"roomId": private.get(), "content": "x", "chatId": 5, "reaction": "+"});
        let refused = invoke(&house_, &worker(), name, payload).await.unwrap_err();
        assert_eq!(refused.public(), "only a user can ask this, the house and workers are none", "{name}");
    }
}

#[tokio::test]
async fn messages_and_notices_are_heard() {
    let house_ = open_house().await;
    let (ann, admin) = (house_.register("ann").await, house_.admin().await);
    let mut everything = house_.hub.listen(Pattern::of(&["*"], false));
    let (_ann, mut heard) = listen(&house_, &ann, Pattern::of(&["notes", "*"], false));
    let payload = json!({"topic": "notes/a*b", "payload": {"n": 1}});
    invoke(&house_, &ann, "topic:publish", payload).await.unwrap();
    assert_eq!(next(&mut heard).await, "message");
    invoke(&house_, &worker(), "topic:publish", json!({"topic": "notes/1"})).await.unwrap();
    assert_eq!(next(&mut heard).await, "message");
    let refused = invoke(&house_, &ann, "topic:publish", json!({"topic": "room/1"})).await.unwrap_err();
    assert!(refused.kind() == Kind::Forbidden && refused.public().contains("reserved"));

    let root = format!("n::{:024x}", ann.id().get());
    let users = json!([root, 4097, ann.id().get(), "4097"]);
    let notice = json!({"users": users, "channels": ["lobby"], "clients": ["c"], "data": {"a": 1}});
    let refused = invoke(&house_, &ann, "notify", notice.clone()).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Forbidden);
    for who in [admin, worker(), house()] {
        invoke(&house_, &who, "notify", notice.clone()).await.unwrap();
        invoke(&house_, &who, "notify", json!({"data": {"heard by": "nobody"}})).await.unwrap();
    }
    let said = Body::Message { name: "notes/a*b".into(), payload: Arc::from(r#"{"n":1}"#) };
    let bare = Body::Message { name: "notes/1".into(), payload: "null".into() };
    let notice = Body::Notice(r#"{"a":1}"#.into());
    for expected in [said, bare, notice.clone(), notice.clone(), notice] {
        // Whoever came and went is another story.
        let event = loop {
            match everything.next().await {
                Some(Heard::Event(event)) if matches!(event.body, Body::Message { .. } | Body::Notice(_)) => {
                    break event;
                }
                Some(Heard::Event(_)) => {}
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(event.body, expected);
        if matches!(expected, Body::Notice(_)) {
            let topics = [
                Topic::user(ann.id()),
                Topic::user(Id::new(4097).unwrap()),
                Topic::channel("lobby"),
                Topic::client("c"),
            ];
            assert_eq!(event.topics, topics);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn presence_names_everybody_once_in_the_order_in_which_they_came() {
    let house_ = open_house().await;
    let (ann, bob) = (house_.register("ann").await, house_.register("bob").await);
    let room = house_.room("room", None).await.id;
    let start = house_.now().millis();
    let present = async || invoke(&house_, &ann, "presence:get", json!({"roomId": room.get()})).await.unwrap();
    assert_eq!(present().await, json!({"users": []}));
    let (of_bob, _heard) = listen(&house_, &bob, Pattern::of(&["room", &room.to_string()], false));
    house_.pass_millis(5);
    let (_of_ann, _heard) = listen(&house_, &ann, Pattern::all("room"));
    let (_twice, _heard) = listen(&house_, &ann, Topic::room(room).into());
    let told = |who: &Caller, name: &str, since: i64| json!({"id": who.id().get(), "username": name, "dialects": ["plain"], "since": since});
    let both = json!({"users": [told(&bob, "bob", start), told(&ann, "ann", start + 5)]});
    assert_eq!(present().await, both);
    house_.grant(Scope::Room(room), Holder::User(bob.id()), Right::View, -1).await;
    assert_eq!(present().await, json!({"users": [told(&ann, "ann", start + 5)]}));
    drop(of_bob);
}
