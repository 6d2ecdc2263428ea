//! `quintet bench`

use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use quintet_bench::{Options, Process, Scenario, Target};
use quintet_server::config::Period;

use super::password;

/// Arguments of `bench`.
#[derive(Args, Debug)]
#[command(subcommand_negates_reqs = true, args_conflicts_with_subcommands = true)]
pub(crate) struct Bench {
    #[command(subcommand)]
    part: Option<Part>,
    /// What to measure: idle, fanout, request, echo, durable [default: all]
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
}

impl Bench {
    pub(crate) fn run(self) -> Result<ExitCode> {
        if let Some(Part::Floor) = self.part {
            match quintet_bench::floor()? {}
        }
        let scratch = tempfile::tempdir().context("cannot make a directory for the bench")?;
        let own = if self.url.is_none() { Some(own_server(scratch.path())?) } else { None };
        let target = self.target(own.as_ref());
        let floor = Process::start(this()?.args(["bench", "floor"]))?;
        let report = quintet_bench::run(&target, &floor, &self.options(scratch.path()))?;
        if self.json {
            println!("{}", report.json());
        } else {
            println!("{report}");
        }
        Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    fn target(&self, own: Option<&Process>) -> Target {
        match own {
            Some(process) => Target { url: process.url().to_owned(), pid: Some(process.pid()) },
            None => Target { url: self.url.clone().unwrap_or_default(), pid: self.pid },
        }
    }

    fn options(&self, scratch: &std::path::Path) -> Options {
        Options {
            scenarios: if self.scenarios.is_empty() { Scenario::ALL.to_vec() } else { self.scenarios.clone() },
            duration: self.duration.duration().min(Duration::from_mins(10)),
            rounds: self.rounds,
            subscribers: self.subscribers.clone(),
            connections: self.connections,
            scratch: scratch.to_owned(),
            progress: |line| eprintln!("{line}"),
        }
    }
}

/// This program, to be started once more.
fn this() -> Result<Command> {
    Ok(Command::new(std::env::current_exe().context("cannot find this program's own file")?))
}

fn own_server(data: &std::path::Path) -> Result<Process> {
    let mut command = this()?;
    command.args(["serve", "--conformance", "--listen", "127.0.0.1:0", "--data"]).arg(data.join("data"));
    command.env("QUINTET_ADMIN_PASSWORD", password::make_up()?).env("QUINTET_LOG_LEVEL", "warn");
    Ok(Process::start(&mut command)?)
}
