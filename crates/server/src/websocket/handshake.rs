//! The opening handshake (RFC 6455 section 4.2).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{
    AsHeaderName, CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{HeaderMap, Method, Version};
use sha1::{Digest, Sha1};

/// Appended to the key before it is hashed (RFC 6455 section 1.3).
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The one version of the protocol that is spoken.
pub const VERSION: &str = "13";

/// Why a request does not open a WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Not a GET: 405.
    Method,
    /// Not a WebSocket upgrade: 400.
    NotUpgrade,
    /// Not [`VERSION`]: 426, with that version in a header.
    Version,
    /// No key, several, or not 16 bytes in base64: 400.
    Key,
}

/// Does the peer ask for a WebSocket? An upgrade to anything else, such as `h2c`, is an ordinary request.
pub fn is_upgrade(headers: &HeaderMap) -> bool {
    has_token(headers, UPGRADE, "websocket") && has_token(headers, CONNECTION, "upgrade")
}

/// The sub-protocols that a peer offers, in its order.
pub fn offered(headers: &HeaderMap) -> Vec<&str> {
    words(headers, SEC_WEBSOCKET_PROTOCOL).filter(|word| !word.is_empty()).collect()
}

/// The `Sec-WebSocket-Accept` for a request that opens a WebSocket.
pub fn accept(method: &Method, version: Version, headers: &HeaderMap) -> Result<String, Refusal> {
    if method != Method::GET {
        return Err(Refusal::Method);
    }
    if version != Version::HTTP_11 || !is_upgrade(headers) {
        return Err(Refusal::NotUpgrade);
    }
    if only(headers, SEC_WEBSOCKET_VERSION) != Some(VERSION) {
        return Err(Refusal::Version);
    }
    let key = only(headers, SEC_WEBSOCKET_KEY).ok_or(Refusal::Key)?;
    if STANDARD.decode(key).is_ok_and(|bytes| bytes.len() == 16) { Ok(answer_to(key)) } else { Err(Refusal::Key) }
}

/// An opening handshake of ours: a key, and what has to be answered to it (RFC 6455 section 4.1).
pub struct Opening {
    key: String,
}

impl Opening {
    /// With fresh randomness.
    pub fn new(random: [u8; 16]) -> Self {
        Self { key: STANDARD.encode(random) }
    }

    /// The `Sec-WebSocket-Key`.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Checks a `101`, and tells which of the offered sub-protocols was chosen. `Err` says what is wrong; an extension is, as none was offered.
    pub fn check<'a>(&self, headers: &HeaderMap, offered: &[&'a str]) -> Result<Option<&'a str>, &'static str> {
        if !is_upgrade(headers) {
            return Err("the answer upgrades to something else");
        }
        if only(headers, SEC_WEBSOCKET_ACCEPT) != Some(&answer_to(&self.key)) {
            return Err("sec-websocket-accept is no answer to the key");
        }
        if headers.contains_key(SEC_WEBSOCKET_EXTENSIONS) {
            return Err("it has extensions, none of which was offered");
        }
        if !headers.contains_key(SEC_WEBSOCKET_PROTOCOL) {
            return if offered.is_empty() { Ok(None) } else { Err("it speaks none of the sub-protocols") };
        }
        let chosen = only(headers, SEC_WEBSOCKET_PROTOCOL);
        let chosen = offered.iter().find(|offer| chosen == Some(**offer));
        chosen.map(|chosen| Some(*chosen)).ok_or("it chose a sub-protocol that was not offered")
    }
}

fn answer_to(key: &str) -> String {
    let digest = Sha1::new().chain_update(key).chain_update(GUID).finalize();
    STANDARD.encode(digest)
}

/// The value of a header that stands there exactly once.
fn only(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then(|| value.trim())
}

fn has_token(headers: &HeaderMap, name: impl AsHeaderName, token: &str) -> bool {
    words(headers, name).any(|word| word.eq_ignore_ascii_case(token))
}

