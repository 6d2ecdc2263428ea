//! The server, as it presents itself.

use quintet_core::room::ServerRecord;
use serde::Serialize;

use crate::wire::number::Number;

/// "`{ "name", "description", "iconId", "defaultChannelId" }`; the default channel is where newcomers should land."
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ServerObject<'a> {
    name: &'a str,
    description: &'a str,
    icon_id: Option<Number>,
    default_channel_id: Option<Number>,
}

impl<'a> From<&'a ServerRecord> for ServerObject<'a> {
    fn from(server: &'a ServerRecord) -> Self {
        Self {
            name: &server.name,
            description: &server.description,
            icon_id: server.icon.map(Number),
            default_channel_id: server.default_room.map(Number),
        }
    }
}
