//! Entities of other houses and what belongs to them, as they are read back.

use std::sync::Arc;

use quintet_core::federation::desk::Kept as Shown;
use quintet_core::federation::{Follow, FollowState, Form, Note};
use quintet_core::id::Id;
use quintet_core::limits;
use quintet_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Params, Row, params};

use super::{query, rows};
use crate::correspondence::{Bond, Post};
use crate::entity::{Entity, Feeling, Tie, form_code, form_of};
use crate::handle::{self, Handle};
use crate::record::{self, Number};
use crate::tables::{Broken, Kept};

/// A statement that reads entities, with their columns in the order in which [`entity`] takes them.
macro_rules! select {
    ($($rest:tt)*) => {
        concat!("SELECT entities.id, host, form, kind, name, entities.actor, signed_at, taken_at, passing, gone, chat, felt_about, felt, exclusive, signature, text ", $($rest)*)
    };
}

/// The number of a bond in the database.
pub(super) fn bond_code(bond: Bond) -> i64 {
    match bond {
        Bond::Mention => 0,
        Bond::Reply => 1,
        Bond::Quote => 2,
        Bond::Reaction => 3,
        Bond::Other => 4,
        Bond::Answer => 5,
    }
}

/// The number of a state in the database.
pub(super) fn state_code(state: FollowState) -> i64 {
    match state {
        FollowState::Pending => 0,
        FollowState::Accepted => 1,
        FollowState::Rejected => 2,
        FollowState::Ended => 3,
    }
}

fn state_of(code: i64) -> Kept<FollowState> {
    Ok(match code {
        0 => FollowState::Pending,
        1 => FollowState::Accepted,
        2 => FollowState::Rejected,
        3 => FollowState::Ended,
        _ => return Err(Broken::new(format!("{code} is no state of a follow"))),
    })
}

/// The entity that is found by this.
pub(super) fn find(connection: &Connection, handle: Handle<'_>) -> Kept<Option<Entity>> {
    let sql = match handle {
        Handle::Name(_) => select!("FROM entities WHERE hash = ? AND name = ?"),
        Handle::Signature(_) => select!("FROM entities WHERE hash = ? AND name IS NULL AND signature = ?"),
    };
    Ok(list(connection, sql, params![handle.hash(), handle.text()])?.pop())
}

/// The entity with this number.
pub(super) fn numbered(connection: &Connection, id: Id) -> Kept<Option<Entity>> {
    let sql = select!("FROM entities WHERE id = ?");
    Ok(list(connection, sql, [Number(id)])?.pop())
}

/// The entity that a chat came as.
pub(super) fn of_chat(connection: &Connection, chat: Id) -> Kept<Option<Entity>> {
    let sql = select!("FROM entities WHERE chat = ?");
    Ok(list(connection, sql, [Number(chat)])?.pop())
}

/// What an actor feels about something of ours, oldest first.
pub(super) fn reactions_by(connection: &Connection, actor: &str, own: Id) -> Kept<Vec<Entity>> {
    let sql = select!(
        "FROM bonds JOIN entities ON entities.id = entity
            WHERE own = ? AND bond = 3 AND bonds.actor = ? AND entities.actor = ? ORDER BY entity"
    );
    list(connection, sql, params![Number(own), handle::hash(actor), actor])
}

/// Entities that pass, the newest first.
pub(super) fn posted(connection: &Connection, post: &Post) -> Kept<Vec<Shown>> {
    match (&post.actors, &post.host) {
        (Some((actors, user)), _) => timeline(connection, post, actors, *user),
        (None, Some(host)) => {
            // The log of a house has its entities in order.
            let sql = select!(
                "FROM events JOIN entities ON entities.id = events.id
                    WHERE topic = 'instance/' || ?1 AND entities.host = ?1 AND gone = 0 AND events.id < ?2 ORDER BY place DESC LIMIT ?3"
            );
            shown(connection, sql, params![host.as_str(), before(post), query::integer(post.limit)])
        }
        (None, None) => {
            let sql = select!("FROM entities WHERE gone = 0 AND id < ? ORDER BY id DESC LIMIT ?");
            shown(connection, sql, params![before(post), query::integer(post.limit)])
        }
    }
}

