//! `[api]`: back-ends.

use quintet_core::identity::Secret;

section! {
    /// The server API under /quintet/v1, for back-ends and the command line.
    Api in "api", at api {
        /// Secrets of 16 or more characters, each of which lets its bearer do everything there; none closes the API to the network.
        keys: Vec<Secret> = Vec::new();
    }
}
