//! What a client says.

use serde_json::{Map, Value};

/// How much of what a peer sent is told back to it where it was not understood, in bytes.
const ECHO: usize = 120;

/// One message of a client. Arguments are as they were sent, but for ASCII whitespace around them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Message<'a> {
    /// `SUBSCRIBE subject`: silent.
    Subscribe(&'a str),
    /// `SUBSCRIBE ["subject", …]`: ours, answered with `SUBSCRIBED`.
    SubscribeAll(Vec<String>),
    /// `UNSUBSCRIBE subject`: silent.
    Unsubscribe(&'a str),
    /// `UNSUBSCRIBE ["subject", …]`: ours, answered with `UNSUBSCRIBED`.
    UnsubscribeAll(Vec<String>),
    /// `GET subject`: answered with `RESOURCE`, always.
    Get(Wanted<'a>),
    /// `AUTHENTICATE json`.
    Authenticate(&'a str),
    /// `COMMIT json`: ours, answered with `COMMITTED` or `REJECTED`.
    Commit(&'a str),
    /// `RESUME {"subject": "position", …}`: ours, answered with `RESUMED`.
    Resume(Vec<(String, String)>),
    /// `CALL {"name": …, "payload": …, "ref": …}`: ours, answered with `CALLED` or `REJECTED`.
    Call(&'a str),
}

/// What a `GET` is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wanted<'a> {
    /// The URL.
    pub(crate) url: &'a str,
    /// The argument letter by letter: the `@id` of the answer, by which the client knows it.
    pub(crate) echo: &'a str,
}

impl<'a> Message<'a> {
    /// Reads a frame. `Err` is the text of the `ERROR` that answers it; a list has `most` subjects at the most.
    pub(crate) fn read(text: &'a str, most: usize) -> Result<Self, String> {
        let unknown = || format!("Unknown message: {}", clip(text, ECHO));
        let (verb, echo) = text.trim_ascii_start().split_once(' ').ok_or_else(unknown)?;
        let argument = echo.trim_ascii();
        if argument.is_empty() {
            return Err(unknown());
        }
        let is_list = argument.starts_with('[');
        match verb {
            "SUBSCRIBE" if is_list => Ok(Self::SubscribeAll(list(verb, argument, most)?)),
            "SUBSCRIBE" => Ok(Self::Subscribe(argument)),
            "UNSUBSCRIBE" if is_list => Ok(Self::UnsubscribeAll(list(verb, argument, most)?)),
            "UNSUBSCRIBE" => Ok(Self::Unsubscribe(argument)),
            "GET" => Ok(Self::Get(Wanted { url: argument, echo })),
            "AUTHENTICATE" => Ok(Self::Authenticate(argument)),
            "COMMIT" => Ok(Self::Commit(argument)),
            "CALL" => Ok(Self::Call(argument)),
            "RESUME" => Ok(Self::Resume(positions(argument, most)?)),
            _ => Err(unknown()),
        }
    }
}

/// As much of a text as fits into so many bytes, marked where it was cut.
pub(crate) fn clip(text: &str, bytes: usize) -> String {
    if text.len() <= bytes {
        return text.to_owned();
    }
    format!("{}…", &text[..text.floor_char_boundary(bytes)])
}

fn list(verb: &str, argument: &str, most: usize) -> Result<Vec<String>, String> {
    let subjects: Vec<String> = serde_json::from_str(argument).map_err(|error| invalid(verb, &error.to_string()))?;
    few(subjects.len(), most).map(|()| subjects)
}

fn positions(argument: &str, most: usize) -> Result<Vec<(String, String)>, String> {
    let object: Map<String, Value> =
        serde_json::from_str(argument).map_err(|error| invalid("RESUME", &error.to_string()))?;
    few(object.len(), most)?;
    let text = |(subject, position): (String, Value)| match position {
        Value::String(position) => Ok((subject, position)),
        _ => Err(invalid("RESUME", "each position must be a string: the last one heard, or \"none\"")),
    };
    object.into_iter().map(text).collect()
}

fn few(subjects: usize, most: usize) -> Result<(), String> {
    if subjects > most { Err(format!("at most {most} subjects at once, send several messages")) } else { Ok(()) }
}

/// That the argument of a verb is not what it should be. Parsers quote what they were given, at any length.
pub(crate) fn invalid(verb: &str, why: &str) -> String {
    format!("Invalid {verb} JSON: {}", clip(why, 2 * ECHO))
}
