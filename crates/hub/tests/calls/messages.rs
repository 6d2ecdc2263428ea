//! Messages that agents commit below rooms: chats like any other.

use quintet_core::chat::ChatFilter;
use quintet_core::commit::Unsigned;
use quintet_core::right::{Holder, Scope};
use quintet_core::{Answer, Call, Chat, Id, Kind, Properties, Right, term};
use quintet_hub::Caller;
use serde_json::{Value, json};

use crate::house::{House, house, room};
use crate::signer::{Agent, at, destroy, posted, push, set};

fn message(path: &str, room: Id, text: &str) -> Unsigned {
    let parent = at(&format!("/room/{room}"));
    set(path, json!({ term::IS_A: [term::MESSAGE], term::DESCRIPTION: text, term::PARENT: parent.as_str() }))
}

fn describe(path: &str, text: &str) -> Unsigned {
    set(path, json!({ term::DESCRIPTION: text }))
}

fn react(path: &str, reactions: Value) -> Unsigned {
    set(path, Value::Object(Properties::from_iter([(term::REACTIONS.to_owned(), reactions)])))
}

/// The chats of a room as the house reads them, the newest first.
async fn chats(house_: &House, room: Id) -> Vec<Chat> {
    match house_.ask(&house(), Call::Chats(ChatFilter { room: Some(room), limit: 50, ..ChatFilter::default() })).await {
        Ok(Answer::Chats(chats)) => chats,
        other => panic!("{other:?}"),
    }
}

fn path(chat: &Chat) -> String {
    format!("/room/{}/{}", chat.room, chat.id)
}

/// Somebody with an account, and the key that the house holds for it.
async fn somebody(house_: &House, name: &str) -> (Caller, Agent) {
    (house_.register(name).await, house_.key_of(name).await)
}

#[tokio::test]
async fn a_message_is_a_chat_of_its_signer() {
    let house_ = House::new().await;
    let room = house_.room("hall", None).await.id;
    let (_, ann) = somebody(&house_, "ann").await;
    house_.hand_in(&ann, message("/01jx", room, "hello")).await.unwrap();
    house_.hand_in(&Agent::new(1), message(&format!("/room/{room}/01jy"), room, "hi")).await.unwrap();
    let chats = chats(&house_, room).await;
    let told: Vec<_> = chats.iter().map(|chat| (&*chat.author.name, &*chat.content)).collect();
    assert_eq!(told.len(), 2);
    assert!(told.contains(&("ann", "hello")) && told.contains(&("agent-8a88e3dd", "hi")), "{told:?}");
    assert!(chats.iter().any(|chat| chat.subject == Some(at("/01jx"))));
    assert!(house_.stored("/01jx").await.is_none(), "a chat is no document");
}

#[tokio::test]
async fn a_message_comes_once() {
    let house_ = House::new().await;
    let room = house_.room("hall", None).await.id;
    let (_, ann) = somebody(&house_, "ann").await;
    let hello = ann.sign(house_.now(), message("/01jx", room, "hello"));
    let answer = house_.post_commit(&hello).await.unwrap();
    assert_eq!(house_.post_commit(&hello).await.unwrap(), answer);
    house_.hand_in(&ann, destroy("/01jx")).await.unwrap();
    assert_eq!(house_.post_commit(&hello).await.unwrap(), answer, "not even after it was deleted");
    assert_eq!(chats(&house_, room).await, []);
}

#[tokio::test]
async fn authors_edit_and_delete_under_either_name() {
    let house_ = House::new().await;
    let room = house_.room("hall", None).await.id;
    let (caller, ann) = somebody(&house_, "ann").await;
    let (_, ben) = somebody(&house_, "ben").await;
    house_.hand_in(&ann, message("/01jx", room, "hello")).await.unwrap();
    let chat = chats(&house_, room).await.remove(0);
    for (name, text) in [("/01jx".to_owned(), "one"), (path(&chat), "two")] {
        assert_eq!(house_.hand_in(&ben, describe(&name, "x")).await.unwrap_err().kind(), Kind::Forbidden);
        house_.hand_in(&ann, describe(&name, text)).await.unwrap();
        assert_eq!(chats(&house_, room).await[0].content, text);
    }
    let old = ann.sign(house_.now(), describe(&path(&chat), "two"));
    house_.ask(&caller, Call::EditChat { chat: chat.id, content: "three".into() }).await.unwrap();
    house_.post_commit(&old).await.unwrap();
    assert_eq!(chats(&house_, room).await[0].content, "three", "a known commit changes nothing");
    assert_eq!(house_.hand_in(&ben, destroy("/01jx")).await.unwrap_err().kind(), Kind::Forbidden);
    house_.hand_in(&ann, destroy(&path(&chat))).await.unwrap();
    assert_eq!(chats(&house_, room).await, []);
    house_.pass_millis(1);
    for gone in ["/01jx".to_owned(), path(&chat)] {
        assert_eq!(house_.hand_in(&ann, destroy(&gone)).await.unwrap_err().kind(), Kind::NotFound, "{gone}");
    }
}

