//! The audience: the houses that are to hear of something (versia.md, section 3.5). Each hears it once, however many of its users are concerned.

use std::collections::BTreeMap;

use quintet_core::Id;
use quintet_core::federation::note::Audience as For;
use quintet_core::federation::{Address, FollowState, Form, Host, Note, Target};

use crate::directory::Directory;

/// Houses, each with the ways in which what concerns it there is named.
pub(super) struct Audience<'a> {
    directory: &'a Directory,
    houses: BTreeMap<Host, Receiver>,
}

/// How a house is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Receiver {
    /// In the first of these that there is a word in.
    pub(super) forms: Vec<Form>,
    /// Where to, if it has no place for all: the inbox of one of those concerned.
    pub(super) inbox: Option<String>,
}

impl<'a> Audience<'a> {
    /// Nobody.
    pub(super) fn new(directory: &'a Directory) -> Self {
        Self { directory, houses: BTreeMap::new() }
    }

    /// Who is to hear of a note: also of its changes, and its end.
    pub(super) fn of_note(directory: &'a Directory, note: &Note) -> Self {
        let mut audience = Self::new(directory).with_targets(&note.mentions);
        match &note.audience {
            For::Public | For::Followers => audience = audience.with_followers(note.author.id),
            For::Group(group) => audience = audience.with_target(group),
            // A private note is for those alone whom it names.
            For::Mentioned => return audience,
        }
        match &note.replies_to {
            Some(target) => audience.with_target(target),
            None => audience,
        }
    }

    /// And the house of a user.
    pub(super) fn with_user(mut self, user: Id) -> Self {
        if let Some(remote) = self.directory.remote(user) {
            self.add(&remote.address, remote.inbox);
        }
        self
    }

    /// And the houses of who follows a user, or is in a room.
    pub(super) fn with_followers(self, of: Id) -> Self {
        let followers = self.directory.followers(of);
        accepted(followers).fold(self, Self::with_user)
    }

    /// And the houses of those in a room for whom this holds.
    pub(super) fn with_members(self, room: Id, hears: impl Fn(Id) -> bool) -> Self {
        let followers = self.directory.followers(room);
        accepted(followers).filter(|user| hears(*user)).fold(self, Self::with_user)
    }

    /// And the houses of those whom a user follows.
    pub(super) fn with_followees(self, of: Id) -> Self {
        let followees = self.directory.followees(of);
        accepted(followees).fold(self, Self::with_user)
    }

    /// And whose this is.
    pub(super) fn with_target(mut self, target: &Target) -> Self {
        if let Target::Remote(address) = target {
            let known = self.directory.user_at(&address.key).and_then(|user| self.directory.remote(user));
            self.add(address, known.and_then(|remote| remote.inbox));
        }
        self
    }

    fn with_targets(self, targets: &[Target]) -> Self {
        targets.iter().fold(self, Self::with_target)
    }

    /// But not this house: it has it from itself.
    pub(super) fn without(mut self, host: &Host) -> Self {
        self.houses.remove(host);
        self
    }

    /// The houses, by name.
    pub(super) fn houses(self) -> BTreeMap<Host, Receiver> {
        self.houses
    }

    /// Whether that is nobody.
    pub(super) fn is_empty(&self) -> bool {
        self.houses.is_empty()
    }

    fn add(&mut self, address: &Address, inbox: Option<String>) {
        let receiver = self.houses.entry(address.host.clone()).or_default();
        if !receiver.forms.contains(&address.form) {
            receiver.forms.push(address.form);
            // Where its users are known both ways, all of them are told in the same one.
            receiver.forms.sort_unstable();
        }
        receiver.inbox = receiver.inbox.take().or(inbox);
    }
}

fn accepted(follows: Vec<(Id, FollowState)>) -> impl Iterator<Item = Id> {
    follows.into_iter().filter(|(_, state)| *state == FollowState::Accepted).map(|(user, _)| user)
}
