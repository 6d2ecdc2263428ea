//! Rooms, chats and users among what a query finds.

use quintet_core::chat::ChatFilter;
use quintet_core::document::Query;
use quintet_core::{Document, Error, Id, Right, Subject, term};
use quintet_store::Rooms;

use super::asker::Asker;
use crate::place::Place;

impl Asker<'_> {
    /// The portraits that pass a query for what stands below something, or is of a class. `TooMany` chats in one room.
    pub(super) async fn portraits(&self, query: &Query) -> Result<Vec<Document>, Error> {
        let Some(value) = query.value.as_deref() else { return Ok(Vec::new()) };
        let asks = |property: &str| query.property.as_deref().is_none_or(|asked| asked == property);
        let mut portraits = Vec::new();
        if asks(term::IS_A) {
            portraits.extend(self.portraits_of(value));
        }
        if asks(term::PARENT)
            && let Some(parent) = Subject::within(value, self.hub.origin())
        {
            portraits.extend(self.portraits_below(&parent).await?);
        }
        Ok(portraits)
    }

    /// All rooms, or all users: those are for users only.
    fn portraits_of(&self, class: &str) -> Vec<Document> {
        let painter = self.hub.painter();
        match class {
            term::CHAT_ROOM => self.viewed_rooms().iter().map(|room| painter.room(room)).collect(),
            term::AGENT if self.is_known() => {
                self.hub.directory.users().into_iter().map(|user| painter.agent(user.agent, None)).collect()
            }
            _ => Vec::new(),
        }
    }

    async fn portraits_below(&self, parent: &Subject) -> Result<Vec<Document>, Error> {
        let parent = match Place::of(parent) {
            Place::Room(room) if self.may(Right::View, room) => Some(room),
            Place::Root => None,
            _ => return Ok(Vec::new()),
        };
        let painter = self.hub.painter();
        let below = self.viewed_rooms().into_iter().filter(|room| room.parent == parent);
        let mut portraits: Vec<_> = below.map(|room| painter.room(&room)).collect();
        if let Some(room) = parent {
            portraits.extend(self.chats_in(room).await?);
        }
        Ok(portraits)
    }

    /// The chats of a room, the oldest first.
    async fn chats_in(&self, room: Id) -> Result<Vec<Document>, Error> {
        let most = self.hub.limits.query_documents;
        let filter = ChatFilter { room: Some(room), limit: most.saturating_add(1), ..ChatFilter::default() };
        let chats = self.hub.store.chats(&filter, Rooms::All).await?;
        if chats.len() as u64 > most {
            return Err(Error::too_many(format!(
                "more than {most} documents pass this query, read the room page by page"
            )));
        }
        let painter = self.hub.painter();
        Ok(chats.iter().rev().map(|chat| painter.listed_chat(chat)).collect())
    }
}
