//! `[auth]`: tokens and registration.

use super::Period;

section! {
    /// Tokens and registration.
    Auth in "auth", at auth {
        /// How long a token holds after a login: a number with s, m, h, d or w.
        token_ttl: Period = Period::days(30);
        /// Whether anybody may register; else only an administrator makes users.
        registration: bool = true;
    }
}
