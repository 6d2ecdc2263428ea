//! Whom a peer talks to: the lobby, a room, or nobody any more.

use std::sync::Arc;
use std::task::Context;

use quintet_core::{Action, Error, Input, Session};

use super::hall::Hall;
use super::outlet::Line;
use super::scratch::Work;
use super::talk::Talk;

/// The other side of a peer.
pub(super) enum Side<H> {
    /// Several rooms share the path at which it came; its first message decides.
    Lobby(Box<Choice<H>>),
    /// A session.
    Room(Talk<H>),
    /// The connection ends: nobody listens.
    Nobody,
}

/// Chooses a room by a peer's first message, and seats the peer there, which hears from then on. `Err` where the room refuses it.
pub(super) type Choice<H> = dyn FnMut(&Input<'_>, &Arc<Line>) -> Result<Seated<H>, Error> + Send;

/// A peer with its place in a room.
pub(super) struct Seated<H> {
    pub(super) hall: H,
    pub(super) session: Box<dyn Session>,
    /// What the session said when it was opened.
    pub(super) actions: Vec<Action>,
}

impl<H: Hall> Seated<H> {
    /// Begins the talk with what the session said.
    pub(super) fn begin(self, line: &Line, work: &mut Work, cx: &mut Context<'_>) -> Talk<H> {
        let mut talk = Talk::new(self.session, self.hall);
        work.actions = self.actions;
        talk.perform(line, work, cx);
        talk
    }
}

impl<H: Hall> Side<H> {
    /// The session, where there is one.
    pub(super) fn room(&mut self) -> Option<&mut Talk<H>> {
        match self {
            Self::Room(talk) => Some(talk),
            Self::Lobby(_) | Self::Nobody => None,
        }
    }

    /// Does nobody listen any more?
    pub(super) fn is_nobody(&self) -> bool {
        matches!(self, Self::Nobody)
    }

    /// Is no room chosen yet?
    pub(super) fn is_lobby(&self) -> bool {
        matches!(self, Self::Lobby(_))
    }

    /// The session that is to hear a message; the first one chooses it.
    pub(super) fn hears(
        &mut self,
        input: &Input<'_>,
        line: &Arc<Line>,
        work: &mut Work,
        cx: &mut Context<'_>,
    ) -> Result<&mut Talk<H>, Error> {
        if let Self::Lobby(choose) = self {
            let seated = choose(input, line)?;
            *self = Self::Room(seated.begin(line, work, cx));
        }
        self.room().ok_or_else(|| Error::unavailable("the connection ends"))
    }
}
