//! How notes, follows and what came from other houses are written down.

use std::sync::Arc;

use quintet_core::event::Delivered;
use quintet_core::federation::{Audience, Follow, FollowState, Note, Target};
use quintet_core::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::address::{TargetRecord, host};
use super::{AuthorRecord, Number, Record, from_text, to_text};
use crate::tables::{Broken, Kept};

/// Whom a note is for. `"public"` is searched for by the database: keep the name.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AudienceRecord {
    Public,
    Followers,
    Group(TargetRecord),
    Mentioned,
}

/// A note of this house.
#[derive(Serialize, Deserialize)]
pub(super) struct NoteRecord {
    id: Number,
    author: AuthorRecord,
    content: String,
    audience: AudienceRecord,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    mentions: Vec<TargetRecord>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    replies_to: Option<TargetRecord>,
    created_at: i64,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    edited: bool,
}

impl From<&Note> for NoteRecord {
    fn from(note: &Note) -> Self {
        Self {
            id: Number(note.id),
            author: (&note.author).into(),
            content: note.content.clone(),
            audience: match &note.audience {
                Audience::Public => AudienceRecord::Public,
                Audience::Followers => AudienceRecord::Followers,
                Audience::Group(group) => AudienceRecord::Group(group.into()),
                Audience::Mentioned => AudienceRecord::Mentioned,
            },
            mentions: note.mentions.iter().map(TargetRecord::from).collect(),
            replies_to: note.replies_to.as_ref().map(TargetRecord::from),
            created_at: note.created_at.millis(),
            edited: note.edited,
        }
    }
}

impl TryFrom<NoteRecord> for Note {
    type Error = Broken;

    fn try_from(record: NoteRecord) -> Kept<Self> {
        Ok(Self {
            id: record.id.0,
            author: record.author.into(),
            content: record.content,
            audience: match record.audience {
                AudienceRecord::Public => Audience::Public,
                AudienceRecord::Followers => Audience::Followers,
                AudienceRecord::Group(group) => Audience::Group(group.try_into()?),
                AudienceRecord::Mentioned => Audience::Mentioned,
            },
            mentions: record.mentions.into_iter().map(Target::try_from).collect::<Kept<_>>()?,
            replies_to: record.replies_to.map(Target::try_from).transpose()?,
            created_at: Timestamp::from_millis(record.created_at),
            edited: record.edited,
        })
    }
}

impl Record for Note {
    fn text(&self) -> Kept<String> {
        to_text(&NoteRecord::from(self))
    }

    fn parse(text: &str) -> Kept<Self> {
        from_text::<NoteRecord>(text)?.try_into()
    }
}

/// How a follow stands.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StateRecord {
    Pending,
    Accepted,
    Rejected,
    Ended,
}

/// A follow.
#[derive(Serialize, Deserialize)]
pub(super) struct FollowRecord {
    follower: Number,
    followee: Number,
    state: StateRecord,
}

impl From<&Follow> for FollowRecord {
    fn from(follow: &Follow) -> Self {
        let state = match follow.state {
            FollowState::Pending => StateRecord::Pending,
            FollowState::Accepted => StateRecord::Accepted,
            FollowState::Rejected => StateRecord::Rejected,
            FollowState::Ended => StateRecord::Ended,
        };
        Self { follower: Number(follow.follower), followee: Number(follow.followee), state }
    }
}

impl From<FollowRecord> for Follow {
    fn from(record: FollowRecord) -> Self {
        let state = match record.state {
            StateRecord::Pending => FollowState::Pending,
            StateRecord::Accepted => FollowState::Accepted,
            StateRecord::Rejected => FollowState::Rejected,
            StateRecord::Ended => FollowState::Ended,
        };
        Self { follower: record.follower.0, followee: record.followee.0, state }
    }
}

/// What is said of an entity that was taken; its text is with the entity. Shares its texts while it is written, as there are many.
#[derive(Serialize, Deserialize)]
pub(super) struct DeliveredRecord {
    host: Arc<str>,
    kind: Arc<str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<Arc<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    actor: Option<Arc<str>>,
}

impl From<&Delivered> for DeliveredRecord {
    fn from(delivered: &Delivered) -> Self {
        Self {
            host: delivered.host.shared(),
            kind: Arc::clone(&delivered.kind),
            name: delivered.name.clone(),
            actor: delivered.actor.clone(),
        }
    }
}

impl TryFrom<DeliveredRecord> for Delivered {
    type Error = Broken;

    fn try_from(record: DeliveredRecord) -> Kept<Self> {
        let DeliveredRecord { kind, name, actor, .. } = record;
        Ok(Self { host: host(&record.host)?, kind, name, actor, text: "".into() })
    }
}
