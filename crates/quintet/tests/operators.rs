//! What operators do about other servers, and what they see of them: real servers, and one of paper.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use quintet_tests::client::{Ask, request};
use quintet_tests::peer::{Peer, Reply, Who};
use quintet_tests::town::Town;
use serde_json::{Value, json};

const BINARY: &str = env!("CARGO_BIN_EXE_quintet");

async fn town(seed: u64) -> Result<Town> {
    let town = Town::found(Path::new(BINARY), seed).await?;
    town.user("bob").await?;
    Ok(town)
}

/// Two of whom each knows what the other's bob says, over a socket.
async fn pair() -> Result<[Town; 2]> {
    let towns = [town(1).await?, town(2).await?];
    for (here, there) in [(0, 1), (1, 0)] {
        let whom = format!("bob@{}", towns[there].host());
        towns[here].counter()?.ask("POST", "/follows?as=bob", json!({ "whom": whom })).await?;
        let accepted = |follows: &Value| follows["following"][0]["state"] == "accepted";
        towns[here].counter()?.until("instance/*", "/follows?as=bob", accepted).await?;
    }
    sees(&towns[0], &towns[1].host(), |peer| peer["state"] == "live").await?;
    Ok(towns)
}

/// The path of a peer's own.
fn path(host: &str) -> String {
    format!("/peers/{}", host.replace(':', "%3A"))
}

/// Waits until a peer is as it should be.
async fn sees(town: &Town, host: &str, holds: impl Fn(&Value) -> bool) -> Result<Value> {
    town.counter()?.until(&format!("instance/{host}"), &path(host), holds).await
}

async fn set_standing(town: &Town, host: &str, standing: &str) -> Result<()> {
    let path = format!("{}/standing", path(host));
    town.counter()?.ask("PUT", &path, json!({ "standing": standing })).await.map(drop)
}

async fn post(town: &Town, text: &str) -> Result<()> {
    town.counter()?.ask("POST", "/notes?as=bob", json!({ "content": text })).await.map(drop)
}

/// What the notes of a host say here, in the order in which they came.
async fn said(town: &Town, host: &str) -> Result<Vec<String>> {
    let notes = town.counter()?.entities(host, "Note").await?;
    notes.iter().map(|note| Ok(content(&serde_json::from_str(note["text"].as_str().unwrap_or_default())?))).collect()
}

fn content(note: &Value) -> String {
    note["content"]["text/plain"]["content"].as_str().unwrap_or_default().to_owned()
}

/// Waits until exactly these notes came from there, in this order.
async fn has(to: &Town, from: &Town, texts: &[String]) -> Result<()> {
    let (host, last) = (from.host(), texts.last().expect("there is one"));
    let path = format!("/entities?host={host}&limit=200");
    let came = |all: &Value| all.to_string().contains(&format!("\\\"{last}\\\""));
    to.counter()?.until(&format!("instance/{host}"), &path, came).await?;
    let said = said(to, &host).await?;
    ensure!(said == texts, "said {said:?}");
    Ok(())
}

fn texts(words: &str, count: u32) -> Vec<String> {
    (0..count).map(|number| format!("{words} {number}")).collect()
}

/// Has the bob of a server of paper, which takes no sockets from now on, follow this town's.
async fn follow(peer: &mut Peer, town: &Town) -> Result<()> {
    peer.offer_sockets(false);
    let users = town.counter()?.ask("GET", "/users", Value::Null).await?;
    let bob = users.as_array().and_then(|users| users.iter().find(|user| user["username"] == "bob"));
    let bob = bob.and_then(|bob| bob["id"].as_u64()).context("bob is there")?;
    let house = peer.meet(town.counter()?.address()).await?;
    let answer = peer.post(&house, Who::User, &peer.follow("f1", &house.user(bob))).await?;
    ensure!(answer.status == 202, "{answer:?}");
    let accept = peer.next_post().await?.check().await?;
    ensure!(accept["type"] == "FollowAccept", "{accept}");
    Ok(())
}

/// What the next note says that is posted to a server of paper.
async fn hears(peer: &mut Peer) -> Result<String> {
    Ok(content(&peer.next_post().await?.check().await?))
}

