//! Accounts over HTTP: what a login is told of itself.

use quintet_core::user::SignedIn;
use serde::Serialize;

use crate::address;

/// The answer to a login.
#[derive(Serialize)]
pub(crate) struct Login<'a> {
    token: &'a str,
    user: UserObject<'a>,
}

/// A user, to itself. `id` and `root_id` are 24 hexadecimal digits, without the `n::` of the socket.
#[derive(Serialize)]
struct UserObject<'a> {
    id: String,
    email: &'a str,
    root_id: String,
    is_activated: bool,
    is_admin: bool,
    expiration: i64,
    state: String,
}

impl<'a> Login<'a> {
    pub(crate) fn of(signed_in: &'a SignedIn) -> Self {
        let token = signed_in.token.expose();
        let id = address::object_id(signed_in.user.id);
        let user = UserObject {
            id: id.clone(),
            email: signed_in.email.as_deref().unwrap_or(&signed_in.user.username),
            root_id: id,
            // No e-mail provider is configured, so nobody waits for a code.
            is_activated: true,
            is_admin: signed_in.admin,
            expiration: signed_in.expires_at.seconds(),
            state: state(token),
        };
        Self { token, user }
    }
}

/// Eight letters or digits that differ from login to login: the token's last ones.
fn state(token: &str) -> String {
    let mut last: Vec<char> = token.chars().rev().filter(char::is_ascii_alphanumeric).chain(['0'; 8]).take(8).collect();
    last.reverse();
    last.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_is_eight_letters_or_digits() {
        for (token, wanted) in
            [("eyJ.abc-_.12-34_56.789", "23456789"), ("ab", "000000ab"), ("", "00000000"), ("é-é", "00000000")]
        {
            assert_eq!(state(token), wanted, "{token}");
        }
    }
}
