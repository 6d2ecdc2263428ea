//! The header of a frame (RFC 6455 section 5.2).

use super::Violation;

/// The longest header: two bytes, eight of length, four of mask.
pub(super) const LONGEST: usize = 14;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opcode {
    Continuation,
    Text,
    Binary,
    Close,
    Ping,
    Pong,
}

impl Opcode {
    fn of(byte: u8) -> Result<Self, Violation> {
        Ok(match byte & 0x0F {
            0x0 => Self::Continuation,
            0x1 => Self::Text,
            0x2 => Self::Binary,
            0x8 => Self::Close,
            0x9 => Self::Ping,
            0xA => Self::Pong,
            _ => return Err(Violation::Protocol("reserved opcode")),
        })
    }

    /// Close, ping and pong may stand between the frames of a message.
    pub(super) const fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }
}

/// A frame's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) fin: bool,
    /// RSV1: the message that begins here is compressed (RFC 7692 section 6).
    pub(super) compressed: bool,
    pub(super) opcode: Opcode,
    pub(super) length: u64,
    /// Zeros, which change nothing, where there is none.
    pub(super) mask: [u8; 4],
}

/// Which side of a connection the peer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// It has to mask its frames.
    Client,
    /// It must not (RFC 6455 section 5.1).
    Server,
}

/// The header at the start of `bytes` and its size, `None` while there are too few bytes to know.
///
/// `deflate`: whether compression was agreed upon. Fails with the first byte that shows a broken rule.
pub(super) fn parse(bytes: &[u8], role: Role, deflate: bool) -> Result<Option<(Header, usize)>, Violation> {
    let Some(&first) = bytes.first() else { return Ok(None) };
    let opcode = check_first(first, deflate)?;
    let Some(&second) = bytes.get(1) else { return Ok(None) };
    check_second(second, role, opcode)?;
    let Some((length, mask_at)) = length(second & 0x7F, &bytes[2..])? else { return Ok(None) };
    let (mask, size) = match role {
        Role::Server => ([0; 4], mask_at),
        Role::Client => match bytes[mask_at..].first_chunk::<4>() {
            Some(mask) => (*mask, mask_at + 4),
            None => return Ok(None),
        },
    };
    let header = Header { fin: first & 0x80 != 0, compressed: first & 0x40 != 0, opcode, length, mask };
    Ok(Some((header, size)))
}

/// The size of the header at the start of `bytes`, and of the whole frame, masked or not; `None` while there are too few bytes to know.
pub fn frame_size(bytes: &[u8]) -> Option<(usize, usize)> {
    let second = *bytes.get(1)?;
    let (header, payload) = match second & 0x7F {
        126 => (4, usize::from(u16::from_be_bytes(*bytes.get(2..)?.first_chunk()?))),
        127 => (10, usize::try_from(u64::from_be_bytes(*bytes.get(2..)?.first_chunk()?)).ok()?),
        short => (2, usize::from(short)),
    };
    let header = if second & 0x80 == 0 { header } else { header + 4 };
    Some((header, payload.checked_add(header)?))
}

fn check_first(first: u8, deflate: bool) -> Result<Opcode, Violation> {
    let opcode = Opcode::of(first)?;
    let begins = matches!(opcode, Opcode::Text | Opcode::Binary);
    if first & 0x30 != 0 || (first & 0x40 != 0 && !(deflate && begins)) {
        return Err(Violation::Protocol("reserved bit set"));
    }
    if opcode.is_control() && first & 0x80 == 0 {
        return Err(Violation::Protocol("fragmented control frame"));
    }
    Ok(opcode)
}

fn check_second(second: u8, role: Role, opcode: Opcode) -> Result<(), Violation> {
    match (role, second & 0x80) {
        (Role::Client, 0) => return Err(Violation::Protocol("frame without a mask")),
        (Role::Server, 0x80) => return Err(Violation::Protocol("frame with a mask")),
        _ => {}
    }
    if opcode.is_control() && second & 0x7F > 125 {
        return Err(Violation::Protocol("control frame longer than 125 bytes"));
    }
    Ok(())
}

