//! Rules for what other houses send: who may say what under which name, and what it comes to here.

mod adoption;
mod bonds;
mod deletions;
mod feelings;
mod follows;
mod sayings;

use std::sync::Arc;

use quintet_core::Draft;
use quintet_core::change::{Adoption, Delivery};
use quintet_core::error::Error;
use quintet_core::event::{Body, Delivered};
use quintet_core::federation::{Address, Deed, Follow, Incoming};
use quintet_core::id::Id;
use quintet_core::identity::Author;
use quintet_core::limits::Limits;

use self::bonds::Bonds;
use super::{Said, people};
use crate::entity::{Entity, Feeling};
use crate::handle::Handle;
use crate::login;
use crate::search::Terms;
use crate::tables::{Kept, Tables};

/// A delivery with all that the rules need to know of it.
struct Arrival<'a> {
    draft: &'a Draft,
    delivery: &'a Delivery,
    incoming: &'a Incoming,
    terms: &'a Terms,
    limits: &'a Limits,
}

/// What an entity comes to here.
#[derive(Default)]
struct Effect {
    /// Whether anybody here is concerned: else it is forgotten after a while.
    concerns: bool,
    /// Whose followers read it.
    feed: Option<Arc<str>>,
    bonds: Bonds,
    /// The chat that it is here.
    chat: Option<Id>,
    feeling: Option<Feeling>,
    /// What is said of it, behind that it was taken.
    bodies: Vec<Body>,
}

impl Effect {
    /// It is kept, and that is all.
    fn none(concerns: bool) -> Self {
        Self { concerns, ..Self::default() }
    }
}

impl Arrival<'_> {
    /// Who acts, as a user here.
    fn actor(&self) -> Result<Id, Error> {
        self.delivery.actor.ok_or_else(|| Error::forbidden("whoever does this is not known here"))
    }

    /// Who acts, where policy lets it.
    fn permitted(&self) -> Result<Id, Error> {
        let actor = self.actor()?;
        if self.delivery.may { Ok(actor) } else { Err(Error::forbidden("you may not do this in that room")) }
    }

    /// In Unix seconds.
    fn signed_at(&self) -> i64 {
        self.delivery.signed_at.seconds()
    }

    /// Whether somebody here follows who did it.
    fn is_heard<T: Tables>(&self, tables: &T) -> Kept<bool> {
        self.delivery.actor.map_or(Ok(false), |actor| tables.is_followed(actor))
    }

    /// The user who acts, as the author of what it says here; `None` where the draft names it already.
    fn author<T: Tables>(&self, tables: &T) -> Kept<Option<Author>> {
        match self.delivery.actor {
            Some(actor) if actor != self.draft.author.id => {
                Ok(tables.account(actor)?.map(|account| people::author_of(&account.user)))
            }
            _ => Ok(None),
        }
    }

    fn actor_key(&self) -> Option<&str> {
        self.incoming.actor.as_ref().map(|actor| &*actor.key)
    }

    fn said(&self) -> Body {
        let Incoming { kind, name, actor, text, .. } = self.incoming;
        let key = |address: &Option<Address>| address.as_ref().map(|it| Arc::clone(&it.key));
        Body::Delivered(Delivered {
            host: self.delivery.host.clone(),
            kind: Arc::clone(kind),
            name: key(name),
            actor: key(actor),
            text: Arc::clone(text),
        })
    }
}

/// The search terms of what an entity says in a room here.
pub(super) fn terms(deed: &Deed) -> Terms {
    sayings::terms(deed)
}

/// Takes an entity. Says nothing where it was taken before, or is older than what is known.
pub(super) fn deliver<T: Tables>(
    tables: &mut T,
    draft: &Draft,
    delivery: &Delivery,
    terms: &Terms,
    limits: &Limits,
) -> Result<Said, Error> {
    let arrival = Arrival { draft, delivery, incoming: &delivery.incoming, terms, limits };
    let known = tables.entity(Handle::of(arrival.incoming, &delivery.signature))?;
    if arrival.incoming.deed == Deed::Gone {
        return deletions::lose(tables, &arrival, known.as_ref());
    }
    let effect = match &known {
        Some(known) => again(tables, &arrival, known)?,
        None => take(tables, &arrival)?,
    };
    match effect {
        Some(effect) => keep(tables, &arrival, effect, known),
        None => Ok(Vec::new().into()),
    }
}

