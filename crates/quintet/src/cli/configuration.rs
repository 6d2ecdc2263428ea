//! Where a command finds its configuration.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use quintet_server::config::{Flag, Loaded, Sources, load};

/// What every command that works on data takes.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Configuration {
    /// Configuration file [default: quintet.toml, where it exists]
    #[arg(long, value_name = "FILE", env = "QUINTET_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Data directory [default: data]
    // Not `env`: the configuration reads QUINTET_DATA itself, and names it in its complaints.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
}

impl Configuration {
    /// Reads all layers; `more` are flags of the one command.
    pub(crate) fn load(&self, more: Vec<Flag>) -> Result<Loaded> {
        let mut flags = more;
        if let Some(data) = &self.data {
            flags.push(Flag { name: "--data", key: "data", value: data.to_string_lossy().into_owned() });
        }
        Ok(load(&Sources { file: self.config.clone(), variables: variables(), flags })?)
    }
}

/// The environment, as far as it is text.
fn variables() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}
