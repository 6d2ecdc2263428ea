//! The store on disk: one SQLite database in one file, written by one thread and read by several.

mod checkpoint;
mod correspondence;
mod documents;
mod entities;
mod events;
mod files;
mod ledger;
mod meters;
mod open;
mod outbox;
mod query;
mod readers;
mod rows;
mod schema;
mod writer;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use bytes::Bytes;
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
use quintet_core::{Document, Draft, Limits, Position, Subject, limits};
use tokio::sync::{mpsc, oneshot};
use tokio::task::coop::unconstrained;

use self::readers::Readers;
use self::writer::{Answer, Append, Job};
use crate::search::Terms;
use crate::tables::Library;
use crate::{
    Correspondence, Hit, Listener, Rooms, Snapshot, Store, closed, finding, lineage, rules, searching, too_many,
};

/// A store on disk.
///
/// Appends are committed in the order in which their futures are first polled, also where they wait for a full queue: the queue to the
/// writer is first in, first out. An append whose future is dropped while it waits for an answer is remembered all the same.
pub struct Sqlite {
    limits: Arc<Limits>,
    listener: Arc<OnceLock<Listener>>,
    jobs: mpsc::Sender<Job>,
    readers: Readers,
    /// Whether the disk refused the last change.
    failing: Arc<AtomicBool>,
}

impl Sqlite {
    /// Has the writer do a job, and waits for the answer.
    async fn ask<T>(&self, job: impl FnOnce(Answer<T>) -> Job) -> Result<T, Error> {
        let (answer, answered) = oneshot::channel();
        // Unconstrained, or tokio could send a busy task away before it stands in the queue, out of its turn.
        unconstrained(self.jobs.send(job(answer))).await.map_err(|_| closed())?;
        answered.await.map_err(|_| closed())?
    }
}

#[async_trait]
impl Store for Sqlite {
    fn listen(&self, listener: Listener) {
        // A second listener would be a mistake of the caller; the first one stays.
        let _ = self.listener.set(listener);
    }

    async fn append(&self, draft: Draft) -> Result<Vec<Arc<Event>>, Error> {
        let terms = rules::terms(&draft.change);
        self.ask(|answer| Job::Append(Append { draft, terms, answer })).await
    }

    async fn snapshot(&self) -> Result<Option<Snapshot>, Error> {
        self.readers.ask(query::snapshot).await
    }

    async fn account_by_login(&self, login: &str) -> Result<Option<Account>, Error> {
        let login = login.to_owned();
        self.readers.ask(move |connection| query::account_by_login(connection, &login)).await
    }

    async fn account(&self, user: Id) -> Result<Option<Account>, Error> {
        self.readers.ask(move |connection| rows::account(connection, user)).await
    }

    async fn chat(&self, id: Id) -> Result<Option<Chat>, Error> {
        self.readers.ask(move |connection| rows::chat(connection, id)).await
    }

    async fn chats(&self, filter: &ChatFilter, rooms: Rooms) -> Result<Vec<Chat>, Error> {
        let limit = limits::size(self.limits.search_words);
        let terms = filter.words.as_deref().and_then(|words| Terms::of_search(words, limit));
        let filter = filter.clone();
        self.readers.ask(move |connection| query::chats(connection, &filter, &rooms, terms.as_ref())).await
    }

    async fn reactors(&self, chat: Id) -> Result<Option<Reactors>, Error> {
        self.readers.ask(move |connection| query::reactors(connection, chat)).await
    }

    async fn threads(&self, room: Id) -> Result<Vec<Thread>, Error> {
        self.readers.ask(move |connection| query::threads(connection, room)).await
    }

    async fn image(&self, id: Id) -> Result<Option<Image>, Error> {
        self.readers.ask(move |connection| query::image(connection, id)).await
    }

    async fn history(&self, topic: &Topic, after: u64, limit: u64) -> Result<Vec<Event>, Error> {
        let topic = topic.clone();
        self.readers.ask(move |connection| events::history(connection, &topic, after, limit)).await
    }

    async fn document(&self, subject: &Subject) -> Result<Option<Document>, Error> {
        let subject = subject.shared();
        self.readers.ask(move |connection| Ok(connection.find(&subject)?.map(|sheet| sheet.document))).await
    }

    async fn number(&self, subject: &Subject) -> Result<Option<Id>, Error> {
        let subject = subject.shared();
        self.readers.ask(move |connection| connection.number(&subject)).await
    }

