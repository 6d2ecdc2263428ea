//! A thread's working memory, so that no connection needs any of its own.

use std::cell::Cell;
use std::collections::VecDeque;

use quintet_core::{Action, Answer, Error, Frame, Ticket};

/// How much is read at once.
const READ: usize = 64 * 1024;

/// More places than this are given back after use.
const PLACES: usize = 1_024;

/// An answer on its way to a session.
pub(super) type Answered = (Ticket, Result<Answer, Error>);

/// What a connection needs while its task runs. Empty but for its size between uses.
#[derive(Default)]
pub(super) struct Work {
    /// What the session said is to be done.
    pub(super) actions: Vec<Action>,
    /// What is to be told to it.
    pub(super) answers: VecDeque<Answered>,
    /// What is to be sent, in one write.
    pub(super) sends: Vec<Frame>,
    /// The size of what is to be sent, in `sends` or laid ready on the line.
    pub(super) send_bytes: usize,
}

/// A read buffer and working memory.
pub(super) struct Scratch {
    pub(super) buffer: Box<[u8]>,
    pub(super) work: Work,
}

thread_local! {
    static SCRATCH: Cell<Option<Box<Scratch>>> = const { Cell::new(None) };
}

impl Scratch {
    /// Lends this thread's working memory. It is never held while a task waits.
    pub(super) fn lend<R>(use_it: impl FnOnce(&mut Self) -> R) -> R {
        let mut scratch = SCRATCH.take().unwrap_or_default();
        let result = use_it(&mut scratch);
        scratch.work.tidy();
        SCRATCH.set(Some(scratch));
        result
    }
}

impl Default for Scratch {
    fn default() -> Self {
        Self { buffer: vec![0; READ].into(), work: Work::default() }
    }
}

impl Work {
    fn tidy(&mut self) {
        self.actions.clear();
        self.answers.clear();
        self.sends.clear();
        self.send_bytes = 0;
        self.actions.shrink_to(PLACES);
        self.answers.shrink_to(PLACES);
        self.sends.shrink_to(PLACES);
    }
}
