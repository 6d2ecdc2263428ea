//! What a client missed since the positions that it hands in.

use quintet_core::call::Resumed;
use quintet_core::{AgentKey, Answer, Call, Kind, Limits, Position, Subject, Topic, term};
use quintet_hub::Caller;
use serde_json::json;

use crate::house::{House, public, rules};
use crate::sheets::{at, chat_at, room_at};

async fn resume(house_: &House, who: &Caller, since: &[(Subject, Option<Position>)]) -> Vec<Resumed> {
    match house_.ask(who, Call::Resume(since.to_vec())).await {
        Ok(Answer::Resumed(resumed)) => resumed,
        other => panic!("{other:?}"),
    }
}

/// Where a subject's history is now.
async fn head(house_: &House, who: &Caller, subject: &Subject) -> Option<Position> {
    let resumed = resume(house_, who, &[(subject.clone(), None)]).await.remove(0);
    assert!(!resumed.recovered && resumed.missed.is_empty());
    resumed.position
}

#[tokio::test]
async fn missed_commits_of_a_document_are_made_up_for() {
    let house_ = House::new().await;
    house_.drive("/d", &[term::PUBLIC_AGENT]).await;
    let before = head(&house_, &public(), &at("/d")).await;
    let named = house_.make("/d", json!({ term::NAME: "d" })).await;
    let since = [(at("/d"), before)];
    let resumed = resume(&house_, &public(), &since).await.remove(0);
    assert!(resumed.recovered);
    assert_eq!((resumed.subject, resumed.topic, resumed.missed), (at("/d"), at("/d").topic(), vec![named]));
    let again = resume(&house_, &public(), &[(at("/d"), resumed.position)]).await.remove(0);
    assert!(again.recovered && again.missed.is_empty());

    let foreign = before.map(|position| Position { epoch: position.epoch ^ 1, ..position });
    let future = before.map(|position| Position { offset: position.offset + 99, ..position });
    for wrong in [foreign, future] {
        let resumed = resume(&house_, &public(), &[(at("/d"), wrong)]).await.remove(0);
        assert!(!resumed.recovered && resumed.missed.is_empty() && resumed.position == again.position);
    }
}

#[tokio::test]
async fn missed_chats_are_made_up_for_in_rooms_and_one_by_one() {
    let house_ = House::new().await;
    let ann = house_.register("ann").await;
    let room = house_.room("room", None).await.id;
    let chat = house_.post(&ann, room, "hello").await.id;
    let subjects = [room_at(room), chat_at(room, chat)];
    let since = head(&house_, &ann, &subjects[0]).await;
    assert_eq!(head(&house_, &ann, &subjects[1]).await, since, "a chat stands in its room's history");
    let other = house_.post(&ann, room, "again").await.id;
    house_.ask(&ann, Call::EditChat { chat, content: "bye".into() }).await.unwrap();
    house_.done(&ann, Call::DeleteChat(chat)).await;
    let resumed = resume(&house_, &ann, &subjects.map(|subject| (subject, since))).await;
    let [of_room, of_chat] = &resumed[..] else { panic!("{resumed:?}") };
    assert!(of_room.recovered && of_chat.recovered);
    assert_eq!((&of_room.topic, &of_chat.topic), (&Topic::room(room), &Topic::room(room)));
    assert_eq!(of_room.missed.len(), 1);
    assert_eq!(of_room.missed[0].push[term::MESSAGES][0]["@id"], chat_at(room, other).as_str());
    assert_eq!(of_chat.missed.iter().map(|commit| commit.destroy).collect::<Vec<_>>(), [false, true]);
    assert_eq!(of_chat.missed[0].set[term::DESCRIPTION], "bye");
}

