//! Acknowledged means durable: `kill -9` during a write storm, again and again, loses nothing that was acknowledged.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use quintet_tests::client::{Ask, Heard, Socket, request};
use quintet_tests::process::{ADMIN_PASSWORD, Process};
use serde_json::{Value, json};
use tokio::sync::watch;

const ROUNDS: u64 = 4;
const REST_WRITERS: u64 = 4;
const SOCKET_WRITERS: u64 = 4;

/// What was acknowledged: the chat's content by its id, as the answer or anybody's `chat_sent` said.
#[derive(Default)]
struct Acknowledged {
    contents: Mutex<HashMap<u64, String>>,
    count: watch::Sender<usize>,
}

impl Acknowledged {
    fn add(&self, chat: &Value) {
        let id = chat["id"].as_u64().expect("a chat has an id");
        let content = chat["content"].as_str().expect("a chat has content").to_owned();
        let mut contents = self.contents.lock().expect("no writer panics");
        let before = contents.insert(id, content.clone());
        assert!(before.is_none_or(|before| before == content), "chat {id} changed its content");
        self.count.send_replace(contents.len());
    }

    /// Waits until `more` further chats were acknowledged.
    async fn wait_for(&self, more: usize) -> Result<()> {
        let goal = *self.count.borrow() + more;
        self.count.subscribe().wait_for(|count| *count >= goal).await?;
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_to_a_kill() -> Result<()> {
    let seed = seed();
    println!("seed {seed} (QUINTET_TEST_SEED={seed} replays it)");
    let data = tempfile::tempdir()?;
    let acknowledged = Arc::new(Acknowledged::default());
    let sequence = Arc::new(AtomicU64::new(0));
    for round in 0..ROUNDS {
        let server = start(data.path()).await?;
        let token = log_in(server.address()).await?;
        verify(server.address(), &token, &acknowledged).await.with_context(|| format!("round {round}"))?;
        let storm = storm(server.address(), &token, &acknowledged, &sequence).await?;
        acknowledged.wait_for(200 + usize::try_from(seed.rotate_left(u32::try_from(round)? * 7) % 400)?).await?;
        server.kill().await?;
        for writer in storm {
            writer.await?;
        }
    }
    let server = start(data.path()).await?;
    let token = log_in(server.address()).await?;
    verify(server.address(), &token, &acknowledged).await
}

fn seed() -> u64 {
    let given = std::env::var("QUINTET_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    // A fresh seed is the one thing here that may come from the clock: it is printed.
    #[allow(clippy::disallowed_methods, reason = "a random seed, printed and replayable")]
    given.unwrap_or_else(|| {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |time| u64::from(time.subsec_nanos()))
    })
}

async fn start(data: &Path) -> Result<Process> {
    Process::start(Path::new(env!("CARGO_BIN_EXE_quintet")), data).await
}

async fn ask(address: SocketAddr, method: &str, path: &str, token: &str, body: &Value) -> Result<Value> {
    let headers = vec![("content-type", "application/json".to_owned()), ("authorization", format!("Bearer {token}"))];
    let body = if body.is_null() { Bytes::new() } else { body.to_string().into() };
    let answer = request(address, Ask { method, path, headers, body }).await?;
    ensure!(answer.status == 200, "{method} {path}: {} {:?}", answer.status, answer.body);
    answer.json()
}

async fn log_in(address: SocketAddr) -> Result<String> {
    let login = json!({"username": "admin", "password": ADMIN_PASSWORD});
    let answer = ask(address, "POST", "/api/tokens", "", &login).await?;
    Ok(answer["token"].as_str().context("a token")?.to_owned())
}

async fn storm(
    address: SocketAddr,
    token: &str,
    acknowledged: &Arc<Acknowledged>,
    sequence: &Arc<AtomicU64>,
) -> Result<Vec<tokio::task::JoinHandle<()>>> {
    let server = ask(address, "GET", "/api/server", token, &Value::Null).await?;
    let channel = server["defaultChannelId"].as_u64().context("a default channel")?;
    let mut writers = Vec::new();
    for _ in 0..REST_WRITERS {
        let (token, acknowledged, sequence) = (token.to_owned(), Arc::clone(acknowledged), Arc::clone(sequence));
        writers
            .push(tokio::spawn(async move { write_by_rest(address, &token, channel, &acknowledged, &sequence).await }));
    }
    for _ in 0..SOCKET_WRITERS {
        let socket = Socket::open(address, &format!("/client?token={token}")).await?;
        let (acknowledged, sequence) = (Arc::clone(acknowledged), Arc::clone(sequence));
        writers.push(tokio::spawn(async move { write_by_socket(socket, channel, &acknowledged, &sequence).await }));
    }
    Ok(writers)
}

/// Posts until the server is gone.
async fn write_by_rest(
    address: SocketAddr,
    token: &str,
    channel: u64,
    acknowledged: &Acknowledged,
    sequence: &AtomicU64,
) {
    let path = format!("/api/channels/{channel}/chats");
    loop {
        let content = format!("rest {}", sequence.fetch_add(1, Ordering::Relaxed));
        let Ok(chat) = ask(address, "POST", &path, token, &json!({ "content": content })).await else { return };
        acknowledged.add(&chat);
    }
}

/// Writes bursts and hears everybody's, until the server is gone.
async fn write_by_socket(mut socket: Socket, channel: u64, acknowledged: &Acknowledged, sequence: &AtomicU64) {
    loop {
        for _ in 0..4 {
            let content = format!("socket {}", sequence.fetch_add(1, Ordering::Relaxed));
            let written = json!({"type": "chat_written", "channelId": channel, "threadId": null, "content": content});
            if socket.say(written.to_string()).await.is_err() {
                return;
            }
        }
        for _ in 0..4 {
            let Ok(Heard::Text(text)) = socket.hear().await else { return };
            let heard: Value = serde_json::from_str(&text).expect("the server speaks JSON");
            if heard["type"] == "chat_sent" {
                acknowledged.add(&heard["chat"]);
            }
        }
    }
}

/// Reads everything back: each acknowledged chat is there once, with its content, and the order is that of the ids.
async fn verify(address: SocketAddr, token: &str, acknowledged: &Acknowledged) -> Result<()> {
    let mut there = HashMap::new();
    let mut order = Vec::new();
    for page in 0.. {
        let path = format!("/api/chats?size=200&page={page}");
        let chats = ask(address, "GET", &path, token, &Value::Null).await?;
        let chats = chats.as_array().context("a list of chats")?;
        if chats.is_empty() {
            break;
        }
        for chat in chats {
            let id = chat["id"].as_u64().context("an id")?;
            order.push((chat["createdAt"].as_i64(), id));
            ensure!(there.insert(id, chat["content"].clone()).is_none(), "chat {id} is listed twice");
        }
    }
    ensure!(order.is_sorted_by(|a, b| a > b), "the newest come first");
    let contents: HashSet<_> = there.values().map(Value::to_string).collect();
    ensure!(contents.len() == there.len(), "a chat was stored twice");
    for (id, content) in acknowledged.contents.lock().expect("no writer panics").iter() {
        ensure!(
            there.get(id).is_some_and(|stored| stored == content),
            "chat {id} ({content}) was acknowledged and is lost"
        );
    }
    Ok(())
}
