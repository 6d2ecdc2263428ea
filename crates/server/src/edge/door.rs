//! The door: looks at a request's path and finds who answers it.

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use futures_util::FutureExt as _;
use hyper::body::Incoming;
use hyper::header::{HOST, HeaderMap};
use hyper::{Method, Request, Version};
use quintet_core::http::{Head, Response};
use quintet_core::{Dialect, Error, Limits};
use quintet_hub::Hub;
use tokio::sync::watch;

use super::address::{Source, source};
use super::exchange::exchange;
use super::head::head_of;
use super::knock::{Lobby, Visitor};
use super::reply::{Reply, from_plain};
use super::{Seat, Seats, Tls, cors, health, refusal, scrape};
use crate::api;
use crate::config::Config;
use crate::connection::Settings;
use crate::websocket::handshake::is_upgrade;

/// What every connection shares.
pub(crate) struct Door {
    hub: Arc<Hub>,
    config: Config,
    seats: Arc<Seats>,
    tls: Option<Tls>,
    lobby: Lobby,
    draining: watch::Sender<bool>,
}

/// The other end of a connection.
#[derive(Clone)]
pub(crate) struct Peer {
    /// Its address on the wire: perhaps a proxy's.
    pub(crate) address: IpAddr,
    /// Held as long as the connection lasts.
    pub(crate) seat: Arc<Seat>,
}

impl Door {
    /// Open.
    pub(crate) fn new(hub: Arc<Hub>, config: Config, tls: Option<Tls>, rate_limits: bool) -> Self {
        let seats = Seats::new(hub.limits().connections, hub.limits().address_connections);
        let lobby = Lobby::new(&hub, Settings { compression: config.house.compression, rate_limits });
        Self { hub, config, seats, tls, lobby, draining: watch::Sender::new(false) }
    }

    /// The bounds in force.
    pub(crate) fn limits(&self) -> &Limits {
        self.hub.limits()
    }

    /// What was configured.
    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// Who counts connections.
    pub(crate) fn seats(&self) -> &Arc<Seats> {
        &self.seats
    }

    /// The certificate, where there is one.
    pub(crate) fn tls(&self) -> Option<&Tls> {
        self.tls.as_ref()
    }

    /// The hall behind it.
    pub(crate) fn hub(&self) -> &Arc<Hub> {
        &self.hub
    }

    /// The open WebSockets.
    pub(crate) fn lobby(&self) -> &Lobby {
        &self.lobby
    }

    /// Becomes true when no more requests are taken.
    pub(crate) fn draining(&self) -> watch::Receiver<bool> {
        self.draining.subscribe()
    }

    fn is_draining(&self) -> bool {
        *self.draining.borrow()
    }

    /// Takes no more connections or requests.
    pub(crate) fn drain(&self) {
        self.draining.send_replace(true);
    }

    /// Answers one request. Whatever goes wrong in there, the server goes on.
    pub(crate) async fn answer(self: Arc<Self>, peer: Peer, request: Request<Incoming>) -> Reply {
        let begun = Instant::now();
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let asked: HeaderMap = request.headers().clone();
        let found = AssertUnwindSafe(self.find(peer, request)).catch_unwind().await;
        let mut reply = found.unwrap_or_else(|_| {
            tracing::error!(%method, path, "a handler panicked");
            from_plain(refusal::of(&Error::internal("a handler panicked")))
        });
        cors::allow(&self.config.cors, &asked, reply.headers_mut());
        if method == Method::OPTIONS {
            cors::preflight(&asked, reply.headers_mut());
        }
        metrics::counter!("quintet_http_requests_total", "status" => reply.status().as_u16().to_string()).increment(1);
        // The path only: a query may hold a token.
        tracing::debug!(%method, path, status = reply.status().as_u16(), elapsed = ?begun.elapsed(), "request");
        reply
    }

