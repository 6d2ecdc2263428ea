//! Delivery: how what is sent to a peer is signed, posted and answered (versia.md, sections 1.2, 1.3, 2.6, 3.4).

use quintet_core::Timestamp;
use quintet_core::federation::inquiry::Fetch;
use quintet_core::federation::telling::{Letterhead, Posting};
use quintet_core::federation::{Form, Parcel, PeerProfile, Receipt, Telling};

use crate::house::House;

pub(crate) fn letterhead(
    _house: &House,
    _peer: &PeerProfile,
    _inbox: Option<&str>,
    _telling: &Telling,
    _signed_at: Timestamp,
) -> Letterhead {
    Letterhead { text: String::new(), signed_by: String::new() }
}

pub(crate) fn posting(_peer: &PeerProfile, _inbox: Option<&str>, _form: Form, parcel: &Parcel) -> Posting {
    Posting { url: String::new(), headers: Vec::new(), body: parcel.text.to_string() }
}

pub(crate) fn receipt(status: u16, _headers: &[(String, String)], _body: &[u8]) -> Receipt {
    Receipt::of(status)
}

pub(crate) fn sign_fetch(_house: &House, _fetch: &Fetch, _signed_at: Timestamp) -> Letterhead {
    Letterhead { text: String::new(), signed_by: String::new() }
}

pub(crate) fn headers(
    _letterhead: &Letterhead,
    _signed_at: Timestamp,
    _signature: &[u8; 64],
) -> Vec<(&'static str, String)> {
    Vec::new()
}
