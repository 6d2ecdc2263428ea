//! A message that came in more than one piece.

use super::text::Text;
use super::{Violation, deflate};

/// A data message under way: what came of it so far.
pub(super) struct Gather {
    pieces: Pieces,
    text: bool,
    frames: u32,
}

enum Pieces {
    /// Checked as it comes.
    Text(Text),
    Binary(Vec<u8>),
    /// Neither can be told before it is unpacked.
    Packed(Vec<u8>),
}

/// A whole message in memory of its own.
pub(super) enum Whole {
    Text(String),
    Binary(Vec<u8>),
}

impl Gather {
    /// Nothing yet of a text or binary message, its first frame counted.
    pub(super) fn begin(text: bool, packed: bool) -> Self {
        let pieces = match (packed, text) {
            (true, _) => Pieces::Packed(Vec::new()),
            (false, true) => Pieces::Text(Text::default()),
            (false, false) => Pieces::Binary(Vec::new()),
        };
        Self { pieces, text, frames: 1 }
    }

    /// How many bytes there are.
    pub(super) fn len(&self) -> usize {
        match &self.pieces {
            Pieces::Text(text) => text.len(),
            Pieces::Binary(bytes) | Pieces::Packed(bytes) => bytes.len(),
        }
    }

    /// Counts a further frame; gives how many there are.
    pub(super) fn count_frame(&mut self) -> u32 {
        self.frames = self.frames.saturating_add(1);
        self.frames
    }

    /// Adds a piece of the payload, unmasked.
    pub(super) fn push(&mut self, piece: &[u8]) -> Result<(), Violation> {
        match &mut self.pieces {
            Pieces::Text(text) => text.push(piece),
            Pieces::Binary(bytes) | Pieces::Packed(bytes) => {
                bytes.extend_from_slice(piece);
                Ok(())
            }
        }
    }

    /// The whole message, unpacked into `most` bytes at the most.
    pub(super) fn finish(self, most: usize) -> Result<Whole, Violation> {
        match self.pieces {
            Pieces::Text(text) => text.finish().map(Whole::Text),
            Pieces::Binary(bytes) => Ok(Whole::Binary(bytes)),
            Pieces::Packed(packed) => {
                let bytes = deflate::inflate(packed, most)?;
                if !self.text {
                    return Ok(Whole::Binary(bytes));
                }
                String::from_utf8(bytes).map(Whole::Text).map_err(|_| Violation::Data("text is not UTF-8"))
            }
        }
    }
}
