//! Where a document may stand: below which parent, and when without one.

use quintet_core::document::is_a;
use quintet_core::error::Error;
use quintet_core::hierarchy::Reader;
use quintet_core::id::Id;
use quintet_core::limits::{self, Limits};
use quintet_core::{Commit, Properties, Subject, term};
use serde_json::Value;

use super::rights;
use crate::lineage::Lineage;
use crate::sheet::{Node, is_agent};
use crate::tables::Library;

/// What decides about a place.
pub(super) struct Placing<'a, L> {
    pub(super) library: &'a L,
    pub(super) signer: &'a Reader,
    /// Whether the signer may make drives.
    pub(super) drives: bool,
    pub(super) commit: &'a Commit,
    pub(super) limits: &'a Limits,
}

impl<L: Library> Placing<'_, L> {
    /// The number of the parent of a new document.
    pub(super) fn of_new(&self, after: &Properties) -> Result<Option<Id>, Error> {
        let subject = &self.commit.subject;
        // Whoever made another's agent document would be master of it.
        if is_agent(subject) && !self.is_own_agent() && !self.signer.root {
            return Err(Error::forbidden(format!("{subject} can be made by that agent only")));
        }
        self.find(after)
    }

    /// The number of the parent of a changed document.
    pub(super) fn of_changed(&self, before: &Node, after: &Properties) -> Result<Option<Id>, Error> {
        let Commit { set, push, remove, .. } = self.commit;
        let is_touched = set.contains_key(term::PARENT)
            || push.contains_key(term::PARENT)
            || remove.iter().any(|property| property == term::PARENT);
        if !is_touched || self.stays(before, after)? { Ok(before.above) } else { self.find(after) }
    }

    /// Whether a document names the same parent as before; one that lost its parent may name it still.
    fn stays(&self, before: &Node, after: &Properties) -> Result<bool, Error> {
        let named = after.get(term::PARENT);
        if before.heading.get(term::PARENT) != named {
            return Ok(false);
        }
        let Some(Value::String(parent)) = named else { return Ok(named.is_none()) };
        let number = self.library.number(Subject::parse(parent).as_ref().map_or(parent, Subject::as_str))?;
        Ok(number == before.above || number.is_none())
    }

    fn find(&self, after: &Properties) -> Result<Option<Id>, Error> {
        match after.get(term::PARENT) {
            None => self.check_top(after).map(|()| None),
            Some(Value::String(parent)) => self.below(parent).map(Some),
            Some(other) => Err(self.no_parent(&format!("{other} is no URL"))),
        }
    }

    /// Whether a document may stand without a parent.
    fn check_top(&self, after: &Properties) -> Result<(), Error> {
        if self.signer.root || self.is_own_agent() {
            return Ok(());
        }
        if !is_a(after, term::DRIVE) {
            return Err(self.no_parent("only drives have none"));
        }
        if self.drives {
            return Ok(());
        }
        Err(Error::forbidden("This agent may not make drives here; use a parent that it may append to"))
    }

    fn below(&self, parent: &str) -> Result<Id, Error> {
        let subject = &self.commit.subject;
        let origin = subject.origin();
        let parent = Subject::within(parent, &origin).ok_or_else(|| self.no_parent(parent))?;
        if parent == *subject {
            return Err(circular());
        }
        if parent.path().starts_with("/room/") {
            return Err(Error::bad_message(format!("Only messages can stand in a room, and {subject} is none")));
        }
        let number = self.library.number(parent.as_str())?.ok_or_else(|| self.no_parent(parent.as_str()))?;
        let lineage = Lineage::from(self.library, Some(number), self.limits)?;
        if lineage.nodes().iter().any(|node| self.is_below_itself(node)) {
            return Err(circular());
        }
        if lineage.nodes().len() >= limits::size(self.limits.document_depth) {
            return Err(Error::bad_message(format!(
                "resources stand at most {} deep in each other; choose a parent nearer to the top",
                self.limits.document_depth
            )));
        }
        rights::check_append(self.signer, &lineage)?;
        Ok(number)
    }

    /// Whether what stands above is the document itself, or has lost it as its parent: clients would walk in a circle.
    fn is_below_itself(&self, node: &Node) -> bool {
        let subject = &self.commit.subject;
        let parent = node.heading.get(term::PARENT).and_then(Value::as_str).and_then(Subject::parse);
        node.subject == *subject || parent.as_ref() == Some(subject)
    }

    fn is_own_agent(&self) -> bool {
        self.signer.agent.as_deref() == Some(self.commit.subject.as_str()) && is_agent(&self.commit.subject)
    }

    fn no_parent(&self, why: &str) -> Error {
        Error::bad_message(format!("Parent of {} not found: {why}", self.commit.subject))
    }
}

fn circular() -> Error {
    Error::bad_message("Circular parent reference")
}
