//! One house's queue, on a clock that waits for nobody: what is sent, which way, and when.

use std::future::poll_fn;
use std::sync::Weak;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use async_trait::async_trait;
use parking_lot::Mutex;
use quintet_core::dialect::{Carriage, Parting};
use quintet_core::federation::host::Reach;
use quintet_core::federation::inquiry::{Fetch, Fetched};
use quintet_core::federation::peer::Standing;
use quintet_core::federation::telling::{Letterhead, Posting};
use quintet_core::federation::{Federation, Form, Inquiry, Parcel, ParcelId, Question, Receipt, Tale, Target, Telling};
use quintet_core::time::Clock;
use quintet_core::{Id, Limits};
use quintet_store::{Memory, NewItem, Options, Store};

use super::super::Rules;
use super::super::bell::Ring;
use super::super::carrier::{Carrier, Dialed, Posted};
use super::super::keys::Keys;
use super::super::links::Link;
use super::super::office::Fittings;
use super::*;
use crate::procedures::Errand;

/// A room of few words.
struct Words(Host);

impl Federation for Words {
    fn host(&self) -> Option<&Host> {
        Some(&self.0)
    }

    fn inquire(&self, _: Question) -> Box<dyn Inquiry> {
        panic!("nobody is asked here")
    }

    fn tell(&self, _: &Tale<'_>, _: Form) -> Option<Telling> {
        None
    }

    fn letterhead(&self, _: &PeerProfile, _: Option<&str>, telling: &Telling, at: Timestamp) -> Letterhead {
        Letterhead { text: format!("{} {}", at.seconds(), telling.text), signed_by: "me".into() }
    }

    fn posting(&self, _: &PeerProfile, inbox: Option<&str>, _: Form, parcel: &Parcel) -> Posting {
        let url = inbox.unwrap_or("everybody").to_owned();
        Posting { url, headers: vec![("signature", parcel.signature.clone())], body: parcel.text.to_string() }
    }

    /// `retry-after` and `pause` are seconds, as everywhere; `clock` is there or not.
    fn receipt(&self, status: u16, headers: &[(String, String)], _: &[u8]) -> Receipt {
        let seconds = |name: &str| {
            let value = headers.iter().find(|(key, _)| key == name)?.1.parse().ok()?;
            Some(Duration::from_secs(value))
        };
        Receipt { retry_after: seconds("retry-after"), pause: seconds("pause"), ..Receipt::of(status) }
    }

    fn sign_fetch(&self, fetch: &Fetch, _: Timestamp) -> Letterhead {
        Letterhead { text: fetch.url.clone(), signed_by: String::new() }
    }

    fn headers(&self, _: &Letterhead, _: Timestamp, _: &[u8; 64]) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    fn target(&self, _: &str) -> Result<Target, Error> {
        Err(Error::bad_message("nothing is named here"))
    }

    fn spell(&self, _: &Target) -> String {
        String::new()
    }
}

/// Something that was posted.
#[derive(Clone, Debug)]
struct Arrived {
    text: String,
    signature: String,
    /// Seconds since the beginning.
    at: u64,
}

type Answers = dyn FnMut(&str) -> Result<Posted, Error> + Send;

/// The other house.
struct There {
    begin: Instant,
    arrived: Mutex<Vec<Arrived>>,
    dials: Mutex<Vec<u64>>,
    /// Seconds until a dial is refused.
    ringing: AtomicU64,
    answer: Mutex<Box<Answers>>,
    /// How many postings there are at once, and were at the most.
    under_way: AtomicI64,
    most: AtomicI64,
}

impl There {
    fn texts(&self) -> Vec<String> {
        self.arrived.lock().iter().map(|arrived| arrived.text.clone()).collect()
    }

    fn times(&self) -> Vec<u64> {
        self.arrived.lock().iter().map(|arrived| arrived.at).collect()
    }

    fn answers(&self, answer: impl FnMut(&str) -> Result<Posted, Error> + Send + 'static) {
        *self.answer.lock() = Box::new(answer);
    }
}

