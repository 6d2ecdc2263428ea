//! The call for what a document was before: its commits, applied again up to one of them.

use quintet_core::document::Described;
use quintet_core::event::Event;
use quintet_core::{Answer, Body, Chat, Commit, Document, Error, Id, Properties, term};

use super::asker::Asker;
use super::lacking::missing;
use crate::retelling::whereabouts;

impl Asker<'_> {
    pub(super) async fn version(&self, signature: &str) -> Result<Answer, Error> {
        let (commit, event) = self.told_by(signature).await?;
        let version = match &event.body {
            Body::Committed(_) => self.document_after(&commit, &event).await?,
            Body::RoomCreated(room) | Body::RoomChanged(room) => Some(self.hub.painter().room(room)),
            body => match whereabouts(body) {
                Some((_, chat)) => self.chat_after(chat, &commit, &event).await?,
                None => None,
            },
        };
        let mut document = version.ok_or_else(|| missing(commit.subject.as_str()))?;
        document.properties.insert(term::LAST_COMMIT.into(), commit.id().into());
        Ok(Answer::Document(Box::new(Described { document, terms: Vec::new() })))
    }

    /// A document after an event; `None` if that destroyed it. `TooMany` commits came before.
    async fn document_after(&self, commit: &Commit, event: &Event) -> Result<Option<Document>, Error> {
        let offset = event.position.map_or(0, |position| position.offset);
        let events = self.stretch(&commit.subject.topic(), 0, offset, &mut self.budget()).await?;
        if events.last().is_none_or(|last| last.id != event.id) {
            return Err(Error::too_many("too many commits led there to apply them all again"));
        }
        let mut state = None;
        for commit in events.into_iter().filter_map(|event| event.commit) {
            state = commit.apply(state.unwrap_or_default())?;
        }
        Ok(state.map(|properties: Properties| Document { subject: commit.subject.clone(), properties }))
    }

    /// A chat after an event; `None` if that deleted it.
    async fn chat_after(&self, id: Id, commit: &Commit, until: &Event) -> Result<Option<Document>, Error> {
        let events = self.hub.store.chat_history(id, self.hub.limits.history_commits).await?;
        let mut state: Option<Chat> = None;
        for event in events.into_iter().take_while(|event| event.id <= until.id) {
            match (event.body, &mut state) {
                (Body::ChatPosted(chat) | Body::ChatEdited(chat), _) => state = Some(chat),
                (Body::ChatReacted { reactions, .. }, Some(chat)) => chat.reactions = reactions,
                (Body::ChatDeleted { .. }, _) => state = None,
                _ => {}
            }
        }
        Ok(state.map(|chat| self.hub.painter().chat(&chat, commit.subject.clone())))
    }
}
