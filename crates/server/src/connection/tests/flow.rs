//! Messages in, answers out.

use super::peer::frame;
use super::*;
use crate::connection::hall::Attached;
use quintet_hub::Outlet as _;

#[test]
fn a_connection_at_rest_is_small() {
    assert!(size_of::<Connection<Attached>>() <= 400, "{}", size_of::<Connection<Attached>>());
    assert!(size_of::<Line>() <= 160, "{}", size_of::<Line>());
}

#[tokio::test]
async fn messages_are_answered_in_order_however_they_arrive() {
    let mut house = house(Wish::default(), echo).await;
    let bytes: Vec<u8> = (0..100).flat_map(|n| frame(0x81, format!("message {n}").as_bytes())).collect();
    let (first, rest) = bytes.split_at(777);
    house.peer.send(first).await;
    for n in 0..50 {
        assert_eq!(house.peer.hear_text().await, format!("message {n}"));
        if n == 20 {
            house.peer.send(rest).await;
        }
    }
    house.peer.send(&frame(0x89, b"there?")).await;
    for n in 50..100 {
        assert_eq!(house.peer.hear_text().await, format!("message {n}"));
    }
    assert_eq!(house.peer.hear().await, (0x8A, b"there?".to_vec()));
}

#[tokio::test]
async fn answers_that_come_at_once_come_before_the_next_input() {
    let mut seen = 0;
    let mut house = house(Wish::default(), move |input, actions| match input {
        Input::Text(_) => {
            seen += 1;
            actions.push(Action::Send(Frame::text(&format!("heard {seen}"))));
            actions.push(Action::Authenticate(Ticket(1), Credential::None));
            actions.push(Action::Subscribe(Ticket(2), Pattern::all("room")));
            actions.push(Action::Publish(Ticket(3), vec![Topic::channel("x")], Body::Notice("{}".into())));
        }
        Input::Answer(ticket, answer) => {
            let what = match answer {
                Ok(Answer::Identity(Identity::House)) => "house",
                Ok(Answer::Subscribed { readable: true }) => "readable",
                Err(error) if error.public() == "not here" => "refused",
                other => panic!("{other:?}"),
            };
            actions.push(Action::Send(Frame::text(&format!("{} {what}", ticket.0))));
        }
        other => panic!("{other:?}"),
    })
    .await;
    house.peer.send(&[frame(0x81, b"a"), frame(0x81, b"b")].concat()).await;
    for expected in ["heard 1", "1 house", "2 readable", "3 refused", "heard 2", "1 house", "2 readable", "3 refused"] {
        assert_eq!(house.peer.hear_text().await, expected);
    }
}

