//! Agents who become users while they are connected.

use quintet_core::chat::ChatFilter;
use quintet_core::commit::Unsigned;
use quintet_core::document::Query;
use quintet_core::right::{Holder, Scope};
use quintet_core::{Answer, Body, Call, Id, Identity, Kind, Pattern, Right, Topic, term};
use serde_json::json;

use crate::attached::{listen, next, open_house, speaking_house};
use crate::house::{House, caller, house};
use crate::sheets::room_at;
use crate::signer::{Agent, at, destroy, set};

async fn make_drive(house_: &House, agent: &Agent) {
    let drive = json!({ term::IS_A: [term::DRIVE], term::NAME: "mine", term::WRITE: [agent.url()] });
    house_.hand_in(agent, set("/mine", drive)).await.unwrap();
}

#[tokio::test]
async fn whoever_shows_the_key_of_a_user_is_that_user() {
    let house_ = House::new().await;
    let ann = Agent::new(1);
    let as_she_came = caller(Identity::Agent(ann.key()));
    let room = house_.room("room", None).await.id;
    assert_eq!(house_.refusal(&as_she_came, Call::Me).await, Kind::Unauthenticated);
    assert_eq!(house_.unread(&as_she_came, &room_at(room)).await.0, Kind::NotFound);
    make_drive(&house_, &ann).await;
    let me = crate::house::user(house_.ask(&as_she_came, Call::Me).await);
    assert_eq!(me.agent, ann.key());
    assert!(house_.read(&as_she_came, &room_at(room)).await.is_ok());
    let rooms = Query { property: Some(term::IS_A.into()), value: Some(term::CHAT_ROOM.into()), ..Query::default() };
    assert!(house_.find(&as_she_came, rooms).await.unwrap().total > 0);
    assert_eq!(house_.post(&as_she_came, room, "hello").await.author.id, me.id);
}

#[tokio::test]
async fn a_connection_hears_as_the_user_that_its_agent_became() {
    let house_ = speaking_house().await;
    let ann = Agent::new(1);
    let bob = house_.register("bob").await;
    let (open, private) = (house_.room("open", None).await.id, house_.private_room(&bob).await);
    let (mut attachment, mut heard) =
        listen(&house_, &caller(Identity::Agent(ann.key())), Topic::room_document(open).into());
    assert!(!attachment.subscribe(Topic::room_document(private).into()).unwrap());
    make_drive(&house_, &ann).await;
    house_.post(&bob, private, "secret").await;
    house_.post(&bob, open, "welcome").await;
    assert!(next(&mut heard).await.contains("welcome"));
    let notice = attachment.publish(vec![Topic::room(open)], Body::Notice("{}".into()));
    assert!(notice.is_ok(), "a user may say something there: {notice:?}");
}

#[tokio::test]
async fn a_disabled_user_is_put_out_also_where_it_came_as_an_agent() {
    let house_ = open_house().await;
    let ann = Agent::new(1);
    let as_she_came = caller(Identity::Agent(ann.key()));
    let (attachment, mut heard) = listen(&house_, &as_she_came, Pattern::from(Topic::channel("quiet")));
    make_drive(&house_, &ann).await;
    let me = crate::house::user(house_.ask(&as_she_came, Call::Me).await).id;
    house_.done(&house(), Call::SetDisabled { user: me, disabled: true }).await;
    assert_eq!(next(&mut heard).await, "close 1008 account disabled");
    let room = house_.room("room", None).await.id;
    let policy_refuses = attachment.publish(vec![Topic::room(room)], Body::Notice("{}".into()));
    assert_eq!(policy_refuses.unwrap_err().kind(), Kind::NotFound);
    assert_eq!(house_.refusal(&as_she_came, Call::Me).await, Kind::Unauthenticated);
}

fn message(path: &str, room: Id, text: &str) -> Unsigned {
    let parent = room_at(room);
    set(path, json!({ term::IS_A: [term::MESSAGE], term::DESCRIPTION: text, term::PARENT: parent.as_str() }))
}

fn react(path: &str) -> Unsigned {
    set(path, json!({ term::REACTIONS: { "a": true } }))
}

async fn users(house_: &House) -> usize {
    match house_.ask(&house(), Call::Users).await {
        Ok(Answer::Users(users)) => users.len(),
        other => panic!("{other:?}"),
    }
}

/// What is said to who is refused, and that nobody became a user by it.
async fn refused(house_: &House, unsigned: Unsigned) -> (Kind, String) {
    let before = users(house_).await;
    let error = house_.hand_in(&Agent::new(9), unsigned.clone()).await.unwrap_err();
    assert_eq!(users(house_).await, before, "{unsigned:?}");
    (error.kind(), error.public().to_owned())
}

