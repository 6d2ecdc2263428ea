//! Peers, through the API: other servers, what waits for them, what was given up.

use quintet_core::federation::peer::{DeadLetter, PeerReport, Standing};
use quintet_core::federation::{Ask, Host, Told};
use quintet_core::http::{Head, Response};
use quintet_core::{Error, Timestamp};
use serde::{Deserialize, Serialize};

use super::super::Desk;
use super::super::wire::{read, reply};
use super::astray;

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

/// `PUT /peers/{host}/standing`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetStanding {
    standing: StandingName,
}

/// Whether a peer is listened and spoken to.
#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum StandingName {
    Neutral,
    Allowed,
    Blocked,
}

/// What became of a retry.
#[derive(Serialize)]
struct Requeued {
    requeued: u64,
}

/// A peer.
#[derive(Serialize)]
struct PeerView<'a> {
    host: &'a str,
    standing: StandingName,
    state: &'static str,
    sockets: u64,
    waiting: u64,
    oldest: Option<i64>,
    dead_letters: u64,
    last_error: Option<ErrorView<'a>>,
    next_try: Option<i64>,
    key: Option<KeyView<'a>>,
    software: Option<&'a str>,
    heard_at: Option<i64>,
    reached_at: Option<i64>,
    dead_since: Option<i64>,
}

/// What went wrong last.
#[derive(Serialize)]
struct ErrorView<'a> {
    message: &'a str,
    at: i64,
}

/// A key, and when it was fetched.
#[derive(Serialize)]
struct KeyView<'a> {
    public_key: &'a str,
    fetched_at: i64,
}

impl<'a> From<&'a PeerReport> for PeerView<'a> {
    fn from(report: &'a PeerReport) -> Self {
        let peer = &report.peer;
        let millis = |at: Option<Timestamp>| at.map(Timestamp::millis);
        Self {
            host: peer.host.as_str(),
            standing: match peer.standing {
                Standing::Neutral => StandingName::Neutral,
                Standing::Allowed => StandingName::Allowed,
                Standing::Blocked => StandingName::Blocked,
            },
            state: state(report),
            sockets: report.sockets,
            waiting: report.waiting,
            oldest: millis(report.oldest),
            dead_letters: report.dead_letters,
            last_error: peer.last_error.as_ref().map(|(at, message)| ErrorView { message, at: at.millis() }),
            next_try: millis(report.next_try),
            key: report.key.as_ref().map(|(key, at)| KeyView { public_key: key, fetched_at: at.millis() }),
            software: report.software.as_deref(),
            heard_at: millis(peer.heard_at),
            reached_at: millis(peer.reached_at),
            dead_since: millis(peer.dead_since),
        }
    }
}

/// How it is reached now, in a word.
fn state(report: &PeerReport) -> &'static str {
    if report.peer.dead_since.is_some() {
        "dead"
    } else if report.sockets > 0 {
        "live"
    } else if report.next_try.is_some() {
        "waiting"
    } else if report.http_only {
        "http"
    } else {
        "idle"
    }
}

/// Something that was given up.
#[derive(Serialize)]
struct DeadLetterView<'a> {
    id: u64,
    host: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    queued_at: i64,
    attempts: u32,
    error: &'a str,
    text: &'a str,
}

impl<'a> From<&'a DeadLetter> for DeadLetterView<'a> {
    fn from(letter: &'a DeadLetter) -> Self {
        Self {
            id: letter.id,
            host: letter.host.as_str(),
            kind: &letter.kind,
            queued_at: letter.queued_at.millis(),
            attempts: letter.attempts,
            error: &letter.error,
            text: &letter.text,
        }
    }
}

#[cfg(test)]
mod tests {
    use quintet_core::federation::Host;
    use quintet_core::federation::host::Reach;
    use quintet_core::federation::peer::Peer;

    use super::*;

    #[test]
    fn a_peer_is_in_one_state() {
        let at = Some(Timestamp::from_millis(5));
        let host = Host::parse("b.example", Reach::Net).unwrap();
        let report = |dead, sockets, next_try, http_only| PeerReport {
            peer: Peer {
                host: host.clone(),
                standing: Standing::Neutral,
                dead_since: dead,
                last_error: None,
                heard_at: None,
                reached_at: None,
            },
            sockets,
            http_only,
            waiting: 0,
            oldest: None,
            dead_letters: 0,
            next_try,
            key: None,
            software: None,
        };
        for (report, expected) in [
            (report(at, 1, at, true), "dead"),
            (report(None, 1, at, true), "live"),
            (report(None, 0, at, true), "waiting"),
            (report(None, 0, None, true), "http"),
            (report(None, 0, None, false), "idle"),
        ] {
            assert_eq!(state(&report), expected);
            assert!(
                serde_json::to_string(&PeerView::from(&report))
                    .unwrap()
                    .starts_with(r#"{"host":"b.example","standing":"neutral""#)
            );
        }
    }
}
