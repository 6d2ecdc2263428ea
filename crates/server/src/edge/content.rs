//! The body of an answer: whole from the start, or told piece by piece as things happen.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt as _};
use http_body_util::Full;
use hyper::body::{Body, Frame, SizeHint};

use super::pace::Pace;

/// What an answer holds.
pub(crate) enum Content {
    /// All of it.
    Whole(Full<Bytes>),
    /// Pieces that are yet to come.
    Lasting {
        /// They end when there is nothing more to tell.
        pieces: BoxStream<'static, Bytes>,
        /// Rests while the next one is waited for; runs while the peer has one to read.
        pace: Option<Arc<Pace>>,
    },
}

impl Content {
    /// Told piece by piece.
    pub(crate) fn lasting(pieces: impl Stream<Item = Bytes> + Send + 'static) -> Self {
        Self::Lasting { pieces: pieces.boxed(), pace: None }
    }

    /// On a connection that is to make progress.
    pub(super) fn at(mut self, connection: &Arc<Pace>) -> Self {
        if let Self::Lasting { pace, .. } = &mut self {
            *pace = Some(Arc::clone(connection));
        }
        self
    }
}

impl From<Bytes> for Content {
    fn from(whole: Bytes) -> Self {
        Self::Whole(Full::new(whole))
    }
}

impl Body for Content {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.get_mut() {
            Self::Whole(whole) => Pin::new(whole).poll_frame(cx),
            Self::Lasting { pieces, pace } => {
                let next = pieces.poll_next_unpin(cx);
                match (&next, pace) {
                    (_, None) => {}
                    (Poll::Pending, Some(pace)) => pace.rest(),
                    (Poll::Ready(_), Some(pace)) => pace.progress(),
                }
                next.map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(whole) => whole.is_end_stream(),
            Self::Lasting { .. } => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(whole) => whole.size_hint(),
            Self::Lasting { .. } => SizeHint::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::time::Duration;

    use futures_util::stream;
    use tokio::time::{Instant, timeout};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_is_told_nothing_is_not_late_and_one_that_does_not_read_is() {
        let begun = Instant::now();
        let pace = Arc::new(Pace::new(Duration::from_secs(30)));
        let pieces = stream::once(async { Bytes::from_static(b"a") }).chain(stream::pending());
        let mut content = Content::lasting(pieces).at(&pace);
        assert!(poll_fn(|cx| Pin::new(&mut content).poll_frame(cx)).await.is_some());
        pace.overdue().await;
        assert_eq!(begun.elapsed().as_secs(), 30, "it was not asked for more");
        let next = poll_fn(|cx| Pin::new(&mut content).poll_frame(cx));
        let both = async { tokio::join!(next, pace.overdue()) };
        assert!(timeout(Duration::from_hours(1), both).await.is_err(), "neither a piece nor an end");
    }
}
