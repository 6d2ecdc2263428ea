//! Listening: taking connections in.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpSocket, TcpStream};

use super::stream::serve_tcp;
use super::turned_away::turn_away;
use super::{Door, Seat};
use crate::config::Listen;

/// Connections that the kernel holds while we are busy; it cuts this to its own bound.
const BACKLOG: u32 = 4096;

/// How long to wait when the process has no more file descriptors; some connection will end in the meantime.
const PAUSE: Duration = Duration::from_millis(50);

/// A bound socket.
pub(crate) struct Listener {
    socket: tokio::net::TcpListener,
    address: SocketAddr,
}

/// The first address of a host and port.
pub(crate) async fn lookup(listen: &Listen) -> io::Result<SocketAddr> {
    let mut found = tokio::net::lookup_host((listen.host(), listen.port())).await?;
    found.next().ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "the host has no address"))
}

impl Listener {
    /// Binds; connections wait in the kernel until [`Listener::accept`] takes them.
    pub(crate) fn bind(address: SocketAddr) -> io::Result<Self> {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        // A restart must not wait for the connections of the process before.
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        let socket = socket.listen(BACKLOG)?;
        let address = socket.local_addr()?;
        Ok(Self { socket, address })
    }

    /// Where it listens, with the port that it got.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes connections in until the door drains.
    pub(crate) async fn accept(self, door: Arc<Door>) {
        let mut draining = door.draining();
        loop {
            let accepted = tokio::select! {
                accepted = self.socket.accept() => accepted,
                _ = draining.wait_for(|draining| *draining) => return,
            };
            match accepted {
                Ok((stream, peer)) => welcome(&door, stream, peer.ip()),
                Err(error) if is_theirs(&error) => {}
                Err(error) => {
                    tracing::warn!(%error, "cannot take connections in");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }
}

/// An error of the one connection, which ended before it was taken in.
fn is_theirs(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

fn welcome(door: &Arc<Door>, stream: TcpStream, peer: IpAddr) {
    match seat(door, peer) {
        Ok(seat) => {
            tokio::spawn(serve_tcp(Arc::clone(door), stream, peer, seat));
        }
        Err(full) => {
            metrics::counter!("quintet_refused_connections_total").increment(1);
            tracing::debug!(%peer, ?full, "no seat for a connection");
            // With TLS there is nobody yet whom one could tell anything.
            if door.tls().is_none() {
                turn_away(stream);
            }
        }
    }
}

fn seat(door: &Door, peer: IpAddr) -> Result<Seat, super::seats::Full> {
    // A trusted proxy is many; those behind it are counted when they have shown themselves.
    let counted = (!door.config().proxies.trusts(peer)).then_some(peer);
    door.seats().take(counted)
}
