//! Profiles: the keys of other houses and their users, and what houses say of themselves, as long as that holds.
//!
//! In memory only: after a restart they are asked for again.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use ed25519_dalek::VerifyingKey;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared, WeakShared};
use parking_lot::Mutex;
use quintet_core::federation::{Address, Finding, Host, PeerProfile, Question, Signer, UserProfile};
use quintet_core::{Error, Kind, Limits, Timestamp, limits};

use super::aged::Aged;
use super::inquiries::is_passing;
use super::{Federation, signatures};

/// How long a house is not asked again that could not be asked (versia.md, section 1.6).
const PASSING: Duration = Duration::from_secs(30);
/// How long it is not asked again for what it does not have, or what was not to be believed.
const LASTING: Duration = Duration::from_mins(10);
/// How often it is asked at the most because a signature did not hold.
const FORCED: Duration = Duration::from_secs(30);
/// Profiles of users that were fetched and are likely to be wanted whole.
const RECENT: usize = 256;
/// How long they are.
const RECENTLY: Duration = Duration::from_mins(10);
/// Size of such a profile.
const RECENT_BYTES: usize = 65_536;
/// Inquiries under way at which those are passed over for which nobody waits any more.
const PENDING_SWEEP: usize = 1_024;

/// Of whom something is known.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Whom {
    House(Host),
    User(Address),
}

impl Whom {
    /// Who is to have signed.
    pub(super) fn of(signer: &Signer) -> Self {
        match signer {
            Signer::User(address) => Self::User(address.clone()),
            Signer::Instance(host, _) => Self::House(host.clone()),
        }
    }

    fn host(&self) -> &Host {
        match self {
            Self::House(host) => host,
            Self::User(address) => &address.host,
        }
    }

    fn question(&self) -> Question {
        match self {
            Self::House(host) => Question::Peer(host.clone()),
            Self::User(address) => Question::User(address.clone()),
        }
    }
}

/// What is known of somebody.
#[derive(Clone)]
pub(super) struct Found {
    /// Parsed once. Users have none where their house signs for them.
    key: Option<VerifyingKey>,
    /// Of a house.
    peer: Option<Arc<PeerProfile>>,
    /// When it was fetched.
    at: Timestamp,
}

/// The key of a signer, and when it was fetched.
pub(super) struct Key {
    pub(super) key: VerifyingKey,
    pub(super) at: Timestamp,
}

/// What did not go well; copied for each who waits.
#[derive(Clone, Debug)]
struct Failure {
    kind: Kind,
    public: Arc<str>,
    at: Timestamp,
}

impl Failure {
    fn error(&self) -> Error {
        Error::new(self.kind, &*self.public)
    }
}

type Outcome = Result<Found, Failure>;
type Pending = Shared<BoxFuture<'static, Outcome>>;

#[derive(Default)]
struct Entry {
    found: Option<Found>,
    failed: Option<Failure>,
}

struct Book {
    known: Aged<Whom, Entry>,
    /// When somebody was last asked because a signature did not hold.
    forced: Aged<Whom, Timestamp>,
    recent: Aged<Arc<str>, (Timestamp, Arc<UserProfile>)>,
    pending: HashMap<Whom, WeakShared<BoxFuture<'static, Outcome>>>,
}

/// Everything that is known of other houses, and what is being asked.
pub(super) struct Profiles {
    book: Mutex<Book>,
}

impl Profiles {
    pub(super) fn new(limits: &Limits) -> Self {
        let room = limits::size(limits.peer_profiles);
        Self {
            book: Mutex::new(Book {
                known: Aged::new(room),
                forced: Aged::new(room),
                recent: Aged::new(RECENT),
                pending: HashMap::new(),
            }),
        }
    }

    /// What is known, and not older than that; `Err` where asking again now is of no use.
    fn known(&self, whom: &Whom, oldest: Timestamp, now: Timestamp) -> Result<Option<Found>, Error> {
        let book = self.book.lock();
        let Some(entry) = book.known.get(whom) else { return Ok(None) };
        if let Some(found) = entry.found.as_ref().filter(|found| found.at > oldest) {
            return Ok(Some(found.clone()));
        }
        match &entry.failed {
            Some(failure) if now < after(failure.at, patience(failure.kind)) => Err(failure.error()),
            _ => Ok(None),
        }
    }

