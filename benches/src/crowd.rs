//! A publisher with its subscribers, all of whose deliveries are checked.

use std::io::Write as _;
use std::ops::Range;
use std::time::{Duration, Instant};

use memchr::memmem::Finder;

use crate::Error;
use crate::client::Client;
use crate::door::Door;
use crate::exchange::number_after;
use crate::hearer::{Hearer, Reply};
use crate::latency::Latency;
use crate::sample::{Faults, Sample, warm_up};
use crate::subject::{Meter, Subject};
use crate::track::{Seen, Track};

/// Bytes of what is published.
const SIZE: usize = 200;
/// How long nothing may be delivered, and how long stragglers are waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// What stands before a publication's number.
const MARKER: &str = r#"{"n":""#;

/// Where publisher and subscribers meet: the doors, and what is put around the published object.
#[derive(Debug, Clone)]
pub(crate) struct Stall {
    pub(crate) subscriber: Door,
    pub(crate) publisher: Door,
    pub(crate) before: String,
    pub(crate) after: String,
}

impl Stall {
    /// The floor's: with the letter `P` each publication is cast at once, with `M` those read together are joined.
    pub(crate) fn floor(letter: char) -> Self {
        Self {
            subscriber: Door::socket("/").say("S").expect("OK"),
            publisher: Door::socket("/"),
            before: letter.to_string(),
            after: String::new(),
        }
    }
}

/// When the next publication is due.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pace {
    /// So many in one write, once everybody has all earlier ones.
    Burst(usize),
    /// One each time this has passed, whatever became of the earlier ones.
    Every(Duration),
}

/// Subscribers and their publisher, connected.
pub(crate) struct Crowd<'a> {
    subject: &'a Subject,
    client: Client,
    publisher: usize,
    fan: Fan,
}

impl<'a> Crowd<'a> {
    /// Connects everybody and waits until the server is at rest.
    pub(crate) fn gather(subject: &'a Subject, stall: &Stall, subscribers: u32) -> Result<Self, Error> {
        let mut client = subject.client()?;
        let sockets = client.open(subscribers as usize, |_| stall.subscriber.clone())?;
        let publisher = client.open(1, |_| stall.publisher.clone())?.start;
        subject.calm(&mut client)?;
        Ok(Self { subject, client, publisher, fan: Fan::new(sockets, stall) })
    }

    /// Publishes at `pace` for `span`, after a warm-up, and waits for stragglers.
    pub(crate) fn measure(&mut self, pace: Pace, span: Duration) -> Result<Sample, Error> {
        self.drive(pace, warm_up(span))?;
        self.fan.begin();
        let meter = Meter::start(self.subject);
        self.drive(pace, span)?;
        let spent = meter.stop();
        let units = self.fan.delivered;
        let end = Instant::now() + PATIENCE;
        while !self.fan.all_complete() && Instant::now() < end {
            self.client.poll(&mut self.fan, Duration::from_millis(100))?;
        }
        let latency = self.fan.latency.percentiles();
        Ok(Sample { units, spent, latency, bytes: None, faults: self.fan.take_faults() })
    }

    /// Disconnects everybody.
    pub(crate) fn part(self) -> Result<(), Error> {
        self.subject.leave(self.client)
    }

    fn drive(&mut self, pace: Pace, span: Duration) -> Result<(), Error> {
        let start = Instant::now();
        let (mut due, mut moved, mut delivered) = (start, start, self.fan.delivered);
        loop {
            let now = Instant::now();
            let Some(left) = span.checked_sub(now - start).filter(|left| !left.is_zero()) else { return Ok(()) };
            let wait = self.publish(pace, now, &mut due)?.min(left);
            // Waiting is done in whole milliseconds; the rest is spent asking, or publications would be late.
            self.client.poll(&mut self.fan, Duration::from_millis(u64::from(wait.subsec_millis())))?;
            if self.fan.delivered != delivered || self.fan.all_complete() {
                (moved, delivered) = (now, self.fan.delivered);
            } else if now - moved > PATIENCE {
                let doing = format!("waiting for deliveries of publication {}", self.fan.published.len());
                return Err(Error::Stalled { doing, waited: PATIENCE });
            }
        }
    }

    /// Publishes whatever is due, and says how long there is nothing more to do.
    fn publish(&mut self, pace: Pace, now: Instant, due: &mut Instant) -> Result<Duration, Error> {
        let Self { client, publisher, fan, .. } = self;
        match pace {
            Pace::Burst(size) => {
                if fan.all_complete() {
                    client.send(*publisher, |reply| (0..size).for_each(|_| fan.publish(now, reply)))?;
                }
                Ok(Duration::from_millis(100))
            }
            Pace::Every(period) => {
                while *due <= now {
                    client.send(*publisher, |reply| fan.publish(*due, reply))?;
                    *due += period;
                }
                Ok((*due - now).min(Duration::from_millis(100)))
            }
        }
    }
}

