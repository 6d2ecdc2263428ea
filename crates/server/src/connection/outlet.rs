//! The way out to one peer.

use std::io::{self, IoSlice};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Poll, Waker};

use bytes::Bytes;
use futures_util::task::AtomicWaker;
use parking_lot::Mutex;
use quintet_core::{Frame, Kind};
use quintet_hub::Outlet;
use tokio::net::TcpStream;

use super::backlog::{Backlog, Cause};
use super::ledger::{Ledger, Meter};
use crate::websocket::deflate::Agreement;
use crate::websocket::masked;

/// Pieces given to one vectored write.
const PIECES: usize = 64;

/// Bytes of replies on their way through the hall, above which a peer is asked for no more.
const COMING: usize = 64 * 1024;

/// A peer's line. Whoever has something for the peer writes it here, straight to the socket where that takes it;
/// what it does not take waits, and the connection's task drains it.
pub struct Line {
    /// The socket, once the upgrade is over; over TLS the connection's task has it, and everything waits.
    stream: OnceLock<TcpStream>,
    state: Mutex<State>,
    /// The phase, and whether something waits, to be asked without the lock.
    status: AtomicU8,
    task: AtomicWaker,
    ledger: Arc<Ledger>,
    /// When the peer last gave a sign of life, in seconds of the ledger.
    heard: AtomicU32,
    /// When it was last pinged; zero for never.
    pinged: AtomicU32,
    /// Bytes of replies that are on their way here through the hall.
    coming: AtomicUsize,
    /// The server is shutting down: the peer gets its answers, and is closed.
    leaving: AtomicBool,
    dialect: AtomicU8,
    /// The window of agreed compression; zero without.
    window_bits: u8,
    /// We are the client: whatever is sent is masked (RFC 6455, section 5.3).
    masks: bool,
}

struct State {
    /// Only while something waits.
    backlog: Option<Box<Backlog>>,
    /// What the session has said and is not written yet: it stands before anything that is sent from here on.
    laid: Vec<u8>,
    /// The upgrade is over. Until then everything waits.
    begun: bool,
    phase: Phase,
    /// The task is to be woken.
    wake: bool,
}

/// How far a connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Phase {
    /// Anything may be sent.
    Open,
    /// A close frame is sent or waits; nothing may follow.
    Closing,
    /// The socket is of no more use.
    Gone,
}

/// In the place of the time when a peer was last heard: it is not listened to. Later than any second of the ledger.
const IGNORED: u32 = u32::MAX;

/// Added to a phase while something waits.
const WAITING: u8 = 0x80;

impl Line {
    /// To a peer that came to us.
    pub(super) fn new(dialect: usize, agreement: Option<Agreement>, ledger: Arc<Ledger>) -> Self {
        Self::build(dialect, agreement, ledger, false)
    }

    /// To a peer to which we went.
    pub(super) fn outgoing(dialect: usize, ledger: Arc<Ledger>) -> Self {
        Self::build(dialect, None, ledger, true)
    }

    fn build(dialect: usize, agreement: Option<Agreement>, ledger: Arc<Ledger>, masks: bool) -> Self {
        Self {
            masks,
            stream: OnceLock::new(),
            state: Mutex::new(State { backlog: None, laid: Vec::new(), begun: false, phase: Phase::Open, wake: false }),
            status: AtomicU8::new(Phase::Open as u8),
            task: AtomicWaker::new(),
            heard: AtomicU32::new(ledger.now()),
            pinged: AtomicU32::new(0),
            coming: AtomicUsize::new(0),
            leaving: AtomicBool::new(false),
            dialect: AtomicU8::new(narrow(dialect)),
            window_bits: agreement.map_or(0, |agreement| agreement.window_bits),
            ledger,
        }
    }

    /// The socket, where it is here.
    pub(super) fn stream(&self) -> Option<&TcpStream> {
        self.stream.get()
    }

    /// The session itself says something: at once, or, until the upgrade is over, ahead of what others say meanwhile.
    pub(super) fn say(&self, frames: &[Frame]) {
        self.change(|state| match frames {
            _ if state.phase != Phase::Open => {}
            // One alone is written as it is.
            [only] if state.begun && state.laid.is_empty() => {
                self.send(state, std::slice::from_ref(only.as_bytes()), Cause::Asked);
            }
            frames => {
                state.lay(frames);
                if state.begun {
                    self.send(state, &[], Cause::Asked);
                }
            }
        });
    }

    /// The session says something that is written with what it says next, and at the latest before what others say. It is to say that soon.
    pub(super) fn lay(&self, frames: &[Frame]) {
        self.change(|state| {
            if state.phase == Phase::Open {
                state.lay(frames);
            }
        });
    }

