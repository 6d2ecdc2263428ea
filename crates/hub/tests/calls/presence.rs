//! Who is here, on a paused clock: time passes when nothing else is left to do.

use quintet_core::right::{Holder, Scope};
use quintet_core::user::Status;
use quintet_core::{Answer, Call, Pattern, Right, Topic};
use tokio::time::{Duration, Instant};

use crate::attached::{listen, next, open_house};
use crate::house::{House, Who, house};

async fn status(house_: &House, who: &quintet_hub::Caller) -> Status {
    let Ok(Answer::User(user)) = house_.ask(&house(), Call::User(who.id())).await else { panic!("no such user") };
    user.status
}

#[tokio::test(start_paused = true)]
async fn a_user_is_online_after_a_second_and_offline_with_its_last_connection() {
    let house_ = open_house().await;
    let (ann, bob) = (house_.register("ann").await, house_.register("bob").await);
    let (_bob, mut of_bob) = listen(&house_, &bob, Pattern::all("user"));
    assert_eq!(next(&mut of_bob).await, "status_changed", "bob hears of himself");

    let came = Instant::now();
    let (first, _heard) = listen(&house_, &ann, Topic::channel("quiet").into());
    assert_eq!(status(&house_, &ann).await, Status::Offline);
    assert_eq!(next(&mut of_bob).await, "status_changed");
    assert!(came.elapsed() >= Duration::from_secs(1), "not before a second has passed");
    assert_eq!(status(&house_, &ann).await, Status::Online);

    let (second, _heard) = listen(&house_, &ann, Topic::channel("quiet").into());
    drop(first);
    assert_eq!(status(&house_, &ann).await, Status::Online, "one connection is left");
    drop(second);
    assert_eq!(next(&mut of_bob).await, "status_changed");
    assert_eq!(status(&house_, &ann).await, Status::Offline);
}

#[tokio::test(start_paused = true)]
async fn a_visit_of_less_than_a_second_is_not_announced() {
    let house_ = open_house().await;
    let (ann, bob) = (house_.register("ann").await, house_.register("bob").await);
    let (_bob, mut of_bob) = listen(&house_, &bob, Pattern::all("user"));
    assert_eq!(next(&mut of_bob).await, "status_changed", "bob hears of himself");
    let (visit, _heard) = listen(&house_, &ann, Topic::channel("quiet").into());
    tokio::time::advance(Duration::from_millis(900)).await;
    drop(visit);
    tokio::time::advance(Duration::from_secs(5)).await;
    house_.register("cleo").await;
    assert_eq!(next(&mut of_bob).await, "user_joined", "what bob hears next is something else");
}

#[tokio::test(start_paused = true)]
async fn joining_and_leaving_a_room_is_told_to_those_who_listen_to_it_by_name() {
    let house_ = open_house().await;
    let (ann, bob) = (house_.register("ann").await, house_.register("bob").await);
    let room = house_.room("room", None).await.id;
    let (_bob, mut of_bob) = listen(&house_, &bob, Topic::room(room).into());
    assert_eq!(next(&mut of_bob).await, "presence", "bob himself, once he is online");
    let (ann_, _heard) = listen(&house_, &ann, Pattern::all("room"));
    assert_eq!(next(&mut of_bob).await, "presence", "ann came");
    drop(ann_);
    assert_eq!(next(&mut of_bob).await, "presence", "ann left");
    house_.post(&bob, room, "alone again").await;
    assert_eq!(next(&mut of_bob).await, "chat_posted");
}

#[tokio::test(start_paused = true)]
async fn rights_that_change_are_joining_and_leaving() {
    let house_ = open_house().await;
    let (ann, bob) = (house_.register("ann").await, house_.register("bob").await);
    let room = house_.room("room", None).await.id;
    let (_bob, mut of_bob) = listen(&house_, &bob, Topic::room(room).into());
    assert_eq!(next(&mut of_bob).await, "presence", "bob himself, once he is online");
    house_.grant(Scope::Room(room), Holder::User(ann.id()), Right::View, -1).await;
    let (ann_, _heard) = listen(&house_, &ann, Topic::room(room).into());
    tokio::time::advance(Duration::from_secs(5)).await;

    house_.post(&bob, room, "ann is not here").await;
    assert_eq!(next(&mut of_bob).await, "chat_posted");
    house_.grant(Scope::Room(room), Holder::User(ann.id()), Right::View, 1).await;
    assert_eq!(next(&mut of_bob).await, "presence", "ann came");
    house_.grant(Scope::Room(room), Holder::User(ann.id()), Right::View, -1).await;
    assert_eq!(next(&mut of_bob).await, "presence", "ann left");
    drop(ann_);
    house_.post(&bob, room, "ann had left before").await;
    assert_eq!(next(&mut of_bob).await, "chat_posted");
}
