//! Procedures: calling them, and who is there.

use std::time::Duration;

use quintet_core::call::Present;
use quintet_core::procedure::Invocation;
use quintet_core::{Answer, Error, Id, Identity, Right};

use super::asker::Asker;
use super::builtins;
use crate::presence::attendance::{Attendant, Dialect};

impl Asker<'_> {
    pub(super) async fn invoke(&self, invocation: Invocation) -> Result<Answer, Error> {
        builtins::run(self, &invocation).await.map(Answer::Outcome)
    }

    /// Every user with a connection that hears the room, who came first in front.
    pub(super) fn presence(&self, room: Id) -> Result<Answer, Error> {
        self.must_see(room)?;
        let (hub, policy) = (self.hub, &self.hub.policy);
        let mut present = hub.attendance.present(room);
        present.retain(|attendant| policy.may(&Identity::User(attendant.user), Right::View, room));
        present.sort_by_key(|attendant| attendant.since);
        let name = |dialect: Dialect| hub.dialects()[usize::from(dialect)].name().into();
        let present = present.into_iter().filter_map(|Attendant { user, dialects, since }| {
            let username = hub.directory.username(user)?;
            Some(Present { user, username, dialects: dialects.into_iter().map(name).collect(), since })
        });
        Ok(Answer::Present(present.collect()))
    }

    pub(super) fn issue_worker_token(&self, _name: &str, _ttl: Option<Duration>) -> Result<Answer, Error> {
        self.must_be_admin()?;
        Err(Error::unavailable("no worker tokens yet"))
    }

    pub(super) fn procedures(&self) -> Result<Answer, Error> {
        self.must_be_admin()?;
        Ok(Answer::Procedures(self.hub.procedures.reports()))
    }
}
