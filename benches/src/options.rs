//! What to measure, and for how long.

use std::path::PathBuf;
use std::time::Duration;

use crate::{Runner, Scenario};

/// The server to measure.
#[derive(Debug, Clone)]
pub struct Target {
    /// Its address, `http://host:port`.
    pub url: String,
    /// Its process, when it runs on this machine; without it there is no CPU and no memory to report.
    pub pid: Option<u32>,
}

/// How to measure.
#[derive(Debug, Clone)]
pub struct Options {
    /// What to measure; they run in the order of [`Scenario::ALL`].
    pub scenarios: Vec<Scenario>,
    /// How long each single measurement takes, after a warm-up of a fifth of it.
    pub duration: Duration,
    /// How often each is repeated, server and floor in turn; the report holds the medians. At least 1.
    pub rounds: u32,
    /// Numbers of subscribers for fan-out, each measured by itself.
    pub subscribers: Vec<u32>,
    /// Number of connections at rest. Together with the floor's these need as many file descriptors.
    pub connections: u32,
    /// Procedures to be measured beside the server's own echo; each answers what it is given.
    pub runners: Vec<Runner>,
    /// An existing directory for the disk floor's file (8 MB); it should be on the disk that holds the server's data.
    pub scratch: PathBuf,
    /// Is told, in one line, what is being measured now.
    pub progress: fn(&str),
}

impl Default for Options {
    /// Everything, at 1,000 and 10,000 subscribers and 10,000 connections: about seven minutes.
    fn default() -> Self {
        Self {
            scenarios: Scenario::ALL.to_vec(),
            duration: Duration::from_secs(3),
            rounds: 3,
            subscribers: vec![1_000, 10_000],
            connections: 10_000,
            runners: Vec::new(),
            scratch: std::env::temp_dir(),
            progress: |_| {},
        }
    }
}

impl Options {
    pub(crate) fn tell(&self, what: &str) {
        (self.progress)(what);
    }
}
