//! Lineages: documents with those above them, from which rights are inherited (atomic-data.md, section 12).

use std::sync::Arc;

use quintet_core::AgentKey;
use quintet_core::hierarchy::{Act, Audience, Reader};
use quintet_core::id::Id;
use quintet_core::limits::{self, Limits};

use crate::sheet::{Node, is_agent};
use crate::tables::{Kept, Library};

/// A document and what stands above it, the nearest first.
///
/// It ends at [`Limits::document_depth`]: what was moved below something deep inherits nothing from further up.
pub(crate) struct Lineage(Vec<Node>);

impl Lineage {
    /// That of a document.
    pub(crate) fn of<L: Library>(library: &L, node: Node, limits: &Limits) -> Kept<Self> {
        let above = node.above;
        let mut nodes = vec![node];
        nodes.append(&mut Self::from(library, above, limits)?.0);
        Ok(Self(nodes))
    }

    /// The document with this number and what stands above it; empty where there is none.
    pub(crate) fn from<L: Library>(library: &L, mut next: Option<Id>, limits: &Limits) -> Kept<Self> {
        let mut nodes = Vec::new();
        while let Some(id) = next
            && nodes.len() < limits::size(limits.document_depth)
            && let Some(node) = library.node(id)?
        {
            next = node.above;
            nodes.push(node);
        }
        Ok(Self(nodes))
    }

    /// Its documents, the nearest first.
    pub(crate) fn nodes(&self) -> &[Node] {
        &self.0
    }

    /// Whether somebody may do something with whatever inherits from it: rights only add up.
    pub(crate) fn lets(&self, reader: &Reader, act: Act) -> bool {
        reader.root || self.0.iter().any(|node| node.lets(reader, act))
    }

    /// Whether somebody may do something with its first document.
    pub(crate) fn lets_first(&self, reader: &Reader, act: Act) -> bool {
        self.lets(reader, act) || act == Act::Read && self.is_of_agent()
    }

    /// Who may hear of its first document.
    pub(crate) fn audience(&self) -> Audience {
        let Some(first) = self.0.first() else { return Audience::nobody() };
        if self.is_of_agent() {
            return Audience::Everyone;
        }
        let listed = Audience::of(&first.subject.origin(), self.0.iter().map(|node| &node.heading));
        // What stands below an agent's own document is the agent's.
        let mut owners = self.0.iter().filter_map(|node| AgentKey::of_path(node.subject.path())).peekable();
        match listed {
            Audience::Agents(mut keys) if owners.peek().is_some() => {
                Arc::make_mut(&mut keys).extend(owners);
                Audience::Agents(keys)
            }
            listed => listed,
        }
    }

    fn is_of_agent(&self) -> bool {
        self.0.first().is_some_and(|first| is_agent(&first.subject))
    }
}

/// Whether somebody may do something with the document at a subject; nobody but `root` with what is not there.
pub(crate) fn may<L: Library>(library: &L, reader: &Reader, act: Act, subject: &str, limits: &Limits) -> Kept<bool> {
    if reader.root {
        return Ok(true);
    }
    let node = match library.number(subject)? {
        Some(id) => library.node(id)?,
        None => None,
    };
    let Some(node) = node else { return Ok(false) };
    Ok(Lineage::of(library, node, limits)?.lets_first(reader, act))
}
