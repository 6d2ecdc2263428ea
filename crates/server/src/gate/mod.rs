//! The gate: by which this server goes to others, and to no address that is not public.
//!
//! Whatever is fetched, posted or called at another house goes through here, as peers say where to: signers, inboxes, endpoints (versia.md, section 5). A
//! [`destination::Destination`] is a URL in the one spelling; [`roads`] looks its name up, refuses closed addresses ([`address`]) and connects to
//! the very address that it looked at; [`client`] speaks HTTP there, without redirects. Time, size and number are bounded.
//!
//! Only where servers on this machine are in reach ([`Reach::Loopback`]) are loopback addresses gone to, and these without TLS; all else stays.

mod address;
mod answer;
mod client;
pub(crate) mod destination;
pub(crate) mod resolver;
pub(crate) mod roads;
mod turns;

#[cfg(test)]
mod tests;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, header};
use http_body_util::Full;
use hyper::body::Incoming;
use quintet_core::federation::Host;
use quintet_core::federation::host::Reach;
use quintet_core::federation::inquiry::Fetched;
use quintet_core::federation::telling::Posting;
use quintet_core::limits::size;
use quintet_core::{Error, Limits};
use quintet_hub::federation::Posted;
use rustls::ClientConfig;
use tokio::time::timeout;

use self::client::Client;
use self::destination::Destination;
use self::resolver::Resolver;
use self::roads::{Obstacle, Roads};
use self::turns::{Turn, Turns};
use crate::connection::Stream;

/// What this server calls itself to others.
pub(crate) const AGENT: &str = concat!("quintet/", env!("CARGO_PKG_VERSION"));

/// The one way to other houses.
pub(crate) struct Gate {
    roads: Arc<Roads>,
    fetching: Client,
    posting: Client,
    fetches: Turns,
    posts: Turns,
    fetch_time: Duration,
    post_time: Duration,
    largest: usize,
}

impl Gate {
    /// Within these bounds, to whoever is in reach.
    pub(crate) fn new(limits: &Limits, reach: Reach, resolver: Arc<dyn Resolver>, tls: ClientConfig) -> Self {
        let connect_time = Duration::from_secs(limits.fetch_connect_seconds);
        let roads = Arc::new(Roads::new(resolver, tls, reach, connect_time));
        Self {
            // What is fetched is remembered: there is seldom more from the same host soon.
            fetching: Client::new(Arc::clone(&roads), limits.header_bytes, 0),
            posting: Client::new(Arc::clone(&roads), limits.header_bytes, limits.kept_connections),
            fetches: Turns::new(limits.fetches, limits.host_fetches),
            posts: Turns::new(limits.deliveries, limits.host_fetches),
            fetch_time: Duration::from_secs(limits.fetch_seconds),
            post_time: Duration::from_secs(limits.receipt_seconds),
            largest: size(limits.fetch_bytes),
            roads,
        }
    }

