//! Procedures: named handlers that are called and answer, whoever runs them.

mod actor;
mod claim;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::value::RawValue;

pub use self::actor::{Actor, ActorKind, Caller};
pub use self::claim::Claim;
use crate::chat::Via;
use crate::error::Error;
use crate::time::Timestamp;

/// The longest name of a procedure, in bytes.
pub const NAME_BYTES: usize = 128;

/// Checks the name of a procedure: parts joined by single colons, such as `orders:create`, without white space, control characters, or any of `/*?#%"`.
///
/// Where `family`, the last part may be `*`: every name that begins with the others.
pub fn check_name(name: &str, family: bool) -> Result<(), Error> {
    let stem = if family { name.strip_suffix(":*").unwrap_or(name) } else { name };
    let odd = |c: char| c.is_whitespace() || c.is_control() || "/*?#%\"".contains(c);
    if stem.split(':').any(str::is_empty) || stem.contains(odd) {
        return Err(Error::bad_message(format!(
            "{name:?} is no name for a procedure: use parts joined by single colons, as in orders:create"
        )));
    }
    if name.len() > NAME_BYTES {
        return Err(Error::too_large(format!("the name of a procedure may have {NAME_BYTES} bytes at most")));
    }
    Ok(())
}

/// A call to a procedure, as a room hands it to the hall.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// Which procedure; perhaps none.
    pub name: Arc<str>,
    /// What it is called with: any JSON value.
    pub payload: Box<RawValue>,
    /// The socket on which it was called.
    pub connection: Option<Connection>,
    /// What the room says besides to procedures with an [`Interface`] of its own. Opaque to everybody else.
    pub extra: Option<Box<RawValue>>,
}

/// A socket, as procedures know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// The name under which it hears what is said to it alone, on `client/<name>`.
    pub name: Arc<str>,
    /// The dialect that it speaks.
    pub dialect: Via,
}

/// What a procedure answers.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// An HTTP status from 200 to 299, for rooms and requests that have one.
    pub status: u16,
    /// Any JSON value.
    pub payload: Box<RawValue>,
}

impl Outcome {
    /// An answer with status 200.
    pub fn ok(payload: Box<RawValue>) -> Self {
        Self { status: 200, payload }
    }
}

/// A procedure as whoever runs it describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// Its name ([`check_name`]); of a webhook perhaps a family, `billing:*`.
    pub name: Arc<str>,
    /// What actors must be, asked in this order.
    pub claims: Vec<Claim>,
    /// How long a call may take; `Limits::procedure_seconds` where not given.
    pub timeout: Option<Duration>,
    /// Calls at once, over all who run it; unbounded but for the house's own bounds where not given.
    pub concurrency: Option<u32>,
    /// Whether a call may be made again when whoever ran it is lost before it answered.
    pub idempotent: bool,
    /// For people.
    pub description: Option<Arc<str>>,
    /// How it is called from a room that has walls of its own around such procedures.
    pub interface: Option<Interface>,
}

impl Offer {
    /// A procedure for whoever is logged in, with the house's own bounds.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self {
            name: name.into(),
            claims: vec![Claim::Authenticated],
            timeout: None,
            concurrency: None,
            idempotent: false,
            description: None,
            interface: None,
        }
    }
}

/// What a procedure tells a room of how it is called there. The hall hands it on, unread.
#[derive(Clone, Debug, PartialEq)]
pub struct Interface {
    /// Which kind; the room knows its own.
    pub kind: Arc<str>,
    /// In that room's words.
    pub spec: Arc<serde_json::Value>,
}

/// A procedure that is registered.
#[derive(Clone, Debug, PartialEq)]
pub struct Procedure {
    /// As it was described.
    pub offer: Offer,
    /// Who runs it.
    pub owner: Owner,
}

/// Who runs a procedure.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Owner {
    /// The server itself.
    House,
    /// The program that Quintet is a part of.
    Closure,
    /// A URL that is called, by the name in the configuration.
    Webhook(Arc<str>),
    /// Programs that connect with a worker's token of this name.
    Worker(Arc<str>),
}

impl Owner {
    /// The kind of procedure: `built-in`, `closure`, `webhook` or `worker`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::House => "built-in",
            Self::Closure => "closure",
            Self::Webhook(_) => "webhook",
            Self::Worker(_) => "worker",
        }
    }

    /// Its own name; of the house and closures that of the server.
    pub fn name(&self) -> &str {
        match self {
            Self::House | Self::Closure => "quintet",
            Self::Webhook(name) | Self::Worker(name) => name,
        }
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::House => f.write_str("the server itself"),
            Self::Closure => f.write_str("a closure of this server"),
            Self::Webhook(name) => write!(f, "webhook {name}"),
            Self::Worker(name) => write!(f, "worker {name}"),
        }
    }
}

/// What procedures there are: for rooms that show or route them, which look things up here and never wait.
pub trait Catalogue: Send + Sync {
    /// The procedure that answers to a name.
    fn find(&self, name: &str) -> Option<Arc<Procedure>>;

    /// Those with an interface of this kind, by name.
    fn with_interface(&self, kind: &str) -> Vec<Arc<Procedure>>;

    /// Another number after each change of what is registered, so that what was made of it can be kept until then; `None` where nothing may be kept.
    fn revision(&self) -> Option<u64> {
        None
    }
}

/// A procedure, and how it does.
#[derive(Clone, Debug)]
pub struct Report {
    /// Which.
    pub procedure: Arc<Procedure>,
    /// How many run it now: connections of workers; 1 for all others.
    pub runners: u64,
    /// Calls since the server started, those under way included.
    pub calls: u64,
    /// Calls under way; those that are answered at once are never seen here.
    pub running: u64,
    /// Calls that were answered with an error.
    pub errors: u64,
    /// Half of the calls were answered within this.
    pub p50: Option<Duration>,
    /// 99 of 100 calls were answered within this.
    pub p99: Option<Duration>,
}

/// Ties an order for a call to its result; unique within one session that runs procedures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OrderId(pub u64);

/// A call that a session is to have answered by its peer, which offered the procedure.
#[derive(Clone, Debug)]
pub struct Order {
    /// What was called.
    pub invocation: Invocation,
    /// On whose behalf.
    pub actor: Actor,
    /// When nobody waits for the result any more.
    pub deadline: Timestamp,
    /// 1, and more where it was made before and whoever ran it was lost.
    pub attempt: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_parts_joined_by_colons() {
        for good in ["add", "orders:create", "a:b:c", "größe", "self_progress_notif"] {
            assert!(check_name(good, false).is_ok(), "{good}");
        }
        for bad in ["", ":", "a:", ":a", "a::b", "a b", "a/b", "a*", "a:*", "*", "a\n", "a?", "a%"] {
            assert!(check_name(bad, false).is_err(), "{bad}");
        }
        assert!(check_name("billing:*", true).is_ok());
        assert!(check_name("*", true).is_err());
        assert!(check_name(&"x".repeat(129), false).is_err());
    }
}