/// Asks for each text, and tells the tickets of the answers.
fn asking(input: Input<'_>, actions: &mut Vec<Action>) {
    match input {
        Input::Text(text) => actions.push(Action::Call(Ticket(text.parse().unwrap()), Call::Me)),
        Input::Answer(ticket, answer) => {
            assert!(matches!(answer, Ok(Answer::Done)));
            actions.push(Action::Send(Frame::text(&ticket.0.to_string())));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn calls_begin_in_order_and_are_answered_as_they_end() {
    let mut house = house(Wish::default(), asking).await;
    house.peer.send(&[frame(0x81, b"1"), frame(0x81, b"2")].concat()).await;
    let first = house.calls.recv().await.unwrap();
    let second = house.calls.recv().await.unwrap();
    second.send(Ok(Answer::Done)).unwrap();
    assert_eq!(house.peer.hear_text().await, "2");
    first.send(Ok(Answer::Done)).unwrap();
    assert_eq!(house.peer.hear_text().await, "1");
}

#[tokio::test]
async fn what_is_said_before_a_call_does_not_wait_for_it() {
    let mut house = house(Wish::default(), |input, actions| match input {
        Input::Text(text) => {
            actions.push(Action::Send(Frame::text(text)));
            actions.push(Action::Call(Ticket(1), Call::Me));
        }
        _ => actions.push(Action::Send(Frame::text("answered"))),
    })
    .await;
    house.peer.send(&[frame(0x81, b"1"), frame(0x81, b"2")].concat()).await;
    let calls = [house.calls.recv().await.unwrap(), house.calls.recv().await.unwrap()];
    assert_eq!([house.peer.hear_text().await, house.peer.hear_text().await], ["1", "2"]);
    for call in calls {
        call.send(Ok(Answer::Done)).unwrap();
        assert_eq!(house.peer.hear_text().await, "answered");
    }
}

#[tokio::test]
async fn what_is_laid_ready_stands_before_what_others_say() {
    let mut house = house(Wish::default(), echo).await;
    let [one, two, three] = ["1", "2", "3"].map(Frame::text);
    house.line.lay(std::slice::from_ref(&one));
    house.line.lay(&[two]);
    house.line.write(&[three.as_bytes().clone()]);
    for expected in ["1", "2", "3"] {
        assert_eq!(house.peer.hear_text().await, expected);
    }
    house.line.lay(std::slice::from_ref(&one));
    house.line.say(&[]);
    assert_eq!(house.peer.hear_text().await, "1");
    house.line.lay(&[one]);
    house.line.close(1000, "");
    assert_eq!(house.peer.hear_text().await, "1");
    house.peer.hear_close(1000, "").await;
}

#[tokio::test]
async fn who_has_asked_enough_is_not_read() {
    let limits = Limits { connection_calls: 2, ..Limits::default() };
    let mut house = house(Wish::limits(limits), asking).await;
    let bytes: Vec<u8> = (1..=5).flat_map(|n| frame(0x81, n.to_string().as_bytes())).collect();
    house.peer.send(&bytes).await;
    let mut under_way = vec![house.calls.recv().await.unwrap(), house.calls.recv().await.unwrap()];
    for n in 1..=5 {
        assert!(house.calls.try_recv().is_err(), "two are under way");
        under_way.remove(0).send(Ok(Answer::Done)).unwrap();
        assert_eq!(house.peer.hear_text().await, n.to_string());
        if n <= 3 {
            under_way.push(house.calls.recv().await.unwrap());
        }
    }
}

/// A house in which one call is enough, and that is under way.
async fn busy() -> (House, Reply) {
    let mut house = house(Wish::limits(Limits { connection_calls: 1, ..Limits::default() }), asking).await;
    house.peer.say("1").await;
    let call = house.calls.recv().await.unwrap();
    (house, call)
}

#[tokio::test]
async fn who_waits_is_still_answered_its_pings() {
    let (mut house, call) = busy().await;
    for n in ["one", "two"] {
        house.peer.send(&frame(0x89, n.as_bytes())).await;
        assert_eq!(house.peer.hear().await, (0x8A, n.as_bytes().to_vec()));
    }
    // Behind what is to wait, everything waits.
    house.peer.send(&[frame(0x81, b"2"), frame(0x89, b"three")].concat()).await;
    call.send(Ok(Answer::Done)).unwrap();
    assert_eq!(house.peer.hear_text().await, "1");
    house.calls.recv().await.unwrap().send(Ok(Answer::Done)).unwrap();
    let heard = [house.peer.hear().await.1, house.peer.hear().await.1];
    assert!(heard.contains(&b"2".to_vec()) && heard.contains(&b"three".to_vec()), "{heard:?}");
}

#[tokio::test]
async fn who_leaves_while_it_waits_is_not_waited_for() {
    let (mut house, mut call) = busy().await;
    house.peer.send(&[frame(0x8A, b""), frame(0x88, b"\x03\xe8")].concat()).await;
    call.closed().await;
    house.peer.hear_close(1000, "").await;

    let (house, mut call) = busy().await;
    drop(house.peer);
    call.closed().await;
    house.task.await.unwrap();
}

#[tokio::test]
async fn what_was_said_before_leaving_is_still_done() {
    let (mut house, call) = busy().await;
    house.peer.say("2").await;
    drop(house.peer);
    call.send(Ok(Answer::Done)).unwrap();
    assert!(house.calls.recv().await.is_some(), "the second call is made");
}

#[tokio::test]
async fn agreed_compression_is_used_both_ways() {
    let mut house = house(Wish { offer: Some("permessage-deflate"), ..Wish::default() }, echo).await;
    let text = Frame::text(&"the same again, ".repeat(20));
    let packed = crate::websocket::deflate::deflate(&text);
    house.peer.send(&frame(0xC1, packed.payload())).await;
    assert_eq!(house.peer.hear().await, (0xC1, packed.payload().to_vec()));
}

#[tokio::test]
async fn a_large_message_comes_back_whole() {
    let limits = Limits { queue_bytes: 1_000, ..Limits::default() };
    let mut house = house(Wish::limits(limits), echo).await;
    let payload: Vec<u8> = (0..4_u32 << 20).map(|n| (n % 251).to_be_bytes()[3]).collect();
    let (head, tail) = payload.split_at(1_000_000);
    house.peer.send(&[frame(0x02, head), frame(0x80, tail)].concat()).await;
    let (first, echoed) = house.peer.hear().await;
    assert_eq!(first, 0x82);
    assert!(echoed == payload);
    assert_eq!(house.connections.queue_bytes(), 0, "what waited is given back");
}
