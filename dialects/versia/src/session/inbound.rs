//! Inbound: messages of the peer on their way to the disk. Their signatures are checked side by side; they are taken, and answered, in the order of arrival.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use quintet_core::federation::desk::Allowance;
use quintet_core::federation::{Ask, Deed, Form, Host, Incoming, Own, Signer, Target, Told, Verified};
use quintet_core::limits::size;
use quintet_core::{Action, Answer, Error, Frame, Kind, Ticket, Timestamp};
use serde::Serialize;

use super::hello::Hello;
use super::talk::Ending;
use super::{MESSAGE, USELESS, ask};
use crate::envelope::{Envelope, Letter};
use crate::house::House;
use crate::{entity, naming, signing};

/// So many errors without a success between them end a connection …
const ERRORS: u32 = 100;
/// … within this time, in milliseconds (versia.md, section 2.8).
const ERROR_TIME: i64 = 10_000;
/// Personal inboxes that a message may have been signed for instead of the shared one (versia.md, section 1.3, R3).
const OTHER_INBOXES: usize = 4;
/// When a peer that was too fast may try again.
const BREATH: u64 = 1;

/// Messages without a receipt.
pub(super) struct Inbound {
    house: Arc<House>,
    peer: Host,
    slots: VecDeque<Slot>,
    /// The number of the first of them.
    first: u32,
    /// How many of them are begun: the store has them, or will never have.
    begun: usize,
    /// Size of their entities.
    bytes: usize,
    errors: Errors,
}

struct Slot {
    /// By what its receipt names it.
    reference: Option<String>,
    /// Size of its entity.
    bytes: usize,
    step: Step,
}

enum Step {
    /// Its signature is being checked. What is wrong with the entity counts only if that holds.
    Checks(Result<Arc<Incoming>, Error>),
    /// It waits for those before it.
    Ready(Box<Verified>, Arc<Incoming>),
    /// The store has it.
    Enters,
    /// It is on disk, or never will be.
    Over(Result<(), Error>),
}

/// Errors without a success between them.
#[derive(Default)]
struct Errors {
    count: u32,
    since: Option<Timestamp>,
}

impl Inbound {
    pub(super) fn new(house: &Arc<House>, peer: Host) -> Self {
        let (slots, errors) = (VecDeque::new(), Errors::default());
        Self { house: Arc::clone(house), peer, slots, first: 0, begun: 0, bytes: 0, errors }
    }

    pub(super) fn is_full(&self) -> bool {
        let limits = &self.house.limits;
        self.slots.len() >= size(limits.peer_window).max(1) || self.bytes >= size(limits.peer_window_bytes).max(1)
    }

    /// A message came.
    pub(super) fn take(
        &mut self,
        message: Envelope<'_>,
        now: Timestamp,
        actions: &mut Vec<Action>,
    ) -> Result<(), Ending> {
        let reference = message.reference();
        let letter = match message.open(&self.house, Some(&self.peer), now) {
            Ok(letter) => letter,
            Err(error) => return self.push_over(reference, error, now, actions),
        };
        let incoming = entity::read(&self.house, &letter.signer, &letter.entity).map(Arc::new);
        if is_hello(&incoming, &letter.entity) {
            let error = Error::bad_message("a Hello after the handshake");
            return self.push_over(reference, error, now, actions);
        }
        let signed = letter.signed(texts(&letter, incoming.as_deref().ok()), true);
        let known = incoming.as_ref().ok().cloned();
        let number = self.number_of(self.slots.len());
        let bytes = letter.entity.len();
        self.bytes += bytes;
        self.slots.push_back(Slot { reference, bytes, step: Step::Checks(incoming) });
        actions.push(Action::Call(Ticket(number), ask(Ask::Verify(Box::new(signed), known))));
        Ok(())
    }

    /// Something came that is no message, or was not taken; it is answered in its turn.
    pub(super) fn refuse(
        &mut self,
        reference: Option<String>,
        error: &Error,
        now: Timestamp,
        actions: &mut Vec<Action>,
    ) -> Result<(), Ending> {
        let mut same = Error::new(error.kind(), error.public());
        if let Some(data) = error.data() {
            same = same.with_data(data.to_owned());
        }
        self.push_over(reference, same, now, actions)
    }

    /// The hall answered.
    pub(super) fn answer(
        &mut self,
        number: u32,
        result: Result<Answer, Error>,
        now: Timestamp,
        actions: &mut Vec<Action>,
    ) -> Result<(), Ending> {
        let place = usize::try_from(number.wrapping_sub(self.first) & !MESSAGE).unwrap_or(usize::MAX);
        let slot = self.slots.get_mut(place).filter(|_| number & MESSAGE != 0);
        let Some(slot) = slot else { return Ok(()) };
        let step = std::mem::replace(&mut slot.step, Step::Enters);
        slot.step = match (step, result) {
            (step, Err(error)) => step.fail(error),
            (Step::Checks(incoming), Ok(Answer::Federation(Told::Verified(verified)))) => checked(verified, incoming),
            (Step::Enters, Ok(Answer::Federation(Told::Received(..)))) => Step::Over(Ok(())),
            (step, Ok(_)) => step.fail(Error::internal("an answer of another kind")),
        };
        self.advance(now, actions)
    }

    fn push_over(
        &mut self,
        reference: Option<String>,
        error: Error,
        now: Timestamp,
        actions: &mut Vec<Action>,
    ) -> Result<(), Ending> {
        self.slots.push_back(Slot { reference, bytes: 0, step: Step::Over(Err(error)) });
        self.advance(now, actions)
    }

