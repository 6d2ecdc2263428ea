//! Sheets: documents as a memory keeps them, by number.

use quintet_core::document::{Document, Properties};
use quintet_core::hierarchy::{Act, Reader};
use quintet_core::id::Id;
use quintet_core::subject::Subject;
use quintet_core::{AgentKey, term};

/// A document with its number and place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sheet {
    /// Its number.
    pub(crate) id: Id,
    /// The number of its parent. A parent that was destroyed and made again has another number: nobody gets rights over what stood below a
    /// document by making it again.
    pub(crate) above: Option<Id>,
    /// The whole.
    pub(crate) document: Document,
}

impl Sheet {
    /// Whether its properties are no longer than this as JSON.
    pub(crate) fn is_within(&self, bytes: usize) -> bool {
        serde_json::to_string(&self.document.properties).is_ok_and(|text| text.len() <= bytes)
    }
}

/// The part of a sheet that rights depend on: one step of a lineage.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// Its number.
    pub(crate) id: Id,
    /// By what it is known.
    pub(crate) subject: Subject,
    /// The number of its parent, as [`Sheet::above`].
    pub(crate) above: Option<Id>,
    /// Its lists of agents, and the URL of its parent.
    pub(crate) heading: Properties,
}

/// The properties that a heading holds.
const HEADING: [&str; 4] = [term::PARENT, term::READ, term::WRITE, term::APPEND];

/// The part of a document's properties that a [`Node`] holds.
pub(crate) fn heading(properties: &Properties) -> Properties {
    HEADING.iter().filter_map(|name| Some(((*name).to_owned(), properties.get(*name)?.clone()))).collect()
}

impl From<&Sheet> for Node {
    fn from(sheet: &Sheet) -> Self {
        Self {
            id: sheet.id,
            subject: sheet.document.subject.clone(),
            above: sheet.above,
            heading: heading(&sheet.document.properties),
        }
    }
}

impl Node {
    /// Whether the lists of this document alone let somebody do something, or it is the reader's own agent.
    pub(crate) fn lets(&self, reader: &Reader, act: Act) -> bool {
        lets(&self.subject, &self.heading, reader, act)
    }
}

/// Whether a document alone lets somebody do something: it is listed there, or it is the reader's own agent.
pub(crate) fn lets(subject: &Subject, properties: &Properties, reader: &Reader, act: Act) -> bool {
    reader.agent.as_deref() == Some(subject.as_str()) || reader.is_listed(act, properties)
}

/// Whether everybody may read what is known by this subject: others check signatures by the documents of agents.
pub(crate) fn is_agent(subject: &Subject) -> bool {
    AgentKey::of_path(subject.path()).is_some()
}