    /// One GET, all of it within [`Limits::fetch_seconds`]. A body comes with a success only, and is JSON.
    pub(crate) async fn fetch(&self, url: &str, headers: Vec<(&'static str, String)>) -> Result<Fetched, Error> {
        let destination = Destination::of_request(url, self.roads.reach())?;
        let host = &destination.host;
        within(self.fetch_time, host, async {
            let _turn = self.fetches.take(host).await;
            let request = request(Method::GET, &destination, headers, Bytes::new())?;
            let response = self.fetching.request(request).await.map_err(|error| lost(host, error))?;
            answer::refuse_redirect(host, response.status())?;
            let (status, content_type) = (response.status(), answer::content_type(&response));
            let mut body = Vec::new();
            if status.is_success() {
                answer::must_be_plain_json(host, &response)?;
                body = answer::body(host, response, self.largest).await?;
            }
            Ok(Fetched { url: url.to_owned(), status: status.as_u16(), content_type, body })
        })
        .await
    }

    /// One POST, within [`Limits::receipt_seconds`] from its turn on. What the answer's head says counts, even where its body is too large or does not come.
    pub(crate) async fn post(&self, posting: Posting) -> Result<Posted, Error> {
        let Posting { url, headers, body } = posting;
        let destination = Destination::of_request(&url, self.roads.reach())?;
        let host = &destination.host;
        let _turn = self.posts.take(host).await;
        let body = Bytes::from(body);
        let head = self.deliver(&destination, headers, body);
        let response = within(self.post_time, host, head).await?;
        answer::refuse_redirect(host, response.status())?;
        let (status, headers) = (response.status().as_u16(), answer::headers(&response));
        let body = within(self.fetch_time, host, answer::body(host, response, self.largest)).await;
        Ok(Posted { status, headers, body: body.unwrap_or_default() })
    }

    /// A turn to open a socket to a house; it is of those for posts, as both deliver.
    pub(crate) async fn turn<'a>(&'a self, host: &'a Host) -> Turn<'a> {
        self.posts.take(host).await
    }

    /// Who can be gone to at all.
    pub(crate) fn reach(&self) -> Reach {
        self.roads.reach()
    }

    /// A bare connection.
    pub(crate) async fn open(&self, destination: &Destination) -> Result<Stream, Error> {
        let opened = self.roads.open(&destination.host, destination.encrypted).await;
        opened.map_err(|obstacle| hindered(&destination.host, obstacle))
    }

    /// Posts; again where the connection turns out to have been closed. Twice the same is once to whoever takes signed entities.
    async fn deliver(
        &self,
        destination: &Destination,
        headers: Vec<(&'static str, String)>,
        body: Bytes,
    ) -> Result<Response<Incoming>, Error> {
        let host = &destination.host;
        let first = request(Method::POST, destination, headers.clone(), body.clone())?;
        match self.posting.request(first).await {
            Err(error) if was_closed(&error) => {
                let second = request(Method::POST, destination, headers, body)?;
                self.posting.request(second).await.map_err(|error| lost(host, error))
            }
            answered => answered.map_err(|error| lost(host, error)),
        }
    }
}

/// A bound on the time that a house may take.
pub(crate) async fn within<T>(
    time: Duration,
    host: &Host,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let late = |_| Err(Error::unavailable(format!("{host} did not answer in time")));
    timeout(time, work).await.unwrap_or_else(late)
}

fn request(
    method: Method,
    destination: &Destination,
    headers: Vec<(&'static str, String)>,
    body: Bytes,
) -> Result<Request<Full<Bytes>>, Error> {
    let mut request = Request::builder()
        .method(method)
        .uri(destination.uri.clone())
        .header(header::USER_AGENT, AGENT)
        // What would be small on the way and large here is not asked for.
        .header(header::ACCEPT_ENCODING, "identity");
    for (name, value) in headers {
        request = request.header(name, value);
    }
    request.body(Full::new(body)).map_err(Error::internal)
}

/// Whether a connection that was kept had been closed by the other side.
fn was_closed(error: &hyper_util::client::legacy::Error) -> bool {
    let hyper = std::error::Error::source(error).and_then(|source| source.downcast_ref::<hyper::Error>());
    !error.is_connect() && hyper.is_some_and(|error| error.is_incomplete_message() || error.is_canceled())
}

/// What a failed request comes to.
fn lost(host: &Host, error: hyper_util::client::legacy::Error) -> Error {
    let mut next = std::error::Error::source(&error);
    while let Some(cause) = next {
        if let Some(Obstacle::Closed(_)) = cause.downcast_ref::<Obstacle>() {
            return closed(host).because(error);
        }
        next = cause.source();
    }
    let what = if error.is_connect() { "cannot be reached" } else { "did not answer as HTTP wants it" };
    Error::unavailable(format!("{host} {what}")).because(error)
}

fn hindered(host: &Host, obstacle: Obstacle) -> Error {
    match obstacle {
        Obstacle::Closed(_) => closed(host).because(obstacle),
        _ => Error::unavailable(format!("{host} cannot be reached")).because(obstacle),
    }
}

fn closed(host: &Host) -> Error {
    Error::forbidden(format!("{host} is at an address that is not public: nobody goes there"))
}
