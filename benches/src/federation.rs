//! Entities of another server: verified, and on disk before they are acknowledged.

use std::collections::VecDeque;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use memchr::memmem;
use serde_json::Value;

use crate::frame::{Head, Keys, TEXT, put_client};
use crate::handshake::{self, head_end};
use crate::http::{answer_length, is_success, summary};
use crate::latency::Latency;
use crate::neighbour::{Letter, Neighbour};
use crate::report::{Figure, Row};
use crate::sample::{Faults, Sample};
use crate::scribe::Scribe;
use crate::series::Series;
use crate::subject::{Meter, Subject};
use crate::verification::{self, threads};
use crate::{Error, Options, Scenario};

/// Where other servers connect.
const PATH: &str = "/.versia/ws";
/// The framing that is spoken there.
const OFFER: &str = "Sec-WebSocket-Protocol: pub.versia.websockets.v1\r\n";
/// Posters that do not wait for each other, as many servers at once would post.
const POSTERS: usize = 24;
/// More entities are not signed in advance: who is faster than that has waited for nothing.
const MOST: usize = 60_000;
/// Entities per second that a poster is prepared for.
const POSTED: usize = 1_000;
/// How long the server may be silent.
const PATIENCE: Duration = Duration::from_secs(10);

/// Measures one socket, posts in order as one server sends them, and posts at once, beside what verifying alone takes.
pub(crate) fn run(options: &Options, server: &Subject) -> Result<Vec<Row>, Error> {
    let new = |case: String, server| Series::new(Scenario::Federation, case, server, "entity");
    let mut socket = new("one socket".to_owned(), server.name);
    let mut ordered = new("POST /inbox, in order".to_owned(), server.name);
    let mut posted = new(format!("POST /inbox, {POSTERS} at once"), server.name);
    let mut bare = new(format!("{} threads", threads()), "key floor");
    let keys = (0..POSTERS).map(|writer| Scribe::new("http://localhost", "", writer)).collect::<Result<Vec<_>, _>>()?;
    let neighbour = Neighbour::new()?;
    let mut stock = Stock { neighbour, next: 0 };
    for round in 1..=options.rounds {
        options.tell(&format!("federation: round {round} of {}", options.rounds));
        socket.push(over_socket(server, &mut stock, options.duration)?);
        ordered.push(over_http(server, &mut stock, 1, options.duration)?);
        posted.push(over_http(server, &mut stock, POSTERS, options.duration)?);
        bare.push(verification::measure(&keys, options.duration));
    }
    let beside = [
        (Figure::Rate, &bare),
        (Figure::Cpu, &bare),
        (Figure::Rate, &ordered),
        (Figure::Cpu, &ordered),
        (Figure::Cpu, &posted),
    ];
    Ok(vec![socket.row(&beside), ordered.row(&beside[..2]), posted.row(&beside[..2]), bare.row(&[])])
}

/// Notes that were never sent.
struct Stock {
    neighbour: Arc<Neighbour>,
    next: u64,
}

impl Stock {
    /// Signs so many, on every core: what is measured later must not be the signing.
    fn take(&mut self, count: usize) -> Vec<Letter> {
        let first = self.next;
        self.next += count as u64;
        let numbers: Vec<u64> = (first..self.next).collect();
        let neighbour = &*self.neighbour;
        thread::scope(|scope| {
            let parts: Vec<_> = numbers
                .chunks(count.div_ceil(threads()).max(1))
                .map(|part| scope.spawn(|| part.iter().map(|number| neighbour.note(*number)).collect::<Vec<_>>()))
                .collect();
            parts.into_iter().flat_map(|part| part.join().expect("a signing thread does not panic")).collect()
        })
    }
}

/// A socket after its handshake, with the bytes that were read and not used yet.
struct Socket {
    stream: TcpStream,
    read: Vec<u8>,
    keys: Keys,
    /// How many messages may be without receipt.
    window: usize,
}

