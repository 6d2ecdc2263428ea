//! The server API, from the network and through the control socket.

use quintet_core::identity::Secret;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

use super::house::{Heard, Wish, ask, send, serve};
use crate::control::{Lock, socket_path};
use crate::serve::Running;

pub(super) const KEY: &str = "authorization: Bearer 0123456789abcdef\r\n";

pub(super) async fn with_key() -> Running {
    Wish::config(|config| config.api.keys = vec![Secret::new("0123456789abcdef")]).serve().await
}

#[tokio::test]
async fn without_a_key_nothing_is_told() {
    let closed = serve().await;
    assert_eq!(ask(&closed, "GET /quintet/v1/users", KEY).await.status, 401);
    let running = with_key().await;
    let refused = ask(&running, "GET /quintet/v1/users", "").await;
    assert_eq!((refused.status, refused.header("www-authenticate")), (401, Some("bearer")));
    assert_eq!(ask(&running, "GET /quintet/v1/users", "authorization: Bearer 0123456789abcdeX\r\n").await.status, 401);
}

#[tokio::test]
async fn users_are_made_locked_out_and_let_in() {
    let running = with_key().await;
    let made = send(&running, "POST /quintet/v1/users", KEY, r#"{"username":"ann","password":"ann-secret"}"#).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert!(
        made.body.contains(r#""username":"ann","nickname":"ann","disabled":false,"online":false"#),
        "{}",
        made.body
    );
    let again = send(&running, "POST /quintet/v1/users", KEY, r#"{"username":"ann","password":"x"}"#).await;
    assert_eq!(again.status, 409);
    let log_in = r#"{"username":"ann","password":"ann-secret"}"#;
    assert_eq!(send(&running, "POST /api/tokens", "", log_in).await.status, 200);
    for (disabled, status) in [("true", 400), ("false", 200)] {
        let body = format!(r#"{{"disabled":{disabled}}}"#);
        assert_eq!(send(&running, "PUT /quintet/v1/users/ann/disabled", KEY, &body).await.status, 204);
        assert_eq!(send(&running, "POST /api/tokens", "", log_in).await.status, status, "{disabled}");
    }
    let password = r#"{"password":"other-secret"}"#;
    assert_eq!(send(&running, "PUT /quintet/v1/users/ann/password", KEY, password).await.status, 204);
    assert_eq!(send(&running, "POST /api/tokens", "", log_in).await.status, 400);
    assert_eq!(send(&running, "PUT /quintet/v1/users/bob/password", KEY, password).await.status, 404);
}

#[tokio::test]
async fn a_token_can_make_its_user() {
    let running = with_key().await;
    let unknown = send(&running, "POST /quintet/v1/tokens", KEY, r#"{"username":"ann"}"#).await;
    assert_eq!(unknown.status, 404);
    let issued =
        send(&running, "POST /quintet/v1/tokens", KEY, r#"{"username":"ann","create":true,"ttl_seconds":60}"#).await;
    assert_eq!(issued.status, 200, "{issued:?}");
    let token = issued.body.split('"').nth(3).unwrap();
    let me = ask(&running, "GET /api/self", &format!("authorization: Bearer {token}\r\n")).await;
    assert!(me.status == 200 && me.body.contains(r#""username":"ann""#), "{me:?}");
    // Milliseconds: the clock of the house stands still.
    assert!(issued.body.contains(r#""expires_at":1800000060000"#), "{}", issued.body);
}

async fn over(socket: &std::path::Path, request: &str) -> Heard {
    let mut stream = UnixStream::connect(socket).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut heard = String::new();
    stream.read_to_string(&mut heard).await.unwrap();
    Heard::read(&heard)
}

#[tokio::test]
async fn the_owner_of_the_data_needs_no_key() {
    let data = tempfile::tempdir().unwrap();
    let socket = socket_path(data.path());
    // As a server that crashed leaves it.
    drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
    let lock = Some(Lock::take(data.path()).unwrap());
    let running = Wish { lock, ..Wish::default() }.serve().await;
    let mode = std::os::unix::fs::PermissionsExt::mode(&socket.metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let users = over(&socket, "GET /quintet/v1/users HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(users.status == 200 && users.body.contains(r#""username":"admin""#), "{users:?}");
    let other = over(&socket, "GET /api/self HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert_eq!(other.status, 404);
    assert!(Lock::take(data.path()).is_err());
    running.shutdown().await;
    assert!(!socket.exists());
    assert!(Lock::take(data.path()).is_ok());
}

#[tokio::test]
async fn the_key_of_an_agent_does_not_travel() {
    let running = with_key().await;
    assert_eq!(send(&running, "POST /quintet/v1/agents/root", "", "{}").await.status, 401);
    let refused = send(&running, "POST /quintet/v1/agents/root", KEY, "{}").await;
    assert_eq!(refused.status, 403);
    assert!(refused.body.contains("control socket"), "{}", refused.body);
    let known = ask(&running, "GET /quintet/v1/server", KEY).await;
    assert_eq!(known.body, format!(r#"{{"origin":"{}"}}"#, running.origin().0));
}

#[tokio::test]
async fn the_root_agent_is_that_of_an_admin() {
    let data = tempfile::tempdir().unwrap();
    let lock = Some(Lock::take(data.path()).unwrap());
    let running = Wish { lock, ..Wish::default() }.serve().await;
    let socket = socket_path(data.path());
    let post = |path: &str, body: &str| {
        let length = body.len();
        let request = format!(
            "POST /quintet/v1{path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        let socket = socket.clone();
        async move { over(&socket, &request).await }
    };
    let first = post("/agents/root", "{}").await;
    assert!(first.status == 200 && first.body.contains(r#""username":"admin""#), "{first:?}");
    assert!(first.body.contains(&format!(r#""subject":"{}/agents/"#, running.origin().0)), "{first:?}");
    assert_eq!(post("/agents/root", r#"{"username":"admin"}"#).await.body, first.body);
    assert_eq!(post("/agents/root", r#"{"username":"nobody"}"#).await.status, 404);
    post("/users", r#"{"username":"ann","password":"ann-secret"}"#).await;
    let refused = post("/agents/root", r#"{"username":"ann"}"#).await;
    assert!(refused.status == 403 && refused.body.contains("is no admin"), "{refused:?}");
}

#[tokio::test]
async fn documents_go_out_and_come_in_again() {
    let running = with_key().await;
    let origin = &running.origin().0;
    let name = "https://atomicdata.dev/properties/name";
    let note =
        format!(r#"{{"@id":"{origin}/note","{name}":"x","https://atomicdata.dev/properties/parent":"{origin}"}}"#);
    let foreign = format!(r#"{{"@id":"http://elsewhere.example/note","{name}":"x"}}"#);
    let body = format!(r#"{{"documents":[{note},{foreign},{{"{name}":"x"}}]}}"#);
    let imported = send(&running, "POST /quintet/v1/documents", KEY, &body).await;
    assert_eq!(imported.status, 200, "{imported:?}");
    assert!(imported.body.starts_with(r#"{"imported":1,"refused":[{"subject":"","#), "{}", imported.body);
    assert!(imported.body.contains(r#"{"subject":"http://elsewhere.example/note","#), "{}", imported.body);
    let exported = ask(&running, "GET /quintet/v1/documents?after=0", KEY).await;
    assert!(exported.body.contains(&format!(r#""@id":"{origin}/note""#)), "{}", exported.body);
    let next = exported.body.rsplit(':').next().unwrap().trim_end_matches('}').to_owned();
    let end = ask(&running, &format!("GET /quintet/v1/documents?after={next}"), KEY).await;
    assert_eq!(end.body, r#"{"documents":[],"next":null}"#);
    assert_eq!(ask(&running, "GET /quintet/v1/documents?after=x", KEY).await.status, 400);
}
