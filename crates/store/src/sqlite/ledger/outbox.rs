//! The ledger's outbox, and how things stand with other houses.

use std::collections::HashMap;
use std::sync::Arc;

use quintet_core::error::Error;
use quintet_core::federation::Host;
use quintet_core::federation::peer::{Peer, Standing};
use quintet_core::id::Id;
use quintet_core::limits::Limits;
use quintet_core::time::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::super::outbox::standing_code;
use super::super::{query, rows};
use super::Ledger;
use crate::correspondence::{NewItem, OVERFLOW, Settled, peers_to_replace, too_many_peers};
use crate::entity::form_code;
use crate::record::{Number, Record};
use crate::tables::{Broken, Kept};

/// What is written of other houses outside of the log.
pub(in super::super) enum Errand {
    /// Puts items into the outbox, and remembers up to which event that is.
    Enqueue { told: Id, items: Vec<NewItem> },
    /// What became of items.
    Settle(Vec<Settled>),
    /// Puts back what was given up.
    Requeue { host: Host, now: Timestamp },
    /// How things stand with a house.
    PutPeer(Peer),
    /// Forgets some entities.
    ForgetEntities(Timestamp),
    /// Forgets some dead letters.
    ForgetLetters(Timestamp),
}

/// How many items of a house wait, and how many were given up. Counting them takes long where they are many, so it is done once.
#[derive(Clone, Copy, Default)]
pub(super) struct Count {
    waiting: u64,
    dead: u64,
}

/// Counts by house. Cleared where it could be wrong, and where it grew too large.
pub(super) type Counts = HashMap<Arc<str>, Count>;

impl Ledger {
    /// Dead letters that one statement forgets at the most.
    const FORGOTTEN_LETTERS: i64 = 10_000;

    /// Runs an errand within the transaction that its owner has begun; tells how much it changed.
    pub(in super::super) fn run(&mut self, errand: Errand, limits: &Limits) -> Result<u64, Error> {
        Ok(match errand {
            Errand::Enqueue { told, items } => self.enqueue(told, &items, limits)?,
            Errand::Settle(settled) => self.settle(&settled)?,
            Errand::Requeue { host, now } => self.requeue(&host, now)?,
            Errand::PutPeer(peer) => self.put_peer(&peer, limits)?,
            Errand::ForgetEntities(before) => self.forget_entities(before)?,
            Errand::ForgetLetters(before) => self.forget_letters(before)?,
        })
    }

    fn enqueue(&mut self, told: Id, items: &[NewItem], limits: &Limits) -> Kept<u64> {
        for item in items {
            let mut count = self.count_of(&item.host, limits)?;
            let is_over = count.waiting >= limits.outbox_items;
            if is_over && count.dead >= limits.outbox_items {
                self.drop_oldest_letter(&item.host)?;
                count.dead -= 1;
            }
            self.add_item(item, is_over.then_some(OVERFLOW))?;
            *(if is_over { &mut count.dead } else { &mut count.waiting }) += 1;
            self.counts.insert(item.host.shared(), count);
        }
        self.execute("INSERT OR REPLACE INTO facts (name, value) VALUES ('told', ?)", [Number(told)])?;
        Ok(items.len() as u64)
    }

    fn add_item(&self, item: &NewItem, error: Option<&str>) -> Kept<()> {
        self.execute(
            "INSERT INTO outbox (host, form, kind, signer, inbox, at, attempts, due, error, text) VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?, ?)",
            params![
                item.host.as_str(),
                form_code(item.form),
                item.kind,
                item.signer.text()?,
                item.inbox,
                item.at.millis(),
                item.at.millis(),
                error,
                item.text,
            ],
        )
    }

    fn count_of(&mut self, host: &Host, limits: &Limits) -> Kept<Count> {
        if let Some(count) = self.counts.get(host.as_str()) {
            return Ok(*count);
        }
        if self.counts.len() as u64 >= limits.peers {
            self.counts.clear();
        }
        let count = |sql: &str| -> Kept<u64> {
            let mut statement = self.connection.prepare_cached(sql)?;
            Ok(statement.query_row([host.as_str()], |row| row.get::<_, i64>(0))?.unsigned_abs())
        };
        Ok(Count {
            waiting: count("SELECT count(*) FROM outbox WHERE host = ? AND error IS NULL")?,
            dead: count("SELECT count(*) FROM outbox WHERE host = ? AND error IS NOT NULL")?,
        })
    }