    async fn find(&self, peer: Peer, request: Request<Incoming>) -> Reply {
        if !names_its_host(&request) {
            return from_plain(refusal::response(400, "a request needs one Host header"));
        }
        let source = source(peer.address, request.headers(), &self.config.proxies);
        if request.method() == Method::OPTIONS {
            return from_plain(Response::empty(204));
        }
        let path = request.uri().path();
        let (upgrades, claimed) = (is_upgrade(request.headers()), self.claimant(path).is_some());
        let rooms = self.lobby.rooms_at(path);
        if !rooms.is_empty() && (upgrades || !claimed) {
            let rooms = rooms.to_vec();
            return self.lobby.knock(&self.hub, &self.seats, Visitor { peer, source, rooms }, request);
        }
        if upgrades && !claimed {
            // A handshake is refused rather than not found: the status that clients of the rooms know.
            return from_plain(refusal::response(403, "no WebSocket is served at this path"));
        }
        let head = head_of(&request);
        let body = request.into_body();
        if api::serves(&head.path) {
            let visit = api::Visit { hub: &self.hub, head, body, address: source.address, draining: self.draining() };
            return api::over_network(&self.config.api, visit).await;
        }
        from_plain(self.plain(head, body, source).await)
    }

    /// A request that is no WebSocket's.
    async fn plain(&self, head: Head, body: Incoming, source: Source) -> Response {
        let reads = matches!(head.method.as_str(), "GET" | "HEAD");
        match head.path.as_str() {
            "/healthz" if reads => health::health(&self.hub, self.is_draining()).await,
            "/metrics" if reads => scrape::scrape(self.config.metrics.public || source.local),
            "/.well-known/jwks.json" if reads => Response::json(200, self.hub.jwks().to_owned()),
            "/healthz" | "/metrics" | "/.well-known/jwks.json" => {
                refusal::response(405, "only GET is answered here").with_header("allow", "GET")
            }
            path if is_own(path) => refusal::response(404, "nothing here"),
            _ => self.room(head, body, source).await,
        }
    }

    async fn room(&self, head: Head, body: Incoming, source: Source) -> Response {
        match self.room_serving(&head.path) {
            Some(room) => {
                let receiving = self.lobby.connections().receiving();
                exchange(&self.hub, room, head, (body, receiving), source).await
            }
            None => refusal::response(404, "nothing here"),
        }
    }

    /// The room that answers a path: one that keeps it for itself, one that claims it, or one that answers whatever is left.
    fn room_serving(&self, path: &str) -> Option<&dyn Dialect> {
        let keeper = self.rooms().find(|room| room.keeps(path));
        keeper.or_else(|| self.claimant(path)).or_else(|| self.rooms().find(|room| serves_all(*room)))
    }

    /// The room that claims this very path.
    fn claimant(&self, path: &str) -> Option<&dyn Dialect> {
        self.rooms().find(|room| room.serves(path) && !serves_all(*room))
    }

    fn rooms(&self) -> impl Iterator<Item = &dyn Dialect> {
        self.hub.dialects().iter().map(AsRef::as_ref)
    }
}

/// Below this, every path is the house's own.
const OWN: &str = "/quintet";

fn is_own(path: &str) -> bool {
    path.strip_prefix(OWN).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a room answers every path: who claims what is the house's own claims whatever there is.
fn serves_all(room: &dyn Dialect) -> bool {
    room.serves(OWN)
}

/// Whether there is one `Host`, as HTTP/1.1 wants it (RFC 9112, section 3.2).
fn names_its_host<B>(request: &Request<B>) -> bool {
    request.version() < Version::HTTP_11 || request.headers().get_all(HOST).iter().count() == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_host_is_named() {
        let table = [
            (Version::HTTP_11, 0, false),
            (Version::HTTP_11, 1, true),
            (Version::HTTP_11, 2, false),
            (Version::HTTP_10, 0, true),
        ];
        for (version, hosts, good) in table {
            let mut request = Request::builder().version(version);
            for _ in 0..hosts {
                request = request.header(HOST, "a");
            }
            assert_eq!(names_its_host(&request.body(()).unwrap()), good, "{version:?} {hosts}");
        }
    }
}
