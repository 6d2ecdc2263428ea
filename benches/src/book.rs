//! The books of one writer: which of its commits were sent, acknowledged and heard.

use std::collections::VecDeque;
use std::time::Instant;

use crate::latency::Latency;
use crate::sample::Faults;
use crate::scribe::Scribe;
use crate::track::{Seen, Track};

/// A scribe, and how far it is.
#[derive(Debug)]
pub(crate) struct Author {
    pub(crate) scribe: Scribe,
    /// The number of its next commit.
    next: u64,
}

impl Author {
    /// Has written nothing yet.
    pub(crate) fn new(scribe: Scribe) -> Self {
        Self { scribe, next: 0 }
    }
}

/// A commit on its way.
#[derive(Debug)]
struct Flight {
    number: u64,
    at: Instant,
    acknowledged: bool,
    heard: bool,
}

/// One author's books.
#[derive(Debug)]
pub(crate) struct Book<'a> {
    author: &'a mut Author,
    /// Signed beforehand, in order: the first of them is the author's next.
    ready: VecDeque<Vec<u8>>,
    /// Sent in order, and not yet both acknowledged and heard.
    flights: VecDeque<Flight>,
    /// The number of its first commit here, from which its subscriber counts.
    first: u64,
    heard: Track,
    faults: Faults,
}

impl<'a> Book<'a> {
    /// Nothing is on its way.
    pub(crate) fn open(author: &'a mut Author) -> Self {
        let first = author.next;
        let (ready, flights) = (VecDeque::new(), VecDeque::new());
        Self { author, ready, flights, first, heard: Track::default(), faults: Faults::default() }
    }

    /// Whose it is.
    pub(crate) fn scribe(&self) -> &Scribe {
        &self.author.scribe
    }

    /// Whether all that was sent is acknowledged and heard.
    pub(crate) fn is_settled(&self) -> bool {
        self.flights.is_empty()
    }

    /// Signs the next `count` commits, each wrapped for the wire.
    pub(crate) fn prepare(&mut self, count: u64, wrap: impl Fn(&str) -> Vec<u8>) {
        let Author { scribe, next } = &*self.author;
        self.ready = (*next..*next + count).map(|number| wrap(&scribe.commit(number))).collect();
    }

    /// The next commit, which is sent at `now`, and whether it had to be signed first.
    #[inline]
    pub(crate) fn send(&mut self, now: Instant, wrap: impl Fn(&str) -> Vec<u8>) -> (Vec<u8>, bool) {
        let number = self.author.next;
        self.author.next += 1;
        self.flights.push_back(Flight { number, at: now, acknowledged: false, heard: false });
        match self.ready.pop_front() {
            Some(signed) => (signed, false),
            None => (wrap(&self.author.scribe.commit(number)), true),
        }
    }

    /// The oldest commit that was not acknowledged is now; where the answer names one, it must be that.
    #[inline]
    pub(crate) fn acknowledge(&mut self, named: Option<u64>) {
        let oldest = self.flights.partition_point(|flight| flight.acknowledged);
        match self.flights.get_mut(oldest) {
            Some(flight) if named.is_none_or(|number| number == flight.number) => flight.acknowledged = true,
            Some(_) => self.faults.out_of_order += 1,
            None => self.faults.duplicated += 1,
        }
    }

    /// The subscriber heard a commit.
    #[inline]
    pub(crate) fn hear(&mut self, (writer, number): (u64, u64)) {
        let own = writer == self.author.scribe.number() && number < self.author.next;
        let Some(since) = number.checked_sub(self.first).filter(|_| own) else {
            self.faults.duplicated += 1;
            return;
        };
        match self.heard.see(since) {
            Seen::New => {}
            Seen::Late => self.faults.out_of_order += 1,
            Seen::Again => {
                self.faults.duplicated += 1;
                return;
            }
        }
        if let Some(flight) = self.flight(number) {
            flight.heard = true;
        }
    }

    /// The commit of this number, while it is on its way.
    fn flight(&mut self, number: u64) -> Option<&mut Flight> {
        let first = self.flights.front()?.number;
        self.flights.get_mut(usize::try_from(number.checked_sub(first)?).ok()?)
    }

    /// Takes off the books what is acknowledged and heard by `now`, noting how long both took; tells how many.
    #[inline]
    pub(crate) fn land(&mut self, now: Instant, latency: &mut Latency) -> u64 {
        let mut landed = 0;
        while self.flights.front().is_some_and(|flight| flight.acknowledged && flight.heard) {
            if let Some(flight) = self.flights.pop_front() {
                latency.record(now.saturating_duration_since(flight.at));
                landed += 1;
            }
        }
        landed
    }

    /// All faults; what is still on its way is lost.
    pub(crate) fn faults(&self) -> Faults {
        Faults { lost: self.flights.len() as u64, ..self.faults }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn author() -> Author {
        Author::new(Scribe::new("http://a.example", "x", 7).unwrap())
    }

    fn wrap(json: &str) -> Vec<u8> {
        json.as_bytes().to_vec()
    }

    fn sent(author: &mut Author, count: usize) -> Book<'_> {
        let mut book = Book::open(author);
        (0..count).for_each(|_| drop(book.send(Instant::now(), wrap)));
        book
    }

    #[test]
    fn a_commit_lands_when_it_is_acknowledged_and_heard() {
        let (mut author, mut latency) = (author(), Latency::new());
        let mut book = sent(&mut author, 3);
        book.acknowledge(None);
        assert_eq!(book.land(Instant::now(), &mut latency), 0);
        book.hear((7, 0));
        book.hear((7, 1));
        assert_eq!(book.land(Instant::now(), &mut latency), 1);
        book.acknowledge(Some(1));
        assert_eq!((book.land(Instant::now(), &mut latency), book.is_settled()), (1, false));
        assert_eq!(book.faults(), Faults { lost: 1, ..Faults::default() });
        assert!(latency.percentiles().is_some());
        // The next books of the same author go on where these ended.
        let mut again = sent(&mut author, 1);
        again.hear((7, 3));
        again.acknowledge(Some(3));
        assert_eq!((again.land(Instant::now(), &mut latency), again.faults()), (1, Faults::default()));
    }

    #[test]
    fn what_comes_wrongly_is_a_fault() {
        let mut author = author();
        let mut book = sent(&mut author, 2);
        book.hear((7, 1));
        book.hear((7, 0));
        assert_eq!(book.faults, Faults { out_of_order: 1, ..Faults::default() });
        for (commit, why) in [((7, 0), "twice"), ((8, 1), "another's"), ((7, 2), "never sent")] {
            let before = book.faults.duplicated;
            book.hear(commit);
            assert_eq!(book.faults.duplicated, before + 1, "{why}");
        }
        book.acknowledge(Some(1));
        assert_eq!(book.faults.out_of_order, 2);
        (0..3).for_each(|_| book.acknowledge(None));
        assert_eq!(book.faults.duplicated, 4, "one more than was sent");
    }

    #[test]
    fn what_is_signed_beforehand_is_sent_first() {
        let mut author = author();
        let mut book = sent(&mut author, 2);
        book.prepare(3, wrap);
        let late: Vec<_> = (0..4).map(|_| book.send(Instant::now(), wrap).1).collect();
        assert_eq!(late, [false, false, false, true]);
        assert_eq!(book.flights.iter().map(|flight| flight.number).collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5]);
        book.prepare(1, wrap);
        let (text, _) = book.send(Instant::now(), wrap);
        assert_eq!(crate::scribe::Reader::new().read(&text), Some((7, 6)));
    }
}
