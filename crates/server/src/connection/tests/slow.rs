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

/// Asks the hall for each text, and answers with many bytes.
fn fetch(size: usize) -> impl FnMut(Input<'_>, &mut Vec<Action>) + Send + 'static {
    let large = Frame::text(&"x".repeat(size));
    move |input, actions| match input {
        Input::Text(_) => actions.push(Action::Call(Ticket(0), Call::Me)),
        Input::Answer(..) => actions.push(Action::Send(large.clone())),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn who_reads_is_never_closed_for_what_it_has_asked_for() {
    const LARGE: usize = 8 << 20;
    let mut house = house(Wish::default(), fetch(LARGE)).await;
    let asked: Vec<u8> = (0..6).flat_map(|_| peer::frame(0x81, b"get")).collect();
    house.peer.send(&asked).await;
    // All are answered before the peer reads a byte, and others talk meanwhile.
    for _ in 0..6 {
        house.calls.recv().await.unwrap().send(Ok(Answer::Done)).unwrap();
    }
    let small = Frame::text("news");
    while house.connections.queue_bytes() == 0 {
        tokio::task::yield_now().await;
    }
    let (mut large, mut news) = (0, 0);
    while large < 6 {
        house.line.write(&[small.as_bytes().clone()]);
        assert!(house.connections.queue_bytes() < LARGE + 100_000, "the others are not even made yet");
        match house.peer.hear().await.1.len() {
            LARGE => large += 1,
            4 => news += 1,
            other => panic!("{other} bytes"),
        }
    }
    while news < 1 {
        assert_eq!(house.peer.hear_text().await, "news");
        news += 1;
    }
    assert_eq!(house.line.phase(), Phase::Open);
}

#[tokio::test]
async fn what_others_say_closes_who_does_not_read_whatever_it_has_asked_for() {
    let limits = Limits { queue_bytes: 100_000, ..Limits::default() };
    let mut house = house(Wish::limits(limits), fetch(8 << 20)).await;
    house.peer.say("get").await;
    house.calls.recv().await.unwrap().send(Ok(Answer::Done)).unwrap();
    while house.connections.queue_bytes() == 0 {
        tokio::task::yield_now().await;
    }
    let mut written = 0;
    while house.line.phase() == Phase::Open {
        house.line.write(&[numbered(written)]);
        written += 1;
    }
    assert_eq!(written, 10, "nine fit");
}

#[tokio::test]
async fn replies_that_stand_behind_others_are_waited_for() {
    let (sender, mut behind) = mpsc::channel(8);
    let reply = Frame::text(&"x".repeat(70_000));
    let answer = reply.clone();
    let session = move |_: Input<'_>, actions: &mut Vec<Action>| actions.push(Action::Send(answer.clone()));
    let mut house = house(Wish { behind: Some(sender), ..Wish::default() }, session).await;
    let asked: Vec<u8> = (0..3).flat_map(|_| peer::frame(0x81, b"get")).collect();
    house.peer.send(&asked).await;
    for _ in 0..3 {
        let bytes = behind.recv().await.unwrap();
        assert!(house.line.is_full());
        assert!(behind.try_recv().is_err(), "one is on its way, no more are made");
        house.line.reply(bytes);
        assert_eq!(house.peer.hear().await.1.len(), 70_000);
    }
}

#[tokio::test]
async fn who_is_given_up_is_counted_and_told() {
    let mut house = house(Wish::default(), echo).await;
    Outlet::give_up(&*house.line);
    house.peer.hear_close(1013, "slow consumer").await;
}
