//! Calls about workers: their tokens.

use std::time::Duration;

use quintet_core::{Answer, Error, Identity, Kind};

use super::asker::Asker;
use crate::tokens::{WorkerKey, WorkerKeys};

/// The longest name of a worker, in bytes.
const NAME_BYTES: usize = 64;

impl Asker<'_> {
    pub(super) fn issue_worker_token(&self, name: &str, ttl: Option<Duration>) -> Result<Answer, Error> {
        self.must_be_admin()?;
        check_name(name)?;
        if ttl.is_some_and(|ttl| ttl.as_secs() == 0) {
            return Err(Error::bad_message("a token must hold for a second at least"));
        }
        self.hub.tokens.issue_for_worker(name, self.hub.now(), ttl).map(Answer::WorkerToken)
    }

    pub(super) async fn end_worker_tokens(&self, name: &str) -> Result<Answer, Error> {
        self.must_be_admin()?;
        check_name(name)?;
        let key = WorkerKey::made_up()?;
        self.hub.store.replace_secret(&WorkerKeys::stored_name(name), key.secret()).await?;
        self.hub.tokens.workers().replace(name, &key);
        self.hub.fanout.close(
            &Identity::Worker(name.into()),
            Kind::Forbidden.close_code(),
            "the worker's tokens were ended",
        );
        Ok(Answer::Done)
    }
}

/// A name of a worker: ASCII letters, digits, `-`, `_` and `.`. `BadMessage` otherwise.
fn check_name(name: &str) -> Result<(), Error> {
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    if !plain || name.is_empty() || name.len() > NAME_BYTES {
        return Err(Error::bad_message(format!(
            "a worker's name is made of letters, digits, - _ and . and has {NAME_BYTES} of them at the most"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_workers_are_plain() {
        for good in ["jac", "billing-2", "a_b.c", "X", &"x".repeat(64)] {
            assert!(check_name(good).is_ok(), "{good}");
        }
        for bad in ["", "a b", "a:b", "a/b", "größe", "a\n", &"x".repeat(65)] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
    }
}
