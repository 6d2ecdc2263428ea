//! A proxy between two servers that behaves as badly as a net does: it delays, drops, duplicates and cuts.
//!
//! What goes over a WebSocket is duplicated by whole frames. What is dropped takes everything behind it along, and the connection a moment later: TCP gives no stream
//! with holes. Plain HTTP is only delayed and cut.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Result;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How long a connection hangs that lost something.
const LAST: Duration = Duration::from_millis(50);

/// How badly it behaves, of a million frames each.
#[derive(Debug, Default)]
pub struct Faults {
    /// Frames that are lost, with all that follows.
    pub dropped: AtomicU32,
    /// Frames that come twice.
    pub duplicated: AtomicU32,
    /// The longest delay of what is read at once, in microseconds.
    pub delay: AtomicU32,
    /// Whether nobody gets through.
    pub closed: AtomicBool,
}

/// What the proxy has done.
#[derive(Debug, Default)]
pub struct Deeds {
    /// Connections that it has carried.
    pub connections: AtomicU64,
    /// Of these, WebSockets.
    pub sockets: AtomicU64,
    /// Connections that it has lost in the midst.
    pub dropped: AtomicU64,
    /// Frames that it has sent twice.
    pub duplicated: AtomicU64,
}

/// A place that stays the same while the server behind it goes and comes back elsewhere.
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

struct Shared {
    upstream: Mutex<Option<SocketAddr>>,
    faults: Faults,
    deeds: Deeds,
    dice: Mutex<u64>,
    /// Counts up with each cut: who has begun before ends.
    cuts: watch::Sender<u64>,
}

impl Proxy {
    /// Listens on a free loopback port, with nothing behind it yet. The seed decides what befalls which frame.
    pub async fn open(seed: u64) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            upstream: Mutex::default(),
            faults: Faults::default(),
            deeds: Deeds::default(),
            dice: Mutex::new(seed | 1),
            cuts: watch::Sender::new(0),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self { address, shared, accepting })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its web origin.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Leads to a server from now on; `None` to nobody.
    pub fn lead_to(&self, upstream: Option<SocketAddr>) {
        *self.shared.upstream.lock().expect("nobody panics with it") = upstream;
    }

    /// How badly it behaves.
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// What it has done.
    pub fn deeds(&self) -> &Deeds {
        &self.shared.deeds
    }

    /// Ends every connection at once, whatever is under way on it.
    pub fn cut(&self) {
        self.shared.cuts.send_modify(|cuts| *cuts += 1);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut();
    }
}

impl Shared {
    fn dice(&self) -> u32 {
        let mut state = self.dice.lock().expect("nobody panics with it");
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        u32::try_from((*state >> 20) % 1_000_000).expect("below a million")
    }

    fn befalls(&self, chance: &AtomicU32, deed: &AtomicU64) -> bool {
        let chance = chance.load(Ordering::Relaxed);
        let befallen = chance > 0 && self.dice() < chance;
        deed.fetch_add(u64::from(befallen), Ordering::Relaxed);
        befallen
    }

    async fn delay(&self) {
        let longest = self.faults.delay.load(Ordering::Relaxed);
        if longest > 0 {
            tokio::time::sleep(Duration::from_micros(u64::from(self.dice() % longest))).await;
        }
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((peer, _)) = listener.accept().await {
        let upstream = *shared.upstream.lock().expect("nobody panics with it");
        let closed = shared.faults.closed.load(Ordering::Relaxed);
        if let Some(upstream) = upstream.filter(|_| !closed) {
            tokio::spawn(carry(peer, upstream, Arc::clone(&shared)));
        }
    }
}

/// Carries both directions until either ends, or all are cut.
async fn carry(peer: TcpStream, upstream: SocketAddr, shared: Arc<Shared>) {
    let mut cuts = shared.cuts.subscribe();
    cuts.mark_unchanged();
    let Ok(server) = TcpStream::connect(upstream).await else { return };
    let _ = (peer.set_nodelay(true), server.set_nodelay(true));
    shared.deeds.connections.fetch_add(1, Ordering::Relaxed);
    let upgraded = Arc::new(AtomicBool::new(false));
    let ((from_peer, to_peer), (from_server, to_server)) = (peer.into_split(), server.into_split());
    let there = Lane { shared: &shared, upgraded: &upgraded, answers: false };
    let back = Lane { shared: &shared, upgraded: &upgraded, answers: true };
    tokio::select! {
        () = there.run(from_peer, to_server) => {}
        () = back.run(from_server, to_peer) => {}
        _ = cuts.changed() => {}
    }
}

/// One direction of a connection.
struct Lane<'a> {
    shared: &'a Shared,
    /// Whether the connection has become a WebSocket.
    upgraded: &'a AtomicBool,
    /// Whether it is the server's, which tells that by its answer.
    answers: bool,
}

