//! Other people's clients, unmodified, in one conversation: Concord's and Jac Cloud's documented clients on Node.js.
//!
//! Needs `make guests` (npm, by lock file) once.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use quintet_tests::client::{PATIENCE, Socket};
use quintet_tests::house::{House, Plan};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

struct Guest {
    child: Child,
    heard: Lines<BufReader<ChildStdout>>,
}

impl Guest {
    fn invite(script: &str, arguments: &[&str]) -> Result<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("guests");
        ensure!(folder.join("node_modules").exists(), "the guests are not installed: run `make guests`");
        let mut child = Command::new("node")
            .arg(script)
            .args(arguments)
            .current_dir(folder)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("Node.js is needed for the guests")?;
        let output = child.stdout.take().context("the guest's output is piped")?;
        Ok(Self { child, heard: BufReader::new(output).lines() })
    }

    /// Waits for a frame that passes.
    async fn hears(&mut self, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        let search = async {
            while let Some(line) = self.heard.next_line().await? {
                let frame: Value = serde_json::from_str(&line)?;
                if wanted(&frame) {
                    return Ok(frame);
                }
            }
            anyhow::bail!("the guest left without hearing it")
        };
        tokio::time::timeout(PATIENCE, search).await.context("the guest did not hear it in time")?
    }

    async fn leaves(mut self) -> Result<()> {
        let status = tokio::time::timeout(PATIENCE, self.child.wait()).await.context("the guest stays")??;
        ensure!(status.success(), "the guest left with {status}");
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_concord_and_a_jac_client_hold_one_conversation() -> Result<()> {
    let house = House::open(Plan::default()).await?;
    let ann = house.user("ann").await?;
    let general = house.general(&ann).await?;

    let mut jac =
        Guest::invite("jac.mjs", &[house.url(), "bob@example.org", "bob-secret", &format!("room:{general}")])?;
    let connection = jac.hears(|frame| frame["type"] == "connection").await?;
    ensure!(connection["data"]["channel_id"] == format!("room:{general}"), "{connection}");
    jac.hears(|frame| frame["type"] == "chat" && frame["data"]["chat"]["content"] == "hello from jac").await?;

    let mut concord = Guest::invite("concord.mjs", &[house.url(), "ann", "ann-secret"])?;
    concord.hears(|frame| frame["type"] == "chat_sent" && frame["chat"]["content"] == "hello from concord").await?;
    let chat =
        jac.hears(|frame| frame["type"] == "chat" && frame["data"]["chat"]["content"] == "hello from concord").await?;
    ensure!(chat["data"]["chat"]["author"]["username"] == "ann", "{chat}");
    ensure!(chat["data"]["chat"]["via"] == "concord", "{chat}");

    let mut socket = Socket::open(house.address(), &format!("/client?token={}", ann.token)).await?;
    let goodbye = json!({"type": "chat_written", "channelId": general, "threadId": null, "content": "goodbye"});
    socket.say(goodbye.to_string()).await?;
    concord.leaves().await?;
    jac.leaves().await?;
    house.close().await
}