#[tokio::test]
async fn nothing_else_of_a_message_changes() {
    let house_ = House::new().await;
    let room = house_.room("hall", None).await.id;
    let (_, ann) = somebody(&house_, "ann").await;
    house_.hand_in(&ann, message("/01jx", room, "hello")).await.unwrap();
    let path = path(&chats(&house_, room).await[0]);
    for unsigned in [
        set(&path, json!({ term::NAME: "x" })),
        set(&path, json!({ term::DESCRIPTION: "x", term::NAME: "x" })),
        set(&path, json!({ term::DESCRIPTION: 5 })),
        set(&path, json!({ term::DESCRIPTION: "" })),
        push(&path, json!({ term::READ: [ann.url()] })),
        Unsigned { remove: vec![term::DESCRIPTION.into()], ..Unsigned::new(at(&path)) },
        Unsigned::new(at(&path)),
        set("/01jx", json!({ term::NAME: "x" })),
        message(&path, room, "again"),
        set("/other", json!({ term::DESCRIPTION: "x", term::PARENT: at(&format!("/room/{room}")).as_str() })),
        set("/other", json!({ term::IS_A: [term::MESSAGE], term::PARENT: at(&format!("/room/{room}")).as_str() })),
        message("/room/77/other", room, "in another room's name"),
    ] {
        let error = house_.hand_in(&ann, unsigned.clone()).await.unwrap_err();
        assert_eq!(error.kind(), Kind::BadMessage, "{unsigned:?} {error}");
    }
    assert_eq!(house_.chats(&house(), ChatFilter { room: Some(room), ..ChatFilter::default() }).await, ["hello"]);
    let taken = house_.hand_in(&ann, message("/01jx", room, "second")).await.unwrap_err();
    assert_eq!(taken.kind(), Kind::Conflict);
}

/// What its listeners hear is what was signed: it may hold nothing that the house does not keep of a message, or knows better.
#[tokio::test]
async fn a_message_says_nothing_of_itself_that_is_not_so() {
    let house_ = House::new().await;
    let room = house_.room("hall", None).await.id;
    let (_, ann) = somebody(&house_, "ann").await;
    let (_, ben) = somebody(&house_, "ben").await;
    let with = |property: &str, value: Value| {
        let mut unsigned = message("/01jx", room, "hello");
        unsigned.set.insert(property.to_owned(), value);
        unsigned
    };
    let later = house_.now().millis() + 60_000;
    let forged = json!([{ "@id": at("/x").as_str(), term::NAME: "forged" }]);
    let pushed = |property: &str| Unsigned {
        push: Properties::from_iter([(property.to_owned(), json!([ben.url()]))]),
        ..message("/01jx", room, "hello")
    };
    for (property, unsigned) in [
        (term::CREATED_BY, with(term::CREATED_BY, ben.url().into())),
        (term::CREATED_AT, with(term::CREATED_AT, later.into())),
        (term::CREATED_AT, with(term::CREATED_AT, "yesterday".into())),
        (term::IS_A, with(term::IS_A, json!([term::MESSAGE, term::DRIVE]))),
        (term::REPLY_TO, with(term::REPLY_TO, json!({ "@id": at("/x").as_str() }))),
        (term::ATTACHMENTS, with(term::ATTACHMENTS, forged)),
        (term::NAME, with(term::NAME, "x".into())),
        (term::LAST_COMMIT, with(term::LAST_COMMIT, "http://x.example".into())),
        (term::REACTIONS, with(term::REACTIONS, json!({ "a": 99 }))),
        (term::WRITE, with(term::WRITE, json!([ann.url()]))),
        (term::READ, pushed(term::READ)),
        (term::IS_A, pushed(term::IS_A)),
        (term::DESCRIPTION, Unsigned { remove: vec![term::DESCRIPTION.into()], ..message("/01jx", room, "hello") }),
    ] {
        let error = house_.hand_in(&ann, unsigned.clone()).await.unwrap_err();
        assert_eq!(error.kind(), Kind::BadMessage, "{unsigned:?} {error}");
        assert!(error.public().contains(property), "{property}: {error}");
    }
    let mut whole = with(term::CREATED_BY, ann.url().into());
    whole.set.insert(term::CREATED_AT.into(), house_.now().millis().into());
    whole.set.insert(term::REPLY_TO.into(), at("/01jw").as_str().into());
    whole.set.insert(term::ATTACHMENTS.into(), json!([at("/files/1-a.png").as_str()]));
    house_.hand_in(&ann, whole).await.unwrap();
    let attached = Unsigned { subject: at("/01jy"), ..pushed(term::ATTACHMENTS) };
    house_.hand_in(&ann, attached).await.unwrap();
    assert_eq!(chats(&house_, room).await.len(), 2);
}

