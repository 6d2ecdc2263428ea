//! A store that takes its time: what is asked of it at once, is under way at once.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use quintet_core::chat::{Chat, ChatFilter, Reactors};
use quintet_core::document::{Found, Query, Search};
use quintet_core::hierarchy::{Act, Reader};
use quintet_core::image::Image;
use quintet_core::room::Thread;
use quintet_core::user::Account;
use quintet_core::{Document, Draft, Error, Event, Id, Position, Subject, Topic};
use quintet_store::{Correspondence, Hit, Listener, Memory, Rooms, Snapshot, Store};
use tokio::task::yield_now;

use crate::troubled::{Trouble, Troubled};

/// What happens just before the store is asked a question, by its name.
pub(crate) type Meanwhile = Arc<Mutex<Option<(&'static str, Draft)>>>;

/// Lets everybody else go first at each append, and at one question what is to happen [`Meanwhile`]; its correspondence is [`Troubled`]; else a [`Memory`].
pub(crate) struct Patient(pub(crate) Arc<Memory>, pub(crate) Meanwhile, Troubled);

impl Patient {
    pub(crate) fn new(memory: Memory, meanwhile: Meanwhile, trouble: Arc<Trouble>) -> Self {
        let memory = Arc::new(memory);
        Self(Arc::clone(&memory), meanwhile, Troubled(memory, trouble))
    }

    async fn before(&self, question: &str) {
        let due = self.1.lock().unwrap().take_if(|(awaited, _)| *awaited == question);
        if let Some((_, draft)) = due {
            self.0.append(draft).await.unwrap();
        }
    }
}

#[async_trait]
impl Store for Patient {
    fn listen(&self, listener: Listener) {
        self.0.listen(listener);
    }

    async fn append(&self, draft: Draft) -> Result<Vec<Arc<Event>>, Error> {
        yield_now().await;
        self.0.append(draft).await
    }

    async fn snapshot(&self) -> Result<Option<Snapshot>, Error> {
        self.0.snapshot().await
    }

    async fn account_by_login(&self, login: &str) -> Result<Option<Account>, Error> {
        self.0.account_by_login(login).await
    }

    async fn account(&self, user: Id) -> Result<Option<Account>, Error> {
        self.0.account(user).await
    }

    async fn chat(&self, id: Id) -> Result<Option<Chat>, Error> {
        self.0.chat(id).await
    }

    async fn chats(&self, filter: &ChatFilter, rooms: Rooms) -> Result<Vec<Chat>, Error> {
        self.0.chats(filter, rooms).await
    }

    async fn reactors(&self, chat: Id) -> Result<Option<Reactors>, Error> {
        self.0.reactors(chat).await
    }

    async fn threads(&self, room: Id) -> Result<Vec<Thread>, Error> {
        self.0.threads(room).await
    }

    async fn image(&self, id: Id) -> Result<Option<Image>, Error> {
        self.0.image(id).await
    }

    async fn history(&self, topic: &Topic, after: u64, limit: u64) -> Result<Vec<Event>, Error> {
        self.before("history").await;
        self.0.history(topic, after, limit).await
    }

    async fn document(&self, subject: &Subject) -> Result<Option<Document>, Error> {
        self.0.document(subject).await
    }

    async fn number(&self, subject: &Subject) -> Result<Option<Id>, Error> {
        self.0.number(subject).await
    }

    async fn may(&self, reader: &Reader, act: Act, subject: &Subject) -> Result<bool, Error> {
        self.before("may").await;
        self.0.may(reader, act, subject).await
    }

    async fn documents(&self, query: &Query, reader: &Reader) -> Result<Found, Error> {
        self.0.documents(query, reader).await
    }

    async fn search(&self, search: &Search, reader: &Reader, rooms: Rooms) -> Result<Vec<Hit>, Error> {
        self.0.search(search, reader, rooms).await
    }

    async fn commit(&self, signature: &str) -> Result<Option<Event>, Error> {
        self.0.commit(signature).await
    }

    async fn chat_history(&self, chat: Id, limit: u64) -> Result<Vec<Event>, Error> {
        self.0.chat_history(chat, limit).await
    }

    async fn last_of_chats(&self, chats: &[Id]) -> Result<Vec<Option<Event>>, Error> {
        self.0.last_of_chats(chats).await
    }

    async fn head(&self, topic: &Topic) -> Result<Option<Position>, Error> {
        self.0.head(topic).await
    }

    async fn chat_at(&self, subject: &Subject) -> Result<Option<Chat>, Error> {
        self.0.chat_at(subject).await
    }

    async fn keep_file(&self, digest: [u8; 32], bytes: Bytes) -> Result<(), Error> {
        self.0.keep_file(digest, bytes).await
    }

    async fn file(&self, digest: [u8; 32]) -> Result<Option<Bytes>, Error> {
        self.0.file(digest).await
    }

    async fn export(&self, after: Id, limit: u64) -> Result<Vec<(Id, Document)>, Error> {
        self.0.export(after, limit).await
    }

    async fn secret(&self, name: &'static str, fresh: [u8; 32]) -> Result<[u8; 32], Error> {
        self.0.secret(name, fresh).await
    }

    async fn replace_secret(&self, name: &str, secret: [u8; 32]) -> Result<(), Error> {
        self.0.replace_secret(name, secret).await
    }

    async fn secrets(&self, prefix: &'static str) -> Result<Vec<(String, [u8; 32])>, Error> {
        self.0.secrets(prefix).await
    }

    fn correspondence(&self) -> &dyn Correspondence {
        &self.2
    }

    async fn ping(&self) -> Result<(), Error> {
        self.0.ping().await
    }

    async fn close(&self) -> Result<(), Error> {
        self.0.close().await
    }
}
