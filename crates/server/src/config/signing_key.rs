//! The key with which calls of a webhook are signed.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::setting::{Setting, Value, quoted};

/// Fewer bytes are no secret (Standard Webhooks, "Symmetric signatures": 24 to 64 bytes).
const FEWEST: usize = 24;

/// A key of HMAC-SHA256. It never shows itself.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKey(Vec<u8>);

impl SigningKey {
    /// Reads a key as base64, perhaps behind `whsec_`; `None` for anything else, and for fewer than 24 bytes.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.strip_prefix("whsec_").unwrap_or(text)).ok()?;
        (bytes.len() >= FEWEST).then_some(Self(bytes))
    }

    /// The key itself, to sign with, never to be shown.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

impl Setting for SigningKey {
    fn read(value: &Value) -> Result<Self, String> {
        let expected = "24 or more bytes as base64; make some with `openssl rand -base64 32`";
        Self::parse(value.text(expected)?).ok_or_else(|| format!("expected {expected}"))
    }

    fn literal(&self) -> String {
        quoted(&format!("whsec_{}", STANDARD.encode(&self.0)))
    }

    fn shown(&self) -> String {
        quoted("(set)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_base64_with_or_without_their_prefix() {
        let text = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz";
        let key = SigningKey::parse(text).unwrap();
        assert_eq!(key.expose(), b"012345678901234567890123");
        assert_eq!(SigningKey::parse(&format!("whsec_{text}")), Some(key.clone()));
        assert_eq!((key.shown().as_str(), format!("{key:?}").as_str()), ("\"(set)\"", "SigningKey(…)"));
        for bad in ["", "whsec_", "not base64!", "c2hvcnQ=", "whsec_whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"] {
            assert_eq!(SigningKey::parse(bad), None, "{bad}");
        }
    }
}
