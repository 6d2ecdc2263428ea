//! Attendance: which users are in which rooms, on which dialect, by what their connections listen to.
//!
//! A connection that listens to `room/<id>`, or to `resource/room/<id>`, is in that room; one that listens to `room/*`, or to whatever hears as much, is in every room that its user may view. Joining and leaving
//! is news only in rooms that somebody listens to by name: listeners to `room/*` have no word for it that could not be read from the user's status.
//! It is news only of users who are online ([`super::online`]): who came a moment ago is announced with its status, who left as quickly not at all.

use std::collections::{BTreeMap, HashMap};

use parking_lot::Mutex;
use quintet_core::{Id, Pattern, Timestamp};

use super::spots::{Spot, Spots, Stay};

/// The place of a dialect in the hub's list.
pub type Dialect = u8;

/// Counts what the connections of each user and dialect listen to.
#[derive(Default)]
pub struct Attendance(Mutex<State>);

#[derive(Default)]
struct State {
    people: BTreeMap<(Id, Dialect), Spots>,
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

/// A user who is in a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attendant {
    /// Who.
    pub user: Id,
    /// On which dialects.
    pub dialects: Vec<Dialect>,
    /// Since when on any of them, without a gap.
    pub since: Timestamp,
}

impl Attendance {
    /// A connection of a user begins to listen. Tells whether the user is now where it was not before: [`Attendance::news`] knows where.
    pub fn enter(&self, user: Id, dialect: Dialect, pattern: &Pattern, now: Timestamp) -> bool {
        let mut guard = self.0.lock();
        let state = &mut *guard;
        let begun = || Stay { count: 0, since: now };
        let stay = match Spot::of(pattern) {
            Spot::Elsewhere => return false,
            Spot::Everywhere => state.people.entry((user, dialect)).or_default().everywhere.get_or_insert_with(begun),
            Spot::Room(room) => {
                *state.named.entry(room).or_default() += 1;
                state.people.entry((user, dialect)).or_default().rooms.entry(room).or_insert_with(begun)
            }
        };
        stay.count += 1;
        stay.count == 1
    }

    /// Who is in a room by what it listens to, by number; whether it may view the room is for others to say.
    pub fn present(&self, room: Id) -> Vec<Attendant> {
        let mut present: Vec<Attendant> = Vec::new();
        for ((user, dialect), spots) in &self.0.lock().people {
            let Some(since) = spots.since(room) else { continue };
            match present.last_mut().filter(|last| last.user == *user) {
                Some(last) => {
                    last.dialects.push(*dialect);
                    last.since = last.since.min(since);
                }
                None => present.push(Attendant { user: *user, dialects: vec![*dialect], since }),
            }
        }
        present
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
            Spot::Everywhere => match spots.leave_everywhere() {
                Some(past) => {
                    let absent = spots.absent(&state.named);
                    spots_of(&mut state.people, user).for_each(|spots| spots.go_on(&past));
                    absent
                }
                None => Vec::new(),
            },
            Spot::Room(room) => {
                count_down(&mut state.named, room);
                match spots.leave_room(room) {
                    Some(since) => {
                        let absent = spots.everywhere.is_none();
                        spots_of(&mut state.people, user).for_each(|spots| spots.go_on_in(room, since));
                        if absent { vec![room] } else { Vec::new() }
                    }
                    None => Vec::new(),
                }
            }
        };
        let Some(spots) = state.people.get_mut(&(user, dialect)) else { return Vec::new() };
        let left = left.into_iter().map(|room| (room, spots.told.remove(&room))).collect();
        if spots.everywhere.is_none() && spots.rooms.is_empty() {
            state.people.remove(&(user, dialect));
        }
        left
    }
}

