//! Connections of other houses: time to say hello, silence, strangers, rates, and two that are busy at once.

use std::time::Duration;

use quintet_core::federation::{Parcel, ParcelId};

use tokio::io::AsyncWriteExt as _;

use super::peer::frame;
use super::*;
use crate::connection::outlet::Phase;
use crate::edge::{Full, Seats};

/// At once, what a room says when somebody comes.
async fn greeted(wish: Wish, greeting: fn() -> Vec<Action>) -> House {
    let mut house = house(wish, move |input, actions| match input {
        Input::Text("hello") => actions.extend(greeting()),
        input => echo(input, actions),
    })
    .await;
    house.peer.say("hello").await;
    house
}

/// So much time passed; a paused clock may go on to the end of the close before its frame is read.
fn assert_passed(begun: tokio::time::Instant, seconds: u64) {
    let passed = begun.elapsed().as_secs();
    assert!((seconds..=seconds + Limits::default().close_seconds).contains(&passed), "{passed} s");
}

#[tokio::test(start_paused = true)]
async fn a_deadline_has_a_code_of_the_rooms_own() {
    let begin = || vec![Action::CloseAfter(Duration::from_secs(10), 4408, "no hello in time")];
    let mut house = greeted(Wish::default(), begin).await;
    let begun = tokio::time::Instant::now();
    house.peer.say("not that").await;
    assert_eq!(house.peer.hear().await.1, b"not that");
    let (first, close) = house.peer.hear().await;
    assert_eq!((first, &close[..]), (0x88, &[&[0x11, 0x38], &b"no hello in time"[..]].concat()[..]));
    assert_passed(begun, 10);
}

#[tokio::test(start_paused = true)]
async fn there_is_one_deadline_and_it_can_be_taken_back() {
    let replaced = || {
        let first = Action::Deadline(Some(Duration::from_secs(5)));
        vec![first, Action::CloseAfter(Duration::from_secs(9), 4408, "late")]
    };
    let mut house = greeted(Wish::default(), replaced).await;
    let begun = tokio::time::Instant::now();
    assert_eq!(house.peer.hear().await.1[..2], 4408_u16.to_be_bytes());
    assert_passed(begun, 9);
    let lifted = || vec![Action::CloseAfter(Duration::from_secs(9), 4408, "late"), Action::Deadline(None)];
    let mut house = greeted(Wish::default(), lifted).await;
    tokio::time::advance(Duration::from_secs(100)).await;
    house.peer.say("still here").await;
    assert_eq!(house.peer.hear().await.1, b"still here");
}

#[tokio::test(start_paused = true)]
async fn silence_ends_a_connection_and_a_ping_does_not_break_it() {
    let idle = || vec![Action::IdleAfter(Some(Duration::from_mins(10)))];
    let mut house = greeted(Wish::default(), idle).await;
    let begun = tokio::time::Instant::now();
    for _ in 0..3 {
        tokio::time::advance(Duration::from_secs(500)).await;
        house.peer.say("something").await;
        assert_eq!(house.peer.hear().await.1, b"something");
    }
    tokio::time::advance(Duration::from_mins(5)).await;
    house.peer.send(&frame(0x89, b"ping")).await;
    assert_eq!(house.peer.hear().await, (0x8A, b"ping".to_vec()));
    let (first, close) = house.peer.hear().await;
    assert_eq!((first, &close[..2]), (0x88, &1000_u16.to_be_bytes()[..]));
    assert_passed(begun, 3 * 500 + 600);
}

#[tokio::test]
async fn a_stranger_gives_its_seat_back_when_it_is_known() {
    let seats = Seats::also_for_loopback(1, 9);
    let seat = |seats: &Arc<Seats>| seats.take(None).map(|seat| Box::new(seat) as Seat);
    let wish = Wish { stranger: seat(&seats).ok(), ..Wish::default() };
    let known = || vec![Action::Authenticate(Ticket(0), Credential::None), Action::Send(Frame::text("hello"))];
    assert_eq!(seat(&seats).err(), Some(Full::House));
    let mut house = greeted(wish, known).await;
    assert_eq!(house.peer.hear().await.1, b"hello");
    assert_eq!(seats.taken(), 0);
}

