//! The steward: what the house itself does to documents, signed with its own key.

use std::sync::Arc;

use quintet_core::change::{Commits, Expect};
use quintet_core::chat::Via;
use quintet_core::commit::Unsigned;
use quintet_core::hierarchy::Reader;
use quintet_core::{Author, Change, Document, Draft, Error, Properties, Subject, term};
use serde_json::Value;

use crate::hub::Hub;

/// A change to one document, with what is expected of it.
pub(crate) type Task = (Unsigned, Expect);

impl Hub {
    /// The URL of the house's own agent.
    pub(crate) fn agent_url(&self) -> Arc<str> {
        self.keyring.house().subject(self.origin()).shared()
    }

    /// Applies changes in the house's name, all or none. Errors are those of [`Change::Commit`], but for missing rights.
    pub(crate) async fn do_as_house(&self, via: Via, tasks: Vec<Task>) -> Result<(), Error> {
        let at = self.now();
        let sign = |(unsigned, expect)| (Arc::new(self.keyring.sign_as_house(at, unsigned)), expect);
        let commits = tasks.into_iter().map(sign).collect();
        let signer = Reader { agent: Some(self.agent_url()), root: true };
        let change = Change::Commit(Commits { commits, signer, drives: true });
        self.store.append(Draft { author: Author::house(), via, at, change, commit: None }).await?;
        Ok(())
    }
}

/// Makes a document.
pub(crate) fn make(subject: Subject, properties: Properties) -> Task {
    (Unsigned { set: properties, ..Unsigned::new(subject) }, Expect::Last(None))
}

/// Changes a document that is as it was read, and no other way.
pub(crate) fn change(document: &Document, change: impl FnOnce(&mut Unsigned)) -> Task {
    let mut unsigned = Unsigned::new(document.subject.clone());
    change(&mut unsigned);
    let last = document.properties.get(term::LAST_COMMIT).and_then(Value::as_str);
    (unsigned, Expect::Last(last.map(str::to_owned)))
}
