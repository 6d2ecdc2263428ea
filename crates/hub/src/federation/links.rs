//! Links: open connections that carry parcels to other houses.
//!
//! A [`Line`] has two ends: the connection's ([`Link`]) and the postman's. What is put into it stays in order; receipts come back in whatever order the peer gives.

use std::collections::{HashMap, VecDeque};
use std::mem;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use metrics::gauge;
use parking_lot::Mutex;
use quintet_core::dialect::{Carriage, Parting};
use quintet_core::federation::{Host, Parcel, ParcelId, Receipt};
use quintet_core::limits::size;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::procedures::Errand;

/// A connection's end of a line. Dropping it lets what it carried go another way.
pub struct Link {
    host: Host,
    line: Arc<Line>,
    links: Arc<Links>,
}

/// All open lines, by house: the newest last.
#[derive(Default)]
pub(super) struct Links {
    lines: Mutex<HashMap<Host, Vec<Arc<Line>>>>,
    /// Wakes whoever waits for one.
    opened: Notify,
}

/// One connection to a house, between postman and session.
pub(super) struct Line {
    carriage: Carriage,
    desk: Mutex<Desk>,
    /// Wakes the postman: there are receipts, or the line is gone.
    changed: Notify,
}

struct Desk {
    /// What the connection was not told yet. Bounded by the window, and one parting.
    errands: VecDeque<Errand>,
    /// Parcels without a receipt, as they were put: at most a window of them.
    open: VecDeque<ParcelId>,
    /// Receipts that the postman did not take yet: never more than there were open parcels.
    receipts: Vec<(ParcelId, Receipt)>,
    /// When something was put into an empty line, or a receipt came, last.
    stirred: Instant,
    /// Of the connection, while it has nothing to do.
    waker: Option<Waker>,
    gone: bool,
}

impl Links {
    /// Opens a line to a house, at most `most` of them: the oldest beyond that leave.
    pub(super) fn open(self: &Arc<Self>, host: Host, carriage: Carriage, most: u64) -> Link {
        let line = Arc::new(Line::new(carriage));
        let displaced = {
            let mut lines = self.lines.lock();
            let lines = lines.entry(host.clone()).or_default();
            lines.push(Arc::clone(&line));
            let extra = lines.len().saturating_sub(size(most).max(1));
            lines.drain(..extra).collect::<Vec<_>>()
        };
        gauge!("quintet_peer_links").increment(1.0);
        self.opened.notify_waiters();
        for line in &displaced {
            line.part(Parting::Displaced);
        }
        Link { host, line, links: Arc::clone(self) }
    }

    /// The line that was opened last.
    pub(super) fn newest(&self, host: &Host) -> Option<Arc<Line>> {
        self.lines.lock().get(host)?.last().cloned()
    }

    /// Waits until there is one to a house.
    pub(super) async fn linked(&self, host: &Host) {
        loop {
            let opened = self.opened.notified();
            if self.newest(host).is_some() {
                return;
            }
            opened.await;
        }
    }

    /// How many there are to a house.
    pub(super) fn count(&self, host: &Host) -> u64 {
        self.lines.lock().get(host).map_or(0, |lines| lines.len() as u64)
    }

    /// Sends all connections of a house away.
    pub(super) fn part(&self, host: &Host, why: Parting) {
        let lines = self.lines.lock().remove(host);
        for line in lines.into_iter().flatten() {
            line.part(why);
        }
    }

    /// Sends one connection away.
    pub(super) fn end(&self, host: &Host, line: &Arc<Line>, why: Parting) {
        self.remove(host, line);
        line.part(why);
    }

    fn remove(&self, host: &Host, line: &Arc<Line>) {
        let mut all = self.lines.lock();
        if let Some(lines) = all.get_mut(host) {
            lines.retain(|other| !Arc::ptr_eq(other, line));
            if lines.is_empty() {
                all.remove(host);
            }
        }
    }
}

impl Line {
    fn new(carriage: Carriage) -> Self {
        let desk = Desk {
            errands: VecDeque::new(),
            open: VecDeque::new(),
            receipts: Vec::new(),
            stirred: Instant::now(),
            waker: None,
            gone: false,
        };
        Self { carriage, desk: Mutex::new(desk), changed: Notify::new() }
    }

    /// Whether an entity is small enough to go this way, with its envelope and every quote escaped.
    pub(super) fn takes(&self, text: &str) -> bool {
        /// For what a message has besides the entity.
        const ENVELOPE: usize = 4096;
        let escaped = text.bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count();
        text.len() <= size(self.carriage.entity_bytes)
            && text.len() + escaped + ENVELOPE <= size(self.carriage.frame_bytes)
    }

