//! What a peer sends, turned into messages.

use std::ops::Range;

use super::gather::{Gather, Whole};
use super::header::{self, Header, LONGEST, Opcode, Role};
use super::mask::unmask;
use super::{Message, Violation, close};

/// How much one message may be.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Bytes of a message, packed and unpacked.
    pub message_bytes: usize,
    /// Frames of a message.
    pub message_frames: u32,
}

/// Decodes one peer's byte stream, however it is cut into reads.
///
/// A message that lies whole in one read is handed out where it lies. Only the unfinished rest of a read is kept, in
/// memory that is given back once it is finished; at rest there is none.
pub struct Decoder {
    bounds: Bounds,
    peer: Role,
    deflate: bool,
    kept: Option<Box<Kept>>,
}

/// What is kept between reads.
#[derive(Default)]
struct Kept {
    /// The start of a header.
    head: [u8; LONGEST],
    head_len: usize,
    /// The frame whose payload has begun.
    frame: Option<Payload>,
    /// The payload of that frame, if it is a control frame.
    control: Vec<u8>,
    /// The message that has begun.
    message: Option<Gather>,
    /// The message that was handed out last.
    whole: Option<Whole>,
    /// The control frame that was handed out last.
    told: Option<Opcode>,
}

/// A payload under way.
#[derive(Clone, Copy)]
struct Payload {
    header: Header,
    taken: usize,
}

/// What a step found.
enum Found {
    /// Nothing to hand out yet.
    Nothing,
    /// A message that lies whole in the input.
    Here(Opcode, Range<usize>),
    /// A control frame, kept.
    Control(Opcode),
    /// A message, kept.
    Whole,
}

impl Decoder {
    /// A decoder at the start of a connection with a client. `deflate`: whether compression was agreed upon.
    pub fn new(bounds: Bounds, deflate: bool) -> Self {
        Self { bounds, peer: Role::Client, deflate, kept: None }
    }

    /// A decoder at the start of a connection with a server, without compression.
    pub fn of_server(bounds: Bounds) -> Self {
        Self { bounds, peer: Role::Server, deflate: false, kept: None }
    }

    /// Other bounds hold from the next message on.
    pub fn rebound(&mut self, bounds: Bounds) {
        self.bounds = bounds;
    }

    /// Whether nothing is kept: no message, frame or header is unfinished.
    pub fn is_at_rest(&self) -> bool {
        self.kept.is_none()
    }

    /// Whether what comes next is the beginning of a frame.
    pub fn is_between_frames(&self) -> bool {
        self.kept.as_ref().is_none_or(|kept| kept.frame.is_none() && kept.head_len == 0)
    }

    /// How many bytes of an unfinished message are kept.
    pub fn gathered(&self) -> usize {
        let message = self.kept.as_ref().and_then(|kept| kept.message.as_ref());
        message.map_or(0, Gather::len)
    }

