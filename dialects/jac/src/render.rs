//! Rendering: what this dialect's listeners are told of an event.

use quintet_core::{Body, Event, Frame, plain};

use crate::wire::{self, Told};

/// An event as one frame; `None` where the dialect has no word for it.
pub(crate) fn render(event: &Event) -> Option<Frame> {
    let kind = match &event.body {
        Body::Notice(text) => return Some(Frame::text(text)),
        Body::ChatPosted(_) => "chat",
        Body::ChatEdited(_) => "chat_edited",
        Body::ChatDeleted { .. } => "chat_deleted",
        Body::ChatReacted { .. } => "chat_reactions",
        Body::Typing { .. } => "typing",
        Body::Presence { .. } => "presence",
        Body::ThreadStarted(_)
        | Body::RoomCreated(_)
        | Body::RoomChanged(_)
        | Body::RoomDeleted { .. }
        | Body::UserJoined(_)
        | Body::UserChanged { .. }
        | Body::RightsChanged(_)
        | Body::Committed(_)
        | Body::Delivered(_)
        | Body::NotePosted(_)
        | Body::NoteEdited(_)
        | Body::NoteDeleted(_)
        | Body::NoteReacted { .. }
        | Body::Followed(_)
        | Body::StatusChanged(_)
        | Body::Session { .. }
        | Body::Message { .. } => return None,
    };
    let (_, data) = plain::Told::of(event)?;
    Some(Frame::text(&wire::write(&Told { kind, data })))
}

#[cfg(test)]
mod tests {
    use quintet_core::change::RightsChange;
    use quintet_core::room::Thread;
    use quintet_core::user::Status;
    use quintet_core::{Author, Chat, Id, Position, Room, Timestamp, Topic, User};

    use super::*;

    fn id(number: u64) -> Id {
        Id::new(number).unwrap()
    }

    fn ann() -> Author {
        Author { id: id(4097), name: "ann".into() }
    }

    fn event(body: Body) -> Event {
        let position = body.is_kept().then_some(Position { epoch: 10, offset: 3 });
        let at = Timestamp::from_millis(1_760_000_000_007);
        Event {
            id: id(9000),
            topics: vec![Topic::room(id(4101))],
            position,
            at,
            author: ann(),
            via: "jac".into(),
            body,
            commit: None,
        }
    }

    fn chat() -> Chat {
        Chat {
            id: id(5550),
            room: id(4101),
            thread: None,
            author: ann(),
            content: "Lunch? \"é\"".into(),
            created_at: Timestamp::from_millis(1_760_000_000_000),
            edited: true,
            reactions: vec![("🍕".into(), 2), ("✔️".into(), 1)],
            via: "concord".into(),
            subject: None,
        }
    }

    fn rendered(body: Body) -> String {
        let frame = render(&event(body)).unwrap();
        assert!(frame.is_text());
        String::from_utf8(frame.payload().to_vec()).unwrap()
    }

    const CHAT: &str = concat!(
        r#"{"id":5550,"roomId":4101,"threadId":null,"author":{"id":4097,"username":"ann","#,
        r#""rootId":"n::000000000000000000001001"},"content":"Lunch? \"é\"","createdAt":1760000000000,"edited":true,"#,
        r#""reactions":{"🍕":2,"✔️":1},"via":"concord","position":"3-a"}"#
    );

    #[test]
    fn every_body_with_a_word_is_said() {
        let (chat_id, room) = (id(5550), id(4101));
        let reactions = vec![("🍕".into(), 1)];
        let sent_at = Timestamp::from_millis(17);
        for (body, told) in [
            (Body::ChatPosted(chat()), format!(r#"{{"type":"chat","data":{{"chat":{CHAT}}}}}"#)),
            (Body::ChatEdited(chat()), format!(r#"{{"type":"chat_edited","data":{{"chat":{CHAT}}}}}"#)),
            (
                Body::ChatDeleted { chat: chat_id, room, thread: Some(id(7)), subject: None },
                r#"{"type":"chat_deleted","data":{"id":5550,"roomId":4101,"threadId":7,"position":"3-a"}}"#.into(),
            ),
            (
                Body::ChatReacted { chat: chat_id, room, thread: None, subject: None, reactions, change: None },
                r#"{"type":"chat_reactions","data":{"id":5550,"roomId":4101,"reactions":{"🍕":1},"position":"3-a"}}"#
                    .into(),
            ),
            (
                Body::Typing { room, thread: None, sent_at },
                concat!(
                    r#"{"type":"typing","data":{"roomId":4101,"threadId":null,"#,
                    r#""user":{"id":4097,"username":"ann"},"sentAt":17}}"#
                )
                .into(),
            ),
            (presence(true), presence_told("joined")),
            (presence(false), presence_told("left")),
            (Body::Notice(r#"{"z":1,"a":[]}"#.into()), r#"{"z":1,"a":[]}"#.into()),
        ] {
            assert_eq!(rendered(body), told);
        }
    }

    fn presence(joined: bool) -> Body {
        Body::Presence { room: id(4101), dialect: "concord".into(), joined }
    }

    fn presence_told(state: &str) -> String {
        format!(
            r#"{{"type":"presence","data":{{"roomId":4101,"user":{{"id":4097,"username":"ann"}},"dialect":"concord","at":1760000000007,"state":"{state}"}}}}"#
        )
    }

    #[test]
    fn what_it_has_no_word_for_is_not_said() {
        let at = Timestamp::from_millis(0);
        let room = Room {
            id: id(1),
            parent: None,
            ordinality: 0,
            name: String::new(),
            description: None,
            capabilities: None,
            created_at: at,
            created_by: id(1),
            federated: false,
        };
        let user = User {
            id: id(1),
            username: String::new(),
            nickname: String::new(),
            bio: None,
            avatar: None,
            created_at: at,
            disabled: false,
            remote: None,
            agent: quintet_core::AgentKey([8; 32]),
            status: Status::Online,
        };
        let thread =
            Thread { id: id(1), room: id(1), source: id(1), name: String::new(), created_at: at, creator: ann() };
        for body in [
            Body::ThreadStarted(thread),
            Body::RoomCreated(room.clone()),
            Body::RoomChanged(room),
            Body::RoomDeleted { room: id(1) },
            Body::UserJoined(user.clone()),
            Body::UserChanged { user, token_generation: 0 },
            Body::RightsChanged(RightsChange::RoleDeleted(id(1))),
            Body::StatusChanged(Status::Online),
        ] {
            assert_eq!(render(&event(body.clone())), None, "{}", body.name());
        }
    }
}
