//! The handshake, from either side: three Hellos, after which each knows freshly who the other is (versia.md, section 2.4).

use quintet_core::dialect::Carriage;
use quintet_core::federation::Own;
use quintet_core::federation::{Ask, Form, Host, Pen, Signer, Verified};
use quintet_core::{Action, Error, Timestamp};

use super::hello::{self, Hello};
use super::{HELLO, ask, enter};
use crate::envelope::{self, Frame, Letter};
use crate::house::House;
use crate::{signer, signing};

/// A handshake under way.
pub(super) struct Handshake {
    own: Host,
    /// Whom we called; `None` where we were.
    called: Option<Host>,
    /// Of the socket's URL: Hellos are signed for it.
    path: String,
    /// Ours, new for this connection.
    nonce: String,
    pen: Option<Pen>,
    /// The peer's last Hello, and whose it says that it is.
    theirs: Option<(Hello, Host)>,
    step: Step,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// The peer's first Hello is not here.
    Listens,
    /// Its signature is being checked.
    Checks,
    /// We called, and its signature holds; ours waits for the pen.
    Answers,
    /// We called, and have answered: its second Hello is not here.
    ListensAgain,
    /// The second one's signature is being checked.
    ChecksAgain,
    /// The peer becomes who it is.
    Enters,
}

/// What a step led to.
pub(super) enum Outcome {
    /// Not there yet.
    Waits,
    /// Both know each other.
    Done {
        /// Who it is.
        peer: Host,
        /// Whether it was us who called.
        dialed: bool,
        /// What it takes.
        carriage: Carriage,
    },
}

impl Handshake {
    /// With whoever came to us, at this path.
    pub(super) fn accepting(own: Host, path: &str, fresh: u128) -> Self {
        Self::new(own, None, path, fresh)
    }

    /// With a server that we called, at this path of its.
    pub(super) fn dialing(own: Host, peer: Host, path: &str, fresh: u128) -> Self {
        Self::new(own, Some(peer), path, fresh)
    }

    fn new(own: Host, called: Option<Host>, path: &str, fresh: u128) -> Self {
        let nonce = hello::nonce(fresh);
        Self { own, called, path: path.to_owned(), nonce, pen: None, theirs: None, step: Step::Listens }
    }

    /// Whether what the peer says next may be more than a Hello: behind its last one, messages may come at once.
    pub(super) fn waits(&self) -> bool {
        self.step == Step::ChecksAgain
    }

    /// A frame came. It must be the Hello whose turn it is.
    pub(super) fn hear(
        &mut self,
        house: &House,
        text: &str,
        now: Timestamp,
        actions: &mut Vec<Action>,
    ) -> Result<(), Error> {
        let next = match self.step {
            // Who comes to us answers our nonce, so it cannot be first.
            Step::Listens if self.called.is_some() || self.pen.is_some() => Step::Checks,
            Step::ListensAgain => Step::ChecksAgain,
            _ => return Err(Error::unauthenticated("a message before the end of the handshake")),
        };
        let Frame::Message(message) = Frame::read(text)? else {
            return Err(Error::unauthenticated("the first frame is no Hello"));
        };
        let letter = message.open(house, self.called.as_ref(), now)?;
        let Signer::Instance(host, _) = letter.signer.clone() else {
            return Err(Error::unauthenticated("a Hello is signed by a server, not by a user"));
        };
        let hello = Hello::read(&letter.entity)?;
        self.check(&hello, &host)?;
        actions.push(self.verify(&letter));
        self.theirs = Some((hello, host));
        self.step = next;
        Ok(())
    }

    /// Whether a Hello is for us, for this connection, and from whom it says.
    fn check(&self, hello: &Hello, host: &Host) -> Result<(), Error> {
        let wrong = |what: &str| Err(Error::unauthenticated(format!("{what} of the Hello is wrong")));
        let is_first = self.called.is_some() && self.step == Step::Listens;
        let (to, answer) = if is_first { (None, None) } else { (Some(self.own.as_str()), Some(self.nonce.as_str())) };
        if hello.host != host.as_str() {
            return wrong("host");
        }
        if hello.to.as_deref() != to {
            return wrong("to");
        }
        if hello.answer.as_deref() != answer {
            return wrong("answer");
        }
        match &self.theirs {
            Some((first, _)) if first.nonce != hello.nonce => wrong("nonce"),
            _ => Ok(()),
        }
    }

    fn verify(&self, letter: &Letter<'_>) -> Action {
        let text = signing::text(signing::GET, &self.path, &letter.signed_at_text, letter.entity.as_bytes());
        // Nonces make it fresh, so it need not be remembered.
        Action::Call(HELLO, ask(Ask::Verify(Box::new(letter.signed(vec![text], false)), None)))
    }

    /// Something to sign with is there.
    pub(super) fn take_pen(&mut self, house: &House, pen: Pen, now: Timestamp, actions: &mut Vec<Action>) {
        self.pen = Some(pen);
        if self.called.is_none() {
            self.say(house, now, actions);
        } else if self.step == Step::Answers {
            self.answer(house, now, actions);
        }
    }

    /// The peer's signature holds.
    pub(super) fn believe(
        &mut self,
        house: &House,
        verified: Box<Verified>,
        now: Timestamp,
        actions: &mut Vec<Action>,
    ) {
        match self.step {
            Step::Checks if self.called.is_some() && self.pen.is_some() => self.answer(house, now, actions),
            Step::Checks if self.called.is_some() => self.step = Step::Answers,
            Step::Checks | Step::ChecksAgain => {
                self.step = Step::Enters;
                actions.push(enter(verified));
            }
            _ => {}
        }
    }

    /// The peer is who it said: the last Hello, where that is ours.
    pub(super) fn finish(&mut self, house: &House, now: Timestamp, actions: &mut Vec<Action>) -> Outcome {
        if self.called.is_none() {
            self.say(house, now, actions);
        }
        match self.theirs.take() {
            Some((hello, peer)) if self.step == Step::Enters => {
                Outcome::Done { peer, dialed: self.called.is_some(), carriage: hello.carriage(&house.limits) }
            }
            _ => Outcome::Waits,
        }
    }

    fn answer(&mut self, house: &House, now: Timestamp, actions: &mut Vec<Action>) {
        self.step = Step::ListensAgain;
        self.say(house, now, actions);
    }

    /// Says our Hello: to the peer, and in answer to it, where we have heard of it.
    fn say(&self, house: &House, now: Timestamp, actions: &mut Vec<Action>) {
        let Some(pen) = &self.pen else { return };
        let (to, answer) = self.theirs.as_ref().map(|(hello, host)| (host, hello.nonce.as_str())).unzip();
        let entity = Hello::new(&self.own, to, &self.nonce, answer, &house.limits, now).entity();
        let signed_at = now.seconds().to_string();
        let text = signing::text(signing::GET, &self.path, &signed_at, entity.as_bytes());
        let signature = signing::spell_signature(&pen.sign(&Own::House, text.as_bytes()));
        let signed_by = signer::spell_instance(&self.own, Form::Uri);
        actions.push(Action::Send(envelope::write(&signature, &signed_at, &signed_by, &entity)));
    }
}
