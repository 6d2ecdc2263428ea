//! Other houses: what they say is checked and taken, what is said here is queued for them and sent.
//!
//! How it is spelled and signed is a room's to know ([`quintet_core::federation::Federation`]); how bytes get to another machine is the server's ([`Carrier`]).
//! In reading order:
//!
//! 1. `keys`: with what this house signs.
//! 2. [`carrier`]: what fetches, posts and dials.
//! 3. `inquiries`, `asking`, `profiles`: who others are, asked and kept in mind (`aged`).
//! 4. `verifying`, with `signatures` and `replay`: whether they said it.
//! 5. `adoption`, `preparing`, `taking`: what comes of what they said.
//! 6. `chats`, `guests`: what others may see here.
//! 7. `peers`: how things stand with others (`dials`). `links`: open connections to them.
//! 8. `courier`, `story`, `audience`: what happened here, as others hear of it, and who does.
//! 9. `office`, `postman`, `letter`, `bell`: how that gets there; `verdict`, `schedule`: what becomes of it.
//! 10. `naming`, `strangers`, `sayings`: whom and what people here mean by what they type.

mod adoption;
mod aged;
mod asking;
mod audience;
mod bell;
pub mod carrier;
mod chats;
mod courier;
mod dials;
mod guests;
mod inquiries;
mod keys;
mod letter;
mod links;
mod naming;
mod office;
mod peers;
mod postman;
mod preparing;
mod profiles;
mod replay;
mod sayings;
mod schedule;
mod signatures;
mod story;
mod strangers;
mod taking;
mod verdict;
mod verifying;

use std::sync::{Arc, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::FutureExt as _;
use quintet_core::dialect::Carriage;
use quintet_core::federation::desk::Kept;
use quintet_core::federation::host::Reach;
use quintet_core::federation::peer::{PeerReport, Standing};
use quintet_core::federation::{Audience, Federation as Tongue, Form, Host, Pen, Tale, Telling, Verified};
use quintet_core::time::Clock;
use quintet_core::{Error, Event, Identity, Limits, Timestamp, limits};
use quintet_store::Store;
use tokio::sync::Semaphore;

use self::bell::Ring;
pub use self::carrier::{Carrier, Dialed, Held, Posted};
use self::keys::Keys;
pub use self::links::Link;
pub(crate) use self::naming::plain;
use self::office::{Fittings, Means, Office};
use self::preparing::Places;
use self::profiles::Profiles;
use self::replay::Replay;
pub(crate) use self::sayings::Said;
use self::signatures::Signatures;
use crate::directory::Directory;
use crate::hub::{Hub, Parts};

/// How other houses are dealt with, as it is configured.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rules {
    /// Whether any house may be a peer; else those only that an operator allowed.
    pub open: bool,
    /// Whether a follower waits until it is let in.
    pub manual: bool,
    /// Which houses can be peers at all.
    pub reach: Reach,
}

/// This house among others.
pub struct Federation {
    tongue: Arc<dyn Tongue>,
    rules: Rules,
    keys: Arc<Keys>,
    carrier: OnceLock<Arc<dyn Carrier>>,
    limits: Limits,
    clock: Clock,
    profiles: Profiles,
    signatures: Arc<Signatures>,
    replay: Replay,
    places: Places,
    /// Notes being fetched because a group of another house has them.
    carried: Arc<Semaphore>,
    office: Arc<Office>,
}

impl Federation {
    /// Reads what is remembered; `None` where no room federates, or the house is at no address that others could reach.
    pub(crate) async fn open(parts: &Parts) -> Result<Option<Arc<Self>>, Error> {
        let Some(tongue) = parts.dialects.iter().find_map(|room| room.federation()).filter(|it| it.host().is_some())
        else {
            return Ok(None);
        };
        let keys = Arc::new(Keys::open(&*parts.store).await?);
        let office = Office::new(Fittings {
            store: Arc::clone(&parts.store),
            tongue: Arc::clone(&tongue),
            keys: Arc::clone(&keys),
            limits: parts.limits.clone(),
            rules: parts.rules.federation,
            clock: Clock::clone(&parts.clock),
        });
        let office = office.await?;
        Ok(Some(Arc::new(Self {
            tongue,
            rules: parts.rules.federation,
            keys,
            carrier: OnceLock::new(),
            profiles: Profiles::new(&parts.limits),
            signatures: Signatures::new(),
            replay: Replay::new(&parts.limits),
            places: Places::default(),
            carried: Arc::new(Semaphore::new(limits::size(parts.limits.fetches).min(Semaphore::MAX_PERMITS))),
            limits: parts.limits.clone(),
            clock: Clock::clone(&parts.clock),
            office,
        })))
    }

