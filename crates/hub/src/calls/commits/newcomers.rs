//! Newcomers: agents whose first commit may make them users of the house.

use quintet_core::document::is_a;
use quintet_core::hierarchy::Act;
use quintet_core::{Commit, Error, Properties, Subject, term};
use serde_json::Value;

use crate::calls::asker::Asker;
use crate::place::Place;

impl Asker<'_> {
    /// Whether a newcomer may do this to a document: by what documents list, with a drive of its own, or with what it says of itself.
    ///
    /// The store decides again. What it refuses for another reason was still said by a user.
    pub(super) async fn may_begin_with(&self, commit: &Commit, place: Place) -> Result<bool, Error> {
        let subject = &commit.subject;
        if self.hub.store.number(subject).await?.is_some() {
            let root = Subject::at(self.hub.origin(), "");
            return self.lists_me(&[Act::Write], &[subject, &root]).await;
        }
        let own = self.reader().agent.as_deref() == Some(subject.as_str());
        let Ok(Some(made)) = commit.apply(Properties::new()) else { return Ok(false) };
        if commit.destroy || matches!(place, Place::Agent(_)) && !own {
            return Ok(false);
        }
        match made.get(term::PARENT) {
            None => Ok(own || self.hub.rules.drives && is_a(&made, term::DRIVE)),
            Some(Value::String(parent)) => match Subject::within(parent, self.hub.origin()) {
                Some(parent) => self.lists_me(&[Act::Append, Act::Write], &[&parent]).await,
                None => Ok(false),
            },
            Some(_) => Ok(false),
        }
    }

    /// Whether the asker may do one of these acts with one of these documents.
    async fn lists_me(&self, acts: &[Act], subjects: &[&Subject]) -> Result<bool, Error> {
        let reader = self.reader();
        for subject in subjects {
            for act in acts {
                if self.hub.store.may(&reader, *act, subject).await? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}
