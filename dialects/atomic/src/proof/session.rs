//! Proofs that a client shows again and again: `Authorization: Bearer`, and the cookie `atomic_session`.
//!
//! Both are base64 of an authentication resource. Clients sign one for the whole origin, keep it for a day and do not renew it before.
//! One that is for a single URL holds no longer than other proofs: else a signed request could be made to last by wrapping it up.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use quintet_core::http::Head;
use quintet_core::identity::Secret;
use quintet_core::{Credential, Origin};

use super::claim::{Claim, Refused};

const COOKIE: &str = "atomic_session";

/// What the first `Authorization: Bearer` shows, for `requested` or the origin: a proof, or a token of the house.
pub(super) fn bearer(head: &Head, origin: &Origin, requested: &str) -> Option<Credential> {
    let (scheme, shown) = head.header("authorization")?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    let shown = shown.trim();
    // A token has three parts; base64 has no dots.
    if shown.bytes().filter(|byte| *byte == b'.').count() == 2 {
        return Some(Credential::Token(Secret::new(shown)));
    }
    let wrong = || Refused::Broken(format!("the Bearer's requestedSubject must be {requested} or {}", origin.0));
    let proven = read(shown).and_then(|claim| prove(&claim, origin, requested).unwrap_or_else(|| Err(wrong())));
    Some(proven.unwrap_or_else(|refused| Credential::Malformed(format!("Bearer: {}", refused.why()))))
}

/// What the first cookie shows that is for `requested` or the origin. Those for other servers do not count: one host's ports share cookies.
pub(super) fn cookie(head: &Head, origin: &Origin, requested: &str) -> Option<Credential> {
    let mut malformed = None;
    for value in cookies(head) {
        match read(&percent_decode_str(value).decode_utf8_lossy()).map(|claim| prove(&claim, origin, requested)) {
            Ok(None) => {}
            Ok(Some(Ok(credential))) => return Some(credential),
            Ok(Some(Err(refused))) | Err(refused) => {
                malformed.get_or_insert_with(|| Credential::Malformed(format!("{COOKIE}: {}", refused.why())));
            }
        }
    }
    malformed
}

/// `None` where the claim is for something else.
fn prove(claim: &Claim, origin: &Origin, requested: &str) -> Option<Result<Credential, Refused>> {
    let lasting = claim.is_for_origin(origin);
    let fits = lasting || claim.requested == requested;
    fits.then(|| claim.prove(origin, lasting).map(|proof| Credential::Proof(Box::new(proof))))
}

fn read(base64: &str) -> Result<Claim, Refused> {
    let json = STANDARD.decode(base64).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let json = json.ok_or_else(|| Refused::Unreadable("not base64 of JSON".to_owned()))?;
    Claim::parse(&json)
}

/// The values of our cookie, as sent.
fn cookies(head: &Head) -> impl Iterator<Item = &str> {
    let headers = head.headers.iter().filter(|(name, _)| name == "cookie");
    let pairs = headers.flat_map(|(_, value)| value.split(';'));
    let ours = pairs.filter_map(|pair| pair.trim().split_once('=')).filter(|(name, _)| *name == COOKIE);
    // An empty one was cleared.
    ours.map(|(_, value)| value).filter(|value| !value.is_empty())
}
