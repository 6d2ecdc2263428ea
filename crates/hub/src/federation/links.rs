//! Links: open connections that carry parcels to other houses.

use std::task::{Context, Poll};

use quintet_core::federation::{ParcelId, Receipt};

use crate::procedures::Errand;

/// A connection's end of it. Dropping it lets what it carried go another way.
pub struct Link;

impl Link {
    /// What the peer says of a parcel.
    pub(crate) fn receipt(&mut self, _parcel: ParcelId, _receipt: Receipt) {}

    /// The next parcel, or that it is to leave.
    pub(crate) fn poll(&mut self, _cx: &mut Context<'_>) -> Poll<Errand> {
        Poll::Pending
    }
}
