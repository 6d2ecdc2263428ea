//! `quintet serve`

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;
use quintet::{Running, Server};
use quintet_server::config::{Config, Flag};
use quintet_server::telemetry;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::configuration::Configuration;
use super::{descriptors, greeting};

/// Arguments of `serve`.
#[derive(Args, Debug)]
pub(crate) struct Serve {
    /// Where to listen, as host:port; port 0 takes any free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<String>,
    #[command(flatten)]
    pub(crate) configuration: Configuration,
    /// For protocol test suites: echo socket at /echo, no rate limits, admin password from `QUINTET_ADMIN_PASSWORD`; loopback only
    #[arg(long)]
    pub(crate) conformance: bool,
}

impl Serve {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let listen = self.listen.map(|value| Flag { name: "--listen", key: "listen", value });
        let loaded = self.configuration.load(listen.into_iter().collect())?;
        telemetry::install_log(&loaded.config.log)?;
        for warning in &loaded.warnings {
            tracing::warn!("{warning}");
        }
        descriptors::raise();
        runtime(&loaded.config)?.block_on(serve(loaded.config, self.conformance))?;
        Ok(ExitCode::SUCCESS)
    }
}

fn runtime(config: &Config) -> Result<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if config.house.threads > 0 {
        builder.worker_threads(usize::try_from(config.house.threads).unwrap_or(usize::MAX).min(1024));
    }
    builder.enable_all().build().context("cannot start the threads")
}

async fn serve(config: Config, conformance: bool) -> Result<()> {
    // From here on a signal is not lost, however early it comes.
    let mut stop = Stop::new()?;
    let mut hangup = signal(SignalKind::hangup())?;
    let running = Server::builder().config(config).conformance(conformance).start().await?;
    greeting::print(&running).await?;
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

fn reload(running: &Running) {
    match running.reload_tls() {
        Ok(()) => tracing::info!("the certificate was read again"),
        Err(error) => tracing::error!(error = &error as &dyn std::error::Error, "the old certificate stays in use"),
    }
}

/// The two signals that ask a server to stop.
struct Stop {
    interrupt: Signal,
    terminate: Signal,
}

impl Stop {
    fn new() -> Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn asked(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