    /// The upgrade is over: what waited may leave, the session's words first. Over TLS `stream` is the task's.
    pub(super) fn begin(&self, stream: Option<TcpStream>) {
        if let Some(stream) = stream {
            // A line begins once; were it told twice, the first socket would stay.
            let _ = self.stream.set(stream);
        }
        self.change(|state| {
            state.begun = true;
            let first = std::mem::take(&mut state.laid);
            if !first.is_empty() {
                let before = state.cost();
                match self.dressed(first.into()) {
                    Ok(first) => state.backlog.get_or_insert_default().precede(first),
                    Err(_) => return self.lose(state),
                }
                self.ledger.budget.settle(before, state.cost());
            }
        });
    }

    /// The place of its dialect among the hub's.
    pub(super) fn dialect(&self) -> usize {
        usize::from(self.dialect.load(Ordering::Relaxed))
    }

    /// It speaks this dialect from now on, and is counted there.
    pub(super) fn choose(&self, dialect: usize) {
        self.meter().connections.decrement(1.0);
        self.dialect.store(narrow(dialect), Ordering::Relaxed);
        self.meter().connections.increment(1.0);
    }

    /// The figures of its dialect.
    pub(super) fn meter(&self) -> &Meter {
        self.ledger.meter(self.dialect())
    }

    /// The window that this peer agreed to, if it did.
    pub(super) fn window_bits(&self) -> Option<u8> {
        (self.window_bits > 0).then_some(self.window_bits)
    }

    pub(super) fn phase(&self) -> Phase {
        match self.status.load(Ordering::Acquire) & !WAITING {
            0 => Phase::Open,
            1 => Phase::Closing,
            _ => Phase::Gone,
        }
    }

    /// Does anything wait for this peer?
    pub(super) fn is_waiting(&self) -> bool {
        self.status.load(Ordering::Acquire) & WAITING != 0
    }

    /// Does so much wait, or come, that the peer is to be asked for no more? The task is woken when that ends.
    pub(super) fn is_full(&self) -> bool {
        self.is_waiting() || self.coming.load(Ordering::Acquire) > COMING
    }

    /// Does more wait, or come, than for a peer that is listened to while it does not read? So much it cannot have asked for.
    pub(super) fn is_overfull(&self, most: usize) -> bool {
        self.coming.load(Ordering::Acquire) > COMING || self.waiting() > most
    }

    /// What it costs to keep what waits, in bytes.
    pub(super) fn waiting(&self) -> usize {
        if self.is_waiting() { self.state.lock().cost() } else { 0 }
    }

    /// A reply of so many bytes is on its way here through the hall.
    pub(super) fn expect(&self, bytes: usize) {
        self.coming.fetch_add(bytes, Ordering::AcqRel);
    }

    /// A reply that was expected is here, or will never come.
    pub(super) fn arrived(&self, bytes: usize) {
        if self.coming.fetch_sub(bytes, Ordering::SeqCst) > COMING || self.is_leaving() {
            self.task.wake();
        }
    }

    /// Is a reply on its way here through the hall?
    pub(super) fn expects(&self) -> bool {
        self.coming.load(Ordering::SeqCst) > 0
    }

    /// Has the task close the connection with 1001 as soon as the peer has the answers that it waits for.
    pub(super) fn leave(&self) {
        self.leaving.store(true, Ordering::SeqCst);
        self.task.wake();
    }

    /// Is it to be closed soon?
    pub(super) fn is_leaving(&self) -> bool {
        self.leaving.load(Ordering::SeqCst)
    }

    /// The task to wake when something waits, or the phase changes.
    pub(super) fn register(&self, task: &Waker) {
        self.task.register(task);
    }

    /// The peer gave a sign of life.
    pub(super) fn hear(&self) {
        self.heard.store(self.ledger.now(), Ordering::Relaxed);
    }

    /// What the peer says is left unread: until something is heard again, that it is silent means nothing.
    pub(super) fn ignore(&self) {
        self.heard.store(IGNORED, Ordering::Relaxed);
    }

    /// Is the peer listened to?
    #[cfg(test)]
    pub(super) fn is_heeded(&self) -> bool {
        self.heard.load(Ordering::Relaxed) != IGNORED
    }

    /// Has nothing been heard for so many seconds, and is no ping under way?
    pub(super) fn is_silent(&self, seconds: u32) -> bool {
        let (heard, pinged) = (self.heard.load(Ordering::Relaxed), self.pinged.load(Ordering::Relaxed));
        heard != IGNORED && heard >= pinged && self.ledger.now() - heard >= seconds
    }

