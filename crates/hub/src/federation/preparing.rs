//! Preparing: what taking an entity will need, seen to while its signature is checked, so that nothing is waited for when its turn comes.

use std::sync::Arc;

use parking_lot::Mutex;
use quintet_core::chat::Via;
use quintet_core::federation::note::Audience;
use quintet_core::federation::{Address, Deed, Host, Incoming, Own, Target};
use quintet_core::limits::ENTITY_BONDS;
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
    pub(crate) async fn prepare(
        self: &Arc<Self>,
        hub: &Hub,
        sender: &Host,
        incoming: &Incoming,
        via: Via,
    ) -> Result<(), Error> {
        self.must_be_visible(hub, sender, &incoming.deed).await?;
        let Some(actor) = &incoming.actor else { return Ok(()) };
        let concerned = match &incoming.deed {
            Deed::Follow(Target::Own(own)) => is_followed(hub, own),
            Deed::Note(said) => matches!(&said.audience, Audience::Group(Target::Own(own)) if is_followed(hub, own)),
            Deed::React { target: Target::Own(Own::Note(chat)), .. } => self.place(hub, *chat).await?.is_some(),
            _ => false,
        };
        if concerned { self.must_be_adopted(hub, actor, via).await } else { Ok(()) }
    }

    /// What is about something of this house that its sender may not see is answered as if that were not there: nobody finds out by it what is.
    async fn must_be_visible(&self, hub: &Hub, sender: &Host, deed: &Deed) -> Result<(), Error> {
        for own in about(deed).into_iter().take(ENTITY_BONDS) {
            let is_visible = match own {
                Own::Note(id) | Own::Reaction { to: id, .. } => self.is_visible(hub, sender, *id).await?,
                Own::Room(room) => hub.room_may_be_named(*room, Some(sender)),
                _ => true,
            };
            if !is_visible {
                return Err(Error::not_found("there is no such thing here"));
            }
        }
        Ok(())
    }

    /// Whether a house may see a note or chat. What is not there hides nothing: the store says so.
    async fn is_visible(&self, hub: &Hub, sender: &Host, id: Id) -> Result<bool, Error> {
        if let Some(room) = self.place(hub, id).await? {
            return Ok(hub.room_may_be_shown(room, Some(sender)));
        }
        let note = hub.store.correspondence().note(id).await?;
        Ok(note.is_none_or(|note| hub.may_be_shown(&note, Some(sender))))
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

/// What of this house something is about. A chat for a room is taken whatever it answers, so nothing shows by that.
fn about(deed: &Deed) -> Vec<&Own> {
    let targets: Vec<&Target> = match deed {
        Deed::React { target, .. } => vec![target],
        Deed::Keep { about } => about.iter().collect(),
        Deed::Note(said) if !matches!(said.audience, Audience::Group(Target::Own(_))) => {
            said.replies_to.iter().chain(&said.quotes).collect()
        }
        _ => Vec::new(),
    };
    targets.into_iter().filter_map(|target| if let Target::Own(own) = target { Some(own) } else { None }).collect()
}
