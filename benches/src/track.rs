//! One listener's record of a numbered stream: every number must come once, in order.

/// What a number turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    /// First time, and higher than everything before it.
    New,
    /// First time, but a higher number came before it.
    Late,
    /// Not the first time.
    Again,
}

/// What one listener has heard so far.
#[derive(Debug, Default, Clone)]
pub(crate) struct Track {
    next: u64,
    missing: Vec<u64>,
}

impl Track {
    /// Records that `number` was heard. The caller has checked that it was ever published, which
    /// bounds the list of missing ones.
    #[inline]
    pub(crate) fn see(&mut self, number: u64) -> Seen {
        if number == self.next {
            self.next += 1;
            return Seen::New;
        }
        self.see_gap(number)
    }

    #[cold]
    fn see_gap(&mut self, number: u64) -> Seen {
        if number > self.next {
            self.missing.extend(self.next..number);
            self.next = number + 1;
            return Seen::New;
        }
        match self.missing.iter().position(|gap| *gap == number) {
            Some(at) => {
                self.missing.swap_remove(at);
                Seen::Late
            }
            None => Seen::Again,
        }
    }

    /// How many of the first `published` numbers never came.
    pub(crate) fn lost(&self, published: u64) -> u64 {
        published - self.next + self.missing.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_judged_number_by_number() {
        let table = [
            (0, Seen::New, 9),
            (0, Seen::Again, 9),
            (2, Seen::New, 8),
            (2, Seen::Again, 8),
            (1, Seen::Late, 7),
            (1, Seen::Again, 7),
            (6, Seen::New, 6),
            (4, Seen::Late, 5),
            (7, Seen::New, 4),
            (3, Seen::Late, 3),
            (5, Seen::Late, 2),
        ];
        let mut track = Track::default();
        for (number, seen, lost) in table {
            assert_eq!(track.see(number), seen, "{number}");
            assert_eq!(track.lost(10), lost, "after {number}");
        }
    }

    #[test]
    fn nothing_heard_is_everything_lost() {
        assert_eq!(Track::default().lost(3), 3);
    }
}
