//! Thousands of subscriptions on one connection.

use quintet_core::limits::size;
use quintet_core::{Body, Kind, Limits, Pattern, Topic};

use crate::attached::{listen, next, open_house};
use crate::house::Who;

fn topic(number: usize) -> Topic {
    Topic::channel(&number.to_string())
}

#[tokio::test]
async fn as_many_as_the_bound_says_and_each_is_heard() {
    let most = size(Limits::default().connection_subscriptions);
    let house_ = open_house().await;
    let ann = house_.register("ann").await;
    let (mut attachment, mut heard) = listen(&house_, &ann, topic(0).into());
    for number in 1..most {
        attachment.subscribe(topic(number).into()).unwrap();
    }
    assert!(attachment.subscribe(topic(0).into()).is_ok(), "it listens there already");
    assert_eq!(attachment.subscribe(topic(most).into()).unwrap_err().kind(), Kind::TooMany);
    let say = |text: &str, number| attachment.publish(vec![topic(number)], Body::Notice(text.into())).unwrap();
    for number in [0, 17, most - 1] {
        say("{}", number);
        assert!(attachment.is_behind(), "it hears itself");
        assert_eq!(next(&mut heard).await, "notice");
    }
    for number in 0..most {
        attachment.unsubscribe(&topic(number).into());
    }
    attachment.publish(vec![topic(17)], Body::Notice("{}".into())).unwrap();
    attachment.subscribe(topic(most).into()).unwrap();
    attachment.publish(vec![topic(most)], Body::Notice("{}".into())).unwrap();
    assert_eq!(next(&mut heard).await, "notice");
    assert!(heard.try_recv().is_err(), "only what was said after it began to listen again");
}

#[tokio::test]
async fn a_pattern_has_a_depth() {
    let most = size(Limits::default().pattern_segments);
    let house_ = open_house().await;
    let ann = house_.register("ann").await;
    let (mut attachment, _heard) = listen(&house_, &ann, topic(0).into());
    let deep = |depth| vec!["a"; depth];
    assert!(attachment.subscribe(Pattern::of(&deep(most), false)).is_ok());
    assert_eq!(attachment.subscribe(Pattern::of(&deep(most + 1), false)).unwrap_err().kind(), Kind::TooLarge);
    assert!(attachment.subscribe(Topic::of(&deep(most + 1)).into()).is_ok(), "one topic is no pattern");
}

#[tokio::test]
async fn what_is_said_at_several_places_is_heard_once_by_whoever_may_hear_it_at_one() {
    let house_ = open_house().await;
    let (ann, bob) = (house_.register("ann").await, house_.register("bob").await);
    let (mut talker, mut own) = listen(&house_, &ann, Topic::user(ann.id()).into());
    talker.subscribe(topic(1).into()).unwrap();
    let (mut other, mut others) = listen(&house_, &bob, Topic::user(ann.id()).into());
    other.subscribe(Pattern::of(&["channel"], false)).unwrap();
    talker.publish(vec![Topic::user(ann.id()), topic(1)], Body::Notice("{}".into())).unwrap();
    assert_eq!(next(&mut own).await, "notice");
    // What is said next stands behind it, for both.
    other.subscribe(topic(2).into()).unwrap();
    talker.subscribe(topic(2).into()).unwrap();
    talker.publish(vec![topic(2)], Body::Notice("{}".into())).unwrap();
    assert_eq!(next(&mut own).await, "notice");
    assert!(own.try_recv().is_err(), "once, though it listens at both places");
    assert_eq!(next(&mut others).await, "notice");
    assert!(others.try_recv().is_err(), "another user's topic, and a channel that is not named, say nothing");
}