    /// Sends a parcel; `false` where there is no place for it now, or the line is gone.
    pub(super) fn put(&self, parcel: &Arc<Parcel>) -> bool {
        let mut desk = self.desk.lock();
        if desk.gone || desk.open.len() >= self.window() {
            return false;
        }
        if desk.open.is_empty() {
            desk.stirred = Instant::now();
        }
        desk.open.push_back(parcel.id);
        desk.errands.push_back(Errand::Send(Arc::clone(parcel)));
        let waker = desk.waker.take();
        drop(desk);
        waker.into_iter().for_each(Waker::wake);
        true
    }

    /// Whether it takes another parcel now.
    pub(super) fn has_place(&self) -> bool {
        let desk = self.desk.lock();
        !desk.gone && desk.open.len() < self.window()
    }

    /// Parcels that it takes without a receipt.
    fn window(&self) -> usize {
        usize::try_from(self.carriage.window).unwrap_or(usize::MAX).max(1)
    }

    /// The receipts that came since.
    pub(super) fn take(&self) -> Vec<(ParcelId, Receipt)> {
        mem::take(&mut self.desk.lock().receipts)
    }

    /// Whether the connection has ended, or is about to.
    pub(super) fn is_gone(&self) -> bool {
        self.desk.lock().gone
    }

    /// When a receipt has to have come; `None` while none is waited for.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let desk = self.desk.lock();
        (!desk.open.is_empty()).then(|| desk.stirred + self.carriage.patience)
    }

    /// Waits for receipts, or for the end.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    fn part(&self, why: Parting) {
        let waker = self.desk.lock().part(why);
        waker.into_iter().for_each(Waker::wake);
        self.changed.notify_one();
    }
}

impl Desk {
    /// The connection is to leave, whatever else it was to do; whom to tell.
    fn part(&mut self, why: Parting) -> Option<Waker> {
        if mem::replace(&mut self.gone, true) {
            return None;
        }
        self.errands.clear();
        self.errands.push_back(Errand::Part(why));
        self.waker.take()
    }
}

impl Link {
    /// What the peer says of a parcel; nothing happens if nobody waits for it any more. Receipts come in the order of parcels: one that skips others tells
    /// that those were lost, and that no receipt for them will come.
    pub(crate) fn receipt(&mut self, parcel: ParcelId, receipt: Receipt) {
        let mut desk = self.line.desk.lock();
        let Some(place) = desk.open.iter().position(|open| *open == parcel) else { return };
        desk.open.remove(place);
        desk.stirred = Instant::now();
        desk.receipts.push((parcel, receipt));
        if place == 0 {
            drop(desk);
            self.line.changed.notify_one();
        } else {
            drop(desk);
            tracing::debug!(host = %self.host, "a receipt skipped others; their parcels are sent again");
            self.links.end(&self.host, &self.line, Parting::Unanswered);
        }
    }

    /// Why it is to leave, once it is: for a connection that takes nothing else now.
    pub(crate) fn poll_parting(&mut self, cx: &mut Context<'_>) -> Poll<Parting> {
        let mut desk = self.line.desk.lock();
        if let Some(&Errand::Part(why)) = desk.errands.front() {
            desk.errands.clear();
            return Poll::Ready(why);
        }
        desk.waker = Some(cx.waker().clone());
        Poll::Pending
    }

    /// The next parcel, or that it is to leave.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Errand> {
        let mut desk = self.line.desk.lock();
        if let Some(errand) = desk.errands.pop_front() {
            return Poll::Ready(errand);
        }
        desk.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.links.remove(&self.host, &self.line);
        self.line.desk.lock().gone = true;
        self.line.changed.notify_one();
        gauge!("quintet_peer_links").decrement(1.0);
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::time::Duration;

    use futures_util::FutureExt as _;
    use quintet_core::federation::host::Reach;

    use super::*;

    fn host() -> Host {
        Host::parse("b.example", Reach::Net).unwrap()
    }

    fn carriage(window: u32) -> Carriage {
        Carriage { window, entity_bytes: 100, frame_bytes: 5000, patience: Duration::from_secs(30) }
    }

    fn parcel(id: u64) -> Arc<Parcel> {
        let text = String::new;
        let id = ParcelId(id);
        Arc::new(Parcel { id, signature: text(), signed_at: text(), signed_by: text(), text: "{}".into() })
    }

