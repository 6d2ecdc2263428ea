//! The state behind the directory's lock, where users, rooms, roles and rights meet.

use quintet_core::call::RoleEntry;
use quintet_core::change::RightsChange;
use quintet_core::right::{Holder, Rights, Scope};
use quintet_core::room::ServerRecord;
use quintet_core::{Body, Id, Right};
use quintet_store::Snapshot;

use super::follows::Follows;
use super::people::People;
use super::rights::{Book, allows, decide};
use super::roles::Roles;
use super::tree::Tree;

pub(super) struct State {
    pub(super) server: ServerRecord,
    pub(super) people: People,
    pub(super) tree: Tree,
    pub(super) roles: Roles,
    pub(super) rights: Book,
    pub(super) follows: Follows,
}

/// Something that may take the admin right from somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// A holder's set of server scope loses the flag.
    Flag(Holder),
    /// A user loses a role.
    Member {
        /// Which.
        role: Id,
        /// Who.
        user: Id,
    },
    /// A user is locked out.
    User(Id),
}

impl State {
    pub(super) fn new(snapshot: Snapshot) -> Self {
        let mut state = Self {
            server: snapshot.server,
            people: People::default(),
            tree: Tree::default(),
            roles: Roles::new(snapshot.roles),
            rights: Book::default(),
            follows: Follows::default(),
        };
        snapshot.follows.iter().for_each(|follow| state.follows.put(follow));
        snapshot.users.into_iter().for_each(|(user, generation)| state.people.put(user, generation));
        snapshot.rooms.into_iter().for_each(|room| state.tree.put(room));
        snapshot.grants.into_iter().for_each(|grant| state.rights.put(grant));
        state
    }

    /// Whether a body changes anything here; what is said in rooms is the store's to remember.
    pub(super) fn concerns(body: &Body) -> bool {
        matches!(
            body,
            Body::UserJoined(_)
                | Body::UserChanged { .. }
                | Body::RoomCreated(_)
                | Body::RoomChanged(_)
                | Body::RoomDeleted { .. }
                | Body::RightsChanged(_)
                | Body::Followed(_)
        )
    }

    /// Takes in a body that [`State::concerns`] this.
    pub(super) fn apply(&mut self, body: &Body) {
        match body {
            Body::UserJoined(user) => self.people.put(user.clone(), 0),
            Body::UserChanged { user, token_generation } => self.people.put(user.clone(), *token_generation),
            Body::RoomCreated(room) | Body::RoomChanged(room) => self.tree.put(room.clone()),
            Body::RoomDeleted { room } => self.remove_room(*room),
            Body::RightsChanged(change) => self.apply_rights(change),
            Body::Followed(follow) => self.follows.put(follow),
            _ => {}
        }
    }

    fn remove_room(&mut self, room: Id) {
        self.tree.remove(room);
        self.rights.forget_room(room);
        if self.server.default_room == Some(room) {
            self.server.default_room = None;
        }
    }

    fn apply_rights(&mut self, change: &RightsChange) {
        match change {
            RightsChange::RoleCreated(role) => self.roles.put(role.clone()),
            RightsChange::RoleDeleted(role) => {
                self.roles.remove(*role);
                self.rights.forget_holder(Holder::Role(*role));
            }
            RightsChange::RoleAssigned { role, user, member } => self.roles.assign(*role, *user, *member),
            RightsChange::Granted(grant) => self.rights.put(grant.clone()),
        }
    }

    /// The server's scope, and those of a room and its ancestors.
    fn scopes(&self, room: Option<Id>) -> impl Iterator<Item = Scope> + Clone {
        let lineage = room.into_iter().flat_map(|room| self.tree.lineage(room));
        std::iter::once(Scope::Server).chain(lineage.map(Scope::Room))
    }

    fn holders(&self, user: Id) -> impl Iterator<Item = Holder> + Clone {
        std::iter::once(Holder::User(user)).chain(self.roles.of(user).map(Holder::Role))
    }

    pub(super) fn may(&self, user: Id, right: Right, room: Option<Id>) -> bool {
        let known = room.is_none_or(|room| self.tree.room(room).is_some());
        known && self.people.is_enabled(user) && {
            let holders = self.holders(user);
            decide(right, self.scopes(room).flat_map(|scope| self.rights.sets(scope, holders.clone())))
        }
    }

    pub(super) fn is_admin(&self, user: Id) -> bool {
        self.people.is_enabled(user) && self.rights.sets(Scope::Server, self.holders(user)).any(|set| set.admin)
    }

    pub(super) fn everyone_may_view(&self, room: Id) -> bool {
        let everyone = Holder::Role(Id::EVERYONE);
        self.tree.room(room).is_some() && {
            // The admin flag is for people, not for nobody in particular.
            let sets = self.scopes(Some(room)).filter_map(|scope| self.rights.set_of(scope, everyone));
            allows(Right::View, sets.map(|set| i64::from(set.value(Right::View))).sum())
        }
    }

    pub(super) fn everyone_may(&self, right: Right, room: Id) -> bool {
        let everyone = Holder::Role(Id::EVERYONE);
        self.tree.room(room).is_some()
            && decide(right, self.scopes(Some(room)).filter_map(|scope| self.rights.set_of(scope, everyone)))
    }

    pub(super) fn is_open(&self, room: Id) -> bool {
        self.tree.room(room).is_some() && !self.scopes(Some(room)).any(|scope| self.rights.hides(scope))
    }

    pub(super) fn hidden_from(&self, user: Id) -> Vec<Id> {
        if self.people.is_enabled(user) && !self.rights.hides_anything() {
            return Vec::new();
        }
        self.tree.walk().map(|room| room.id).filter(|room| !self.may(user, Right::View, Some(*room))).collect()
    }

    pub(super) fn role_entries(&self) -> Vec<RoleEntry> {
        let rights_of = |role| self.rights.set_of(Scope::Server, Holder::Role(role)).cloned();
        let entry = |(role, members): (quintet_core::right::Role, Vec<Id>)| {
            let rights = rights_of(role.id).unwrap_or_default();
            RoleEntry { role, members, rights }
        };
        self.roles.list().into_iter().map(entry).collect()
    }

    pub(super) fn keeps_an_admin(&self, loss: Loss) -> bool {
        self.people.all().filter(|user| !user.disabled).any(|user| self.stays_admin(user.id, loss))
    }

    fn stays_admin(&self, user: Id, loss: Loss) -> bool {
        let keeps = |holder: Holder| match loss {
            Loss::Flag(without) => without != holder,
            Loss::Member { role, user: member } => member != user || holder != Holder::Role(role),
            Loss::User(gone) => gone != user,
        };
        let holders = self.holders(user).filter(|holder| keeps(*holder));
        holders.filter_map(|holder| self.rights.set_of(Scope::Server, holder)).any(|set: &Rights| set.admin)
    }
}
