//! The HTTP client: connections that are kept and used again.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{self, Error};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, RootCertStore};

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
        let https = HttpsConnectorBuilder::new().with_tls_config(tls(roots)).https_or_http().enable_http1();
        let mut builder = legacy::Client::builder(TokioExecutor::new());
        builder.pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE).pool_max_idle_per_host(IDLE_CONNECTIONS);
        Self(builder.build(https.wrap_connector(http)))
    }

    /// Makes one request.
    pub(super) async fn request(&self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, Error> {
        self.0.request(request).await
    }
}

/// The certificates that the system believes.
pub(super) fn system_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    let (good, _) = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if good == 0 {
        tracing::warn!("the system has no certificates to believe: calls of webhooks over https will fail");
    }
    roots
}

fn tls(roots: RootCertStore) -> ClientConfig {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider speaks the versions that are safe")
        .with_root_certificates(roots)
        .with_no_client_auth()
}
