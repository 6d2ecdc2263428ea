//! What the rules need of a memory: small reads, and writes that they call only after every check has passed.

use std::error::Error as StdError;

use quintet_core::Position;
use quintet_core::chat::{Chat, Reactions};
use quintet_core::error::Error;
use quintet_core::event::Event;
use quintet_core::id::Id;
use quintet_core::image::Image;
use quintet_core::right::{Grant, Role};
use quintet_core::room::{Room, ServerRecord, Thread};
use quintet_core::topic::Topic;
use quintet_core::user::{Account, AgentSecret};

use crate::search::Terms;

/// The memory itself failed. Never the peer's fault, so it becomes [`quintet_core::Kind::Internal`].
#[derive(Debug)]
pub(crate) struct Broken(Box<dyn StdError + Send + Sync>);

impl Broken {
    /// From any cause.
    pub(crate) fn new(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self(cause.into())
    }
}

impl From<rusqlite::Error> for Broken {
    fn from(cause: rusqlite::Error) -> Self {
        Self::new(cause)
    }
}

impl From<Broken> for Error {
    fn from(broken: Broken) -> Self {
        Self::internal(broken.0)
    }
}

/// What a memory answers.
pub(crate) type Kept<T> = Result<T, Broken>;

/// Numbers and the event log.
pub(crate) trait Log {
    /// An id that was never used.
    fn next_id(&mut self) -> Id;

    /// The place after the last event of a topic.
    fn next_position(&mut self, topic: &Topic) -> Kept<Position>;

    /// Writes an event, whose position is the next of its topic, to the log.
    fn write(&mut self, event: &Event) -> Kept<()>;
}

/// The server record, users, accounts and images.
pub(crate) trait People {
    /// The server record, once founded.
    fn server(&self) -> Kept<Option<ServerRecord>>;

    /// Makes or replaces the server record.
    fn put_server(&mut self, server: &ServerRecord) -> Kept<()>;

    /// The account of a user.
    fn account(&self, user: Id) -> Kept<Option<Account>>;

    /// Whether a login key (see [`crate::login`]) belongs to somebody.
    fn is_claimed(&self, key: &str) -> Kept<bool>;

    /// A new account with all its login keys, none of which is claimed.
    fn add_account(&mut self, account: &Account, secret: &AgentSecret, keys: &[String]) -> Kept<()>;

    /// Replaces what may change of an account: all but its logins and keys.
    fn put_account(&mut self, account: &Account) -> Kept<()>;

    /// A new image.
    fn add_image(&mut self, id: Id, image: &Image) -> Kept<()>;

    /// Forgets an image.
    fn remove_image(&mut self, id: Id) -> Kept<()>;
}

/// The tree of rooms.
pub(crate) trait Rooms {
    /// One room.
    fn room(&self, id: Id) -> Kept<Option<Room>>;

    /// Whether there is such a room; cheaper than [`Rooms::room`].
    fn has_room(&self, id: Id) -> Kept<bool>;

    /// How many rooms there are in all.
    fn room_count(&self) -> Kept<u64>;

    /// The rooms that stand in a room, or at the top.
    fn rooms_in(&self, parent: Option<Id>) -> Kept<Vec<Room>>;

    /// Makes or replaces a room.
    fn put_room(&mut self, room: &Room) -> Kept<()>;

    /// Removes a room with its chats, threads and grants. Its child rooms have gone before.
    fn remove_room(&mut self, id: Id) -> Kept<()>;
}

/// Chats, reactions and threads.
pub(crate) trait Chats {
    /// One chat, with its reactions.
    fn chat(&self, id: Id) -> Kept<Option<Chat>>;

    /// A new chat, without reactions.
    fn add_chat(&mut self, chat: &Chat, terms: &Terms) -> Kept<()>;

    /// Replaces what a chat says.
    fn put_chat(&mut self, chat: &Chat, terms: &Terms) -> Kept<()>;

    /// Removes a chat with its reactions.
    fn remove_chat(&mut self, id: Id) -> Kept<()>;

    /// All reactions to a chat.
    fn reactions(&self, chat: Id) -> Kept<Reactions>;

    /// Adds a user's reaction, or removes it; says nothing where it is so already.
    fn react(&mut self, chat: Id, reaction: &str, user: Id, adding: bool) -> Kept<()>;

    /// One thread.
    fn thread(&self, id: Id) -> Kept<Option<Thread>>;

    /// Whether a thread grew from this chat.
    fn has_thread(&self, source: Id) -> Kept<bool>;

    /// A new thread.
    fn add_thread(&mut self, thread: &Thread) -> Kept<()>;
}

/// Roles, their members, and sets of rights.
pub(crate) trait Roles {
    /// Whether there is such a role; [`Id::EVERYONE`] is not counted.
    fn has_role(&self, id: Id) -> Kept<bool>;

    /// Whether a role has this name.
    fn is_role_name(&self, name: &str) -> Kept<bool>;

    /// How many roles there are.
    fn role_count(&self) -> Kept<u64>;

    /// A new role.
    fn add_role(&mut self, role: &Role) -> Kept<()>;

    /// Removes a role with its members and grants.
    fn remove_role(&mut self, id: Id) -> Kept<()>;

    /// Gives a role, or takes it; says nothing where it is so already.
    fn assign(&mut self, role: Id, user: Id, member: bool) -> Kept<()>;

    /// Replaces a set of rights; an empty one is removed.
    fn put_grant(&mut self, grant: &Grant) -> Kept<()>;
}

/// A whole memory.
pub(crate) trait Tables: Log + People + Rooms + Chats + Roles {}

impl<T: Log + People + Rooms + Chats + Roles> Tables for T {}
