//! Portraits: rooms, chats and users as the documents that readers of Atomic Data see of them.
//!
//! A portrait is made of what the hall knows at that moment; nothing of it is stored.

mod agent;
mod chat;
mod room;

use quintet_core::{AgentKey, Id, Origin, Properties, Subject};
use serde_json::{Value, json};

pub(crate) use self::chat::counts;
use crate::directory::Directory;
use crate::hub::Hub;

/// Makes portraits, with what it needs of the hall.
#[derive(Clone, Copy)]
pub(crate) struct Painter<'a> {
    pub(crate) origin: &'a Origin,
    pub(crate) directory: &'a Directory,
    /// The house's own agent: it stands for whoever has none.
    pub(crate) house: AgentKey,
}

impl Hub {
    pub(crate) fn painter(&self) -> Painter<'_> {
        Painter { origin: self.origin(), directory: &self.directory, house: self.keyring.house() }
    }
}

impl Painter<'_> {
    /// The URL of somebody's agent.
    fn agent_of(&self, user: Id) -> Value {
        self.directory.agent_of(user).unwrap_or(self.house).subject(self.origin).as_str().into()
    }
}

/// The properties of an instance of one class.
fn instance(class: &str) -> Properties {
    Properties::from_iter([(quintet_core::term::IS_A.to_owned(), json!([class]))])
}

/// Puts in a property.
fn put(properties: &mut Properties, property: &str, value: impl Into<Value>) {
    properties.insert(property.to_owned(), value.into());
}

/// Puts in the URL of something as a property.
fn put_link(properties: &mut Properties, property: &str, subject: &Subject) {
    put(properties, property, subject.as_str());
}
