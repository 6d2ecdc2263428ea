//! After the handshake: three kinds of frames in, two out (versia.md, section 2.5).

use std::sync::Arc;

use quintet_core::dialect::Parting;
use quintet_core::federation::Host;
use quintet_core::{Action, Error, Input, Ticket, Timestamp};

use super::inbound::Inbound;
use super::outbound::Outbound;
use super::{AWAY, BLOCKED, CARRY, DISPLACED};
use crate::envelope::Frame;
use crate::house::House;

/// A talk between two servers that know each other.
pub(super) struct Talk {
    inbound: Inbound,
    outbound: Outbound,
}

/// Why a socket is closed: code and reason.
pub(super) type Ending = (u16, String);

impl Talk {
    pub(super) fn new(house: &Arc<House>, peer: Host) -> Self {
        Self { inbound: Inbound::new(house, peer), outbound: Outbound::default() }
    }

    /// Whether the peer has so much without a receipt that no more is read of it.
    pub(super) fn waits(&self) -> bool {
        self.inbound.is_full()
    }

    /// What happened; `Err` where the socket is to be closed.
    pub(super) fn handle(&mut self, input: Input<'_>, now: Timestamp, actions: &mut Vec<Action>) -> Result<(), Ending> {
        match input {
            Input::Text(text) => self.hear(text, now, actions),
            Input::Refused(error) => self.inbound.refuse(None, &error, now, actions),
            Input::Answer(CARRY, Err(error)) => Err((BLOCKED, error.public().to_owned())),
            Input::Answer(Ticket(number), result) => self.inbound.answer(number, result, now, actions),
            Input::Parcel(parcel) => {
                self.outbound.send(parcel, actions);
                Ok(())
            }
            // The others are not for this room, or were dealt with before.
            Input::Binary(_) | Input::Order(..) | Input::Cancel(_) | Input::Part(_) => Ok(()),
        }
    }

    fn hear(&mut self, text: &str, now: Timestamp, actions: &mut Vec<Action>) -> Result<(), Ending> {
        match Frame::read(text) {
            Ok(Frame::Message(message)) => self.inbound.take(message, now, actions),
            Ok(Frame::Receipt(reply)) => {
                self.outbound.settle(&reply, actions);
                Ok(())
            }
            Ok(Frame::Other) => {
                let error = Error::bad_message("frame is neither a message nor a receipt");
                self.inbound.refuse(None, &error, now, actions)
            }
            Err(error) => self.inbound.refuse(None, &error, now, actions),
        }
    }
}

/// The code and reason with which the hall's wish to part is told (versia.md, section 2.8).
pub(super) fn parting(why: Parting) -> (u16, &'static str) {
    match why {
        Parting::Displaced => (DISPLACED, "a newer connection takes its place"),
        Parting::Blocked => (BLOCKED, "this server is blocked"),
        Parting::Unanswered => (AWAY, "no receipt in time"),
    }
}
