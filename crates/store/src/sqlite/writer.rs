//! The writer: one thread that owns the only writing connection, and makes one durable transaction of all that waits.

use std::fs::File;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use bytes::Bytes;
use quintet_core::Draft;
use quintet_core::error::{Error, Kind};
use quintet_core::event::Event;
use quintet_core::limits::Limits;
use rusqlite::ErrorCode;
use tokio::sync::{mpsc, oneshot};

use super::checkpoint::Checkpoints;
use super::files;
use super::ledger::{Errand, Ledger};
use super::meters::Meters;
use crate::search::Terms;
use crate::{Listener, rules};

/// Where a job's answer goes. Nobody may be waiting any more; the job is done all the same.
pub(super) type Answer<T> = oneshot::Sender<Result<T, Error>>;

/// What the writer is asked to do.
pub(super) enum Job {
    Append(Append),
    Secret {
        name: &'static str,
        fresh: [u8; 32],
        answer: Answer<[u8; 32]>,
    },
    ReplaceSecret {
        name: String,
        secret: [u8; 32],
        answer: Answer<()>,
    },
    /// One chunk of a file, by number from 0.
    Chunk {
        digest: [u8; 32],
        number: i64,
        bytes: Bytes,
        answer: Answer<()>,
    },
    /// The file of these chunks.
    File {
        digest: [u8; 32],
        chunks: i64,
        answer: Answer<()>,
    },
    /// Something about other houses; answered with how much it changed.
    Errand {
        errand: Errand,
        answer: Answer<u64>,
    },
    Close {
        answer: Answer<()>,
    },
}

/// A draft to be remembered.
pub(super) struct Append {
    pub(super) draft: Draft,
    pub(super) terms: Terms,
    pub(super) answer: Answer<Vec<Arc<Event>>>,
}

/// What became of one draft.
type Outcome = Result<Vec<Arc<Event>>, Error>;

/// The thread's possessions. Fields are let go in order: the connection before the lock.
pub(super) struct Writer {
    pub(super) ledger: Ledger,
    pub(super) limits: Limits,
    pub(super) listener: Arc<OnceLock<Listener>>,
    pub(super) checkpoints: Checkpoints,
    pub(super) meters: Meters,
    /// Whether the disk refused the last change, so that the store can tell whoever asks after its health.
    pub(super) failing: Arc<AtomicBool>,
    /// Keeps every other process out while it is open.
    pub(super) _lock: File,
}

