//! `[admin]`: the first user.

use quintet_core::identity::Secret;

section! {
    /// The user `admin`, made when the server first starts in an empty data directory.
    Admin in "admin", at admin {
        /// Its password; where it is empty, one is made up and printed once. `QUINTET_ADMIN_PASSWORD` keeps it out of files.
        password: Option<Secret> = None;
    }
}
