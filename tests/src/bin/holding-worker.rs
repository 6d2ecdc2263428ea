//! A worker for tests that kill it: answers what it is asked with its own name, after it was held up.
//!
//! `holding-worker ADDRESS TOKEN NAME ANSWERS`: runs `once` and `again`, which may be made again, 64 calls at once; `ready` says that it does. It
//! answers so many calls and says `holding` when it then has 64. A line on its input lets it go on.

use std::net::SocketAddr;

use anyhow::{Context, Result};
use quintet_tests::client::{Knock, Socket};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, stdin};

/// Calls at once.
const CALLS: usize = 64;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().context("say ADDRESS TOKEN NAME ANSWERS");
    let (address, token, name): (SocketAddr, _, _) = (next()?.parse()?, next()?, next()?);
    let answers: usize = next()?.parse()?;
    let headers = [("authorization".to_owned(), format!("Bearer {token}"))];
    let Knock::Open(mut socket) = Socket::knock(address, "/worker", &headers).await? else {
        anyhow::bail!("the worker is not let in");
    };
    let procedures = json!([{"name": "once"}, {"name": "again", "idempotent": true}]);
    let register =
        json!({"topic": "worker::register", "ack": "r", "payload": {"calls": CALLS, "procedures": procedures}});
    socket.say(register.to_string()).await?;
    socket.hear_json().await?;
    println!("ready");
    work(&mut socket, &name, answers).await
}

async fn work(socket: &mut Socket, name: &str, answers: usize) -> Result<()> {
    for _ in 0..answers {
        let call = socket.hear_json().await?;
        answer(socket, name, &call).await?;
    }
    let mut held = Vec::new();
    while held.len() < CALLS {
        held.push(socket.hear_json().await?);
    }
    println!("holding");
    BufReader::new(stdin()).lines().next_line().await?;
    for call in &held {
        answer(socket, name, call).await?;
    }
    loop {
        let call = socket.hear_json().await?;
        answer(socket, name, &call).await?;
    }
}

async fn answer(socket: &mut Socket, name: &str, call: &Value) -> Result<()> {
    let payload = json!({"by": name, "attempt": call["payload"]["attempt"]});
    socket.say(json!({"topic": "worker::call", "ack": call["ack"], "payload": payload}).to_string()).await
}
