//! A house for a test: a hub over an in-memory store, a clock moved by hand, and people to ask as.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use quintet_bus::InProcess;
use quintet_core::chat::{ChatFilter, NewChat};
use quintet_core::identity::Secret;
use quintet_core::right::{Grant, Holder, Rights, Scope};
use quintet_core::room::NewRoom;
use quintet_core::time::Clock;
use quintet_core::user::{NewLogin, SignedIn};
use quintet_core::{
    Answer, Call, Chat, Dialect, Error, Id, Identity, Kind, Limits, Origin, Right, Room, Timestamp, User,
};
use quintet_hub::procedures::Registry;
use quintet_hub::{Caller, Hub, Parts, Rules};
use quintet_store::{Memory, Options, Store};

use crate::patient::{Meanwhile, Patient};
use crate::troubled::Trouble;

/// The admin's password, and everybody else's.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// A hub with everything that a test may turn.
pub(crate) struct House {
    pub(crate) hub: Arc<Hub>,
    /// What the hub remembers by.
    pub(crate) store: Arc<dyn Store>,
    /// What procedures there are.
    pub(crate) procedures: Arc<Registry>,
    millis: Arc<AtomicI64>,
    pub(crate) made_up_password: Option<Secret>,
    clock: Clock,
}

pub(crate) fn rules() -> Rules {
    Rules {
        token_ttl: Duration::from_hours(1),
        registration: true,
        drives: true,
        public_read: false,
        rate_limits: true,
        federation: quintet_hub::federation::Rules::default(),
    }
}

impl House {
    pub(crate) async fn new() -> Self {
        Self::with(Limits::default(), rules()).await
    }

    pub(crate) async fn with(limits: Limits, rules: Rules) -> Self {
        Self::founded(limits, rules, Some(Secret::new(PASSWORD)), Vec::new()).await
    }

    pub(crate) async fn founded(
        limits: Limits,
        rules: Rules,
        founding: Option<Secret>,
        dialects: Vec<Arc<dyn Dialect>>,
    ) -> Self {
        Self::built(limits, rules, founding, dialects, |memory| Arc::new(memory)).await
    }

    /// A house whose store lets others go first at each change.
    pub(crate) async fn patient() -> Self {
        Self::with_meanwhile(Meanwhile::default()).await
    }

    /// As [`House::patient`], where something happens between two questions to the store.
    pub(crate) async fn with_meanwhile(meanwhile: Meanwhile) -> Self {
        let password = Some(Secret::new(PASSWORD));
        Self::built(Limits::default(), rules(), password, Vec::new(), |memory| {
            Arc::new(Patient::new(memory, meanwhile, Arc::default()))
        })
        .await
    }

    /// As [`House::patient`], where the correspondence fails now and then.
    pub(crate) async fn troubled(rules: Rules, dialects: Vec<Arc<dyn Dialect>>, trouble: Arc<Trouble>) -> Self {
        let password = Some(Secret::new(PASSWORD));
        Self::built(Limits::default(), rules, password, dialects, |memory| {
            Arc::new(Patient::new(memory, Meanwhile::default(), trouble))
        })
        .await
    }

