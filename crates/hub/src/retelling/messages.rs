//! New messages that are documents, as commits on the chat room that they stand in.

use std::sync::Arc;

use quintet_core::document::is_a;
use quintet_core::event::Committed;
use quintet_core::{Commit, Document, Event, Properties, Subject, term};

use super::Teller;

impl Teller<'_> {
    /// What a document that was made just now stands in, if it is a message.
    pub(super) fn room_of_message(&self, event: &Event, committed: &Committed) -> Option<Subject> {
        let commit = event.commit.as_ref().filter(|_| committed.created)?;
        let parent = commit.set.get(term::PARENT)?.as_str().filter(|_| is_a(&commit.set, term::MESSAGE))?;
        Subject::within(parent, self.painter.origin)
    }

    /// A message that was made just now, pushed to the messages of its room.
    pub(super) fn of_message(&self, event: &Event, room: &Subject) -> Option<Arc<Commit>> {
        let commit = event.commit.as_ref()?;
        let properties = commit.apply(Properties::new()).ok()??;
        let message = Document { subject: commit.subject.clone(), properties };
        Some(self.push_message(event, room.clone(), message.json()))
    }
}
