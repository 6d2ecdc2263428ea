//! The reference server: one thread, epoll, one `send` per delivery and nothing else.
//!
//! It shows what the kernel alone asks for a delivery or an answer, so that a real server's cost can be
//! stated as a multiple of it. A message that starts with `S` makes its sender a subscriber and is
//! answered `OK`; `P…` goes to every subscriber without its first letter, at once; `M…` likewise,
//! but all of one read are joined into one `send` per subscriber; anything else is echoed.

use std::convert::Infallible;
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr};

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

use crate::Error;
use crate::frame::{self, Head};
use crate::handshake;
use crate::pipe::{Fill, Pipe};

const LISTENER: Token = Token(usize::MAX);
/// The read buffer, and so the longest message, in bytes.
const BUFFER: usize = 256 * 1024;

/// Runs the floor as a whole process, for the hidden subcommand that [`crate::Process::start`] starts: listens on
/// a free loopback port, prints `http://address` and serves until standard input ends.
pub fn floor() -> Result<Infallible, Error> {
    crate::descriptors::raise()?;
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).map_err(Error::system("listen"))?;
    let address = listener.local_addr().map_err(Error::system("learn the address"))?;
    let mut out = io::stdout();
    writeln!(out, "http://{address}").and_then(|()| out.flush()).map_err(Error::system("print the address"))?;
    std::thread::spawn(|| {
        // Standard input ends when whoever started this process ends, however it ends.
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        std::process::exit(0);
    });
    serve(listener)
}

/// Serves on `listener` for ever.
pub(crate) fn serve(listener: TcpListener) -> Result<Infallible, Error> {
    let mut floor = Floor::new(listener).map_err(Error::system("start the floor"))?;
    let mut events = Events::with_capacity(1024);
    loop {
        match floor.poll.poll(&mut events, None) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                return Err(Error::System { doing: "wait for events", source: error });
            }
            _ => {}
        }
        for event in &events {
            match event.token() {
                LISTENER => floor.accept(),
                Token(peer) => floor.serve(peer, event.is_writable()),
            }
        }
    }
}

struct Peer {
    pipe: Pipe,
    upgraded: bool,
    subscribed: bool,
}

struct Floor {
    poll: Poll,
    listener: TcpListener,
    peers: Vec<Option<Peer>>,
    free: Vec<usize>,
    subscribers: Vec<usize>,
    buffer: Vec<u8>,
    /// To the sender of what is being read.
    back: Vec<u8>,
    /// To every subscriber.
    cast: Vec<u8>,
}

impl Floor {
    fn new(mut listener: TcpListener) -> io::Result<Self> {
        let poll = Poll::new()?;
        poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
        Ok(Self {
            poll,
            listener,
            peers: Vec::new(),
            free: Vec::new(),
            subscribers: Vec::new(),
            buffer: vec![0; BUFFER],
            back: Vec::new(),
            cast: Vec::new(),
        })
    }

    /// Takes in whoever waits. One that cannot be taken in is let go; its client will say so.
    fn accept(&mut self) {
        while let Ok((stream, _)) = self.listener.accept() {
            let _ = self.admit(stream);
        }
    }

    fn admit(&mut self, mut stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let seat = self.free.pop().unwrap_or_else(|| {
            self.peers.push(None);
            self.peers.len() - 1
        });
        self.poll.registry().register(&mut stream, Token(seat), Interest::READABLE | Interest::WRITABLE)?;
        self.peers[seat] = Some(Peer { pipe: Pipe::new(stream), upgraded: false, subscribed: false });
        Ok(())
    }

    fn dismiss(&mut self, seat: usize) {
        if let Some(peer) = self.peers[seat].take() {
            self.free.push(seat);
            if peer.subscribed {
                self.subscribers.retain(|subscriber| *subscriber != seat);
            }
        }
    }

    fn serve(&mut self, seat: usize, writable: bool) {
        loop {
            let Some(peer) = self.peers[seat].as_mut() else { return };
            if writable && peer.pipe.drain().is_err() {
                return self.dismiss(seat);
            }
            match peer.pipe.fill(&mut self.buffer) {
                Ok(Fill::Empty) => return,
                Ok(Fill::Bytes { end, more }) => {
                    if self.digest(seat, end).is_none() {
                        return self.dismiss(seat);
                    }
                    if !more {
                        return;
                    }
                }
                Ok(Fill::End) | Err(_) => return self.dismiss(seat),
            }
        }
    }

    /// Handles the first `end` bytes of the buffer; `None` ends the connection.
    fn digest(&mut self, seat: usize, end: usize) -> Option<()> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let used = self.messages(seat, &mut buffer[..end]);
        if let (Some(used), Some(peer)) = (used, self.peers[seat].as_mut()) {
            peer.pipe.keep(&buffer[used..end]);
        }
        self.buffer = buffer;
        used.map(drop)
    }

    fn messages(&mut self, seat: usize, bytes: &mut [u8]) -> Option<usize> {
        let mut at = 0;
        if !self.peers[seat].as_ref()?.upgraded {
            at = self.upgrade(seat, bytes)?;
            if at == 0 {
                return Some(0);
            }
        }
        self.back.clear();
        self.cast.clear();
        while let Some(head) = Head::parse(&bytes[at..]) {
            let Some(payload) = bytes.get_mut(at + head.header..at.saturating_add(head.total())) else { break };
            frame::mask(payload, head.mask?);
            at += head.total();
            self.message(seat, head.opcode, payload)?;
        }
        self.deliver();
        if !self.back.is_empty() {
            self.peers[seat].as_mut()?.pipe.send(&self.back).ok()?;
        }
        Some(at)
    }

    /// Grants the upgrade; 0 while its head is unfinished.
    fn upgrade(&mut self, seat: usize, bytes: &[u8]) -> Option<usize> {
        let Some(end) = handshake::head_end(bytes) else {
            return (bytes.len() <= handshake::MAX_HEAD).then_some(0);
        };
        let answer = handshake::answer(str::from_utf8(&bytes[..end]).ok()?)?;
        let peer = self.peers[seat].as_mut()?;
        peer.upgraded = true;
        peer.pipe.send(answer.as_bytes()).ok()?;
        Some(end)
    }

    #[inline]
    fn message(&mut self, seat: usize, opcode: u8, payload: &[u8]) -> Option<()> {
        match (opcode, payload.first()) {
            (frame::CLOSE, _) => return None,
            (frame::PING, _) => frame::put_server(&mut self.back, frame::PONG, payload),
            (frame::TEXT, Some(b'S')) => {
                let peer = self.peers[seat].as_mut()?;
                if !std::mem::replace(&mut peer.subscribed, true) {
                    self.subscribers.push(seat);
                }
                frame::put_server(&mut self.back, frame::TEXT, b"OK");
            }
            (frame::TEXT, Some(b'P')) => {
                frame::put_server(&mut self.cast, opcode, &payload[1..]);
                self.deliver();
            }
            (frame::TEXT, Some(b'M')) => frame::put_server(&mut self.cast, opcode, &payload[1..]),
            (frame::TEXT | frame::BINARY, _) => frame::put_server(&mut self.back, opcode, payload),
            _ => {}
        }
        Some(())
    }

    /// Sends what is to be cast to every subscriber. One whose socket fails is found out at its next read.
    fn deliver(&mut self) {
        if self.cast.is_empty() {
            return;
        }
        for seat in &self.subscribers {
            if let Some(peer) = self.peers[*seat].as_mut() {
                let _ = peer.pipe.send(&self.cast);
            }
        }
        self.cast.clear();
    }
}
