//! Presence: who is in a room.

use quintet_core::call::Present;
use quintet_core::{Error, Id, Identity, Right};

use super::asker::Asker;
use crate::presence::attendance::{Attendant, Dialect};

impl Asker<'_> {
    /// Every user with a connection that hears the room, who came first in front. `NotFound` for a room that the asker does not see.
    pub(super) fn present(&self, room: Id) -> Result<Vec<Present>, Error> {
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
        Ok(present.collect())
    }
}
