//! Why a server does not start.

use std::net::SocketAddr;
use std::path::PathBuf;

/// What stands in the way of a server.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data directory is not to be had.
    #[error("cannot take the data directory")]
    Data(#[from] quintet_server::control::LockError),
    /// The database is not to be had.
    #[error("cannot open the database {}", path.display())]
    Store {
        /// Its file.
        path: PathBuf,
        /// The cause.
        source: quintet_core::Error,
    },
    /// The hall could not be built from what the database holds.
    #[error("cannot start the hall")]
    Hub(#[source] quintet_core::Error),
    /// The network is not to be had.
    #[error(transparent)]
    Server(#[from] quintet_server::StartError),
    /// A procedure cannot be registered: somebody else has its name, or it has none.
    #[error("cannot register a procedure")]
    Procedure(#[source] quintet_core::Error),
    /// The signals that end the server are not to be had.
    #[error("cannot listen for signals")]
    Signals(#[source] std::io::Error),
    /// A server in conformance mode is open to everybody who reaches it.
    #[error(
        "--conformance lifts the rate limits, so it listens on loopback only; {0} is not, use --listen 127.0.0.1:8080"
    )]
    NotLoopback(SocketAddr),
    /// Whoever takes servers without TLS for peers is reached by those on this machine only.
    #[error(
        "federation.loopback takes peers without TLS, so it is for servers that listen on loopback; {0} is not, use --listen 127.0.0.1:8080"
    )]
    LoopbackPeers(SocketAddr),
    /// A server in conformance mode has fixed fixtures.
    #[error("--conformance needs the admin's password in QUINTET_ADMIN_PASSWORD")]
    NoPassword,
}
