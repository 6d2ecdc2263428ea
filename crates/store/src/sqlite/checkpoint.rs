//! Checkpoints: how the write-ahead log goes back into the database while the writer writes on.
//!
//! A second connection copies pages in a thread of its own, so that commits never wait for it. Under a constant storm it would never
//! quite catch up, and the log would grow for ever; so once the log is long and the rest is small, the
//! writer copies that rest itself between two commits, and the log starts over. SQLite puts the database on disk only then, which
//! would keep the writer waiting for all that was copied before; so the thread does that after each of its copies. When
//! nothing is written the log is cut to nothing.

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use quintet_core::error::Error;
use rusqlite::Connection;

use crate::tables::{Broken, Kept};

/// Pages that are worth copying: 4 MiB. The writer may copy fewer itself between two commits.
const REST_PAGES: u64 = 1_024;
/// Pages in the log at which it shall start over: 128 MiB. Shorter logs would have the writer stop more often.
const LONG_PAGES: u64 = 32_768;
/// Without a commit for so long, the log is cut to nothing.
const IDLE: Duration = Duration::from_secs(1);

/// What the writer and the copying thread tell each other.
#[derive(Default)]
struct Signals {
    /// Pages in the log after the last commit.
    pages: AtomicU64,
    /// The log is long and what is left to copy is small.
    settle: AtomicBool,
}

/// The writer's end of the conversation.
pub(super) struct Checkpoints {
    signals: Arc<Signals>,
    nudge: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    /// The thread's handle of the database. Closing it would end every lock that this process has on the file (POSIX), so
    /// it has to stay open longer than the writer's connection.
    _database: Arc<File>,
}

impl Checkpoints {
    /// Starts the thread on `own` and the file of the database, and watches the commits of `writer`.
    pub(super) fn start(own: Connection, database: File, writer: &mut Connection) -> Result<Self, Error> {
        let database = Arc::new(database);
        let signals = Arc::new(Signals::default());
        let (nudge, nudges) = sync_channel(1);
        watch(writer, Arc::clone(&signals), nudge.clone())?;
        let copier =
            Copier { connection: own, database: Arc::clone(&database), signals: Arc::clone(&signals), is_cut: false };
        let thread = std::thread::Builder::new()
            .name("store-checkpoint".into())
            .spawn(move || copier.run(&nudges))
            .map_err(Error::internal)?;
        Ok(Self { signals, nudge: Some(nudge), thread: Some(thread), _database: database })
    }

    /// Copies the rest, where the thread asked for it. Called by the writer between commits.
    pub(super) fn settle(&self, writer: &Connection) {
        if self.signals.settle.swap(false, Ordering::Relaxed) {
            complain(checkpoint(writer, "PASSIVE").map(drop));
        }
    }

    /// Ends the thread, after a last copy.
    pub(super) fn stop(&mut self, writer: &mut Connection) {
        // The watch holds the other end of the channel.
        complain(writer.wal_hook(None::<Watch>).map_err(Into::into));
        self.nudge = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the checkpoint thread panicked");
        }
    }
}

/// Only names the type of no watch at all.
type Watch = fn(&mut rusqlite::hooks::Wal, i32) -> rusqlite::Result<()>;

fn watch(writer: &mut Connection, signals: Arc<Signals>, nudge: SyncSender<()>) -> Kept<()> {
    let watch = move |_: &mut rusqlite::hooks::Wal, pages: i32| {
        signals.pages.store(u64::from(pages.unsigned_abs()), Ordering::Relaxed);
        // A full channel means that it is awake already.
        let _ = nudge.try_send(());
        Ok(())
    };
    Ok(writer.wal_hook(Some(watch))?)
}

/// The thread's possessions.
struct Copier {
    connection: Connection,
    database: Arc<File>,
    signals: Arc<Signals>,
    /// The log was cut to nothing, and nothing was written since.
    is_cut: bool,
}

impl Copier {
    fn run(mut self, nudges: &Receiver<()>) {
        loop {
            match nudges.recv_timeout(IDLE) {
                Ok(()) => self.copy(),
                Err(RecvTimeoutError::Timeout) => self.cut(),
                Err(RecvTimeoutError::Disconnected) => return self.cut(),
            }
        }
    }

    /// Copies until the rest is small, puts that on disk, and asks for the rest where the log is long.
    fn copy(&mut self) {
        self.is_cut = false;
        let (mut copied, mut on_disk) = (0, 0);
        loop {
            let pages = self.signals.pages.load(Ordering::Relaxed);
            if pages.saturating_sub(copied) >= REST_PAGES {
                match checkpoint(&self.connection, "PASSIVE") {
                    Ok(log) if log.copied > copied => copied = log.copied,
                    // A reader holds the rest; the next commit asks again.
                    Ok(_) => return,
                    Err(broken) => return complain(Err(broken)),
                }
            } else if copied >= on_disk + REST_PAGES {
                complain(self.database.sync_data().map_err(Broken::new));
                on_disk = copied;
            } else {
                self.signals.settle.fetch_or(pages >= LONG_PAGES, Ordering::Relaxed);
                return;
            }
        }
    }

    fn cut(&mut self) {
        if !self.is_cut {
            // Where a reader is in the way, the next idle moment tries again.
            match checkpoint(&self.connection, "TRUNCATE") {
                Ok(log) => self.is_cut = !log.is_busy,
                Err(broken) => complain(Err(broken)),
            }
        }
    }
}

/// The log after a checkpoint.
struct Log {
    is_busy: bool,
    /// Pages that are in the database by now.
    copied: u64,
}

fn checkpoint(connection: &Connection, mode: &str) -> Kept<Log> {
    let log = connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| {
        Ok(Log {
            is_busy: row.get::<_, i64>(0)? != 0,
            // -1 where there is no log yet.
            copied: u64::try_from(row.get::<_, i64>(2)?).unwrap_or(0),
        })
    })?;
    Ok(log)
}

/// A failed checkpoint loses nothing: the log is longer, and the next one tries again.
fn complain(outcome: Kept<()>) {
    if let Err(broken) = outcome {
        tracing::warn!(cause = ?broken, "a checkpoint failed; the write-ahead log grows until one succeeds");
    }
}
