//! Writers whose commits are acknowledged to them, and heard by a subscriber each.

use std::ops::Range;
use std::thread;
use std::time::{Duration, Instant};

use crate::Error;
use crate::book::{Author, Book};
use crate::client::Client;
use crate::door::Door;
use crate::hearer::{Hearer, Reply};
use crate::http;
use crate::latency::Latency;
use crate::sample::{Faults, Sample, real, warm_up};
use crate::scribe::Reader;
use crate::subject::{Meter, Subject};
use crate::verification::threads;
use crate::way::Way;

/// How long nothing may be done.
const PATIENCE: Duration = Duration::from_secs(5);
/// Commits that are signed beforehand for each of the warm-up, which takes a fifth of the time: more than will be needed.
const AHEAD: u64 = 8;
/// Commits that are signed beforehand at the most, for all writers: about 150 MB.
const MOST: u64 = 200_000;
/// How answers on a socket begin.
const DONE: &[u8] = b"COMMITTED ";
const REFUSED: &[u8] = b"REJECTED ";
const SUBSCRIBED: &[u8] = b"SUBSCRIBED ";
const WRONG: &[u8] = b"ERROR ";

/// Has every author write for `span`, after a warm-up. A unit is a commit that was acknowledged and heard; the latency is that of both. Tells
/// also which share of the commits had to be signed within the measured time.
pub(crate) fn measure(
    subject: &Subject,
    authors: &mut [Author],
    way: Way,
    span: Duration,
) -> Result<(Sample, f64), Error> {
    let mut client = subject.client()?;
    let writers = client.open(authors.len(), |_| way.door())?;
    let subscribers = client.open(authors.len(), |_| Door::socket("/ws"))?;
    let mut writing = Writing::new(subject, authors, (way, writers, subscribers));
    writing.subscribe(&mut client)?;
    subject.calm(&mut client)?;
    writing.write(&mut client, warm_up(span))?;
    writing.settle(&mut client)?;
    writing.prepare();
    writing.begin();
    let meter = Meter::start(subject);
    writing.write(&mut client, span)?;
    let spent = meter.stop();
    let units = writing.complete;
    writing.settle(&mut client)?;
    let (latency, faults, late) = (writing.latency.percentiles(), writing.faults(), writing.late_share());
    subject.leave(client)?;
    Ok((Sample { units, spent, latency, bytes: None, faults }, late))
}

struct Writing<'a> {
    books: Vec<Book<'a>>,
    way: Way,
    host: String,
    writers: Range<usize>,
    subscribers: Range<usize>,
    reader: Reader,
    /// Subscribers who listen.
    listening: usize,
    /// Whether whoever is answered goes on.
    going: bool,
    /// Acknowledged and heard since the beginning.
    complete: u64,
    sent: u64,
    /// Of those sent, the ones that were not signed beforehand.
    late: u64,
    latency: Latency,
    refusal: Option<String>,
}

impl<'a> Writing<'a> {
    fn new(
        subject: &Subject,
        authors: &'a mut [Author],
        (way, writers, subscribers): (Way, Range<usize>, Range<usize>),
    ) -> Self {
        Self {
            books: authors.iter_mut().map(Book::open).collect(),
            way,
            host: subject.host.clone(),
            writers,
            subscribers,
            reader: Reader::new(),
            listening: 0,
            going: false,
            complete: 0,
            sent: 0,
            late: 0,
            latency: Latency::new(),
            refusal: None,
        }
    }

    /// Each subscriber listens to its author's drive, and is told so.
    fn subscribe(&mut self, client: &mut Client) -> Result<(), Error> {
        for (book, socket) in self.books.iter().zip(self.subscribers.clone()) {
            let asked = format!("SUBSCRIBE [\"{}\"]", book.scribe().drive());
            client.send(socket, |reply| reply.send(asked.as_bytes()))?;
        }
        let all = self.books.len();
        self.wait(client, "subscribing", |writing| writing.listening == all)
    }

    fn begin(&mut self) {
        (self.complete, self.sent, self.late) = (0, 0, 0);
        self.latency.clear();
    }

    /// Which part of the commits since the beginning was not signed beforehand.
    fn late_share(&self) -> f64 {
        real(self.late) / real(self.sent.max(1))
    }

    /// Signs what will be needed, by what was sent since the beginning, on all cores.
    fn prepare(&mut self) {
        let each = (self.sent * AHEAD).min(MOST) / self.books.len().max(1) as u64;
        let (way, host) = (self.way, self.host.as_str());
        let share = self.books.len().div_ceil(threads()).max(1);
        thread::scope(|scope| {
            for books in self.books.chunks_mut(share) {
                let prepare = move |book: &mut Book<'_>| book.prepare(each, |json| way.wrap(json, host));
                scope.spawn(move || books.iter_mut().for_each(prepare));
            }
        });
    }