/// The payload's length and where in the frame the mask stands; `rest` follows the second byte.
fn length(short: u8, rest: &[u8]) -> Result<Option<(u64, usize)>, Violation> {
    let (length, mask_at, least) = match short {
        126 => match rest.first_chunk() {
            Some(bytes) => (u64::from(u16::from_be_bytes(*bytes)), 4, 126),
            None => return Ok(None),
        },
        127 => match rest.first_chunk() {
            Some(bytes) => (u64::from_be_bytes(*bytes), 10, 0x1_0000),
            None => return Ok(None),
        },
        short => (u64::from(short), 2, 0),
    };
    if length < least {
        return Err(Violation::Protocol("length not in its shortest form"));
    }
    if length >> 63 != 0 {
        return Err(Violation::Protocol("length with its highest bit set"));
    }
    Ok(Some((length, mask_at)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MASK: [u8; 4] = [1, 2, 3, 4];

    fn with_mask(start: &[u8]) -> Vec<u8> {
        [start, &MASK].concat()
    }

    #[test]
    fn lengths_have_three_forms() {
        for (start, length) in [
            (b"\x81\x80".as_slice(), 0),
            (b"\x81\xfd", 125),
            (b"\x81\xfe\x00\x7e", 126),
            (b"\x81\xfe\xff\xff", 0xFFFF),
            (b"\x81\xff\x00\x00\x00\x00\x00\x01\x00\x00", 0x1_0000),
            (b"\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff", i64::MAX as u64),
        ] {
            let bytes = with_mask(start);
            let header = Header { fin: true, compressed: false, opcode: Opcode::Text, length, mask: MASK };
            assert_eq!(parse(&bytes, Role::Client, false), Ok(Some((header, bytes.len()))));
            for cut in 0..bytes.len() {
                assert_eq!(parse(&bytes[..cut], Role::Client, false), Ok(None), "{start:?} cut at {cut}");
            }
        }
    }

    #[test]
    fn broken_rules_are_told_by_the_byte_that_breaks_them() {
        for (bytes, what) in [
            (b"\x83".as_slice(), "reserved opcode"),
            (b"\x8b", "reserved opcode"),
            (b"\xc1", "reserved bit set"),
            (b"\xa1", "reserved bit set"),
            (b"\x91", "reserved bit set"),
            (b"\x09", "fragmented control frame"),
            (b"\x08", "fragmented control frame"),
            (b"\x81\x05", "frame without a mask"),
            (b"\x89\xfe", "control frame longer than 125 bytes"),
            (b"\x81\xfe\x00\x7d", "length not in its shortest form"),
            (b"\x81\xff\x00\x00\x00\x00\x00\x00\xff\xff", "length not in its shortest form"),
            (b"\x81\xff\x80\x00\x00\x00\x00\x00\x00\x00", "length with its highest bit set"),
        ] {
            assert_eq!(parse(bytes, Role::Client, false), Err(Violation::Protocol(what)), "{bytes:?}");
        }
    }

    #[test]
    fn the_first_reserved_bit_marks_compressed_messages_only() {
        for start in [b"\xc1\x80".as_slice(), b"\x42\x80"] {
            assert!(parse(&with_mask(start), Role::Client, true).unwrap().unwrap().0.compressed);
        }
        for start in [b"\xc0\x80".as_slice(), b"\xc9\x80", b"\xc8\x80", b"\xe1\x80"] {
            assert_eq!(
                parse(&with_mask(start), Role::Client, true),
                Err(Violation::Protocol("reserved bit set")),
                "{start:?}"
            );
        }
    }

    #[test]
    fn a_server_masks_nothing() {
        for (bytes, length) in [(b"\x81\x05".as_slice(), 5), (b"\x81\x7e\x00\x7e", 126), (b"\x89\x00", 0)] {
            let (header, size) = parse(bytes, Role::Server, false).unwrap().unwrap();
            assert_eq!((header.length, header.mask, size), (length, [0; 4], bytes.len()));
        }
        let masked = parse(b"\x81\x85", Role::Server, false);
        assert_eq!(masked, Err(Violation::Protocol("frame with a mask")));
    }
}
