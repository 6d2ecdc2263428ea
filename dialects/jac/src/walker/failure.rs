//! How a walker fails: what whoever runs it says in [`quintet_core::Error::data`].

use quintet_core::Error;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::json;
use crate::validation::PAGES;

/// A failure that has a form of its own in this dialect.
#[derive(Debug)]
pub(crate) enum Failure<'e> {
    /// A whole response, with a status that is no success.
    Body(&'e RawValue),
    /// What is wrong with the context: pydantic's entries, without `url`.
    Invalid(Vec<&'e RawValue>),
    /// The last line of a traceback, without the line's end.
    Raised(String),
    /// All else: the error's own sentence.
    Refused,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Data<'e> {
    #[serde(borrow)]
    body: Option<&'e RawValue>,
    #[serde(borrow)]
    validation: Option<Vec<&'e RawValue>>,
    exception: Option<String>,
}

impl<'e> Failure<'e> {
    /// How this error of a walker is told.
    pub(crate) fn of(error: &'e Error) -> Self {
        let data = error.data().and_then(|data| serde_json::from_str(data.get()).ok()).unwrap_or_default();
        match data {
            Data { body: Some(body), .. } => Self::Body(body),
            Data { validation: Some(entries), .. } => Self::Invalid(entries),
            Data { exception: Some(line), .. } => Self::Raised(line),
            Data { .. } => Self::Refused,
        }
    }
}

/// Entries as the items of a JSON list; `named` with the page that explains each, as on the socket.
pub(crate) fn items(entries: &[&RawValue], named: bool) -> String {
    let told = entries.iter().map(|entry| if named { with_page(entry.get()) } else { entry.get().to_owned() });
    told.collect::<Vec<_>>().join(",")
}

#[derive(Deserialize)]
struct Typed {
    #[serde(rename = "type")]
    kind: String,
}

fn with_page(entry: &str) -> String {
    let kind = serde_json::from_str::<Typed>(entry).ok().map(|typed| typed.kind);
    match (kind, entry.strip_suffix('}')) {
        (Some(kind), Some(open)) => format!(r#"{open},"url":{}}}"#, json::quoted(&format!("{PAGES}{kind}"))),
        _ => entry.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(data: &str) -> String {
        let error = Error::bad_message("x").with_data(RawValue::from_string(data.into()).unwrap());
        match Failure::of(&error) {
            Failure::Body(body) => format!("body {}", body.get()),
            Failure::Invalid(entries) => format!("invalid {} {}", items(&entries, false), items(&entries, true)),
            Failure::Raised(line) => format!("raised {line}"),
            Failure::Refused => "refused".into(),
        }
    }

    #[test]
    fn failures_are_told_apart() {
        for (data, wanted) in [
            (r#"{"body":{"status":404, "reports":[]}}"#, r#"body {"status":404, "reports":[]}"#),
            (r#"{"exception":"ValueError: \"x\""}"#, "raised ValueError: \"x\""),
            (
                r#"{"validation":[{"type":"missing","loc":["a"],"input":1.50},{"type":"a\"b"}]}"#,
                concat!(
                    r#"invalid {"type":"missing","loc":["a"],"input":1.50},{"type":"a\"b"} "#,
                    r#"{"type":"missing","loc":["a"],"input":1.50,"url":"https://errors.pydantic.dev/2.10/v/missing"},"#,
                    r#"{"type":"a\"b","url":"https://errors.pydantic.dev/2.10/v/a\"b"}"#
                ),
            ),
            (r#"{"validation":[1,{}]}"#, "invalid 1,{} 1,{}"),
            ("{}", "refused"),
            ("5", "refused"),
            (r#"{"exception":5}"#, "refused"),
        ] {
            assert_eq!(told(data), wanted, "{data}");
        }
        assert!(matches!(Failure::of(&Error::bad_message("x")), Failure::Refused));
    }
}
