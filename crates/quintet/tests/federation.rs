//! Two real servers, each with its own database, joined by proxies that behave as badly as a net: everything arrives, in order, once.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use quintet_tests::client::Flow;
use quintet_tests::town::{Counter, Town};
use serde_json::{Value, json};
use tokio::sync::watch;

/// Notes each way.
const NOTES: u64 = 10_000;
/// Who writes them, on each side.
const WRITERS: u64 = 4;
const CUTS: u64 = 50;
const KILLS: u64 = 5;
/// How long nothing may arrive at all.
const STILL: Duration = Duration::from_secs(90);

/// A town with somebody in it who writes, and what was acknowledged to them.
struct Side {
    town: tokio::sync::Mutex<Town>,
    host: String,
    /// Where the server is now; `None` while it is down.
    counter: watch::Sender<Option<Counter>>,
    /// Numbers of notes that are on disk, as their writers were told.
    acknowledged: Mutex<Vec<u64>>,
}

const WHO: &str = "bob";

impl Side {
    async fn found(seed: u64, settings: &[(&'static str, &'static str)]) -> Result<Arc<Self>> {
        let town = Town::found_with(Path::new(env!("CARGO_BIN_EXE_quintet")), seed, settings).await?;
        town.user(WHO).await?;
        let (host, counter) = (town.host(), town.counter()?);
        let acknowledged = Mutex::default();
        Ok(Arc::new(Self { town: town.into(), host, counter: watch::Sender::new(Some(counter)), acknowledged }))
    }

    /// Where the server is, once it is up.
    async fn up(&self) -> Result<Counter> {
        let mut counter = self.counter.subscribe();
        let up = counter.wait_for(Option::is_some).await?;
        (*up).context("it is up")
    }

    async fn ask(&self, method: &str, path: &str, body: Value) -> Result<Value> {
        self.up().await?.ask(method, path, body).await
    }

    /// Kills the server, and starts it again.
    async fn kill(&self) -> Result<()> {
        let mut town = self.town.lock().await;
        self.counter.send_replace(None);
        town.kill().await?;
        town.start().await?;
        self.counter.send_replace(Some(town.counter()?));
        Ok(())
    }

    /// Writes until so many notes are on disk. A note whose writer was not told so may be there all the same.
    async fn write(&self, count: u64, words: &str, total: &watch::Sender<u64>) -> Result<()> {
        let mut written = 0;
        while written < count {
            let body = json!({ "content": format!("note {written}{words}") });
            if let Ok(note) = self.ask("POST", &format!("/notes?as={WHO}"), body).await {
                self.acknowledged.lock().expect("no writer panics").push(note["id"].as_u64().context("an id")?);
                written += 1;
                total.send_modify(|total| *total += 1);
            }
        }
        Ok(())
    }
}

/// The numbers of the notes that came from the other side, in the order in which they came.
async fn arrived(side: &Side, other: &Side) -> Result<Vec<u64>> {
    let notes = side.up().await?.entities(&other.host, "Note").await?;
    let number = |note: &Value| note["url"].as_str()?.rsplit('/').next()?.parse().ok();
    notes.iter().map(|note| number(note).with_context(|| format!("a number: {note}"))).collect()
}

/// Waits until something is said; an empty line only tells that the server is there.
async fn something(tail: &mut Flow) -> Result<()> {
    while let Some(lines) = tail.next().await? {
        if !lines.trim_ascii().is_empty() {
            break;
        }
    }
    Ok(())
}

/// Waits until the follow of one's user stands.
async fn followed(side: &Side, other: &Side) -> Result<()> {
    loop {
        let mut tail = side.up().await?.tail(&format!("instance/{}", other.host)).await?;
        let follows = side.ask("GET", &format!("/follows?as={WHO}"), Value::Null).await?;
        if follows["following"][0]["state"] == "accepted" {
            return Ok(());
        }
        tokio::time::timeout(STILL, something(&mut tail)).await.context("nobody accepts")??;
    }
}

