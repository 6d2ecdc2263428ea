//! The HTTP client: connections that are kept and used again.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{self, Error};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::RootCertStore;

use crate::trust;

/// How long an unused connection is kept: less than the 5 s of a common server (Node.js), which else closes it while we write.
const IDLE: Duration = Duration::from_secs(4);

/// Unused connections to one host.
const IDLE_CONNECTIONS: usize = 64;

/// Calls others over HTTP. Follows no redirects. Clones share their connections.
#[derive(Clone)]
pub(super) struct Client(legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

impl Client {
    /// A client that believes these certificates.
    pub(super) fn new(roots: RootCertStore) -> Self {
        let mut http = HttpConnector::new();
        // TLS is above.
        http.enforce_http(false);
        http.set_nodelay(true);
        let https = HttpsConnectorBuilder::new().with_tls_config(trust::client(roots)).https_or_http().enable_http1();
        let mut builder = legacy::Client::builder(TokioExecutor::new());
        builder.pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE).pool_max_idle_per_host(IDLE_CONNECTIONS);
        Self(builder.build(https.wrap_connector(http)))
    }

    /// Makes one request.
    pub(super) async fn request(&self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, Error> {
        self.0.request(request).await
    }
}
