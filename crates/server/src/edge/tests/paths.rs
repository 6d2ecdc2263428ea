//! Which path is answered by whom.

use std::sync::Arc;

use quintet_core::http::{Head, Request, Response, Step};
use quintet_core::{Action, Credential, Dialect, Error, Event, Frame, Hello, Origin, Session};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::house::{Wish, ask, connect, send, serve};

#[tokio::test]
async fn the_house_answers_its_own_paths() {
    let running = serve().await;
    let health = ask(&running, "GET /healthz", "").await;
    assert_eq!((health.status, health.body.as_str()), (200, ""));
    assert_eq!(ask(&running, "POST /healthz", "").await.status, 405);
    let keys = ask(&running, "GET /.well-known/jwks.json", "").await;
    assert_eq!((keys.status, keys.body.contains(r#""crv":"Ed25519""#)), (200, true), "{}", keys.body);
    assert!(!keys.body.contains(r#""d":"#), "the secret half stays inside");
    let nothing = ask(&running, "GET /nothing", "").await;
    assert_eq!(nothing.status, 404);
    assert_eq!(nothing.body, r#"{"status":404,"error":"Not Found","message":"nothing here"}"#);
    assert_eq!(nothing.header("x-content-type-options"), Some("nosniff"));
}

#[tokio::test]
async fn metrics_are_for_this_machine_unless_told_otherwise() {
    crate::telemetry::install_metrics();
    let running = serve().await;
    let metrics = ask(&running, "GET /metrics", "").await;
    assert_eq!(metrics.status, 200);
    assert!(metrics.body.contains("quintet_limit{name=\"rooms\"}"), "{}", metrics.body);
    let proxied = "x-forwarded-for: 192.0.2.1\r\n";
    assert_eq!(ask(&running, "GET /metrics", proxied).await.status, 404);
    let open = Wish::config(|config| config.metrics.public = true).serve().await;
    assert_eq!(ask(&open, "GET /metrics", proxied).await.status, 200);
}

#[tokio::test]
async fn rooms_answer_theirs() {
    let running = serve().await;
    let registered =
        send(&running, "POST /api/users/register", "", r#"{"username":"ann","password":"ann-secret"}"#).await;
    assert_eq!(registered.status, 200, "{registered:?}");
    assert!(registered.body.contains(r#""username":"ann""#), "{}", registered.body);
    assert_eq!(ask(&running, "GET /api/self", "").await.status, 401);
    let forged = ask(&running, "GET /api/self", "authorization: Bearer x.y.z\r\n").await;
    assert_eq!(forged.status, 401);
}

#[tokio::test]
async fn a_plain_request_to_a_socket_is_refused_in_the_rooms_words() {
    let running = serve().await;
    assert_eq!(ask(&running, "GET /client?token=x", "").await.status, 400);
    assert_eq!(ask(&running, "POST /client", "").await.status, 405);
    let jac = ask(&running, "GET /websocket", "").await;
    assert_eq!((jac.status, jac.body.as_str()), (404, r#"{"detail":"Not Found"}"#));
}

#[tokio::test]
async fn an_offer_of_http2_is_passed_over() {
    let running = serve().await;
    let headers = "upgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n";
    let line = "GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: upgrade, http2-settings, close\r\n";
    let heard = super::house::say(&running, &format!("{line}{headers}\r\n")).await;
    assert_eq!(heard.status, 200, "{heard:?}");
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let running = serve().await;
    let head = ask(&running, "HEAD /api/self", "").await;
    assert_eq!((head.status, head.body.as_str()), (401, ""));
    assert_eq!(ask(&running, "HEAD /healthz", "").await.status, 200);
}

#[tokio::test]
async fn a_connection_takes_one_request_after_another() {
    let running = serve().await;
    let mut stream = connect(&running).await;
    for _ in 0..3 {
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        let mut heard = [0; 15];
        stream.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"HTTP/1.1 200 OK");
        let mut rest = Vec::new();
        while !rest.ends_with(b"\r\n\r\n") {
            rest.push(stream.read_u8().await.unwrap());
        }
    }
}

#[tokio::test]
async fn pages_from_elsewhere_may_ask() {
    let running = serve().await;
    let asked = "origin: https://a.example\r\naccess-control-request-method: PUT\r\n\
                 access-control-request-headers: x-one, authorization\r\n";
    let preflight = ask(&running, "OPTIONS /api/self", asked).await;
    assert_eq!(preflight.status, 204);
    assert_eq!(preflight.header("access-control-allow-origin"), Some("*"));
    assert_eq!(preflight.header("access-control-allow-methods"), Some("put"));
    assert_eq!(preflight.header("access-control-allow-headers"), Some("x-one, authorization"));
    let refused = ask(&running, "GET /api/self", "origin: https://a.example\r\n").await;
    assert_eq!(refused.status, 401);
    assert_eq!(refused.header("access-control-allow-origin"), Some("*"));
    assert_eq!(refused.header("access-control-allow-credentials"), None);
}

/// A room that falls over.
struct Brittle;

impl Dialect for Brittle {
    fn name(&self) -> &'static str {
        "brittle"
    }

    fn sockets(&self) -> &'static [&'static str] {
        &[]
    }

    fn serves(&self, path: &str) -> bool {
        path == "/brittle"
    }

    fn message_bytes(&self) -> usize {
        0
    }

    fn credential(&self, _: &Head) -> Credential {
        Credential::None
    }

    fn open(&self, _: Hello<'_>, _: &mut Vec<Action>) -> Result<Box<dyn Session>, Error> {
        Err(Error::not_found("no sockets here"))
    }

    fn render(&self, _: &Event, _: &Origin) -> Option<Frame> {
        None
    }

    fn request(&self, _: Request) -> Step {
        panic!("a test wants this")
    }

    fn refusal(&self, _: &Head, error: &Error) -> Response {
        Response::empty(error.kind().status())
    }
}

#[tokio::test]
async fn a_room_that_falls_over_takes_nobody_along() {
    let running = Wish { rooms: vec![Arc::new(Brittle)], ..Wish::default() }.serve().await;
    let fallen = ask(&running, "GET /brittle", "").await;
    assert_eq!(fallen.status, 500);
    assert!(!fallen.body.contains("test wants"), "{}", fallen.body);
    assert_eq!(ask(&running, "GET /healthz", "").await.status, 200);
}
