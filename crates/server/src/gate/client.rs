//! HTTP clients whose connections go through the gate.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::client::legacy::{self, Error};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use quintet_core::federation::Host;
use quintet_core::limits::size;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::roads::{Obstacle, Roads};
use crate::connection::Stream;

/// hyper needs this much to read any head at all.
const SMALLEST_BUFFER: usize = 8192;
/// How long an unused connection is kept.
const IDLE: Duration = Duration::from_mins(1);

/// Makes requests. Follows no redirects, knows no cookies, no credentials and no proxies.
pub(super) struct Client {
    inner: legacy::Client<Connector, Full<Bytes>>,
    /// As many as there are open connections, and one for each client and connector.
    open: Arc<()>,
    keeps: usize,
}

impl Client {
    /// One that keeps up to `keeps` connections, and one unused one to each host; it takes heads of so many bytes.
    pub(super) fn new(roads: Arc<Roads>, head_bytes: u64, keeps: u64) -> Self {
        let open = Arc::new(());
        let mut builder = legacy::Client::builder(TokioExecutor::new());
        builder
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(usize::from(keeps > 0))
            .http1_max_buf_size(size(head_bytes).max(SMALLEST_BUFFER));
        let inner = builder.build(Connector { roads, open: Arc::clone(&open) });
        Self { inner, open, keeps: size(keeps) }
    }

    /// Makes one request, over a connection of its own where enough are kept already.
    pub(super) async fn request(&self, mut request: Request<Full<Bytes>>) -> Result<Response<Incoming>, Error> {
        if Arc::strong_count(&self.open) > self.keeps {
            request.headers_mut().insert(http::header::CONNECTION, http::HeaderValue::from_static("close"));
        }
        self.inner.request(request).await
    }
}

/// What hyper connects by.
#[derive(Clone)]
struct Connector {
    roads: Arc<Roads>,
    open: Arc<()>,
}

impl tower_service::Service<Uri> for Connector {
    type Response = TokioIo<Road>;
    type Error = Obstacle;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Obstacle>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Obstacle>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let (roads, open) = (Arc::clone(&self.roads), Arc::clone(&self.open));
        Box::pin(async move {
            let authority = uri.authority().map_or("", http::uri::Authority::as_str);
            let host = Host::parse(authority, roads.reach()).ok_or(Obstacle::Nowhere)?;
            let stream = roads.open(&host, uri.scheme_str() != Some("http")).await?;
            Ok(TokioIo::new(Road { stream, _open: open }))
        })
    }
}

/// A connection as hyper wants it.
struct Road {
    stream: Stream,
    _open: Arc<()>,
}

impl Connection for Road {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl AsyncRead for Road {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Road {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
