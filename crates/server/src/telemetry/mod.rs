//! Telemetry: the log, and the metrics.

mod descriptions;
mod log;
mod recorder;

pub use log::{LogError, install as install_log};
pub use recorder::{install as install_metrics, render};
pub(crate) use recorder::{publish_limits, upkeep};
