//! Shares: how many calls each caller has under way, so that one cannot take the places of all.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;

use parking_lot::Mutex;
use quintet_core::Id;

/// Locks, so that callers seldom meet at one.
const PARTS: usize = 16;

/// Whose calls are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Party {
    /// A user, over all its connections and requests.
    User(Id),
    /// Everybody at one network address who is no user: keys and sockets are free to have.
    Network(IpAddr),
}

/// Counts the calls of each party. Holds only parties with calls under way, which are bounded in all.
pub(super) struct Shares {
    parts: [Mutex<HashMap<Party, u64>>; PARTS],
    hasher: RandomState,
    most: u64,
}

/// One call of a party, until this is dropped.
pub(crate) struct Share<'a> {
    shares: &'a Shares,
    party: Party,
}

impl Shares {
    /// For so many of each party at once.
    pub(super) fn new(most: u64) -> Self {
        Self { parts: Default::default(), hasher: RandomState::new(), most }
    }

    /// Has a party room for one more, of so many calls that there are besides? Where all of them would fit, nobody is looked up.
    pub(super) fn has_room(&self, party: Party, others: u64) -> bool {
        others < self.most || self.part(party).lock().get(&party).copied().unwrap_or(0) < self.most
    }

    /// Counts one, which has begun and is not refused any more: who begins several at the very same time may have a few more than fit.
    pub(super) fn enter(&self, party: Party) -> Share<'_> {
        *self.part(party).lock().entry(party).or_insert(0) += 1;
        Share { shares: self, party }
    }

    fn part(&self, party: Party) -> &Mutex<HashMap<Party, u64>> {
        let hash = self.hasher.hash_one(party);
        &self.parts[usize::try_from(hash % PARTS as u64).expect("below the number of parts")]
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        let mut part = self.shares.part(self.party).lock();
        match part.get_mut(&self.party) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(part.remove(&self.party)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_party_has_its_own_share() {
        let shares = Shares::new(2);
        let (ann, there) = (Party::User(Id::EVERYONE), Party::Network(IpAddr::from([192, 0, 2, 1])));
        let first = shares.enter(ann);
        assert!(shares.has_room(ann, 9));
        let second = shares.enter(ann);
        assert!(!shares.has_room(ann, 9) && shares.has_room(there, 9));
        drop(first);
        assert!(shares.has_room(ann, 9));
        drop(second);
        assert!(shares.parts.iter().all(|part| part.lock().is_empty()), "who has no calls takes no room");
    }
}