/// Where a user is, dialect by dialect.
fn spots_of(people: &mut BTreeMap<(Id, Dialect), Spots>, user: Id) -> impl Iterator<Item = &mut Spots> {
    people.range_mut((user, Dialect::MIN)..=(user, Dialect::MAX)).map(|(_, spots)| spots)
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

#[cfg(test)]
mod tests {
    use quintet_core::Topic;

    use super::*;

    const ANN: Id = Id::PUBLIC;
    const ROOM: Id = Id::EVERYONE;
    const NOW: Timestamp = Timestamp::from_millis(0);

    fn news(attendance: &Attendance, dialect: Dialect) -> Vec<Id> {
        attendance.news(ANN, dialect, |_| true)
    }

    fn room() -> Pattern {
        Topic::room(ROOM).into()
    }

    #[test]
    fn two_connections_are_one_attendance() {
        let attendance = Attendance::default();
        assert!(attendance.enter(ANN, 0, &room(), NOW));
        assert_eq!(news(&attendance, 0), [ROOM]);
        assert!(!attendance.enter(ANN, 0, &room(), NOW));
        assert_eq!(news(&attendance, 0), [], "told already");
        assert_eq!(attendance.leave(ANN, 0, &room()), []);
        assert_eq!(attendance.leave(ANN, 0, &room()), [(ROOM, true)]);
        assert!(attendance.enter(ANN, 0, &room(), NOW));
        assert_eq!(news(&attendance, 0), [ROOM], "back again");
    }

    #[test]
    fn each_dialect_counts_for_itself() {
        let attendance = Attendance::default();
        assert!(attendance.enter(ANN, 0, &room(), NOW));
        assert!(attendance.enter(ANN, 1, &room(), NOW));
        assert_eq!((news(&attendance, 0), news(&attendance, 1)), (vec![ROOM], vec![ROOM]));
    }

    #[test]
    fn who_listens_everywhere_is_in_the_rooms_that_are_listened_to() {
        let attendance = Attendance::default();
        let everywhere = Pattern::all("room");
        assert!(attendance.enter(ANN, 0, &everywhere, NOW));
        assert_eq!(news(&attendance, 0), [], "nobody listens to any room by name");
        attendance.enter(Id::HOUSE, 1, &room(), NOW);
        assert_eq!(news(&attendance, 0), [ROOM]);
        assert!(attendance.enter(ANN, 0, &room(), NOW));
        assert_eq!(news(&attendance, 0), [], "was there already");
        assert_eq!(attendance.leave(ANN, 0, &everywhere), [], "still there by name");
        assert_eq!(attendance.leave(ANN, 0, &room()), [(ROOM, true)]);
    }

    #[test]
    fn rights_that_change_move_people() {
        let attendance = Attendance::default();
        let moved = |joined| Move { user: ANN, dialect: 0, room: ROOM, joined };
        assert!(attendance.enter(ANN, 0, &room(), NOW));
        assert_eq!(attendance.news(ANN, 0, |_| false), [], "where it may not look, it is not");
        assert_eq!(attendance.review(|_, _| true), [moved(true)]);
        assert_eq!(attendance.review(|_, _| true), [], "told already");
        assert_eq!(attendance.review(|_, _| false), [moved(false)]);
        assert_eq!(attendance.leave(ANN, 0, &room()), [(ROOM, false)], "it had left before");
    }

    #[test]
    fn wide_patterns_are_rooms_too() {
        let table = [
            ("room/2", false, [true, false]),
            ("*/2", true, [true, false]),
            ("resource/room/2", false, [true, false]),
            ("room/*", false, [true, true]),
            ("room/*", true, [true, true]),
            ("room", false, [true, true]),
            ("*", false, [true, true]),
            ("*/*", true, [true, true]),
            ("*", true, [false, false]),
            ("room/2/x", false, [false, false]),
            ("room/x", false, [false, false]),
            ("user/*", false, [false, false]),
            ("resource", false, [false, false]),
        ];
        for (path, whole, expected) in table {
            let attendance = Attendance::default();
            let pattern = Pattern::of_path(path, whole);
            attendance.enter(ANN, 0, &pattern, NOW);
            let present = [ROOM, ANN].map(|room| !attendance.present(room).is_empty());
            assert_eq!(present, expected, "{pattern:?}");
            attendance.leave(ANN, 0, &pattern);
            assert!(attendance.0.lock().people.is_empty() && attendance.0.lock().named.is_empty(), "{pattern:?}");
        }
    }

    /// Who is in the room since when, as the dialects come and go.
    #[test]
    fn who_stays_on_any_dialect_has_been_there_without_a_gap() {
        let attendance = Attendance::default();
        let (named, everywhere) = (room(), Pattern::all("room"));
        let at = Timestamp::from_millis;
        let present = || {
            attendance.present(ROOM).into_iter().map(|at| (at.dialects, at.since.millis())).next().unwrap_or_default()
        };
        let steps = [
            (true, 0, &named, (vec![0], 1)),
            (true, 1, &everywhere, (vec![0, 1], 1)),
            (true, 2, &named, (vec![0, 1, 2], 1)),
            (false, 0, &named, (vec![1, 2], 1)),
            (false, 2, &named, (vec![1], 1)),
            (true, 0, &everywhere, (vec![0, 1], 1)),
            (false, 1, &everywhere, (vec![0], 1)),
            (true, 0, &named, (vec![0], 1)),
            (false, 0, &everywhere, (vec![0], 1)),
            (false, 0, &named, (vec![], 0)),
            (true, 1, &everywhere, (vec![1], 11)),
            (true, 0, &named, (vec![0, 1], 11)),
            (false, 0, &named, (vec![1], 11)),
            (false, 1, &everywhere, (vec![], 0)),
            (true, 2, &everywhere, (vec![2], 15)),
            (true, 0, &named, (vec![0, 2], 15)),
            (true, 1, &everywhere, (vec![0, 1, 2], 15)),
            (false, 0, &named, (vec![1, 2], 15)),
            (false, 2, &everywhere, (vec![1], 15)),
        ];
        for (now, (enters, dialect, pattern, expected)) in (1..).zip(steps) {
            if enters {
                attendance.enter(ANN, dialect, pattern, at(now));
            } else {
                attendance.leave(ANN, dialect, pattern);
            }
            assert_eq!(present(), expected, "at {now}");
        }
        let people = &attendance.0.lock().people;
        assert_eq!(people[&(ANN, 1)].earlier.len(), 1, "what began after it came everywhere is not kept");
    }
}
