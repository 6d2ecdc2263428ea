//! What can end a measurement early.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// Why a bench, or one scenario of it, could not be finished.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The target's address is not one the load generator can speak to.
    #[error("cannot use {url:?} as a target: {reason}")]
    BadUrl {
        /// What was given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The operating system refused something.
    #[error("cannot {doing}: {source}")]
    System {
        /// What was attempted.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// A child process ended, or closed its output, before it named its address.
    #[error("{program:?} did not print a http:// address on its standard output")]
    NoAddress {
        /// The program that was started.
        program: String,
    },
    /// A REST call or an upgrade was not granted.
    #[error("{asked} was refused: {answer}")]
    Refused {
        /// Method and path.
        asked: String,
        /// Status line and the start of the body.
        answer: String,
    },
    /// The peer ended a connection that the measurement still needed.
    #[error("{peer} closed connection {socket}: {reason}")]
    Closed {
        /// The server's address.
        peer: SocketAddr,
        /// Which connection, counted from 0 in order of connecting.
        socket: usize,
        /// Close code and reason, or what reading reported.
        reason: String,
    },
    /// Nothing moved for too long.
    #[error("no progress for {} s while {doing}", .waited.as_secs())]
    Stalled {
        /// What was waited for.
        doing: String,
        /// How long nothing happened.
        waited: Duration,
    },
}

impl Error {
    /// Names what was attempted when the system refused; for `map_err`.
    pub(crate) fn system(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::System { doing, source }
    }
}
