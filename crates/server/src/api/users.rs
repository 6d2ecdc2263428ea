//! Users, through the API.

use quintet_core::http::Response;
use quintet_core::identity::Secret;
use quintet_core::user::NewLogin;
use quintet_core::{Answer, Call, Error, Id, User};

use super::wire::{AddUser, SetDisabled, SetPassword, UserView, read, reply};
use super::{Desk, unexpected};

/// `GET /users`
pub(super) async fn list(desk: &Desk<'_>) -> Result<Response, Error> {
    let users = all(desk).await?;
    reply(200, &users.iter().map(UserView::from).collect::<Vec<_>>())
}

/// `POST /users`
pub(super) async fn add(desk: &Desk<'_>, body: &[u8]) -> Result<Response, Error> {
    let asked: AddUser = read(body)?;
    let login = match (asked.username, asked.email) {
        (Some(username), None) => NewLogin::Username(username),
        (None, Some(email)) => NewLogin::Email(email),
        _ => return Err(Error::bad_message("give a username or an email, not both")),
    };
    let user = register(desk, login, Secret::new(asked.password)).await?;
    reply(201, &UserView::from(&user))
}

/// Makes a user.
pub(super) async fn register(desk: &Desk<'_>, login: NewLogin, password: Secret) -> Result<User, Error> {
    match desk.ask(Call::Register { login, password }).await? {
        Answer::User(user) => Ok(user),
        other => Err(unexpected(&other)),
    }
}

/// `PUT /users/{username}/password`
pub(super) async fn set_password(desk: &Desk<'_>, username: &str, body: &[u8]) -> Result<Response, Error> {
    let asked: SetPassword = read(body)?;
    let user = find(desk, username).await?;
    desk.ask(Call::SetPassword { user, password: Secret::new(asked.password) }).await?;
    Ok(Response::empty(204))
}

/// `PUT /users/{username}/disabled`
pub(super) async fn set_disabled(desk: &Desk<'_>, username: &str, body: &[u8]) -> Result<Response, Error> {
    let asked: SetDisabled = read(body)?;
    let user = find(desk, username).await?;
    desk.ask(Call::SetDisabled { user, disabled: asked.disabled }).await?;
    Ok(Response::empty(204))
}

/// Everybody.
pub(super) async fn all(desk: &Desk<'_>) -> Result<Vec<User>, Error> {
    match desk.ask(Call::Users).await? {
        Answer::Users(users) => Ok(users),
        other => Err(unexpected(&other)),
    }
}

/// The number of a user.
pub(super) async fn find(desk: &Desk<'_>, username: &str) -> Result<Id, Error> {
    let users = all(desk).await?;
    let user = users.iter().find(|user| user.username == username);
    user.map(|user| user.id).ok_or_else(|| Error::not_found(format!("there is no user \"{username}\"")))
}
