//! Opening a database: the file, its lock, its connections and its threads.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use quintet_core::error::Error;
use quintet_core::limits;
use rusqlite::{Connection, OpenFlags};
use tokio::sync::mpsc;

use super::checkpoint::Checkpoints;
use super::ledger::Ledger;
use super::meters::Meters;
use super::readers::Readers;
use super::writer::Writer;
use super::{Sqlite, files, schema};
use crate::Options;
use crate::tables::Kept;

/// How long a connection waits for another one's lock. Only checkpoints and the first moments of a database ever wait.
const BUSY: Duration = Duration::from_secs(5);
/// Prepared statements that a connection keeps.
const STATEMENTS: usize = 256;
/// Memory for the writer's pages, in KiB: its indexes should fit.
const WRITER_CACHE: i64 = 32_768;
/// Memory for each reader's pages, in KiB.
const READER_CACHE: i64 = 4_096;

impl Sqlite {
    /// Opens the database at `path`, making it (mode 0600) where there is none, and brings it to the current version.
    ///
    /// Blocks while it works. `Unavailable` if another process, or this one, has it open already, or if it was written by a newer
    /// program; `Internal` where the disk fails.
    pub fn open(path: &Path, options: Options) -> Result<Self, Error> {
        let lock = lock(path)?;
        let database = open_private(path).map_err(Error::internal)?;
        let mut connection = connect_writer(path)?;
        schema::migrate(&mut connection, (options.clock)())?;
        files::sweep(&connection)?;
        let copier = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let checkpoints = Checkpoints::start(copier, database, &mut connection)?;
        let readers = Readers::new(connect_readers(path)?);
        let listener = Arc::new(OnceLock::new());
        let failing = Arc::new(AtomicBool::new(false));
        let writer = Writer {
            ledger: Ledger::new(connection, options.clock)?,
            limits: options.limits.clone(),
            listener: Arc::clone(&listener),
            checkpoints,
            meters: Meters::new(),
            failing: Arc::clone(&failing),
            _lock: lock,
        };
        let (jobs, queue) = mpsc::channel(limits::size(options.limits.store_queue_changes).clamp(1, mpsc_max()));
        thread::Builder::new().name("store-writer".into()).spawn(move || writer.run(queue)).map_err(Error::internal)?;
        Ok(Self { limits: Arc::new(options.limits), listener, jobs, readers, failing })
    }
}

/// The largest queue that tokio can make.
const fn mpsc_max() -> usize {
    tokio::sync::Semaphore::MAX_PERMITS
}

/// Makes sure that nobody else writes: offsets and ids are counted in memory.
///
/// The lock is the system's, on a file beside the database, so it ends with its process, however that ends.
fn lock(path: &Path) -> Result<File, Error> {
    let file = open_private(&beside(path, ".lock")).map_err(Error::internal)?;
    file.try_lock().map_err(|cause| {
        Error::unavailable("the database is in use by another process; stop that one first").because(cause)
    })?;
    Ok(file)
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

/// Opens a file that only its owner may read, making it where there is none.
fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn connect(path: &Path, access: OpenFlags) -> Kept<Connection> {
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

fn connect_writer(path: &Path) -> Kept<Connection> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "cache_size", -WRITER_CACHE)?;
    Ok(connection)
}

/// One reader for each core, and at least two, so that a slow search does not stop a login.
fn connect_readers(path: &Path) -> Kept<Vec<Connection>> {
    let count = thread::available_parallelism().map_or(2, |cores| cores.get().max(2));
    (0..count)
        .map(|_| {
            let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
            connection.pragma_update(None, "cache_size", -READER_CACHE)?;
            Ok(connection)
        })
        .collect()
}
