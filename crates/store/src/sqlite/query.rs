//! Questions to the database.

use bytes::Bytes;
use quintet_core::chat::{Chat, ChatFilter, Reactors, ThreadFilter};
use quintet_core::id::Id;
use quintet_core::image::{Image, ImageType};
use quintet_core::right::{Grant, Holder, Rights, Role, Scope};
use quintet_core::room::{Room, Thread};
use quintet_core::user::{Account, AgentSecret, User};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params_from_iter};

use super::{entities, rows};
use crate::record::Number;
use crate::search::Terms;
use crate::tables::{Broken, Kept};
use crate::{Rooms, Snapshot, login};

/// Everything that the hall keeps in mind.
pub(super) fn snapshot(connection: &Connection) -> Kept<Option<Snapshot>> {
    let Some(server) = rows::get(connection, Id::HOUSE)? else { return Ok(None) };
    Ok(Some(Snapshot {
        server,
        users: users(connection)?,
        secrets: secrets(connection)?,
        rooms: rows::list::<Room>(connection, "SELECT body FROM resources WHERE class = 2 ORDER BY id", [])?,
        roles: roles(connection)?,
        grants: grants(connection)?,
        follows: entities::follows(connection)?,
    }))
}

fn users(connection: &Connection) -> Kept<Vec<(User, u32)>> {
    let sql = "SELECT body, token_generation FROM resources JOIN accounts ON user = id WHERE class = 4 ORDER BY id";
    collect(connection, sql, |row| Ok((rows::parse(row)?, row.get(1)?)))
}

fn secrets(connection: &Connection) -> Kept<Vec<(Id, AgentSecret)>> {
    // Empty where the house has none.
    let sql = "SELECT user, agent_secret FROM accounts WHERE length(agent_secret) = 32 ORDER BY user";
    collect(connection, sql, |row| Ok((row.get::<_, Number>(0)?.0, AgentSecret(row.get(1)?))))
}

fn roles(connection: &Connection) -> Kept<Vec<(Role, Vec<Id>)>> {
    let roles = rows::list::<Role>(connection, "SELECT body FROM resources WHERE class = 5 ORDER BY id", [])?;
    let mut members = connection.prepare_cached("SELECT user FROM members WHERE role = ? ORDER BY user")?;
    roles
        .into_iter()
        .map(|role| {
            let found = members.query_map([Number(role.id)], |row| Ok(row.get::<_, Number>(0)?.0))?;
            let found = found.collect::<rusqlite::Result<_>>()?;
            Ok((role, found))
        })
        .collect()
}

fn grants(connection: &Connection) -> Kept<Vec<Grant>> {
    let sql = "SELECT rights, scope, kind, holder FROM grants ORDER BY scope, kind, holder";
    collect(connection, sql, |row| {
        let holder = row.get::<_, Number>(3)?.0;
        Ok(Grant {
            scope: match row.get::<_, Number>(1)?.0 {
                Id::HOUSE => Scope::Server,
                room => Scope::Room(room),
            },
            holder: if row.get(2)? { Holder::Role(holder) } else { Holder::User(holder) },
            rights: rows::parse::<Rights>(row)?,
        })
    })
}

