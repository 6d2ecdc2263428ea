//! A memory that ends with its process, for tests: plain collections behind one lock, under the same rules as [`crate::Sqlite`].

mod correspondence;
mod documents;
mod entities;
mod outbox;
mod query;
mod state;
mod tables;

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::Mutex;
use quintet_core::chat::{Chat, ChatFilter, Reactors};
use quintet_core::document::{Found, Query, Search};
use quintet_core::error::Error;
use quintet_core::event::Event;
use quintet_core::hierarchy::{Act, Reader};
use quintet_core::id::Id;
use quintet_core::image::Image;
use quintet_core::room::Thread;
use quintet_core::topic::Topic;
use quintet_core::user::Account;
use quintet_core::{Document, Draft, Position, Subject, limits};

use self::state::State;
use crate::search::Terms;
use crate::tables::Library;
use crate::{
    Correspondence, Hit, Listener, Options, Rooms, Snapshot, Store, closed, finding, lineage, rules, searching,
    too_many,
};

/// An in-memory store. Every append is its own batch, and is over with the first poll of its future.
pub struct Memory {
    options: Options,
    listener: OnceLock<Listener>,
    /// `None` after [`Store::close`].
    state: Mutex<Option<State>>,
}

impl Memory {
    /// An empty memory.
    pub fn new(options: Options) -> Self {
        let state = State::new(Arc::clone(&options.clock));
        Self { options, listener: OnceLock::new(), state: Mutex::new(Some(state)) }
    }

    fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> Result<T, Error> {
        self.state.lock().as_mut().map(look).ok_or_else(closed)
    }
}

#[async_trait]
impl Store for Memory {
    fn listen(&self, listener: Listener) {
        // A second listener would be a mistake of the caller; the first one stays.
        let _ = self.listener.set(listener);
    }

    async fn append(&self, draft: Draft) -> Result<Vec<Arc<Event>>, Error> {
        let terms = rules::terms(&draft.change);
        // The lock is held while the listener hears, so that it hears in log order.
        self.with(|state| {
            let events = rules::apply(state, &draft, &terms, &self.options.limits)?;
            if let Some(listener) = self.listener.get() {
                events.iter().for_each(listener);
            }
            Ok(events)
        })?
    }

    async fn snapshot(&self) -> Result<Option<Snapshot>, Error> {
        self.with(|state| state.snapshot())
    }

    async fn account_by_login(&self, login: &str) -> Result<Option<Account>, Error> {
        self.with(|state| state.account_by_login(login))
    }

    async fn account(&self, user: Id) -> Result<Option<Account>, Error> {
        self.with(|state| state.accounts.get(&user).cloned())
    }

    async fn chat(&self, id: Id) -> Result<Option<Chat>, Error> {
        self.with(|state| state.chats.get(&id).map(state::Kept::shown))
    }

    async fn chats(&self, filter: &ChatFilter, rooms: Rooms) -> Result<Vec<Chat>, Error> {
        let limit = limits::size(self.options.limits.search_words);
        let terms = filter.words.as_deref().and_then(|words| Terms::of_search(words, limit));
        self.with(|state| state.chats_that(filter, &rooms, terms.as_ref()))
    }

    async fn reactors(&self, chat: Id) -> Result<Option<Reactors>, Error> {
        self.with(|state| state.chats.get(&chat).map(state::Kept::reactors))
    }

    async fn threads(&self, room: Id) -> Result<Vec<Thread>, Error> {
        self.with(|state| state.threads_of(room))
    }

    async fn image(&self, id: Id) -> Result<Option<Image>, Error> {
        self.with(|state| state.images.get(&id).cloned())
    }

    async fn history(&self, topic: &Topic, after: u64, limit: u64) -> Result<Vec<Event>, Error> {
        self.with(|state| state.history(topic, after, limit))
    }

    async fn document(&self, subject: &Subject) -> Result<Option<Document>, Error> {
        self.with(|state| Ok(state.find(subject.as_str())?.map(|sheet| sheet.document)))?
    }

    async fn number(&self, subject: &Subject) -> Result<Option<Id>, Error> {
        self.with(|state| Ok(state.number(subject.as_str())?))?
    }

    async fn may(&self, reader: &Reader, act: Act, subject: &Subject) -> Result<bool, Error> {
        self.with(|state| Ok(lineage::may(state, reader, act, subject.as_str(), &self.options.limits)?))?
    }

    async fn documents(&self, query: &Query, reader: &Reader) -> Result<Found, Error> {
        let limits = &self.options.limits;
        self.with(|state| finding::documents(state, query, reader, limits)?.ok_or_else(|| too_many(limits)))?
    }

    async fn search(&self, search: &Search, reader: &Reader, rooms: Rooms) -> Result<Vec<Hit>, Error> {
        self.with(|state| Ok(searching::search(state, search, reader, &rooms, &self.options.limits)?))?
    }

    async fn commit(&self, signature: &str) -> Result<Option<Event>, Error> {
        self.with(|state| state.commits.get(signature).cloned())
    }

    async fn chat_history(&self, chat: Id, limit: u64) -> Result<Vec<Event>, Error> {
        self.with(|state| state.chat_history(chat, limit))
    }

    async fn last_of_chats(&self, chats: &[Id]) -> Result<Vec<Option<Event>>, Error> {
        self.with(|state| chats.iter().map(|chat| state.chat_history(*chat, u64::MAX).pop()).collect())
    }

    async fn head(&self, topic: &Topic) -> Result<Option<Position>, Error> {
        self.with(|state| state.head(topic))
    }

    async fn chat_at(&self, subject: &Subject) -> Result<Option<Chat>, Error> {
        self.with(|state| state.chat_at(subject.as_str()))
    }

    async fn keep_file(&self, digest: [u8; 32], bytes: Bytes) -> Result<(), Error> {
        self.with(|state| {
            state.files.entry(digest).or_insert(bytes);
        })
    }

    async fn file(&self, digest: [u8; 32]) -> Result<Option<Bytes>, Error> {
        self.with(|state| state.files.get(&digest).cloned())
    }

    async fn export(&self, after: Id, limit: u64) -> Result<Vec<(Id, Document)>, Error> {
        self.with(|state| state.export(after, limit))
    }

    async fn secret(&self, name: &'static str, fresh: [u8; 32]) -> Result<[u8; 32], Error> {
        self.with(|state| *state.secrets.entry(name.to_owned()).or_insert(fresh))
    }

    async fn replace_secret(&self, name: &str, secret: [u8; 32]) -> Result<(), Error> {
        self.with(|state| {
            state.secrets.insert(name.to_owned(), secret);
        })
    }

    async fn secrets(&self, prefix: &'static str) -> Result<Vec<(String, [u8; 32])>, Error> {
        self.with(|state| {
            let of_prefix = state.secrets.range(prefix.to_owned()..).take_while(|(name, _)| name.starts_with(prefix));
            of_prefix.map(|(name, secret)| (name.clone(), *secret)).collect()
        })
    }

    fn correspondence(&self) -> &dyn Correspondence {
        self
    }

    async fn ping(&self) -> Result<(), Error> {
        self.with(|_| ())
    }

    async fn close(&self) -> Result<(), Error> {
        *self.state.lock() = None;
        Ok(())
    }
}
