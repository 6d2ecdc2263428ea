//! WebSockets, as far as the edge has a part in them.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::house::{Heard, Wish, connect, serve};
use crate::serve::Running;

/// Knocks at a socket; the stream begins behind the answer's head.
pub(super) async fn open(running: &Running, path: &str, headers: &str) -> (TcpStream, u16) {
    let mut stream = connect(running).await;
    let upgrade = "connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
                   sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: x\r\n{upgrade}{headers}\r\n").as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let status = Heard::read(&String::from_utf8(head).unwrap()).status;
    (stream, status)
}

#[tokio::test]
async fn a_peer_is_let_in_or_refused_before_the_upgrade() {
    let running = serve().await;
    let (mut jac, status) = open(&running, "/websocket", "").await;
    assert_eq!(status, 101);
    // Jac's first frame comes at once: a text frame.
    assert_eq!(jac.read_u8().await.unwrap(), 0x81);
    let (_concord, status) = open(&running, "/client?token=forged", "").await;
    assert_eq!(status, 401);
    let (_nowhere, status) = open(&running, "/nowhere", "").await;
    assert_eq!(status, 403);
}

#[tokio::test]
async fn a_socket_keeps_its_seat_until_it_ends() {
    let running = serve().await;
    let (stream, status) = open(&running, "/websocket", "").await;
    assert_eq!((status, running.door().seats().taken()), (101, 1));
    drop(stream);
    running.door().seats().empty().await;
}

#[tokio::test]
async fn shutdown_says_goodbye_and_takes_nobody_in() {
    let running = serve().await;
    let address = running.address();
    let (mut stream, _) = open(&running, "/websocket", "").await;
    let shutdown = tokio::spawn(running.shutdown());
    let mut heard = Vec::new();
    loop {
        heard.push(stream.read_u8().await.unwrap());
        // Close, with 1001 in its payload.
        if let [.., 0x88, _, 0x03, 0xE9] = heard.as_slice() {
            break;
        }
    }
    // A close answers a close (RFC 6455, section 5.5.1); masked with zeros.
    stream.write_all(&[0x88, 0x82, 0, 0, 0, 0, 0x03, 0xE9]).await.unwrap();
    shutdown.await.unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn an_open_request_is_finished_at_shutdown() {
    let running = Wish::limits(|limits| limits.drain_seconds = 30).serve().await;
    let mut stream = connect(&running).await;
    let body = r#"{"username":"ann","password":"ann-secret"}"#;
    let head = "POST /api/users/register HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
    stream
        .write_all(format!("{head}content-length: {}\r\nexpect: 100-continue\r\n\r\n", body.len()).as_bytes())
        .await
        .unwrap();
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    // The request is under way now.
    let shutdown = tokio::spawn(running.shutdown());
    tokio::task::yield_now().await;
    stream.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert_eq!(Heard::read(&answer).status, 200, "{answer}");
    shutdown.await.unwrap();
}
