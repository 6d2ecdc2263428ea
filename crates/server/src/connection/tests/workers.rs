//! Peers that answer calls, and peers that must say who they are.

use std::time::Duration;

use quintet_core::procedure::{Actor, ActorKind, Invocation, Order};
use quintet_hub::Outlet;
use tokio::time::Instant;

use super::peer::frame;
use super::*;

/// A worker's connection, and where it is given errands.
async fn worker(wish: Wish, session: impl FnMut(Input<'_>, &mut Vec<Action>) + Send + 'static) -> Works {
    let (give, errands) = mpsc::channel(64);
    let house = house(Wish { errands: Some(errands), ..wish }, session).await;
    Works { house, give }
}

struct Works {
    house: House,
    give: mpsc::Sender<Errand>,
}

impl Works {
    fn give(&self, errand: Errand) {
        self.give.try_send(errand).unwrap();
    }
}

fn order(id: u64, name: &str) -> Errand {
    let payload = serde_json::value::RawValue::from_string("null".into()).unwrap();
    let invocation = Invocation { name: name.into(), payload, connection: None, extra: None };
    let actor = Actor { kind: ActorKind::Backend, user: None, admin: true };
    let order = Order { invocation, actor, deadline: Timestamp::from_millis(0), attempt: 1 };
    Errand::Do(OrderId(id), Box::new(order))
}

/// Says what it is to do; says back what it hears.
fn tell(input: Input<'_>, actions: &mut Vec<Action>) {
    match input {
        Input::Order(OrderId(id), order) => {
            actions.push(Action::Send(Frame::text(&format!("{} {id}", order.invocation.name))));
        }
        Input::Cancel(OrderId(id)) => actions.push(Action::Send(Frame::text(&format!("cancel {id}")))),
        other => echo(other, actions),
    }
}

#[tokio::test]
async fn orders_and_their_ends_are_told_in_order() {
    let mut works = worker(Wish::default(), tell).await;
    works.give(order(1, "add"));
    works.give(Errand::Cancel(OrderId(1)));
    works.give(order(2, "sub"));
    for said in ["add 1", "cancel 1", "sub 2"] {
        assert_eq!(works.house.peer.hear_text().await, said);
    }
}

#[tokio::test]
async fn who_does_not_read_is_given_no_more_orders() {
    let long = "x".repeat(1 << 20);
    let mut works = worker(Wish::default(), move |input, actions| {
        if let Input::Order(OrderId(id), _) = input {
            actions.push(Action::Send(Frame::text(&format!("{id} {long}"))));
        }
    })
    .await;
    for id in 0..64 {
        works.give(order(id, "add"));
    }
    // The connection takes as many as it can at once: until the socket, and what may wait for it, are full.
    while works.give.capacity() == 0 {
        tokio::task::yield_now().await;
    }
    assert!(works.give.capacity() < 64, "all 64 MB were said to somebody who does not read");
    for id in 0..64 {
        assert!(works.house.peer.hear_text().await.starts_with(&format!("{id} ")));
    }
}

#[tokio::test(start_paused = true)]
async fn a_worker_may_answer_as_fast_as_it_can() {
    let limits = Limits { connection_messages_per_second: 1, connection_messages_burst: 1, ..Limits::default() };
    for tells_haste in [false, true] {
        let wish = Wish { limits: limits.clone(), rate_limits: true, too_fast: 1_000, tells_haste, ..Wish::default() };
        let mut works = worker(wish, tell).await;
        let start = Instant::now();
        let said: Vec<u8> = (0..100).flat_map(|n| frame(0x81, format!("{n}").as_bytes())).collect();
        works.house.peer.send(&said).await;
        for n in 0..100 {
            assert_eq!(works.house.peer.hear_text().await, n.to_string());
        }
        assert_eq!(start.elapsed(), Duration::ZERO);
    }
}

#[tokio::test]
async fn a_worker_is_heard_however_much_it_asks() {
    let limits = Limits { connection_calls: 1, ..Limits::default() };
    let mut works = worker(Wish::limits(limits), |input, actions| match input {
        Input::Text("ask") => actions.push(Action::Call(Ticket(1), Call::Me)),
        other => tell(other, actions),
    })
    .await;
    for said in ["ask", "ask", "ask", "a result"] {
        works.house.peer.say(said).await;
    }
    assert_eq!(works.house.peer.hear_text().await, "a result");
}

/// Gives a second to say who it is, once there is a beginning, and is content with `ann`. Says everything else back.
fn doorkeeper(input: Input<'_>, actions: &mut Vec<Action>) {
    match input {
        Input::Text("begin") => actions.push(Action::Deadline(Some(Duration::from_secs(1)))),
        Input::Text("ann") => actions.push(Action::Deadline(None)),
        other => echo(other, actions),
    }
}

#[tokio::test(start_paused = true)]
async fn who_does_not_say_who_it_is_in_time_is_closed() {
    let mut house = house(Wish::default(), doorkeeper).await;
    house.peer.say("begin").await;
    let begun = Instant::now();
    house.peer.say("bob").await;
    assert_eq!(house.peer.hear_text().await, "bob");
    house.peer.hear_close(1008, "say who you are in time").await;
    assert_eq!(begun.elapsed().as_secs(), 1);
    drop(house.peer);
    house.task.await.unwrap();
    assert_eq!(house.connections.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn who_says_so_in_time_stays() {
    let mut house = house(Wish::default(), doorkeeper).await;
    for said in ["begin", "ann", "and more"] {
        house.peer.say(said).await;
    }
    assert_eq!(house.peer.hear_text().await, "and more");
    tokio::time::advance(Duration::from_mins(1)).await;
    house.line.close(1000, "");
    house.peer.hear_close(1000, "").await;
}

#[tokio::test(start_paused = true)]
async fn at_the_end_the_results_of_a_worker_are_waited_for() {
    let mut works = worker(Wish::default(), |input, actions| match input {
        Input::Text("done") => actions.push(Action::Result(OrderId(1), Err(Error::not_found("no sum")))),
        other => tell(other, actions),
    })
    .await;
    works.give(order(1, "add"));
    assert_eq!(works.house.peer.hear_text().await, "add 1");
    let connections = Arc::clone(&works.house.connections);
    let drained = tokio::spawn(async move { connections.drain().await });
    while !works.house.line.is_leaving() {
        tokio::task::yield_now().await;
    }
    works.house.peer.say("more of it").await;
    assert_eq!(works.house.peer.hear_text().await, "more of it");
    works.house.peer.say("done").await;
    works.house.peer.hear_close(1001, "server is shutting down").await;
    drop(works.house.peer);
    drained.await.unwrap();
}
