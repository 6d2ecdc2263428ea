//! The users of the house, by number and by name.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use quintet_core::{AgentKey, Id, User};

/// Whether a user may act, and with which tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Locked out?
    pub disabled: bool,
    /// Which generation its tokens must be of.
    pub generation: u32,
}

struct Person {
    user: User,
    username: Arc<str>,
    generation: u32,
}

/// Everybody.
#[derive(Default)]
pub(super) struct People {
    /// Ids grow with time, so this is also oldest first.
    users: BTreeMap<Id, Person>,
    by_name: HashMap<Arc<str>, Id>,
    /// Names in lower case, each with all who have it.
    by_any_case: BTreeSet<(String, Id)>,
    by_agent: HashMap<AgentKey, Id>,
    /// Those of other houses, by the keys of their addresses.
    by_address: HashMap<Arc<str>, Id>,
}

impl People {
    /// Puts in a user, or replaces what was known of it.
    pub(super) fn put(&mut self, user: User, generation: u32) {
        let username: Arc<str> = user.username.as_str().into();
        let id = user.id;
        // Agents are for ever.
        self.by_agent.insert(user.agent, id);
        if let Some(remote) = &user.remote {
            self.by_address.insert(Arc::clone(&remote.address.key), id);
        }
        if let Some(before) = self.users.insert(id, Person { user, username: Arc::clone(&username), generation }) {
            self.by_name.remove(&before.username);
            self.by_any_case.remove(&(before.username.to_lowercase(), id));
        }
        self.by_any_case.insert((username.to_lowercase(), id));
        self.by_name.insert(username, id);
    }

    pub(super) fn user(&self, id: Id) -> Option<&User> {
        self.users.get(&id).map(|person| &person.user)
    }

    pub(super) fn named(&self, username: &str) -> Option<&User> {
        self.user(*self.by_name.get(username)?)
    }

    /// Of this house itself and not locked out, by name in any case: the exact one before the oldest.
    pub(super) fn resident_named(&self, username: &str) -> Option<&User> {
        let resident = |user: &&User| user.remote.is_none() && !user.disabled;
        let name = username.to_lowercase();
        let all = self.by_any_case.range((name.clone(), Id::HOUSE)..).take_while(|(other, _)| *other == name);
        self.named(username).filter(resident).or_else(|| all.filter_map(|(_, id)| self.user(*id)).find(resident))
    }

    pub(super) fn with_agent(&self, agent: AgentKey) -> Option<Id> {
        self.by_agent.get(&agent).copied()
    }

    pub(super) fn at(&self, address: &str) -> Option<Id> {
        self.by_address.get(address).copied()
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &User> {
        self.users.values().map(|person| &person.user)
    }

    pub(super) fn username(&self, id: Id) -> Option<Arc<str>> {
        self.users.get(&id).map(|person| Arc::clone(&person.username))
    }

    pub(super) fn standing(&self, id: Id) -> Option<Standing> {
        let person = self.users.get(&id)?;
        Some(Standing { disabled: person.user.disabled, generation: person.generation })
    }

    /// Known, and not locked out.
    pub(super) fn is_enabled(&self, id: Id) -> bool {
        self.user(id).is_some_and(|user| !user.disabled)
    }
}
