//! JSON as this dialect's peers know it: Python's reading, compact writing.
//!
//! What a peer sent is read once, into its compact form: white space and needless escapes are gone, the last of equal
//! keys has won, and what JSON cannot say (`NaN`, `1e999`) is `null`. Everything else looks at that text, so nothing
//! takes more memory than the message itself.

mod compact;
mod malformed;
mod number;
mod object;
mod string;
mod value;

pub(crate) use compact::compact;
pub(crate) use malformed::{Malformed, characters_before};
pub(crate) use value::{Kind, Value};

/// A text as a JSON string, with its quotes.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        string::push_escaped(&mut out, character);
    }
    out.push('"');
    out
}
