//! Stories: what an event of this house is to others, and to whom (versia.md, section 3.5).
//!
//! Only what began here is told: what came from another house is that house's to tell.

use std::collections::HashMap;
use std::sync::Arc;

use quintet_core::federation::note::Audience as For;
use quintet_core::federation::telling::What;
use quintet_core::federation::{Address, Follow, FollowState, Form, Own, Tale, Target, Telling};
use quintet_core::{Body, Chat, Error, Event, Id, Identity, Right, Room, User};
use quintet_store::NewItem;

use super::audience::{Audience, Receiver};
use super::office::Office;
use crate::hub::Hub;

/// An event, to be told.
pub(super) struct Story<'a> {
    pub(super) hub: &'a Hub,
    pub(super) office: &'a Arc<Office>,
    pub(super) event: &'a Event,
}

impl<'a> Story<'a> {
    /// What is to be sent because of it.
    pub(super) async fn items(&self) -> Result<Vec<NewItem>, Error> {
        match &self.event.body {
            Body::ChatPosted(chat) | Body::ChatEdited(chat) => self.chat(chat).await,
            Body::ChatDeleted { chat, room, .. } => self.deleted(*chat, *room).await,
            Body::ChatReacted { chat, room, change: Some((reaction, adding)), .. } => {
                self.reacted(*chat, *room, reaction, *adding).await
            }
            Body::RoomChanged(room) => Ok(self.room(room)),
            Body::UserChanged { user, .. } => Ok(self.user(user)),
            Body::NotePosted(note) | Body::NoteEdited(note) => {
                Ok(self.tell(&What::Note(note), Audience::of_note(&self.hub.directory, note)))
            }
            Body::NoteDeleted(note) => {
                let what = What::Deleted { by: Own::User(note.author.id), target: Own::Note(note.id) };
                Ok(self.tell(&what, Audience::of_note(&self.hub.directory, note)))
            }
            Body::NoteReacted { by, to, note, reaction, adding } => {
                let audience = self.nobody().with_target(note);
                let audience = if self.is_private(*to).await? { audience } else { audience.with_followers(*by) };
                Ok(self.feeling((*by, *to, note.clone()), reaction, *adding, audience))
            }
            Body::Followed(follow) => Ok(self.followed(follow)),
            _ => Ok(Vec::new()),
        }
    }

