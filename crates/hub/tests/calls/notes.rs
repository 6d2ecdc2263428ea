//! Notes: what users here say to other houses, what they feel about theirs, and what comes to them.

use std::sync::Arc;

use quintet_core::federation::note::NewNote;
use quintet_core::federation::{Ask, Audience, Deed, Incoming, Note, Own, Target, Told};
use quintet_core::{Body, Call, Error, Id, Kind, Limits};
use quintet_hub::Caller;

use crate::house::{Who as _, house, public};
use crate::peer::{Abroad, address, entity, said};

const BOB: &str = "https://b.example/bob";

fn new(content: &str) -> NewNote {
    NewNote { content: content.into(), audience: Audience::Public, mentions: Vec::new(), replies_to: None }
}

async fn post(abroad: &Abroad, who: &Caller, new: NewNote) -> Result<Note, Error> {
    match abroad.ask(who, Ask::PostNote(new)).await? {
        Told::Note(note) => Ok(*note),
        other => panic!("{other:?}"),
    }
}

async fn refused(abroad: &Abroad, who: &Caller, ask: Ask) -> (Kind, String) {
    let error = abroad.ask(who, ask).await.unwrap_err();
    (error.kind(), error.public().to_owned())
}

/// A house to which bob's is reachable, and ann.
async fn abroad() -> (Abroad, Caller) {
    let abroad = Abroad::new().await;
    abroad.net.serve_key(BOB, 1);
    let ann = abroad.house.register("ann").await;
    (abroad, ann)
}

/// Takes an entity that bob signs.
async fn deliver(abroad: &Abroad, incoming: Arc<Incoming>) {
    let signed = abroad.signed(&address("b.example", "bob"), 1, &incoming.text);
    let told = abroad.ask(&public(), Ask::Accept(Box::new(signed), Ok(incoming))).await;
    assert!(matches!(told, Ok(Told::Received(..))), "{told:?}");
}

/// A note that answers one of ours.
fn answer(to: Id, audience: Audience) -> Deed {
    let Deed::Note(mut note) = said("so?", audience) else { panic!("a note") };
    note.replies_to = Some(Target::Own(Own::Note(to)));
    Deed::Note(note)
}

