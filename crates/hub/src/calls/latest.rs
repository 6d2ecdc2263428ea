//! Portraits with their last commit, from the events of what they show.

use quintet_core::{Chat, Document, Error, Event, Id, Subject, Topic, term};

use super::asker::Asker;
use crate::place::Place;

impl Asker<'_> {
    /// The last commit of a room. To be asked before what the room shows is read: a portrait may be newer than its last commit, never older.
    pub(super) async fn latest_of_room(&self, room: Id) -> Result<Option<String>, Error> {
        let topic = Topic::room(room);
        let Some(head) = self.hub.store.head(&topic).await? else { return Ok(None) };
        let last = self.hub.store.history(&topic, head.offset.saturating_sub(1), 1).await?.pop();
        Ok(last.map(|last| self.hub.teller().latest_of_room(room, &last)))
    }

    /// A chat as a document under one of its subjects, with its last commit.
    pub(super) async fn whole_chat(&self, chat: &Chat, subject: Subject) -> Result<Document, Error> {
        let last = self.hub.store.last_of_chats(&[chat.id]).await?.pop().flatten();
        Ok(self.dated(chat, self.hub.painter().chat(chat, subject), last.as_ref()))
    }

    /// Chats as documents under the subjects by which lists name them, with their last commits.
    pub(super) async fn whole_chats(&self, chats: &[Chat]) -> Result<Vec<Document>, Error> {
        let ids: Vec<_> = chats.iter().map(|chat| chat.id).collect();
        let last = self.hub.store.last_of_chats(&ids).await?;
        let painter = self.hub.painter();
        let whole =
            chats.iter().zip(&last).map(|(chat, last)| self.dated(chat, painter.listed_chat(chat), last.as_ref()));
        Ok(whole.collect())
    }

    fn dated(&self, chat: &Chat, mut document: Document, last: Option<&Event>) -> Document {
        let latest = last.and_then(|last| self.hub.teller().latest_of_chat(chat, last, &document.subject));
        document.properties.extend(latest.map(|latest| (term::LAST_COMMIT.to_owned(), latest.into())));
        document
    }

    /// Members of a page with the last commits of those that are chats.
    pub(super) async fn dated_members(&self, members: Vec<Document>) -> Result<Vec<Document>, Error> {
        let mut whole = Vec::with_capacity(members.len());
        for member in members {
            match self.chat_behind(&member).await? {
                Some(chat) => whole.push(self.whole_chat(&chat, member.subject).await?),
                None => whole.push(member),
            }
        }
        Ok(whole)
    }

    /// The chat that a document is the portrait of: what is stored has a last commit.
    async fn chat_behind(&self, document: &Document) -> Result<Option<Chat>, Error> {
        if !document.is_a(term::MESSAGE) || document.properties.contains_key(term::LAST_COMMIT) {
            return Ok(None);
        }
        match Place::of(&document.subject) {
            Place::Chat { chat, .. } => self.hub.store.chat(chat).await,
            _ => self.hub.store.chat_at(&document.subject).await,
        }
    }
}
