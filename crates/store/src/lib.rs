//! What is remembered: events, resources and accounts, in SQLite or, for tests, in memory.
//!
//! [`Store::append`] is the only way in: one transaction checks a [`Draft`], numbers it, writes its events to the log, and applies
//! them to the resources that they change. Appends that come at once share a transaction (group commit); each caller
//! wakes when its own is on disk, after the [`Listener`] has heard the events, in log order.

#![allow(clippy::similar_names, reason = "follower and followee are the words of the field")]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

mod atoms;
mod correspondence;
mod entity;
mod finding;
mod handle;
mod lineage;
mod login;
mod memory;
mod places;
mod record;
mod rules;
mod search;
mod searching;
mod sheet;
mod sqlite;
mod tables;
mod texts;

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use quintet_core::chat::{Chat, ChatFilter, Reactors};
use quintet_core::document::{Found, Query, Search};
use quintet_core::error::Error;
use quintet_core::event::Event;
use quintet_core::federation::Follow;
use quintet_core::hierarchy::{Act, Reader};
use quintet_core::id::Id;
use quintet_core::image::Image;
use quintet_core::right::{Grant, Role};
use quintet_core::room::{Room, ServerRecord, Thread};
use quintet_core::time::{Clock, Timestamp};
use quintet_core::topic::Topic;
use quintet_core::user::{Account, AgentSecret, User};
use quintet_core::{Document, Draft, Limits, Position, Subject};

pub use self::correspondence::{Bond, Correspondence, Item, NewItem, Post, Settled, Tally, Waiting};
pub use self::memory::Memory;
pub use self::sqlite::Sqlite;

/// Hears every kept event after its commit and before its author's answer: each once, in log order, one at a time.
pub type Listener = Box<dyn Fn(&Arc<Event>) + Send + Sync>;

