//! How roles, sets of rights and their changes are written down.

use quintet_core::change::RightsChange;
use quintet_core::right::{Grant, Holder, Right, Rights, Role, Scope};
use serde::{Deserialize, Serialize};

use super::{Number, recorded};

/// A role. Its `name` is searched for by an index of the database: keep the name.
#[derive(Serialize, Deserialize)]
pub(super) struct RoleRecord {
    id: Number,
    name: String,
    #[serde(default)]
    ordinality: i32,
}

recorded!(Role as RoleRecord);

impl From<&Role> for RoleRecord {
    fn from(role: &Role) -> Self {
        Self { id: Number(role.id), name: role.name.clone(), ordinality: role.ordinality }
    }
}

impl From<RoleRecord> for Role {
    fn from(record: RoleRecord) -> Self {
        Self { id: record.id.0, name: record.name, ordinality: record.ordinality }
    }
}

/// A set of rights; what is not named is 0.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct RightsRecord {
    admin: bool,
    view: i32,
    write: i32,
    react: i32,
    manage_rooms: i32,
    manage_chats: i32,
}

recorded!(Rights as RightsRecord);

impl RightsRecord {
    fn value(&mut self, right: Right) -> &mut i32 {
        match right {
            Right::View => &mut self.view,
            Right::Write => &mut self.write,
            Right::React => &mut self.react,
            Right::ManageRooms => &mut self.manage_rooms,
            Right::ManageChats => &mut self.manage_chats,
        }
    }
}

impl From<&Rights> for RightsRecord {
    fn from(rights: &Rights) -> Self {
        let mut record = Self { admin: rights.admin, ..Self::default() };
        for right in Right::ALL {
            *record.value(right) = rights.value(right);
        }
        record
    }
}

impl From<RightsRecord> for Rights {
    fn from(mut record: RightsRecord) -> Self {
        let mut rights = Self::default();
        rights.admin = record.admin;
        for right in Right::ALL {
            rights.set(right, *record.value(right));
        }
        rights
    }
}

/// Whose a set of rights is.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum HolderRecord {
    User(Number),
    Role(Number),
}

/// A change of rights. A grant without a room holds everywhere.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RightsChangeRecord {
    RoleCreated(RoleRecord),
    RoleDeleted(Number),
    RoleAssigned {
        role: Number,
        user: Number,
        member: bool,
    },
    Granted {
        #[serde(default)]
        room: Option<Number>,
        holder: HolderRecord,
        rights: RightsRecord,
    },
}

impl From<&RightsChange> for RightsChangeRecord {
    fn from(change: &RightsChange) -> Self {
        match change {
            RightsChange::RoleCreated(role) => Self::RoleCreated(role.into()),
            RightsChange::RoleDeleted(role) => Self::RoleDeleted(Number(*role)),
            RightsChange::RoleAssigned { role, user, member } => {
                Self::RoleAssigned { role: Number(*role), user: Number(*user), member: *member }
            }
            RightsChange::Granted(grant) => Self::Granted {
                room: match grant.scope {
                    Scope::Server => None,
                    Scope::Room(room) => Some(Number(room)),
                },
                holder: match grant.holder {
                    Holder::User(user) => HolderRecord::User(Number(user)),
                    Holder::Role(role) => HolderRecord::Role(Number(role)),
                },
                rights: (&grant.rights).into(),
            },
        }
    }
}

impl From<RightsChangeRecord> for RightsChange {
    fn from(record: RightsChangeRecord) -> Self {
        match record {
            RightsChangeRecord::RoleCreated(role) => Self::RoleCreated(role.into()),
            RightsChangeRecord::RoleDeleted(role) => Self::RoleDeleted(role.0),
            RightsChangeRecord::RoleAssigned { role, user, member } => {
                Self::RoleAssigned { role: role.0, user: user.0, member }
            }
            RightsChangeRecord::Granted { room, holder, rights } => Self::Granted(Grant {
                scope: room.map_or(Scope::Server, |room| Scope::Room(room.0)),
                holder: match holder {
                    HolderRecord::User(user) => Holder::User(user.0),
                    HolderRecord::Role(role) => Holder::Role(role.0),
                },
                rights: rights.into(),
            }),
        }
    }
}
