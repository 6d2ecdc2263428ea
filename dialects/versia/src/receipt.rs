//! Receipts: what a peer says of something of ours, over a socket or over HTTP, and what follows from it (versia.md, sections 2.6 and 3.4).

use std::time::Duration;

use quintet_core::federation::Receipt;
use serde::Deserialize;

/// As much as is kept of what a peer says.
const ERROR_CHARS: usize = 256;
/// No peer makes us wait longer than that by one word.
const LONGEST_WAIT: u64 = 86_400;
/// What a 422 speaks of that is about the time; others are about the entity, and signing again does not help.
const CLOCK_WORDS: [&str; 6] = ["signed_at", "signed-at", "timestamp", "clock", "expired", "time window"];

/// The answer to a request, as far as it is understood: every peer has `error`.
#[derive(Default, Deserialize)]
struct Body {
    error: Option<serde_json::Value>,
    details: Option<serde_json::Value>,
}

/// A receipt from what a peer says. `retry_after` in seconds.
pub(crate) fn read(status: u16, error: Option<&str>, details: Option<&str>, retry_after: Option<u64>) -> Receipt {
    if (200..300).contains(&status) {
        return Receipt::of(status);
    }
    let said = match (error, details) {
        (Some(error), Some(details)) => Some(format!("{error}: {details}")),
        (said, None) | (None, said) => said.map(str::to_owned),
    };
    let retry_after = retry_after.map(seconds);
    let clock = status == 422 && said.as_deref().is_some_and(is_about_time);
    let pause = retry_after.filter(|_| status == 429);
    Receipt { status, error: said.as_deref().map(clean), retry_after, clock, pause }
}

/// A receipt from the answer to a posting.
pub(crate) fn of_response(status: u16, headers: &[(String, String)], body: &[u8]) -> Receipt {
    let number = |name: &str| header(headers, name).and_then(|value| value.trim().parse::<u64>().ok());
    let plain = || Body { error: Some(String::from_utf8_lossy(body).into()), details: None };
    let said = serde_json::from_slice::<Body>(body).unwrap_or_else(|_| plain());
    let (error, details) = (said.error.as_ref().map(in_words), said.details.as_ref().map(in_words));
    let mut receipt = read(status, error.as_deref(), details.as_deref(), number("retry-after"));
    let used_up = number("ratelimit-remaining") == Some(0);
    if receipt.pause.is_none() && (used_up || status == 429) {
        receipt.pause = number("ratelimit-reset").map(seconds);
    }
    receipt
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

fn in_words(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count.min(LONGEST_WAIT))
}

fn is_about_time(said: &str) -> bool {
    let said = said.to_ascii_lowercase();
    CLOCK_WORDS.iter().any(|word| said.contains(word))
}

/// Fit for a log: cut, and nothing in it that a terminal would obey.
fn clean(said: &str) -> String {
    said.chars().take(ERROR_CHARS).map(|sign| if sign.is_control() { ' ' } else { sign }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Receipt {
        let headers: Vec<_> = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        of_response(status, &headers, body.as_bytes())
    }

    #[test]
    fn what_is_taken_says_nothing_more_but_that_it_was_the_last_for_now() {
        assert_eq!(answer(202, &[], ""), Receipt::of(202));
        assert_eq!(answer(200, &[], "taken, thanks"), Receipt::of(200));
        let headers = [("RateLimit-Limit", "100"), ("RateLimit-Remaining", "0"), ("RateLimit-Reset", "17")];
        let receipt = answer(202, &headers, "");
        assert!(receipt.is_taken() && receipt.pause == Some(Duration::from_secs(17)));
        assert_eq!(answer(202, &[("ratelimit-remaining", "1"), ("ratelimit-reset", "17")], "").pause, None);
    }

    #[test]
    fn errors_are_told_and_waits_obeyed() {
        let receipt = answer(404, &[], r#"{"error":"no such user","details":{"id":"7"}}"#);
        assert_eq!((receipt.status, receipt.error.as_deref()), (404, Some(r#"no such user: {"id":"7"}"#)));
        let receipt = answer(429, &[("retry-after", "5"), ("ratelimit-reset", "9")], r#"{"error":"slow down"}"#);
        assert_eq!((receipt.retry_after, receipt.pause), (Some(Duration::from_secs(5)), Some(Duration::from_secs(5))));
        assert_eq!(answer(429, &[("ratelimit-reset", "9")], "").pause, Some(Duration::from_secs(9)));
        let receipt = answer(503, &[("retry-after", "99999999999")], "");
        assert_eq!((receipt.retry_after, receipt.pause), (Some(Duration::from_hours(24)), None));
        assert_eq!(answer(503, &[("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT")], "").retry_after, None);
    }

    #[test]
    fn a_clock_is_told_from_a_shape() {
        for said in ["signed_at is too old", "Timestamp outside the window", "check your clock"] {
            assert!(read(422, Some(said), None, None).clock, "{said}");
        }
        assert!(read(422, Some("not valid"), Some("Versia-Signed-At is in the future"), None).clock);
        assert!(!read(422, Some("followee is missing"), None, None).clock);
        assert!(!read(422, None, None, None).clock);
        assert!(!read(400, Some("signed_at is no number"), None, None).clock);
    }

    #[test]
    fn what_a_peer_says_is_fit_for_a_log() {
        let receipt = answer(400, &[], "a\u{1b}[2J\r\nb");
        assert_eq!(receipt.error.as_deref(), Some("a [2J  b"));
        assert_eq!(answer(400, &[], &"ü".repeat(4096)).error.unwrap().chars().count(), ERROR_CHARS);
        assert_eq!(of_response(400, &[], &[0xff, 0xfe]).error.as_deref(), Some("\u{fffd}\u{fffd}"));
    }
}