    fn nobody(&self) -> Audience<'a> {
        Audience::new(&self.hub.directory)
    }

    /// Whether an entity of another house is a note for those alone whom it names: nobody else hears that it is there.
    async fn is_private(&self, entity: Id) -> Result<bool, Error> {
        let kept = self.office.store.correspondence().entity_numbered(entity).await?;
        Ok(kept.and_then(|kept| self.office.tongue.audience(&kept)) == Some(For::Mentioned))
    }

    /// Who is in a room and may read there as it is now; nobody where it is not for others.
    fn members(&self, room: Id) -> Audience<'a> {
        if !self.hub.directory.is_federated(room) {
            return self.nobody();
        }
        let may_view = |user| self.hub.policy.may(&Identity::User(user), Right::View, room);
        self.nobody().with_members(room, may_view)
    }

    /// Who is in a room, also who may not read there any more: it may have what was said before, and is to forget it.
    fn holders(&self, room: Id) -> Audience<'a> {
        let nobody = self.nobody();
        if self.hub.directory.is_federated(room) { nobody.with_followers(room) } else { nobody }
    }

    /// And whose this is, where it may know of what is said in the room.
    fn with_author(&self, audience: Audience<'a>, of: &Target, room: Id) -> Audience<'a> {
        match of {
            Target::Remote(address) if self.hub.room_may_be_shown(room, Some(&address.host)) => {
                audience.with_target(of)
            }
            _ => audience,
        }
    }

    fn is_ours(&self, user: Id) -> bool {
        self.hub.directory.user(user).is_some_and(|user| user.remote.is_none())
    }

    async fn chat(&self, chat: &Chat) -> Result<Vec<NewItem>, Error> {
        let audience = self.members(chat.room);
        if audience.is_empty() {
            return Ok(Vec::new());
        }
        if let Some(name) = self.office.store.correspondence().name_of_chat(chat.id).await? {
            return Ok(self.carried(name, chat.room, audience));
        }
        if !self.is_ours(chat.author.id) {
            return Ok(Vec::new());
        }
        let note = self.hub.note_of_chat(chat.clone()).await?;
        Ok(self.tell(&What::Note(&note), audience))
    }

    /// The houses of the other members fetch a note of another house anew, or forget it where that does not have it any more.
    fn carried(&self, note: Address, room: Id, audience: Audience<'_>) -> Vec<NewItem> {
        let audience = audience.without(&note.host);
        self.tell(&What::Carried { note: Target::Remote(note), room }, audience)
    }

    async fn deleted(&self, chat: Id, room: Id) -> Result<Vec<NewItem>, Error> {
        let audience = self.holders(room);
        if audience.is_empty() {
            return Ok(Vec::new());
        }
        // It is gone, but how it began is not.
        let first = self.office.store.chat_history(chat, 1).await?.into_iter().next();
        let Some(author) = first.map(|event| event.author.id) else { return Ok(Vec::new()) };
        if self.is_ours(author) {
            // Whoever here took it back: not every form has a word for a house that does.
            return Ok(self.tell(&What::Deleted { by: Own::User(author), target: Own::Note(chat) }, audience));
        }
        let name = self.office.store.correspondence().name_of_chat(chat).await?;
        match name {
            Some(name) if self.event.author.id == author => Ok(self.carried(name, room, audience)),
            // What somebody here removes from the room is still there in its own house.
            _ => Ok(Vec::new()),
        }
    }

    async fn reacted(&self, chat: Id, room: Id, reaction: &str, adding: bool) -> Result<Vec<NewItem>, Error> {
        let (by, audience) = (self.event.author.id, if adding { self.members(room) } else { self.holders(room) });
        if audience.is_empty() || !self.is_ours(by) {
            return Ok(Vec::new());
        }
        let to = self.hub.name_of_chat(chat).await?;
        let audience = self.with_author(audience, &to, room);
        Ok(self.feeling((by, chat, to), reaction, adding, audience))
    }

    /// A reaction, or that it is taken back.
    fn feeling(
        &self,
        (by, number, to): (Id, Id, Target),
        reaction: &str,
        adding: bool,
        audience: Audience<'_>,
    ) -> Vec<NewItem> {
        if adding {
            return self.tell(&What::Reacted { by, number, to, reaction }, audience);
        }
        let target = Own::Reaction { user: by, to: number, reaction: reaction.into() };
        self.tell(&What::Deleted { by: Own::User(by), target }, audience)
    }

    fn room(&self, room: &Room) -> Vec<NewItem> {
        self.tell(&What::Room(room), self.members(room.id))
    }

    fn user(&self, user: &User) -> Vec<NewItem> {
        if user.remote.is_some() || user.disabled {
            return Vec::new();
        }
        let key = self.office.public_key(user.id);
        self.tell(&What::User(user, key), self.nobody().with_followers(user.id).with_followees(user.id))
    }

    fn followed(&self, follow: &Follow) -> Vec<NewItem> {
        let (by, of) = (follow.follower, follow.followee);
        match (self.hub.directory.remote(by), self.hub.directory.remote(of), follow.state) {
            (None, Some(remote), FollowState::Pending) => {
                // Somebody here wants to hear of it, so it is worth a try.
                self.office.revive(&remote.address.host);
                let (followee, group) = (Target::Remote(remote.address), remote.group);
                self.tell(&What::Followed { by, followee, group }, self.nobody().with_user(of))
            }
            (None, Some(remote), FollowState::Ended) => {
                let (followee, group) = (Target::Remote(remote.address), remote.group);
                self.tell(&What::Unfollowed { by, followee, group }, self.nobody().with_user(of))
            }
            (Some(remote), None, FollowState::Accepted) => {
                let what = What::Accepted { by: self.followee(of), follower: Target::Remote(remote.address) };
                self.tell(&what, self.nobody().with_user(by))
            }
            (Some(remote), None, FollowState::Rejected) => {
                let what = What::Rejected { by: self.followee(of), follower: Target::Remote(remote.address) };
                self.tell(&what, self.nobody().with_user(by))
            }
            _ => Vec::new(),
        }
    }

    /// A user or a room; the room may be gone when this is told.
    fn followee(&self, id: Id) -> Own {
        if self.hub.directory.user(id).is_some() { Own::User(id) } else { Own::Room(id) }
    }

    /// One item for each house that is served.
    fn tell(&self, what: &What<'_>, audience: Audience<'_>) -> Vec<NewItem> {
        let tale = Tale { id: self.event.id, at: self.event.at, what: what.clone() };
        let mut tellings = HashMap::new();
        let at = self.office.now();
        let mut items = Vec::new();
        for (host, Receiver { forms, inbox }) in audience.houses() {
            if !self.office.peers.is_served(&host) {
                continue;
            }
            let spelled = forms.into_iter().find_map(|form| self.spell(&tale, form, &mut tellings));
            let Some((telling, text)) = spelled else { continue };
            let (form, signer, kind) = (telling.form, telling.signer, telling.kind.to_owned());
            items.push(NewItem { host, form, kind, signer, text, at, inbox });
        }
        items
    }

    /// An entity in a form, spelled once for all who are told in it.
    fn spell(
        &self,
        tale: &Tale<'_>,
        form: Form,
        known: &mut HashMap<Form, Option<(Telling, Arc<str>)>>,
    ) -> Option<(Telling, Arc<str>)> {
        let spelled = known.entry(form).or_insert_with(|| {
            let telling = self.office.tongue.tell(tale, form)?;
            let text = telling.text.as_str().into();
            Some((telling, text))
        });
        spelled.clone()
    }
}
