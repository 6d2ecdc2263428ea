//! What a client offers to compress with, and what is agreed upon (RFC 7692 section 7.1).

/// A compression that was agreed upon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// The base-2 logarithm of the window that our messages may reach back, 9 to 15.
    pub window_bits: u8,
    asked: bool,
}

impl Agreement {
    /// The largest window, which everyone has who did not ask for less.
    pub const WIDEST: u8 = 15;
    /// The smallest window that the compressor can keep; an offer that asks for 8 is declined.
    pub const NARROWEST: u8 = 9;

    /// The value of the `Sec-WebSocket-Extensions` header that says so.
    pub fn header(self) -> String {
        const ALONE: &str = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
        if self.asked { format!("{ALONE}; server_max_window_bits={}", self.window_bits) } else { ALONE.to_owned() }
    }
}

/// The first offer that can be met, from the values of the request's `Sec-WebSocket-Extensions` headers.
pub fn agree<'a>(values: impl IntoIterator<Item = &'a str>) -> Option<Agreement> {
    values.into_iter().flat_map(|value| split(value, ',')).find_map(meet)
}

/// Meets one offer, or declines it.
fn meet(offer: &str) -> Option<Agreement> {
    let mut parts = split(offer, ';');
    if !parts.next()?.trim().eq_ignore_ascii_case("permessage-deflate") {
        return None;
    }
    let mut wanted = Wanted::default();
    for parameter in parts {
        let (name, value) = match parameter.split_once('=') {
            Some((name, value)) => (name.trim(), Some(unquote(value.trim())?)),
            None => (parameter.trim(), None),
        };
        wanted.take(name, value.as_deref())?;
    }
    let asked = wanted.server_bits.is_some();
    Some(Agreement { window_bits: wanted.server_bits.unwrap_or(Agreement::WIDEST), asked })
}

/// The parameters of an offer, each at most once.
#[derive(Default)]
struct Wanted {
    server_bits: Option<u8>,
    client_bits: bool,
    server_alone: bool,
    client_alone: bool,
}

impl Wanted {
    /// `None` declines: an unknown parameter, one that is there twice, a wrong value, or one that cannot be kept to.
    fn take(&mut self, name: &str, value: Option<&str>) -> Option<()> {
        let again = match (name, value) {
            ("server_no_context_takeover", None) => std::mem::replace(&mut self.server_alone, true),
            ("client_no_context_takeover", None) => std::mem::replace(&mut self.client_alone, true),
            ("client_max_window_bits", value) => {
                if let Some(value) = value {
                    bits(value)?;
                }
                std::mem::replace(&mut self.client_bits, true)
            }
            ("server_max_window_bits", Some(value)) => {
                let bits = bits(value).filter(|bits| *bits >= Agreement::NARROWEST)?;
                self.server_bits.replace(bits).is_some()
            }
            _ => return None,
        };
        (!again).then_some(())
    }
}

/// A window size, 8 to 15, in decimal without leading zeros.
fn bits(text: &str) -> Option<u8> {
    (8..=15).find(|bits| bits.to_string() == text)
}

/// The value without its quotes; `None` where they are not a pair or hold what is no token.
fn unquote(value: &str) -> Option<String> {
    let inner = match value.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"')?.replace('\\', ""),
        None => value.to_owned(),
    };
    inner.bytes().all(|byte| byte.is_ascii_alphanumeric()).then_some(inner)
}

/// Splits at a separator that is not between quotes.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |character| {
        let splits = character == separator && !quoted;
        if !escaped && character == '"' {
            quoted = !quoted;
        }
        escaped = quoted && character == '\\' && !escaped;
        splits
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(offer: &str) -> Option<String> {
        let agreement = agree([offer])?;
        let header = agreement.header();
        Some(header.strip_prefix("permessage-deflate; server_no_context_takeover; client_no_context_takeover")?.into())
    }

    #[test]
    fn offers_that_can_be_met() {
        for (offer, rest) in [
            ("permessage-deflate", ""),
            ("Permessage-Deflate; client_max_window_bits", ""),
            ("permessage-deflate; client_max_window_bits=8; server_no_context_takeover", ""),
            (
                "permessage-deflate;client_no_context_takeover ; server_max_window_bits=15",
                "; server_max_window_bits=15",
            ),
            ("permessage-deflate; server_max_window_bits=\"10\"", "; server_max_window_bits=10"),
            ("permessage-deflate; server_max_window_bits=9", "; server_max_window_bits=9"),
            ("x-webkit-deflate-frame, permessage-deflate; client_max_window_bits", ""),
            ("permessage-deflate; server_max_window_bits=8, permessage-deflate", ""),
            ("permessage-deflate; surprise=\"a, b; c\", permessage-deflate", ""),
        ] {
            assert_eq!(answer(offer).as_deref(), Some(rest), "{offer}");
        }
    }

    #[test]
    fn offers_that_are_declined() {
        for offer in [
            "",
            "permessage-bzip2",
            "permessage-deflate; surprise",
            "permessage-deflate; server_no_context_takeover=1",
            "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
            "permessage-deflate; client_max_window_bits; client_max_window_bits=10",
            "permessage-deflate; server_max_window_bits",
            "permessage-deflate; server_max_window_bits=8",
            "permessage-deflate; server_max_window_bits=16",
            "permessage-deflate; server_max_window_bits=010",
            "permessage-deflate; server_max_window_bits=+9",
            "permessage-deflate; client_max_window_bits=7",
            "permessage-deflate; server_max_window_bits=\"10",
            "permessage-deflate; server_max_window_bits=10; server_max_window_bits=10",
        ] {
            assert_eq!(answer(offer), None, "{offer}");
        }
    }

    #[test]
    fn offers_may_stand_in_several_headers() {
        let agreement = agree(["permessage-deflate; server_max_window_bits=8", "permessage-deflate"]).unwrap();
        assert_eq!(agreement.window_bits, 15);
    }
}
