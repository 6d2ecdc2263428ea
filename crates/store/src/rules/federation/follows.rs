//! Follows between users here and elsewhere.

use quintet_core::error::Error;
use quintet_core::event::Body;
use quintet_core::federation::{Address, Follow, FollowState, Own, Target};
use quintet_core::id::Id;

use super::bonds::{is_federated, is_user};
use super::{Arrival, Effect, nothing};
use crate::entity::Tie;
use crate::login;
use crate::rules::Said;
use crate::tables::Tables;

/// Somebody elsewhere wants to hear a user here, or to be in a room. Asking again is told again, and changes nothing.
pub(super) fn begin<T: Tables>(
    tables: &mut T,
    arrival: &Arrival<'_>,
    target: &Target,
) -> Result<Option<Effect>, Error> {
    let Some((followee, waits)) = followee_here(tables, arrival, target)? else {
        return Ok(Some(Effect::none(false)));
    };
    let follower = arrival.actor()?;
    let former = tables.tie(follower, followee)?;
    if is_old(arrival, former.as_ref()) || is_repeated(arrival, former.as_ref()) {
        return Ok(None);
    }
    let stands = former.is_some_and(|tie| tie.follow.state == FollowState::Accepted);
    let state = if waits && !stands { FollowState::Pending } else { FollowState::Accepted };
    said(tables, arrival, Follow { follower, followee, state }).map(Some)
}

/// No longer. That is noted even where there was no follow, so that an older one that comes later does not begin it.
pub(super) fn end<T: Tables>(tables: &mut T, arrival: &Arrival<'_>, target: &Target) -> Result<Option<Effect>, Error> {
    let Some((followee, _)) = followee_here(tables, arrival, target)? else { return Ok(Some(Effect::none(false))) };
    let Some(follower) = arrival.delivery.actor else { return Ok(Some(Effect::none(true))) };
    let former = tables.tie(follower, followee)?;
    if is_old(arrival, former.as_ref()) {
        return Ok(None);
    }
    let mut effect = said(tables, arrival, Follow { follower, followee, state: FollowState::Ended })?;
    if !former.is_some_and(|tie| stands(tie.follow.state)) {
        effect.bodies.clear();
    }
    Ok(Some(effect))
}

/// Somebody elsewhere lets a user here in, or does not.
pub(super) fn settle<T: Tables>(
    tables: &mut T,
    arrival: &Arrival<'_>,
    follower: &Target,
    followee: &Target,
    accept: bool,
) -> Result<Option<Effect>, Error> {
    let Target::Own(follower) = follower else { return Ok(Some(Effect::none(false))) };
    let followee = followee_elsewhere(tables, arrival, followee)?;
    let Some(tie) = asked(tables, follower, followee)? else { return Err(nothing()) };
    if is_old(arrival, Some(&tie)) {
        return Ok(None);
    }
    let (wanted, from_accepted) = if accept { (FollowState::Accepted, false) } else { (FollowState::Rejected, true) };
    match tie.follow.state {
        FollowState::Pending => {}
        FollowState::Accepted if from_accepted => {}
        // It is so already: taken, without effect.
        state if state == wanted => return Ok(Some(Effect::none(true))),
        _ => return Err(nothing()),
    }
    said(tables, arrival, Follow { state: wanted, ..tie.follow }).map(Some)
}

/// How a follow stands, as a user here wants it.
pub(super) fn decide<T: Tables>(tables: &mut T, follow: &Follow) -> Result<Said, Error> {
    let former = tables.tie(follow.follower, follow.followee)?;
    let state = former.as_ref().map(|tie| tie.follow.state);
    let mut follow = follow.clone();
    match follow.state {
        FollowState::Pending => {
            must_be_there(tables, &follow)?;
            // Asking again does not end what stands.
            if state == Some(FollowState::Accepted) {
                follow.state = FollowState::Accepted;
            }
        }
        FollowState::Accepted if !state.is_some_and(stands) => {
            // Between users here nobody else is asked.
            if !(is_user(tables, follow.follower)? && is_user(tables, follow.followee)?) {
                return Err(Error::not_found("nobody of that name waits to be let in"));
            }
        }
        FollowState::Rejected | FollowState::Ended if !state.is_some_and(stands) => {
            return Err(Error::not_found("there is no such follow"));
        }
        FollowState::Accepted | FollowState::Rejected | FollowState::Ended => {}
    }
    let signed_at = former.map_or(i64::MIN, |tie| tie.signed_at);
    tables.put_tie(&Tie { follow: follow.clone(), signed_at })?;
    Ok(Body::Followed(follow).into())
}

