//! Rights by hierarchy: lists of agents on documents, inherited along `parent`, only additive.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::Value;

use crate::agent::AgentKey;
use crate::dialect::Origin;
use crate::document::Properties;
use crate::term;

/// What somebody may do with a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    /// Read it, and hear its commits.
    Read,
    /// Change and destroy it, and create below it.
    Write,
    /// Create below it.
    Append,
}

impl Act {
    /// The property that lists who may.
    pub const fn property(self) -> &'static str {
        match self {
            Self::Read => term::READ,
            Self::Write => term::WRITE,
            Self::Append => term::APPEND,
        }
    }
}

/// Who wants to do something with documents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reader {
    /// The URL of its agent; `None` for somebody who is not known.
    pub agent: Option<Arc<str>>,
    /// May do everything: the house, and its admins.
    pub root: bool,
}

impl Reader {
    /// Whether the lists of one document let it do something.
    pub fn is_listed(&self, act: Act, properties: &Properties) -> bool {
        agents(act, properties).any(|listed| listed == term::PUBLIC_AGENT || Some(listed) == self.agent.as_deref())
    }
}

/// Whom one document lists.
pub fn agents(act: Act, properties: &Properties) -> impl Iterator<Item = &str> {
    let listed = properties.get(act.property()).and_then(Value::as_array);
    listed.into_iter().flatten().filter_map(Value::as_str)
}

/// Who may hear of a document: decided in the transaction that changed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everybody.
    Everyone,
    /// Those with these keys, and admins.
    Agents(Arc<HashSet<AgentKey>>),
}

impl Audience {
    /// Nobody but admins.
    pub fn nobody() -> Self {
        Self::Agents(Arc::default())
    }

    /// Gathers the readers that a document and those above it list. Agents of other origins hear nothing here.
    pub fn of<'a>(origin: &Origin, lineage: impl IntoIterator<Item = &'a Properties>) -> Self {
        let mut keys = HashSet::new();
        for properties in lineage {
            for agent in agents(Act::Read, properties) {
                if agent == term::PUBLIC_AGENT {
                    return Self::Everyone;
                }
                keys.extend(AgentKey::within(agent, origin));
            }
        }
        Self::Agents(Arc::new(keys))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ANN: &str = "http://a.example/agents/A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=";

    fn lists(value: Value) -> Properties {
        match value {
            Value::Object(properties) => properties,
            _ => Properties::new(),
        }
    }

    #[test]
    fn lists_name_agents_or_everybody() {
        let ann = Reader { agent: Some(ANN.into()), root: false };
        let document = lists(json!({ term::READ: [ANN], term::WRITE: ["http://a.example/agents/other"] }));
        assert!(ann.is_listed(Act::Read, &document));
        assert!(!ann.is_listed(Act::Write, &document), "each right is its own");
        assert!(!Reader::default().is_listed(Act::Read, &document));
        let public = lists(json!({ term::APPEND: [term::PUBLIC_AGENT] }));
        assert!(Reader::default().is_listed(Act::Append, &public));
    }

    #[test]
    fn an_audience_adds_up_along_the_lineage() {
        let origin = Origin("http://a.example".into());
        let (private, foreign) =
            (lists(json!({ term::READ: [ANN] })), lists(json!({ term::READ: ["http://b.example/agents/x"] })));
        let keys = HashSet::from([AgentKey::within(ANN, &origin).unwrap()]);
        assert_eq!(Audience::of(&origin, [&private, &foreign]), Audience::Agents(Arc::new(keys)));
        assert_eq!(Audience::of(&origin, [&foreign]), Audience::nobody());
        let public = lists(json!({ term::READ: [term::PUBLIC_AGENT] }));
        assert_eq!(Audience::of(&origin, [&private, &public]), Audience::Everyone);
    }
}
