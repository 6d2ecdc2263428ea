//! The ledger's entities of other houses, notes, feelings and follows.

use quintet_core::federation::Note;
use quintet_core::id::Id;
use quintet_core::time::Timestamp;
use rusqlite::params;

use super::super::entities::{self, bond_code, state_code};
use super::super::{query, rows};
use super::Ledger;
use crate::correspondence::Bond;
use crate::entity::{Entity, Tie, form_code};
use crate::handle::{self, Handle};
use crate::record::Number;
use crate::tables::{Entities, Follows, Kept};

impl Entities for Ledger {
    fn entity(&self, handle: Handle<'_>) -> Kept<Option<Entity>> {
        entities::find(&self.connection, handle)
    }

    fn entity_numbered(&self, id: Id) -> Kept<Option<Entity>> {
        entities::numbered(&self.connection, id)
    }

    fn entity_of(&self, chat: Id) -> Kept<Option<Id>> {
        Ok(entities::of_chat(&self.connection, chat)?.map(|entity| entity.id))
    }

    fn reactions_by(&self, actor: &str, own: Id) -> Kept<Vec<Entity>> {
        entities::reactions_by(&self.connection, actor, own)
    }

    fn add_entity(&mut self, entity: &Entity, bonds: &[(Id, Bond)]) -> Kept<()> {
        self.execute(
            "INSERT INTO entities (id, hash, host, form, kind, name, actor, signed_at, taken_at, passing, gone, feed, chat,
                felt_about, felt, exclusive, signature, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                Number(entity.id),
                entity.handle().hash(),
                entity.host.as_str(),
                form_code(entity.form),
                entity.kind,
                entity.name,
                entity.actor,
                entity.signed_at,
                entity.taken_at.millis(),
                entity.passing,
                entity.gone,
                entity.feed.as_deref().map(handle::hash),
                entity.chat.map(Number),
                entity.feeling.as_ref().map(|feeling| Number(feeling.to)),
                entity.feeling.as_ref().map(|feeling| &feeling.reaction),
                entity.feeling.as_ref().map(|feeling| feeling.exclusive),
                entity.signature,
                entity.text,
            ],
        )?;
        self.bind(entity, bonds)
    }

    fn put_entity(&mut self, entity: &Entity, bonds: &[(Id, Bond)]) -> Kept<()> {
        self.execute(
            "UPDATE entities SET signed_at = ?, passing = ?, gone = ?, feed = ?, chat = ?, felt_about = ?, felt = ?, exclusive = ?,
                signature = ?, text = ? WHERE id = ?",
            params![
                entity.signed_at,
                entity.passing,
                entity.gone,
                entity.feed.as_deref().map(handle::hash),
                entity.chat.map(Number),
                entity.feeling.as_ref().map(|feeling| Number(feeling.to)),
                entity.feeling.as_ref().map(|feeling| &feeling.reaction),
                entity.feeling.as_ref().map(|feeling| feeling.exclusive),
                entity.signature,
                entity.text,
                Number(entity.id),
            ],
        )?;
        self.execute("DELETE FROM bonds WHERE entity = ?", [Number(entity.id)])?;
        self.bind(entity, bonds)
    }

    fn retain(&mut self, id: Id) -> Kept<()> {
        self.execute("UPDATE entities SET passing = 0 WHERE id = ?", [Number(id)])
    }

    fn bury(&mut self, id: Id) -> Kept<()> {
        match self.entity_numbered(id)? {
            Some(entity) => self.put_entity(&entity.buried(), &[]),
            None => Ok(()),
        }
    }

    fn unbind(&mut self, own: Id) -> Kept<()> {
        self.execute("DELETE FROM bonds WHERE own = ?", [Number(own)])
    }

    fn note(&self, id: Id) -> Kept<Option<Note>> {
        rows::get(&self.connection, id)
    }

    fn put_note(&mut self, note: &Note) -> Kept<()> {
        rows::put(&self.connection, note)
    }

    fn remove_note(&mut self, id: Id) -> Kept<()> {
        self.execute("DELETE FROM resources WHERE id = ?", [Number(id)])
    }

    fn feeling_count(&self, user: Id, entity: Id) -> Kept<u64> {
        let sql = "SELECT count(*) FROM feelings WHERE entity = ? AND user = ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let count = statement.query_row([Number(entity), Number(user)], |row| row.get::<_, i64>(0))?;
        Ok(count.unsigned_abs())
    }

    fn feel(&mut self, user: Id, entity: Id, reaction: &str, since: Option<Timestamp>) -> Kept<()> {
        match since {
            Some(since) => self.execute(
                "INSERT OR IGNORE INTO feelings (entity, user, reaction, at) VALUES (?, ?, ?, ?)",
                params![Number(entity), Number(user), reaction, since.millis()],
            ),
            None => self.execute(
                "DELETE FROM feelings WHERE entity = ? AND user = ? AND reaction = ?",
                params![Number(entity), Number(user), reaction],
            ),
        }
    }
}

