//! Peers that do not read.

use bytes::Bytes;
use quintet_hub::Outlet;

use super::*;
use crate::connection::outlet::Phase;

/// A numbered message of 10,000 bytes.
fn numbered(n: usize) -> Bytes {
    Frame::text(&format!("{n:010000}")).as_bytes().clone()
}

#[tokio::test]
async fn who_never_reads_is_closed_and_what_waited_is_freed() {
    let limits = Limits { queue_bytes: 100_000, ..Limits::default() };
    let mut house = house(Wish::limits(limits), echo).await;
    let mut written = 0;
    while house.line.phase() == Phase::Open {
        house.line.write(&[numbered(written)]);
        written += 1;
        assert!(house.connections.queue_bytes() <= 100_000);
        assert!(written < 10_000, "a socket takes only so much");
    }
    assert!(house.connections.queue_bytes() < 11_000, "at most the rest of a message and a close frame wait");
    house.line.write(&[numbered(0)]);
    let mut heard = 0;
    loop {
        let (first, payload) = house.peer.hear().await;
        if first == 0x88 {
            assert_eq!(payload, b"\x03\xf5slow consumer");
            break;
        }
        assert_eq!(payload, numbered(heard).slice(4..), "no gap, no half message");
        heard += 1;
    }
    assert!(heard < written, "the rest was dropped");
    house.peer.send(&peer::frame(0x88, b"\x03\xf5")).await;
    house.peer.hear_end().await;
    drop(house.peer);
    house.task.await.unwrap();
    assert_eq!((house.connections.queue_bytes(), house.connections.count()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn who_does_not_take_its_close_frame_is_dropped() {
    let limits = Limits { queue_bytes: 100_000, ..Limits::default() };
    let house = house(Wish::limits(limits), echo).await;
    let mut written = 0;
    while house.line.phase() == Phase::Open {
        house.line.write(&[numbered(written)]);
        written += 1;
    }
    house.task.await.unwrap();
    drop(house.line);
    assert_eq!((house.connections.queue_bytes(), house.connections.count()), (0, 0));
}

#[tokio::test]
async fn who_reads_late_gets_everything_in_order() {
    let limits = Limits { queue_bytes: 100_000_000, ..Limits::default() };
    let mut house = house(Wish::limits(limits), echo).await;
    // More than the kernel buffers of a loopback pair hold.
    for n in (0..2_000).step_by(2) {
        house.line.write(&[numbered(n), numbered(n + 1)]);
    }
    assert!(house.connections.queue_bytes() > 0);
    for n in 0..2_000 {
        assert_eq!(house.peer.hear().await.1, numbered(n).slice(4..), "message {n}");
    }
    house.peer.say("still here").await;
    assert_eq!(house.peer.hear_text().await, "still here");
    assert_eq!(house.connections.queue_bytes(), 0);
}

#[tokio::test]
async fn when_all_wait_for_too_much_those_above_their_share_are_slow() {
    let limits = Limits { queue_bytes: 100_000_000, queue_total_bytes: 50_000, ..Limits::default() };
    let house = house(Wish::limits(limits), echo).await;
    let mut written = 0;
    while house.line.phase() == Phase::Open {
        house.line.write(&[numbered(written)]);
        written += 1;
        assert!(house.connections.queue_bytes() <= 50_000);
        assert!(written < 10_000, "a socket takes only so much");
    }
}