/// The newest of each actor and of what mentions or answers the user, of which the newest count. So it takes as long as there are actors, not entities.
fn timeline(connection: &Connection, post: &Post, actors: &[Arc<str>], user: Id) -> Kept<Vec<Shown>> {
    let (before, limit) = (before(post), query::integer(post.limit));
    let mut of_feed =
        connection.prepare_cached("SELECT id FROM entities WHERE feed = ? AND id < ? ORDER BY id DESC LIMIT ?")?;
    let mut ids: Vec<i64> = Vec::new();
    for actor in actors {
        let found = of_feed.query_map(params![handle::hash(actor), before, limit], |row| row.get::<_, i64>(0))?;
        ids.extend(found.collect::<rusqlite::Result<Vec<_>>>()?);
    }
    let sql = "SELECT entity FROM bonds WHERE own = ? AND bond = ? AND entity < ? ORDER BY entity DESC LIMIT ?";
    let mut to_user = connection.prepare_cached(sql)?;
    for bond in [Bond::Mention, Bond::Answer] {
        let of_bond = params![Number(user), bond_code(bond), before, limit];
        let found = to_user.query_map(of_bond, |row| row.get::<_, i64>(0))?;
        ids.extend(found.collect::<rusqlite::Result<Vec<_>>>()?);
    }
    ids.sort_unstable_by(|one, other| other.cmp(one));
    ids.dedup();
    let mut list = Vec::new();
    for id in ids {
        if list.len() as u64 >= post.limit {
            break;
        }
        let id = Id::new(id.unsigned_abs()).unwrap_or(Id::HOUSE);
        let of_host = |entity: &Entity| post.host.as_ref().is_none_or(|host| entity.host == *host);
        list.extend(numbered(connection, id)?.filter(of_host).and_then(Entity::shown));
    }
    Ok(list)
}

/// Entities that are about something, oldest first, with how many there are in all.
pub(super) fn about(
    connection: &Connection,
    own: Id,
    bond: Bond,
    (kind, form): (Option<&str>, Option<Form>),
    (offset, limit): (u64, u64),
) -> Kept<(Vec<Shown>, u64)> {
    macro_rules! bonds {
        () => {
            "FROM bonds JOIN entities ON entities.id = entity
                WHERE own = ?1 AND bond = ?2 AND (?3 IS NULL OR kind = ?3) AND (?4 IS NULL OR form = ?4)"
        };
    }
    let (bond, form) = (bond_code(bond), form.map(form_code));
    let mut count = connection.prepare_cached(concat!("SELECT count(*) ", bonds!()))?;
    let total = count.query_row(params![Number(own), bond, kind, form], |row| row.get::<_, i64>(0))?;
    let sql = select!(bonds!(), " ORDER BY entity LIMIT ?5 OFFSET ?6");
    let page = params![Number(own), bond, kind, form, query::integer(limit), query::integer(offset)];
    Ok((shown(connection, sql, page)?, total.unsigned_abs()))
}

/// Since when a user feels something about an entity.
pub(super) fn felt(connection: &Connection, user: Id, entity: Id, reaction: &str) -> Kept<Option<Timestamp>> {
    let sql = "SELECT at FROM feelings WHERE entity = ? AND user = ? AND reaction = ?";
    let mut statement = connection.prepare_cached(sql)?;
    let at = statement.query_row(params![Number(entity), Number(user), reaction], |row| row.get(0)).optional()?;
    Ok(at.map(Timestamp::from_millis))
}

