//! What a memory remembers of other houses.

use async_trait::async_trait;
use quintet_core::error::Error;
use quintet_core::event::Event;
use quintet_core::federation::desk::Kept;
use quintet_core::federation::peer::{DeadLetter, Peer};
use quintet_core::federation::{Address, Form, Host, Note};
use quintet_core::id::Id;
use quintet_core::time::Timestamp;

use super::Memory;
use crate::correspondence::{Bond, Correspondence, Item, NewItem, Post, Settled, Waiting};
use crate::entity::Entity;
use crate::handle::Handle;
use crate::tables::Entities;

#[async_trait]
impl Correspondence for Memory {
    async fn log(&self, after: Id, limit: u64) -> Result<Vec<Event>, Error> {
        self.with(|state| state.log_after(after, limit))
    }

    async fn told(&self) -> Result<Id, Error> {
        self.with(|state| state.told)
    }

    async fn enqueue(&self, told: Id, items: Vec<NewItem>) -> Result<(), Error> {
        self.with(|state| {
            for item in items {
                state.outbox.add(item, &self.options.limits);
            }
            state.told = told;
        })
    }

    async fn waiting(&self, host: &Host, after: u64, limit: u64) -> Result<Vec<Item>, Error> {
        self.with(|state| state.outbox.waiting(host, after, limit))
    }

    async fn awaited(&self) -> Result<Vec<Waiting>, Error> {
        self.with(|state| state.outbox.awaited())
    }

    async fn settle(&self, settled: Vec<Settled>) -> Result<(), Error> {
        self.with(|state| settled.into_iter().for_each(|settled| state.outbox.settle(settled)))
    }

    async fn dead_letters(&self, host: Option<&Host>, limit: u64) -> Result<Vec<DeadLetter>, Error> {
        self.with(|state| state.outbox.dead_letters(host, limit))
    }

    async fn requeue(&self, host: &Host, now: Timestamp) -> Result<u64, Error> {
        self.with(|state| state.outbox.requeue(host, now))
    }

    async fn peers(&self) -> Result<Vec<Peer>, Error> {
        self.with(|state| state.outbox.peers())
    }

    async fn put_peer(&self, peer: Peer) -> Result<(), Error> {
        self.with(|state| state.outbox.put_peer(peer, &self.options.limits))?
    }

    async fn forget(&self, before: Timestamp) -> Result<u64, Error> {
        self.with(|state| state.forget_entities(before) + state.outbox.forget(before))
    }

    async fn note(&self, id: Id) -> Result<Option<Note>, Error> {
        self.with(|state| state.notes.get(&id).cloned())
    }

    async fn notes(&self, author: Id, public: bool, offset: u64, limit: u64) -> Result<(Vec<Note>, u64), Error> {
        self.with(|state| state.notes_by(author, public, offset, limit))
    }

    async fn notes_of(&self, authors: &[Id], before: Option<Id>, limit: u64) -> Result<Vec<Note>, Error> {
        self.with(|state| state.notes_of(authors, before, limit))
    }

    async fn entity(&self, key: &str) -> Result<Option<Kept>, Error> {
        Ok(self.with(|state| Entities::entity(state, Handle::Name(key)))??.and_then(Entity::shown))
    }

    async fn entity_numbered(&self, id: Id) -> Result<Option<Kept>, Error> {
        self.with(|state| state.entities.get(&id).cloned().and_then(Entity::shown))
    }

    async fn entities(&self, query: &Post) -> Result<Vec<Kept>, Error> {
        self.with(|state| state.posted(query))
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
        self.with(|state| state.about(own, bond, (kind, form), offset, limit))
    }

    async fn felt(&self, user: Id, entity: Id, reaction: &str) -> Result<Option<Timestamp>, Error> {
        self.with(|state| state.feelings.get(&(entity, user, reaction.to_owned())).copied())
    }

    async fn name_of_chat(&self, chat: Id) -> Result<Option<Address>, Error> {
        self.with(|state| {
            let entity = state.entities.values().find(|entity| entity.chat == Some(chat));
            entity.and_then(Entity::address)
        })
    }
}
