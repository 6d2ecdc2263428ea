//! The task of one connection.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use quintet_core::limits::size;
use quintet_core::{Frame, Input, Kind};
use quintet_hub::Outlet;

use super::closing::{Closing, Ears};
use super::hall::Hall;
use super::outlet::{Line, Phase};
use super::receiving::Receiving;
use super::registry::{Connections, Place};
use super::scratch::{Scratch, Work};
use super::side::Side;
use super::talk::{Talk, flush, is_stuffed, reply};
use super::tempo::Tempo;
use super::wire::Wire;
use crate::websocket::{Decoder, Message, Violation};

/// Reads before others get their turn.
const READS: usize = 4;
/// Bytes that are read of a peer that waits for an answer: what it says is left until then, but a sign of life is one, and that it leaves is noticed.
const AHEAD: usize = 16 * 1024;

/// One open socket: reads, decodes, tells the session, and drains what waits. At rest it holds no buffer.
pub(super) struct Connection<H> {
    pub(super) line: Arc<Line>,
    pub(super) wire: Wire,
    pub(super) decoder: Decoder,
    /// Ends with the first close frame, whoever sends it.
    pub(super) side: Side<H>,
    /// What was read but could not be taken yet.
    pub(super) held: Held,
    pub(super) tempo: Tempo,
    /// The message that has begun.
    pub(super) receiving: Receiving,
    pub(super) ears: Ears,
    pub(super) closing: Option<Closing>,
    pub(super) place: Place,
}

/// Bytes that wait to be decoded.
#[derive(Default)]
pub(super) struct Held {
    bytes: Vec<u8>,
    at: usize,
}

impl From<Vec<u8>> for Held {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes, at: 0 }
    }
}

impl Held {
    fn is_empty(&self) -> bool {
        self.at == self.bytes.len()
    }

    fn rest(&self) -> &[u8] {
        &self.bytes[self.at..]
    }

    /// Puts more behind what waits.
    fn add(&mut self, more: &[u8]) {
        self.bytes.drain(..std::mem::take(&mut self.at));
        self.bytes.extend_from_slice(more);
    }

    /// Whether it begins with a whole control frame (RFC 6455, section 5.5: an opcode from 8 on, and a payload that is short).
    fn begins_with_control(&self) -> bool {
        match self.rest() {
            [first, second, ..] => {
                let mask = if second & 0x80 == 0 { 0 } else { 4 };
                let whole = 2 + mask + usize::from(second & 0x7F);
                first & 0x08 != 0 && self.rest().len() >= whole
            }
            _ => false,
        }
    }
}

/// Why a connection has nothing to do now.
enum Pause {
    /// It waits to be woken.
    Wait,
    /// The socket is at its end.
    End,
}

impl<H: Hall> Future for Connection<H> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let connection = &mut *self;
        connection.line.register(cx.waker());
        Scratch::lend(|scratch| connection.advance(scratch, cx))
    }
}

