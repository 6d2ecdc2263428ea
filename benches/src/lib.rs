//! The load generator behind `quintet bench`.
//!
//! One thread drives all client connections: epoll, frames made and read by hand, nothing allocated per
//! message, every delivery checked for loss, repetition and order. Beside the server it measures, in turn and in
//! the same run, a *floor*: the least that the kernel asks for the same work. On a shared or virtual machine absolute
//! figures move from minute to minute; the ratio to the floor does not.
//!
//! The caller decides how processes are started. A `quintet` that benches itself does
//!
//! ```no_run
//! use std::process::Command;
//! use quintet_bench::{Options, Process, Target, run};
//!
//! # fn main() -> Result<(), quintet_bench::Error> {
//! let server = Process::start(Command::new("quintet").args(["serve", "--conformance", "--listen", "127.0.0.1:0"]))?;
//! let target = Target { url: server.url().to_owned(), pid: Some(server.pid()) };
//! // The hidden subcommand that calls `quintet_bench::floor`.
//! let floor = Process::start(Command::new("quintet").args(["bench", "floor"]))?;
//! let report = run(&target, &floor, &Options::default())?;
//! println!("{report}");
//! # Ok(())
//! # }
//! ```
//!
//! How the parts hang together: `client` opens connections through a `door` and reads messages; `crowd`,
//! `exchange` and `writing` are the ways to load a server (publish to many, ask and be answered, write and be heard); `fanout`,
//! `idle`, `request`, `echo`, `procedures`, `durable`, `commits` and `federation` are the scenarios, each of which fills a `series` per server and turns it
//! into rows of the `report`; `rooms`, for signed commits `scribe`, and for other servers `neighbour` alone know Quintet's dialects.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

mod book;
mod client;
mod commits;
mod crowd;
mod descriptors;
mod disk;
mod door;
mod durable;
mod echo;
mod error;
mod exchange;
mod fanout;
mod federation;
mod floor;
mod frame;
mod handshake;
mod hearer;
mod http;
mod idle;
mod latency;
mod neighbour;
mod options;
mod pipe;
mod procedures;
mod process;
mod procfs;
mod questions;
mod reading;
mod report;
mod request;
mod rooms;
mod sample;
mod scenario;
mod scribe;
mod series;
mod session;
mod subject;
mod track;
mod verification;
mod way;
mod writing;

pub use error::Error;
pub use floor::floor;
pub use latency::Percentiles;
pub use options::{Options, Target};
pub use procedures::Runner;
pub use process::Process;
pub use report::{Failure, Figure, Machine, Ratio, Report, Row};
pub use sample::Faults;
pub use scenario::Scenario;
pub use session::run;
