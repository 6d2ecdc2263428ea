//! What is wrong with a text that is no JSON, in the words of Python's `json` module.

/// Why a text is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Malformed {
    /// It breaks the grammar.
    Syntax {
        /// Python's words for it.
        what: &'static str,
        /// Where, in bytes.
        at: usize,
    },
    /// It is nested deeper than [`quintet_core::limits::JSON_DEPTH`].
    Nested,
    /// It holds half of a surrogate pair, which no UTF-8 text can.
    Surrogate,
}

impl Malformed {
    /// The last line of the traceback that Python would show: exception name and message, without the line's end.
    pub(crate) fn line(self, text: &str) -> String {
        match self {
            Self::Syntax { what, at } => {
                let (line, column, character) = place(text, at);
                format!("json.decoder.JSONDecodeError: {what}: line {line} column {column} (char {character})")
            }
            Self::Nested => "RecursionError: maximum recursion depth exceeded while decoding a JSON document".into(),
            Self::Surrogate => "TypeError: str is not valid UTF-8: surrogates not allowed".into(),
        }
    }
}

/// How many characters stand before the byte `at`.
pub(crate) fn characters_before(text: &str, at: usize) -> usize {
    text[..at].chars().count()
}

/// Line and column from 1, character from 0.
fn place(text: &str, at: usize) -> (usize, usize, usize) {
    let before = &text[..at];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
    (line, column, characters_before(text, at))
}
