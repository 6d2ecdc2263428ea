//! A `RESUME` under way: what is heard meanwhile is held back until what was missed has been sent.

use quintet_core::{Action, Answer, Error, Origin, Position, Subject, Topic};
use serde_json::{Map, Value, json};

use super::{plain_subject, ticket};
use crate::wire::told;

/// The position of a client that has none yet.
const NONE: &str = "none";

/// What is asked of the hall: each subject, and the last position of it that was one of ours.
type Asked = Vec<(Subject, Option<Position>)>;

/// A `RESUME` that is being answered.
pub(super) struct Resumption {
    told: Map<String, Value>,
    /// Those that were asked about, in order.
    returning: Vec<Returning>,
    /// How many of them are known to be listened to, or not.
    settled: usize,
}

struct Returning {
    name: String,
    /// Where its commits are heard.
    topic: Topic,
    /// Whether the position was one of ours; else what was missed cannot be known.
    readable: bool,
    listening: bool,
}

impl Resumption {
    /// Holds back what is heard, listens, and says what is to be asked. Subjects that nothing can be heard of are lost right away.
    pub(super) fn begin(since: Vec<(String, String)>, origin: &Origin, actions: &mut Vec<Action>) -> (Self, Asked) {
        let mut resumption = Self { told: Map::with_capacity(since.len()), returning: Vec::new(), settled: 0 };
        let mut positions = Vec::with_capacity(since.len());
        actions.push(Action::Hold);
        for (name, position) in since {
            resumption.told.insert(name.clone(), lost(None));
            let Some(subject) = plain_subject(&name, origin) else { continue };
            let position = if position == NONE { Ok(None) } else { position.parse::<Position>().map(Some) };
            let topic = subject.topic();
            actions.push(Action::Subscribe(ticket::RETURNING, topic.clone().into()));
            resumption.returning.push(Returning { name, topic, readable: position.is_ok(), listening: false });
            positions.push((subject, position.unwrap_or_default()));
        }
        (resumption, positions)
    }

    /// The next one is listened to, or was refused.
    pub(super) fn listening(&mut self, listening: bool) {
        if let Some(next) = self.returning.get_mut(self.settled) {
            next.listening = listening;
            self.settled += 1;
        }
    }

    /// Tells what was missed, within `room` bytes: a subject whose commits would need more is to be read again instead. What is left is to let
    /// out what was held back, but for what the peer has by then.
    pub(super) fn end(mut self, answer: Result<Answer, Error>, room: usize, actions: &mut Vec<Action>) -> Action {
        let resumed = match answer {
            Ok(Answer::Resumed(resumed)) => resumed,
            // Nothing is recovered.
            _ => Vec::new(),
        };
        let (mut room, mut missed, mut had) = (room, Vec::new(), Vec::new());
        for (returning, resumed) in self.returning.into_iter().zip(resumed).filter(|(returning, _)| returning.listening)
        {
            had.extend(resumed.position.map(|position| (returning.topic, position.offset)));
            let bytes = resumed.missed.iter().map(|commit| commit.json.len()).sum();
            let recovered = returning.readable && resumed.recovered && room >= bytes;
            self.told.insert(returning.name, entry(recovered, resumed.position));
            if recovered {
                room -= bytes;
                missed.extend(resumed.missed);
            }
        }
        actions.push(Action::Send(told::resumed(self.told)));
        actions.extend(missed.iter().map(|commit| Action::Send(told::commit(&commit.json))));
        Action::Release(had)
    }
}

fn lost(position: Option<Position>) -> Value {
    entry(false, position)
}

fn entry(recovered: bool, position: Option<Position>) -> Value {
    json!({ "recovered": recovered, "position": position.map(|position| position.to_string()) })
}
