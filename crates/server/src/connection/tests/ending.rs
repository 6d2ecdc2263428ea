//! How connections end.

use quintet_hub::Outlet;
use tokio::io::AsyncWriteExt;

use super::peer::frame;
use super::*;

#[tokio::test]
async fn a_close_is_answered_with_its_code() {
    for (said, answer) in [(b"".as_slice(), b"".as_slice()), (b"\x03\xe8bye", b"\x03\xe8"), (b"\x0f\xa1", b"\x0f\xa1")]
    {
        let mut house = house(Wish::default(), echo).await;
        house.peer.send(&[frame(0x81, b"last words"), frame(0x88, said), frame(0x81, b"unheard")].concat()).await;
        assert_eq!(house.peer.hear_text().await, "last words");
        assert_eq!(house.peer.hear().await, (0x88, answer.to_vec()));
        house.peer.hear_end().await;
        drop(house.peer);
        house.task.await.unwrap();
        assert_eq!(house.connections.count(), 0);
    }
}

#[tokio::test]
async fn a_broken_rule_is_told_behind_the_answers() {
    for (bytes, code, reason) in [
        (frame(0x83, b""), 1002, "reserved opcode"),
        (frame(0x81, b"\xff"), 1007, "text is not UTF-8"),
        (b"\x82\xff\x00\x00\x00\x00\x7f\xff\xff\xff\x00\x00\x00\x00".to_vec(), 1009, "message too large"),
    ] {
        let mut house = house(Wish::default(), echo).await;
        house.peer.send(&[frame(0x81, b"fine"), bytes].concat()).await;
        assert_eq!(house.peer.hear_text().await, "fine");
        house.peer.hear_close(code, reason).await;
        house.peer.hear_end().await;
        drop(house.peer);
        house.task.await.unwrap();
    }
}

#[tokio::test]
async fn who_sends_more_than_its_share_of_an_unfinished_message_is_closed() {
    let wish = Wish::limits(Limits { receiving_total_bytes: 1_000, ..Limits::default() });
    let mut house = house(wish, echo).await;
    house.peer.send(&[frame(0x01, &[b'x'; 900]), frame(0x89, b"still here?")].concat()).await;
    assert_eq!(house.peer.hear().await, (0x8A, b"still here?".to_vec()));
    assert_eq!(house.connections.receiving_bytes(), 900);
    house.peer.send(&frame(0x00, &[b'x'; 101])).await;
    house.peer.hear_close(1013, "too much is being received").await;
    house.peer.hear_end().await;
    drop(house.peer);
    house.task.await.unwrap();
    assert_eq!(house.connections.receiving_bytes(), 0);
}

#[tokio::test]
async fn a_session_may_end_it() {
    let mut house = house(Wish::default(), |_, actions| {
        actions.push(Action::Send(Frame::text("enough")));
        actions.push(Action::Close(1008, "go".into()));
        actions.push(Action::Send(Frame::text("unsaid")));
    })
    .await;
    house.peer.say("x").await;
    assert_eq!(house.peer.hear_text().await, "enough");
    house.peer.hear_close(1008, "go").await;
    house.peer.send(&[frame(0x81, b"crossing"), frame(0x88, b"\x03\xf0")].concat()).await;
    house.peer.hear_end().await;
}

#[tokio::test(start_paused = true)]
async fn who_never_answers_a_close_is_dropped() {
    let mut house = house(Wish::default(), echo).await;
    house.line.close(1008, "account disabled");
    house.peer.hear_close(1008, "account disabled").await;
    house.task.await.unwrap();
}

#[tokio::test]
async fn who_hangs_up_is_gone() {
    let mut house = house(Wish::default(), echo).await;
    house.peer.write.shutdown().await.unwrap();
    house.task.await.unwrap();
    assert_eq!(house.connections.count(), 0);
}

