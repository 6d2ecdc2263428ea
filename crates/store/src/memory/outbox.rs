//! What waits in a memory for other houses, and how things stand with these.

use std::collections::BTreeMap;

use quintet_core::error::Error;
use quintet_core::federation::Host;
use quintet_core::federation::peer::{DeadLetter, Peer, Standing};
use quintet_core::limits::{self, Limits};
use quintet_core::time::Timestamp;

use crate::correspondence::{Item, NewItem, OVERFLOW, Settled, Tally, Waiting, peers_to_replace, too_many_peers};

/// Items by number, each with what was wrong with it where it was given up; and peers.
#[derive(Default)]
pub(super) struct Outbox {
    last: u64,
    items: BTreeMap<u64, (Item, Option<String>)>,
    peers: BTreeMap<Host, Peer>,
}

impl Outbox {
    pub(super) fn add(&mut self, new: NewItem, limits: &Limits) {
        let Tally { waiting, dead, .. } = self.tally(&new.host);
        let error = (waiting >= limits.outbox_items).then(|| OVERFLOW.to_owned());
        if error.is_some() && dead >= limits.outbox_items {
            let oldest = self.items.iter().find(|(_, (item, error))| error.is_some() && item.item.host == new.host);
            if let Some(id) = oldest.map(|(id, _)| *id) {
                self.items.remove(&id);
            }
        }
        self.last += 1;
        let item = Item { id: self.last, attempts: 0, due: new.at, item: new };
        self.items.insert(item.id, (item, error));
    }

    pub(super) fn waiting(&self, host: &Host, after: u64, limit: u64) -> Vec<Item> {
        let later = self.items.range(after.saturating_add(1)..).map(|(_, kept)| kept);
        let waits = later.filter(|(item, error)| error.is_none() && item.item.host == *host);
        waits.take(limits::size(limit)).map(|(item, _)| item.clone()).collect()
    }

    pub(super) fn awaited(&self) -> Vec<Waiting> {
        let mut hosts: Vec<Host> = self.items.values().map(|(item, _)| item.item.host.clone()).collect();
        hosts.sort();
        hosts.dedup();
        hosts.into_iter().map(|host| Waiting { tally: self.tally(&host), host }).collect()
    }

    pub(super) fn settle(&mut self, settled: Settled) {
        match settled {
            Settled::Gone(id) => drop(self.items.remove(&id)),
            Settled::Again { id, due } => {
                if let Some((item, None)) = self.items.get_mut(&id) {
                    item.attempts += 1;
                    item.due = due;
                }
            }
            Settled::Dead { id, error: reason } => {
                if let Some((item, error @ None)) = self.items.get_mut(&id) {
                    item.attempts += 1;
                    *error = Some(reason);
                }
            }
        }
    }

    pub(super) fn dead_letters(&self, host: Option<&Host>, limit: u64) -> Vec<DeadLetter> {
        let dead = self.items.values().rev().filter_map(|(item, error)| Some((item, error.as_ref()?)));
        let of_host = dead.filter(|(item, _)| host.is_none_or(|host| item.item.host == *host));
        let letters = of_host.map(|(item, error)| DeadLetter {
            id: item.id,
            host: item.item.host.clone(),
            kind: item.item.kind.clone(),
            text: item.item.text.to_string(),
            queued_at: item.item.at,
            attempts: item.attempts,
            error: error.clone(),
        });
        letters.take(limits::size(limit)).collect()
    }

    pub(super) fn requeue(&mut self, host: &Host, now: Timestamp) -> u64 {
        let mut count = 0;
        for (item, error) in self.items.values_mut() {
            if item.item.host == *host && error.take().is_some() {
                (item.item.at, item.due, item.attempts) = (now, now, 0);
                count += 1;
            }
        }
        count
    }

    /// Forgets what was given up and queued before a time; tells how much that was.
    pub(super) fn forget(&mut self, before: Timestamp) -> u64 {
        let count = self.items.len();
        self.items.retain(|_, (item, error)| error.is_none() || item.item.at >= before);
        (count - self.items.len()) as u64
    }

    pub(super) fn peers(&self) -> Vec<Peer> {
        self.peers.values().cloned().collect()
    }

    pub(super) fn put_peer(&mut self, peer: Peer, limits: &Limits) -> Result<(), Error> {
        if !self.peers.contains_key(&peer.host) && self.peers.len() as u64 >= limits.peers {
            self.make_place(limits)?;
        }
        self.peers.insert(peer.host.clone(), peer);
        Ok(())
    }

    fn make_place(&mut self, limits: &Limits) -> Result<(), Error> {
        let strangers =
            self.peers.values().filter(|peer| peer.standing == Standing::Neutral && peer.reached_at.is_none());
        let mut idle: Vec<_> = strangers
            .filter(|peer| self.tally(&peer.host).waiting == 0)
            .map(|peer| (peer.heard_at, peer.host.clone()))
            .collect();
        if idle.is_empty() {
            return Err(too_many_peers(limits));
        }
        idle.sort();
        for (_, host) in idle.iter().take(limits::size(peers_to_replace(limits))) {
            self.peers.remove(host);
        }
        Ok(())
    }

    fn tally(&self, host: &Host) -> Tally {
        let mut tally = Tally::default();
        for (item, error) in self.items.values().filter(|(item, _)| item.item.host == *host) {
            if error.is_some() {
                tally.dead += 1;
            } else {
                tally.waiting += 1;
                tally.oldest = tally.oldest.or(Some(item.item.at));
            }
        }
        tally
    }
}
