//! What a client is told: finished frames.

use quintet_core::{Commit, Error, Frame, Position};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

/// `COMMIT json`: a commit as it is stored.
pub(crate) fn commit(json: &str) -> Frame {
    say("COMMIT", json)
}

/// `RESOURCE json`: the answer to a `GET`.
pub(crate) fn resource(resource: &Value) -> Frame {
    say("RESOURCE", &resource.to_string())
}

/// `ERROR text`: something is wrong; the text is for people.
pub(crate) fn error(text: &str) -> Frame {
    say("ERROR", text)
}

/// `COMMITTED json`: ours, to who sent a `COMMIT`. It is on disk.
pub(crate) fn committed(commit: &Commit, position: Option<Position>) -> Frame {
    let position = position.map(|position| position.to_string());
    say_object("COMMITTED", &json!({ "@id": commit.id(), "subject": commit.subject.as_str(), "position": position }))
}

/// `REJECTED json`: ours, to who sent a `COMMIT`. Nothing was changed.
pub(crate) fn rejected(signature: Option<&str>, status: u16, error: &str) -> Frame {
    say_object("REJECTED", &json!({ "signature": signature, "status": status, "error": error }))
}

/// `SUBSCRIBED json`: ours; whether each subject may be heard at this moment.
pub(crate) fn subscribed(readable: Map<String, Value>) -> Frame {
    say_object("SUBSCRIBED", &Value::Object(readable))
}

/// `UNSUBSCRIBED json`: ours; what is no longer heard.
pub(crate) fn unsubscribed(subjects: Vec<String>) -> Frame {
    say_object("UNSUBSCRIBED", &subjects.into())
}

/// `RESUMED json`: ours; per subject whether all that was missed follows, and where its history is.
pub(crate) fn resumed(subjects: Map<String, Value>) -> Frame {
    say_object("RESUMED", &Value::Object(subjects))
}

/// `POSITION json`: ours, to who sent a `RESUME` once; the place to come back to.
pub(crate) fn position(subject: &str, position: Position) -> Frame {
    say_object("POSITION", &json!({ subject: position.to_string() }))
}

/// `CALLED json`: ours, to who sent a `CALL`; what the procedure answered, as it wrote it.
pub(crate) fn called(reference: &RawValue, payload: &RawValue) -> Frame {
    say("CALLED", &format!(r#"{{"ref":{reference},"payload":{payload}}}"#))
}

/// `REJECTED json`: ours, to who sent a `CALL`; why it has no answer, with the status that the procedure gives it.
pub(crate) fn refused(reference: &RawValue, error: &Error) -> Frame {
    let fields = || error.fields().iter().map(|field| json!({ "field": field.field, "error": field.error }));
    let mut told = json!({ "status": error.status(), "error": error.public() });
    if !error.fields().is_empty() {
        told["fieldErrors"] = fields().collect();
    }
    // The members stand behind the `ref`, which is repeated letter by letter.
    say("REJECTED", &format!(r#"{{"ref":{reference},{}"#, &told.to_string()[1..]))
}

fn say_object(verb: &str, object: &Value) -> Frame {
    say(verb, &object.to_string())
}

fn say(verb: &str, argument: &str) -> Frame {
    let mut text = String::with_capacity(verb.len() + 1 + argument.len());
    text.push_str(verb);
    text.push(' ');
    text.push_str(argument);
    Frame::text(&text)
}
