//! Signing: the text that a signature is over, and how signatures and their times are written (versia.md, sections 1.2, 1.3 and 1.7).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use quintet_core::{Error, Timestamp};
use sha2::{Digest, Sha256};

/// A delivery's method, and the first word of what is signed for it.
pub(crate) const POST: &str = "post";
/// A fetch's, its answer's, and a handshake's.
pub(crate) const GET: &str = "get";
/// The path of our shared inbox in 0.5.
pub(crate) const SHARED_INBOX: &str = "/inbox";
/// The path of everybody's inbox in 0.6.
pub(crate) const INBOX: &str = "/.versia/v0.6/inbox";
/// How long base64 of 64 bytes is.
const SIGNATURE_CHARS: usize = 88;

/// What is signed. `method` in lower case, `path` as on the request line, `signed_at` as it was written.
pub(crate) fn text(method: &str, path: &str, signed_at: &str, body: &[u8]) -> String {
    text_of(method, path, signed_at, &digest(body))
}

/// What may have been signed for a request: with the path as it was sent, or encoded once more, as deployed programs do (versia.md, section 3.3).
pub(crate) fn texts(method: &str, path: &str, signed_at: &str, body: &[u8]) -> Vec<String> {
    let digest = digest(body);
    let mut texts = vec![text_of(method, path, signed_at, &digest)];
    if path.contains('%') {
        texts.push(text_of(method, &path.replace('%', "%25"), signed_at, &digest));
    }
    texts
}

/// What may have been signed to deliver the same body to one of several inboxes.
pub(crate) fn texts_for(inboxes: &[&str], signed_at: &str, body: &[u8]) -> Vec<String> {
    let digest = digest(body);
    inboxes.iter().map(|path| text_of(POST, path, signed_at, &digest)).collect()
}

/// The path of an absolute URL, without query and fragment.
pub(crate) fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.find('/').map_or("/", |at| &rest[at..]);
    path.split(['?', '#']).next().unwrap_or(path)
}

/// A signature as it is sent: standard base64 with padding, in its one spelling, of 64 bytes.
pub(crate) fn read_signature(text: &str) -> Result<[u8; 64], Error> {
    // One more than there may be, for the estimate of the decoder.
    let mut bytes = [0; 66];
    let length = (text.len() == SIGNATURE_CHARS).then(|| STANDARD.decode_slice(text, &mut bytes).ok()).flatten();
    let signature = (length == Some(64)).then(|| bytes.first_chunk::<64>()).flatten();
    signature.copied().ok_or_else(|| Error::unauthenticated("signature is not base64 of 64 bytes"))
}

/// A signature as it is sent.
pub(crate) fn spell_signature(signature: &[u8; 64]) -> String {
    STANDARD.encode(signature)
}

/// When something was signed: Unix seconds, 1 to 12 digits. `fraction` allows one behind them (over HTTP only: versia.md, section 1.7).
pub(crate) fn read_time(text: &str, fraction: bool) -> Result<Timestamp, Error> {
    let (whole, rest) = match text.split_once('.') {
        Some((whole, rest)) if fraction => (whole, Some(rest)),
        _ => (text, None),
    };
    let digits =
        |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|it| it.is_ascii_digit());
    let seconds = whole.parse::<i64>().ok().filter(|_| digits(whole, 12) && rest.is_none_or(|rest| digits(rest, 9)));
    let seconds = seconds.ok_or_else(|| Error::bad_message("signed_at is not Unix seconds in 1 to 12 digits"))?;
    Ok(Timestamp::from_millis(seconds * 1000))
}

fn text_of(method: &str, path: &str, signed_at: &str, digest: &str) -> String {
    [method, path, signed_at, digest].join(" ")
}

/// Base64 of SHA-256.
fn digest(body: &[u8]) -> String {
    STANDARD.encode(Sha256::digest(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_taken_from_urls_as_they_stand() {
        let table = [
            ("https://b.example/inbox", "/inbox"),
            ("wss://b.example:8443/.versia/ws", "/.versia/ws"),
            ("https://b.example/a%2Fb/inbox?x=/y#z", "/a%2Fb/inbox"),
            ("https://b.example/?x", "/"),
            ("https://b.example", "/"),
        ];
        for (url, path) in table {
            assert_eq!(path_of(url), path, "{url}");
        }
    }

    #[test]
    fn a_signature_has_one_spelling() {
        let good = STANDARD.encode([0xfb; 64]);
        assert_eq!(read_signature(&good).unwrap(), [0xfb; 64]);
        assert_eq!(spell_signature(&[0xfb; 64]), good);
        let loose = format!("{}h==", &good[..85]);
        for bad in [
            "",
            &good[..86],
            &good.replace('+', "-"),
            &STANDARD.encode([1; 63]),
            &STANDARD.encode([1; 65]),
            &STANDARD.encode([1; 66]),
            &loose,
            &format!(" {}", &good[..87]),
            &format!("{good}\n"),
        ] {
            assert_eq!(read_signature(bad).unwrap_err().status(), 401, "{bad}");
        }
    }

    #[test]
    fn a_time_is_digits_and_over_http_a_fraction() {
        let read = |text: &str, fraction: bool| read_time(text, fraction).map(Timestamp::millis).ok();
        assert_eq!(read("1729241807", false), Some(1_729_241_807_000));
        assert_eq!((read("0", false), read("999999999999", false)), (Some(0), Some(999_999_999_999_000)));
        assert_eq!(read("1729241807.123", true), Some(1_729_241_807_000));
        for bad in ["", "-1", "+1", "1e3", "1.5", "1.", "0x1", " 1", "1 ", "1234567890123", "١"] {
            assert_eq!(read(bad, false), None, "{bad}");
        }
        for bad in ["1.", ".5", "1.5.5", "1.1234567890", "1.-5", "1.5e3", "1234567890123.5"] {
            assert_eq!(read(bad, true), None, "{bad}");
        }
    }
}
