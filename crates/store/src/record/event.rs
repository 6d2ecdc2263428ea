//! How the bodies of events are written down.

use quintet_core::Subject;
use quintet_core::event::{Body, Committed};
use quintet_core::hierarchy::Audience;
use serde::{Deserialize, Serialize};

use super::address::TargetRecord;
use super::federation::{DeliveredRecord, FollowRecord, NoteRecord};
use super::people::UserRecord;
use super::right::RightsChangeRecord;
use super::room::{ChatRecord, RoomRecord, ThreadRecord};
use super::{Number, Record, from_text, to_text};
use crate::tables::{Broken, Kept};

/// The body of a kept event: `{"<name>": …}`, the names being those of [`Body::name`].
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum BodyRecord<'a> {
    ChatPosted(ChatRecord<'a>),
    ChatEdited(ChatRecord<'a>),
    ChatDeleted {
        chat: Number,
        room: Number,
        #[serde(default)]
        thread: Option<Number>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject: Option<String>,
    },
    ChatReacted {
        chat: Number,
        room: Number,
        #[serde(default)]
        thread: Option<Number>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject: Option<String>,
        reactions: Vec<(String, u64)>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        change: Option<(String, bool)>,
    },
    ThreadStarted(ThreadRecord),
    RoomCreated(RoomRecord),
    RoomChanged(RoomRecord),
    RoomDeleted {
        room: Number,
    },
    UserJoined(UserRecord),
    UserChanged {
        user: UserRecord,
        token_generation: u32,
    },
    RightsChanged(RightsChangeRecord),
    Committed {
        subject: String,
        created: bool,
    },
    Delivered(DeliveredRecord),
    NotePosted(NoteRecord),
    NoteEdited(NoteRecord),
    NoteDeleted(NoteRecord),
    NoteReacted {
        by: Number,
        to: Number,
        note: TargetRecord,
        reaction: String,
        adding: bool,
    },
    Followed(FollowRecord),
}

impl Record for Body {
    fn text(&self) -> Kept<String> {
        to_text(&BodyRecord::try_from(self)?)
    }

    fn parse(text: &str) -> Kept<Self> {
        from_text::<BodyRecord<'_>>(text)?.try_into()
    }
}

impl<'a> TryFrom<&'a Body> for BodyRecord<'a> {
    type Error = Broken;

    fn try_from(body: &'a Body) -> Kept<Self> {
        Ok(match body {
            Body::ChatPosted(chat) => Self::ChatPosted(chat.into()),
            Body::ChatEdited(chat) => Self::ChatEdited(chat.into()),
            Body::ChatDeleted { chat, room, thread, subject } => Self::ChatDeleted {
                chat: Number(*chat),
                room: Number(*room),
                thread: thread.map(Number),
                subject: subject.as_ref().map(|subject| subject.as_str().to_owned()),
            },
            Body::ChatReacted { chat, room, thread, subject, reactions, change } => Self::ChatReacted {
                chat: Number(*chat),
                room: Number(*room),
                thread: thread.map(Number),
                subject: subject.as_ref().map(|subject| subject.as_str().to_owned()),
                reactions: reactions.clone(),
                change: change.clone(),
            },
            Body::ThreadStarted(thread) => Self::ThreadStarted(thread.into()),
            Body::RoomCreated(room) => Self::RoomCreated(room.into()),
            Body::RoomChanged(room) => Self::RoomChanged(room.into()),
            Body::RoomDeleted { room } => Self::RoomDeleted { room: Number(*room) },
            Body::UserJoined(user) => Self::UserJoined(user.into()),
            Body::UserChanged { user, token_generation } => {
                Self::UserChanged { user: user.into(), token_generation: *token_generation }
            }
            Body::RightsChanged(change) => Self::RightsChanged(change.into()),
            Body::Committed(committed) => {
                Self::Committed { subject: committed.subject.as_str().to_owned(), created: committed.created }
            }
            Body::Delivered(delivered) => Self::Delivered(delivered.into()),
            Body::NotePosted(note) => Self::NotePosted((&**note).into()),
            Body::NoteEdited(note) => Self::NoteEdited((&**note).into()),
            Body::NoteDeleted(note) => Self::NoteDeleted((&**note).into()),
            Body::NoteReacted { by, to, note, reaction, adding } => Self::NoteReacted {
                by: Number(*by),
                to: Number(*to),
                note: note.into(),
                reaction: reaction.clone(),
                adding: *adding,
            },
            Body::Followed(follow) => Self::Followed(follow.into()),
            Body::Typing { .. }
            | Body::StatusChanged(_)
            | Body::Presence { .. }
            | Body::Session { .. }
            | Body::Notice(_)
            | Body::Message { .. } => {
                return Err(Broken::new(format!("{} is not kept", body.name())));
            }
        })
    }
}

