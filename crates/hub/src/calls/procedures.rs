//! Procedures: calling them, and who is there.

use quintet_core::procedure::Invocation;
use quintet_core::{Answer, Error, Id};

use super::asker::Asker;
use super::builtins;

impl Asker<'_> {
    pub(super) async fn invoke(&self, invocation: Invocation) -> Result<Answer, Error> {
        builtins::run(self, &invocation).await.map(Answer::Outcome)
    }

    pub(super) fn presence(&self, room: Id) -> Result<Answer, Error> {
        self.must_see(room)?;
        Ok(Answer::Present(Vec::new()))
    }

    pub(super) fn procedures(&self) -> Result<Answer, Error> {
        self.must_be_admin()?;
        Ok(Answer::Procedures(self.hub.procedures.reports()))
    }
}
