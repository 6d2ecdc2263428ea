//! Users: the people of the house, however they came in.

use crate::agent::AgentKey;
use crate::federation::profile::Remote;
use crate::id::Id;
use crate::identity::Secret;
use crate::time::Timestamp;

/// A user as others see it. Never holds an e-mail or a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Its number.
    pub id: Id,
    /// Unique, compared exactly.
    pub username: String,
    /// The name to show.
    pub nickname: String,
    /// What it says of itself.
    pub bio: Option<String>,
    /// An image.
    pub avatar: Option<Id>,
    /// When it registered.
    pub created_at: Timestamp,
    /// May not log in, and every token of it has ended.
    pub disabled: bool,
    /// The public half of its Ed25519 agent key, by which others check what it signs.
    pub agent: AgentKey,
    /// Where it lives, where that is another house. Its username is `name@host` then, and nobody logs in as it.
    pub remote: Option<Remote>,
    /// Whether it is here now. Not stored: filled in by the hall.
    pub status: Status,
}

/// Whether a user is here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Status {
    /// No connection.
    #[default]
    Offline,
    /// At least one connection.
    Online,
}

/// A user with what only it and the house may know.
#[derive(Clone, Debug)]
pub struct Account {
    /// The public half.
    pub user: User,
    /// Never shown to others.
    pub email: Option<String>,
    /// The Argon2id hash in PHC form; absent where no password was ever set.
    pub password: Option<Secret>,
    /// Counts up when all its tokens are ended; a token of an earlier generation is void.
    pub token_generation: u32,
}

/// An account to be made.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// What it logs in with.
    pub login: NewLogin,
    /// The Argon2id hash in PHC form; absent for who comes with a key of its own.
    pub password: Option<Secret>,
    /// The secret half of its agent key, where the server holds it.
    pub agent_secret: Option<AgentSecret>,
    /// The public half of its agent key. `Conflict` if it is another user's.
    pub agent: AgentKey,
}

/// The secret half of an agent key.
#[derive(Clone)]
pub struct AgentSecret(pub [u8; 32]);

impl std::fmt::Debug for AgentSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AgentSecret(…)")
    }
}

/// What a new account is known by. Usernames and e-mails are unique together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewLogin {
    /// A username, taken exactly as given. `BadMessage` for an `@`, which is for those of other houses.
    Username(String),
    /// An e-mail; the username is made from its local part, with a number where that is taken.
    Email(String),
    /// An agent key; the username is made from this text, with a number where that is taken.
    Agent(String),
}

/// A successful login.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The signed token; URL-safe characters only.
    pub token: Secret,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Whose it is.
    pub user: User,
    /// The owner's own e-mail.
    pub email: Option<String>,
    /// Whether the owner has the admin right.
    pub admin: bool,
}
