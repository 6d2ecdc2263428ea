//! Letters: what other houses send, for tests. Their signatures are made up: a store does not look at them.

use std::sync::Arc;

use quintet_core::change::{Adoption, Change, Delivery};
use quintet_core::event::{Body, Event};
use quintet_core::federation::desk::Kept;
use quintet_core::federation::host::Reach;
use quintet_core::federation::incoming::Said;
use quintet_core::federation::{
    Address, Audience, Deed, Follow, FollowState, Form, Host, Incoming, Own, Target, UserProfile,
};
use quintet_core::id::Id;
use quintet_core::identity::Author;
use quintet_core::room::{Room, RoomEdit};
use quintet_core::user::{AgentSecret, User};
use quintet_core::{AgentKey, Error, Kind};

use crate::house::{House, author, room};

pub(crate) fn host(name: &str) -> Host {
    Host::parse(name, Reach::Net).unwrap()
}

/// Something of `b.example`.
pub(crate) fn address(path: &str) -> Address {
    address_at("b.example", path)
}

pub(crate) fn address_at(name: &str, path: &str) -> Address {
    Address { host: host(name), form: Form::Uri, key: format!("https://{name}/{path}").into() }
}

pub(crate) fn elsewhere(path: &str) -> Target {
    Target::Remote(address(path))
}

pub(crate) fn profile(name: &str) -> UserProfile {
    UserProfile {
        address: address(&format!("users/{name}")),
        group: false,
        username: name.into(),
        display_name: None,
        bio: None,
        key: None,
        inbox: None,
        text: "{}".into(),
    }
}

pub(crate) fn adoption(profile: UserProfile, key: u8) -> Change {
    let (agent, agent_secret) = (AgentKey([key; 32]), AgentSecret([key; 32]));
    Change::Adopt(Box::new(Adoption { profile, agent, agent_secret }))
}

/// What a note says to everybody.
pub(crate) fn said(content: &str) -> Said {
    Said { content: content.into(), audience: Audience::Public, mentions: Vec::new(), replies_to: None, quotes: None }
}

pub(crate) fn note(content: &str) -> Deed {
    Deed::Note(Box::new(said(content)))
}

/// A note into a room.
pub(crate) fn note_in(room: Id, content: &str) -> Deed {
    Deed::Note(Box::new(Said { audience: Audience::Group(Target::Own(Own::Room(room))), ..said(content) }))
}

pub(crate) fn like(target: Target) -> Deed {
    Deed::React { target, reaction: "❤".into(), exclusive: true }
}

/// A delivery of `b.example`, by its user `bob` where nothing else is said.
#[derive(Clone)]
pub(crate) struct Letter(pub(crate) Delivery);

/// An entity with the name at a path; what it says is in its text.
pub(crate) fn letter(house: &House, path: &str, kind: &str, deed: Deed) -> Letter {
    let text = format!("{path} {kind} {deed:?}").into();
    let incoming = Incoming {
        form: Form::Uri,
        kind: kind.into(),
        name: Some(address(path)),
        transient: false,
        actor: Some(address("users/bob")),
        created_at: house.now(),
        deed,
        text,
    };
    Letter(Delivery {
        incoming: Arc::new(incoming),
        host: host("b.example"),
        signed_at: house.now(),
        signature: format!("signature of {path}").into(),
        actor: None,
        manual: false,
        may: true,
    })
}

/// An order, which is forgotten after a while.
pub(crate) fn order(house: &House, path: &str, deed: Deed) -> Letter {
    letter(house, path, "Order", deed).with(|incoming| incoming.transient = true)
}

impl Letter {
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Incoming)) -> Self {
        change(Arc::make_mut(&mut self.0.incoming));
        self
    }

    /// By somebody who is a user here.
    pub(crate) fn of(mut self, actor: &User) -> Self {
        self.0.actor = Some(actor.id);
        self.by(&actor.remote.as_ref().unwrap().address)
    }

    /// By somebody who is not.
    pub(crate) fn by(self, actor: &Address) -> Self {
        self.with(|incoming| incoming.actor = Some(actor.clone()))
    }

    /// By the house itself.
    pub(crate) fn by_house(mut self) -> Self {
        self.0.actor = None;
        self.with(|incoming| incoming.actor = None)
    }

    pub(crate) fn signed(mut self, seconds_later: i64) -> Self {
        self.0.signed_at = self.0.signed_at.plus_millis(1_000 * seconds_later);
        self
    }

    pub(crate) fn change(self) -> Change {
        Change::Deliver(Box::new(self.0))
    }
}

impl House {
    /// The events of a delivery; whose it is tells the draft.
    pub(crate) async fn try_take(&self, letter: Letter) -> Result<Vec<Arc<Event>>, Error> {
        let author = match letter.0.actor {
            Some(actor) => author(&self.store.account(actor).await.unwrap().unwrap().user),
            None => Author::house(),
        };
        self.append(&author, letter.change()).await
    }

    /// What a delivery came to, behind that it was taken.
    pub(crate) async fn take(&self, letter: Letter) -> Vec<Body> {
        let text = Arc::clone(&letter.0.incoming.text);
        let events = self.try_take(letter).await.unwrap();
        let mut bodies = events.iter().map(|event| event.body.clone());
        assert!(matches!(bodies.next(), Some(Body::Delivered(delivered)) if delivered.text == text));
        bodies.collect()
    }

    /// A delivery that is known already.
    pub(crate) async fn known(&self, letter: Letter) {
        assert_eq!(self.try_take(letter).await.unwrap(), []);
    }

    /// A delivery that is refused leaves no trace.
    pub(crate) async fn returned(&self, letter: Letter) -> Kind {
        let heard = self.heard.lock().len();
        let name = letter.0.incoming.name.clone();
        let before = self.kept(name.as_ref()).await;
        let kind = self.try_take(letter).await.unwrap_err().kind();
        assert_eq!(self.heard.lock().len(), heard);
        assert_eq!(self.kept(name.as_ref()).await, before);
        kind
    }

    async fn kept(&self, name: Option<&Address>) -> Option<Kept> {
        self.store.correspondence().entity(&name?.key).await.unwrap()
    }

    pub(crate) async fn entity(&self, path: &str) -> Option<Kept> {
        self.kept(Some(&address(path))).await
    }

    /// A user of `b.example`.
    pub(crate) async fn adopt(&self, name: &str) -> User {
        let mut key = 0x40;
        name.bytes().for_each(|byte| key ^= byte);
        match self.make_one(&Author::house(), adoption(profile(name), key)).await {
            Body::UserJoined(user) => user,
            other => panic!("not adopted: {other:?}"),
        }
    }

    /// A room that others can be in.
    pub(crate) async fn group(&self, admin: &Author) -> Room {
        let id = self.create_room(admin, room("group")).await.id;
        let edit = RoomEdit { federated: Some(true), ..RoomEdit::default() };
        match self.make_one(admin, Change::ChangeRoom { room: id, edit }).await {
            Body::RoomChanged(room) => room,
            other => panic!("not changed: {other:?}"),
        }
    }

    /// A user here follows one elsewhere, and was let in.
    pub(crate) async fn follows(&self, user: &Author, followee: &User) {
        for state in [FollowState::Pending, FollowState::Accepted] {
            let follow = Follow { follower: user.id, followee: followee.id, state };
            self.make(user, Change::Follow(follow)).await;
        }
    }
}
