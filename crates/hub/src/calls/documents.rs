//! The call for a document.

use std::collections::BTreeSet;

use quintet_core::document::{Described, DocumentQuery};
use quintet_core::{Answer, Document, Error, Subject, limits, term};
use serde_json::Value;

use super::asker::Asker;
use super::resources::Resource;

impl Asker<'_> {
    pub(super) async fn document(&self, query: DocumentQuery) -> Result<Answer, Error> {
        let document = match self.resource(&query.subject).await? {
            Resource::Room(room) => self.with_chats(&room, query.before).await?,
            Resource::Chat(chat) => self.whole_chat(&chat, query.subject).await?,
            Resource::Agent(key, stored) => self.hub.painter().agent(key, stored),
            Resource::Document(document) => {
                self.computed(document, &DocumentQuery { described: false, ..query.clone() }).await?
            }
        };
        let terms = if query.described { self.terms(&document).await? } else { Vec::new() };
        Ok(Answer::Document(Box::new(Described { document, terms })))
    }

    /// A stored document, with what its class has computed.
    async fn computed(&self, mut document: Document, query: &DocumentQuery) -> Result<Document, Error> {
        if document.is_a(term::COLLECTION) {
            document = self.with_members(document, &query.page).await?;
        }
        if document.is_a(term::CHAT_ROOM) {
            document = self.with_messages(document, query.before).await?;
        }
        if document.is_a(term::DRIVE) || document.subject.path().is_empty() {
            document = self.with_children(document).await?;
        }
        Ok(document)
    }

    /// The properties of a document that are documents of this house themselves, as far as the asker may read them.
    async fn terms(&self, document: &Document) -> Result<Vec<Document>, Error> {
        let (json, mut used) = (document.json(), BTreeSet::new());
        gather(&json, &mut used);
        let mut terms = Vec::new();
        let local = used.into_iter().filter_map(|property| Subject::within(property, self.hub.origin()));
        for subject in local.take(limits::size(self.hub.limits.page_members)) {
            match self.readable(&subject).await? {
                Some(Resource::Document(document)) if document.is_a(term::PROPERTY) => terms.push(document),
                _ => {}
            }
        }
        Ok(terms)
    }
}

/// The names of all members of an object, at every depth.
fn gather<'a>(value: &'a Value, used: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(object) => {
            for (property, value) in object {
                used.insert(property);
                gather(value, used);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| gather(item, used)),
        _ => {}
    }
}
