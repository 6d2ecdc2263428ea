//! The edge: TCP and TLS, HTTP/1.1, and who gets to see what comes in.
//!
//! In the order of a request: [`listener`] accepts, [`seats`] counts, [`tls`] decrypts, [`stream`] speaks HTTP, [`door`]
//! looks at the path, and one of [`exchange`], [`knock`], [`health`], [`scrape`] or the server API answers. The other way, [`dial`] opens sockets
//! to other servers.

mod address;
pub(crate) mod body;
pub(crate) mod content;
mod cors;
pub(crate) mod dial;
mod door;
mod exchange;
pub(crate) mod head;
mod health;
mod knock;
mod listener;
mod pace;
mod paced;
pub(crate) mod refusal;
pub(crate) mod reply;
mod scrape;
mod seats;
mod stream;
mod tls;
mod turned_away;

#[cfg(test)]
mod tests;

pub(crate) use door::Door;
pub(crate) use listener::{Listener, lookup};
pub(crate) use paced::Paced;
pub(crate) use seats::{Full, Seat, Seats};
pub(crate) use stream::serve_http;
pub use tls::{Tls, TlsError};
