//! Open sockets: from the upgrade to the last byte.
//!
//! A connection is a [`Line`], which anybody may write to, and a task, which reads, asks the session, and drains what
//! the socket did not take at once. Neither holds a buffer at rest. In reading order: `upgrade` opens one, `entrance`
//! finds its room, `outgoing` does both where we are the ones who call, `task` runs it, `tempo` slows it, `patience` ends it in time, `side` and `talk`
//! stand between peer and hall, `outlet` and `backlog` are the way out, `closing` the way to end;
//! `registry` and `keepalive` look after all of them.

mod backlog;
mod budget;
mod closing;
pub mod echo;
mod entrance;
mod hall;
mod keepalive;
mod ledger;
mod outgoing;
mod outlet;
mod patience;
mod rate;
mod receiving;
mod registry;
mod scratch;
mod side;
mod talk;
mod task;
mod tempo;
mod upgrade;
mod wire;

#[cfg(test)]
mod tests;

pub(crate) use outgoing::{Call, call};
pub use outlet::Line;
pub use receiving::Receiving;
pub use registry::{Connections, Seat, Settings};
pub use upgrade::{Knock, upgrade};
pub use wire::Stream;