#[tokio::test]
async fn a_block_ends_sockets_and_lets_nothing_pass_and_what_waited_goes_once_it_is_lifted() -> Result<()> {
    let [a, mut b] = pair().await?;
    b.kill().await?;
    post(&a, "before").await?;
    sees(&a, &b.host(), |peer| peer["waiting"] == 1 && peer["sockets"] == 0).await?;
    set_standing(&a, &b.host(), "blocked").await?;
    b.start().await?;

    post(&a, "unheard").await?;
    post(&b, "refused").await?;
    let dead = format!("/dead-letters?host={}", a.host());
    let letters = b.counter()?.until("instance/*", &dead, |all| all.to_string().contains("refused")).await?;
    ensure!(letters[0]["error"].as_str().is_some_and(|error| error.starts_with("403")), "{letters}");
    let blocked = sees(&a, &b.host(), |_| true).await?;
    ensure!(blocked["waiting"] == 1 && blocked["sockets"] == 0, "{blocked}");
    ensure!(said(&a, &b.host()).await?.is_empty() && said(&b, &a.host()).await?.is_empty(), "a block is one both ways");

    set_standing(&a, &b.host(), "neutral").await?;
    has(&b, &a, &["before".to_owned()]).await?;
    let requeued = b.counter()?.ask("POST", &format!("{}/retry", path(&a.host())), Value::Null).await?;
    ensure!(requeued["requeued"] == 1, "{requeued}");
    has(&a, &b, &["refused".to_owned()]).await
}

#[tokio::test]
async fn a_block_closes_a_socket_with_4403_and_none_opens_after_it() -> Result<()> {
    let town = town(3).await?;
    let peer = Peer::open().await?;
    let house = peer.meet(town.counter()?.address()).await?;
    let mut line = peer.dial(&house).await?;
    set_standing(&town, peer.host(), "blocked").await?;
    ensure!(line.closed().await? == 4403);
    let mut next = peer.knock(&house).await?;
    ensure!(next.greet().await.is_err(), "a blocked server was greeted");
    ensure!(peer.post(&house, Who::User, &peer.note("n1", "hello")).await?.status == 403);
    set_standing(&town, peer.host(), "neutral").await?;
    let mut line = peer.dial(&house).await?;
    line.send(Who::User, &peer.note("n2", "hello")).await?;
    ensure!(line.receipt().await?["status"] == 202);
    Ok(())
}

#[tokio::test]
async fn where_only_some_are_allowed_others_are_not() -> Result<()> {
    let town = Town::found_plain(Path::new(BINARY), 4, &[("QUINTET_FEDERATION_OPEN", "false")]).await?;
    town.user("bob").await?;
    let peer = Peer::open().await?;
    let house = peer.meet(town.counter()?.address()).await?;
    let (note, follow) = (peer.note("n1", "hello"), json!({ "whom": peer.user() }));
    ensure!(peer.post(&house, Who::User, &note).await?.status == 403);
    let refused = town.counter()?.try_ask("POST", "/follows?as=bob", follow.clone()).await?;
    ensure!(refused.status == 403, "{refused:?}");
    let mut line = peer.knock(&house).await?;
    ensure!(line.greet().await.is_err(), "a server that nobody allowed was greeted");

    set_standing(&town, peer.host(), "allowed").await?;
    ensure!(peer.post(&house, Who::User, &note).await?.status == 202);
    town.counter()?.ask("POST", "/follows?as=bob", follow).await?;
    let mut line = peer.dial(&house).await?;
    set_standing(&town, peer.host(), "neutral").await?;
    ensure!(line.closed().await? == 4403, "who is no longer allowed has to go");
    ensure!(said(&town, peer.host()).await? == ["hello"]);
    Ok(())
}

