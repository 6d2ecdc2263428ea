//! Whom an event is for.

use std::collections::HashSet;
use std::sync::Arc;

use quintet_core::hierarchy::Audience;
use quintet_core::{AgentKey, Id};

/// Who among the listeners of a topic may hear an event. Decided once per event, asked once per listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readers {
    /// Whoever listens.
    Everyone,
    /// Whoever names the topic in full: a `*` hears nothing of it.
    Named,
    /// Whoever is logged in.
    Users,
    /// One user.
    Owner(Id),
    /// One user, and admins.
    OwnerOrAdmin(Id),
    /// Those who may view this room at the moment of delivery.
    Room(Id),
    /// These users: for what can no longer be asked, such as a room that is gone.
    These(Arc<HashSet<Id>>),
    /// Those with these agent keys, and admins.
    Agents(Arc<HashSet<AgentKey>>),
    /// At each topic of the event, in their order, others.
    Each(Arc<[Readers]>),
    /// No listener at all: the house's own affairs.
    Nobody,
}

impl Readers {
    /// Those of an event with several topics.
    pub fn each(of_topics: impl Iterator<Item = Self>) -> Self {
        let all: Arc<[Self]> = of_topics.collect();
        match &all[..] {
            [] => Self::Nobody,
            [first, others @ ..] if others.iter().all(|other| other == first) => first.clone(),
            _ => Self::Each(all),
        }
    }

    /// Those at one of the event's topics, by its place among them.
    pub fn at(&self, place: usize) -> &Self {
        match self {
            Self::Each(all) => all.get(place).unwrap_or(&Self::Nobody),
            all => all,
        }
    }

    /// The audience of a document.
    pub fn of(audience: &Audience) -> Self {
        match audience {
            Audience::Everyone => Self::Everyone,
            Audience::Agents(keys) => Self::Agents(Arc::clone(keys)),
        }
    }
}
