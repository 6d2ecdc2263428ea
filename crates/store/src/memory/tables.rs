//! The tables of a memory: what the rules read and write.

use std::collections::BTreeSet;
use std::sync::Arc;

use quintet_core::Position;
use quintet_core::chat::{Chat, Reactions};
use quintet_core::event::{Body, Event};
use quintet_core::hierarchy::Audience;
use quintet_core::id::Id;
use quintet_core::image::Image;
use quintet_core::right::{Grant, Holder, Role, Scope};
use quintet_core::room::{Room, ServerRecord, Thread};
use quintet_core::topic::Topic;
use quintet_core::user::{Account, AgentSecret};

use super::state::{Kept as KeptChat, State};
use crate::search::Terms;
use crate::tables::{Chats, Kept, Log, People, Roles, Rooms};

impl Log for State {
    fn next_id(&mut self) -> Id {
        self.ids.next((self.clock)())
    }

    fn next_position(&mut self, topic: &Topic) -> Kept<Position> {
        let last = self.log.get(topic).map_or(0, Vec::len);
        Ok(Position { epoch: self.epoch, offset: last as u64 + 1 })
    }

    fn write(&mut self, event: &Event) -> Kept<()> {
        let event = as_read_back(event);
        for topic in &event.topics {
            self.log.entry(topic.clone()).or_default().push(event.clone());
        }
        if let Some(commit) = &event.commit {
            self.commits.entry(Arc::clone(&commit.signature)).or_insert(event);
        }
        Ok(())
    }

    fn has_commit(&self, signature: &str) -> Kept<bool> {
        Ok(self.commits.contains_key(signature))
    }
}

/// An event as the log tells it: whom a commit was for at the time is not kept, and the text of an entity is kept with that.
fn as_read_back(event: &Event) -> Event {
    let mut event = event.clone();
    match &mut event.body {
        Body::Committed(committed) => committed.audience = Audience::nobody(),
        Body::Delivered(delivered) => delivered.text = "".into(),
        _ => {}
    }
    event
}

impl People for State {
    fn server(&self) -> Kept<Option<ServerRecord>> {
        Ok(self.server.clone())
    }

    fn put_server(&mut self, server: &ServerRecord) -> Kept<()> {
        self.server = Some(server.clone());
        Ok(())
    }

    fn account(&self, user: Id) -> Kept<Option<Account>> {
        Ok(self.accounts.get(&user).cloned())
    }

    fn claimant(&self, key: &str) -> Kept<Option<Id>> {
        Ok(self.logins.get(key).copied())
    }

    fn add_account(&mut self, account: &Account, secret: Option<&AgentSecret>, keys: &[String]) -> Kept<()> {
        self.agents.extend(secret.map(|secret| (account.user.id, secret.clone())));
        self.logins.extend(keys.iter().map(|key| (key.clone(), account.user.id)));
        self.put_account(account)
    }

    fn put_account(&mut self, account: &Account) -> Kept<()> {
        self.accounts.insert(account.user.id, account.clone());
        Ok(())
    }

    fn add_image(&mut self, id: Id, image: &Image) -> Kept<()> {
        self.images.insert(id, image.clone());
        Ok(())
    }

    fn remove_image(&mut self, id: Id) -> Kept<()> {
        self.images.remove(&id);
        Ok(())
    }
}

impl Rooms for State {
    fn room(&self, id: Id) -> Kept<Option<Room>> {
        Ok(self.rooms.get(&id).cloned())
    }

    fn has_room(&self, id: Id) -> Kept<bool> {
        Ok(self.rooms.contains_key(&id))
    }

    fn room_count(&self) -> Kept<u64> {
        Ok(self.rooms.len() as u64)
    }

    fn rooms_in(&self, parent: Option<Id>) -> Kept<Vec<Room>> {
        Ok(self.rooms.values().filter(|room| room.parent == parent).cloned().collect())
    }

    fn put_room(&mut self, room: &Room) -> Kept<()> {
        self.rooms.insert(room.id, room.clone());
        Ok(())
    }

