//! Users.

use quintet_core::User;
use serde::{Deserialize, Serialize};

use crate::address;
use crate::wire::number::Number;
use crate::wire::text::Filled;

/// "`{ "id", "username", "profile": { "createdAt", "nickname", "bio", "avatarId" }, "status": { "onlineStatus" } }`."
#[derive(Serialize)]
pub(crate) struct UserObject<'a> {
    id: Number,
    username: &'a str,
    profile: Profile<'a>,
    status: Presence,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Profile<'a> {
    created_at: i64,
    nickname: &'a str,
    bio: Option<&'a str>,
    avatar_id: Option<Number>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Presence {
    online_status: &'static str,
}

impl<'a> From<&'a User> for UserObject<'a> {
    fn from(user: &'a User) -> Self {
        Self {
            id: Number(user.id),
            username: &user.username,
            profile: Profile {
                created_at: user.created_at.millis(),
                nickname: &user.nickname,
                bio: user.bio.as_deref(),
                avatar_id: user.avatar.map(Number),
            },
            status: Presence { online_status: address::online_status(user.status) },
        }
    }
}

/// "The short form (registration only) is `{ "id", "username" }`."
#[derive(Serialize)]
pub(crate) struct ShortUser<'a> {
    id: Number,
    username: &'a str,
}

impl<'a> From<&'a User> for ShortUser<'a> {
    fn from(user: &'a User) -> Self {
        Self { id: Number(user.id), username: &user.username }
    }
}

/// "`POST /api/users/register` | `{username, password}`"; "**Take:** 400 for missing, null or empty."
#[derive(Deserialize)]
pub(crate) struct RegisterBody {
    pub(crate) username: Filled,
    pub(crate) password: Filled,
}

/// "`POST /api/self/password` | `{newPassword}`".
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PasswordBody {
    pub(crate) new_password: Filled,
}
