//! Guests: what another house may see of this one.

use quintet_core::federation::note::Audience;
use quintet_core::federation::{FollowState, Host, Note, Own, Target};
use quintet_core::{Id, Identity, Right};

use crate::hub::Hub;

impl Hub {
    /// Whether a note may be shown to who asks: a house, or nobody in particular. What is not for everybody is for the houses that got it.
    pub(crate) fn may_be_shown(&self, note: &Note, reader: Option<&Host>) -> bool {
        let mentioned = || reader.is_some_and(|reader| note.mentions.iter().any(|target| is_of(target, reader)));
        match &note.audience {
            Audience::Public => true,
            Audience::Followers => {
                let answered = |reader: &Host| note.replies_to.as_ref().is_some_and(|target| is_of(target, reader));
                mentioned() || reader.is_some_and(|reader| answered(reader) || self.hosts(reader, note.author.id))
            }
            Audience::Mentioned => mentioned(),
            Audience::Group(Target::Own(Own::Room(room))) => self.room_may_be_shown(*room, reader),
            // Its members are not known here: their houses are told to fetch it.
            Audience::Group(_) => reader.is_some(),
        }
    }

    /// Whether what is said in a federated room may be shown: where nothing hides it, or to the houses of who is in it.
    pub(crate) fn room_may_be_shown(&self, room: Id, reader: Option<&Host>) -> bool {
        self.directory.is_federated(room)
            && (self.directory.everyone_may_view(room) || reader.is_some_and(|reader| self.hosts(reader, room)))
    }

    /// Whether it may be shown that there is a federated room, and what it is called: where nothing hides it, or to the houses of who may
    /// read there, before they are in it.
    pub(crate) fn room_may_be_named(&self, room: Id, reader: Option<&Host>) -> bool {
        let is_of =
            |user: Id, reader: &Host| self.directory.remote(user).is_some_and(|remote| remote.address.host == *reader);
        let has_viewer = |reader: &Host| self.directory.viewers(room).into_iter().any(|user| is_of(user, reader));
        self.room_may_be_shown(room, reader) || self.directory.is_federated(room) && reader.is_some_and(has_viewer)
    }

    /// Whether a house has somebody who follows a user, or is in a room and may read there.
    fn hosts(&self, house: &Host, followee: Id) -> bool {
        let is_room = self.directory.room(followee).is_some();
        let counts = |user: Id| {
            self.directory.remote(user).is_some_and(|remote| remote.address.host == *house)
                && (!is_room || self.policy.may(&Identity::User(user), Right::View, followee))
        };
        let followers = self.directory.followers(followee);
        followers.into_iter().any(|(user, state)| state == FollowState::Accepted && counts(user))
    }
}

fn is_of(target: &Target, house: &Host) -> bool {
    matches!(target, Target::Remote(address) if address.host == *house)
}
