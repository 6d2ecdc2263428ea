//! Verdicts: what becomes of an entity by what its receiver said of it (versia.md, section 2.6).

use std::time::Duration;

use quintet_core::federation::Receipt;
use quintet_core::federation::host::Reach;

use super::schedule;

/// Tries of a signature that is said not to hold: the peer may not know a new key yet.
const SIGNATURES: u32 = 3;
/// Between these tries: all are made within ten minutes.
const SIGNATURE_DELAYS: [Duration; 2] = [Duration::from_mins(1), Duration::from_mins(8)];

/// However long a peer wants to be left alone, it is asked again after this.
const LONGEST: Duration = Duration::from_hours(12);

/// What becomes of an entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It arrived.
    Taken,
    /// It is given up, for this reason.
    Dead(String),
    /// It is tried again.
    Again {
        /// After this time.
        after: Duration,
        /// With a new signature.
        anew: bool,
    },
}

/// What is known of an entity's former tries.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tries {
    /// All that failed.
    pub(super) failures: u32,
    /// Of these, those for want of a good signature, or of the right time.
    pub(super) refusals: u32,
    /// Whether its signer is known not to be believed there.
    pub(super) distrusted: bool,
}

/// Decides by a receipt, and by what was tried before it.
pub(super) fn of(receipt: &Receipt, tries: Tries, reach: Reach, dice: u32) -> Verdict {
    let scheduled = schedule::delay(tries.failures.saturating_add(1), reach, dice);
    let asked = receipt.retry_after.map(|after| after.min(LONGEST));
    match receipt.status {
        200..300 => Verdict::Taken,
        401 if tries.distrusted => dead(receipt),
        401 => match SIGNATURE_DELAYS.get(tries.refusals as usize) {
            Some(_) if reach == Reach::Loopback => Verdict::Again { after: scheduled, anew: true },
            Some(delay) if tries.refusals + 1 < SIGNATURES => Verdict::Again { after: *delay, anew: true },
            _ => dead(receipt),
        },
        422 if receipt.clock && tries.refusals == 0 => Verdict::Again { after: Duration::ZERO, anew: true },
        429 => Verdict::Again { after: asked.unwrap_or(scheduled), anew: false },
        408 | 500.. => Verdict::Again { after: scheduled.max(asked.unwrap_or_default()), anew: false },
        _ => dead(receipt),
    }
}

fn dead(receipt: &Receipt) -> Verdict {
    Verdict::Dead(words(receipt))
}

/// For how long a peer wants nothing more.
pub(super) fn pause(receipt: &Receipt) -> Option<Duration> {
    receipt.pause.map(|pause| pause.min(LONGEST))
}

/// What a peer said, for operators.
pub(super) fn words(receipt: &Receipt) -> String {
    match &receipt.error {
        Some(error) => format!("{}: {error}", receipt.status),
        None => receipt.status.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In the middle of the jitter.
    const DICE: u32 = 200;

    fn verdict(receipt: &Receipt, tries: Tries) -> Verdict {
        of(receipt, tries, Reach::Net, DICE)
    }

    fn again(seconds: u64, anew: bool) -> Verdict {
        Verdict::Again { after: Duration::from_secs(seconds), anew }
    }

    #[test]
    fn every_status_has_a_verdict() {
        let fresh = |status| verdict(&Receipt::of(status), Tries::default());
        for status in [200, 201, 202, 204] {
            assert_eq!(fresh(status), Verdict::Taken, "{status}");
        }
        for status in [400, 403, 404, 409, 413, 422, 302] {
            assert_eq!(fresh(status), Verdict::Dead(status.to_string()), "{status}");
        }
        for status in [408, 429, 500, 502, 503] {
            assert_eq!(fresh(status), again(10, false), "{status}");
        }
        let later = Tries { failures: 3, ..Tries::default() };
        assert_eq!(verdict(&Receipt::of(503), later), again(1800, false));
    }

    #[test]
    fn a_signature_is_made_anew_twice() {
        let tried = |refusals| verdict(&Receipt::of(401), Tries { failures: refusals, refusals, distrusted: false });
        assert_eq!([0, 1].map(tried), [again(60, true), again(480, true)]);
        let receipt = Receipt { error: Some("Signature is not valid".into()), ..Receipt::of(401) };
        let tries = Tries { refusals: 2, ..Tries::default() };
        assert_eq!(verdict(&receipt, tries), Verdict::Dead("401: Signature is not valid".into()));
        let distrusted = Tries { distrusted: true, ..Tries::default() };
        assert_eq!(verdict(&Receipt::of(401), distrusted), Verdict::Dead("401".into()), "others are not to wait again");
    }

    #[test]
    fn a_wrong_clock_is_forgiven_once() {
        let receipt = Receipt { clock: true, ..Receipt::of(422) };
        assert_eq!(verdict(&receipt, Tries::default()), again(0, true));
        assert_eq!(verdict(&receipt, Tries { refusals: 1, ..Tries::default() }), Verdict::Dead("422".into()));
    }

    #[test]
    fn the_peer_says_when() {
        let told = |status, seconds| {
            let retry_after = Some(Duration::from_secs(seconds));
            verdict(&Receipt { retry_after, ..Receipt::of(status) }, Tries::default())
        };
        assert_eq!(told(429, 3), again(3, false));
        assert_eq!(told(503, 3), again(10, false), "not before the schedule");
        assert_eq!(told(503, 30), again(30, false));
        assert_eq!(told(429, u64::MAX), again(12 * 3600, false), "not for ever");
    }
}