    /// Writes for `span`, each author its depth at a time.
    fn write(&mut self, client: &mut Client, span: Duration) -> Result<(), Error> {
        self.going = true;
        for writer in 0..self.books.len() {
            let now = Instant::now();
            let depth = self.way.depth();
            client.send(self.writers.start + writer, |reply| {
                (0..depth).for_each(|_| self.commit(writer, now, reply));
            })?;
        }
        let end = Instant::now() + span;
        let (mut complete, mut moved) = (self.complete, Instant::now());
        loop {
            let now = Instant::now();
            if now >= end {
                return Ok(());
            }
            client.poll(self, (end - now).min(Duration::from_millis(100)))?;
            self.check_refusal()?;
            if self.complete > complete {
                (complete, moved) = (self.complete, now);
            } else if now - moved > PATIENCE {
                let doing = "waiting for commits to be acknowledged and heard".to_owned();
                return Err(Error::Stalled { doing, waited: PATIENCE });
            }
        }
    }

    /// Writes no more, and waits for what is on its way. What has not come by then is lost, and counted as that.
    fn settle(&mut self, client: &mut Client) -> Result<(), Error> {
        self.going = false;
        match self.wait(client, "settling", |writing| writing.books.iter().all(Book::is_settled)) {
            Err(Error::Stalled { .. }) => Ok(()),
            other => other,
        }
    }

    fn wait(&mut self, client: &mut Client, doing: &str, done: impl Fn(&Self) -> bool) -> Result<(), Error> {
        let end = Instant::now() + PATIENCE;
        while !done(self) {
            if Instant::now() >= end {
                return Err(Error::Stalled { doing: doing.to_owned(), waited: PATIENCE });
            }
            client.poll(self, Duration::from_millis(100))?;
            self.check_refusal()?;
        }
        Ok(())
    }

    fn check_refusal(&mut self) -> Result<(), Error> {
        let refused = |answer| Error::Refused { asked: "a commit or its subscription".to_owned(), answer };
        self.refusal.take().map_or(Ok(()), |answer| Err(refused(answer)))
    }

    #[inline]
    fn commit(&mut self, writer: usize, now: Instant, reply: &mut Reply<'_>) {
        let (way, host) = (self.way, self.host.as_str());
        let (text, late) = self.books[writer].send(now, |json| way.wrap(json, host));
        self.sent += 1;
        self.late += u64::from(late);
        reply.send(&text);
    }

    #[inline]
    fn acknowledge(&mut self, writer: usize, named: Option<u64>, now: Instant, reply: &mut Reply<'_>) {
        let book = &mut self.books[writer];
        book.acknowledge(named);
        self.complete += book.land(now, &mut self.latency);
        if self.going {
            self.commit(writer, now, reply);
        }
    }

    /// What a subscriber hears.
    #[inline]
    fn overhear(&mut self, subscriber: usize, message: &[u8], now: Instant) {
        let Some(commit) = self.reader.read(message) else { return self.hear_other(message) };
        let book = &mut self.books[subscriber];
        book.hear(commit);
        self.complete += book.land(now, &mut self.latency);
    }

    /// What a writer is answered.
    #[inline]
    fn answer(&mut self, writer: usize, message: &[u8], now: Instant, reply: &mut Reply<'_>) {
        match self.way {
            Way::Http if http::is_success(message) => {
                let named = self.reader.read(message).map(|(_, number)| number);
                self.acknowledge(writer, named, now, reply);
            }
            Way::Http => self.refusal = Some(http::summary(message)),
            Way::Sockets(_) if message.starts_with(DONE) => self.acknowledge(writer, None, now, reply),
            Way::Sockets(_) => self.hear_other(message),
        }
    }

    #[cold]
    fn hear_other(&mut self, message: &[u8]) {
        let is_listening = memchr::memmem::find(message, b":true").is_some();
        if message.starts_with(SUBSCRIBED) && is_listening {
            self.listening += 1;
        } else if [SUBSCRIBED, REFUSED, WRONG].iter().any(|verb| message.starts_with(verb)) {
            self.refusal = Some(String::from_utf8_lossy(message).chars().take(300).collect());
        }
    }

    /// Those of all books.
    fn faults(&self) -> Faults {
        self.books.iter().fold(Faults::default(), |sum, book| sum.plus(book.faults()))
    }
}

