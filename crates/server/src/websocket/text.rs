//! Text that arrives in pieces, checked as it comes.

use super::Violation;

const NOT_UTF8: Violation = Violation::Data("text is not UTF-8");

/// The valid text so far, and the bytes of a character that is not whole yet.
#[derive(Default)]
pub(super) struct Text {
    whole: String,
    begun: [u8; 4],
    begun_len: usize,
}

impl Text {
    /// How many bytes there are.
    pub(super) fn len(&self) -> usize {
        self.whole.len() + self.begun_len
    }

    /// Adds a piece; fails at the first byte that cannot belong to any text.
    pub(super) fn push(&mut self, piece: &[u8]) -> Result<(), Violation> {
        let piece = self.finish_begun(piece)?;
        match std::str::from_utf8(piece) {
            Ok(text) => self.whole.push_str(text),
            Err(error) if error.error_len().is_some() => return Err(NOT_UTF8),
            Err(error) => self.push_unfinished(piece, error.valid_up_to())?,
        }
        Ok(())
    }

    /// The whole text; fails if it ends within a character.
    pub(super) fn finish(self) -> Result<String, Violation> {
        if self.begun_len == 0 { Ok(self.whole) } else { Err(NOT_UTF8) }
    }

    /// Completes the begun character with the first bytes of `piece`; gives back the rest.
    fn finish_begun<'a>(&mut self, mut piece: &'a [u8]) -> Result<&'a [u8], Violation> {
        while self.begun_len > 0 {
            let Some((byte, rest)) = piece.split_first() else { break };
            self.begun[self.begun_len] = *byte;
            self.begun_len += 1;
            piece = rest;
            match std::str::from_utf8(&self.begun[..self.begun_len]) {
                Ok(character) => {
                    self.whole.push_str(character);
                    self.begun_len = 0;
                }
                Err(error) if error.error_len().is_some() => return Err(NOT_UTF8),
                Err(_) => {}
            }
        }
        Ok(piece)
    }

    /// Adds a piece that is valid up to a character that is cut off at its end.
    fn push_unfinished(&mut self, piece: &[u8], valid: usize) -> Result<(), Violation> {
        let (text, begun) = piece.split_at(valid);
        self.whole.push_str(std::str::from_utf8(text).map_err(|_| NOT_UTF8)?);
        self.begun[..begun.len()].copy_from_slice(begun);
        self.begun_len = begun.len();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_split_gives_the_same_text() {
        let text = "aé€𝄞z";
        for first in 0..=text.len() {
            for second in first..=text.len() {
                let mut pieces = Text::default();
                for piece in [&text.as_bytes()[..first], &text.as_bytes()[first..second], &text.as_bytes()[second..]] {
                    pieces.push(piece).unwrap();
                }
                assert_eq!(pieces.len(), text.len());
                assert_eq!(pieces.finish().unwrap(), text);
            }
        }
    }

    #[test]
    fn a_wrong_byte_fails_as_soon_as_it_comes() {
        // U+110000 is beyond Unicode, which the second byte tells; a surrogate is told by its second byte, too.
        for (good, bad) in
            [(b"\xf4".as_slice(), b"\x90".as_slice()), (b"\xed", b"\xa0"), (b"\xe2\x82", b"a"), (b"x", b"\xff")]
        {
            let mut pieces = Text::default();
            pieces.push(good).unwrap();
            assert_eq!(pieces.push(bad), Err(NOT_UTF8));
        }
    }

    #[test]
    fn a_text_may_not_end_within_a_character() {
        let mut pieces = Text::default();
        pieces.push("€".as_bytes().split_last().unwrap().1).unwrap();
        assert_eq!(pieces.finish(), Err(NOT_UTF8));
    }
}
