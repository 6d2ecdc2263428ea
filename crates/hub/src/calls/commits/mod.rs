//! Calls that change documents: signed commits, whose signature alone decides whose act they are.

mod messages;
mod newcomers;
mod reaction;
mod rooms;
mod said;

use std::sync::Arc;

use quintet_core::change::{Commits, Expect};
use quintet_core::commit::Unverified;
use quintet_core::{AgentKey, Answer, Change, Commit, Error, Event, Kind, Subject, term};
use serde_json::Value;

use super::asker::Asker;
use super::lacking::missing;
use super::names::check_size;
use crate::place::Place;
use crate::proofs;

impl Asker<'_> {
    /// Reaches the store without waiting for anything where its signer is a user already: commits begun in order stay in order.
    pub(super) async fn commit(&self, unverified: Unverified) -> Result<Answer, Error> {
        let agent = self.signer(&unverified)?;
        let place = Place::of(&unverified.commit.subject);
        must_be_free(place, &unverified.commit)?;
        // Nobody becomes a user by what is refused: only where it is clear that the signer may do this.
        let signer = self.with_key(agent)?;
        Asker::new(self.hub, &signer).act(&unverified.commit, place).await
    }

    /// Who signed it, looked up nowhere: only agents of this house sign here, and their URLs are their keys.
    ///
    /// Then the checks of atomic-data.md, section 9.4, that need no document.
    fn signer(&self, unverified: &Unverified) -> Result<AgentKey, Error> {
        let (commit, limits) = (&unverified.commit, &self.hub.limits);
        let agent = AgentKey::within(&commit.signer, self.hub.origin()).ok_or_else(|| {
            Error::bad_message(format!(
                "the signer of a commit must be an agent of this server, {}/agents/ and its public key: {} is none",
                self.hub.origin().0,
                commit.signer
            ))
        })?;
        check_size("commit", &commit.json, limits.commit_bytes)?;
        check_size("topic of the subject", commit.subject.topic().as_str(), limits.topic_bytes)?;
        if !proofs::is_signed(agent, &unverified.signed, &unverified.signature) {
            return Err(Error::bad_message(format!(
                "Incorrect signature for Commit. It must be made with the key of {} over this text: {}",
                commit.signer, unverified.signed
            )));
        }
        if agent == self.hub.keyring.house() || unverified.is_made_by_house() {
            return Err(Error::forbidden("what the server has signed itself is not taken from others"));
        }
        let now = self.hub.now();
        if proofs::is_ahead(commit.created_at, now, limits) {
            return Err(Error::bad_message(format!(
                "Commit CreatedAt timestamp must lie in the past. Check your clock. Timestamp now: {} CreatedAt is: {}",
                now.millis(),
                commit.created_at.millis()
            )));
        }
        Ok(agent)
    }

    /// Does what a commit of the asker's says. One that was known before is answered as if it were new, and changes nothing.
    async fn act(&self, commit: &Arc<Commit>, place: Place) -> Result<Answer, Error> {
        match self.apply(commit, place).await {
            Ok(events) => {
                let position = events.last().and_then(|event| event.position);
                Ok(Answer::Committed { commit: Arc::clone(commit), position })
            }
            Err(error) if is_of_the_house(error.kind()) => Err(error),
            Err(error) => match self.hub.store.commit(&commit.signature).await? {
                Some(Event { commit: Some(commit), position, .. }) => Ok(Answer::Committed { commit, position }),
                _ => Err(error),
            },
        }
    }

    async fn apply(&self, commit: &Arc<Commit>, place: Place) -> Result<Vec<Arc<Event>>, Error> {
        match (place, self.room_of_message(commit, place)?) {
            (_, Some(room)) => self.say(room, commit).await,
            (Place::Room(room), _) => self.commit_to_room(room, commit).await,
            (Place::Chat { room, chat }, _) => {
                let chat = self.hub.store.chat(chat).await?.filter(|chat| chat.room == room);
                self.commit_to_chat(chat.ok_or_else(|| missing(commit.subject.as_str()))?, commit).await
            }
            (Place::Named(_), _) => {
                let chat = self.hub.store.chat_at(&commit.subject).await?;
                self.commit_to_chat(chat.ok_or_else(|| missing(commit.subject.as_str()))?, commit).await
            }
            _ => self.commit_to_document(commit, place).await,
        }
    }

    /// The room in which a commit says something new.
    fn room_of_message(&self, commit: &Commit, place: Place) -> Result<Option<quintet_core::Id>, Error> {
        let parent = commit.set.get(term::PARENT).and_then(Value::as_str).filter(|_| !commit.destroy);
        let parent = parent.and_then(|parent| Subject::within(parent, self.hub.origin()));
        let Some(Place::Room(room)) = parent.as_ref().map(Place::of) else { return Ok(None) };
        if !quintet_core::document::is_a(&commit.set, term::MESSAGE) {
            return Err(Error::bad_message(format!("only messages can stand in a room, of class {}", term::MESSAGE)));
        }
        match place {
            Place::Free => Ok(Some(room)),
            Place::Named(within) if within == room => Ok(Some(room)),
            _ => Err(Error::bad_message(format!(
                "no new message can stand at {}, choose another subject",
                commit.subject
            ))),
        }
    }

    async fn commit_to_document(&self, commit: &Arc<Commit>, place: Place) -> Result<Vec<Arc<Event>>, Error> {
        if !self.reader().root {
            must_keep_its_word(commit, place)?;
        }
        if self.is_newcomer() && self.may_begin_with(commit, place).await? {
            let user = self.enrolled().await?;
            return Asker::new(self.hub, &user).put(commit).await;
        }
        self.put(commit).await
    }

    async fn put(&self, commit: &Arc<Commit>) -> Result<Vec<Arc<Event>>, Error> {
        let signer = self.reader();
        let drives = signer.root || (self.hub.rules.drives && self.who().user().is_some());
        let commits = vec![(Arc::clone(commit), Expect::Anything)];
        match self.append(Change::Commit(Commits { commits, signer, drives })).await {
            Err(error) if !is_of_the_house(error.kind()) => match self.hub.store.chat_at(&commit.subject).await? {
                // Only now, so that documents do not wait for the question.
                Some(chat) => self.commit_to_chat(chat, commit).await,
                None => Err(error),
            },
            done => done,
        }
    }
}

