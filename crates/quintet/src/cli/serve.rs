//! `quintet serve`

use std::num::NonZeroUsize;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;
use quintet::{Builder, Running, Server, Stop};
use quintet_core::limits::size;
use quintet_server::config::{Config, Flag};
use quintet_server::telemetry;
use tokio::signal::unix::{SignalKind, signal};

use super::configuration::Configuration;

use super::{descriptors, greeting, one_line};

/// Arguments of `serve`.
#[derive(Args, Debug)]
pub(crate) struct Serve {
    /// Where to listen, as host:port; port 0 takes any free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<String>,
    #[command(flatten)]
    pub(crate) configuration: Configuration,
    /// For protocol test suites: echo socket at /echo, no rate limits, peers on this machine, users admin and alice with the password in `QUINTET_ADMIN_PASSWORD`; loopback only
    #[arg(long)]
    pub(crate) conformance: bool,
}

impl Serve {
    pub(crate) fn run(self) -> Result<ExitCode> {
        self.run_with(|builder| builder)
    }

    /// As [`Serve::run`], with what `more` adds to the server.
    pub(crate) fn run_with(self, more: impl FnOnce(Builder) -> Builder) -> Result<ExitCode> {
        let listen = self.listen.map(|value| Flag { name: "--listen", key: "listen", value });
        let loaded = self.configuration.load(listen.into_iter().collect())?;
        telemetry::install_log(&loaded.config.log)?;
        for warning in &loaded.warnings {
            tracing::warn!("{warning}");
        }
        descriptors::raise();
        let builder = Server::builder().config(loaded.config.clone()).conformance(self.conformance);
        runtime(&loaded.config)?.block_on(serve(more(builder), &loaded.config.house.data))?;
        Ok(ExitCode::SUCCESS)
    }
}

fn runtime(config: &Config) -> Result<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if let Some(threads) = NonZeroUsize::new(size(config.house.threads)) {
        builder.worker_threads(threads.get());
    }
    builder.enable_all().build().context("cannot start the threads")
}

async fn serve(builder: Builder, data: &Path) -> Result<()> {
    // From here on a signal is not lost, however early it comes.
    let mut stop = Stop::new()?;
    let mut hangup = signal(SignalKind::hangup())?;
    let running = builder.start().await?;
    greet(&running, data).await;
    loop {
        tokio::select! {
            () = stop.asked() => break,
            _ = hangup.recv() => reload(&running),
        }
    }
    tokio::select! {
        () = running.shutdown() => Ok(()),
        () = stop.asked() => anyhow::bail!("stopped at once, as asked a second time"),
    }
}

/// A server goes on even if nobody reads its greeting; the admin's password would be lost, so that is told.
async fn greet(running: &Running, data: &Path) {
    if let Err(error) = greeting::print(running, data).await {
        let remedy = running.admin_password().map(|_| "; set the admin's password with `quintet user passwd admin`");
        let error = one_line(&error);
        tracing::warn!(error, "the greeting was not printed{}", remedy.unwrap_or_default());
    }
}

fn reload(running: &Running) {
    if !running.is_encrypted() {
        return tracing::info!("there is no certificate to read again");
    }
    match running.reload_tls() {
        Ok(()) => tracing::info!("the certificate was read again"),
        Err(error) => tracing::error!(error = &error as &dyn std::error::Error, "the old certificate stays in use"),
    }
}
