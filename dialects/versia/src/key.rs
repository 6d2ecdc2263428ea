//! Keys: the public halves of Ed25519 keys, as documents have them (versia.md, section 1.6).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// What precedes the 32 bytes of the key in its SPKI form (RFC 8410, section 4).
const PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
/// The only algorithm.
pub(crate) const ALGORITHM: &str = "ed25519";

/// A key, as it is sent.
pub(crate) fn spell(key: &[u8; 32]) -> String {
    STANDARD.encode([&PREFIX[..], key].concat())
}

/// Reads a key; `None` for what is not base64 of SPKI with this very prefix and length.
pub(crate) fn read(text: &str) -> Option<[u8; 32]> {
    // The length is checked first: a document may be large.
    let der = (text.len() == 60).then(|| STANDARD.decode(text).ok()).flatten()?;
    der.strip_prefix(&PREFIX)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key `docs` of versia.md, section 6.
    const DOCS: &str = "MCowBQYDK2VwAyEA9oGFPbz+LThzQSOhWhOpUdFxLG07Rqmn0HtAFaCz/hM=";

    #[test]
    fn a_key_is_spki_and_nothing_else() {
        let key = read(DOCS).unwrap();
        assert_eq!(spell(&key), DOCS);
        let raw = STANDARD.encode(key);
        let long = STANDARD.encode([&PREFIX[..], &key, &[0]].concat());
        let short = STANDARD.encode([&PREFIX[..], &key[1..]].concat());
        // X25519 is 1.3.101.110.
        let other = DOCS.replace("K2VwAyEA", "K2VuAyEA");
        let urlsafe = DOCS.replace(['+', '/'], "-");
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{DOCS}\n-----END PUBLIC KEY-----");
        for bad in ["", &raw, &long, &short, &other, &urlsafe, &pem, &DOCS[..59], &format!(" {DOCS}")] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
