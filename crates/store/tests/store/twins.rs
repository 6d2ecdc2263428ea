//! The store in memory and the store on disk do the same, whatever is done to them.
//!
//! A failing sequence is made small and printed; the seed is kept beside this file and tried first the next time.

mod deeds;
mod library;
mod strangers;

use std::sync::Arc;

use proptest::prelude::*;
use quintet_core::Commit;
use quintet_core::change::{Change, Commits, Expect};
use quintet_core::chat::{ChatFilter, NewChat, ThreadFilter};
use quintet_core::id::Id;
use quintet_core::identity::{Author, Secret};
use quintet_core::limits::Limits;
use quintet_core::right::{Grant, Holder, Right, Rights, Scope};
use quintet_core::room::{NewRoom, RoomEdit};
use quintet_core::topic::Topic;
use quintet_core::user::NewLogin;
use quintet_store::Rooms;

use self::deeds::{Deed, deed, path, pen_of};
use self::strangers::{Places, Visit, visit};
use crate::house::{DAWN, House, account, chat, image, nowhere, room};
use crate::pen::{Pen, at};

/// A step, with places of things in the order in which they were made instead of their numbers.
#[derive(Clone, Debug)]
enum Step {
    Wait(i64),
    Register(NewLogin),
    SetPassword(usize, bool),
    SetDisabled(usize, bool),
    SetAvatar(usize),
    CreateRoom(Option<usize>, Option<i32>, String),
    ChangeRoom(usize, String),
    DeleteRoom(usize),
    Post(usize, usize, Option<usize>, i64, String),
    Edit(usize, String),
    Delete(usize),
    React(usize, usize, String, bool),
    StartThread(usize),
    CreateRole(String),
    DeleteRole(usize),
    Assign(usize, usize, bool),
    Grant(Option<usize>, bool, usize, i32),
    PostAt(usize, usize),
    Commit(u8, Vec<(usize, Deed)>),
    CommitAgain(usize),
    Visit(Visit),
}

fn step() -> impl Strategy<Value = Step> {
    use Step::*;
    let thing = 0_usize..40;
    let things = || thing.clone();
    let text =
        || prop::sample::select(vec!["run", "Runs late", "apple pie", "", "?!", "🍕 pears"]).prop_map(String::from);
    let name =
        || prop::sample::select(vec!["ann", "Ann", "ann@x.org", "ANN@x.org", "ann2", "bob"]).prop_map(String::from);
    let login = prop_oneof![name().prop_map(NewLogin::Username), name().prop_map(NewLogin::Email)];
    let reaction = prop::sample::select(vec!["+", "a.b", "✔", "✔\u{fe0f}"]).prop_map(String::from);
    prop_oneof![
        2 => (-3_i64..5).prop_map(Wait),
        3 => login.prop_map(Register),
        1 => (things(), any::<bool>()).prop_map(|(user, end)| SetPassword(user, end)),
        1 => (things(), any::<bool>()).prop_map(|(user, disabled)| SetDisabled(user, disabled)),
        1 => things().prop_map(SetAvatar),
        4 => (prop::option::of(things()), prop::option::of(-1_i32..4), name())
            .prop_map(|(parent, place, name)| CreateRoom(parent, place, name)),
        1 => (things(), name()).prop_map(|(room, name)| ChangeRoom(room, name)),
        1 => things().prop_map(DeleteRoom),
        12 => (things(), things(), prop::option::of(things()), -2_i64..3, text())
            .prop_map(|(author, room, thread, late, text)| Post(author, room, thread, late, text)),
        2 => (things(), text()).prop_map(|(chat, text)| Edit(chat, text)),
        1 => things().prop_map(Delete),
        6 => (things(), things(), reaction, any::<bool>())
            .prop_map(|(author, chat, reaction, adding)| React(author, chat, reaction, adding)),
        3 => things().prop_map(StartThread),
        2 => name().prop_map(CreateRole),
        1 => things().prop_map(DeleteRole),
        3 => (things(), things(), any::<bool>()).prop_map(|(role, user, member)| Assign(role, user, member)),
        3 => (prop::option::of(things()), any::<bool>(), things(), -1_i32..2)
            .prop_map(|(room, is_role, holder, value)| Grant(room, is_role, holder, value)),
        2 => (things(), 0_usize..7).prop_map(|(room, path)| PostAt(room, path)),
        24 => (0_u8..5, prop::collection::vec((0_usize..7, deed()), 1..4))
            .prop_map(|(pen, deeds)| Commit(pen, deeds)),
        1 => things().prop_map(CommitAgain),
        24 => visit().prop_map(Visit),
    ]
}

/// What exists: every number that was ever given to something, by what it was given to.
#[derive(Default)]
struct Made {
    users: Vec<Id>,
    rooms: Vec<Id>,
    chats: Vec<Id>,
    threads: Vec<Id>,
    roles: Vec<Id>,
    commits: Vec<Arc<Commit>>,
    notes: Vec<Id>,
    entities: Vec<Id>,
    /// The users of another house who are users here.
    guests: [Option<Id>; 2],
}

