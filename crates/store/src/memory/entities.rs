//! A memory's entities of other houses, follows, notes and feelings.

use quintet_core::federation::desk::Kept as Shown;
use quintet_core::federation::{Audience, Follow, FollowState, Form, Note};
use quintet_core::id::Id;
use quintet_core::limits;
use quintet_core::time::Timestamp;

use super::state::State;
use crate::correspondence::{Bond, Post};
use crate::entity::{Entity, Tie};
use crate::handle::Handle;
use crate::tables::{Entities, Follows, Kept};

impl Entities for State {
    fn entity(&self, handle: Handle<'_>) -> Kept<Option<Entity>> {
        let id = self.handles.get(&(matches!(handle, Handle::Name(_)), handle.text().to_owned()));
        Ok(id.and_then(|id| self.entities.get(id)).cloned())
    }

    fn entity_numbered(&self, id: Id) -> Kept<Option<Entity>> {
        Ok(self.entities.get(&id).cloned())
    }

    fn entity_of(&self, chat: Id) -> Kept<Option<Id>> {
        Ok(self.entities.values().find(|entity| entity.chat == Some(chat)).map(|entity| entity.id))
    }

    fn reactions_by(&self, actor: &str, own: Id) -> Kept<Vec<Entity>> {
        let reactions = self.bonds.iter().filter(|(to, bond, _)| *to == own && *bond == Bond::Reaction);
        let entities = reactions.filter_map(|(_, _, id)| self.entities.get(id));
        Ok(entities.filter(|entity| entity.actor.as_deref() == Some(actor)).cloned().collect())
    }

    fn add_entity(&mut self, entity: &Entity, bonds: &[(Id, Bond)]) -> Kept<()> {
        let handle = entity.handle();
        self.handles.insert((matches!(handle, Handle::Name(_)), handle.text().to_owned()), entity.id);
        self.put_entity(entity, bonds)
    }

    fn put_entity(&mut self, entity: &Entity, bonds: &[(Id, Bond)]) -> Kept<()> {
        self.bonds.retain(|(_, _, id)| *id != entity.id);
        self.bonds.extend(bonds.iter().map(|(own, bond)| (*own, *bond, entity.id)));
        self.entities.insert(entity.id, entity.clone());
        Ok(())
    }

    fn retain(&mut self, id: Id) -> Kept<()> {
        if let Some(entity) = self.entities.get_mut(&id) {
            entity.passing = false;
        }
        Ok(())
    }

    fn bury(&mut self, id: Id) -> Kept<()> {
        if let Some(entity) = self.entities.get(&id).cloned() {
            self.put_entity(&entity.buried(), &[])?;
        }
        Ok(())
    }

    fn unbind(&mut self, own: Id) -> Kept<()> {
        self.bonds.retain(|(to, _, _)| *to != own);
        Ok(())
    }

    fn note(&self, id: Id) -> Kept<Option<Note>> {
        Ok(self.notes.get(&id).cloned())
    }

    fn put_note(&mut self, note: &Note) -> Kept<()> {
        self.notes.insert(note.id, note.clone());
        Ok(())
    }

    fn remove_note(&mut self, id: Id) -> Kept<()> {
        self.notes.remove(&id);
        Ok(())
    }

    fn feeling_count(&self, user: Id, entity: Id) -> Kept<u64> {
        Ok(self.feelings.keys().filter(|(to, by, _)| (*to, *by) == (entity, user)).count() as u64)
    }

    fn feel(&mut self, user: Id, entity: Id, reaction: &str, since: Option<Timestamp>) -> Kept<()> {
        let key = (entity, user, reaction.to_owned());
        match since {
            Some(since) => drop(self.feelings.entry(key).or_insert(since)),
            None => drop(self.feelings.remove(&key)),
        }
        Ok(())
    }
}

impl Follows for State {
    fn tie(&self, follower: Id, followee: Id) -> Kept<Option<Tie>> {
        Ok(self.ties.get(&(followee, follower)).cloned())
    }

    fn is_followed(&self, followee: Id) -> Kept<bool> {
        Ok(self.follows().any(|follow| follow.followee == followee))
    }

    fn pending(&self, followee: Id, limit: usize) -> Kept<Vec<Tie>> {
        let waits = |tie: &&Tie| tie.follow.followee == followee && tie.follow.state == FollowState::Pending;
        Ok(self.ties.values().filter(waits).take(limit).cloned().collect())
    }

