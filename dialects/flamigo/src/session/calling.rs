//! Calling: every other `app::NAME` is the procedure NAME.

use std::borrow::Cow;

use quintet_core::procedure::{Connection, Invocation, Outcome};
use quintet_core::{Action, Call, Error};

use super::FlamigoSession;
use super::questions::Asked;
use crate::wire::command::Command;

impl FlamigoSession {
    pub(super) fn invoke(&mut self, name: &str, command: &Command<'_>, actions: &mut Vec<Action>) -> Result<(), Error> {
        let invocation = Invocation {
            name: name.into(),
            payload: command.payload()?.to_owned(),
            connection: Some(Connection { name: self.name.clone(), dialect: self.entrance.dialect().into() }),
            extra: None,
        };
        let ticket = self.ask(command, Asked::Outcome);
        actions.push(Action::Call(ticket, Call::Invoke(Box::new(invocation))));
        Ok(())
    }
}

/// A procedure's answer, word for word.
pub(super) fn told(outcome: Outcome) -> Cow<'static, str> {
    String::from(Box::<str>::from(outcome.payload)).into()
}
