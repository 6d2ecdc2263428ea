//! The decoder against tables of rules, every split of a stream, and noise.

use proptest::prelude::*;
use quintet_core::Frame;

use super::{Bounds, Decoder, Message, Violation, deflate};

const MASK: [u8; 4] = [0x12, 0x34, 0x56, 0x78];

/// A decoder for small messages.
fn decoder() -> Decoder {
    Decoder::new(Bounds { message_bytes: 1_000, message_frames: 10 }, true)
}

/// A client's frame with this first byte.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        short @ 0..=125 => bytes.push(0x80 | u8::try_from(short).unwrap()),
        middle @ 126..=0xFFFF => {
            bytes.push(0xFE);
            bytes.extend_from_slice(&u16::try_from(middle).unwrap().to_be_bytes());
        }
        long => {
            bytes.push(0xFF);
            bytes.extend_from_slice(&(long as u64).to_be_bytes());
        }
    }
    bytes.extend_from_slice(&MASK);
    bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, key)| byte ^ key));
    bytes
}

/// A message, out of the buffers.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Owned {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(Option<(u16, String)>),
}

impl From<Message<'_>> for Owned {
    fn from(message: Message<'_>) -> Self {
        match message {
            Message::Text(text) => Self::Text(text.into()),
            Message::Binary(bytes) => Self::Binary(bytes.into()),
            Message::Ping(bytes) => Self::Ping(bytes.into()),
            Message::Pong(bytes) => Self::Pong(bytes.into()),
            Message::Close(close) => Self::Close(close.map(|(code, reason)| (code, reason.into()))),
        }
    }
}

/// Decodes reads one after another, and tells what came out, and whether it ended with a violation.
fn run(decoder: &mut Decoder, reads: &[&[u8]]) -> (Vec<Owned>, Option<Violation>) {
    let mut messages = Vec::new();
    for read in reads {
        let mut input = read.to_vec();
        let mut at = 0;
        loop {
            match decoder.decode(&mut input[at..]) {
                Ok((used, Some(message))) => {
                    messages.push(message.into());
                    at += used;
                }
                Ok((used, None)) => {
                    assert_eq!(at + used, input.len(), "everything is used");
                    break;
                }
                Err(violation) => return (messages, Some(violation)),
            }
        }
    }
    (messages, None)
}

fn decode(bytes: &[u8]) -> (Vec<Owned>, Option<Violation>) {
    run(&mut decoder(), &[bytes])
}

fn packed(text: &str) -> Vec<u8> {
    let frame = deflate::deflate(&Frame::text(text));
    assert_eq!(frame.as_bytes()[0], 0xC1, "long enough to be packed");
    frame.payload().to_vec()
}

#[test]
fn whole_messages_are_handed_out() {
    let long = "é".repeat(200);
    let bytes = [
        frame(0x81, b"hello"),
        frame(0x81, long.as_bytes()),
        frame(0x82, b"\x00\xff"),
        frame(0x89, b"ping"),
        frame(0x8A, b""),
        frame(0x81, b""),
        frame(0x88, b"\x03\xe8bye"),
    ]
    .concat();
    let expected = [
        Owned::Text("hello".into()),
        Owned::Text(long),
        Owned::Binary(b"\x00\xff".into()),
        Owned::Ping(b"ping".into()),
        Owned::Pong(Vec::new()),
        Owned::Text(String::new()),
        Owned::Close(Some((1000, "bye".into()))),
    ];
    assert_eq!(decode(&bytes), (expected.into(), None));
}

#[test]
fn control_frames_come_between_the_frames_of_a_message() {
    let bytes = [frame(0x01, b"one "), frame(0x89, b"now"), frame(0x00, b"two "), frame(0x80, b"three")].concat();
    assert_eq!(decode(&bytes).0, [Owned::Ping(b"now".into()), Owned::Text("one two three".into())]);
}

#[test]
fn packed_messages_are_unpacked() {
    let text = "a chat that says the same, a chat that says the same, ".repeat(4);
    let packed = packed(&text);
    let (head, tail) = packed.split_at(packed.len() / 2);
    let bytes = [frame(0xC1, &packed), frame(0x41, head), frame(0x89, b""), frame(0x80, tail)].concat();
    let expected = [Owned::Text(text.clone()), Owned::Ping(Vec::new()), Owned::Text(text)];
    assert_eq!(decode(&bytes), (expected.into(), None));
}

#[test]
fn what_breaks_a_rule_between_frames_is_told() {
    for (frames, violation) in [
        (vec![frame(0x80, b"x")], Violation::Protocol("continuation of nothing")),
        (vec![frame(0x81, b"x"), frame(0x00, b"x")], Violation::Protocol("continuation of nothing")),
        (vec![frame(0x01, b"x"), frame(0x81, b"x")], Violation::Protocol("message within a message")),
        (vec![frame(0x02, b"x"), frame(0x02, b"x")], Violation::Protocol("message within a message")),
        (vec![frame(0x41, b"x"), frame(0xC0, b"x")], Violation::Protocol("reserved bit set")),
        (vec![frame(0x81, b"\xff")], Violation::Data("text is not UTF-8")),
        (vec![frame(0x88, b"\x03\xe8\xff")], Violation::Data("close reason is not UTF-8")),
        (
            vec![frame(0x01, "é".as_bytes().first_chunk::<1>().unwrap()), frame(0x80, b"")],
            Violation::Data("text is not UTF-8"),
        ),
        (vec![frame(0xC1, b"\xff\xff\xff")], Violation::Data("compressed message cannot be unpacked")),
    ] {
        assert_eq!(decode(&frames.concat()).1, Some(violation), "{frames:?}");
    }
}

