//! Who someone is, and what they showed to prove it.

use std::fmt;
use std::sync::Arc;

use crate::agent::AgentKey;
use crate::federation::Verified;
use crate::id::Id;
use crate::time::Timestamp;

/// Who acts. One model for all rooms.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Identity {
    /// Not logged in.
    Public,
    /// A user of this house, by number.
    User(Id),
    /// A holder of an Ed25519 key that belongs to no user yet.
    Agent(AgentKey),
    /// A remote server, by host name.
    Instance(Arc<str>),
    /// A program that answers calls, by name.
    Worker(Arc<str>),
    /// The server itself.
    House,
}

impl Identity {
    /// The user's number, if this is a user.
    pub fn user(&self) -> Option<Id> {
        match self {
            Self::User(id) => Some(*id),
            _ => None,
        }
    }
}

/// The author of an event: a number, and the name that others see.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Author {
    /// The user's number; [`Id::HOUSE`] or [`Id::PUBLIC`] where no user acted.
    pub id: Id,
    /// The username, `name@host` for a remote user; empty where no user acted.
    pub name: Arc<str>,
}

impl Author {
    /// The house, speaking for itself.
    pub fn house() -> Self {
        Self { id: Id::HOUSE, name: "".into() }
    }

    /// Somebody who is not logged in.
    pub fn public() -> Self {
        Self { id: Id::PUBLIC, name: "".into() }
    }
}

/// A text that never shows itself in a log: a token or a password.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, to be checked, never to be shown.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What someone showed to say who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// Nothing: the public identity.
    None,
    /// A signed token, without any scheme in front.
    Token(Secret),
    /// A signature made just now.
    Proof(Box<Proof>),
    /// A signature of another house, which was checked: becomes [`Identity::Instance`]. What it is bound to is the room's to check.
    Peer(Box<Verified>),
    /// Something that cannot be understood; the text says why.
    Malformed(String),
}

/// A signature by which an agent shows that it holds its key. What it is bound to is the room's to check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Whose it is.
    pub agent: AgentKey,
    /// What was signed.
    pub signed: String,
    /// The Ed25519 signature.
    pub signature: [u8; 64],
    /// When it was signed, as `signed` says.
    pub signed_at: Timestamp,
    /// Whether it holds for a day's session instead of minutes.
    pub lasting: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_do_not_show() {
        let credential = Credential::Token(Secret::new("eyJ"));
        assert!(!format!("{credential:?}").contains("eyJ"));
    }
}
