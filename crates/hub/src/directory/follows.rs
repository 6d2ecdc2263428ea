//! Who follows whom, both ways.

use std::collections::{BTreeMap, HashMap};

use quintet_core::Id;
use quintet_core::federation::{Follow, FollowState};

/// All follows that stand or are asked for.
#[derive(Default)]
pub(super) struct Follows {
    followers: HashMap<Id, BTreeMap<Id, FollowState>>,
    followees: HashMap<Id, BTreeMap<Id, FollowState>>,
}

impl Follows {
    /// Takes in how one stands now.
    pub(super) fn put(&mut self, follow: &Follow) {
        let stands = matches!(follow.state, FollowState::Pending | FollowState::Accepted);
        for (map, of, other) in [
            (&mut self.followers, follow.followee, follow.follower),
            (&mut self.followees, follow.follower, follow.followee),
        ] {
            let entry = map.entry(of).or_default();
            if stands {
                entry.insert(other, follow.state);
            } else {
                entry.remove(&other);
            }
            if entry.is_empty() {
                map.remove(&of);
            }
        }
    }

    /// Who follows somebody, or is in a room, by number.
    pub(super) fn followers(&self, of: Id) -> Vec<(Id, FollowState)> {
        list(&self.followers, of)
    }

    /// Whom somebody follows, by number.
    pub(super) fn followees(&self, of: Id) -> Vec<(Id, FollowState)> {
        list(&self.followees, of)
    }

    /// How a follow stands; `None` where there is none.
    pub(super) fn between(&self, follower: Id, whom: Id) -> Option<FollowState> {
        self.followees.get(&follower)?.get(&whom).copied()
    }
}

fn list(map: &HashMap<Id, BTreeMap<Id, FollowState>>, of: Id) -> Vec<(Id, FollowState)> {
    map.get(&of).into_iter().flatten().map(|(id, state)| (*id, *state)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_follow_is_seen_from_both_ends_until_it_ends() {
        let [ann, bob] = [4096, 4097].map(|number| Id::new(number).unwrap());
        let mut follows = Follows::default();
        let follow = |state| Follow { follower: ann, followee: bob, state };
        follows.put(&follow(FollowState::Pending));
        assert_eq!(follows.followers(bob), [(ann, FollowState::Pending)]);
        follows.put(&follow(FollowState::Accepted));
        assert_eq!(follows.followees(ann), [(bob, FollowState::Accepted)]);
        assert_eq!(follows.between(ann, bob), Some(FollowState::Accepted));
        follows.put(&follow(FollowState::Ended));
        assert_eq!((follows.followers(bob), follows.between(ann, bob)), (Vec::new(), None));
    }
}
