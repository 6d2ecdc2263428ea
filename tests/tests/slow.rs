//! A client that stops reading harms nobody: it is closed with a reason, and the others hear everything, in order.

use anyhow::{Context, Result, ensure};
use quintet_tests::client::{Heard, Socket};
use quintet_tests::house::{House, Plan};
use serde_json::{Value, json};

/// Enough to fill the kernel's buffers of a loopback connection and the queue behind them, many times.
const MESSAGES: usize = 600;
const SIZE: usize = 60_000;
const QUEUE: u64 = 200_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_stops_reading_is_closed_and_others_hear_everything() -> Result<()> {
    let mut plan = Plan::default();
    plan.limits.insert("queue_bytes".into(), QUEUE);
    let house = House::open(plan).await?;
    let mut sender = join(&house).await?;
    let mut reader = join(&house).await?;
    let mut sleeper = join(&house).await?;

    for number in 0..MESSAGES {
        let data = json!({"n": number, "pad": "x".repeat(SIZE)});
        sender.say(json!({"type": "channel", "channel_ids": ["lobby"], "data": data}).to_string()).await?;
        ensure!(sender.hear_json().await?["n"] == number, "the sender is in the channel and hears itself");
        ensure!(reader.hear_json().await?["n"] == number, "nobody else is held up, nothing is out of order");
    }

    let closes = slow_closes(&house).await?;
    ensure!(closes == 1, "one connection was too slow, the server counts {closes}");
    let (last, heard) = last_words(&mut sleeper).await?;
    ensure!(heard < MESSAGES, "the sleeper cannot have got everything");
    if let Heard::Close(close) = last {
        ensure!(close == Some((1013, "slow consumer".into())), "closed with {close:?}");
    }
    house.close().await
}

async fn join(house: &House) -> Result<Socket> {
    let mut socket = Socket::open(house.address(), "/websocket?channel_id=lobby").await?;
    let hello = socket.hear_json().await?;
    ensure!(hello["type"] == "connection", "{hello}");
    Ok(socket)
}

/// What a connection heard until its end: whole messages in order from the first, then the close or the end.
async fn last_words(socket: &mut Socket) -> Result<(Heard, usize)> {
    for number in 0.. {
        match socket.hear().await? {
            Heard::Text(text) => {
                let heard: Value = serde_json::from_str(&text)?;
                ensure!(heard["n"] == number, "out of order: {} instead of {number}", heard["n"]);
            }
            end => return Ok((end, number)),
        }
    }
    unreachable!("the numbers do not end")
}

async fn slow_closes(house: &House) -> Result<u64> {
    let metrics = house.ask("GET", "/metrics", Vec::new(), bytes::Bytes::new()).await?;
    let text = String::from_utf8(metrics.body.to_vec())?;
    let lines = text.lines().filter(|line| line.starts_with("quintet_slow_closes_total{"));
    lines.map(|line| Ok(line.rsplit(' ').next().context("a value")?.parse::<u64>()?)).sum()
}
