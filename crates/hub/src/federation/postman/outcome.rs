//! Outcomes: what becomes of a letter, and how that is written down.

use std::mem;

use metrics::counter;
use quintet_core::federation::{ParcelId, Receipt};
use quintet_core::{Error, Timestamp};
use quintet_store::Settled;
use tokio::time::Instant;

use super::super::letter::Letter;
use super::super::schedule;
use super::super::verdict::{self, Tries, Verdict};
use super::{FEW, Postman, Way, later};

impl Postman {
    /// Does what a receipt asks for.
    pub(super) fn judge(&mut self, parcel: ParcelId, receipt: &Receipt, way: Way) {
        let Some(place) = self.queue.iter().position(|letter| letter.item.id == parcel.0) else { return };
        let now = self.office.now();
        if let Some(pause) = verdict::pause(receipt) {
            self.pause = Some(later(now, pause));
        }
        let letter = &self.queue[place];
        let tries = Tries {
            failures: letter.item.attempts,
            refusals: self.refusals.get(&parcel.0).copied().unwrap_or_default(),
            distrusted: self.distrusted.contains(&letter.item.item.signer),
        };
        match verdict::of(receipt, tries, self.office.rules.reach, schedule::dice()) {
            Verdict::Taken => self.taken(place, way),
            Verdict::Dead(error) => self.dead(place, receipt.status, error),
            Verdict::Again { after, anew } => {
                if anew {
                    *self.refusals.entry(parcel.0).or_default() += 1;
                    self.queue[place].tear();
                }
                self.office.peers.blame(&self.host, now, &verdict::words(receipt));
                self.again(place, later(now, after), verdict::words(receipt));
            }
        }
    }

    fn taken(&mut self, place: usize, way: Way) {
        let Some(letter) = self.queue.remove(place) else { return };
        self.refusals.remove(&letter.item.id);
        self.distrusted.remove(&letter.item.item.signer);
        self.warm = true;
        self.office.peers.reach(&self.host, self.office.now());
        let way = match way {
            Way::Socket => "socket",
            Way::Http => "http",
        };
        counter!("quintet_entities_sent_total", "way" => way).increment(1);
        self.result(Settled::Gone(letter.item.id));
    }

    fn dead(&mut self, place: usize, status: u16, error: String) {
        let Some(letter) = self.queue.remove(place) else { return };
        let (id, item) = (letter.item.id, letter.item.item);
        tracing::warn!(host = %self.host, kind = item.kind, %error, "a server does not take an entity");
        self.refusals.remove(&id);
        // Others of the same signer are not to wait for minutes each.
        if status == 401 {
            self.distrusted.insert(item.signer);
        }
        self.office.peers.blame(&self.host, self.office.now(), &error);
        counter!("quintet_dead_letters_total").increment(1);
        self.result(Settled::Dead { id, error });
    }

    /// The house was not reached: its first letter is tried again later.
    pub(super) fn miss(&mut self, error: &Error) {
        let now = self.office.now();
        self.cool();
        self.office.peers.blame(&self.host, now, error.public());
        let Some(letter) = self.queue.front() else { return };
        let reach = self.office.rules.reach;
        let delay = schedule::delay(letter.item.attempts.saturating_add(1), reach, schedule::dice());
        let then = later(now, delay);
        self.office.peers.miss(&self.host, then, later(now, delay.min(schedule::delay(1, reach, 0))));
        self.again(0, then, error.public().to_owned());
    }

    /// Lets go of what was read of the queue, but for a few; and for what was sent already and goes again as it was signed.
    fn cool(&mut self) {
        let signed = self.queue.iter().rposition(Letter::is_signed).map_or(0, |place| place + 1);
        let kept = signed.max(FEW);
        if self.queue.len() > kept {
            self.queue.truncate(kept);
            (self.after, self.more) = (self.queue.back().map_or(0, |letter| letter.item.id), true);
        }
        self.warm = false;
    }

    /// A letter is tried again then; or never, where that is too late.
    fn again(&mut self, place: usize, due: Timestamp, error: String) {
        (self.unbound, self.halted) = (false, true);
        let Some(letter) = self.queue.get_mut(place) else { return };
        letter.put = false;
        letter.item.due = due;
        letter.item.attempts = letter.item.attempts.saturating_add(1);
        let id = letter.item.id;
        if self.office.end_of(&letter.item.item) > self.office.now() {
            counter!("quintet_entity_retries_total").increment(1);
            return self.result(Settled::Again { id, due });
        }
        tracing::warn!(host = %self.host, %error, "a server is given up");
        self.office.peers.bury(&self.host, self.office.now());
        self.dead(place, 0, error);
    }

    pub(super) fn result(&mut self, settled: Settled) {
        self.unsettled_since.get_or_insert_with(Instant::now);
        self.settled.push(settled);
    }

    /// Writes down what became of letters.
    pub(super) async fn settle(&mut self) -> Result<(), Error> {
        if self.settled.is_empty() {
            return Ok(());
        }
        let settled = mem::take(&mut self.settled);
        let result = self.office.store.correspondence().settle(settled.clone()).await;
        match &result {
            Ok(()) => self.unsettled_since = None,
            Err(_) => self.settled = settled,
        }
        result
    }
}
