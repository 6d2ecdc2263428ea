//! Entering: a peer shows who it is (flamigo.md, section 6).

use std::borrow::Cow;
use std::time::Duration;

use quintet_core::identity::Secret;
use quintet_core::{Action, Answer, Credential, Error, Pattern, Payload, Topic};

use super::questions::{Asked, Questions};
use super::{Entrance, FlamigoSession, SUCCESS};
use crate::wire::command::Command;
use crate::wire::return_address::ReturnAddress;

/// The one command of a peer that is nobody.
pub(super) const TOPIC: &str = "app::websocket:auth";

/// What somebody is told whose token is another door's.
pub(super) fn wrong_door(entrance: Entrance) -> Error {
    Error::forbidden(match entrance {
        Entrance::Room => "this entrance is for users: show the token of a user",
        Entrance::Workers => "this entrance is for workers: show a token that was made with quintet token --worker",
    })
}

impl FlamigoSession {
    /// A missing token is one that does not hold.
    pub(super) fn enter(&mut self, command: &Command<'_>, actions: &mut Vec<Action>) -> Result<(), Error> {
        if self.entrance == Entrance::Workers && self.known {
            return Err(Error::conflict("this connection is a worker's already: open another one"));
        }
        if self.failures >= self.house.limits.authentication_attempts {
            let error = Error::too_many("too many attempts to show who you are");
            self.refuse(&ReturnAddress::of(command), &error, actions);
            actions.push(Action::Close(1008, error.public().to_owned()));
            return Ok(());
        }
        let mut payload = Payload::of(command.payload()?);
        let token = payload.optional_text("token").unwrap_or_default();
        payload.check()?;
        let ticket = self.ask(command, Asked::Identity);
        actions.push(Action::Authenticate(ticket, Credential::Token(Secret::new(token))));
        Ok(())
    }

    /// A second user takes the first one's place, without what that one listened to.
    pub(super) fn entered(
        &mut self,
        answer: Result<Answer, Error>,
        actions: &mut Vec<Action>,
    ) -> Result<Cow<'static, str>, Error> {
        match answer {
            Ok(Answer::Identity(who)) if self.entrance.welcomes(&who) => {
                self.forget(actions);
                self.settle_in(actions);
                Ok(SUCCESS.into())
            }
            Ok(_) => {
                self.failures += 1;
                self.leave(actions);
                Err(wrong_door(self.entrance))
            }
            Err(error) => {
                self.failures += 1;
                Err(error)
            }
        }
    }

    /// Somebody is there: it hears what is said to it alone, and has all the time that it wants.
    pub(super) fn settle_in(&mut self, actions: &mut Vec<Action>) {
        self.known = true;
        actions.push(Action::Subscribe(Questions::NONE, Pattern::Exact(Topic::client(&self.name))));
        actions.push(Action::Deadline(None));
    }

    /// Nobody is there yet.
    pub(super) fn hurry(&self, actions: &mut Vec<Action>) {
        actions.push(Action::Deadline(Some(Duration::from_secs(self.house.limits.authentication_seconds))));
    }

    /// Nobody is there any more.
    fn leave(&mut self, actions: &mut Vec<Action>) {
        actions.push(Action::Authenticate(Questions::NONE, Credential::None));
        actions.push(Action::Unsubscribe(Pattern::Exact(Topic::client(&self.name))));
        self.forget(actions);
        self.known = false;
        self.hurry(actions);
    }

    fn forget(&mut self, actions: &mut Vec<Action>) {
        actions.extend(self.patterns.drain().map(Action::Unsubscribe));
    }
}
