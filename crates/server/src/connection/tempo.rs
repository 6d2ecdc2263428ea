//! When a peer's next message is taken: at once, or after a rest where the peer is faster than its rates.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use quintet_core::Error;
use tokio::time::{Sleep, sleep};

use super::hall::Hall;
use super::rate::Pace;
use super::registry::Connections;
use super::talk::Talk;

/// How long a peer rests whose identity is too fast over all its connections, before it is asked for again.
const REST: Duration = Duration::from_millis(20);

/// How one connection keeps to its rates.
#[derive(Default)]
pub(super) struct Tempo {
    pace: Pace,
    /// The next message was found to be within the rates before it was decoded.
    granted: bool,
    /// Until then nothing is taken. There is none but while the peer rests.
    rest: Option<Pin<Box<Sleep>>>,
}

impl Tempo {
    /// Does the peer rest? Wakes the task when that is over.
    pub(super) fn rests(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(rest) = &mut self.rest else { return false };
        if rest.as_mut().poll(cx) == Poll::Pending {
            return true;
        }
        self.rest = None;
        false
    }

    /// May what comes next be decoded? If not, the peer begins to rest. Where the room tells whoever is too fast, everything may; so may what a
    /// worker says.
    pub(super) fn grant<H: Hall>(&mut self, talk: Option<&Talk<H>>, dialect: usize, house: &Connections) -> bool {
        let is_worker = talk.is_some_and(|talk| talk.hall.is_worker());
        let is_peer = talk.is_some_and(|talk| talk.hall.is_peer());
        let rate = if is_peer { house.peer_rate } else { house.rate };
        if self.granted || !house.settings.rate_limits || house.tells_haste(dialect) || is_worker {
            return true;
        }
        let now = house.started.elapsed();
        let rest = match self.pace.until_admitted(rate, now) {
            Some(rest) => Some(rest),
            // Houses are counted one by one, not as the one public that they would be here.
            None if is_peer => None,
            None => talk.and_then(|talk| talk.hall.admit().err()).map(|_| REST),
        };
        match rest {
            Some(rest) => self.rest = Some(Box::pin(sleep(rest))),
            None => self.granted = self.pace.admit(rate, now),
        }
        self.granted
    }

    /// Is a message within the rates of its connection and its identity?
    pub(super) fn admit<H: Hall>(&mut self, talk: &Talk<H>, house: &Connections) -> Result<(), Error> {
        if std::mem::take(&mut self.granted) || !house.settings.rate_limits || talk.hall.is_worker() {
            return Ok(());
        }
        self.admit_frame(house)?;
        talk.hall.admit()
    }

    /// Is a frame within the rate of its connection?
    pub(super) fn admit_frame(&mut self, house: &Connections) -> Result<(), Error> {
        if std::mem::take(&mut self.granted)
            || !house.settings.rate_limits
            || self.pace.admit(house.rate, house.started.elapsed())
        {
            return Ok(());
        }
        Err(Error::too_many("too many messages on this connection, send them slower"))
    }
}
