//! The shape of the database, by numbered migrations that only go forward.

use quintet_core::AgentKey;
use quintet_core::error::Error;
use quintet_core::id::Id;
use quintet_core::time::Timestamp;
use rusqlite::{Connection, TransactionBehavior, params};

use super::rows;
use crate::record::Number;
use crate::tables::Kept;

/// What one step forward does: its statements, then what SQL cannot say.
struct Migration {
    sql: &'static str,
    finish: fn(&Connection) -> Kept<()>,
}

/// Migration number n stands at n - 1. Never change one that was released.
const MIGRATIONS: [Migration; 3] = [
    Migration { sql: include_str!("migrations/0001.sql"), finish: |_| Ok(()) },
    Migration { sql: include_str!("migrations/0002.sql"), finish: name_agents },
    Migration { sql: include_str!("migrations/0003.sql"), finish: |_| Ok(()) },
];

/// The version that this code reads and writes.
const CURRENT: usize = MIGRATIONS.len();

/// Brings a database to the current version, or refuses one of a newer version.
pub(super) fn migrate(connection: &mut Connection, now: Timestamp) -> Result<(), Error> {
    let version = version(connection)?;
    let missing = MIGRATIONS.get(version..).ok_or_else(|| {
        Error::unavailable(format!(
            "the database has version {version}, this program knows versions up to {CURRENT}; use a newer program"
        ))
    })?;
    for (number, migration) in (version + 1..).zip(missing) {
        step(connection, number, migration)?;
    }
    Ok(rows::set_first_epoch(connection, crate::epoch(now))?)
}

/// One migration and its number, or neither.
fn step(connection: &mut Connection, number: usize, migration: &Migration) -> Kept<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(migration.sql)?;
    (migration.finish)(&transaction)?;
    transaction.pragma_update(None, "user_version", i64::try_from(number).unwrap_or(i64::MAX))?;
    Ok(transaction.commit()?)
}

/// Writes the agent keys of accounts into their users, in base64.
fn name_agents(connection: &Connection) -> Kept<()> {
    let mut accounts = connection.prepare("SELECT user, agent FROM accounts WHERE length(agent) = 32")?;
    let mut name = connection.prepare("UPDATE resources SET body = json_set(body, '$.agent', ?) WHERE id = ?")?;
    let mut rows = accounts.query([])?;
    while let Some(row) = rows.next()? {
        let (user, agent) = (row.get::<_, Number>(0)?, AgentKey(row.get(1)?));
        name.execute(params![agent.base64(), user])?;
    }
    Ok(())
}

fn version(connection: &Connection) -> Kept<usize> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    // A negative number is nothing that we wrote: as good as newer.
    Ok(usize::try_from(version).unwrap_or(usize::MAX))
}

/// The largest id in use.
pub(super) fn last_id(connection: &Connection) -> Kept<Id> {
    let sql = "SELECT max(
        coalesce((SELECT max(id) FROM resources), 0),
        coalesce((SELECT max(id) FROM documents), 0),
        coalesce((SELECT max(id) FROM events), 0),
        coalesce((SELECT max(id) FROM images), 0))";
    Ok(connection.query_row(sql, [], |row| row.get::<_, Number>(0))?.0)
}

#[cfg(test)]
mod tests {
    use quintet_core::Kind;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_760_000_000_000);

    #[test]
    fn a_second_start_changes_nothing() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, NOW).unwrap();
        let epoch = rows::epoch(&connection).unwrap();
        migrate(&mut connection, NOW.plus_millis(1)).unwrap();
        assert_eq!(rows::epoch(&connection).unwrap(), epoch);
        assert_eq!(version(&connection).unwrap(), CURRENT);
        assert_eq!(last_id(&connection).unwrap(), Id::HOUSE);
    }

    #[test]
    fn a_newer_database_is_refused() {
        for newer in [i64::try_from(CURRENT).unwrap() + 1, -1] {
            let mut connection = Connection::open_in_memory().unwrap();
            connection.pragma_update(None, "user_version", newer).unwrap();
            let error = migrate(&mut connection, NOW).unwrap_err();
            assert_eq!(error.kind(), Kind::Unavailable);
            assert!(error.public().contains("use a newer program"), "{error}");
        }
    }

    #[test]
    fn what_others_send_is_found_by_an_index() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, NOW).unwrap();
        let table = [
            ("SELECT * FROM entities WHERE hash = 1 AND name = 'x'", "entities_by_hash"),
            ("SELECT id FROM entities WHERE feed = 1 AND id < 9 ORDER BY id DESC", "entities_by_feed"),
            ("SELECT * FROM entities WHERE chat = 1", "entities_by_chat"),
            ("SELECT id FROM entities WHERE passing = 1 AND taken_at < 9", "passing_entities"),
            ("SELECT 1 FROM follows WHERE followee = 1 AND state < 2", "standing_follows"),
            ("SELECT entity FROM bonds WHERE own = 1 AND bond = 3 AND actor = 1", "reactions_by_actor"),
            ("DELETE FROM bonds WHERE entity = 1", "bonds_of_entities"),
            ("SELECT * FROM outbox WHERE host = 'x' AND error IS NULL AND id > 1 ORDER BY id", "waiting_items"),
            ("SELECT * FROM outbox WHERE host = 'x' AND error IS NOT NULL ORDER BY id DESC", "dead_letters"),
            ("SELECT body FROM resources WHERE class = 6 AND author = 1 ORDER BY id DESC", "notes_by_author"),
            (
                "SELECT body FROM resources WHERE class = 6 AND author = 1 AND id < 9 ORDER BY id DESC",
                "notes_by_author",
            ),
        ];
        for (sql, index) in table {
            let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let plan: Vec<String> = statement.query_map([], |row| row.get(3)).unwrap().map(Result::unwrap).collect();
            assert!(
                plan[0].contains(index) && plan.iter().all(|step| !step.contains("TEMP B-TREE")),
                "{sql}: {plan:?}"
            );
        }
    }

    #[test]
    fn chats_are_read_in_order_from_an_index() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, NOW).unwrap();
        for condition in ["parent = 1", "thread = 1", "author = 1", "TRUE"] {
            let sql = format!(
                "EXPLAIN QUERY PLAN SELECT body FROM resources WHERE class = 1 AND {condition} ORDER BY created_at DESC, id DESC"
            );
            let plan: String = connection.query_row(&sql, [], |row| row.get(3)).unwrap();
            assert!(plan.contains("USING INDEX"), "{condition}: {plan}");
        }
    }
}
