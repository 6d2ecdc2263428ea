//! The wheel, turned by hand.

use bytes::Bytes;

use super::peer::frame;
use super::*;

const EVERY: Periods = Periods { ping: 20, pong: 5 };

struct Periods {
    ping: u64,
    pong: u64,
}

fn limits(wish: &Periods) -> Limits {
    Limits { ping_seconds: wish.ping, pong_seconds: wish.pong, ..Limits::default() }
}

fn ping() -> Bytes {
    Frame::ping(b"").as_bytes().clone()
}

/// Turns until somebody is silent; tells how many seconds that took.
pub(super) fn seconds_of_silence(connections: &Connections) -> u64 {
    (1..1_000).find(|_| !connections.turn().silent.is_empty()).unwrap()
}

#[tokio::test]
async fn the_silent_are_pinged_and_dropped_if_they_stay_silent() {
    for wish in [EVERY, Periods { ping: 20, pong: 20 }, Periods { ping: 3, pong: 7 }] {
        let house = house(Wish::limits(limits(&wish)), echo).await;
        let waited = seconds_of_silence(&house.connections);
        assert!((wish.ping..2 * wish.ping).contains(&waited), "{waited} seconds");
        house.line.ping(&ping());
        for second in 1..=wish.pong {
            let turn = house.connections.turn();
            assert!(turn.silent.is_empty(), "one ping is under way");
            assert_eq!(turn.lost.len(), usize::from(second == wish.pong), "after {second} seconds");
        }
        house.line.abort();
        house.task.await.unwrap();
    }
}

#[tokio::test]
async fn a_sign_of_life_is_enough() {
    let mut house = house(Wish::limits(limits(&EVERY)), echo).await;
    seconds_of_silence(&house.connections);
    house.line.ping(&ping());
    assert_eq!(house.peer.hear().await, (0x89, Vec::new()));
    house.peer.send(&[frame(0x8A, b""), frame(0x81, b"and more")].concat()).await;
    assert_eq!(house.peer.hear_text().await, "and more");
    for _ in 0..EVERY.ping - 1 {
        let turn = house.connections.turn();
        assert!(turn.lost.is_empty() && turn.silent.is_empty());
    }
    assert_eq!(seconds_of_silence(&house.connections), 1, "a full round of silence since");
}

#[tokio::test]
async fn whom_we_do_not_read_is_not_silent() {
    let wish = Limits { connection_calls: 1, ..limits(&EVERY) };
    let mut house = house(Wish::limits(wish), |input, actions| match input {
        Input::Text(_) => actions.push(Action::Call(Ticket(1), Call::Me)),
        _ => actions.push(Action::Send(Frame::text("answered"))),
    })
    .await;
    house.peer.say("1").await;
    let call = house.calls.recv().await.unwrap();
    // More than is read ahead of an answer. What is left unread may be a sign of life.
    let much = "x".repeat(40_000);
    house.peer.say(&much).await;
    house.peer.send(&frame(0x8A, b"")).await;
    let ignored = async {
        while house.line.is_heeded() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), ignored).await.expect("so much is not left unread");
    house.line.ping(&ping());
    for _ in 0..3 * EVERY.ping {
        let turn = house.connections.turn();
        assert!(turn.lost.is_empty() && turn.silent.is_empty());
    }
    assert_eq!(house.peer.hear().await, (0x89, Vec::new()));
    call.send(Ok(Answer::Done)).unwrap();
    assert_eq!(house.peer.hear_text().await, "answered");
    house.calls.recv().await.unwrap().send(Ok(Answer::Done)).unwrap();
    assert_eq!(house.peer.hear_text().await, "answered");
    // From here on it is heard, and its silence means something again.
    let waited = seconds_of_silence(&house.connections);
    assert!((1..2 * EVERY.ping).contains(&waited), "{waited} seconds");
    house.line.ping(&ping());
    let lost: Vec<_> = (1..=EVERY.pong).map(|_| house.connections.turn().lost.len()).collect();
    assert_eq!(lost.last(), Some(&1));
}