    /// Decodes up to one message from the start of `input`, unmasking it in place; tells how many bytes were used.
    ///
    /// `None` where all of `input` was used without finishing a message; what was handed out before is given up then.
    /// After an error the stream has lost its meaning: do not go on.
    pub fn decode<'a>(&'a mut self, input: &'a mut [u8]) -> Result<(usize, Option<Message<'a>>), Violation> {
        self.give_up();
        let mut used = 0;
        while used < input.len() {
            let (taken, found) = self.step(&mut input[used..])?;
            let start = used;
            used += taken;
            match found {
                Found::Nothing => {}
                Found::Here(opcode, range) => {
                    return Ok((used, Some(here(opcode, &input[start + range.start..start + range.end])?)));
                }
                Found::Control(opcode) => {
                    let kept = self.kept();
                    kept.told = Some(opcode);
                    return Ok((used, Some(here(opcode, &kept.control)?)));
                }
                Found::Whole => return Ok((used, self.kept().whole.as_ref().map(Whole::message))),
            }
        }
        Ok((used, None))
    }

    fn kept(&mut self) -> &mut Kept {
        self.kept.get_or_insert_default()
    }

    /// Gives up what was handed out, and the memory where nothing else is kept.
    fn give_up(&mut self) {
        let Some(kept) = &mut self.kept else { return };
        kept.whole = None;
        if kept.told.take().is_some() {
            kept.control = Vec::new();
        }
        if kept.frame.is_none() && kept.message.is_none() && kept.head_len == 0 {
            self.kept = None;
        }
    }

    /// Takes a header or a part of a payload.
    fn step(&mut self, input: &mut [u8]) -> Result<(usize, Found), Violation> {
        if let Some(payload) = self.kept.as_ref().and_then(|kept| kept.frame) {
            return self.payload(payload, input);
        }
        let Some((header, taken)) = self.header(input)? else { return Ok((input.len(), Found::Nothing)) };
        self.check(header)?;
        let rest = &mut input[taken..];
        if let Some(length) = lies_whole(header, rest.len()) {
            unmask(&mut rest[..length], header.mask, 0);
            return Ok((taken + length, Found::Here(header.opcode, taken..taken + length)));
        }
        self.begin(header);
        let (more, found) = self.payload(Payload { header, taken: 0 }, rest)?;
        Ok((taken + more, found))
    }

    /// The next header and how much of `input` it takes; keeps the start of one.
    fn header(&mut self, input: &[u8]) -> Result<Option<(Header, usize)>, Violation> {
        let begun = self.kept.as_ref().map_or(0, |kept| kept.head_len);
        if begun == 0
            && let Some(parsed) = header::parse(input, self.peer, self.deflate)?
        {
            return Ok(Some(parsed));
        }
        let (peer, deflate) = (self.peer, self.deflate);
        let kept = self.kept();
        let more = input.len().min(LONGEST - begun);
        kept.head[begun..begun + more].copy_from_slice(&input[..more]);
        let Some((header, size)) = header::parse(&kept.head[..begun + more], peer, deflate)? else {
            kept.head_len = begun + more;
            return Ok(None);
        };
        kept.head_len = 0;
        Ok(Some((header, size - begun)))
    }

    /// Does a frame with this header fit where we are, and within the bounds?
    fn check(&mut self, header: Header) -> Result<(), Violation> {
        if header.opcode.is_control() {
            return Ok(());
        }
        let bounds = self.bounds;
        let message = self.kept.as_mut().and_then(|kept| kept.message.as_mut());
        let before = match (header.opcode, message) {
            (Opcode::Continuation, Some(message)) => {
                if message.count_frame() > bounds.message_frames {
                    return Err(Violation::TooLarge);
                }
                message.len()
            }
            (Opcode::Continuation, None) => return Err(Violation::Protocol("continuation of nothing")),
            (_, Some(_)) => return Err(Violation::Protocol("message within a message")),
            (_, None) => 0,
        };
        let room = u64::try_from(bounds.message_bytes.saturating_sub(before)).unwrap_or(u64::MAX);
        if header.length > room { Err(Violation::TooLarge) } else { Ok(()) }
    }

    /// Keeps that a payload begins.
    fn begin(&mut self, header: Header) {
        let kept = self.kept();
        if matches!(header.opcode, Opcode::Text | Opcode::Binary) {
            kept.message = Some(Gather::begin(header.opcode == Opcode::Text, header.compressed));
        }
        kept.frame = Some(Payload { header, taken: 0 });
    }

    /// Takes what there is of a payload that is kept.
    fn payload(&mut self, payload: Payload, input: &mut [u8]) -> Result<(usize, Found), Violation> {
        let Payload { header, taken } = payload;
        let left = usize::try_from(header.length).unwrap_or(usize::MAX) - taken;
        let piece = left.min(input.len());
        unmask(&mut input[..piece], header.mask, taken % 4);
        let kept = self.kept();
        match &mut kept.message {
            Some(message) if !header.opcode.is_control() => message.push(&input[..piece])?,
            _ => kept.control.extend_from_slice(&input[..piece]),
        }
        if piece < left {
            kept.frame = Some(Payload { header, taken: taken + piece });
            return Ok((piece, Found::Nothing));
        }
        kept.frame = None;
        Ok((piece, self.end_of_frame(header)?))
    }

    fn end_of_frame(&mut self, header: Header) -> Result<Found, Violation> {
        if header.opcode.is_control() {
            return Ok(Found::Control(header.opcode));
        }
        let most = self.bounds.message_bytes;
        let kept = self.kept();
        if !header.fin {
            return Ok(Found::Nothing);
        }
        kept.whole = kept.message.take().map(|message| message.finish(most)).transpose()?;
        Ok(Found::Whole)
    }
}

impl Whole {
    fn message(&self) -> Message<'_> {
        match self {
            Self::Text(text) => Message::Text(text),
            Self::Binary(bytes) => Message::Binary(bytes),
        }
    }
}

/// The length of a payload that can be handed out where it lies.
fn lies_whole(header: Header, available: usize) -> Option<usize> {
    let whole = header.fin && !header.compressed && header.opcode != Opcode::Continuation;
    let length = usize::try_from(header.length).ok()?;
    (whole && length <= available).then_some(length)
}

/// The message of a single frame.
fn here(opcode: Opcode, payload: &[u8]) -> Result<Message<'_>, Violation> {
    Ok(match opcode {
        Opcode::Text => Message::Text(std::str::from_utf8(payload).map_err(|_| Violation::Data("text is not UTF-8"))?),
        Opcode::Binary | Opcode::Continuation => Message::Binary(payload),
        Opcode::Ping => Message::Ping(payload),
        Opcode::Pong => Message::Pong(payload),
        Opcode::Close => Message::Close(close::parse(payload)?),
    })
}
