//! The circuit breaker: who is down is not asked for a while.

use std::time::{Duration, Instant};

/// So many failures in a row mean that it is down.
const FAILURES: u32 = 5;

/// How long it is then left alone, before one call finds out how it is.
const PAUSE: Duration = Duration::from_secs(10);

/// How a webhook does, by what became of its calls. Time is an argument.
#[derive(Debug)]
pub(super) struct Breaker {
    state: State,
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    /// It is asked; so many calls failed in a row.
    Closed(u32),
    /// It is not asked before this moment.
    Open(Instant),
    /// One call finds out; all others are refused meanwhile.
    Probing,
}

/// Whether a call goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// As always.
    Go,
    /// As the one that finds out.
    Probe,
    /// It does not.
    Refused,
}

/// What became of a call that went out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It was answered, be it with a refusal.
    Answered,
    /// Nobody was there, or not in time.
    Failed,
    /// Nobody waited for the answer: that tells nothing.
    Abandoned,
}

/// What an admitted call changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// It is asked again.
    Closed,
    /// It is not asked any more.
    Opened,
}

impl Breaker {
    /// For somebody who is taken to be well.
    pub(super) const fn new() -> Self {
        Self { state: State::Closed(0) }
    }

    /// Whether a call may go out now. One that may is to be told of by [`Breaker::over`].
    pub(super) fn admit(&mut self, now: Instant) -> Admission {
        match self.state {
            State::Closed(_) => Admission::Go,
            State::Open(until) if now >= until => {
                self.state = State::Probing;
                Admission::Probe
            }
            State::Open(_) | State::Probing => Admission::Refused,
        }
    }

    /// What became of a call. A call that went out before it opened does not count any more, unless it was answered.
    pub(super) fn over(&mut self, admission: Admission, fate: Fate, now: Instant) -> Option<Turn> {
        let probing = admission == Admission::Probe;
        match (&mut self.state, fate) {
            (State::Closed(failures), Fate::Failed) => {
                *failures += 1;
                (*failures >= FAILURES).then(|| self.open(now))
            }
            (State::Closed(failures), Fate::Answered) => {
                *failures = 0;
                None
            }
            (State::Probing, Fate::Failed) if probing => {
                self.open(now);
                None
            }
            (State::Probing, Fate::Abandoned) if probing => {
                // The next call finds out instead.
                self.state = State::Open(now);
                None
            }
            (State::Open(_) | State::Probing, Fate::Answered) => {
                self.state = State::Closed(0);
                Some(Turn::Closed)
            }
            _ => None,
        }
    }

    fn open(&mut self, now: Instant) -> Turn {
        self.state = State::Open(now + PAUSE);
        Turn::Opened
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A call at a second of its own.
    fn call(breaker: &mut Breaker, start: Instant, second: u64, fate: Fate) -> (Admission, Option<Turn>) {
        let now = start + Duration::from_secs(second);
        let admission = breaker.admit(now);
        let turn = (admission != Admission::Refused).then(|| breaker.over(admission, fate, now)).flatten();
        (admission, turn)
    }

    #[test]
    fn it_opens_after_five_failures_and_one_call_finds_out() {
        use Admission::{Go, Probe, Refused};
        use Fate::{Abandoned, Answered, Failed};
        let (mut breaker, start) = (Breaker::new(), Instant::now());
        let table = [
            (0, Failed, Go, None),
            (0, Failed, Go, None),
            (0, Failed, Go, None),
            (0, Failed, Go, None),
            (0, Answered, Go, None),
            (1, Failed, Go, None),
            (1, Failed, Go, None),
            (1, Abandoned, Go, None),
            (1, Failed, Go, None),
            (1, Failed, Go, None),
            (2, Failed, Go, Some(Turn::Opened)),
            (2, Answered, Refused, None),
            (11, Answered, Refused, None),
            (12, Failed, Probe, None),
            (21, Answered, Refused, None),
            (22, Abandoned, Probe, None),
            (22, Answered, Probe, Some(Turn::Closed)),
            (22, Failed, Go, None),
        ];
        for (row, (second, fate, admission, turn)) in table.into_iter().enumerate() {
            assert_eq!(call(&mut breaker, start, second, fate), (admission, turn), "row {row}");
        }
    }

    #[test]
    fn only_one_call_finds_out() {
        let (mut breaker, start) = (Breaker::new(), Instant::now());
        let late = breaker.admit(start);
        for _ in 0..FAILURES {
            call(&mut breaker, start, 0, Fate::Failed);
        }
        let later = start + PAUSE;
        assert_eq!(breaker.over(late, Fate::Failed, later), None);
        assert_eq!(breaker.admit(later), Admission::Probe);
        assert_eq!(breaker.over(late, Fate::Failed, later), None, "an earlier call is no probe");
        assert_eq!(breaker.admit(later), Admission::Refused);
        assert_eq!(breaker.over(Admission::Probe, Fate::Answered, later), Some(Turn::Closed));
        assert_eq!(breaker.admit(later), Admission::Go);
    }
}
