//! The TypeScript SDK: its own tests, with a house for those that want a real server.
//!
//! Needs `make sdk-typescript` (npm, by lock file) once.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use quintet_tests::house::{House, Plan};
use tokio::process::Command;

/// How long a file of tests may take; each wait inside of it has a limit of its own.
const VISIT: Duration = Duration::from_mins(4);
/// The file that wants a server.
const SERVER: &str = "server.test.js";

/// The compiled tests, by name.
fn files() -> Result<(PathBuf, Vec<String>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sdk/typescript/build");
    ensure!(folder.join(SERVER).exists(), "the TypeScript SDK is not built: run `make sdk-typescript`");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&folder)? {
        files.push(entry?.file_name().to_string_lossy().into_owned());
    }
    files.retain(|file| file.ends_with(".test.js"));
    Ok((folder, files))
}

/// Runs files of tests; all of them must be run and pass.
async fn run(node: &mut Command, files: &[String]) -> Result<()> {
    let (folder, _) = self::files()?;
    let node = node.arg("--test").arg("--test-reporter=spec").args(files).current_dir(folder).kill_on_drop(true);
    let visit = node.env_remove("QUINTET_URL").env_remove("QUINTET_TOKEN").output();
    let output = tokio::time::timeout(VISIT, visit).await.context("the tests do not end")?;
    let output = output.context("Node.js is needed for the TypeScript SDK")?;
    let heard = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{}\n{heard}", output.status);
    ensure!(heard.contains("skipped 0"), "a test was left out:\n{heard}");
    Ok(())
}

#[tokio::test]
async fn it_passes_its_own_tests() -> Result<()> {
    let (_, mut files) = files()?;
    files.retain(|file| file != SERVER);
    run(&mut Command::new("node"), &files).await
}

#[tokio::test]
async fn it_speaks_through_the_websocket_of_the_platform_too() -> Result<()> {
    let (_, mut files) = files()?;
    files.retain(|file| file != SERVER);
    run(Command::new("node").arg("--experimental-websocket"), &files).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_and_clients_on_a_real_server_leave_nothing_behind() -> Result<()> {
    let house = House::open(Plan::default()).await?;
    let tokens = [house.worker_token("mine").await?, house.worker_token("other").await?];
    let user = house.user("ann").await?;
    let mut node = Command::new("node");
    node.env("QUINTET_TEST_URL", house.url());
    node.env("QUINTET_TEST_TOKENS", tokens.join(" ")).env("QUINTET_TEST_USER", &user.token);
    run(&mut node, &[SERVER.to_owned()]).await?;
    for report in house.procedures().await? {
        ensure!(report.running == 0, "a call of {} is still under way", report.procedure.offer.name);
        ensure!(report.procedure.owner.kind() == "built-in", "{} has outlived its worker", report.procedure.offer.name);
    }
    house.close().await
}
