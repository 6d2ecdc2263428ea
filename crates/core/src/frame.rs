//! Frames: finished WebSocket frames in shared bytes.

use bytes::{BufMut, Bytes, BytesMut};

/// One unmasked, unfragmented server frame, header and payload (RFC 6455 section 5.2). Cloning shares the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame(Bytes);

/// The first byte: FIN and the opcode, and RSV1 where the payload is compressed (RFC 7692 section 6).
const TEXT: u8 = 0x81;
const BINARY: u8 = 0x82;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
const PONG: u8 = 0x8A;
const RSV1: u8 = 0x40;

impl Frame {
    /// A text message.
    pub fn text(payload: &str) -> Self {
        Self::text_of(&[payload])
    }

    /// A text message of these parts, one behind the other.
    pub fn text_of(parts: &[&str]) -> Self {
        Self::build(TEXT, parts)
    }

    /// A binary message.
    pub fn binary(payload: &[u8]) -> Self {
        Self::build(BINARY, &[payload])
    }

    /// A ping; `payload` is at most 125 bytes, the rest is cut off.
    pub fn ping(payload: &[u8]) -> Self {
        Self::build(PING, &[control(payload)])
    }

    /// A pong; `payload` is at most 125 bytes, the rest is cut off.
    pub fn pong(payload: &[u8]) -> Self {
        Self::build(PONG, &[control(payload)])
    }

    /// A close with its code; `reason` is cut at a character boundary to fit 123 bytes.
    pub fn close(code: u16, reason: &str) -> Self {
        let mut end = reason.len().min(123);
        while !reason.is_char_boundary(end) {
            end -= 1;
        }
        let mut payload = Vec::with_capacity(2 + end);
        payload.extend_from_slice(&code.to_be_bytes());
        payload.extend_from_slice(&reason.as_bytes()[..end]);
        Self::build(CLOSE, &[&payload])
    }

    /// A close without a code: the answer to one that had none.
    pub fn close_empty() -> Self {
        Self::build::<&[u8]>(CLOSE, &[])
    }

    /// This text or binary message with `deflated` as its payload, marked as compressed.
    #[must_use]
    pub fn compressed(&self, deflated: &[u8]) -> Self {
        Self::build(self.0[0] | RSV1, &[deflated])
    }

    fn build<P: AsRef<[u8]>>(first: u8, parts: &[P]) -> Self {
        let length = parts.iter().map(|part| part.as_ref().len()).sum();
        // Room for exactly what is put in: bytes that fill their memory are shared without another allocation.
        let mut bytes = Vec::with_capacity(header_length(length) + length);
        bytes.put_u8(first);
        match length {
            short @ 0..=125 => bytes.put_u8(u8::try_from(short).unwrap_or_default()),
            middle @ 126..=0xFFFF => {
                bytes.put_u8(126);
                bytes.put_u16(u16::try_from(middle).unwrap_or_default());
            }
            long => {
                bytes.put_u8(127);
                bytes.put_u64(long as u64);
            }
        }
        for part in parts {
            bytes.put_slice(part.as_ref());
        }
        Self(bytes.into())
    }

    /// Header and payload, as they go over the wire.
    pub fn as_bytes(&self) -> &Bytes {
        &self.0
    }

    /// The payload alone.
    pub fn payload(&self) -> &[u8] {
        let header = match self.0[1] {
            126 => 4,
            127 => 10,
            _ => 2,
        };
        &self.0[header..]
    }

    /// Whether this is a text message.
    pub fn is_text(&self) -> bool {
        self.0[0] == TEXT
    }

    /// The bytes of several frames, one behind the other; a single one is shared, not copied.
    pub fn join(frames: &[Self]) -> Bytes {
        if let [only] = frames {
            return only.0.clone();
        }
        let mut bytes = BytesMut::with_capacity(frames.iter().map(|frame| frame.0.len()).sum());
        for frame in frames {
            bytes.put_slice(&frame.0);
        }
        bytes.freeze()
    }
}

/// Bytes in front of a payload of so many.
fn header_length(payload: usize) -> usize {
    match payload {
        0..=125 => 2,
        126..=0xFFFF => 4,
        _ => 10,
    }
}

fn control(payload: &[u8]) -> &[u8] {
    &payload[..payload.len().min(125)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_grow_with_the_payload() {
        for (length, header) in [(0, 2), (125, 2), (126, 4), (0xFFFF, 4), (0x1_0000, 10)] {
            let frame = Frame::text(&"x".repeat(length));
            assert_eq!(frame.as_bytes().len(), header + length);
            assert_eq!(header_length(length), header);
            assert_eq!(frame.payload().len(), length);
        }
    }

    #[test]
    fn a_close_reason_is_cut_between_characters() {
        let frame = Frame::close(1008, &"é".repeat(100));
        assert_eq!(frame.payload().len(), 2 + 122);
        assert!(std::str::from_utf8(&frame.payload()[2..]).is_ok());
    }

    #[test]
    fn parts_are_one_payload() {
        assert_eq!(Frame::text_of(&["a", "", "bc"]), Frame::text("abc"));
        assert_eq!(Frame::text_of(&[]).as_bytes()[..], *b"\x81\x00");
    }

    #[test]
    fn joined_frames_stand_behind_each_other() {
        let frames = [Frame::text("a"), Frame::text("b")];
        assert_eq!(&Frame::join(&frames)[..], b"\x81\x01a\x81\x01b");
    }
}
