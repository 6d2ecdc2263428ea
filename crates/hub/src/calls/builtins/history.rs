//! Reading a room back, page by page.

use quintet_core::chat::ChatFilter;
use quintet_core::plain::ChatObject;
use quintet_core::procedure::Outcome;
use quintet_core::{Answer, Chat, Error, Id, Payload, Timestamp};
use serde_json::json;

use super::{Asker, odd, outcome};

/// Chats on a page where the caller does not say how many.
const PAGE: u64 = 50;

/// `{roomId, before?, limit?}` → `{chats, more}`: the newest first, of those before the chat with the id `before`; at most
/// `limits.page_chats`. `more` tells whether there are older ones.
pub(super) async fn read(asker: &Asker<'_>, mut payload: Payload<'_>) -> Result<Outcome, Error> {
    let (room, before) = (payload.id("roomId"), payload.optional_id("before"));
    let limit = payload.count("limit").unwrap_or(PAGE);
    let room = payload.all(room)?;
    asker.must_see(room)?;
    let limit = limit.min(asker.hub.limits.page_chats);
    let before = match before {
        Some(chat) => Some(place(asker, room, chat).await?),
        None => None,
    };
    let mut chats = older(asker, room, before, limit.saturating_add(1)).await?;
    let more = chats.len() as u64 > limit;
    chats.truncate(chats.len() - usize::from(more));
    let chats: Vec<_> = chats.iter().map(|chat| ChatObject::of(chat, None)).collect();
    outcome(&json!({ "chats": chats, "more": more }))
}

/// Where a chat stands in its room: chats are told by time, then by id. One that is gone stood where its number was made.
async fn place(asker: &Asker<'_>, room: Id, id: Id) -> Result<(Timestamp, Id), Error> {
    let chat = asker.hub.store.chat(id).await?.filter(|chat| chat.room == room);
    Ok((chat.map_or(id.made_at(), |chat| chat.created_at), id))
}

/// Up to so many chats of a room from a place on. What stands at the same moment is asked for too, and left out: the store is asked by time.
async fn older(
    asker: &Asker<'_>,
    room: Id,
    mut before: Option<(Timestamp, Id)>,
    count: u64,
) -> Result<Vec<Chat>, Error> {
    let size = asker.hub.limits.page_chats.min(count).max(1);
    let first = before.map(|(at, _)| at.plus_millis(1));
    let mut filter = ChatFilter { room: Some(room), before: first, limit: size, ..ChatFilter::default() };
    let mut chats = Vec::new();
    loop {
        let Answer::Chats(page) = asker.chats(filter.clone()).await? else { return Err(odd()) };
        let last = (page.len() as u64) < size;
        for chat in page {
            let place = (chat.created_at, chat.id);
            // Also what was read before, where newer chats have moved it on.
            if before.is_none_or(|before| place < before) {
                before = Some(place);
                chats.push(chat);
            }
        }
        if last || chats.len() as u64 >= count {
            chats.truncate(usize::try_from(count).unwrap_or(usize::MAX));
            return Ok(chats);
        }
        filter.skip += size;
    }
}