/// A memory of the house.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Sets who hears the events. Called once, before the first append.
    fn listen(&self, listener: Listener);

    /// Remembers a draft. Resolves when its events are on disk and the listener has heard them.
    ///
    /// Drafts are committed in the order in which these futures are first polled. Errors are those that [`quintet_core::Change`] names,
    /// `Internal` where the disk fails, `Unavailable` after [`Store::close`]; all leave no trace.
    async fn append(&self, draft: Draft) -> Result<Vec<Arc<Event>>, Error>;

    /// Everything that the hall keeps in mind; `None` where nothing was founded yet.
    async fn snapshot(&self) -> Result<Option<Snapshot>, Error>;

    /// The account that logs in with this username (compared exactly) or e-mail (in any case).
    async fn account_by_login(&self, login: &str) -> Result<Option<Account>, Error>;

    /// The account of a user.
    async fn account(&self, user: Id) -> Result<Option<Account>, Error>;

    /// One chat.
    async fn chat(&self, id: Id) -> Result<Option<Chat>, Error>;

    /// Chats in these rooms that pass the filter, by time, then id, the newest first.
    async fn chats(&self, filter: &ChatFilter, rooms: Rooms) -> Result<Vec<Chat>, Error>;

    /// Who reacted to a chat; `None` if there is no such chat.
    async fn reactors(&self, chat: Id) -> Result<Option<Reactors>, Error>;

    /// The threads of a room, oldest first.
    async fn threads(&self, room: Id) -> Result<Vec<Thread>, Error>;

    /// An image as it was uploaded.
    async fn image(&self, id: Id) -> Result<Option<Image>, Error>;

    /// Kept events of a topic with an offset above `after`, in order, at most `limit`.
    async fn history(&self, topic: &Topic, after: u64, limit: u64) -> Result<Vec<Event>, Error>;

    /// The document at a subject. Rooms, chats and users are none here.
    async fn document(&self, subject: &Subject) -> Result<Option<Document>, Error>;

    /// The number of the document at a subject. One that was destroyed and made again has another: the events since it was made have larger
    /// numbers, those of documents that stood there before have smaller ones.
    async fn number(&self, subject: &Subject) -> Result<Option<Id>, Error>;

    /// Whether somebody may do something with the document at a subject: what it lists, and what those above it list. Agents may do anything to
    /// themselves. Nobody but `root` may with what is not there.
    async fn may(&self, reader: &Reader, act: Act, subject: &Subject) -> Result<bool, Error>;

    /// The documents that pass a query and that the reader may read, a page of them, with how many there are in all. Sorted by
    /// [`quintet_core::term::CREATED_AT`], those without it stand where they were made.
    /// `TooMany` beyond [`Limits::query_documents`].
    async fn documents(&self, query: &Query, reader: &Reader) -> Result<Found, Error>;

    /// Documents that the reader may read and chats in these rooms, by their words: what has most of them first, then the newest.
    async fn search(&self, search: &Search, reader: &Reader, rooms: Rooms) -> Result<Vec<Hit>, Error>;

    /// The event of the commit with this signature.
    async fn commit(&self, signature: &str) -> Result<Option<Event>, Error>;

    /// The kept events of one chat, oldest first, at most `limit`.
    async fn chat_history(&self, chat: Id, limit: u64) -> Result<Vec<Event>, Error>;

    /// The last kept event of each of these chats, in their order; `None` for one that there never was.
    async fn last_of_chats(&self, chats: &[Id]) -> Result<Vec<Option<Event>>, Error>;

    /// The place of the last event of a topic; `None` where there was none.
    async fn head(&self, topic: &Topic) -> Result<Option<Position>, Error>;

    /// The chat that is known by a document's subject of its own.
    async fn chat_at(&self, subject: &Subject) -> Result<Option<Chat>, Error>;

    /// Keeps the bytes of a file under their SHA-256. Durable when it returns; keeping the same bytes twice is keeping them once.
    async fn keep_file(&self, digest: [u8; 32], bytes: Bytes) -> Result<(), Error>;

    /// The bytes of a file by their SHA-256.
    async fn file(&self, digest: [u8; 32]) -> Result<Option<Bytes>, Error>;

    /// Documents with a number above `after`, in order of their making, at most `limit`.
    async fn export(&self, after: Id, limit: u64) -> Result<Vec<(Id, Document)>, Error>;

    /// The secret of this name; `fresh` is stored first where there is none. Durable when it returns.
    async fn secret(&self, name: &'static str, fresh: [u8; 32]) -> Result<[u8; 32], Error>;

    /// Stores a secret in place of the one of this name. Durable when it returns.
    async fn replace_secret(&self, name: &str, secret: [u8; 32]) -> Result<(), Error>;

    /// The secrets whose names begin with `prefix`, by name.
    async fn secrets(&self, prefix: &'static str) -> Result<Vec<(String, [u8; 32])>, Error>;

    /// What is remembered of other houses.
    fn correspondence(&self) -> &dyn Correspondence;

    /// Is it able to answer?
    async fn ping(&self) -> Result<(), Error>;

    /// Finishes what was begun and lets go of the disk. Later appends are `Unavailable`.
    async fn close(&self) -> Result<(), Error>;
}

/// What a search found.
#[derive(Clone, Debug, PartialEq)]
pub enum Hit {
    /// A document.
    Document(Document),
    /// A chat.
    Chat(Chat),
}

/// Which rooms a reader of chats may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rooms {
    /// Every room.
    All,
    /// Every room but these.
    Except(Vec<Id>),
}

/// What the hall keeps in mind.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The server record.
    pub server: ServerRecord,
    /// All users, oldest first, each with its token generation.
    pub users: Vec<(User, u32)>,
    /// The agent secrets that the house holds for users.
    pub secrets: Vec<(Id, AgentSecret)>,
    /// All rooms.
    pub rooms: Vec<Room>,
    /// All roles but [`Id::EVERYONE`], each with its members.
    pub roles: Vec<(Role, Vec<Id>)>,
    /// All sets of rights.
    pub grants: Vec<Grant>,
    /// All follows that stand or are asked for.
    pub follows: Vec<Follow>,
}

/// What every store is told.
#[derive(Clone)]
pub struct Options {
    /// The bounds in force.
    pub limits: Limits,
    /// Where ids, and the epoch of a new history, take their time from.
    pub clock: Clock,
}

/// The epoch of a history that begins now: it differs from that of any other that begins within seven weeks.
fn epoch(now: Timestamp) -> u32 {
    // The low 32 bits of the milliseconds: in range by construction.
    u32::try_from(now.millis() & i64::from(u32::MAX)).unwrap_or_default()
}

/// What a query that finds more than it may look at is answered.
fn too_many(limits: &Limits) -> Error {
    Error::too_many(format!("more than {} documents pass; ask for fewer", limits.query_documents))
}

/// What a closed store answers.
fn closed() -> Error {
    Error::unavailable("the server is shutting down; try again later")
}
