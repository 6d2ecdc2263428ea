//! How commits are brought to a server.

use crate::door::Door;
use crate::http;

/// How commits are brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// `POST /commit` on connections that are kept open, one at a time each.
    Http,
    /// `COMMIT` on sockets, so many open at a time each.
    Sockets(usize),
}

impl Way {
    /// Commits that each writer keeps open.
    pub(crate) fn depth(self) -> usize {
        match self {
            Self::Http => 1,
            Self::Sockets(depth) => depth,
        }
    }

    /// How a writer comes in.
    pub(crate) fn door(self) -> Door {
        match self {
            Self::Http => Door::http(),
            Self::Sockets(_) => Door::socket("/ws"),
        }
    }

    /// A commit as it goes over the wire.
    pub(crate) fn wrap(self, json: &str, host: &str) -> Vec<u8> {
        match self {
            Self::Http => http::request(host, "POST /commit", None, json).into_bytes(),
            Self::Sockets(_) => format!("COMMIT {json}").into_bytes(),
        }
    }
}
