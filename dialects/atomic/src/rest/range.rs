//! Ranges: a part of a file (RFC 9110, section 14).

/// What a `Range` header asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Range {
    /// Everything: nothing was asked for, or nothing that is understood.
    Whole,
    /// These bytes; never none.
    Part(std::ops::Range<usize>),
    /// Bytes that are not there.
    Outside,
}

/// Reads a header for a file of this length. Several ranges at once are answered with the whole, as a server may.
pub(super) fn read(header: Option<&str>, length: usize) -> Range {
    let bounds = header.and_then(|header| header.trim().strip_prefix("bytes="));
    let Some((first, last)) = bounds.and_then(|bounds| bounds.split_once('-')) else { return Range::Whole };
    match (position(first), position(last)) {
        (Some(None), Some(Some(suffix))) => {
            if suffix == 0 || length == 0 {
                Range::Outside
            } else {
                Range::Part(length - suffix.min(length)..length)
            }
        }
        (Some(Some(first)), Some(last)) => {
            if last.is_some_and(|last| last < first) {
                Range::Whole
            } else if first >= length {
                Range::Outside
            } else {
                Range::Part(first..last.map_or(length, |last| last.saturating_add(1).min(length)))
            }
        }
        _ => Range::Whole,
    }
}

/// Digits, or nothing: `Some(None)`. What no file reaches is the largest number.
#[expect(clippy::option_option, reason = "private, and each of the three is read once")]
fn position(text: &str) -> Option<Option<usize>> {
    let text = text.trim();
    if text.is_empty() {
        return Some(None);
    }
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| Some(text.parse().unwrap_or(usize::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read() {
        let table = [
            (None, Range::Whole),
            (Some("bytes=0-0"), Range::Part(0..1)),
            (Some("bytes=2-4"), Range::Part(2..5)),
            (Some("bytes=2-"), Range::Part(2..10)),
            (Some("bytes=2-99999999999999999999999"), Range::Part(2..10)),
            (Some("bytes=-3"), Range::Part(7..10)),
            (Some("bytes=-99"), Range::Part(0..10)),
            (Some("bytes=-0"), Range::Outside),
            (Some("bytes=10-"), Range::Outside),
            (Some("bytes=99999999999999999999999-"), Range::Outside),
            (Some("bytes=4-2"), Range::Whole),
            (Some("bytes=-"), Range::Whole),
            (Some("bytes=0-1,3-4"), Range::Whole),
            (Some("bytes=a-b"), Range::Whole),
            (Some("bytes=+1-2"), Range::Whole),
            (Some("items=0-1"), Range::Whole),
            (Some(""), Range::Whole),
        ];
        for (header, expected) in table {
            assert_eq!(read(header, 10), expected, "{header:?}");
        }
        assert_eq!((read(Some("bytes=0-"), 0), read(Some("bytes=-1"), 0)), (Range::Outside, Range::Outside));
    }
}
