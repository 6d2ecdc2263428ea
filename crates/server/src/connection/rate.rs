//! How often one connection may speak.

use std::time::Duration;

/// An average rate with a burst.
#[derive(Clone, Copy)]
pub(super) struct Rate {
    /// Nanoseconds that one message takes of the rate.
    each: u64,
    /// How far messages may run ahead of the rate, in nanoseconds.
    ahead: u64,
}

impl Rate {
    /// `per_second` on average, `burst` at once; at least one of each.
    pub(super) fn new(per_second: u64, burst: u64) -> Self {
        let each = 1_000_000_000 / per_second.max(1);
        Self { each, ahead: each.saturating_mul(burst.max(1)) }
    }
}

/// How long a rest is at least, where the burst allows: a timer for each message would cost more than the message.
const REST_NANOS: u64 = 20_000_000;

/// How much of a rate one connection has used: the generic cell rate algorithm, in eight bytes.
#[derive(Default)]
pub(super) struct Pace {
    /// When everything that was said will have been within the rate, in nanoseconds.
    even: u64,
}

impl Pace {
    /// May something be said now? Counts it if so. `now` is the time since any fixed moment.
    pub(super) fn admit(&mut self, rate: Rate, now: Duration) -> bool {
        let now = nanos(now);
        let even = self.after_one_more(rate, now);
        let admitted = even - now <= rate.ahead;
        if admitted {
            self.even = even;
        }
        admitted
    }

    /// How long to rest until something may be said again; `None` if it may now. Resting a little longer than for one message,
    /// but never so long that any of the rate would be lost.
    pub(super) fn until_admitted(&self, rate: Rate, now: Duration) -> Option<Duration> {
        let now = nanos(now);
        let missing = (self.after_one_more(rate, now) - now).checked_sub(rate.ahead).filter(|missing| *missing > 0)?;
        let spare = (rate.ahead - rate.each).min(REST_NANOS);
        Some(Duration::from_nanos(missing.saturating_add(spare)))
    }

    /// When everything would be within the rate if one more were said.
    fn after_one_more(&self, rate: Rate, now: u64) -> u64 {
        self.even.max(now).saturating_add(rate.each)
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(pace: &mut Pace, rate: Rate, at: Duration) -> usize {
        (0..1_000).take_while(|_| pace.admit(rate, at)).count()
    }

    #[test]
    fn a_burst_then_the_rate() {
        let rate = Rate::new(10, 30);
        let mut pace = Pace::default();
        assert_eq!(admitted(&mut pace, rate, Duration::from_secs(100)), 30);
        assert_eq!(admitted(&mut pace, rate, Duration::from_millis(100_500)), 5);
        assert_eq!(admitted(&mut pace, rate, Duration::from_secs(200)), 30);
    }

    #[test]
    fn after_a_rest_there_is_room_and_nothing_of_the_rate_is_lost() {
        for (per_second, burst) in [(1, 1), (1, 2), (10, 30), (2_000, 1), (2_000, 4_000), (1_000_000_000, 1)] {
            let rate = Rate::new(per_second, burst);
            let (mut pace, start) = (Pace::default(), Duration::from_secs(100));
            let (mut waited, mut said) = (Duration::ZERO, 0);
            while said < 10_000 {
                if let Some(rest) = pace.until_admitted(rate, start + waited) {
                    waited += rest;
                } else {
                    assert!(pace.admit(rate, start + waited));
                    said += 1;
                }
            }
            let least = Duration::from_nanos(rate.each) * (said - u32::try_from(burst).unwrap());
            let most = least + Duration::from_nanos(REST_NANOS);
            assert!((least..=most).contains(&waited), "{per_second} {burst}: {waited:?}");
        }
    }
}
