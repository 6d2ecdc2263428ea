//! Retelling: what happens in rooms, told as the signed commits that readers of Atomic Data hear.
//!
//! A retold commit is made of its event alone and signed with a key that the house holds: telling the same event again gives the same commit,
//! signature and all, so that who heard it live knows it again in a history.

mod chats;
mod latest;
mod messages;
mod rooms;

use std::sync::Arc;

use quintet_core::commit::Unsigned;
use quintet_core::event::Committed;
use quintet_core::hierarchy::Audience;
use quintet_core::{Body, Commit, Event, Position, Subject};

pub(crate) use self::chats::whereabouts;
use crate::hub::Hub;
use crate::keyring::Keyring;
use crate::portrait::Painter;
use crate::readers::Readers;

/// Tells events as commits, with what it needs of the hall.
pub(crate) struct Teller<'a> {
    pub(crate) painter: Painter<'a>,
    pub(crate) keyring: &'a Keyring,
}

impl Teller<'_> {
    /// Signed by the event's author, or by the house in its name.
    fn sign(&self, event: &Event, unsigned: Unsigned) -> Arc<Commit> {
        Arc::new(self.keyring.sign(event.author.id, event.at, unsigned))
    }

    fn sign_as_house(&self, event: &Event, unsigned: Unsigned) -> Arc<Commit> {
        Arc::new(self.keyring.sign_as_house(event.at, unsigned))
    }
}

impl Hub {
    pub(crate) fn teller(&self) -> Teller<'_> {
        Teller { painter: self.painter(), keyring: &self.keyring }
    }

    /// Has a kept event heard as commits, by the same readers, where somebody listens to them: a signature costs the writer's thread 25 µs.
    pub(crate) fn retell(&self, event: &Event, readers: &Readers) {
        if let Body::Committed(committed) = &event.body {
            return self.retell_message(event, committed, readers);
        }
        let teller = self.teller();
        for subject in teller.subjects_of_chat(event) {
            self.tell(event, event.position, readers, subject, |subject| teller.of_chat(event, subject));
        }
        if let Some(room) = teller.subject_of_room(event) {
            self.tell(event, event.position, readers, room, |_| teller.of_room(event));
        }
    }

    /// A new message below a chat room that is a document: the room's listeners hear of it. It is no part of the room's own history.
    fn retell_message(&self, event: &Event, committed: &Committed, readers: &Readers) {
        let teller = self.teller();
        if let Some(parent) = teller.room_of_message(event, committed) {
            self.tell(event, None, readers, parent.clone(), |parent| teller.of_message(event, parent));
        }
    }

    fn tell(
        &self,
        event: &Event,
        position: Option<Position>,
        readers: &Readers,
        subject: Subject,
        commit: impl FnOnce(&Subject) -> Option<Arc<Commit>>,
    ) {
        let topic = subject.topic();
        if *readers == Readers::Nobody || !self.fanout.listens(&topic) {
            return;
        }
        let Some(commit) = commit(&subject) else { return };
        let created = matches!(event.body, Body::ChatPosted(_) | Body::RoomCreated(_)) && commit.push.is_empty();
        let body = Body::Committed(Committed { subject, created, audience: Audience::nobody() });
        let (author, via) = (event.author.clone(), event.via.clone());
        let told = Event {
            id: event.id,
            topics: vec![topic],
            position,
            at: event.at,
            author,
            via,
            body,
            commit: Some(commit),
        };
        self.fanout.deliver(Arc::new(told), readers.clone());
    }
}

#[cfg(test)]
mod tests;
