//! Asking: keys and profiles of others, as they are known, or asked for now, by whoever wants to know the same at once together.

use std::sync::Arc;
use std::time::Duration;

use ed25519_dalek::VerifyingKey;
use futures_util::FutureExt as _;
use quintet_core::federation::{Address, Finding, Host, PeerProfile, UserProfile};
use quintet_core::{Error, Kind, Timestamp};

use super::inquiries::is_passing;
use super::profiles::{Failure, Found, Key, Outcome, Pending, Whom, millis};
use super::{Federation, signatures};

impl Federation {
    /// What a house says of itself: as it is known, or asked for now. Errors are those of [`Federation::find`].
    pub(crate) async fn peer(self: &Arc<Self>, host: &Host) -> Result<Arc<PeerProfile>, Error> {
        self.must_be_welcome(host)?;
        let found = self.found(&Whom::House(host.clone()), self.tongue.profile_ttl(), || Ok(())).await?;
        found.peer.ok_or_else(|| Error::internal("a house was found that says nothing of itself"))
    }

    /// What a house says of itself now; what it said before, where it cannot be asked just now. Errors are those of [`Federation::find`].
    pub(crate) async fn peer_anew(self: &Arc<Self>, host: &Host) -> Result<Arc<PeerProfile>, Error> {
        self.must_be_welcome(host)?;
        // What comes of it is kept, a failure beside what was known.
        let _ = self.ask(&Whom::House(host.clone())).await;
        self.peer(host).await
    }

    /// What a house says of itself, and when it was asked, where that is known.
    pub(crate) fn known_peer(&self, host: &Host) -> Option<(Arc<PeerProfile>, Timestamp)> {
        let long_ago = Timestamp::from_millis(i64::MIN);
        let found = self.profiles.known(&Whom::House(host.clone()), long_ago, self.now()).ok()??;
        Some((found.peer?, found.at))
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
        let asked = match self.profiles.pending(whom) {
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
        self.profiles.ask(whom, || {
            let (federation, whom) = (Arc::clone(self), whom.clone());
            async move { federation.inquire(whom).await }.boxed().shared()
        })
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
