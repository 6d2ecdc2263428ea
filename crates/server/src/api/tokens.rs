//! Tokens, through the API.

use std::fmt::Write as _;
use std::time::Duration;

use quintet_core::http::Response;
use quintet_core::identity::Secret;
use quintet_core::user::{NewLogin, SignedIn};
use quintet_core::{Answer, Call, Error, Kind};

use super::wire::{IssueToken, TokenView, UserView, read, reply};
use super::{Desk, unexpected, users};

/// `POST /tokens`
pub(super) async fn issue(desk: &Desk<'_>, body: &[u8]) -> Result<Response, Error> {
    let asked: IssueToken = read(body)?;
    let call = Call::IssueToken { username: asked.username.clone(), ttl: asked.ttl_seconds.map(Duration::from_secs) };
    let signed = match sign(desk, call.clone()).await {
        Err(error) if error.kind() == Kind::NotFound && asked.create => {
            create(desk, asked.username).await?;
            sign(desk, call).await?
        }
        other => other?,
    };
    let (token, expires_at) = (signed.token.expose(), signed.expires_at.millis());
    reply(200, &TokenView { token, expires_at, user: UserView::from(&signed.user) })
}

async fn sign(desk: &Desk<'_>, call: Call) -> Result<SignedIn, Error> {
    match desk.ask(call).await? {
        Answer::SignedIn(signed) => Ok(*signed),
        other => Err(unexpected(&other)),
    }
}

/// Makes a user with a password that nobody knows.
async fn create(desk: &Desk<'_>, username: String) -> Result<(), Error> {
    match users::register(desk, NewLogin::Username(username), made_up()?).await {
        // Somebody else was faster; it is there.
        Err(error) if error.kind() == Kind::Conflict => Ok(()),
        other => other.map(|_| ()),
    }
}

fn made_up() -> Result<Secret, Error> {
    let mut bytes = [0_u8; 24];
    getrandom::fill(&mut bytes).map_err(Error::internal)?;
    let mut text = String::with_capacity(48);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    Ok(Secret::new(text))
}
