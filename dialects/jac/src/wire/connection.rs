//! The connection event: what a client is told of itself.

use std::collections::BTreeMap;

use serde::Serialize;

/// `{"type":"connection","data":…}`: the first frame, and the answer to `connection` and `change_user`.
#[derive(Serialize)]
pub(crate) struct Connection<'a> {
    /// Never changes on a socket.
    pub(crate) client_id: &'a str,
    /// Whose socket it is.
    pub(crate) root_id: String,
    /// Where it listens.
    pub(crate) channel_id: &'a str,
    /// Our extension, absent where there is nothing to tell: rooms that the peer asked for and may not read.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) rooms: BTreeMap<&'a str, &'static str>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Told, write};

    fn connection(rooms: BTreeMap<&str, &'static str>) -> String {
        let data = Connection { client_id: "1:ab", root_id: "n::01".into(), channel_id: "room:5", rooms };
        write(&Told { kind: "connection", data })
    }

    #[test]
    fn the_keys_are_exactly_those_of_the_original() {
        let told = r#"{"type":"connection","data":{"client_id":"1:ab","root_id":"n::01","channel_id":"room:5"}}"#;
        assert_eq!(connection(BTreeMap::new()), told);
    }

    #[test]
    fn a_forbidden_room_is_named() {
        let told = connection(BTreeMap::from([("room:5", "forbidden")]));
        assert!(told.ends_with(r#""channel_id":"room:5","rooms":{"room:5":"forbidden"}}}"#), "{told}");
    }
}
