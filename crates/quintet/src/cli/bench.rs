//! `quintet bench`

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use quintet::Stop;
use quintet_bench::{Options, Process, Report, Runner, Scenario, Target};
use quintet_server::config::Period;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

use super::output;
use super::serve::Serve;
use super::stage::{self, Stage};

/// Arguments of `bench`.
#[derive(Args, Debug)]
#[command(subcommand_negates_reqs = true, args_conflicts_with_subcommands = true)]
pub(crate) struct Bench {
    #[command(subcommand)]
    part: Option<Part>,
    /// What to measure: idle, fanout, request, echo, procedures, durable, commits, federation [default: all]
    #[arg(value_name = "SCENARIO")]
    scenarios: Vec<Scenario>,
    /// A running server without rate limits, as in <http://127.0.0.1:8080>; else one is started for the bench
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// The process of that server, where it runs here: for its CPU and memory
    #[arg(long, requires = "url")]
    pid: Option<u32>,
    /// How long each measurement takes
    #[arg(long, value_name = "TIME", default_value = "3s")]
    duration: Period,
    /// How often each is repeated
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// Subscribers for fan-out
    #[arg(long, value_delimiter = ',', default_values_t = [1_000, 10_000])]
    subscribers: Vec<u32>,
    /// Connections at rest
    #[arg(long, default_value_t = 10_000)]
    connections: u32,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Part {
    /// Be the floor of a bench
    #[command(hide = true)]
    Floor,
    /// Be the server of a bench: as `serve`, with a procedure that answers what it is given
    #[command(hide = true)]
    Server(Serve),
}

impl Bench {
    pub(crate) fn run(self) -> Result<ExitCode> {
        match self.part {
            Some(Part::Floor) => match quintet_bench::floor()? {},
            Some(Part::Server(serve)) => {
                let answer = |call: quintet::Call| async move { Ok(call.raw().to_owned()) };
                serve.run_with(|builder| builder.procedure(stage::CLOSURE, answer))
            }
            None => self.run_here(),
        }
    }

    fn run_here(&self) -> Result<ExitCode> {
        // Signals are caught before there is anything that would be left behind.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (mut stop, mut hangup) =
            runtime.block_on(async { Ok::<_, io::Error>((Stop::new()?, signal(SignalKind::hangup())?)) })?;
        let scratch = stage::scratch()?;
        let stage =
            Arc::new(Stage::set(scratch.path(), self.url.is_none(), self.scenarios().contains(&Scenario::Procedures))?);
        let measured = self.measure(Arc::clone(&stage), scratch.path().to_owned());
        let report = runtime.block_on(async {
            tokio::select! {
                report = measured => Some(report),
                () = stop.asked() => None,
                _ = hangup.recv() => None,
            }
        });
        let Some(report) = report else {
            stage.clear();
            bail!("the bench was interrupted");
        };
        let report = report.context("the bench broke off")??;
        output::line(if self.json { report.json() } else { report.to_string() })?;
        Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    /// Measures on a thread of its own, which the end of the process ends too.
    fn measure(&self, stage: Arc<Stage>, scratch: PathBuf) -> oneshot::Receiver<Result<Report, quintet_bench::Error>> {
        let (target, options) = (self.target(stage.own()), self.options(scratch, stage.runners()));
        let (told, measured) = oneshot::channel();
        thread::spawn(move || {
            let report = quintet_bench::run(&target, stage.floor(), &options);
            // The stage is left to the one who waits.
            drop(stage);
            // Nobody waits after an interruption.
            let _ = told.send(report);
        });
        measured
    }

    fn target(&self, own: Option<&Process>) -> Target {
        match own {
            Some(process) => Target { url: process.url().to_owned(), pid: Some(process.pid()) },
            None => Target { url: self.url.clone().unwrap_or_default(), pid: self.pid },
        }
    }

    fn scenarios(&self) -> Vec<Scenario> {
        if self.scenarios.is_empty() { Scenario::ALL.to_vec() } else { self.scenarios.clone() }
    }

    fn options(&self, scratch: PathBuf, runners: Vec<Runner>) -> Options {
        Options {
            scenarios: self.scenarios(),
            duration: self.duration.duration().min(Duration::from_mins(10)),
            rounds: self.rounds,
            subscribers: self.subscribers.clone(),
            connections: self.connections,
            runners,
            scratch,
            progress: |line| output::tell(line),
        }
    }
}
