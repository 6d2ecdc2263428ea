//! Agents who become users while they are connected.

use quintet_core::document::Query;
use quintet_core::{Body, Call, Identity, Kind, Pattern, Topic, term};
use serde_json::json;

use crate::attached::{listen, next, open_house, speaking_house};
use crate::house::{House, caller, house};
use crate::sheets::room_at;
use crate::signer::{Agent, set};

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
