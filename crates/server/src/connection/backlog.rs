//! What waits for a peer whose socket is full.

use std::collections::VecDeque;
use std::io::IoSlice;

use bytes::Bytes;

use crate::websocket::frame_size;

/// What a waiting chunk costs beside its bytes.
const OVERHEAD: usize = size_of::<Chunk>();

/// Why something is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// The peer asked for it, and is not asked for more while it waits.
    Asked,
    /// Others say it, as often as they like.
    Told,
}

/// Whole frames.
struct Chunk {
    bytes: Bytes,
    cause: Cause,
}

/// Chunks of whole frames, the first of which may be sent in part.
#[derive(Default)]
pub(super) struct Backlog {
    chunks: VecDeque<Chunk>,
    /// How much of the first chunk is sent.
    sent: usize,
    /// Unsent bytes of all chunks.
    bytes: usize,
    /// What those chunks cost that others told.
    told: usize,
}

impl Backlog {
    /// What it costs to keep this, in bytes.
    pub(super) fn cost(&self) -> usize {
        self.bytes + self.chunks.len() * OVERHEAD
    }

    /// What part of the cost the peer has not asked for.
    pub(super) fn told(&self) -> usize {
        self.told
    }

    pub(super) fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// Adds whole frames.
    pub(super) fn push(&mut self, bytes: Bytes, cause: Cause) {
        if !bytes.is_empty() {
            self.bytes += bytes.len();
            if cause == Cause::Told {
                self.told += bytes.len() + OVERHEAD;
            }
            self.chunks.push_back(Chunk { bytes, cause });
        }
    }

    /// Puts what the peer asked for ahead of what waits, nothing of which may be sent yet.
    pub(super) fn precede(&mut self, bytes: Bytes) {
        self.bytes += bytes.len();
        self.chunks.push_front(Chunk { bytes, cause: Cause::Asked });
    }

    /// The unsent bytes, as many pieces as there is room for; tells how many.
    pub(super) fn slices<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        let mut skip = self.sent;
        let mut count = 0;
        for (slice, chunk) in slices.iter_mut().zip(&self.chunks) {
            *slice = IoSlice::new(&chunk.bytes[skip..]);
            skip = 0;
            count += 1;
        }
        count
    }

    /// So many bytes more are sent.
    pub(super) fn advance(&mut self, mut sent: usize) {
        self.bytes -= sent;
        while let Some(first) = self.chunks.front() {
            let rest = first.bytes.len() - self.sent;
            let gone = rest.min(sent);
            let over = if gone == rest { OVERHEAD } else { 0 };
            if first.cause == Cause::Told {
                self.told -= gone + over;
            }
            sent -= gone;
            if gone < rest {
                self.sent += gone;
                return;
            }
            self.chunks.pop_front();
            self.sent = 0;
        }
    }

    /// Gives up everything but the rest of a frame whose first bytes are sent: the stream stays well-formed.
    pub(super) fn cut(&mut self) {
        let rest = self.chunks.front().map(|first| {
            let end = end_of_frame(&first.bytes, self.sent);
            // A copy, so that a few bytes do not hold a large chunk.
            (Bytes::copy_from_slice(&first.bytes[self.sent..end]), first.cause)
        });
        *self = Self::default();
        if let Some((rest, cause)) = rest {
            self.push(rest, cause);
        }
    }
}

/// The first end of a frame at or behind `place`, in a chunk of whole frames.
fn end_of_frame(chunk: &[u8], place: usize) -> usize {
    let mut end = 0;
    while end < place {
        end += frame_size(&chunk[end..]).map_or(chunk.len() - end, |(_, size)| size);
    }
    end.min(chunk.len())
}

#[cfg(test)]
mod tests {
    use quintet_core::Frame;

    use super::*;
    use crate::websocket::masked;

    fn unsent(backlog: &Backlog) -> Vec<u8> {
        let mut slices = [IoSlice::new(&[]); 8];
        let count = backlog.slices(&mut slices);
        slices[..count].iter().flat_map(|slice| slice.to_vec()).collect()
    }

    #[test]
    fn bytes_leave_in_order_however_many_at_once() {
        let chunks = ["ab", "cde", "f"].map(|text| Bytes::from_static(text.as_bytes()));
        for step in 1..=6 {
            let mut backlog = Backlog::default();
            for chunk in &chunks {
                backlog.push(chunk.clone(), Cause::Told);
            }
            for sent in (0..6).step_by(step) {
                assert_eq!(unsent(&backlog), &b"abcdef"[sent..]);
                backlog.advance(step.min(6 - sent));
            }
            assert!(backlog.is_empty());
            assert_eq!((backlog.cost(), backlog.told()), (0, 0));
        }
    }

    #[test]
    fn what_was_told_is_known_among_what_was_asked_for() {
        let mut backlog = Backlog::default();
        for (text, cause) in [("abc", Cause::Asked), ("de", Cause::Told), ("f", Cause::Asked), ("gh", Cause::Told)] {
            backlog.push(Bytes::from_static(text.as_bytes()), cause);
        }
        let told = [(0, 4, 2), (3, 4, 2), (4, 3, 2), (5, 2, 1), (6, 2, 1), (7, 1, 1), (8, 0, 0)];
        let mut sent = 0;
        for (place, bytes, chunks) in told {
            backlog.advance(place - sent);
            sent = place;
            assert_eq!(backlog.told(), bytes + chunks * OVERHEAD, "at {place}");
        }
    }

    #[test]
    fn a_cut_finishes_the_frame_that_has_begun() {
        let chunk = Frame::join(&[Frame::text("a"), Frame::text(&"b".repeat(200)), Frame::text("c")]);
        let masked = masked(&chunk, || Ok::<_, std::convert::Infallible>([1, 2, 3, 4])).unwrap();
        cut_anywhere(&chunk, [0, 3, 3 + 204, 3 + 204 + 3]);
        cut_anywhere(&masked.into(), [0, 7, 7 + 208, 7 + 208 + 7]);
    }

    fn cut_anywhere(chunk: &Bytes, ends: [usize; 4]) {
        for sent in 0..chunk.len() {
            let mut backlog = Backlog::default();
            backlog.push(chunk.clone(), Cause::Told);
            backlog.push(Bytes::from_static(b"more"), Cause::Told);
            backlog.advance(sent);
            backlog.cut();
            let end = *ends.iter().find(|end| **end >= sent).unwrap();
            assert_eq!(unsent(&backlog), &chunk[sent..end], "sent {sent}");
        }
    }
}