    /// Begins what can be begun, and answers what can be answered: both strictly in order.
    fn advance(&mut self, now: Timestamp, actions: &mut Vec<Action>) -> Result<(), Ending> {
        while let Some(slot) = self.slots.get_mut(self.begun) {
            match std::mem::replace(&mut slot.step, Step::Enters) {
                Step::Ready(verified, incoming) => {
                    let ticket = Ticket(self.number_of(self.begun));
                    actions.push(Action::Call(ticket, ask(Ask::Receive(verified, incoming))));
                }
                step @ Step::Checks(_) => {
                    slot.step = step;
                    break;
                }
                step => slot.step = step,
            }
            self.begun += 1;
        }
        while let Some(Slot { step: Step::Over(_), .. }) = self.slots.front() {
            let Some(Slot { reference, bytes, step: Step::Over(result) }) = self.slots.pop_front() else { break };
            self.bytes -= bytes;
            self.first = self.first.wrapping_add(1) & !MESSAGE;
            self.begun -= 1;
            self.errors.count(&result, now)?;
            actions.push(Action::Send(receipt(reference.as_deref(), &result)));
        }
        Ok(())
    }

    fn number_of(&self, place: usize) -> u32 {
        // No more than a window of them is there.
        MESSAGE | self.first.wrapping_add(u32::try_from(place).unwrap_or(u32::MAX))
    }
}

impl Step {
    /// The hall did not do it. What is over already stays as it is.
    fn fail(self, error: Error) -> Self {
        match self {
            Self::Over(_) => self,
            _ => Self::Over(Err(error)),
        }
    }
}

impl Errors {
    fn count(&mut self, result: &Result<(), Error>, now: Timestamp) -> Result<(), Ending> {
        if result.is_ok() {
            *self = Self::default();
            return Ok(());
        }
        let since = self.since.filter(|since| now.millis() - since.millis() < ERROR_TIME);
        self.count = if since.is_some() { self.count + 1 } else { 1 };
        self.since = since.or(Some(now));
        if self.count > ERRORS { Err((USELESS, "nothing but errors".to_owned())) } else { Ok(()) }
    }
}

fn checked(verified: Box<Verified>, incoming: Result<Arc<Incoming>, Error>) -> Step {
    match incoming {
        // Exactly this is on disk already.
        _ if verified.known => Step::Over(Ok(())),
        Ok(incoming) => Step::Ready(verified, incoming),
        Err(error) => Step::Over(Err(error)),
    }
}

fn is_hello(incoming: &Result<Arc<Incoming>, Error>, text: &str) -> bool {
    incoming.as_ref().map_or(true, |incoming| matches!(incoming.deed, Deed::Unknown)) && Hello::is(text)
}

/// What may have been signed: the delivery to our shared inbox, or to the one of a user of ours whom it is for.
fn texts(letter: &Letter<'_>, incoming: Option<&Incoming>) -> Vec<String> {
    let (at, body) = (&*letter.signed_at_text, letter.entity.as_bytes());
    let shared = match &letter.signer {
        Signer::User(_) | Signer::Instance(_, Form::Uri) => signing::SHARED_INBOX,
        Signer::Instance(_, Form::Reference) => return signing::texts_for(&[signing::INBOX], at, body),
    };
    let users = incoming.filter(|_| matches!(letter.signer, Signer::User(_))).map(own_users).unwrap_or_default();
    let personal: Vec<_> = users.iter().filter_map(|user| Some(naming::path(user)? + signing::SHARED_INBOX)).collect();
    let paths: Vec<_> = [shared].into_iter().chain(personal.iter().map(String::as_str)).collect();
    signing::texts_for(&paths, at, body)
}

/// The users of ours whom an entity names.
fn own_users(incoming: &Incoming) -> Vec<Own> {
    let named: &[Target] = match &incoming.deed {
        Deed::Note(said) => &said.mentions,
        Deed::Follow(target) | Deed::Unfollow(target) => std::slice::from_ref(target),
        Deed::Accept { follower, .. } | Deed::Reject { follower, .. } => std::slice::from_ref(follower),
        _ => &[],
    };
    let own = |target: &Target| match target {
        Target::Own(user @ Own::User(_)) => Some(user.clone()),
        _ => None,
    };
    named.iter().filter_map(own).take(OTHER_INBOXES).collect()
}

/// What is said of a message (versia.md, section 2.6).
fn receipt(reference: Option<&str>, result: &Result<(), Error>) -> Frame {
    #[derive(Serialize)]
    struct Spelled<'a> {
        in_reply_to: Option<&'a str>,
        status: u16,
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_after: Option<u64>,
    }
    let (status, error) = match result {
        Ok(()) => (202, None),
        Err(error) => (error.status(), Some(error)),
    };
    let retry_after = error.filter(|error| error.kind() == Kind::TooMany).map(|error| wait(error).as_secs());
    let spelled = Spelled { in_reply_to: reference, status, error: error.map(Error::public), retry_after };
    Frame::text(&serde_json::to_string(&spelled).expect("texts and numbers are JSON"))
}

/// How long a peer that was too fast is to wait.
fn wait(error: &Error) -> Duration {
    let allowance = error.data().and_then(|data| serde_json::from_str::<Allowance>(data.get()).ok());
    Duration::from_secs(allowance.map_or(BREATH, |allowance| allowance.reset.max(BREATH)))
}
