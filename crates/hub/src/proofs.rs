//! Proofs: what an agent shows to say who it is, and whether a signature is its own.

use ed25519_dalek::{Signature, VerifyingKey};
use quintet_core::identity::Proof;
use quintet_core::{AgentKey, Error, Limits, Timestamp};

/// Whether an agent signed a text. Strict: a weak key or a malleable signature does not hold.
pub(crate) fn is_signed(agent: AgentKey, text: &str, signature: &[u8; 64]) -> bool {
    let key = VerifyingKey::from_bytes(&agent.0);
    key.is_ok_and(|key| key.verify_strict(text.as_bytes(), &Signature::from_bytes(signature)).is_ok())
}

/// `Unauthenticated` unless the agent signed it, not too long ago, and not in the future. What it is bound to was checked by the room.
pub(crate) fn check(proof: &Proof, now: Timestamp, limits: &Limits) -> Result<(), Error> {
    if !is_signed(proof.agent, &proof.signed, &proof.signature) {
        return Err(Error::unauthenticated(format!(
            "Incorrect signature for auth headers. It must be made with the key {} over this text: {}",
            proof.agent.base64(),
            proof.signed
        )));
    }
    if is_ahead(proof.signed_at, now, limits) {
        return Err(Error::unauthenticated("the proof was signed in the future, check your clock"));
    }
    let holds = if proof.lasting { limits.session_proof_seconds } else { limits.proof_seconds };
    if now.millis().saturating_sub(proof.signed_at.millis()) > millis(holds) {
        return Err(Error::unauthenticated(format!("the proof is older than {holds} seconds, sign a new one")));
    }
    Ok(())
}

/// Whether something was signed further in the future than clocks differ.
pub(crate) fn is_ahead(signed_at: Timestamp, now: Timestamp, limits: &Limits) -> bool {
    signed_at.millis().saturating_sub(now.millis()) > millis(limits.signature_skew_seconds)
}

fn millis(seconds: u64) -> i64 {
    i64::try_from(seconds.saturating_mul(1000)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer, SigningKey};

    use super::*;

    const NOW: i64 = 1_700_000_000_000;

    /// A proof of the page's first agent (atomic-data.md, section 10.5).
    fn proof(signed_at: i64, lasting: bool) -> Proof {
        let key = SigningKey::from_bytes(&std::array::from_fn(|index| u8::try_from(index).unwrap()));
        let signed = format!("ws://localhost:9883/ws {signed_at}");
        let signature = key.sign(signed.as_bytes()).to_bytes();
        let agent = AgentKey(key.verifying_key().to_bytes());
        Proof { agent, signed, signature, signed_at: Timestamp::from_millis(signed_at), lasting }
    }

    #[test]
    fn a_proof_holds_for_minutes_and_a_session_for_a_day() {
        let limits = Limits::default();
        let table = [
            (0, false, true),
            (-300_000, false, true),
            (-300_001, false, false),
            (-300_001, true, true),
            (-90_000_000, true, true),
            (-90_000_001, true, false),
            (10_000, false, true),
            (10_001, false, false),
            (10_001, true, false),
        ];
        for (age, lasting, holds) in table {
            let checked = check(&proof(NOW + age, lasting), Timestamp::from_millis(NOW), &limits);
            assert_eq!(checked.is_ok(), holds, "{age} {lasting}");
        }
    }

    #[test]
    fn extreme_times_do_not_hold() {
        let now = Timestamp::from_millis(NOW);
        for signed_at in [i64::MIN, i64::MAX] {
            assert!(check(&proof(signed_at, true), now, &Limits::default()).is_err());
        }
    }

    #[test]
    fn a_signature_of_something_else_does_not_hold() {
        let now = Timestamp::from_millis(NOW);
        let mut foreign = proof(NOW, false);
        foreign.signed.push('1');
        let error = check(&foreign, now, &Limits::default()).unwrap_err();
        assert!(error.public().starts_with("Incorrect signature for auth headers."), "{error}");
        assert!(error.public().ends_with(&foreign.signed));
    }

    /// With this key, the neutral element, a signature could be made for any text without a secret.
    #[test]
    fn a_weak_key_signs_nothing() {
        let mut weak = [0; 32];
        weak[0] = 1;
        let mut signature = [0; 64];
        signature[0] = 1;
        assert!(!is_signed(AgentKey(weak), "anything", &signature));
    }
}
