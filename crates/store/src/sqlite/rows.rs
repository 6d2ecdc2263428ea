//! Rows: what both the writer and the readers ask of a connection.

use quintet_core::chat::{Chat, Reactions};
use quintet_core::federation::Note;
use quintet_core::id::Id;
use quintet_core::identity::Secret;
use quintet_core::right::Role;
use quintet_core::room::{Room, ServerRecord, Thread};
use quintet_core::time::Timestamp;
use quintet_core::user::{Account, User};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Params, Row, ToSql, params};

use crate::record::{Number, Record};
use crate::tables::Kept;

impl ToSql for Number {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        // An id is below 2^53.
        Ok(self.0.get().cast_signed().into())
    }
}

impl FromSql for Number {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let number = value.as_i64()?;
        Id::new(number.cast_unsigned()).map(Self).ok_or(FromSqlError::OutOfRange(number))
    }
}

/// What stands in the table of resources.
pub(super) trait Resource: Record {
    /// Its class, as `migrations/0001.sql` and `0003.sql` list them.
    const CLASS: i64;

    /// What it is searched by.
    fn place(&self) -> Place;
}

/// The columns of a resource.
pub(super) struct Place {
    id: Id,
    parent: Option<Id>,
    thread: Option<Id>,
    author: Id,
    created_at: Timestamp,
}

impl Place {
    /// A place outside of rooms and time.
    fn apart(id: Id) -> Self {
        Self { id, parent: None, thread: None, author: Id::HOUSE, created_at: Timestamp::from_millis(0) }
    }
}

impl Resource for ServerRecord {
    const CLASS: i64 = 0;

    fn place(&self) -> Place {
        Place::apart(Id::HOUSE)
    }
}

impl Resource for Chat {
    const CLASS: i64 = 1;

    fn place(&self) -> Place {
        Place {
            id: self.id,
            parent: Some(self.room),
            thread: self.thread,
            author: self.author.id,
            created_at: self.created_at,
        }
    }
}

impl Resource for Room {
    const CLASS: i64 = 2;

    fn place(&self) -> Place {
        let Self { id, parent, created_by, created_at, .. } = *self;
        Place { id, parent, thread: None, author: created_by, created_at }
    }
}

impl Resource for Thread {
    const CLASS: i64 = 3;

    fn place(&self) -> Place {
        let Self { id, room, created_at, .. } = *self;
        Place { id, parent: Some(room), thread: None, author: self.creator.id, created_at }
    }
}

impl Resource for User {
    const CLASS: i64 = 4;

    fn place(&self) -> Place {
        Place { author: self.id, created_at: self.created_at, ..Place::apart(self.id) }
    }
}

impl Resource for Note {
    const CLASS: i64 = 6;

    fn place(&self) -> Place {
        Place { author: self.author.id, created_at: self.created_at, ..Place::apart(self.id) }
    }
}

impl Resource for Role {
    const CLASS: i64 = 5;

    fn place(&self) -> Place {
        Place::apart(self.id)
    }
}

/// Makes a resource, or replaces its body; its place is for ever.
pub(super) fn put<R: Resource>(connection: &Connection, resource: &R) -> Kept<()> {
    let Place { id, parent, thread, author, created_at } = resource.place();
    let sql = "INSERT INTO resources (id, class, parent, thread, author, created_at, body) VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET body = excluded.body";
    connection.prepare_cached(sql)?.execute(params![
        Number(id),
        R::CLASS,
        parent.map(Number),
        thread.map(Number),
        Number(author),
        created_at.millis(),
        resource.text()?,
    ])?;
    Ok(())
}

/// One resource.
pub(super) fn get<R: Resource>(connection: &Connection, id: Id) -> Kept<Option<R>> {
    let mut statement = connection.prepare_cached("SELECT body FROM resources WHERE id = ? AND class = ?")?;
    let mut rows = statement.query(params![Number(id), R::CLASS])?;
    rows.next()?.map(parse).transpose()
}

/// Whether there is such a resource.
pub(super) fn has<R: Resource>(connection: &Connection, id: Id) -> Kept<bool> {
    exists(connection, "SELECT 1 FROM resources WHERE id = ? AND class = ?", params![Number(id), R::CLASS])
}

/// Whether a query finds anything.
pub(super) fn exists(connection: &Connection, sql: &str, params: impl Params) -> Kept<bool> {
    Ok(connection.prepare_cached(sql)?.exists(params)?)
}

/// The records that a query finds in its first column.
pub(super) fn list<R: Record>(connection: &Connection, sql: &str, params: impl Params) -> Kept<Vec<R>> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(parse(row)?);
    }
    Ok(found)
}

/// The record in the first column.
pub(super) fn parse<R: Record>(row: &Row<'_>) -> Kept<R> {
    R::parse(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)
}

/// A chat with its reactions.
pub(super) fn chat(connection: &Connection, id: Id) -> Kept<Option<Chat>> {
    let Some(mut chat) = get::<Chat>(connection, id)? else { return Ok(None) };
    chat.reactions = reactions(connection, id)?;
    Ok(Some(chat))
}

/// All reactions to a chat.
pub(super) fn reactions(connection: &Connection, chat: Id) -> Kept<Reactions> {
    let sql = "SELECT reaction, users FROM reactions WHERE chat = ? ORDER BY place";
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_map([Number(chat)], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

/// The account of a user.
pub(super) fn account(connection: &Connection, user: Id) -> Kept<Option<Account>> {
    let Some(user) = get::<User>(connection, user)? else { return Ok(None) };
    let sql = "SELECT email, password, token_generation FROM accounts WHERE user = ?";
    let mut statement = connection.prepare_cached(sql)?;
    let account = statement
        .query_row([Number(user.id)], |row| {
            Ok(Account {
                email: row.get(0)?,
                password: row.get::<_, Option<String>>(1)?.map(Secret::new),
                token_generation: row.get(2)?,
                user,
            })
        })
        .optional()?;
    Ok(account)
}

/// Whose a login key is.
pub(super) fn login(connection: &Connection, key: &str) -> Kept<Option<Id>> {
    let mut statement = connection.prepare_cached("SELECT user FROM logins WHERE login = ?")?;
    Ok(statement.query_row([key], |row| row.get::<_, Number>(0)).optional()?.map(|user| user.0))
}

/// The stored secret of a name.
pub(super) fn secret(connection: &Connection, name: &str) -> Kept<Option<[u8; 32]>> {
    let mut statement = connection.prepare_cached("SELECT secret FROM secrets WHERE name = ?")?;
    Ok(statement.query_row([name], |row| row.get(0)).optional()?)
}

/// The stored secrets whose names begin with `prefix`.
pub(super) fn secrets(connection: &Connection, prefix: &str) -> Kept<Vec<(String, [u8; 32])>> {
    let sql = "SELECT name, secret FROM secrets WHERE substr(name, 1, length(?1)) = ?1 ORDER BY name";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([prefix], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The epoch of every history here.
pub(super) fn epoch(connection: &Connection) -> Kept<u32> {
    Ok(connection.query_row("SELECT value FROM facts WHERE name = 'epoch'", [], |row| row.get(0))?)
}

/// Sets the epoch where there is none.
pub(super) fn set_first_epoch(connection: &Connection, epoch: u32) -> Kept<()> {
    connection.execute("INSERT OR IGNORE INTO facts (name, value) VALUES ('epoch', ?)", [epoch])?;
    Ok(())
}
