//! The rooms, as the tree that they stand in.

use std::collections::HashMap;

use quintet_core::{Id, Room};

/// All rooms.
#[derive(Default)]
pub(super) struct Tree {
    rooms: HashMap<Id, Room>,
    children: HashMap<Option<Id>, Vec<Id>>,
}

impl Tree {
    /// Puts in a room, or replaces what was known of it. A room never moves to another parent.
    pub(super) fn put(&mut self, room: Room) {
        let (id, parent) = (room.id, room.parent);
        if self.rooms.insert(id, room).is_none() {
            self.children.entry(parent).or_default().push(id);
        }
    }

    /// Takes out a room whose children are gone already.
    pub(super) fn remove(&mut self, id: Id) {
        let Some(room) = self.rooms.remove(&id) else { return };
        if let Some(siblings) = self.children.get_mut(&room.parent) {
            siblings.retain(|other| *other != id);
            if siblings.is_empty() {
                self.children.remove(&room.parent);
            }
        }
    }

    pub(super) fn room(&self, id: Id) -> Option<&Room> {
        self.rooms.get(&id)
    }

    /// The room and its ancestors, upwards; nothing for an unknown room.
    pub(super) fn lineage(&self, id: Id) -> impl Iterator<Item = Id> + Clone {
        std::iter::successors(self.rooms.get(&id), |room| self.rooms.get(&room.parent?)).map(|room| room.id)
    }

    /// Every room, parents before their children, siblings by place, name and number.
    pub(super) fn walk(&self) -> impl Iterator<Item = &Room> {
        let mut waiting = self.siblings(None);
        std::iter::from_fn(move || {
            let next = waiting.pop()?;
            waiting.extend(self.siblings(Some(next.id)));
            Some(next)
        })
    }

    /// The children of a room, the last first.
    fn siblings(&self, parent: Option<Id>) -> Vec<&Room> {
        let ids = self.children.get(&parent).map_or(&[][..], Vec::as_slice);
        let mut rooms: Vec<_> = ids.iter().filter_map(|id| self.rooms.get(id)).collect();
        rooms.sort_unstable_by(|a, b| (b.ordinality, &b.name, b.id).cmp(&(a.ordinality, &a.name, a.id)));
        rooms
    }
}

#[cfg(test)]
mod tests {
    use quintet_core::Timestamp;

    use super::*;

    fn room(id: u64, parent: Option<u64>, ordinality: i32, name: &str) -> Room {
        let id_of = |number| Id::new(number).unwrap();
        Room {
            id: id_of(id),
            parent: parent.map(id_of),
            ordinality,
            name: name.into(),
            description: None,
            capabilities: None,
            created_at: Timestamp::from_millis(0),
            created_by: Id::HOUSE,
            federated: false,
        }
    }

    fn tree() -> Tree {
        let mut tree = Tree::default();
        let rooms = [
            room(1, None, 1, "b"),
            room(2, None, 0, "z"),
            room(3, Some(1), 0, "deep"),
            room(4, Some(3), 0, "deeper"),
            room(5, None, 1, "a"),
        ];
        for room in rooms {
            tree.put(room);
        }
        tree
    }

    #[test]
    fn rooms_are_walked_by_place_then_name_parents_first() {
        let order: Vec<_> = tree().walk().map(|room| room.id.get()).collect();
        assert_eq!(order, [2, 5, 1, 3, 4]);
    }

    #[test]
    fn a_lineage_leads_upwards() {
        let lineage = |id| tree().lineage(Id::new(id).unwrap()).map(Id::get).collect::<Vec<_>>();
        assert_eq!(lineage(4), [4, 3, 1]);
        assert_eq!(lineage(2), [2]);
        assert!(lineage(9).is_empty());
    }

    #[test]
    fn a_removed_room_is_gone_from_its_parent() {
        let mut tree = tree();
        tree.remove(Id::new(4).unwrap());
        tree.remove(Id::new(3).unwrap());
        assert_eq!((tree.walk().count(), tree.rooms.len()), (3, 3));
        assert!(!tree.children.contains_key(&Id::new(1)));
    }
}
