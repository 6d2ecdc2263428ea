//! A room as a `ChatRoom`.

use quintet_core::{Document, Id, Properties, Room, Subject, term};

use super::{Painter, instance, put, put_link};
use crate::place::Place;

impl Painter<'_> {
    /// A room as a document, without its messages: those are read page by page.
    pub(crate) fn room(&self, room: &Room) -> Document {
        let mut properties = instance(term::CHAT_ROOM);
        put(&mut properties, term::NAME, room.name.as_str());
        if let Some(description) = &room.description {
            put(&mut properties, term::DESCRIPTION, description.as_str());
        }
        put_link(&mut properties, term::PARENT, &self.above(room));
        put(&mut properties, term::CREATED_AT, room.created_at.millis());
        put(&mut properties, term::CREATED_BY, self.agent_of(room.created_by));
        Document { subject: self.room_subject(room.id), properties }
    }

    /// What of a room can change.
    pub(crate) fn room_words(&self, room: &Room) -> Properties {
        let mut properties = self.room(room).properties;
        properties.retain(|property, _| matches!(property.as_str(), term::NAME | term::DESCRIPTION));
        properties
    }

    /// The subject of a room.
    pub(crate) fn room_subject(&self, room: Id) -> Subject {
        Place::of_room(self.origin, room)
    }

    /// What a room stands in: another room, or the root.
    fn above(&self, room: &Room) -> Subject {
        room.parent.map_or_else(|| Subject::at(self.origin, ""), |parent| self.room_subject(parent))
    }
}
