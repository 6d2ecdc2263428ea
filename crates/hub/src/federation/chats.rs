//! Chats of federated rooms, as other houses see them: as notes in a group.

use quintet_core::federation::note::Audience;
use quintet_core::federation::{Note, Own, Target};
use quintet_core::{Chat, Error, Id};

use crate::hub::Hub;

impl Hub {
    /// A chat as a note of this house. What is said in a thread answers the chat from which that grew.
    pub(crate) async fn note_of_chat(&self, chat: Chat) -> Result<Note, Error> {
        let replies_to = match chat.thread {
            Some(thread) => self.source_of(chat.room, thread).await?,
            None => None,
        };
        Ok(Note {
            id: chat.id,
            author: chat.author,
            content: chat.content,
            audience: Audience::Group(Target::Own(Own::Room(chat.room))),
            mentions: Vec::new(),
            replies_to,
            created_at: chat.created_at,
            edited: chat.edited,
        })
    }

    async fn source_of(&self, room: Id, thread: Id) -> Result<Option<Target>, Error> {
        let threads = self.store.threads(room).await?;
        match threads.into_iter().find(|other| other.id == thread) {
            Some(thread) => self.name_of_chat(thread.source).await.map(Some),
            None => Ok(None),
        }
    }

    /// What a chat is called among houses: what came from another is called as it is there.
    pub(crate) async fn name_of_chat(&self, chat: Id) -> Result<Target, Error> {
        let name = self.store.correspondence().name_of_chat(chat).await?;
        Ok(name.map_or(Target::Own(Own::Note(chat)), Target::Remote))
    }
}
