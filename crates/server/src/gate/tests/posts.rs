//! Posts: connections that are kept, and answers of which the head counts.

use quintet_core::federation::telling::Posting;
use quintet_core::{Kind, Limits};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::house::{House, head, local_gate};

const TAKEN: &[u8] = b"HTTP/1.1 202 Accepted\r\nX-RateLimit-Limit: 9\r\ncontent-length: 2\r\n\r\n{}";

fn posting(house: &House) -> Posting {
    let headers = vec![("content-type", "application/json".to_owned())];
    Posting { url: house.url("/inbox"), headers, body: r#"{"type":"Note"}"#.to_owned() }
}

/// Takes a request with the body of [`posting`].
async fn take(stream: &mut TcpStream) -> bool {
    let head = head(stream).await;
    let mut body = [0; 15];
    head.starts_with("post /inbox ") && stream.read_exact(&mut body).await.is_ok() && &body == br#"{"type":"Note"}"#
}

#[tokio::test]
async fn posts_share_a_connection() {
    let house = House::with(|mut stream| async move {
        while take(&mut stream).await {
            stream.write_all(TAKEN).await.unwrap();
        }
    })
    .await;
    let gate = local_gate(&Limits::default());
    for _ in 0..3 {
        let posted = gate.post(posting(&house)).await.unwrap();
        assert_eq!((posted.status, &posted.body[..]), (202, &b"{}"[..]));
        assert!(posted.headers.contains(&("x-ratelimit-limit".to_owned(), "9".to_owned())));
    }
    assert_eq!(house.met(), 1);
}

#[tokio::test]
async fn where_enough_are_kept_each_post_has_its_own() {
    let house = House::with(|mut stream| async move {
        while take(&mut stream).await {
            stream.write_all(TAKEN).await.unwrap();
        }
    })
    .await;
    let gate = local_gate(&Limits { kept_connections: 0, ..Limits::default() });
    for _ in 0..3 {
        gate.post(posting(&house)).await.unwrap();
    }
    assert_eq!(house.met(), 3);
}

#[tokio::test]
async fn a_connection_that_was_closed_is_made_again() {
    let house = House::with(|mut stream| async move {
        assert!(take(&mut stream).await);
        stream.write_all(TAKEN).await.unwrap();
        // It takes the second request, and leaves without a word.
        take(&mut stream).await;
    })
    .await;
    let gate = local_gate(&Limits::default());
    for _ in 0..2 {
        assert_eq!(gate.post(posting(&house)).await.unwrap().status, 202);
    }
    assert_eq!(house.met(), 2);
}

#[tokio::test]
async fn of_an_answer_that_is_too_large_the_status_counts() {
    let house = House::saying(format!(
        "HTTP/1.1 429 Slow\r\ncontent-type: text/html\r\nretry-after: 7\r\ncontent-length: 9999\r\n\r\n{}",
        "x".repeat(9999)
    ))
    .await;
    let posted = local_gate(&Limits { fetch_bytes: 100, ..Limits::default() }).post(posting(&house)).await.unwrap();
    assert_eq!((posted.status, posted.body.len()), (429, 0));
    assert!(posted.headers.contains(&("retry-after".to_owned(), "7".to_owned())));
}

#[tokio::test]
async fn a_post_is_not_sent_elsewhere() {
    let house =
        House::saying("HTTP/1.1 307 Elsewhere\r\nlocation: http://10.0.0.1/\r\ncontent-length: 0\r\n\r\n").await;
    assert_eq!(local_gate(&Limits::default()).post(posting(&house)).await.unwrap_err().kind(), Kind::Forbidden);
}