    /// Asks for a sign of life.
    pub(super) fn ping(&self, ping: &Bytes) {
        self.pinged.store(self.ledger.now(), Ordering::Relaxed);
        self.write(std::slice::from_ref(ping));
    }

    /// Was there no sign of life for so many seconds after a ping?
    pub(super) fn is_lost(&self, seconds: u32) -> bool {
        let (heard, pinged) = (self.heard.load(Ordering::Relaxed), self.pinged.load(Ordering::Relaxed));
        heard < pinged && self.ledger.now() - pinged >= seconds
    }

    /// Sends a close frame and nothing after it.
    pub(super) fn close_with(&self, frame: &Frame, code: u16) {
        self.change(|state| {
            if state.phase == Phase::Open {
                self.send(state, std::slice::from_ref(frame.as_bytes()), Cause::Asked);
                self.enter(state, Phase::Closing, code);
            }
        });
    }

    /// Gives the connection up, with everything that waits.
    pub(super) fn abort(&self) {
        self.change(|state| self.lose(state));
    }

    /// Closes the peer as slow if all together wait for too much, and it for more than its share.
    pub(super) fn relieve(&self) {
        if self.is_waiting() {
            self.change(|state| {
                if self.ledger.budget.is_over_share(state.cost()) {
                    self.lose_patience(state);
                }
            });
        }
    }

    /// Sends what waits through `write`, until all is sent or the socket is full. Sending is a sign of life.
    pub(super) fn poll_drain(
        &self,
        mut write: impl FnMut(&[IoSlice<'_>]) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<()>> {
        if !self.is_waiting() {
            return Poll::Ready(Ok(()));
        }
        let (sent, drained) = self.change(|state| {
            let before = state.cost();
            let drained = state.drain(&mut write);
            self.ledger.budget.settle(before, state.cost());
            drained
        });
        if sent > 0 {
            self.hear();
            self.meter().bytes_out.increment(sent);
        }
        drained
    }

    /// Changes the state; then tells the status, and only then wakes the task, which asks for it.
    fn change<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        let mut state = self.state.lock();
        let result = change(&mut state);
        let wake = std::mem::take(&mut state.wake);
        let status = state.status();
        if self.status.load(Ordering::Relaxed) != status {
            self.status.store(status, Ordering::Release);
        }
        drop(state);
        if wake {
            self.task.wake();
        }
        result
    }

    /// Sends, behind what was laid ready, or lets wait what the socket does not take.
    fn send(&self, state: &mut State, bytes: &[Bytes], cause: Cause) {
        if state.begun && !state.laid.is_empty() {
            let laid = std::mem::take(&mut state.laid).into();
            self.put(state, &[laid], Cause::Asked);
        }
        if !bytes.is_empty() && state.phase == Phase::Open {
            self.put(state, bytes, cause);
        }
    }

    fn put(&self, state: &mut State, bytes: &[Bytes], cause: Cause) {
        if !self.masks {
            return self.push(state, bytes, cause);
        }
        match bytes.iter().map(|chunk| self.dressed(chunk.clone())).collect::<io::Result<Vec<_>>>() {
            Ok(masked) => self.push(state, &masked, cause),
            Err(_) => self.lose(state),
        }
    }

    /// Whole frames as they go over the wire.
    fn dressed(&self, frames: Bytes) -> io::Result<Bytes> {
        if !self.masks {
            return Ok(frames);
        }
        let fresh = || {
            let mut key = [0; 4];
            getrandom::fill(&mut key).map(|()| key)
        };
        Ok(masked(&frames, fresh).map_err(io::Error::other)?.into())
    }

    fn push(&self, state: &mut State, bytes: &[Bytes], cause: Cause) {
        let sent = match self.stream.get() {
            Some(stream) if state.backlog.is_none() => try_write(stream, bytes),
            _ => Ok(0),
        };
        let Ok(sent) = sent else { return self.lose(state) };
        self.meter().bytes_out.increment(sent as u64);
        if sent < bytes.iter().map(Bytes::len).sum() {
            self.keep(state, bytes, sent, cause);
        }
    }

    /// Lets bytes wait, the first `sent` of which are sent.
    fn keep(&self, state: &mut State, bytes: &[Bytes], sent: usize, cause: Cause) {
        let (before, told) = (state.cost(), state.told());
        state.wake |= state.backlog.is_none();
        let backlog = state.backlog.get_or_insert_default();
        bytes.iter().cloned().for_each(|chunk| backlog.push(chunk, cause));
        backlog.advance(sent);
        self.ledger.budget.settle(before, state.cost());
        let slow = cause == Cause::Told && self.ledger.budget.is_slow(told, state.told());
        if slow || self.ledger.budget.is_over_share(state.cost()) {
            self.lose_patience(state);
        }
    }

    /// Closes a peer that does not read: what waits is dropped, the close frame takes its place.
    fn lose_patience(&self, state: &mut State) {
        if state.phase != Phase::Open {
            return;
        }
        let before = state.cost();
        state.laid = Vec::new();
        let backlog = state.backlog.get_or_insert_default();
        backlog.cut();
        let close = Frame::close(Kind::Slow.close_code(), "slow consumer");
        // Without a mask there is no goodbye; the end comes all the same.
        if let Ok(close) = self.dressed(close.as_bytes().clone()) {
            backlog.push(close, Cause::Asked);
        }
        self.ledger.budget.settle(before, state.cost());
        self.meter().slow_closes.increment(1);
        self.enter(state, Phase::Closing, Kind::Slow.close_code());
    }

    /// The socket failed, or is given up.
    fn lose(&self, state: &mut State) {
        self.ledger.budget.settle(state.cost(), 0);
        state.backlog = None;
        state.laid = Vec::new();
        if state.phase == Phase::Open {
            self.meter().closed(1006);
        }
        state.phase = Phase::Gone;
        state.wake = true;
    }

    /// Begins to close, unless the socket failed meanwhile.
    fn enter(&self, state: &mut State, phase: Phase, code: u16) {
        if state.phase == Phase::Open {
            self.meter().closed(code);
            state.phase = phase;
            state.wake = true;
        }
    }
}

impl Outlet for Line {
    fn write(&self, bytes: &[Bytes]) {
        self.change(|state| {
            if state.phase == Phase::Open {
                self.send(state, bytes, Cause::Told);
            }
        });
    }

