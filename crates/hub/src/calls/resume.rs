//! The call by which a client comes back: what was missed since its positions (bridge.md, section 4).

use std::sync::Arc;

use quintet_core::call::Resumed;
use quintet_core::{Answer, Commit, Error, Event, Id, Position, Right, Subject, Topic, limits, term};

use super::asker::Asker;
use super::resources::Resource;
use super::stretch::Budget;
use crate::place::Place;
use crate::retelling::whereabouts;

/// Whose history a subject has.
#[derive(PartialEq, Eq)]
enum Story {
    /// A document's own.
    Document {
        /// Whether it is heard of what is no part of its history: messages that arrive below it.
        more: bool,
        /// Its number: events with smaller ones are about what stood there before.
        born: Option<Id>,
    },
    /// A room's.
    Room(Id),
    /// What of a room's history is about one chat.
    Chat {
        /// Where.
        room: Id,
        /// Which.
        chat: Id,
    },
}

impl Asker<'_> {
    /// Subjects and missed commits are bounded together: what goes beyond is not recovered.
    pub(super) async fn resume(&self, since: Vec<(Subject, Option<Position>)>) -> Result<Answer, Error> {
        let most = self.hub.limits.connection_subscriptions;
        if since.len() > limits::size(most) {
            return Err(Error::too_many(format!("at most {most} subjects can be resumed at once")));
        }
        let mut budget = self.budget();
        let mut resumed = Vec::with_capacity(since.len());
        for (subject, position) in since {
            resumed.push(self.resume_one(subject, position, &mut budget).await?);
        }
        Ok(Answer::Resumed(resumed))
    }

    async fn resume_one(
        &self,
        subject: Subject,
        since: Option<Position>,
        budget: &mut Budget,
    ) -> Result<Resumed, Error> {
        let Some(story) = self.story(&subject).await? else {
            let topic = subject.topic();
            let (readable, recovered) = (false, false);
            return Ok(Resumed { subject, readable, recovered, position: None, topic, missed: Vec::new() });
        };
        let topic = story.topic(&subject);
        // The head first: what comes in between is heard live.
        let position = self.hub.store.head(&topic).await?;
        // Only a chat's story is told when it is gone.
        let readable = !matches!(story, Story::Chat { .. }) || self.readable(&subject).await?.is_some();
        let mut resumed = Resumed { subject, readable, recovered: false, position, topic, missed: Vec::new() };
        if let (Some(gap), Some(since)) = (gap(since, position), since)
            && gap <= budget.events
            && story.is_whole()
        {
            let events = self.stretch(&resumed.topic, since.offset, gap, budget).await?;
            // Asked again, now that they are read: what was added meanwhile may be for others.
            let same = self.story(&resumed.subject).await?.as_ref() == Some(&story);
            resumed.recovered = same && events.len() as u64 == gap && events.iter().all(|event| story.holds(event));
            let events = events.iter().filter(|_| resumed.recovered);
            resumed.missed = events.filter_map(|event| self.missed(&story, &resumed.subject, event)).collect();
        }
        Ok(resumed)
    }

    /// Whose history a subject has, if the asker may read it. A chat's can be told when it is gone.
    async fn story(&self, subject: &Subject) -> Result<Option<Story>, Error> {
        if !subject.is_within(self.hub.origin()) {
            return Ok(None);
        }
        if let Place::Chat { room, chat } = Place::of(subject) {
            return Ok(self.may(Right::View, room).then_some(Story::Chat { room, chat }));
        }
        Ok(match self.readable(subject).await? {
            None => None,
            Some(Resource::Room(room)) => Some(Story::Room(room.id)),
            Some(Resource::Chat(chat)) => Some(Story::Chat { room: chat.room, chat: chat.id }),
            Some(Resource::Agent(..)) => Some(Story::Document { more: false, born: None }),
            Some(Resource::Document(document)) => {
                Some(Story::Document { more: document.is_a(term::CHAT_ROOM), born: self.born(subject).await? })
            }
        })
    }

    /// An event as a commit on the subject, if it is about it.
    fn missed(&self, story: &Story, subject: &Subject, event: &Event) -> Option<Arc<Commit>> {
        match story {
            Story::Document { .. } => event.commit.clone(),
            Story::Room(_) => self.hub.teller().of_room(event),
            Story::Chat { chat, .. } => {
                let about = whereabouts(&event.body).is_some_and(|(_, about)| about == *chat);
                about.then(|| self.hub.teller().of_chat(event, subject)).flatten()
            }
        }
    }
}

impl Story {
    fn topic(&self, subject: &Subject) -> Topic {
        match self {
            Self::Document { .. } => subject.topic(),
            Self::Room(room) | Self::Chat { room, .. } => Topic::room(*room),
        }
    }

    /// Whether the history holds everything that is heard at the subject.
    fn is_whole(&self) -> bool {
        !matches!(self, Self::Document { more: true, .. })
    }

    /// Whether an event is about what stands there now.
    fn holds(&self, event: &Event) -> bool {
        match self {
            Self::Document { born: Some(born), .. } => event.id > *born,
            _ => true,
        }
    }
}

/// How many events came after a position, if it is one of the same history.
fn gap(since: Option<Position>, head: Option<Position>) -> Option<u64> {
    let (since, head) = (since?, head?);
    if since.epoch == head.epoch { head.offset.checked_sub(since.offset) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_counts_within_its_own_history() {
        let at = |epoch, offset| Some(Position { epoch, offset });
        assert_eq!(gap(at(1, 3), at(1, 5)), Some(2));
        assert_eq!(gap(at(1, 5), at(1, 5)), Some(0));
        assert_eq!(gap(at(1, 6), at(1, 5)), None, "from the future");
        assert_eq!(gap(at(2, 3), at(1, 5)), None, "from another life");
        assert_eq!(gap(None, at(1, 5)), None);
        assert_eq!(gap(at(1, 0), None), None);
    }
}
