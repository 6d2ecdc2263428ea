//! Outbound: parcels on their way to the peer, until their receipts come (versia.md, sections 2.6 and 2.7).

use std::collections::VecDeque;
use std::sync::Arc;

use quintet_core::Action;
use quintet_core::federation::{Parcel, Receipt};

use super::hello::MOST_WINDOW;
use crate::envelope::{self, Reply};
use crate::receipt;

/// What was sent and not answered, in order.
#[derive(Default)]
pub(super) struct Outbound {
    /// The hall gives no more than the window that the peer named.
    pending: VecDeque<Arc<Parcel>>,
}

impl Outbound {
    /// Sends a parcel.
    pub(super) fn send(&mut self, parcel: Arc<Parcel>, actions: &mut Vec<Action>) {
        if self.pending.len() >= usize::try_from(MOST_WINDOW).unwrap_or(usize::MAX) {
            actions.push(Action::Receipt(parcel.id, Receipt::of(503)));
            return;
        }
        let frame = envelope::write(&parcel.signature, &parcel.signed_at, &parcel.signed_by, &parcel.text);
        actions.push(Action::Send(frame));
        self.pending.push_back(parcel);
    }

    /// Takes a receipt. One that names nothing is for the oldest: receipts come in the order of messages. One for what was never sent is nothing.
    pub(super) fn settle(&mut self, reply: &Reply<'_>, actions: &mut Vec<Action>) {
        let place = match &reply.to {
            Some(signature) => self.pending.iter().position(|parcel| parcel.signature == **signature),
            None => Some(0),
        };
        let Some(parcel) = place.and_then(|place| self.pending.remove(place)) else { return };
        let receipt = receipt::read(reply.status, reply.error.as_deref(), reply.details.as_deref(), reply.retry_after);
        actions.push(Action::Receipt(parcel.id, receipt));
    }
}
