//! One connection: TLS where it is configured, then HTTP/1.1.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use quintet_core::Limits;
use quintet_core::limits::size;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;

use super::door::Peer;
use super::pace::Pace;
use super::paced::Paced;
use super::reply::Reply;
use super::{Door, Seat};

/// hyper needs this much to read any head at all.
const SMALLEST_BUFFER: usize = 8192;

/// Serves a connection to its end, or until it becomes a WebSocket, which takes the seat along.
pub(crate) async fn serve_tcp(door: Arc<Door>, stream: TcpStream, address: IpAddr, seat: Seat) {
    // Frames go out at once, not when more have come together.
    if let Err(error) = stream.set_nodelay(true) {
        return tracing::debug!(%error, "a connection ended at once");
    }
    let Some(acceptor) = door.tls().map(super::Tls::acceptor) else {
        return serve(door, stream, address, seat).await;
    };
    let patience = Duration::from_secs(door.limits().handshake_seconds);
    match timeout(patience, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => serve(door, stream, address, seat).await,
        Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
        Err(_) => tracing::debug!("a TLS handshake took too long"),
    }
}

async fn serve<S>(door: Arc<Door>, stream: S, address: IpAddr, seat: Seat)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (limits, draining) = (door.limits().clone(), door.draining());
    let peer = Peer { address, seat: Arc::new(seat) };
    let answer = move |request| Arc::clone(&door).answer(peer.clone(), request);
    serve_http(stream, &limits, draining, answer).await;
}

/// Speaks HTTP/1.1 on a stream, within the limits, until either side ends it or `draining` says so.
pub(crate) async fn serve_http<S, F, A>(stream: S, limits: &Limits, mut draining: watch::Receiver<bool>, answer: F)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    F: Fn(Request<Incoming>) -> A,
    A: Future<Output = Reply>,
{
    let pace = Arc::new(Pace::new(Duration::from_secs(limits.handshake_seconds + limits.request_seconds)));
    let service = service_fn(|request| {
        // Whoever answers has a bound of its own.
        pace.rest();
        let answer = answer(request);
        let pace = &pace;
        async move {
            let reply = answer.await;
            pace.progress();
            Ok::<_, Infallible>(reply.map(|content| content.at(pace)))
        }
    });
    let stream = TokioIo::new(Paced::new(stream, Arc::clone(&pace)));
    let connection = builder(limits).serve_connection(stream, service).with_upgrades();
    tokio::pin!(connection);
    let mut told = false;
    let ended = loop {
        tokio::select! {
            ended = connection.as_mut() => break ended,
            () = pace.overdue() => return tracing::debug!("a connection made no progress"),
            _ = draining.wait_for(|draining| *draining), if !told => {
                told = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke off");
    }
}

fn builder(limits: &Limits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(limits.handshake_seconds))
        .max_header_size(size(limits.header_bytes))
        .max_buf_size(size(limits.header_bytes).max(SMALLEST_BUFFER));
    builder
}
