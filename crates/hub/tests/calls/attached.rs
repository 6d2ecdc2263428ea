//! What calls do to open connections.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use quintet_core::http::{Head, Request, Response, Step};
use quintet_core::identity::Secret;
use quintet_core::right::{Holder, Scope};
use quintet_core::{
    Action, Body, Call, Credential, Dialect, Error, Event, Frame, Hello, Limits, Origin, Pattern, Right, Session, Topic,
};
use quintet_hub::{Caller, Outlet};
use tokio::sync::mpsc::{Receiver, Sender, channel as wire};

use crate::house::{House, PASSWORD, Who, house, rules};

/// A room that says the name of each event, or its commit alone.
#[derive(Default)]
pub(crate) struct Plain {
    /// Has words for commits only.
    pub(crate) commits: bool,
    /// Takes workers.
    pub(crate) workers: bool,
}

impl Dialect for Plain {
    fn name(&self) -> &'static str {
        "plain"
    }

    fn sockets(&self) -> &'static [&'static str] {
        &[]
    }

    fn serves(&self, _: &str) -> bool {
        false
    }

    fn message_bytes(&self) -> usize {
        0
    }

    fn takes_workers(&self) -> bool {
        self.workers
    }

    fn credential(&self, _: &Head) -> Credential {
        Credential::None
    }

    fn open(&self, _: Hello<'_>, _: &mut Vec<Action>) -> Result<Box<dyn Session>, Error> {
        Err(Error::not_found("nobody opens this"))
    }

    fn render(&self, event: &Event, _: &Origin) -> Option<Frame> {
        match &event.commit {
            Some(commit) if self.commits => Some(Frame::text(&commit.json)),
            _ => (!self.commits).then(|| Frame::text(event.body.name())),
        }
    }

    fn request(&self, _: Request) -> Step {
        Step::Reply(Response::empty(404))
    }

    fn refusal(&self, _: &Head, _: &Error) -> Response {
        Response::empty(404)
    }
}

/// Passes on what a connection is sent.
struct Wire(Sender<String>);

impl Outlet for Wire {
    fn write(&self, bytes: &[Bytes]) {
        let frames = bytes.concat();
        let mut rest = &frames[..];
        while let [_, length, behind @ ..] = rest {
            let (length, behind) = match (*length, behind) {
                (126, [high, low, behind @ ..]) => (u16::from_be_bytes([*high, *low]), behind),
                (length, behind) => (u16::from(length), behind),
            };
            let (payload, next) = behind.split_at(usize::from(length));
            let _ = self.0.try_send(String::from_utf8_lossy(payload).into_owned());
            rest = next;
        }
    }

    fn compressed(&self) -> bool {
        false
    }

    fn close(&self, code: u16, reason: &str) {
        let _ = self.0.try_send(format!("close {code} {reason}"));
    }
}

/// A connection of somebody, listening to a pattern; what it hears, as long as the attachment lives.
pub(crate) fn listen(house_: &House, who: &Caller, pattern: Pattern) -> (quintet_hub::Attachment, Receiver<String>) {
    let (sender, receiver) = wire(64);
    let address = IpAddr::from([127, 0, 0, 1]);
    let mut attachment = house_.hub.attach(Arc::new(Wire(sender)), 0, who.identity.clone(), (address, true));
    attachment.subscribe(pattern).unwrap();
    (attachment, receiver)
}

pub(crate) async fn open_house() -> House {
    bounded_house(Limits::default()).await
}

pub(crate) async fn bounded_house(limits: Limits) -> House {
    House::founded(limits, rules(), Some(Secret::new(PASSWORD)), vec![Arc::new(Plain::default())]).await
}

/// A house in which commits are heard, word for word.
pub(crate) async fn speaking_house() -> House {
    let room = Arc::new(Plain { commits: true, ..Plain::default() });
    House::founded(Limits::default(), rules(), Some(Secret::new(PASSWORD)), vec![room]).await
}

pub(crate) fn channel() -> Pattern {
    Topic::channel("quiet").into()
}

#[tokio::test]
async fn a_disabled_user_is_put_out() {
    let house_ = open_house().await;
    let (ann, bob) = (house_.register("ann").await, house_.register("bob").await);
    let (_ann, mut of_ann) = listen(&house_, &ann, channel());
    let (_bob, mut of_bob) = listen(&house_, &bob, Pattern::all("user"));
    house_.done(&house(), Call::SetDisabled { user: ann.id(), disabled: true }).await;
    assert_eq!(next(&mut of_ann).await, "close 1008 account disabled");
    assert_eq!(next(&mut of_bob).await, "user_changed");
}

