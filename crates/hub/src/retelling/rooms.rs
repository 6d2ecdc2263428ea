//! What happens to a room, as commits on its `ChatRoom`.

use std::sync::Arc;

use quintet_core::commit::Unsigned;
use quintet_core::{Body, Commit, Event, Id, Subject, term};

use super::Teller;

impl Teller<'_> {
    /// The subject of the room that hears of an event; `None` for an event that changes nothing of a room as a document.
    pub(super) fn subject_of_room(&self, event: &Event) -> Option<Subject> {
        changed_room(&event.body).map(|room| self.painter.room_subject(room))
    }

    /// The event as its room's listeners hear it: what changes the room itself, and the messages that arrive.
    pub(crate) fn of_room(&self, event: &Event) -> Option<Arc<Commit>> {
        self.arrival(event).or_else(|| self.of_room_itself(event))
    }

    /// The event as a commit on the room itself, without the messages that arrive; `None` if it changes nothing of the room.
    pub(crate) fn of_room_itself(&self, event: &Event) -> Option<Arc<Commit>> {
        let room = match &event.body {
            Body::RoomCreated(room) | Body::RoomChanged(room) => room.id,
            Body::RoomDeleted { room } => *room,
            _ => return None,
        };
        let mut unsigned = Unsigned::new(self.painter.room_subject(room));
        match &event.body {
            Body::RoomCreated(room) => unsigned.set = self.painter.room(room).properties,
            Body::RoomChanged(room) => {
                unsigned.set = self.painter.room_words(room);
                if room.description.is_none() {
                    unsigned.remove.push(term::DESCRIPTION.into());
                }
            }
            _ => unsigned.destroy = true,
        }
        let verbatim = event.commit.as_ref().filter(|commit| commit.subject == unsigned.subject);
        Some(verbatim.map_or_else(|| self.sign(event, unsigned.clone()), Arc::clone))
    }
}

/// The room that is another after an event, as a document.
fn changed_room(body: &Body) -> Option<Id> {
    match body {
        Body::ChatPosted(chat) => Some(chat.room),
        Body::RoomCreated(room) | Body::RoomChanged(room) => Some(room.id),
        Body::RoomDeleted { room } => Some(*room),
        _ => None,
    }
}
