//! What waits for other houses, and how things stand with these, as it is read back.

use quintet_core::federation::Host;
use quintet_core::federation::Own;
use quintet_core::federation::peer::{DeadLetter, Peer, Standing};
use quintet_core::id::Id;
use quintet_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::query;
use crate::correspondence::{Item, NewItem, Tally, Waiting};
use crate::entity::form_of;
use crate::record::{self, Number, Record};
use crate::tables::{Broken, Kept};

/// The number of a standing in the database.
pub(super) fn standing_code(standing: Standing) -> i64 {
    match standing {
        Standing::Neutral => 0,
        Standing::Allowed => 1,
        Standing::Blocked => 2,
    }
}

fn standing_of(code: i64) -> Kept<Standing> {
    Ok(match code {
        0 => Standing::Neutral,
        1 => Standing::Allowed,
        2 => Standing::Blocked,
        _ => return Err(Broken::new(format!("{code} is no standing of a house"))),
    })
}

/// Up to which event everything is told to others.
pub(super) fn told(connection: &Connection) -> Kept<Id> {
    let mut statement = connection.prepare_cached("SELECT value FROM facts WHERE name = 'told'")?;
    let told = statement.query_row([], |row| row.get::<_, Number>(0)).optional()?;
    Ok(told.map_or(Id::HOUSE, |told| told.0))
}

/// What waits for a house, in its order.
pub(super) fn waiting(connection: &Connection, host: &Host, after: u64, limit: u64) -> Kept<Vec<Item>> {
    let sql = "SELECT id, form, kind, signer, inbox, at, attempts, due, text FROM outbox
        WHERE host = ? AND error IS NULL AND id > ? ORDER BY id LIMIT ?";
    collect(connection, sql, params![host.as_str(), query::integer(after), query::integer(limit)], |row| {
        Ok(Item {
            id: row.get::<_, i64>(0)?.unsigned_abs(),
            attempts: row.get(6)?,
            due: Timestamp::from_millis(row.get(7)?),
            item: NewItem {
                host: host.clone(),
                form: form_of(row.get(1)?),
                kind: row.get(2)?,
                signer: Own::parse(row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)?)?,
                inbox: row.get(4)?,
                at: Timestamp::from_millis(row.get(5)?),
                text: row.get(8)?,
            },
        })
    })
}

/// The houses for which something waits, or was given up, by name.
pub(super) fn awaited(connection: &Connection) -> Kept<Vec<Waiting>> {
    let sql = "WITH counts AS (
            SELECT host, count(*) AS waiting, 0 AS dead, min(id) AS first FROM outbox WHERE error IS NULL GROUP BY host
            UNION ALL SELECT host, 0, count(*), NULL FROM outbox WHERE error IS NOT NULL GROUP BY host
        ), houses AS (SELECT host, sum(waiting) AS waiting, sum(dead) AS dead, max(first) AS first FROM counts GROUP BY host)
        SELECT host, waiting, dead, (SELECT at FROM outbox WHERE id = first) FROM houses ORDER BY host";
    collect(connection, sql, [], |row| {
        let tally = Tally {
            waiting: row.get::<_, i64>(1)?.unsigned_abs(),
            dead: row.get::<_, i64>(2)?.unsigned_abs(),
            oldest: row.get::<_, Option<i64>>(3)?.map(Timestamp::from_millis),
        };
        Ok(Waiting { host: host(row, 0)?, tally })
    })
}

/// What was given up, the newest first.
pub(super) fn dead_letters(connection: &Connection, of: Option<&Host>, limit: u64) -> Kept<Vec<DeadLetter>> {
    let condition = if of.is_some() { "host = ?1" } else { "?1 IS NULL" };
    let sql = format!(
        "SELECT id, host, kind, text, at, attempts, error FROM outbox
            WHERE error IS NOT NULL AND {condition} ORDER BY id DESC LIMIT ?2"
    );
    collect(connection, &sql, params![of.map(Host::as_str), query::integer(limit)], |row| {
        Ok(DeadLetter {
            id: row.get::<_, i64>(0)?.unsigned_abs(),
            host: host(row, 1)?,
            kind: row.get(2)?,
            text: row.get(3)?,
            queued_at: Timestamp::from_millis(row.get(4)?),
            attempts: row.get(5)?,
            error: row.get(6)?,
        })
    })
}

/// Every house that is known, by name.
pub(super) fn peers(connection: &Connection) -> Kept<Vec<Peer>> {
    let sql = "SELECT host, standing, dead_since, error_at, error, heard_at, reached_at FROM peers ORDER BY host";
    collect(connection, sql, [], |row| {
        let time =
            |column| -> Kept<Option<Timestamp>> { Ok(row.get::<_, Option<i64>>(column)?.map(Timestamp::from_millis)) };
        Ok(Peer {
            host: host(row, 0)?,
            standing: standing_of(row.get(1)?)?,
            dead_since: time(2)?,
            last_error: time(3)?.zip(row.get(4)?),
            heard_at: time(5)?,
            reached_at: time(6)?,
        })
    })
}

fn host(row: &Row<'_>, column: usize) -> Kept<Host> {
    record::host(row.get_ref(column)?.as_str().map_err(rusqlite::Error::from)?)
}

fn collect<T>(
    connection: &Connection,
    sql: &str,
    params: impl rusqlite::Params,
    read: impl Fn(&Row<'_>) -> Kept<T>,
) -> Kept<Vec<T>> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}