    async fn may(&self, reader: &Reader, act: Act, subject: &Subject) -> Result<bool, Error> {
        let (reader, subject, limits) = (reader.clone(), subject.shared(), Arc::clone(&self.limits));
        self.readers.ask(move |connection| lineage::may(connection, &reader, act, &subject, &limits)).await
    }

    async fn documents(&self, query: &Query, reader: &Reader) -> Result<Found, Error> {
        let (query, reader, limits) = (query.clone(), reader.clone(), Arc::clone(&self.limits));
        let found =
            self.readers.ask(move |connection| finding::documents(connection, &query, &reader, &limits)).await?;
        found.ok_or_else(|| too_many(&self.limits))
    }

    async fn search(&self, search: &Search, reader: &Reader, rooms: Rooms) -> Result<Vec<Hit>, Error> {
        let (search, reader, limits) = (search.clone(), reader.clone(), Arc::clone(&self.limits));
        let question = move |connection: &_| searching::search(connection, &search, &reader, &rooms, &limits);
        self.readers.ask(question).await
    }

    async fn commit(&self, signature: &str) -> Result<Option<Event>, Error> {
        let signature = signature.to_owned();
        self.readers.ask(move |connection| events::of_commit(connection, &signature)).await
    }

    async fn chat_history(&self, chat: Id, limit: u64) -> Result<Vec<Event>, Error> {
        self.readers.ask(move |connection| events::of_chat(connection, chat, limit)).await
    }

    async fn last_of_chats(&self, chats: &[Id]) -> Result<Vec<Option<Event>>, Error> {
        let chats = chats.to_vec();
        let last = move |connection: &_| chats.iter().map(|chat| events::last_of_chat(connection, *chat)).collect();
        self.readers.ask(last).await
    }

    async fn head(&self, topic: &Topic) -> Result<Option<Position>, Error> {
        let topic = topic.clone();
        self.readers.ask(move |connection| events::head(connection, &topic)).await
    }

    async fn chat_at(&self, subject: &Subject) -> Result<Option<Chat>, Error> {
        let subject = subject.shared();
        self.readers.ask(move |connection| documents::chat_at(connection, &subject)).await
    }

    async fn keep_file(&self, digest: [u8; 32], bytes: Bytes) -> Result<(), Error> {
        if self.readers.ask(move |connection| files::has(connection, digest)).await? {
            return Ok(());
        }
        let mut chunks = 0;
        for start in (0..bytes.len()).step_by(files::CHUNK_BYTES) {
            let bytes = bytes.slice(start..bytes.len().min(start + files::CHUNK_BYTES));
            self.ask(|answer| Job::Chunk { digest, number: chunks, bytes, answer }).await?;
            chunks += 1;
        }
        self.ask(|answer| Job::File { digest, chunks, answer }).await
    }

    async fn file(&self, digest: [u8; 32]) -> Result<Option<Bytes>, Error> {
        self.readers.ask(move |connection| files::read(connection, digest)).await
    }

    async fn export(&self, after: Id, limit: u64) -> Result<Vec<(Id, Document)>, Error> {
        self.readers.ask(move |connection| documents::export(connection, after, limit)).await
    }

    async fn secret(&self, name: &'static str, fresh: [u8; 32]) -> Result<[u8; 32], Error> {
        match self.readers.ask(move |connection| rows::secret(connection, name)).await? {
            Some(secret) => Ok(secret),
            None => self.ask(|answer| Job::Secret { name, fresh, answer }).await,
        }
    }

    async fn replace_secret(&self, name: &str, secret: [u8; 32]) -> Result<(), Error> {
        let name = name.to_owned();
        self.ask(|answer| Job::ReplaceSecret { name, secret, answer }).await
    }

    async fn secrets(&self, prefix: &'static str) -> Result<Vec<(String, [u8; 32])>, Error> {
        self.readers.ask(move |connection| rows::secrets(connection, prefix)).await
    }

    fn correspondence(&self) -> &dyn Correspondence {
        self
    }

    async fn ping(&self) -> Result<(), Error> {
        self.readers.ask(|connection| rows::exists(connection, "SELECT 1", []).map(drop)).await?;
        if self.failing.load(Ordering::Relaxed) {
            return Err(Error::unavailable("the last change could not be written; the log tells why"));
        }
        if self.jobs.is_closed() { Err(closed()) } else { Ok(()) }
    }

    async fn close(&self) -> Result<(), Error> {
        self.readers.close().await;
        let (answer, answered) = oneshot::channel();
        if self.jobs.send(Job::Close { answer }).await.is_ok() {
            // A dropped answer is that of a close that came later than another one.
            return answered.await.unwrap_or(Ok(()));
        }
        Ok(())
    }
}
