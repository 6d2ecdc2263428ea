//! The directory follows what is said.

use quintet_core::change::RightsChange;
use quintet_core::right::Rights;
use quintet_core::user::Status;
use quintet_core::{Author, Body, Timestamp, Topic};

use super::*;

const START: Timestamp = Timestamp::from_millis(0);

fn id(number: u64) -> Id {
    Id::new(number).unwrap()
}

fn user(number: u64, name: &str) -> User {
    User {
        id: id(number),
        username: name.into(),
        nickname: name.into(),
        bio: None,
        avatar: None,
        created_at: START,
        disabled: false,
        remote: None,
        agent: AgentKey([8; 32]),
        status: Status::Offline,
    }
}

fn room(number: u64, parent: Option<u64>) -> Room {
    Room {
        id: id(number),
        parent: parent.map(id),
        ordinality: 0,
        name: format!("room {number}"),
        description: None,
        capabilities: None,
        created_at: START,
        created_by: Id::HOUSE,
        federated: false,
    }
}

/// Two users, the first an admin; a room with a room in it.
fn directory() -> Directory {
    let admin = Grant { scope: Scope::Server, holder: Holder::User(id(5000)), rights: Rights::admin() };
    Directory::new(Snapshot {
        server: ServerRecord {
            name: "house".into(),
            description: String::new(),
            icon: None,
            default_room: Some(id(6001)),
        },
        users: vec![(user(5000, "ann"), 2), (user(5001, "bob"), 0)],
        secrets: Vec::new(),
        rooms: vec![room(6000, None), room(6001, Some(6000))],
        roles: vec![],
        follows: Vec::new(),
        grants: vec![admin],
    })
}

fn say(directory: &Directory, body: Body) {
    directory.apply(&Event {
        id: Id::HOUSE,
        topics: vec![Topic::rights()],
        position: None,
        at: START,
        author: Author::house(),
        via: "test".into(),
        body,
        commit: None,
    });
}

fn give(directory: &Directory, scope: Scope, holder: Holder, rights: Rights) {
    say(directory, Body::RightsChanged(RightsChange::Granted(Grant { scope, holder, rights })));
}

fn add_role(directory: &Directory, role: u64, member: Option<u64>) {
    let created = Role { id: id(role), name: format!("role {role}"), ordinality: 0 };
    say(directory, Body::RightsChanged(RightsChange::RoleCreated(created)));
    if let Some(user) = member {
        let assigned = RightsChange::RoleAssigned { role: id(role), user: id(user), member: true };
        say(directory, Body::RightsChanged(assigned));
    }
}

fn value(right: Right, value: i32) -> Rights {
    let mut rights = Rights::default();
    rights.set(right, value);
    rights
}

#[test]
fn users_come_and_change() {
    let directory = directory();
    assert_eq!(directory.standing(id(5000)), Some(Standing { disabled: false, generation: 2 }));
    say(&directory, Body::UserJoined(user(5002, "eve")));
    assert_eq!(directory.user_named("eve").unwrap().id, id(5002));
    let disabled = User { disabled: true, ..user(5002, "eve") };
    say(&directory, Body::UserChanged { user: disabled, token_generation: 1 });
    assert_eq!(directory.standing(id(5002)), Some(Standing { disabled: true, generation: 1 }));
    let names: Vec<_> = directory.users().into_iter().map(|user| user.username).collect();
    assert_eq!(names, ["ann", "bob", "eve"]);
}

#[test]
fn a_role_gives_its_rights_while_it_lasts() {
    let directory = directory();
    add_role(&directory, 7000, Some(5001));
    give(&directory, Scope::Server, Holder::Role(id(7000)), value(Right::ManageChats, 1));
    assert!(directory.may(id(5001), Right::ManageChats, Some(id(6001))));
    let entry = directory.roles().into_iter().find(|entry| entry.role.id == id(7000)).unwrap();
    assert_eq!((entry.members, entry.rights), (vec![id(5001)], value(Right::ManageChats, 1)));

    say(&directory, Body::RightsChanged(RightsChange::RoleDeleted(id(7000))));
    assert!(!directory.may(id(5001), Right::ManageChats, Some(id(6001))));
    assert_eq!(directory.grants(Scope::Server).len(), 1, "the admin's own");
    assert_eq!(directory.roles().len(), 1, "everyone's");
}