/// The thing at a place, if there are any; a few places point to nothing.
fn pick(things: &[Id], place: usize) -> Id {
    match things {
        [] => nowhere(),
        _ if place == 39 => nowhere(),
        _ => things[place % things.len()],
    }
}

impl Made {
    fn note(&mut self, house: &House) {
        use quintet_core::change::RightsChange::RoleCreated;
        use quintet_core::event::Body;
        *self = Self::default();
        for event in house.heard.lock().iter() {
            self.commits.extend(event.commit.clone());
            match &event.body {
                Body::UserJoined(user) => {
                    self.users.push(user.id);
                    let place = ["bob", "eve"].iter().position(|name| user.username == format!("{name}@b.example"));
                    if let (Some(place), Some(remote)) = (place, &user.remote)
                        && !remote.address.key.ends_with("another")
                    {
                        self.guests[place] = Some(user.id);
                    }
                }
                Body::NotePosted(note) => self.notes.push(note.id),
                Body::Delivered(_) => self.entities.push(event.id),
                Body::RoomCreated(room) => self.rooms.push(room.id),
                Body::ChatPosted(chat) => self.chats.push(chat.id),
                Body::ThreadStarted(thread) => self.threads.push(thread.id),
                Body::RightsChanged(RoleCreated(role)) => self.roles.push(role.id),
                _ => {}
            }
        }
    }

    /// Who does a step, and what; `None` for one that changes nothing.
    fn change(&self, house: &House, step: Step) -> Option<(Id, Change)> {
        let user = |place| pick(&self.users, place);
        let room_at = |place| pick(&self.rooms, place);
        let chat_at = |place| pick(&self.chats, place);
        let role = |place| pick(&self.roles, place);
        let first = user(0);
        Some(match step {
            Step::Wait(_) => return None,
            Step::Register(login) => (Id::HOUSE, Change::Register(Box::new(account(login)))),
            Step::SetPassword(place, end_tokens) => {
                (first, Change::SetPassword { user: user(place), password: Secret::new("x"), end_tokens })
            }
            Step::SetDisabled(place, disabled) => (first, Change::SetDisabled { user: user(place), disabled }),
            Step::SetAvatar(place) => (first, Change::SetAvatar { user: user(place), image: image(b"face") }),
            Step::CreateRoom(parent, ordinality, name) => {
                (first, Change::CreateRoom(NewRoom { parent: parent.map(room_at), ordinality, ..room(&name) }))
            }
            Step::ChangeRoom(place, name) => {
                let edit = RoomEdit { name: Some(name.clone()), description: Some(Some(name)), federated: None };
                (first, Change::ChangeRoom { room: room_at(place), edit })
            }
            Step::DeleteRoom(place) => (first, Change::DeleteRoom(room_at(place))),
            Step::Post(author, place, thread, late, text) => {
                let thread = thread.map(|place| pick(&self.threads, place));
                let sent_at = Some(house.now().plus_millis(late));
                (user(author), Change::PostChat(NewChat { thread, sent_at, ..chat(room_at(place), &text) }))
            }
            Step::Edit(place, content) => (first, Change::EditChat { chat: chat_at(place), content }),
            Step::Delete(place) => (first, Change::DeleteChat(chat_at(place))),
            Step::React(author, place, reaction, adding) => {
                (user(author), Change::React { chat: chat_at(place), reaction, adding })
            }
            Step::StartThread(place) => (first, Change::StartThread { chat: chat_at(place), name: "talk".into() }),
            Step::CreateRole(name) => (first, Change::CreateRole { name, ordinality: 1 }),
            Step::DeleteRole(place) => (first, Change::DeleteRole(role(place))),
            Step::Assign(place, other, member) => {
                (first, Change::AssignRole { role: role(place), user: user(other), member })
            }
            Step::Grant(scope, is_role, place, value) => {
                let mut rights = Rights::default();
                rights.set(Right::React, value);
                let holder = if is_role { Holder::Role(role(place)) } else { Holder::User(user(place)) };
                let scope = scope.map_or(Scope::Server, |place| Scope::Room(room_at(place)));
                (first, Change::SetGrant(Grant { scope, holder, rights }))
            }
            Step::PostAt(place, subject) => {
                let subject = Some(at(&path(subject)));
                (first, Change::PostChat(NewChat { subject, ..chat(room_at(place), "apple") }))
            }
            Step::Commit(pen, deeds) => {
                let pen = pen_of(pen);
                let sign = |(place, deed): (usize, Deed)| (house.sign(&pen, deed.edit(place)), Expect::Anything);
                (first, committing(&pen, deeds.into_iter().map(sign).collect()))
            }
            Step::Visit(visit) => {
                let places = Places {
                    user: &user,
                    room: &room_at,
                    chat: &chat_at,
                    note: &|place| pick(&self.notes, place),
                    entity: &|place| pick(&self.entities, place),
                    guests: self.guests,
                };
                return visit.change(house, &places);
            }
            Step::CommitAgain(place) => {
                let commit = self.commits.get(place % self.commits.len().max(1))?;
                (first, committing(&Pen::root(), vec![(Arc::clone(commit), Expect::Anything)]))
            }
        })
    }
}

