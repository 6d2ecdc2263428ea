//! Calls about threads.

use quintet_core::{Answer, Body, Change, Error, Id};

use super::asker::{Asker, said};
use super::names::check_name;

impl Asker<'_> {
    pub(super) async fn start_thread(&self, id: Id, name: String) -> Result<Answer, Error> {
        check_name("name", &name, &self.hub.limits)?;
        let chat = self.seen_chat(id).await?;
        self.hub.policy.may_write(self.who(), chat.room)?;
        let events = self.append(Change::StartThread { chat: id, name }).await?;
        let started = |body: &Body| if let Body::ThreadStarted(thread) = body { Some(thread.clone()) } else { None };
        Ok(Answer::Thread(said(&events, started)?))
    }

    pub(super) async fn threads(&self, room: Id) -> Result<Answer, Error> {
        self.must_see(room)?;
        Ok(Answer::Threads(self.hub.store.threads(room).await?))
    }
}