fn must_be_there<T: Tables>(tables: &T, follow: &Follow) -> Result<(), Error> {
    let is_room = tables.has_room(follow.followee)?;
    if tables.account(follow.follower)?.is_none() || !is_room && tables.account(follow.followee)?.is_none() {
        return Err(Error::not_found("there is nobody to follow under that number"));
    }
    Ok(())
}

/// Writes down how a follow stands by the word of another house.
fn said<T: Tables>(tables: &mut T, arrival: &Arrival<'_>, follow: Follow) -> Result<Effect, Error> {
    tables.put_tie(&Tie { follow: follow.clone(), signed_at: arrival.signed_at() })?;
    Ok(Effect { bodies: vec![Body::Followed(follow)], ..Effect::none(true) })
}

/// Whom of ours somebody means, and whether followers wait there. `None` for who is of another house.
fn followee_here<T: Tables>(tables: &T, arrival: &Arrival<'_>, target: &Target) -> Result<Option<(Id, bool)>, Error> {
    match target {
        Target::Own(Own::User(id)) if is_user(tables, *id)? => Ok(Some((*id, arrival.delivery.manual))),
        Target::Own(Own::Room(id)) if is_federated(tables, *id)? => Ok(Some((*id, false))),
        Target::Own(_) => Err(nothing()),
        Target::Remote(_) => Ok(None),
    }
}

/// The followee as a user here: the actor itself, or a group of the sending house.
fn followee_elsewhere<T: Tables>(tables: &T, arrival: &Arrival<'_>, followee: &Target) -> Result<Id, Error> {
    let Target::Remote(Address { host, key, .. }) = followee else {
        return Err(Error::forbidden("only the followee says who follows it"));
    };
    let id = tables.claimant(&login::address_key(key))?;
    let account = id.map_or(Ok(None), |id| tables.account(id))?;
    let remote = account.and_then(|account| account.user.remote);
    let is_group = remote.as_ref().is_some_and(|remote| remote.group);
    // A house speaks for its groups, and for no user.
    let speaks = id.is_none() || is_group || arrival.actor_key() == Some(key);
    if *host != arrival.delivery.host || !speaks {
        return Err(Error::forbidden("only the followee says who follows it"));
    }
    id.ok_or_else(nothing)
}

/// The follow that is answered. Where the follower's name says nothing here, the only one that waits is meant.
fn asked<T: Tables>(tables: &T, follower: &Own, followee: Id) -> Result<Option<Tie>, Error> {
    match follower {
        Own::User(follower) => Ok(tables.tie(*follower, followee)?),
        Own::Unknown => {
            let waiting = tables.pending(followee, 2)?;
            Ok(<[Tie; 1]>::try_from(waiting).ok().map(|[tie]| tie))
        }
        _ => Ok(None),
    }
}

/// Whether the other house has said something later about this follow.
fn is_old(arrival: &Arrival<'_>, tie: Option<&Tie>) -> bool {
    tie.is_some_and(|tie| arrival.signed_at() < tie.signed_at)
}

/// Whether this may be the very follow that ended since: without a name nothing else tells it from a new one once the house started again.
fn is_repeated(arrival: &Arrival<'_>, tie: Option<&Tie>) -> bool {
    arrival.incoming.name.is_none()
        && tie.is_some_and(|tie| !stands(tie.follow.state) && arrival.signed_at() == tie.signed_at)
}

fn stands(state: FollowState) -> bool {
    matches!(state, FollowState::Pending | FollowState::Accepted)
}
