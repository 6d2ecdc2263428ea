//! Documents: whatever stands at a URL; with the invites, which are accepted by reading them (atomic-data.md, section 15.5).

use quintet_core::document::DocumentQuery;
use quintet_core::{AgentKey, Answer, Call, Error, Subject, Timestamp, term};
use serde_json::json;

use super::{Asked, Reading, named, nothing_at, unexpected};

/// A document, or a room, chat or user as one. Parameters that nobody knows are ignored.
pub(super) fn read(asked: &Asked<'_>) -> Result<Reading, Error> {
    if asked.path.contains('#') {
        return Err(nothing_at(asked.url));
    }
    if let Some(agent) = agent(asked)? {
        return Ok(accept(asked, agent));
    }
    let query = DocumentQuery {
        subject: asked.subject(),
        before: before(asked)?,
        page: asked.parameters.page()?,
        described: false,
    };
    let url = asked.url.to_owned();
    let told = move |answer| match answer {
        Answer::Document(described) => Ok(named(&url, described.document.properties)),
        other => Err(unexpected(&other)),
    };
    Ok(Reading::Ask(Box::new(Call::Document(query)), Box::new(told)))
}

/// "`?before-timestamp={ms}`" of a chat room.
fn before(asked: &Asked<'_>) -> Result<Option<Timestamp>, Error> {
    let wrong = |_| Error::bad_message("before-timestamp must be a whole number of milliseconds");
    asked
        .parameters
        .text("before-timestamp")
        .map(|at| at.parse().map(Timestamp::from_millis).map_err(wrong))
        .transpose()
}

/// Who accepts an invite: "`public-key` (new user) or `agent` (existing one), not both".
fn agent(asked: &Asked<'_>) -> Result<Option<AgentKey>, Error> {
    match (asked.parameters.address("public-key"), asked.parameters.address("agent")) {
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err(Error::bad_message("an invite is accepted with public-key or agent, not both")),
        (Some(key), None) => match AgentKey::from_base64(&key) {
            None => Err(Error::bad_message("public-key must be an Ed25519 key in base64, 44 characters")),
            key => Ok(key),
        },
        (None, Some(url)) => match AgentKey::within(&url, asked.origin) {
            None => Err(Error::bad_message(format!("agent must be {}/agents/ and its public key", asked.origin.0))),
            key => Ok(key),
        },
    }
}

fn accept(asked: &Asked<'_>, agent: AgentKey) -> Reading {
    let call = Call::AcceptInvite { invite: asked.subject(), agent };
    let url = asked.url.to_owned();
    let told = move |answer| match answer {
        Answer::Accepted { target, agent } => Ok(redirect(&url, &target, &agent)),
        other => Err(unexpected(&other)),
    };
    Reading::Ask(Box::new(call), Box::new(told))
}

fn redirect(url: &str, target: &Subject, agent: &Subject) -> serde_json::Value {
    json!({
        "@id": url,
        term::IS_A: [term::REDIRECT],
        term::DESTINATION: target.as_str(),
        term::INVITE_REDIRECT_AGENT: agent.as_str(),
    })
}
