//! The hall, as a connection asks it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use quintet_core::dialect::{Carriage, Parting};
use quintet_core::federation::{ParcelId, Receipt};
use quintet_core::procedure::{Offer, OrderId, Outcome};
use quintet_core::{Body, Call, Credential, Error, Identity, Pattern, Ticket, Timestamp, Topic};
use quintet_hub::procedures::Errand;
use quintet_hub::{Attachment, Hub};

use super::scratch::Answered;

/// A call under way.
pub(super) type Asking = Pin<Box<dyn Future<Output = Answered> + Send>>;

/// What a connection asks of the hall. One implementation serves; tests have another.
pub(super) trait Hall: Send + Unpin + 'static {
    fn now(&self) -> Timestamp;
    fn admit(&self) -> Result<(), Error>;
    /// Does the peer answer calls? Then what it says is not bounded by the rates and calls of a client: it says as much as it is asked.
    fn is_worker(&self) -> bool;
    /// Is it another house? Then it has rates of its own, and is listened to while it does not read, within a bound: of two that are both busy, neither
    /// may wait for the other to read first.
    fn is_peer(&self) -> bool;
    /// Is it nobody yet?
    fn is_stranger(&self) -> bool;
    fn authenticate(&mut self, credential: &Credential) -> Result<Identity, Error>;
    fn subscribe(&mut self, pattern: Pattern) -> Result<bool, Error>;
    fn unsubscribe(&mut self, pattern: &Pattern);
    fn publish(&self, topics: Vec<Topic>, body: Body) -> Result<(), Error>;
    fn hold(&self);
    fn release(&self, known: Vec<(Topic, u64)>);
    fn hear_positions(&self, positions: bool);
    fn ask(&self, ticket: Ticket, call: Call) -> Asking;
    /// Runs procedures from now on.
    fn offer(&mut self, offers: Vec<Offer>, calls: u32) -> Result<(), Error>;
    /// Takes no more orders.
    fn drain(&mut self);
    fn result(&mut self, order: OrderId, result: Result<Outcome, Error>);
    /// Carries parcels from now on.
    fn carry(&mut self, carriage: Carriage) -> Result<(), Error>;
    fn receipt(&mut self, parcel: ParcelId, receipt: Receipt);
    /// Does anybody wait for a result of the peer?
    fn has_orders(&self) -> bool;
    /// The next call that the peer is to answer, or is not to answer any more, or parcel that it is to be sent.
    fn poll_errand(&mut self, cx: &mut Context<'_>) -> Poll<Errand>;
    /// Why the peer is to leave, once it is: asked while it does not read, when no errand is.
    fn poll_parting(&mut self, cx: &mut Context<'_>) -> Poll<Parting>;
    /// A call was answered: replies stand behind what it has caused to be heard.
    fn mark(&self);
    /// Is the peer about to hear something that it has caused?
    fn is_behind(&self) -> bool;
    /// Sends a reply behind that; `false` if it was not sent.
    fn send_behind(&self, bytes: &Bytes) -> bool;
}

/// A place in the hall.
pub(super) struct Attached {
    pub(super) hub: Arc<Hub>,
    pub(super) attachment: Attachment,
}

impl Hall for Attached {
    fn now(&self) -> Timestamp {
        self.hub.now()
    }

    fn admit(&self) -> Result<(), Error> {
        self.hub.admit(self.attachment.identity())
    }

    fn is_worker(&self) -> bool {
        matches!(self.attachment.identity(), Identity::Worker(_))
    }

    fn is_peer(&self) -> bool {
        matches!(self.attachment.identity(), Identity::Instance(_))
    }

    fn is_stranger(&self) -> bool {
        *self.attachment.identity() == Identity::Public
    }

    fn authenticate(&mut self, credential: &Credential) -> Result<Identity, Error> {
        self.attachment.authenticate(credential)
    }

    fn subscribe(&mut self, pattern: Pattern) -> Result<bool, Error> {
        self.attachment.subscribe(pattern)
    }

    fn unsubscribe(&mut self, pattern: &Pattern) {
        self.attachment.unsubscribe(pattern);
    }

    fn publish(&self, topics: Vec<Topic>, body: Body) -> Result<(), Error> {
        self.attachment.publish(topics, body)
    }

    fn hold(&self) {
        self.attachment.hold();
    }

    fn release(&self, known: Vec<(Topic, u64)>) {
        self.attachment.release(known);
    }

    fn hear_positions(&self, positions: bool) {
        self.attachment.hear_positions(positions);
    }

    fn ask(&self, ticket: Ticket, call: Call) -> Asking {
        let (hub, caller) = (Arc::clone(&self.hub), self.attachment.caller());
        Box::pin(async move { (ticket, hub.call(&caller, call).await) })
    }

    fn offer(&mut self, offers: Vec<Offer>, calls: u32) -> Result<(), Error> {
        self.attachment.offer(offers, calls)
    }

    fn drain(&mut self) {
        self.attachment.drain();
    }

    fn result(&mut self, order: OrderId, result: Result<Outcome, Error>) {
        self.attachment.result(order, result);
    }

    fn carry(&mut self, carriage: Carriage) -> Result<(), Error> {
        self.attachment.carry(carriage)
    }

    fn receipt(&mut self, parcel: ParcelId, receipt: Receipt) {
        self.attachment.receipt(parcel, receipt);
    }

    fn has_orders(&self) -> bool {
        self.attachment.has_orders()
    }

    fn poll_errand(&mut self, cx: &mut Context<'_>) -> Poll<Errand> {
        self.attachment.poll_errand(cx)
    }

    fn poll_parting(&mut self, cx: &mut Context<'_>) -> Poll<Parting> {
        self.attachment.poll_parting(cx)
    }

    fn mark(&self) {
        self.attachment.mark();
    }

    fn is_behind(&self) -> bool {
        self.attachment.is_behind()
    }

    fn send_behind(&self, bytes: &Bytes) -> bool {
        self.attachment.send_behind(bytes)
    }
}
