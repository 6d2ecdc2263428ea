//! Dialing: this server goes to another and opens a WebSocket there (RFC 6455, section 4.1).

use std::pin::pin;
use std::sync::{Arc, Weak};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{CONNECTION, UPGRADE};
use http::header::{HOST, RETRY_AFTER, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, USER_AGENT};
use http::{Request, Response, StatusCode};
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use quintet_core::federation::Host;
use quintet_core::federation::inquiry::Fetched;
use quintet_core::federation::telling::Posting;
use quintet_core::limits::size;
use quintet_core::{Error, Limits};
use quintet_hub::Hub;
use quintet_hub::federation::{Carrier, Dialed, Posted};

use crate::connection::{Call, Connections, Stream, call};
use crate::gate::destination::Destination;
use crate::gate::{AGENT, Gate, within};
use crate::websocket::handshake::{self, Opening};

/// hyper needs this much to read any head at all.
const SMALLEST_BUFFER: usize = 8192;

/// What gets this house's words to others, and opens sockets to them.
pub(crate) struct Dialer {
    gate: Gate,
    /// The hall has this, so this does not have the hall.
    hub: Weak<Hub>,
    connections: Arc<Connections>,
}

impl Dialer {
    /// Through a gate, for a hall.
    pub(crate) fn new(gate: Gate, hub: &Arc<Hub>, connections: Arc<Connections>) -> Self {
        Self { gate, hub: Arc::downgrade(hub), connections }
    }

    async fn open(&self, host: &Host, endpoint: &str) -> Result<Dialed, Error> {
        let hub =
            self.hub.upgrade().ok_or_else(|| Error::unavailable("this server is shutting down and calls nobody"))?;
        let destination = Destination::of_socket(endpoint, self.gate.reach())?;
        if destination.host != *host {
            return Err(Error::forbidden(format!("{host} names an endpoint of another host, which is not called")));
        }
        let room = hub.dialects().iter().position(|room| room.federation().is_some());
        let room = room.ok_or_else(|| Error::not_found("no room here speaks to other servers"))?;
        let offered = hub.dialects()[room].subprotocols();
        let _turn = self.gate.turn(host).await;
        let time = Duration::from_secs(hub.limits().fetch_seconds);
        let opened = within(time, host, async {
            let stream = self.gate.open(&destination).await?;
            upgrade(&destination, stream, offered, hub.limits()).await
        });
        let (upgraded, subprotocol) = opened.await?;
        call(&Call { host, endpoint, room, subprotocol }, upgraded, &hub, &self.connections)
    }
}

#[async_trait]
impl Carrier for Dialer {
    async fn fetch(&self, url: &str, headers: Vec<(&'static str, String)>) -> Result<Fetched, Error> {
        self.gate.fetch(url, headers).await
    }

    async fn post(&self, posting: Posting) -> Result<Posted, Error> {
        self.gate.post(posting).await
    }

    /// Within [`Limits::fetch_seconds`] from its turn on. What is refused is told with the other house's status, and with `{"retryAfter": seconds}` where
    /// it says when to come again.
    async fn dial(&self, host: &Host, endpoint: &str) -> Result<Dialed, Error> {
        self.open(host, endpoint).await
    }
}

/// Asks for a WebSocket; tells which of the offered sub-protocols is spoken there.
async fn upgrade(
    destination: &Destination,
    stream: Stream,
    offered: &'static [&'static str],
    limits: &Limits,
) -> Result<(Upgraded, Option<&'static str>), Error> {
    let host = &destination.host;
    let lost =
        |error: hyper::Error| Error::unavailable(format!("{host} did not answer as HTTP wants it")).because(error);
    let mut builder = http1::Builder::new();
    builder.max_buf_size(size(limits.header_bytes).max(SMALLEST_BUFFER));
    let (mut sender, connection) = builder.handshake(TokioIo::new(stream)).await.map_err(lost)?;
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(Error::internal)?;
    let opening = Opening::new(random);
    let request = knock(destination, &opening, offered)?;
    let asked = async {
        let response = sender.send_request(request).await.map_err(lost)?;
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            return Err(refused(host, &response));
        }
        let subprotocol = opening
            .check(response.headers(), offered)
            .map_err(|why| Error::forbidden(format!("{host} opens no socket as it was asked to: {why}")))?;
        let upgraded = hyper::upgrade::on(response).await.map_err(lost)?;
        Ok((upgraded, subprotocol))
    };
    // The connection does its work as long as somebody waits for what comes of it, and is dropped with that.
    let (mut asked, mut working) = (pin!(asked), pin!(connection.with_upgrades()));
    tokio::select! {
        asked = &mut asked => asked,
        // What went wrong there is told here, too.
        _ = &mut working => asked.await,
    }
}

fn knock(destination: &Destination, opening: &Opening, offered: &[&str]) -> Result<Request<Empty<Bytes>>, Error> {
    let target = destination.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let mut request = Request::get(target)
        .header(HOST, destination.host.as_str())
        .header(USER_AGENT, AGENT)
        .header(CONNECTION, "Upgrade")
        .header(UPGRADE, "websocket")
        .header(SEC_WEBSOCKET_VERSION, handshake::VERSION)
        .header(SEC_WEBSOCKET_KEY, opening.key());
    if !offered.is_empty() {
        request = request.header(SEC_WEBSOCKET_PROTOCOL, offered.join(", "));
    }
    request.body(Empty::new()).map_err(Error::internal)
}

/// What another house says instead of letting us in.
fn refused<B>(host: &Host, response: &Response<B>) -> Error {
    let status = response.status();
    if status.is_redirection() {
        return Error::forbidden(format!("{host} answers with a redirect, which is not followed"));
    }
    let wait = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse::<u64>().ok());
    let error = Error::unavailable(format!("{host} opens no socket, but answers {}", status.as_u16()));
    let error =
        if status.is_client_error() || status.is_server_error() { error.with_status(status.as_u16()) } else { error };
    match wait.and_then(|seconds| serde_json::value::to_raw_value(&serde_json::json!({ "retryAfter": seconds })).ok()) {
        Some(data) => error.with_data(data),
        None => error,
    }
}
