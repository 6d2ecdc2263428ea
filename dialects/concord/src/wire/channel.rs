//! Channels, flat as events carry them or in a tree as the list shows them.

use std::collections::{HashMap, HashSet};

use quintet_core::{Id, Room};
use serde::{Deserialize, Serialize};

use crate::wire::number::Number;
use crate::wire::present;
use crate::wire::text::Filled;

/// "Flat form (`GET` one, create, events): `id`, `parentChannelId` (nullable), `ordinality` (int), `name`, `description` (nullable),
/// `capabilities` (array of strings or null), `createdAt`, `createdByUserId`."
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChannelObject<'a> {
    id: Number,
    parent_channel_id: Option<Number>,
    ordinality: i32,
    name: &'a str,
    description: Option<&'a str>,
    capabilities: Option<&'a [String]>,
    created_at: i64,
    created_by_user_id: Number,
}

impl<'a> From<&'a Room> for ChannelObject<'a> {
    fn from(room: &'a Room) -> Self {
        Self {
            id: Number(room.id),
            parent_channel_id: room.parent.map(Number),
            ordinality: room.ordinality,
            name: &room.name,
            description: room.description.as_deref(),
            capabilities: room.capabilities.as_deref(),
            created_at: room.created_at.millis(),
            created_by_user_id: Number(room.created_by),
        }
    }
}

/// "Tree form (list): same **without** `parentChannelId`, plus `children` (array of the same form, always present)."
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChannelNode<'a> {
    id: Number,
    ordinality: i32,
    name: &'a str,
    description: Option<&'a str>,
    capabilities: Option<&'a [String]>,
    created_at: i64,
    created_by_user_id: Number,
    children: Vec<ChannelNode<'a>>,
}

/// "Siblings are ordered by `ordinality`, ties by name". A room whose parent is not among `rooms` stands at the top.
pub(crate) fn tree(rooms: &[Room]) -> Vec<ChannelNode<'_>> {
    let visible: HashSet<Id> = rooms.iter().map(|room| room.id).collect();
    let mut families: HashMap<Option<Id>, Vec<&Room>> = HashMap::new();
    for room in rooms {
        families.entry(room.parent.filter(|parent| visible.contains(parent))).or_default().push(room);
    }
    children(None, &mut families)
}

/// Takes each family once, so that it ends whatever the parents say. As deep as the tree of rooms may be.
fn children<'a>(parent: Option<Id>, families: &mut HashMap<Option<Id>, Vec<&'a Room>>) -> Vec<ChannelNode<'a>> {
    let mut siblings = families.remove(&parent).unwrap_or_default();
    siblings.sort_by(|a, b| (a.ordinality, &a.name, a.id).cmp(&(b.ordinality, &b.name, b.id)));
    siblings
        .into_iter()
        .map(|room| ChannelNode {
            id: Number(room.id),
            ordinality: room.ordinality,
            name: &room.name,
            description: room.description.as_deref(),
            capabilities: room.capabilities.as_deref(),
            created_at: room.created_at.millis(),
            created_by_user_id: Number(room.created_by),
            children: children(Some(room.id), families),
        })
        .collect()
}

/// "`POST /api/channels` | `{name, description?, parentChannelId?, ordinality?, capabilities?}`"; "400 on missing name".
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateBody {
    pub(crate) name: Filled,
    pub(crate) description: Option<String>,
    pub(crate) parent_channel_id: Option<Number>,
    #[serde(default, deserialize_with = "present::some")]
    pub(crate) ordinality: Option<i32>,
    pub(crate) capabilities: Option<Vec<String>>,
}

/// Ours: `PATCH /api/channels/{id}` with `{name?, description?, federated?}`; a description of null removes it, `federated` opens the channel to
/// users of other servers, or closes it.
#[derive(Deserialize)]
pub(crate) struct ChangeBody {
    #[serde(default, deserialize_with = "present::some")]
    pub(crate) name: Option<Filled>,
    #[expect(clippy::option_option, reason = "absent, null and a text mean three things")]
    #[serde(default, deserialize_with = "present::some")]
    pub(crate) description: Option<Option<String>>,
    #[serde(default)]
    pub(crate) federated: Option<bool>,
}

#[cfg(test)]
mod tests {
    use quintet_core::Timestamp;

    use super::*;

    fn room(id: u64, parent: Option<u64>, ordinality: i32, name: &str) -> Room {
        Room {
            id: Id::new(id).unwrap(),
            parent: parent.and_then(Id::new),
            ordinality,
            name: name.into(),
            description: None,
            capabilities: None,
            created_at: Timestamp::from_millis(1),
            created_by: Id::EVERYONE,
            federated: false,
        }
    }

    fn shape(nodes: &[ChannelNode<'_>]) -> String {
        nodes.iter().fold(String::new(), |row, node| format!("{row}{}({})", node.name, shape(&node.children)))
    }

    #[test]
    fn siblings_stand_by_place_then_name_below_the_parent_that_is_visible() {
        for (rooms, tree_shape) in [
            (vec![], ""),
            (vec![room(1, None, 1, "b"), room(2, None, 0, "c"), room(3, None, 1, "a")], "c()a()b()"),
            (vec![room(3, Some(2), 0, "c"), room(1, None, 0, "a"), room(2, Some(1), 0, "b")], "a(b(c()))"),
            (vec![room(1, None, 5, "a"), room(2, Some(9), 0, "hidden's child")], "hidden's child()a()"),
            (vec![room(1, Some(2), 0, "a"), room(2, Some(1), 0, "b"), room(3, None, 0, "c")], "c()"),
        ] {
            assert_eq!(shape(&tree(&rooms)), tree_shape);
        }
    }

    #[test]
    fn a_node_has_children_and_no_parent() {
        let rooms = [room(4101, None, 0, "general")];
        assert_eq!(
            crate::wire::json(&tree(&rooms)),
            r#"[{"id":4101,"ordinality":0,"name":"general","description":null,"capabilities":null,"createdAt":1,"createdByUserId":2,"children":[]}]"#
        );
    }
}
