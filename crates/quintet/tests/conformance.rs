//! Conformance mode makes its fixtures fixed, whatever it finds.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use quintet::{Running, Server, StartError};
use quintet_core::federation::desk::{Exhibit, List, Shown};
use quintet_core::federation::{Ask as Question, Own, Told};
use quintet_core::{Answer, Call, Identity};
use quintet_hub::Caller;
use quintet_server::config::Config;
use quintet_tests::client::{Ask, request};
use quintet_tests::process::{ADMIN_PASSWORD, Process};
use serde_json::json;

async fn start(data: &Path) -> Result<Process> {
    Process::start(Path::new(env!("CARGO_BIN_EXE_quintet")), data).await
}

async fn log_in(address: SocketAddr) -> Result<String> {
    let body = json!({"username": "admin", "password": ADMIN_PASSWORD}).to_string().into();
    let headers = vec![("content-type", "application/json".to_owned())];
    let answer = request(address, Ask { method: "POST", path: "/api/tokens", headers, body }).await?;
    ensure!(answer.status == 200, "{} {:?}", answer.status, answer.body);
    Ok(answer.json()?["token"].as_str().context("a token")?.to_owned())
}

#[tokio::test]
async fn the_admins_password_is_the_given_one_in_any_house() -> Result<()> {
    let data = tempfile::tempdir()?;
    let free = "127.0.0.1:0".parse()?;
    let founded = Server::builder().data(data.path()).listen(free).admin_password("another").start().await?;
    founded.shutdown().await;
    log_in(start(data.path()).await?.address()).await.map(drop)
}

#[tokio::test]
async fn a_token_holds_over_a_restart() -> Result<()> {
    let data = tempfile::tempdir()?;
    let first = start(data.path()).await?;
    let token = log_in(first.address()).await?;
    first.kill().await?;
    let second = start(data.path()).await?;
    let headers = vec![("authorization", format!("Bearer {token}"))];
    let own = request(second.address(), Ask { path: "/api/self", headers, ..Ask::default() }).await?;
    ensure!(own.status == 200, "{} {:?}", own.status, own.body);
    Ok(())
}

/// How many notes everybody may see of alice.
async fn notes_of_alice(running: &Running) -> Result<u64> {
    let hub = running.hub();
    let alice = hub.user_named("alice").and_then(|alice| alice.user()).context("there is alice")?;
    let exhibit = Exhibit::Page { of: Own::User(alice), list: List::Notes, offset: 0, limit: 9 };
    let question = Question::Show { exhibit, reader: None };
    let address = running.addr().ip();
    let caller = Caller { identity: Identity::Public, via: "test".into(), address, local: true, socket: false };
    match hub.call(&caller, Call::Federation(Box::new(question))).await? {
        Answer::Federation(Told::Shown(exhibition)) => match exhibition.shown {
            Shown::Page { total, .. } => Ok(total),
            other => bail!("{other:?}"),
        },
        other => bail!("{other:?}"),
    }
}

#[tokio::test]
async fn alice_has_said_one_thing_however_often_the_server_starts() -> Result<()> {
    let data = tempfile::tempdir()?;
    for _ in 0..2 {
        let builder = Server::builder().data(data.path()).listen("127.0.0.1:0".parse()?).conformance(true);
        let running = builder.admin_password(ADMIN_PASSWORD).start().await?;
        ensure!(running.origin().0 == format!("http://{}", running.addr()), "peers reach it by its address");
        ensure!(notes_of_alice(&running).await? == 1);
        running.shutdown().await;
    }
    Ok(())
}

#[tokio::test]
async fn peers_without_tls_are_for_loopback_only() -> Result<()> {
    let data = tempfile::tempdir()?;
    let mut config = Config::default();
    config.federation.loopback = true;
    let builder = Server::builder().config(config).data(data.path().join("d")).listen("0.0.0.0:0".parse()?);
    let refused = builder.start().await.err().context("it starts")?;
    ensure!(matches!(refused, StartError::LoopbackPeers(_)), "{refused}");
    ensure!(!data.path().join("d").exists(), "nothing was begun");
    Ok(())
}
