//! How addresses, notes and what passed between houses are written down.

use std::sync::Arc;

use quintet_core::event::Delivered;
use quintet_core::federation::host::Reach;
use quintet_core::federation::{Address, Audience, Follow, FollowState, Form, Host, Note, Own, Remote, Target};
use quintet_core::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AuthorRecord, Number, Record, from_text, to_text};
use crate::tables::{Broken, Kept};

/// A host as it was written. Whether it can be reached is not asked again.
pub(crate) fn host(text: &str) -> Kept<Host> {
    Host::parse(text, Reach::Loopback).ok_or_else(|| Broken::new(format!("{text} is no host")))
}

/// How things are named.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum FormRecord {
    Uri,
    Reference,
}

/// An address.
#[derive(Serialize, Deserialize)]
pub(super) struct AddressRecord {
    host: String,
    form: FormRecord,
    key: Arc<str>,
}

impl From<&Address> for AddressRecord {
    fn from(address: &Address) -> Self {
        let form = match address.form {
            Form::Uri => FormRecord::Uri,
            Form::Reference => FormRecord::Reference,
        };
        Self { host: address.host.as_str().to_owned(), form, key: Arc::clone(&address.key) }
    }
}

impl TryFrom<AddressRecord> for Address {
    type Error = Broken;

    fn try_from(record: AddressRecord) -> Kept<Self> {
        let form = match record.form {
            FormRecord::Uri => Form::Uri,
            FormRecord::Reference => Form::Reference,
        };
        Ok(Self { host: host(&record.host)?, form, key: record.key })
    }
}

/// Where a user lives.
#[derive(Serialize, Deserialize)]
pub(super) struct RemoteRecord {
    #[serde(flatten)]
    address: AddressRecord,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    group: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    inbox: Option<String>,
}

impl From<&Remote> for RemoteRecord {
    fn from(remote: &Remote) -> Self {
        Self { address: (&remote.address).into(), group: remote.group, inbox: remote.inbox.clone() }
    }
}

impl TryFrom<RemoteRecord> for Remote {
    type Error = Broken;

    fn try_from(record: RemoteRecord) -> Kept<Self> {
        Ok(Self { address: record.address.try_into()?, group: record.group, inbox: record.inbox })
    }
}

/// Something of this house.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum OwnRecord {
    House,
    User(Number),
    Note(Number),
    Room(Number),
    Reaction { user: Number, to: Number, reaction: Arc<str> },
    Unknown,
}

impl From<&Own> for OwnRecord {
    fn from(own: &Own) -> Self {
        match own {
            Own::House => Self::House,
            Own::User(id) => Self::User(Number(*id)),
            Own::Note(id) => Self::Note(Number(*id)),
            Own::Room(id) => Self::Room(Number(*id)),
            Own::Reaction { user, to, reaction } => {
                Self::Reaction { user: Number(*user), to: Number(*to), reaction: Arc::clone(reaction) }
            }
            Own::Unknown => Self::Unknown,
        }
    }
}

impl From<OwnRecord> for Own {
    fn from(record: OwnRecord) -> Self {
        match record {
            OwnRecord::House => Self::House,
            OwnRecord::User(id) => Self::User(id.0),
            OwnRecord::Note(id) => Self::Note(id.0),
            OwnRecord::Room(id) => Self::Room(id.0),
            OwnRecord::Reaction { user, to, reaction } => Self::Reaction { user: user.0, to: to.0, reaction },
            OwnRecord::Unknown => Self::Unknown,
        }
    }
}

impl Record for Own {
    fn text(&self) -> Kept<String> {
        to_text(&OwnRecord::from(self))
    }

    fn parse(text: &str) -> Kept<Self> {
        Ok(from_text::<OwnRecord>(text)?.into())
    }
}

/// Something, wherever it is.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum TargetRecord {
    Own(OwnRecord),
    Remote(AddressRecord),
}

impl From<&Target> for TargetRecord {
    fn from(target: &Target) -> Self {
        match target {
            Target::Own(own) => Self::Own(own.into()),
            Target::Remote(address) => Self::Remote(address.into()),
        }
    }
}

impl TryFrom<TargetRecord> for Target {
    type Error = Broken;

    fn try_from(record: TargetRecord) -> Kept<Self> {
        Ok(match record {
            TargetRecord::Own(own) => Self::Own(own.into()),
            TargetRecord::Remote(address) => Self::Remote(address.try_into()?),
        })
    }
}

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
