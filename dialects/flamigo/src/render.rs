//! Rendering: what listeners are told of an event (bridge.md, section 2). The same here and at the workers' entrance.

use std::borrow::Cow;

use quintet_core::plain::{Told, is_reply, notice_name};
use quintet_core::{Body, Event, Frame};

use crate::wire::write;

/// An event as a push; `None` where there is no word for it.
pub(crate) fn render(event: &Event) -> Option<Frame> {
    match &event.body {
        Body::Message { name, payload } => message(name, payload),
        // One with several topics is named by the first.
        Body::Notice(object) => Some(push(notice_name(event.topics.first()?)?, object)),
        body => {
            let (name, told) = Told::of(event)?;
            let name: Cow<'_, str> = match body {
                // Their names are those of their topics, the user's number included.
                Body::Session { .. } => format!("{name}/{}", event.author.id).into(),
                _ => name.into(),
            };
            Some(push(&name, &write(&told)))
        }
    }
}

/// What an application says. Nobody is to take it for a reply, whoever published it.
fn message(name: &str, payload: &str) -> Option<Frame> {
    (!is_reply(name)).then(|| push(name, payload))
}

fn push(name: &str, payload: &str) -> Frame {
    Frame::text_of(&["{\"topic\":", &write(&name), ",\"payload\":", payload, "}"])
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use quintet_core::change::RightsChange;
    use quintet_core::commit::Commit;
    use quintet_core::event::Committed;
    use quintet_core::hierarchy::Audience;
    use quintet_core::plain::NAMES;
    use quintet_core::room::Thread;
    use quintet_core::user::Status;
    use quintet_core::{Author, Chat, Id, Position, Properties, Room, Subject, Timestamp, Topic, User};

    use super::*;

    fn id(number: u64) -> Id {
        Id::new(number).unwrap()
    }

    fn ann() -> Author {
        Author { id: id(4097), name: "ann".into() }
    }

    fn at() -> Timestamp {
        Timestamp::from_millis(1_760_000_000_007)
    }

    fn event(topic: Topic, body: Body) -> Event {
        let position = body.is_kept().then_some(Position { epoch: 10, offset: 3 });
        let (id, author, via) = (id(9000), ann(), "jac".into());
        Event { id, topics: vec![topic], position, at: at(), author, via, body, commit: None }
    }

    fn told(body: Body) -> Option<String> {
        rendered(&event(Topic::room(id(4101)), body))
    }

    fn rendered(event: &Event) -> Option<String> {
        let frame = render(event)?;
        assert!(frame.is_text());
        Some(String::from_utf8(frame.payload().to_vec()).unwrap())
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
            reactions: vec![("🍕".into(), 2)],
            via: "concord".into(),
            subject: None,
        }
    }

    fn room() -> Room {
        Room {
            id: id(4101),
            parent: Some(id(4100)),
            ordinality: 0,
            name: "menu".into(),
            description: None,
            capabilities: None,
            created_at: at(),
            created_by: id(4097),
            federated: false,
        }
    }

    fn user() -> User {
        User {
            id: id(4097),
            username: "ann".into(),
            nickname: "Ann".into(),
            bio: None,
            avatar: None,
            created_at: at(),
            disabled: false,
            remote: None,
            agent: quintet_core::AgentKey([8; 32]),
            status: Status::Online,
        }
    }

    const CHAT: &str = concat!(
        r#"{"chat":{"id":5550,"roomId":4101,"threadId":null,"author":{"id":4097,"username":"ann","#,
        r#""rootId":"n::000000000000000000001001"},"content":"Lunch? \"é\"","createdAt":1760000000000,"edited":true,"#,
        r#""reactions":{"🍕":2},"via":"concord","position":"3-a"}}"#
    );
    const ANN: &str = r#"{"id":4097,"username":"ann"}"#;
    const MENU: &str = r#"{"room":{"id":4101,"parentId":4100,"name":"menu","description":null}}"#;

    #[test]
    fn every_body_with_a_word_is_said() {
        let (chat_id, room_id, thread, subject) = (id(5550), id(4101), None, None);
        let presence = |joined| Body::Presence { room: room_id, dialect: "concord".into(), joined };
        let present = |state| {
            format!(r#"{{"roomId":4101,"user":{ANN},"dialect":"concord","at":1760000000007,"state":"{state}"}}"#)
        };
        let known = r#"{"user":{"id":4097,"username":"ann","nickname":"Ann"}}"#;
        for (body, name, payload) in [
            (Body::ChatPosted(chat()), "chat:sent", CHAT.to_owned()),
            (Body::ChatEdited(chat()), "chat:edited", CHAT.to_owned()),
            (
                Body::ChatDeleted { chat: chat_id, room: room_id, thread: Some(id(7)), subject: None },
                "chat:deleted",
                r#"{"id":5550,"roomId":4101,"threadId":7,"position":"3-a"}"#.to_owned(),
            ),
            (
                Body::ChatReacted {
                    chat: chat_id,
                    room: room_id,
                    thread,
                    subject,
                    reactions: vec![("🍕".into(), 1)],
                    change: None,
                },
                "chat:reactions",
                r#"{"id":5550,"roomId":4101,"reactions":{"🍕":1},"position":"3-a"}"#.to_owned(),
            ),
            (
                Body::Typing { room: room_id, thread, sent_at: Timestamp::from_millis(17) },
                "chat:typing",
                format!(r#"{{"roomId":4101,"threadId":null,"user":{ANN},"sentAt":17}}"#),
            ),
            (presence(true), "presence:joined", present("joined")),
            (presence(false), "presence:left", present("left")),
            (Body::StatusChanged(Status::Online), "presence:status", format!(r#"{{"user":{ANN},"status":"ONLINE"}}"#)),
            (Body::RoomCreated(room()), "room:created", MENU.to_owned()),
            (Body::RoomChanged(room()), "room:changed", MENU.to_owned()),
            (Body::RoomDeleted { room: room_id }, "room:deleted", r#"{"roomId":4101}"#.to_owned()),
            (Body::UserJoined(user()), "user:joined", known.to_owned()),
            (Body::UserChanged { user: user(), token_generation: 1 }, "user:changed", known.to_owned()),
        ] {
            assert!(NAMES.contains(&name), "{name}");
            assert_eq!(told(body).unwrap(), format!(r#"{{"topic":"{name}","payload":{payload}}}"#));
        }
    }

    #[test]
    fn who_comes_and_goes_is_named_in_the_topic() {
        for (authenticated, name) in [(true, "auth/authenticated"), (false, "user/disconnected")] {
            let wanted = format!(r#"{{"topic":"{name}/4097","payload":{{"user":{{"id":"4097","username":"ann"}}}}}}"#);
            assert_eq!(told(Body::Session { dialect: "flamigo".into(), authenticated }).unwrap(), wanted);
        }
    }

    #[test]
    fn notices_are_named_by_where_they_are_heard() {
        for (topic, name) in [
            (Topic::user(id(4097)), "user:notice"),
            (Topic::channel("lobby"), "channel:notice"),
            (Topic::client("c-1"), "client:notice"),
            (Topic::room(id(4101)), "room:notice"),
        ] {
            assert!(NAMES.contains(&name));
            let wanted = format!(r#"{{"topic":"{name}","payload":{{"z":1,"a":[]}}}}"#);
            assert_eq!(rendered(&event(topic, Body::Notice(r#"{"z":1,"a":[]}"#.into()))).unwrap(), wanted);
        }
    }

    #[test]
    fn messages_of_applications_keep_their_name_unless_it_is_a_replys() {
        let message = |name: &str| told(Body::Message { name: name.into(), payload: "[1.50]".into() });
        assert_eq!(message("note:\"x\"").unwrap(), r#"{"topic":"note:\"x\"","payload":[1.50]}"#);
        for name in ["error", "app::echo", "worker::call"] {
            assert_eq!(message(name), None, "{name}");
        }
    }

    #[test]
    fn a_commit_is_told_with_its_document() {
        let subject = Subject::parse("http://localhost:9883/one").unwrap();
        let committed = Committed { subject: subject.clone(), created: true, audience: Audience::Everyone };
        let mut event = event(subject.topic(), Body::Committed(committed));
        assert_eq!(rendered(&event), None, "one without its commit");
        event.commit = Some(Arc::new(Commit {
            subject,
            signer: "".into(),
            created_at: at(),
            set: Properties::default(),
            push: Properties::default(),
            remove: Vec::new(),
            destroy: false,
            previous: None,
            signature: "".into(),
            json: r#"{"@id":"x"}"#.into(),
        }));
        let wanted =
            r#"{"topic":"resource:committed","payload":{"subject":"http://localhost:9883/one","commit":{"@id":"x"}}}"#;
        assert_eq!(rendered(&event).unwrap(), wanted);
    }

    #[test]
    fn what_there_is_no_word_for_is_not_said() {
        let created_at = at();
        let thread = Thread { id: id(1), room: id(1), source: id(1), name: String::new(), created_at, creator: ann() };
        for body in [Body::ThreadStarted(thread), Body::RightsChanged(RightsChange::RoleDeleted(id(1)))] {
            assert_eq!(told(body.clone()), None, "{}", body.name());
        }
    }
}