#[tokio::test]
async fn reactions_are_the_signers_own() {
    let house_ = House::new().await;
    let room = house_.room("hall", None).await.id;
    let (_, ann) = somebody(&house_, "ann").await;
    let (_, ben) = somebody(&house_, "ben").await;
    house_.hand_in(&ann, message("/01jx", room, "hello")).await.unwrap();
    house_.hand_in(&ann, react("/01jx", json!({ "👍": true }))).await.unwrap();
    house_.hand_in(&ben, react("/01jx", json!({ "👍": 2 }))).await.unwrap();
    assert_eq!(chats(&house_, room).await[0].reactions, [("👍".to_owned(), 2)]);
    house_.hand_in(&ann, react("/01jx", json!({ "👍": false }))).await.unwrap();
    assert_eq!(chats(&house_, room).await[0].reactions, [("👍".to_owned(), 1)]);
    let all = Unsigned { remove: vec![term::REACTIONS.into()], ..Unsigned::new(at("/01jx")) };
    house_.hand_in(&ann, all.clone()).await.unwrap();
    assert_eq!(chats(&house_, room).await[0].reactions, [("👍".to_owned(), 1)], "it is another's");
    house_.pass_millis(1);
    house_.hand_in(&ben, all).await.unwrap();
    assert_eq!(chats(&house_, room).await[0].reactions, []);
}

#[tokio::test]
async fn a_private_room_looks_as_if_it_were_not_there() {
    let house_ = House::new().await;
    let (caller, ann) = somebody(&house_, "ann").await;
    let (_, ben) = somebody(&house_, "ben").await;
    let private = house_.private_room(&caller).await;
    house_.hand_in(&ann, message("/01jx", private, "secret")).await.unwrap();
    let path = path(&chats(&house_, private).await[0]);
    let missing = Id::new(4097).unwrap();
    for (hidden, room) in [(private, "private"), (missing, "missing")] {
        let error = house_.hand_in(&ben, message("/spy", hidden, "x")).await.unwrap_err();
        let expected = format!("Parent of {} not found: {}", at("/spy"), at(&format!("/room/{hidden}")));
        assert_eq!((error.kind(), error.public()), (Kind::BadMessage, &*expected), "{room}");
        let error =
            house_.hand_in(&ben, set(&format!("/room/{hidden}"), json!({ term::NAME: "x" }))).await.unwrap_err();
        assert_eq!(error.kind(), Kind::NotFound, "{room}");
    }
    for unsigned in [describe(&path, "x"), destroy(&path), react(&path, json!({ "x": true })), destroy("/01jx")] {
        assert_eq!(house_.hand_in(&ben, unsigned).await.unwrap_err().kind(), Kind::NotFound);
    }
}

#[tokio::test]
async fn who_only_reads_does_not_write() {
    let house_ = House::new().await;
    let room = house_.room("hall", None).await.id;
    let (_, ann) = somebody(&house_, "ann").await;
    house_.grant(Scope::Room(room), Holder::Role(Id::EVERYONE), Right::Write, -5).await;
    let error = house_.hand_in(&ann, message("/01jx", room, "hello")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Forbidden);
    assert!(
        error.public().starts_with(&format!("No {} right has been found for {}", term::APPEND, ann.url())),
        "{error}"
    );
}

#[tokio::test]
async fn a_room_is_renamed_and_deleted_by_who_manages_it() {
    let house_ = House::new().await;
    let hall = house_.room("hall", None).await.id;
    let path = format!("/room/{hall}");
    let (_, ann) = somebody(&house_, "ann").await;
    let admin = house_.key_of("admin").await;
    let rename = |name: &str| set(&path, json!({ term::NAME: name, term::DESCRIPTION: "d" }));
    assert_eq!(house_.hand_in(&ann, rename("hers")).await.unwrap_err().kind(), Kind::Forbidden);
    let first = admin.sign(house_.now(), rename("one"));
    house_.post_commit(&first).await.unwrap();
    house_.hand_in(&admin, rename("two")).await.unwrap();
    house_.ask(&house(), posted(&first.json)).await.unwrap();
    let now = room(house_.ask(&house(), Call::Room(hall)).await);
    assert_eq!((&*now.name, now.description.as_deref()), ("two", Some("d")), "a known commit changes nothing");
    for unsigned in [set(&path, json!({ term::READ: [ann.url()] })), push(&path, json!({ term::MESSAGES: [] }))] {
        assert_eq!(house_.hand_in(&admin, unsigned).await.unwrap_err().kind(), Kind::BadMessage);
    }
    house_.hand_in(&admin, destroy(&path)).await.unwrap();
    assert_eq!(house_.refusal(&house(), Call::Room(hall)).await, Kind::NotFound);
}
