//! Peers: how things stand between this house and others, kept in mind and written down now and then.

use std::collections::HashMap;

use parking_lot::Mutex;
use quintet_core::federation::Host;
use quintet_core::federation::host::Reach;
use quintet_core::federation::peer::{Peer, Standing};
use quintet_core::limits::size;
use quintet_core::{Error, Limits, Timestamp};

use super::Rules;
use super::dials::Dials;

/// Every house that is known.
pub(super) struct Peers {
    known: Mutex<HashMap<Host, Entry>>,
    rules: Rules,
    most: usize,
}

/// How a peer is reached at the moment.
#[derive(Clone, Debug, Default)]
pub(super) struct Prospect {
    /// Whether only HTTP is tried for a while.
    pub(super) http_only: bool,
    /// When it is tried again, where it was not reached.
    pub(super) next_try: Option<Timestamp>,
}

struct Entry {
    peer: Peer,
    /// Whether the store does not know of it all.
    dirty: bool,
    dials: Dials,
    /// When it is tried again, where it was not reached.
    next_try: Option<Timestamp>,
    /// Not tried for other reasons before that: whoever is heard all the time, but not reached, is not to be tried all the time.
    rest: Option<Timestamp>,
    /// Whether something waits for it.
    awaited: bool,
}

impl Peers {
    pub(super) fn new(known: Vec<Peer>, rules: Rules, limits: &Limits) -> Self {
        let known = known.into_iter().map(|peer| (peer.host.clone(), Entry::new(peer))).collect();
        Self { known: Mutex::new(known), rules, most: size(limits.peers) }
    }

    /// Whether a house is listened and spoken to. `Forbidden` for one that is blocked, or not allowed where only some are; `TooMany` for a new one beyond the bound, where
    /// nobody makes place.
    pub(super) fn check(&self, host: &Host) -> Result<(), Error> {
        let known = self.known.lock();
        let standing = known.get(host).map(|entry| entry.peer.standing);
        match standing.unwrap_or_default() {
            Standing::Blocked => Err(Error::forbidden("this server does not speak with yours")),
            Standing::Neutral if !self.rules.open => {
                Err(Error::forbidden("this server speaks only with servers that its operators allowed"))
            }
            _ if standing.is_none() && known.len() >= self.most && !known.values().any(Entry::is_replaceable) => {
                Err(Error::too_many("too many servers are known here, try later"))
            }
            _ => Ok(()),
        }
    }

    /// Takes notice that there is such a house.
    pub(super) fn know(&self, host: &Host) {
        if !self.known.lock().contains_key(host) {
            self.with(host, |_| ());
        }
    }

    /// Whether something waits for a house: then it keeps its place.
    pub(super) fn set_awaited(&self, host: &Host, awaited: bool) {
        if let Some(entry) = self.known.lock().get_mut(host) {
            entry.awaited = awaited;
        } else if awaited {
            self.with(host, |entry| entry.awaited = true);
        }
    }

    /// Whether something may be queued for a house: it is welcome, and was not given up.
    pub(super) fn is_served(&self, host: &Host) -> bool {
        self.check(host).is_ok() && !self.is_dead(host)
    }

    /// Whether it was given up.
    pub(super) fn is_dead(&self, host: &Host) -> bool {
        self.known.lock().get(host).is_some_and(|entry| entry.peer.dead_since.is_some())
    }

    /// Something of a house was taken. Tells whether what waits for it is to be tried at once.
    pub(super) fn hear(&self, host: &Host, now: Timestamp) -> bool {
        self.with(host, |entry| {
            entry.peer.heard_at = Some(now);
            let dead = entry.peer.dead_since.take().is_some();
            let waits = entry.next_try.is_some() && entry.rest.is_none_or(|rest| rest <= now);
            if waits {
                entry.next_try = None;
            }
            dead || waits
        })
        .unwrap_or(false)
    }

    /// It is to be tried again, although it was given up.
    pub(super) fn revive(&self, host: &Host) -> bool {
        self.is_dead(host) && self.with(host, |entry| entry.peer.dead_since = None).is_some()
    }

