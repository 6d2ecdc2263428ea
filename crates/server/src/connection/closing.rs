//! The end of a connection: what is to be sent still, the peer's own close, and then the socket.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Sleep, sleep};

use super::outlet::{Line, Phase};
use super::wire::Wire;
use crate::websocket::{Decoder, Message};

/// Reads before others get their turn.
const READS: usize = 4;

/// What is still expected of the peer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Ears {
    /// Its close frame.
    #[default]
    Open,
    /// Nothing: it has said all, or what it says has lost its meaning.
    Shut,
}

/// A connection that ends.
pub(super) struct Closing {
    deadline: Pin<Box<Sleep>>,
    /// The peer was told that nothing more will come.
    said: bool,
}

impl Closing {
    /// The end comes after `grace` at the latest.
    pub(super) fn within(grace: Duration) -> Self {
        Self { deadline: Box::pin(sleep(grace)), said: false }
    }

    /// Ready when the socket can be dropped.
    ///
    /// What the peer sends is read and thrown away until it closes the socket: dropping it earlier, with something unread,
    /// would make the kernel reset the connection, and the close frame might never arrive.
    pub(super) fn poll(
        &mut self,
        parts: (&Line, &mut Wire, &mut Decoder, &mut Ears),
        buffer: &mut [u8],
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        let (line, wire, decoder, ears) = parts;
        if self.deadline.as_mut().poll(cx).is_ready() {
            wire.reset(line);
            return Poll::Ready(());
        }
        for _ in 0..READS {
            if line.phase() == Phase::Gone || self.poll_say(line, wire, *ears, cx).is_err() {
                wire.reset(line);
                return Poll::Ready(());
            }
            match ready!(wire.poll_read(line, cx, buffer)) {
                Ok(count) if count > 0 => listen(decoder, ears, &mut buffer[..count]),
                // The peer will say nothing more; what it has not read yet, the kernel sends.
                _ => return Poll::Ready(()),
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Sends what waits; then, if nothing is expected any more, says that this was all.
    fn poll_say(&mut self, line: &Line, wire: &mut Wire, ears: Ears, cx: &mut Context<'_>) -> std::io::Result<()> {
        match wire.poll_drain(line, cx) {
            Poll::Ready(Ok(())) if ears == Ears::Shut && !self.said => match wire.poll_shutdown(line, cx) {
                Poll::Ready(done) => {
                    self.said = true;
                    done
                }
                Poll::Pending => Ok(()),
            },
            Poll::Ready(result) => result,
            Poll::Pending => Ok(()),
        }
    }
}

/// Waits for the peer's close frame in what it sent.
fn listen(decoder: &mut Decoder, ears: &mut Ears, mut input: &mut [u8]) {
    while *ears == Ears::Open {
        match decoder.decode(input) {
            Ok((_, None)) => return,
            Ok((_, Some(Message::Close(_)))) | Err(_) => *ears = Ears::Shut,
            Ok((used, Some(_))) => input = &mut input[used..],
        }
    }
}
