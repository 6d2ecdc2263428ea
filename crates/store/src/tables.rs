//! What the rules need of a memory: small reads, and writes that they call only after every check has passed.

use std::error::Error as StdError;
use std::sync::Arc;

use quintet_core::Position;
use quintet_core::chat::{Chat, Reactions};
use quintet_core::error::Error;
use quintet_core::event::Event;
use quintet_core::federation::Note;
use quintet_core::id::Id;
use quintet_core::image::Image;
use quintet_core::right::{Grant, Role};
use quintet_core::room::{Room, ServerRecord, Thread};
use quintet_core::time::Timestamp;
use quintet_core::topic::Topic;
use quintet_core::user::{Account, AgentSecret};

use crate::correspondence::Bond;
use crate::entity::{Entity, Tie};
use crate::handle::Handle;
use crate::search::{Terms, Word};
use crate::sheet::{Node, Sheet};

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

    /// Writes an event, whose position is the next of its topic, to the log, and remembers the signature of its commit.
    fn write(&mut self, event: &Event) -> Kept<()>;

    /// Whether a commit with this signature is in the log.
    fn has_commit(&self, signature: &str) -> Kept<bool>;
}

/// The server record, users, accounts and images.
pub(crate) trait People {
    /// The server record, once founded.
    fn server(&self) -> Kept<Option<ServerRecord>>;

    /// Makes or replaces the server record.
    fn put_server(&mut self, server: &ServerRecord) -> Kept<()>;

    /// The account of a user.
    fn account(&self, user: Id) -> Kept<Option<Account>>;

    /// Whose a login key (see [`crate::login`]) is.
    fn claimant(&self, key: &str) -> Kept<Option<Id>>;

    /// Whether a login key belongs to somebody.
    fn is_claimed(&self, key: &str) -> Kept<bool> {
        Ok(self.claimant(key)?.is_some())
    }

    /// A new account with all its login keys, none of which is claimed.
    fn add_account(&mut self, account: &Account, secret: Option<&AgentSecret>, keys: &[String]) -> Kept<()>;

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

    /// Whether a chat is known by this document's subject.
    fn has_chat_at(&self, subject: &str) -> Kept<bool>;

    /// A new chat, without reactions. Its subject is free.
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

/// What other houses sent, and notes and feelings of users here.
pub(crate) trait Entities {
    /// The entity that is found by this; also one that was taken back.
    fn entity(&self, handle: Handle<'_>) -> Kept<Option<Entity>>;

    /// The entity with this number.
    fn entity_numbered(&self, id: Id) -> Kept<Option<Entity>>;

    /// The number of the entity that a chat came as.
    fn entity_of(&self, chat: Id) -> Kept<Option<Id>>;

    /// What an actor feels about something of ours, oldest first.
    fn reactions_by(&self, actor: &str, own: Id) -> Kept<Vec<Entity>>;

    /// A new entity, which is about these things of ours, in each way once.
    fn add_entity(&mut self, entity: &Entity, bonds: &[(Id, Bond)]) -> Kept<()>;

    /// Replaces an entity, and what it is about.
    fn put_entity(&mut self, entity: &Entity, bonds: &[(Id, Bond)]) -> Kept<()>;

    /// An entity is forgotten no longer.
    fn retain(&mut self, id: Id) -> Kept<()>;

    /// Takes an entity back.
    fn bury(&mut self, id: Id) -> Kept<()>;

    /// Forgets what is about something of ours that is gone.
    fn unbind(&mut self, own: Id) -> Kept<()>;

    /// A note.
    fn note(&self, id: Id) -> Kept<Option<Note>>;

    /// Makes a note, or replaces what it says.
    fn put_note(&mut self, note: &Note) -> Kept<()>;

    /// Removes a note.
    fn remove_note(&mut self, id: Id) -> Kept<()>;

    /// How much a user here feels about an entity.
    fn feeling_count(&self, user: Id, entity: Id) -> Kept<u64>;

    /// A user here feels something about an entity since then, or no longer; says nothing where it is so already.
    fn feel(&mut self, user: Id, entity: Id, reaction: &str, since: Option<Timestamp>) -> Kept<()>;
}

/// Who follows whom.
pub(crate) trait Follows {
    /// A follow, whatever its state.
    fn tie(&self, follower: Id, followee: Id) -> Kept<Option<Tie>>;

