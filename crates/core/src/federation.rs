//! Federation: what houses say to each other, in the hall's own words.
//!
//! A room knows how it is spelled and signed ([`Federation`], [`crate::Dialect::federation`]); the hall decides, keeps and sends. In reading order:
//!
//! 1. [`host`], [`address`]: who and what is meant, here and elsewhere.
//! 2. [`signed`], [`parcel`]: what travels, and what is answered to it.
//! 3. [`incoming`]: what an entity asks of us. [`telling`]: what happened here, to be told as one.
//! 4. [`inquiry`]: how another house is asked who somebody is; [`profile`]: what it answers.
//! 5. [`note`], [`follow`], [`peer`]: what is remembered. [`desk`]: what can be asked of the hall.

pub mod address;
pub mod desk;
pub mod follow;
pub mod host;
pub mod incoming;
pub mod inquiry;
pub mod note;
pub mod parcel;
pub mod peer;
pub mod pen;
pub mod profile;
pub mod signed;
pub mod telling;

use std::time::Duration;

use crate::error::Error;
use crate::federation::desk::Kept;
use crate::federation::inquiry::Fetch;
use crate::federation::telling::{Letterhead, Posting};
use crate::time::Timestamp;

pub use address::{Address, Form, Own, Target};
pub use desk::{Ask, Told};
pub use follow::{Follow, FollowState};
pub use host::Host;
pub use incoming::{Deed, Incoming};
pub use inquiry::{Inquiry, Question};
pub use note::{Audience, Note};
pub use parcel::{Parcel, ParcelId, Receipt};
pub use pen::Pen;
pub use profile::{Finding, PeerProfile, Remote, UserProfile};
pub use signed::{Signed, Signer, Verified};
pub use telling::{Tale, Telling};

/// How entities are spelled, signed and asked for: the half of federation that a room knows. Pure.
pub trait Federation: Send + Sync + 'static {
    /// By what name others know this house; `None` where it is at no address that others could reach: nothing is federated then.
    fn host(&self) -> Option<&Host>;

    /// Begins to find something out.
    fn inquire(&self, question: Question) -> Box<dyn Inquiry>;

    /// What happened, as an entity in one of the forms; `None` where there is no word for it.
    fn tell(&self, tale: &Tale<'_>, form: Form) -> Option<Telling>;

    /// What to sign so that a peer takes an entity from its inbox, whichever way it gets there.
    /// `inbox` is the receiver's own, for a peer that has no place for all.
    fn letterhead(
        &self,
        peer: &PeerProfile,
        inbox: Option<&str>,
        telling: &Telling,
        signed_at: Timestamp,
    ) -> Letterhead;

    /// The request that posts a parcel to a peer's inbox.
    fn posting(&self, peer: &PeerProfile, inbox: Option<&str>, form: Form, parcel: &Parcel) -> Posting;

    /// What a peer's answer to a posting says.
    fn receipt(&self, status: u16, headers: &[(String, String)], body: &[u8]) -> Receipt;

    /// What to sign so that a peer answers a fetch.
    fn sign_fetch(&self, fetch: &Fetch, signed_at: Timestamp) -> Letterhead;

    /// The headers that carry a signature.
    fn headers(
        &self,
        letterhead: &Letterhead,
        signed_at: Timestamp,
        signature: &[u8; 64],
    ) -> Vec<(&'static str, String)>;

    /// The address that a text names that somebody typed or stored: the [`Address::key`] of what is not of this house, the URL of what is.
    fn target(&self, text: &str) -> Result<Target, Error>;

    /// Where people find something of ours, and how they name something of others: a URL or a reference, to be shown.
    fn spell(&self, target: &Target) -> String;

    /// For whom a note of another house is, as it says; `None` for what is no note.
    fn audience(&self, _: &Kept) -> Option<Audience> {
        None
    }

    /// How long a peer's word holds that is not asked for again.
    fn profile_ttl(&self) -> Duration {
        Duration::from_hours(1)
    }
}
