//! The messages of chat rooms, page by page (atomic-data.md, section 15.7).

use quintet_core::chat::ChatFilter;
use quintet_core::document::{Page, Query};
use quintet_core::{Document, Error, Properties, Room, Timestamp, term};
use quintet_store::Rooms;
use serde_json::Value;

use super::asker::Asker;

/// Messages on one page: the protocol's number.
const PAGE: usize = 50;

impl Asker<'_> {
    /// A room with its newest chats before a moment.
    pub(super) async fn with_chats(&self, room: &Room, before: Option<Timestamp>) -> Result<Document, Error> {
        let filter = ChatFilter { room: Some(room.id), before, limit: PAGE as u64 + 1, ..ChatFilter::default() };
        let latest = self.latest_of_room(room.id).await?;
        let chats = self.hub.store.chats(&filter, Rooms::All).await?;
        let times = chats.iter().map(|chat| chat.created_at.millis());
        let messages = times.zip(self.whole_chats(&chats).await?).collect();
        let mut portrait = self.hub.painter().room(room);
        portrait.properties.extend(latest.map(|latest| (term::LAST_COMMIT.to_owned(), latest.into())));
        Ok(with_page(portrait, messages))
    }

    /// A document of class `ChatRoom` with its newest messages before a moment: the documents of class `Message` below it.
    pub(super) async fn with_messages(&self, room: Document, before: Option<Timestamp>) -> Result<Document, Error> {
        let mut messages = Vec::new();
        let mut query = Query {
            property: Some(term::PARENT.into()),
            value: Some(room.subject.as_str().into()),
            page: Page {
                size: Some(self.hub.limits.page_members),
                sort_by: Some(term::CREATED_AT.into()),
                descending: Some(true),
                ..Page::default()
            },
        };
        for number in 0.. {
            query.page.number = Some(number);
            let found = self.found(&query).await?;
            let last =
                (number + 1).saturating_mul(self.hub.limits.page_members) >= found.total || found.members.is_empty();
            let dated = self.dated_messages(found.members).await?;
            messages.extend(dated.into_iter().filter(|(at, _)| before.is_none_or(|before| *at < before.millis())));
            if last || messages.len() > PAGE {
                break;
            }
        }
        messages.truncate(PAGE + 1);
        Ok(with_page(room, messages))
    }

    /// The messages among documents with when they were made: as they say, or as the store knows.
    async fn dated_messages(&self, documents: Vec<Document>) -> Result<Vec<(i64, Document)>, Error> {
        let mut dated = Vec::with_capacity(documents.len());
        for document in documents.into_iter().filter(|document| document.is_a(term::MESSAGE)) {
            let at = match said_at(&document) {
                Some(at) => at,
                // One that went just now is as good as any other.
                None => self.hub.store.number(&document.subject).await?.map_or(0, |id| id.made_at().millis()),
            };
            dated.push((at, document));
        }
        Ok(dated)
    }
}

/// When a message was made, as it says itself.
fn said_at(message: &Document) -> Option<i64> {
    message.properties.get(term::CREATED_AT).and_then(Value::as_i64)
}

/// Puts a page of messages into a room: the newest come in first, the oldest stands first. One more than fits on the page tells that there are more.
fn with_page(mut room: Document, mut messages: Vec<(i64, Document)>) -> Document {
    if messages.len() > PAGE {
        let next = messages[PAGE].0;
        messages.truncate(PAGE);
        // The next page is asked for by time: what was said in one moment stands on one page, unless it fills it.
        if let Some(kept) = messages.iter().rposition(|(at, _)| *at > next) {
            messages.truncate(kept + 1);
        }
        put_next(
            &mut room.properties,
            &format!("{}?before-timestamp={}", room.subject, messages[messages.len() - 1].0),
        );
    }
    let page = messages.iter().rev().map(|(_, message)| message.json()).collect();
    room.properties.insert(term::MESSAGES.into(), Value::Array(page));
    room
}

fn put_next(properties: &mut Properties, url: &str) {
    properties.insert(term::NEXT_PAGE.into(), url.into());
}

#[cfg(test)]
mod tests {
    use quintet_core::Subject;

    use super::*;

    fn page(times: impl IntoIterator<Item = i64>) -> (usize, Option<String>) {
        let subject = Subject::parse("http://a.example/chat").unwrap();
        let empty = Document { subject, properties: Properties::new() };
        let room = with_page(empty.clone(), times.into_iter().map(|at| (at, empty.clone())).collect());
        let count = room.properties[term::MESSAGES].as_array().unwrap().len();
        (count, room.text(term::NEXT_PAGE).map(str::to_owned))
    }

    #[test]
    fn a_page_ends_between_two_moments() {
        assert_eq!(page([]), (0, None));
        assert_eq!(page((1..=50).rev()), (50, None));
        let next = |at| Some(format!("http://a.example/chat?before-timestamp={at}"));
        assert_eq!(page((0..=50).rev()), (50, next(1)));
        assert_eq!(
            page((3..=50).rev().chain([2, 2, 2])),
            (48, next(3)),
            "the three of one moment stand on the next page"
        );
        assert_eq!(page([7; 51]), (50, next(7)), "a page is never empty");
    }
}
