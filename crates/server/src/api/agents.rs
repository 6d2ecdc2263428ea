//! Agents, through the API: who may write to the root drive, and where that is.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use quintet_core::http::Response;
use quintet_core::right::Holder;
use quintet_core::{AgentKey, Answer, Call, Error, Id, Kind, User};

use super::wire::{AgentView, RootAgent, ServerView, read, reply};
use super::{Desk, unexpected, users};

/// `GET /server`
pub(super) fn server(desk: &Desk<'_>) -> Result<Response, Error> {
    reply(200, &ServerView { origin: &desk.hub.origin().0 })
}

/// `POST /agents/root`
pub(super) async fn root(desk: &Desk<'_>, body: &[u8]) -> Result<Response, Error> {
    let RootAgent { username } = read(body)?;
    let admins = admins(desk).await?;
    match username {
        Some(username) => match admins.iter().find(|admin| admin.username == username) {
            Some(admin) => reveal(desk, admin).await,
            None => Err(stranger(desk, &username).await?),
        },
        None => first(desk, &admins).await,
    }
}

/// The first admin whose key the server holds: one who brought a key of its own has it already.
async fn first(desk: &Desk<'_>, admins: &[User]) -> Result<Response, Error> {
    for admin in admins.iter().filter(|admin| !admin.disabled) {
        match reveal(desk, admin).await {
            Err(error) if error.kind() == Kind::NotFound => {}
            other => return other,
        }
    }
    Err(Error::not_found("the server holds the agent key of no admin; add one, or use the key that an admin has"))
}

async fn reveal(desk: &Desk<'_>, admin: &User) -> Result<Response, Error> {
    if admin.disabled {
        return Err(Error::forbidden(format!("the account of \"{}\" is disabled", admin.username)));
    }
    match desk.ask(Call::AgentSecret(admin.username.clone())).await? {
        Answer::AgentSecret { secret, subject } => {
            let key = AgentKey::of_path(subject.path())
                .ok_or_else(|| Error::internal(format!("{subject} is no agent of this house")))?;
            let (public_key, private_key) = (key.base64(), STANDARD.encode(secret.0));
            reply(200, &AgentView { username: &admin.username, subject: subject.as_str(), public_key, private_key })
        }
        other => Err(unexpected(&other)),
    }
}

/// Why somebody who is no admin has no agent to be told.
async fn stranger(desk: &Desk<'_>, username: &str) -> Result<Error, Error> {
    users::find(desk, username).await?;
    Ok(Error::forbidden(format!("\"{username}\" is no admin, so its agent may not write to the root drive")))
}

/// Whoever may do everything, in the order in which they came.
async fn admins(desk: &Desk<'_>) -> Result<Vec<User>, Error> {
    let granted = match desk.ask(Call::Grants(quintet_core::right::Scope::Server)).await? {
        Answer::Grants(grants) => grants,
        other => return Err(unexpected(&other)),
    };
    let roles = match desk.ask(Call::Roles).await? {
        Answer::Roles(roles) => roles,
        other => return Err(unexpected(&other)),
    };
    let is_given = |holder| granted.iter().any(|grant| grant.holder == holder && grant.rights.admin);
    let by_role = |user: &Id| {
        let mut admin = roles.iter().filter(|entry| entry.rights.admin);
        admin.any(|entry| entry.role.id == Id::EVERYONE || entry.members.contains(user))
    };
    let mut users = users::all(desk).await?;
    users.retain(|user| is_given(Holder::User(user.id)) || by_role(&user.id));
    users.sort_by_key(|user| user.id);
    Ok(users)
}
