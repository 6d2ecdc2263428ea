//! Roads: connections to other hosts, to addresses that were looked at first.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use quintet_core::federation::Host;
use quintet_core::federation::host::Reach;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsConnector;

use super::address::is_open;
use super::resolver::Resolver;
use crate::connection::Stream;

/// How long one address is waited for before the next one is tried as well (RFC 8305, section 8).
const STAGGER: Duration = Duration::from_millis(250);
/// Addresses of one host that are tried.
const ADDRESSES: usize = 6;

/// Makes connections.
pub(crate) struct Roads {
    resolver: Arc<dyn Resolver>,
    tls: TlsConnector,
    reach: Reach,
    patience: Duration,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Obstacle {
    /// Nobody is to go there.
    #[error("{0} is no public address")]
    Closed(IpAddr),
    /// The name leads nowhere.
    #[error("its name has no address")]
    Nowhere,
    /// The name or the address did not answer, or its certificate is not believed.
    #[error("it is not reached")]
    Unreached(#[from] io::Error),
    /// It took too long.
    #[error("it is not reached in time")]
    Late,
}

impl Roads {
    /// To whoever is in reach, each within so much time.
    pub(super) fn new(resolver: Arc<dyn Resolver>, mut tls: ClientConfig, reach: Reach, patience: Duration) -> Self {
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        Self { resolver, tls: TlsConnector::from(Arc::new(tls)), reach, patience }
    }

    /// Who can be gone to at all.
    pub(super) fn reach(&self) -> Reach {
        self.reach
    }

    /// Connects to a host, by TLS or without.
    pub(crate) async fn open(&self, host: &Host, encrypted: bool) -> Result<Stream, Obstacle> {
        timeout(self.patience, self.connect(host, encrypted)).await.unwrap_or(Err(Obstacle::Late))
    }

    async fn connect(&self, host: &Host, encrypted: bool) -> Result<Stream, Obstacle> {
        let stream = connect(&self.addresses(host).await?).await?;
        // Requests are written whole; waiting to fill packets would only delay them.
        stream.set_nodelay(true)?;
        if !encrypted {
            return Ok(Stream::Plain(stream));
        }
        let name = ServerName::try_from(bare(host).to_owned()).map_err(io::Error::other)?;
        Ok(Stream::Tls(Box::new(self.tls.connect(name, stream).await?.into())))
    }

    /// Where a host is. One closed address closes all: a house of the net has none, so whoever names one wants us to go where we should not.
    /// What is connected to are these very addresses; the name is not asked again.
    async fn addresses(&self, host: &Host) -> Result<Vec<SocketAddr>, Obstacle> {
        let found = match bare(host).parse() {
            Ok(address) => vec![address],
            Err(_) => self.resolver.addresses(host.name()).await?,
        };
        if let Some(closed) = found.iter().find(|address| !is_open(**address, self.reach)) {
            return Err(Obstacle::Closed(*closed));
        }
        let port = host.port().unwrap_or(443);
        Ok(found.into_iter().take(ADDRESSES).map(|address| (address, port).into()).collect())
    }
}

/// The name of a host, or its address without brackets.
fn bare(host: &Host) -> &str {
    host.name().trim_start_matches('[').trim_end_matches(']')
}

/// Connects to the first address that answers.
async fn connect(addresses: &[SocketAddr]) -> Result<TcpStream, Obstacle> {
    let attempts = (0..).zip(addresses).map(|(place, address)| async move {
        sleep(STAGGER * place).await;
        TcpStream::connect(*address).await
    });
    let mut attempts: FuturesUnordered<_> = attempts.collect();
    let mut obstacle = Obstacle::Nowhere;
    while let Some(attempt) = attempts.next().await {
        match attempt {
            Ok(stream) => return Ok(stream),
            Err(error) => obstacle = error.into(),
        }
    }
    Err(obstacle)
}
