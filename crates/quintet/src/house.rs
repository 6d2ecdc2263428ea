//! A house without a street door: store and hall, on a data directory or on a store of one's own.

use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use quintet_atomic::Atomic;
use quintet_bus::InProcess;
use quintet_concord::Concord;
use quintet_core::federation::host::Reach;
use quintet_core::procedure::Owner;
use quintet_core::time::Clock;
use quintet_core::{Dialect, Limits, Origin, Timestamp};
use quintet_flamigo::{Flamigo, Options, Workers};
use quintet_hub::federation::Rules as FederationRules;
use quintet_hub::procedures::{Registration, Registry};
use quintet_hub::{Hub, Parts, Rules, Started};
use quintet_jac::Jac;
use quintet_server::config::Config;
use quintet_server::connection::echo::Echo;
use quintet_server::procedures::{Hook, webhooks};
use quintet_server::websocket::deflate::deflate;
use quintet_store::{Sqlite, Store};
use quintet_versia::Versia;

use crate::{Handle, Procedure, StartError};

/// The name of the database in the data directory.
pub const DATABASE: &str = "quintet.db";

/// What a house is made of.
pub struct House {
    /// What was configured.
    pub config: Config,
    /// Where everything kept is kept.
    pub store: Arc<dyn Store>,
    /// Where it is reached from outside.
    pub origin: Origin,
    /// With the echo socket, and without rate limits.
    pub conformance: bool,
    /// Whether it is served at its origin; a command only looks in, by an origin that it may never be served at.
    pub serving: bool,
    /// What time it is.
    pub clock: Clock,
}

impl House {
    /// Opens it, founding it in an empty store. Nobody else's procedures run in it.
    pub async fn start(self) -> Result<Started, StartError> {
        let procedures = Arc::new(Registry::new(&self.config.limits));
        self.open(procedures).await
    }

    /// As [`House::start`], with the procedures of a program and of webhooks. The names are taken before anything else is done: what is wrong with
    /// them is told before a house is founded.
    pub(crate) async fn start_with(
        self,
        own: Vec<Procedure>,
        handle: &Handle,
    ) -> Result<(Started, Vec<Registration>), StartError> {
        let procedures = Arc::new(Registry::new(&self.config.limits));
        let own = own.into_iter().map(|procedure| {
            let (offer, runner) = procedure.into_parts(handle.clone());
            Hook { owner: Owner::Closure, offer, runner }
        });
        let all = own.chain(webhooks(&self.config, &self.clock));
        let register = |Hook { owner, offer, runner }| procedures.register(&owner, vec![offer], &runner);
        let registrations: Result<Vec<_>, _> = all.map(register).collect();
        let registrations = registrations.map_err(StartError::Procedure)?;
        let started = self.open(procedures).await?;
        handle.open(&started.hub);
        Ok((started, registrations))
    }

    async fn open(self, procedures: Arc<Registry>) -> Result<Started, StartError> {
        let Self { config, store, origin, conformance, serving, clock } = self;
        let reach = reach(&config);
        let parts = Parts {
            store,
            bus: Arc::new(InProcess::default()),
            dialects: rooms(&config, &origin, &procedures, conformance),
            origin,
            clock,
            rules: Rules {
                token_ttl: config.auth.token_ttl.duration(),
                registration: config.auth.registration,
                drives: config.documents.drives,
                public_read: config.rooms.public_read,
                rate_limits: !conformance,
                federation: FederationRules {
                    open: config.federation.open,
                    manual: config.federation.manual_approval,
                    reach,
                },
            },
            founding: config.admin.password,
            compress: config.house.compression.then_some(deflate),
            serving,
            procedures: Arc::clone(&procedures),
            limits: config.limits,
            delivery_tasks: quintet_core::limits::size(config.house.threads),
        };
        Hub::start(parts).await.map_err(StartError::Hub)
    }
}

/// The rooms that there are. Of those that serve a path the first has it, so the one that serves every path is the last.
fn rooms(config: &Config, origin: &Origin, procedures: &Arc<Registry>, conformance: bool) -> Vec<Arc<dyn Dialect>> {
    let limits = &config.limits;
    let options = Options { same_length: config.rooms.same_length_patterns, debug: config.rooms.error_traces };
    let federation = quintet_versia::Options {
        enabled: config.federation.enabled,
        reach: reach(config),
        strict_metadata: config.federation.strict_metadata,
        manual: config.federation.manual_approval,
    };
    let targets = quintet_core::limits::size(limits.publish_targets);
    let mut rooms: Vec<Arc<dyn Dialect>> = vec![
        Arc::new(Concord::new(limits)),
        Arc::new(Jac::new(targets, Arc::clone(procedures) as _)),
        Arc::new(Flamigo::new(limits, options)),
        Arc::new(Workers::new(limits, options)),
        Arc::new(Versia::new(origin, limits, federation)),
    ];
    if conformance {
        rooms.push(Arc::new(Echo));
    }
    rooms.push(Arc::new(Atomic::new(origin.clone(), limits)));
    rooms
}

/// Which houses can be peers.
fn reach(config: &Config) -> Reach {
    if config.federation.loopback { Reach::Loopback } else { Reach::Net }
}

/// Opens the database of a data directory whose lock the caller holds. Blocks while it works.
pub fn open(data: &Path, limits: &Limits, clock: Clock) -> Result<Arc<dyn Store>, StartError> {
    let options = quintet_store::Options { limits: limits.clone(), clock };
    let path = data.join(DATABASE);
    let store = Sqlite::open(&path, options).map_err(|source| StartError::Store { path, source })?;
    Ok(Arc::new(store))
}

/// The system's clock.
#[expect(clippy::disallowed_methods, reason = "the one place where time is taken from the system")]
pub fn system_clock() -> Clock {
    Arc::new(|| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    })
}