    fn reply(&self, bytes: Bytes) {
        let length = bytes.len();
        self.change(|state| {
            if state.phase == Phase::Open {
                self.send(state, &[bytes], Cause::Asked);
            }
        });
        self.arrived(length);
    }

    fn give_up(&self) {
        self.change(|state| self.lose_patience(state));
    }

    /// Only those with the widest window can read what is packed once for all.
    fn compressed(&self) -> bool {
        self.window_bits == Agreement::WIDEST
    }

    fn close(&self, code: u16, reason: &str) {
        self.close_with(&Frame::close(code, reason), code);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let state = self.state.get_mut();
        self.ledger.budget.settle(state.cost(), 0);
    }
}

impl State {
    fn lay(&mut self, frames: &[Frame]) {
        for frame in frames {
            self.laid.extend_from_slice(frame.as_bytes());
        }
    }

    fn status(&self) -> u8 {
        self.phase as u8 | if self.backlog.is_some() { WAITING } else { 0 }
    }

    fn cost(&self) -> usize {
        self.backlog.as_ref().map_or(0, |backlog| backlog.cost())
    }

    fn told(&self) -> usize {
        self.backlog.as_ref().map_or(0, |backlog| backlog.told())
    }

    /// Sends what waits; tells how many bytes were sent, and whether it was all. Gives back the memory with the last byte.
    fn drain(
        &mut self,
        write: &mut impl FnMut(&[IoSlice<'_>]) -> Poll<io::Result<usize>>,
    ) -> (u64, Poll<io::Result<()>>) {
        let mut total = 0;
        while let Some(backlog) = self.backlog.as_mut().filter(|backlog| !backlog.is_empty()) {
            let mut slices = [IoSlice::new(&[]); PIECES];
            let count = backlog.slices(&mut slices);
            match write(&slices[..count]) {
                Poll::Ready(Ok(0)) => return (total, Poll::Ready(Err(io::ErrorKind::WriteZero.into()))),
                Poll::Ready(Ok(sent)) => {
                    backlog.advance(sent);
                    total += sent as u64;
                }
                Poll::Ready(Err(error)) => return (total, Poll::Ready(Err(error))),
                Poll::Pending => return (total, Poll::Pending),
            }
        }
        self.backlog = None;
        (total, Poll::Ready(Ok(())))
    }
}

fn narrow(dialect: usize) -> u8 {
    u8::try_from(dialect).expect("a house has few dialects")
}

/// Writes what the socket takes at once; zero where it is full.
fn try_write(stream: &TcpStream, bytes: &[Bytes]) -> io::Result<usize> {
    let written = match bytes {
        [] => return Ok(0),
        [only] => stream.try_write(only),
        several => {
            let mut slices = [IoSlice::new(&[]); PIECES];
            let count = several.len().min(PIECES);
            slices.iter_mut().zip(several).for_each(|(slice, chunk)| *slice = IoSlice::new(chunk));
            stream.try_write_vectored(&slices[..count])
        }
    };
    match written {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
        other => other,
    }
}
