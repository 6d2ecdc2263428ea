//! Other servers, through the API: follows, notes, what came, peers.

mod entities;
mod follows;
mod notes;
mod peers;
mod rooms;

use bytes::Bytes;
use quintet_core::federation::{Ask, Told};
use quintet_core::http::{Head, Response};
use quintet_core::{Answer, Call, Error};
use quintet_hub::Caller;

use super::{Desk, unexpected};

/// A call of the API that concerns other servers.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Affair {
    Follows,
    Follow,
    Unfollow(String),
    Settle(String),
    PostNote,
    EditNote(String),
    DeleteNote(String),
    React { note: String, reaction: String },
    Unreact { note: String, reaction: String },
    Timeline,
    Entities,
    Federate(String),
    Peers,
    Peer(String),
    SetStanding(String),
    Retry(String),
    ForgetKeys(String),
    DeadLetters,
    RotateKeys,
}

impl Affair {
    /// The call, or the methods that its path takes; `None` where the path is another's.
    pub(super) fn find(segments: &[&str], method: &str) -> Option<Result<Self, &'static str>> {
        Self::of(segments, method).map(Ok).or_else(|| methods(segments).map(Err))
    }

    fn of(segments: &[&str], method: &str) -> Option<Self> {
        let own = |text: &str| text.to_owned();
        Some(match (segments, method) {
            (["follows"], "GET") => Self::Follows,
            (["follows"], "POST") => Self::Follow,
            (["follows", whom], "DELETE") => Self::Unfollow(own(whom)),
            (["followers", who], "PUT") => Self::Settle(own(who)),
            (["notes"], "POST") => Self::PostNote,
            (["notes", note], "PUT") => Self::EditNote(own(note)),
            (["notes", note], "DELETE") => Self::DeleteNote(own(note)),
            (["notes", note, "reactions", it], "PUT") => Self::React { note: own(note), reaction: own(it) },
            (["notes", note, "reactions", it], "DELETE") => Self::Unreact { note: own(note), reaction: own(it) },
            (["timeline"], "GET") => Self::Timeline,
            (["entities"], "GET") => Self::Entities,
            (["rooms", room, "federated"], "PUT") => Self::Federate(own(room)),
            (["peers"], "GET") => Self::Peers,
            (["peers", host], "GET") => Self::Peer(own(host)),
            (["peers", host, "standing"], "PUT") => Self::SetStanding(own(host)),
            (["peers", host, "retry"], "POST") => Self::Retry(own(host)),
            (["peers", host, "keys"], "DELETE") => Self::ForgetKeys(own(host)),
            (["dead-letters"], "GET") => Self::DeadLetters,
            (["keys", "rotate"], "POST") => Self::RotateKeys,
            _ => return None,
        })
    }

    /// Does what is asked.
    pub(super) async fn answer(self, desk: &Desk<'_>, head: &Head, body: &Bytes) -> Result<Response, Error> {
        match self {
            Self::Follows => follows::list(desk, head).await,
            Self::Follow => follows::follow(desk, head, body).await,
            Self::Unfollow(whom) => follows::unfollow(desk, head, whom).await,
            Self::Settle(who) => follows::settle(desk, head, who, body).await,
            Self::PostNote => notes::post(desk, head, body).await,
            Self::EditNote(note) => notes::edit(desk, head, &note, body).await,
            Self::DeleteNote(note) => notes::delete(desk, head, &note).await,
            Self::React { note, reaction } => notes::react(desk, head, note, reaction, true).await,
            Self::Unreact { note, reaction } => notes::react(desk, head, note, reaction, false).await,
            Self::Timeline => entities::timeline(desk, head).await,
            Self::Entities => entities::list(desk, head).await,
            Self::Federate(room) => rooms::federate(desk, &room, body).await,
            Self::Peers => peers::list(desk).await,
            Self::Peer(host) => peers::one(desk, &host).await,
            Self::SetStanding(host) => peers::set_standing(desk, &host, body).await,
            Self::Retry(host) => peers::retry(desk, &host).await,
            Self::ForgetKeys(host) => peers::forget_keys(desk, &host).await,
            Self::DeadLetters => peers::dead_letters(desk, head).await,
            Self::RotateKeys => peers::rotate_keys(desk).await,
        }
    }
}