impl Follows for Ledger {
    fn tie(&self, follower: Id, followee: Id) -> Kept<Option<Tie>> {
        entities::tie(&self.connection, follower, followee)
    }

    fn is_followed(&self, followee: Id) -> Kept<bool> {
        let sql = "SELECT 1 FROM follows WHERE followee = ? AND state < 2 LIMIT 1";
        rows::exists(&self.connection, sql, [Number(followee)])
    }

    fn pending(&self, followee: Id, limit: usize) -> Kept<Vec<Tie>> {
        let sql = "SELECT follower, followee, state, signed_at FROM follows
            WHERE followee = ? AND state = 0 AND state < 2 ORDER BY follower LIMIT ?";
        entities::ties(&self.connection, sql, params![Number(followee), query::integer(limit as u64)])
    }

    fn followers_of(&self, followee: Id) -> Kept<Vec<Tie>> {
        let sql = "SELECT follower, followee, state, signed_at FROM follows
            WHERE followee = ? AND state < 2 ORDER BY follower";
        entities::ties(&self.connection, sql, [Number(followee)])
    }

    fn put_tie(&mut self, tie: &Tie) -> Kept<()> {
        let Tie { follow, signed_at } = tie;
        self.execute(
            "INSERT OR REPLACE INTO follows (followee, follower, state, signed_at) VALUES (?, ?, ?, ?)",
            params![Number(follow.followee), Number(follow.follower), state_code(follow.state), signed_at],
        )
    }
}

impl Ledger {
    /// Entities that one statement forgets at the most, so that nobody waits long behind it.
    const FORGOTTEN: i64 = 1_000;

    fn bind(&self, entity: &Entity, bonds: &[(Id, Bond)]) -> Kept<()> {
        let actor = if bonds.is_empty() { 0 } else { entity.actor.as_deref().map_or(0, handle::hash) };
        bonds.iter().try_for_each(|(own, bond)| {
            let sql = "INSERT INTO bonds (own, bond, entity, actor) VALUES (?, ?, ?, ?)";
            self.execute(sql, params![Number(*own), bond_code(*bond), Number(entity.id), actor])
        })
    }

    /// Forgets some of what is passing and was taken before a time; tells how much that was. The rest waits for the next call.
    pub(in super::super) fn forget_entities(&self, before: Timestamp) -> Kept<u64> {
        let sql = "SELECT id FROM entities WHERE passing = 1 AND taken_at < ? LIMIT ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let ids = statement.query_map(params![before.millis(), Self::FORGOTTEN], |row| row.get(0))?;
        let ids = ids.collect::<rusqlite::Result<Vec<i64>>>()?;
        for id in &ids {
            self.execute("DELETE FROM bonds WHERE entity = ?", [id])?;
            self.execute("DELETE FROM feelings WHERE entity = ?", [id])?;
            self.execute("DELETE FROM entities WHERE id = ?", [id])?;
        }
        Ok(ids.len() as u64)
    }
}
