//! The bare transport: small messages that come back as they are.

use std::io::Write as _;

use crate::door::Door;
use crate::exchange::{Talk, Verdict, number_after};
use crate::report::Row;
use crate::subject::Subject;
use crate::{Error, Options, Scenario, questions};

/// What stands before a message's number; the floor has no other use for its first letter.
const MARKER: &str = "echo ";

/// Measures the echo of `server` at `path` beside the floor's.
pub(crate) fn run(options: &Options, (server, path): (&Subject, &str), floor: &Subject) -> Result<Vec<Row>, Error> {
    questions::run(options, Scenario::Echo, (server, &Door::socket(path)), floor, || Echo)
}

/// A numbered line and its echo.
struct Echo;

impl Talk for Echo {
    fn ask(&mut self, _: usize, number: u64, text: &mut Vec<u8>) {
        write!(text, "{MARKER}{number:010}").expect("writing to memory cannot fail");
    }

    #[inline]
    fn judge(&self, _: usize, _: u64, message: &[u8]) -> Verdict {
        number_after(message, MARKER.as_bytes()).map_or(Verdict::Noise, Verdict::Answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_echo_answers_its_own_question() {
        let mut text = Vec::new();
        Echo.ask(0, 1234, &mut text);
        assert_eq!(Echo.judge(0, 0, &text), Verdict::Answer(1234));
        assert_eq!(Echo.judge(0, 0, b"hello"), Verdict::Noise);
    }
}
