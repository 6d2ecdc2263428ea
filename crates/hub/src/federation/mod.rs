//! Other houses: what they say is checked and taken, what is said here is queued for them and sent.
//!
//! How it is spelled and signed is a room's to know ([`quintet_core::federation::Federation`]); how bytes get to another machine is the server's ([`Carrier`]).
//! In reading order:
//!
//! 1. `keys`: with what this house signs.
//! 2. [`carrier`]: what fetches, posts and dials.
//! 3. `links`: open connections to other houses.

pub mod carrier;
mod keys;
mod links;
mod naming;
mod sayings;
mod strangers;

use std::sync::{Arc, OnceLock};

use quintet_core::dialect::Carriage;
use quintet_core::federation::host::Reach;
use quintet_core::federation::{Federation as Tongue, Pen, Verified};
use quintet_core::{Error, Identity};

pub use self::carrier::{Carrier, Posted};
use self::keys::Keys;
pub use self::links::Link;
pub(crate) use self::naming::plain;
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
}

impl Federation {
    /// Reads what is remembered; `None` where no room federates, or the house is at no address that others could reach.
    pub(crate) async fn open(parts: &Parts) -> Result<Option<Arc<Self>>, Error> {
        let Some(tongue) = parts.dialects.iter().find_map(|room| room.federation()).filter(|it| it.host().is_some())
        else {
            return Ok(None);
        };
        let keys = Arc::new(Keys::open(&*parts.store).await?);
        Ok(Some(Arc::new(Self { tongue, rules: parts.rules.federation, keys, carrier: OnceLock::new() })))
    }

    /// Begins to send what waits, by these means. Must be called on a runtime; ends with the hub.
    pub fn begin(&self, _hub: &Arc<Hub>, carrier: Arc<dyn Carrier>) {
        let _ = self.carrier.set(carrier);
    }

    /// Something to sign with.
    pub(crate) fn pen(&self) -> Pen {
        Pen::new(Arc::clone(&self.keys) as _)
    }

    /// The house that made a signature that was checked. `Forbidden` for one that is blocked.
    pub(crate) fn identify(&self, verified: &Verified) -> Result<Identity, Error> {
        Ok(Identity::Instance(verified.signer.host().shared()))
    }

    /// A connection that carries parcels to a house from now on. `Forbidden` for one that is blocked.
    pub(crate) fn link(&self, _host: &Arc<str>, _carriage: Carriage) -> Result<Box<Link>, Error> {
        Err(Error::internal("to be written"))
    }
}
