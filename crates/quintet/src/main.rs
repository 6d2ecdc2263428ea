//! The `quintet` command.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

mod cli;

use std::process::ExitCode;

/// The system's allocator keeps the holes that handshakes leave between connections; this one gives them back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run().unwrap_or_else(|error| cli::fail(&error))
}
