//! Conformance mode makes its fixtures fixed, whatever it finds.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, Result, ensure};
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
    let founded = quintet::Server::builder().data(data.path()).listen(free).admin_password("another").start().await?;
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
