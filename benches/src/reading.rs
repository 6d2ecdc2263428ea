//! What one read on one connection brought, taken apart into messages.

use std::time::Instant;

use crate::door::{Door, Wire};
use crate::frame::{self, Head, Keys};
use crate::handshake;
use crate::hearer::{Hearer, Reply};
use crate::http;
use crate::pipe::Pipe;

/// The read buffer, and so the longest message, in bytes.
const BUFFER: usize = 256 * 1024;

/// How far a connection has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Connecting,
    Upgrading,
    Greeting,
    Ready,
}

/// One connection.
pub(crate) struct Socket {
    pub(crate) pipe: Pipe,
    pub(crate) door: Door,
    pub(crate) stage: Stage,
}

/// Memory that all connections share: nothing is allocated per message.
pub(crate) struct Desk {
    pub(crate) buffer: Vec<u8>,
    pub(crate) out: Vec<u8>,
    pub(crate) keys: Keys,
}

impl Desk {
    /// An empty desk.
    pub(crate) fn new() -> Self {
        Self { buffer: vec![0; BUFFER], out: Vec::new(), keys: Keys::new() }
    }
}

/// One read on one connection, being taken apart.
pub(crate) struct Reading<'a> {
    pub(crate) index: usize,
    pub(crate) socket: &'a mut Socket,
    pub(crate) desk: &'a mut Desk,
    pub(crate) now: Instant,
}

impl Reading<'_> {
    /// Handles every whole message in the first `end` bytes of the buffer and keeps the rest.
    #[inline]
    pub(crate) fn digest(&mut self, end: usize, hearer: &mut impl Hearer) -> Result<(), String> {
        // The buffer leaves the desk meanwhile, so that messages can be lent without a copy.
        let buffer = std::mem::take(&mut self.desk.buffer);
        self.desk.out.clear();
        let used = self.messages(&buffer[..end], hearer);
        if let Ok(used) = &used {
            self.socket.pipe.keep(&buffer[*used..end]);
        }
        self.desk.buffer = buffer;
        used?;
        if !self.desk.out.is_empty() {
            self.socket.pipe.send(&self.desk.out).map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    fn messages(&mut self, bytes: &[u8], hearer: &mut impl Hearer) -> Result<usize, String> {
        let mut used = 0;
        if self.socket.stage == Stage::Upgrading {
            used = self.upgraded(bytes)?;
            if used == 0 {
                return Ok(0);
            }
        }
        match self.socket.door.wire {
            Wire::WebSocket => self.frames(bytes, used, hearer),
            Wire::Http => self.answers(bytes, hearer),
        }
    }

    /// Reads the answer to the upgrade; 0 while it is unfinished.
    fn upgraded(&mut self, bytes: &[u8]) -> Result<usize, String> {
        let Some(end) = handshake::head_end(bytes) else {
            let endless = bytes.len() > handshake::MAX_HEAD;
            return if endless { Err("the answer's head is too long".to_owned()) } else { Ok(0) };
        };
        let head = String::from_utf8_lossy(&bytes[..end]);
        handshake::check_answer(&head).map_err(|_| http::summary(bytes))?;
        if let Some(text) = &self.socket.door.say {
            frame::put_client(&mut self.desk.out, frame::TEXT, self.desk.keys.next(), text.as_bytes());
        }
        self.socket.stage = if self.socket.door.expect.is_some() { Stage::Greeting } else { Stage::Ready };
        Ok(end)
    }

    #[inline]
    fn frames(&mut self, bytes: &[u8], mut at: usize, hearer: &mut impl Hearer) -> Result<usize, String> {
        while let Some(head) = Head::parse(&bytes[at..]) {
            let Some(payload) = bytes.get(at + head.header..at.saturating_add(head.total())) else { break };
            at += head.total();
            self.frame(head, payload, hearer)?;
        }
        Ok(at)
    }

    #[inline]
    fn frame(&mut self, head: Head, payload: &[u8], hearer: &mut impl Hearer) -> Result<(), String> {
        if !head.plain || head.mask.is_some() {
            return Err("sent a frame that is masked, compressed or a fragment".to_owned());
        }
        match head.opcode {
            frame::TEXT | frame::BINARY => self.message(payload, hearer),
            frame::PING => {
                frame::put_client(&mut self.desk.out, frame::PONG, self.desk.keys.next(), payload);
            }
            frame::PONG => {}
            frame::CLOSE => return Err(close_reason(payload)),
            other => return Err(format!("sent a frame with unknown opcode {other}")),
        }
        Ok(())
    }

    #[inline]
    fn message(&mut self, payload: &[u8], hearer: &mut impl Hearer) {
        if self.socket.stage == Stage::Ready {
            let Desk { out, keys, .. } = &mut *self.desk;
            let mut reply = Reply::new(out, keys, self.socket.door.wire);
            hearer.hear(self.index, payload, self.now, &mut reply);
        } else if self.socket.door.expect.is_some_and(|text| contains(payload, text)) {
            self.socket.stage = Stage::Ready;
        }
    }

    fn answers(&mut self, bytes: &[u8], hearer: &mut impl Hearer) -> Result<usize, String> {
        let mut at = 0;
        while let Some(length) = http::answer_length(&bytes[at..]) {
            let length = length?;
            self.message(&bytes[at..at + length], hearer);
            at += length;
        }
        Ok(at)
    }
}

fn contains(payload: &[u8], text: &str) -> bool {
    memchr::memmem::find(payload, text.as_bytes()).is_some()
}

fn close_reason(payload: &[u8]) -> String {
    match payload.split_first_chunk::<2>() {
        Some((code, reason)) => {
            format!("code {} {}", u16::from_be_bytes(*code), String::from_utf8_lossy(reason))
        }
        None => "no code".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_close_is_told_with_code_and_reason() {
        assert_eq!(close_reason(&[0x03, 0xF0, b's', b'l', b'o', b'w']), "code 1008 slow");
        assert_eq!(close_reason(&[]), "no code");
    }
}
