//! Unpacking what a client packed.

use std::cell::RefCell;

use flate2::{Decompress, FlushDecompress, Status};

use super::TAIL;
use crate::websocket::Violation;

const BROKEN: Violation = Violation::Data("compressed message cannot be unpacked");

/// Room for output is made in steps of this many bytes at the least.
const STEP: usize = 4096;

thread_local! {
    // Made for the widest window, it unpacks narrower ones as well.
    static INFLATER: RefCell<Decompress> = RefCell::new(Decompress::new(false));
}

/// Unpacks one message of at most `most` bytes; a larger one fails before it takes more memory than that.
pub(in crate::websocket) fn inflate(mut packed: Vec<u8>, most: usize) -> Result<Vec<u8>, Violation> {
    packed.extend_from_slice(&TAIL);
    INFLATER.with_borrow_mut(|inflater| {
        inflater.reset(false);
        unpack(inflater, &packed, most)
    })
}

fn unpack(inflater: &mut Decompress, packed: &[u8], most: usize) -> Result<Vec<u8>, Violation> {
    let mut plain = Vec::new();
    loop {
        // One byte beyond the bound shows that it is crossed.
        let room = plain.len().max(STEP).min(most.saturating_add(1) - plain.len());
        plain.reserve_exact(room);
        let used = usize::try_from(inflater.total_in()).map_err(|_| BROKEN)?;
        let rest = &packed[used..];
        let status = inflater.decompress_vec(rest, &mut plain, FlushDecompress::Sync).map_err(|_| BROKEN)?;
        if plain.len() > most {
            return Err(Violation::TooLarge);
        }
        let used = usize::try_from(inflater.total_in()).map_err(|_| BROKEN)?;
        if status == Status::StreamEnd {
            return ended(plain, &packed[used..]);
        }
        if plain.len() < plain.capacity() {
            return if used == packed.len() { Ok(plain) } else { Err(BROKEN) };
        }
    }
}

/// A final block ends a message early; nothing but the empty block may follow it (RFC 7692 section 7.2.3.4).
fn ended(plain: Vec<u8>, rest: &[u8]) -> Result<Vec<u8>, Violation> {
    if rest == TAIL || rest == [0, 0, 0, 0xFF, 0xFF] { Ok(plain) } else { Err(BROKEN) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_rfc_unpack() {
        for packed in [
            b"\xf2\x48\xcd\xc9\xc9\x07\x00".as_slice(),
            b"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00",
            b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00",
            b"\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00",
        ] {
            assert_eq!(inflate(packed.to_vec(), 5).unwrap(), b"Hello", "{packed:?}");
            assert_eq!(inflate(packed.to_vec(), 4), Err(Violation::TooLarge), "{packed:?}");
        }
    }

    #[test]
    fn rubbish_fails() {
        for packed in [b"\xff\xff\xff".as_slice(), b"\xf3\x48\xcd\xc9\xc9\x07\x00\x01\x02"] {
            assert_eq!(inflate(packed.to_vec(), 100), Err(BROKEN), "{packed:?}");
        }
    }
}
