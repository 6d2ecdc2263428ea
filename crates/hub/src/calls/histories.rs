//! Calls for commits: what happened to documents, rooms and chats.

use std::sync::Arc;

use quintet_core::{Answer, Body, Commit, Error, Event, Id, Kind, Right, Subject, Topic};

use super::asker::Asker;
use super::lacking::missing;
use super::resources::Resource;

impl Asker<'_> {
    pub(super) async fn commits(&self, subject: &Subject) -> Result<Answer, Error> {
        let commits = match self.resource(subject).await {
            Ok(Resource::Room(room)) => {
                let events = self.stretch(&Topic::room(room.id), 0, u64::MAX, &mut self.budget()).await?;
                let teller = self.hub.teller();
                events.iter().filter_map(|event| teller.of_room_itself(event)).collect()
            }
            Ok(Resource::Chat(chat)) => {
                let events = self.hub.store.chat_history(chat.id, self.hub.limits.history_commits).await?;
                let teller = self.hub.teller();
                events.iter().filter_map(|event| teller.of_chat(event, subject)).collect()
            }
            Ok(Resource::Agent(..) | Resource::Document(_)) => self.signed(subject).await?,
            Err(error) if error.kind() == Kind::NotFound && self.buried(subject).await? => {
                let events = self.last_life(subject, 0).await?;
                events.into_iter().filter_map(|event| event.commit).collect()
            }
            Err(error) => return Err(error),
        };
        Ok(Answer::Commits(commits))
    }

    /// The commits to a stored document, without those to what stood there before.
    async fn signed(&self, subject: &Subject) -> Result<Vec<Arc<Commit>>, Error> {
        let events = self.stretch(&subject.topic(), 0, u64::MAX, &mut self.budget()).await?;
        // Asked again, now that they are read: what was added meanwhile may be for others.
        self.resource(subject).await?;
        let born = self.born(subject).await?;
        let events = events.into_iter().filter(|event| born.is_none_or(|born| event.id > born));
        Ok(events.filter_map(|event| event.commit).collect())
    }

    /// The number of the document at a subject: events with smaller ones are about another that stood there before, whose readers are not its
    /// own. `None` where the asker may read everything, or nothing stands there.
    pub(super) async fn born(&self, subject: &Subject) -> Result<Option<Id>, Error> {
        if self.reader().root { Ok(None) } else { self.hub.store.number(subject).await }
    }

    /// The events of a destroyed document with an offset above `after`, its making and its end included, and nothing of what stood there before
    /// unless the asker may read everything. Empty where there are too many events to tell.
    async fn last_life(&self, subject: &Subject, after: u64) -> Result<Vec<Event>, Error> {
        let mut events = self.stretch(&subject.topic(), after, u64::MAX, &mut self.budget()).await?;
        if self.reader().root {
            return Ok(events);
        }
        let head = self.hub.store.head(&subject.topic()).await?;
        if events.last().is_none_or(|last| last.position != head) {
            return Ok(Vec::new());
        }
        let ends = |event: &Event| event.commit.as_ref().is_some_and(|commit| commit.destroy);
        let before = events.iter().rev().skip(1).position(ends).map_or(0, |since| events.len() - 1 - since);
        Ok(events.split_off(before))
    }

    /// Whether a document was destroyed whose commits the asker may still read: by itself, or it may read everything.
    async fn buried(&self, subject: &Subject) -> Result<bool, Error> {
        if !subject.is_within(self.hub.origin()) {
            return Ok(false);
        }
        let (topic, reader) = (subject.topic(), self.reader());
        let Some(head) = self.hub.store.head(&topic).await? else { return Ok(false) };
        let last = self.hub.store.history(&topic, head.offset.saturating_sub(1), 1).await?.pop();
        let last = last.and_then(|event| event.commit).filter(|commit| commit.destroy && commit.subject == *subject);
        Ok(last.is_some_and(|commit| reader.root || reader.agent == Some(Arc::clone(&commit.signer))))
    }

    pub(super) async fn commit_of(&self, signature: &str) -> Result<Answer, Error> {
        let (commit, _) = self.told_by(signature).await?;
        Ok(Answer::Commits(vec![commit]))
    }

    /// The event of the commit with this signature, if the asker may read what it changed.
    pub(super) async fn told_by(&self, signature: &str) -> Result<(Arc<Commit>, Event), Error> {
        let unknown = || missing(&Commit::url(self.hub.origin(), signature));
        let event = self.hub.store.commit(signature).await?.ok_or_else(unknown)?;
        let commit = event.commit.clone().ok_or_else(unknown)?;
        match &event.body {
            Body::Committed(_) => self.must_read(&commit.subject, &event).await?,
            _ if room_of(&event).is_some_and(|room| self.may(Right::View, room)) => {}
            _ => return Err(self.hidden(&url(&commit))),
        }
        Ok((commit, event))
    }

    async fn must_read(&self, subject: &Subject, event: &Event) -> Result<(), Error> {
        let is_of_it = match self.resource(subject).await {
            Ok(_) => self.born(subject).await?.is_none_or(|born| event.id > born),
            Err(error) if error.kind() == Kind::NotFound && self.buried(subject).await? => {
                let before = event.position.map_or(0, |position| position.offset.saturating_sub(1));
                self.last_life(subject, before).await?.first().is_some_and(|first| first.id == event.id)
            }
            Err(error) => return Err(error),
        };
        if is_of_it { Ok(()) } else { Err(missing(subject.as_str())) }
    }
}

/// The room in which a kept event was heard.
fn room_of(event: &Event) -> Option<Id> {
    event.topics.first().and_then(|topic| topic.id("room"))
}

/// The URL of a commit, as a subject.
fn url(commit: &Commit) -> Subject {
    Subject::parse(&commit.id()).unwrap_or_else(|| commit.subject.clone())
}
