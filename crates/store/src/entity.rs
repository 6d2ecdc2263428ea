//! Entities of other houses, as a memory keeps them, and the follows that go with them.

use std::sync::Arc;

use quintet_core::federation::desk::Kept;
use quintet_core::federation::{Address, Follow, Form, Host};
use quintet_core::id::Id;
use quintet_core::time::Timestamp;

use crate::handle::Handle;

/// Something that another house sent, as it is now.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entity {
    /// The number of the event by which it was first taken.
    pub(crate) id: Id,
    /// Whose it is: its name and its actor are of this house.
    pub(crate) host: Host,
    pub(crate) form: Form,
    pub(crate) kind: Arc<str>,
    /// The key of its name.
    pub(crate) name: Option<Arc<str>>,
    /// The key of its actor.
    pub(crate) actor: Option<Arc<str>>,
    /// In Unix seconds.
    pub(crate) signed_at: i64,
    pub(crate) taken_at: Timestamp,
    /// Whether it is forgotten after a while.
    pub(crate) passing: bool,
    /// Whether it was taken back. Its name stays, so that it does not come again; its text does not.
    pub(crate) gone: bool,
    /// Whose followers read it: an actor's key, or a group's.
    pub(crate) feed: Option<Arc<str>>,
    /// The chat that it is here.
    pub(crate) chat: Option<Id>,
    pub(crate) feeling: Option<Feeling>,
    pub(crate) signature: Arc<str>,
    pub(crate) text: Arc<str>,
}

/// What an entity feels about something of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Feeling {
    /// About what.
    pub(crate) to: Id,
    pub(crate) reaction: String,
    /// Whether the actor has only one such reaction to it.
    pub(crate) exclusive: bool,
}

impl Entity {
    /// By what it is found.
    pub(crate) fn handle(&self) -> Handle<'_> {
        self.name.as_deref().map_or(Handle::Signature(&self.signature), Handle::Name)
    }

    /// As it is when it was taken back.
    pub(crate) fn buried(self) -> Self {
        Self { gone: true, feed: None, feeling: None, text: "".into(), ..self }
    }

    /// Its name, where it has one: also once it was taken back.
    pub(crate) fn address(&self) -> Option<Address> {
        let Self { host, form, name, .. } = self;
        name.as_ref().map(|key| Address { host: host.clone(), form: *form, key: Arc::clone(key) })
    }

    /// As it is shown; `None` where it was taken back.
    pub(crate) fn shown(self) -> Option<Kept> {
        let Self { id, host, form, kind, chat, taken_at: at, signature, text, .. } = self;
        let address = |key| Address { host: host.clone(), form, key };
        let (name, actor) = (self.name.map(address), self.actor.map(address));
        (!self.gone).then_some(Kept { id, kind, name, actor, chat, at, signature, text, host })
    }
}

/// A follow, with what is known of the words about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tie {
    pub(crate) follow: Follow,
    /// When the other house signed its last word about it, in Unix seconds: what it signed before is old.
    pub(crate) signed_at: i64,
}

/// The form as a number.
pub(crate) fn form_code(form: Form) -> i64 {
    match form {
        Form::Uri => 5,
        Form::Reference => 6,
    }
}

/// The form with this number.
pub(crate) fn form_of(code: i64) -> Form {
    if code == 5 { Form::Uri } else { Form::Reference }
}
