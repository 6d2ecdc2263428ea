//! The documents of a memory, and the lists by which documents and chats are found.

use std::sync::Arc;

use quintet_core::chat::Chat;
use quintet_core::id::Id;

use super::state::{Kept as KeptChat, Shelved, State};
use crate::atoms;
use crate::search::{Terms, Word};
use crate::sheet::{Node, Sheet};
use crate::tables::{Documents, Draught, Index, Kept, Library};

impl Library for State {
    fn number(&self, subject: &str) -> Kept<Option<Id>> {
        Ok(self.subjects.get(subject).copied())
    }

    fn node(&self, id: Id) -> Kept<Option<Node>> {
        Ok(self.documents.get(&id).map(|shelved| Node::from(&*shelved.sheet)))
    }

    fn sheet(&self, id: Id) -> Kept<Option<Sheet>> {
        Ok(self.documents.get(&id).map(|shelved| Sheet::clone(&shelved.sheet)))
    }

    fn find_small(&self, subject: &str, bytes: usize) -> Kept<Option<Sheet>> {
        Ok(self.find(subject)?.filter(|sheet| sheet.is_within(bytes)))
    }
}

impl Documents for State {
    fn put_document(&mut self, draught: &Draught) -> Kept<()> {
        let sheet = Arc::clone(&draught.sheet);
        self.subjects.insert(sheet.document.subject.shared(), sheet.id);
        let terms = match (&draught.terms, self.documents.remove(&sheet.id)) {
            (Some(terms), _) => terms.clone(),
            (None, Some(before)) => before.terms,
            (None, None) => Terms::default(),
        };
        self.documents.insert(sheet.id, Shelved { sheet, terms });
        Ok(())
    }

    fn remove_document(&mut self, id: Id, _: &[i64]) -> Kept<()> {
        if let Some(shelved) = self.documents.remove(&id) {
            self.subjects.remove(shelved.sheet.document.subject.as_str());
        }
        Ok(())
    }
}

impl Index for State {
    fn with_atom(&self, atom: i64, limit: usize) -> Kept<Vec<Id>> {
        let has = |shelved: &Shelved| atoms::of(&shelved.sheet.document.properties).binary_search(&atom).is_ok();
        let found = self.documents.iter().filter(|(_, shelved)| has(shelved));
        Ok(found.map(|(id, _)| *id).take(limit).collect())
    }

    fn newest_documents(&self, limit: usize) -> Kept<Vec<Id>> {
        Ok(self.documents.keys().rev().copied().take(limit).collect())
    }

    fn newest_chats(&self, limit: usize) -> Kept<Vec<Id>> {
        Ok(self.chats.keys().rev().copied().take(limit).collect())
    }

    fn with_word(&self, word: &Word, limit: usize) -> Kept<Vec<Id>> {
        let chats = self.chats.iter().map(|(id, kept)| (*id, &kept.terms));
        let documents = self.documents.iter().map(|(id, shelved)| (*id, &shelved.terms));
        let mut found: Vec<Id> =
            chats.chain(documents).filter(|(_, terms)| word.is_in(terms)).map(|(id, _)| id).collect();
        found.sort_unstable_by(|one, other| other.cmp(one));
        found.truncate(limit);
        Ok(found)
    }

    fn chat_of(&self, id: Id) -> Kept<Option<Chat>> {
        Ok(self.chats.get(&id).map(KeptChat::shown))
    }

    fn room_above(&self, id: Id) -> Kept<Option<Id>> {
        Ok(self.rooms.get(&id).and_then(|room| room.parent))
    }
}
