//! What happens to a chat, as commits on its `Message`.

use std::sync::Arc;

use quintet_core::commit::Unsigned;
use quintet_core::{Body, Commit, Event, Id, Subject, term};
use serde_json::Value;

use super::Teller;
use crate::place::Place;
use crate::portrait::counts;

impl Teller<'_> {
    /// The subjects by which the chat of an event is known; none for an event that is about no chat.
    pub(crate) fn subjects_of_chat(&self, event: &Event) -> impl Iterator<Item = Subject> {
        let at = whereabouts(&event.body).map(|(room, chat)| Place::of_chat(self.painter.origin, room, chat));
        at.into_iter().chain(own_subject(event))
    }

    /// The event as a commit on its chat, known by `subject`; `None` if it is about no chat.
    ///
    /// The commit by which it came in is told as it is, where it speaks of that subject. Reactions are always told by their counts, as those of
    /// others count too.
    pub(crate) fn of_chat(&self, event: &Event, subject: &Subject) -> Option<Arc<Commit>> {
        let mut unsigned = Unsigned::new(subject.clone());
        match &event.body {
            Body::ChatPosted(chat) => unsigned.set = self.painter.chat(chat, subject.clone()).properties,
            Body::ChatEdited(chat) => drop(unsigned.set.insert(term::DESCRIPTION.into(), chat.content.as_str().into())),
            Body::ChatDeleted { .. } => unsigned.destroy = true,
            Body::ChatReacted { reactions, .. } if reactions.is_empty() => unsigned.remove.push(term::REACTIONS.into()),
            Body::ChatReacted { reactions, .. } => {
                unsigned.set.insert(term::REACTIONS.into(), counts(reactions));
            }
            _ => return None,
        }
        let verbatim = event.commit.as_ref().filter(|commit| commit.subject == *subject);
        match (&event.body, verbatim) {
            (Body::ChatReacted { .. }, _) | (_, None) => Some(self.sign(event, unsigned)),
            (_, Some(commit)) => Some(Arc::clone(commit)),
        }
    }

    /// A posted chat as a commit on its room: the whole message is pushed to the room's messages, by the house (atomic-data.md, section 6).
    pub(super) fn arrival(&self, event: &Event) -> Option<Arc<Commit>> {
        let Body::ChatPosted(chat) = &event.body else { return None };
        let message = self.painter.listed_chat(chat).json();
        Some(self.push_message(event, self.painter.room_subject(chat.room), message))
    }

    /// A message pushed to the messages of a room.
    pub(super) fn push_message(&self, event: &Event, room: Subject, message: Value) -> Arc<Commit> {
        let mut unsigned = Unsigned::new(room);
        unsigned.push.insert(term::MESSAGES.into(), Value::Array(vec![message]));
        self.sign_as_house(event, unsigned)
    }
}

/// The room and number of the chat that an event is about.
pub(crate) fn whereabouts(body: &Body) -> Option<(Id, Id)> {
    match body {
        Body::ChatPosted(chat) | Body::ChatEdited(chat) => Some((chat.room, chat.id)),
        Body::ChatDeleted { chat, room, .. } | Body::ChatReacted { chat, room, .. } => Some((*room, *chat)),
        _ => None,
    }
}

/// The subject that the author of the event's chat gave it.
fn own_subject(event: &Event) -> Option<Subject> {
    match &event.body {
        Body::ChatPosted(chat) | Body::ChatEdited(chat) => chat.subject.clone(),
        Body::ChatDeleted { subject, .. } | Body::ChatReacted { subject, .. } => subject.clone(),
        _ => None,
    }
}
