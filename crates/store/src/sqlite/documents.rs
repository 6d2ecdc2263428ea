//! Documents in the database: what both the writer and the readers ask of a connection.

use quintet_core::chat::Chat;
use quintet_core::document::{Document, Properties};
use quintet_core::id::Id;
use quintet_core::room::Room;
use quintet_core::subject::Subject;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Params, Row, params};

use super::{query, rows};
use crate::record::Number;
use crate::search::Word;
use crate::sheet::{Node, Sheet};
use crate::tables::{Broken, Index, Kept, Library};

impl Library for Connection {
    fn number(&self, subject: &str) -> Kept<Option<Id>> {
        let mut statement = self.prepare_cached("SELECT id FROM documents WHERE subject = ?")?;
        Ok(statement.query_row([subject], |row| row.get::<_, Number>(0)).optional()?.map(|found| found.0))
    }

    fn node(&self, id: Id) -> Kept<Option<Node>> {
        one(self, "SELECT id, subject, above, heading FROM documents WHERE id = ?", [Number(id)], node)
    }

    fn sheet(&self, id: Id) -> Kept<Option<Sheet>> {
        one(self, "SELECT id, subject, above, body FROM documents WHERE id = ?", [Number(id)], sheet)
    }

    fn find(&self, subject: &str) -> Kept<Option<Sheet>> {
        one(self, "SELECT id, subject, above, body FROM documents WHERE subject = ?", [subject], sheet)
    }

    fn find_small(&self, subject: &str, bytes: usize) -> Kept<Option<Sheet>> {
        let sql = "SELECT id, subject, above, body FROM documents WHERE subject = ? AND octet_length(body) <= ?";
        one(self, sql, params![subject, count(bytes)], sheet)
    }
}

impl Index for Connection {
    fn with_atom(&self, atom: i64, limit: usize) -> Kept<Vec<Id>> {
        let sql = "SELECT document FROM atoms WHERE atom = ? ORDER BY document LIMIT ?";
        numbers(self, sql, params![atom, count(limit)])
    }

    fn newest_documents(&self, limit: usize) -> Kept<Vec<Id>> {
        numbers(self, "SELECT id FROM documents ORDER BY id DESC LIMIT ?", [count(limit)])
    }

    fn newest_chats(&self, limit: usize) -> Kept<Vec<Id>> {
        numbers(self, "SELECT id FROM resources WHERE class = 1 ORDER BY id DESC LIMIT ?", [count(limit)])
    }

    fn with_word(&self, word: &Word, limit: usize) -> Kept<Vec<Id>> {
        // Stems and beginnings are letters and digits only, so quotes are safe around them.
        let beginning = word.beginning.as_ref().map(|it| format!(" OR \"{it}\" *")).unwrap_or_default();
        let sql = "SELECT rowid FROM stems WHERE stems MATCH ? ORDER BY rowid DESC LIMIT ?";
        numbers(self, sql, params![format!("\"{}\"{beginning}", word.stem), count(limit)])
    }

    fn chat_of(&self, id: Id) -> Kept<Option<Chat>> {
        rows::chat(self, id)
    }

    fn room_above(&self, id: Id) -> Kept<Option<Id>> {
        Ok(rows::get::<Room>(self, id)?.and_then(|room| room.parent))
    }
}

/// Documents with a number above `after`, by age.
pub(super) fn export(connection: &Connection, after: Id, limit: u64) -> Kept<Vec<(Id, Document)>> {
    let sql = "SELECT id, subject, above, body FROM documents WHERE id > ? ORDER BY id LIMIT ?";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![Number(after), query::integer(limit)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let sheet = sheet(row)?;
        found.push((sheet.id, sheet.document));
    }
    Ok(found)
}

/// The chat that is known by a subject of its own.
pub(super) fn chat_at(connection: &Connection, subject: &str) -> Kept<Option<Chat>> {
    let mut statement = connection.prepare_cached("SELECT chat FROM chat_subjects WHERE subject = ?")?;
    match statement.query_row([subject], |row| row.get::<_, Number>(0)).optional()? {
        Some(chat) => rows::chat(connection, chat.0),
        None => Ok(None),
    }
}

fn one<T>(connection: &Connection, sql: &str, params: impl Params, read: fn(&Row<'_>) -> Kept<T>) -> Kept<Option<T>> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    rows.next()?.map(read).transpose()
}

fn numbers(connection: &Connection, sql: &str, params: impl Params) -> Kept<Vec<Id>> {
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_map(params, |row| Ok(row.get::<_, Number>(0)?.0))?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

fn node(row: &Row<'_>) -> Kept<Node> {
    Ok(Node { id: row.get::<_, Number>(0)?.0, subject: subject(row)?, above: above(row)?, heading: properties(row)? })
}

fn sheet(row: &Row<'_>) -> Kept<Sheet> {
    let document = Document { subject: subject(row)?, properties: properties(row)? };
    Ok(Sheet { id: row.get::<_, Number>(0)?.0, above: above(row)?, document })
}

fn subject(row: &Row<'_>) -> Kept<Subject> {
    let text = text(row.get_ref(1)?)?;
    Subject::parse(text).ok_or_else(|| Broken::new(format!("{text} is no subject")))
}

fn above(row: &Row<'_>) -> Kept<Option<Id>> {
    Ok(row.get::<_, Option<Number>>(2)?.map(|above| above.0))
}

fn properties(row: &Row<'_>) -> Kept<Properties> {
    serde_json::from_str(text(row.get_ref(3)?)?).map_err(Broken::new)
}

fn text(value: ValueRef<'_>) -> Kept<&str> {
    Ok(value.as_str().map_err(rusqlite::Error::from)?)
}

/// A number of rows or bytes as SQL counts.
fn count(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
