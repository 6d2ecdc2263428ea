//! Preparing: what taking an entity will need, seen to while its signature is checked, so that nothing is waited for when its turn comes.

use std::sync::Arc;

use parking_lot::Mutex;
use quintet_core::chat::Via;
use quintet_core::federation::note::Audience;
use quintet_core::federation::{Address, Deed, Incoming, Own, Target};
use quintet_core::{Error, Id, Kind, Right};

use super::Federation;
use super::aged::Aged;
use crate::hub::Hub;

/// Chats whose room is kept in mind between checking a reaction to them and taking it.
const PLACES: usize = 16_384;

/// In which federated room a chat is. It never moves.
pub(super) struct Places(Mutex<Aged<Id, Id>>);

impl Default for Places {
    fn default() -> Self {
        Self(Mutex::new(Aged::new(PLACES)))
    }
}

impl Places {
    fn get(&self, chat: Id) -> Option<Id> {
        self.0.lock().get(&chat).copied()
    }

    fn put(&self, chat: Id, room: Id) {
        self.0.lock().put(chat, room);
    }
}

impl Federation {
    /// Gets ready what [`Federation::take`] needs: who does something to what is of this house is a user here then.
    ///
    /// `NotFound` where there is nothing of the kind here; `Unauthenticated` for an actor of whom its own house knows nothing.
    pub(crate) async fn prepare(self: &Arc<Self>, hub: &Hub, incoming: &Incoming, via: Via) -> Result<(), Error> {
        let Some(actor) = &incoming.actor else { return Ok(()) };
        let concerned = match &incoming.deed {
            Deed::Follow(Target::Own(own)) => is_followed(hub, own),
            Deed::Note(said) => matches!(&said.audience, Audience::Group(Target::Own(own)) if is_followed(hub, own)),
            Deed::React { target: Target::Own(Own::Note(chat)), .. } => self.place(hub, *chat).await?.is_some(),
            _ => false,
        };
        if concerned { self.must_be_adopted(hub, actor, via).await } else { Ok(()) }
    }

    async fn must_be_adopted(self: &Arc<Self>, hub: &Hub, actor: &Address, via: Via) -> Result<(), Error> {
        match self.user_at(hub, actor, via).await {
            Ok(_) => Ok(()),
            Err(error) if matches!(error.kind(), Kind::NotFound | Kind::BadMessage) => {
                Err(Error::unauthenticated(format!("the author's profile is not to be had: {}", error.public())))
            }
            Err(error) => Err(error),
        }
    }

    /// The federated room that a chat is in, where that is kept in mind.
    pub(super) fn known_place(&self, chat: Id) -> Option<Id> {
        self.places.get(chat)
    }

    /// The federated room that a chat is in.
    pub(super) async fn place(&self, hub: &Hub, chat: Id) -> Result<Option<Id>, Error> {
        if let Some(room) = self.known_place(chat) {
            return Ok(Some(room));
        }
        let room = hub.store.chat(chat).await?.map(|chat| chat.room).filter(|room| hub.directory.is_federated(*room));
        if let Some(room) = room {
            self.places.put(chat, room);
        }
        Ok(room)
    }
}

/// Whether something of this house is there to be followed by anybody: a user, or a federated room.
fn is_followed(hub: &Hub, own: &Own) -> bool {
    match own {
        Own::User(user) => hub.directory.user(*user).is_some_and(|user| user.remote.is_none() && !user.disabled),
        // Who is not known yet has nothing but what everybody has.
        Own::Room(room) => hub.directory.is_federated(*room) && hub.directory.everyone_may(Right::View, *room),
        _ => false,
    }
}
