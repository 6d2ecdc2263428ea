//! Quintet as a library: a whole server in a few lines.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let running = quintet::Server::builder().data("data").start().await?;
//! println!("listening at {}", running.url());
//! running.shutdown().await;
//! # Ok(())
//! # }
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

mod builder;
mod conformance;
mod error;
mod house;
mod running;

pub use builder::{Builder, Server};
pub use error::StartError;
pub use house::{DATABASE, House, open, system_clock};
pub use running::Running;

pub use quintet_server::config;
