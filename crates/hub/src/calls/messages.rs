//! The messages of chat rooms, page by page (atomic-data.md, section 15.7).

use quintet_core::chat::ChatFilter;
use quintet_core::document::{Page, Query};
use quintet_core::{Document, Error, Fill, Room, Timestamp, term};
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
        Ok(with_page(portrait, messages, self.hub.limits.page_bytes))
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
                nested: Some(false),
                ..Page::default()
            },
        };
        let mut fill = Fill::new(self.hub.limits.page_bytes);
        for number in 0.. {
            query.page.number = Some(number);
            let found = self.found(&query).await?;
            let last =
                (number + 1).saturating_mul(self.hub.limits.page_members) >= found.total || found.members.is_empty();
            self.gather_messages(found.members, before, &mut fill, &mut messages).await?;
            if last || messages.len() > PAGE {
                break;
            }
        }
        Ok(with_page(room, messages, self.hub.limits.page_bytes))
    }

    /// Reads the messages among documents that are sorted by when they were made, until there is one more than goes on a page. What does not
    /// fit in its bytes is not kept.
    async fn gather_messages(
        &self,
        rows: Vec<Document>,
        before: Option<Timestamp>,
        fill: &mut Fill,
        messages: &mut Vec<(i64, Document)>,
    ) -> Result<(), Error> {
        for row in rows {
            if messages.len() > PAGE {
                break;
            }
            let at = self.made_at(&row).await?;
            if before.is_some_and(|before| at >= before.millis()) {
                continue;
            }
            let read = self.readable_document(&row.subject).await?.filter(|document| document.is_a(term::MESSAGE));
            if let Some(message) = read {
                let fits = fill.takes(&message.properties);
                messages.push((at, if fits { message } else { Document::stub(row.subject) }));
            }
        }
        Ok(())
    }

    /// When a message was made: as it says, or as the store knows. One that went just now is as good as any other.
    async fn made_at(&self, message: &Document) -> Result<i64, Error> {
        Ok(match said_at(message) {
            Some(at) => at,
            None => self.hub.store.number(&message.subject).await?.map_or(0, |id| id.made_at().millis()),
        })
    }
}

/// When a message was made, as it says itself.
fn said_at(message: &Document) -> Option<i64> {
    message.properties.get(term::CREATED_AT).and_then(Value::as_i64)
}

/// Puts a page of messages into a room: the newest come in first, the oldest stands first. One more than fits on the page tells that there are more.
fn with_page(mut room: Document, mut messages: Vec<(i64, Document)>, bytes: u64) -> Document {
    let fits = fitting(&messages, bytes);
    if let Some((next, _)) = messages.get(fits) {
        let next = *next;
        // The next page is asked for by time: what was said in one moment stands on one page, unless it fills it.
        match messages[..fits].iter().rposition(|(at, _)| *at > next) {
            Some(kept) => put_next(&mut room, &mut messages, kept + 1),
            None => stand_in(&mut room, &mut messages, fits),
        }
    }
    let page = messages.iter().rev().map(|(_, message)| message.json()).collect();
    room.properties.insert(term::MESSAGES.into(), Value::Array(page));
    room
}

/// How many messages go on a page.
fn fitting(messages: &[(i64, Document)], bytes: u64) -> usize {
    let mut fill = Fill::new(bytes);
    let goes = |(_, message): &&(i64, Document)| !is_stub(message) && fill.takes(&message.properties);
    messages.iter().take(PAGE).take_while(goes).count().max(1)
}

/// Fills a page with one moment, of which no next page could tell: what has too many bytes is there as a stub.
fn stand_in(room: &mut Document, messages: &mut Vec<(i64, Document)>, fits: usize) {
    let moment = messages[0].0;
    let kept = messages.iter().take(PAGE).take_while(|(at, _)| *at == moment).count().max(fits);
    for (_, message) in &mut messages[fits..kept] {
        *message = Document::stub(message.subject.clone());
    }
    if kept < messages.len() {
        put_next(room, messages, kept);
    }
}

fn is_stub(document: &Document) -> bool {
    document.properties.get(term::INCOMPLETE) == Some(&Value::Bool(true))
}

/// Ends a page behind so many messages, and says where the next one begins.
fn put_next(room: &mut Document, messages: &mut Vec<(i64, Document)>, kept: usize) {
    messages.truncate(kept);
    let url = format!("{}?before-timestamp={}", room.subject, messages[kept - 1].0);
    room.properties.insert(term::NEXT_PAGE.into(), url.into());
}

#[cfg(test)]
mod tests {
    use quintet_core::{Properties, Subject};

    use super::*;

    fn page(times: impl IntoIterator<Item = i64>) -> (usize, Option<String>) {
        let subject = Subject::parse("http://a.example/chat").unwrap();
        let empty = Document { subject, properties: Properties::new() };
        let room = with_page(empty.clone(), times.into_iter().map(|at| (at, empty.clone())).collect(), u64::MAX);
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
    #[test]
    fn a_page_ends_where_its_bytes_do() {
        let page = |given: &[(i64, usize)]| {
            let subject = Subject::parse("http://a.example/chat").unwrap();
            let said =
                |length: usize| Properties::from_iter([(term::DESCRIPTION.to_owned(), "x".repeat(length).into())]);
            let message = |length| Document { subject: subject.clone(), properties: said(length) };
            let room = Document { subject: subject.clone(), properties: Properties::new() };
            let room = with_page(room, given.iter().map(|(at, length)| (*at, message(*length))).collect(), 2_500);
            let told = |message: &Value| if message[term::INCOMPLETE] == true { '?' } else { 'x' };
            let shown: String = room.properties[term::MESSAGES].as_array().unwrap().iter().map(told).collect();
            let next = room.text(term::NEXT_PAGE).map(|url| url.rsplit('=').next().unwrap().to_owned());
            (shown, next)
        };
        let said = |shown: &str, next: Option<&str>| (shown.to_owned(), next.map(str::to_owned));
        let table = [
            (&[(9, 1_000), (8, 1_000)][..], said("xx", None)),
            (&[(9, 1_000), (8, 1_000), (7, 1_000)], said("xx", Some("8"))),
            (&[(9, 1_000), (8, 1_000), (8, 1_000)], said("x", Some("9"))),
            (&[(9, 9_000), (8, 1)], said("x", Some("9"))),
            (&[(8, 1_000), (8, 1_000), (8, 1_000)], said("?xx", None)),
            (&[(8, 1_000), (8, 9_000), (7, 1)], said("?x", Some("8"))),
        ];
        for (given, expected) in table {
            assert_eq!(page(given), expected, "{given:?}");
        }
    }
}
