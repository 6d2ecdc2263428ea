//! The schedule: when what did not arrive is tried again (versia.md, section 2.7).

use std::time::Duration;

use quintet_core::federation::host::Reach;

/// Delays after the first failures; the last holds for all further ones.
const DELAYS: [Duration; 7] = [
    Duration::from_secs(10),
    Duration::from_mins(1),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(6),
    Duration::from_hours(12),
];
/// The first delay between houses on one machine, which is doubled with each failure …
const LOOPBACK_FIRST: Duration = Duration::from_millis(100);
/// … up to this: a trial is not to wait for a minute.
const LOOPBACK_LONGEST: Duration = Duration::from_secs(10);
/// In thousandths of the delay, either way.
const JITTER: u32 = 200;

/// How long to wait after a failure, the first being 1. `dice` is any number: it moves the delay by 20 % at the most.
pub(super) fn delay(failures: u32, reach: Reach, dice: u32) -> Duration {
    let plain = plain(failures, reach);
    plain * (1000 - JITTER + dice % (2 * JITTER + 1)) / 1000
}

fn plain(failures: u32, reach: Reach) -> Duration {
    let before = failures.saturating_sub(1);
    match reach {
        Reach::Net => DELAYS[usize::try_from(before).unwrap_or(usize::MAX).min(DELAYS.len() - 1)],
        Reach::Loopback => (LOOPBACK_FIRST * 2_u32.pow(before.min(10))).min(LOOPBACK_LONGEST),
    }
}

/// A number for [`delay`].
pub(super) fn dice() -> u32 {
    let mut bytes = [0; 4];
    // Without randomness there is no jitter: that is no reason to fail.
    let _ = getrandom::fill(&mut bytes);
    u32::from_ne_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_as_the_page_says() {
        // In the middle of the jitter.
        let seconds = |failures| delay(failures, Reach::Net, JITTER).as_secs();
        let table = [1, 2, 3, 4, 5, 6, 7, 8, 100, u32::MAX].map(seconds);
        let hours = 3600;
        assert_eq!(table, [10, 60, 300, 1800, 2 * hours, 6 * hours, 12 * hours, 12 * hours, 12 * hours, 12 * hours]);
    }

    #[test]
    fn jitter_is_a_fifth_either_way() {
        assert_eq!(delay(1, Reach::Net, 0), Duration::from_secs(8));
        assert_eq!(delay(1, Reach::Net, 2 * JITTER), Duration::from_secs(12));
        assert_eq!(delay(1, Reach::Net, 2 * JITTER + 1), Duration::from_secs(8));
    }

    #[test]
    fn on_one_machine_nobody_waits_long() {
        let millis = [1, 2, 3, 7, 8, 50].map(|failures| delay(failures, Reach::Loopback, JITTER).as_millis());
        assert_eq!(millis, [100, 200, 400, 6400, 10_000, 10_000]);
    }
}
