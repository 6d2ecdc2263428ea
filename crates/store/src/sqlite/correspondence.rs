//! What the store on disk remembers of other houses.

use async_trait::async_trait;
use quintet_core::error::Error;
use quintet_core::event::Event;
use quintet_core::federation::desk::Kept;
use quintet_core::federation::peer::{DeadLetter, Peer};
use quintet_core::federation::{Address, Form, Host, Note};
use quintet_core::id::Id;
use quintet_core::time::Timestamp;

use super::ledger::Errand;
use super::writer::Job;
use super::{Sqlite, entities, events, outbox, rows};
use crate::correspondence::{Bond, Correspondence, Item, NewItem, Post, Settled, Waiting};
use crate::entity::Entity;
use crate::handle::Handle;

impl Sqlite {
    /// Has the writer run an errand; tells how much it changed.
    async fn run(&self, errand: Errand) -> Result<u64, Error> {
        self.ask(|answer| Job::Errand { errand, answer }).await
    }
}

#[async_trait]
impl Correspondence for Sqlite {
    async fn log(&self, after: Id, limit: u64) -> Result<Vec<Event>, Error> {
        self.readers.ask(move |connection| events::log(connection, after, limit)).await
    }

    async fn told(&self) -> Result<Id, Error> {
        self.readers.ask(outbox::told).await
    }

    async fn enqueue(&self, told: Id, items: Vec<NewItem>) -> Result<(), Error> {
        self.run(Errand::Enqueue { told, items }).await.map(drop)
    }

    async fn waiting(&self, host: &Host, after: u64, limit: u64) -> Result<Vec<Item>, Error> {
        let host = host.clone();
        self.readers.ask(move |connection| outbox::waiting(connection, &host, after, limit)).await
    }

    async fn awaited(&self) -> Result<Vec<Waiting>, Error> {
        self.readers.ask(outbox::awaited).await
    }

    async fn settle(&self, settled: Vec<Settled>) -> Result<(), Error> {
        self.run(Errand::Settle(settled)).await.map(drop)
    }

    async fn dead_letters(&self, host: Option<&Host>, limit: u64) -> Result<Vec<DeadLetter>, Error> {
        let host = host.cloned();
        self.readers.ask(move |connection| outbox::dead_letters(connection, host.as_ref(), limit)).await
    }

    async fn requeue(&self, host: &Host, now: Timestamp) -> Result<u64, Error> {
        self.run(Errand::Requeue { host: host.clone(), now }).await
    }

    async fn peers(&self) -> Result<Vec<Peer>, Error> {
        self.readers.ask(outbox::peers).await
    }

    async fn put_peer(&self, peer: Peer) -> Result<(), Error> {
        self.run(Errand::PutPeer(peer)).await.map(drop)
    }

    async fn forget(&self, before: Timestamp) -> Result<u64, Error> {
        let mut total = 0;
        for errand in [Errand::ForgetEntities, Errand::ForgetLetters] {
            loop {
                // In small steps, so that others have their turns between them.
                let count = self.run(errand(before)).await?;
                total += count;
                if count == 0 {
                    break;
                }
            }
        }
        Ok(total)
    }

    async fn note(&self, id: Id) -> Result<Option<Note>, Error> {
        self.readers.ask(move |connection| rows::get(connection, id)).await
    }

    async fn notes(&self, author: Id, public: bool, offset: u64, limit: u64) -> Result<(Vec<Note>, u64), Error> {
        self.readers.ask(move |connection| entities::notes(connection, author, public, (offset, limit))).await
    }

    async fn notes_of(&self, authors: &[Id], before: Option<Id>, limit: u64) -> Result<Vec<Note>, Error> {
        let authors = authors.to_vec();
        self.readers.ask(move |connection| entities::notes_of(connection, &authors, before, limit)).await
    }

    async fn entity(&self, key: &str) -> Result<Option<Kept>, Error> {
        let key = key.to_owned();
        let entity = self.readers.ask(move |connection| entities::find(connection, Handle::Name(&key))).await?;
        Ok(entity.and_then(Entity::shown))
    }

    async fn entity_numbered(&self, id: Id) -> Result<Option<Kept>, Error> {
        let entity = self.readers.ask(move |connection| entities::numbered(connection, id)).await?;
        Ok(entity.and_then(Entity::shown))
    }

    async fn entities(&self, query: &Post) -> Result<Vec<Kept>, Error> {
        let query = query.clone();
        self.readers.ask(move |connection| entities::posted(connection, &query)).await
    }

    async fn about(
        &self,
        own: Id,
        bond: Bond,
        kind: Option<&str>,
        form: Option<Form>,
        offset: u64,
        limit: u64,
    ) -> Result<(Vec<Kept>, u64), Error> {
        let kind = kind.map(str::to_owned);
        let page = (offset, limit);
        self.readers.ask(move |connection| entities::about(connection, own, bond, (kind.as_deref(), form), page)).await
    }

    async fn felt(&self, user: Id, entity: Id, reaction: &str) -> Result<Option<Timestamp>, Error> {
        let reaction = reaction.to_owned();
        self.readers.ask(move |connection| entities::felt(connection, user, entity, &reaction)).await
    }

    async fn name_of_chat(&self, chat: Id) -> Result<Option<Address>, Error> {
        let entity = self.readers.ask(move |connection| entities::of_chat(connection, chat)).await?;
        Ok(entity.and_then(|entity| entity.address()))
    }
}