    /// Whether anybody follows a user or wants to.
    fn is_followed(&self, followee: Id) -> Kept<bool>;

    /// Who waits to be let in by a followee, at most `limit`.
    fn pending(&self, followee: Id, limit: usize) -> Kept<Vec<Tie>>;

    /// The follows of a user or room that stand or are asked for, by follower.
    fn followers_of(&self, followee: Id) -> Kept<Vec<Tie>>;

    /// Makes or replaces a follow.
    fn put_tie(&mut self, tie: &Tie) -> Kept<()>;
}

/// Where documents are looked up: a memory, or one with changes that are not written yet.
pub(crate) trait Library {
    /// The number of the document at a subject.
    fn number(&self, subject: &str) -> Kept<Option<Id>>;

    /// What rights depend on of a document; cheaper than [`Library::sheet`].
    fn node(&self, id: Id) -> Kept<Option<Node>>;

    /// A document.
    fn sheet(&self, id: Id) -> Kept<Option<Sheet>>;

    /// The document at a subject.
    fn find(&self, subject: &str) -> Kept<Option<Sheet>> {
        match self.number(subject)? {
            Some(id) => self.sheet(id),
            None => Ok(None),
        }
    }

    /// The document at a subject, if its properties are no longer than this as JSON.
    fn find_small(&self, subject: &str, bytes: usize) -> Kept<Option<Sheet>>;
}

/// How a document is to be after a change.
pub(crate) struct Draught {
    /// The whole.
    pub(crate) sheet: Arc<Sheet>,
    /// Its properties as JSON.
    pub(crate) text: String,
    /// Its [`heading`](crate::sheet::heading) as JSON.
    pub(crate) heading: String,
    /// Whether it is new.
    pub(crate) created: bool,
    /// Atoms by which it is found no longer.
    pub(crate) gone: Vec<i64>,
    /// Atoms by which it is found from now on.
    pub(crate) come: Vec<i64>,
    /// The terms of its words, where they may have changed.
    pub(crate) terms: Option<Terms>,
}

/// Documents: how they are written.
pub(crate) trait Documents: Library {
    /// Makes or replaces a document.
    fn put_document(&mut self, draught: &Draught) -> Kept<()>;

    /// Removes a document, which is found by these atoms.
    fn remove_document(&mut self, id: Id, atoms: &[i64]) -> Kept<()>;
}

/// Lists by which documents and chats are found.
pub(crate) trait Index: Library {
    /// Documents with an atom, by age, at most `limit`.
    fn with_atom(&self, atom: i64, limit: usize) -> Kept<Vec<Id>>;

    /// All documents, the newest first, at most `limit`.
    fn newest_documents(&self, limit: usize) -> Kept<Vec<Id>>;

    /// All chats, the newest first, at most `limit`.
    fn newest_chats(&self, limit: usize) -> Kept<Vec<Id>>;

    /// Documents and chats with a word, the newest first, at most `limit`.
    fn with_word(&self, word: &Word, limit: usize) -> Kept<Vec<Id>>;

    /// A chat, with its reactions.
    fn chat_of(&self, id: Id) -> Kept<Option<Chat>>;

    /// The room in which a room stands.
    fn room_above(&self, id: Id) -> Kept<Option<Id>>;
}

/// A whole memory.
pub(crate) trait Tables: Log + People + Rooms + Chats + Roles + Documents + Entities + Follows {}

impl<T: Log + People + Rooms + Chats + Roles + Documents + Entities + Follows> Tables for T {}
