//! Roles with the rights that they and users hold. The data model is Concord's; the calls are ours.

use std::collections::BTreeMap;

use quintet_core::call::RoleEntry;
use quintet_core::right::{Grant, Holder};
use quintet_core::{Error, Right, Rights};
use serde::{Deserialize, Serialize, Serializer};

use crate::address;
use crate::wire::number::Number;
use crate::wire::text::Filled;

/// "Rights set: `id`, `admin` (bool), `values` (right name → integer)." Ours has no id: it is found by its holder and its place.
#[derive(Serialize)]
pub(crate) struct RightsObject<'a> {
    admin: bool,
    values: Values<'a>,
}

impl<'a> From<&'a Rights> for RightsObject<'a> {
    fn from(rights: &'a Rights) -> Self {
        Self { admin: rights.admin, values: Values(rights) }
    }
}

/// Every right by name, zeros included.
struct Values<'a>(&'a Rights);

impl Serialize for Values<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(Right::ALL.into_iter().map(|right| (address::right_name(right), self.0.value(right))))
    }
}

/// A rights set with its holder: one of `userId` and `roleId` is null.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GrantObject<'a> {
    user_id: Option<Number>,
    role_id: Option<Number>,
    #[serde(flatten)]
    rights: RightsObject<'a>,
}

impl<'a> From<&'a Grant> for GrantObject<'a> {
    fn from(grant: &'a Grant) -> Self {
        let (user_id, role_id) = match grant.holder {
            Holder::User(user) => (Some(Number(user)), None),
            Holder::Role(role) => (None, Some(Number(role))),
        };
        Self { user_id, role_id, rights: RightsObject::from(&grant.rights) }
    }
}

/// "A role has `id`, unique `name`, `ordinality` and one rights set." Ours: `userIds`, who has it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoleObject<'a> {
    id: Number,
    name: &'a str,
    ordinality: i32,
    rights: RightsObject<'a>,
    user_ids: Vec<Number>,
}

impl<'a> From<&'a RoleEntry> for RoleObject<'a> {
    fn from(entry: &'a RoleEntry) -> Self {
        Self {
            id: Number(entry.role.id),
            name: &entry.role.name,
            ordinality: entry.role.ordinality,
            rights: RightsObject::from(&entry.rights),
            user_ids: entry.members.iter().copied().map(Number).collect(),
        }
    }
}

/// `POST /api/roles` with `{name, ordinality?}`; the place is 0 where not given.
#[derive(Deserialize)]
pub(crate) struct RoleBody {
    pub(crate) name: Filled,
    #[serde(default)]
    pub(crate) ordinality: i32,
}

/// A rights set to be put: `{admin?, values?}`; what is not named is false or 0.
#[derive(Deserialize)]
pub(crate) struct RightsBody {
    #[serde(default)]
    admin: bool,
    #[serde(default)]
    values: BTreeMap<String, i32>,
}

impl RightsBody {
    /// `BadMessage` for a name that is no right.
    pub(crate) fn rights(self) -> Result<Rights, Error> {
        let mut rights = if self.admin { Rights::admin() } else { Rights::default() };
        for (name, value) in self.values {
            rights.set(address::right(&name).ok_or_else(unknown_right)?, value);
        }
        Ok(rights)
    }
}

fn unknown_right() -> Error {
    let known = Right::ALL.map(address::right_name).join(", ");
    Error::bad_message(format!("unknown right in `values`: the rights are {known}"))
}
