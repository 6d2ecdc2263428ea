//! Chats of federated rooms, as notes: what other houses see of them.

use quintet_core::federation::note::Audience;
use quintet_core::federation::{Note, Own, Target};
use quintet_core::{Chat, Error, Id};
use quintet_store::Store;

/// A chat as a note to its room. One in a thread answers the chat from which the thread grew.
pub(crate) async fn note_of_chat(store: &dyn Store, chat: &Chat) -> Result<Note, Error> {
    let replies_to = match chat.thread {
        Some(thread) => source(store, chat.room, thread).await?,
        None => None,
    };
    Ok(Note {
        id: chat.id,
        author: chat.author.clone(),
        content: chat.content.clone(),
        audience: Audience::Group(Target::Own(Own::Room(chat.room))),
        mentions: Vec::new(),
        replies_to,
        created_at: chat.created_at,
        edited: chat.edited,
    })
}

async fn source(store: &dyn Store, room: Id, thread: Id) -> Result<Option<Target>, Error> {
    let threads = store.threads(room).await?;
    match threads.into_iter().find(|other| other.id == thread) {
        Some(thread) => name_of_chat(store, thread.source).await.map(Some),
        None => Ok(None),
    }
}

/// What a chat is called among houses: what came from another is called as it is there.
pub(crate) async fn name_of_chat(store: &dyn Store, chat: Id) -> Result<Target, Error> {
    let kept = store.correspondence().entity_of_chat(chat).await?;
    Ok(kept.and_then(|kept| kept.name).map_or(Target::Own(Own::Note(chat)), Target::Remote))
}
