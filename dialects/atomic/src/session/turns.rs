//! Turns: a peer is answered in the order in which it asked, whatever is known first.

use std::collections::VecDeque;

use quintet_core::{Action, Ticket};

use crate::reading::Told;

/// What an answer to a call carries in its ticket, so that it is none of the fixed ones.
const CALL: u32 = 1 << 31;

/// What a call is for.
pub(super) enum Asked {
    /// A `GET`.
    Resource {
        /// What was asked for, letter by letter.
        echo: Box<str>,
        /// What to make of the answer.
        told: Told,
    },
    /// A `COMMIT`.
    Commit {
        /// Its name.
        signature: Box<str>,
    },
    /// `SUBSCRIBE` with a list.
    Roll,
    /// A `RESUME`.
    Resume,
}

/// One question.
enum Turn {
    /// Its answer is awaited.
    UnderWay(Asked),
    /// What its answer makes to be done, once everything before it is.
    Settled(Vec<Action>),
}

/// The questions that are not answered yet, and the answers that wait for them. The first one is always under way.
#[derive(Default)]
pub(super) struct Turns {
    waiting: VecDeque<Turn>,
    /// The number of the first one.
    first: u32,
    /// How many of those under way are commits, and how many are not.
    commits: usize,
    reads: usize,
    /// What the answers that wait would send.
    bytes: usize,
}

impl Turns {
    /// A question to the hall, whose answer will carry this ticket.
    pub(super) fn ask(&mut self, asked: Asked) -> Ticket {
        *self.count(&asked) += 1;
        let number = u32::try_from(self.waiting.len()).unwrap_or(u32::MAX);
        self.waiting.push_back(Turn::UnderWay(asked));
        Ticket(CALL | self.first.wrapping_add(number))
    }

    /// Something that is known already: at once, or behind what is not.
    pub(super) fn say(&mut self, action: Action, actions: &mut Vec<Action>) {
        if self.waiting.is_empty() {
            return actions.push(action);
        }
        self.bytes += bytes(&action);
        self.waiting.push_back(Turn::Settled(vec![action]));
    }

    /// What the call with this ticket was for; its answer is there. [`Turns::settle`] follows.
    pub(super) fn take(&mut self, ticket: Ticket) -> Option<Asked> {
        let turn = self.waiting.get_mut(self.place(ticket)?)?;
        if matches!(turn, Turn::Settled(_)) {
            return None;
        }
        let Turn::UnderWay(asked) = std::mem::replace(turn, Turn::Settled(Vec::new())) else { return None };
        *self.count(&asked) -= 1;
        Some(asked)
    }

    fn count(&mut self, asked: &Asked) -> &mut usize {
        if matches!(asked, Asked::Commit { .. }) { &mut self.commits } else { &mut self.reads }
    }

    /// What the answer with this ticket makes to be done: at once, with all that waited for it, or when its turn has come.
    pub(super) fn settle(&mut self, ticket: Ticket, answer: Vec<Action>, actions: &mut Vec<Action>) {
        match self.place(ticket) {
            Some(0) => {
                actions.extend(answer);
                self.advance(actions);
            }
            Some(place) => {
                self.bytes += answer.iter().map(bytes).sum::<usize>();
                self.waiting[place] = Turn::Settled(answer);
            }
            None => {}
        }
    }

    /// The first one is done: so are those behind it that were only waiting for that.
    fn advance(&mut self, actions: &mut Vec<Action>) {
        while let Some(Turn::Settled(_)) = self.waiting.front() {
            if let Some(Turn::Settled(answer)) = self.waiting.pop_front() {
                self.bytes -= answer.iter().map(bytes).sum::<usize>();
                actions.extend(answer);
            }
            self.first = self.first.wrapping_add(1) & !CALL;
        }
    }

    fn place(&self, ticket: Ticket) -> Option<usize> {
        let place = usize::try_from(ticket.0.wrapping_sub(self.first) & !CALL).ok()?;
        (ticket.0 & CALL != 0 && place < self.waiting.len()).then_some(place)
    }

    /// Is everything answered?
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Is a commit under way?
    pub(super) fn has_commits(&self) -> bool {
        self.commits > 0
    }