impl Lane<'_> {
    async fn run(&self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
        let mut held = Vec::new();
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let Ok(count @ 1..) = from.read(&mut buffer).await else { return };
            self.shared.delay().await;
            held.extend_from_slice(&buffer[..count]);
            let (out, lost) = self.pass(&mut held);
            if to.write_all(&out).await.is_err() {
                return;
            }
            if lost {
                return tokio::time::sleep(LAST).await;
            }
        }
    }

    /// What of the bytes is let through now, and whether everything behind that is lost; a frame that is not whole is kept.
    fn pass(&self, waiting: &mut Vec<u8>) -> (Vec<u8>, bool) {
        let mut out = Vec::new();
        if !self.upgraded.load(Ordering::Relaxed) {
            let head = waiting.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4);
            match head {
                Some(end) if self.answers && waiting.starts_with(b"HTTP/1.1 101") => {
                    self.upgraded.store(true, Ordering::Relaxed);
                    self.shared.deeds.sockets.fetch_add(1, Ordering::Relaxed);
                    out.extend(waiting.drain(..end));
                }
                _ => return (std::mem::take(waiting), false),
            }
        }
        while let Some(length) = frame_length(waiting).filter(|length| *length <= waiting.len()) {
            let frame: Vec<u8> = waiting.drain(..length).collect();
            // Control frames pass: without them nothing could be told.
            let is_data = frame[0] & 0x08 == 0;
            let Shared { faults, deeds, .. } = self.shared;
            if is_data && self.shared.befalls(&faults.dropped, &deeds.dropped) {
                return (out, true);
            }
            if is_data && self.shared.befalls(&faults.duplicated, &deeds.duplicated) {
                out.extend_from_slice(&frame);
            }
            out.extend_from_slice(&frame);
        }
        (out, false)
    }
}

/// The length of the frame at the beginning (RFC 6455, section 5.2); `None` while its head is not whole.
fn frame_length(bytes: &[u8]) -> Option<usize> {
    let second = *bytes.get(1)?;
    let mask = if second & 0x80 == 0 { 0 } else { 4 };
    Some(match second & 0x7F {
        126 => 4 + mask + usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?)),
        127 => 10 + mask + usize::try_from(u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?)).ok()?,
        short => 2 + mask + usize::from(short),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn echo() -> SocketAddr {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((peer, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut from, mut to) = peer.into_split();
                    let _ = to.write_all(b"HTTP/1.1 101 X\r\n\r\n").await;
                    let _ = tokio::io::copy(&mut from, &mut to).await;
                });
            }
        });
        address
    }

    async fn hear(peer: &mut TcpStream, count: usize) -> Vec<u8> {
        let mut heard = vec![0; count];
        peer.read_exact(&mut heard).await.unwrap();
        heard
    }

    #[tokio::test]
    async fn frames_come_twice_or_not_at_all_and_connections_are_cut() {
        let proxy = Proxy::open(7).await.unwrap();
        proxy.lead_to(Some(echo().await));
        let mut peer = TcpStream::connect(proxy.address()).await.unwrap();
        assert!(hear(&mut peer, 18).await.ends_with(b"\r\n\r\n"));
        peer.write_all(b"\x81\x01a").await.unwrap();
        assert_eq!(hear(&mut peer, 3).await, b"\x81\x01a");
        proxy.faults().duplicated.store(1_000_000, Ordering::Relaxed);
        peer.write_all(b"\x81\x01b").await.unwrap();
        assert_eq!(hear(&mut peer, 12).await, b"\x81\x01b\x81\x01b\x81\x01b\x81\x01b", "twice each way");
        proxy.faults().duplicated.store(0, Ordering::Relaxed);
        proxy.faults().dropped.store(1_000_000, Ordering::Relaxed);
        peer.write_all(b"\x89\x00\x81\x01c\x89\x00").await.unwrap();
        assert_eq!(hear(&mut peer, 2).await, b"\x89\x00", "what is before it passes");
        assert_eq!(peer.read(&mut [0; 9]).await.unwrap_or(0), 0, "nothing behind it does");
        let mut peer = TcpStream::connect(proxy.address()).await.unwrap();
        hear(&mut peer, 18).await;
        proxy.cut();
        assert_eq!(peer.read(&mut [0; 9]).await.unwrap_or(0), 0);
        proxy.faults().closed.store(true, Ordering::Relaxed);
        let mut late = TcpStream::connect(proxy.address()).await.unwrap();
        assert_eq!(late.read(&mut [0; 9]).await.unwrap_or(0), 0, "nobody gets through");
    }
}
