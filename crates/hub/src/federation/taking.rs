//! Taking: how an entity whose signature holds becomes a change, and what follows from that.

use std::sync::Arc;

use quintet_core::change::Delivery;
use quintet_core::chat::Via;
use quintet_core::federation::desk::Reception;
use quintet_core::federation::note::Audience;
use quintet_core::federation::{Address, Deed, Finding, Form, Host, Incoming, Own, Question, Target, Verified};
use quintet_core::{Change, Draft, Error, Id, Identity, Kind, Right, Timestamp};
use quintet_store::Store;
use tokio::sync::OwnedSemaphorePermit;

use super::Federation;
use crate::hub::Hub;

/// How far ahead of our clock an entity may be dated (versia.md, section 4.1).
const AHEAD_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// A note of which a group of another house tells, to be fetched.
struct Carried {
    note: Address,
    group: Address,
    _permit: OwnedSemaphorePermit,
}

impl Carried {
    /// That the note is no longer there.
    fn gone(&self, now: Timestamp) -> Incoming {
        Incoming {
            form: self.note.form,
            kind: "Note".into(),
            name: Some(self.note.clone()),
            transient: false,
            actor: None,
            created_at: now,
            deed: Deed::Gone,
            text: "".into(),
        }
    }
}

impl Federation {
    /// Takes an entity. Reaches the store before it first waits, where [`Federation::prepare`] went before.
    pub(crate) async fn take(
        self: &Arc<Self>,
        hub: &Hub,
        verified: &Verified,
        incoming: &Arc<Incoming>,
        via: Via,
    ) -> Result<Reception, Error> {
        let now = self.now();
        if verified.known {
            return Ok(Reception::Known);
        }
        self.must_be_welcome(verified.signer.host())?;
        must_be_dated(incoming, now)?;
        let fetching = self.fetching(hub, &incoming.deed)?;
        let actor = incoming.actor.as_ref().and_then(|actor| hub.directory.user_at(&actor.key));
        must_be_free(hub, actor)?;
        must_see(hub, actor, &incoming.deed)?;
        let delivery = Delivery {
            may: self.may(hub, verified.signer.host(), actor, &incoming.deed).await?,
            incoming: Arc::clone(incoming),
            host: verified.signer.host().clone(),
            signed_at: verified.signed_at,
            signature: Arc::clone(&verified.signature),
            actor,
            manual: self.rules.manual,
        };
        let events = hub.store.append(draft(hub, delivery, via.clone(), now)).await?;
        self.replay.accept(&verified.digest, now);
        self.heard(verified.signer.host());
        if events.is_empty() {
            return Ok(Reception::Known);
        }
        self.follow_up(hub, incoming, fetching, via);
        Ok(Reception::Taken)
    }

    /// Whether the actor may do this in a room of this house, or the house that sends it speaks for the group of its own that it is for.
    /// Waits only where the room of a chat is not in mind.
    async fn may(&self, hub: &Hub, sender: &Host, actor: Option<Id>, deed: &Deed) -> Result<bool, Error> {
        let (right, room) = match deed {
            Deed::Note(said) => match said.audience {
                Audience::Group(Target::Own(Own::Room(room))) => (Right::Write, Some(room)),
                // Into groups of others nobody gets but by these.
                Audience::Group(Target::Remote(ref group)) => return Ok(group.host == *sender),
                // It may be the edit of a chat, which does not leave its room by saying that it is for others.
                _ => return Ok(false),
            },
            Deed::React { target: Target::Own(Own::Note(chat)), .. } => match self.known_place(*chat) {
                Some(room) => (Right::React, Some(room)),
                None => (Right::React, self.place(hub, *chat).await?),
            },
            _ => return Ok(true),
        };
        // What is in no room is nobody's to forbid: the store knows whether it is there.
        let Some(room) = room else { return Ok(true) };
        let Some(actor) = actor else { return Ok(false) };
        let may = |right| hub.policy.may(&Identity::User(actor), right, room);
        Ok(may(Right::View) && may(right))
    }

    fn follow_up(self: &Arc<Self>, hub: &Hub, incoming: &Incoming, fetching: Option<Carried>, via: Via) {
        if let Deed::Profile(profile) = &incoming.deed {
            // A key changes through a fetch only: the next signature has it fetched anew.
            self.profiles.forget_user(&profile.address);
        }
        if let Some(carried) = fetching {
            let (federation, store) = (Arc::clone(self), Arc::clone(&hub.store));
            tokio::spawn(async move {
                if let Err(error) = federation.fetch_note(&*store, &carried, via).await {
                    tracing::info!(%error, "a note that a group has could not be taken");
                }
            });
        }
    }

