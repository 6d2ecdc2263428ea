//! What the store remembers of other houses.

use async_trait::async_trait;
use quintet_core::error::Error;
use quintet_core::event::Event;
use quintet_core::federation::desk::Kept;
use quintet_core::federation::peer::{DeadLetter, Peer};
use quintet_core::federation::{Host, Note};
use quintet_core::id::Id;
use quintet_core::time::Timestamp;

use super::Sqlite;
use crate::correspondence::{Bond, Correspondence, Item, NewItem, Post, Settled, Waiting};

#[async_trait]
impl Correspondence for Sqlite {
    async fn log(&self, _after: Id, _limit: u64) -> Result<Vec<Event>, Error> {
        Err(crate::closed())
    }

    async fn told(&self) -> Result<Id, Error> {
        Err(crate::closed())
    }

    async fn enqueue(&self, _told: Id, _items: Vec<NewItem>) -> Result<(), Error> {
        Err(crate::closed())
    }

    async fn waiting(&self, _host: &Host, _after: u64, _limit: u64) -> Result<Vec<Item>, Error> {
        Err(crate::closed())
    }

    async fn awaited(&self) -> Result<Vec<Waiting>, Error> {
        Err(crate::closed())
    }

    async fn settle(&self, _settled: Vec<Settled>) -> Result<(), Error> {
        Err(crate::closed())
    }

    async fn dead_letters(&self, _host: Option<&Host>, _limit: u64) -> Result<Vec<DeadLetter>, Error> {
        Err(crate::closed())
    }

    async fn requeue(&self, _host: &Host, _now: Timestamp) -> Result<u64, Error> {
        Err(crate::closed())
    }

    async fn peers(&self) -> Result<Vec<Peer>, Error> {
        Err(crate::closed())
    }

    async fn put_peer(&self, _peer: Peer) -> Result<(), Error> {
        Err(crate::closed())
    }

    async fn forget(&self, _before: Timestamp) -> Result<u64, Error> {
        Err(crate::closed())
    }

    async fn note(&self, _id: Id) -> Result<Option<Note>, Error> {
        Err(crate::closed())
    }

    async fn notes(&self, _author: Id, _public: bool, _offset: u64, _limit: u64) -> Result<(Vec<Note>, u64), Error> {
        Err(crate::closed())
    }

    async fn entity(&self, _key: &str) -> Result<Option<Kept>, Error> {
        Err(crate::closed())
    }

    async fn entity_numbered(&self, _id: Id) -> Result<Option<Kept>, Error> {
        Err(crate::closed())
    }

    async fn entities(&self, _query: &Post) -> Result<Vec<Kept>, Error> {
        Err(crate::closed())
    }

    async fn about(
        &self,
        _own: Id,
        _bond: Bond,
        _kind: Option<&str>,
        _offset: u64,
        _limit: u64,
    ) -> Result<(Vec<Kept>, u64), Error> {
        Err(crate::closed())
    }

    async fn felt(&self, _user: Id, _entity: Id, _reaction: &str) -> Result<Option<Timestamp>, Error> {
        Err(crate::closed())
    }

    async fn entity_of_chat(&self, _chat: Id) -> Result<Option<Kept>, Error> {
        Err(crate::closed())
    }
}
