//! Connections on which we are the client, with the workspace's client library as the server.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use quintet_hub::Outlet as _;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Message, Role};

use super::*;

/// A server that refuses what is not masked, and a connection of ours to it.
async fn called(
    session: impl FnMut(Input<'_>, &mut Vec<Action>) + Send + 'static,
) -> (WebSocketStream<TcpStream>, Running) {
    let (server, ours) = sockets().await;
    let wish = Wish { outgoing: true, ..Wish::default() };
    let running = run(Stream::Plain(ours), wish, session);
    (WebSocketStream::from_raw_socket(server, Role::Server, None).await, running)
}

async fn hear(server: &mut WebSocketStream<TcpStream>) -> Message {
    server.next().await.unwrap().unwrap()
}

#[tokio::test]
async fn messages_of_every_size_are_masked_and_those_of_the_server_are_not() {
    let (mut server, _running) = called(echo).await;
    for length in [0, 1, 125, 126, 0xFFFF, 0x1_0000, 3 << 20] {
        let text = "é".repeat(length / 2) + &"x".repeat(length % 2);
        server.send(Message::text(text.clone())).await.unwrap();
        assert_eq!(hear(&mut server).await, Message::text(text), "{length}");
        let bytes = vec![7; length];
        server.send(Message::binary(bytes.clone())).await.unwrap();
        assert_eq!(hear(&mut server).await, Message::binary(bytes), "{length}");
    }
}

#[tokio::test]
async fn pings_and_what_others_say_are_masked_too() {
    let (mut server, (connections, line, ..)) = called(echo).await;
    line.write(&[Frame::text("a").as_bytes().clone(), Frame::join(&[Frame::text("b"), Frame::text("c")])]);
    let reply = Frame::text("d").as_bytes().clone();
    line.expect(reply.len());
    line.reply(reply);
    line.lay(&[Frame::text("e")]);
    line.say(&[Frame::text("f"), Frame::text("g")]);
    for text in ["a", "b", "c", "d", "e", "f", "g"] {
        assert_eq!(hear(&mut server).await, Message::text(text));
    }
    line.ping(Frame::ping(b"there?").as_bytes());
    assert_eq!(hear(&mut server).await, Message::Ping(b"there?".to_vec().into()));
    server.send(Message::Ping(b"and you?".to_vec().into())).await.unwrap();
    assert_eq!(hear(&mut server).await, Message::Pong(b"and you?".to_vec().into()));
    assert_eq!(connections.queue_bytes(), 0);
}

#[tokio::test]
async fn either_side_closes() {
    let (mut server, (.., task)) = called(echo).await;
    let going = CloseFrame { code: CloseCode::Away, reason: "bye".into() };
    server.send(Message::Close(Some(going))).await.unwrap();
    let Message::Close(Some(answer)) = hear(&mut server).await else { panic!("no close") };
    assert_eq!(answer.code, CloseCode::Away);
    drop(server);
    task.await.unwrap();

    let (mut server, (_, line, _, task)) = called(echo).await;
    line.close(4401, "who are you");
    let Message::Close(Some(said)) = hear(&mut server).await else { panic!("no close") };
    assert_eq!((u16::from(said.code), said.reason.as_str()), (4401, "who are you"));
    assert!(server.next().await.is_none());
    drop(server);
    task.await.unwrap();
}

#[tokio::test]
async fn a_server_that_masks_is_closed_with_1002() {
    let (client, ours) = sockets().await;
    let (_, _line, _calls, task) = run(Stream::Plain(ours), Wish { outgoing: true, ..Wish::default() }, echo);
    let mut server = Peer::new(client);
    server.say("masked").await;
    // The close is masked: the first byte tells what it is.
    let mut head = [0; 8];
    tokio::io::AsyncReadExt::read_exact(&mut server.read, &mut head).await.unwrap();
    assert_eq!((head[0], head[1] & 0x80), (0x88, 0x80));
    let code = [head[6] ^ head[2], head[7] ^ head[3]];
    assert_eq!(u16::from_be_bytes(code), 1002);
    drop(server);
    task.await.unwrap();
}

#[tokio::test]
async fn what_was_begun_before_the_socket_was_there_is_masked() {
    let (server, ours) = sockets().await;
    let connections = connections(&Limits::default(), false);
    let line = Line::outgoing(0, Arc::clone(&connections.ledger));
    line.say(&[Frame::text("first")]);
    line.begin(Some(ours));
    let mut wire = super::super::wire::Wire::Plain;
    std::future::poll_fn(|cx| wire.poll_drain(&line, cx)).await.unwrap();
    let mut server = WebSocketStream::from_raw_socket(server, Role::Server, None).await;
    assert_eq!(hear(&mut server).await, Message::text("first"));
}

#[tokio::test(start_paused = true)]
async fn a_slow_server_is_told_so_in_a_masked_frame() {
    let (mut server, (_, line, _, task)) = called(echo).await;
    // More than the sockets take.
    let much = Frame::binary(&vec![0; 16 << 20]);
    line.write(&[much.as_bytes().clone()]);
    line.give_up();
    let (mut whole, mut code) = (0, None);
    let heard = async {
        while let Some(Ok(message)) = server.next().await {
            match message {
                Message::Binary(bytes) => whole += bytes.len(),
                Message::Close(Some(said)) => code = Some(u16::from(said.code)),
                other => panic!("{other:?}"),
            }
        }
    };
    tokio::time::timeout(Duration::from_mins(1), heard).await.unwrap();
    assert_eq!((whole, code), (16 << 20, Some(1013)), "the frame that has begun is finished");
    drop(server);
    task.await.unwrap();
}
