//! The key floor: signatures verified, and nothing else, on every core.

use std::thread;
use std::time::{Duration, Instant};

use ed25519_dalek::{Signature, VerifyingKey};

use crate::procfs::own_thread;
use crate::sample::{Faults, Sample};
use crate::scribe::{Scribe, Signed};
use crate::subject::Spent;

/// Verifications between two looks at the clock.
const STRIDE: usize = 16;

/// Verifies the scribes' signatures for `span`, on as many threads as there are cores, as the hub does: with the same library, strictly, the key read
/// anew each time. A unit is one verification.
pub(crate) fn measure(scribes: &[Scribe], span: Duration) -> Sample {
    let signed: Vec<Signed> = scribes.iter().map(|scribe| scribe.signed(0)).collect();
    let start = Instant::now();
    let counted: Vec<(u64, u64, Option<Duration>)> = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads()).map(|_| scope.spawn(|| verify_all(&signed, start, span))).collect();
        threads.into_iter().map(|thread| thread.join().expect("a verifying thread does not panic")).collect()
    });
    let wall = start.elapsed();
    let units = counted.iter().map(|(units, _, _)| units).sum();
    let lost = counted.iter().map(|(_, wrong, _)| wrong).sum();
    let cpu = counted.iter().map(|(_, _, cpu)| *cpu).sum();
    let spent = Spent { wall, cpu, own: None };
    Sample { units, spent, latency: None, bytes: None, faults: Faults { lost, ..Faults::default() } }
}

/// As many as there are cores for this process.
pub(crate) fn threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// How many it verified, how many did not hold, and its time on a core.
fn verify_all(signed: &[Signed], start: Instant, span: Duration) -> (u64, u64, Option<Duration>) {
    let (mut units, mut wrong) = (0, 0);
    let before = own_thread();
    let mut round = signed.iter().cycle();
    while start.elapsed() < span {
        for one in round.by_ref().take(STRIDE) {
            units += 1;
            wrong += u64::from(!holds(one));
        }
    }
    let cpu = own_thread().zip(before).map(|(after, before)| after.saturating_sub(before));
    (units, wrong, cpu)
}

#[inline(never)]
fn holds(signed: &Signed) -> bool {
    let key = VerifyingKey::from_bytes(&signed.key);
    key.is_ok_and(|key| key.verify_strict(signed.text.as_bytes(), &Signature::from_bytes(&signed.signature)).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_core_verifies() {
        let scribes = [Scribe::new("http://a.example", "x", 0).unwrap()];
        let sample = measure(&scribes, Duration::from_millis(10));
        assert!(sample.units >= STRIDE as u64 && sample.faults.is_clean(), "{sample:?}");
        assert!(sample.cpu_us().is_some_and(|cpu| cpu > 1.0), "{sample:?}");
    }

    #[test]
    fn what_does_not_hold_is_a_fault() {
        let mut signed = Scribe::new("http://a.example", "x", 0).unwrap().signed(0);
        assert!(holds(&signed));
        signed.text.push(' ');
        assert!(!holds(&signed));
    }
}
