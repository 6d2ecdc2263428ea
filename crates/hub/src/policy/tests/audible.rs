//! Everything that can be said, by whom it is heard, by every kind of pattern: what is private stays so however wide a pattern is.

use quintet_core::event::Committed;
use quintet_core::hierarchy::Audience;
use quintet_core::room::Thread;
use quintet_core::{Chat, Subject};

use super::*;

/// Who hears, in this order.
fn listeners() -> [Identity; 7] {
    let key = Identity::Agent(AgentKey([1; 32]));
    [who(ANN), who(BOB), who(ADMIN), Identity::Public, key, Identity::Instance("x.org".into()), worker()]
}

fn chat(number: u64) -> Chat {
    Chat {
        id: id(9000),
        room: id(number),
        thread: None,
        author: Author::house(),
        content: "secret".into(),
        created_at: START,
        edited: false,
        reactions: Vec::new(),
        via: "test".into(),
        subject: None,
    }
}

fn thread(number: u64) -> Thread {
    Thread {
        id: id(9001),
        room: id(number),
        source: id(9000),
        name: "talk".into(),
        created_at: START,
        creator: Author::house(),
    }
}

fn committed(audience: Audience) -> Body {
    let subject = Subject::parse("http://localhost/d").unwrap();
    Body::Committed(Committed { subject, created: false, audience })
}

/// What is said in a room.
fn said_there(number: u64) -> Vec<Body> {
    let (chat_id, in_room) = (id(9000), id(number));
    vec![
        Body::ChatPosted(chat(number)),
        Body::ChatEdited(chat(number)),
        Body::ChatDeleted { chat: chat_id, room: in_room, thread: None, subject: None },
        Body::ChatReacted {
            chat: chat_id,
            room: in_room,
            thread: None,
            subject: None,
            reactions: Vec::new(),
            change: None,
        },
        Body::ThreadStarted(thread(number)),
        Body::RoomCreated(room(number, None)),
        Body::RoomChanged(room(number, None)),
        Body::RoomDeleted { room: in_room },
        typing(number),
        Body::Presence { room: in_room, dialect: "test".into(), joined: true },
        notice(),
    ]
}

#[test]
fn what_is_private_stays_so_by_every_pattern() {
    let everyone = [true; 7];
    let nobody = [false, false, false, false, false, false, true];
    let users = [true, true, true, false, false, false, true];
    let guests = [false, true, true, false, false, false, true];
    let of_ann = [true, false, false, false, false, false, true];
    let (ann, lobby) = (Topic::user(id(ANN)), Topic::channel("lobby"));
    let keys = Audience::Agents(Arc::new([AgentKey([1; 32])].into()));
    // What is said, where, and who hears it: who names the topic, and who has it within a pattern only.
    let mut table = vec![
        (ann.clone(), Body::UserJoined(user(ANN, "ann")), users, users),
        (ann.clone(), Body::UserChanged { user: user(ANN, "ann"), token_generation: 0 }, users, users),
        (ann.clone(), Body::StatusChanged(Status::Online), users, users),
        (ann.clone(), notice(), of_ann, of_ann),
        (ann.clone(), message("x"), nobody, nobody),
        (ann, session(), nobody, nobody),
        (lobby.clone(), notice(), everyone, nobody),
        (lobby, message("x"), nobody, nobody),
        (Topic::client("c"), notice(), everyone, nobody),
        (Topic::of(&["notes", "1"]), message("notes/1"), users, users),
        (Topic::of(&["notes", "1"]), notice(), nobody, nobody),
        (Topic::of(&["resource", "d"]), committed(Audience::Everyone), everyone, everyone),
        (
            Topic::of(&["resource", "d"]),
            committed(keys),
            [false, false, true, false, true, false, true],
            [false, false, true, false, true, false, true],
        ),
        (Topic::of(&["resource", "d"]), notice(), nobody, nobody),
        (Topic::rights(), Body::RightsChanged(RightsChange::RoleDeleted(id(FRIENDS))), nobody, nobody),
    ];
    for topic in [Topic::authenticated(id(ANN)), Topic::disconnected(id(ANN))] {
        let supervised = [true, false, true, false, false, false, true];
        table.push((topic.clone(), session(), supervised, supervised));
        table.push((topic, notice(), nobody, nobody));
    }
    table.extend(said_there(OPEN).into_iter().map(|body| (Topic::room(id(OPEN)), body, users, users)));
    for private in [PRIVATE, WITHIN] {
        table.extend(said_there(private).into_iter().map(|body| (Topic::room(id(private)), body, guests, guests)));
    }
    let policy = policy(false);
    for (topic, body, named, within) in table {
        let readers = policy.readers_at(&topic, &body);
        for (by_name, expected) in [(true, named), (false, within)] {
            let heard = listeners().map(|who| policy.hears(&readers, &who, by_name));
            assert_eq!(heard, expected, "{} at {topic}, by name: {by_name}", body.name());
        }
        assert!(policy.hears(&readers, &Identity::House, false));
    }
}
