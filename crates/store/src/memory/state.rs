//! The collections of a memory.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use bytes::Bytes;
use quintet_core::chat::{Chat, Reactions, Reactors};
use quintet_core::event::Event;
use quintet_core::federation::Note;
use quintet_core::id::{Id, IdSource};
use quintet_core::image::Image;
use quintet_core::right::{Holder, Rights, Role, Scope};
use quintet_core::room::{Room, ServerRecord, Thread};
use quintet_core::time::{Clock, Timestamp};
use quintet_core::topic::Topic;
use quintet_core::user::{Account, AgentSecret};

use super::outbox::Outbox;
use crate::correspondence::Bond;
use crate::entity::{Entity, Tie};
use crate::epoch;
use crate::search::Terms;
use crate::sheet::Sheet;

/// Everything in mind.
pub(super) struct State {
    pub(super) clock: Clock,
    pub(super) ids: IdSource,
    pub(super) epoch: u32,
    pub(super) server: Option<ServerRecord>,
    pub(super) accounts: BTreeMap<Id, Account>,
    /// Login keys, as [`crate::login`] makes them.
    pub(super) logins: HashMap<String, Id>,
    pub(super) rooms: BTreeMap<Id, Room>,
    pub(super) chats: BTreeMap<Id, Kept>,
    pub(super) threads: BTreeMap<Id, Thread>,
    pub(super) roles: BTreeMap<Id, (Role, BTreeSet<Id>)>,
    pub(super) grants: BTreeMap<(Scope, Holder), Rights>,
    pub(super) images: HashMap<Id, Image>,
    pub(super) secrets: BTreeMap<String, [u8; 32]>,
    /// The agent secrets that the house holds.
    pub(super) agents: BTreeMap<Id, AgentSecret>,
    pub(super) documents: BTreeMap<Id, Shelved>,
    /// The numbers of documents.
    pub(super) subjects: HashMap<Arc<str>, Id>,
    pub(super) files: HashMap<[u8; 32], Bytes>,
    pub(super) log: HashMap<Topic, Vec<Event>>,
    /// The first event of each commit, by signature.
    pub(super) commits: HashMap<Arc<str>, Event>,
    pub(super) entities: BTreeMap<Id, Entity>,
    /// The numbers of entities, by name (true) or signature (false).
    pub(super) handles: HashMap<(bool, String), Id>,
    /// What of ours each entity is about.
    pub(super) bonds: BTreeSet<(Id, Bond, Id)>,
    /// Since when a user feels something about an entity: entity, user, reaction.
    pub(super) feelings: BTreeMap<(Id, Id, String), Timestamp>,
    pub(super) notes: BTreeMap<Id, Note>,
    /// Follows, by followee, then follower.
    pub(super) ties: BTreeMap<(Id, Id), Tie>,
    /// Up to which event everything is told to others.
    pub(super) told: Id,
    pub(super) outbox: Outbox,
}

/// A document with the terms of its words.
pub(super) struct Shelved {
    pub(super) sheet: Arc<Sheet>,
    pub(super) terms: Terms,
}

/// A chat with what is known about it.
pub(super) struct Kept {
    /// Its reactions stand in `reactors`.
    pub(super) chat: Chat,
    pub(super) terms: Terms,
    pub(super) reactors: Vec<(String, BTreeSet<Id>)>,
}

impl Kept {
    /// The chat as it is shown.
    pub(super) fn shown(&self) -> Chat {
        Chat { reactions: self.reactions(), ..self.chat.clone() }
    }

    /// How many reacted.
    pub(super) fn reactions(&self) -> Reactions {
        self.reactors.iter().map(|(reaction, users)| (reaction.clone(), users.len() as u64)).collect()
    }

    /// Who reacted.
    pub(super) fn reactors(&self) -> Reactors {
        self.reactors.iter().map(|(reaction, users)| (reaction.clone(), users.iter().copied().collect())).collect()
    }
}

impl State {
    /// Nothing in mind.
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            epoch: epoch(clock()),
            clock,
            ids: IdSource::default(),
            server: None,
            accounts: BTreeMap::new(),
            logins: HashMap::new(),
            rooms: BTreeMap::new(),
            chats: BTreeMap::new(),
            threads: BTreeMap::new(),
            roles: BTreeMap::new(),
            grants: BTreeMap::new(),
            images: HashMap::new(),
            secrets: BTreeMap::new(),
            agents: BTreeMap::new(),
            documents: BTreeMap::new(),
            subjects: HashMap::new(),
            files: HashMap::new(),
            log: HashMap::new(),
            commits: HashMap::new(),
            entities: BTreeMap::new(),
            handles: HashMap::new(),
            bonds: BTreeSet::new(),
            feelings: BTreeMap::new(),
            notes: BTreeMap::new(),
            ties: BTreeMap::new(),
            told: Id::HOUSE,
            outbox: Outbox::default(),
        }
    }
}
