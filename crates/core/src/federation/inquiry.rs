//! Inquiries: how another house is asked, step by step. Pure: a room says what to fetch, and reads what came.

use crate::error::Error;
use crate::federation::address::Address;
use crate::federation::host::Host;
use crate::federation::profile::Finding;

/// What is to be found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// What a house says of itself → [`Finding::Peer`].
    Peer(Host),
    /// A user whose address is known → [`Finding::User`].
    User(Address),
    /// A user by its name there → [`Finding::User`].
    Named {
        /// Its name, or id.
        name: String,
        /// Its house.
        host: Host,
    },
    /// Whatever is at a URL that somebody typed → [`Finding::User`] or [`Finding::Note`].
    At(String),
    /// A group whose address is known → [`Finding::User`].
    Group(Address),
    /// A note whose address is known → [`Finding::Note`].
    Note(Address),
}

/// An inquiry under way.
pub trait Inquiry: Send {
    /// The next step. `fetched` is what came of the fetch before, `None` at first.
    fn step(&mut self, fetched: Option<Result<Fetched, Error>>) -> Step;
}

/// What is to be done next.
#[derive(Debug)]
pub enum Step {
    /// Fetch this, and come again with what came.
    Fetch(Fetch),
    /// Over. `NotFound` where there is no such thing, `BadMessage` for a document that is not to be believed, `Unavailable` for passing reasons.
    Done(Result<Finding, Error>),
}

/// Something to fetch, by GET.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetch {
    /// From where. The gate checks it again.
    pub url: String,
    /// The `Accept` header.
    pub accept: &'static str,
    /// Whether the request is to be signed in the name of this house ([`super::Federation::sign_fetch`]).
    pub signed: bool,
}

/// What came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// From where.
    pub url: String,
    /// The status. Never a redirect: the gate refuses those.
    pub status: u16,
    /// The media type, as it was sent.
    pub content_type: Option<String>,
    /// The body, within the bound.
    pub body: Vec<u8>,
}
