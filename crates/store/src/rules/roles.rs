//! Rules for roles and sets of rights.

use quintet_core::change::RightsChange;
use quintet_core::error::Error;
use quintet_core::event::Body;
use quintet_core::id::Id;
use quintet_core::limits::Limits;
use quintet_core::right::{Grant, Holder, Role, Scope};

use super::{Said, no_room, no_user};
use crate::tables::Tables;

pub(super) fn create<T: Tables>(tables: &mut T, name: &str, ordinality: i32, limits: &Limits) -> Result<Said, Error> {
    if tables.is_role_name(name)? {
        return Err(Error::conflict("a role of this name exists; choose another name"));
    }
    if tables.role_count()? >= limits.roles {
        return Err(Error::too_many(format!("there are {} roles, no more fit; delete one first", limits.roles)));
    }
    let role = Role { id: tables.next_id(), name: name.to_owned(), ordinality };
    tables.add_role(&role)?;
    Ok(said(RightsChange::RoleCreated(role)))
}

pub(super) fn delete<T: Tables>(tables: &mut T, role: Id) -> Result<Said, Error> {
    check_named(tables, role)?;
    tables.remove_role(role)?;
    Ok(said(RightsChange::RoleDeleted(role)))
}

pub(super) fn assign<T: Tables>(tables: &mut T, role: Id, user: Id, member: bool) -> Result<Said, Error> {
    check_named(tables, role)?;
    check_user(tables, user)?;
    tables.assign(role, user, member)?;
    Ok(said(RightsChange::RoleAssigned { role, user, member }))
}

pub(super) fn set_grant<T: Tables>(tables: &mut T, grant: &Grant) -> Result<Said, Error> {
    if let Scope::Room(room) = grant.scope
        && !tables.has_room(room)?
    {
        return Err(no_room(room));
    }
    match grant.holder {
        Holder::User(user) => check_user(tables, user)?,
        Holder::Role(Id::EVERYONE) => {}
        Holder::Role(role) => check_role(tables, role)?,
    }
    tables.put_grant(grant)?;
    Ok(said(RightsChange::Granted(grant.clone())))
}

/// A role that can be deleted or given: any but everyone's.
fn check_named<T: Tables>(tables: &T, role: Id) -> Result<(), Error> {
    if role == Id::EVERYONE {
        return Err(Error::conflict("every user has this role; it can be neither given, taken nor deleted"));
    }
    check_role(tables, role)
}

fn check_role<T: Tables>(tables: &T, role: Id) -> Result<(), Error> {
    if tables.has_role(role)? { Ok(()) } else { Err(Error::not_found(format!("no role {role}"))) }
}

fn check_user<T: Tables>(tables: &T, user: Id) -> Result<(), Error> {
    if tables.account(user)?.is_some() { Ok(()) } else { Err(no_user(user)) }
}

fn said(change: RightsChange) -> Said {
    Body::RightsChanged(change).into()
}