fn collect<T>(connection: &Connection, sql: &str, read: impl Fn(&Row<'_>) -> Kept<T>) -> Kept<Vec<T>> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

/// Whose login this is.
pub(super) fn account_by_login(connection: &Connection, login: &str) -> Kept<Option<Account>> {
    if let Some(user) = rows::login(connection, &login::name_key(login))? {
        return rows::account(connection, user);
    }
    let Some(user) = rows::login(connection, &login::mail_key(login))? else { return Ok(None) };
    let account = rows::account(connection, user)?;
    Ok(account.filter(|account| login::is_email(login, account.email.as_deref())))
}

/// Who reacted to a chat.
pub(super) fn reactors(connection: &Connection, chat: Id) -> Kept<Option<Reactors>> {
    if !rows::has::<Chat>(connection, chat)? {
        return Ok(None);
    }
    let sql =
        "SELECT reaction, user FROM reactions JOIN reactors USING (chat, place) WHERE chat = ? ORDER BY place, user";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([Number(chat)])?;
    let mut found = Reactors::new();
    while let Some(row) = rows.next()? {
        let (reaction, user): (String, Number) = (row.get(0)?, row.get(1)?);
        match found.last_mut() {
            Some((last, users)) if *last == reaction => users.push(user.0),
            _ => found.push((reaction, vec![user.0])),
        }
    }
    Ok(Some(found))
}

/// The threads of a room, oldest first.
pub(super) fn threads(connection: &Connection, room: Id) -> Kept<Vec<Thread>> {
    let sql = "SELECT body FROM resources WHERE parent = ? AND class = 3 ORDER BY created_at, id";
    rows::list(connection, sql, [Number(room)])
}

/// An image.
pub(super) fn image(connection: &Connection, id: Id) -> Kept<Option<Image>> {
    let mut statement = connection.prepare_cached("SELECT type, bytes FROM images WHERE id = ?")?;
    let found: Option<(String, Vec<u8>)> =
        statement.query_row([Number(id)], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    found
        .map(|(name, bytes)| {
            let kind =
                ImageType::from_media_type(&name).ok_or_else(|| Broken::new(format!("unknown image type {name}")))?;
            Ok(Image { kind, bytes: Bytes::from(bytes) })
        })
        .transpose()
}

/// Chats that pass the filter, the newest first.
pub(super) fn chats(
    connection: &Connection,
    filter: &ChatFilter,
    rooms: &Rooms,
    terms: Option<&Terms>,
) -> Kept<Vec<Chat>> {
    let Conditions { sql, values } = conditions(filter, rooms, terms);
    let sql = format!("SELECT body FROM resources WHERE {sql} ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?");
    let mut chats: Vec<Chat> = rows::list(connection, &sql, params_from_iter(values))?;
    for chat in &mut chats {
        chat.reactions = rows::reactions(connection, chat.id)?;
    }
    Ok(chats)
}

/// The conditions of a query, and the values of its parameters in order.
struct Conditions {
    sql: String,
    values: Vec<Value>,
}

impl Conditions {
    fn and(&mut self, condition: &str, value: impl Into<Value>) {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition);
        self.values.push(value.into());
    }

    fn and_id(&mut self, condition: &str, id: Id) {
        self.and(condition, id.get().cast_signed());
    }
}

fn conditions(filter: &ChatFilter, rooms: &Rooms, terms: Option<&Terms>) -> Conditions {
    let mut all = Conditions { sql: "class = 1".to_owned(), values: Vec::new() };
    if let Some(room) = filter.room {
        all.and_id("parent = ?", room);
    }
    match filter.thread {
        None => {}
        Some(ThreadFilter::Main) => all.sql.push_str(" AND thread IS NULL"),
        Some(ThreadFilter::In(thread)) => all.and_id("thread = ?", thread),
    }
    if let Some(author) = filter.author {
        all.and_id("author = ?", author);
    }
    if let Some(before) = filter.before {
        all.and("created_at < ?", before.millis());
    }
    if let Some(after) = filter.after {
        all.and("created_at > ?", after.millis());
    }
    if let Rooms::Except(hidden) = rooms
        && !hidden.is_empty()
    {
        all.and("parent NOT IN (SELECT value FROM json_each(?))", id_list(hidden));
    }
    match terms.map(any_of) {
        None => {}
        // FTS5 has no query for nothing.
        Some(query) if query.is_empty() => all.sql.push_str(" AND FALSE"),
        Some(query) => all.and("id IN (SELECT rowid FROM stems WHERE stems MATCH ?)", query),
    }
    all.values.extend([integer(filter.limit).into(), integer(filter.skip).into()]);
    all
}

/// Ids as a JSON array.
fn id_list(ids: &[Id]) -> String {
    let ids: Vec<_> = ids.iter().map(Id::to_string).collect();
    format!("[{}]", ids.join(","))
}

/// An FTS5 query for any of the terms. Terms hold letters and digits only, so quotes are safe around them.
fn any_of(terms: &Terms) -> String {
    let terms: Vec<_> = terms.iter().map(|term| format!("\"{term}\"")).collect();
    terms.join(" OR ")
}

/// A number as SQL counts; larger ones are as good as the largest.
pub(super) fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
