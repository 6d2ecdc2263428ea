//! Strings: escapes only where JSON demands them.

use super::compact::Compactor;
use super::malformed::Malformed;

impl Compactor<'_> {
    /// From quote to quote.
    pub(super) fn string(&mut self) -> Result<(), Malformed> {
        let start = self.at;
        let mut copied = start;
        self.at += 1;
        loop {
            match self.peek() {
                None => return Err(Malformed::Syntax { what: "Unterminated string starting at", at: start }),
                Some(b'"') => {
                    self.at += 1;
                    self.out.push_str(&self.text[copied..self.at]);
                    return Ok(());
                }
                Some(b'\\') => {
                    self.out.push_str(&self.text[copied..self.at]);
                    self.escape(start)?;
                    copied = self.at;
                }
                Some(0..=0x1F) => return Err(self.malformed("Invalid control character at")),
                Some(_) => self.at += 1,
            }
        }
    }

    /// A backslash and what belongs to it, in a string that began at `start`.
    fn escape(&mut self, start: usize) -> Result<(), Malformed> {
        let character = match self.text.as_bytes().get(self.at + 1) {
            None => return Err(Malformed::Syntax { what: "Unterminated string starting at", at: start }),
            Some(b'u') => return self.unicode_escape(),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{C}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(*byte),
            Some(_) => return Err(self.malformed("Invalid \\escape")),
        };
        self.at += 2;
        push_escaped(&mut self.out, character);
        Ok(())
    }

    /// `\uXXXX`, or two of them for a character beyond the first plane.
    fn unicode_escape(&mut self) -> Result<(), Malformed> {
        let first = self.code_unit()?;
        let character = match char::from_u32(first) {
            Some(character) => character,
            None if first < 0xDC00 && self.text[self.at..].starts_with("\\u") => {
                let second = self.code_unit()?;
                beyond_first_plane(first, second).ok_or(Malformed::Surrogate)?
            }
            None => return Err(Malformed::Surrogate),
        };
        push_escaped(&mut self.out, character);
        Ok(())
    }

    /// The four digits of `\uXXXX`.
    fn code_unit(&mut self) -> Result<u32, Malformed> {
        let invalid = Malformed::Syntax { what: "Invalid \\uXXXX escape", at: self.at + 1 };
        let digits = self.text.as_bytes().get(self.at + 2..self.at + 6).ok_or(invalid)?;
        let unit = digits.iter().try_fold(0, |unit, byte| Some(unit * 16 + char::from(*byte).to_digit(16)?));
        self.at += 6;
        unit.ok_or(invalid)
    }
}

/// The character that two halves of a surrogate pair make (RFC 8259 section 7).
fn beyond_first_plane(high: u32, low: u32) -> Option<char> {
    let low = low.checked_sub(0xDC00).filter(|low| *low < 0x400)?;
    char::from_u32(0x1_0000 + ((high - 0xD800) << 10) + low)
}

/// Writes a character into a JSON string, escaped only where it must be.
pub(super) fn push_escaped(out: &mut String, character: char) {
    match character {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\u{8}' => out.push_str("\\b"),
        '\u{C}' => out.push_str("\\f"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\0'..='\u{1F}' => {
            let code = u32::from(character);
            let digit = |value| char::from_digit(value, 16).unwrap_or('0');
            out.push_str("\\u00");
            out.push(digit(code >> 4));
            out.push(digit(code & 0xF));
        }
        other => out.push(other),
    }
}
