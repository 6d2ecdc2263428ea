//! The talk between a peer's session and the hall.

use std::task::{Context, Poll};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use quintet_core::{Action, Answer, Call, Frame, Input, Session, Ticket};
use quintet_hub::Outlet;
use quintet_hub::procedures::Errand;

use super::hall::{Asking, Hall};
use super::outlet::{Line, Phase};
use super::patience::{Deadline, Idleness};
use super::registry::Seat;
use super::scratch::Work;
use crate::websocket::deflate::deflate_within;

/// Replies of more bytes than this leave before others join them.
const REPLY: usize = 64 * 1024;

/// A session with its place in the hall, and what it has asked.
pub(super) struct Talk<H> {
    pub(super) hall: H,
    session: Box<dyn Session>,
    /// Only while a call is under way.
    calls: Option<Box<FuturesUnordered<Asking>>>,
    /// Only while the peer is to do something in time: say who it is.
    deadline: Option<Box<Deadline>>,
    /// Only where silence is to end the connection.
    idleness: Option<Box<Idleness>>,
    /// Only while so much waits for another house that it is slow.
    slowness: Option<Box<Deadline>>,
    /// A seat among strangers, until it is known who the peer is.
    stranger: Option<Seat>,
}

impl<H: Hall> Talk<H> {
    pub(super) fn new(session: Box<dyn Session>, hall: H) -> Self {
        Self { hall, session, calls: None, deadline: None, idleness: None, slowness: None, stranger: None }
    }

    /// Gives the peer a seat among strangers, for as long as it is one.
    pub(super) fn seat_stranger(&mut self, seat: Option<Seat>) {
        if self.hall.is_stranger() {
            self.stranger = seat;
        }
    }

    /// How many calls are under way.
    fn calls(&self) -> usize {
        self.calls.as_ref().map_or(0, |calls| calls.len())
    }

    /// Must the peer's next message wait for a call under way?
    pub(super) fn waits(&self) -> bool {
        self.calls.is_some() && self.session.waits()
    }

    /// Does the peer wait for so many answers that it is to read some first? A worker does not: the calls that it makes may be waiting for what it
    /// says next. The bound on all calls of procedures holds for it. Another house has a window instead, which its session keeps ([`Talk::waits`]).
    pub(super) fn has_asked_enough(&self, most: usize) -> bool {
        self.calls() >= most && !self.hall.is_worker() && !self.hall.is_peer()
    }

    /// Is a call under way, of the peer or to it?
    pub(super) fn is_at_work(&self) -> bool {
        self.calls() > 0 || self.hall.has_orders()
    }

    /// Is the peer to say no more while it leaves? A worker's results are waited for.
    pub(super) fn has_said_enough(&self) -> bool {
        !self.hall.is_worker()
    }

    /// Takes notice of how much waits for another house: it may read slowly, but not for ever.
    pub(super) fn watch(&mut self, line: &Line, most: usize) {
        if !self.hall.is_peer() || line.waiting() <= most {
            self.slowness = None;
        } else if self.slowness.is_none() {
            self.slowness = Some(Box::new(Deadline::to_read()));
        }
    }

    /// With which code and reason the peer's time is over, if it is. Wakes the task when it is.
    pub(super) fn is_over(&mut self, cx: &mut Context<'_>) -> Option<(u16, &'static str)> {
        if let Some(end) = self.slowness.as_mut().and_then(|slowness| slowness.poll(cx)) {
            return Some(end);
        }
        let late = self.deadline.as_mut().and_then(|deadline| deadline.poll(cx));
        late.or_else(|| self.idleness.as_mut().and_then(|idleness| idleness.poll(cx)))
    }

    /// Is what the peer says heard while it does not read? It is to be sent nothing but answers then.
    pub(super) fn listens_when_full(&self) -> bool {
        self.hall.is_peer()
    }

    /// Tells the session what happened, and does what it says, in order.
    pub(super) fn tell(&mut self, input: Input<'_>, line: &Line, work: &mut Work, cx: &mut Context<'_>) {
        if let (Some(idleness), Input::Text(_) | Input::Binary(_)) = (&mut self.idleness, &input) {
            idleness.interrupt();
        }
        let now = self.hall.now();
        self.session.handle(input, now, &mut work.actions);
        self.perform(line, work, cx);
    }

    /// Tells the session the answers and orders that have come, until so much waits for the peer that it is to read first.
    pub(super) fn collect(&mut self, line: &Line, most: usize, work: &mut Work, cx: &mut Context<'_>) {
        while let Some(calls) = &mut self.calls
            && !is_stuffed(&self.hall, line, most)
        {
            match calls.poll_next_unpin(cx) {
                Poll::Ready(Some((ticket, answer))) => {
                    self.hall.mark();
                    self.tell(Input::Answer(ticket, answer), line, work, cx);
                }
                Poll::Ready(None) => self.calls = None,
                Poll::Pending => break,
            }
        }
        // A house that is about to be left is sent no more.
        while !(line.is_full() || line.is_leaving() && self.hall.is_peer())
            && let Poll::Ready(errand) = self.hall.poll_errand(cx)
        {
            let input = match errand {
                Errand::Do(id, order) => Input::Order(id, order),
                Errand::Cancel(id) => Input::Cancel(id),
                Errand::Send(parcel) => Input::Parcel(parcel),
                Errand::Part(why) => Input::Part(why),
            };
            self.tell(input, line, work, cx);
        }
        // Who does not read is left all the same.
        if line.is_full()
            && let Poll::Ready(why) = self.hall.poll_parting(cx)
        {
            self.tell(Input::Part(why), line, work, cx);
        }
    }

