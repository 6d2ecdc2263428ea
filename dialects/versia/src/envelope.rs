//! Envelopes: what one text frame of a socket holds (versia.md, sections 1.1 and 2.5), and the cheap half of its verification (1.4, steps 2 to 7).

mod members;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::Arc;

use quintet_core::federation::{Host, Signed, Signer};
use quintet_core::limits::size;
use quintet_core::{Error, Kind, Timestamp};
use serde::Serialize;

use self::members::{Member, Members};
use crate::house::House;
use crate::{signer, signing};

/// As much of a signature as a receipt repeats (versia.md, section 2.6).
const REPLY_CHARS: usize = 256;

/// A frame, told apart by its members.
#[derive(Debug)]
pub(crate) enum Frame<'a> {
    /// A signed entity.
    Message(Envelope<'a>),
    /// What is said of one of ours.
    Receipt(Reply<'a>),
    /// Some other object.
    Other,
}

/// A message, of which nothing is believed yet.
#[derive(Debug)]
pub(crate) struct Envelope<'a> {
    members: Members<'a>,
}

/// A message that is worth the check of its signature.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Letter<'a> {
    pub(crate) signer: Signer,
    pub(crate) signed_at: Timestamp,
    /// As it was written: so it is signed.
    pub(crate) signed_at_text: Cow<'a, str>,
    pub(crate) signature: [u8; 64],
    /// Unescaped: so it is signed.
    pub(crate) entity: Arc<str>,
}

/// What a peer says of a message of ours, as it says it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reply<'a> {
    /// The message's signature; `None` where the peer found none in it.
    pub(crate) to: Option<Cow<'a, str>>,
    /// 500 where it is none.
    pub(crate) status: u16,
    pub(crate) error: Option<String>,
    pub(crate) details: Option<String>,
    /// Whole seconds.
    pub(crate) retry_after: Option<u64>,
}

impl<'a> Frame<'a> {
    /// Reads a frame. `BadMessage` for what is no JSON object, and for one with a member twice.
    pub(crate) fn read(text: &'a str) -> Result<Self, Error> {
        let members: Members<'a> = serde_json::from_str(text)
            .map_err(|cause| Error::bad_message("frame is not a JSON object, or has a member twice").because(cause))?;
        Ok(if members.is_message() {
            Self::Message(Envelope { members })
        } else if members.in_reply_to.is_some() {
            Self::Receipt(Reply::of(members))
        } else {
            Self::Other
        })
    }
}

impl<'a> Envelope<'a> {
    /// By what a receipt names this message: its signature, such as it is. `None` where there is no text to take.
    pub(crate) fn reference(&self) -> Option<String> {
        let Some(Member::Text(signature)) = &self.members.signature else { return None };
        Some(signature.chars().take(REPLY_CHARS).collect())
    }

    /// Everything that can be said against it without a key. `peer` is the only house whose signatures are taken, where that is known already.
    pub(crate) fn open(self, house: &House, peer: Option<&Host>, now: Timestamp) -> Result<Letter<'a>, Error> {
        let Members { signature, signed_at, signed_by, entity, .. } = self.members;
        let raw = entity.ok_or_else(|| Error::bad_message("entity is missing"))?;
        let (Some(signature), Some(signed_at), Some(signed_by)) = (signature, signed_at, signed_by) else {
            return Err(Error::unauthenticated("signature, signed_at or signed_by is missing"));
        };
        let (signature, signed_at_text, signed_by) =
            (signature.text("signature")?, signed_at.text("signed_at")?, signed_by.text("signed_by")?);
        let entity = members::unescape(raw)?;
        if entity.len() > size(house.limits.entity_bytes) {
            return Err(Error::too_large(format!("entity is larger than {} bytes", house.limits.entity_bytes)));
        }
        let signed_at = signing::read_time(&signed_at_text, false)?;
        check_window(house, signed_at, now)?;
        let signer = signer::parse(house, &signed_by)?;
        if peer.is_some_and(|peer| peer != signer.host()) {
            return Err(Error::forbidden("signed_by is not of the server on this connection"));
        }
        let signature = signing::read_signature(&signature)?;
        Ok(Letter { signer, signed_at, signed_at_text, signature, entity })
    }
}

impl Letter<'_> {
    /// Its signature, to be checked against these texts.
    pub(crate) fn signed(&self, texts: Vec<String>, once: bool) -> Signed {
        Signed { signer: self.signer.clone(), signed_at: self.signed_at, signature: self.signature, texts, once }
    }
}

/// A message, as it is sent.
pub(crate) fn write(signature: &str, signed_at: &str, signed_by: &str, entity: &str) -> quintet_core::Frame {
    // In the order of the names, as everything that we emit.
    #[derive(Serialize)]
    struct Message<'a> {
        entity: &'a str,
        signature: &'a str,
        signed_at: &'a str,
        signed_by: &'a str,
    }
    // Room for the quotes of an entity to be escaped.
    let mut json = Vec::with_capacity(entity.len() + entity.len() / 4 + 512);
    serde_json::to_writer(&mut json, &Message { entity, signature, signed_at, signed_by })
        .expect("texts are JSON, and memory takes what is written");
    quintet_core::Frame::text(std::str::from_utf8(&json).expect("JSON is UTF-8"))
}

/// Whether something was signed just now, by our clock; so far from it and no further (versia.md, section 1.7).
fn check_window(house: &House, signed_at: Timestamp, now: Timestamp) -> Result<(), Error> {
    let window = house.limits.signature_window_seconds;
    if signed_at.seconds().abs_diff(now.seconds()) <= window {
        return Ok(());
    }
    let public = format!("signed_at is more than {window} s from the clock of this server: set the clock, sign again");
    Err(Error::new(Kind::Stale, public))
}

impl<'a> Reply<'a> {
    fn of(members: Members<'a>) -> Self {
        let to = match members.in_reply_to {
            Some(Member::Text(text)) => Some(text),
            _ => None,
        };
        Self {
            to,
            status: members::parse(members.status).filter(|status| (100..600).contains(status)).unwrap_or(500),
            error: members::parse(members.error),
            details: members::parse(members.details),
            retry_after: members::parse(members.retry_after),
        }
    }
}