    /// Something of ours was taken.
    pub(super) fn reach(&self, host: &Host, now: Timestamp) {
        self.with(host, |entry| {
            entry.peer.reached_at = Some(now);
            entry.peer.dead_since = None;
            (entry.next_try, entry.rest) = (None, None);
        });
    }

    /// Something went wrong.
    pub(super) fn blame(&self, host: &Host, now: Timestamp, error: &str) {
        self.with(host, |entry| entry.peer.last_error = Some((now, error.to_owned())));
    }

    /// It was not reached, and is tried again then; being heard counts only from `rest` on.
    pub(super) fn miss(&self, host: &Host, next_try: Timestamp, rest: Timestamp) {
        self.with(host, |entry| (entry.next_try, entry.rest) = (Some(next_try), Some(rest)));
    }

    /// It is given up.
    pub(super) fn bury(&self, host: &Host, now: Timestamp) {
        self.with(host, |entry| {
            entry.peer.dead_since.get_or_insert(now);
            entry.next_try = None;
        });
    }

    /// Whether its socket may be tried.
    pub(super) fn may_dial(&self, host: &Host, now: Timestamp) -> bool {
        self.known.lock().get(host).is_none_or(|entry| entry.dials.may(now))
    }

    /// Its socket was tried, with this result.
    pub(super) fn dialed(&self, host: &Host, now: Timestamp, reached: bool) {
        let reach: Reach = self.rules.reach;
        self.with(host, |entry| if reached { entry.dials.succeed() } else { entry.dials.fail(now, reach) });
    }

    /// Sets whether it is listened and spoken to, and tells how things stand, to be written down. `TooMany` for a new one beyond the bound.
    pub(super) fn set_standing(&self, host: &Host, standing: Standing) -> Result<Peer, Error> {
        self.with(host, |entry| {
            entry.peer.standing = standing;
            entry.peer.clone()
        })
        .ok_or_else(|| Error::too_many("too many servers are known here"))
    }

    /// Everybody.
    pub(super) fn list(&self, now: Timestamp) -> Vec<(Peer, Prospect)> {
        let known = self.known.lock();
        let mut list: Vec<_> = known.values().map(|entry| (entry.peer.clone(), entry.prospect(now))).collect();
        list.sort_by(|(one, _), (other, _)| one.host.cmp(&other.host));
        list
    }

    /// What the store does not know yet.
    pub(super) fn take_unwritten(&self) -> Vec<Peer> {
        let mut known = self.known.lock();
        let dirty = known.values_mut().filter(|entry| entry.dirty);
        dirty
            .map(|entry| {
                entry.dirty = false;
                entry.peer.clone()
            })
            .collect()
    }

    /// Changes an entry, and makes it where there is a place for one.
    fn with<T>(&self, host: &Host, change: impl FnOnce(&mut Entry) -> T) -> Option<T> {
        let mut known = self.known.lock();
        if !known.contains_key(host) && known.len() >= self.most {
            let idle = known.values().filter(|entry| entry.is_replaceable());
            let first = idle.min_by_key(|entry| entry.peer.heard_at)?.peer.host.clone();
            known.remove(&first);
        }
        let entry = known.entry(host.clone()).or_insert_with(|| Entry::new(stranger(host)));
        entry.dirty = true;
        Some(change(entry))
    }
}

impl Entry {
    fn new(peer: Peer) -> Self {
        Self { peer, dirty: false, dials: Dials::default(), next_try: None, rest: None, awaited: false }
    }

    /// Whether it makes place for another, as whoever owns a domain can be any number of houses: no operator decided about it, it was never reached, and nothing waits.
    fn is_replaceable(&self) -> bool {
        self.peer.standing == Standing::Neutral && self.peer.reached_at.is_none() && !self.awaited
    }

    fn prospect(&self, now: Timestamp) -> Prospect {
        Prospect { http_only: !self.dials.may(now), next_try: self.next_try }
    }
}

fn stranger(host: &Host) -> Peer {
    Peer {
        host: host.clone(),
        standing: Standing::Neutral,
        dead_since: None,
        last_error: None,
        heard_at: None,
        reached_at: None,
    }
}

#[cfg(test)]
mod tests {
    use quintet_core::Kind;

    use super::*;

