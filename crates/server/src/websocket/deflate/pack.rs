//! Packing what is sent.

use std::cell::RefCell;

use flate2::{Compress, Compression, FlushCompress};
use quintet_core::Frame;

use super::{Agreement, TAIL};

/// Payloads below this many bytes stay as they are: packing gains nothing.
const WORTH_IT: usize = 64;

/// Between speed (1) and size (9): chat shrinks to within some percent of the best, in about half the time.
const LEVEL: Compression = Compression::new(4);

/// One compressor for each window from [`Agreement::NARROWEST`] to [`Agreement::WIDEST`].
const KINDS: usize = (Agreement::WIDEST - Agreement::NARROWEST) as usize + 1;

thread_local! {
    static DEFLATERS: RefCell<[Option<Compress>; KINDS]> = const { RefCell::new([const { None }; KINDS]) };
}

/// This frame packed for everyone who agreed to the widest window; the frame itself where packing gains nothing.
pub fn deflate(frame: &Frame) -> Frame {
    deflate_within(frame, Agreement::WIDEST)
}

/// This frame packed with a window of `window_bits` (9 to 15, else the nearest of them).
pub fn deflate_within(frame: &Frame, window_bits: u8) -> Frame {
    let payload = frame.payload();
    if payload.len() < WORTH_IT || !is_plain_data(frame) {
        return frame.clone();
    }
    let bits = window_bits.clamp(Agreement::NARROWEST, Agreement::WIDEST);
    let packed = DEFLATERS.with_borrow_mut(|deflaters| {
        let deflater = deflaters[usize::from(bits - Agreement::NARROWEST)]
            .get_or_insert_with(|| Compress::new_with_window_bits(LEVEL, false, bits));
        deflater.reset();
        pack(deflater, payload)
    });
    match packed {
        Some(packed) if packed.len() < payload.len() => frame.compressed(&packed),
        _ => frame.clone(),
    }
}

/// A text or binary frame that is not packed yet, by its first byte.
fn is_plain_data(frame: &Frame) -> bool {
    matches!(frame.as_bytes().first(), Some(0x81 | 0x82))
}

/// `None` should the compressor fail, which plain bytes do not make it do.
fn pack(deflater: &mut Compress, payload: &[u8]) -> Option<Vec<u8>> {
    let mut packed = Vec::with_capacity(payload.len() / 2 + 64);
    loop {
        let used = usize::try_from(deflater.total_in()).ok()?;
        deflater.compress_vec(&payload[used..], &mut packed, FlushCompress::Sync).ok()?;
        if packed.len() < packed.capacity() {
            break;
        }
        packed.reserve(packed.len());
    }
    packed.ends_with(&TAIL).then(|| {
        packed.truncate(packed.len() - TAIL.len());
        packed
    })
}

#[cfg(test)]
mod tests {
    use flate2::{Decompress, FlushDecompress};

    use super::*;

    /// Text that repeats itself at distances that only some windows reach.
    fn text(bytes: usize) -> String {
        (0_u32..)
            .flat_map(|n| format!("{} ", n.wrapping_mul(2_654_435_761) % 5_000).into_bytes())
            .take(bytes)
            .map(char::from)
            .collect()
    }

    #[test]
    fn what_is_packed_unpacks_within_the_window_that_was_agreed() {
        for bits in Agreement::NARROWEST..=Agreement::WIDEST {
            for length in [64, 1_000, 70_000, 300_000] {
                let text = text(length);
                let frame = deflate_within(&Frame::text(&text), bits);
                assert_eq!(frame.as_bytes()[0], 0xC1);
                let mut unpacked = Vec::with_capacity(length + 1);
                let packed = [frame.payload(), &TAIL].concat();
                Decompress::new_with_window_bits(false, bits)
                    .decompress_vec(&packed, &mut unpacked, FlushDecompress::Sync)
                    .unwrap();
                assert!(unpacked == text.as_bytes(), "{bits} bits, {length} bytes");
            }
        }
    }

    #[test]
    fn what_gains_nothing_stays_plain() {
        let mix = |n: u64| (n ^ (n >> 31)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let noise: Vec<u8> = (1..=1_000).map(|n| mix(mix(mix(n))).to_be_bytes()[0]).collect();
        for frame in [Frame::text("short"), Frame::binary(&noise), Frame::ping(&[0; 100])] {
            assert_eq!(deflate(&frame), frame);
        }
    }

    #[test]
    fn messages_do_not_lean_on_each_other() {
        let frame = Frame::text(&text(5_000));
        assert_eq!(deflate(&frame), deflate(&frame));
    }
}