impl Writer {
    /// Works until it is told to close, or nobody is left to ask.
    pub(super) fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        let batch = quintet_core::limits::size(self.limits.store_batch_changes).max(1);
        let mut waiting = Vec::with_capacity(batch);
        while jobs.blocking_recv_many(&mut waiting, batch) > 0 {
            self.meters.waiting(jobs.len());
            if let Some(answer) = self.work(waiting.drain(..)) {
                // Whoever asked after the end learns it from its dropped answer.
                drop(jobs);
                self.end();
                let _ = answer.send(Ok(()));
                return;
            }
        }
        self.end();
    }

    /// Lets go of the disk.
    fn end(mut self) {
        self.checkpoints.stop(&mut self.ledger.connection);
    }

    /// Does these jobs in order. An answer back is that of a close, and is to be sent when all is let go.
    fn work(&mut self, jobs: impl Iterator<Item = Job>) -> Option<Answer<()>> {
        let mut appends = Vec::new();
        for job in jobs {
            match job {
                Job::Append(append) => appends.push(append),
                Job::Secret { name, fresh, answer } => {
                    self.append(std::mem::take(&mut appends));
                    let _ = answer.send(self.secret(name, fresh));
                }
                Job::ReplaceSecret { name, secret, answer } => {
                    self.append(std::mem::take(&mut appends));
                    let _ = answer.send(self.replace_secret(&name, secret));
                }
                Job::Chunk { digest, number, bytes, answer } => {
                    self.append(std::mem::take(&mut appends));
                    let _ = answer.send(self.put_chunk(digest, number, &bytes));
                }
                Job::File { digest, chunks, answer } => {
                    self.append(std::mem::take(&mut appends));
                    let _ = answer.send(self.finish_file(digest, chunks));
                }
                Job::Errand { errand, answer } => {
                    self.append(std::mem::take(&mut appends));
                    let _ = answer.send(self.run_errand(errand));
                }
                Job::Close { answer } => {
                    self.append(appends);
                    return Some(answer);
                }
            }
        }
        self.append(appends);
        None
    }

    /// Commits drafts together, lets the listener hear their events, then answers.
    fn append(&mut self, appends: Vec<Append>) {
        if appends.is_empty() {
            return;
        }
        let begun = Instant::now();
        let outcomes = self.commit(&appends);
        self.meters.committed(appends.len(), begun.elapsed());
        if let Some(last) = outcomes.last() {
            self.failing.store(last.as_ref().is_err_and(is_our_fault), Ordering::Relaxed);
        }
        if let Some(listener) = self.listener.get() {
            outcomes.iter().flatten().flatten().for_each(listener);
        }
        for (append, outcome) in appends.into_iter().zip(outcomes) {
            let _ = append.answer.send(outcome);
        }
        self.checkpoints.settle(&self.ledger.connection);
    }

    /// Commits drafts together; where the disk refuses that, each alone, so that one that cannot be written harms no other.
    fn commit(&mut self, appends: &[Append]) -> Vec<Outcome> {
        match self.attempt(appends) {
            Ok(outcomes) => outcomes,
            Err(error) if appends.len() == 1 => vec![Err(explain(error))],
            Err(error) => {
                tracing::warn!(changes = appends.len(), cause = ?error, "a transaction failed; trying its changes one by one");
                appends.iter().flat_map(|append| self.commit(std::slice::from_ref(append))).collect()
            }
        }
    }

    /// One transaction. Refused drafts have written nothing; an error means that nothing of any draft was written.
    fn attempt(&mut self, appends: &[Append]) -> Result<Vec<Outcome>, Error> {
        let attempted = self.transact(appends);
        if attempted.is_err() {
            self.ledger.roll_back()?;
        }
        attempted
    }

    fn transact(&mut self, appends: &[Append]) -> Result<Vec<Outcome>, Error> {
        self.ledger.begin()?;
        let mut outcomes = Vec::with_capacity(appends.len());
        for append in appends {
            match rules::apply(&mut self.ledger, &append.draft, &append.terms, &self.limits) {
                Err(error) if error.kind() == Kind::Internal => return Err(error),
                outcome => outcomes.push(outcome),
            }
        }
        self.ledger.commit()?;
        Ok(outcomes)
    }

    fn secret(&mut self, name: &str, fresh: [u8; 32]) -> Result<[u8; 32], Error> {
        // A single statement is its own transaction.
        Ok(self.ledger.secret(name, fresh)?)
    }

    fn replace_secret(&mut self, name: &str, secret: [u8; 32]) -> Result<(), Error> {
        self.ledger.replace_secret(name, secret).map_err(|broken| explain(broken.into()))
    }

    /// One transaction.
    fn run_errand(&mut self, errand: Errand) -> Result<u64, Error> {
        let attempt = || {
            self.ledger.begin()?;
            let count = self.ledger.run(errand, &self.limits)?;
            self.ledger.commit()?;
            Ok(count)
        };
        let attempted = attempt();
        if attempted.is_err() {
            self.ledger.roll_back()?;
        }
        self.checkpoints.settle(&self.ledger.connection);
        attempted.map_err(explain)
    }

    /// A single statement, as all that files ask for.
    fn put_chunk(&self, digest: [u8; 32], number: i64, bytes: &[u8]) -> Result<(), Error> {
        files::put_chunk(&self.ledger.connection, digest, number, bytes).map_err(|broken| explain(broken.into()))
    }

    fn finish_file(&self, digest: [u8; 32], chunks: i64) -> Result<(), Error> {
        let is_whole = files::finish(&self.ledger.connection, digest, chunks).map_err(|it| explain(it.into()))?;
        if is_whole { Ok(()) } else { Err(Error::internal("chunks of a file are missing")) }
    }
}

fn is_our_fault(error: &Error) -> bool {
    matches!(error.kind(), Kind::Internal | Kind::Unavailable)
}

/// A full disk is nobody's secret, and passes.
fn explain(error: Error) -> Error {
    let cause = std::error::Error::source(&error).and_then(|source| source.downcast_ref::<rusqlite::Error>());
    match cause.and_then(rusqlite::Error::sqlite_error_code) {
        Some(ErrorCode::DiskFull) => {
            Error::unavailable("the server's disk is full and nothing was stored; try again later").because(error)
        }
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;

    fn explained(code: i32) -> Kind {
        explain(Error::internal(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None))).kind()
    }

    #[test]
    fn a_full_disk_is_told_apart() {
        assert_eq!(explained(ffi::SQLITE_FULL), Kind::Unavailable);
        assert_eq!(explained(ffi::SQLITE_IOERR), Kind::Internal);
    }
}
