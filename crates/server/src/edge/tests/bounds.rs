//! What is too much, too many, or too slow.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::house::{Heard, Wish, ask, connect, say, send, serve};
use crate::config::Network;

#[tokio::test]
async fn too_large_a_head_is_431() {
    let running = Wish::limits(|limits| limits.header_bytes = 9_000).serve().await;
    let filler = |length| format!("x-filler: {}\r\n", "x".repeat(length));
    assert_eq!(ask(&running, "GET /healthz", &filler(8_000)).await.status, 200);
    assert_eq!(ask(&running, "GET /healthz", &filler(9_000)).await.status, 431);
}

#[tokio::test]
async fn too_large_a_body_is_413_announced_or_not() {
    let running = Wish::limits(|limits| limits.body_bytes = 100).serve().await;
    let body = format!(r#"{{"username":"{}","password":"x"}}"#, "n".repeat(100));
    let announced = send(&running, "POST /api/users/register", "", &body).await;
    assert_eq!(announced.status, 413);
    assert!(announced.body.contains(r#""path":"/api/users/register""#), "in the room's words: {}", announced.body);
    let head = "POST /api/users/register HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
    let chunked =
        format!("{head}connection: close\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    assert_eq!(say(&running, &chunked).await.status, 413);
}

#[tokio::test]
async fn more_than_a_share_of_all_that_is_received_is_503() {
    let running = Wish::limits(|limits| limits.receiving_total_bytes = 1_000).serve().await;
    let body = |length| format!(r#"{{"username":"{}","password":"x"}}"#, "n".repeat(length));
    let refused = send(&running, "POST /api/users/register", "", &body(1_000)).await;
    assert_eq!(refused.status, 503);
    assert!(refused.body.contains("try again later"), "{}", refused.body);
    assert_eq!(
        send(&running, "POST /api/users/register", "", &body(100)).await.status,
        200,
        "what was held is free again"
    );
}

#[tokio::test]
async fn who_finds_no_seat_is_told_503() {
    let running = Wish::limits(|limits| limits.connections = 1).serve().await;
    let first = connect(&running).await;
    let mut second = connect(&running).await;
    let mut heard = String::new();
    second.read_to_string(&mut heard).await.unwrap();
    assert_eq!(Heard::read(&heard).status, 503);
    drop(first);
    running.door().seats().empty().await;
    assert_eq!(ask(&running, "GET /healthz", "").await.status, 200);
}

#[tokio::test]
async fn sockets_behind_a_proxy_are_counted_by_the_client() {
    let wish = Wish::config(|config| {
        config.proxies.trusted = vec!["127.0.0.1".parse::<Network>().unwrap()];
        config.limits.address_connections = 1;
    });
    let running = wish.serve().await;
    let (_first, status) = super::sockets::open(&running, "/websocket", "x-forwarded-for: 192.0.2.1\r\n").await;
    assert_eq!(status, 101);
    let (_second, status) = super::sockets::open(&running, "/websocket", "x-forwarded-for: 192.0.2.1\r\n").await;
    assert_eq!(status, 503);
    let (_third, status) = super::sockets::open(&running, "/websocket", "x-forwarded-for: 192.0.2.2\r\n").await;
    assert_eq!(status, 101);
}

#[tokio::test(start_paused = true)]
async fn a_head_that_does_not_end_is_not_waited_for() {
    let running = serve().await;
    let begun = tokio::time::Instant::now();
    let mut stream = connect(&running).await;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost:").await.unwrap();
    let mut heard = Vec::new();
    // How it ends is hyper's matter; that it ends is ours.
    let _ = stream.read_to_end(&mut heard).await;
    assert!(begun.elapsed().as_secs() <= 2 * running.door().limits().handshake_seconds);
    assert!(!String::from_utf8_lossy(&heard).contains("200 OK"));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let running = serve().await;
    let begun = tokio::time::Instant::now();
    let late = "POST /api/tokens HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n{";
    let heard = say(&running, late).await;
    assert_eq!(heard.status, 503, "{heard:?}");
    assert!(begun.elapsed().as_secs() >= running.door().limits().request_seconds);
}

#[tokio::test(start_paused = true)]
async fn a_large_body_has_the_time_that_it_needs() {
    let running = Wish::limits(|limits| limits.body_bytes = 4 << 20).serve().await;
    let mut stream = connect(&running).await;
    let body = format!(r#"{{"username":"ann","password":"ann-secret","x":"{}"}}"#, "x".repeat(3 << 20));
    let head =
        "POST /api/users/register HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n";
    stream.write_all(format!("{head}content-length: {}\r\n\r\n", body.len()).as_bytes()).await.unwrap();
    let begun = tokio::time::Instant::now();
    for piece in body.as_bytes().chunks(1 << 19) {
        stream.write_all(piece).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_secs(6)).await;
    }
    assert!(begun.elapsed().as_secs() > running.door().limits().request_seconds);
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert_eq!(Heard::read(&answer).status, 200, "{answer}");
}
