//! Plays every conversation file of every room against a house of its own.

use std::path::{Path, PathBuf};

use anyhow::Result;
use futures_util::{StreamExt, stream};
use quintet_tests::play::play;

/// Conversations played at once.
const AT_ONCE: usize = 4;

fn scripts(room: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dialects").join(room).join("conversations");
    let entries = std::fs::read_dir(&folder).expect("every room has conversations");
    let mut scripts: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    scripts.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    // QUINTET_CONVERSATION=reactions plays only the files whose name holds that.
    if let Ok(only) = std::env::var("QUINTET_CONVERSATION") {
        scripts.retain(|path| path.to_string_lossy().contains(&only));
    }
    scripts.sort();
    scripts
}

async fn play_all(room: &str) {
    let scripts = scripts(room);
    let results: Vec<(PathBuf, Result<()>)> = stream::iter(scripts)
        .map(|path| async {
            let result = play(&path).await;
            (path, result)
        })
        .buffered(AT_ONCE)
        .collect()
        .await;
    let failed: Vec<_> = results.iter().filter_map(|(_, result)| result.as_ref().err()).collect();
    for error in &failed {
        eprintln!("{error:?}\n");
    }
    assert!(failed.is_empty(), "{} of {} conversations of {room} failed", failed.len(), results.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn atomic() {
    play_all("atomic").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concord() {
    play_all("concord").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn flamigo() {
    play_all("flamigo").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jac() {
    play_all("jac").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn versia() {
    play_all("versia").await;
}
