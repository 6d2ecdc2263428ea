//! The hub: everything that the hall is made of, and the one way by which events are heard.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use quintet_bus::Bus;
use quintet_core::chat::Via;
use quintet_core::identity::{Proof, Secret};
use quintet_core::time::Clock;
use quintet_core::{Credential, Dialect, Error, Frame, Identity, Limits, Origin, Timestamp};
use quintet_store::Store;
use tokio::sync::Notify;

use crate::calls::Tally;
use crate::delivery::voice::Voices;
use crate::directory::Directory;
use crate::fanout::Fanout;
use crate::federation::{self, Federation};
use crate::founding;
use crate::images::Images;
use crate::keyring::{self, Keyring};
use crate::listening::Ears;
use crate::passwords::Passwords;
use crate::policy::Policy;
use crate::presence::attendance::Attendance;
use crate::presence::doorkeeper;
use crate::presence::online::Online;
use crate::procedures::Registry;
use crate::proofs;
use crate::rates::Rates;
use crate::tokens::{self, Tokens, WorkerKeys};

/// What a hub is made of.
pub struct Parts {
    /// Where everything kept is kept.
    pub store: Arc<dyn Store>,
    /// By what nodes hear each other.
    pub bus: Arc<dyn Bus>,
    /// The rooms; their order gives them their numbers.
    pub dialects: Vec<Arc<dyn Dialect>>,
    /// Where the server is reached from outside.
    pub origin: Origin,
    /// The bounds in force.
    pub limits: Limits,
    /// What time it is.
    pub clock: Clock,
    /// The rules of the house.
    pub rules: Rules,
    /// The first admin's password, where the configuration names one.
    pub founding: Option<Secret>,
    /// Where procedures are registered; rooms that look them up share it.
    pub procedures: Arc<Registry>,
    /// Delivery tasks; 0 makes one for each core.
    pub delivery_tasks: usize,
    /// Whether the house is served at its origin: only then a root drive is made there, where it has none.
    pub serving: bool,
    /// Makes the compressed spelling of a frame, where compression is on.
    pub compress: Option<fn(&Frame) -> Frame>,
}

/// The rules of the house, as they are configured.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own in the configuration")]
pub struct Rules {
    /// How long a token holds.
    pub token_ttl: Duration,
    /// Whether anybody may register.
    pub registration: bool,
    /// Whether every user may make drives: documents without a parent. Admins may anyway.
    pub drives: bool,
    /// Whether those who are not logged in may hear what every user may hear in rooms.
    pub public_read: bool,
    /// Whether rates are bounded; off in conformance runs only.
    pub rate_limits: bool,
    /// How other houses are dealt with.
    pub federation: federation::Rules,
}

/// A hub that runs.
pub struct Started {
    /// The hub.
    pub hub: Arc<Hub>,
    /// The admin's password, if the house was founded just now and it was made up.
    pub admin_password: Option<Secret>,
}

/// Who asks, by which way, and from where.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who it is.
    pub identity: Identity,
    /// The dialect, or `api`, `cli` …
    pub via: Via,
    /// From where; bounds on logins are kept by it.
    pub address: IpAddr,
    /// From this very machine, with nobody in between: the address alone does not tell, as a proxy here speaks for everybody.
    pub local: bool,
    /// Over a socket, rather than by a request: what procedures may claim ([`quintet_core::procedure::Claim`]).
    pub socket: bool,
}

/// The hall.
pub struct Hub {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) bus: Arc<dyn Bus>,
    pub(crate) directory: Arc<Directory>,
    pub(crate) policy: Arc<Policy>,
    pub(crate) fanout: Fanout,
    pub(crate) presence: Arc<Online>,
    pub(crate) attendance: Attendance,
    pub(crate) ears: Arc<Ears>,
    /// Wakes the doorkeeper: who may view a room may be another.
    pub(crate) rights_changed: Arc<Notify>,
    pub(crate) tokens: Tokens,
    pub(crate) keyring: Keyring,
    pub(crate) passwords: Passwords,
    pub(crate) images: Images,
    pub(crate) rates: Rates,
    pub(crate) tally: Tally,
    pub(crate) procedures: Arc<Registry>,
    pub(crate) federation: Option<Arc<Federation>>,
    pub(crate) limits: Limits,
    pub(crate) rules: Rules,
    /// Held while the right of an admin may be taken away, so that two cannot take each other's at once.
    pub(crate) admins: tokio::sync::Mutex<()>,
    clock: Clock,
    closed: AtomicBool,
}

