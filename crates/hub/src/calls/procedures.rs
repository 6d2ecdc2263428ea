//! Procedures: how one is called.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use futures_util::FutureExt;
use quintet_core::procedure::{Actor, ActorKind, Caller, Invocation, NAME_BYTES, Order, Outcome};
use quintet_core::{Answer, Error, Kind, Timestamp};
use tokio::time::error::Elapsed;
use tokio::time::timeout;

use super::asker::Asker;
use super::builtins;
use crate::hub::locked_out;
use crate::procedures::{Entry, Party};
use crate::rates::network;

impl Asker<'_> {
    /// Calls a procedure. Until the procedure itself waits, nothing here does: what it keeps reaches the store before. Dropping the future
    /// cancels the call.
    pub(super) async fn invoke(&self, invocation: Invocation) -> Result<Answer, Error> {
        let registry = &self.hub.procedures;
        let entry = registry.entry(&invocation.name).ok_or_else(|| missing(&invocation.name))?;
        let actor = self.actor()?;
        entry.admit(&actor)?;
        let _one = registry.begin()?;
        let party = self.party(&actor);
        party.map_or(Ok(()), |party| registry.must_have_room(party))?;
        let timed = entry.begin();
        let patience = registry.patience(entry.offer());
        // What waits for a place waits within the same time.
        let deadline = self.hub.now().plus_millis(i64::try_from(patience.as_millis()).unwrap_or(i64::MAX));
        let mut answering = pin!(AssertUnwindSafe(self.run(&entry, invocation, actor, deadline)).catch_unwind());
        let wait = || (party.map(|party| registry.share(party)), timed.wait());
        let result = tokio::select! {
            biased;
            answered = within(patience, answering.as_mut(), wait) => match answered {
                Ok(Ok(result)) => result.map_err(|error| explained(error, &entry)),
                Ok(Err(panic)) => Err(panicked(&*panic, &entry)),
                Err(_) => Err(late(&entry)),
            },
            () = registry.ended() => Err(ended()),
        };
        timed.end(&result);
        result.map(Answer::Outcome)
    }

    /// Whose calls this one counts among; `None` for the house and workers, whose own may be what others wait for.
    fn party(&self, actor: &Actor) -> Option<Party> {
        match &actor.user {
            _ if self.is_house() => None,
            Some(user) => Some(Party::User(user.id)),
            None => Some(Party::Network(network(self.caller.address))),
        }
    }

    async fn run(
        &self,
        entry: &Entry,
        invocation: Invocation,
        actor: Actor,
        deadline: Timestamp,
    ) -> Result<Outcome, Error> {
        let registry = &*self.hub.procedures;
        let _permit = entry.turn(registry).await?;
        if entry.is_built_in() {
            // Some of them are large, and each call would carry their size.
            return Box::pin(builtins::run(self, &invocation)).await;
        }
        let order = Order { invocation, actor, deadline, attempt: 1 };
        entry.perform(registry, order).await
    }

    /// The asker as procedures know it. `Unauthenticated` for who is locked out.
    fn actor(&self) -> Result<Actor, Error> {
        let policy = &self.hub.policy;
        if !policy.is_welcome(self.who()) {
            return Err(locked_out());
        }
        if self.is_house() {
            return Ok(Actor { kind: ActorKind::Backend, user: None, admin: true });
        }
        // Not by the name of its socket: some rooms give theirs none.
        let kind = if self.caller.socket { ActorKind::Websocket } else { ActorKind::Http };
        let user = self.who().user().map(|id| Caller { id, username: policy.author(self.who()).name });
        Ok(Actor { kind, user, admin: policy.is_admin(self.who()) })
    }

    pub(super) fn procedures(&self) -> Result<Answer, Error> {
        self.must_be_admin()?;
        Ok(Answer::Procedures(self.hub.procedures.reports()))
    }
}

/// As [`timeout`], without a timer for what is ready at once: most closures and built-ins are. What is not holds what `waits` gives until it is.
async fn within<F: Future, T>(
    patience: Duration,
    mut future: Pin<&mut F>,
    waits: impl FnOnce() -> T,
) -> Result<F::Output, Elapsed> {
    match poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await {
        Poll::Ready(output) => Ok(output),
        Poll::Pending => {
            let _held = waits();
            timeout(patience, future).await
        }
    }
}

fn missing(name: &str) -> Error {
    match name.len() {
        0..=NAME_BYTES => Error::not_found(format!("no procedure {name}")),
        _ => Error::not_found("no procedure of such a long name"),
    }
}

fn late(entry: &Entry) -> Error {
    Error::unavailable(format!("{} did not answer in time", entry.offer().name)).with_status(504)
}

fn ended() -> Error {
    Error::unavailable("the server is shutting down, try again soon")
}

fn panicked(panic: &(dyn Any + Send), entry: &Entry) -> Error {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    Error::internal(format!("procedure {} panicked: {}", entry.offer().name, text.unwrap_or("with something else")))
}

/// Tells the log which procedure it was, where nothing else is told.
fn explained(error: Error, entry: &Entry) -> Error {
    if error.kind() != Kind::Internal || std::error::Error::source(&error).is_some() {
        return error;
    }
    let text = format!("procedure {} answered {}: {}", entry.offer().name, error.status(), error.public());
    error.because(text)
}