async fn timeline(abroad: &Abroad, who: &Caller, before: Option<Id>, limit: u64) -> Vec<(Id, String)> {
    match abroad.ask(who, Ask::Timeline { before, limit }).await {
        Ok(Told::Entities(kept)) => kept.into_iter().map(|kept| (kept.id, kept.text.to_string())).collect(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_note_is_posted_changed_and_taken_back_by_its_author() {
    let (abroad, ann) = abroad().await;
    let carl = abroad.house.register("carl").await;
    let note = post(&abroad, &ann, new("hello")).await.unwrap();
    assert_eq!((&*note.content, &*note.author.name, note.edited), ("hello", "ann", false));
    let edit = |content: &str| Ask::EditNote { note: note.id, content: content.into() };
    assert_eq!(refused(&abroad, &carl, edit("mine")).await.0, Kind::Forbidden);
    match abroad.ask(&ann, edit("hello all")).await {
        Ok(Told::Note(note)) => assert_eq!((&*note.content, note.edited), ("hello all", true)),
        other => panic!("{other:?}"),
    }
    assert_eq!(refused(&abroad, &carl, Ask::DeleteNote(note.id)).await.0, Kind::Forbidden);
    assert!(matches!(abroad.ask(&ann, Ask::DeleteNote(note.id)).await, Ok(Told::Done)));
    assert_eq!(refused(&abroad, &ann, edit("again")).await.0, Kind::NotFound);
    assert_eq!(refused(&abroad, &ann, edit("")).await.0, Kind::BadMessage);
    assert_eq!(refused(&abroad, &house(), Ask::PostNote(new("x"))).await.0, Kind::BadMessage, "the house writes none");
}

#[tokio::test]
async fn names_in_a_note_are_mentions() {
    let (abroad, ann) = abroad().await;
    let carl = abroad.house.register("carl").await;
    let note =
        post(&abroad, &ann, new("@bob@b.example, @carl@a.example and @else@b.example! @bob@b.example")).await.unwrap();
    let bob = Target::Remote(address("b.example", "bob"));
    assert_eq!(note.mentions, [bob.clone(), Target::Own(Own::User(carl.id()))], "who is not found stays text");
    let private = |content: &str| NewNote { audience: Audience::Mentioned, ..new(content) };
    assert_eq!(post(&abroad, &ann, private("psst @bob@b.example")).await.unwrap().mentions, [bob]);
    let (kind, why) = refused(&abroad, &ann, Ask::PostNote(private("psst"))).await;
    assert!(kind == Kind::BadMessage && why.contains("for nobody"), "{why}");
    let (kind, why) = refused(&abroad, &ann, Ask::PostNote(private("@bob@b.example @else@b.example"))).await;
    assert!(kind == Kind::NotFound && why.contains("knows nobody by else@b.example"), "{why}");
}

#[tokio::test]
async fn what_a_note_holds_is_bounded() {
    let open = quintet_hub::federation::Rules { open: true, ..Default::default() };
    let limits = Limits { note_mentions: 1, content_bytes: 40, ..Limits::default() };
    let abroad = Abroad::with(limits, quintet_hub::Rules { federation: open, ..crate::house::rules() }).await;
    let ann = abroad.house.register("ann").await;
    abroad.house.register("carl").await;
    let (kind, why) = refused(&abroad, &ann, Ask::PostNote(new("@ann@a.example @carl@a.example"))).await;
    assert!(kind == Kind::BadMessage && why.contains("mentions 1 at most"), "{why}");
    assert_eq!(refused(&abroad, &ann, Ask::PostNote(new(&"x".repeat(41)))).await.0, Kind::TooLarge);
}

#[tokio::test]
async fn groups_are_for_their_members_and_rooms_for_chats() {
    let (abroad, ann) = abroad().await;
    let group = address("b.example", "group17");
    abroad.net.serve_key(&group.key, 1);
    let to = |target| NewNote { audience: Audience::Group(target), ..new("x") };
    let (kind, why) = refused(&abroad, &ann, Ask::PostNote(to(Target::Remote(group.clone())))).await;
    assert!(kind == Kind::Forbidden && why.contains("follow its URL first"), "{why}");
    abroad.ask(&ann, Ask::Follow(group.key.to_string())).await.unwrap();
    let (kind, why) = refused(&abroad, &ann, Ask::PostNote(to(Target::Remote(group)))).await;
    assert!(kind == Kind::Forbidden && why.contains("not let you in yet"), "{why}");
    let room = abroad.house.room("general", None).await.id;
    let (kind, why) = refused(&abroad, &ann, Ask::PostNote(to(Target::Own(Own::Room(room))))).await;
    assert!(kind == Kind::BadMessage && why.contains("write a chat there"), "{why}");
}

#[tokio::test]
async fn a_reply_names_what_it_answers() {
    let (abroad, ann) = abroad().await;
    let reply = |target| NewNote { replies_to: Some(target), ..new("x") };
    let first = post(&abroad, &ann, new("first")).await.unwrap().id;
    let target = abroad.house.hub.answerable(&first.to_string()).await.unwrap();
    assert_eq!(post(&abroad, &ann, reply(target.clone())).await.unwrap().replies_to, Some(target));
    let unknown = Target::Own(Own::Note(Id::new(999_999).unwrap()));
    assert_eq!(refused(&abroad, &ann, Ask::PostNote(reply(unknown))).await.0, Kind::NotFound);
    let user = Target::Own(Own::User(ann.id()));
    assert_eq!(refused(&abroad, &ann, Ask::PostNote(reply(user))).await.0, Kind::BadMessage);
    let elsewhere = abroad.house.hub.answerable("https://b.example/note1").await.unwrap();
    assert_eq!(elsewhere, Target::Remote(address("b.example", "note1")));
    assert_eq!(abroad.house.hub.answerable("999999").await.unwrap_err().kind(), Kind::NotFound);
}

#[tokio::test]
async fn a_timeline_holds_what_those_say_who_are_followed() {
    let (abroad, ann) = abroad().await;
    let carl = abroad.house.register("carl").await;
    let bob = address("b.example", "bob");
    abroad.ask(&ann, Ask::Follow("bob@b.example".into())).await.unwrap();
    let note = |name: &str| entity(&abroad, &bob, name, said("hello", Audience::Public));
    deliver(&abroad, note("early")).await;
    assert_eq!(timeline(&abroad, &ann, None, 50).await, [], "who has not let ann in is not followed yet");
    let deed = Deed::Accept { follower: Target::Own(Own::User(ann.id())), followee: Target::Remote(bob.clone()) };
    deliver(&abroad, entity(&abroad, &bob, "accept", deed)).await;
    deliver(&abroad, note("late")).await;
    deliver(&abroad, entity(&abroad, &bob, "private", said("psst", Audience::Mentioned))).await;
    let all = timeline(&abroad, &ann, None, 50).await;
    let texts: Vec<_> = all.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(texts, [r#"{"name":"late"}"#, r#"{"name":"early"}"#], "what is for others only is not shown");
    assert_eq!(timeline(&abroad, &ann, None, 1).await, all[..1]);
    assert_eq!(timeline(&abroad, &ann, Some(all[0].0), 50).await, all[1..]);
    assert_eq!(timeline(&abroad, &ann, None, 0).await, []);
    assert_eq!(timeline(&abroad, &carl, None, 50).await, []);
}

#[tokio::test]
async fn a_timeline_holds_what_neighbours_say_who_are_followed() {
    let (abroad, ann) = abroad().await;
    let (ben, carl) = (abroad.house.register("ben").await, abroad.house.register("carl").await);
    abroad.ask(&ann, Ask::Follow("ben".into())).await.unwrap();
    post(&abroad, &carl, new("by a stranger")).await.unwrap();
    let first = post(&abroad, &ben, new("first")).await.unwrap();
    let mentions = vec![Target::Remote(address("c.example", "cat"))];
    post(&abroad, &ben, NewNote { audience: Audience::Mentioned, mentions, ..new("psst") }).await.unwrap();
    let second = post(&abroad, &ben, NewNote { audience: Audience::Followers, ..new("second") }).await.unwrap();
    let Ok(Told::Entities(all)) = abroad.ask(&ann, Ask::Timeline { before: None, limit: 50 }).await else { panic!() };
    assert_eq!(all.iter().map(|kept| kept.id).collect::<Vec<_>>(), [second.id, first.id]);
    assert_eq!((all[0].host.as_str(), &*all[0].signature), ("a.example", ""));
    assert!(all[0].text.contains("second") && all[0].name.is_some() && all[0].actor.is_some(), "{:?}", all[0]);
    let ids = async |before, limit| timeline(&abroad, &ann, before, limit).await.into_iter().map(|(id, _)| id);
    assert!(ids(None, 1).await.eq([second.id]));
    assert!(ids(Some(second.id), 50).await.eq([first.id]));

    // What came from elsewhere stands by when it came.
    let reply = answer(first.id, Audience::Public);
    deliver(&abroad, entity(&abroad, &address("b.example", "bob"), "r", reply)).await;
    let third = post(&abroad, &ben, new("third")).await.unwrap();
    let to_ben = timeline(&abroad, &ben, None, 50).await;
    assert_eq!(to_ben.len(), 1, "what answers a note is shown to who wrote it: {to_ben:?}");
    assert!(to_ben[0].0 > second.id && to_ben[0].0 < third.id);
    abroad.ask(&ann, Ask::Unfollow("ben".into())).await.unwrap();
    assert_eq!(timeline(&abroad, &ann, None, 50).await, []);
}

#[tokio::test]
async fn a_timeline_holds_what_answers_its_reader() {
    let (abroad, ann) = abroad().await;
    let bob = address("b.example", "bob");
    let own = post(&abroad, &ann, new("well?")).await.unwrap().id;
    deliver(&abroad, entity(&abroad, &bob, "answer", answer(own, Audience::Public))).await;
    deliver(&abroad, entity(&abroad, &bob, "aside", answer(own, Audience::Followers))).await;
    deliver(&abroad, entity(&abroad, &bob, "whisper", answer(own, Audience::Mentioned))).await;
    let texts: Vec<_> = timeline(&abroad, &ann, None, 50).await.into_iter().map(|(_, text)| text).collect();
    assert_eq!(texts, [r#"{"name":"answer"}"#], "what is for others only is not shown");
}

#[tokio::test]
async fn everything_that_came_is_shown_to_admins() {
    let (abroad, ann) = abroad().await;
    let bob = address("b.example", "bob");
    deliver(&abroad, entity(&abroad, &bob, "private", said("psst", Audience::Mentioned))).await;
    let ask = |host| Ask::Entities { host, before: None, limit: 50 };
    assert_eq!(refused(&abroad, &ann, ask(None)).await.0, Kind::Forbidden);
    for (host, count) in [(None, 1), (Some(bob.host.clone()), 1), (Some(crate::peer::host("c.example")), 0)] {
        match abroad.ask(&house(), ask(host)).await {
            Ok(Told::Entities(kept)) => {
                assert_eq!(kept.len(), count);
                assert!(kept.iter().all(|kept| &*kept.text == r#"{"name":"private"}"#));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn users_feel_something_about_notes_of_others() {
    let (abroad, ann) = abroad().await;
    let bob = address("b.example", "bob");
    let note = entity(&abroad, &bob, "note", said("hello", Audience::Public));
    let url = note.name.as_ref().unwrap().key.to_string();
    deliver(&abroad, note).await;
    let react = |note: &str, adding| Ask::React { note: note.into(), reaction: "❤".into(), adding };
    let listening = abroad.house.hub.listen(quintet_core::Pattern::of_path("user/*", false));
    assert!(matches!(abroad.ask(&ann, react(&url, true)).await, Ok(Told::Done)));
    let mut listening = listening;
    let heard = loop {
        match listening.next().await.unwrap() {
            quintet_hub::listening::Heard::Event(event) => break event,
            quintet_hub::listening::Heard::Missed(_) => {}
        }
    };
    match &heard.body {
        Body::NoteReacted { by, reaction, adding, .. } => {
            assert_eq!((*by, reaction.as_str(), *adding), (ann.id(), "❤", true));
        }
        other => panic!("{other:?}"),
    }
    let (kind, why) = refused(&abroad, &ann, react("https://b.example/unheard", true)).await;
    assert!(kind == Kind::NotFound && why.contains("is known here"), "{why}");
    assert_eq!(refused(&abroad, &ann, react("https://a.example/user/1", true)).await.0, Kind::BadMessage);
    let own = post(&abroad, &ann, new("mine")).await.unwrap().id;
    assert_eq!(refused(&abroad, &ann, react(&own.to_string(), true)).await.0, Kind::BadMessage);
}

#[tokio::test]
async fn a_chat_is_reacted_to_as_its_room_has_it() {
    let (abroad, ann) = abroad().await;
    let room = abroad.house.room("general", None).await.id;
    let chat = abroad.house.post(&ann, room, "hello").await.id;
    for name in [chat.to_string(), format!("https://a.example/note/{chat}")] {
        let react = Ask::React { note: name, reaction: "👎".into(), adding: true };
        assert!(matches!(abroad.ask(&ann, react).await, Ok(Told::Done)));
    }
    match abroad.house.ask(&ann, Call::Reactors(chat)).await {
        Ok(quintet_core::Answer::Reactors(reactors)) => assert_eq!(format!("{reactors:?}").matches("👎").count(), 1),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn nobody_answers_what_it_cannot_have_read() {
    let (abroad, ann) = abroad().await;
    let ben = abroad.house.register("ben").await;
    let cat = Target::Remote(address("c.example", "cat"));
    let say = |audience, mentions| NewNote { audience, mentions, ..new("hello") };
    let private = post(&abroad, &ann, say(Audience::Mentioned, vec![cat])).await.unwrap().id;
    let followers = post(&abroad, &ann, say(Audience::Followers, Vec::new())).await.unwrap().id;
    let to_ben = vec![Target::Own(Own::User(ben.id()))];
    let named = post(&abroad, &ann, say(Audience::Followers, to_ben)).await.unwrap().id;
    for (note, by_ben) in [(private, false), (followers, false), (named, true)] {
        let reply = || NewNote { replies_to: Some(Target::Own(Own::Note(note))), ..new("so?") };
        assert!(post(&abroad, &ann, reply()).await.is_ok());
        assert_eq!(post(&abroad, &ben, reply()).await.is_ok(), by_ben, "{note}");
    }
}
