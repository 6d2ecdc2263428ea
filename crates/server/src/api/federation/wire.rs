//! The JSON of the API about other servers. Times are milliseconds since the Unix epoch.

use quintet_core::federation::desk::Kept;
use quintet_core::federation::peer::{DeadLetter, PeerReport, Standing};
use quintet_core::federation::{Audience, FollowState, Note, Own, Target};
use quintet_core::{Id, Timestamp};
use quintet_hub::Hub;
use quintet_hub::federation::Federation;
use serde::{Deserialize, Serialize};

/// `POST /follows`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FollowBody {
    /// `name@host`, or a URL.
    pub(super) whom: String,
}

/// `PUT /followers/{who}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SettleBody {
    pub(super) accept: bool,
}

/// `POST /notes`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PostNote {
    pub(super) content: String,
    pub(super) to: Option<To>,
    /// The URL of a group.
    pub(super) group: Option<String>,
    /// A number or URL.
    pub(super) reply_to: Option<String>,
}

/// Whom a note is for.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum To {
    Public,
    Followers,
    Mentioned,
}

/// `PUT /notes/{id}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EditNote {
    pub(super) content: String,
}

/// `PUT /rooms/{room}/federated`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Federate {
    pub(super) federated: bool,
}

/// `PUT /peers/{host}/standing`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SetStanding {
    pub(super) standing: StandingName,
}

/// Whether a peer is listened and spoken to.
#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum StandingName {
    Neutral,
    Allowed,
    Blocked,
}

/// A follow, as it stands.
#[derive(Serialize)]
pub(super) struct FollowView<'a> {
    follower: &'a str,
    followee: &'a str,
    state: &'static str,
}

impl<'a> FollowView<'a> {
    pub(super) fn new(by: &'a str, whom: &'a str, state: FollowState) -> Self {
        let state = match state {
            FollowState::Pending => "pending",
            FollowState::Accepted => "accepted",
            FollowState::Rejected => "rejected",
            FollowState::Ended => "ended",
        };
        Self { follower: by, followee: whom, state }
    }
}

/// All follows of a user.
#[derive(Serialize)]
pub(super) struct FollowsView<'a> {
    pub(super) following: Vec<FollowView<'a>>,
    pub(super) followers: Vec<FollowView<'a>>,
}

/// A note of this house.
#[derive(Serialize)]
pub(super) struct NoteView<'a> {
    id: u64,
    url: String,
    author: &'a str,
    content: &'a str,
    to: &'static str,
    group: Option<String>,
    mentions: Vec<String>,
    reply_to: Option<String>,
    created_at: i64,
    edited: bool,
}

impl<'a> NoteView<'a> {
    pub(super) fn new(federation: &Federation, note: &'a Note) -> Self {
        let (to, group) = match &note.audience {
            Audience::Public => ("public", None),
            Audience::Followers => ("followers", None),
            Audience::Mentioned => ("mentioned", None),
            Audience::Group(group) => ("group", Some(federation.spell(group))),
        };
        Self {
            id: note.id.get(),
            url: federation.spell(&Target::Own(Own::Note(note.id))),
            author: &note.author.name,
            content: &note.content,
            to,
            group,
            mentions: note.mentions.iter().map(|mention| federation.spell(mention)).collect(),
            reply_to: note.replies_to.as_ref().map(|target| federation.spell(target)),
            created_at: note.created_at.millis(),
            edited: note.edited,
        }
    }
}

/// A part of what came.
#[derive(Serialize)]
pub(super) struct EntitiesView<'a> {
    pub(super) entities: Vec<EntityView<'a>>,
    /// What to ask for as `before` to get those behind them; nothing where there are none here.
    pub(super) next: Option<u64>,
}

/// An entity of another house.
#[derive(Serialize)]
pub(super) struct EntityView<'a> {
    id: u64,
    host: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    url: Option<String>,
    actor: Option<String>,
    /// What the actor is called here, where it is known: `name@host`.
    author: Option<String>,
    /// The number of the chat that it is here, where it was said in a federated room.
    chat: Option<u64>,
    received_at: i64,
    signature: &'a str,
    /// Byte for byte, as it was signed.
    text: &'a str,
}

impl<'a> EntityView<'a> {
    pub(super) fn new(hub: &Hub, federation: &Federation, kept: &'a Kept) -> Self {
        let spell = |address: &_| federation.spell(&Target::Remote(Clone::clone(address)));
        Self {
            id: kept.id.get(),
            host: kept.host.as_str(),
            kind: &kept.kind,
            url: kept.name.as_ref().map(spell),
            actor: kept.actor.as_ref().map(spell),
            author: kept.actor.as_ref().and_then(|actor| hub.name_at(actor)),
            chat: kept.chat.map(Id::get),
            received_at: kept.at.millis(),
            signature: &kept.signature,
            text: &kept.text,
        }
    }
}

/// A room.
#[derive(Serialize)]
pub(super) struct RoomView<'a> {
    pub(super) id: u64,
    pub(super) name: &'a str,
    pub(super) federated: bool,
    /// Where others find it, where they can.
    pub(super) url: Option<String>,
}

/// What became of a retry.
#[derive(Serialize)]
pub(super) struct Requeued {
    pub(super) requeued: u64,
}

/// A peer.
#[derive(Serialize)]
pub(super) struct PeerView<'a> {
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
pub(super) struct DeadLetterView<'a> {
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
