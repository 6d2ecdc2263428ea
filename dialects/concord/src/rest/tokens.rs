//! Tokens: logging in.

use quintet_core::http::Response;
use quintet_core::identity::Secret;
use quintet_core::{Answer, Call, Error, Kind};

use crate::refusal::Refusal;
use crate::rest::asked::{Asked, ok};
use crate::rest::asking::Asking;
use crate::wire::token::{LogInBody, TokenObject};

/// `POST /api/tokens`: "400 for unknown user, wrong password or unusable body (not 401)".
pub(super) fn log_in(asking: &Asking<'_>) -> Result<Asked, Refusal> {
    let body: LogInBody = asking.json()?;
    let call = Call::LogIn { login: body.username, password: Secret::new(body.password) };
    Ok(Asked::new(call, |answer| match answer {
        Err(error) if error.kind() == Kind::Unauthenticated => Err(Refusal::bad(error.public())),
        other => token(other),
    }))
}

/// `GET /api/tokens/recycle`: "`{token}`, fresh expiry; the old one stays valid".
pub(super) fn renew(_: &Asking<'_>) -> Result<Asked, Refusal> {
    Ok(Asked::new(Call::RenewToken, token))
}

fn token(answer: Result<Answer, Error>) -> Result<Response, Refusal> {
    match answer {
        Ok(Answer::SignedIn(signed_in)) => ok(&TokenObject { token: signed_in.token.expose() }),
        other => Err(Refusal::unexpected(other)),
    }
}
