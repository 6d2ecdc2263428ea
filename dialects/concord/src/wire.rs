//! Concord's JSON, one file per noun. Quoted words above the types are those of the protocol page.
//!
//! "Unknown keys are ignored in both directions." "Null-valued keys are written explicitly, never omitted."

pub(crate) mod channel;
pub(crate) mod chat;
pub(crate) mod client_message;
pub(crate) mod moment;
pub(crate) mod number;
pub(crate) mod present;
pub(crate) mod procedure;
pub(crate) mod refusal;
pub(crate) mod rights;
pub(crate) mod server;
pub(crate) mod server_message;
pub(crate) mod text;
pub(crate) mod thread;
pub(crate) mod token;
pub(crate) mod user;

use quintet_core::Error;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::ser::Serialize;

/// The JSON text of a wire type.
pub(crate) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("wire types hold only numbers, texts, and maps with text keys")
}

/// Reads one JSON object, and nothing behind it. An array is none, though serde would take it for a list of fields.
pub(crate) fn object<T: DeserializeOwned>(text: &[u8]) -> Result<T, Error> {
    if !opens_object(text) {
        return match serde_json::from_slice::<IgnoredAny>(text) {
            Ok(_) => Err(Error::bad_message("not a JSON object")),
            Err(error) => Err(unreadable("not JSON", &error)),
        };
    }
    serde_json::from_slice(text)
        .map_err(|error| if error.is_data() { misread::<T>("", text, &error) } else { unreadable("not JSON", &error) })
}

/// A [`quintet_core::Kind::BadMessage`] error that names the field of `T` which is not as it should be, after `what`.
pub(crate) fn misread<'de, T: Deserialize<'de>>(what: &str, text: &'de [u8], error: &serde_json::Error) -> Error {
    Error::bad_message(format!("{what}{}{}", place::<T>(text), brief(&error.to_string())))
}

/// Names the field in which reading stumbled, as in `channelId: `; nothing where no field is to blame.
///
/// Looked for only after an error, so that what can be read costs no book-keeping.
fn place<'de, T: Deserialize<'de>>(text: &'de [u8]) -> String {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let path = match serde_path_to_error::deserialize::<_, T>(&mut reader) {
        Err(error) if error.path().iter().len() > 0 => error.path().to_string(),
        _ => return String::new(),
    };
    format!("{}: ", brief(&path))
}

/// Whether the first character that is no JSON white space opens an object.
pub(crate) fn opens_object(text: &[u8]) -> bool {
    text.iter().find(|byte| !b" \t\r\n".contains(byte)) == Some(&b'{')
}

/// A [`quintet_core::Kind::BadMessage`] error that says `what` and why.
pub(crate) fn unreadable(what: &str, error: &serde_json::Error) -> Error {
    Error::bad_message(format!("{what}: {}", brief(&error.to_string())))
}

/// The parser's own words may quote what the peer sent: not more than this many bytes of them are sent back.
const BRIEF_BYTES: usize = 200;

fn brief(words: &str) -> &str {
    let mut end = words.len().min(BRIEF_BYTES);
    while !words.is_char_boundary(end) {
        end -= 1;
    }
    &words[..end]
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Named {
        name: String,
    }

    #[test]
    fn only_an_object_is_an_object() {
        for (text, message) in [
            (r#"["x"]"#, "not a JSON object"),
            (r#""x""#, "not a JSON object"),
            ("null", "not a JSON object"),
            ("", "not JSON: EOF"),
            ("name=x", "not JSON: expected"),
            ("{\"name\":\"\u{7}\"}", "not JSON: control character"),
            (r#"{"name":"x"} x"#, "not JSON: trailing characters"),
            (r#"{"name":"x","name":"y"}"#, "duplicate field `name`"),
            (r#"{"nam":"x"}"#, "missing field `name`"),
            (r#"{"name":null}"#, "name: invalid type: null"),
        ] {
            let error = object::<Named>(text.as_bytes()).unwrap_err();
            assert!(error.public().starts_with(message), "{text}: {error}");
        }
        assert_eq!(object::<Named>(b" {\"x\":[], \"name\":\"y\"}\n").unwrap().name, "y");
        assert!(object::<Named>(b"{\"name\":\"\xff\"}").is_err());
    }
}
