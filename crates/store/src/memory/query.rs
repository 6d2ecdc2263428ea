//! Questions to a memory.

use std::ops::Bound;

use quintet_core::chat::{Chat, ChatFilter, ThreadFilter};
use quintet_core::event::Event;
use quintet_core::id::Id;
use quintet_core::limits;
use quintet_core::right::Grant;
use quintet_core::room::Thread;
use quintet_core::topic::Topic;
use quintet_core::user::Account;
use quintet_core::{Document, Position};

use super::state::{Kept, State};
use crate::search::Terms;
use crate::{Rooms, Snapshot, login, places};

impl State {
    /// Everything that the hall keeps in mind.
    pub(super) fn snapshot(&self) -> Option<Snapshot> {
        Some(Snapshot {
            server: self.server.clone()?,
            users: self.accounts.values().map(|account| (account.user.clone(), account.token_generation)).collect(),
            secrets: self.agents.iter().map(|(user, secret)| (*user, secret.clone())).collect(),
            rooms: self.rooms.values().cloned().collect(),
            roles: self
                .roles
                .values()
                .map(|(role, members)| (role.clone(), members.iter().copied().collect()))
                .collect(),
            follows: self.follows().cloned().collect(),
            grants: self
                .grants
                .iter()
                .map(|((scope, holder), rights)| Grant { scope: *scope, holder: *holder, rights: rights.clone() })
                .collect(),
        })
    }

    /// Whose login this is.
    pub(super) fn account_by_login(&self, login: &str) -> Option<Account> {
        let find = |key: String| self.logins.get(&key).and_then(|user| self.accounts.get(user));
        find(login::name_key(login))
            .or_else(|| find(login::mail_key(login)).filter(|account| login::is_email(login, account.email.as_deref())))
            .cloned()
    }

    /// Chats that pass the filter, the newest first.
    pub(super) fn chats_that(&self, filter: &ChatFilter, rooms: &Rooms, terms: Option<&Terms>) -> Vec<Chat> {
        let mut found: Vec<&Kept> = self
            .chats
            .values()
            .filter(|kept| passes(&kept.chat, filter))
            .filter(|kept| is_visible(kept.chat.room, rooms))
            .filter(|kept| terms.is_none_or(|terms| kept.terms.has_any(terms)))
            .collect();
        found.sort_by_key(|kept| std::cmp::Reverse((kept.chat.created_at, kept.chat.id)));
        let page = found.into_iter().skip(limits::size(filter.skip)).take(limits::size(filter.limit));
        page.map(Kept::shown).collect()
    }

    /// The threads of a room, oldest first.
    pub(super) fn threads_of(&self, room: Id) -> Vec<Thread> {
        let mut threads: Vec<_> = self.threads.values().filter(|thread| thread.room == room).cloned().collect();
        threads.sort_by_key(|thread| (thread.created_at, thread.id));
        threads
    }

    /// The events of a topic after an offset.
    pub(super) fn history(&self, topic: &Topic, after: u64, limit: u64) -> Vec<Event> {
        let events = self.log.get(topic).map(Vec::as_slice).unwrap_or_default();
        events.iter().skip(limits::size(after)).take(limits::size(limit)).cloned().collect()
    }

    /// Events with a number above `after`, in log order.
    pub(super) fn log_after(&self, after: Id, limit: u64) -> Vec<Event> {
        let mut events: Vec<_> = self.log.values().flatten().filter(|event| event.id > after).collect();
        events.sort_by_key(|event| event.id);
        events.into_iter().take(limits::size(limit)).cloned().collect()
    }

    /// The events of a chat, oldest first.
    pub(super) fn chat_history(&self, chat: Id, limit: u64) -> Vec<Event> {
        let mut events: Vec<_> =
            self.log.values().flatten().filter(|event| places::chat_of(&event.body) == Some(chat)).collect();
        events.sort_by_key(|event| event.id);
        events.into_iter().take(limits::size(limit)).cloned().collect()
    }

    /// The place of the last event of a topic.
    pub(super) fn head(&self, topic: &Topic) -> Option<Position> {
        self.log.get(topic)?.last()?.position
    }

    /// The chat that is known by a subject of its own.
    pub(super) fn chat_at(&self, subject: &str) -> Option<Chat> {
        let known = |kept: &&Kept| kept.chat.subject.as_ref().is_some_and(|own| own.as_str() == subject);
        self.chats.values().find(known).map(Kept::shown)
    }

    /// Documents with a number above `after`, by age.
    pub(super) fn export(&self, after: Id, limit: u64) -> Vec<(Id, Document)> {
        let later = self.documents.range((Bound::Excluded(after), Bound::Unbounded)).take(limits::size(limit));
        later.map(|(id, shelved)| (*id, shelved.sheet.document.clone())).collect()
    }
}

fn passes(chat: &Chat, filter: &ChatFilter) -> bool {
    filter.room.is_none_or(|room| chat.room == room)
        && filter.author.is_none_or(|author| chat.author.id == author)
        && filter.before.is_none_or(|before| chat.created_at < before)
        && filter.after.is_none_or(|after| chat.created_at > after)
        && match filter.thread {
            None => true,
            Some(ThreadFilter::Main) => chat.thread.is_none(),
            Some(ThreadFilter::In(thread)) => chat.thread == Some(thread),
        }
}

fn is_visible(room: Id, rooms: &Rooms) -> bool {
    match rooms {
        Rooms::All => true,
        Rooms::Except(hidden) => !hidden.contains(&room),
    }
}
