//! Rules for the founding, users and accounts.

use quintet_core::change::{Founding, RightsChange};
use quintet_core::error::Error;
use quintet_core::event::Body;
use quintet_core::id::Id;
use quintet_core::identity::Author;
use quintet_core::image::Image;
use quintet_core::limits::Limits;
use quintet_core::right::{Grant, Holder, Rights, Scope};
use quintet_core::room::ServerRecord;
use quintet_core::time::Timestamp;
use quintet_core::user::{Account, NewAccount, NewLogin, Status, User};
use quintet_core::{AgentKey, Draft};

use super::{Said, add_image, no_user, rooms};
use crate::login;
use crate::tables::{Kept, Tables};

/// The names that a new account may have: they are free.
struct Names {
    username: String,
    email: Option<String>,
}

pub(super) fn found<T: Tables>(tables: &mut T, draft: &Draft, new: &Founding, limits: &Limits) -> Result<Said, Error> {
    if tables.server()?.is_some() {
        return Err(Error::conflict("this house was founded before"));
    }
    let names = free_names(tables, &new.admin.login)?;
    check_agent(tables, &new.admin.agent)?;
    let plan = rooms::plan(tables, &new.room, limits)?;

    let admin = enroll(tables, &new.admin, names, draft.at)?;
    let grant = Grant { scope: Scope::Server, holder: Holder::User(admin.id), rights: Rights::admin() };
    tables.put_grant(&grant)?;
    let (room, moved) = rooms::build(tables, plan, admin.id, draft.at)?;
    let server = ServerRecord {
        name: new.name.clone(),
        description: new.description.clone(),
        icon: Some(add_image(tables, &new.icon)?),
        default_room: Some(room.id),
    };
    tables.put_server(&server)?;

    let author = author_of(&admin);
    let mut bodies =
        vec![Body::UserJoined(admin), Body::RightsChanged(RightsChange::Granted(grant)), Body::RoomCreated(room)];
    bodies.extend(moved.into_iter().map(Body::RoomChanged));
    Ok(Said { author: Some(author), ..bodies.into() })
}

pub(super) fn register<T: Tables>(tables: &mut T, draft: &Draft, new: &NewAccount) -> Result<Said, Error> {
    let names = free_names(tables, &new.login)?;
    check_agent(tables, &new.agent)?;
    let user = enroll(tables, new, names, draft.at)?;
    Ok(Said { author: Some(author_of(&user)), ..Body::UserJoined(user).into() })
}

/// Changes an account, and says how its user is now.
pub(super) fn change<T: Tables>(tables: &mut T, user: Id, alter: impl FnOnce(&mut Account)) -> Result<Said, Error> {
    let mut account = tables.account(user)?.ok_or_else(|| no_user(user))?;
    alter(&mut account);
    tables.put_account(&account)?;
    Ok(Body::UserChanged { user: account.user, token_generation: account.token_generation }.into())
}

/// Replaces the avatar; the one before is forgotten, so that a user keeps one image at the most.
pub(super) fn set_avatar<T: Tables>(tables: &mut T, user: Id, image: &Image) -> Result<Said, Error> {
    let account = tables.account(user)?.ok_or_else(|| no_user(user))?;
    if let Some(former) = account.user.avatar {
        tables.remove_image(former)?;
    }
    let avatar = add_image(tables, image)?;
    change(tables, user, |account| account.user.avatar = Some(avatar))
}

/// One key is one user, or nobody could tell whose a commit is.
pub(super) fn check_agent<T: Tables>(tables: &T, agent: &AgentKey) -> Result<(), Error> {
    if tables.is_claimed(&login::agent_key(agent))? {
        return Err(Error::conflict("this agent key is another user's; use a fresh one"));
    }
    Ok(())
}

fn free_names<T: Tables>(tables: &T, wanted: &NewLogin) -> Result<Names, Error> {
    match wanted {
        NewLogin::Username(username) => {
            if username.contains('@') {
                return Err(Error::bad_message("usernames with an @ are those of other servers; choose one without"));
            }
            if !is_free(tables, username)? {
                return Err(Error::conflict("this username is taken; choose another"));
            }
            Ok(Names { username: username.clone(), email: None })
        }
        NewLogin::Email(email) => {
            if !is_free(tables, email)? {
                return Err(Error::conflict("this e-mail is registered already; log in with it"));
            }
            let username = login::free_name(&login::local_part(email), |name| is_free(tables, name))?;
            Ok(Names { username, email: Some(email.clone()) })
        }
        NewLogin::Agent(name) => {
            let username = login::free_name(&login::without_at(name), |name| is_free(tables, name))?;
            Ok(Names { username, email: None })
        }
    }
}

fn is_free<T: Tables>(tables: &T, wanted: &str) -> Kept<bool> {
    for key in login::contested(wanted) {
        if tables.is_claimed(&key)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn enroll<T: Tables>(tables: &mut T, new: &NewAccount, names: Names, at: Timestamp) -> Kept<User> {
    let mut keys = login::claims(&names.username, names.email.as_deref());
    keys.push(login::agent_key(&new.agent));
    let user = User {
        id: tables.next_id(),
        nickname: names.username.clone(),
        username: names.username,
        bio: None,
        avatar: None,
        created_at: at,
        disabled: false,
        agent: new.agent,
        remote: None,
        status: Status::Offline,
    };
    let account = Account { user, email: names.email, password: new.password.clone(), token_generation: 0 };
    tables.add_account(&account, new.agent_secret.as_ref(), &keys)?;
    Ok(account.user)
}

pub(super) fn author_of(user: &User) -> Author {
    Author { id: user.id, name: user.username.as_str().into() }
}