/// What is wrong with the other side.
fn refused(asked: &str, answer: impl Into<String>) -> Error {
    Error::Refused { asked: asked.to_owned(), answer: answer.into().chars().take(300).collect() }
}

impl Socket {
    /// Connects, and says hello (versia.md, section 2.4).
    fn open(server: &Subject, neighbour: &Neighbour) -> Result<Self, Error> {
        let failed = Error::system("connect to the server");
        let connect = || -> std::io::Result<TcpStream> {
            let mut stream = TcpStream::connect(server.address)?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            stream.write_all(handshake::request(&server.host, PATH, OFFER).as_bytes())?;
            Ok(stream)
        };
        let mut socket = Self { stream: connect().map_err(failed)?, read: Vec::new(), keys: Keys::new(), window: 0 };
        let end = loop {
            match head_end(&socket.read) {
                Some(end) => break end,
                None => socket.fill()?,
            }
        };
        let head: Vec<u8> = socket.read.drain(..end).collect();
        handshake::check_answer(&String::from_utf8_lossy(&head)).map_err(|reason| refused(PATH, reason))?;
        let first = socket.hello()?;
        let (host, nonce) = (first["host"].as_str().unwrap_or_default(), first["nonce"].as_str().unwrap_or_default());
        socket.window = first["max_in_flight"].as_u64().and_then(|it| usize::try_from(it).ok()).unwrap_or(64).max(1);
        let answer = neighbour.hello(PATH, host, nonce).frame();
        socket.send(&[answer.into_bytes()])?;
        socket.hello()?;
        Ok(socket)
    }

    /// Reads a hello.
    fn hello(&mut self) -> Result<Value, Error> {
        let frame = self.next()?;
        let read = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).ok();
        let entity = read(&frame).and_then(|frame| read(frame["entity"].as_str()?.as_bytes()));
        entity.ok_or_else(|| refused("hello", String::from_utf8_lossy(&frame)))
    }

    fn send(&mut self, payloads: &[Vec<u8>]) -> Result<(), Error> {
        let mut out = Vec::new();
        for payload in payloads {
            put_client(&mut out, TEXT, self.keys.next(), payload);
        }
        self.stream.write_all(&out).map_err(Error::system("write to the server"))
    }

    fn fill(&mut self) -> Result<(), Error> {
        let mut buffer = [0; 16 * 1024];
        match self.stream.read(&mut buffer).map_err(Error::system("read what the server says"))? {
            0 => Err(refused(PATH, "the server left")),
            count => {
                self.read.extend_from_slice(&buffer[..count]);
                Ok(())
            }
        }
    }

    /// The next text message, if it is there already.
    fn ready(&mut self) -> Result<Option<Vec<u8>>, Error> {
        while let Some(head) = Head::parse(&self.read).filter(|head| head.total() <= self.read.len()) {
            let frame: Vec<u8> = self.read.drain(..head.total()).collect();
            match head.opcode {
                TEXT => return Ok(Some(frame[head.header..].to_vec())),
                crate::frame::CLOSE => return Err(refused(PATH, String::from_utf8_lossy(&frame[head.header..]))),
                _ => {}
            }
        }
        Ok(None)
    }

    fn next(&mut self) -> Result<Vec<u8>, Error> {
        loop {
            match self.ready()? {
                Some(message) => return Ok(message),
                None => self.fill()?,
            }
        }
    }
}