    /// Begins to send what waits, by these means. Must be called on a runtime; ends with the hub.
    pub fn begin(&self, hub: &Arc<Hub>, carrier: Arc<dyn Carrier>) {
        let _ = self.carrier.set(Arc::clone(&carrier));
        let weak = Arc::downgrade(hub);
        let introduce = Box::new(move |host: Host, anew: bool| {
            let hub = weak.upgrade();
            async move {
                let hub = hub.ok_or_else(|| Error::unavailable("the server is gone"))?;
                let federation = hub.federation()?;
                if anew { federation.peer_anew(&host).await } else { federation.peer(&host).await }
            }
            .boxed()
        });
        self.office.open(Means { hub: Arc::downgrade(hub), carrier, introduce });
    }

    /// Takes notice of a kept event, in log order: others may have to hear of it.
    pub(crate) fn hear(&self, event: &Event, directory: &Directory) {
        self.office.news.hear(event, directory);
    }

    /// Something of a house was taken: it is there, so what waits for it is tried.
    pub(crate) fn heard(&self, host: &Host) {
        self.office.hear(host);
    }

    /// Sends nothing more, and writes down what became of what was sent.
    pub(crate) async fn finish(&self) {
        self.office.finish().await;
    }

    /// The peers, by name.
    pub(crate) async fn peers(&self) -> Result<Vec<PeerReport>, Error> {
        let mut reports = self.office.reports().await?;
        for report in &mut reports {
            if let Some((profile, at)) = self.known_peer(&report.peer.host) {
                report.key = Some((STANDARD.encode(profile.key), at));
                report.software = Some(profile.software.clone());
            }
        }
        Ok(reports)
    }

    /// Sets whether a house is listened and spoken to; durable when it returns. Ends its connections where it is not.
    pub(crate) async fn set_standing(&self, host: &Host, standing: Standing) -> Result<(), Error> {
        self.office.set_standing(host, standing).await
    }

    /// Tries a house again at once, with what was given up; tells how much that is.
    pub(crate) async fn requeue(&self, host: &Host) -> Result<u64, Error> {
        self.office.requeue(host).await
    }

    /// Something to sign with.
    pub(crate) fn pen(&self) -> Pen {
        Pen::new(Arc::clone(&self.keys) as _)
    }

    /// What happened, as an entity; `None` where there is no word for it.
    pub(crate) fn tell(&self, tale: &Tale<'_>, form: Form) -> Option<Telling> {
        self.tongue.tell(tale, form)
    }

    /// For whom a note of another house is; `None` for what is no note.
    pub(crate) fn audience(&self, kept: &Kept) -> Option<Audience> {
        self.tongue.audience(kept)
    }

    /// New keys for this house and its users.
    pub(crate) async fn rotate(&self, store: &dyn Store) -> Result<(), Error> {
        self.keys.rotate(store).await
    }

    /// The house that made a signature that was checked. `Forbidden` for one that is blocked.
    pub(crate) fn identify(&self, verified: &Verified) -> Result<Identity, Error> {
        self.must_be_welcome(verified.signer.host())?;
        Ok(Identity::Instance(verified.signer.host().shared()))
    }

    fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// `Forbidden` for a house with which this one does not speak: one that is blocked, or that nobody allowed where that is needed.
    pub(crate) fn must_be_welcome(&self, host: &Host) -> Result<(), Error> {
        self.office.peers.check(host)
    }

    /// A connection that carries parcels to a house from now on. `Forbidden` for one that is blocked.
    pub(crate) fn link(&self, host: &Arc<str>, carriage: Carriage) -> Result<Box<Link>, Error> {
        let host = Host::parse(host, self.rules.reach)
            .ok_or_else(|| Error::bad_message(format!("{host} is no name of a server")))?;
        self.must_be_welcome(&host)?;
        let link = self.office.links.open(host.clone(), carriage, self.limits.peer_connections);
        self.office.hear(&host);
        self.office.ring(&host, Ring::Now);
        Ok(Box::new(link))
    }
}

impl Drop for Federation {
    fn drop(&mut self) {
        self.office.close();
    }
}
