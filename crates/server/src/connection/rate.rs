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

/// How much of a rate one connection has used: the generic cell rate algorithm, in eight bytes.
#[derive(Default)]
pub(super) struct Pace {
    /// When everything that was said will have been within the rate, in nanoseconds.
    even: u64,
}

impl Pace {
    /// May something be said now? Counts it if so. `now` is the time since any fixed moment.
    pub(super) fn admit(&mut self, rate: Rate, now: Duration) -> bool {
        let now = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX);
        let even = self.even.max(now).saturating_add(rate.each);
        let admitted = even - now <= rate.ahead;
        if admitted {
            self.even = even;
        }
        admitted
    }
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
}
