//! Questions and answers: every asker keeps a fixed number of questions open.

use std::collections::VecDeque;
use std::ops::Range;
use std::time::{Duration, Instant};

use crate::Error;
use crate::client::Client;
use crate::hearer::{Hearer, Reply};
use crate::latency::Latency;
use crate::sample::{Faults, Sample, warm_up};
use crate::subject::{Meter, Subject};

/// How long nothing may be answered.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is asked, and how an answer is known.
pub(crate) trait Talk {
    /// Appends an asker's question; each asker counts its own from 0.
    fn ask(&mut self, asker: usize, number: u64, text: &mut Vec<u8>);
    /// Judges a message to `asker`, whose oldest unanswered question is `expected`.
    fn judge(&self, asker: usize, expected: u64, message: &[u8]) -> Verdict;
    /// Whether answers come in the order of their questions, so that others are a fault.
    fn keeps_order(&self) -> bool {
        true
    }
}

/// What a message is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The answer to this asker's question of that number.
    Answer(u64),
    /// Something else.
    Noise,
    /// The question was refused, with the server's words.
    Refusal(String),
}

/// The number right after `marker`, at the start of `text`.
#[inline]
pub(crate) fn number_after(text: &[u8], marker: &[u8]) -> Option<u64> {
    let digits = text.strip_prefix(marker)?;
    let length = digits.iter().take_while(|byte| byte.is_ascii_digit()).take(19).count();
    let digits = &digits[..length];
    (length > 0).then(|| digits.iter().fold(0, |number, digit| number * 10 + u64::from(digit - b'0')))
}

/// Who asks.
#[derive(Debug, Clone)]
pub(crate) struct Askers {
    /// Their connections.
    pub(crate) sockets: Range<usize>,
    /// Questions each keeps open.
    pub(crate) depth: usize,
}

/// Lets the askers talk for `span`, after a warm-up, and measures.
pub(crate) fn measure(
    (subject, client): (&Subject, &mut Client),
    askers: Askers,
    talk: impl Talk,
    span: Duration,
) -> Result<Sample, Error> {
    let mut exchange = Exchange::new(talk, askers);
    exchange.begin(client)?;
    exchange.listen(client, warm_up(span))?;
    exchange.latency.clear();
    let answered = exchange.answered;
    let meter = Meter::start(subject);
    exchange.listen(client, span)?;
    let spent = meter.stop();
    let units = exchange.answered - answered;
    let latency = exchange.latency.percentiles();
    exchange.finish(client)?;
    Ok(Sample { units, spent, latency, bytes: None, faults: exchange.faults })
}

/// One asker's open questions.
#[derive(Debug, Default, Clone)]
struct Asker {
    asked: u64,
    /// Their numbers and times, oldest first.
    open: VecDeque<(u64, Instant)>,
}

impl Asker {
    fn oldest(&self) -> u64 {
        self.open.front().map_or(self.asked, |(number, _)| *number)
    }
}

struct Exchange<T> {
    talk: T,
    sockets: Range<usize>,
    depth: usize,
    askers: Vec<Asker>,
    /// The question being written, kept so that none allocates.
    text: Vec<u8>,
    asking: bool,
    latency: Latency,
    answered: u64,
    open: usize,
    faults: Faults,
    refusal: Option<String>,
}

impl<T: Talk> Exchange<T> {
    fn new(talk: T, Askers { sockets, depth }: Askers) -> Self {
        Self {
            talk,
            askers: vec![Asker::default(); sockets.len()],
            sockets,
            depth,
            text: Vec::new(),
            asking: true,
            latency: Latency::new(),
            answered: 0,
            open: 0,
            faults: Faults::default(),
            refusal: None,
        }
    }

    fn begin(&mut self, client: &mut Client) -> Result<(), Error> {
        for asker in 0..self.askers.len() {
            let now = Instant::now();
            client.send(self.sockets.start + asker, |reply| {
                (0..self.depth).for_each(|_| self.ask(asker, now, reply));
            })?;
        }
        Ok(())
    }

    #[inline]
    fn ask(&mut self, asker: usize, now: Instant, reply: &mut Reply<'_>) {
        self.text.clear();
        self.talk.ask(asker, self.askers[asker].asked, &mut self.text);
        let Asker { asked, open } = &mut self.askers[asker];
        open.push_back((*asked, now));
        *asked += 1;
        self.open += 1;
        reply.send(&self.text);
    }

