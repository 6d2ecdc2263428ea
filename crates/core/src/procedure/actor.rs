//! Actors: on whose behalf procedures run.

use std::sync::Arc;

use crate::id::Id;

/// On whose behalf a procedure runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// By which way it called.
    pub kind: ActorKind,
    /// The user, where one is logged in.
    pub user: Option<Caller>,
    /// Whether it may do everything: an admin, the house itself, or a worker.
    pub admin: bool,
}

/// A user who calls a procedure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Its number.
    pub id: Id,
    /// Its username.
    pub username: Arc<str>,
}

/// By which way an actor calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ActorKind {
    /// Over a socket.
    Websocket,
    /// By a plain request.
    Http,
    /// The house itself, its embedder, its API or a worker.
    Backend,
}

impl ActorKind {
    /// Its name in claims and on the wire (flamigo.md, section 5.1; `http` is ours).
    pub const fn name(self) -> &'static str {
        match self {
            Self::Websocket => "websocket",
            Self::Http => "http",
            Self::Backend => "backend",
        }
    }
}
