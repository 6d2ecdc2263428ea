//! Roles, with who has them.

use std::collections::{BTreeMap, HashMap};

use quintet_core::Id;
use quintet_core::right::Role;

/// All roles. [`Id::EVERYONE`] is among them, with nobody in its list because all have it.
pub(super) struct Roles {
    by_id: BTreeMap<Id, Role>,
    of_user: HashMap<Id, Vec<Id>>,
}

/// The name of the role that every user has.
pub const EVERYONE: &str = "everyone";

impl Roles {
    pub(super) fn new(roles: Vec<(Role, Vec<Id>)>) -> Self {
        let everyone = Role { id: Id::EVERYONE, name: EVERYONE.to_owned(), ordinality: 0 };
        let mut this = Self { by_id: BTreeMap::from([(everyone.id, everyone)]), of_user: HashMap::new() };
        for (role, members) in roles {
            let id = role.id;
            this.put(role);
            for user in members {
                this.assign(id, user, true);
            }
        }
        this
    }

    pub(super) fn put(&mut self, role: Role) {
        self.by_id.insert(role.id, role);
    }

    pub(super) fn remove(&mut self, role: Id) {
        self.by_id.remove(&role);
        for roles in self.of_user.values_mut() {
            roles.retain(|other| *other != role);
        }
        self.of_user.retain(|_, roles| !roles.is_empty());
    }

    pub(super) fn assign(&mut self, role: Id, user: Id, member: bool) {
        let roles = self.of_user.entry(user).or_default();
        roles.retain(|other| *other != role);
        if member {
            roles.push(role);
        }
        if roles.is_empty() {
            self.of_user.remove(&user);
        }
    }

    pub(super) fn role(&self, id: Id) -> Option<&Role> {
        self.by_id.get(&id)
    }

    /// The roles of a user, [`Id::EVERYONE`] first.
    pub(super) fn of(&self, user: Id) -> impl Iterator<Item = Id> + Clone {
        let given = self.of_user.get(&user).map_or(&[][..], Vec::as_slice);
        std::iter::once(Id::EVERYONE).chain(given.iter().copied())
    }

    /// All roles with their members by number; by place, then number.
    pub(super) fn list(&self) -> Vec<(Role, Vec<Id>)> {
        let mut members: HashMap<Id, Vec<Id>> = HashMap::new();
        for (user, roles) in &self.of_user {
            for role in roles {
                members.entry(*role).or_default().push(*user);
            }
        }
        let mut list: Vec<_> = self
            .by_id
            .values()
            .map(|role| {
                let mut members = members.remove(&role.id).unwrap_or_default();
                members.sort_unstable();
                (role.clone(), members)
            })
            .collect();
        list.sort_by_key(|(role, _)| (role.ordinality, role.id));
        list
    }
}