/// Keeps a socket's window full for `span`.
fn over_socket(server: &Subject, stock: &mut Stock, span: Duration) -> Result<Sample, Error> {
    let seconds = span.as_secs_f64();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small number of seconds")]
    let letters = stock.take(((seconds * 40_000.0) as usize).clamp(64, MOST));
    let mut frames = letters.iter().map(|letter| letter.frame().into_bytes());
    let mut socket = Socket::open(server, &stock.neighbour)?;
    let (mut latency, mut faults) = (Latency::new(), Faults::default());
    let mut flight: VecDeque<(usize, Instant)> = VecDeque::new();
    let (mut units, mut sent) = (0, 0);
    let meter = Meter::start(server);
    let start = Instant::now();
    loop {
        let room = if start.elapsed() < span { socket.window - flight.len() } else { 0 };
        let batch: Vec<_> = frames.by_ref().take(room).collect();
        let now = Instant::now();
        flight.extend((sent..sent + batch.len()).map(|number| (number, now)));
        sent += batch.len();
        if !batch.is_empty() {
            socket.send(&batch)?;
        }
        if flight.is_empty() {
            break;
        }
        let mut receipt = Some(socket.next()?);
        while let Some(message) = receipt {
            let (number, at) = flight.pop_front().ok_or_else(|| refused("receipts", "one too many"))?;
            latency.record(at.elapsed());
            units += 1;
            let named = memmem::find(&message, letters[number].signature.as_bytes()).is_some();
            faults.out_of_order += u64::from(!named);
            faults.lost += u64::from(memmem::find(&message, b"\"status\":202").is_none());
            receipt = socket.ready()?;
        }
    }
    Ok(Sample { units, spent: meter.stop(), latency: latency.percentiles(), bytes: None, faults })
}

/// Posts for `span` on so many connections, one at a time each.
fn over_http(server: &Subject, stock: &mut Stock, posters: usize, span: Duration) -> Result<Sample, Error> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small number of seconds")]
    let each = ((span.as_secs_f64() * 1000.0) as usize * POSTED * if posters == 1 { 4 } else { 1 } / 1000).max(8);
    let letters = stock.take((each * posters).min(MOST));
    let meter = Meter::start(server);
    let start = Instant::now();
    let results: Vec<Result<(Vec<Duration>, u64), Error>> = thread::scope(|scope| {
        let post = |part| move || post_all(server, part, start, span);
        let threads: Vec<_> =
            letters.chunks(letters.len().div_ceil(posters)).map(|part| scope.spawn(post(part))).collect();
        threads.into_iter().map(|thread| thread.join().expect("a posting thread does not panic")).collect()
    });
    let spent = meter.stop();
    let (mut latency, mut faults, mut units) = (Latency::new(), Faults::default(), 0);
    for result in results {
        let (times, lost) = result?;
        faults.lost += lost;
        units += times.len() as u64;
        for took in times {
            latency.record(took);
        }
    }
    Ok(Sample { units, spent, latency: latency.percentiles(), bytes: None, faults })
}

/// How long each took, and how many were not taken.
fn post_all(
    server: &Subject,
    letters: &[Letter],
    start: Instant,
    span: Duration,
) -> Result<(Vec<Duration>, u64), Error> {
    let failed = |source| Error::system("post to the server")(source);
    let mut stream = TcpStream::connect(server.address).map_err(failed)?;
    stream.set_nodelay(true).map_err(failed)?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(failed)?;
    let (mut times, mut lost) = (Vec::with_capacity(letters.len()), 0);
    let (mut answer, mut buffer) = (Vec::new(), [0; 4096]);
    for letter in letters {
        if start.elapsed() >= span {
            break;
        }
        let before = Instant::now();
        stream.write_all(letter.request(&server.host).as_bytes()).map_err(failed)?;
        answer.clear();
        loop {
            match answer_length(&answer) {
                Some(Ok(_)) => break,
                Some(Err(reason)) => return Err(refused("POST /inbox", format!("{reason}: {}", summary(&answer)))),
                None => match stream.read(&mut buffer).map_err(failed)? {
                    0 => return Err(refused("POST /inbox", "the server left")),
                    count => answer.extend_from_slice(&buffer[..count]),
                },
            }
        }
        times.push(before.elapsed());
        lost += u64::from(!is_success(&answer));
    }
    Ok((times, lost))
}
