//! Rules for the tree of rooms.

use quintet_core::error::Error;
use quintet_core::event::Body;
use quintet_core::federation::FollowState;
use quintet_core::id::Id;
use quintet_core::limits::Limits;
use quintet_core::room::{NewRoom, Room, RoomEdit};
use quintet_core::{Draft, Timestamp};

use super::{Said, no_room};
use crate::entity::Tie;
use crate::tables::{Kept, Tables};

/// A room that may be made, and the siblings that move for it.
pub(super) struct Plan<'a> {
    new: &'a NewRoom,
    ordinality: i32,
    moved: Vec<Room>,
}

pub(super) fn create<T: Tables>(tables: &mut T, draft: &Draft, new: &NewRoom, limits: &Limits) -> Result<Said, Error> {
    let plan = plan(tables, new, limits)?;
    let (room, moved) = build(tables, plan, draft.author.id, draft.at)?;
    let mut bodies = vec![Body::RoomCreated(room)];
    bodies.extend(moved.into_iter().map(Body::RoomChanged));
    Ok(bodies.into())
}

/// Checks a new room and finds its place, writing nothing.
pub(super) fn plan<'a, T: Tables>(tables: &T, new: &'a NewRoom, limits: &Limits) -> Result<Plan<'a>, Error> {
    if tables.room_count()? >= limits.rooms {
        return Err(Error::too_many(format!("there are {} rooms, no more fit; delete one first", limits.rooms)));
    }
    if depth_below(tables, new.parent)? > limits.room_depth {
        return Err(Error::bad_message(format!(
            "rooms stand at most {} deep in each other; choose a parent nearer to the top",
            limits.room_depth
        )));
    }
    let (ordinality, moved) = line_up(tables.rooms_in(new.parent)?, new);
    Ok(Plan { new, ordinality, moved })
}

/// Makes a planned room; gives it back, and the siblings that moved.
pub(super) fn build<T: Tables>(
    tables: &mut T,
    plan: Plan<'_>,
    created_by: Id,
    created_at: Timestamp,
) -> Kept<(Room, Vec<Room>)> {
    let room = Room {
        id: tables.next_id(),
        parent: plan.new.parent,
        ordinality: plan.ordinality,
        name: plan.new.name.clone(),
        description: plan.new.description.clone(),
        capabilities: plan.new.capabilities.clone(),
        created_at,
        created_by,
        federated: false,
    };
    tables.put_room(&room)?;
    for sibling in &plan.moved {
        tables.put_room(sibling)?;
    }
    Ok((room, plan.moved))
}

pub(super) fn change<T: Tables>(tables: &mut T, id: Id, edit: &RoomEdit) -> Result<Said, Error> {
    let mut room = tables.room(id)?.ok_or_else(|| no_room(id))?;
    if let Some(name) = &edit.name {
        room.name.clone_from(name);
    }
    if let Some(description) = &edit.description {
        room.description.clone_from(description);
    }
    let closes = room.federated && edit.federated == Some(false);
    if let Some(federated) = edit.federated {
        room.federated = federated;
    }
    tables.put_room(&room)?;
    let mut bodies = vec![Body::RoomChanged(room)];
    if closes {
        bodies.extend(turn_away(tables, id)?);
    }
    Ok(bodies.into())
}

pub(super) fn delete<T: Tables>(tables: &mut T, id: Id) -> Result<Said, Error> {
    if !tables.has_room(id)? {
        return Err(no_room(id));
    }
    let doomed = deepest_first(tables, id)?;
    let mut away = Vec::new();
    for room in &doomed {
        away.extend(turn_away(tables, *room)?);
        tables.remove_room(*room)?;
    }
    forget_default_room(tables, &doomed)?;
    let gone = doomed.into_iter().map(|room| Body::RoomDeleted { room });
    Ok(gone.chain(away).collect::<Vec<_>>().into())
}

/// Whoever is in a room or wants to be is turned away, so that their houses hear that nothing more comes from it.
fn turn_away<T: Tables>(tables: &mut T, room: Id) -> Kept<Vec<Body>> {
    let mut bodies = Vec::new();
    for Tie { mut follow, signed_at } in tables.followers_of(room)? {
        follow.state = FollowState::Rejected;
        tables.put_tie(&Tie { follow: follow.clone(), signed_at })?;
        bodies.push(Body::Followed(follow));
    }
    Ok(bodies)
}

fn forget_default_room<T: Tables>(tables: &mut T, doomed: &[Id]) -> Kept<()> {
    if let Some(mut server) = tables.server()?
        && server.default_room.is_some_and(|room| doomed.contains(&room))
    {
        server.default_room = None;
        tables.put_server(&server)?;
    }
    Ok(())
}

/// A room and its descendants; none before its own.
fn deepest_first<T: Tables>(tables: &T, root: Id) -> Kept<Vec<Id>> {
    let mut rooms = vec![root];
    let mut next = 0;
    while let Some(room) = rooms.get(next).copied() {
        rooms.extend(tables.rooms_in(Some(room))?.iter().map(|child| child.id));
        next += 1;
    }
    rooms.reverse();
    Ok(rooms)
}

/// How deep a child of `parent` stands; 1 is the top.
fn depth_below<T: Tables>(tables: &T, parent: Option<Id>) -> Result<u64, Error> {
    let mut depth = 1;
    let mut above = parent;
    while let Some(id) = above {
        above = tables.room(id)?.ok_or_else(|| no_room(id))?.parent;
        depth += 1;
    }
    Ok(depth)
}

/// Numbers siblings and a new room from 0, by the place they have or ask for, then by name.
///
/// Gives the new room's place, and the siblings whose place changed.
fn line_up(siblings: Vec<Room>, new: &NewRoom) -> (i32, Vec<Room>) {
    let mut line: Vec<Option<Room>> = siblings.into_iter().map(Some).collect();
    line.push(None);
    line.sort_by(|one, other| place(one.as_ref(), new).cmp(&place(other.as_ref(), new)));
    let mut own = 0;
    let mut moved = Vec::new();
    for (ordinality, slot) in (0_i32..).zip(line) {
        match slot {
            None => own = ordinality,
            Some(room) if room.ordinality == ordinality => {}
            Some(room) => moved.push(Room { ordinality, ..room }),
        }
    }
    (own, moved)
}

/// What a room, or the new one where there is none, is sorted by. A new room without a wish comes last.
fn place<'a>(room: Option<&'a Room>, new: &'a NewRoom) -> (bool, i32, &'a str, Option<Id>) {
    match room {
        Some(room) => (false, room.ordinality, &room.name, Some(room.id)),
        None => (new.ordinality.is_none(), new.ordinality.unwrap_or_default(), &new.name, None),
    }
}
