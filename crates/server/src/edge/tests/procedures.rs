//! Procedures and topics, through the server API.

use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use super::api::{KEY, with_key};
use super::house::{ask, connect, send};
use crate::serve::Running;

#[tokio::test]
async fn a_procedure_is_called_with_any_payload() {
    let running = with_key().await;
    for (payload, answer) in [(r#"{"b":1.50,"a":[]}"#, r#"{"b":1.50,"a":[]}"#), ("7", "7"), ("", "null")] {
        let called = send(&running, "POST /quintet/v1/call/echo", KEY, payload).await;
        assert_eq!((called.status, called.body.as_str()), (200, answer));
    }
    assert_eq!(send(&running, "POST /quintet/v1/call/echo", KEY, "{").await.status, 400);
    assert_eq!(send(&running, "POST /quintet/v1/call/nothing", KEY, "").await.status, 404);
    assert_eq!(send(&running, "POST /quintet/v1/call/echo", "", "7").await.status, 401);
    let failed = send(&running, "POST /quintet/v1/call/fail", KEY, "").await;
    assert_eq!(failed.status, 418);
    assert!(failed.body.contains(r#""message":"this procedure always fails""#), "{}", failed.body);
    let wrong = send(&running, "POST /quintet/v1/call/chat:send", KEY, "{}").await;
    assert!(
        wrong.status == 400 && wrong.body.contains(r#"{"field":"roomId","error":"roomId is required"}"#),
        "{wrong:?}"
    );
}

#[tokio::test]
async fn a_procedure_is_called_as_a_user() {
    let running = with_key().await;
    send(&running, "POST /quintet/v1/users", KEY, r#"{"username":"zoë","password":"zoe-secret"}"#).await;
    let rooms = send(&running, "POST /quintet/v1/call/room:list?as=zo%C3%AB", KEY, "").await;
    let room = rooms.body.split(|letter: char| !letter.is_ascii_digit()).find(|digits| digits.len() > 3).unwrap();
    let chat = format!(r#"{{"roomId":"{room}","content":"hello"}}"#);
    let said = send(&running, "POST /quintet/v1/call/chat:send?as=zo%C3%AB", KEY, &chat).await;
    assert!(said.status == 200 && said.body.contains(r#""username":"zoë""#), "{said:?}");
    assert_eq!(send(&running, "POST /quintet/v1/call/chat:send", KEY, &chat).await.status, 400, "the house is no user");
    assert_eq!(send(&running, "POST /quintet/v1/call/echo?as=nobody", KEY, "1").await.status, 404);
    send(&running, "PUT /quintet/v1/users/zo%C3%AB/disabled", KEY, r#"{"disabled":true}"#).await;
    assert_eq!(send(&running, "POST /quintet/v1/call/echo?as=zo%C3%AB", KEY, "1").await.status, 401);
}

#[tokio::test]
async fn procedures_are_listed_with_how_they_do() {
    let running = with_key().await;
    send(&running, "POST /quintet/v1/call/echo", KEY, "1").await;
    send(&running, "POST /quintet/v1/call/fail", KEY, "1").await;
    let listed = ask(&running, "GET /quintet/v1/procedures", KEY).await;
    let line = |name: &str| {
        let found = listed.body.split("},{").find(|line| line.contains(&format!(r#""name":"{name}""#)));
        found.unwrap().to_owned()
    };
    assert!(line("echo").contains(r#""kind":"built-in","owner":"quintet""#), "{}", listed.body);
    assert!(line("echo").contains(r#""calls":1,"running":0,"errors":0,"p50_ms":"#), "{}", line("echo"));
    assert!(line("fail").contains(r#""calls":1,"running":0,"errors":1,"#), "{}", line("fail"));
    assert!(line("chat:send").contains(r#""p50_ms":null,"p99_ms":null"#), "{}", line("chat:send"));
}

#[tokio::test]
async fn tokens_of_workers_are_issued_and_ended() {
    let running = with_key().await;
    let issued = send(&running, "POST /quintet/v1/workers/jac/tokens", KEY, "").await;
    assert!(issued.status == 200 && issued.body.contains(r#""worker":"jac""#), "{issued:?}");
    let token = issued.body.split('"').nth(3).unwrap();
    let header = format!("authorization: Bearer {token}\r\n");
    // It opens no door of the other rooms, nor this one's.
    for path in ["/api/self", "/quintet/v1/users"] {
        assert_eq!(ask(&running, &format!("GET {path}"), &header).await.status, 401, "{path}");
    }
    assert_eq!(ask(&running, "DELETE /quintet/v1/workers/jac/tokens", KEY).await.status, 204);
    assert_eq!(ask(&running, "DELETE /quintet/v1/workers/j%20c/tokens", KEY).await.status, 400);
}

/// Somebody who tails.
struct Tail(BufReader<TcpStream>);

impl Tail {
    /// Listens; returns when the server does.
    async fn open(running: &Running, pattern: &str) -> Self {
        let mut stream = connect(running).await;
        let request = format!("GET /quintet/v1/tail?pattern={pattern} HTTP/1.1\r\nhost: x\r\n{KEY}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut tail = Self(BufReader::new(stream));
        assert!(tail.line().await.unwrap().contains("200"));
        while tail.line().await.is_some_and(|line| !line.is_empty()) {}
        tail
    }

    /// The next line of whatever comes; `None` at the end. The time is for a failure only.
    async fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = tokio::time::timeout(Duration::from_secs(10), self.0.read_line(&mut line)).await;
        (read.expect("nothing comes").unwrap_or(0) > 0).then(|| line.trim_end().to_owned())
    }

    /// The next line that is an object: others frame the pieces.
    async fn object(&mut self) -> Option<String> {
        loop {
            let line = self.line().await?;
            if line.starts_with('{') {
                return Some(line);
            }
        }
    }
}

#[tokio::test]
async fn what_is_said_is_told_line_by_line_until_the_server_goes() {
    let running = with_key().await;
    let mut orders = Tail::open(&running, "orders/*").await;
    let mut users = Tail::open(&running, "user").await;
    for body in
        [r#"{"topic":"other/1","payload":1}"#, r#"{"topic":"orders/1","payload":{"a":1},"name":"order:created"}"#]
    {
        assert_eq!(send(&running, "POST /quintet/v1/publish", KEY, body).await.status, 204);
    }
    assert_eq!(
        orders.object().await.unwrap(),
        r#"{"topic":"orders/1","name":"order:created","payload":{"a":1},"position":null,"at":1800000000000,"author":null,"via":"api"}"#
    );
    send(&running, "POST /quintet/v1/users", KEY, r#"{"username":"ann","password":"ann-secret"}"#).await;
    assert!(users.object().await.unwrap().contains(r#""name":"user:joined","payload":{"user":{"id":"#));
    running.shutdown().await;
    assert_eq!(orders.object().await, None);
}

#[tokio::test]
async fn topics_that_are_none_are_refused() {
    let running = with_key().await;
    for path in ["/tail", "/tail?pattern=", "/tail?pattern=a//b"] {
        assert_eq!(ask(&running, &format!("GET /quintet/v1{path}"), KEY).await.status, 400, "{path}");
    }
    let long = "x".repeat(100_000);
    for (body, status) in [
        (r#"{"topic":"","payload":1}"#, 400),
        (r#"{"payload":1}"#, 400),
        (r#"{"topic":"room/1","payload":1}"#, 403),
        (&format!(r#"{{"topic":"{long}"}}"#), 413),
    ] {
        assert_eq!(send(&running, "POST /quintet/v1/publish", KEY, body).await.status, status, "{body:.40}");
    }
    assert_eq!(ask(&running, "GET /quintet/v1/tail?pattern=a", "").await.status, 401);
}
