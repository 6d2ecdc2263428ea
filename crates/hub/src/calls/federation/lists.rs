//! Lists of this house, as others may see them.

use quintet_core::chat::ChatFilter;
use quintet_core::federation::desk::{Item, Kept, List};
use quintet_core::federation::telling::What;
use quintet_core::federation::{FollowState, Form, Host, Own, Tale, Target};
use quintet_core::{Chat, Error, Id};
use quintet_store::{Bond, Rooms};

use super::Asker;
use super::exhibits::{nothing, part};

/// Some items, and how many there are in all.
type Part = (Vec<Item>, u64);
/// How many to pass over, and how many there are to be at the most.
type Span = (u64, u64);

impl Asker<'_> {
    /// A part of a list. `NotFound` for what may not be seen, and for a list that something does not have.
    pub(super) async fn shown_list(
        &self,
        of: &Own,
        list: List,
        form: Form,
        span: Span,
        reader: Option<&Host>,
    ) -> Result<Part, Error> {
        match *of {
            Own::User(user) => {
                self.resident(user).ok_or_else(nothing)?;
                self.list_of_user(user, list, form, span).await
            }
            Own::Room(room) if self.hub.room_may_be_shown(room, reader) => {
                self.list_of_room(room, list, form, span).await
            }
            Own::Note(note) => self.list_of_note(note, (list, form), span, reader).await,
            _ => Err(nothing()),
        }
    }

    async fn list_of_user(&self, user: Id, list: List, form: Form, span: Span) -> Result<Part, Error> {
        match list {
            List::Notes => {
                let (notes, total) = self.hub.store.correspondence().notes(user, true, span.0, span.1).await?;
                Ok((notes.into_iter().map(Item::Note).collect(), total))
            }
            List::Followers => Ok(self.people(self.hub.directory.followers(user), form, span)),
            List::Following => Ok(self.people(self.hub.directory.followees(user), form, span)),
            List::Featured => Ok((Vec::new(), 0)),
            _ => Err(nothing()),
        }
    }

    fn people(&self, follows: Vec<(Id, FollowState)>, form: Form, span: Span) -> Part {
        let accepted = follows.into_iter().filter(|(_, state)| *state == FollowState::Accepted);
        let named = accepted.map(|(id, _)| self.named(id)).filter(|target| match target {
            Target::Remote(address) => address.form == form,
            Target::Own(_) => true,
        });
        let (page, total) = part(named.collect::<Vec<_>>().into_iter(), span);
        (page.into_iter().map(Item::Named).collect(), total)
    }

    async fn list_of_room(&self, room: Id, list: List, form: Form, span: Span) -> Result<Part, Error> {
        match list {
            List::Followers => Ok(self.people(self.hub.directory.followers(room), form, span)),
            List::Notes => {
                let mut items = Vec::new();
                for chat in self.chats_of(room, span.0, span.1).await? {
                    items.push(self.item_of(chat).await?);
                }
                Ok((items, self.count_chats(room).await?))
            }
            _ => Err(nothing()),
        }
    }

    async fn item_of(&self, chat: Chat) -> Result<Item, Error> {
        match self.hub.name_of_chat(chat.id).await? {
            Target::Own(_) => Ok(Item::Note(self.hub.note_of_chat(chat).await?)),
            remote @ Target::Remote(_) => Ok(Item::Named(remote)),
        }
    }

    async fn chats_of(&self, room: Id, skip: u64, limit: u64) -> Result<Vec<Chat>, Error> {
        // There are never more chats than ids.
        if limit == 0 || skip > Id::MAX {
            return Ok(Vec::new());
        }
        let filter = ChatFilter { room: Some(room), skip, limit, ..ChatFilter::default() };
        self.hub.store.chats(&filter, Rooms::All).await
    }

    /// How many chats a room has: looked for by halves, as the store passes over chats more cheaply than it reads them.
    async fn count_chats(&self, room: Id) -> Result<u64, Error> {
        let (mut least, mut beyond) = (0, 1);
        while !self.chats_of(room, beyond - 1, 1).await?.is_empty() {
            (least, beyond) = (beyond, beyond * 2);
        }
        while least + 1 < beyond {
            let middle = least.midpoint(beyond);
            let there = !self.chats_of(room, middle - 1, 1).await?.is_empty();
            if there { least = middle } else { beyond = middle }
        }
        Ok(least)
    }

    async fn list_of_note(
        &self,
        note: Id,
        (list, form): (List, Form),
        span: Span,
        reader: Option<&Host>,
    ) -> Result<Part, Error> {
        self.visible_note(note, reader).await?;
        let letters = self.hub.store.correspondence();
        let named = |kept: Kept| kept.name.map(|name| Item::Named(Target::Remote(name)));
        let about = match list {
            List::Replies => letters.about(note, Bond::Reply, None, Some(form), span.0, span.1).await?,
            List::Quotes => letters.about(note, Bond::Quote, None, Some(form), span.0, span.1).await?,
            List::Reactions(kind) => return self.reactions(note, kind, form, span).await,
            _ => return Err(nothing()),
        };
        Ok((about.0.into_iter().filter_map(named).collect(), about.1))
    }

    /// Reactions of one type: first those of users here, then those of others.
    async fn reactions(&self, note: Id, kind: &str, form: Form, (offset, limit): Span) -> Result<Part, Error> {
        let local = self.local_reactions(note, kind).await?;
        let (mut items, count) = part(local.into_iter(), (offset, limit));
        let (offset, limit) = (offset.saturating_sub(count), limit.saturating_sub(items.len() as u64));
        let letters = self.hub.store.correspondence();
        let (kept, total) = letters.about(note, Bond::Reaction, Some(kind), Some(form), offset, limit).await?;
        items.extend(kept.into_iter().filter_map(|kept| kept.name.map(|name| Item::Entity(Target::Remote(name)))));
        Ok((items, count.saturating_add(total)))
    }

    async fn local_reactions(&self, chat: Id, kind: &str) -> Result<Vec<Item>, Error> {
        let reactors = self.hub.store.reactors(chat).await?.unwrap_or_default();
        let federation = self.hub.federation()?;
        let is_of_kind = |by: Id, reaction: &str| {
            let what = What::Reacted { by, number: chat, to: Target::Own(Own::Note(chat)), reaction };
            let tale = Tale { id: chat, at: self.hub.now(), what };
            federation.tell(&tale, Form::Uri).is_some_and(|telling| telling.kind == kind)
        };
        let mut items = Vec::new();
        for (reaction, users) in reactors {
            let users: Vec<_> = users.into_iter().filter(|user| self.resident(*user).is_some()).collect();
            if users.first().is_some_and(|user| is_of_kind(*user, &reaction)) {
                let own = |user| Own::Reaction { user, to: chat, reaction: reaction.as_str().into() };
                items.extend(users.into_iter().map(|user| Item::Entity(Target::Own(own(user)))));
            }
        }
        Ok(items)
    }
}
