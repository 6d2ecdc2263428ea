//! The last commit of a portrait: clients take it for another one than they have only where this differs.

use quintet_core::commit::Unsigned;
use quintet_core::{Body, Chat, Commit, Event, Id, Subject};

use super::Teller;
use crate::place::Place;

impl Teller<'_> {
    /// The URL of the commit that tells the last event of a chat, known by `subject`; `None` where the chat was read before or after that event,
    /// so that what is old is never taken for new.
    pub(crate) fn latest_of_chat(&self, chat: &Chat, last: &Event, subject: &Subject) -> Option<String> {
        let is_its = match &last.body {
            Body::ChatPosted(told) | Body::ChatEdited(told) => told.content == chat.content,
            Body::ChatReacted { reactions, .. } => *reactions == chat.reactions,
            _ => false,
        };
        self.of_chat(last, subject).filter(|_| is_its).map(|commit| commit.id())
    }

    /// The URL of the commit that tells the last event of a room: something of it, or of one of the chats that it shows.
    pub(crate) fn latest_of_room(&self, room: Id, last: &Event) -> String {
        let of_chat = || self.of_chat(last, &self.subjects_of_chat(last).next()?);
        let told = self.of_room(last).or_else(of_chat);
        // Threads are not told: any commit of that moment will do.
        let untold = || self.sign_as_house(last, Unsigned::new(Place::of_room(self.painter.origin, room)));
        Commit::id(&told.unwrap_or_else(untold))
    }
}