#[test]
fn sums_run_over_own_roles_and_ancestors() {
    let directory = directory();
    add_role(&directory, 7000, Some(5001));
    let (outer, inner) = (Scope::Room(id(6000)), Scope::Room(id(6001)));
    let may = |room| directory.may(id(5001), Right::Write, Some(id(room)));
    give(&directory, outer, Holder::Role(Id::EVERYONE), value(Right::Write, -3));
    assert_eq!([may(6000), may(6001)], [false, false]);
    give(&directory, inner, Holder::User(id(5001)), value(Right::Write, 2));
    assert_eq!([may(6000), may(6001)], [false, false]);
    give(&directory, inner, Holder::Role(id(7000)), value(Right::Write, 1));
    assert_eq!([may(6000), may(6001)], [false, true], "the sum is zero: the default");
    give(&directory, inner, Holder::Role(Id::EVERYONE), Rights::admin());
    assert_eq!([may(6000), may(6001)], [false, true]);
    assert!(directory.may(id(5001), Right::ManageRooms, Some(id(6001))), "admin within that room");
    assert!(!directory.is_admin(id(5001)), "but not everywhere");
}

#[test]
fn a_deleted_room_takes_its_rights_and_its_place_along() {
    let directory = directory();
    give(&directory, Scope::Room(id(6001)), Holder::User(id(5001)), value(Right::View, -1));
    assert_eq!(directory.readable_rooms(id(5001)), Rooms::Except(vec![id(6001)]));
    assert_eq!(directory.readable_rooms(id(5000)), Rooms::All);
    let seen: Vec<_> = directory.rooms_seen_by(id(5001)).into_iter().map(|room| room.id).collect();
    assert_eq!(seen, [id(6000)]);

    say(&directory, Body::RoomDeleted { room: id(6001) });
    assert_eq!(directory.readable_rooms(id(5001)), Rooms::All);
    assert!(directory.grants(Scope::Room(id(6001))).is_empty());
    assert_eq!(directory.server().default_room, None);
}

#[test]
fn an_admin_is_left_or_not() {
    let directory = directory();
    let (ann, bob) = (Holder::User(id(5000)), id(5001));
    for loss in [Loss::Flag(ann), Loss::User(id(5000))] {
        assert!(!directory.keeps_an_admin(loss), "{loss:?}");
    }
    for loss in [Loss::User(bob), Loss::Flag(Holder::User(bob)), Loss::Flag(Holder::Role(Id::EVERYONE))] {
        assert!(directory.keeps_an_admin(loss), "{loss:?}");
    }
    // Bob becomes admin by a role.
    add_role(&directory, 7000, Some(5001));
    give(&directory, Scope::Server, Holder::Role(id(7000)), Rights::admin());
    assert!(directory.keeps_an_admin(Loss::Flag(ann)));
    give(&directory, Scope::Server, ann, Rights::default());
    let member = Loss::Member { role: id(7000), user: bob };
    for loss in [member, Loss::Flag(Holder::Role(id(7000))), Loss::User(bob)] {
        assert!(!directory.keeps_an_admin(loss), "{loss:?}");
    }
    // A disabled admin does not count.
    give(&directory, Scope::Server, ann, Rights::admin());
    assert!(directory.keeps_an_admin(member));
    say(&directory, Body::UserChanged { user: User { disabled: true, ..user(5000, "ann") }, token_generation: 3 });
    assert!(!directory.keeps_an_admin(member));
}
