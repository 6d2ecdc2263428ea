//! Profiles: the keys of other houses and their users, and what houses say of themselves, as long as that holds.
//!
//! In memory only: after a restart they are asked for again.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use ed25519_dalek::VerifyingKey;
use futures_util::future::{BoxFuture, Shared, WeakShared};
use parking_lot::Mutex;
use quintet_core::federation::{Address, Host, PeerProfile, Question, Signer, UserProfile};
use quintet_core::{Error, Kind, Limits, Timestamp, limits};

use super::aged::Aged;
use super::inquiries::is_passing;

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

    pub(super) fn question(&self) -> Question {
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
    pub(super) key: Option<VerifyingKey>,
    /// Of a house.
    pub(super) peer: Option<Arc<PeerProfile>>,
    /// When it was fetched.
    pub(super) at: Timestamp,
}

/// The key of a signer, and when it was fetched.
pub(super) struct Key {
    pub(super) key: VerifyingKey,
    pub(super) at: Timestamp,
}

/// What did not go well; copied for each who waits.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub(super) kind: Kind,
    pub(super) public: Arc<str>,
    pub(super) at: Timestamp,
}

impl Failure {
    pub(super) fn error(&self) -> Error {
        Error::new(self.kind, &*self.public)
    }
}

/// What an inquiry comes to.
pub(super) type Outcome = Result<Found, Failure>;
/// An inquiry for which many may wait.
pub(super) type Pending = Shared<BoxFuture<'static, Outcome>>;

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
    pub(super) fn known(&self, whom: &Whom, oldest: Timestamp, now: Timestamp) -> Result<Option<Found>, Error> {
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
    pub(super) fn learn(&self, whom: Whom, outcome: &Outcome, profile: Option<UserProfile>) {
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

    /// The profile of a user, where it was fetched not long ago.
    pub(super) fn recent(&self, address: &Address, now: Timestamp) -> Option<Arc<UserProfile>> {
        let book = self.book.lock();
        let (at, profile) = book.recent.get(&address.key)?;
        (now < after(*at, RECENTLY)).then(|| Arc::clone(profile))
    }

    /// The inquiry about somebody that is under way.
    pub(super) fn pending(&self, whom: &Whom) -> Option<Pending> {
        self.book.lock().pending.get(whom).and_then(WeakShared::upgrade)
    }

    /// The inquiry about somebody that is under way, or begins now. It lives as long as anybody waits for it.
    pub(super) fn ask(&self, whom: &Whom, begin: impl FnOnce() -> Pending) -> Pending {
        let mut book = self.book.lock();
        if let Some(pending) = book.pending.get(whom).and_then(WeakShared::upgrade) {
            return pending;
        }
        if book.pending.len() >= PENDING_SWEEP {
            book.pending.retain(|_, pending| pending.upgrade().is_some());
        }
        let pending = begin();
        if let Some(weak) = pending.downgrade() {
            book.pending.insert(whom.clone(), weak);
        }
        pending
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
    pub(super) fn may_force(&self, whom: &Whom, now: Timestamp) -> bool {
        let mut book = self.book.lock();
        let may = book.forced.get(whom).is_none_or(|last| now >= after(*last, FORCED));
        if may {
            book.forced.put(whom.clone(), now);
        }
        may
    }
}

fn patience(kind: Kind) -> Duration {
    if is_passing(kind) { PASSING } else { LASTING }
}

fn after(at: Timestamp, time: Duration) -> Timestamp {
    at.plus_millis(millis(time))
}

/// A time as a clock counts it.
pub(super) fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}