#[async_trait]
impl Carrier for There {
    async fn fetch(&self, _: &str, _: Vec<(&'static str, String)>) -> Result<Fetched, Error> {
        Err(Error::unavailable("nothing is fetched here"))
    }

    async fn post(&self, posting: Posting) -> Result<Posted, Error> {
        let signature = posting.headers[0].1.clone();
        let arrived = Arrived { text: posting.body.clone(), signature, at: self.begin.elapsed().as_secs() };
        self.arrived.lock().push(arrived);
        self.under_way.fetch_add(1, Ordering::Relaxed);
        self.most.fetch_max(self.under_way.load(Ordering::Relaxed), Ordering::Relaxed);
        if posting.body.starts_with("slow") {
            sleep(Duration::from_secs(10)).await;
        }
        self.under_way.fetch_sub(1, Ordering::Relaxed);
        (self.answer.lock())(&posting.body)
    }

    async fn dial(&self, _: &Host, _: &str) -> Result<Dialed, Error> {
        self.dials.lock().push(self.begin.elapsed().as_secs());
        let ringing = self.ringing.load(Ordering::Relaxed);
        if ringing > 0 {
            sleep(Duration::from_secs(ringing)).await;
        }
        Err(Error::unavailable("the socket is refused"))
    }
}

#[expect(clippy::unnecessary_wraps, reason = "what a carrier answers")]
fn status(status: u16) -> Result<Posted, Error> {
    Ok(Posted { status, headers: Vec::new(), body: Vec::new() })
}

fn down() -> Result<Posted, Error> {
    Err(Error::unavailable("no answer"))
}

fn clock(begin: Instant) -> Clock {
    Arc::new(move || later(Timestamp::from_millis(1_763_000_000_000), begin.elapsed()))
}

/// An office with one house to write to.
struct Trial {
    office: Arc<Office>,
    there: Arc<There>,
    store: Arc<Memory>,
    /// Whether the house was asked anew each time that its profile was wanted.
    introductions: Arc<Mutex<Vec<bool>>>,
}

fn host() -> Host {
    Host::parse("b.example", Reach::Net).unwrap()
}

impl Trial {
    /// The house has a socket, at which nobody answers, if `socket`; posts are taken.
    async fn new(socket: bool) -> Self {
        let clock = clock(Instant::now());
        let store = Arc::new(Memory::new(Options { limits: Limits::default(), clock }));
        Self::over(store, socket).await
    }

    /// As [`Trial::new`], with what is remembered.
    async fn over(store: Arc<Memory>, socket: bool) -> Self {
        Self::build(store, socket, clock(Instant::now())).await
    }

    /// As [`Trial::new`], with a clock that is set by so many milliseconds.
    async fn at(set: Arc<AtomicI64>) -> Self {
        let plain = clock(Instant::now());
        let clock: Clock = Arc::new(move || plain().plus_millis(set.load(Ordering::Relaxed)));
        let options = Options { limits: Limits::default(), clock: Clock::clone(&clock) };
        Self::build(Arc::new(Memory::new(options)), false, clock).await
    }

    async fn build(store: Arc<Memory>, socket: bool, clock: Clock) -> Self {
        let begin = Instant::now();
        let limits = Limits::default();
        let shared: Arc<dyn Store> = Arc::clone(&store) as _;
        let keys = Arc::new(Keys::open(&*shared).await.unwrap());
        let rules = Rules { open: true, ..Rules::default() };
        let tongue = Arc::new(Words(Host::parse("a.example", Reach::Net).unwrap()));
        let office = Office::new(Fittings { store: shared, tongue, keys, limits, rules, clock }).await.unwrap();
        let there = Arc::new(There {
            begin,
            arrived: Mutex::default(),
            dials: Mutex::default(),
            ringing: AtomicU64::new(0),
            answer: Mutex::new(Box::new(|_| status(202))),
            under_way: AtomicI64::new(0),
            most: AtomicI64::new(0),
        });
        let endpoint = socket.then(|| "wss://b.example/socket".to_owned());
        let profile = Arc::new(PeerProfile {
            host: host(),
            forms: vec![Form::Uri],
            software: String::new(),
            key: [0; 32],
            shared_inbox: None,
            endpoint,
        });
        let introductions = Arc::new(Mutex::new(Vec::new()));
        let asked = Arc::clone(&introductions);
        let introduce = Box::new(move |_, anew| {
            asked.lock().push(anew);
            let profile = Arc::clone(&profile);
            Box::pin(async move { Ok(profile) }) as _
        });
        office.open(Means { hub: Weak::new(), carrier: Arc::clone(&there) as _, introduce });
        Self { office, there, store, introductions }
    }

