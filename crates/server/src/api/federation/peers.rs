//! Peers, through the API: other servers, what waits for them, what was given up.

use quintet_core::Error;
use quintet_core::federation::peer::Standing;
use quintet_core::federation::{Ask, Host, Told};
use quintet_core::http::{Head, Response};

use super::super::Desk;
use super::super::wire::{read, reply};
use super::astray;
use super::wire::{DeadLetterView, PeerView, Requeued, SetStanding, StandingName};

/// `GET /peers`
pub(super) async fn list(desk: &Desk<'_>) -> Result<Response, Error> {
    match desk.inquire(Ask::Peers).await? {
        Told::Peers(reports) => reply(200, &reports.iter().map(PeerView::from).collect::<Vec<_>>()),
        other => Err(astray(&other)),
    }
}

/// `GET /peers/{host}`
pub(super) async fn one(desk: &Desk<'_>, host: &str) -> Result<Response, Error> {
    let host = named(desk, host)?;
    match desk.inquire(Ask::Peers).await? {
        Told::Peers(reports) => match reports.iter().find(|report| report.peer.host == host) {
            Some(report) => reply(200, &PeerView::from(report)),
            None => Err(Error::not_found(format!("nothing is known of {host}"))),
        },
        other => Err(astray(&other)),
    }
}

/// `PUT /peers/{host}/standing`
pub(super) async fn set_standing(desk: &Desk<'_>, host: &str, body: &[u8]) -> Result<Response, Error> {
    let SetStanding { standing } = read(body)?;
    let standing = match standing {
        StandingName::Neutral => Standing::Neutral,
        StandingName::Allowed => Standing::Allowed,
        StandingName::Blocked => Standing::Blocked,
    };
    done(desk, Ask::SetStanding(named(desk, host)?, standing)).await
}

/// `POST /peers/{host}/retry`
pub(super) async fn retry(desk: &Desk<'_>, host: &str) -> Result<Response, Error> {
    match desk.inquire(Ask::Requeue(named(desk, host)?)).await? {
        Told::Requeued(requeued) => reply(200, &Requeued { requeued }),
        other => Err(astray(&other)),
    }
}

/// `DELETE /peers/{host}/keys`
pub(super) async fn forget_keys(desk: &Desk<'_>, host: &str) -> Result<Response, Error> {
    done(desk, Ask::ForgetKeys(named(desk, host)?)).await
}

/// `GET /dead-letters?host=`
pub(super) async fn dead_letters(desk: &Desk<'_>, head: &Head) -> Result<Response, Error> {
    let host = head.query_last("host").map(|host| named(desk, &host)).transpose()?;
    match desk.inquire(Ask::DeadLetters(host)).await? {
        Told::DeadLetters(letters) => reply(200, &letters.iter().map(DeadLetterView::from).collect::<Vec<_>>()),
        other => Err(astray(&other)),
    }
}

/// `POST /keys/rotate`
pub(super) async fn rotate_keys(desk: &Desk<'_>) -> Result<Response, Error> {
    done(desk, Ask::RotateKeys).await
}

async fn done(desk: &Desk<'_>, ask: Ask) -> Result<Response, Error> {
    desk.inquire(ask).await?;
    Ok(Response::empty(204))
}

fn named(desk: &Desk<'_>, host: &str) -> Result<Host, Error> {
    let federation = desk.hub.federation()?;
    let host = federation.typed_host(host)?;
    if host == *federation.host() {
        return Err(Error::bad_message(format!("{host} is this server itself")));
    }
    Ok(host)
}