    /// The note that is to be fetched, where a group has it in which somebody of this house is. `Unavailable` where too many are being fetched.
    fn fetching(&self, hub: &Hub, deed: &Deed) -> Result<Option<Carried>, Error> {
        let Deed::Carry { note, group } = deed else { return Ok(None) };
        let is_member =
            hub.directory.user_at(&group.key).is_some_and(|group| !hub.directory.followers(group).is_empty());
        if !is_member || self.tongue.host() == Some(&note.host) {
            return Ok(None);
        }
        let permit = Arc::clone(&self.carried).try_acquire_owned();
        let permit = permit.map_err(|_| Error::unavailable("too many notes are being fetched, try again soon"))?;
        Ok(Some(Carried { note: note.clone(), group: group.clone(), _permit: permit }))
    }

    /// Takes a note as its own house serves it: that it does is as good as a signature made now. So is that it does not.
    async fn fetch_note(&self, store: &dyn Store, carried: &Carried, via: Via) -> Result<(), Error> {
        let note = &carried.note;
        let found = self.find(Question::Note(note.clone())).await;
        let now = self.now();
        let incoming = match found {
            Ok(Finding::Note(incoming)) if incoming.name.as_ref() == Some(note) => Arc::new(*incoming),
            Err(error) if error.kind() == Kind::NotFound => Arc::new(carried.gone(now)),
            Err(error) => return Err(error),
            Ok(_) => return Err(Error::bad_message("the other server answered with something else")),
        };
        must_be_dated(&incoming, now)?;
        let may = match &incoming.deed {
            Deed::Note(said) if !matches!(said.audience, Audience::Group(Target::Own(_))) => {
                said.audience == Audience::Group(Target::Remote(carried.group.clone()))
            }
            Deed::Gone => false,
            _ => return Err(Error::bad_message("what a group of another server has is no note of such a group")),
        };
        let signed_at = Timestamp::from_millis(now.seconds().saturating_mul(1000));
        let (host, author) = (note.host.clone(), quintet_core::Author::house());
        let delivery = Delivery { incoming, host, signed_at, signature: "".into(), actor: None, manual: true, may };
        let change = Change::Deliver(Box::new(delivery));
        store.append(Draft { author, via, at: now, change, commit: None }).await?;
        Ok(())
    }
}

fn draft(hub: &Hub, delivery: Delivery, via: Via, at: Timestamp) -> Draft {
    let identity = match delivery.actor {
        Some(actor) => Identity::User(actor),
        None => Identity::Instance(delivery.host.shared()),
    };
    let author = hub.policy.author(&identity);
    Draft { author, via, at, change: Change::Deliver(Box::new(delivery)), commit: None }
}

/// Not from a day that has not come: `BadMessage`, or `Stale` in the form that has a status for it (versia.md, section 3.1).
fn must_be_dated(incoming: &Incoming, now: Timestamp) -> Result<(), Error> {
    if incoming.created_at <= now.plus_millis(AHEAD_MILLIS) {
        return Ok(());
    }
    let kind = match incoming.form {
        Form::Uri => Kind::BadMessage,
        Form::Reference => Kind::Stale,
    };
    Err(Error::new(kind, "created_at is more than 24 hours ahead"))
}

/// A user of another house that an admin locked out says nothing here.
fn must_be_free(hub: &Hub, actor: Option<Id>) -> Result<(), Error> {
    match actor.and_then(|actor| hub.directory.standing(actor)) {
        Some(standing) if standing.disabled => Err(Error::forbidden("the author is locked out here")),
        _ => Ok(()),
    }
}

/// A room that somebody may not view looks like one that is not there.
fn must_see(hub: &Hub, actor: Option<Id>, deed: &Deed) -> Result<(), Error> {
    let may_view = |room| actor.is_some_and(|actor| hub.policy.may(&Identity::User(actor), Right::View, room));
    let sees = match deed {
        Deed::Follow(Target::Own(Own::Room(room))) => may_view(*room),
        Deed::Unfollow(Target::Own(Own::Room(room))) => {
            let is_in = actor.is_some_and(|actor| hub.directory.follow(actor, *room).is_some());
            is_in || may_view(*room) || hub.directory.everyone_may_view(*room)
        }
        // That it may not write there is told of a room that is no secret.
        Deed::Note(said) => match said.audience {
            Audience::Group(Target::Own(Own::Room(room))) => may_view(room) || hub.directory.everyone_may_view(room),
            _ => true,
        },
        _ => true,
    };
    if sees { Ok(()) } else { Err(Error::not_found("there is no such thing here")) }
}
