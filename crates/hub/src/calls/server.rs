//! The call for what the server says of itself.

use quintet_core::room::ServerRecord;
use quintet_core::{Answer, Right};

use super::asker::Asker;

impl Asker<'_> {
    pub(super) fn server(&self) -> Answer {
        let server = self.hub.directory.server();
        // Nobody is sent to a room that it may not see.
        let default_room = server.default_room.filter(|room| self.may(Right::View, *room));
        Answer::Server(ServerRecord { default_room, ..server })
    }
}
