//! Dials: how often a house's socket was tried in vain, and when it is worth another try (versia.md, section 2.7).

use std::time::Duration;

use quintet_core::Timestamp;
use quintet_core::federation::host::Reach;

/// Failures after which only HTTP is used for a while …
const FAILURES: usize = 3;
/// … if they came within this time.
const WITHIN: Duration = Duration::from_mins(10);
/// For how long.
const PAUSE: Duration = Duration::from_mins(5);
/// For how long between houses on one machine: a trial is not to wait for minutes.
const LOOPBACK_PAUSE: Duration = Duration::from_secs(10);

/// The dials to one house.
#[derive(Clone, Debug, Default)]
pub(super) struct Dials {
    /// When the last ones failed.
    failed: Vec<Timestamp>,
    /// Only HTTP until then.
    not_before: Option<Timestamp>,
}

impl Dials {
    /// Whether the socket may be tried.
    pub(super) fn may(&self, now: Timestamp) -> bool {
        self.not_before.is_none_or(|then| then <= now)
    }

    /// It was tried in vain.
    pub(super) fn fail(&mut self, now: Timestamp, reach: Reach) {
        let within = i64::try_from(WITHIN.as_millis()).unwrap_or(i64::MAX);
        self.failed.retain(|at| at.plus_millis(within) > now);
        self.failed.push(now);
        // Who was on HTTP already goes back to it at once.
        if self.not_before.is_some() || self.failed.len() >= FAILURES {
            let pause = if reach == Reach::Loopback { LOOPBACK_PAUSE } else { PAUSE };
            self.not_before = Some(now.plus_millis(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX)));
            self.failed.clear();
        }
    }

    /// There is a connection.
    pub(super) fn succeed(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    #[test]
    fn three_failures_in_ten_minutes_lead_to_http() {
        let mut dials = Dials::default();
        for second in [0, 60] {
            dials.fail(at(second), Reach::Net);
            assert!(dials.may(at(second)));
        }
        dials.fail(at(599), Reach::Net);
        assert_eq!([599, 898, 899].map(|second| dials.may(at(second))), [false, false, true]);
        dials.fail(at(900), Reach::Net);
        assert_eq!([1199, 1200].map(|second| dials.may(at(second))), [false, true], "one more is enough now");
        dials.succeed();
        dials.fail(at(1201), Reach::Net);
        assert!(dials.may(at(1201)), "it counts from the beginning");
    }

    #[test]
    fn failures_are_forgotten_in_time() {
        let mut dials = Dials::default();
        for second in [0, 60, 600, 1200] {
            dials.fail(at(second), Reach::Net);
            assert!(dials.may(at(second)), "{second}");
        }
    }

    #[test]
    fn on_one_machine_the_socket_is_tried_again_soon() {
        let mut dials = Dials::default();
        (0..3).for_each(|second| dials.fail(at(second), Reach::Loopback));
        assert_eq!([11, 12].map(|second| dials.may(at(second))), [false, true]);
    }
}
