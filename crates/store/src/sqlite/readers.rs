//! The readers: a few connections that can only read, lent to blocking threads.

use std::sync::Arc;

use parking_lot::Mutex;
use quintet_core::error::Error;
use rusqlite::Connection;
use tokio::sync::Semaphore;

use crate::closed;
use crate::tables::Kept;

/// Read-only connections, each used by one question at a time.
#[derive(Clone)]
pub(super) struct Readers(Arc<Pool>);

struct Pool {
    /// One permit for each idle connection; closed at the end.
    permits: Semaphore,
    idle: Mutex<Vec<Connection>>,
    count: usize,
}

impl Readers {
    /// Lends out these connections.
    pub(super) fn new(connections: Vec<Connection>) -> Self {
        let count = connections.len();
        Self(Arc::new(Pool { permits: Semaphore::new(count), idle: Mutex::new(connections), count }))
    }

    /// Answers a question on a blocking thread, with the state of one moment.
    pub(super) async fn ask<T, F>(&self, question: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Kept<T> + Send + 'static,
    {
        let permit = self.0.permits.acquire().await.map_err(|_| closed())?;
        let connection = self.0.idle.lock().pop().ok_or_else(closed)?;
        permit.forget();
        let pool = Arc::clone(&self.0);
        let asked = tokio::task::spawn_blocking(move || {
            let loan = Loan { connection: Some(connection), pool };
            loan.ask(question)
        });
        Ok(asked.await.map_err(Error::internal)??)
    }

    /// Waits until every question is answered, and lets go of the connections.
    pub(super) async fn close(&self) {
        let count = u32::try_from(self.0.count).unwrap_or(u32::MAX);
        if let Ok(permits) = self.0.permits.acquire_many(count).await {
            self.0.permits.close();
            permits.forget();
            self.0.idle.lock().clear();
        }
    }
}

/// A connection on loan: it goes back even if the question panics.
struct Loan {
    connection: Option<Connection>,
    pool: Arc<Pool>,
}

impl Loan {
    fn ask<T>(&self, question: impl FnOnce(&Connection) -> Kept<T>) -> Kept<T> {
        let connection = self.connection.as_ref().expect("a loan holds its connection until it is dropped");
        let moment = connection.unchecked_transaction()?;
        let answer = question(&moment)?;
        moment.finish()?;
        Ok(answer)
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        self.pool.idle.lock().extend(self.connection.take());
        self.pool.permits.add_permits(1);
    }
}