    fn told(link: &mut Link) -> Option<Errand> {
        poll_fn(|cx| link.poll(cx)).now_or_never()
    }

    #[tokio::test]
    async fn a_line_carries_in_order_within_its_window() {
        let links = Arc::new(Links::default());
        let mut link = links.open(host(), carriage(2), 4);
        let line = links.newest(&host()).unwrap();
        assert_eq!([1, 2, 3].map(|id| line.put(&parcel(id))), [true, true, false]);
        for id in [1, 2] {
            assert!(matches!(told(&mut link), Some(Errand::Send(sent)) if sent.id == ParcelId(id)));
        }
        assert!(told(&mut link).is_none());
        link.receipt(ParcelId(7), Receipt::of(202));
        assert!(line.take().is_empty(), "nobody waits for that one");
        link.receipt(ParcelId(1), Receipt::of(202));
        link.receipt(ParcelId(1), Receipt::of(202));
        assert_eq!(line.take(), [(ParcelId(1), Receipt::of(202))], "one receipt for each");
        assert!(line.put(&parcel(3)));
    }

    #[tokio::test]
    async fn a_receipt_that_skips_another_ends_the_line() {
        let links = Arc::new(Links::default());
        let mut link = links.open(host(), carriage(3), 4);
        let line = links.newest(&host()).unwrap();
        assert!([1, 2, 3].map(|id| line.put(&parcel(id))) == [true; 3]);
        (0..3).for_each(|_| _ = told(&mut link));
        link.receipt(ParcelId(2), Receipt::of(202));
        assert_eq!(line.take(), [(ParcelId(2), Receipt::of(202))], "it was taken all the same");
        assert!(line.is_gone() && links.newest(&host()).is_none());
        assert!(matches!(told(&mut link), Some(Errand::Part(Parting::Unanswered))));
    }

    #[tokio::test]
    async fn a_parting_is_heard_where_no_parcel_is_taken() {
        let links = Arc::new(Links::default());
        let mut link = links.open(host(), carriage(3), 4);
        links.newest(&host()).unwrap().put(&parcel(1));
        assert!(poll_fn(|cx| link.poll_parting(cx)).now_or_never().is_none(), "a parcel is none");
        links.part(&host(), Parting::Blocked);
        assert_eq!(poll_fn(|cx| link.poll_parting(cx)).now_or_never(), Some(Parting::Blocked));
        assert!(told(&mut link).is_none(), "once");
    }

    #[tokio::test]
    async fn what_is_too_large_is_not_taken() {
        let line = Line::new(carriage(1));
        assert!(line.takes(&"a".repeat(100)));
        assert!(!line.takes(&"a".repeat(101)));
        let tight = Line::new(Carriage { frame_bytes: 4196, ..carriage(1) });
        assert!(tight.takes(&"a".repeat(100)));
        assert!(!tight.takes(&"\"".repeat(100)), "quotes are escaped in the message");
    }

    #[tokio::test]
    async fn the_oldest_is_displaced() {
        let links = Arc::new(Links::default());
        let mut first = links.open(host(), carriage(1), 2);
        let line = links.newest(&host()).unwrap();
        line.put(&parcel(1));
        let _second = links.open(host(), carriage(1), 2);
        assert!(!line.is_gone());
        let mut third = links.open(host(), carriage(1), 2);
        assert!(line.is_gone() && !line.put(&parcel(2)));
        assert!(matches!(told(&mut first), Some(Errand::Part(Parting::Displaced))), "before anything else");
        assert_eq!(links.count(&host()), 2);
        links.part(&host(), Parting::Blocked);
        assert!(matches!(told(&mut third), Some(Errand::Part(Parting::Blocked))));
        assert!(links.newest(&host()).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn patience_begins_anew_with_each_receipt() {
        let links = Arc::new(Links::default());
        let mut link = links.open(host(), carriage(2), 2);
        let line = links.newest(&host()).unwrap();
        assert_eq!(line.deadline(), None);
        let begin = Instant::now();
        line.put(&parcel(1));
        line.put(&parcel(2));
        tokio::time::advance(Duration::from_secs(20)).await;
        assert_eq!(line.deadline(), Some(begin + Duration::from_secs(30)));
        link.receipt(ParcelId(1), Receipt::of(202));
        assert_eq!(line.deadline(), Some(begin + Duration::from_secs(50)));
        drop(link);
        line.changed().await;
        assert!(line.is_gone() && links.newest(&host()).is_none());
    }
}
