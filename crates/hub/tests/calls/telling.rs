//! What happens here, queued for other houses: what each of them hears of, and what nobody does.

use std::sync::Arc;

use quintet_core::change::Change;
use quintet_core::federation::note::{Audience, NewNote};
use quintet_core::federation::peer::Standing;
use quintet_core::federation::{Address, Ask, Deed, Follow, FollowState, Own, Target};
use quintet_core::right::{Holder, Scope};
use quintet_core::room::RoomEdit;
use quintet_core::{Body, Call, Id, Right};

use crate::house::{Who as _, house};
use crate::inbox::{abroad, accept, adoption, append, group};
use crate::peer::{Abroad, address, entity, host, said};

/// What waits for a house: the words, up to the first brace or bracket.
async fn queued(abroad: &Abroad, name: &str) -> Vec<String> {
    caught_up(abroad).await;
    let items = abroad.house.store.correspondence().waiting(&host(name), 0, 100).await.unwrap();
    let word = |text: &str| text.split(['(', ' ']).next().unwrap().to_owned();
    items.iter().map(|item| word(&item.item.text)).collect()
}

/// Lets the courier read what was said. Time passes only when nobody has anything to do.
async fn caught_up(abroad: &Abroad) {
    let _ = abroad;
    tokio::time::sleep(std::time::Duration::from_millis(1)).await;
}

/// Somebody of another house, whose word is taken.
fn stranger(abroad: &Abroad, house: &str, name: &str) -> Address {
    let who = address(house, name);
    abroad.net.serve_key(&who.key, 1);
    who
}

async fn follow(abroad: &Abroad, who: &Address, whom: Own) {
    let follow = entity(abroad, who, &format!("follows {whom:?}"), Deed::Follow(Target::Own(whom)));
    accept(abroad, who, &follow).await.unwrap();
}