    fn drop_oldest_letter(&self, host: &Host) -> Kept<()> {
        let sql = "DELETE FROM outbox WHERE id = (SELECT min(id) FROM outbox WHERE host = ? AND error IS NOT NULL)";
        self.execute(sql, [host.as_str()])
    }

    fn settle(&mut self, settled: &[Settled]) -> Kept<u64> {
        for settled in settled {
            match settled {
                Settled::Gone(id) => self.let_go(*id)?,
                Settled::Again { id, due } => {
                    let sql = "UPDATE outbox SET attempts = attempts + 1, due = ? WHERE id = ? AND error IS NULL";
                    self.execute(sql, params![due.millis(), id.cast_signed()])?;
                }
                Settled::Dead { id, error } => self.give_up(*id, error)?,
            }
        }
        Ok(settled.len() as u64)
    }

    fn let_go(&mut self, id: u64) -> Kept<()> {
        let sql = "DELETE FROM outbox WHERE id = ? RETURNING host, error IS NOT NULL";
        let gone: Option<(Arc<str>, bool)> = self
            .connection
            .prepare_cached(sql)?
            .query_row([id.cast_signed()], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        if let Some((host, was_dead)) = gone
            && let Some(count) = self.counts.get_mut(&host)
        {
            let of = if was_dead { &mut count.dead } else { &mut count.waiting };
            *of = of.saturating_sub(1);
        }
        Ok(())
    }

    fn give_up(&mut self, id: u64, error: &str) -> Kept<()> {
        let sql = "UPDATE outbox SET attempts = attempts + 1, error = ? WHERE id = ? AND error IS NULL RETURNING host";
        let dead: Option<Arc<str>> = self
            .connection
            .prepare_cached(sql)?
            .query_row(params![error, id.cast_signed()], |row| row.get(0))
            .optional()?;
        if let Some(count) = dead.and_then(|host| self.counts.get_mut(&host)) {
            count.waiting = count.waiting.saturating_sub(1);
            count.dead += 1;
        }
        Ok(())
    }

    fn requeue(&mut self, host: &Host, now: Timestamp) -> Kept<u64> {
        self.counts.remove(host.as_str());
        let sql =
            "UPDATE outbox SET error = NULL, attempts = 0, at = ?2, due = ?2 WHERE host = ?1 AND error IS NOT NULL";
        let count = self.connection.prepare_cached(sql)?.execute(params![host.as_str(), now.millis()])?;
        Ok(count as u64)
    }

    fn put_peer(&self, peer: &Peer, limits: &Limits) -> Result<u64, Error> {
        let is_known = rows::exists(&self.connection, "SELECT 1 FROM peers WHERE host = ?", [peer.host.as_str()])?;
        if !is_known && self.count("SELECT count(*) FROM peers")? >= limits.peers {
            self.make_place(limits)?;
        }
        let millis = |time: Option<Timestamp>| time.map(Timestamp::millis);
        self.execute(
            "INSERT OR REPLACE INTO peers (host, standing, dead_since, error_at, error, heard_at, reached_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            params![
                peer.host.as_str(),
                standing_code(peer.standing),
                millis(peer.dead_since),
                peer.last_error.as_ref().map(|(at, _)| at.millis()),
                peer.last_error.as_ref().map(|(_, error)| error),
                millis(peer.heard_at),
                millis(peer.reached_at),
            ],
        )?;
        Ok(1)
    }

    fn make_place(&self, limits: &Limits) -> Result<(), Error> {
        let sql = "DELETE FROM peers WHERE host IN (
            SELECT host FROM peers WHERE standing = ?1 AND reached_at IS NULL
                AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.host = peers.host AND error IS NULL)
            ORDER BY heard_at, host LIMIT ?2)";
        let most = query::integer(peers_to_replace(limits));
        let mut statement = self.connection.prepare_cached(sql).map_err(Broken::from)?;
        match statement.execute(params![standing_code(Standing::Neutral), most]).map_err(Broken::from)? {
            0 => Err(too_many_peers(limits)),
            _ => Ok(()),
        }
    }

    fn forget_letters(&mut self, before: Timestamp) -> Kept<u64> {
        self.counts.clear();
        let sql = "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE error IS NOT NULL AND at < ? LIMIT ?)";
        let count = self.connection.prepare_cached(sql)?.execute(params![before.millis(), Self::FORGOTTEN_LETTERS])?;
        Ok(count as u64)
    }
}