#[tokio::test]
async fn of_what_may_not_be_read_nothing_is_told() {
    let house_ = House::new().await;
    let (ann, bob) = (house_.register("ann").await, house_.register("bob").await);
    house_.drive("/d", &[&house_.agent_of(&bob).await]).await;
    let private = house_.private_room(&bob).await;
    let chat = house_.post(&bob, private, "secret").await.id;
    let start = Some(Position { epoch: 0, offset: 0 });
    for subject in [at("/d"), room_at(private), chat_at(private, chat), at("/nope")] {
        for who in [&ann, &public()] {
            for since in [None, start] {
                let resumed = resume(&house_, who, &[(subject.clone(), since)]).await.remove(0);
                assert!(!resumed.recovered && resumed.missed.is_empty() && resumed.position.is_none(), "{subject}");
                assert!(!resumed.readable, "{subject}");
            }
        }
    }
    assert!(head(&house_, &bob, &room_at(private)).await.is_some());
}

#[tokio::test]
async fn what_may_be_read_is_told_whether_it_has_a_history_or_not() {
    let house_ = House::new().await;
    let ann = house_.register("ann").await;
    house_.drive("/d", &[term::PUBLIC_AGENT]).await;
    let room = house_.room("room", None).await.id;
    let (chat, gone) = (house_.post(&ann, room, "hello").await.id, house_.post(&ann, room, "bye").await.id);
    house_.done(&ann, Call::DeleteChat(gone)).await;
    let agent = at(&format!("/agents/{}", AgentKey([7; 32]).base64()));
    for (subject, readable) in [
        (at("/d"), true),
        (room_at(room), true),
        (chat_at(room, chat), true),
        (chat_at(room, gone), false),
        (agent, true),
        (at("/nope"), false),
    ] {
        let resumed = resume(&house_, &ann, &[(subject.clone(), None)]).await.remove(0);
        assert_eq!(resumed.readable, readable, "{subject}");
    }
}

#[tokio::test]
async fn what_is_made_up_for_is_bounded_over_all_subjects() {
    let limits = Limits { history_commits: 3, connection_subscriptions: 4, ..Limits::default() };
    let house_ = House::with(limits, rules()).await;
    let ann = house_.register("ann").await;
    let room = house_.room("room", None).await.id;
    let since = head(&house_, &ann, &room_at(room)).await;
    house_.post(&ann, room, "1").await;
    house_.post(&ann, room, "2").await;
    let twice = [(room_at(room), since), (room_at(room), since)];
    let resumed = resume(&house_, &ann, &twice).await;
    assert_eq!(
        resumed.iter().map(|one| (one.recovered, one.missed.len())).collect::<Vec<_>>(),
        [(true, 2), (false, 0)]
    );
    house_.post(&ann, room, "3").await;
    house_.post(&ann, room, "4").await;
    assert!(!resume(&house_, &ann, &twice[..1]).await[0].recovered, "never a part of it");
    let many = vec![(room_at(room), None); 5];
    assert_eq!(house_.refusal(&ann, Call::Resume(many)).await, Kind::TooMany);
}

#[tokio::test]
async fn what_is_made_up_for_is_bounded_in_bytes() {
    let house_ = House::with(Limits { history_bytes: 10, ..Limits::default() }, rules()).await;
    let ann = house_.register("ann").await;
    let room = house_.room("room", None).await.id;
    let since = head(&house_, &ann, &room_at(room)).await;
    house_.post(&ann, room, "123456").await;
    let resumed = resume(&house_, &ann, &[(room_at(room), since)]).await.remove(0);
    assert_eq!((resumed.recovered, resumed.missed.len()), (true, 1));
    house_.post(&ann, room, "123456").await;
    let resumed = resume(&house_, &ann, &[(room_at(room), since)]).await.remove(0);
    assert_eq!((resumed.recovered, resumed.missed.len()), (false, 0), "never a part of it");
}

#[tokio::test]
async fn a_chat_room_that_is_a_document_is_read_again() {
    let house_ = House::new().await;
    house_.drive("/d", &[term::PUBLIC_AGENT]).await;
    let chat_room = json!({ term::IS_A: [term::CHAT_ROOM], term::NAME: "talk", term::PARENT: at("/d").as_str() });
    house_.make("/talk", chat_room).await;
    let since = head(&house_, &public(), &at("/talk")).await;
    assert!(since.is_some());
    assert!(
        !resume(&house_, &public(), &[(at("/talk"), since)]).await[0].recovered,
        "messages that came are not in its history"
    );
}
