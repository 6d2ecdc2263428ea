//! The payload of close frames (RFC 6455 sections 5.5.1 and 7.4).

use super::Violation;

/// The code and reason of a close frame's payload, `None` where it is empty.
pub(super) fn parse(payload: &[u8]) -> Result<Option<(u16, &str)>, Violation> {
    let (code, reason) = match payload {
        [] => return Ok(None),
        [_] => return Err(Violation::Protocol("close frame with half a code")),
        [high, low, reason @ ..] => (u16::from_be_bytes([*high, *low]), reason),
    };
    if !is_sendable(code) {
        return Err(Violation::Protocol("close code that may not be sent"));
    }
    let reason = std::str::from_utf8(reason).map_err(|_| Violation::Data("close reason is not UTF-8"))?;
    Ok(Some((code, reason)))
}

/// May this code stand in a close frame? 1004 is reserved, 1005, 1006 and 1015 are never sent; 1012 to 1014 are in the IANA registry.
fn is_sendable(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_that_may_be_sent() {
        for code in [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999] {
            assert_eq!(parse(&u16::to_be_bytes(code)), Ok(Some((code, ""))));
        }
        for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535] {
            assert_eq!(parse(&u16::to_be_bytes(code)).unwrap_err().code(), 1002, "{code}");
        }
    }

    #[test]
    fn payloads_are_checked() {
        assert_eq!(parse(b""), Ok(None));
        assert_eq!(parse(b"\x03\xe8bye"), Ok(Some((1000, "bye"))));
        assert_eq!(parse(b"\x03").unwrap_err().code(), 1002);
        assert_eq!(parse(b"\x03\xe8\xff").unwrap_err().code(), 1007);
    }
}
