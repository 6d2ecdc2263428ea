//! Tokens.

use serde::{Deserialize, Serialize};

/// "`{token}`"; "clients treat the token as opaque and paste it unescaped into a URL".
#[derive(Serialize)]
pub(crate) struct TokenObject<'a> {
    pub(crate) token: &'a str,
}

/// "`POST /api/tokens` | `{username, password}`". An e-mail is taken for the username too: one account works in all rooms.
#[derive(Deserialize)]
pub(crate) struct LogInBody {
    pub(crate) username: String,
    pub(crate) password: String,
}
