//! Calls that carry documents and keys out of the house and in.

use std::collections::HashMap;

use quintet_core::document::Properties;
use quintet_core::{Answer, Document, Error, Id, Subject, term};
use serde_json::Value;

use super::asker::Asker;
use super::commits::is_kept;
use crate::steward::{Task, change, make};

/// Documents of one transaction of an import.
const BATCH: usize = 64;

impl Asker<'_> {
    pub(super) async fn export(&self, after: Id, limit: u64) -> Result<Answer, Error> {
        self.must_be_admin()?;
        let limit = limit.min(self.hub.limits.page_members);
        Ok(Answer::Exported(self.hub.store.export(after, limit).await?))
    }

    /// What is as it should be stays untouched: an import that was broken off can be made again.
    pub(super) async fn import(&self, documents: Vec<Document>) -> Result<Answer, Error> {
        self.must_be_admin()?;
        for document in &documents {
            let subject = &document.subject;
            if !subject.is_within(self.hub.origin()) || !is_kept(subject) {
                let origin = &self.hub.origin().0;
                return Err(Error::bad_message(format!(
                    "{subject} is no place for a document of {origin}, leave it out"
                )));
            }
        }
        for batch in parents_first(documents)?.chunks(BATCH) {
            let mut tasks = Vec::with_capacity(batch.len());
            for document in batch {
                tasks.extend(self.task(document).await?);
            }
            if !tasks.is_empty() {
                self.hub.do_as_house(self.caller.via.clone(), tasks).await?;
            }
        }
        Ok(Answer::Done)
    }

    /// What brings a document to what is given; `None` where it is so.
    async fn task(&self, given: &Document) -> Result<Option<Task>, Error> {
        let mut wanted = given.properties.clone();
        wanted.shift_remove(term::LAST_COMMIT);
        let Some(present) = self.hub.store.document(&given.subject).await? else {
            return Ok(Some(make(given.subject.clone(), wanted)));
        };
        let is_gone = |property: &&String| *property != term::LAST_COMMIT && !wanted.contains_key(*property);
        let gone: Vec<_> = present.properties.keys().filter(is_gone).cloned().collect();
        let set: Properties =
            wanted.into_iter().filter(|(property, value)| present.properties.get(property) != Some(value)).collect();
        Ok((!set.is_empty() || !gone.is_empty()).then(|| {
            change(&present, |unsigned| {
                unsigned.set = set;
                unsigned.remove = gone;
            })
        }))
    }

    pub(super) fn agent_secret(&self, username: &str) -> Result<Answer, Error> {
        self.must_be_admin()?;
        let user = self.hub.directory.user_named(username);
        let user = user.ok_or_else(|| Error::not_found(format!("no user is called {username}")))?;
        let secret = self.hub.keyring.secret(user.id).ok_or_else(|| {
            Error::not_found(format!("{username} came with a key of its own, whose secret only its owner has"))
        })?;
        Ok(Answer::AgentSecret { secret, subject: user.agent.subject(self.hub.origin()) })
    }
}

/// In an order in which each stands behind its parent. `BadMessage` for what is given twice.
fn parents_first(documents: Vec<Document>) -> Result<Vec<Document>, Error> {
    let mut waiting: HashMap<Subject, Document> = HashMap::with_capacity(documents.len());
    let mut order = Vec::with_capacity(documents.len());
    for document in documents {
        order.push(document.subject.clone());
        if let Some(twice) = waiting.insert(document.subject.clone(), document) {
            return Err(Error::bad_message(format!("{} is given twice", twice.subject)));
        }
    }
    let mut sorted = Vec::with_capacity(order.len());
    for subject in order {
        // Taking each out as it is reached ends a circle, too; the store refuses that.
        let mut lineage = Vec::new();
        let mut next = Some(subject);
        while let Some(document) = next.and_then(|subject| waiting.remove(&subject)) {
            next = document.properties.get(term::PARENT).and_then(Value::as_str).and_then(Subject::parse);
            lineage.push(document);
        }
        sorted.extend(lineage.into_iter().rev());
    }
    Ok(sorted)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document(name: &str, parent: Option<&str>) -> Document {
        let url = |name: &str| format!("http://a.example/{name}");
        let mut properties = Properties::new();
        properties.extend(parent.map(|parent| (term::PARENT.to_owned(), json!(url(parent)))));
        Document { subject: Subject::parse(&url(name)).unwrap(), properties }
    }

    #[test]
    fn parents_come_before_their_children() {
        let given = [("c", Some("b")), ("x", None), ("b", Some("a")), ("a", Some("root")), ("d", Some("b"))];
        let sorted = parents_first(given.map(|(name, parent)| document(name, parent)).into()).unwrap();
        let paths: Vec<_> = sorted.iter().map(|document| document.subject.path()).collect();
        assert_eq!(paths, ["/a", "/b", "/c", "/x", "/d"]);
    }

    #[test]
    fn circles_end_and_doubles_are_named() {
        let circle = vec![document("a", Some("b")), document("b", Some("a"))];
        assert_eq!(parents_first(circle).unwrap().len(), 2);
        let error = parents_first(vec![document("a", None), document("a", None)]).unwrap_err();
        assert!(error.public().contains("http://a.example/a"), "{error}");
    }
}
