//! Numbers: kept as they are spelled, unless no JSON number can say them.

use super::compact::Compactor;
use super::malformed::Malformed;

impl Compactor<'_> {
    /// A number, or `-Infinity`. Stops where Python's grammar stops, so `1.` is the number 1 and something behind it.
    pub(super) fn number(&mut self) -> Result<(), Malformed> {
        if self.text[self.at..].starts_with("-I") {
            return self.word("-Infinity", "null");
        }
        let start = self.at;
        self.whole()?;
        let real = self.fraction() | self.exponent();
        let literal = &self.text[start..self.at];
        // A whole number has no bound; a real one that overflows is infinite to its reader.
        let finite = !real || literal.parse().is_ok_and(f64::is_finite);
        self.out.push_str(if finite { literal } else { "null" });
        Ok(())
    }

    /// The sign and the digits before the point.
    fn whole(&mut self) -> Result<(), Malformed> {
        let sign = usize::from(self.peek() == Some(b'-'));
        match self.text.as_bytes().get(self.at + sign) {
            Some(b'0') => {
                self.at += sign + 1;
                Ok(())
            }
            Some(b'1'..=b'9') => {
                self.at += sign;
                self.digits();
                Ok(())
            }
            _ => Err(self.malformed("Expecting value")),
        }
    }

    /// Takes all digits; how many.
    fn digits(&mut self) -> usize {
        let count = self.text.as_bytes()[self.at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        count
    }

    fn fraction(&mut self) -> bool {
        self.peek() == Some(b'.') && self.digits_behind(1)
    }

    fn exponent(&mut self) -> bool {
        let Some(b'e' | b'E') = self.peek() else { return false };
        let sign = matches!(self.text.as_bytes().get(self.at + 1), Some(b'+' | b'-'));
        self.digits_behind(1 + usize::from(sign))
    }

    /// Takes digits that begin `offset` bytes on; nothing if there are none.
    fn digits_behind(&mut self, offset: usize) -> bool {
        let start = self.at;
        self.at += offset;
        let some = self.digits() > 0;
        if !some {
            self.at = start;
        }
        some
    }
}