#[tokio::test]
async fn a_dead_letter_is_seen_and_sent_again() -> Result<()> {
    let town = town(5).await?;
    let mut peer = Peer::open().await?;
    follow(&mut peer, &town).await?;
    peer.answer_with([Reply::of(403), Reply::of(404)]);
    for text in ["one", "two", "three"] {
        post(&town, text).await?;
        ensure!(hears(&mut peer).await? == text);
    }
    let dead = format!("/dead-letters?host={}", peer.host());
    let desk = town.counter()?;
    let letters = desk.until("instance/*", &dead, |all| all.as_array().is_some_and(|all| all.len() == 2)).await?;
    for (status, text) in [("403: not now", "one"), ("404: not now", "two")] {
        let is = |letter: &Value| letter["error"] == status && letter["text"].to_string().contains(text);
        ensure!(letters.as_array().is_some_and(|all| all.iter().any(is)), "no {status} of {text}: {letters}");
    }
    let requeued = desk.ask("POST", &format!("{}/retry", path(peer.host())), Value::Null).await?;
    ensure!(requeued["requeued"] == 2, "{requeued}");
    for text in ["one", "two"] {
        ensure!(hears(&mut peer).await? == text);
    }
    sees(&town, peer.host(), |peer| peer["dead_letters"] == 0 && peer["waiting"] == 0).await.map(drop)
}

#[tokio::test]
async fn new_keys_lose_no_note() -> Result<()> {
    let [a, b] = pair().await?;
    let key = |peer: &Value| peer["key"]["public_key"].clone();
    let old = key(&sees(&b, &a.host(), |peer| peer["key"]["public_key"].is_string()).await?);
    let notes = texts("note", 40);
    for (number, text) in notes.iter().enumerate() {
        // Some are signed with the old keys, and on their way.
        if number == 20 {
            a.counter()?.ask("POST", "/keys/rotate", Value::Null).await?;
        }
        post(&a, text).await?;
    }
    has(&b, &a, &notes).await?;
    // Its server signs, too, when it greets.
    a.proxy().cut();
    b.proxy().cut();
    post(&a, "after").await?;
    has(&b, &a, &[notes, vec!["after".to_owned()]].concat()).await?;
    sees(&b, &a.host(), |peer| key(peer).is_string() && key(peer) != old).await.map(drop)
}

#[tokio::test]
async fn what_is_said_while_a_server_is_down_comes_when_it_is_up_again() -> Result<()> {
    let [a, mut b] = pair().await?;
    b.kill().await?;
    let notes = texts("note", 20);
    for text in &notes {
        post(&a, text).await?;
    }
    let missed = sees(&a, &b.host(), |peer| peer["waiting"] == 20 && peer["next_try"].is_i64()).await?;
    ensure!(missed["last_error"]["message"].is_string() && missed["state"] == "waiting", "{missed}");
    b.start().await?;
    has(&b, &a, &notes).await?;
    sees(&a, &b.host(), |peer| peer["waiting"] == 0 && peer["dead_letters"] == 0).await.map(drop)
}

#[tokio::test]
async fn who_refuses_the_socket_that_it_offers_is_told_over_http() -> Result<()> {
    let town = town(6).await?;
    let mut peer = Peer::open().await?;
    let metadata = "/.well-known/versia";
    let document = request(peer.address(), Ask { path: metadata, ..Ask::default() }).await?.json()?;
    ensure!(document["extensions"]["pub.versia:websockets"]["endpoint"].is_string(), "{document}");
    peer.serve(metadata, &document);
    follow(&mut peer, &town).await?;
    post(&town, "hello").await?;
    ensure!(hears(&mut peer).await? == "hello");
    sees(&town, peer.host(), |peer| peer["waiting"] == 0 && peer["sockets"] == 0).await?;
    let metrics = request(town.counter()?.address(), Ask { path: "/metrics", ..Ask::default() }).await?;
    let metrics = String::from_utf8_lossy(&metrics.body).into_owned();
    ensure!(metrics.contains(r#"quintet_peer_dials_total{result="failed"}"#), "it was not dialled: {metrics}");
    Ok(())
}

#[tokio::test]
async fn who_sends_nothing_but_errors_has_to_go() -> Result<()> {
    let town = town(7).await?;
    let peer = Peer::open().await?;
    let mut line = peer.dial(&peer.meet(town.counter()?.address()).await?).await?;
    for _ in 0..100 {
        line.say("{}").await?;
        ensure!(line.receipt().await?["status"] == 400);
    }
    line.send(Who::User, &peer.note("n1", "a word of sense")).await?;
    ensure!(line.receipt().await?["status"] == 202, "a hundred errors are forgiven");
    for _ in 0..101 {
        line.say("{}").await?;
    }
    ensure!(line.closed().await? == 4429);
    Ok(())
}
