//! Carrying: letters over a connection, within its window.

use std::sync::Arc;

use quintet_core::Error;
use quintet_core::dialect::Parting;
use quintet_core::federation::PeerProfile;
use tokio::time::{Instant, sleep_until};

use super::super::links::Line;
use super::{Postman, Way};

impl Postman {
    /// Sends letters over a connection, as long as it stands and there are any that may go.
    pub(super) async fn carry(&mut self, line: &Arc<Line>, profile: &PeerProfile) -> Result<(), Error> {
        let mut receipts = 0;
        let done = loop {
            for (parcel, receipt) in line.take() {
                receipts += 1;
                self.judge(parcel, &receipt, Way::Socket);
            }
            if line.is_gone() {
                break Ok(());
            }
            if !self.must_stop(line) {
                if let Err(error) = self.load().await {
                    break Err(error);
                }
                self.fill(line, profile);
            }
            // While the peer has something to do.
            if let Err(error) = self.settle().await {
                break Err(error);
            }
            match line.deadline() {
                Some(deadline) => self.wait(line, deadline).await,
                None => break Ok(()),
            }
        };
        self.assess(receipts > 0, line.is_gone());
        // What is without a receipt goes another way, or this way again; whoever got it already knows it.
        self.queue.iter_mut().for_each(|letter| letter.put = false);
        done
    }

    /// Takes notice of how a connection did.
    fn assess(&mut self, answered: bool, gone: bool) {
        if answered {
            self.fruitless = 0;
        } else if gone {
            self.fruitless += 1;
        }
        if answered || gone {
            self.office.peers.dialed(&self.host, self.office.now(), answered);
        }
    }

    /// Whether nothing more is to be put on a line: what is on it is to be answered first.
    fn must_stop(&mut self, line: &Arc<Line>) -> bool {
        self.more |= self.bell.take_news();
        let newer = self.office.links.newest(&self.host).is_none_or(|newest| !Arc::ptr_eq(&newest, line));
        self.halted || self.bell.is_afresh() || newer || self.pause.is_some_and(|then| then > self.office.now())
    }

    fn fill(&mut self, line: &Arc<Line>, profile: &PeerProfile) {
        let now = self.office.now();
        for letter in self.queue.iter_mut().filter(|letter| !letter.put) {
            let is_due = self.unbound || letter.item.due <= now;
            if !is_due || !line.has_place() || !line.takes(&letter.item.item.text) {
                return;
            }
            letter.put = line.put(&letter.parcel(&self.office, profile));
            if !letter.put {
                return;
            }
        }
    }

    /// Waits until something can be done on a line. One that is silent for too long ends.
    async fn wait(&self, line: &Arc<Line>, deadline: Instant) {
        tokio::select! {
            () = line.changed() => {}
            () = self.bell.stirred() => {}
            () = sleep_until(deadline) => {
                // A receipt may have come at the last moment.
                if line.deadline().is_some_and(|deadline| deadline <= Instant::now()) {
                    self.office.links.end(&self.host, line, Parting::Unanswered);
                }
            }
        }
    }
}
