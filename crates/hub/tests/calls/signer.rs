//! Agents for tests: keys that sign commits and proofs.

use std::sync::Arc;

use ed25519_dalek::{Signer as _, SigningKey};
use quintet_core::commit::{Unsigned, Unverified};
use quintet_core::identity::Proof;
use quintet_core::{
    AgentKey, Answer, Call, Commit, Credential, Document, Error, Id, Origin, Properties, Subject, Timestamp,
};
use serde_json::Value;

use crate::house::{House, house, public};

/// Somebody with a key.
pub(crate) struct Agent(pub(crate) SigningKey);

/// The subject of this house at a path.
pub(crate) fn at(path: &str) -> Subject {
    Subject::at(&here(), path)
}

pub(crate) fn here() -> Origin {
    Origin("http://localhost:8080".into())
}

/// A change that sets properties.
pub(crate) fn set(path: &str, properties: Value) -> Unsigned {
    Unsigned { set: object(properties), ..Unsigned::new(at(path)) }
}

/// A change that appends to properties.
pub(crate) fn push(path: &str, properties: Value) -> Unsigned {
    Unsigned { push: object(properties), ..Unsigned::new(at(path)) }
}

pub(crate) fn destroy(path: &str) -> Unsigned {
    Unsigned { destroy: true, ..Unsigned::new(at(path)) }
}

pub(crate) fn object(value: Value) -> Properties {
    match value {
        Value::Object(properties) => properties,
        other => panic!("{other}"),
    }
}

impl Agent {
    pub(crate) fn new(seed: u8) -> Self {
        Self(SigningKey::from_bytes(&[seed; 32]))
    }

    pub(crate) fn key(&self) -> AgentKey {
        AgentKey(self.0.verifying_key().to_bytes())
    }

    pub(crate) fn url(&self) -> String {
        self.key().subject(&here()).as_str().to_owned()
    }

    pub(crate) fn sign(&self, at: Timestamp, unsigned: Unsigned) -> Commit {
        unsigned.sign(&self.url(), at, |text| self.0.sign(text).to_bytes())
    }

    pub(crate) fn proof(&self, signed_at: Timestamp, lasting: bool) -> Credential {
        let signed = format!("http://localhost:8080 {}", signed_at.millis());
        let signature = self.0.sign(signed.as_bytes()).to_bytes();
        Credential::Proof(Box::new(Proof { agent: self.key(), signed, signature, signed_at, lasting }))
    }
}

/// A commit as a client posts it.
pub(crate) fn posted(json: &str) -> Call {
    Call::Commit(Box::new(Unverified::parse(json, &here()).unwrap()))
}

impl House {
    /// Has an agent commit something now; nobody is logged in.
    pub(crate) async fn hand_in(&self, agent: &Agent, unsigned: Unsigned) -> Result<Arc<Commit>, Error> {
        self.post_commit(&agent.sign(self.now(), unsigned)).await
    }

    pub(crate) async fn post_commit(&self, commit: &Commit) -> Result<Arc<Commit>, Error> {
        self.ask(&public(), posted(&commit.json)).await.map(|answer| match answer {
            Answer::Committed { commit, position } => {
                assert!(position.is_some());
                commit
            }
            other => panic!("{other:?}"),
        })
    }

    /// The stored document at a path.
    pub(crate) async fn stored(&self, path: &str) -> Option<Document> {
        let subject = at(path);
        self.all_stored().await.into_iter().find(|document| document.subject == subject)
    }

    /// A property of the stored document at a path.
    pub(crate) async fn property(&self, path: &str, property: &str) -> Value {
        self.stored(path).await.unwrap().properties.get(property).cloned().unwrap_or_default()
    }

    pub(crate) async fn all_stored(&self) -> Vec<Document> {
        match self.ask(&house(), Call::Export { after: Id::HOUSE, limit: 1000 }).await {
            Ok(Answer::Exported(documents)) => documents.into_iter().map(|(_, document)| document).collect(),
            other => panic!("{other:?}"),
        }
    }

    /// The agent of a user whose key the house holds.
    pub(crate) async fn key_of(&self, username: &str) -> Agent {
        match self.ask(&house(), Call::AgentSecret(username.into())).await {
            Ok(Answer::AgentSecret { secret, subject }) => {
                let agent = Agent(SigningKey::from_bytes(&secret.0));
                assert_eq!(agent.url(), subject.as_str());
                agent
            }
            other => panic!("{other:?}"),
        }
    }
}
