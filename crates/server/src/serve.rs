//! A server, from the bound socket to the last goodbye.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use quintet_core::Origin;
use quintet_core::federation::host::Reach;
use quintet_core::limits::size;
use quintet_hub::Hub;
use rustls::pki_types::CertificateDer;
use tokio::task::JoinSet;

use crate::config::{Config, Listen};
use crate::control::{Lock, Socket};
use crate::edge::dial::Dialer;
use crate::edge::{Door, Listener, Tls, TlsError, lookup};
use crate::gate::Gate;
use crate::gate::resolver::System;
use crate::{telemetry, trust};

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is not to be had.
    #[error("cannot listen on {listen}")]
    Listen {
        /// What was asked for.
        listen: Listen,
        /// The cause.
        source: io::Error,
    },
    /// The certificate is not usable.
    #[error("cannot use the certificate")]
    Tls(#[from] TlsError),
    /// The control socket is not to be had.
    #[error("cannot make the control socket in the data directory (its path may be too long; 107 bytes are the most)")]
    Control(#[source] io::Error),
}

/// Everything that could have stood in the way is done: peers can connect, but nobody answers yet.
pub struct Bound {
    listener: Listener,
    origin: Origin,
    tls: Option<Tls>,
    /// Who certifies other houses, besides those whom the system believes.
    authorities: Vec<CertificateDer<'static>>,
    // The socket goes before the right to have one.
    control: Option<(Socket, Lock)>,
}

/// Reads the certificate and binds what was configured.
pub async fn bind(config: &Config) -> Result<Bound, StartError> {
    let tls = match (&config.tls.certificate, &config.tls.key) {
        (Some(certificate), Some(key)) => Some(Tls::load(certificate.clone(), key.clone())?),
        _ => None,
    };
    let listen = &config.house.listen;
    let failed = |source| StartError::Listen { listen: listen.clone(), source };
    let listener = Listener::bind(lookup(listen).await.map_err(failed)?).map_err(failed)?;
    let origin = origin(config, listener.address());
    let authorities = match &config.federation.roots {
        Some(path) => trust::certificates(path)?,
        None => Vec::new(),
    };
    Ok(Bound { listener, origin, tls, authorities, control: None })
}

/// Where a server with this configuration is reached, whether it runs or not; `None` where only a running one can tell.
pub async fn expected_origin(config: &Config) -> Option<Origin> {
    let listen = &config.house.listen;
    match &config.house.origin {
        Some(url) => Some(url.origin()),
        None if listen.port() == 0 => None,
        None => Some(origin(config, lookup(listen).await.ok()?)),
    }
}

/// The configured origin, or the one at which this machine reaches the server.
fn origin(config: &Config, address: SocketAddr) -> Origin {
    if let Some(url) = &config.house.origin {
        return url.origin();
    }
    let scheme = if config.tls.certificate.is_some() { "https" } else { "http" };
    // Servers on this machine know each other by address.
    let named = address.ip().is_loopback() && !config.federation.loopback;
    let host = if named || address.ip().is_unspecified() { "localhost".to_owned() } else { host_of(address) };
    Origin(format!("{scheme}://{host}:{}", address.port()))
}

fn host_of(address: SocketAddr) -> String {
    match address {
        SocketAddr::V4(address) => address.ip().to_string(),
        SocketAddr::V6(address) => format!("[{}]", address.ip()),
    }
}

impl Bound {
    /// Takes a data directory along, whose owner gives orders through a socket in it.
    pub fn with_data(mut self, lock: Lock) -> Result<Self, StartError> {
        let socket = Socket::bind(&lock).map_err(StartError::Control)?;
        self.control = Some((socket, lock));
        Ok(self)
    }

    /// Where it is bound, with the port that it got.
    pub fn address(&self) -> SocketAddr {
        self.listener.address()
    }

    /// The URL at which others reach it.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }
}

/// What a server is made of.
pub struct Parts {
    /// What was configured. The hub has its limits already.
    pub config: Config,
    /// The hall behind the door.
    pub hub: Arc<Hub>,
    /// Whether connections are held to their rates.
    pub rate_limits: bool,
}

/// Begins to answer. Needs a tokio runtime; ends with [`Running::shutdown`].
pub fn start(bound: Bound, parts: Parts) -> Running {
    let Parts { config, hub, rate_limits } = parts;
    let address = bound.address();
    let Bound { listener, origin, tls, authorities, control } = bound;
    let (socket, lock) = control.unzip();
    telemetry::publish_limits(hub.limits());
    let door = Arc::new(Door::new(hub, config, tls, rate_limits));
    meet_others(&door, authorities);
    let mut accepting = JoinSet::new();
    accepting.spawn(listener.accept(Arc::clone(&door)));
    if let Some(socket) = socket {
        accepting.spawn(socket.serve(Arc::clone(&door)));
    }
    let mut chores = JoinSet::new();
    chores.spawn(telemetry::upkeep());
    chores.spawn(Arc::clone(door.lobby().connections()).keep_alive());
    Running { address, origin, door, accepting, chores, lock }
}

/// Has the hall's words carried to other houses, where it federates.
fn meet_others(door: &Door, authorities: Vec<CertificateDer<'static>>) {
    let (hub, limits) = (door.hub(), door.limits());
    let Ok(federation) = hub.federation() else { return };
    let mut roots = trust::system_roots("federation");
    roots.add_parsable_certificates(authorities);
    let reach = if door.config().federation.loopback { Reach::Loopback } else { Reach::Net };
    let resolver = Arc::new(System::new(size(limits.fetches)));
    let gate = Gate::new(limits, reach, resolver, trust::client(roots));
    let dialer = Dialer::new(gate, hub, Arc::clone(door.lobby().connections()));
    federation.begin(hub, Arc::new(dialer));
}

/// A server at work. Dropping it stops it at once, without a goodbye.
pub struct Running {
    address: SocketAddr,
    origin: Origin,
    pub(crate) door: Arc<Door>,
    accepting: JoinSet<()>,
    chores: JoinSet<()>,
    lock: Option<Lock>,
}

impl Running {
    /// Where it listens, with the port that it got.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL at which others reach it.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The URL that was configured for others, if one was.
    pub fn configured_origin(&self) -> Option<&Origin> {
        self.door.config().house.origin.as_ref().map(|_| &self.origin)
    }

    /// Whether it speaks TLS itself.
    pub fn is_encrypted(&self) -> bool {
        self.door.tls().is_some()
    }

    /// The hall behind it.
    pub fn hub(&self) -> &Arc<Hub> {
        self.door.hub()
    }

    /// Reads the certificate again; connections that are open keep theirs.
    pub fn reload_tls(&self) -> Result<(), TlsError> {
        self.door.tls().map_or(Ok(()), Tls::reload)
    }

    /// Takes nobody in any more, says goodbye to everybody, to those with calls under way when they have their answers, and waits for them within
    /// `Limits::drain_seconds`; then finishes what is being written, and lets go of the data directory.
    pub async fn shutdown(mut self) {
        tracing::info!(connections = self.door.seats().taken(), "shutting down");
        self.door.drain();
        let patience = Duration::from_secs(self.door.limits().drain_seconds);
        let goodbye = goodbye(&self.door, &mut self.accepting, patience);
        if tokio::time::timeout(patience + GRACE, goodbye).await.is_err() {
            tracing::warn!(connections = self.door.seats().taken(), "some connections did not end in time");
        }
        self.accepting.shutdown().await;
        self.door.hub().shutdown().await;
        self.chores.shutdown().await;
        drop(self.lock.take());
        tracing::info!("done");
    }
}

/// What is needed after the time is up: to drop WebSockets that are left, and to tell those who still wait for a call that nothing comes of it.
const GRACE: Duration = Duration::from_millis(500);

/// Waits until everybody has left, those at the control socket included. Calls of procedures that take longer than the patience are answered
/// with 503 then, as whoever waits for one, by a socket or a request, stays until it has its answer.
async fn goodbye(door: &Door, accepting: &mut JoinSet<()>, patience: Duration) {
    let accepted = async { while accepting.join_next().await.is_some() {} };
    let all = async { tokio::join!(accepted, door.lobby().connections().drain(), door.seats().empty()) };
    let mut all = pin!(all);
    if tokio::time::timeout(patience, all.as_mut()).await.is_err() {
        door.hub().procedures().end_calls();
        all.await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_origin_is_where_this_machine_reaches_the_server() {
        let table = [
            ("127.0.0.1:8080", "http://localhost:8080"),
            ("0.0.0.0:81", "http://localhost:81"),
            ("[::1]:81", "http://localhost:81"),
            ("192.0.2.1:81", "http://192.0.2.1:81"),
            ("[2001:db8::1]:81", "http://[2001:db8::1]:81"),
        ];
        for (address, expected) in table {
            assert_eq!(origin(&Config::default(), address.parse().unwrap()).0, expected);
        }
        let mut config = Config::default();
        config.federation.loopback = true;
        for (address, expected) in [
            ("127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("[::1]:81", "http://[::1]:81"),
            ("0.0.0.0:81", "http://localhost:81"),
        ] {
            assert_eq!(origin(&config, address.parse().unwrap()).0, expected, "among servers on this machine");
        }
        let mut config = Config::default();
        config.tls.certificate = Some("x.pem".into());
        assert_eq!(origin(&config, "127.0.0.1:443".parse().unwrap()).0, "https://localhost:443");
    }

    #[tokio::test]
    async fn the_origin_is_known_before_the_server_runs() {
        let mut config = Config::default();
        assert_eq!(expected_origin(&config).await, Some(Origin("http://localhost:8080".to_owned())));
        config.house.listen = Listen::new("127.0.0.1", 0);
        assert_eq!(expected_origin(&config).await, None, "any free port");
    }
}