fn committing(pen: &Pen, commits: Vec<(Arc<Commit>, Expect)>) -> Change {
    Change::Commit(Commits { commits, signer: pen.reader.clone(), drives: pen.drives })
}

fn tight() -> Limits {
    let (rooms, roles) = (9, 3);
    Limits { rooms, room_depth: 3, roles, chat_reactions: 2, document_depth: 4, document_items: 3, ..Limits::default() }
}

/// Both stores after the same steps; every step is answered alike.
async fn live(steps: Vec<Step>) -> (House, House, Made) {
    let memory = House::in_memory_with(tight());
    let disk = House::on_disk().with(tight()).await;
    assert_eq!(memory.found().await, disk.found().await);
    let mut made = Made::default();
    for step in steps {
        made.note(&memory);
        if let Step::Wait(millis) = step {
            memory.wait(millis);
            disk.wait(millis);
        } else if matches!(&step, Step::Visit(visit) if visit.forgets()) {
            let before = memory.now();
            let [one, other] = [&memory, &disk].map(|house| house.store.correspondence().forget(before));
            assert_eq!(one.await.unwrap(), other.await.unwrap());
        } else if let Some((author, change)) = made.change(&memory, step) {
            let author = Author { id: author, name: "someone".into() };
            let outcomes = [memory.append(&author, change.clone()).await, disk.append(&author, change).await];
            let [one, other] = outcomes.map(|outcome| outcome.map_err(|error| format!("{error:?}")));
            assert_eq!(one, other);
        }
    }
    made.note(&memory);
    (memory, disk, made)
}

/// All that a reader can see, as text.
async fn seen(house: &House, made: &Made) -> Vec<String> {
    let store = &house.store;
    let mut seen = vec![format!("{:#?}", house.snapshot().await)];
    for filter in filters(made) {
        for rooms in [Rooms::All, Rooms::Except(made.rooms.iter().copied().step_by(2).collect())] {
            seen.push(format!("{filter:?} {:?}", store.chats(&filter, rooms).await.unwrap()));
        }
    }
    for chat in &made.chats {
        seen.push(format!("{:?} {:?}", store.chat(*chat).await.unwrap(), store.reactors(*chat).await.unwrap()));
        seen.push(format!("{:?}", store.chat_history(*chat, 50).await.unwrap()));
    }
    for room in &made.rooms {
        seen.push(format!("{:?}", store.threads(*room).await.unwrap()));
        seen.push(format!("{:?}", store.history(&Topic::room(*room), 1, 50).await.unwrap()));
    }
    for login in ["admin", "ann", "Ann", "ANN", "ann@x.org", "Ann@X.org", "ANN@x.org", "ann2", "bob"] {
        seen.push(format!("{login} {:?}", store.account_by_login(login).await.unwrap()));
    }
    seen.append(&mut strangers::seen(house, &made.chats, &made.users).await);
    seen.append(&mut library::seen(house, &made.commits).await);
    seen
}

fn filters(made: &Made) -> Vec<ChatFilter> {
    let all = ChatFilter { limit: 50, ..ChatFilter::default() };
    let mut filters = vec![
        all.clone(),
        ChatFilter { skip: 2, limit: 3, ..all.clone() },
        ChatFilter { thread: Some(ThreadFilter::Main), ..all.clone() },
        ChatFilter { before: Some(DAWN.plus_millis(3)), ..all.clone() },
        ChatFilter { after: Some(DAWN.plus_millis(1)), ..all.clone() },
    ];
    filters
        .extend(["run", "RUNNING pear", "?", " "].map(|words| ChatFilter { words: Some(words.into()), ..all.clone() }));
    filters.extend(made.rooms.iter().map(|room| ChatFilter { room: Some(*room), ..all.clone() }));
    filters.extend(made.users.iter().map(|user| ChatFilter { author: Some(*user), ..all.clone() }));
    filters.extend(made.threads.iter().map(|it| ChatFilter { thread: Some(ThreadFilter::In(*it)), ..all.clone() }));
    filters
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn memory_and_disk_agree(steps in prop::collection::vec(step(), 1..120)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (memory, disk, made) = live(steps).await;
            let (one, other) = (seen(&memory, &made).await, seen(&disk, &made).await);
            for (one, other) in one.iter().zip(&other) {
                assert_eq!(one, other);
            }
            assert_eq!(one.len(), other.len());
            disk.store.close().await.unwrap();
        });
    }
}
