//! A memory with changes that are decided and not written yet.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use quintet_core::Subject;
use quintet_core::id::Id;

use crate::sheet::{Node, Sheet};
use crate::tables::{Kept, Library};

/// What a memory will be: the commits of one change build upon each other.
pub(super) struct Pending<'a, T> {
    tables: &'a T,
    /// The signatures of the commits so far.
    signatures: HashSet<Arc<str>>,
    /// The numbers of documents by subject, where they changed; `None` for those that are gone.
    numbers: HashMap<Arc<str>, Option<Id>>,
    /// Documents that changed; `None` for those that are gone.
    sheets: HashMap<Id, Option<Arc<Sheet>>>,
}

impl<'a, T: Library> Pending<'a, T> {
    /// Nothing has changed yet.
    pub(super) fn new(tables: &'a T) -> Self {
        Self { tables, signatures: HashSet::new(), numbers: HashMap::new(), sheets: HashMap::new() }
    }

    /// Whether a signature comes for the first time.
    pub(super) fn is_first(&mut self, signature: &Arc<str>) -> bool {
        self.signatures.insert(Arc::clone(signature))
    }

    /// A document is new, or replaced.
    pub(super) fn put(&mut self, sheet: &Arc<Sheet>) {
        self.numbers.insert(sheet.document.subject.shared(), Some(sheet.id));
        self.sheets.insert(sheet.id, Some(Arc::clone(sheet)));
    }

    /// A document is gone.
    pub(super) fn remove(&mut self, id: Id, subject: &Subject) {
        self.numbers.insert(subject.shared(), None);
        self.sheets.insert(id, None);
    }
}

impl<T: Library> Library for Pending<'_, T> {
    fn number(&self, subject: &str) -> Kept<Option<Id>> {
        self.numbers.get(subject).map_or_else(|| self.tables.number(subject), |number| Ok(*number))
    }

    fn node(&self, id: Id) -> Kept<Option<Node>> {
        match self.sheets.get(&id) {
            Some(changed) => Ok(changed.as_deref().map(Node::from)),
            None => self.tables.node(id),
        }
    }

    fn sheet(&self, id: Id) -> Kept<Option<Sheet>> {
        match self.sheets.get(&id) {
            Some(changed) => Ok(changed.as_deref().cloned()),
            None => self.tables.sheet(id),
        }
    }

    fn find(&self, subject: &str) -> Kept<Option<Sheet>> {
        if self.numbers.is_empty() {
            return self.tables.find(subject);
        }
        self.number(subject)?.map_or(Ok(None), |id| self.sheet(id))
    }

    fn find_small(&self, subject: &str, bytes: usize) -> Kept<Option<Sheet>> {
        match self.numbers.get(subject) {
            Some(_) => Ok(self.find(subject)?.filter(|sheet| sheet.is_within(bytes))),
            None => self.tables.find_small(subject, bytes),
        }
    }
}