/// The words of a header that is a list.
fn words(headers: &HeaderMap, name: impl AsHeaderName) -> impl Iterator<Item = &str> {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(changes: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("upgrade", "websocket"),
            ("connection", "Upgrade"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ] {
            headers.insert(name, value.parse().unwrap());
        }
        for (name, value) in changes {
            headers.remove(*name);
            if !value.is_empty() {
                headers.insert(*name, value.parse().unwrap());
            }
        }
        headers
    }

    #[test]
    fn the_key_of_the_rfc_gets_the_answer_of_the_rfc() {
        let answer = accept(&Method::GET, Version::HTTP_11, &request(&[]));
        assert_eq!(answer.as_deref(), Ok("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    }

    #[test]
    fn tokens_stand_in_lists_in_any_case() {
        let headers = request(&[("upgrade", "h2c, WebSocket"), ("connection", "keep-alive, upgrade")]);
        assert!(accept(&Method::GET, Version::HTTP_11, &headers).is_ok());
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for (change, refusal) in [
            (("upgrade", ""), Refusal::NotUpgrade),
            (("upgrade", "h2c"), Refusal::NotUpgrade),
            (("connection", "keep-alive"), Refusal::NotUpgrade),
            (("sec-websocket-version", ""), Refusal::Version),
            (("sec-websocket-version", "8"), Refusal::Version),
            (("sec-websocket-key", ""), Refusal::Key),
            (("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ"), Refusal::Key),
            (("sec-websocket-key", "dGhlIHNhbXBsZSBub25j"), Refusal::Key),
        ] {
            assert_eq!(accept(&Method::GET, Version::HTTP_11, &request(&[change])), Err(refusal), "{change:?}");
        }
        assert_eq!(accept(&Method::POST, Version::HTTP_11, &request(&[])), Err(Refusal::Method));
        assert_eq!(accept(&Method::GET, Version::HTTP_10, &request(&[])), Err(Refusal::NotUpgrade));
    }

    #[test]
    fn sub_protocols_are_offered_in_order() {
        let mut headers = request(&[("sec-websocket-protocol", "b, a,,")]);
        headers.append("sec-websocket-protocol", "c".parse().unwrap());
        assert_eq!(offered(&headers), ["b", "a", "c"]);
        assert!(offered(&request(&[])).is_empty());
    }

    #[test]
    fn an_answer_is_checked() {
        // The key and the answer of RFC 6455, section 1.3.
        let opening = Opening::new(*b"the sample nonce");
        assert_eq!(opening.key(), "dGhlIHNhbXBsZSBub25jZQ==");
        let answer = |changes: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            let good = [
                ("upgrade", "WebSocket"),
                ("connection", "upgrade"),
                ("sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
                ("sec-websocket-protocol", "b"),
            ];
            for (name, value) in good.iter().chain(changes) {
                if value.is_empty() {
                    headers.remove(*name);
                } else {
                    headers.insert(*name, value.parse().unwrap());
                }
            }
            headers
        };
        assert_eq!(opening.check(&answer(&[]), &["a", "b"]), Ok(Some("b")));
        assert_eq!(opening.check(&answer(&[("sec-websocket-protocol", "")]), &[]), Ok(None));
        for change in [
            ("upgrade", "h2c"),
            ("connection", "close"),
            ("sec-websocket-accept", ""),
            ("sec-websocket-accept", "dGhlIHNhbXBsZSBub25jZQ=="),
            ("sec-websocket-extensions", "permessage-deflate"),
            ("sec-websocket-protocol", ""),
            ("sec-websocket-protocol", "c"),
            ("sec-websocket-protocol", "a, b"),
        ] {
            assert!(opening.check(&answer(&[change]), &["a", "b"]).is_err(), "{change:?}");
        }
        assert!(opening.check(&answer(&[]), &[]).is_err(), "nothing was offered");
    }

    #[test]
    fn two_keys_are_none() {
        let mut headers = request(&[]);
        headers.append("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==".parse().unwrap());
        assert_eq!(accept(&Method::GET, Version::HTTP_11, &headers), Err(Refusal::Key));
    }

    #[test]
    fn an_upgrade_to_something_else_is_no_knock() {
        assert!(!is_upgrade(&request(&[("upgrade", "h2c"), ("connection", "Upgrade, HTTP2-Settings")])));
        assert!(is_upgrade(&request(&[])));
    }
}