#[tokio::test]
async fn a_stranger_gives_its_seat_back_when_it_leaves() {
    let seats = Seats::also_for_loopback(1, 9);
    let stranger: Seat = Box::new(seats.take(None).ok().unwrap());
    let house = house(Wish { stranger: Some(stranger), ..Wish::default() }, echo).await;
    drop(house.peer);
    house.task.await.unwrap();
    assert_eq!(seats.taken(), 0);
}

#[tokio::test]
async fn a_house_asks_as_much_as_its_session_lets_it() {
    let limits = Limits { connection_calls: 1, ..Limits::default() };
    let mut house = house(Wish { peer: true, ..Wish::limits(limits) }, |input, actions| match input {
        Input::Text("ask") => actions.push(Action::Call(Ticket(1), Call::Me)),
        other => echo(other, actions),
    })
    .await;
    for said in ["ask", "ask", "ask", "a word"] {
        house.peer.say(said).await;
    }
    assert_eq!(house.peer.hear().await.1, b"a word");
}

#[tokio::test(start_paused = true)]
async fn a_house_has_rates_of_its_own() {
    let limits = Limits {
        connection_messages_per_second: 1,
        connection_messages_burst: 1,
        peer_messages_per_second: 10,
        peer_messages_burst: 100,
        ..Limits::default()
    };
    // Whoever is asked over all connections is too fast: of a house that is not asked.
    let wish = Wish { limits, rate_limits: true, peer: true, too_fast: 1_000_000, ..Wish::default() };
    let mut house = house(wish, echo).await;
    let begun = tokio::time::Instant::now();
    for _ in 0..200 {
        house.peer.say("x").await;
    }
    for _ in 0..100 {
        house.peer.hear().await;
    }
    assert_eq!(begun.elapsed().as_secs(), 0, "a burst");
    for _ in 0..100 {
        house.peer.hear().await;
    }
    assert_eq!(begun.elapsed().as_secs(), 10, "then the rate");
}

/// Fills the socket to a peer that does not read: what waits is one large parcel.
async fn stuff(house: &mut House, errands: &mpsc::Sender<Errand>, text: &str) {
    let text: Arc<str> = text.into();
    let parcel = |id| Parcel {
        id: ParcelId(id),
        signature: String::new(),
        signed_at: String::new(),
        signed_by: String::new(),
        text: Arc::clone(&text),
    };
    let mut id = 0;
    while house.connections.queue_bytes() == 0 {
        id += 1;
        errands.send(Errand::Send(Arc::new(parcel(id)))).await.unwrap();
        tokio::task::yield_now().await;
    }
}

