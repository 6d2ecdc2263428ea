//! The Python SDK and its Jac runner: their own tests, with a house for those that want a real server.
//!
//! Needs `make sdk-python` (Python 3.11 or later) once.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use quintet_tests::house::{House, Plan};
use tokio::process::Command;

/// How long all of its tests may take; each wait inside of them has a limit of its own.
const VISIT: Duration = Duration::from_mins(8);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_python_sdk_and_walkers_of_jac_programs() -> Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sdk/python");
    let program = folder.join(".venv/bin/pytest");
    ensure!(program.exists(), "the Python SDK is not installed: run `make sdk-python`");
    let house = House::open(Plan::default()).await?;
    let tokens = [house.worker_token("mine").await?, house.worker_token("other").await?];
    let visit = Command::new(&program)
        .current_dir(&folder)
        .args(["-p", "no:cacheprovider"])
        .env("QUINTET_TEST_URL", house.url())
        .env("QUINTET_TEST_TOKENS", tokens.join(" "))
        .env_remove("QUINTET_URL")
        .env_remove("QUINTET_TOKEN")
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(VISIT, visit).await.context("the tests do not end")??;
    let heard = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{}\n{heard}", output.status);
    ensure!(!heard.contains("skipped"), "a test was left out:\n{heard}");
    house.close().await
}
