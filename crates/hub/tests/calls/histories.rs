//! What happened to documents, rooms and chats.

use quintet_core::document::Described;
use quintet_core::room::RoomEdit;
use quintet_core::{Answer, Call, Error, Identity, Kind, Position, Properties, Right, term};
use quintet_hub::Caller;
use serde_json::json;

use crate::house::{House, Who, house, public};
use crate::sheets::{at, chat_at, room_at};
use crate::signer::{Agent, destroy, set};
use quintet_core::right::{Holder, Scope};

async fn version(house_: &House, who: &Caller, signature: &str) -> Result<Described, Error> {
    match house_.ask(who, Call::Version(signature.into())).await? {
        Answer::Document(described) => Ok(*described),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_document_has_its_commits_and_versions() {
    let house_ = House::new().await;
    let (ann, bob) = (house_.register("ann").await, house_.register("bob").await);
    house_.drive("/d", &[&house_.agent_of(&ann).await]).await;
    let made = house_.make("/x", json!({ term::NAME: "one", term::PARENT: at("/d").as_str() })).await;
    let changed = house_.commit("/x", |commit| drop(commit.set.insert(term::NAME.into(), "two".into()))).await;
    let commits = house_.commits(&ann, &at("/x")).await.unwrap();
    assert_eq!(commits.iter().map(|commit| &*commit.json).collect::<Vec<_>>(), [&*made.json, &*changed.json]);
    let first = version(&house_, &ann, &made.signature).await.unwrap().document;
    assert_eq!((first.subject.clone(), first.text(term::NAME)), (at("/x"), Some("one")));
    assert_eq!(first.text(term::LAST_COMMIT), Some(&*made.id()));
    let second = version(&house_, &ann, &changed.signature).await.unwrap().document;
    assert_eq!(Some(second), house_.read(&ann, &at("/x")).await.ok());
    let one = Call::CommitOf(made.signature.to_string());
    let Ok(Answer::Commits(found)) = house_.ask(&ann, one.clone()).await else { panic!() };
    assert_eq!(found, std::slice::from_ref(&made));

    assert_eq!(house_.commits(&bob, &at("/x")).await.unwrap_err().kind(), Kind::Forbidden);
    assert_eq!(house_.refusal(&bob, one.clone()).await, Kind::Forbidden);
    assert_eq!(house_.refusal(&public(), one).await, Kind::Unauthenticated);
    assert_eq!(version(&house_, &bob, &made.signature).await.unwrap_err().kind(), Kind::Forbidden);
    assert_eq!(house_.refusal(&ann, Call::CommitOf("nope".into())).await, Kind::NotFound);
}

#[tokio::test]
async fn of_what_was_destroyed_only_its_destroyer_reads() {
    let house_ = House::new().await;
    let (ann, bob) = (house_.register("ann").await, house_.register("bob").await);
    house_.drive("/d", &[term::PUBLIC_AGENT]).await;
    house_.make("/x", json!({ term::PARENT: at("/d").as_str() })).await;
    let gone = house_.commit_as(&house_.agent_of(&ann).await, "/x", |commit| commit.destroy = true).await;
    for who in [&ann, &house(), &house_.admin().await] {
        assert_eq!(house_.commits(who, &at("/x")).await.unwrap().len(), 2);
        assert!(house_.ask(who, Call::CommitOf(gone.signature.to_string())).await.is_ok());
    }
    assert_eq!(version(&house_, &ann, &gone.signature).await.unwrap_err().kind(), Kind::NotFound);
    for who in [&bob, &public()] {
        assert_eq!(house_.commits(who, &at("/x")).await.unwrap_err().kind(), Kind::NotFound);
        assert_eq!(house_.refusal(who, Call::CommitOf(gone.signature.to_string())).await, Kind::NotFound);
    }
}

#[tokio::test]
async fn a_room_has_the_history_of_what_it_is() {
    let house_ = House::new().await;
    let ann = house_.register("ann").await;
    let room = house_.room("room", None).await.id;
    house_.post(&ann, room, "hello").await;
    let edit = RoomEdit { name: Some("hall".into()), description: Some(Some("all".into())), federated: None };
    house_.ask(&house(), Call::ChangeRoom { room, edit }).await.unwrap();
    let commits = house_.commits(&ann, &room_at(room)).await.unwrap();
    assert_eq!(commits.len(), 2, "messages are no part of it");
    let state = commits.iter().fold(Properties::new(), |state, commit| commit.apply(state).unwrap().unwrap());
    let read = house_.read(&ann, &room_at(room)).await.unwrap();
    assert_eq!((state[term::NAME].as_str(), state[term::DESCRIPTION].as_str()), (Some("hall"), Some("all")));
    assert_eq!(state[term::CREATED_AT], read.properties[term::CREATED_AT]);
}

#[tokio::test]
async fn a_chat_has_a_history_for_those_who_may_view_it() {
    let house_ = House::new().await;
    let (ann, bob) = (house_.register("ann").await, house_.register("bob").await);
    let room = house_.room("room", None).await.id;
    let chat = house_.post(&ann, room, "hello").await.id;
    house_.ask(&ann, Call::EditChat { chat, content: "bye".into() }).await.unwrap();
    house_.done(&bob, Call::React { chat, reaction: "👍".into(), adding: true }).await;
    let commits = house_.commits(&bob, &chat_at(room, chat)).await.unwrap();
    let state = commits.iter().fold(Properties::new(), |state, commit| commit.apply(state).unwrap().unwrap());
    assert_eq!(state, house_.read(&bob, &chat_at(room, chat)).await.unwrap().properties);
    assert_eq!(house_.commits(&bob, &chat_at(room, chat)).await.unwrap(), commits, "the same again");
    house_.grant(Scope::Room(room), Holder::User(bob.id()), Right::View, -1).await;
    assert_eq!(house_.commits(&bob, &chat_at(room, chat)).await.unwrap_err().kind(), Kind::NotFound);
}

/// Whoever makes a document where another's stood, and was destroyed, is no reader of that one.
#[tokio::test]
async fn what_stood_there_before_is_not_told() {
    let house_ = House::new().await;
    let (ann, eve) = (Agent::new(1), Agent::new(2));
    let drive = |agent: &Agent, name: &str| json!({ term::IS_A: [term::DRIVE], term::NAME: name, term::WRITE: [agent.url()], term::READ: [agent.url()] });
    let secret = house_.hand_in(&ann, set("/x", drive(&ann, "secret"))).await.unwrap();
    let gone = house_.hand_in(&ann, destroy("/x")).await.unwrap();
    let made = house_.hand_in(&eve, set("/x", drive(&eve, "mine"))).await.unwrap();
    let eve_here = Caller { identity: house_.hub.identify(&eve.proof(house_.now(), true)).unwrap(), ..public() };
    assert!(matches!(eve_here.identity, Identity::User(_)));

    assert_eq!(house_.commits(&eve_here, &at("/x")).await.unwrap(), std::slice::from_ref(&made));
    for old in [&secret, &gone] {
        assert_eq!(house_.refusal(&eve_here, Call::CommitOf(old.signature.to_string())).await, Kind::NotFound);
        assert_eq!(version(&house_, &eve_here, &old.signature).await.unwrap_err().kind(), Kind::NotFound);
    }
    assert_eq!(version(&house_, &eve_here, &made.signature).await.unwrap().document.text(term::NAME), Some("mine"));
    let Ok(Answer::Resumed(now)) = house_.ask(&eve_here, Call::Resume(vec![(at("/x"), None)])).await else { panic!() };
    let since = now[0].position.map(|position| Position { offset: 0, ..position });
    let Ok(Answer::Resumed(back)) = house_.ask(&eve_here, Call::Resume(vec![(at("/x"), since)])).await else {
        panic!()
    };
    assert!(!back[0].recovered && back[0].missed.is_empty());
    assert_eq!(house_.commits(&house(), &at("/x")).await.unwrap().len(), 3, "the house forgets nothing");

    // Nor by destroying it oneself.
    house_.pass_millis(1);
    house_.hand_in(&eve, destroy("/x")).await.unwrap();
    assert_eq!(house_.commits(&eve_here, &at("/x")).await.unwrap().len(), 2);
    assert_eq!(house_.refusal(&eve_here, Call::CommitOf(secret.signature.to_string())).await, Kind::NotFound);
    assert!(house_.ask(&eve_here, Call::CommitOf(made.signature.to_string())).await.is_ok());
}
