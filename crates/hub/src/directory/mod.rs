//! What the hall keeps in mind of the store: users, rooms, roles, rights.
//!
//! Read from a [`Snapshot`] at the start, then changed by [`Directory::apply`] only: it says what the log says, and
//! nothing that was not committed. Every question takes the lock once and copies its answer out.

mod follows;
mod people;
mod rights;
mod roles;
mod state;
mod tree;

use std::collections::HashSet;
use std::sync::Arc;

use parking_lot::RwLock;
use quintet_core::call::RoleEntry;
use quintet_core::federation::{FollowState, Remote};
use quintet_core::right::{Grant, Holder, Role, Scope};
use quintet_core::room::ServerRecord;
use quintet_core::{AgentKey, Event, Id, Right, Room, Timestamp, User};
use quintet_store::{Rooms, Snapshot};

pub use self::people::Standing;
pub use self::roles::EVERYONE;
pub use self::state::Loss;
use self::state::State;

/// The hall's own picture of the house.
pub struct Directory {
    state: RwLock<State>,
}

impl Directory {
    /// The picture as the store has it.
    pub fn new(snapshot: Snapshot) -> Self {
        Self { state: RwLock::new(State::new(snapshot)) }
    }

    /// Takes in what was said. Events must come in log order, each once.
    pub fn apply(&self, event: &Event) {
        if State::concerns(&event.body) {
            self.state.write().apply(&event.body);
        }
    }

    /// What the server says of itself.
    pub fn server(&self) -> ServerRecord {
        self.state.read().server.clone()
    }

    /// One user; its status is not known here.
    pub fn user(&self, id: Id) -> Option<User> {
        self.state.read().people.user(id).cloned()
    }

    /// The user of this name, compared exactly.
    pub fn user_named(&self, username: &str) -> Option<User> {
        self.state.read().people.named(username).cloned()
    }

    /// The user of this house itself with this name in any case, who is not locked out; where there are several, the exact one or the oldest.
    pub fn resident_named(&self, username: &str) -> Option<User> {
        self.state.read().people.resident_named(username).cloned()
    }

    /// When the first user came, with whom the house was founded.
    pub fn founded_at(&self) -> Option<Timestamp> {
        self.state.read().people.all().next().map(|user| user.created_at)
    }

    /// The user of another house with this address.
    pub fn user_at(&self, address: &str) -> Option<Id> {
        self.state.read().people.at(address)
    }

    /// Where a user lives, where that is another house.
    pub fn remote(&self, user: Id) -> Option<Remote> {
        self.state.read().people.user(user)?.remote.clone()
    }

    /// Who follows a user, or is in a room, by number, as it stands.
    pub fn followers(&self, of: Id) -> Vec<(Id, FollowState)> {
        self.state.read().follows.followers(of)
    }

    /// Whom a user follows, by number, as it stands.
    pub fn followees(&self, of: Id) -> Vec<(Id, FollowState)> {
        self.state.read().follows.followees(of)
    }

    /// How a follow stands; `None` where there is none.
    pub fn follow(&self, follower: Id, whom: Id) -> Option<FollowState> {
        self.state.read().follows.between(follower, whom)
    }

    /// The user with this agent key.
    pub fn user_with_agent(&self, agent: AgentKey) -> Option<Id> {
        self.state.read().people.with_agent(agent)
    }

    /// The agent key of a user.
    pub fn agent_of(&self, user: Id) -> Option<AgentKey> {
        self.state.read().people.user(user).map(|user| user.agent)
    }

    /// Everybody, oldest first.
    pub fn users(&self) -> Vec<User> {
        self.state.read().people.all().cloned().collect()
    }

    /// Whether a user may act, and with which tokens.
    pub fn standing(&self, user: Id) -> Option<Standing> {
        self.state.read().people.standing(user)
    }

    /// The username of a user, shared.
    pub fn username(&self, user: Id) -> Option<Arc<str>> {
        self.state.read().people.username(user)
    }

    /// One room.
    pub fn room(&self, id: Id) -> Option<Room> {
        self.state.read().tree.room(id).cloned()
    }

    /// Whether users of other houses can be in a room. False for unknown rooms.
    pub fn is_federated(&self, room: Id) -> bool {
        self.state.read().tree.room(room).is_some_and(|room| room.federated)
    }

    /// The rooms that a user may view, parents first, siblings by place and name.
    pub fn rooms_seen_by(&self, user: Id) -> Vec<Room> {
        let state = self.state.read();
        state.tree.walk().filter(|room| state.may(user, Right::View, Some(room.id))).cloned().collect()
    }

    /// Every room, parents first, siblings by place and name.
    pub fn rooms(&self) -> Vec<Room> {
        self.state.read().tree.walk().cloned().collect()
    }

    /// The rooms whose chats a user may read.
    pub fn readable_rooms(&self, user: Id) -> Rooms {
        let hidden = self.state.read().hidden_from(user);
        if hidden.is_empty() { Rooms::All } else { Rooms::Except(hidden) }
    }

    /// All roles with members and rights, by place, then number.
    pub fn roles(&self) -> Vec<RoleEntry> {
        self.state.read().role_entries()
    }

    /// One role.
    pub fn role(&self, id: Id) -> Option<Role> {
        self.state.read().roles.role(id).cloned()
    }

    /// The sets of rights in a scope, by holder.
    pub fn grants(&self, scope: Scope) -> Vec<Grant> {
        self.state.read().rights.list(scope)
    }

    /// Whether the holder's set in this scope has the admin flag.
    pub fn grants_admin(&self, scope: Scope, holder: Holder) -> bool {
        self.state.read().rights.set_of(scope, holder).is_some_and(|set| set.admin)
    }

    /// The sum rule, for an enabled user: in a room, or everywhere where none is named. False for unknown users and rooms.
    pub fn may(&self, user: Id, right: Right, room: Option<Id>) -> bool {
        self.state.read().may(user, right, room)
    }

    /// Whether an enabled user has the admin right everywhere.
    pub fn is_admin(&self, user: Id) -> bool {
        self.state.read().is_admin(user)
    }

    /// Whether somebody who is not logged in could view a room by what all users have. False for unknown rooms.
    pub fn everyone_may_view(&self, room: Id) -> bool {
        self.state.read().everyone_may_view(room)
    }

    /// Whether a user to whom nothing was given may do something in a room. False for unknown rooms.
    pub fn everyone_may(&self, right: Right, room: Id) -> bool {
        self.state.read().everyone_may(right, room)
    }

    /// Whether nothing anywhere takes the right to view this room from anybody. False for unknown rooms.
    pub fn is_open(&self, room: Id) -> bool {
        self.state.read().is_open(room)
    }

    /// The enabled users who may view a room now.
    pub fn viewers(&self, room: Id) -> HashSet<Id> {
        let state = self.state.read();
        state.people.all().map(|user| user.id).filter(|user| state.may(*user, Right::View, Some(room))).collect()
    }

    /// Whether an enabled admin is left after `loss`.
    pub fn keeps_an_admin(&self, loss: Loss) -> bool {
        self.state.read().keeps_an_admin(loss)
    }
}

#[cfg(test)]
mod tests;
