//! A chat as a `Message`.

use quintet_core::chat::Reactions;
use quintet_core::{Chat, Document, Subject, term};
use serde_json::{Map, Value};

use super::{Painter, instance, put, put_link};
use crate::place::Place;

impl Painter<'_> {
    /// A chat as a document, under one of its subjects.
    pub(crate) fn chat(&self, chat: &Chat, subject: Subject) -> Document {
        let mut properties = instance(term::MESSAGE);
        put(&mut properties, term::DESCRIPTION, chat.content.as_str());
        put_link(&mut properties, term::PARENT, &self.room_subject(chat.room));
        put(&mut properties, term::CREATED_AT, chat.created_at.millis());
        put(&mut properties, term::CREATED_BY, self.agent_of(chat.author.id));
        if !chat.reactions.is_empty() {
            put(&mut properties, term::REACTIONS, counts(&chat.reactions));
        }
        Document { subject, properties }
    }

    /// A chat as a document, under the subject by which lists name it.
    pub(crate) fn listed_chat(&self, chat: &Chat) -> Document {
        self.chat(chat, self.chat_subject(chat))
    }

    /// The subject by which lists name a chat: its own, where its author gave it one, so that the author knows it again.
    pub(crate) fn chat_subject(&self, chat: &Chat) -> Subject {
        chat.subject.clone().unwrap_or_else(|| Place::of_chat(self.origin, chat.room, chat.id))
    }
}

/// Reactions as they are shown: reaction → count.
pub(crate) fn counts(reactions: &Reactions) -> Value {
    let counts = reactions.iter().map(|(reaction, count)| (reaction.clone(), Value::from(*count)));
    Value::Object(counts.collect::<Map<_, _>>())
}
