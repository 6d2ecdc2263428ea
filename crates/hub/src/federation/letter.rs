//! A letter: something that waits, as its postman has it in hand.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use quintet_core::Timestamp;
use quintet_core::federation::pen::Hand as _;
use quintet_core::federation::{Parcel, ParcelId, PeerProfile, Telling};
use quintet_store::Item;

use super::office::Office;

/// How long a signature is used again (versia.md, section 2.7): well within the window of whoever checks it.
const FRESH: i64 = 240_000;

/// An entity on its way.
pub(super) struct Letter {
    pub(super) item: Item,
    /// Whether it is on a line, without a receipt.
    pub(super) put: bool,
    /// As it was signed last, and when.
    stamp: Option<(Timestamp, Arc<Parcel>)>,
}

impl Letter {
    pub(super) fn new(item: Item) -> Self {
        Self { item, put: false, stamp: None }
    }

    /// Signed for its receiver; a signature that is new enough is used again.
    pub(super) fn parcel(&mut self, office: &Office, peer: &PeerProfile) -> Arc<Parcel> {
        let now = office.now();
        if let Some((at, parcel)) = &self.stamp
            && at.plus_millis(FRESH) > now
            && *at <= now
        {
            return Arc::clone(parcel);
        }
        let parcel = Arc::new(self.sign(office, peer, now));
        self.stamp = Some((now, Arc::clone(&parcel)));
        parcel
    }

    /// Whether it was signed, so that it may have been sent.
    pub(super) fn is_signed(&self) -> bool {
        self.stamp.is_some()
    }

    /// The signature is not to be used again.
    pub(super) fn tear(&mut self) {
        self.stamp = None;
    }

    fn sign(&self, office: &Office, peer: &PeerProfile, now: Timestamp) -> Parcel {
        let item = &self.item.item;
        // The type is in the text; a signature is not made of it.
        let telling = Telling { kind: "", signer: item.signer.clone(), form: item.form, text: item.text.to_string() };
        let letterhead = office.tongue.letterhead(peer, item.inbox.as_deref(), &telling, now);
        let signature = office.keys.sign(&item.signer, letterhead.text.as_bytes());
        Parcel {
            id: ParcelId(self.item.id),
            signature: STANDARD.encode(signature),
            signed_at: now.seconds().to_string(),
            signed_by: letterhead.signed_by,
            text: Arc::clone(&item.text),
        }
    }
}