#[test]
fn a_text_fails_at_its_first_wrong_byte() {
    // The frame says ten bytes; the second of them cannot follow the first.
    let bytes = [frame(0x01, b"fine so far"), frame(0x80, b"\xf4\x90zzzzzzzz")].concat();
    let cut = bytes.len() - 8;
    assert_eq!(decode(&bytes[..cut - 1]).1, None);
    assert_eq!(decode(&bytes[..cut]).1, Some(Violation::Data("text is not UTF-8")));
}

#[test]
fn messages_are_bounded_by_their_announced_size() {
    let whole = [0; 1_000];
    assert_eq!(decode(&frame(0x82, &whole)), (vec![Owned::Binary(whole.into())], None));
    let header_only = &frame(0x82, &[0; 1_001])[..8];
    assert_eq!(decode(header_only).1, Some(Violation::TooLarge));
    let in_two = [frame(0x02, &[0; 600]), frame(0x80, &[0; 401])].concat();
    assert_eq!(decode(&in_two[..616]).1, Some(Violation::TooLarge));
    let monster = b"\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00";
    assert_eq!(decode(monster).1, Some(Violation::TooLarge));
}

#[test]
fn a_bomb_is_stopped_at_the_bound() {
    let bomb = packed(&"0".repeat(1_001));
    assert!(bomb.len() < 100);
    assert_eq!(decode(&frame(0xC1, &bomb)).1, Some(Violation::TooLarge));
    let fits = "0".repeat(1_000);
    assert_eq!(decode(&frame(0xC1, &packed(&fits))), (vec![Owned::Text(fits)], None));
}

#[test]
fn frames_of_a_message_are_counted() {
    let message = |frames: usize| [frame(0x02, b""), frame(0x00, b"").repeat(frames - 2), frame(0x80, b"")].concat();
    assert_eq!(decode(&message(10)), (vec![Owned::Binary(Vec::new())], None));
    assert_eq!(decode(&message(11)).1, Some(Violation::TooLarge));
}

#[test]
fn compression_that_was_not_agreed_upon_is_a_reserved_bit() {
    let mut decoder = Decoder::new(Bounds { message_bytes: 1_000, message_frames: 10 }, false);
    let (_, violation) = run(&mut decoder, &[&frame(0xC1, b"\x00")]);
    assert_eq!(violation, Some(Violation::Protocol("reserved bit set")));
}

#[test]
fn at_rest_nothing_is_kept() {
    assert!(size_of::<Decoder>() <= 32, "{}", size_of::<Decoder>());
    let mut decoder = decoder();
    let bytes = [frame(0x01, b"a"), frame(0x89, b"b"), frame(0x80, b"c")].concat();
    for byte in &bytes[..bytes.len() - 1] {
        run(&mut decoder, &[&[*byte]]);
        assert!(!decoder.is_at_rest());
    }
    run(&mut decoder, &[&bytes[bytes.len() - 1..]]);
    assert!(decoder.is_at_rest());
}

/// Any sequence of frames that a client might send, most of them legal.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let payload = prop_oneof![
        Just(Vec::new()),
        "\\PC{0,40}".prop_map(String::into_bytes),
        proptest::collection::vec(any::<u8>(), 0..200),
        Just(packed(&"again and again ".repeat(8))),
    ];
    let first = prop_oneof![
        6 => proptest::sample::select(vec![0x81_u8, 0x82, 0x01, 0x02, 0x00, 0x80, 0x89, 0x8A, 0xC1, 0x41]),
        1 => any::<u8>(),
    ];
    proptest::collection::vec((first, payload).prop_map(|(first, payload)| frame(first, &payload)), 1..12)
        .prop_map(|frames| frames.concat())
}

proptest! {
    #[test]
    fn however_a_stream_is_cut_it_says_the_same(stream in stream(), cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..20)) {
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len())).collect();
        cuts.sort_unstable();
        let mut reads = Vec::new();
        let mut from = 0;
        for cut in cuts.into_iter().chain([stream.len()]) {
            reads.push(&stream[from..cut]);
            from = cut;
        }
        let (whole, cut) = (decode(&stream), run(&mut decoder(), &reads));
        prop_assert_eq!(&whole.0, &cut.0);
        prop_assert_eq!(whole.1.map(Violation::code), cut.1.map(Violation::code));
    }

    #[test]
    fn noise_never_panics(noise in proptest::collection::vec(any::<u8>(), 0..400)) {
        let (_, _) = decode(&noise);
        for byte in &noise {
            let _ = decoder().decode(&mut [*byte]);
        }
    }

    #[test]
    fn what_was_packed_comes_back(text in "\\PC{64,300}") {
        let frame_sent = deflate::deflate(&Frame::text(&text));
        let bytes = frame(frame_sent.as_bytes()[0], frame_sent.payload());
        let mut decoder = Decoder::new(Bounds { message_bytes: 10_000, message_frames: 1 }, true);
        prop_assert_eq!(run(&mut decoder, &[&bytes]), (vec![Owned::Text(text)], None));
    }
}