impl Hub {
    /// Reads the store, or founds the house in an empty one, and begins to listen.
    ///
    /// Must be called on a runtime, on which the delivery tasks and the doorkeeper then live as long as the hub.
    pub async fn start(parts: Parts) -> Result<Started, Error> {
        let hearing = connect(&parts);
        let passwords = Passwords::new(&parts.limits);
        let now = (parts.clock)();
        let mut admin_password = None;
        let mut snapshot = parts.store.snapshot().await?;
        if snapshot.is_none() {
            admin_password = founding::found(&*parts.store, &passwords, now, parts.founding.clone()).await?;
            snapshot = parts.store.snapshot().await?;
        }
        let snapshot = snapshot.ok_or_else(|| Error::internal("the store forgot that it was founded"))?;
        let workers = WorkerKeys::new(parts.store.secrets(tokens::WORKER_PREFIX).await?);
        let tokens = Tokens::new(&secret(&*parts.store, tokens::KEY_NAME).await?, workers);
        let serving = parts.serving;
        let agent = secret(&*parts.store, keyring::KEY_NAME).await?;
        let keyring = Keyring::new(&agent, parts.origin.clone(), &snapshot.secrets);
        let federation = Federation::open(&parts).await?;
        let hub = Arc::new(Self::build(parts, Directory::new(snapshot), (tokens, keyring), passwords, federation));
        hearing.set(Arc::downgrade(&hub)).map_err(|_| Error::internal("a hub starts once"))?;
        if serving {
            founding::open_drive(&hub).await?;
        }
        tokio::spawn(doorkeeper::run(Arc::downgrade(&hub)));
        Ok(Started { hub, admin_password })
    }

    fn build(
        parts: Parts,
        directory: Directory,
        (tokens, keyring): (Tokens, Keyring),
        passwords: Passwords,
        federation: Option<Arc<Federation>>,
    ) -> Self {
        let directory = Arc::new(directory);
        let policy = Arc::new(Policy::new(Arc::clone(&directory), parts.rules.public_read));
        let voices = Voices::new(parts.dialects, parts.origin, parts.compress);
        Self {
            fanout: Fanout::start(delivery_tasks(parts.delivery_tasks), voices, &policy, &parts.limits),
            presence: Arc::new(Online::new(Duration::from_millis(parts.limits.presence_delay_ms))),
            attendance: Attendance::default(),
            ears: Arc::default(),
            rights_changed: Arc::default(),
            images: Images::new(&parts.limits),
            rates: Rates::new(&parts.limits),
            tally: Tally::default(),
            procedures: parts.procedures,
            federation,
            admins: tokio::sync::Mutex::default(),
            closed: AtomicBool::new(false),
            store: parts.store,
            bus: parts.bus,
            limits: parts.limits,
            rules: parts.rules,
            clock: parts.clock,
            directory,
            policy,
            tokens,
            keyring,
            passwords,
        }
    }

    /// The rooms, in the order of their numbers.
    pub fn dialects(&self) -> &[Arc<dyn Dialect>] {
        self.fanout.voices().dialects()
    }

    /// The bounds in force.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Where the server is reached from outside.
    pub fn origin(&self) -> &Origin {
        self.fanout.voices().origin()
    }

    /// The public half of the token key as a JSON Web Key Set, for `/.well-known/jwks.json`.
    pub fn jwks(&self) -> &str {
        self.tokens.jwks()
    }

    /// Who somebody is by what it shows. `Unauthenticated` if that does not hold.
    pub fn identify(&self, credential: &Credential) -> Result<Identity, Error> {
        match credential {
            Credential::None => Ok(Identity::Public),
            Credential::Token(token) => self.tokens.identify(token, &self.directory, self.now()),
            Credential::Proof(proof) => self.prove(proof),
            Credential::Peer(verified) => self.federation()?.identify(verified),
            Credential::Malformed(why) => Err(Error::unauthenticated(why.as_str())),
        }
    }

