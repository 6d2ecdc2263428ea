//! Documents for a test: written straight into the store, read through the hub.

use std::sync::Arc;

use quintet_core::change::{Commits, Expect};
use quintet_core::commit::Unsigned;
use quintet_core::document::{Described, DocumentQuery, Found, Page, Query};
use quintet_core::hierarchy::Reader;
use quintet_core::{
    AgentKey, Answer, Author, Call, Change, Commit, Document, Draft, Error, Id, Kind, Subject, User, term,
};
use quintet_hub::Caller;
use serde_json::{Value, json};

use crate::house::{House, Who, house};

/// A subject of the house.
pub(crate) fn at(path: &str) -> Subject {
    Subject::parse(&format!("http://localhost:8080{path}")).unwrap()
}

pub(crate) fn room_at(room: Id) -> Subject {
    at(&format!("/room/{room}"))
}

pub(crate) fn chat_at(room: Id, chat: Id) -> Subject {
    at(&format!("/room/{room}/{chat}"))
}

/// The whole of a document, as a question.
pub(crate) fn whole(subject: Subject) -> DocumentQuery {
    DocumentQuery { subject, before: None, page: Page::default(), described: false }
}

/// What has this value of a property.
pub(crate) fn with(property: &str, value: &str) -> Query {
    Query { property: Some(property.into()), value: Some(value.into()), page: Page::default() }
}

impl House {
    /// Has the house change a document; whatever `change` signs is on record.
    pub(crate) async fn commit(&self, path: &str, change: impl FnOnce(&mut Unsigned)) -> Arc<Commit> {
        let signer = AgentKey([1; 32]).subject(&at("").origin());
        self.commit_as(signer.as_str(), path, change).await
    }

    /// As [`House::commit`], with somebody else as the signer. The store does not look at signatures: they are only to differ.
    pub(crate) async fn commit_as(&self, signer: &str, path: &str, change: impl FnOnce(&mut Unsigned)) -> Arc<Commit> {
        let (commit, draft) = self.draft_as(signer, path, change);
        self.store.append(draft).await.unwrap();
        commit
    }

    /// What [`House::commit_as`] hands to the store.
    pub(crate) fn draft_as(
        &self,
        signer: &str,
        path: &str,
        change: impl FnOnce(&mut Unsigned),
    ) -> (Arc<Commit>, Draft) {
        let mut unsigned = Unsigned::new(at(path));
        change(&mut unsigned);
        self.pass_millis(1);
        let mut words = [0; 64];
        let commit = Arc::new(unsigned.sign(signer, self.now(), |text| {
            text.iter()
                .enumerate()
                .for_each(|(place, byte)| words[place % 64] = byte.wrapping_add(words[place % 64]).rotate_left(3));
            words
        }));
        let commits = Commits {
            commits: vec![(Arc::clone(&commit), Expect::Anything)],
            signer: Reader { agent: None, root: true },
            drives: true,
        };
        let change = Change::Commit(commits);
        let draft = Draft { author: Author::house(), via: "test".into(), at: self.now(), change, commit: None };
        (commit, draft)
    }

    /// Has the house make a document.
    pub(crate) async fn make(&self, path: &str, properties: Value) -> Arc<Commit> {
        let Value::Object(properties) = properties else { panic!("an object") };
        self.commit(path, |unsigned| unsigned.set = properties).await
    }

    /// A drive at a path, which these may read.
    pub(crate) async fn drive(&self, path: &str, readers: &[&str]) {
        self.make(path, json!({ term::IS_A: [term::DRIVE], term::READ: readers })).await;
    }

    /// The URL of a caller's agent.
    pub(crate) async fn agent_of(&self, who: &Caller) -> String {
        let Ok(Answer::User(user)) = self.ask(&house(), Call::User(who.id())).await else { panic!("no such user") };
        User::subject(&user)
    }

    pub(crate) async fn read(&self, who: &Caller, subject: &Subject) -> Result<Document, Error> {
        self.look(who, whole(subject.clone())).await.map(|described| described.document)
    }

    pub(crate) async fn look(&self, who: &Caller, query: DocumentQuery) -> Result<Described, Error> {
        match self.ask(who, Call::Document(query)).await? {
            Answer::Document(described) => Ok(*described),
            other => panic!("{other:?}"),
        }
    }

    /// Why a document is not read.
    pub(crate) async fn unread(&self, who: &Caller, subject: &Subject) -> (Kind, String) {
        let error = self.read(who, subject).await.unwrap_err();
        (error.kind(), error.public().to_owned())
    }

    pub(crate) async fn find(&self, who: &Caller, query: Query) -> Result<Found, Error> {
        match self.ask(who, Call::Query(query)).await? {
            Answer::Found(found) => Ok(*found),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn commits(&self, who: &Caller, subject: &Subject) -> Result<Vec<Arc<Commit>>, Error> {
        match self.ask(who, Call::Commits(subject.clone())).await? {
            Answer::Commits(commits) => Ok(commits),
            other => panic!("{other:?}"),
        }
    }
}

/// Where a user's agent stands.
trait Agent {
    fn subject(&self) -> String;
}

impl Agent for User {
    fn subject(&self) -> String {
        self.agent.subject(&at("").origin()).as_str().to_owned()
    }
}

/// The paths of documents, in order.
pub(crate) fn paths<'a>(documents: impl IntoIterator<Item = &'a Document>) -> Vec<&'a str> {
    documents.into_iter().map(|document| document.subject.path()).collect()
}