fn seed() -> u64 {
    let given = std::env::var("QUINTET_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    given.unwrap_or_else(|| u64::from(std::process::id()).wrapping_mul(0x9E37_79B9_7F4A_7C15))
}

/// What happens, shuffled by the seed: which side is cut or killed.
fn misfortunes(seed: u64) -> Vec<(bool, usize)> {
    let mut dice = seed | 1;
    let mut all: Vec<_> = (0..CUTS + KILLS).map(|number| (number < KILLS, usize::from(number % 2 == 0))).collect();
    for place in (1..all.len()).rev() {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        all.swap(place, usize::try_from(dice % (place as u64 + 1)).expect("a small number"));
    }
    all
}

/// Brings the misfortunes down on both, one after each so many notes.
async fn trouble(sides: &[Arc<Side>; 2], seed: u64, mut total: watch::Receiver<u64>) -> Result<()> {
    let all = misfortunes(seed);
    let step = 2 * NOTES / (all.len() as u64 + 1);
    for (turn, (kill, side)) in (1..).zip(all) {
        total.wait_for(|total| *total >= turn * step).await?;
        if kill {
            sides[side].kill().await?;
        } else {
            sides[side].town.lock().await.proxy().cut();
        }
    }
    Ok(())
}

/// Waits until everything that was acknowledged there has come here, and nothing else is wrong with it.
async fn settle(side: &Side, other: &Side) -> Result<()> {
    loop {
        let mut tail = side.up().await?.tail(&format!("instance/{}", other.host)).await?;
        let came = arrived(side, other).await?;
        let mut sorted = came.clone();
        sorted.sort_unstable();
        sorted.dedup();
        ensure!(sorted == came, "out of order, or twice, among {}", came.len());
        let missing = other
            .acknowledged
            .lock()
            .expect("no writer panics")
            .iter()
            .filter(|id| came.binary_search(id).is_err())
            .count();
        if missing == 0 {
            return Ok(());
        }
        let more = tokio::time::timeout(STILL, something(&mut tail)).await;
        more.with_context(|| format!("{missing} are missing, and nothing comes any more"))??;
    }
}

/// Two who follow each other.
async fn two(seed: u64, settings: &[(&'static str, &'static str)]) -> Result<[Arc<Side>; 2]> {
    let sides = [Side::found(seed, settings).await?, Side::found(seed ^ 0xABCD, settings).await?];
    for (side, other) in [(0, 1), (1, 0)] {
        let whom = format!("{WHO}@{}", sides[other].host);
        sides[side].ask("POST", &format!("/follows?as={WHO}"), json!({ "whom": whom })).await?;
    }
    for (side, other) in [(0, 1), (1, 0)] {
        followed(&sides[side], &sides[other]).await?;
    }
    Ok(sides)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_arrives_in_order_and_once_through_cuts_and_kills() -> Result<()> {
    let seed = seed();
    println!("seed {seed} (QUINTET_TEST_SEED={seed} replays it)");
    let sides = two(seed, &[]).await?;
    for side in &sides {
        let town = side.town.lock().await;
        let faults = town.proxy().faults();
        faults.dropped.store(100, Ordering::Relaxed);
        faults.duplicated.store(5_000, Ordering::Relaxed);
        faults.delay.store(2_000, Ordering::Relaxed);
    }
    let total = watch::Sender::new(0);
    let mut writers = tokio::task::JoinSet::new();
    for side in &sides {
        for _ in 0..WRITERS {
            let (side, total) = (Arc::clone(side), total.clone());
            writers.spawn(async move { side.write(NOTES / WRITERS, "", &total).await });
        }
    }
    trouble(&sides, seed, total.subscribe()).await?;
    while let Some(written) = writers.join_next().await {
        written??;
    }
    settle(&sides[0], &sides[1]).await?;
    settle(&sides[1], &sides[0]).await?;
    for side in &sides {
        let town = side.town.lock().await;
        let deeds = town.proxy().deeds();
        let count = |deed: &AtomicU64| deed.load(Ordering::Relaxed);
        println!(
            "{} connections, {} of them sockets; {} frames dropped, {} sent twice",
            count(&deeds.connections),
            count(&deeds.sockets),
            count(&deeds.dropped),
            count(&deeds.duplicated)
        );
        ensure!(count(&deeds.sockets) > 0, "nothing went over a socket");
    }
    Ok(())
}

/// Large notes each way while each side takes very little at once: receipts have to get past what waits to be sent.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_busy_servers_with_little_room_do_not_block_each_other() -> Result<()> {
    const BUSY: u64 = 200;
    let little = [
        ("QUINTET_LIMITS_QUEUE_BYTES", "4096"),
        ("QUINTET_LIMITS_CONNECTION_CALLS", "1"),
        ("QUINTET_LIMITS_PEER_CONNECTIONS", "1"),
    ];
    let sides = two(seed(), &little).await?;
    let words = " and so on".repeat(6_000);
    let total = watch::Sender::new(0);
    tokio::try_join!(sides[0].write(BUSY, &words, &total), sides[1].write(BUSY, &words, &total))?;
    let begun = std::time::Instant::now();
    settle(&sides[0], &sides[1]).await?;
    settle(&sides[1], &sides[0]).await?;
    println!("{} notes of {} bytes each way in {:?}", BUSY, words.len(), begun.elapsed());
    // One socket serves both.
    let mut sockets = 0;
    for side in &sides {
        sockets += side.town.lock().await.proxy().deeds().sockets.load(Ordering::Relaxed);
    }
    ensure!(sockets > 0, "nothing went over a socket");
    Ok(())
}
