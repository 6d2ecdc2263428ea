//! The ledger: the writer's connection, with the numbers that it gives out.

mod chats;
mod documents;
mod entities;
mod outbox;
mod people;
mod roles;
mod rooms;

use std::collections::HashMap;

use quintet_core::Position;
use quintet_core::event::Event;
use quintet_core::id::{Id, IdSource};
use quintet_core::time::Clock;
use quintet_core::topic::Topic;
use rusqlite::{Connection, params};

use self::outbox::Counts;
pub(super) use self::outbox::Errand;
use super::{rows, schema};
use crate::places;
use crate::record::{Number, Record};
use crate::tables::{Kept, Log};

/// Topics whose last place is kept in mind; beyond it, all are looked up again.
const PLACES_IN_MIND: usize = 65_536;

/// Pages of the index of words that any commit of chats merges at the most.
const MERGED_PAGES: i64 = 4;
/// One page more for so many chats of a commit: 64 of them fill about 12 pages, each to be merged a few times.
const CHATS_PER_MERGED_PAGE: i64 = 2;

/// The only connection that writes. What it writes belongs to the transaction that its owner has begun.
pub(super) struct Ledger {
    pub(super) connection: Connection,
    clock: Clock,
    ids: IdSource,
    epoch: u32,
    /// The last place of each topic that was written to lately.
    places: HashMap<Topic, u64>,
    /// How much waits for each house, of those to which something was sent lately.
    counts: Counts,
    /// Chats and documents whose words went into the index in this transaction.
    indexed: i64,
}

impl Ledger {
    /// Goes on where the database ends.
    pub(super) fn new(connection: Connection, clock: Clock) -> Kept<Self> {
        let ids = IdSource::after(schema::last_id(&connection)?);
        let epoch = rows::epoch(&connection)?;
        Ok(Self { connection, clock, ids, epoch, places: HashMap::new(), counts: Counts::new(), indexed: 0 })
    }

    /// Begins a transaction.
    pub(super) fn begin(&mut self) -> Kept<()> {
        self.execute("BEGIN IMMEDIATE", [])
    }

    /// Puts the transaction on disk.
    pub(super) fn commit(&mut self) -> Kept<()> {
        self.merge_stems()?;
        self.execute("COMMIT", [])
    }

    /// Forgets the transaction, if one is left, and what was counted in it.
    pub(super) fn roll_back(&mut self) -> Kept<()> {
        self.places.clear();
        self.counts.clear();
        self.indexed = 0;
        if self.connection.is_autocommit() { Ok(()) } else { self.execute("ROLLBACK", []) }
    }

    /// Merges a little of the index of words, in proportion to what was added: every commit pays its share, and none much.
    ///
    /// Left to itself, FTS5 merges rarely and a lot, and a commit in a few waits for tens of milliseconds.
    fn merge_stems(&mut self) -> Kept<()> {
        let indexed = std::mem::take(&mut self.indexed);
        if indexed == 0 {
            return Ok(());
        }
        let pages = MERGED_PAGES + indexed / CHATS_PER_MERGED_PAGE;
        self.execute("INSERT INTO stems (stems, rank) VALUES ('merge', ?)", [pages])
    }

    /// Gives back the secret of a name; stores `fresh` first where there is none.
    pub(super) fn secret(&mut self, name: &str, fresh: [u8; 32]) -> Kept<[u8; 32]> {
        self.execute("INSERT OR IGNORE INTO secrets (name, secret) VALUES (?, ?)", params![name, fresh])?;
        Ok(rows::secret(&self.connection, name)?.unwrap_or(fresh))
    }

    /// Stores a secret in place of the one of this name.
    pub(super) fn replace_secret(&mut self, name: &str, secret: [u8; 32]) -> Kept<()> {
        self.execute("INSERT OR REPLACE INTO secrets (name, secret) VALUES (?, ?)", params![name, secret])
    }

    fn execute(&self, sql: &str, params: impl rusqlite::Params) -> Kept<()> {
        self.connection.prepare_cached(sql)?.execute(params)?;
        Ok(())
    }

    fn count(&self, sql: &str) -> Kept<u64> {
        Ok(self.connection.prepare_cached(sql)?.query_row([], |row| row.get::<_, i64>(0))?.unsigned_abs())
    }

    fn last_place(&self, topic: &Topic) -> Kept<u64> {
        let sql = "SELECT coalesce(max(place), 0) FROM events WHERE topic = ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([topic.as_str()], |row| row.get::<_, i64>(0))?.unsigned_abs())
    }
}

impl Log for Ledger {
    fn next_id(&mut self) -> Id {
        self.ids.next((self.clock)())
    }

    fn next_position(&mut self, topic: &Topic) -> Kept<Position> {
        let last = match self.places.get(topic) {
            Some(place) => *place,
            None => self.last_place(topic)?,
        };
        Ok(Position { epoch: self.epoch, offset: last + 1 })
    }

    fn write(&mut self, event: &Event) -> Kept<()> {
        let offset = event.position.map_or(0, |position| position.offset);
        let sql = "INSERT INTO events (id, topic, place, at, author, author_name, via, body, signed, about) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        let body = event.body.text()?;
        for topic in &event.topics {
            self.execute(
                sql,
                params![
                    Number(event.id),
                    topic.as_str(),
                    offset.cast_signed(),
                    event.at.millis(),
                    Number(event.author.id),
                    event.author.name,
                    event.via,
                    body,
                    event.commit.as_ref().map(|commit| &commit.json),
                    places::chat_of(&event.body).map(Number),
                ],
            )?;
            if self.places.len() >= PLACES_IN_MIND {
                self.places.clear();
            }
            self.places.insert(topic.clone(), offset);
        }
        if let Some(commit) = &event.commit {
            // One commit may become several events; it is known by the first.
            let sql = "INSERT OR IGNORE INTO commits (signature, event) VALUES (?, ?)";
            self.execute(sql, params![commit.signature, Number(event.id)])?;
        }
        Ok(())
    }

    fn has_commit(&self, signature: &str) -> Kept<bool> {
        rows::exists(&self.connection, "SELECT 1 FROM commits WHERE signature = ?", [signature])
    }
}
