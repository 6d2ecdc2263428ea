//! Acknowledged means durable, for signed commits: `kill -9` while many write to one document loses none, doubles none and turns none around,
//! also where clients hand in again what was not answered.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result, ensure};
use quintet_core::{Origin, Position, Timestamp, term};
use quintet_tests::agent::{Agent, Signed};
use quintet_tests::client::{Ask, request};
use quintet_tests::process::Process;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;

const ORIGIN: &str = "http://durable.example";
const LIST: &str = "https://p.example/list";
const ROUNDS: usize = 3;
const WRITERS: usize = 4;
/// Acknowledged commits of one round.
const STORM: usize = 150;

/// The offset that was acknowledged for each signature.
#[derive(Default)]
struct Acknowledged {
    offsets: Mutex<HashMap<String, u64>>,
    count: watch::Sender<usize>,
}

impl Acknowledged {
    fn add(&self, signed: &Signed, offset: u64) {
        let mut offsets = self.offsets.lock().expect("no writer panics");
        let before = offsets.insert(signed.signature.clone(), offset);
        assert!(before.is_none_or(|before| before == offset), "a commit is known by one offset");
        self.count.send_replace(offsets.len());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_commits_are_there_once_and_in_order() -> Result<()> {
    let data = tempfile::tempdir()?;
    let (acknowledged, number) = (Arc::new(Acknowledged::default()), Arc::new(AtomicI64::new(0)));
    let mut unanswered = vec![make()?];
    for round in 0..ROUNDS {
        let server = start(data.path()).await?;
        for signed in unanswered.drain(..) {
            acknowledged.add(&signed, post(server.address(), &signed).await?);
        }
        verify(server.address(), &acknowledged).await.with_context(|| format!("round {round}"))?;
        let goal = *acknowledged.count.borrow() + STORM;
        let writers: Vec<_> = (0..WRITERS).map(|_| write(server.address(), &acknowledged, &number)).collect();
        acknowledged.count.subscribe().wait_for(|count| *count >= goal).await?;
        server.kill().await?;
        for writer in writers {
            unanswered.push(writer.await?);
        }
    }
    verify(start(data.path()).await?.address(), &acknowledged).await
}

async fn start(data: &Path) -> Result<Process> {
    Process::start_at(Path::new(env!("CARGO_BIN_EXE_quintet")), data, ORIGIN).await
}

/// A drive that everybody reads and writes.
fn make() -> Result<Signed> {
    let everybody = json!([term::PUBLIC_AGENT]);
    sign(0, &json!({ "set": { term::IS_A: [term::DRIVE], term::READ: everybody, term::WRITE: everybody } }))
}

fn sign(number: i64, change: &Value) -> Result<Signed> {
    let mut members = change.clone();
    members["subject"] = format!("{ORIGIN}/list").into();
    let agent = Agent::named("durable", &Origin(ORIGIN.into()));
    agent.commit(&members.to_string(), Timestamp::from_millis(1_700_000_000_000 + number))
}

/// Hands in a commit; gives back its offset in the document's history.
async fn post(address: SocketAddr, signed: &Signed) -> Result<u64> {
    let body = signed.json.clone().into();
    let answer = request(address, Ask { method: "POST", path: "/commit", headers: Vec::new(), body }).await?;
    ensure!(answer.status == 200, "{} {:?}", answer.status, answer.body);
    let position: Position = answer.header("x-quintet-position").context("a position")?.parse()?;
    Ok(position.offset)
}

/// Appends numbers until the server is gone; gives back the commit that was not answered.
fn write(address: SocketAddr, acknowledged: &Arc<Acknowledged>, number: &Arc<AtomicI64>) -> JoinHandle<Signed> {
    let (acknowledged, number) = (Arc::clone(acknowledged), Arc::clone(number));
    tokio::spawn(async move {
        loop {
            let number = number.fetch_add(1, Ordering::Relaxed);
            let signed =
                sign(number, &json!({ "push": { LIST: [format!("item {number}")] } })).expect("a commit can be signed");
            match post(address, &signed).await {
                Ok(offset) => acknowledged.add(&signed, offset),
                Err(_) => return signed,
            }
        }
    })
}

async fn read(address: SocketAddr, path: &str) -> Result<Value> {
    let answer = request(address, Ask { path, ..Ask::default() }).await?;
    ensure!(answer.status == 200, "{path}: {} {:?}", answer.status, answer.body);
    answer.json()
}

/// Each acknowledged commit stands in the history where it was said to stand, each once, and the document is what they make of it.
async fn verify(address: SocketAddr, acknowledged: &Acknowledged) -> Result<()> {
    let history = read(address, &format!("/all-versions?subject={ORIGIN}/list")).await?;
    let commits = history[term::COLLECTION_MEMBERS].as_array().context("members")?;
    let places: HashMap<_, _> =
        (1..).zip(commits).map(|(offset, commit)| (commit[term::SIGNATURE].as_str(), offset)).collect();
    ensure!(places.len() == commits.len(), "a commit stands there twice");
    for (signature, offset) in acknowledged.offsets.lock().expect("no writer panics").iter() {
        ensure!(places.get(&Some(signature)) == Some(offset), "{signature} was acknowledged at {offset}");
    }
    let pushed = commits.iter().filter_map(|commit| commit[term::PUSH][LIST].as_array()).flatten();
    let list = read(address, "/list").await?[LIST].clone();
    ensure!(pushed.eq(list.as_array().into_iter().flatten()), "the list is what was pushed, in order");
    Ok(())
}