    /// Is something under way that is no commit?
    pub(super) fn has_reads(&self) -> bool {
        self.reads > 0
    }

    /// Do as many turns wait, or would as many bytes be sent when theirs has come?
    pub(super) fn is_full(&self, turns: usize, bytes: usize) -> bool {
        self.waiting.len() >= turns || self.bytes > bytes
    }
}

fn bytes(action: &Action) -> usize {
    match action {
        Action::Send(frame) => frame.as_bytes().len(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use quintet_core::Frame;

    use super::*;

    fn commit() -> Asked {
        Asked::Commit { signature: "x".into() }
    }

    fn word(text: &str) -> Action {
        Action::Send(Frame::text(text))
    }

    fn words(actions: &[Action]) -> Vec<String> {
        let text = |action: &Action| match action {
            Action::Send(frame) => String::from_utf8(frame.payload().to_vec()).unwrap(),
            other => panic!("{other:?}"),
        };
        actions.iter().map(text).collect()
    }

    #[test]
    fn what_is_known_at_once_is_said_at_once_unless_something_waits() {
        let (mut turns, mut actions) = (Turns::default(), Vec::new());
        turns.say(word("a"), &mut actions);
        assert_eq!(words(&actions), ["a"]);
        let ticket = turns.ask(commit());
        turns.say(word("c"), &mut actions);
        assert_eq!(words(&actions), ["a"]);
        assert!(turns.take(ticket).is_some());
        turns.settle(ticket, vec![word("b")], &mut actions);
        assert_eq!(words(&actions), ["a", "b", "c"]);
        assert!(turns.is_empty() && turns.bytes == 0);
    }

    #[test]
    fn later_answers_wait_for_earlier_ones_whatever_the_numbers() {
        for first in [0, !CALL - 1, !CALL] {
            let (mut turns, mut actions) = (Turns { first, ..Turns::default() }, Vec::new());
            let tickets: Vec<_> = (0..3).map(|_| turns.ask(commit())).collect();
            for (ticket, said, heard) in [(2, "c", ""), (0, "a", "a"), (1, "b", "abc")] {
                assert!(turns.take(tickets[ticket]).is_some(), "{first} {ticket}");
                turns.settle(tickets[ticket], vec![word(said)], &mut actions);
                assert_eq!(words(&actions).concat(), heard);
            }
            assert!(turns.is_empty() && turns.bytes == 0 && !turns.has_commits());
        }
    }

    #[test]
    fn a_call_is_answered_once() {
        let mut turns = Turns::default();
        let tickets = [turns.ask(commit()), turns.ask(commit())];
        assert!(turns.has_commits());
        assert!(turns.take(tickets[1]).is_some());
        assert!(turns.take(tickets[1]).is_none());
        assert!(turns.has_commits(), "the other one");
        assert!(turns.take(Ticket(0)).is_none(), "no call");
    }

    #[test]
    fn it_is_full_of_turns_or_of_bytes() {
        let mut turns = Turns::default();
        turns.ask(commit());
        assert!(turns.is_full(1, 0) && !turns.is_full(2, 0));
        turns.say(word("answer"), &mut Vec::new());
        assert!(turns.is_full(9, 7) && !turns.is_full(9, 8));
    }

    proptest! {
        #[test]
        fn whatever_is_known_first_is_said_in_order(
            asked in prop::collection::vec(any::<bool>(), 1..40),
            order in any::<u64>(),
        ) {
            let (mut turns, mut actions, mut tickets) = (Turns::default(), Vec::new(), Vec::new());
            for (number, is_call) in asked.iter().enumerate() {
                if *is_call {
                    tickets.push((number, turns.ask(commit())));
                } else {
                    turns.say(word(&number.to_string()), &mut actions);
                }
            }
            tickets.sort_by_key(|(number, _)| (*number as u64 + 1).wrapping_mul(order | 1));
            for (number, ticket) in tickets {
                prop_assert!(turns.take(ticket).is_some());
                turns.settle(ticket, vec![word(&number.to_string())], &mut actions);
            }
            let expected: Vec<_> = (0..asked.len()).map(|number| number.to_string()).collect();
            prop_assert_eq!(words(&actions), expected);
            prop_assert!(turns.is_empty() && turns.bytes == 0);
        }
    }
}
