//! What listeners to rooms and chats as documents hear.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use quintet_core::chat::NewChat;
use quintet_core::commit::{Unsigned, Unverified};
use quintet_core::right::{Holder, Scope};
use quintet_core::{AgentKey, Answer, Call, Id, Pattern, Right, Topic, term};
use quintet_hub::Caller;
use serde_json::{Value, json};
use tokio::sync::mpsc::Receiver;

use crate::attached::{listen, next, speaking_house};
use crate::house::{House, Who, chat, house, new_chat};
use crate::sheets::{at, chat_at, room_at};

/// A listener to a room as a document; what it hears, as long as the attachment lives.
fn reader(house_: &House, who: &Caller, room: Id) -> (quintet_hub::Attachment, Receiver<String>) {
    listen(house_, who, Topic::room_document(room).into())
}

async fn heard(receiver: &mut Receiver<String>) -> Value {
    let text = next(receiver).await;
    serde_json::from_str(&text).unwrap_or_else(|_| panic!("no commit: {text}"))
}

#[tokio::test]
async fn a_room_hears_of_new_messages_and_of_itself() {
    let house_ = speaking_house().await;
    let (ann, bob) = (house_.register("ann").await, house_.register("bob").await);
    let room = house_.room("room", None).await.id;
    let (_ann, mut of_ann) = reader(&house_, &ann, room);
    let posted = house_.post(&bob, room, "hello").await.id;
    let told = heard(&mut of_ann).await;
    assert_eq!(told[term::SUBJECT], room_at(room).as_str());
    let message = &told[term::PUSH][term::MESSAGES][0];
    let mut read = house_.read(&ann, &chat_at(room, posted)).await.unwrap();
    assert!(read.properties.remove(term::LAST_COMMIT).is_some());
    assert_eq!(*message, read.json(), "the whole message");
    house_.ask(&bob, Call::EditChat { chat: posted, content: "bye".into() }).await.unwrap();
    let edit = quintet_core::room::RoomEdit { name: Some("hall".into()), description: None, federated: None };
    house_.ask(&house(), Call::ChangeRoom { room, edit }).await.unwrap();
    assert_eq!(heard(&mut of_ann).await[term::SET][term::NAME], "hall", "an edit is the message's own affair");
    house_.done(&house(), Call::DeleteRoom(room)).await;
    assert_eq!(heard(&mut of_ann).await[term::DESTROY], true);
}

#[tokio::test]
async fn a_chat_is_heard_under_both_its_subjects() {
    let house_ = speaking_house().await;
    let ann = house_.register("ann").await;
    let room = house_.room("room", None).await.id;
    let new = NewChat { subject: Some(at("/01jc")), ..new_chat(room, "hello") };
    let (_own, mut own) = listen(&house_, &ann, at("/01jc").topic().into());
    let id = chat(house_.ask(&ann, Call::PostChat(new)).await).id;
    let (_same, mut same) = listen(&house_, &ann, Topic::chat_document(room, id).into());
    assert_eq!(heard(&mut own).await[term::SET][term::DESCRIPTION], "hello");
    house_.ask(&ann, Call::EditChat { chat: id, content: "bye".into() }).await.unwrap();
    house_.done(&ann, Call::React { chat: id, reaction: "👍".into(), adding: true }).await;
    house_.done(&ann, Call::React { chat: id, reaction: "👍".into(), adding: false }).await;
    house_.done(&ann, Call::DeleteChat(id)).await;
    for (receiver, subject) in [(&mut own, at("/01jc")), (&mut same, chat_at(room, id))] {
        let told = heard(receiver).await;
        assert_eq!(
            (&told[term::SUBJECT], &told[term::SET]),
            (&json!(subject.as_str()), &json!({ term::DESCRIPTION: "bye" }))
        );
        assert_eq!(heard(receiver).await[term::SET], json!({ term::REACTIONS: { "👍": 1 } }));
        assert_eq!(heard(receiver).await[term::REMOVE], json!([term::REACTIONS]));
        assert_eq!(heard(receiver).await[term::DESTROY], true);
    }
}

#[tokio::test]
async fn a_private_room_is_silent_and_a_revoked_reader_hears_nothing_more() {
    let house_ = speaking_house().await;
    let (ann, bob) = (house_.register("ann").await, house_.register("bob").await);
    let private = house_.private_room(&bob).await;
    let (mut ann_, mut of_ann) = reader(&house_, &ann, private);
    let (_public, mut of_public) = reader(&house_, &crate::house::public(), private);
    let (_bob, mut of_bob) = reader(&house_, &bob, private);
    house_.post(&bob, private, "for bob").await;
    assert_eq!(heard(&mut of_bob).await[term::PUSH][term::MESSAGES][0][term::DESCRIPTION], "for bob");
    house_.grant(Scope::Room(private), Holder::User(ann.id()), Right::View, 2).await;
    house_.post(&bob, private, "for both").await;
    assert_eq!(heard(&mut of_ann).await[term::PUSH][term::MESSAGES][0][term::DESCRIPTION], "for both");
    house_.grant(Scope::Room(private), Holder::User(ann.id()), Right::View, -9).await;
    house_.post(&bob, private, "for bob again").await;
    for words in ["for both", "for bob again"] {
        assert_eq!(heard(&mut of_bob).await[term::PUSH][term::MESSAGES][0][term::DESCRIPTION], words);
    }
    house_.done(&house(), Call::DeleteRoom(private)).await;
    assert_eq!(heard(&mut of_bob).await[term::DESTROY], true);
    let open = house_.room("open", None).await.id;
    ann_.subscribe(Topic::room_document(open).into()).unwrap();
    house_.post(&bob, open, "for all").await;
    let told = heard(&mut of_ann).await;
    assert_eq!(told[term::SUBJECT], room_at(open).as_str(), "what ann hears next is something else");
    assert!(of_public.try_recv().is_err());
}

