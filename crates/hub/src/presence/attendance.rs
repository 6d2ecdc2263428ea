//! Attendance: which users are in which rooms, on which dialect, by what their connections listen to.
//!
//! A connection that listens to `room/<id>`, or to `resource/room/<id>`, is in that room; one that listens to `room/*` is in every room that its user may view. Joining and leaving
//! is news only in rooms that somebody listens to by name: listeners to `room/*` have no word for it that could not be read from the user's status.
//! It is news only of users who are online ([`super::online`]): who came a moment ago is announced with its status, who left as quickly not at all.

use std::collections::{HashMap, HashSet};

use parking_lot::Mutex;
use quintet_core::{Id, Pattern, Topic};

/// The place of a dialect in the hub's list.
pub type Dialect = u8;

/// Counts what the connections of each user and dialect listen to.
#[derive(Default)]
pub struct Attendance(Mutex<State>);

#[derive(Default)]
struct State {
    people: HashMap<(Id, Dialect), Spots>,
    /// Connections that listen to a room by name.
    named: HashMap<Id, u32>,
}

/// A change in who is where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// Who.
    pub user: Id,
    /// The place of the dialect in the hub's list.
    pub dialect: Dialect,
    /// Where.
    pub room: Id,
    /// Joined or left?
    pub joined: bool,
}

#[derive(Default)]
struct Spots {
    everywhere: u32,
    rooms: HashMap<Id, u32>,
    /// Where its joining was told of.
    told: HashSet<Id>,
}

impl Attendance {
    /// A connection of a user begins to listen. Tells whether the user is now where it was not before: [`Attendance::news`] knows where.
    pub fn enter(&self, user: Id, dialect: Dialect, pattern: &Pattern) -> bool {
        let mut guard = self.0.lock();
        let state = &mut *guard;
        let count = match Spot::of(pattern) {
            Spot::Elsewhere => return false,
            Spot::Everywhere => &mut state.people.entry((user, dialect)).or_default().everywhere,
            Spot::Room(room) => {
                *state.named.entry(room).or_default() += 1;
                state.people.entry((user, dialect)).or_default().rooms.entry(room).or_default()
            }
        };
        *count += 1;
        *count == 1
    }

    /// The rooms in which a user is on a dialect, of those that somebody listens to by name and that it may view; each once until it is left.
    pub fn news(&self, user: Id, dialect: Dialect, may_view: impl Fn(Id) -> bool) -> Vec<Id> {
        let mut guard = self.0.lock();
        let state = &mut *guard;
        let Some(spots) = state.people.get_mut(&(user, dialect)) else { return Vec::new() };
        let mut rooms = spots.present(&state.named);
        rooms.retain(|room| may_view(*room) && spots.told.insert(*room));
        rooms
    }

    /// What is news after rights have changed: who is told to be where it may no longer view has left, and who listened in vain to a room by
    /// name has joined it.
    pub fn review(&self, may_view: impl Fn(Id, Id) -> bool) -> Vec<Move> {
        let mut moves = Vec::new();
        for ((user, dialect), spots) in &mut self.0.lock().people {
            let mut news = |room, joined| moves.push(Move { user: *user, dialect: *dialect, room, joined });
            spots.told.retain(|room| {
                let stays = may_view(*user, *room);
                if !stays {
                    news(*room, false);
                }
                stays
            });
            for room in spots.rooms.keys().filter(|room| may_view(*user, **room)) {
                if spots.told.insert(*room) {
                    news(*room, true);
                }
            }
        }
        moves
    }

    /// A connection of a user no longer listens. Tells the rooms in which the user no longer is, and of each whether its joining was told of.
    pub fn leave(&self, user: Id, dialect: Dialect, pattern: &Pattern) -> Vec<(Id, bool)> {
        let mut guard = self.0.lock();
        let state = &mut *guard;
        let Some(spots) = state.people.get_mut(&(user, dialect)) else { return Vec::new() };
        let left = match Spot::of(pattern) {
            Spot::Elsewhere => Vec::new(),
            Spot::Everywhere => {
                spots.everywhere = spots.everywhere.saturating_sub(1);
                if spots.everywhere == 0 { spots.absent(&state.named) } else { Vec::new() }
            }
            Spot::Room(room) => {
                count_down(&mut state.named, room);
                let gone = count_down(&mut spots.rooms, room);
                if gone && spots.everywhere == 0 { vec![room] } else { Vec::new() }
            }
        };
        let left = left.into_iter().map(|room| (room, spots.told.remove(&room))).collect();
        if spots.everywhere == 0 && spots.rooms.is_empty() {
            state.people.remove(&(user, dialect));
        }
        left
    }
}

