//! Places: where a kept body is heard, and which chat it is about.

use quintet_core::event::Body;
use quintet_core::id::Id;
use quintet_core::topic::Topic;

/// Where a kept body is heard, as [`Body`] says.
pub(crate) fn topic_of(body: &Body) -> Topic {
    match body {
        Body::ChatPosted(chat) | Body::ChatEdited(chat) => Topic::room(chat.room),
        Body::ThreadStarted(thread) => Topic::room(thread.room),
        Body::RoomCreated(room) | Body::RoomChanged(room) => Topic::room(room.id),
        Body::ChatDeleted { room, .. }
        | Body::ChatReacted { room, .. }
        | Body::RoomDeleted { room }
        | Body::Typing { room, .. }
        | Body::Presence { room, .. } => Topic::room(*room),
        Body::UserJoined(user) | Body::UserChanged { user, .. } => Topic::user(user.id),
        Body::Committed(committed) => committed.subject.topic(),
        Body::Delivered(delivered) => Topic::instance(delivered.host.as_str()),
        Body::NotePosted(note) | Body::NoteEdited(note) | Body::NoteDeleted(note) => Topic::user(note.author.id),
        Body::NoteReacted { by, .. } => Topic::user(*by),
        Body::Followed(follow) => Topic::user(follow.follower),
        Body::RightsChanged(_)
        | Body::StatusChanged(_)
        | Body::Session { .. }
        | Body::Notice(_)
        | Body::Message { .. } => Topic::rights(),
    }
}

/// The chat whose history a body belongs to.
pub(crate) fn chat_of(body: &Body) -> Option<Id> {
    match body {
        Body::ChatPosted(chat) | Body::ChatEdited(chat) => Some(chat.id),
        Body::ChatDeleted { chat, .. } | Body::ChatReacted { chat, .. } => Some(*chat),
        _ => None,
    }
}
