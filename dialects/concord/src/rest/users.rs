//! Users: everybody, one, oneself.

use quintet_core::http::Response;
use quintet_core::identity::Secret;
use quintet_core::user::NewLogin;
use quintet_core::{Answer, Call, Error, Id, Kind};

use crate::refusal::Refusal;
use crate::rest::asked::{Asked, ok, ok_all};
use crate::rest::asking::Asking;
use crate::wire::user::{PasswordBody, RegisterBody, ShortUser, UserObject};

/// Where an avatar is sent to: the one path whose body is no JSON.
pub(super) const AVATAR: &str = "/api/self/avatar";

/// `POST /api/users/register`: "400 name taken. Broadcasts `user_joined`."
pub(super) fn register(asking: &Asking<'_>) -> Result<Asked, Refusal> {
    let body: RegisterBody = asking.json()?;
    let call = Call::Register { login: NewLogin::Username(body.username.0), password: Secret::new(body.password.0) };
    Ok(Asked::new(call, |answer| match answer {
        Ok(Answer::User(user)) => ok(&ShortUser::from(&user)),
        Err(error) if error.kind() == Kind::Conflict => Err(Refusal::bad(error.public())),
        other => Err(Refusal::unexpected(other)),
    }))
}

/// `GET /api/users`: "array of users, unpaged".
pub(super) fn all(_: &Asking<'_>) -> Result<Asked, Refusal> {
    Ok(Asked::new(Call::Users, |answer| match answer {
        Ok(Answer::Users(users)) => ok_all::<_, UserObject<'_>>(&users),
        other => Err(Refusal::unexpected(other)),
    }))
}

/// `GET /api/users/{id}`
pub(super) fn one(_: &Asking<'_>, id: Id) -> Result<Asked, Refusal> {
    Ok(Asked::new(Call::User(id), user))
}

/// `GET /api/self`
pub(super) fn me(_: &Asking<'_>) -> Result<Asked, Refusal> {
    Ok(Asked::new(Call::Me, user))
}

/// `POST /api/self/avatar`: "user with new `avatarId`".
pub(super) fn set_avatar(asking: &Asking<'_>) -> Result<Asked, Refusal> {
    Ok(Asked::new(Call::SetAvatar(asking.image()?), user))
}

/// `POST /api/self/password`: "the old password is not asked for; existing tokens stay valid".
pub(super) fn set_password(asking: &Asking<'_>) -> Result<Asked, Refusal> {
    let body: PasswordBody = asking.json()?;
    let new = Secret::new(body.new_password.0);
    Ok(Asked::done(Call::ChangePassword { old: None, new, end_tokens: false }))
}

fn user(answer: Result<Answer, Error>) -> Result<Response, Refusal> {
    match answer {
        Ok(Answer::User(user)) => ok(&UserObject::from(&user)),
        other => Err(Refusal::unexpected(other)),
    }
}
