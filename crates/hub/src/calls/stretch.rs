//! Stretches: parts of a topic's history, read within bounds.

use quintet_core::{Body, Error, Event, Topic};

use super::asker::Asker;

/// Events that are read at once: each may carry a large commit.
const PAGE: u64 = 32;

/// What may still be read of histories for one answer.
pub(super) struct Budget {
    /// Events.
    pub(super) events: u64,
    /// Bytes of commits and chats.
    pub(super) bytes: u64,
}

impl Asker<'_> {
    /// What one answer may hold.
    pub(super) fn budget(&self) -> Budget {
        Budget { events: self.hub.limits.history_commits, bytes: self.hub.limits.history_bytes }
    }

    /// The events of a topic after an offset, in order, at most `count`; fewer where there are no more, or where the budget ends.
    pub(super) async fn stretch(
        &self,
        topic: &Topic,
        after: u64,
        count: u64,
        budget: &mut Budget,
    ) -> Result<Vec<Event>, Error> {
        let mut events = Vec::new();
        let count = count.min(budget.events);
        while (events.len() as u64) < count {
            let read = events.len() as u64;
            let page = self.hub.store.history(topic, after.saturating_add(read), PAGE.min(count - read)).await?;
            if page.is_empty() {
                break;
            }
            for event in page {
                let Some(bytes) = budget.bytes.checked_sub(weight(&event)) else {
                    budget.events = 0;
                    return Ok(events);
                };
                *budget = Budget { events: budget.events - 1, bytes };
                events.push(event);
            }
        }
        Ok(events)
    }
}

/// What an event weighs, in bytes: the parts of it that may be large.
fn weight(event: &Event) -> u64 {
    let commit = event.commit.as_ref().map_or(0, |commit| commit.json.len());
    let chat = match &event.body {
        Body::ChatPosted(chat) | Body::ChatEdited(chat) => chat.content.len(),
        _ => 0,
    };
    (commit + chat) as u64
}
