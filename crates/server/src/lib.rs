//! The street door: HTTP, WebSocket, configuration, telemetry.
//!
//! In reading order:
//!
//! 1. [`config`]: what can be configured.
//! 2. [`bind`] and [`start`]: from a configuration and a hall to a [`Running`] server.
//! 3. `edge`: what comes in over TCP, and who answers it.
//! 4. [`websocket`], [`connection`]: frames, and the sockets that they go over.
//! 5. [`api`], [`control`]: how back-ends and the command line give orders.
//! 6. [`procedures`]: procedures that others answer over HTTP.
//! 7. `gate`: by which this server goes to others.
//! 8. [`telemetry`]: the log, and the metrics.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

pub mod api;
pub mod config;
pub mod connection;
pub mod control;
mod edge;
mod gate;
pub mod procedures;
mod serve;
pub mod telemetry;
mod trust;
pub mod websocket;

pub use edge::{Tls, TlsError};
pub use serve::{Bound, Parts, Running, StartError, bind, expected_origin, start};