impl Hearer for Writing<'_> {
    #[inline]
    fn hear(&mut self, socket: usize, message: &[u8], now: Instant, reply: &mut Reply<'_>) {
        if self.subscribers.contains(&socket) {
            self.overhear(socket - self.subscribers.start, message, now);
        } else if self.writers.contains(&socket) {
            self.answer(socket - self.writers.start, message, now, reply);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::door::Wire;
    use crate::frame::Keys;
    use crate::scribe::Scribe;
    use std::net::{Ipv4Addr, SocketAddr};

    fn subject() -> Subject {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 9));
        Subject { name: "server", address, host: "h:1".to_owned(), pid: None }
    }

    fn authors() -> [Author; 2] {
        [0, 1].map(|writer| Author::new(Scribe::new("http://a.example", "x", writer).unwrap()))
    }

    /// Two authors on sockets 0 and 1, their subscribers on 2 and 3; each has sent two commits.
    fn under_way(authors: &mut [Author], way: Way) -> Writing<'_> {
        let mut writing = Writing::new(&subject(), authors, (way, 0..2, 2..4));
        for writer in [0, 0, 1, 1] {
            let (mut out, mut keys) = (Vec::new(), Keys::new());
            writing.commit(writer, Instant::now(), &mut Reply::new(&mut out, &mut keys, Wire::Http));
            assert!(out.starts_with(if way == Way::Http { b"POST /commit " } else { b"COMMIT {" }));
        }
        writing
    }

    /// Tells what is said in answer to a message.
    fn hear(writing: &mut Writing<'_>, socket: usize, message: &str) -> Vec<u8> {
        let (mut out, mut keys) = (Vec::new(), Keys::new());
        let mut reply = Reply::new(&mut out, &mut keys, Wire::Http);
        writing.hear(socket, message.as_bytes(), Instant::now(), &mut reply);
        out
    }

    fn pushed(writer: usize, number: u64) -> String {
        format!("COMMIT {{\"x\":\"bench {writer:04} {number:010} …\"}}")
    }

    #[test]
    fn whoever_is_answered_goes_on() {
        let mut authors = authors();
        let mut writing = under_way(&mut authors, Way::Sockets(2));
        assert!(hear(&mut writing, 0, "COMMITTED {}").is_empty(), "not while it settles");
        assert!(hear(&mut writing, 2, &pushed(0, 0)).is_empty());
        assert_eq!(writing.complete, 1);
        writing.going = true;
        let next = hear(&mut writing, 0, "COMMITTED {}");
        assert_eq!(Reader::new().read(&next), Some((0, 2)));
        hear(&mut writing, 3, &pushed(1, 0));
        assert_eq!((writing.complete, writing.faults()), (1, Faults { lost: 4, ..Faults::default() }));
    }

    #[test]
    fn an_http_answer_names_its_commit() {
        let mut authors = authors();
        let mut writing = under_way(&mut authors, Way::Http);
        hear(&mut writing, 0, &format!("HTTP/1.1 200 OK\r\n\r\n{}", pushed(0, 1)));
        assert_eq!(writing.faults().out_of_order, 1);
        hear(&mut writing, 0, &format!("HTTP/1.1 200 OK\r\n\r\n{}", pushed(0, 0)));
        hear(&mut writing, 2, &pushed(0, 0));
        assert_eq!((writing.complete, writing.refusal.take()), (1, None));
        hear(&mut writing, 0, "HTTP/1.1 401 Unauthorized\r\n\r\nno");
        assert_eq!(writing.refusal.as_deref(), Some("HTTP/1.1 401 Unauthorized no"));
    }

    #[test]
    fn refusals_and_subscriptions_are_told_apart() {
        let mut authors = authors();
        let mut writing = under_way(&mut authors, Way::Sockets(1));
        hear(&mut writing, 2, r#"SUBSCRIBED {"http://a.example/benchxw0":true}"#);
        assert_eq!((writing.listening, writing.refusal.take()), (1, None));
        for (socket, message) in [
            (3, r#"SUBSCRIBED {"http://a.example/benchxw1":false}"#),
            (3, "ERROR Unknown message: SUBSCRIBE"),
            (1, r#"REJECTED {"status":401}"#),
        ] {
            hear(&mut writing, socket, message);
            assert_eq!(writing.refusal.take().as_deref(), Some(message));
        }
    }

    #[test]
    fn the_warm_up_tells_how_much_to_sign() {
        let mut authors = authors();
        let mut writing = under_way(&mut authors, Way::Sockets(1));
        assert!((writing.late_share() - 1.0).abs() < 1e-9);
        writing.prepare();
        writing.begin();
        let (mut out, mut keys) = (Vec::new(), Keys::new());
        for _ in 0..4 * AHEAD / 2 {
            writing.commit(0, Instant::now(), &mut Reply::new(&mut out, &mut keys, Wire::Http));
        }
        assert!(writing.late_share() < 1e-9);
        writing.commit(0, Instant::now(), &mut Reply::new(&mut out, &mut keys, Wire::Http));
        assert!(writing.late_share() > 0.0);
    }
}
