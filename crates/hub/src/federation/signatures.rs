//! Signatures: whether a key made one, looked at beside what else goes on.

use ed25519_dalek::{Signature, VerifyingKey};
use quintet_core::Error;

/// A key as it came; `None` for bytes that are no key, or one under which anything could be signed.
pub(super) fn key(bytes: &[u8; 32]) -> Option<VerifyingKey> {
    VerifyingKey::from_bytes(bytes).ok().filter(|key| !key.is_weak())
}

/// Which of these texts a key signed. Strict: a malleable signature does not hold.
///
/// On a task of its own, so that the signatures of one connection are looked at by all threads at once. Those who wait bound how many
/// there are: who drops this has it aborted.
pub(super) async fn which(key: &VerifyingKey, signature: &[u8; 64], texts: Vec<String>) -> Result<Held, Error> {
    let (key, signature) = (*key, Signature::from_bytes(signature));
    let task = Task(tokio::spawn(async move {
        let holds = |text: &String| key.verify_strict(text.as_bytes(), &signature).is_ok();
        let which = texts.iter().position(holds);
        Held { texts, which }
    }));
    task.result().await
}

/// What came of it; the texts as they were.
pub(super) struct Held {
    pub(super) texts: Vec<String>,
    /// The place of the one that was signed.
    pub(super) which: Option<usize>,
}

struct Task(tokio::task::JoinHandle<Held>);

impl Task {
    async fn result(mut self) -> Result<Held, Error> {
        (&mut self.0).await.map_err(Error::internal)
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer as _, SigningKey};

    use super::*;

    async fn place(key: &VerifyingKey, signature: &[u8; 64], texts: &[&str]) -> Option<usize> {
        let texts = texts.iter().map(|text| (*text).to_owned()).collect();
        which(key, signature, texts).await.unwrap().which
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
