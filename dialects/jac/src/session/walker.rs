//! Walker events: a procedure is called, and its result told.

use std::sync::Arc;

use quintet_core::call::Call;
use quintet_core::procedure::{Connection, Invocation, Outcome};
use quintet_core::{Action, Answer, Error, Id, Ticket};
use serde_json::value::RawValue;

use super::{JacSession, say};
use crate::refusal;
use crate::walker::{Found, WEBSOCKET, Walker, Words, find};
use crate::wire::event::Run;

/// What is to be told of a call's result; the session's ticket for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Whether it is told at all. What goes wrong is told anyway.
    response: bool,
    /// Whether it is the result of a procedure that knows nothing of this dialect: it is reported.
    reported: bool,
}

impl Wanted {
    /// The first of the four tickets.
    const FIRST: u32 = 8;

    pub(super) fn ticket(self) -> Ticket {
        Ticket(Self::FIRST + u32::from(self.response) + 2 * u32::from(self.reported))
    }

    pub(super) fn of(ticket: Ticket) -> Option<Self> {
        let flags = ticket.0.checked_sub(Self::FIRST).filter(|flags| *flags < 4)?;
        Some(Self { response: flags & 1 != 0, reported: flags & 2 != 0 })
    }

    /// Tells the result.
    pub(super) fn tell(self, answer: &Result<Answer, Error>, actions: &mut Vec<Action>) {
        match answer {
            Ok(Answer::Outcome(outcome)) if self.response => say(&self.body(outcome), actions),
            Ok(_) => {}
            Err(error) if self.reported => say(&refusal::not_run(error.public()), actions),
            Err(error) => {
                if let Some(frame) = refusal::of_walker(error, self.response) {
                    say(&frame, actions);
                }
            }
        }
    }

    fn body(self, outcome: &Outcome) -> String {
        if self.reported { reported(outcome) } else { outcome.payload.get().to_owned() }
    }
}

/// The result of a procedure in the form of a walker's response: it is the one thing that is reported.
pub(crate) fn reported(outcome: &Outcome) -> String {
    format!(r#"{{"status":{},"reports":[{}]}}"#, outcome.status, outcome.payload.get())
}

/// Calls what a walker event names.
pub(super) fn run(session: &JacSession, run: Run<'_>, actions: &mut Vec<Action>) {
    let frame = match find(&*session.walkers, &run.walker) {
        Some(Found::Procedure(name, _)) => {
            let wanted = Wanted { response: run.response, reported: true };
            return call(session, (&name, None), wanted, &run, actions);
        }
        Some(Found::Walker(walker)) if walker.takes(WEBSOCKET) => {
            if !walker.needs_user() || session.user != Id::PUBLIC {
                return run_walker(session, &walker, run, actions);
            }
            refusal::needs_user(walker.name())
        }
        _ => refusal::NO_SUCH_WALKER.to_owned(),
    };
    say(&frame, actions);
}

fn run_walker(session: &JacSession, walker: &Walker, mut run: Run<'_>, actions: &mut Vec<Action>) {
    let node = run.node.take().map(Into::into);
    let words = Words::over_socket(walker, session.user, node).json();
    let wanted = Wanted { response: run.response, reported: false };
    call(session, (walker.name(), Some(words)), wanted, &run, actions);
}

fn call(
    session: &JacSession,
    (name, extra): (&Arc<str>, Option<Box<RawValue>>),
    wanted: Wanted,
    run: &Run<'_>,
    actions: &mut Vec<Action>,
) {
    let context = run.context.map_or("{}", |context| context.json());
    let Ok(payload) = RawValue::from_string(context.to_owned()) else {
        return say(&refusal::not_run("the context cannot be read"), actions);
    };
    let connection = Some(Connection { name: Arc::clone(&session.client_id), dialect: "jac".into() });
    let invocation = Invocation { name: Arc::clone(name), payload, connection, extra };
    actions.push(Action::Call(wanted.ticket(), Call::Invoke(Box::new(invocation))));
}