    /// Who somebody is to a room: workers are nobody where none are taken.
    pub fn identify_in(&self, room: &dyn Dialect, credential: &Credential) -> Result<Identity, Error> {
        match self.identify(credential)? {
            Identity::Worker(_) if !room.takes_workers() => {
                Err(Error::unauthenticated("this is a worker's token, which is good at /worker only; log in as a user"))
            }
            identity => Ok(identity),
        }
    }

    /// The user of this name, to be asked as.
    pub fn user_named(&self, username: &str) -> Option<Identity> {
        self.directory.user_named(username).map(|user| Identity::User(user.id))
    }

    /// Who has the agent key of a proof: a user, or an agent that is none yet.
    fn prove(&self, proof: &Proof) -> Result<Identity, Error> {
        proofs::check(proof, self.now(), &self.limits)?;
        let identity = self.policy.known(&Identity::Agent(proof.agent));
        if self.policy.is_welcome(&identity) { Ok(identity) } else { Err(locked_out()) }
    }

    /// Counts one message or request of somebody. `TooMany` if they come too fast.
    pub fn admit(&self, identity: &Identity) -> Result<(), Error> {
        if self.rules.rate_limits { self.rates.message(self.policy.user(identity), self.now()) } else { Ok(()) }
    }

    /// Whether it can answer. `Unavailable` at shutdown, or what is wrong with the store.
    pub async fn ready(&self) -> Result<(), Error> {
        self.must_be_open()?;
        self.store.ping().await
    }

    /// Every procedure there is, and the calls of them that are under way.
    pub fn procedures(&self) -> &Arc<Registry> {
        &self.procedures
    }

    /// What this house has to do with others. `NotFound` where nothing is federated.
    pub fn federation(&self) -> Result<&Arc<Federation>, Error> {
        self.federation.as_ref().ok_or_else(|| {
            Error::not_found(
                "this server does not federate: give it an https origin, and see [federation] in the configuration",
            )
        })
    }

    /// Takes no more calls, finishes those that reached the store, and lets go of it.
    pub async fn shutdown(&self) {
        self.closed.store(true, Ordering::Release);
        if let Some(federation) = &self.federation {
            federation.finish().await;
        }
        if let Err(error) = self.store.close().await {
            tracing::error!(%error, source = ?std::error::Error::source(&error), "the store did not close well");
        }
        self.ears.close();
    }

    /// `Unavailable` once the shutdown began.
    pub(crate) fn must_be_open(&self) -> Result<(), Error> {
        if self.closed.load(Ordering::Acquire) {
            return Err(Error::unavailable("the server is shutting down, try again soon"));
        }
        Ok(())
    }
}

/// What a user hears who is locked out.
pub(crate) fn locked_out() -> Error {
    Error::unauthenticated("the account is disabled, ask an admin")
}

/// The stored secret of a name; made where there is none.
async fn secret(store: &dyn Store, name: &'static str) -> Result<[u8; 32], Error> {
    let mut fresh = [0; 32];
    getrandom::fill(&mut fresh).map_err(Error::internal)?;
    store.secret(name, fresh).await
}

/// How many delivery tasks there are to be.
fn delivery_tasks(configured: usize) -> usize {
    match configured {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        configured => configured,
    }
}

/// Leads the store's events to the bus, and the bus's to the hub, once there is one.
///
/// What is said before that is the founding, which the hub then reads from the store.
fn connect(parts: &Parts) -> Arc<OnceLock<Weak<Hub>>> {
    let hearing = Arc::new(OnceLock::<Weak<Hub>>::new());
    let ear = Arc::clone(&hearing);
    parts.bus.listen(Box::new(move |event| match ear.get().and_then(Weak::upgrade) {
        Some(hub) => hub.hear(event),
        None => Ok(()),
    }));
    let bus = Arc::clone(&parts.bus);
    parts.store.listen(Box::new(move |event| {
        if let Err(error) = bus.publish(event) {
            tracing::error!(%error, event = %event.id, "a kept event was not carried to the listeners");
        }
    }));
    hearing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delivery_tasks_follow_the_configuration_or_the_cores() {
        let cores = std::thread::available_parallelism().unwrap().get();
        assert_eq!([0, 1, 7].map(delivery_tasks), [cores, 1, 7]);
    }
}
