//! Events in Concord's words: each becomes one frame that all listeners share, or nothing.

use quintet_core::{Body, Event, Frame};

use crate::address;
use crate::wire;
use crate::wire::channel::ChannelObject;
use crate::wire::chat::{ChatObject, Counts};
use crate::wire::number::Number;
use crate::wire::server_message::ServerMessage;

/// The frame that says `event`; `None` where Concord has no word for it.
pub(crate) fn render(event: &Event) -> Option<Frame> {
    message(event).map(|message| Frame::text(&wire::json(&message)))
}

fn message(event: &Event) -> Option<ServerMessage<'_>> {
    let message = match &event.body {
        Body::ChatPosted(chat) => ServerMessage::ChatSent { chat: ChatObject::from(chat) },
        Body::ChatEdited(chat) => ServerMessage::ChatEdited {
            chat_id: Number(chat.id),
            channel_id: Number(chat.room),
            thread_id: chat.thread.map(Number),
            content: &chat.content,
        },
        Body::ChatDeleted { chat, room, thread, .. } => ServerMessage::ChatDeleted {
            chat_id: Number(*chat),
            channel_id: Number(*room),
            thread_id: thread.map(Number),
        },
        Body::ChatReacted { chat, room, thread, reactions, .. } => ServerMessage::ChatReactionsUpdated {
            chat_id: Number(*chat),
            channel_id: Number(*room),
            thread_id: thread.map(Number),
            reactions: Counts(reactions),
        },
        Body::RoomCreated(room) => ServerMessage::ChannelCreated { channel: ChannelObject::from(room) },
        Body::RoomChanged(room) => ServerMessage::ChannelsUpdated { channel: ChannelObject::from(room) },
        Body::RoomDeleted { room } => ServerMessage::ChannelDeleted { channel_id: Number(*room) },
        Body::UserJoined(user) => ServerMessage::UserJoined { user_id: Number(user.id) },
        Body::Typing { room, thread, sent_at } => ServerMessage::ChatTyping {
            user_id: Number(event.author.id),
            channel_id: Number(*room),
            thread_id: thread.map(Number),
            sent_at: sent_at.millis(),
        },
        Body::StatusChanged(status) => ServerMessage::UserStatusUpdated {
            user_id: Number(event.author.id),
            status: address::online_status(*status),
        },
        Body::ThreadStarted(_)
        | Body::UserChanged { .. }
        | Body::RightsChanged(_)
        | Body::Committed(_)
        | Body::Delivered(_)
        | Body::NotePosted(_)
        | Body::NoteEdited(_)
        | Body::NoteDeleted(_)
        | Body::NoteReacted { .. }
        | Body::Followed(_)
        | Body::Presence { .. }
        | Body::Session { .. }
        | Body::Notice(_)
        | Body::Message { .. } => return None,
    };
    Some(message)
}

#[cfg(test)]
mod tests {
    use quintet_core::change::RightsChange;
    use quintet_core::room::Thread;
    use quintet_core::user::Status;
    use quintet_core::{Author, Chat, Id, Room, Timestamp, User};

    use super::*;

    const AT: Timestamp = Timestamp::from_millis(1_760_000_000_000);

    fn id(number: u64) -> Id {
        Id::new(number).unwrap()
    }

    fn ann() -> Author {
        Author { id: id(12), name: "ann".into() }
    }

    fn chat(thread: Option<Id>) -> Chat {
        Chat {
            id: id(5550),
            room: id(4101),
            thread,
            author: ann(),
            content: "Lunch \"now\"?\n".into(),
            created_at: AT,
            edited: false,
            reactions: Vec::new(),
            via: "concord".into(),
            subject: None,
        }
    }

    fn room() -> Room {
        Room {
            id: id(4102),
            parent: Some(id(4101)),
            ordinality: 0,
            name: "menu".into(),
            description: None,
            capabilities: Some(vec!["text".into()]),
            created_at: AT,
            created_by: id(12),
            federated: false,
        }
    }

    fn user() -> User {
        User {
            id: id(13),
            username: "bob".into(),
            nickname: "bob".into(),
            bio: None,
            avatar: None,
            created_at: AT,
            disabled: false,
            remote: None,
            agent: quintet_core::AgentKey([8; 32]),
            status: Status::Offline,
        }
    }

    fn said(body: Body) -> Option<String> {
        let event = Event {
            id: id(9000),
            topics: vec![address::channel_topic(id(4101))],
            position: None,
            at: AT,
            author: ann(),
            via: "jac".into(),
            body,
            commit: None,
        };
        render(&event).map(|frame| {
            assert!(frame.is_text());
            String::from_utf8(frame.payload().to_vec()).unwrap()
        })
    }

