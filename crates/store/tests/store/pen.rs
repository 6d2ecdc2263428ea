//! A pen: writes commits for tests. Their signatures are made up: a store does not look at them.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use quintet_core::change::{Change, Commits, Expect};
use quintet_core::commit::{Commit, Unsigned};
use quintet_core::dialect::Origin;
use quintet_core::error::{Error, Kind};
use quintet_core::event::{Body, Committed, Event};
use quintet_core::hierarchy::Reader;
use quintet_core::identity::Author;
use quintet_core::{AgentKey, Properties, Subject, term};
use serde_json::{Value, json};

use crate::house::House;

/// Who writes.
#[derive(Clone)]
pub(crate) struct Pen {
    pub(crate) reader: Reader,
    pub(crate) drives: bool,
}

impl Pen {
    /// An agent that may make drives; each number is another one.
    pub(crate) fn of(number: u8) -> Self {
        let agent = Some(key(number).subject(&origin()).shared());
        Self { reader: Reader { agent, root: false }, drives: true }
    }

    /// One who may do everything.
    pub(crate) fn root() -> Self {
        Self { reader: Reader { agent: Pen::of(0).reader.agent, root: true }, drives: true }
    }

    /// Somebody who is not known.
    pub(crate) fn nobody() -> Self {
        Self { reader: Reader::default(), drives: true }
    }

    /// Its agent's URL.
    pub(crate) fn url(&self) -> &str {
        self.reader.agent.as_deref().unwrap_or(term::PUBLIC_AGENT)
    }
}

pub(crate) fn key(number: u8) -> AgentKey {
    AgentKey([number; 32])
}

pub(crate) fn origin() -> Origin {
    Origin("http://a.example".into())
}

/// The subject at a path.
pub(crate) fn at(path: &str) -> Subject {
    Subject::at(&origin(), path)
}

/// The URL at a path.
pub(crate) fn url(path: &str) -> String {
    at(path).as_str().to_owned()
}

/// A property of no bundled vocabulary.
pub(crate) fn property(name: &str) -> String {
    format!("https://p.example/{name}")
}

/// What a commit says.
#[derive(Clone, Debug)]
pub(crate) struct Edit(pub(crate) Unsigned);

/// A commit on the document at a path.
pub(crate) fn edit(path: &str) -> Edit {
    Edit(Unsigned::new(at(path)))
}

/// A new document below another one.
pub(crate) fn below(parent: &str, path: &str) -> Edit {
    edit(path).set(term::PARENT, url(parent))
}

/// A new drive.
pub(crate) fn drive(path: &str) -> Edit {
    edit(path).set(term::IS_A, json!([term::DRIVE]))
}

impl Edit {
    pub(crate) fn set(mut self, property: &str, value: impl Into<Value>) -> Self {
        self.0.set.insert(property.to_owned(), value.into());
        self
    }

    pub(crate) fn push(mut self, property: &str, items: Value) -> Self {
        self.0.push.insert(property.to_owned(), items);
        self
    }

    pub(crate) fn remove(mut self, property: &str) -> Self {
        self.0.remove.push(property.to_owned());
        self
    }

    pub(crate) fn destroy(mut self) -> Self {
        self.0.destroy = true;
        self
    }

    /// Lists agents.
    pub(crate) fn lets(self, right: &str, pens: &[&Pen]) -> Self {
        let agents: Vec<_> = pens.iter().map(|pen| pen.url()).collect();
        self.set(right, json!(agents))
    }
}

impl House {
    /// A commit that was never made before.
    pub(crate) fn sign(&self, pen: &Pen, edit: Edit) -> Arc<Commit> {
        let number = self.commits.fetch_add(1, Ordering::Relaxed);
        let signature = |_: &[u8]| {
            let mut bytes = [0; 64];
            bytes[..8].copy_from_slice(&number.to_be_bytes());
            bytes
        };
        Arc::new(edit.0.sign(pen.url(), self.now().plus_millis(number), signature))
    }

    /// What becomes of commits in one change.
    pub(crate) async fn commit(
        &self,
        pen: &Pen,
        commits: Vec<(Arc<Commit>, Expect)>,
    ) -> Result<Vec<Arc<Event>>, Error> {
        let commits = Commits { commits, signer: pen.reader.clone(), drives: pen.drives };
        self.append(&Author::house(), Change::Commit(commits)).await
    }

    /// What becomes of one commit.
    pub(crate) async fn try_write(&self, pen: &Pen, edit: Edit) -> Result<Event, Error> {
        let commit = (self.sign(pen, edit), Expect::Anything);
        let [event] = <[_; 1]>::try_from(self.commit(pen, vec![commit]).await?).unwrap();
        Ok((*event).clone())
    }

    pub(crate) async fn write(&self, pen: &Pen, edit: Edit) -> Event {
        self.try_write(pen, edit).await.unwrap()
    }

    /// The kind and text of a refusal, which leaves no trace.
    pub(crate) async fn refuses(&self, pen: &Pen, edit: Edit) -> (Kind, String) {
        let subject = edit.0.subject.clone();
        let before = self.store.document(&subject).await.unwrap();
        let heard = self.heard.lock().len();
        let error = self.try_write(pen, edit).await.expect_err("this is to be refused");
        assert_eq!(self.heard.lock().len(), heard, "a refused commit was heard");
        assert_eq!(self.store.document(&subject).await.unwrap(), before, "a refused commit left a trace");
        (error.kind(), error.public().to_owned())
    }

    /// The properties of the document at a path, but its last commit.
    pub(crate) async fn read(&self, path: &str) -> Option<Value> {
        let mut properties: Properties = self.store.document(&at(path)).await.unwrap()?.properties;
        properties.shift_remove(term::LAST_COMMIT).expect("every document has a last commit");
        Some(Value::Object(properties))
    }
}

/// What is said of a commit.
pub(crate) fn committed(event: &Event) -> &Committed {
    match &event.body {
        Body::Committed(committed) => committed,
        other => panic!("not a commit: {other:?}"),
    }
}
