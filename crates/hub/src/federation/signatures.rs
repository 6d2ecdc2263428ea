//! Signatures: whether a key made one, looked at beside what else goes on.

use std::collections::VecDeque;
use std::sync::Arc;
use std::thread;

use ed25519_dalek::{Signature, VerifyingKey};
use parking_lot::Mutex;
use quintet_core::Error;
use tokio::sync::oneshot;

/// Signatures that are looked at in one go: some hundred microseconds.
const AT_A_TIME: usize = 16;

/// A key as it came; `None` for bytes that are no key, or one under which anything could be signed.
pub(super) fn key(bytes: &[u8; 32]) -> Option<VerifyingKey> {
    VerifyingKey::from_bytes(bytes).ok().filter(|key| !key.is_weak())
}

/// Signatures that wait to be looked at, and how many tasks do so: as many as there are cores at the most, each some at a time. So the signatures of one
/// connection are looked at by all cores at once, and of those that come in a row most cost neither a task nor a wake-up of their own.
///
/// Those who wait bound how many there are: what nobody waits for any more is passed over.
pub(super) struct Signatures {
    desk: Mutex<Desk>,
    most: usize,
}

#[derive(Default)]
struct Desk {
    waiting: VecDeque<Question>,
    at_work: usize,
}

struct Question {
    key: VerifyingKey,
    signature: Signature,
    texts: Vec<String>,
    answer: oneshot::Sender<Held>,
}

/// What came of it; the texts as they were.
pub(super) struct Held {
    pub(super) texts: Vec<String>,
    /// The place of the one that was signed.
    pub(super) which: Option<usize>,
}

impl Signatures {
    pub(super) fn new() -> Arc<Self> {
        let most = thread::available_parallelism().map_or(1, usize::from);
        Arc::new(Self { desk: Mutex::default(), most })
    }

    /// Which of these texts a key signed. Strict: a malleable signature does not hold.
    pub(super) async fn which(
        self: &Arc<Self>,
        key: &VerifyingKey,
        signature: &[u8; 64],
        texts: Vec<String>,
    ) -> Result<Held, Error> {
        let (answer, held) = oneshot::channel();
        let signature = Signature::from_bytes(signature);
        if self.put(Question { key: *key, signature, texts, answer }) {
            tokio::spawn(Arc::clone(self).work());
        }
        held.await.map_err(Error::internal)
    }

    /// Has a question wait; tells whether one more is to work.
    fn put(&self, question: Question) -> bool {
        let mut desk = self.desk.lock();
        desk.waiting.push_back(question);
        let is_short = desk.at_work < self.most;
        desk.at_work += usize::from(is_short);
        is_short
    }

    /// The next questions; `None` where there is nothing more to do, and who asked goes.
    fn take(&self) -> Option<Vec<Question>> {
        let mut desk = self.desk.lock();
        if desk.waiting.is_empty() {
            desk.at_work -= 1;
            return None;
        }
        // None takes what another would have to wait for.
        let count = desk.waiting.len().div_ceil(self.most).min(AT_A_TIME);
        Some(desk.waiting.drain(..count).collect())
    }

    async fn work(self: Arc<Self>) {
        while let Some(questions) = self.take() {
            let answers: Vec<_> = questions.into_iter().filter_map(Question::look).collect();
            // All at once, so that whoever waits for several is woken once.
            for (answer, held) in answers {
                let _ = answer.send(held);
            }
            tokio::task::yield_now().await;
        }
    }
}

impl Question {
    /// Looks, where somebody waits for it.
    fn look(self) -> Option<(oneshot::Sender<Held>, Held)> {
        let Self { key, signature, texts, answer } = self;
        if answer.is_closed() {
            return None;
        }
        let which = texts.iter().position(|text| key.verify_strict(text.as_bytes(), &signature).is_ok());
        Some((answer, Held { texts, which }))
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer as _, SigningKey};
    use futures_util::FutureExt as _;

    use super::*;

    async fn place(key: &VerifyingKey, signature: &[u8; 64], texts: &[&str]) -> Option<usize> {
        let texts = texts.iter().map(|text| (*text).to_owned()).collect();
        Signatures::new().which(key, signature, texts).await.unwrap().which
    }

    #[tokio::test]
    async fn many_are_answered_each_with_its_own() {
        let signatures = Signatures::new();
        let signing = SigningKey::from_bytes(&[7; 32]);
        let ask = |number: u32| {
            let (signatures, text) = (Arc::clone(&signatures), number.to_string());
            let signature = signing.sign(if number.is_multiple_of(3) { b"other" } else { text.as_bytes() }).to_bytes();
            let key = signing.verifying_key();
            async move { signatures.which(&key, &signature, vec![text]).await.unwrap() }
        };
        let held = futures_util::future::join_all((0..200).map(ask)).await;
        for (number, held) in held.into_iter().enumerate() {
            assert_eq!(held.texts, [number.to_string()]);
            assert_eq!(held.which.is_some(), !number.is_multiple_of(3), "{number}");
        }
        assert_eq!(signatures.desk.lock().waiting.len(), 0);
    }

    #[tokio::test]
    async fn what_nobody_waits_for_is_passed_over() {
        let signatures = Signatures::new();
        let signing = SigningKey::from_bytes(&[7; 32]);
        let (key, signature) = (signing.verifying_key(), signing.sign(b"a").to_bytes());
        let mut dropped = Box::pin(signatures.which(&key, &signature, vec!["a".into()]));
        assert!((&mut dropped).now_or_never().is_none());
        drop(dropped);
        assert!(signatures.desk.lock().waiting.pop_front().unwrap().look().is_none());
        // Whoever works finds nothing, and goes; the next one is looked at all the same.
        assert_eq!(signatures.which(&key, &signature, vec!["a".into()]).await.unwrap().which, Some(0));
    }

    #[tokio::test]
    async fn one_of_several_texts_may_be_the_one_that_was_signed() {
        let signing = SigningKey::from_bytes(&[7; 32]);
        let key = key(&signing.verifying_key().to_bytes()).unwrap();
        let signature = signing.sign(b"get /a%253A").to_bytes();
        assert_eq!(place(&key, &signature, &["get /a%3A", "get /a%253A"]).await, Some(1));
        assert_eq!(place(&key, &signature, &["get /a%3A"]).await, None);
        let mut malleable = signature;
        // S + L: the same for who does not look at its range (versia.md, vector `malleable-s`).
        let order = [
            0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0,
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10_u16,
        ];
        let mut carry = 0;
        for (byte, more) in malleable[32..].iter_mut().zip(order) {
            let sum = u16::from(*byte) + more + carry;
            *byte = sum.to_le_bytes()[0];
            carry = sum >> 8;
        }
        assert_eq!(place(&key, &malleable, &["get /a%253A"]).await, None);
    }

    #[test]
    fn a_weak_key_is_none() {
        let mut weak = [0; 32];
        weak[0] = 1;
        assert!(key(&weak).is_none());
    }
}
