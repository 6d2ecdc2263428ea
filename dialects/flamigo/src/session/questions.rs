//! Questions: what a peer has asked and is still to be told.

use quintet_core::{Id, Pattern, Ticket};

use crate::wire::return_address::ReturnAddress;

/// A command that is under way.
pub(super) struct Question {
    /// Where its reply goes.
    pub(super) to: ReturnAddress,
    /// What the answer is about.
    pub(super) asked: Asked,
    /// Whether what follows need not wait for it.
    pub(super) overlap: bool,
}

/// What an answer is about.
pub(super) enum Asked {
    /// Who the peer is.
    Identity,
    /// Listening.
    Listening {
        /// To what.
        pattern: Pattern,
        /// The room that it names, where it names one.
        room: Option<Id>,
    },
    /// A room that is to be listened to.
    Joining,
    /// A room that is being listened to.
    Joined(Joined),
    /// What a procedure answers.
    Outcome,
    /// Nothing but whether it was done.
    Nothing,
}

/// A room that may be joined.
pub(super) struct Joined {
    pub(super) room: Id,
    pub(super) pattern: Pattern,
    /// The payload of the reply.
    pub(super) told: String,
}

/// What is under way: as much as the server lets a peer have.
#[derive(Default)]
pub(super) struct Questions {
    /// In no order; mostly there is one, and a list is then the least work.
    open: Vec<(Ticket, Question)>,
    last: u32,
    /// How many of them hold up what follows.
    ordered: usize,
}

impl Questions {
    /// The ticket of what nobody waits for.
    pub(super) const NONE: Ticket = Ticket(0);

    /// Notes a question; its answer will carry this ticket, which is never [`Questions::NONE`].
    pub(super) fn ask(&mut self, question: Question) -> Ticket {
        self.last = self.last.checked_add(1).unwrap_or(1);
        let ticket = Ticket(self.last);
        self.ordered += usize::from(!question.overlap);
        self.open.push((ticket, question));
        ticket
    }

    /// The question that was answered.
    pub(super) fn take(&mut self, ticket: Ticket) -> Option<Question> {
        let place = self.open.iter().position(|(open, _)| *open == ticket)?;
        let (_, question) = self.open.swap_remove(place);
        self.ordered -= usize::from(!question.overlap);
        Some(question)
    }

    /// Whether what the peer says next waits for one of them.
    pub(super) fn hold_up(&self) -> bool {
        self.ordered > 0
    }
}
