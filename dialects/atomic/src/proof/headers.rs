//! The four `x-atomic-*` headers: one signed request, or the upgrade of a socket.

use quintet_core::http::Head;
use quintet_core::{Credential, Origin};

use super::claim::Claim;

const AGENT: &str = "x-atomic-agent";
const PUBLIC_KEY: &str = "x-atomic-public-key";
const SIGNATURE: &str = "x-atomic-signature";
const TIMESTAMP: &str = "x-atomic-timestamp";

/// What the headers show, signed for `requested`. `None` without any.
pub(super) fn shown(head: &Head, origin: &Origin, requested: &str) -> Option<Credential> {
    if let Some(why) = missing(head) {
        return Some(Credential::Malformed(why));
    }
    let [agent, public_key, signature, timestamp] =
        [AGENT, PUBLIC_KEY, SIGNATURE, TIMESTAMP].map(|name| head.header(name));
    let Ok(timestamp) = timestamp?.parse() else {
        return Some(Credential::Malformed(format!("{TIMESTAMP} must be milliseconds since 1970")));
    };
    let claim = Claim {
        agent: agent?.to_owned(),
        requested: requested.to_owned(),
        public_key: public_key?.to_owned(),
        timestamp,
        signature: signature?.to_owned(),
    };
    Some(match claim.prove(origin, false) {
        Ok(proof) => Credential::Proof(Box::new(proof)),
        Err(refused) => Credential::Malformed(refused.why().to_owned()),
    })
}

/// What to say where some of the headers are there, but not all.
pub(super) fn missing(head: &Head) -> Option<String> {
    let all = [AGENT, PUBLIC_KEY, SIGNATURE, TIMESTAMP];
    let missing: Vec<_> = all.into_iter().filter(|name| head.header(name).is_none()).collect();
    let some = !missing.is_empty() && missing.len() < all.len();
    some.then(|| format!("{} is missing: a signed request has all four x-atomic headers", missing.join(" and ")))
}
