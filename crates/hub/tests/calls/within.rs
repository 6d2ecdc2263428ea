//! Listening within the house, or by patterns that hear much.

use quintet_core::{Body, Limits, Pattern, Topic};
use quintet_hub::listening::Heard;

use crate::attached::{listen, next, open_house};
use crate::house::{House, house, rules};

#[tokio::test]
async fn kept_events_come_in_log_order_and_what_is_lost_is_told() {
    let limits = Limits { listener_events: 3, ..Limits::default() };
    let house_ = House::with(limits, rules()).await;
    let (ann, room) = (house_.register("ann").await, house_.room("room", None).await.id);
    let mut listening = house_.hub.listen(Pattern::of(&["room", &room.to_string()], false));
    for number in 0..5 {
        house_.post(&ann, room, &number.to_string()).await;
    }
    for number in 0..3 {
        let Some(Heard::Event(event)) = listening.next().await else { panic!("{number}") };
        let Body::ChatPosted(chat) = &event.body else { panic!("{event:?}") };
        assert_eq!(chat.content, number.to_string());
        assert!(event.position.is_some());
    }
    assert!(matches!(listening.next().await, Some(Heard::Missed(2))));
    house_.hub.shutdown().await;
    assert!(listening.next().await.is_none(), "there is an end to it");
}

#[tokio::test]
async fn overlapping_patterns_are_heard_once_and_notices_by_name_only() {
    let house_ = open_house().await;
    let ann = house_.register("ann").await;
    let room = house_.room("room", None).await.id;
    let (mut attachment, mut heard) = listen(&house_, &ann, Pattern::of(&["*", "lobby"], false));
    for path in ["room", "room/*", &format!("*/{room}")] {
        attachment.subscribe(Pattern::of_path(path, false)).unwrap();
    }
    attachment.subscribe(Topic::room(room).into()).unwrap();
    let lobby = || vec![Topic::channel("lobby")];
    house_.hub.publish(&house().identity, "test".into(), lobby(), Body::Notice("{}".into())).unwrap();
    house_.post(&ann, room, "hi").await;
    assert_eq!(next(&mut heard).await, "chat_posted", "once, and nothing of what was said in the lobby");
    attachment.subscribe(Pattern::of(&["channel", "lobby"], false)).unwrap();
    house_.hub.publish(&house().identity, "test".into(), lobby(), Body::Notice("{}".into())).unwrap();
    assert_eq!(next(&mut heard).await, "notice");
    attachment.unsubscribe(&Pattern::of(&["channel", "lobby"], false));
    house_.hub.publish(&house().identity, "test".into(), lobby(), Body::Notice("{}".into())).unwrap();
    house_.post(&ann, room, "ho").await;
    assert_eq!(next(&mut heard).await, "chat_posted");
}

#[tokio::test]
async fn what_was_kept_back_is_asked_again_by_what_it_is_heard() {
    let house_ = open_house().await;
    let ann = house_.register("ann").await;
    let lobby = || Pattern::of(&["channel", "lobby"], false);
    let (mut attachment, mut heard) = listen(&house_, &ann, Pattern::of(&["*"], false));
    attachment.subscribe(lobby()).unwrap();
    let say = || {
        house_.hub.publish(&house().identity, "test".into(), vec![Topic::channel("lobby")], Body::Notice("{}".into()))
    };
    for named in [true, false] {
        attachment.hold();
        say().unwrap();
        house_
            .hub
            .publish(
                &house().identity,
                "test".into(),
                vec![Topic::of(&["x"])],
                Body::Message { name: "x".into(), payload: "1".into() },
            )
            .unwrap();
        if !named {
            attachment.unsubscribe(&lobby());
        }
        attachment.release(Vec::new());
        if named {
            assert_eq!(next(&mut heard).await, "notice");
        }
        assert_eq!(next(&mut heard).await, "message");
    }
}
