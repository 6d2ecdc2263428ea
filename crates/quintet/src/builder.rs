//! The builder of a server.

use std::future::Future;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use quintet_core::identity::Secret;
use quintet_core::time::Clock;
use quintet_core::{Error, Limits};
use quintet_hub::listening::Heard;
use quintet_server::Bound;
use quintet_server::config::{Config, Listen};
use quintet_server::control::Lock;
use quintet_server::telemetry;
use quintet_store::Store;
use serde::Serialize;
use tokio::task::JoinSet;

use crate::conformance;
use crate::house::{House, open, system_clock};
use crate::listener::Listener;
use crate::{Call, Handle, Procedure, Running, StartError, Stop};

/// A Quintet server.
#[derive(Debug)]
pub struct Server;

impl Server {
    /// A server with the default configuration: on `127.0.0.1:8080`, with its database in `./data`.
    pub fn builder() -> Builder {
        Builder {
            config: Config::default(),
            store: None,
            conformance: false,
            clock: system_clock(),
            procedures: Vec::new(),
            listeners: Vec::new(),
            handle: Handle::new(),
        }
    }
}

/// What a server is to be like.
pub struct Builder {
    config: Config,
    store: Option<Arc<dyn Store>>,
    conformance: bool,
    clock: Clock,
    procedures: Vec<Procedure>,
    listeners: Vec<Listener>,
    handle: Handle,
}

impl Builder {
    /// The whole configuration; call it first, it replaces what the other methods set.
    #[must_use]
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// The directory of the database and the control socket.
    #[must_use]
    pub fn data(mut self, data: impl Into<PathBuf>) -> Self {
        self.config.house.data = data.into();
        self
    }

    /// A store of one's own; then there is no data directory and no control socket.
    #[must_use]
    pub fn store(mut self, store: Arc<dyn Store>) -> Self {
        self.store = Some(store);
        self
    }

    /// Where to listen; port 0 takes any free one.
    #[must_use]
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.config.house.listen = Listen::from(address);
        self
    }

    /// The bounds in force.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.config.limits = limits;
        self
    }

    /// The password of the first admin, should the house be founded now.
    #[must_use]
    pub fn admin_password(mut self, password: impl Into<String>) -> Self {
        self.config.admin.password = Some(Secret::new(password));
        self
    }

    /// Turns the echo socket on and the rate limits off, lets servers on this machine be peers, and makes a user named alice, for judges of
    /// protocols. Loopback only; the admin's password must be given.
    #[must_use]
    pub fn conformance(mut self, conformance: bool) -> Self {
        self.conformance = conformance;
        self
    }

    /// What time it is, instead of the system's clock.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// A procedure that a closure answers, for whoever is logged in. [`Builder::register`] takes one that says more of itself.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), quintet::StartError> {
    /// quintet::Server::builder()
    ///     .procedure("add", |call| async move {
    ///         let (a, b): (i64, i64) = call.payload()?;
    ///         Ok(a.saturating_add(b))
    ///     })
    ///     .serve()
    ///     .await
    /// # }
    /// ```
    #[must_use]
    pub fn procedure<H, F, R>(self, name: impl Into<Arc<str>>, handler: H) -> Self
    where
        H: Fn(Call) -> F + Send + Sync + 'static,
        F: Future<Output = Result<R, Error>> + Send + 'static,
        R: Serialize,
    {
        self.register(Procedure::new(name, handler))
    }

    /// A procedure with claims, bounds and a description of its own.
    #[must_use]
    pub fn register(mut self, procedure: Procedure) -> Self {
        self.procedures.push(procedure);
        self
    }

    /// What is to be done whenever something is said on a topic that begins like this, rights aside; `*` stands for one segment, as in `room/*`.
    ///
    /// One after the other: while something is being done, `Limits::listener_events` more wait; what is lost then is told as [`Heard::Missed`].
    #[must_use]
    pub fn on<F, R>(mut self, pattern: impl Into<String>, hear: F) -> Self
    where
        F: FnMut(Heard) -> R + Send + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        self.listeners.push(Listener::new(pattern, hear));
        self
    }

    /// A hold on the server that is to be, for what listeners and other parts of the program do.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Starts it, and shuts it down at Ctrl-C or SIGTERM; a second one stops it at once. A new admin's password is told on standard error, once.
    pub async fn serve(self) -> Result<(), StartError> {
        // From here on a signal is not lost, however early it comes.
        let mut stop = Stop::new().map_err(StartError::Signals)?;
        let running = self.start().await?;
        tracing::info!(url = running.url(), "listening");
        if let Some(password) = running.admin_password() {
            // Never into the log. Whoever does not listen can set another with `quintet user passwd admin`.
            let _ = writeln!(std::io::stderr(), "The password of the user admin is: {}", password.expose());
        }
        stop.asked().await;
        tokio::select! {
            () = running.shutdown() => {}
            () = stop.asked() => tracing::warn!("stopped at once, as asked a second time"),
        }
        Ok(())
    }

    /// Starts it, on the tokio runtime that this is called on.
    pub async fn start(self) -> Result<Running, StartError> {
        // Starting takes much more memory than whoever waits for it should carry along.
        Box::pin(self.begin()).await
    }

    async fn begin(self) -> Result<Running, StartError> {
        telemetry::install_metrics();
        let Self { mut config, store, conformance: judged, clock, procedures, listeners, handle } = self;
        if judged {
            conformance::prepare(&mut config)?;
        }
        let bound = quintet_server::bind(&config).await?;
        if judged && !bound.address().ip().is_loopback() {
            return Err(StartError::NotLoopback(bound.address()));
        }
        if config.federation.loopback && !bound.address().ip().is_loopback() {
            return Err(StartError::LoopbackPeers(bound.address()));
        }
        let (bound, store) = match store {
            Some(store) => (bound, store),
            None => open_data(bound, &config, &clock)?,
        };
        let origin = bound.origin().clone();
        let house = House { config: config.clone(), store, origin, conformance: judged, serving: true, clock };
        let (started, registrations) = house.start_with(procedures, &handle).await?;
        if let (true, Some(password)) = (judged, &config.admin.password) {
            conformance::fix_admin(&started.hub, password).await.map_err(StartError::Hub)?;
            conformance::fix_alice(&started.hub, password).await.map_err(StartError::Hub)?;
        }
        let mut listening = JoinSet::new();
        for listener in listeners {
            listening.spawn(listener.start(&handle).map_err(StartError::Hub)?);
        }
        let parts = quintet_server::Parts { config, hub: started.hub, rate_limits: !judged };
        let server = quintet_server::start(bound, parts);
        let admin_password = started.admin_password;
        Ok(Running { server, admin_password, handle, _listeners: listening, _procedures: registrations })
    }
}

/// Takes the data directory and opens its database. Nothing is served yet, so it may block. What can fail comes before
/// the founding: a password that was made up then would never be shown.
fn open_data(bound: Bound, config: &Config, clock: &Clock) -> Result<(Bound, Arc<dyn Store>), StartError> {
    let bound = bound.with_data(Lock::take(&config.house.data)?)?;
    let store = open(&config.house.data, &config.limits, Arc::clone(clock))?;
    Ok((bound, store))
}