    /// What came of an inquiry. For a passing reason nothing is forgotten that was known.
    fn learn(&self, whom: Whom, outcome: &Outcome, profile: Option<UserProfile>) {
        let mut book = self.book.lock();
        let before = book.known.remove(&whom).unwrap_or_default();
        let entry = match outcome {
            Ok(found) => Entry { found: Some(found.clone()), failed: None },
            Err(failure) if is_passing(failure.kind) => Entry { failed: Some(failure.clone()), ..before },
            Err(failure) => Entry { found: None, failed: Some(failure.clone()) },
        };
        if let Some(profile) = profile.filter(|profile| profile.text.len() <= RECENT_BYTES) {
            let at = outcome.as_ref().map_or_else(|failure| failure.at, |found| found.at);
            book.recent.put(Arc::clone(&profile.address.key), (at, Arc::new(profile)));
        }
        book.pending.remove(&whom);
        book.known.put(whom, entry);
    }

    fn recent(&self, address: &Address, now: Timestamp) -> Option<Arc<UserProfile>> {
        let book = self.book.lock();
        let (at, profile) = book.recent.get(&address.key)?;
        (now < after(*at, RECENTLY)).then(|| Arc::clone(profile))
    }

    /// Forgets a user's key, so that it is fetched again.
    pub(super) fn forget_user(&self, address: &Address) {
        let mut book = self.book.lock();
        book.recent.remove(&address.key);
        book.known.remove(&Whom::User(address.clone()));
    }

    /// Forgets everything of a house, also when it was last asked.
    pub(super) fn forget(&self, host: &Host) {
        let mut book = self.book.lock();
        book.known.retain(|whom, _| whom.host() != host);
        book.forced.retain(|whom, _| whom.host() != host);
        book.recent.retain(|_, (_, profile)| profile.address.host != *host);
    }

    /// Whether somebody may be asked because a signature did not hold; counts it.
    fn may_force(&self, whom: &Whom, now: Timestamp) -> bool {
        let mut book = self.book.lock();
        let may = book.forced.get(whom).is_none_or(|last| now >= after(*last, FORCED));
        if may {
            book.forced.put(whom.clone(), now);
        }
        may
    }
}

impl Federation {
    /// What a house says of itself: as it is known, or asked for now. Errors are those of [`Federation::find`].
    pub(crate) async fn peer(self: &Arc<Self>, host: &Host) -> Result<Arc<PeerProfile>, Error> {
        self.must_be_welcome(host)?;
        let found = self.found(&Whom::House(host.clone()), self.tongue.profile_ttl(), || Ok(())).await?;
        found.peer.ok_or_else(|| Error::internal("a house was found that says nothing of itself"))
    }

    /// What a house says of itself, and when it was asked, where that is known.
    pub(crate) fn known_peer(&self, host: &Host) -> Option<(Arc<PeerProfile>, Timestamp)> {
        let book = self.profiles.book.lock();
        let found = book.known.get(&Whom::House(host.clone()))?.found.as_ref()?;
        Some((Arc::clone(found.peer.as_ref()?), found.at))
    }

    /// Forgets the keys and the profile of a house and of its users: after an operator said so, or it could not be reached as it said.
    pub(crate) fn forget(&self, host: &Host) {
        self.profiles.forget(host);
    }

    /// The key of a signer: as it is known, or fetched now. `may_ask` is asked before anybody is.
    pub(super) async fn key_of(
        self: &Arc<Self>,
        whom: &Whom,
        may_ask: impl Fn() -> Result<(), Error>,
    ) -> Result<Key, Error> {
        let ttl = Duration::from_secs(self.limits.peer_key_seconds);
        let found = self.found(whom, ttl, may_ask).await.map_err(unusable)?;
        let key = found.key.ok_or_else(|| Error::unauthenticated("the signer has no key of its own"))?;
        Ok(Key { key, at: found.at })
    }

    /// Another key of a signer than the one with which a signature did not hold; `None` where there is none.
    pub(super) async fn newer_key(
        self: &Arc<Self>,
        whom: &Whom,
        tried: &VerifyingKey,
        may_ask: impl Fn() -> Result<(), Error>,
    ) -> Result<Option<VerifyingKey>, Error> {
        let other = |found: Found| found.key.filter(|key| key != tried);
        let now = self.now();
        // Somebody else may have seen to it meanwhile.
        let known = self.profiles.known(whom, Timestamp::from_millis(i64::MIN), now).ok().flatten().and_then(other);
        if known.is_some() {
            return Ok(known);
        }
        let pending = self.profiles.book.lock().pending.get(whom).and_then(WeakShared::upgrade);
        let asked = match pending {
            Some(pending) => pending,
            None if self.profiles.may_force(whom, now) => {
                may_ask()?;
                self.ask(whom)
            }
            None => return Ok(None),
        };
        asked.await.map(other).map_err(|failure| unusable(failure.error()))
    }