async fn say(abroad: &Abroad, author: Id, audience: Audience, mentions: Vec<Target>, replies_to: Option<Target>) -> Id {
    let new = NewNote { content: "hello".into(), audience, mentions, replies_to };
    let events = append(abroad, author, Change::PostNote(new)).await;
    let note = events.iter().find_map(|event| match &event.body {
        Body::NotePosted(note) => Some(note.id),
        _ => None,
    });
    note.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_note_goes_to_the_houses_that_it_is_for() {
    let (abroad, bob) = abroad().await;
    let bea = stranger(&abroad, "b.example", "bea");
    let cat = stranger(&abroad, "c.example", "cat");
    let ann = abroad.house.register("ann").await.id();
    for who in [&bob, &bea] {
        follow(&abroad, who, Own::User(ann)).await;
    }
    assert_eq!(queued(&abroad, "b.example").await, ["Accepted", "Accepted"], "each of them is told");
    let to_cat = || vec![Target::Remote(cat.clone())];
    let club = || Audience::Group(Target::Remote(address("d.example", "club")));
    let table = [
        (Audience::Public, Vec::new(), None, [1, 0, 0]),
        (Audience::Followers, to_cat(), None, [1, 1, 0]),
        (Audience::Mentioned, to_cat(), None, [0, 1, 0]),
        (Audience::Mentioned, Vec::new(), Some(Target::Remote(cat.clone())), [0, 0, 0]),
        (Audience::Public, Vec::new(), Some(Target::Remote(cat.clone())), [1, 1, 0]),
        (club(), Vec::new(), None, [0, 0, 1]),
    ];
    for (audience, mentions, replies_to, expected) in table {
        let before = counts(&abroad).await;
        let what = format!("{audience:?} {mentions:?} {replies_to:?}");
        let note = say(&abroad, ann, audience, mentions, replies_to).await;
        append(&abroad, ann, Change::EditNote { note, content: "hi".into() }).await;
        append(&abroad, ann, Change::DeleteNote(note)).await;
        let after = counts(&abroad).await;
        let heard = [0, 1, 2].map(|house| after[house] - before[house]);
        assert_eq!(heard, expected.map(|times| 3 * times), "once for each house and time: {what}");
    }
    let words = queued(&abroad, "b.example").await;
    assert_eq!(words[2..5], ["Note", "Note", "Deleted"]);
}

async fn counts(abroad: &Abroad) -> [usize; 3] {
    let mut counts = [0; 3];
    for (count, name) in counts.iter_mut().zip(["b.example", "c.example", "d.example"]) {
        *count = queued(abroad, name).await.len();
    }
    counts
}

#[tokio::test(start_paused = true)]
async fn chats_of_a_federated_room_go_to_its_members_and_those_of_members_to_the_others() {
    let (abroad, bob) = abroad().await;
    let cat = stranger(&abroad, "c.example", "cat");
    let ann = abroad.house.register("ann").await;
    let (room, closed) = (group(&abroad).await, abroad.house.room("closed", None).await.id);
    for who in [&bob, &cat] {
        follow(&abroad, who, Own::Room(room)).await;
    }
    let posted = abroad.house.post(&ann, room, "hello").await.id;
    abroad.house.post(&ann, closed, "among us").await;
    let note = entity(&abroad, &bob, "n", said("from afar", Audience::Group(Target::Own(Own::Room(room)))));
    accept(&abroad, &bob, &note).await.unwrap();
    assert_eq!(queued(&abroad, "b.example").await, ["Accepted", "Note"], "what it said it knows");
    assert_eq!(queued(&abroad, "c.example").await, ["Accepted", "Note", "Carried"]);
    let react = |adding| Call::React { chat: posted, reaction: "🎉".into(), adding };
    for adding in [true, false] {
        abroad.house.ask(&ann, react(adding)).await.unwrap();
    }
    abroad.house.ask(&ann, Call::DeleteChat(posted)).await.unwrap();
    assert_eq!(queued(&abroad, "b.example").await[2..], ["Reacted", "Deleted", "Deleted"]);
    let edit = RoomEdit { name: Some("club".into()), ..RoomEdit::default() };
    abroad.house.ask(&house(), Call::ChangeRoom { room, edit }).await.unwrap();
    assert_eq!(queued(&abroad, "c.example").await.last().unwrap(), "Room");
}

#[tokio::test(start_paused = true)]
async fn who_may_not_read_in_a_room_any_more_hears_only_what_to_forget() {
    let (abroad, bob) = abroad().await;
    let cat = stranger(&abroad, "c.example", "cat");
    let ann = abroad.house.register("ann").await;
    let room = group(&abroad).await;
    for who in [&bob, &cat] {
        follow(&abroad, who, Own::Room(room)).await;
    }
    let posted = abroad.house.post(&ann, room, "hello").await.id;
    let cats = entity(&abroad, &cat, "n", said("from afar", Audience::Group(Target::Own(Own::Room(room)))));
    accept(&abroad, &cat, &cats).await.unwrap();
    let filter = quintet_core::chat::ChatFilter { room: Some(room), limit: 1, ..Default::default() };
    let Ok(quintet_core::Answer::Chats(chats)) = abroad.house.ask(&house(), Call::Chats(filter)).await else {
        panic!()
    };
    assert_eq!(queued(&abroad, "c.example").await, ["Accepted", "Note"]);
    let cat_here = abroad.house.hub.user_named("cat@c.example").unwrap().user().unwrap();
    abroad.house.grant(Scope::Room(room), Holder::User(cat_here), Right::View, -9).await;
    abroad.house.grant(Scope::Room(room), Holder::Role(Id::EVERYONE), Right::View, -1).await;
    for user in [ann.id(), abroad.house.hub.user_named("bob@b.example").unwrap().user().unwrap()] {
        abroad.house.grant(Scope::Room(room), Holder::User(user), Right::View, 2).await;
    }
    abroad.house.post(&ann, room, "among us").await;
    for chat in [posted, chats[0].id] {
        abroad.house.ask(&ann, Call::React { chat, reaction: "🎉".into(), adding: true }).await.unwrap();
    }
    let edit = RoomEdit { name: Some("secret".into()), ..RoomEdit::default() };
    abroad.house.ask(&house(), Call::ChangeRoom { room, edit }).await.unwrap();
    assert_eq!(queued(&abroad, "c.example").await.len(), 2, "nothing new");
    abroad.house.ask(&ann, Call::DeleteChat(posted)).await.unwrap();
    assert_eq!(queued(&abroad, "c.example").await[2..], ["Deleted"]);
    let heard = queued(&abroad, "b.example").await;
    assert_eq!(heard[1..], ["Note", "Carried", "Note", "Reacted", "Reacted", "Room", "Deleted"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_felt_about_a_private_note_is_told_to_its_author_alone() {
    let (abroad, bob) = abroad().await;
    let cat = stranger(&abroad, "c.example", "cat");
    let ann = abroad.house.register("ann").await.id();
    follow(&abroad, &cat, Own::User(ann)).await;
    for (name, heard) in [("open", 2), ("private", 2)] {
        let note = entity(&abroad, &bob, name, said("psst", Audience::Public));
        accept(&abroad, &bob, &note).await.unwrap();
        let key = &note.name.as_ref().unwrap().key;
        let to = abroad.house.store.correspondence().entity(key).await.unwrap().unwrap().id;
        append(&abroad, ann, Change::ReactToNote { to, reaction: "❤".into(), adding: true }).await;
        assert_eq!(queued(&abroad, "c.example").await.len(), heard, "{name}");
        let exhibit = quintet_core::federation::desk::Exhibit::Reaction { user: ann, to, reaction: "❤".into() };
        let shown = abroad.ask_owned(Ask::Show { exhibit, reader: None }).await;
        assert_eq!(shown.is_ok(), name == "open", "{name}");
    }
    assert_eq!(queued(&abroad, "b.example").await, ["Reacted", "Reacted"]);
}

#[tokio::test(start_paused = true)]
async fn what_another_house_did_is_not_told_back() {
    let (abroad, bob) = abroad().await;
    let ann = abroad.house.register("ann").await;
    let room = group(&abroad).await;
    follow(&abroad, &bob, Own::Room(room)).await;
    let posted = abroad.house.post(&ann, room, "hello").await.id;
    let before = queued(&abroad, "b.example").await;
    let own = Target::Own(Own::Note(posted));
    let react = Deed::React { target: own, reaction: "❤".into(), exclusive: true };
    accept(&abroad, &bob, &entity(&abroad, &bob, "r", react)).await.unwrap();
    let note = entity(&abroad, &bob, "n", said("mine", Audience::Group(Target::Own(Own::Room(room)))));
    accept(&abroad, &bob, &note).await.unwrap();
    let delete = Deed::Delete { target: Target::Remote(note.name.clone().unwrap()), kind: Arc::clone(&note.kind) };
    accept(&abroad, &bob, &entity(&abroad, &bob, "d", delete)).await.unwrap();
    assert_eq!(queued(&abroad, "b.example").await, before);
}

#[tokio::test(start_paused = true)]
async fn follows_are_told_to_the_other_end() {
    let (abroad, _) = abroad().await;
    let club = address("d.example", "club");
    let ann = abroad.house.register("ann").await.id();
    let ben = abroad.house.register("ben").await.id();
    let adopted = append(&abroad, Id::HOUSE, adoption(&club)).await;
    let club = adopted.iter().find_map(|event| match &event.body {
        Body::UserJoined(user) => Some(user.id),
        _ => None,
    });
    let whom = club.unwrap();
    let put = async |followee, state| {
        append(&abroad, ann, Change::Follow(Follow { follower: ann, followee, state })).await;
    };
    put(whom, FollowState::Pending).await;
    put(whom, FollowState::Ended).await;
    put(ben, FollowState::Pending).await;
    assert_eq!(queued(&abroad, "d.example").await, ["Followed", "Unfollowed"]);
}

#[tokio::test(start_paused = true)]
async fn members_are_told_that_their_room_closes_or_goes() {
    let (abroad, bob) = abroad().await;
    let cat = stranger(&abroad, "c.example", "cat");
    let (closed, gone) = (group(&abroad).await, group(&abroad).await);
    follow(&abroad, &bob, Own::Room(closed)).await;
    follow(&abroad, &cat, Own::Room(gone)).await;
    let edit = RoomEdit { federated: Some(false), ..RoomEdit::default() };
    abroad.house.ask(&house(), Call::ChangeRoom { room: closed, edit }).await.unwrap();
    abroad.house.ask(&house(), Call::DeleteRoom(gone)).await.unwrap();
    for (name, room) in [("b.example", closed), ("c.example", gone)] {
        assert_eq!(queued(&abroad, name).await, ["Accepted", "Rejected"]);
        let items = abroad.house.store.correspondence().waiting(&host(name), 0, 100).await.unwrap();
        assert!(items[1].item.text.contains(&format!("{:?}", Own::Room(room))), "{}", items[1].item.text);
    }
}

#[tokio::test(start_paused = true)]
async fn profiles_go_to_followers_and_followees_of_users_here() {
    let (abroad, bob) = abroad().await;
    let ann = abroad.house.register("ann").await.id();
    let dan = abroad.house.register("dan").await.id();
    follow(&abroad, &bob, Own::User(ann)).await;
    for user in [ann, dan] {
        append(
            &abroad,
            user,
            Change::SetPassword { user, password: quintet_core::identity::Secret::new("x"), end_tokens: true },
        )
        .await;
    }
    assert_eq!(queued(&abroad, "b.example").await, ["Accepted", "User"]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_queued_for_who_is_blocked() {
    let (abroad, bob) = abroad().await;
    let ann = abroad.house.register("ann").await.id();
    follow(&abroad, &bob, Own::User(ann)).await;
    let before = queued(&abroad, "b.example").await;
    abroad.ask(&house(), Ask::SetStanding(host("b.example"), Standing::Blocked)).await.unwrap();
    say(&abroad, ann, Audience::Public, Vec::new(), None).await;
    assert_eq!(queued(&abroad, "b.example").await, before);
}

#[tokio::test(start_paused = true)]
async fn how_far_the_log_was_read_is_remembered() {
    let (abroad, bob) = abroad().await;
    let ann = abroad.house.register("ann").await;
    follow(&abroad, &bob, Own::User(ann.id())).await;
    let note = say(&abroad, ann.id(), Audience::Public, Vec::new(), None).await;
    caught_up(&abroad).await;
    let told = || async { abroad.house.store.correspondence().told().await.unwrap() };
    let read = told().await;
    assert!(read >= note);
    let room = abroad.house.room("talk", None).await.id;
    let talk = abroad.house.post(&ann, room, "among us").await.id;
    caught_up(&abroad).await;
    assert_eq!(told().await, read, "what concerns nobody else is not worth a write");
    tokio::time::sleep(std::time::Duration::from_mins(2)).await;
    assert!(told().await >= talk, "but it is not read again at the next start");
    let another = say(&abroad, ann.id(), Audience::Public, Vec::new(), None).await;
    caught_up(&abroad).await;
    assert!(told().await >= another);
    assert_eq!(queued(&abroad, "b.example").await, ["Accepted", "Note", "Note"]);
}
