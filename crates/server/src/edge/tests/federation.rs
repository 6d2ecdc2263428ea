//! The server API about other servers, where there are none.

use super::api::{KEY, with_key};
use super::house::{ask, send};

#[tokio::test]
async fn without_federation_every_call_says_what_to_configure() {
    let running = with_key().await;
    send(&running, "POST /quintet/v1/users", KEY, r#"{"username":"ann","password":"ann-secret"}"#).await;
    for (line, body) in [
        ("GET /quintet/v1/follows?as=ann", ""),
        ("POST /quintet/v1/follows?as=ann", r#"{"whom":"bob@b.example"}"#),
        ("DELETE /quintet/v1/follows/bob%40b.example?as=ann", ""),
        ("PUT /quintet/v1/followers/bob%40b.example?as=ann", r#"{"accept":true}"#),
        ("POST /quintet/v1/notes?as=ann", r#"{"content":"hello","to":"followers"}"#),
        ("PUT /quintet/v1/notes/17?as=ann", r#"{"content":"hello"}"#),
        ("DELETE /quintet/v1/notes/17?as=ann", ""),
        ("PUT /quintet/v1/notes/17/reactions/x?as=ann", ""),
        ("DELETE /quintet/v1/notes/17/reactions/x?as=ann", ""),
        ("GET /quintet/v1/timeline?as=ann", ""),
        ("GET /quintet/v1/entities?limit=5", ""),
        ("PUT /quintet/v1/rooms/general/federated", r#"{"federated":true}"#),
        ("GET /quintet/v1/peers", ""),
        ("GET /quintet/v1/peers/b.example", ""),
        ("PUT /quintet/v1/peers/b.example/standing", r#"{"standing":"blocked"}"#),
        ("POST /quintet/v1/peers/b.example/retry", ""),
        ("DELETE /quintet/v1/peers/b.example/keys", ""),
        ("GET /quintet/v1/dead-letters", ""),
        ("POST /quintet/v1/keys/rotate", ""),
    ] {
        let refused = send(&running, line, KEY, body).await;
        assert!(refused.status == 404 && refused.body.contains("does not federate"), "{line}: {refused:?}");
        assert_eq!(send(&running, line, "", body).await.status, 401, "{line}");
    }
}

#[tokio::test]
async fn what_is_asked_is_read_before_it_is_done() {
    let running = with_key().await;
    for (line, body, status, part) in [
        ("GET /quintet/v1/follows", "", 400, "?as=alice"),
        ("GET /quintet/v1/follows?as=nobody", "", 404, "there is no user \\\"nobody\\\""),
        ("POST /quintet/v1/follows?as=admin", r#"{"who":"x"}"#, 400, "unknown field `who`"),
        ("POST /quintet/v1/notes?as=admin", r#"{"content":"x","to":"nobody"}"#, 400, "not as expected"),
        ("PUT /quintet/v1/notes/x?as=admin", r#"{"content":"x"}"#, 400, "by its number"),
        ("GET /quintet/v1/timeline?as=admin&before=x", "", 400, "before must be a number"),
        ("GET /quintet/v1/entities?limit=many", "", 400, "limit must be a number"),
        ("PUT /quintet/v1/peers/b.example/standing", r#"{"standing":"good"}"#, 400, "not as expected"),
    ] {
        let refused = send(&running, line, KEY, body).await;
        assert!(refused.status == status && refused.body.contains(part), "{line}: {refused:?}");
    }
    let wrong = ask(&running, "PATCH /quintet/v1/peers", KEY).await;
    assert_eq!((wrong.status, wrong.header("allow")), (405, Some("get")));
}