/// Whether a document can be kept at a subject of this house.
pub(super) fn is_kept(subject: &Subject) -> bool {
    !subject.path().contains(['?', '#']) && matches!(Place::of(subject), Place::Root | Place::Agent(_) | Place::Free)
}

/// Errors that say nothing of the commit.
fn is_of_the_house(kind: Kind) -> bool {
    matches!(kind, Kind::Internal | Kind::Unavailable | Kind::TooMany | Kind::Slow)
}

/// `BadMessage` for what can be no document.
fn must_be_free(place: Place, commit: &Commit) -> Result<(), Error> {
    let subject = &commit.subject;
    match place {
        Place::Reserved => {
            Err(Error::bad_message(format!("{subject} is answered by the server itself, choose another subject")))
        }
        Place::Root if commit.destroy => Err(Error::bad_message("the root drive cannot be destroyed")),
        _ => Ok(()),
    }
}

/// `BadMessage` for what only the house may say of a document: whose key an agent has, and which bytes a file.
fn must_keep_its_word(commit: &Commit, place: Place) -> Result<(), Error> {
    let touches = |property: &str| {
        commit.touched().chain(commit.remove.iter().map(String::as_str)).any(|touched| touched == property)
    };
    if touches(term::INTERNAL_ID) {
        return Err(Error::bad_message(format!("{} is given by the server, upload the file", term::INTERNAL_ID)));
    }
    let Place::Agent(agent) = place else { return Ok(()) };
    let same = commit.set.get(term::PUBLIC_KEY).is_some_and(|key| *key == *agent.base64());
    if touches(term::PUBLIC_KEY) && !same {
        return Err(Error::bad_message("the public key of an agent is the one in its subject"));
    }
    Ok(())
}
