//! What is answered: in time, of the right kind, and not too much of it.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use quintet_core::{Kind, Limits};
use tokio::io::AsyncWriteExt as _;
use tokio::time::sleep;

use super::house::{House, head, json, local_gate};

#[tokio::test]
async fn json_is_fetched_and_nothing_is_shown_but_what_was_given() {
    let heard = Arc::new(Mutex::new(String::new()));
    let keep = Arc::clone(&heard);
    let house = House::with(move |mut stream| {
        let keep = Arc::clone(&keep);
        async move {
            *keep.lock() = head(&mut stream).await;
            stream.write_all(json(r#"{"type":"User"}"#).as_bytes()).await.unwrap();
        }
    })
    .await;
    let headers = vec![("accept", "application/json".to_owned()), ("Versia-Signed-By", "x".to_owned())];
    let fetched = local_gate(&Limits::default()).fetch(&house.url("/users/1?x=y"), headers).await.unwrap();
    assert_eq!((fetched.status, &fetched.body[..]), (200, &br#"{"type":"User"}"#[..]));
    assert_eq!(fetched.content_type.as_deref(), Some("application/json"));
    assert_eq!(fetched.url, house.url("/users/1?x=y"));
    let heard = heard.lock().clone();
    let mut lines: Vec<_> = heard.trim_end().lines().filter(|line| !line.starts_with("host: ")).collect();
    lines.sort_unstable();
    let agent = format!("user-agent: {}", super::super::AGENT);
    let expected = [
        "accept-encoding: identity",
        "accept: application/json",
        "connection: close",
        "get /users/1?x=y http/1.1",
        agent.as_str(),
        "versia-signed-by: x",
    ];
    assert_eq!(lines, expected);
    assert!(heard.contains(&format!("host: 127.0.0.1:{}\r\n", house.port)), "{heard}");
}

#[tokio::test]
async fn what_is_not_json_is_not_read() {
    let answers = [
        "content-type: text/html\r\n",
        "content-type: text/html, application/json\r\n",
        "",
        "content-type: application/json\r\ncontent-encoding: gzip\r\n",
        "content-type: application/json\r\ncontent-encoding: br, identity\r\n",
    ];
    for headers in answers {
        let house = House::saying(format!("HTTP/1.1 200 OK\r\n{headers}content-length: 2\r\n\r\n{{}}")).await;
        let refused = local_gate(&Limits::default()).fetch(&house.url("/"), vec![]).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Forbidden, "{headers}");
    }
}

#[tokio::test]
async fn of_an_error_only_the_status_counts() {
    let house = House::saying("HTTP/1.1 410 Gone\r\ncontent-type: text/html\r\ncontent-length: 3\r\n\r\nabc").await;
    let fetched = local_gate(&Limits::default()).fetch(&house.url("/"), vec![]).await.unwrap();
    assert_eq!((fetched.status, fetched.body.len()), (410, 0));
}

#[tokio::test]
async fn a_body_has_a_bound_announced_or_not() {
    let limits = Limits { fetch_bytes: 1_000, ..Limits::default() };
    let exact = House::saying(json(&"x".repeat(1_000))).await;
    assert_eq!(local_gate(&limits).fetch(&exact.url("/"), vec![]).await.unwrap().body.len(), 1_000);
    let announced = House::saying(json(&"x".repeat(1_001))).await;
    let endless = House::with(|mut stream| async move {
        head(&mut stream).await;
        let answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
        stream.write_all(answer).await.unwrap();
        while stream.write_all(b"5\r\nxxxxx\r\n").await.is_ok() {}
    })
    .await;
    for house in [announced, endless] {
        let refused = local_gate(&limits).fetch(&house.url("/"), vec![]).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Forbidden, "{refused}");
    }
}

#[tokio::test]
async fn a_head_has_a_bound() {
    let endless = House::with(|mut stream| async move {
        head(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\n").await.unwrap();
        while stream.write_all(b"x-filler: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n").await.is_ok() {}
    })
    .await;
    let refused = local_gate(&Limits::default()).fetch(&endless.url("/"), vec![]).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Unavailable);
}

#[tokio::test(start_paused = true)]
async fn whoever_answers_a_byte_a_second_is_not_waited_for() {
    let drip = |answer: String| {
        move |mut stream: tokio::net::TcpStream| {
            let answer = answer.clone();
            async move {
                for byte in answer.bytes() {
                    sleep(Duration::from_secs(1)).await;
                    if stream.write_all(&[byte]).await.is_err() {
                        return;
                    }
                }
            }
        }
    };
    for answer in [json("{}"), "HTTP/1.1 100 Continue\r\n\r\n".repeat(100)] {
        let house = House::with(drip(answer)).await;
        let limits = Limits::default();
        let begun = tokio::time::Instant::now();
        let refused = local_gate(&limits).fetch(&house.url("/"), vec![]).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Unavailable);
        assert_eq!(begun.elapsed().as_secs(), limits.fetch_seconds);
    }
}

#[tokio::test]
async fn who_speaks_something_else_is_not_understood() {
    for answer in ["SSH-2.0-OpenSSH_9.6\r\n", "", "HTTP/9.9 200 OK\r\n\r\n", "\0\0\0"] {
        let house = House::saying(answer).await;
        let refused = local_gate(&Limits::default()).fetch(&house.url("/"), vec![]).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Unavailable, "{answer:?}");
    }
}