impl TryFrom<BodyRecord<'_>> for Body {
    type Error = Broken;

    fn try_from(record: BodyRecord<'_>) -> Kept<Self> {
        Ok(match record {
            BodyRecord::ChatPosted(chat) => Self::ChatPosted(chat.into()),
            BodyRecord::ChatEdited(chat) => Self::ChatEdited(chat.into()),
            BodyRecord::ChatDeleted { chat, room, thread, subject } => Self::ChatDeleted {
                chat: chat.0,
                room: room.0,
                thread: thread.map(|thread| thread.0),
                subject: subject.and_then(|subject| Subject::parse(&subject)),
            },
            BodyRecord::ChatReacted { chat, room, thread, subject, reactions, change } => Self::ChatReacted {
                chat: chat.0,
                room: room.0,
                thread: thread.map(|thread| thread.0),
                subject: subject.and_then(|subject| Subject::parse(&subject)),
                reactions,
                change,
            },
            BodyRecord::ThreadStarted(thread) => Self::ThreadStarted(thread.into()),
            BodyRecord::RoomCreated(room) => Self::RoomCreated(room.into()),
            BodyRecord::RoomChanged(room) => Self::RoomChanged(room.into()),
            BodyRecord::RoomDeleted { room } => Self::RoomDeleted { room: room.0 },
            BodyRecord::UserJoined(user) => Self::UserJoined(user.try_into()?),
            BodyRecord::UserChanged { user, token_generation } => {
                Self::UserChanged { user: user.try_into()?, token_generation }
            }
            BodyRecord::RightsChanged(change) => Self::RightsChanged(change.into()),
            BodyRecord::Committed { subject, created } => Self::Committed(Committed {
                subject: Subject::parse(&subject).ok_or_else(|| Broken::new(format!("{subject} is no subject")))?,
                created,
                audience: Audience::nobody(),
            }),
            BodyRecord::Delivered(delivered) => Self::Delivered(delivered.try_into()?),
            BodyRecord::NotePosted(note) => Self::NotePosted(Box::new(note.try_into()?)),
            BodyRecord::NoteEdited(note) => Self::NoteEdited(Box::new(note.try_into()?)),
            BodyRecord::NoteDeleted(note) => Self::NoteDeleted(Box::new(note.try_into()?)),
            BodyRecord::NoteReacted { by, to, note, reaction, adding } => {
                Self::NoteReacted { by: by.0, to: to.0, note: note.try_into()?, reaction, adding }
            }
            BodyRecord::Followed(follow) => Self::Followed(follow.into()),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use quintet_core::change::RightsChange;
    use quintet_core::chat::Chat;
    use quintet_core::event::Delivered;
    use quintet_core::federation::host::Reach;
    use quintet_core::federation::{
        Address, Audience as For, Follow, FollowState, Form, Host, Note, Own, Remote, Target,
    };
    use quintet_core::id::Id;
    use quintet_core::identity::Author;
    use quintet_core::right::{Grant, Holder, Right, Rights, Role, Scope};
    use quintet_core::room::{Room, Thread};
    use quintet_core::time::Timestamp;
    use quintet_core::user::{Status, User};

    use super::*;

    fn id(value: u64) -> Id {
        Id::new(value).unwrap()
    }

    fn chat() -> Chat {
        Chat {
            id: id(5550),
            room: id(4101),
            thread: Some(id(4200)),
            author: Author { id: id(4112), name: "ann".into() },
            content: "say \"hi\"\n\u{2028}".into(),
            created_at: Timestamp::from_millis(1_760_000_000_000),
            edited: true,
            reactions: vec![("a.b".into(), 2), ("✔\u{fe0f}".into(), 1)],
            via: "concord".into(),
            subject: None,
        }
    }

    fn room() -> Room {
        Room {
            id: id(4101),
            parent: Some(id(4100)),
            ordinality: -3,
            name: "menu".into(),
            description: Some(String::new()),
            capabilities: Some(vec!["text".into()]),
            created_at: Timestamp::from_millis(-1),
            created_by: Id::HOUSE,
            federated: false,
        }
    }

    fn user() -> User {
        User {
            id: id(4112),
            username: "ann".into(),
            nickname: "Ann".into(),
            bio: Some("hello".into()),
            avatar: Some(id(4113)),
            created_at: Timestamp::from_millis(7),
            disabled: true,
            remote: None,
            agent: quintet_core::AgentKey([8; 32]),
            status: Status::Offline,
        }
    }

    fn rights() -> [RightsChange; 5] {
        let mut rights = Rights::admin();
        for (value, right) in (-2..).zip(Right::ALL) {
            rights.set(right, value);
        }
        let role = id(4300);
        [
            RightsChange::RoleCreated(Role { id: role, name: "mods".into(), ordinality: 4 }),
            RightsChange::RoleDeleted(role),
            RightsChange::RoleAssigned { role, user: id(4112), member: true },
            RightsChange::Granted(Grant { scope: Scope::Server, holder: Holder::Role(role), rights: rights.clone() }),
            RightsChange::Granted(Grant { scope: Scope::Room(id(4101)), holder: Holder::User(role), rights }),
        ]
    }

    fn address(key: &str) -> Address {
        Address { host: Host::parse("b.example", Reach::Net).unwrap(), form: Form::Reference, key: key.into() }
    }

    fn note() -> Note {
        Note {
            id: id(4500),
            author: Author { id: id(4112), name: "ann".into() },
            content: "hello".into(),
            audience: For::Group(Target::Remote(address("Group b.example:1"))),
            mentions: vec![Target::Own(Own::User(id(4112))), Target::Own(Own::Unknown)],
            replies_to: Some(Target::Own(Own::Reaction { user: id(4112), to: id(5550), reaction: "+".into() })),
            created_at: Timestamp::from_millis(3),
            edited: true,
        }
    }

    /// What passes between houses.
    fn letters() -> Vec<Body> {
        let others = |audience| Note { audience, mentions: Vec::new(), replies_to: None, edited: false, ..note() };
        let state = |state| Body::Followed(Follow { follower: id(4112), followee: id(4101), state });
        let delivered = |name: Option<&str>| {
            let (host, kind) = (address("x").host, "Note".into());
            let actor = name.map(|_| "User b.example:1".into());
            Body::Delivered(Delivered { host, kind, name: name.map(Arc::from), actor, text: "".into() })
        };
        let note_of = Target::Remote(Address { form: Form::Uri, ..address("https://b.example/notes/1") });
        let mut bodies = vec![
            delivered(Some("Note b.example:1")),
            delivered(None),
            Body::NotePosted(Box::new(note())),
            Body::NoteEdited(Box::new(others(For::Public))),
            Body::NoteDeleted(Box::new(others(For::Followers))),
            Body::NotePosted(Box::new(others(For::Mentioned))),
            Body::NoteReacted { by: id(4112), to: id(4600), note: note_of, reaction: "+".into(), adding: true },
        ];
        bodies.extend(
            [FollowState::Pending, FollowState::Accepted, FollowState::Rejected, FollowState::Ended].map(state),
        );
        let remote =
            Remote { address: address("User b.example:1"), group: true, inbox: Some("https://b.example/i".into()) };
        bodies.push(Body::UserJoined(User { remote: Some(remote), ..user() }));
        bodies
    }

    fn bodies() -> Vec<Body> {
        let Chat { id: chat_id, room: room_id, thread, author, reactions, .. } = chat();
        let mut bodies = vec![
            Body::ChatPosted(chat()),
            Body::ChatEdited(Chat { thread: None, edited: false, reactions: Vec::new(), ..chat() }),
            Body::ChatDeleted { chat: chat_id, room: room_id, thread, subject: Subject::parse("http://a.example/x") },
            Body::ChatReacted { chat: chat_id, room: room_id, thread: None, subject: None, reactions, change: None },
            Body::ThreadStarted(Thread {
                id: id(4200),
                room: room_id,
                source: chat_id,
                name: "lunch".into(),
                created_at: Timestamp::from_millis(9),
                creator: author,
            }),
            Body::RoomCreated(room()),
            Body::RoomChanged(Room { parent: None, description: None, capabilities: None, ..room() }),
            Body::RoomDeleted { room: room_id },
            Body::UserJoined(user()),
            Body::UserChanged { user: User { bio: None, avatar: None, ..user() }, token_generation: 3 },
        ];
        bodies.extend([true, false].map(|created| {
            let subject = Subject::parse("http://a.example/agents/a//b+c=").unwrap();
            Body::Committed(Committed { subject, created, audience: Audience::nobody() })
        }));
        bodies.extend(rights().map(Body::RightsChanged));
        bodies.extend(letters());
        bodies
    }

    #[test]
    fn every_kept_body_reads_back_under_its_own_name() {
        for body in bodies() {
            let text = body.text().unwrap();
            assert!(text.starts_with(&format!("{{\"{}\":", body.name())), "{text}");
            assert_eq!(Body::parse(&text).unwrap(), body);
        }
    }

    #[test]
    fn whom_a_commit_was_for_is_not_kept() {
        let subject = Subject::parse("http://a.example/x").unwrap();
        let told = |audience| Body::Committed(Committed { subject: subject.clone(), created: true, audience });
        let text = told(Audience::Everyone).text().unwrap();
        assert_eq!(Body::parse(&text).unwrap(), told(Audience::nobody()));
    }

    #[test]
    fn what_is_not_kept_has_no_record() {
        assert!(Body::Notice(Arc::from("{}")).text().is_err());
    }
}