impl<H: Hall> Connection<H> {
    /// Goes as far as it can.
    fn advance(&mut self, scratch: &mut Scratch, cx: &mut Context<'_>) -> Poll<()> {
        for _ in 0..READS {
            if self.line.phase() == Phase::Open {
                match self.step(scratch, cx) {
                    Err(Pause::Wait) if self.line.phase() == Phase::Open => return Poll::Pending,
                    Ok(()) | Err(Pause::Wait) => {}
                    Err(Pause::End) => {
                        self.line.abort();
                        return Poll::Ready(());
                    }
                }
            } else {
                return self.close(scratch, cx);
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Tells answers, drains, and takes one read, or what is held of one.
    fn step(&mut self, scratch: &mut Scratch, cx: &mut Context<'_>) -> Result<(), Pause> {
        self.answer(&mut scratch.work, cx);
        if self.line.is_leaving() && self.has_its_answers() {
            self.line.close(1001, "server is shutting down");
            return Ok(());
        }
        let was_full = self.line.is_full();
        match self.wire.poll_drain(&self.line, cx) {
            Poll::Ready(Ok(())) => {}
            Poll::Ready(Err(_)) => return Err(Pause::End),
            Poll::Pending if self.side.room().is_some_and(|talk| talk.listens_when_full()) => {}
            Poll::Pending => return Err(Pause::Wait),
        }
        if self.is_stuffed() {
            return Err(Pause::Wait);
        }
        if was_full && !self.line.is_full() {
            // Answers may have been left untold.
            return Ok(());
        }
        if self.tempo.rests(cx) {
            return Err(Pause::Wait);
        }
        if self.is_busy() {
            return self.overhear(scratch, cx);
        }
        if !self.held.is_empty() {
            self.take_held(&mut scratch.work, cx);
            return Ok(());
        }
        let count = match self.wire.poll_read(&self.line, cx, &mut scratch.buffer) {
            Poll::Ready(Ok(count)) if count > 0 => count,
            Poll::Ready(_) => return Err(Pause::End),
            Poll::Pending => return Err(Pause::Wait),
        };
        self.line.hear();
        self.line.meter().bytes_in.increment(count as u64);
        let used = self.take(&mut scratch.buffer[..count], &mut scratch.work, cx);
        self.held = scratch.buffer[used..count].to_vec().into();
        Ok(())
    }

    /// Tells the answers and orders that have come, and ends a connection whose time is over.
    fn answer(&mut self, work: &mut Work, cx: &mut Context<'_>) {
        let most = self.place.connections.peer_backlog;
        let Some(talk) = self.side.room() else { return };
        talk.collect(&self.line, most, work, cx);
        flush(&self.line, work);
        talk.watch(&self.line, size(self.place.connections.limits.peer_frame_bytes));
        if let Some((code, reason)) = talk.is_over(cx)
            && self.line.phase() == Phase::Open
        {
            self.line.close(code, reason);
        }
    }

    /// Does so much wait for the peer that it is to read before it is heard?
    fn is_stuffed(&mut self) -> bool {
        let most = self.place.connections.peer_backlog;
        match self.side.room() {
            Some(talk) => is_stuffed(&talk.hall, &self.line, most),
            None => self.line.is_full(),
        }
    }

    /// Has the peer asked enough for now?
    fn is_busy(&mut self) -> bool {
        let most = size(self.place.connections.limits.connection_calls).max(1);
        let leaving = self.line.is_leaving();
        let enough =
            |talk: &mut Talk<H>| talk.has_asked_enough(most) || talk.waits() || leaving && talk.has_said_enough();
        self.side.room().is_some_and(enough)
    }

    /// Is nothing under way any more that the peer, or somebody else because of it, waits for?
    fn has_its_answers(&mut self) -> bool {
        !self.line.expects() && self.side.room().is_none_or(|talk| !talk.is_at_work())
    }

    /// Listens to a peer that waits for an answer: only for whether it is still there.
    fn overhear(&mut self, scratch: &mut Scratch, cx: &mut Context<'_>) -> Result<(), Pause> {
        if self.decoder.is_between_frames() && self.held.begins_with_control() {
            self.take_held(&mut scratch.work, cx);
            return Ok(());
        }
        if self.held.rest().len() >= AHEAD {
            self.line.ignore();
            return Err(Pause::Wait);
        }
        match self.wire.poll_read(&self.line, cx, &mut scratch.buffer[..AHEAD]) {
            Poll::Ready(Ok(count)) if count > 0 => {
                self.line.hear();
                self.line.meter().bytes_in.increment(count as u64);
                self.held.add(&scratch.buffer[..count]);
                Ok(())
            }
            // What it said before it left is still to be done.
            Poll::Ready(_) if self.held.is_empty() => Err(Pause::End),
            Poll::Ready(_) | Poll::Pending => Err(Pause::Wait),
        }
    }

    fn take_held(&mut self, work: &mut Work, cx: &mut Context<'_>) {
        // What was left unread by us is no silence of the peer.
        self.line.hear();
        let mut held = std::mem::take(&mut self.held);
        held.at += self.take(&mut held.bytes[held.at..], work, cx);
        if !held.is_empty() {
            self.held = held;
        }
    }

    /// Takes messages until all are taken, or it must wait, or the end is near; tells how many bytes were used.
    fn take(&mut self, input: &mut [u8], work: &mut Work, cx: &mut Context<'_>) -> usize {
        let mut used = 0;
        let mut messages = 0;
        while !self.side.is_nobody() && (used == input.len() || self.may_go_on()) {
            let undecided = self.side.is_lobby();
            match self.decoder.decode(&mut input[used..]) {
                Ok((more, None)) => {
                    used += more;
                    break;
                }
                Ok((more, Some(message))) => {
                    used += more;
                    messages += u64::from(matches!(message, Message::Text(_) | Message::Binary(_)));
                    let rates = (&mut self.tempo, &*self.place.connections);
                    self.ears = hear(&mut self.side, rates, &self.line, message, work, cx);
                }
                Err(violation) => {
                    refuse(&self.line, violation, work);
                    self.ears = Ears::Shut;
                }
            }
            if undecided && self.side.room().is_some() {
                self.decoder.rebound(self.place.connections.bounds(self.line.dialect()));
            }
            // A peer that does not read is not read, so that no reply makes it slow.
            if self.line.phase() != Phase::Open || self.is_stuffed() || self.is_busy() {
                break;
            }
        }
        self.line.meter().messages_in.increment(messages);
        flush(&self.line, work);
        if !self.receiving.hold(self.decoder.gathered()) && self.line.phase() == Phase::Open {
            self.line.close(Kind::TooMany.close_code(), "too much is being received");
            self.ears = Ears::Shut;
        }
        used
    }

    /// May what comes next be decoded, by the rates?
    fn may_go_on(&mut self) -> bool {
        self.tempo.grant(self.side.room().as_deref(), self.line.dialect(), &self.place.connections)
    }

    /// Lets go of everything but the socket, and of that at last.
    fn close(&mut self, scratch: &mut Scratch, cx: &mut Context<'_>) -> Poll<()> {
        let side = std::mem::replace(&mut self.side, Side::Nobody);
        if !side.is_nobody() && !self.held.is_empty() {
            // Its close frame might be there, or half a frame: what comes next cannot be told.
            self.ears = Ears::Shut;
        }
        self.held = Held::default();
        let grace = Duration::from_secs(self.place.connections.limits.close_seconds);
        let closing = self.closing.get_or_insert_with(|| Closing::within(grace));
        let parts = (&*self.line, &mut self.wire, &mut self.decoder, &mut self.ears);
        ready!(closing.poll(parts, &mut scratch.buffer, cx));
        Poll::Ready(())
    }
}

/// Deals with one message; tells whether the peer will say more.
fn hear<H: Hall>(
    side: &mut Side<H>,
    (tempo, house): (&mut Tempo, &Connections),
    line: &Arc<Line>,
    message: Message<'_>,
    work: &mut Work,
    cx: &mut Context<'_>,
) -> Ears {
    let input = match message {
        Message::Ping(payload) => {
            // Not every ping needs a pong of its own (RFC 6455 section 5.5.3).
            if tempo.admit_frame(house).is_ok() {
                reply(Frame::pong(payload), line, work);
            }
            return Ears::Open;
        }
        Message::Pong(_) => return Ears::Open,
        Message::Close(said) => {
            flush(line, work);
            let code = said.map_or(1005, |(code, _)| code);
            let answer = said.map_or_else(Frame::close_empty, |(code, _)| Frame::close(code, ""));
            line.close_with(&answer, code);
            return Ears::Shut;
        }
        Message::Text(text) => Input::Text(text),
        Message::Binary(bytes) => Input::Binary(bytes),
    };
    let talk = match side.hears(&input, line, work, cx) {
        Ok(talk) => talk,
        Err(error) => {
            line.close(error.kind().close_code(), error.public());
            return Ears::Open;
        }
    };
    let input = match tempo.admit(talk, house) {
        Ok(()) => input,
        Err(error) => Input::Refused(error),
    };
    talk.tell(input, line, work, cx);
    Ears::Open
}

/// Ends a connection that broke the rules of framing.
fn refuse(line: &Line, violation: Violation, work: &mut Work) {
    flush(line, work);
    line.close(violation.code(), violation.reason());
}
