//! One delivery task, listeners that remember, and events made by hand.

use quintet_core::Id;
use quintet_core::http::{Head, Request, Response, Step};
use quintet_core::room::ServerRecord;
use quintet_core::{
    Action, Author, Body, Credential, Dialect, Frame, Hello, Origin, Position, Session, Timestamp, Topic,
};
use quintet_store::Snapshot;

use super::*;
use crate::directory::Directory;

/// Says of an event its notice, and of a position its offset.
struct Plain;

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

    fn credential(&self, _: &Head) -> Credential {
        Credential::None
    }

    fn open(&self, _: Hello<'_>, _: &mut Vec<Action>) -> Result<Box<dyn Session>, Error> {
        Err(Error::not_found("nobody opens this"))
    }

    fn render(&self, event: &Event, _: &Origin) -> Option<Frame> {
        match &event.body {
            Body::Notice(text) if !text.is_empty() => Some(Frame::text(text)),
            _ => None,
        }
    }

    fn position(&self, event: &Event, _: &Origin) -> Option<Frame> {
        Some(Frame::text(&format!("={}", event.position?.offset)))
    }

    fn request(&self, _: Request) -> Step {
        Step::Reply(Response::empty(404))
    }

    fn refusal(&self, _: &Head, _: &Error) -> Response {
        Response::empty(404)
    }
}

fn loud(frame: &Frame) -> Frame {
    Frame::text(&String::from_utf8_lossy(frame.payload()).to_uppercase())
}

/// Remembers what it is sent.
#[derive(Default)]
struct Ear {
    heard: Mutex<Vec<String>>,
    compressed: bool,
}

impl Outlet for Ear {
    fn write(&self, bytes: &[Bytes]) {
        let frames = bytes.concat();
        let mut rest = &frames[..];
        while let [_, length, behind @ ..] = rest {
            let (payload, next) = behind.split_at(usize::from(*length));
            self.heard.lock().push(String::from_utf8_lossy(payload).into_owned());
            rest = next;
        }
    }

    fn compressed(&self) -> bool {
        self.compressed
    }

    fn close(&self, code: u16, reason: &str) {
        self.heard.lock().push(format!("close {code} {reason}"));
    }
}

/// A fan-out with one task.
struct House {
    fanout: Fanout,
}

/// One listener.
struct Guest<'a> {
    house: &'a House,
    ear: Arc<Ear>,
    seat: Seat,
}

fn house(limits: &Limits) -> House {
    let nobody = Snapshot {
        server: ServerRecord { name: "house".into(), description: String::new(), icon: None, default_room: None },
        users: Vec::new(),
        secrets: Vec::new(),
        rooms: Vec::new(),
        roles: Vec::new(),
        follows: Vec::new(),
        grants: Vec::new(),
    };
    let policy = Arc::new(Policy::new(Arc::new(Directory::new(nobody)), false));
    let voices = Voices::new(vec![Arc::new(Plain)], Origin("http://localhost".into()), Some(loud));
    House { fanout: Fanout::start(1, voices, &policy, limits) }
}

fn event(topic: &str, text: &str, offset: Option<u64>) -> Event {
    Event {
        id: Id::HOUSE,
        topics: vec![Topic::channel(topic)],
        position: offset.map(|offset| Position { epoch: 1, offset }),
        at: Timestamp::from_millis(0),
        author: Author::house(),
        via: "test".into(),
        body: Body::Notice(text.into()),
        commit: None,
    }
}

impl House {
    fn guest(&self, compressed: bool, topics: &[&str]) -> Guest<'_> {
        let ear = Arc::new(Ear { compressed, ..Ear::default() });
        let seat = self.fanout.attach(Arc::clone(&ear) as _, Identity::Public, Voice::new(0, compressed));
        let guest = Guest { house: self, ear, seat };
        for topic in topics {
            self.fanout.subscribe(seat, &Topic::channel(topic).into());
        }
        guest
    }

    fn say_for(&self, readers: Readers, topic: &str, text: &str, offset: Option<u64>) {
        self.fanout.deliver(Arc::new(event(topic, text, offset)), readers);
    }

    /// Says the topic and the offset.
    fn say(&self, topic: &str, offset: u64) {
        self.say_for(Readers::Everyone, topic, &format!("{topic}{offset}"), Some(offset));
    }

    /// Waits until all that was said has been heard.
    async fn settle(&self) {
        let seat = Seat { desk: 0, slot: 0 };
        let said = self.fanout.said(seat);
        while !self.fanout.is_heard(seat, said) {
            tokio::task::yield_now().await;
        }
    }
}

impl Guest<'_> {
    fn hold(&self) {
        self.house.fanout.obey(self.seat, Command::Hold);
    }

    fn release(&self, known: &[(&str, u64)]) {
        let known = known.iter().map(|(topic, offset)| (Topic::channel(topic), *offset)).collect();
        self.house.fanout.obey(self.seat, |slot| Command::Release(slot, known));
    }

    fn positions(&self) {
        self.house.fanout.obey(self.seat, |slot| Command::Positions(slot, true));
    }

    fn reply(&self, text: &str) {
        self.house.fanout.send_behind(self.seat, Frame::text(text).as_bytes()).unwrap();
    }

    async fn heard(&self) -> String {
        self.house.settle().await;
        std::mem::take(&mut *self.ear.heard.lock()).join(" ")
    }
}