    async fn built(
        limits: Limits,
        rules: Rules,
        founding: Option<Secret>,
        dialects: Vec<Arc<dyn Dialect>>,
        store: impl FnOnce(Memory) -> Arc<dyn Store>,
    ) -> Self {
        let millis = Arc::new(AtomicI64::new(1_763_000_000_000));
        let hand = Arc::clone(&millis);
        let clock: Clock = Arc::new(move || Timestamp::from_millis(hand.load(Ordering::Relaxed)));
        let store = store(Memory::new(Options { limits: limits.clone(), clock: Arc::clone(&clock) }));
        let procedures = Arc::new(Registry::new(&limits));
        let parts = Parts {
            procedures: Arc::clone(&procedures),
            store: Arc::clone(&store),
            bus: Arc::new(InProcess::default()),
            dialects,
            origin: Origin("http://localhost:8080".into()),
            limits,
            clock: Arc::clone(&clock),
            rules,
            founding,
            delivery_tasks: 0,
            serving: true,
            compress: None,
        };
        let started = Hub::start(parts).await.unwrap();
        Self { hub: started.hub, store, procedures, millis, made_up_password: started.admin_password, clock }
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    pub(crate) fn pass_millis(&self, millis: i64) {
        self.millis.fetch_add(millis, Ordering::Relaxed);
    }

    pub(crate) async fn ask(&self, who: &Caller, call: Call) -> Result<Answer, Error> {
        self.hub.call(who, call).await
    }

    /// The kind of error that a call is answered with.
    pub(crate) async fn refusal(&self, who: &Caller, call: Call) -> Kind {
        self.ask(who, call).await.unwrap_err().kind()
    }

    pub(crate) async fn done(&self, who: &Caller, call: Call) {
        assert!(matches!(self.ask(who, call).await, Ok(Answer::Done)));
    }

    /// Registers somebody, who then asks.
    pub(crate) async fn register(&self, name: &str) -> Caller {
        let login = NewLogin::Username(name.into());
        let call = Call::Register { login, password: Secret::new(PASSWORD) };
        user(self.ask(&public(), call).await).id.into_caller()
    }

    /// The first admin.
    pub(crate) async fn admin(&self) -> Caller {
        let Ok(Answer::Users(users)) = self.ask(&house(), Call::Users).await else { panic!("no users") };
        users.iter().find(|user| user.username == "admin").unwrap().id.into_caller()
    }

    pub(crate) async fn log_in(&self, login: &str, password: &str) -> Result<SignedIn, Error> {
        let call = Call::LogIn { login: login.into(), password: Secret::new(password) };
        self.ask(&public(), call).await.map(|answer| match answer {
            Answer::SignedIn(signed_in) => *signed_in,
            other => panic!("{other:?}"),
        })
    }

    pub(crate) async fn room(&self, name: &str, parent: Option<Id>) -> Room {
        let new = NewRoom { name: name.into(), description: None, parent, ordinality: None, capabilities: None };
        room(self.ask(&house(), Call::CreateRoom(new)).await)
    }

    /// A room that nobody may view but `guest` (and admins).
    pub(crate) async fn private_room(&self, guest: &Caller) -> Id {
        let private = self.room("private", None).await.id;
        self.grant(Scope::Room(private), Holder::Role(Id::EVERYONE), Right::View, -1).await;
        self.grant(Scope::Room(private), Holder::User(guest.id()), Right::View, 2).await;
        private
    }

    pub(crate) async fn grant(&self, scope: Scope, holder: Holder, right: Right, value: i32) {
        let mut rights = Rights::default();
        rights.set(right, value);
        self.done(&house(), Call::SetGrant(Grant { scope, holder, rights })).await;
    }

    pub(crate) async fn post(&self, who: &Caller, room: Id, content: &str) -> Chat {
        chat(self.ask(who, Call::PostChat(new_chat(room, content))).await)
    }

    pub(crate) async fn chats(&self, who: &Caller, filter: ChatFilter) -> Vec<String> {
        match self.ask(who, Call::Chats(ChatFilter { limit: 50, ..filter })).await {
            Ok(Answer::Chats(chats)) => chats.into_iter().map(|chat| chat.content).collect(),
            other => panic!("{other:?}"),
        }
    }
}

/// Who a caller is.
pub(crate) trait Who {
    fn id(&self) -> Id;
}

impl Who for Caller {
    fn id(&self) -> Id {
        self.identity.user().unwrap()
    }
}

/// Makes a caller of a user's number.
pub(crate) trait IntoCaller {
    fn into_caller(self) -> Caller;
}

impl IntoCaller for Id {
    fn into_caller(self) -> Caller {
        caller(Identity::User(self))
    }
}

pub(crate) fn caller(identity: Identity) -> Caller {
    Caller { identity, via: "test".into(), address: IpAddr::from([127, 0, 0, 1]), local: true, socket: false }
}

pub(crate) fn public() -> Caller {
    caller(Identity::Public)
}

pub(crate) fn house() -> Caller {
    caller(Identity::House)
}

/// An id that was never handed out.
pub(crate) fn unknown() -> Id {
    Id::new(4097).unwrap()
}

pub(crate) fn new_chat(room: Id, content: &str) -> NewChat {
    NewChat { room, thread: None, content: content.into(), sent_at: None, subject: None }
}

pub(crate) fn user(answer: Result<Answer, Error>) -> User {
    match answer {
        Ok(Answer::User(user)) => user,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn room(answer: Result<Answer, Error>) -> Room {
    match answer {
        Ok(Answer::Room(room)) => room,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn chat(answer: Result<Answer, Error>) -> Chat {
    match answer {
        Ok(Answer::Chat(chat)) => *chat,
        other => panic!("{other:?}"),
    }
}