/// Sends parcels as they are, and tells of each message that came.
fn tell(heard: &mpsc::Sender<String>) -> impl FnMut(Input<'_>, &mut Vec<Action>) + Send + 'static {
    let heard = heard.clone();
    move |input, actions| match input {
        Input::Parcel(parcel) => actions.push(Action::Send(Frame::text(&parcel.text))),
        Input::Text(text) => {
            heard.try_send(text.to_owned()).unwrap();
            actions.push(Action::Send(Frame::text(text)));
        }
        Input::Answer(..) => actions.push(Action::Send(Frame::text("answered"))),
        _ => {}
    }
}

#[tokio::test]
async fn a_house_that_does_not_read_is_heard_within_a_bound() {
    let (errands, orders) = mpsc::channel(1);
    let (said, mut heard) = mpsc::channel(1 << 16);
    let limits = Limits { queue_bytes: 4_096, peer_frame_bytes: 1 << 20, ..Limits::default() };
    let mut house = house(Wish { limits, peer: true, errands: Some(orders), ..Wish::default() }, tell(&said)).await;
    stuff(&mut house, &errands, &"x".repeat(1 << 19)).await;
    // It sends what it has to, receipts among it, and is heard though it reads nothing.
    for number in 0..20 {
        house.peer.say(&number.to_string()).await;
        assert_eq!(heard.recv().await.unwrap(), number.to_string());
    }
    // But not for ever.
    let (connections, mut peer) = (Arc::clone(&house.connections), house.peer);
    let saying = tokio::spawn(async move {
        while peer.write.write_all(&frame(0x81, &vec![b'y'; 1 << 10])).await.is_ok() {}
        peer
    });
    let bound = (1 << 20) + 4_096;
    while heard.try_recv().is_ok() || connections.queue_bytes() < bound {
        tokio::task::yield_now().await;
    }
    assert!(connections.queue_bytes() < bound + (1 << 19), "{}", connections.queue_bytes());
    saying.abort();
    drop(errands);
}

#[tokio::test]
async fn a_house_that_does_not_read_is_parted_from() {
    let (errands, orders) = mpsc::channel(1);
    let (part, partings) = mpsc::channel(1);
    let wish = Wish { peer: true, errands: Some(orders), partings: Some(partings), ..Wish::default() };
    let mut house = house(wish, |input, actions| match input {
        Input::Parcel(parcel) => actions.push(Action::Send(Frame::text(&parcel.text))),
        Input::Part(Parting::Displaced) => actions.push(Action::Close(4409, "others came".to_owned())),
        _ => {}
    })
    .await;
    stuff(&mut house, &errands, &"x".repeat(1 << 19)).await;
    part.send(Parting::Displaced).await.unwrap();
    while house.line.phase() == Phase::Open {
        tokio::task::yield_now().await;
    }
    loop {
        let (first, payload) = house.peer.hear().await;
        if first == 0x88 {
            assert_eq!(payload[..2], 4409_u16.to_be_bytes());
            break;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_house_that_reads_too_slowly_is_left() {
    let (errands, orders) = mpsc::channel(1);
    let (said, _heard) = mpsc::channel(1 << 16);
    let mut house = house(Wish { peer: true, errands: Some(orders), ..Wish::default() }, tell(&said)).await;
    // More than the kernel buffers of a loopback pair hold.
    stuff(&mut house, &errands, &"x".repeat(1 << 24)).await;
    let begun = tokio::time::Instant::now();
    // It takes a little now and then, which is a sign of life, and not enough.
    while house.line.phase() == Phase::Open && begun.elapsed() < Duration::from_mins(5) {
        tokio::time::sleep(Duration::from_secs(1)).await;
        house.peer.sip(1_000).await;
    }
    assert_eq!(house.line.phase(), Phase::Closing);
    assert_passed(begun, 30);
}

#[tokio::test(start_paused = true)]
async fn a_house_may_read_late_where_little_waits() {
    let (errands, orders) = mpsc::channel(1);
    let (said, _heard) = mpsc::channel(1 << 16);
    let mut house = house(Wish { peer: true, errands: Some(orders), ..Wish::default() }, tell(&said)).await;
    stuff(&mut house, &errands, &"x".repeat(1 << 18)).await;
    tokio::time::sleep(Duration::from_mins(5)).await;
    assert_eq!(house.line.phase(), Phase::Open);
}

#[tokio::test]
async fn who_is_no_house_is_not_heard_while_it_does_not_read() {
    let (errands, orders) = mpsc::channel(1);
    let (said, mut heard) = mpsc::channel(1 << 16);
    let mut house = house(Wish { errands: Some(orders), ..Wish::default() }, tell(&said)).await;
    stuff(&mut house, &errands, &"x".repeat(1 << 19)).await;
    house.peer.say("unheard").await;
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(heard.try_recv().is_err());
    while house.peer.hear().await.1 != b"unheard" {}
    assert_eq!(heard.recv().await.unwrap(), "unheard");
}
