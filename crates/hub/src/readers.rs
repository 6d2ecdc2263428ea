//! Whom an event is for.

use std::collections::HashSet;
use std::sync::Arc;

use quintet_core::Id;

/// Who among the listeners of a topic may hear an event. Decided once per event, asked once per listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readers {
    /// Whoever listens.
    Everyone,
    /// Whoever is logged in.
    Users,
    /// One user.
    Owner(Id),
    /// Those who may view this room at the moment of delivery.
    Room(Id),
    /// These users: for what can no longer be asked, such as a room that is gone.
    These(Arc<HashSet<Id>>),
    /// No listener at all: the house's own affairs.
    Nobody,
}
