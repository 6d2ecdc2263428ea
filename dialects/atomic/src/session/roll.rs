//! A list of subjects to listen to, as its answers come in.

use quintet_core::call::Resumed;
use quintet_core::{Action, Answer, Error, Origin, Subject};
use serde_json::{Map, Value};

use super::{plain_subject, ticket};

/// A list that is being answered.
pub(super) struct Roll {
    told: Map<String, Value>,
    /// Those that are listened to, or are about to be, in order.
    names: Vec<String>,
    /// Whether each of them is; what finds no room is not heard.
    listening: Vec<bool>,
}

impl Roll {
    /// Begins to listen to all of them, and says which those are. The others cannot be heard.
    pub(super) fn call(subjects: Vec<String>, origin: &Origin, actions: &mut Vec<Action>) -> (Self, Vec<Subject>) {
        let told = Map::with_capacity(subjects.len());
        let mut roll = Self { told, names: Vec::new(), listening: Vec::new() };
        let mut asked = Vec::new();
        for name in subjects {
            if roll.told.insert(name.clone(), false.into()).is_some() {
                continue;
            }
            if let Some(subject) = plain_subject(&name, origin) {
                actions.push(Action::Subscribe(ticket::ROLL, subject.topic().into()));
                roll.names.push(name);
                asked.push(subject);
            }
        }
        (roll, asked)
    }

    /// The next one is listened to, or was refused.
    pub(super) fn listening(&mut self, listening: bool) {
        self.listening.push(listening);
    }

    /// What is told of them, in the order of the list: `true` for what is listened to and may be read.
    pub(super) fn told(mut self, answer: Result<Answer, Error>) -> Map<String, Value> {
        let resumed: Vec<Resumed> = match answer {
            Ok(Answer::Resumed(resumed)) => resumed,
            // Nothing is known of them.
            _ => Vec::new(),
        };
        for ((name, listening), resumed) in self.names.into_iter().zip(self.listening).zip(resumed) {
            self.told.insert(name, (listening && resumed.readable).into());
        }
        self.told
    }
}
