//! Peers with each other: what the judge says and checks must fit together before it judges anybody.

use serde_json::json;

use super::*;
use crate::client::Heard;

#[tokio::test]
async fn what_one_posts_another_can_check() {
    let (one, mut other) = (Peer::open().await.unwrap(), Peer::open().await.unwrap());
    let house = one.meet(other.address()).await.unwrap();
    assert_eq!(house.host, other.host());
    other.answer_with([Reply::of(503).with("retry-after", "7")]);
    let entity = one.follow("f1", &other.user());
    for (who, status) in [(Who::User, 503), (Who::Instance, 202)] {
        let answer = one.post(&house, who, &entity).await.unwrap();
        assert_eq!((answer.status, answer.header("retry-after").is_some()), (status, status == 503));
        let posted = other.next_post().await.unwrap();
        assert_eq!((posted.path.as_str(), posted.check().await.unwrap()), ("/inbox", entity.clone()));
    }
    one.rotate_keys();
    let stale = one.sign_at(Who::User, "post", "/inbox", "{}", 1_700_000_000);
    one.post_stamped(&house, "/inbox", &stale, "{}").await.unwrap();
    assert!(other.next_post().await.unwrap().check().await.is_err());
}

#[tokio::test]
async fn in_the_newer_version_the_server_signs() {
    let (one, mut other) = (Peer::open().await.unwrap(), Peer::open().await.unwrap());
    let house = one.meet(other.address()).await.unwrap();
    one.speak_new(true);
    one.post(&house, Who::Domain, &one.new_follow(&format!("{}:1", other.host()))).await.unwrap();
    let posted = other.next_post().await.unwrap();
    assert_eq!((posted.path.as_str(), posted.stamp.signed_by.as_str()), ("/.versia/v0.6/inbox", one.host()));
    assert_eq!(posted.check().await.unwrap()["type"], "Follow");
}

#[tokio::test]
async fn a_line_carries_messages_both_ways() {
    let (one, mut other) = (Peer::open().await.unwrap(), Peer::open().await.unwrap());
    let house = one.meet(other.address()).await.unwrap();
    let mut line = one.dial(&house).await.unwrap();
    let mut far = other.next_line().await.unwrap();
    let note = one.note("n1", "hello");
    let signature = line.send(Who::User, &note).await.unwrap();
    assert_eq!(far.message().await.unwrap(), note);
    assert_eq!(line.receipt().await.unwrap(), json!({ "in_reply_to": signature, "status": 202 }));
    far.send(Who::Instance, &json!({ "type": "x" })).await.unwrap();
    let (entity, signature) = line.message_unanswered().await.unwrap();
    line.reply(&signature, 404).await.unwrap();
    assert_eq!((entity["type"].as_str(), far.receipt().await.unwrap()["status"].as_u64()), (Some("x"), Some(404)));
    drop(line);
    assert_eq!(far.hear().await.unwrap(), Heard::End);
}

#[tokio::test]
async fn a_line_is_open_to_nobody_else() {
    let (one, mut other) = (Peer::open().await.unwrap(), Peer::open().await.unwrap());
    let house = one.meet(other.address()).await.unwrap();
    let mut line = one.knock(&house).await.unwrap();
    line.hear_hello().await.unwrap();
    line.say_hello(Some(other.host()), &"x".repeat(22), Some(&json!("another's nonce"))).await.unwrap();
    assert!(other.next_line().await.is_err());
    other.offer_sockets(false);
    assert!(one.knock(&house).await.is_err());
    assert_eq!(one.meet(other.address()).await.unwrap().socket, "");
}
