//! Masking and unmasking (RFC 6455 section 5.3).

use super::header::frame_size;

/// Takes the mask off `bytes`, or puts it on; the first of them is byte `offset` of its frame's payload.
pub(super) fn unmask(bytes: &mut [u8], mask: [u8; 4], offset: usize) {
    let turned: [u8; 4] = std::array::from_fn(|index| mask[(index + offset) % 4]);
    let [a, b, c, d] = turned;
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let mut words = bytes.chunks_exact_mut(8);
    for word in &mut words {
        let plain = word.first_chunk_mut::<8>().expect("a chunk of eight holds eight");
        *plain = (u64::from_ne_bytes(*plain) ^ wide).to_ne_bytes();
    }
    for (byte, key) in words.into_remainder().iter_mut().zip(turned.iter().cycle()) {
        *byte ^= key;
    }
}

/// These whole frames of a server as a client sends them: each masked with a key of its own, which nobody can foresee.
pub fn masked<E>(mut frames: &[u8], mut key: impl FnMut() -> Result<[u8; 4], E>) -> Result<Vec<u8>, E> {
    let mut masked = Vec::with_capacity(frames.len() + 4);
    while let Some((header, size)) = frame_size(frames).filter(|(_, size)| *size <= frames.len()) {
        let (frame, rest) = frames.split_at(size);
        let key = key()?;
        masked.extend_from_slice(&[frame[0], frame[1] | 0x80]);
        masked.extend_from_slice(&frame[2..header]);
        masked.extend_from_slice(&key);
        let payload = masked.len();
        masked.extend_from_slice(&frame[header..]);
        unmask(&mut masked[payload..], key, 0);
        frames = rest;
    }
    debug_assert!(frames.is_empty(), "frames are sent whole");
    Ok(masked)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use quintet_core::Frame;

    use super::*;

    #[test]
    fn any_split_unmasks_as_the_definition_says() {
        let mask = [0x37, 0xfa, 0x21, 0x3d];
        let plain: Vec<u8> = (0..100).collect();
        let masked: Vec<u8> = plain.iter().enumerate().map(|(index, byte)| byte ^ mask[index % 4]).collect();
        for split in 0..=masked.len() {
            let mut bytes = masked.clone();
            let (head, tail) = bytes.split_at_mut(split);
            unmask(head, mask, 0);
            unmask(tail, mask, split);
            assert_eq!(bytes, plain, "split at {split}");
        }
    }

    #[test]
    fn the_sample_of_the_standard_is_masked_as_it_stands_there() {
        // RFC 6455, section 5.7.
        let sample = b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
        let key = || Ok::<_, Infallible>([0x37, 0xfa, 0x21, 0x3d]);
        assert_eq!(masked(Frame::text("Hello").as_bytes(), key).unwrap(), sample);
    }

    #[test]
    fn each_frame_has_a_key_of_its_own() {
        let frames = [Frame::text("a"), Frame::ping(b""), Frame::binary(&[7; 300]), Frame::text(&"x".repeat(70_000))];
        let mut keys = (1..).map(|number| Ok::<_, Infallible>([number; 4]));
        let bytes = masked(&Frame::join(&frames), || keys.next().unwrap()).unwrap();
        let mut at = 0;
        for (number, frame) in (1..).zip(&frames) {
            let (header, size) = frame_size(&bytes[at..]).unwrap();
            assert_eq!(bytes[at + header - 4..at + header], [number; 4]);
            let mut payload = bytes[at + header..at + size].to_vec();
            unmask(&mut payload, [number; 4], 0);
            assert_eq!(payload, frame.payload());
            at += size;
        }
        assert_eq!(at, bytes.len());
    }

    #[test]
    fn no_key_no_frame() {
        assert_eq!(masked(Frame::text("a").as_bytes(), || Err("none")), Err("none"));
    }
}