#[tokio::test]
async fn what_is_held_comes_out_in_order_without_what_is_known() {
    let house = house(&Limits::default());
    for compressed in [false, true] {
        let dress = |text: &str| if compressed { text.to_uppercase() } else { text.to_owned() };
        let guest = house.guest(compressed, &["a", "b"]);
        house.say("a", 1);
        guest.hold();
        house.say("a", 2);
        house.say("a", 3);
        house.say("b", 7);
        guest.reply("(caught up)");
        house.say("a", 4);
        house.say_for(Readers::Everyone, "b", "whisper", None);
        assert_eq!(guest.heard().await, format!("{} (caught up)", dress("a1")));
        guest.release(&[("a", 3), ("c", 9)]);
        guest.reply("(released)");
        house.say("a", 5);
        assert_eq!(guest.heard().await, format!("{} (released) {}", dress("b7 a4 whisper"), dress("a5")));
    }
}

/// The same events, delivered one at a time and in batches of all sizes, come out alike.
#[tokio::test]
async fn batches_change_nothing() {
    let house = house(&Limits::default());
    for pause in 1..=12 {
        let (guest, other) = (house.guest(false, &["a", "b"]), house.guest(false, &["a", "b"]));
        for offset in 1..=12 {
            match offset {
                3 => guest.hold(),
                9 => guest.release(&[("a", 4)]),
                _ => {}
            }
            house.say(if offset % 3 == 0 { "b" } else { "a" }, offset);
            if offset % pause == 0 {
                house.settle().await;
            }
        }
        assert_eq!(guest.heard().await, "a1 a2 b3 a5 b6 a7 a8 b9 a10 a11 b12", "a pause after {pause}");
        assert_eq!(other.heard().await, "a1 a2 b3 a4 a5 b6 a7 a8 b9 a10 a11 b12", "nobody else is held");
    }
}

#[tokio::test]
async fn who_lets_too_much_be_held_is_slow() {
    let few_events = Limits { held_events: 3, ..Limits::default() };
    let few_bytes = Limits { queue_bytes: 13, ..Limits::default() };
    for limits in [few_events, few_bytes] {
        let house = house(&limits);
        let guest = house.guest(false, &["a"]);
        guest.hold();
        // Four bytes each, on the wire.
        (1..=3).for_each(|offset| house.say("a", offset));
        assert_eq!(guest.heard().await, "");
        house.say("a", 4);
        assert_eq!(guest.heard().await, "close 1013 slow consumer");
        guest.release(&[]);
        assert_eq!(guest.heard().await, "", "what was held is gone");
    }
    let house = house(&Limits { queue_bytes: 1, ..Limits::default() });
    let guest = house.guest(false, &["a"]);
    guest.hold();
    house.say("a", 1);
    guest.release(&[]);
    assert_eq!(guest.heard().await, "a1", "one event may always wait");
}

#[tokio::test]
async fn what_may_no_longer_be_heard_is_not_let_out() {
    let house = house(&Limits::default());
    let guest = house.guest(false, &["a", "b"]);
    guest.hold();
    house.say_for(Readers::Owner(Id::PUBLIC), "a", "for-public", None);
    house.say("b", 1);
    house.say("a", 2);
    house.fanout.unsubscribe(guest.seat, &Topic::channel("b").into());
    house.fanout.rebind(guest.seat, Identity::User(Id::new(5000).unwrap()));
    guest.release(&[]);
    assert_eq!(guest.heard().await, "a2", "it is somebody else, who listens to a only");
}

#[tokio::test]
async fn a_hold_ends_with_its_connection() {
    let house = house(&Limits::default());
    let guest = house.guest(false, &["a"]);
    guest.hold();
    let event = Arc::new(event("a", "held", None));
    house.fanout.deliver(Arc::clone(&event), Readers::Everyone);
    house.settle().await;
    assert_eq!(Arc::strong_count(&event), 2, "it is kept back");
    let topic = Topic::channel("a").into();
    house.fanout.detach(guest.seat, std::iter::once(&topic));
    house.settle().await;
    assert_eq!(Arc::strong_count(&event), 1);
    let next = house.guest(false, &["a"]);
    assert_eq!(next.seat, guest.seat, "the place is taken again");
    house.say("a", 1);
    assert_eq!(next.heard().await, "a1");
}

#[tokio::test]
async fn positions_stand_behind_each_run_for_those_who_asked() {
    let house = house(&Limits::default());
    let (plain, marked) = (house.guest(false, &["a", "b"]), house.guest(false, &["a", "b"]));
    let (loud, later) = (house.guest(true, &["a", "b"]), house.guest(false, &["a", "b"]));
    [&marked, &loud, &later].into_iter().for_each(Guest::positions);
    later.hold();
    house.settle().await;
    house.say("a", 1);
    house.say("a", 2);
    house.say_for(Readers::Everyone, "a", "", Some(3));
    house.say("b", 1);
    house.say_for(Readers::Everyone, "c", "unheard", Some(1));
    house.say_for(Readers::Everyone, "a", "whisper", None);
    later.release(&[("b", 1)]);
    assert_eq!(plain.heard().await, "a1 a2 b1 whisper");
    assert_eq!(marked.heard().await, "a1 a2 =2 b1 =1 whisper");
    assert_eq!(loud.heard().await, "A1 A2 =2 B1 =1 WHISPER");
    assert_eq!(later.heard().await, "a1 a2 whisper =2");
    house.say("a", 4);
    assert_eq!(marked.heard().await, "a4 =4");
    house.say("a", 5);
    assert_eq!(later.heard().await, "a4 =4 a5 =5");
    assert_eq!(plain.heard().await, "a4 a5");
}
