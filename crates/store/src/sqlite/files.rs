//! Files in the database, in chunks: a large one holds up neither the writer nor its log.

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension, params};

use super::rows;
use crate::tables::Kept;

/// Size of a chunk, and so of the largest job that a file gives the writer.
pub(super) const CHUNK_BYTES: usize = 1 << 20;

/// Whether a file is there.
pub(super) fn has(connection: &Connection, digest: [u8; 32]) -> Kept<bool> {
    rows::exists(connection, "SELECT 1 FROM files WHERE digest = ?", [digest])
}

/// The bytes of a file.
pub(super) fn read(connection: &Connection, digest: [u8; 32]) -> Kept<Option<Bytes>> {
    if !has(connection, digest)? {
        return Ok(None);
    }
    let mut statement = connection.prepare_cached("SELECT bytes FROM chunks WHERE digest = ? ORDER BY number")?;
    let mut rows = statement.query([digest])?;
    let mut bytes = Vec::new();
    while let Some(row) = rows.next()? {
        bytes.extend_from_slice(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?);
    }
    Ok(Some(bytes.into()))
}

/// Keeps one chunk. Whoever keeps the same file at the same time keeps the same bytes.
pub(super) fn put_chunk(connection: &Connection, digest: [u8; 32], number: i64, bytes: &[u8]) -> Kept<()> {
    let sql = "INSERT OR IGNORE INTO chunks (digest, number, bytes) VALUES (?, ?, ?)";
    connection.prepare_cached(sql)?.execute(params![digest, number, bytes])?;
    Ok(())
}

/// Makes a file of its chunks; `false` where they are not all there.
pub(super) fn finish(connection: &Connection, digest: [u8; 32], chunks: i64) -> Kept<bool> {
    let sql = "INSERT OR IGNORE INTO files (digest, chunks)
        SELECT ?1, ?2 WHERE (SELECT count(*) FROM chunks WHERE digest = ?1) = ?2";
    connection.prepare_cached(sql)?.execute(params![digest, chunks])?;
    has(connection, digest)
}

/// Forgets what is left of files that were never finished.
pub(super) fn sweep(connection: &Connection) -> Kept<()> {
    let sql = "SELECT DISTINCT digest FROM chunks WHERE digest NOT IN (SELECT digest FROM files) LIMIT 1";
    while let Some(digest) = connection.query_row(sql, [], |row| row.get::<_, Vec<u8>>(0)).optional()? {
        connection.execute("DELETE FROM chunks WHERE digest = ?", [digest])?;
    }
    Ok(())
}
