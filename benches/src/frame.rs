//! WebSocket frames written and read by hand (RFC 6455 section 5; no extension is ever offered).

/// Opcode of a text frame.
pub(crate) const TEXT: u8 = 0x1;
/// Opcode of a binary frame.
pub(crate) const BINARY: u8 = 0x2;
/// Opcode of a close frame.
pub(crate) const CLOSE: u8 = 0x8;
/// Opcode of a ping.
pub(crate) const PING: u8 = 0x9;
/// Opcode of a pong.
pub(crate) const PONG: u8 = 0xA;

const FIN: u8 = 0x80;
const RESERVED: u8 = 0x70;
const MASKED: u8 = 0x80;

/// The header of one frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    /// What kind of frame, one of the constants above.
    pub(crate) opcode: u8,
    /// Whether it is a whole message without extension bits; nothing else is spoken here.
    pub(crate) plain: bool,
    /// The masking key, which clients must use and servers must not.
    pub(crate) mask: Option<[u8; 4]>,
    /// Bytes of the header, mask included.
    pub(crate) header: usize,
    /// Bytes of the payload.
    pub(crate) payload: usize,
}

impl Head {
    /// Reads a header from the start of `bytes`; `None` while more bytes are needed.
    #[inline]
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let (&first, &second) = (bytes.first()?, bytes.get(1)?);
        let (payload, mut header) = match second & 0x7F {
            126 => (u64::from(u16::from_be_bytes(array(bytes, 2)?)), 4),
            127 => (u64::from_be_bytes(array(bytes, 2)?), 10),
            short => (u64::from(short), 2),
        };
        let mut mask = None;
        if second & MASKED != 0 {
            mask = Some(array(bytes, header)?);
            header += 4;
        }
        Some(Self {
            opcode: first & 0x0F,
            plain: first & (FIN | RESERVED) == FIN,
            mask,
            header,
            payload: usize::try_from(payload).unwrap_or(usize::MAX),
        })
    }

    /// Bytes of the whole frame.
    #[inline]
    pub(crate) fn total(&self) -> usize {
        self.header.saturating_add(self.payload)
    }
}

#[inline]
fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at + N)?.try_into().ok()
}

/// Applies a masking key to a payload, or takes it off again.
#[inline]
pub(crate) fn mask(payload: &mut [u8], key: [u8; 4]) {
    let wide = u64::from_ne_bytes([key[0], key[1], key[2], key[3], key[0], key[1], key[2], key[3]]);
    let (words, rest) = payload.as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ wide).to_ne_bytes();
    }
    for (byte, key) in rest.iter_mut().zip(key.iter().cycle()) {
        *byte ^= key;
    }
}

fn put_header(out: &mut Vec<u8>, opcode: u8, masked: u8, length: usize) {
    out.push(FIN | opcode);
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short), _) if short < 126 => out.push(masked | short),
        (_, Ok(middle)) => {
            out.push(masked | 0x7E);
            out.extend_from_slice(&middle.to_be_bytes());
        }
        _ => {
            out.push(masked | 0x7F);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
}

/// Appends a server's frame, which is never masked.
pub(crate) fn put_server(out: &mut Vec<u8>, opcode: u8, payload: &[u8]) {
    put_header(out, opcode, 0, payload.len());
    out.extend_from_slice(payload);
}

/// Appends a client's frame, masked with `key`.
pub(crate) fn put_client(out: &mut Vec<u8>, opcode: u8, key: [u8; 4], payload: &[u8]) {
    put_header(out, opcode, MASKED, payload.len());
    out.extend_from_slice(&key);
    let start = out.len();
    out.extend_from_slice(payload);
    mask(&mut out[start..], key);
}

/// A source of masking keys: different each time, cheap, and of no value to an attacker here.
#[derive(Debug)]
pub(crate) struct Keys(u32);

impl Keys {
    /// Starts the sequence.
    pub(crate) fn new() -> Self {
        Self(0x9E37_79B9)
    }

    /// The next key.
    #[inline]
    pub(crate) fn next(&mut self) -> [u8; 4] {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0.to_ne_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTHS: [usize; 11] = [0, 1, 7, 8, 9, 125, 126, 127, 65_535, 65_536, 70_000];

    fn body(length: usize) -> Vec<u8> {
        (0..=250).cycle().take(length).collect()
    }

    #[test]
    fn a_client_frame_reads_back() {
        for length in LENGTHS {
            let mut out = Vec::new();
            put_client(&mut out, TEXT, [1, 2, 3, 4], &body(length));
            let head = Head::parse(&out).unwrap();
            assert_eq!((head.opcode, head.plain, head.payload), (TEXT, true, length));
            assert_eq!(head.total(), out.len());
            let payload = &mut out[head.header..];
            mask(payload, head.mask.unwrap());
            assert_eq!(payload, body(length));
        }
    }

    #[test]
    fn a_server_frame_reads_back_and_is_not_masked() {
        for length in LENGTHS {
            let mut out = Vec::new();
            put_server(&mut out, BINARY, &body(length));
            let head = Head::parse(&out).unwrap();
            assert_eq!((head.opcode, head.mask, head.payload), (BINARY, None, length));
            assert_eq!(&out[head.header..], body(length));
        }
    }

    #[test]
    fn a_cut_header_asks_for_more() {
        for length in LENGTHS {
            let mut out = Vec::new();
            put_client(&mut out, TEXT, [9; 4], &body(length));
            let header = Head::parse(&out).unwrap().header;
            for cut in 0..header {
                assert_eq!(Head::parse(&out[..cut]), None, "{length} cut at {cut}");
            }
        }
    }

    #[test]
    fn fragments_and_extension_bits_are_not_plain() {
        for first in [0x01, 0xC1, 0xA1, 0x91] {
            assert!(!Head::parse(&[first, 0]).unwrap().plain, "{first:#x}");
        }
    }

    #[test]
    fn a_hostile_length_does_not_overflow() {
        let mut bytes = vec![0x81, 127];
        bytes.extend_from_slice(&u64::MAX.to_be_bytes());
        assert_eq!(Head::parse(&bytes).unwrap().total(), usize::MAX);
    }

    #[test]
    fn the_rfc_masked_hello() {
        // RFC 6455 section 5.7, second example.
        let mut out = Vec::new();
        put_client(&mut out, TEXT, [0x37, 0xFA, 0x21, 0x3D], b"Hello");
        let wire = [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58];
        assert_eq!(out, wire);
    }

    #[test]
    fn keys_differ() {
        let mut keys = Keys::new();
        assert_ne!(keys.next(), keys.next());
    }
}
