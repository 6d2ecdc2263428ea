//! Whole-server tests: a house of one's own for each test, and the conversation files played against it.
//!
//! [`house`] starts a server with a fresh SQLite database on a free loopback port. [`script`] reads a conversation file,
//! [`pattern`] matches what the server says, [`agent`] signs what clients sign, [`peer`] is another server, [`play`] speaks all parts.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

pub mod agent;
pub mod client;
pub mod house;
pub mod pattern;
pub mod peer;
pub mod play;
pub mod process;
pub mod script;
