//! Rights: sets of signed numbers that add up.
//!
//! The sum rule (Concord's): collect a user's own set, those of its roles, and for a room and all its ancestors the sets
//! given there to the user and its roles. Any `admin` is yes; else the values of the right are added: positive is
//! yes, negative no, zero the right's default.

use crate::id::Id;

/// Something one may or may not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// See a room, and hear what is said in it.
    View,
    /// Post in a room, edit one's own, show that one types.
    Write,
    /// Add and remove one's reactions.
    React,
    /// Create, change and delete rooms, and give rights in them.
    ManageRooms,
    /// Delete what others posted.
    ManageChats,
}

impl Right {
    /// Every right, in table order.
    pub const ALL: [Self; 5] = [Self::View, Self::Write, Self::React, Self::ManageRooms, Self::ManageChats];

    /// What a sum of zero means.
    pub const fn default_allowed(self) -> bool {
        match self {
            Self::View | Self::Write | Self::React => true,
            Self::ManageRooms | Self::ManageChats => false,
        }
    }

    const fn index(self) -> usize {
        self as usize
    }
}

/// A set of rights as it is given to somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    /// May do everything, whatever the numbers say.
    pub admin: bool,
    values: [i32; Right::ALL.len()],
}

impl Rights {
    /// The set that may do everything.
    pub fn admin() -> Self {
        Self { admin: true, ..Self::default() }
    }

    /// The value of one right; 0 where nothing was set.
    pub fn value(&self, right: Right) -> i32 {
        self.values[right.index()]
    }

    /// Sets the value of one right.
    pub fn set(&mut self, right: Right, value: i32) {
        self.values[right.index()] = value;
    }

    /// Says nothing at all.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Where a set of rights holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Everywhere.
    Server,
    /// In one room and its descendants.
    Room(Id),
}

/// Whose a set of rights is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Holder {
    /// One user's.
    User(Id),
    /// That of all who have the role; [`Id::EVERYONE`] is everybody's.
    Role(Id),
}

/// A set of rights, given to a holder in a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Where it holds.
    pub scope: Scope,
    /// Whose it is.
    pub holder: Holder,
    /// What it says.
    pub rights: Rights,
}

/// A name for a group of users. Its rights are a [`Grant`] of server scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Its number.
    pub id: Id,
    /// Unique among roles.
    pub name: String,
    /// Where it stands in a list.
    pub ordinality: i32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_set_means_read_write_react() {
        let allowed: Vec<_> = Right::ALL.into_iter().filter(|right| right.default_allowed()).collect();
        assert_eq!(allowed, [Right::View, Right::Write, Right::React]);
    }

    #[test]
    fn each_right_has_its_own_value() {
        for right in Right::ALL {
            let mut rights = Rights::default();
            rights.set(right, -3);
            let set: Vec<_> = Right::ALL.into_iter().filter(|other| rights.value(*other) != 0).collect();
            assert_eq!(set, [right]);
        }
    }
}
