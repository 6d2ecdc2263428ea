//! The log: lines on standard error.

use std::io::IsTerminal as _;

use tracing_subscriber::fmt;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{Format, Log};

/// There is a log already.
#[derive(Debug, thiserror::Error)]
#[error("a log is installed in this process already")]
pub struct LogError(#[from] tracing_subscriber::util::TryInitError);

/// Writes what this process says from now on. Once per process.
pub fn install(log: &Log) -> Result<(), LogError> {
    // A line that cannot be written is lost; to complain about it on a closed standard error would be a panic.
    let lines = fmt().with_env_filter(log.level.compile()).with_writer(std::io::stderr).log_internal_errors(false);
    match log.format {
        Format::Pretty => lines.with_ansi(std::io::stderr().is_terminal()).finish().try_init()?,
        Format::Json => lines.json().flatten_event(true).finish().try_init()?,
    }
    Ok(())
}
