//! How users and the server record are written down.

use quintet_core::AgentKey;
use quintet_core::federation::Remote;
use quintet_core::room::ServerRecord;
use quintet_core::time::Timestamp;
use quintet_core::user::{Status, User};
use serde::{Deserialize, Serialize};

use super::address::RemoteRecord;
use super::{Number, Record, from_text, recorded, to_text};
use crate::tables::{Broken, Kept};

/// A user.
#[derive(Serialize, Deserialize)]
pub(super) struct UserRecord {
    id: Number,
    username: String,
    nickname: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bio: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    avatar: Option<Number>,
    created_at: i64,
    #[serde(default)]
    disabled: bool,
    /// In base64; absent in the log of houses that had no agents in their users.
    #[serde(default)]
    agent: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    remote: Option<RemoteRecord>,
}

impl Record for User {
    fn text(&self) -> Kept<String> {
        to_text(&UserRecord::from(self))
    }

    fn parse(text: &str) -> Kept<Self> {
        from_text::<UserRecord>(text)?.try_into()
    }
}

impl From<&User> for UserRecord {
    fn from(user: &User) -> Self {
        Self {
            id: Number(user.id),
            username: user.username.clone(),
            nickname: user.nickname.clone(),
            bio: user.bio.clone(),
            avatar: user.avatar.map(Number),
            created_at: user.created_at.millis(),
            disabled: user.disabled,
            agent: user.agent.base64(),
            remote: user.remote.as_ref().map(RemoteRecord::from),
        }
    }
}

impl TryFrom<UserRecord> for User {
    type Error = Broken;

    fn try_from(record: UserRecord) -> Kept<Self> {
        Ok(Self {
            id: record.id.0,
            username: record.username,
            nickname: record.nickname,
            bio: record.bio,
            avatar: record.avatar.map(|avatar| avatar.0),
            created_at: Timestamp::from_millis(record.created_at),
            disabled: record.disabled,
            agent: AgentKey::from_base64(&record.agent).unwrap_or(AgentKey([0; 32])),
            remote: record.remote.map(Remote::try_from).transpose()?,
            status: Status::Offline,
        })
    }
}

/// The server record.
#[derive(Serialize, Deserialize)]
pub(super) struct HouseRecord {
    name: String,
    description: String,
    #[serde(default)]
    icon: Option<Number>,
    #[serde(default)]
    default_room: Option<Number>,
}

recorded!(ServerRecord as HouseRecord);

impl From<&ServerRecord> for HouseRecord {
    fn from(server: &ServerRecord) -> Self {
        Self {
            name: server.name.clone(),
            description: server.description.clone(),
            icon: server.icon.map(Number),
            default_room: server.default_room.map(Number),
        }
    }
}

impl From<HouseRecord> for ServerRecord {
    fn from(record: HouseRecord) -> Self {
        Self {
            name: record.name,
            description: record.description,
            icon: record.icon.map(|icon| icon.0),
            default_room: record.default_room.map(|room| room.0),
        }
    }
}