/// One publication on its way.
#[derive(Debug, Clone, Copy)]
struct Publication {
    /// When it was sent or, at a fixed pace, when it was due.
    at: Instant,
    /// Subscribers who do not have it yet.
    left: usize,
}

/// The books of all publications and deliveries.
struct Fan {
    subscribers: Range<usize>,
    before: String,
    after: String,
    marker: Finder<'static>,
    text: Vec<u8>,
    published: Vec<Publication>,
    complete: usize,
    tracks: Vec<Track>,
    /// The first publication whose latency counts.
    measured: usize,
    latency: Latency,
    /// Deliveries since [`Fan::begin`], each counted once.
    delivered: u64,
    faults: Faults,
    lost_before: u64,
}

impl Fan {
    fn new(subscribers: Range<usize>, stall: &Stall) -> Self {
        Self {
            tracks: vec![Track::default(); subscribers.len()],
            subscribers,
            before: stall.before.clone(),
            after: stall.after.clone(),
            marker: Finder::new(MARKER),
            text: Vec::new(),
            published: Vec::with_capacity(1 << 16),
            complete: 0,
            measured: 0,
            latency: Latency::new(),
            delivered: 0,
            faults: Faults::default(),
            lost_before: 0,
        }
    }

    fn begin(&mut self) {
        self.measured = self.published.len();
        self.latency.clear();
        self.delivered = 0;
    }

    fn all_complete(&self) -> bool {
        self.complete == self.published.len()
    }

    fn publish(&mut self, at: Instant, reply: &mut Reply<'_>) {
        self.compose(self.published.len());
        self.published.push(Publication { at, left: self.subscribers.len() });
        reply.send(&self.text);
    }

    /// Puts an object of [`SIZE`] bytes between what stands before and after it.
    fn compose(&mut self, number: usize) {
        const PAD: usize = SIZE - MARKER.len() - 10 - 11;
        let Self { text, before, after, .. } = self;
        text.clear();
        write!(text, r#"{before}{MARKER}{number:010}","pad":"{:x<PAD$}"}}{after}"#, "")
            .expect("writing to memory cannot fail");
    }

    #[inline]
    fn deliver(&mut self, subscriber: usize, number: u64, now: Instant) {
        let index = usize::try_from(number).unwrap_or(usize::MAX);
        let Some(publication) = self.published.get_mut(index) else {
            self.faults.duplicated += 1;
            return;
        };
        match self.tracks[subscriber].see(number) {
            Seen::New => {}
            Seen::Late => self.faults.out_of_order += 1,
            Seen::Again => {
                self.faults.duplicated += 1;
                return;
            }
        }
        self.delivered += 1;
        publication.left -= 1;
        self.complete += usize::from(publication.left == 0);
        if index >= self.measured {
            self.latency.record(now.saturating_duration_since(publication.at));
        }
    }

    /// The faults since the last time.
    fn take_faults(&mut self) -> Faults {
        let published = self.published.len() as u64;
        let lost: u64 = self.tracks.iter().map(|track| track.lost(published)).sum();
        let faults = Faults { lost: lost.saturating_sub(self.lost_before), ..self.faults };
        self.lost_before = lost;
        self.faults = Faults::default();
        faults
    }
}

impl Hearer for Fan {
    #[inline]
    fn hear(&mut self, socket: usize, message: &[u8], now: Instant, _: &mut Reply<'_>) {
        if !self.subscribers.contains(&socket) {
            return;
        }
        // Whatever has no number (presence, say) is not a delivery.
        let found = self.marker.find(message);
        if let Some(number) = found.and_then(|at| number_after(&message[at..], MARKER.as_bytes())) {
            self.deliver(socket - self.subscribers.start, number, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fan(subscribers: usize, published: usize) -> Fan {
        let mut fan = Fan::new(0..subscribers, &Stall::floor('P'));
        let publication = Publication { at: Instant::now(), left: subscribers };
        fan.published.resize(published, publication);
        fan
    }

    #[test]
    fn the_published_object_has_its_size_and_number() {
        let mut fan = fan(1, 0);
        fan.compose(42);
        assert_eq!(fan.text.len(), 1 + SIZE);
        let value: serde_json::Value = serde_json::from_slice(&fan.text[1..]).unwrap();
        assert_eq!(value["n"], "0000000042");
    }

    #[test]
    fn clean_deliveries_complete_without_faults() {
        let mut fan = fan(2, 2);
        for number in 0..2 {
            assert!(!fan.all_complete());
            fan.deliver(0, number, Instant::now());
            fan.deliver(1, number, Instant::now());
        }
        assert!(fan.all_complete());
        assert_eq!((fan.delivered, fan.take_faults()), (4, Faults::default()));
    }

    #[test]
    fn every_fault_is_counted_once() {
        let mut fan = fan(1, 4);
        for number in [1, 0, 0, 3, 77] {
            fan.deliver(0, number, Instant::now());
        }
        assert_eq!(fan.take_faults(), Faults { lost: 1, duplicated: 2, out_of_order: 1 });
        assert_eq!(fan.take_faults(), Faults::default());
        assert_eq!(fan.delivered, 3);
    }
}
