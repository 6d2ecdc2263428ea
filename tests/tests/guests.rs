//! Other people's clients, unmodified: Concord's and Jac Cloud's documented clients on Node.js in one conversation, a client as
//! Flamigo's guide has it, and the Atomic client of its makers, `@tomic/lib`, through everything that it can do; their Rust library; and servers
//! of Versia with the habits of deployed ones.
//!
//! Needs `make guests` (npm and cargo, by lock file) once.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use quintet_tests::client::{PATIENCE, Socket};
use quintet_tests::house::{API_KEY, House, Plan};
use quintet_tests::process::ADMIN_PASSWORD;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// How long one visit of an Atomic guest may take; each wait inside of it has a limit of its own.
const VISIT: Duration = Duration::from_mins(4);

/// Where the guests live.
fn folder() -> Result<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("guests");
    ensure!(folder.join("node_modules").exists(), "the guests are not installed: run `make guests`");
    Ok(folder)
}

struct Guest {
    child: Child,
    heard: Lines<BufReader<ChildStdout>>,
}

impl Guest {
    fn invite(script: &str, arguments: &[&str]) -> Result<Self> {
        let mut child = Command::new("node")
            .arg(script)
            .args(arguments)
            .current_dir(folder()?)
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flamigo_client_calls_hears_and_chats_with_concord() -> Result<()> {
    let house = House::open(Plan::default()).await?;
    let (ann, bob) = (house.user("ann").await?, house.user("bob").await?);
    let general = house.general(&ann).await?;
    let mut concord = Socket::open(house.address(), &format!("/client?token={}", ann.token)).await?;

    let mut flamigo = Guest::invite("flamigo.mjs", &[house.url(), &bob.token, &general.to_string()])?;
    let push = flamigo.hears(|frame| frame["topic"] == "notes/blue").await?;
    ensure!(push == json!({"topic": "notes/blue", "payload": {"text": "hi"}}), "{push}");
    let chat = flamigo.hears(|frame| frame["topic"] == "chat:sent").await?;
    ensure!(chat["payload"]["chat"]["content"] == "hello from flamigo", "{chat}");
    loop {
        let heard: Value = serde_json::from_str(&concord.hear_text().await?)?;
        if heard["type"] == "chat_sent" {
            ensure!(heard["chat"]["content"] == "hello from flamigo", "{heard}");
            break;
        }
    }

    let goodbye = json!({"type": "chat_written", "channelId": general, "threadId": null, "content": "goodbye"});
    concord.say(goodbye.to_string()).await?;
    let chat = flamigo.hears(|frame| frame["payload"]["chat"]["content"] == "goodbye").await?;
    ensure!(chat["payload"]["chat"]["via"] == "concord", "{chat}");
    flamigo.leaves().await?;
    house.close().await
}

/// Lets a guest that tells by its exit how it was into a house of its own.
async fn visit(guest: &mut Command) -> Result<()> {
    let house = House::open(Plan::default()).await?;
    let secret = house.agent_secret("admin").await?;
    guest.env("HOUSE_URL", &house.origin().0).env("HOUSE_SECRET", secret).env("HOUSE_ADMIN_PASSWORD", ADMIN_PASSWORD);
    leave(guest).await?;
    house.close().await
}

/// Waits until a guest has left, content.
async fn leave(guest: &mut Command) -> Result<()> {
    let output = tokio::time::timeout(VISIT, guest.kill_on_drop(true).output()).await.context("the guests stay")?;
    let output = output.context("Node.js is needed for the guests, and `make guests`")?;
    let heard = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{}\n{heard}", output.status);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_rust_library_reads_what_it_writes_and_understands_a_refusal() -> Result<()> {
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("guests/atomic_lib/target/debug/quintet-guest-atomic-lib");
    ensure!(library.exists(), "the Rust guest is not built: run `make guests`");
    visit(&mut Command::new(library)).await
}

/// A server of one version of Versia lives beside a house with a federated room.
async fn versia(version: &str) -> Result<()> {
    let house = House::open_with(Plan::default(), |builder| builder.conformance(true)).await?;
    let admin = house.admin().await?;
    let group = house.general(&admin).await?;
    let path = format!("/api/channels/{group}");
    house.ask_json("PATCH", &path, Some(&admin.token), Some(json!({ "federated": true }))).await?;
    let mut node = Command::new("node");
    node.args(["--test-force-exit", "--test-reporter=spec"]).arg(format!("{version}.test.mjs"));
    node.env("HOUSE_URL", house.url()).env("HOUSE_KEY", API_KEY);
    node.env("HOUSE_GROUP", format!("{}/groups/{group}", house.url()));
    leave(node.current_dir(folder()?.join("versia"))).await?;
    house.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_strict_server_of_versia_0_5_lives_beside_the_house() -> Result<()> {
    versia("early").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_strict_server_of_versia_0_6_lives_beside_the_house() -> Result<()> {
    versia("later").await
}

/// Runs one file of Node.js tests.
async fn atomic(theme: &str) -> Result<()> {
    let mut node = Command::new("node");
    node.args(["--test-force-exit", "--test-reporter=spec"]).arg(format!("{theme}.test.mjs"));
    visit(node.current_dir(folder()?.join("atomic"))).await.context(theme.to_owned())
}

macro_rules! atomic {
    ($($theme:ident)*) => {
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $theme() -> Result<()> {
            super::atomic(stringify!($theme)).await
        })*

        const THEMES: &[&str] = &[$(stringify!($theme)),*];
    };
}

mod atomic_guests {
    use super::*;

    atomic! { attacks chat collections documents files forgery history invites live load login reconnect rights search wire }

    #[test]
    fn every_theme_is_run() -> Result<()> {
        for entry in std::fs::read_dir(folder()?.join("atomic"))? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if let Some(theme) = name.strip_suffix(".test.mjs") {
                ensure!(THEMES.contains(&theme), "nobody runs {name}");
            }
        }
        Ok(())
    }
}
