//! The event log, as it is read back.

use std::sync::Arc;

use quintet_core::event::{Body, Event};
use quintet_core::id::Id;
use quintet_core::identity::Author;
use quintet_core::position::Position;
use quintet_core::time::Timestamp;
use quintet_core::topic::Topic;
use quintet_core::{Commit, Error};
use rusqlite::{Connection, Params, Row, params};

use super::{query, rows};
use crate::places::topic_of;
use crate::record::{Number, Record};
use crate::tables::{Broken, Kept};

/// The columns of an event, in the order in which [`event`] reads them.
const COLUMNS: &str = "body, events.id, place, at, author, author_name, via, signed";

/// The events of a topic after an offset.
pub(super) fn history(connection: &Connection, topic: &Topic, after: u64, limit: u64) -> Kept<Vec<Event>> {
    let sql = format!("SELECT {COLUMNS} FROM events WHERE topic = ? AND place > ? ORDER BY place LIMIT ?");
    list(connection, &sql, params![topic.as_str(), query::integer(after), query::integer(limit)])
}

/// Events with a number above `after`, in log order.
pub(super) fn log(connection: &Connection, after: Id, limit: u64) -> Kept<Vec<Event>> {
    let sql = format!("SELECT {COLUMNS} FROM events WHERE id > ? ORDER BY id LIMIT ?");
    list(connection, &sql, params![Number(after), query::integer(limit)])
}

/// The events of a chat, oldest first.
pub(super) fn of_chat(connection: &Connection, chat: Id, limit: u64) -> Kept<Vec<Event>> {
    let sql = format!("SELECT {COLUMNS} FROM events WHERE about = ? ORDER BY id LIMIT ?");
    list(connection, &sql, params![Number(chat), query::integer(limit)])
}

/// The last event of a chat.
pub(super) fn last_of_chat(connection: &Connection, chat: Id) -> Kept<Option<Event>> {
    let sql = format!("SELECT {COLUMNS} FROM events WHERE about = ? ORDER BY id DESC LIMIT 1");
    Ok(list(connection, &sql, [Number(chat)])?.pop())
}

/// The event of a commit.
pub(super) fn of_commit(connection: &Connection, signature: &str) -> Kept<Option<Event>> {
    let sql = format!("SELECT {COLUMNS} FROM commits JOIN events ON events.id = event WHERE signature = ?");
    Ok(list(connection, &sql, [signature])?.pop())
}

/// The place of the last event of a topic.
pub(super) fn head(connection: &Connection, topic: &Topic) -> Kept<Option<Position>> {
    let mut statement = connection.prepare_cached("SELECT max(place) FROM events WHERE topic = ?")?;
    let last: Option<i64> = statement.query_row([topic.as_str()], |row| row.get(0))?;
    let Some(last) = last else { return Ok(None) };
    Ok(Some(Position { epoch: rows::epoch(connection)?, offset: last.unsigned_abs() }))
}

fn list(connection: &Connection, sql: &str, params: impl Params) -> Kept<Vec<Event>> {
    let epoch = rows::epoch(connection)?;
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(event(row, epoch)?);
    }
    Ok(found)
}

fn event(row: &Row<'_>, epoch: u32) -> Kept<Event> {
    let body = Body::parse(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?;
    Ok(Event {
        id: row.get::<_, Number>(1)?.0,
        topics: vec![topic_of(&body)],
        position: Some(Position { epoch, offset: row.get::<_, i64>(2)?.unsigned_abs() }),
        at: Timestamp::from_millis(row.get(3)?),
        author: Author { id: row.get::<_, Number>(4)?.0, name: row.get(5)? },
        via: row.get::<_, String>(6)?.into(),
        commit: row.get::<_, Option<String>>(7)?.map(|signed| commit(&signed)).transpose()?,
        body,
    })
}

fn commit(signed: &str) -> Kept<Arc<Commit>> {
    let damaged = |error: Error| Broken::new(format!("a stored commit cannot be read: {error}"));
    Commit::parse_stored(signed).map(Arc::new).map_err(damaged)
}