    async fn queue(&self, texts: &[&str]) {
        self.queue_for(&host(), texts).await;
    }

    async fn queue_for(&self, host: &Host, texts: &[&str]) {
        let item = |text: &&str| NewItem {
            host: host.clone(),
            form: Form::Uri,
            kind: "Note".into(),
            signer: Own::House,
            text: (*text).into(),
            at: self.office.now(),
            inbox: None,
        };
        self.store.correspondence().enqueue(Id::HOUSE, texts.iter().map(item).collect()).await.unwrap();
        self.office.ring(host, Ring::News);
    }

    fn link(&self, window: u32) -> Link {
        let patience = Duration::from_secs(30);
        let carriage = Carriage { window, entity_bytes: 1000, frame_bytes: 6000, patience };
        let link = self.office.links.open(host(), carriage, 4);
        self.office.ring(&host(), Ring::News);
        link
    }

    /// What waits, by its text, once everybody rests.
    async fn waiting(&self) -> Vec<String> {
        settle_down().await;
        let items = self.store.correspondence().waiting(&host(), 0, 1000).await.unwrap();
        items.into_iter().map(|item| item.item.text.to_string()).collect()
    }

    async fn dead(&self) -> Vec<(String, String)> {
        settle_down().await;
        let letters = self.store.correspondence().dead_letters(None, 100).await.unwrap();
        letters.into_iter().map(|letter| (letter.text, letter.error)).collect()
    }
}

/// Time passes only when nobody has anything to do.
async fn settle_down() {
    sleep(Duration::from_millis(1)).await;
}

async fn next(link: &mut Link) -> Arc<Parcel> {
    match poll_fn(|cx| link.poll(cx)).await {
        Errand::Send(parcel) => parcel,
        other => panic!("{other:?}"),
    }
}

fn signature(parcel: &Arc<Parcel>) -> (String, String) {
    (parcel.text.to_string(), parcel.signature.clone())
}

#[tokio::test(start_paused = true)]
async fn a_connection_carries_everything_in_order() {
    let trial = Trial::new(true).await;
    let mut link = trial.link(3);
    let texts: Vec<_> = (0..300).map(|number| number.to_string()).collect();
    trial.queue(&texts.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let mut open = VecDeque::new();
    for text in &texts {
        let parcel = next(&mut link).await;
        assert_eq!(*parcel.text, **text);
        open.push_back(parcel.id);
        assert!(open.len() <= 3);
        if open.len() == 3 {
            open.drain(..2).for_each(|id| link.receipt(id, Receipt::of(202)));
        }
    }
    assert_eq!(trial.waiting().await.len(), open.len(), "what has a receipt is gone");
    for id in open {
        link.receipt(id, Receipt::of(202));
    }
    assert!(trial.waiting().await.is_empty());
    assert!(trial.there.texts().is_empty() && trial.there.dials.lock().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_a_lost_connection_carried_goes_over_http_as_it_was_signed() {
    let trial = Trial::new(true).await;
    let mut link = trial.link(2);
    trial.queue(&["one", "two", "three"]).await;
    let sent = [next(&mut link).await, next(&mut link).await];
    drop(link);
    assert!(trial.waiting().await.is_empty());
    let arrived = trial.there.arrived.lock().clone();
    let posted: Vec<_> = arrived.into_iter().map(|it| (it.text, it.signature)).collect();
    assert_eq!(posted[..2], sent.each_ref().map(signature));
    assert_eq!(posted[2].0, "three");
}

#[tokio::test(start_paused = true)]
async fn a_signature_is_used_again_for_four_minutes() {
    let trial = Trial::new(false).await;
    trial.there.answers(|_| down());
    trial.queue(&["one"]).await;
    sleep(Duration::from_secs(500)).await;
    let tries = trial.there.arrived.lock().clone();
    // At once, after 10 s, after another minute, after another 5 minutes; 20 % either way.
    assert_eq!(tries.len(), 4, "{tries:?}");
    assert!((8..=12).contains(&tries[1].at) && (56..=84).contains(&tries[2].at), "{tries:?}");
    assert_eq!(tries[0].signature, tries[1].signature);
    assert_eq!(tries[0].signature, tries[2].signature);
    assert_ne!(tries[0].signature, tries[3].signature);
    assert_eq!(trial.waiting().await, ["one"]);
}

#[tokio::test(start_paused = true)]
async fn nothing_overtakes_what_is_tried_again() {
    let trial = Trial::new(false).await;
    let mut failures = 2;
    trial.there.answers(move |text| {
        if text == "one" && failures > 0 {
            failures -= 1;
            return status(503);
        }
        status(202)
    });
    trial.queue(&["zero", "one", "two"]).await;
    assert_eq!(trial.waiting().await, ["one", "two"]);
    sleep(Duration::from_mins(2)).await;
    assert_eq!(trial.there.texts(), ["zero", "one", "one", "one", "two"]);
    assert!(trial.waiting().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn on_a_connection_what_is_under_way_is_awaited() {
    let trial = Trial::new(true).await;
    let mut link = trial.link(3);
    trial.queue(&["one", "two", "three", "four"]).await;
    let first = [next(&mut link).await.id, next(&mut link).await.id, next(&mut link).await.id];
    // What is looked at in between takes its time, too.
    let begin = Instant::now();
    link.receipt(first[0], Receipt::of(503));
    link.receipt(first[1], Receipt::of(202));
    assert_eq!(trial.waiting().await, ["one", "three", "four"]);
    link.receipt(first[2], Receipt::of(202));
    assert_eq!(*next(&mut link).await.text, *"one");
    assert!(begin.elapsed() >= Duration::from_secs(8), "not at once");
    assert_eq!(*next(&mut link).await.text, *"four");
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_is_a_dead_letter_and_the_rest_goes_on() {
    let trial = Trial::new(false).await;
    trial.there.answers(|text| status(if text == "bad" { 404 } else { 202 }));
    trial.queue(&["bad", "good"]).await;
    assert!(trial.waiting().await.is_empty());
    assert_eq!(trial.dead().await, [("bad".to_owned(), "404".to_owned())]);
    trial.there.answers(|_| status(202));
    assert_eq!(trial.office.requeue(&host()).await.unwrap(), 1);
    assert!(trial.waiting().await.is_empty() && trial.dead().await.is_empty());
    assert_eq!(trial.there.texts(), ["bad", "good", "bad"]);
}

#[tokio::test(start_paused = true)]
async fn a_refused_signature_is_made_anew_and_then_distrusted() {
    let trial = Trial::new(false).await;
    trial.there.answers(|_| status(401));
    trial.queue(&["one", "two"]).await;
    sleep(Duration::from_mins(10)).await;
    assert_eq!(trial.there.texts(), ["one", "one", "one", "two"]);
    let signatures: HashSet<_> = trial.there.arrived.lock().iter().map(|it| it.signature.clone()).collect();
    assert_eq!(signatures.len(), 4);
    assert_eq!(trial.dead().await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_silent_house_is_given_up_until_it_is_heard() {
    let trial = Trial::new(false).await;
    trial.there.answers(|_| down());
    trial.queue(&["one"]).await;
    sleep(Duration::from_hours(24 * 6)).await;
    assert_eq!(trial.waiting().await, ["one"]);
    trial.queue(&["two"]).await;
    // A week is over after 24 hours more, and the next try comes within 12 more and 20 %.
    sleep(Duration::from_hours(40)).await;
    assert_eq!(trial.dead().await, [("one".to_owned(), "no answer".to_owned())]);
    assert!(!trial.office.peers.is_served(&host()));
    let tries = trial.there.texts().len();
    sleep(Duration::from_hours(24)).await;
    assert_eq!(trial.there.texts().len(), tries, "nobody knocks at a dead house");
    trial.there.answers(|_| status(202));
    trial.office.hear(&host());
    assert!(trial.waiting().await.is_empty());
    assert_eq!(trial.there.texts().last().unwrap(), "two");
    assert!(trial.office.peers.is_served(&host()));
}

#[tokio::test(start_paused = true)]
async fn who_is_heard_is_tried_at_once() {
    let trial = Trial::new(false).await;
    trial.there.answers(|_| down());
    trial.queue(&["one"]).await;
    sleep(Duration::from_mins(30)).await;
    trial.there.answers(|_| status(202));
    trial.office.hear(&host());
    assert!(trial.waiting().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn after_three_dials_only_http_is_used_for_a_while() {
    let trial = Trial::new(true).await;
    trial.queue(&["1", "2", "3", "4", "5"]).await;
    assert!(trial.waiting().await.is_empty());
    assert_eq!(trial.there.dials.lock().len(), 3);
    assert_eq!(trial.there.texts(), ["1", "2", "3", "4", "5"]);
    assert!(trial.office.reports().await.unwrap()[0].http_only);
    sleep(Duration::from_secs(299)).await;
    trial.queue(&["6"]).await;
    settle_down().await;
    assert_eq!(trial.there.dials.lock().len(), 3);
    sleep(Duration::from_secs(2)).await;
    trial.queue(&["7"]).await;
    settle_down().await;
    assert_eq!(trial.there.dials.lock().len(), 4);
    assert!(trial.waiting().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_blocked_house_is_sent_nothing() {
    let trial = Trial::new(true).await;
    let mut link = trial.link(1);
    trial.office.set_standing(&host(), Standing::Blocked).await.unwrap();
    assert!(matches!(poll_fn(|cx| link.poll(cx)).await, Errand::Part(Parting::Blocked)));
    trial.queue(&["one"]).await;
    sleep(Duration::from_hours(1)).await;
    assert_eq!(trial.waiting().await, ["one"]);
    trial.office.set_standing(&host(), Standing::Neutral).await.unwrap();
    assert!(trial.waiting().await.is_empty());
    assert_eq!(trial.there.texts(), ["one"]);
}

#[tokio::test(start_paused = true)]
async fn a_house_that_is_blocked_while_it_is_dialled_is_sent_nothing() {
    let trial = Trial::new(true).await;
    trial.there.ringing.store(5, Ordering::Relaxed);
    trial.queue(&["one"]).await;
    sleep(Duration::from_secs(2)).await;
    assert_eq!(trial.there.dials.lock().len(), 1);
    trial.office.set_standing(&host(), Standing::Blocked).await.unwrap();
    sleep(Duration::from_hours(1)).await;
    assert!(trial.there.texts().is_empty());
    trial.office.set_standing(&host(), Standing::Neutral).await.unwrap();
    sleep(Duration::from_mins(1)).await;
    assert_eq!(trial.there.texts(), ["one"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_too_large_for_a_connection_goes_over_http_in_its_turn() {
    let trial = Trial::new(true).await;
    let mut link = trial.link(4);
    let large = "a".repeat(1001);
    trial.queue(&["one", &large, "two"]).await;
    let one = next(&mut link).await;
    settle_down().await;
    assert!(trial.there.texts().is_empty(), "what went before is not answered yet");
    link.receipt(one.id, Receipt::of(202));
    assert_eq!(*next(&mut link).await.text, *"two");
    assert_eq!(trial.there.texts(), [large]);
}

#[tokio::test(start_paused = true)]
async fn who_gives_no_receipt_is_parted_from() {
    let trial = Trial::new(false).await;
    let mut link = trial.link(4);
    trial.queue(&["one"]).await;
    let begin = Instant::now();
    next(&mut link).await;
    assert!(matches!(poll_fn(|cx| link.poll(cx)).await, Errand::Part(Parting::Unanswered)));
    assert_eq!(begin.elapsed().as_secs(), 30);
    assert!(trial.waiting().await.is_empty());
    assert_eq!(trial.there.texts(), ["one"]);
}

#[tokio::test(start_paused = true)]
async fn a_newer_connection_is_used_once_the_older_is_empty() {
    let trial = Trial::new(false).await;
    let mut older = trial.link(1);
    trial.queue(&["one", "two"]).await;
    let one = next(&mut older).await;
    let mut newer = trial.link(1);
    settle_down().await;
    older.receipt(one.id, Receipt::of(202));
    assert_eq!(*next(&mut newer).await.text, *"two");
}

#[tokio::test(start_paused = true)]
async fn used_up_rates_hold_the_queue() {
    let trial = Trial::new(false).await;
    trial.there.answers(|_| Ok(Posted { status: 202, headers: vec![("pause".into(), "17".into())], body: Vec::new() }));
    trial.queue(&["one", "two"]).await;
    sleep(Duration::from_mins(1)).await;
    assert_eq!(trial.there.times(), [0, 17]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_once_the_office_closed() {
    let trial = Trial::new(false).await;
    trial.there.answers(|_| down());
    trial.queue(&["one"]).await;
    settle_down().await;
    trial.office.finish().await;
    sleep(Duration::from_hours(1)).await;
    assert_eq!(trial.there.texts().len(), 1);
    let known = trial.store.correspondence().peers().await.unwrap();
    assert_eq!(known[0].last_error.as_ref().unwrap().1, "no answer", "what is known of peers is written down");
}

#[tokio::test(start_paused = true)]
async fn what_waited_at_the_end_is_sent_after_the_start() {
    let former = Trial::new(false).await;
    former.there.answers(|_| down());
    former.queue(&["one", "two"]).await;
    settle_down().await;
    former.office.finish().await;
    let trial = Trial::over(Arc::clone(&former.store), false).await;
    sleep(Duration::from_mins(1)).await;
    assert_eq!(trial.there.texts(), ["one", "two"]);
    assert!(trial.waiting().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn after_a_dial_in_vain_the_house_is_asked_anew_where_it_is() {
    let trial = Trial::new(true).await;
    trial.queue(&["1", "2", "3", "4", "5"]).await;
    assert!(trial.waiting().await.is_empty());
    assert_eq!(*trial.introductions.lock(), [false, true, true, true], "once for each dial");
}

#[tokio::test(start_paused = true)]
async fn a_lost_parcel_is_sent_again_at_once() {
    let trial = Trial::new(false).await;
    let mut link = trial.link(3);
    trial.queue(&["one", "two", "three"]).await;
    let sent = [next(&mut link).await, next(&mut link).await, next(&mut link).await];
    let begin = Instant::now();
    link.receipt(sent[1].id, Receipt::of(202));
    assert!(matches!(poll_fn(|cx| link.poll(cx)).await, Errand::Part(Parting::Unanswered)));
    assert!(trial.waiting().await.is_empty());
    assert!(begin.elapsed() < Duration::from_secs(1), "nobody waits for a receipt that cannot come");
    assert_eq!(trial.there.texts(), ["one", "three"]);
}

#[tokio::test(start_paused = true)]
async fn receipts_for_nothing_and_twice_mean_nothing() {
    let trial = Trial::new(false).await;
    let mut link = trial.link(2);
    trial.queue(&["one", "two", "three"]).await;
    let one = next(&mut link).await.id;
    for id in [ParcelId(77), one, one, one] {
        link.receipt(id, Receipt::of(202));
    }
    for text in ["two", "three"] {
        let parcel = next(&mut link).await;
        assert_eq!(*parcel.text, *text);
        link.receipt(parcel.id, Receipt::of(202));
    }
    assert!(trial.waiting().await.is_empty() && trial.dead().await.is_empty() && trial.there.texts().is_empty());
}

#[tokio::test(start_paused = true)]
async fn trouble_for_an_hour_delays_and_loses_nothing() {
    let trial = Trial::new(false).await;
    let begin = Instant::now();
    let hour = Duration::from_hours(1);
    trial.there.answers(move |_| status(if begin.elapsed() < hour { 503 } else { 202 }));
    let texts: Vec<_> = (0..300).map(|number| number.to_string()).collect();
    trial.queue(&texts.iter().map(String::as_str).collect::<Vec<_>>()).await;
    sleep(hour).await;
    assert!(trial.there.texts().len() < 8, "it is not asked all the time: {:?}", trial.there.times());
    sleep(3 * hour).await;
    let mut arrived = trial.there.texts();
    arrived.dedup();
    assert_eq!(arrived, texts);
    assert!(trial.waiting().await.is_empty() && trial.dead().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_set_back_delays_nothing() {
    let set = Arc::new(AtomicI64::new(0));
    let trial = Trial::at(Arc::clone(&set)).await;
    trial.there.answers(|_| down());
    trial.queue(&["one", "two"]).await;
    settle_down().await;
    set.store(-86_400_000, Ordering::Relaxed);
    trial.there.answers(|_| status(202));
    sleep(Duration::from_mins(1)).await;
    assert_eq!(trial.there.texts(), ["one", "one", "two"]);
}

#[tokio::test(start_paused = true)]
async fn little_is_read_for_a_house_that_is_not_there() {
    let trial = Trial::new(false).await;
    trial.there.answers(|_| down());
    let texts: Vec<_> = (0..300).map(|number| number.to_string()).collect();
    let host = host();
    let (office, bell) = (Arc::clone(&trial.office), Arc::new(Bell::default()));
    trial.office.finish().await;
    trial.queue(&texts.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let mut postman = Postman::new(office, host, bell);
    postman.load().await.unwrap();
    assert_eq!(postman.queue.len(), FEW);
    postman.warm = true;
    postman.load().await.unwrap();
    assert_eq!(postman.queue.len() as u64, Limits::default().outbox_batch);
    postman.miss(&Error::unavailable("no answer"));
    assert_eq!(postman.queue.len(), FEW);
    postman.warm = true;
    postman.load().await.unwrap();
    let read: Vec<_> = postman.queue.iter().map(|letter| letter.item.item.text.to_string()).collect();
    assert_eq!(read, texts[..read.len()], "in order, without a gap");
}

#[tokio::test(start_paused = true)]
async fn many_that_do_not_answer_hold_up_nobody_who_does() {
    const DOWN: usize = 150;
    let trial = Trial::new(false).await;
    trial.there.answers(|text| if text.starts_with("slow") { down() } else { status(202) });
    for number in 0..DOWN {
        let host = Host::parse(&format!("b{number}.example"), Reach::Net).unwrap();
        trial.queue_for(&host, &["slow", "slow"]).await;
    }
    // The first round: nobody is known to be down yet.
    sleep(Duration::from_mins(2)).await;
    assert!(trial.there.texts().len() >= DOWN, "everybody was tried");
    for _ in 0..20 {
        let begin = Instant::now();
        trial.queue(&["quick"]).await;
        while !trial.waiting().await.is_empty() {
            assert!(begin.elapsed() < Duration::from_secs(1), "it waits for those who do not answer");
        }
        sleep(Duration::from_secs(7)).await;
    }
    assert!(trial.there.most.load(Ordering::Relaxed) <= 32, "{:?}", trial.there.most);
    sleep(Duration::from_mins(30)).await;
    let tries = trial.there.texts().len();
    assert!(tries < 8 * DOWN, "each is tried as the schedule says: {tries}");
}

#[tokio::test(start_paused = true)]
async fn what_waited_for_many_is_not_all_read_at_the_start() {
    let former = Trial::new(false).await;
    former.office.finish().await;
    let texts: Vec<_> = (0..100).map(|number| format!("slow {number}")).collect();
    let texts: Vec<_> = texts.iter().map(String::as_str).collect();
    for number in 0..100 {
        former.queue_for(&Host::parse(&format!("b{number}.example"), Reach::Net).unwrap(), &texts).await;
    }
    let trial = Trial::over(Arc::clone(&former.store), false).await;
    trial.there.answers(|_| down());
    sleep(Duration::from_secs(1)).await;
    let items = former.store.correspondence().waiting(&Host::parse("b7.example", Reach::Net).unwrap(), 0, 100).await;
    let held = items.unwrap().iter().filter(|item| Arc::strong_count(&item.item.text) > 2).count();
    assert!((1..=FEW).contains(&held), "{held} are in memory besides the store's, and this copy");
}
