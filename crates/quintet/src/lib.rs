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
//!
//! In reading order:
//!
//! 1. [`Server`], [`Builder`], [`Running`]: from a configuration to a server that answers.
//! 2. [`Procedure`], [`Call`]: what closures answer, for the clients of every room; [`Validate`]: what they are called with.
//! 3. [`Handle`], [`Heard`]: what the program says, asks and hears.
//! 4. [`House`]: the same without a street door.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

mod builder;
mod conformance;
mod error;
mod handle;
mod house;
mod listener;
mod procedure;
mod running;
mod stop;

pub use builder::{Builder, Server};
pub use error::StartError;
pub use handle::Handle;
pub use house::{DATABASE, House, open, system_clock};
pub use procedure::{Call, Checks, Given, Procedure, Validate};
pub use running::Running;
pub use stop::Stop;

pub use quintet_core;
pub use quintet_core::error::FieldError;
pub use quintet_core::procedure::{Actor, ActorKind, Claim, Connection, Outcome};
pub use quintet_core::{Body, Error, Event, Id, Kind};
pub use quintet_hub::listening::{Heard, Listening};
pub use quintet_server::config;