/// What an entity of a new name comes to; `None` where it says nothing new.
fn take<T: Tables>(tables: &mut T, arrival: &Arrival<'_>) -> Result<Option<Effect>, Error> {
    match &arrival.incoming.deed {
        Deed::Note(said) => sayings::post(tables, arrival, said).map(Some),
        Deed::Profile(profile) => adoption::tell(tables, arrival, profile).map(Some),
        Deed::Follow(target) => follows::begin(tables, arrival, target),
        Deed::Unfollow(target) => follows::end(tables, arrival, target),
        Deed::Accept { follower, followee } => follows::settle(tables, arrival, follower, followee, true),
        Deed::Reject { follower, followee } => follows::settle(tables, arrival, follower, followee, false),
        Deed::Delete { target, kind } => deletions::delete(tables, arrival, target, kind),
        Deed::React { target, reaction, exclusive } => {
            feelings::react(tables, arrival, target, reaction, *exclusive).map(Some)
        }
        Deed::Carry { group, .. } => Ok(Some(Effect::none(is_known(tables, &group.key)?))),
        Deed::Keep { about } => {
            let bonds = bonds::of_all(tables, about)?;
            let concerns = !bonds.is_empty() || arrival.is_heard(tables)?;
            Ok(Some(Effect { concerns, bonds, ..Effect::default() }))
        }
        Deed::Group => group(tables, arrival).map(Some),
        Deed::Unknown => Ok(Some(Effect::none(arrival.is_heard(tables)?))),
        Deed::Gone => Ok(None),
    }
}

/// What an entity of a known name comes to: an edit where it can be one.
fn again<T: Tables>(tables: &mut T, arrival: &Arrival<'_>, known: &Entity) -> Result<Option<Effect>, Error> {
    if known.actor.as_deref() != arrival.actor_key() || known.host != arrival.delivery.host {
        return Err(Error::forbidden("this name is that of somebody else's entity"));
    }
    if known.kind != arrival.incoming.kind {
        return Err(Error::forbidden("this name is that of an entity of another type"));
    }
    let same = known.text == arrival.incoming.text && !sayings::is_let_in(arrival, known);
    if known.gone || arrival.signed_at() < known.signed_at || same {
        return Ok(None);
    }
    match &arrival.incoming.deed {
        Deed::Note(said) => sayings::edit(tables, arrival, said, known).map(Some),
        Deed::Profile(profile) => adoption::tell(tables, arrival, profile).map(Some),
        Deed::Group => group(tables, arrival).map(Some),
        _ => Ok(None),
    }
}

/// Writes an entity down, after its effects.
fn keep<T: Tables>(
    tables: &mut T,
    arrival: &Arrival<'_>,
    effect: Effect,
    known: Option<Entity>,
) -> Result<Said, Error> {
    let Arrival { draft, delivery, incoming, .. } = *arrival;
    let is_new = known.is_none();
    let (id, taken_at) = known.map_or_else(|| (tables.next_id(), draft.at), |known| (known.id, known.taken_at));
    let entity = Entity {
        id,
        host: delivery.host.clone(),
        form: incoming.form,
        kind: Arc::clone(&incoming.kind),
        name: incoming.name.as_ref().map(|name| Arc::clone(&name.key)),
        actor: incoming.actor.as_ref().map(|actor| Arc::clone(&actor.key)),
        signed_at: arrival.signed_at(),
        taken_at,
        passing: incoming.transient || !effect.concerns,
        gone: false,
        feed: effect.feed,
        chat: effect.chat,
        feeling: effect.feeling,
        signature: Arc::clone(&delivery.signature),
        text: Arc::clone(&incoming.text),
    };
    if is_new {
        tables.add_entity(&entity, effect.bonds.as_slice())?;
    } else {
        tables.put_entity(&entity, effect.bonds.as_slice())?;
    }
    // What has no effect is whoever's the draft says: there is a lot of it, and looking up who that is takes time.
    let author = if effect.bodies.is_empty() { None } else { arrival.author(tables)? };
    let mut bodies = vec![arrival.said()];
    bodies.extend(effect.bodies);
    Ok(Said { author, first: is_new.then_some(id), ..bodies.into() })
}

/// A group concerns those here who are in it.
fn group<T: Tables>(tables: &T, arrival: &Arrival<'_>) -> Result<Effect, Error> {
    let name = arrival.incoming.name.as_ref();
    Ok(Effect::none(name.map_or(Ok(false), |name| is_known(tables, &name.key))?))
}

/// Whether a user or group of another house is a user here, by the key of its address.
fn is_known<T: Tables>(tables: &T, address: &str) -> Kept<bool> {
    tables.is_claimed(&login::address_key(address))
}

/// A user of another house becomes one here, or is told of anew.
pub(super) fn adopt<T: Tables>(
    tables: &mut T,
    draft: &Draft,
    adoption: &Adoption,
    limits: &Limits,
) -> Result<Said, Error> {
    adoption::adopt(tables, draft, adoption, limits)
}

/// How a follow stands, as a user here wants it.
pub(super) fn follow<T: Tables>(tables: &mut T, follow: &Follow) -> Result<Said, Error> {
    follows::decide(tables, follow)
}

/// What is answered for what there is not, and for what others may not know of.
fn nothing() -> Error {
    Error::not_found("there is no such thing here")
}