    fn listen(&mut self, client: &mut Client, span: Duration) -> Result<(), Error> {
        let end = Instant::now() + span;
        let (mut answered, mut moved) = (self.answered, Instant::now());
        loop {
            let now = Instant::now();
            if now >= end {
                return Ok(());
            }
            client.poll(self, (end - now).min(Duration::from_millis(100)))?;
            self.check_refusal()?;
            if self.answered > answered {
                (answered, moved) = (self.answered, now);
            } else if now - moved > PATIENCE {
                return Err(Error::Stalled { doing: "waiting for answers".to_owned(), waited: PATIENCE });
            }
        }
    }

    fn check_refusal(&mut self) -> Result<(), Error> {
        let asked = || String::from_utf8_lossy(&self.text).lines().next().unwrap_or_default().to_owned();
        self.refusal.take().map_or(Ok(()), |answer| Err(Error::Refused { asked: asked(), answer }))
    }

    /// Asks no more and waits for the answers that are still due.
    fn finish(&mut self, client: &mut Client) -> Result<(), Error> {
        self.asking = false;
        let end = Instant::now() + PATIENCE;
        while self.open > 0 && Instant::now() < end {
            client.poll(self, Duration::from_millis(100))?;
            self.check_refusal()?;
        }
        self.faults.lost += self.open as u64;
        Ok(())
    }

    #[inline]
    fn answer(&mut self, asker: usize, number: u64, now: Instant, reply: &mut Reply<'_>) {
        let open = &mut self.askers[asker].open;
        let Some(place) = open.iter().position(|(open, _)| *open == number) else {
            self.faults.duplicated += 1;
            return;
        };
        self.faults.out_of_order += u64::from(place > 0 && self.talk.keeps_order());
        if let Some((_, start)) = open.remove(place) {
            self.latency.record(now - start);
        }
        self.answered += 1;
        self.open -= 1;
        if self.asking {
            self.ask(asker, now, reply);
        }
    }
}

impl<T: Talk> Hearer for Exchange<T> {
    #[inline]
    fn hear(&mut self, socket: usize, message: &[u8], now: Instant, reply: &mut Reply<'_>) {
        if !self.sockets.contains(&socket) {
            return;
        }
        let asker = socket - self.sockets.start;
        match self.talk.judge(asker, self.askers[asker].oldest(), message) {
            Verdict::Answer(number) => self.answer(asker, number, now, reply),
            Verdict::Noise => {}
            Verdict::Refusal(answer) => self.refusal = Some(answer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::door::Wire;
    use crate::frame::Keys;

    /// Says a number, and is answered with it.
    struct Numbers {
        keeps_order: bool,
    }

    impl Talk for Numbers {
        fn ask(&mut self, _: usize, number: u64, text: &mut Vec<u8>) {
            text.extend_from_slice(number.to_string().as_bytes());
        }

        fn judge(&self, _: usize, _: u64, message: &[u8]) -> Verdict {
            number_after(message, b"").map_or(Verdict::Noise, Verdict::Answer)
        }

        fn keeps_order(&self) -> bool {
            self.keeps_order
        }
    }

    #[test]
    fn every_answer_belongs_to_a_question_and_overtakes_only_where_it_may() {
        for (keeps_order, out_of_order) in [(true, 1), (false, 0)] {
            let mut exchange = Exchange::new(Numbers { keeps_order }, Askers { sockets: 0..1, depth: 3 });
            exchange.asking = false;
            let (mut out, mut keys) = (Vec::new(), Keys::new());
            let mut reply = Reply::new(&mut out, &mut keys, Wire::Http);
            (0..3).for_each(|_| exchange.ask(0, Instant::now(), &mut reply));
            for message in [&b"1"[..], b"0", b"1", b"7", b"2"] {
                exchange.hear(0, message, Instant::now(), &mut reply);
            }
            assert_eq!(exchange.faults, Faults { lost: 0, duplicated: 2, out_of_order });
            assert_eq!((exchange.open, exchange.answered), (0, 3));
        }
    }

    #[test]
    fn numbers_are_read_after_their_marker() {
        let table: [(&[u8], &[u8], Option<u64>); 6] = [
            (b"n0012,", b"n", Some(12)),
            (b"7", b"", Some(7)),
            (b"n", b"n", None),
            (b"xn1", b"n", None),
            (b"", b"", None),
            (b"99999999999999999999", b"", Some(9_999_999_999_999_999_999)),
        ];
        for (text, marker, want) in table {
            assert_eq!(number_after(text, marker), want, "{text:?}");
        }
    }
}