    fn host(name: &str) -> Host {
        Host::parse(name, Reach::Net).unwrap()
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    fn peers(open: bool, most: u64) -> Peers {
        let rules = Rules { open, ..Rules::default() };
        Peers::new(Vec::new(), rules, &Limits { peers: most, ..Limits::default() })
    }

    #[test]
    fn a_standing_decides_who_is_welcome() {
        let kind = |peers: &Peers, name| peers.check(&host(name)).map_err(|error| error.kind());
        for open in [true, false] {
            let peers = peers(open, 9);
            peers.set_standing(&host("friend.example"), Standing::Allowed).unwrap();
            peers.set_standing(&host("foe.example"), Standing::Blocked).unwrap();
            assert_eq!(kind(&peers, "friend.example"), Ok(()));
            assert_eq!(kind(&peers, "foe.example"), Err(Kind::Forbidden));
            assert_eq!(kind(&peers, "other.example"), if open { Ok(()) } else { Err(Kind::Forbidden) });
        }
    }

    #[test]
    fn only_so_many_are_known() {
        let peers = peers(true, 1);
        peers.reach(&host("a.example"), at(1));
        assert!(peers.check(&host("a.example")).is_ok());
        assert_eq!(peers.check(&host("b.example")).unwrap_err().kind(), Kind::TooMany);
        peers.hear(&host("b.example"), at(1));
        assert_eq!(peers.list(at(1)).len(), 1);
    }

    #[test]
    fn strangers_make_place() {
        let peers = peers(true, 5);
        let names = || peers.list(at(9)).iter().map(|(peer, _)| peer.host.to_string()).collect::<Vec<_>>();
        peers.set_awaited(&host("awaited.example"), true);
        peers.set_standing(&host("foe.example"), Standing::Blocked).unwrap();
        peers.reach(&host("friend.example"), at(0));
        peers.hear(&host("late.example"), at(2));
        peers.hear(&host("early.example"), at(1));
        assert!(peers.check(&host("new.example")).is_ok());
        peers.reach(&host("new.example"), at(3));
        assert_eq!(names(), ["awaited.example", "foe.example", "friend.example", "late.example", "new.example"]);
        peers.reach(&host("newer.example"), at(4));
        assert_eq!(names(), ["awaited.example", "foe.example", "friend.example", "new.example", "newer.example"]);
        let newest = host("newest.example");
        assert_eq!(peers.check(&newest).unwrap_err().kind(), Kind::TooMany);
        peers.set_awaited(&host("awaited.example"), false);
        assert!(peers.check(&newest).is_ok(), "nothing waits for it any more");
    }

    #[test]
    fn who_is_heard_is_tried_at_once_but_not_all_the_time() {
        let (peers, host) = (peers(true, 9), host("a.example"));
        assert!(!peers.hear(&host, at(1)), "nothing waits");
        peers.miss(&host, at(100), at(20));
        assert!(!peers.hear(&host, at(19)));
        assert!(peers.hear(&host, at(20)));
        assert!(!peers.hear(&host, at(21)), "it is under way");
        peers.bury(&host, at(22));
        assert!(peers.is_dead(&host) && !peers.is_served(&host));
        assert!(peers.hear(&host, at(23)), "who speaks lives");
        assert!(peers.is_served(&host));
    }

    #[test]
    fn who_is_tried_again_was_known_and_given_up() {
        let (peers, host) = (peers(true, 9), host("a.example"));
        assert!(!peers.revive(&host));
        assert!(peers.list(at(1)).is_empty(), "a name that an operator mistyped is no peer");
        peers.bury(&host, at(1));
        assert!(peers.revive(&host) && !peers.is_dead(&host) && !peers.revive(&host));
    }

    #[test]
    fn changes_are_written_once() {
        let (peers, host) = (peers(true, 9), host("a.example"));
        (0..10).for_each(|second| _ = peers.hear(&host, at(second)));
        peers.blame(&host, at(10), "no answer");
        let written = peers.take_unwritten();
        assert_eq!(written.len(), 1);
        assert_eq!(written[0].heard_at, Some(at(9)));
        assert_eq!(written[0].last_error, Some((at(10), "no answer".to_owned())));
        assert!(peers.take_unwritten().is_empty());
    }
}