#[tokio::test]
async fn ended_tokens_leave_open_connections_alone() {
    let house_ = open_house().await;
    let ann = house_.register("ann").await;
    let (attachment, mut of_ann) = listen(&house_, &ann, channel());
    house_.done(&ann, Call::ChangePassword { old: None, new: Secret::new("new"), end_tokens: true }).await;
    attachment.publish(vec![Topic::channel("quiet")], Body::Notice("{}".into())).unwrap();
    assert_eq!(next(&mut of_ann).await, "notice");
}

#[tokio::test]
async fn rights_are_asked_again_at_each_delivery() {
    let house_ = open_house().await;
    let (ann, bob) = (house_.register("ann").await, house_.register("bob").await);
    let room = house_.room("room", None).await.id;
    let (_ann, mut of_ann) = listen(&house_, &ann, Pattern::all("room"));
    let (_bob, mut of_bob) = listen(&house_, &bob, Topic::room(room).into());
    house_.post(&bob, room, "for both").await;
    assert_eq!(next_kept(&mut of_ann).await, "chat_posted");
    assert_eq!(next_kept(&mut of_bob).await, "chat_posted");

    house_.grant(Scope::Room(room), Holder::User(ann.id()), Right::View, -1).await;
    let chat = house_.post(&bob, room, "for bob").await.id;
    assert_eq!(next_kept(&mut of_bob).await, "chat_posted");
    house_.done(&bob, Call::DeleteChat(chat)).await;
    assert_eq!(next_kept(&mut of_bob).await, "chat_deleted");
    house_.done(&house(), Call::DeleteRoom(room)).await;
    assert_eq!(next_kept(&mut of_bob).await, "room_deleted");

    // What ann hears next is something else: nothing stood between.
    house_.room("other", None).await;
    assert_eq!(next_kept(&mut of_ann).await, "room_created");
}

#[tokio::test]
async fn each_target_of_a_notice_has_its_own_readers() {
    let house_ = open_house().await;
    let (ann, bob) = (house_.register("ann").await, house_.register("bob").await);
    let of_ann = Topic::user(ann.id());
    let (_owner, mut owner) = listen(&house_, &ann, of_ann.clone().into());
    let (mut snoop, mut heard) = listen(&house_, &bob, of_ann.clone().into());
    snoop.subscribe(Topic::channel("lobby").into()).unwrap();
    let notice = || Body::Notice("{}".into());
    snoop.publish(vec![of_ann], notice()).unwrap();
    assert_eq!(next_kept(&mut owner).await, "notice");
    snoop.publish(vec![Topic::user(ann.id()), Topic::channel("lobby")], notice()).unwrap();
    assert_eq!(next_kept(&mut owner).await, "notice");
    assert_eq!(next_kept(&mut heard).await, "notice");
    assert!(heard.try_recv().is_err(), "what is for ann is not for bob");
}

#[tokio::test]
async fn a_reply_does_not_overtake_what_its_peer_says_and_hears() {
    let house_ = open_house().await;
    let ann = house_.register("ann").await;
    let (attachment, mut of_ann) = listen(&house_, &ann, channel());
    let reply = Frame::text("reply");
    assert!(!attachment.is_behind(), "nothing was said");
    attachment.publish(vec![Topic::channel("elsewhere")], Body::Notice("{}".into())).unwrap();
    assert!(!attachment.is_behind(), "ann does not hear that herself");
    for _ in 0..3 {
        attachment.publish(vec![Topic::channel("quiet")], Body::Notice("{}".into())).unwrap();
        assert!(attachment.is_behind());
        assert!(attachment.send_behind(reply.as_bytes()));
        assert_eq!(next(&mut of_ann).await, "notice");
        assert_eq!(next(&mut of_ann).await, "reply");
    }
}

/// The next thing heard. The time is for a failure only, to be one and not a wait for ever.
pub(crate) async fn next(receiver: &mut Receiver<String>) -> String {
    let heard = tokio::time::timeout(Duration::from_secs(10), receiver.recv()).await;
    heard.expect("nothing is heard").expect("the connection is gone")
}

/// The next thing heard that is not about who is here.
async fn next_kept(receiver: &mut Receiver<String>) -> String {
    loop {
        let words = next(receiver).await;
        if words != "presence" {
            return words;
        }
    }
}