/// The methods that a path takes.
fn methods(segments: &[&str]) -> Option<&'static str> {
    Some(match segments {
        ["follows"] => "GET, POST",
        ["notes"] | ["peers", _, "retry"] | ["keys", "rotate"] => "POST",
        ["notes", _] | ["notes", _, "reactions", _] => "PUT, DELETE",
        ["followers", _] | ["rooms", _, "federated"] | ["peers", _, "standing"] => "PUT",
        ["follows", _] | ["peers", _, "keys"] => "DELETE",
        ["timeline" | "entities" | "peers" | "dead-letters"] | ["peers", _] => "GET",
        _ => return None,
    })
}

impl Desk<'_> {
    /// Asks about other servers, as the house itself.
    async fn inquire(&self, ask: Ask) -> Result<Told, Error> {
        self.inquire_as(&self.caller, ask).await
    }

    async fn inquire_as(&self, caller: &Caller, ask: Ask) -> Result<Told, Error> {
        match self.hub.call(caller, Call::Federation(Box::new(ask))).await? {
            Answer::Federation(told) => Ok(told),
            other => Err(unexpected(&other)),
        }
    }

    /// Whoever does it: the user that the query names.
    fn user(&self, head: &Head) -> Result<Caller, Error> {
        let username = head.query_last("as");
        let username = username.ok_or_else(|| Error::bad_message("name the user who does this, as in ?as=alice"))?;
        self.acting(&username)
    }
}

/// What was told is not what was asked for: a fault of ours.
fn astray(told: &Told) -> Error {
    Error::internal(format!("unexpected answer about other servers: {:?}", std::mem::discriminant(told)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_methods_make_calls() {
        let find = |method: &str, path: &str| {
            let segments: Vec<_> = path.split(' ').collect();
            Affair::find(&segments, method).unwrap().unwrap()
        };
        let own = str::to_owned;
        assert_eq!(find("GET", "follows"), Affair::Follows);
        assert_eq!(find("POST", "follows"), Affair::Follow);
        assert_eq!(find("DELETE", "follows bob@b.example"), Affair::Unfollow(own("bob@b.example")));
        assert_eq!(find("PUT", "followers bob@b.example"), Affair::Settle(own("bob@b.example")));
        assert_eq!(find("POST", "notes"), Affair::PostNote);
        assert_eq!(find("PUT", "notes 17"), Affair::EditNote(own("17")));
        assert_eq!(find("DELETE", "notes 17"), Affair::DeleteNote(own("17")));
        let (note, reaction) = (own("https://b.example/notes/1"), own("❤"));
        assert_eq!(
            find("PUT", "notes https://b.example/notes/1 reactions ❤"),
            Affair::React { note: note.clone(), reaction: reaction.clone() }
        );
        assert_eq!(find("DELETE", "notes https://b.example/notes/1 reactions ❤"), Affair::Unreact { note, reaction });
        assert_eq!(find("GET", "timeline"), Affair::Timeline);
        assert_eq!(find("GET", "entities"), Affair::Entities);
        assert_eq!(find("PUT", "rooms general federated"), Affair::Federate(own("general")));
        assert_eq!(find("GET", "peers"), Affair::Peers);
        assert_eq!(find("GET", "peers b.example"), Affair::Peer(own("b.example")));
        assert_eq!(find("PUT", "peers b.example standing"), Affair::SetStanding(own("b.example")));
        assert_eq!(find("POST", "peers b.example retry"), Affair::Retry(own("b.example")));
        assert_eq!(find("DELETE", "peers b.example keys"), Affair::ForgetKeys(own("b.example")));
        assert_eq!(find("GET", "dead-letters"), Affair::DeadLetters);
        assert_eq!(find("POST", "keys rotate"), Affair::RotateKeys);
    }

    #[test]
    fn other_methods_are_told_which_there_are() {
        for (path, methods) in [
            ("follows", "GET, POST"),
            ("follows x", "DELETE"),
            ("followers x", "PUT"),
            ("notes", "POST"),
            ("notes 1", "PUT, DELETE"),
            ("notes 1 reactions x", "PUT, DELETE"),
            ("timeline", "GET"),
            ("entities", "GET"),
            ("rooms 1 federated", "PUT"),
            ("peers", "GET"),
            ("peers x", "GET"),
            ("peers x standing", "PUT"),
            ("peers x retry", "POST"),
            ("peers x keys", "DELETE"),
            ("dead-letters", "GET"),
            ("keys rotate", "POST"),
        ] {
            let segments: Vec<_> = path.split(' ').collect();
            assert_eq!(Affair::find(&segments, "PATCH"), Some(Err(methods)), "{path}");
        }
        assert_eq!(Affair::find(&["peers", "x", "y"], "GET"), None);
        assert_eq!(Affair::find(&["followers"], "GET"), None);
    }
}
