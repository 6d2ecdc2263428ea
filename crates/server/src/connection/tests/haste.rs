//! Peers that are faster than their rates.

use std::ops::Range;
use std::time::Duration;

use tokio::time::Instant;

use super::peer::frame;
use super::wheel::seconds_of_silence;
use super::*;

fn rate(per_second: u64, burst: u64) -> Limits {
    Limits { connection_messages_per_second: per_second, connection_messages_burst: burst, ..Limits::default() }
}

async fn waiting(limits: Limits) -> House {
    house(Wish { limits, rate_limits: true, ..Wish::default() }, echo).await
}

async fn telling(limits: Limits) -> House {
    house(Wish { limits, rate_limits: true, tells_haste: true, ..Wish::default() }, echo).await
}

fn passed(since: Instant, millis: Range<u64>) {
    let passed = since.elapsed();
    let wanted = Duration::from_millis(millis.start)..Duration::from_millis(millis.end);
    assert!(wanted.contains(&passed), "{passed:?} instead of {wanted:?}");
}

#[tokio::test(start_paused = true)]
async fn who_is_too_fast_waits_and_loses_nothing() {
    let mut house = waiting(rate(1, 2)).await;
    let start = Instant::now();
    let said = [frame(0x81, b"1"), frame(0x81, b"2"), frame(0x81, b"3"), frame(0x89, b"there?"), frame(0x81, b"5")];
    house.peer.send(&said.concat()).await;
    assert_eq!(house.peer.hear_text().await, "1");
    assert_eq!(house.peer.hear_text().await, "2");
    passed(start, 0..1);
    assert_eq!(house.peer.hear_text().await, "3");
    passed(start, 1_000..1_100);
    assert_eq!(house.peer.hear().await, (0x8A, b"there?".to_vec()));
    passed(start, 2_000..2_100);
    assert_eq!(house.peer.hear_text().await, "5");
    passed(start, 3_000..3_100);
}

#[tokio::test(start_paused = true)]
async fn a_crowd_of_messages_is_taken_at_the_rate() {
    let mut house = waiting(rate(1_000, 100)).await;
    let start = Instant::now();
    let said: Vec<u8> = (0..2_100).flat_map(|n| frame(0x81, format!("message {n}").as_bytes())).collect();
    house.peer.send(&said).await;
    for n in 0..2_100 {
        assert_eq!(house.peer.hear_text().await, format!("message {n}"));
    }
    passed(start, 2_000..2_200);
}

#[tokio::test(start_paused = true)]
async fn who_waits_hears_what_others_say_and_can_be_closed() {
    let mut house = waiting(rate(1, 1)).await;
    let start = Instant::now();
    house.peer.send(&[frame(0x81, b"1"), frame(0x81, b"2")].concat()).await;
    assert_eq!(house.peer.hear_text().await, "1");
    quintet_hub::Outlet::write(&*house.line, &[Frame::text("news").as_bytes().clone()]);
    assert_eq!(house.peer.hear_text().await, "news");
    quintet_hub::Outlet::close(&*house.line, 1001, "bye");
    house.peer.hear_close(1001, "bye").await;
    passed(start, 0..1);
    drop(house.peer);
    house.task.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn who_is_made_to_wait_is_not_lost() {
    let limits = Limits { ping_seconds: 20, pong_seconds: 5, ..rate(1, 1) };
    let mut house = waiting(limits).await;
    house.peer.send(&[frame(0x81, b"1"), frame(0x81, b"2"), frame(0x8A, b"")].concat()).await;
    assert_eq!(house.peer.hear_text().await, "1");
    seconds_of_silence(&house.connections);
    house.line.ping(Frame::ping(b"").as_bytes());
    assert_eq!(house.peer.hear().await, (0x89, Vec::new()));
    assert_eq!(house.peer.hear_text().await, "2");
    for _ in 0..5 {
        assert!(house.connections.turn().lost.is_empty(), "it has said something, if not lately");
    }
}

#[tokio::test(start_paused = true)]
async fn who_is_too_fast_over_all_its_connections_waits_too() {
    let wish = Wish { rate_limits: true, too_fast: 3, ..Wish::default() };
    let mut house = house(wish, echo).await;
    let start = Instant::now();
    house.peer.say("1").await;
    assert_eq!(house.peer.hear_text().await, "1");
    passed(start, 60..70);
}

#[tokio::test]
async fn who_is_too_fast_is_told_so_where_the_room_does() {
    let mut house = telling(rate(1, 2)).await;
    house.peer.send(&[frame(0x81, b"1"), frame(0x81, b"2"), frame(0x81, b"3")].concat()).await;
    assert_eq!(house.peer.hear_text().await, "1");
    assert_eq!(house.peer.hear_text().await, "2");
    assert!(house.peer.hear_text().await.starts_with("too many messages"));
}

#[tokio::test]
async fn there_pings_beyond_the_rate_are_not_answered() {
    let mut house = telling(rate(1, 2)).await;
    house.peer.send(&[frame(0x89, b"1"), frame(0x89, b"2"), frame(0x89, b"3"), frame(0x81, b"4")].concat()).await;
    assert_eq!(house.peer.hear().await, (0x8A, b"1".to_vec()));
    assert_eq!(house.peer.hear().await, (0x8A, b"2".to_vec()));
    assert!(house.peer.hear_text().await.starts_with("too many messages"));
}
