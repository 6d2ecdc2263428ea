//! Places: what the path of a subject says of what stands there.

use quintet_core::{AgentKey, Id, Origin, Subject};

/// Paths that the house answers itself, with all that stands below them.
const COMPUTED: &[&str] = &[
    "all-versions",
    "api",
    "collections",
    "commit",
    "commits",
    "download",
    "export",
    "fetch-bookmark",
    "import",
    "path",
    "query",
    "quintet",
    "search",
    "upload",
    "version",
    "ws",
];

/// Collections by the plural of their class (atomic-data.md, section 14): only the path itself, as agents and files stand below it.
const COLLECTIONS: &[&str] = &[
    "agents",
    "articles",
    "atoms",
    "chatrooms",
    "classes",
    "datatypes",
    "date-formats",
    "documents",
    "drives",
    "endpoints",
    "files",
    "float-range-propertys",
    "formatted-dates",
    "formatted-numbers",
    "importers",
    "invites",
    "messages",
    "number-formats",
    "ontologys",
    "paragraphs",
    "properties",
    "range-propertys",
    "redirects",
    "room",
    "select-propertys",
    "tables",
    "tags",
];

/// Where something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// `<origin>`: the root drive.
    Root,
    /// `/room/<id>`: a room.
    Room(Id),
    /// `/room/<room>/<chat>`: a chat, under the name that the house gave it.
    Chat {
        /// Where it was said.
        room: Id,
        /// Which.
        chat: Id,
    },
    /// `/room/<room>/<name>`: a chat under a name that its author gave it.
    Named(Id),
    /// `/agents/<key>`: an agent.
    Agent(AgentKey),
    /// What the house answers itself: nothing can be kept there.
    Reserved,
    /// Anywhere else.
    Free,
}

impl Place {
    /// Of a subject of this house. What has a query is none of the named places.
    pub(crate) fn of(subject: &Subject) -> Self {
        let path = subject.path();
        if let Some(agent) = AgentKey::of_path(path) {
            return Self::Agent(agent);
        }
        let mut segments = path.split('/').skip(1);
        match (segments.next(), segments.next(), segments.next()) {
            (None, ..) if path.is_empty() => Self::Root,
            (Some("room"), Some(room), below) if segments.next().is_none() => in_room(room, below),
            (Some(first), None, _) if COLLECTIONS.contains(&first) => Self::Reserved,
            (Some("" | "room"), ..) => Self::Reserved,
            (Some(first), ..) if COMPUTED.contains(&first) => Self::Reserved,
            _ => Self::Free,
        }
    }

    /// The subject of a room.
    pub(crate) fn of_room(origin: &Origin, room: Id) -> Subject {
        Subject::at(origin, &format!("/room/{room}"))
    }

    /// The subject of a chat, whatever else it is known by.
    pub(crate) fn of_chat(origin: &Origin, room: Id, chat: Id) -> Subject {
        Subject::at(origin, &format!("/room/{room}/{chat}"))
    }
}

fn in_room(room: &str, below: Option<&str>) -> Place {
    match (number(room), below) {
        (Some(room), None) => Place::Room(room),
        (Some(room), Some(chat)) if !chat.is_empty() => {
            number(chat).map_or(Place::Named(room), |chat| Place::Chat { room, chat })
        }
        _ => Place::Reserved,
    }
}

/// Numbers have one spelling: without zeros in front.
fn number(text: &str) -> Option<Id> {
    text.parse().ok().filter(|id: &Id| id.to_string() == text)
}

#[cfg(test)]
mod tests {
    use quintet_core::Topic;

    use super::*;

    #[test]
    fn paths_tell_what_stands_there() {
        let (origin, id) = (Origin("http://a.example".into()), |number| Id::new(number).unwrap());
        let key = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=";
        let agent = format!("/agents/{key}");
        let table = [
            ("", Place::Root),
            ("/notes/1", Place::Free),
            ("/setup", Place::Free),
            ("/room/7", Place::Room(id(7))),
            ("/room/7/8", Place::Chat { room: id(7), chat: id(8) }),
            ("/room/7/01jx", Place::Named(id(7))),
            ("/room/7/08", Place::Named(id(7))),
            ("/room", Place::Reserved),
            ("/room/", Place::Reserved),
            ("/room/x", Place::Reserved),
            ("/room/7/", Place::Reserved),
            ("/room/7/8/9", Place::Reserved),
            ("/room/07", Place::Reserved),
            ("/room/7?x=1", Place::Reserved),
            ("/room/7/8?x=1", Place::Named(id(7))),
            ("?x=1", Place::Free),
            ("/notes/room/7", Place::Free),
            ("/rooms/7", Place::Free),
            (&agent, Place::Agent(AgentKey::from_base64(key).unwrap())),
            ("/agents/ann", Place::Free),
            ("/agents", Place::Reserved),
            ("/commits/x", Place::Reserved),
            ("/commit", Place::Reserved),
            ("/query", Place::Reserved),
            ("/api/v1/users", Place::Reserved),
            ("/quintet/x", Place::Reserved),
            ("/files/1-a.png", Place::Free),
            ("//x", Place::Reserved),
        ];
        for (path, place) in table {
            assert_eq!(Place::of(&Subject::at(&origin, path)), place, "{path}");
        }
        assert_eq!(Place::of_room(&origin, id(7)).topic(), Topic::room_document(id(7)));
        assert_eq!(Place::of_chat(&origin, id(7), id(8)).topic(), Topic::chat_document(id(7), id(8)));
    }
}
