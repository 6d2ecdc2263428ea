//! One peer's side of `/client`. Every message stands for itself; all that is remembered is what calls of procedures are to be answered under.

use quintet_core::chat::NewChat;
use quintet_core::procedure::Invocation;
use quintet_core::{Action, Answer, Body, Call, Error, Frame, Input, Ticket, Timestamp, dialect};

use crate::address;
use crate::refusal::Refusal;
use crate::wire;
use crate::wire::client_message::{self, ClientMessage, Reacted, Typing, Written};
use crate::wire::procedure::{Called, Payload};
use crate::wire::server_message::ServerMessage;

/// The ticket of the subscriptions.
pub(crate) const SUBSCRIBED: Ticket = Ticket(0);
/// The ticket of what is not kept: nobody is told when it is not taken.
const TYPED: Ticket = Ticket(1);
/// The ticket of chats and reactions: their frames are the acknowledgement, an error frame the refusal.
const ASKED: Ticket = Ticket(2);
/// What the tickets of calls of procedures have in common; the rest is their number.
const CALLED: u32 = 1 << 31;

/// A connection's protocol state.
#[derive(Debug, Default)]
pub(crate) struct Session {
    /// The calls of procedures under way, with their `ref`. The server takes no more messages while there are [`quintet_core::Limits::connection_calls`].
    called: Vec<(Ticket, Payload)>,
    /// The number of the next one.
    next: u32,
}

impl dialect::Session for Session {
    fn handle(&mut self, input: Input<'_>, now: Timestamp, actions: &mut Vec<Action>) {
        match input {
            Input::Text(text) => match ClientMessage::read(text) {
                Ok(Some(message)) => actions.push(self.act(message, now)),
                Ok(None) => {}
                Err(error) => {
                    let reference = client_message::reference(text);
                    actions.push(Action::Send(Refusal::from(&error).frame_to(reference.as_ref())));
                }
            },
            Input::Binary(_) => {
                actions.push(refuse(&Error::bad_message("binary message: send JSON in a text message")));
            }
            Input::Answer(ticket, answer) if ticket.0 & CALLED != 0 => {
                actions.extend(self.answered(ticket, answer).map(Action::Send));
            }
            // "Ignore unknown or invisible channels": typing is too fleeting to argue about.
            Input::Answer(TYPED, _)
            | Input::Answer(_, Ok(_))
            | Input::Order(..)
            | Input::Cancel(_)
            | Input::Parcel(_)
            | Input::Part(_) => {}
            Input::Refused(error) | Input::Answer(_, Err(error)) => actions.push(refuse(&error)),
        }
    }
}

impl Session {
    fn act(&mut self, message: ClientMessage, now: Timestamp) -> Action {
        match message {
            ClientMessage::Typing(typing) => publish(&typing, now),
            ClientMessage::Written(written) => Action::Call(ASKED, post(written)),
            ClientMessage::Reacted(reacted) => Action::Call(ASKED, react(reacted)),
            ClientMessage::Called(called) => self.call(called),
        }
    }

    fn call(&mut self, Called { name, payload, reference }: Called) -> Action {
        let ticket = Ticket(CALLED | self.next);
        self.next = (self.next + 1) & !CALLED;
        self.called.push((ticket, reference.unwrap_or_else(Payload::null)));
        let payload = payload.unwrap_or_else(Payload::null).0;
        // A connection is named where it hears what is said to it alone; here is no word for that.
        let invocation = Invocation { name: name.0.into(), payload, connection: None, extra: None };
        Action::Call(ticket, Call::Invoke(Box::new(invocation)))
    }

    fn answered(&mut self, ticket: Ticket, answer: Result<Answer, Error>) -> Option<Frame> {
        let place = self.called.iter().position(|(asked, _)| *asked == ticket)?;
        let (_, reference) = self.called.swap_remove(place);
        Some(match answer {
            Ok(Answer::Outcome(outcome)) => {
                let payload = Payload(outcome.payload);
                Frame::text(&wire::json(&ServerMessage::ProcedureAnswered { reference: &reference, payload }))
            }
            other => Refusal::unexpected(other).frame_to(Some(&reference)),
        })
    }
}

fn refuse(error: &Error) -> Action {
    Action::Send(Refusal::from(error).frame())
}

/// "`chat_typing` without `sentAt`: docs → server's receive time [...] **Take docs.** A given `sentAt` is passed on unchanged."
fn publish(typing: &Typing, now: Timestamp) -> Action {
    let room = typing.channel_id.0;
    let sent_at = typing.sent_at.map_or(now, |sent_at| sent_at.0);
    let thread = typing.thread_id.map(|thread| thread.0);
    Action::Publish(TYPED, vec![address::channel_topic(room)], Body::Typing { room, thread, sent_at })
}

fn post(written: Written) -> Call {
    Call::PostChat(NewChat {
        room: written.channel_id.0,
        thread: written.thread_id.map(|thread| thread.0),
        content: written.content.0,
        sent_at: written.sent_at.map(|sent_at| sent_at.0),
        subject: None,
    })
}

fn react(reacted: Reacted) -> Call {
    Call::React { chat: reacted.chat_id.0, reaction: reacted.reaction.0, adding: reacted.adding }
}

#[cfg(test)]
mod tests;
