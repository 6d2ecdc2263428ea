//! The keys of workers' tokens: by them those of one name are ended.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use parking_lot::RwLock;
use quintet_core::Error;

/// What stands before a worker's name in the store's list of secrets.
pub(crate) const PREFIX: &str = "worker-tokens:";

/// What a worker's token must name to hold. A name whose tokens were never ended has no key, and its tokens name none; to end them, it gets another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WorkerKey([u8; 32]);

impl WorkerKey {
    /// A fresh one.
    pub(crate) fn made_up() -> Result<Self, Error> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(Error::internal)?;
        Ok(Self(secret))
    }

    /// As it is stored.
    pub(crate) fn secret(&self) -> [u8; 32] {
        self.0
    }

    /// As a token names it: half of it is enough to tell keys apart.
    fn name(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.0[..16])
    }
}

/// The keys that there are, by the workers' names.
#[derive(Default)]
pub(crate) struct WorkerKeys(RwLock<HashMap<String, String>>);

impl WorkerKeys {
    /// From the store's secrets that begin with [`PREFIX`].
    pub(crate) fn new(stored: Vec<(String, [u8; 32])>) -> Self {
        let keys = stored.into_iter().filter_map(|(name, secret)| {
            let name = name.strip_prefix(PREFIX)?.to_owned();
            Some((name, WorkerKey(secret).name()))
        });
        Self(RwLock::new(keys.collect()))
    }

    /// Under which name the store keeps a worker's key.
    pub(crate) fn stored_name(worker: &str) -> String {
        format!("{PREFIX}{worker}")
    }

    /// From now on only tokens with this key hold.
    pub(crate) fn replace(&self, worker: &str, key: &WorkerKey) {
        self.0.write().insert(worker.to_owned(), key.name());
    }

    /// What tokens of a worker name.
    pub(super) fn of(&self, worker: &str) -> String {
        self.0.read().get(worker).cloned().unwrap_or_default()
    }

    /// Whether a token that names this key holds.
    pub(super) fn holds(&self, worker: &str, key: &str) -> bool {
        self.0.read().get(worker).map_or("", String::as_str) == key
    }
}