impl Spots {
    /// The rooms with listeners by name in which this is.
    fn present(&self, named: &HashMap<Id, u32>) -> Vec<Id> {
        named.keys().filter(|room| self.everywhere > 0 || self.rooms.contains_key(room)).copied().collect()
    }

    /// The rooms with listeners by name in which this is not by name itself.
    fn absent(&self, named: &HashMap<Id, u32>) -> Vec<Id> {
        named.keys().filter(|room| !self.rooms.contains_key(room)).copied().collect()
    }
}

/// Takes one off a count; tells whether that was the last.
fn count_down(counts: &mut HashMap<Id, u32>, room: Id) -> bool {
    let Some(count) = counts.get_mut(&room) else { return false };
    *count -= 1;
    let last = *count == 0;
    if last {
        counts.remove(&room);
    }
    last
}

/// The room whose document is heard at a topic.
fn room_document(topic: &Topic) -> Option<Id> {
    topic.as_str().strip_prefix("resource/room/")?.parse().ok()
}

/// What a pattern means for attendance.
enum Spot {
    Everywhere,
    Room(Id),
    Elsewhere,
}

impl Spot {
    fn of(pattern: &Pattern) -> Self {
        match pattern {
            Pattern::Exact(topic) => topic.id("room").or(room_document(topic)).map_or(Self::Elsewhere, Self::Room),
            Pattern::Prefix(path) if path.as_str() == "room/*" => Self::Everywhere,
            Pattern::Prefix(_) | Pattern::Whole(_) => Self::Elsewhere,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: Id = Id::PUBLIC;
    const ROOM: Id = Id::EVERYONE;

    fn news(attendance: &Attendance, dialect: Dialect) -> Vec<Id> {
        attendance.news(ANN, dialect, |_| true)
    }

    fn room() -> Pattern {
        Topic::room(ROOM).into()
    }

    #[test]
    fn two_connections_are_one_attendance() {
        let attendance = Attendance::default();
        assert!(attendance.enter(ANN, 0, &room()));
        assert_eq!(news(&attendance, 0), [ROOM]);
        assert!(!attendance.enter(ANN, 0, &room()));
        assert_eq!(news(&attendance, 0), [], "told already");
        assert_eq!(attendance.leave(ANN, 0, &room()), []);
        assert_eq!(attendance.leave(ANN, 0, &room()), [(ROOM, true)]);
        assert!(attendance.enter(ANN, 0, &room()));
        assert_eq!(news(&attendance, 0), [ROOM], "back again");
    }

    #[test]
    fn each_dialect_counts_for_itself() {
        let attendance = Attendance::default();
        assert!(attendance.enter(ANN, 0, &room()));
        assert!(attendance.enter(ANN, 1, &room()));
        assert_eq!((news(&attendance, 0), news(&attendance, 1)), (vec![ROOM], vec![ROOM]));
    }

    #[test]
    fn who_listens_everywhere_is_in_the_rooms_that_are_listened_to() {
        let attendance = Attendance::default();
        let everywhere = Pattern::all("room");
        assert!(attendance.enter(ANN, 0, &everywhere));
        assert_eq!(news(&attendance, 0), [], "nobody listens to any room by name");
        attendance.enter(Id::HOUSE, 1, &room());
        assert_eq!(news(&attendance, 0), [ROOM]);
        assert!(attendance.enter(ANN, 0, &room()));
        assert_eq!(news(&attendance, 0), [], "was there already");
        assert_eq!(attendance.leave(ANN, 0, &everywhere), [], "still there by name");
        assert_eq!(attendance.leave(ANN, 0, &room()), [(ROOM, true)]);
    }

    #[test]
    fn rights_that_change_move_people() {
        let attendance = Attendance::default();
        let moved = |joined| Move { user: ANN, dialect: 0, room: ROOM, joined };
        assert!(attendance.enter(ANN, 0, &room()));
        assert_eq!(attendance.news(ANN, 0, |_| false), [], "where it may not look, it is not");
        assert_eq!(attendance.review(|_, _| true), [moved(true)]);
        assert_eq!(attendance.review(|_, _| true), [], "told already");
        assert_eq!(attendance.review(|_, _| false), [moved(false)]);
        assert_eq!(attendance.leave(ANN, 0, &room()), [(ROOM, false)], "it had left before");
    }
}
