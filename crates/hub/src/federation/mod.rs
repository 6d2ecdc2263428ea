//! Other houses: what they say is checked and taken, what is said here is queued for them and sent.
//!
//! How it is spelled and signed is a room's to know ([`quintet_core::federation::Federation`]); how bytes get to another machine is the server's ([`Carrier`]).
//! In reading order:
//!
//! 1. `keys`: with what this house signs.
//! 2. [`carrier`]: what fetches, posts and dials.
//! 3. `inquiries`, `profiles`: who others are, asked and kept in mind (`aged`).
//! 4. `verifying`, with `signatures` and `replay`: whether they said it.
//! 5. `adoption`, `preparing`, `taking`: what comes of what they said.
//! 6. `chats`, `guests`: what others may see here.
//! 7. `links`: open connections to other houses.
//! 8. `naming`, `strangers`, `sayings`: whom and what people here mean by what they type.

mod adoption;
mod aged;
pub mod carrier;
mod chats;
mod guests;
mod inquiries;
mod keys;
mod links;
mod naming;
mod preparing;
mod profiles;
mod replay;
mod sayings;
mod signatures;
mod strangers;
mod taking;
mod verifying;

use std::sync::{Arc, OnceLock};

use quintet_core::dialect::Carriage;
use quintet_core::federation::host::Reach;
use quintet_core::federation::peer::Standing;
use quintet_core::federation::{Federation as Tongue, Form, Host, Pen, Tale, Telling, Verified};
use quintet_core::time::Clock;
use quintet_core::{Error, Identity, Limits, Timestamp, limits};
use quintet_store::Store;
use tokio::sync::Semaphore;

pub use self::carrier::{Carrier, Posted};
use self::keys::Keys;
pub use self::links::Link;
pub(crate) use self::naming::plain;
use self::preparing::Places;
use self::profiles::Profiles;
use self::replay::Replay;
pub(crate) use self::sayings::Said;
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
    replay: Replay,
    places: Places,
    /// Notes being fetched because a group of another house has them.
    carried: Arc<Semaphore>,
}

impl Federation {
    /// Reads what is remembered; `None` where no room federates, or the house is at no address that others could reach.
    pub(crate) async fn open(parts: &Parts) -> Result<Option<Arc<Self>>, Error> {
        let Some(tongue) = parts.dialects.iter().find_map(|room| room.federation()).filter(|it| it.host().is_some())
        else {
            return Ok(None);
        };
        let keys = Arc::new(Keys::open(&*parts.store).await?);
        Ok(Some(Arc::new(Self {
            tongue,
            rules: parts.rules.federation,
            keys,
            carrier: OnceLock::new(),
            profiles: Profiles::new(&parts.limits),
            replay: Replay::new(&parts.limits),
            places: Places::default(),
            carried: Arc::new(Semaphore::new(limits::size(parts.limits.fetches).min(Semaphore::MAX_PERMITS))),
            limits: parts.limits.clone(),
            clock: Clock::clone(&parts.clock),
        })))
    }

    /// Begins to send what waits, by these means. Must be called on a runtime; ends with the hub.
    pub fn begin(&self, _hub: &Arc<Hub>, carrier: Arc<dyn Carrier>) {
        let _ = self.carrier.set(carrier);
    }

    /// Something to sign with.
    pub(crate) fn pen(&self) -> Pen {
        Pen::new(Arc::clone(&self.keys) as _)
    }

    /// What happened, as an entity; `None` where there is no word for it.
    pub(crate) fn tell(&self, tale: &Tale<'_>, form: Form) -> Option<Telling> {
        self.tongue.tell(tale, form)
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
        match self.standing(host) {
            Standing::Allowed => Ok(()),
            Standing::Neutral if self.rules.open => Ok(()),
            Standing::Neutral => {
                Err(Error::forbidden("this server speaks only with servers that its operators allowed"))
            }
            Standing::Blocked => Err(Error::forbidden("this server does not speak with yours")),
        }
    }

    fn standing(&self, _host: &Host) -> Standing {
        Standing::Neutral
    }

    /// A connection that carries parcels to a house from now on. `Forbidden` for one that is blocked.
    pub(crate) fn link(&self, _host: &Arc<str>, _carriage: Carriage) -> Result<Box<Link>, Error> {
        Err(Error::internal("to be written"))
    }
}