#[tokio::test]
async fn nobody_becomes_a_user_by_a_document_that_is_refused() {
    let house_ = House::new().await;
    make_drive(&house_, &Agent::new(1)).await;
    let below = |path: &str| json!({ term::NAME: "x", term::PARENT: at(path).as_str() });
    let (eve, other) = (Agent::new(9), Agent::new(8).key().subject(&at("").origin()));
    let lacks = |act: &str| format!("No {act} right has been found for {} in this resource or its parents", eve.url());
    for (unsigned, kind, text) in [
        (set("/mine", json!({ term::NAME: "x" })), Kind::Forbidden, lacks(term::WRITE)),
        (destroy("/mine"), Kind::Forbidden, lacks(term::WRITE)),
        (set("/new", below("/mine")), Kind::Forbidden, lacks(term::APPEND)),
        (set("", json!({ term::NAME: "x" })), Kind::Forbidden, lacks(term::WRITE)),
        (
            set("/new", json!({ term::NAME: "x" })),
            Kind::BadMessage,
            format!("Parent of {} not found: only drives have none", at("/new")),
        ),
        (
            set("/new", below("/nowhere")),
            Kind::BadMessage,
            format!("Parent of {} not found: {}", at("/new"), at("/nowhere")),
        ),
        (destroy("/new"), Kind::NotFound, format!("there is no {} to destroy", at("/new"))),
        (
            destroy(eve.key().subject(&at("").origin()).path()),
            Kind::NotFound,
            format!("there is no {} to destroy", eve.url()),
        ),
        (
            set(other.path(), json!({ term::IS_A: [term::DRIVE] })),
            Kind::Forbidden,
            format!("{other} can be made by that agent only"),
        ),
    ] {
        assert_eq!(refused(&house_, unsigned).await, (kind, text));
    }
}

#[tokio::test]
async fn nobody_becomes_a_user_by_a_message_that_is_refused() {
    let house_ = House::new().await;
    let bob = house_.register("bob").await;
    let (open, private) = (house_.room("open", None).await.id, house_.private_room(&bob).await);
    let (still, calm) = (house_.room("still", None).await.id, house_.room("calm", None).await.id);
    let key = house_.key_of("bob").await;
    for (room, path) in [(open, "/open"), (private, "/private"), (still, "/still"), (calm, "/calm")] {
        house_.hand_in(&key, message(path, room, "hello")).await.unwrap();
    }
    for (room, right) in [(still, Right::Write), (calm, Right::React)] {
        house_.grant(Scope::Room(room), Holder::Role(Id::EVERYONE), right, -5).await;
    }
    let unknown = format!("Parent of {} not found: {}", at("/new"), room_at(private));
    assert_eq!(refused(&house_, message("/new", private, "x")).await, (Kind::BadMessage, unknown));
    for (unsigned, kind) in [
        (message("/new", still, "x"), Kind::Forbidden),
        (set("/still", json!({ term::DESCRIPTION: "x" })), Kind::Forbidden),
        (set("/open", json!({ term::DESCRIPTION: "x" })), Kind::Forbidden),
        (set("/open", json!({ term::NAME: "x" })), Kind::BadMessage),
        (destroy("/open"), Kind::Forbidden),
        (react("/calm"), Kind::Forbidden),
        (react("/private"), Kind::NotFound),
        (destroy("/private"), Kind::NotFound),
        (set(room_at(open).path(), json!({ term::NAME: "x" })), Kind::Forbidden),
        (set(room_at(private).path(), json!({ term::NAME: "x" })), Kind::NotFound),
    ] {
        assert_eq!(refused(&house_, unsigned.clone()).await.0, kind, "{unsigned:?}");
    }
}

#[tokio::test]
async fn who_is_listed_or_may_say_something_becomes_a_user_by_it() {
    let house_ = House::new().await;
    let (admin, room) = (house_.key_of("admin").await, house_.room("open", None).await.id);
    house_.hand_in(&admin, message("/said", room, "hello")).await.unwrap();
    let lists = |act: &str, seed| json!({ term::PARENT: at("").as_str(), act: [Agent::new(seed).url()] });
    house_.hand_in(&admin, set("/shared", lists(term::WRITE, 1))).await.unwrap();
    house_.hand_in(&admin, set("/box", lists(term::APPEND, 2))).await.unwrap();
    let own = Agent::new(3).key().subject(&at("").origin());
    let commits = [
        set("/shared", json!({ term::NAME: "x" })),
        set("/letter", json!({ term::NAME: "x", term::PARENT: at("/box").as_str() })),
        set(
            own.path(),
            json!({ term::IS_A: [term::AGENT], term::NAME: "x", term::PUBLIC_KEY: Agent::new(3).key().base64() }),
        ),
        message("/new", room, "hello"),
        react("/said"),
    ];
    for (seed, unsigned) in (1..).zip(commits) {
        let before = users(&house_).await;
        house_.hand_in(&Agent::new(seed), unsigned).await.unwrap();
        assert_eq!(users(&house_).await, before + 1, "{seed}");
    }
    let said = house_.chats(&house(), ChatFilter { room: Some(room), ..ChatFilter::default() }).await;
    assert_eq!(said.len(), 2);
}
