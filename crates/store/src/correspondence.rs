//! Correspondence: what passed between this house and others, and what waits to be sent.

use std::sync::Arc;

use async_trait::async_trait;
use quintet_core::error::Error;
use quintet_core::event::Event;
use quintet_core::federation::desk::Kept;
use quintet_core::federation::peer::{DeadLetter, Peer};
use quintet_core::federation::{Address, Form, Host, Note, Own};
use quintet_core::id::Id;
use quintet_core::limits::Limits;
use quintet_core::time::Timestamp;

/// What is remembered of other houses. What comes from them is appended as a change ([`quintet_core::Change::Deliver`]); this is the rest.
#[async_trait]
pub trait Correspondence: Send + Sync {
    /// Kept events with a number above `after`, in log order, at most `limit`.
    async fn log(&self, after: Id, limit: u64) -> Result<Vec<Event>, Error>;

    /// Up to which event everything that is to be told to others stands in their queues; [`Id::HOUSE`] at first.
    async fn told(&self) -> Result<Id, Error>;

    /// Puts items behind those that wait, in order, and remembers up to which event that is: both or nothing. Durable when it returns.
    /// What is beyond `Limits::outbox_items` for one house is a dead letter at once.
    async fn enqueue(&self, told: Id, items: Vec<NewItem>) -> Result<(), Error>;

    /// What waits for a house behind this number, in the order in which it was queued, at most `limit`; due or not.
    async fn waiting(&self, host: &Host, after: u64, limit: u64) -> Result<Vec<Item>, Error>;

    /// The houses for which something waits, or was given up, by name.
    async fn awaited(&self) -> Result<Vec<Waiting>, Error>;

    /// What became of items. Durable when it returns. Those that are gone already are passed over.
    async fn settle(&self, settled: Vec<Settled>) -> Result<(), Error>;

    /// What was given up, of one house or of all, the newest first, at most `limit`.
    async fn dead_letters(&self, host: Option<&Host>, limit: u64) -> Result<Vec<DeadLetter>, Error>;

    /// Puts a house's dead letters back into its queue, at the places that they had; tells how many.
    async fn requeue(&self, host: &Host, now: Timestamp) -> Result<u64, Error>;

    /// Every house that is known, by name.
    async fn peers(&self) -> Result<Vec<Peer>, Error>;

    /// Remembers how things stand with a house. Durable when it returns. Beyond `Limits::peers` those make place that no operator decided about, that were
    /// never reached and for which nothing waits: first whoever was heard longest ago. `TooMany` where there are none.
    async fn put_peer(&self, peer: Peer) -> Result<(), Error>;

    /// Forgets the names of transient entities, and of what nobody here was concerned with, taken before `before`, and dead letters queued before it.
    async fn forget(&self, before: Timestamp) -> Result<u64, Error>;

    /// A note of this house; a chat of a federated room is not one here.
    async fn note(&self, id: Id) -> Result<Option<Note>, Error>;

    /// Notes of a user that pass: the newest first, with how many there are in all. `public` leaves out those that are not for everybody.
    async fn notes(&self, author: Id, public: bool, offset: u64, limit: u64) -> Result<(Vec<Note>, u64), Error>;

    /// Notes of these users for everybody or their followers, before a number: the newest first, at most `limit`.
    async fn notes_of(&self, authors: &[Id], before: Option<Id>, limit: u64) -> Result<Vec<Note>, Error>;

    /// The entity of this name, as it is now. One that was taken back is none.
    async fn entity(&self, key: &str) -> Result<Option<Kept>, Error>;

    /// The entity with this number: that of the event by which it was first taken.
    async fn entity_numbered(&self, id: Id) -> Result<Option<Kept>, Error>;

    /// Entities of a house or of all, before a number: the newest first, at most `limit`. Those that were changed are there as they are now.
    async fn entities(&self, query: &Post) -> Result<Vec<Kept>, Error>;

    /// Entities that are about something of ours in this way, of one type or any, in one form or any, oldest first, with how many there are in all.
    async fn about(
        &self,
        own: Id,
        bond: Bond,
        kind: Option<&str>,
        form: Option<Form>,
        offset: u64,
        limit: u64,
    ) -> Result<(Vec<Kept>, u64), Error>;

    /// Since when a user of this house feels that about an entity with this number; `None` where it does not.
    async fn felt(&self, user: Id, entity: Id, reaction: &str) -> Result<Option<Timestamp>, Error>;

    /// What a chat is called in the house that it came from, also once it is gone; `None` for a chat of this house.
    async fn name_of_chat(&self, chat: Id) -> Result<Option<Address>, Error>;
}

/// How an entity is about something of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bond {
    /// It is a note that mentions this user.
    Mention,
    /// It is a note for everybody that answers something this user said.
    Answer,
    /// It answers this note or chat.
    Reply,
    /// It quotes it.
    Quote,
    /// It is what somebody feels about it.
    Reaction,
    /// Any other.
    Other,
}

/// Something to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewItem {
    /// To whom.
    pub host: Host,
    /// In which form the text is.
    pub form: Form,
    /// Of what type, as it is spelled.
    pub kind: String,
    /// Who is to sign it.
    pub signer: Own,
    /// The entity; as it is now, whatever happens to it later.
    pub text: Arc<str>,
    /// When it was queued.
    pub at: Timestamp,
    /// Where it is to go if the house has no place for all.
    pub inbox: Option<String>,
}

/// Something that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its number; grows in the order of the queue.
    pub id: u64,
    /// What it is.
    pub item: NewItem,
    /// How often it was tried.
    pub attempts: u32,
    /// Not before that.
    pub due: Timestamp,
}

/// What became of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It arrived.
    Gone(u64),
    /// It is to be tried again.
    Again {
        /// Which.
        id: u64,
        /// Not before that.
        due: Timestamp,
    },
    /// It is given up.
    Dead {
        /// Which.
        id: u64,
        /// What the peer said.
        error: String,
    },
}

/// A house for which something waits, or was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Which.
    pub host: Host,
    /// How much.
    pub tally: Tally,
}

/// How much waits for a house.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// What waits.
    pub waiting: u64,
    /// What was given up.
    pub dead: u64,
    /// When the oldest of what waits was queued.
    pub oldest: Option<Timestamp>,
}

/// What is wrong with what is beyond `Limits::outbox_items`.
pub(crate) const OVERFLOW: &str = "too much waited for this server";

/// What is answered beyond `Limits::peers`.
pub(crate) fn too_many_peers(limits: &Limits) -> Error {
    Error::too_many(format!("{} servers are known, no more fit; raise the bound 'peers'", limits.peers))
}

/// How many peers make place at once: finding them takes time, and where one stranger comes, more do.
pub(crate) fn peers_to_replace(limits: &Limits) -> u64 {
    (limits.peers / 1000).max(1)
}

/// Which entities to read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Post {
    /// Of this house.
    pub host: Option<Host>,
    /// Notes only: those of these actors for everybody or their followers, those in these groups, and those that mention this user or answer it.
    /// `None` for all entities.
    pub actors: Option<(Vec<Arc<str>>, Id)>,
    /// With a smaller number.
    pub before: Option<Id>,
    /// At most.
    pub limit: u64,
}