#[tokio::test]
async fn calls_under_way_end_with_the_connection() {
    let mut house = house(Wish::default(), |_, actions| actions.push(Action::Call(Ticket(1), Call::Me))).await;
    house.peer.say("x").await;
    let reply = house.calls.recv().await.unwrap();
    house.line.close(1000, "");
    house.peer.hear_close(1000, "").await;
    assert!(reply.is_closed());
}

#[tokio::test]
async fn draining_says_so_and_waits() {
    let mut house = house(Wish::default(), echo).await;
    let connections = Arc::clone(&house.connections);
    let drained = tokio::spawn(async move { connections.drain().await });
    house.peer.hear_close(1001, "server is shutting down").await;
    assert!(house.connections.join(&house.line).is_none(), "nobody comes in any more");
    assert!(!drained.is_finished());
    house.peer.send(&frame(0x88, b"\x03\xe9")).await;
    house.peer.hear_end().await;
    drop(house.peer);
    drained.await.unwrap();
    assert_eq!(house.connections.count(), 0);
}

/// Asks at each message, and tells what comes of it.
fn ask(input: Input<'_>, actions: &mut Vec<Action>) {
    match input {
        Input::Answer(_, Ok(_)) => actions.push(Action::Send(Frame::text("answer"))),
        Input::Answer(_, Err(error)) => actions.push(Action::Send(Frame::text(error.public()))),
        _ => actions.push(Action::Call(Ticket(1), Call::Me)),
    }
}

#[tokio::test(start_paused = true)]
async fn at_the_end_who_waits_gets_its_answers_and_is_heard_no_more() {
    let mut house = house(Wish::default(), ask).await;
    house.peer.say("x").await;
    house.peer.say("y").await;
    let (first, second) = (house.calls.recv().await.unwrap(), house.calls.recv().await.unwrap());
    let connections = Arc::clone(&house.connections);
    let drained = tokio::spawn(async move { connections.drain().await });
    while !house.line.is_leaving() {
        tokio::task::yield_now().await;
    }
    // A sign of life is answered meanwhile, before what is said too late.
    house.peer.send(&[frame(0x89, b"?"), frame(0x81, b"z")].concat()).await;
    assert_eq!(house.peer.hear().await, (0x8A, b"?".to_vec()));
    for (call, answer) in [(first, Ok(Answer::Done)), (second, Err(Error::unavailable("too late")))] {
        let told = if answer.is_ok() { "answer" } else { "too late" };
        call.send(answer).unwrap();
        assert_eq!(house.peer.hear_text().await, told);
    }
    house.peer.hear_close(1001, "server is shutting down").await;
    assert!(house.calls.try_recv().is_err(), "nothing more was asked");
    drop(house.peer);
    drained.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn at_the_end_calls_are_waited_for_so_long_and_no_longer() {
    let mut house = house(Wish::limits(Limits { drain_seconds: 3, ..Limits::default() }), ask).await;
    house.peer.say("x").await;
    let call = house.calls.recv().await.unwrap();
    let begun = tokio::time::Instant::now();
    house.connections.drain().await;
    assert_eq!(begun.elapsed().as_millis(), 3_250);
    house.task.await.unwrap();
    assert!(call.is_closed());
}

#[tokio::test(start_paused = true)]
async fn at_the_end_a_reply_on_its_way_through_the_hall_arrives() {
    let (sender, mut behind) = mpsc::channel(8);
    let mut house = house(Wish { behind: Some(sender), ..Wish::default() }, echo).await;
    house.peer.say("last words").await;
    let reply = behind.recv().await.unwrap();
    let connections = Arc::clone(&house.connections);
    let drained = tokio::spawn(async move { connections.drain().await });
    while !house.line.is_leaving() {
        tokio::task::yield_now().await;
    }
    house.line.reply(reply);
    assert_eq!(house.peer.hear_text().await, "last words");
    house.peer.hear_close(1001, "server is shutting down").await;
    drop(house.peer);
    drained.await.unwrap();
}