    fn followers_of(&self, followee: Id) -> Kept<Vec<Tie>> {
        let stands = |tie: &&Tie| {
            tie.follow.followee == followee && matches!(tie.follow.state, FollowState::Pending | FollowState::Accepted)
        };
        Ok(self.ties.values().filter(stands).cloned().collect())
    }

    fn put_tie(&mut self, tie: &Tie) -> Kept<()> {
        self.ties.insert((tie.follow.followee, tie.follow.follower), tie.clone());
        Ok(())
    }
}

impl State {
    /// The follows that stand or are asked for.
    pub(super) fn follows(&self) -> impl Iterator<Item = &Follow> {
        let follows = self.ties.values().map(|tie| &tie.follow);
        follows.filter(|follow| matches!(follow.state, FollowState::Pending | FollowState::Accepted))
    }

    /// Forgets what is about a room's chats, who follows it, and nothing else.
    pub(super) fn forget_room(&mut self, room: Id) {
        let chats: Vec<Id> =
            self.chats.values().filter(|kept| kept.chat.room == room).map(|kept| kept.chat.id).collect();
        self.bonds.retain(|(own, _, _)| *own != room && !chats.contains(own));
        self.ties.retain(|(followee, _), _| *followee != room);
    }

    /// Notes of a user, the newest first.
    pub(super) fn notes_by(&self, author: Id, public: bool, offset: u64, limit: u64) -> (Vec<Note>, u64) {
        let passes = |note: &&Note| note.author.id == author && (!public || note.audience == Audience::Public);
        page(self.notes.values().rev().filter(passes).cloned().collect(), offset, limit)
    }

    /// Notes of users for everybody or their followers, before a number: the newest first.
    pub(super) fn notes_of(&self, authors: &[Id], before: Option<Id>, limit: u64) -> Vec<Note> {
        let passes = |note: &&Note| {
            authors.contains(&note.author.id)
                && before.is_none_or(|before| note.id < before)
                && matches!(note.audience, Audience::Public | Audience::Followers)
        };
        self.notes.values().rev().filter(passes).take(limits::size(limit)).cloned().collect()
    }

    /// Entities that pass, the newest first.
    pub(super) fn posted(&self, post: &Post) -> Vec<Shown> {
        let passes = |entity: &&Entity| {
            post.host.as_ref().is_none_or(|host| entity.host == *host)
                && post.before.is_none_or(|before| entity.id < before)
                && post.actors.as_ref().is_none_or(|(actors, user)| {
                    entity.feed.as_ref().is_some_and(|feed| actors.contains(feed))
                        || [Bond::Mention, Bond::Answer].iter().any(|to| self.bonds.contains(&(*user, *to, entity.id)))
                })
        };
        let entities = self.entities.values().rev().filter(passes);
        entities.filter_map(|entity| entity.clone().shown()).take(limits::size(post.limit)).collect()
    }

    /// Entities that are about something, oldest first.
    pub(super) fn about(
        &self,
        own: Id,
        bond: Bond,
        (kind, form): (Option<&str>, Option<Form>),
        offset: u64,
        limit: u64,
    ) -> (Vec<Shown>, u64) {
        let bonds = self.bonds.iter().filter(|(to, how, _)| (*to, *how) == (own, bond));
        let entities = bonds.filter_map(|(_, _, id)| self.entities.get(id));
        let of_kind = entities.filter(|entity| {
            kind.is_none_or(|kind| &*entity.kind == kind) && form.is_none_or(|form| entity.form == form)
        });
        page(of_kind.filter_map(|entity| entity.clone().shown()).collect(), offset, limit)
    }

    /// Forgets what is passing and was taken before a time; tells how much that was.
    pub(super) fn forget_entities(&mut self, before: Timestamp) -> u64 {
        let old = self.entities.values().filter(|entity| entity.passing && entity.taken_at < before);
        let old: Vec<Id> = old.map(|entity| entity.id).collect();
        for id in &old {
            self.entities.remove(id);
            self.bonds.retain(|(_, _, entity)| entity != id);
            self.feelings.retain(|(entity, _, _), _| entity != id);
        }
        self.handles.retain(|_, id| !old.contains(id));
        old.len() as u64
    }
}

/// A part of a list, with how long it is.
fn page<T>(list: Vec<T>, offset: u64, limit: u64) -> (Vec<T>, u64) {
    let total = list.len() as u64;
    (list.into_iter().skip(limits::size(offset)).take(limits::size(limit)).collect(), total)
}
