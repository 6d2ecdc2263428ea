//! Parcels: what this house sends to another, and what is answered to each.

use std::sync::Arc;
use std::time::Duration;

/// Ties a receipt to a parcel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ParcelId(pub u64);

/// An entity on its way, signed for its receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// Which.
    pub id: ParcelId,
    /// Base64 of the signature.
    pub signature: String,
    /// When it was signed: Unix seconds, as they were signed.
    pub signed_at: String,
    /// Who signed, as the room spells it.
    pub signed_by: String,
    /// The entity, byte for byte as it was queued.
    pub text: Arc<str>,
}

/// What the receiver says of a parcel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// As an HTTP status: from 200 to 299 it is on the receiver's disk.
    pub status: u16,
    /// Why not; cut and without control characters.
    pub error: Option<String>,
    /// Not before that.
    pub retry_after: Option<Duration>,
    /// Whether the sender's clock is what it complains of (a 422 for the time): signing again may help.
    pub clock: bool,
    /// Nothing more until then: the receiver says that its rates are used up (versia.md, section 3.4).
    pub pause: Option<Duration>,
}

impl Receipt {
    /// A receipt that says nothing but its status.
    pub fn of(status: u16) -> Self {
        Self { status, error: None, retry_after: None, clock: false, pause: None }
    }

    /// Whether the parcel arrived.
    pub fn is_taken(&self) -> bool {
        (200..300).contains(&self.status)
    }
}