    /// Does what is to be done, and whatever follows from the answers that come at once.
    pub(super) fn perform(&mut self, line: &Line, work: &mut Work, cx: &mut Context<'_>) {
        loop {
            let mut actions = std::mem::take(&mut work.actions);
            for action in actions.drain(..) {
                self.act(action, line, work, cx);
            }
            work.actions = actions;
            let Some((ticket, answer)) = work.answers.pop_front() else { return };
            self.session.handle(Input::Answer(ticket, answer), self.hall.now(), &mut work.actions);
        }
    }

    fn act(&mut self, action: Action, line: &Line, work: &mut Work, cx: &mut Context<'_>) {
        match action {
            Action::Send(frame) => self.send(frame, line, work),
            Action::Authenticate(ticket, credential) => {
                work.answers.push_back((ticket, self.hall.authenticate(&credential).map(Answer::Identity)));
                if !self.hall.is_stranger() {
                    self.stranger = None;
                }
            }
            Action::Subscribe(ticket, pattern) => {
                // What is heard from here on stands behind what was said before.
                flush(line, work);
                let answer = self.hall.subscribe(pattern).map(|readable| Answer::Subscribed { readable });
                work.answers.push_back((ticket, answer));
            }
            Action::Unsubscribe(pattern) => self.hall.unsubscribe(&pattern),
            Action::Publish(ticket, topics, body) => {
                flush(line, work);
                work.answers.push_back((ticket, self.hall.publish(topics, body).map(|()| Answer::Done)));
            }
            Action::Call(ticket, call) => {
                // Before what the call causes to be heard; written together with its answer, where that comes at once.
                lay(line, work);
                self.call(ticket, call, work, cx);
            }
            Action::Hold => self.hall.hold(),
            Action::Release(known) => {
                // What was said so far stands ahead of what was kept back.
                flush(line, work);
                self.hall.release(known);
            }
            Action::Positions(positions) => self.hall.hear_positions(positions),
            Action::Offer(ticket, offers, calls) => {
                work.answers.push_back((ticket, self.hall.offer(offers, calls).map(|()| Answer::Done)));
            }
            Action::Drain => self.hall.drain(),
            Action::Result(order, result) => self.hall.result(order, result),
            Action::Carry(ticket, carriage) => {
                work.answers.push_back((ticket, self.hall.carry(carriage).map(|()| Answer::Done)));
            }
            Action::Receipt(parcel, receipt) => self.hall.receipt(parcel, receipt),
            Action::CloseAfter(time, code, reason) => {
                self.deadline = Some(Box::new(Deadline::after(time, code, reason)));
            }
            Action::IdleAfter(time) => self.idleness = time.map(|time| Box::new(Idleness::after(time))),
            Action::Deadline(time) => self.deadline = time.map(|time| Box::new(Deadline::to_say_who(time))),
            Action::Close(code, reason) => {
                flush(line, work);
                line.close(code, &reason);
            }
        }
    }

    /// Sends a reply, behind what the peer has said before and hears itself.
    fn send(&mut self, frame: Frame, line: &Line, work: &mut Work) {
        if let Some(idleness) = &mut self.idleness {
            idleness.interrupt();
        }
        if self.hall.is_behind() {
            flush(line, work);
            let frame = dress(frame.clone(), line);
            let length = frame.as_bytes().len();
            line.expect(length);
            if self.hall.send_behind(frame.as_bytes()) {
                return;
            }
            line.arrived(length);
        }
        reply(frame, line, work);
    }

    /// Begins a call at once, so that calls begin in the order in which they were made.
    fn call(&mut self, ticket: Ticket, call: Call, work: &mut Work, cx: &mut Context<'_>) {
        let mut asking = self.hall.ask(ticket, call);
        match asking.as_mut().poll(cx) {
            Poll::Ready(answered) => {
                self.hall.mark();
                work.answers.push_back(answered);
            }
            Poll::Pending => self.calls.get_or_insert_default().push(asking),
        }
    }
}

/// Does so much wait for a peer that it is to read first?
pub(super) fn is_stuffed<H: Hall>(hall: &H, line: &Line, most: usize) -> bool {
    line.is_full() && (!hall.is_peer() || line.is_overfull(most))
}

/// Sends a frame to this peer, together with others.
pub(super) fn reply(frame: Frame, line: &Line, work: &mut Work) {
    let frame = dress(frame, line);
    work.send_bytes += frame.as_bytes().len();
    work.sends.push(frame);
    if work.send_bytes > REPLY {
        flush(line, work);
    }
}

/// A frame as this peer wants it.
fn dress(frame: Frame, line: &Line) -> Frame {
    match line.window_bits() {
        Some(bits) => deflate_within(&frame, bits),
        None => frame,
    }
}

/// Writes the replies so far, in one piece. Those to a peer that is being closed are dropped.
pub(super) fn flush(line: &Line, work: &mut Work) {
    if work.send_bytes > 0 && line.phase() == Phase::Open {
        line.say(&work.sends);
    }
    work.sends.clear();
    work.send_bytes = 0;
}

/// Has the replies so far stand before whatever is heard from here on; [`flush`] writes them.
fn lay(line: &Line, work: &mut Work) {
    if !work.sends.is_empty() && line.phase() == Phase::Open {
        line.lay(&work.sends);
    }
    work.sends.clear();
}
