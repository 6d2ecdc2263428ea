//! Profiles: what is known of other houses and their users.

use std::sync::Arc;

use crate::federation::address::{Address, Form};
use crate::federation::host::Host;

/// What another house says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerProfile {
    /// Its name.
    pub host: Host,
    /// The ways of naming that it understands; the first is the one it prefers. Not none.
    pub forms: Vec<Form>,
    /// What it is called, and the program that it is: to be shown.
    pub software: String,
    /// The public half of its key.
    pub key: [u8; 32],
    /// Where entities are posted that name things by URI, where there is one place for all.
    pub shared_inbox: Option<String>,
    /// Where it takes sockets.
    pub endpoint: Option<String>,
}

/// Where a user lives that is of another house.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// Who it is there.
    pub address: Address,
    /// Whether it is a group, of which users here are members.
    pub group: bool,
    /// Where entities for it are posted, where its house has no place for all.
    pub inbox: Option<String>,
}

/// What another house says of one of its users, or groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserProfile {
    /// Who it is.
    pub address: Address,
    /// Whether it is a group.
    pub group: bool,
    /// Its name there; a group's is made from what it is called.
    pub username: String,
    /// The name to show.
    pub display_name: Option<String>,
    /// What it says of itself, as plain text.
    pub bio: Option<String>,
    /// The public half of its key, where users have keys (0.5).
    pub key: Option<[u8; 32]>,
    /// Where entities for it are posted, where users have inboxes (0.5).
    pub inbox: Option<String>,
    /// The whole, byte for byte as it was answered.
    pub text: Arc<str>,
}

/// What an inquiry found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// A house.
    Peer(Box<PeerProfile>),
    /// A user, or a group.
    User(Box<UserProfile>),
    /// A note, as its house serves it.
    Note(Box<crate::federation::incoming::Incoming>),
}