    fn remove_room(&mut self, id: Id) -> Kept<()> {
        self.forget_room(id);
        self.rooms.remove(&id);
        self.chats.retain(|_, kept| kept.chat.room != id);
        self.threads.retain(|_, thread| thread.room != id);
        self.grants.retain(|(scope, _), _| *scope != Scope::Room(id));
        Ok(())
    }
}

impl Chats for State {
    fn chat(&self, id: Id) -> Kept<Option<Chat>> {
        Ok(self.chats.get(&id).map(KeptChat::shown))
    }

    fn has_chat_at(&self, subject: &str) -> Kept<bool> {
        Ok(self.chat_at(subject).is_some())
    }

    fn add_chat(&mut self, chat: &Chat, terms: &Terms) -> Kept<()> {
        let kept = KeptChat { chat: chat.clone(), terms: terms.clone(), reactors: Vec::new() };
        self.chats.insert(chat.id, kept);
        Ok(())
    }

    fn put_chat(&mut self, chat: &Chat, terms: &Terms) -> Kept<()> {
        if let Some(kept) = self.chats.get_mut(&chat.id) {
            kept.chat = chat.clone();
            kept.terms = terms.clone();
        }
        Ok(())
    }

    fn remove_chat(&mut self, id: Id) -> Kept<()> {
        self.chats.remove(&id);
        Ok(())
    }

    fn reactions(&self, chat: Id) -> Kept<Reactions> {
        Ok(self.chats.get(&chat).map(KeptChat::reactions).unwrap_or_default())
    }

    fn react(&mut self, chat: Id, reaction: &str, user: Id, adding: bool) -> Kept<()> {
        let Some(kept) = self.chats.get_mut(&chat) else { return Ok(()) };
        match kept.reactors.iter_mut().find(|(known, _)| known == reaction) {
            Some((_, users)) if adding => drop(users.insert(user)),
            Some((_, users)) => drop(users.remove(&user)),
            None if adding => kept.reactors.push((reaction.to_owned(), BTreeSet::from([user]))),
            None => {}
        }
        kept.reactors.retain(|(_, users)| !users.is_empty());
        Ok(())
    }

    fn thread(&self, id: Id) -> Kept<Option<Thread>> {
        Ok(self.threads.get(&id).cloned())
    }

    fn has_thread(&self, source: Id) -> Kept<bool> {
        Ok(self.threads.values().any(|thread| thread.source == source))
    }

    fn add_thread(&mut self, thread: &Thread) -> Kept<()> {
        self.threads.insert(thread.id, thread.clone());
        Ok(())
    }
}

impl Roles for State {
    fn has_role(&self, id: Id) -> Kept<bool> {
        Ok(self.roles.contains_key(&id))
    }

    fn is_role_name(&self, name: &str) -> Kept<bool> {
        Ok(self.roles.values().any(|(role, _)| role.name == name))
    }

    fn role_count(&self) -> Kept<u64> {
        Ok(self.roles.len() as u64)
    }

    fn add_role(&mut self, role: &Role) -> Kept<()> {
        self.roles.insert(role.id, (role.clone(), BTreeSet::new()));
        Ok(())
    }

    fn remove_role(&mut self, id: Id) -> Kept<()> {
        self.roles.remove(&id);
        self.grants.retain(|(_, holder), _| *holder != Holder::Role(id));
        Ok(())
    }

    fn assign(&mut self, role: Id, user: Id, member: bool) -> Kept<()> {
        if let Some((_, members)) = self.roles.get_mut(&role) {
            if member {
                members.insert(user);
            } else {
                members.remove(&user);
            }
        }
        Ok(())
    }

    fn put_grant(&mut self, grant: &Grant) -> Kept<()> {
        let key = (grant.scope, grant.holder);
        if grant.rights.is_empty() {
            self.grants.remove(&key);
        } else {
            self.grants.insert(key, grant.rights.clone());
        }
        Ok(())
    }
}
