//! A set of client connections, driven by one thread.

use std::io;
use std::net::SocketAddr;
use std::ops::Range;
use std::time::{Duration, Instant};

use mio::event::Event;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::Error;
use crate::door::{Door, Wire};
use crate::frame;
use crate::handshake;
use crate::hearer::{Deaf, Hearer, Reply};
use crate::pipe::{Fill, Pipe};
use crate::reading::{Desk, Reading, Socket, Stage};

/// Connections being set up at the same time; a listener's queue may be as short as 128.
const OPENING: usize = 64;
/// How long set-up may stand still.
const PATIENCE: Duration = Duration::from_secs(20);

/// Connections to one server.
pub(crate) struct Client {
    poll: Poll,
    events: Events,
    address: SocketAddr,
    host: String,
    sockets: Vec<Socket>,
    ready: usize,
    desk: Desk,
}

impl Client {
    /// No connection yet. `host` goes into the `Host` header.
    pub(crate) fn new(address: SocketAddr, host: &str) -> Result<Self, Error> {
        Ok(Self {
            poll: Poll::new().map_err(Error::system("open an epoll"))?,
            events: Events::with_capacity(1024),
            address,
            host: host.to_owned(),
            sockets: Vec::new(),
            ready: 0,
            desk: Desk::new(),
        })
    }

    /// Opens `count` more connections, the i-th through `door(i)`, and returns their numbers once all
    /// are ready. Messages to those that are ready earlier go unheard.
    pub(crate) fn open(&mut self, count: usize, door: impl Fn(usize) -> Door) -> Result<Range<usize>, Error> {
        let first = self.sockets.len();
        let end = first + count;
        let (mut best, mut moved) = (self.ready, Instant::now());
        while self.ready < end {
            while self.sockets.len() < end && self.sockets.len() - self.ready < OPENING {
                self.connect(door(self.sockets.len() - first))?;
            }
            self.poll(&mut Deaf, Duration::from_millis(50))?;
            if self.ready > best {
                (best, moved) = (self.ready, Instant::now());
            } else if moved.elapsed() > PATIENCE {
                let doing = format!("connecting to {} ({} of {end} are ready)", self.address, self.ready);
                return Err(Error::Stalled { doing, waited: PATIENCE });
            }
        }
        Ok(first..end)
    }

    fn connect(&mut self, door: Door) -> Result<(), Error> {
        let failed = Error::system;
        let mut stream = TcpStream::connect(self.address).map_err(failed("connect"))?;
        stream.set_nodelay(true).map_err(failed("set TCP_NODELAY"))?;
        let token = Token(self.sockets.len());
        let both = Interest::READABLE | Interest::WRITABLE;
        self.poll.registry().register(&mut stream, token, both).map_err(failed("register a socket"))?;
        self.sockets.push(Socket { pipe: Pipe::new(stream), door, stage: Stage::Connecting });
        Ok(())
    }

    /// Sends on one connection whatever `compose` adds, in one write.
    pub(crate) fn send(&mut self, socket: usize, compose: impl FnOnce(&mut Reply<'_>)) -> Result<(), Error> {
        let Socket { pipe, door, .. } = &mut self.sockets[socket];
        let Desk { out, keys, .. } = &mut self.desk;
        out.clear();
        compose(&mut Reply::new(out, keys, door.wire));
        pipe.send(out).map_err(|error| self.closed(socket, error.to_string()))
    }

    /// Waits for something to happen, at most `wait` (rounded up to milliseconds), and deals with it.
    ///
    /// Fails when any connection ends: a measurement with a part of its connections means nothing.
    pub(crate) fn poll(&mut self, hearer: &mut impl Hearer, wait: Duration) -> Result<(), Error> {
        match self.poll.poll(&mut self.events, Some(wait)) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                return Err(Error::System { doing: "wait for events", source: error });
            }
            _ => {}
        }
        let events = std::mem::replace(&mut self.events, Events::with_capacity(0));
        let result = events.iter().try_for_each(|event| self.serve(event, hearer));
        self.events = events;
        result
    }

    /// Goes on dealing with what happens for `span`.
    pub(crate) fn attend(&mut self, hearer: &mut impl Hearer, span: Duration) -> Result<(), Error> {
        let end = Instant::now() + span;
        while let Some(left) = end.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
            self.poll(hearer, left)?;
        }
        Ok(())
    }

    fn serve(&mut self, event: &Event, hearer: &mut impl Hearer) -> Result<(), Error> {
        let index = event.token().0;
        if self.sockets[index].stage == Stage::Connecting && !self.connected(index)? {
            return Ok(());
        }
        if event.is_writable() {
            let drained = self.sockets[index].pipe.drain();
            drained.map_err(|error| self.closed(index, error.to_string()))?;
        }
        if event.is_readable() || event.is_read_closed() || event.is_error() {
            self.read(index, hearer)?;
        }
        Ok(())
    }

    /// Finds out whether the connection stands, and knocks if so.
    fn connected(&mut self, index: usize) -> Result<bool, Error> {
        let failed = Error::system("connect");
        let stream = self.sockets[index].pipe.stream();
        if let Some(error) = stream.take_error().map_err(Error::system("connect"))? {
            return Err(failed(error));
        }
        match stream.peer_addr() {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotConnected => return Ok(false),
            Err(error) => return Err(failed(error)),
        }
        let Socket { pipe, door, stage } = &mut self.sockets[index];
        if door.wire == Wire::Http {
            *stage = Stage::Ready;
            self.ready += 1;
            return Ok(true);
        }
        *stage = Stage::Upgrading;
        let request = handshake::request(&self.host, &door.path, &door.headers);
        let sent = pipe.send(request.as_bytes());
        sent.map_err(|error| self.closed(index, error.to_string()))?;
        Ok(true)
    }

    #[inline]
    fn read(&mut self, index: usize, hearer: &mut impl Hearer) -> Result<(), Error> {
        loop {
            let filled = self.sockets[index].pipe.fill(&mut self.desk.buffer);
            let (end, more) = match filled.map_err(|error| self.closed(index, error.to_string()))? {
                Fill::Empty => return Ok(()),
                Fill::End => return Err(self.closed(index, "without a close frame".to_owned())),
                Fill::Bytes { end, more } => (end, more),
            };
            let socket = &mut self.sockets[index];
            let was_ready = socket.stage == Stage::Ready;
            let mut reading = Reading { index, socket, desk: &mut self.desk, now: Instant::now() };
            let result = reading.digest(end, hearer);
            self.ready += usize::from(!was_ready && self.sockets[index].stage == Stage::Ready);
            result.map_err(|reason| self.closed(index, reason))?;
            if !more {
                return Ok(());
            }
        }
    }

    #[cold]
    fn closed(&self, socket: usize, reason: String) -> Error {
        if self.sockets[socket].stage == Stage::Upgrading {
            return Error::Refused { asked: format!("GET {}", self.sockets[socket].door.path), answer: reason };
        }
        Error::Closed { peer: self.address, socket, reason }
    }

    /// Ends every connection, politely where it is a WebSocket.
    pub(crate) fn close(mut self) {
        let Desk { out, keys, .. } = &mut self.desk;
        for socket in &mut self.sockets {
            if socket.stage == Stage::Ready && socket.door.wire == Wire::WebSocket {
                out.clear();
                frame::put_client(out, frame::CLOSE, keys.next(), &1000_u16.to_be_bytes());
                // A peer that is gone already need not be told.
                let _ = socket.pipe.send(out);
            }
        }
    }
}