    /// The profile of a user of another house, as it was fetched not long ago, or is now. Errors are those of [`Federation::find`].
    pub(super) async fn profile(self: &Arc<Self>, address: &Address) -> Result<Arc<UserProfile>, Error> {
        let now = self.now();
        if let Some(profile) = self.profiles.recent(address, now) {
            return Ok(profile);
        }
        let whom = Whom::User(address.clone());
        // What is known of its key is not asked here: only whether asking again is of use.
        self.profiles.known(&whom, Timestamp::from_millis(i64::MAX), now)?;
        self.ask(&whom).await.map_err(|failure| failure.error())?;
        match self.profiles.recent(address, now) {
            Some(profile) => Ok(profile),
            None => match self.find(whom.question()).await? {
                Finding::User(profile) if profile.address == *address => Ok(Arc::from(profile)),
                _ => Err(Error::bad_message("the other server answered for somebody else")),
            },
        }
    }

    async fn found(
        self: &Arc<Self>,
        whom: &Whom,
        ttl: Duration,
        may_ask: impl Fn() -> Result<(), Error>,
    ) -> Result<Found, Error> {
        let now = self.now();
        let oldest = now.plus_millis(-millis(ttl));
        if let Some(found) = self.profiles.known(whom, oldest, now)? {
            return Ok(found);
        }
        may_ask()?;
        self.ask(whom).await.map_err(|failure| failure.error())
    }

    /// Asks somebody's house; whoever wants to know the same meanwhile waits for the same answer.
    fn ask(self: &Arc<Self>, whom: &Whom) -> Pending {
        let mut book = self.profiles.book.lock();
        if let Some(pending) = book.pending.get(whom).and_then(WeakShared::upgrade) {
            return pending;
        }
        if book.pending.len() >= PENDING_SWEEP {
            book.pending.retain(|_, pending| pending.upgrade().is_some());
        }
        let (federation, asked) = (Arc::clone(self), whom.clone());
        let pending = async move { federation.inquire(asked).await }.boxed().shared();
        if let Some(weak) = pending.downgrade() {
            book.pending.insert(whom.clone(), weak);
        }
        pending
    }

    async fn inquire(self: Arc<Self>, whom: Whom) -> Outcome {
        let found = self.find(whom.question()).await;
        let at = self.now();
        let (outcome, profile) = match found.and_then(|finding| read(&whom, finding, at)) {
            Ok((found, profile)) => (Ok(found), profile),
            Err(error) => {
                tracing::debug!(?whom, %error, "another house could not be asked");
                (Err(Failure { kind: error.kind(), public: error.public().into(), at }), None)
            }
        };
        self.profiles.learn(whom, &outcome, profile);
        outcome
    }
}

/// What was found, where that is what was asked for.
fn read(whom: &Whom, finding: Finding, at: Timestamp) -> Result<(Found, Option<UserProfile>), Error> {
    let weak = || Error::bad_message("its key is no Ed25519 key, or a weak one");
    match (whom, finding) {
        (Whom::House(host), Finding::Peer(peer)) if peer.host == *host => {
            let key = signatures::key(&peer.key).ok_or_else(weak)?;
            Ok((Found { key: Some(key), peer: Some(Arc::from(peer)), at }, None))
        }
        (Whom::User(address), Finding::User(user)) if user.address == *address => {
            let key = user.key.map(|bytes| signatures::key(&bytes).ok_or_else(weak)).transpose()?;
            Ok((Found { key, peer: None, at }, Some(*user)))
        }
        _ => Err(Error::bad_message("the other server answered for somebody else")),
    }
}

/// A key that cannot be had: for a passing reason that is said, else the signature counts for nothing.
fn unusable(error: Error) -> Error {
    match error.kind() {
        kind if is_passing(kind) && kind != Kind::TooMany => {
            Error::unavailable(format!("the signer's key could not be fetched just now: {}", error.public()))
        }
        Kind::TooMany => error,
        _ => Error::unauthenticated(format!("the signer's key is not to be had: {}", error.public())),
    }
}

fn patience(kind: Kind) -> Duration {
    if is_passing(kind) { PASSING } else { LASTING }
}

fn after(at: Timestamp, time: Duration) -> Timestamp {
    at.plus_millis(millis(time))
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}
