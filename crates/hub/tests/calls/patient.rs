//! A store that takes its time: what is asked of it at once, is under way at once.

use std::sync::Arc;

use async_trait::async_trait;
use quintet_core::chat::{Chat, ChatFilter, Reactors};
use quintet_core::image::Image;
use quintet_core::room::Thread;
use quintet_core::user::Account;
use quintet_core::{Draft, Error, Event, Id, Topic};
use quintet_store::{Listener, Memory, Rooms, Snapshot, Store};
use tokio::task::yield_now;

/// Lets everybody else go first at each append; else a [`Memory`].
pub(crate) struct Patient(pub(crate) Memory);

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
        self.0.history(topic, after, limit).await
    }

    async fn secret(&self, name: &'static str, fresh: [u8; 32]) -> Result<[u8; 32], Error> {
        self.0.secret(name, fresh).await
    }

    async fn ping(&self) -> Result<(), Error> {
        self.0.ping().await
    }

    async fn close(&self) -> Result<(), Error> {
        self.0.close().await
    }
}