#[tokio::test]
async fn what_is_heard_is_what_the_history_tells() {
    let house_ = speaking_house().await;
    let ann = house_.register("ann").await;
    let room = house_.room("room", None).await.id;
    let (_ann, mut of_ann) = listen(&house_, &ann, Pattern::all("resource"));
    let id = house_.post(&ann, room, "hello").await.id;
    let live = heard(&mut of_ann).await;
    let told = house_.commits(&ann, &chat_at(room, id)).await.unwrap();
    assert_eq!(live["@id"], told[0].id(), "the same signature");
}

#[tokio::test]
async fn a_chat_of_another_room_is_signed_by_its_author() {
    let house_ = speaking_house().await;
    let ann = house_.register("ann").await;
    let room = house_.room("room", None).await.id;
    let id = house_.post(&ann, room, "hello").await.id;
    let told = house_.commits(&ann, &chat_at(room, id)).await.unwrap().remove(0);
    assert_eq!(*told.signer, *house_.agent_of(&ann).await);
    let origin = at("").origin();
    let signed = Unverified::parse(&told.json, &origin).unwrap();
    let key = VerifyingKey::from_bytes(&AgentKey::within(&told.signer, &origin).unwrap().0).unwrap();
    key.verify_strict(signed.signed.as_bytes(), &Signature::from_bytes(&signed.signature)).unwrap();
}

#[tokio::test]
async fn a_signed_message_is_heard_as_it_was_signed() {
    let house_ = speaking_house().await;
    let ann = house_.register("ann").await;
    let room = house_.room("room", None).await.id;
    let key = SigningKey::from_bytes(&[3; 32]);
    let signer = AgentKey(key.verifying_key().to_bytes()).subject(&at("").origin());
    let (_ann, mut of_ann) = listen(&house_, &ann, at("/01jc").topic().into());
    let (_room, mut of_room) = reader(&house_, &ann, room);
    let mut message = Unsigned::new(at("/01jc"));
    message.set.insert(term::IS_A.into(), json!([term::MESSAGE]));
    message.set.insert(term::PARENT.into(), room_at(room).as_str().into());
    message.set.insert(term::DESCRIPTION.into(), "hello".into());
    let commit = message.sign(signer.as_str(), house_.now(), |text| key.sign(text).to_bytes());
    let unverified = Unverified::parse(&commit.json, &at("").origin()).unwrap();
    house_.ask(&crate::house::public(), Call::Commit(Box::new(unverified))).await.unwrap();
    assert_eq!(heard(&mut of_ann).await, serde_json::from_str::<Value>(&commit.json).unwrap());
    let message = &heard(&mut of_room).await[term::PUSH][term::MESSAGES][0];
    assert_eq!((&message["@id"], &message[term::CREATED_BY]), (&json!(at("/01jc").as_str()), &json!(signer.as_str())));
    assert_eq!(*house_.commits(&ann, &at("/01jc")).await.unwrap()[0], commit);
    let version = Call::Version(commit.signature.to_string());
    let Ok(Answer::Document(version)) = house_.ask(&ann, version).await else { panic!() };
    assert_eq!(version.document, house_.read(&ann, &at("/01jc")).await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn who_listens_to_a_room_as_a_document_is_there() {
    let house_ = crate::attached::open_house().await;
    let (ann, bob) = (house_.register("ann").await, house_.register("bob").await);
    let room = house_.room("room", None).await.id;
    let (_bob, mut of_bob) = listen(&house_, &bob, Topic::room(room).into());
    assert_eq!(next(&mut of_bob).await, "presence", "bob himself, once he is online");
    let (ann_, _heard) = reader(&house_, &ann, room);
    assert_eq!(next(&mut of_bob).await, "presence", "ann came");
    drop(ann_);
    assert_eq!(next(&mut of_bob).await, "presence", "ann left");
}

#[tokio::test]
async fn a_message_that_is_a_document_is_heard_in_its_room() {
    let house_ = speaking_house().await;
    let (ann, bob) = (house_.register("ann").await, house_.register("bob").await);
    house_.drive("/d", &[&house_.agent_of(&ann).await]).await;
    let chat_room = json!({ term::IS_A: [term::CHAT_ROOM], term::NAME: "talk", term::PARENT: at("/d").as_str() });
    house_.make("/talk", chat_room).await;
    let (_ann, mut of_ann) = listen(&house_, &ann, at("/talk").topic().into());
    let (_bob, mut of_bob) = listen(&house_, &bob, at("/talk").topic().into());
    let message =
        json!({ term::IS_A: [term::MESSAGE], term::DESCRIPTION: "hello", term::PARENT: at("/talk").as_str() });
    house_.make("/m", message).await;
    let told = heard(&mut of_ann).await;
    assert_eq!(told[term::SUBJECT], at("/talk").as_str());
    let pushed = &told[term::PUSH][term::MESSAGES][0];
    assert_eq!((&pushed["@id"], &pushed[term::DESCRIPTION]), (&json!(at("/m").as_str()), &json!("hello")));
    house_.make("/m", json!({ term::DESCRIPTION: "bye" })).await;
    house_.make("/talk", json!({ term::NAME: "chat" })).await;
    assert_eq!(heard(&mut of_ann).await[term::SET][term::NAME], "chat", "only what is new");
    assert!(of_bob.try_recv().is_err());
}