/// Notes of a user, the newest first, with how many there are in all.
pub(super) fn notes(
    connection: &Connection,
    author: Id,
    public: bool,
    (offset, limit): (u64, u64),
) -> Kept<(Vec<Note>, u64)> {
    macro_rules! notes {
        () => {
            "FROM resources WHERE class = 6 AND author = ?1 AND (NOT ?2 OR body ->> '$.audience' = 'public')"
        };
    }
    let mut count = connection.prepare_cached(concat!("SELECT count(*) ", notes!()))?;
    let total = count.query_row(params![Number(author), public], |row| row.get::<_, i64>(0))?;
    let sql = concat!("SELECT body ", notes!(), " ORDER BY id DESC LIMIT ?3 OFFSET ?4");
    let page = params![Number(author), public, query::integer(limit), query::integer(offset)];
    Ok((rows::list(connection, sql, page)?, total.unsigned_abs()))
}

/// Notes of users for everybody or their followers, before a number: the newest first, of the newest of each author.
pub(super) fn notes_of(connection: &Connection, authors: &[Id], before: Option<Id>, limit: u64) -> Kept<Vec<Note>> {
    let sql = "SELECT body FROM resources WHERE class = 6 AND author = ? AND id < ?
        AND body ->> '$.audience' IN ('public', 'followers') ORDER BY id DESC LIMIT ?";
    let before = before.map_or(i64::MAX, |before| before.get().cast_signed());
    let mut notes: Vec<Note> = Vec::new();
    for author in authors {
        let found: Vec<Note> = rows::list(connection, sql, params![Number(*author), before, query::integer(limit)])?;
        notes.extend(found);
        // No more than a page is held, however many authors there are.
        notes.sort_unstable_by_key(|note| std::cmp::Reverse(note.id));
        notes.truncate(limits::size(limit));
    }
    Ok(notes)
}

/// A follow, whatever its state.
pub(super) fn tie(connection: &Connection, follower: Id, followee: Id) -> Kept<Option<Tie>> {
    let sql = "SELECT follower, followee, state, signed_at FROM follows WHERE followee = ? AND follower = ?";
    Ok(ties(connection, sql, [Number(followee), Number(follower)])?.pop())
}

/// The follows that a query finds.
pub(super) fn ties(connection: &Connection, sql: &str, params: impl Params) -> Kept<Vec<Tie>> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (follower, followee) = (row.get::<_, Number>(0)?.0, row.get::<_, Number>(1)?.0);
        let follow = Follow { follower, followee, state: state_of(row.get(2)?)? };
        found.push(Tie { follow, signed_at: row.get(3)? });
    }
    Ok(found)
}

/// All follows that stand or are asked for.
pub(super) fn follows(connection: &Connection) -> Kept<Vec<Follow>> {
    let sql = "SELECT follower, followee, state, signed_at FROM follows WHERE state < 2 ORDER BY followee, follower";
    Ok(ties(connection, sql, [])?.into_iter().map(|tie| tie.follow).collect())
}

fn before(post: &Post) -> i64 {
    post.before.map_or(i64::MAX, |before| before.get().cast_signed())
}

fn shown(connection: &Connection, sql: &str, params: impl Params) -> Kept<Vec<Shown>> {
    Ok(list(connection, sql, params)?.into_iter().filter_map(Entity::shown).collect())
}

fn list(connection: &Connection, sql: &str, params: impl Params) -> Kept<Vec<Entity>> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(entity(row)?);
    }
    Ok(found)
}

/// An entity. Whose followers read it is not read back: that is only a hash there.
fn entity(row: &Row<'_>) -> Kept<Entity> {
    let feeling = match row.get::<_, Option<Number>>(11)? {
        Some(to) => Some(Feeling { to: to.0, reaction: row.get(12)?, exclusive: row.get(13)? }),
        None => None,
    };
    Ok(Entity {
        id: row.get::<_, Number>(0)?.0,
        host: record::host(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?)?,
        form: form_of(row.get(2)?),
        kind: row.get(3)?,
        name: row.get(4)?,
        actor: row.get(5)?,
        signed_at: row.get(6)?,
        taken_at: Timestamp::from_millis(row.get(7)?),
        passing: row.get(8)?,
        gone: row.get(9)?,
        feed: None,
        chat: row.get::<_, Option<Number>>(10)?.map(|chat| chat.0),
        feeling,
        signature: row.get(14)?,
        text: row.get(15)?,
    })
}
