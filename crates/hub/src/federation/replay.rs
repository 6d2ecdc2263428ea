//! Replay: which messages of other houses were accepted within the time in which their signatures hold, over whatever way they came.
//!
//! In memory only. What comes again after a restart is known by its identity: the store keeps names (of orders, too, for days), what was
//! deleted, and when the last word about a follow was signed. So nothing needs to be refused after a start, and nothing old is done again.

use parking_lot::Mutex;
use quintet_core::federation::{Form, Signer};
use quintet_core::{Limits, Timestamp, limits};
use sha2::{Digest as _, Sha256};

use super::aged::Aged;

/// Messages that were accepted, each with when.
pub(super) struct Replay {
    /// By half of their digest: who would collide with half of a SHA-256 has only spoilt a message of its own.
    accepted: Mutex<Aged<[u8; 16], Timestamp>>,
    /// How long one is known, in milliseconds: what is signed a window ahead holds for two.
    window: i64,
}

impl Replay {
    pub(super) fn new(limits: &Limits) -> Self {
        let seconds = limits.signature_window_seconds.saturating_mul(2).saturating_add(2);
        Self {
            accepted: Mutex::new(Aged::new(limits::size(limits.replay_entries))),
            window: i64::try_from(seconds.saturating_mul(1000)).unwrap_or(i64::MAX),
        }
    }

    /// Whether exactly this was accepted not long ago.
    pub(super) fn knows(&self, digest: &[u8; 32], now: Timestamp) -> bool {
        let accepted = self.accepted.lock();
        accepted.get(&half(digest)).is_some_and(|at| !self.is_over(*at, now))
    }

    /// It was accepted just now.
    pub(super) fn accept(&self, digest: &[u8; 32], now: Timestamp) {
        let mut accepted = self.accepted.lock();
        accepted.expire(|at| self.is_over(*at, now));
        accepted.put(half(digest), now);
    }

    fn is_over(&self, at: Timestamp, now: Timestamp) -> bool {
        now.millis().saturating_sub(at.millis()) > self.window
    }
}

fn half(digest: &[u8; 32]) -> [u8; 16] {
    *digest.first_chunk().expect("16 are fewer than 32")
}

/// The same for the same signature of the same signer over the same text, and for no other: with the signature alone, a copy that was
/// tampered with would be taken for what was accepted (versia.md, section 1.7).
pub(super) fn digest(signature: &[u8; 64], signer: &Signer, text: &str) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(signature);
    let (mark, name) = match signer {
        Signer::User(address) => (0, &*address.key),
        Signer::Instance(host, Form::Uri) => (1, host.as_str()),
        Signer::Instance(host, Form::Reference) => (2, host.as_str()),
    };
    digest.update([mark]);
    // With its length, so that no end of a name passes for the begin of a text.
    digest.update((name.len() as u64).to_be_bytes());
    digest.update(name);
    digest.update(text);
    digest.finalize().into()
}

#[cfg(test)]
mod tests {
    use quintet_core::federation::host::Reach;
    use quintet_core::federation::{Address, Host};

    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(1_763_000_000_000 + millis)
    }

    #[test]
    fn a_message_is_known_while_its_signature_could_hold() {
        let replay = Replay::new(&Limits::default());
        replay.accept(&[1; 32], at(0));
        assert!(replay.knows(&[1; 32], at(600_000)));
        assert!(!replay.knows(&[2; 32], at(0)));
        assert!(!replay.knows(&[1; 32], at(602_001)));
    }

    #[test]
    fn the_oldest_goes_where_there_are_too_many() {
        let replay = Replay::new(&Limits { replay_entries: 2, ..Limits::default() });
        for byte in 1..=3 {
            replay.accept(&[byte; 32], at(0));
        }
        assert_eq!([1, 2, 3].map(|byte| replay.knows(&[byte; 32], at(0))), [false, true, true]);
    }

    #[test]
    fn a_digest_is_of_signature_signer_and_text() {
        let host = Host::parse("b.example", Reach::Net).unwrap();
        let user = |key: &str| Signer::User(Address { host: host.clone(), form: Form::Uri, key: key.into() });
        let base = digest(&[1; 64], &user("https://b.example/1"), "text");
        let others = [
            digest(&[2; 64], &user("https://b.example/1"), "text"),
            digest(&[1; 64], &user("https://b.example/2"), "text"),
            digest(&[1; 64], &user("https://b.example/1"), "texts"),
            digest(&[1; 64], &user("https://b.example/"), "1text"),
            digest(&[1; 64], &Signer::Instance(host.clone(), Form::Uri), "text"),
            digest(&[1; 64], &Signer::Instance(host.clone(), Form::Reference), "text"),
        ];
        assert!(others.iter().all(|other| *other != base));
        assert_ne!(others[4], others[5]);
        assert_eq!(base, digest(&[1; 64], &user("https://b.example/1"), "text"));
    }
}