    #[test]
    fn chats() {
        let felt = vec![("🍕".to_owned(), 2), ("✔\u{fe0f}".to_owned(), 1)];
        let edited = Chat { edited: true, reactions: felt.clone(), ..chat(Some(id(77))) };
        for (body, text) in [
            (
                Body::ChatPosted(chat(None)),
                r#"{"type":"chat_sent","chat":{"id":5550,"createdAt":1760000000000,"authorId":12,"channelId":4101,"threadId":null,"content":"Lunch \"now\"?\n","edited":false,"reactions":{}}}"#,
            ),
            (
                Body::ChatPosted(edited.clone()),
                "{\"type\":\"chat_sent\",\"chat\":{\"id\":5550,\"createdAt\":1760000000000,\"authorId\":12,\"channelId\":4101,\"threadId\":77,\"content\":\"Lunch \\\"now\\\"?\\n\",\"edited\":true,\"reactions\":{\"🍕\":2,\"✔\u{fe0f}\":1}}}",
            ),
            (
                Body::ChatEdited(edited),
                r#"{"type":"chat_edited","chatId":5550,"channelId":4101,"threadId":77,"content":"Lunch \"now\"?\n"}"#,
            ),
            (
                Body::ChatDeleted { chat: id(5550), room: id(4101), thread: None, subject: None },
                r#"{"type":"chat_deleted","chatId":5550,"channelId":4101,"threadId":null}"#,
            ),
            (
                Body::ChatReacted {
                    chat: id(5550),
                    room: id(4101),
                    thread: None,
                    subject: None,
                    reactions: felt,
                    change: None,
                },
                "{\"type\":\"chat_reactions_updated\",\"chatId\":5550,\"channelId\":4101,\"threadId\":null,\"reactions\":{\"🍕\":2,\"✔\u{fe0f}\":1}}",
            ),
            (
                Body::ChatReacted {
                    chat: id(5550),
                    room: id(4101),
                    thread: Some(id(7)),
                    subject: None,
                    reactions: Vec::new(),
                    change: None,
                },
                r#"{"type":"chat_reactions_updated","chatId":5550,"channelId":4101,"threadId":7,"reactions":{}}"#,
            ),
            (
                Body::Typing { room: id(4101), thread: None, sent_at: Timestamp::from_millis(5) },
                r#"{"type":"chat_typing","userId":12,"channelId":4101,"threadId":null,"sentAt":5}"#,
            ),
        ] {
            assert_eq!(said(body).as_deref(), Some(text));
        }
    }

    #[test]
    fn channels() {
        let flat = r#""channel":{"id":4102,"parentChannelId":4101,"ordinality":0,"name":"menu","description":null,"capabilities":["text"],"createdAt":1760000000000,"createdByUserId":12}}"#;
        assert_eq!(said(Body::RoomCreated(room())).unwrap(), format!(r#"{{"type":"channel_created",{flat}"#));
        assert_eq!(said(Body::RoomChanged(room())).unwrap(), format!(r#"{{"type":"channels_updated",{flat}"#));
        let bare = Room { parent: None, capabilities: None, description: Some("food".into()), ..room() };
        assert_eq!(
            said(Body::RoomCreated(bare)).unwrap(),
            r#"{"type":"channel_created","channel":{"id":4102,"parentChannelId":null,"ordinality":0,"name":"menu","description":"food","capabilities":null,"createdAt":1760000000000,"createdByUserId":12}}"#
        );
        assert_eq!(
            said(Body::RoomDeleted { room: id(4102) }).unwrap(),
            r#"{"type":"channel_deleted","channelId":4102}"#
        );
    }

    #[test]
    fn users() {
        for (body, text) in [
            (Body::UserJoined(user()), r#"{"type":"user_joined","userId":13}"#),
            (Body::StatusChanged(Status::Online), r#"{"type":"user_status_updated","userId":12,"status":"ONLINE"}"#),
            (Body::StatusChanged(Status::Offline), r#"{"type":"user_status_updated","userId":12,"status":"OFFLINE"}"#),
        ] {
            assert_eq!(said(body).as_deref(), Some(text));
        }
    }

    #[test]
    fn there_is_no_word_for_the_rest() {
        let thread = Thread {
            id: id(77),
            room: id(4101),
            source: id(5550),
            name: "lunch".into(),
            created_at: AT,
            creator: ann(),
        };
        for body in [
            Body::ThreadStarted(thread),
            Body::UserChanged { user: user(), token_generation: 1 },
            Body::RightsChanged(RightsChange::RoleDeleted(id(8))),
            Body::Presence { room: id(4101), dialect: "jac".into(), joined: true },
            Body::Notice("{}".into()),
        ] {
            assert_eq!(said(body), None);
        }
    }
}
