//! Peers: other houses, and how things stand between them and this one.

use crate::federation::host::Host;
use crate::time::Timestamp;

/// Whether a peer is listened and spoken to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Standing {
    /// As the configuration says: by everybody, or only who is allowed.
    #[default]
    Neutral,
    /// In any case.
    Allowed,
    /// Not at all.
    Blocked,
}

/// A house that this one knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its name.
    pub host: Host,
    /// Whether it is listened and spoken to.
    pub standing: Standing,
    /// When it was given up: nothing is queued for it until it speaks to us.
    pub dead_since: Option<Timestamp>,
    /// What went wrong last, and when.
    pub last_error: Option<(Timestamp, String)>,
    /// When something of it was taken last.
    pub heard_at: Option<Timestamp>,
    /// When something of ours was taken last.
    pub reached_at: Option<Timestamp>,
}

/// What an operator is told of a peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerReport {
    /// The peer.
    pub peer: Peer,
    /// How it is reached now: by how many authenticated sockets.
    pub sockets: u64,
    /// Whether only HTTP is tried for a while.
    pub http_only: bool,
    /// What waits for it.
    pub waiting: u64,
    /// Since when.
    pub oldest: Option<Timestamp>,
    /// What was given up.
    pub dead_letters: u64,
    /// When it is tried again, where it was not reached.
    pub next_try: Option<Timestamp>,
    /// Its key and when that was fetched, where it is known.
    pub key: Option<(String, Timestamp)>,
    /// What it says that it is, and the versions that it speaks.
    pub software: Option<String>,
}

/// Something that was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// Its number.
    pub id: u64,
    /// For whom.
    pub host: Host,
    /// Of what type.
    pub kind: String,
    /// The entity.
    pub text: String,
    /// When it was queued.
    pub queued_at: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
    /// What the peer said last.
    pub error: String,
}
