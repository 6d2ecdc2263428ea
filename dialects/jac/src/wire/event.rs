//! Events: what a client sends.

use std::borrow::Cow;

use serde_json::json;

use crate::json::{Kind, Value};
use crate::validation::{Entry, Form, Loc};

/// One message of a client, validated. The six values of `type`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Event<'a> {
    /// `connection`: who am I?
    Connection,
    /// `walker`: run a procedure.
    Walker(Run<'a>),
    /// `user`, `channel`, `client`: tell others.
    Address(Address<'a>),
    /// `change_user`: become somebody else.
    ChangeUser {
        /// With or without a scheme; `None` and the empty text are the public user.
        token: Option<Cow<'a, str>>,
    },
}

/// A procedure to be run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Run<'a> {
    /// Which.
    pub(crate) walker: Cow<'a, str>,
    /// A reference to the node where it enters; `None` for the peer's own root.
    pub(crate) node: Option<Cow<'a, str>>,
    /// Whether its result is to be told. What goes wrong is told anyway.
    pub(crate) response: bool,
    /// A JSON object, compact; `None` for an empty one.
    pub(crate) context: Option<Value<'a>>,
}

/// Something for others.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Address<'a> {
    /// What the names are.
    pub(crate) to: To,
    /// Whom or where; at least one.
    pub(crate) names: Vec<Cow<'a, str>>,
    /// A JSON object, compact.
    pub(crate) data: Value<'a>,
}

/// What can be addressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum To {
    /// Users, by `root_ids`.
    Users,
    /// Channels, by `channel_ids`.
    Channels,
    /// Connections, by `client_ids`.
    Clients,
}

/// pydantic's list of what `type` can be.
const TAGS: &str = "'connection', 'walker', 'user', 'channel', 'client', 'change_user'";

impl<'a> Event<'a> {
    /// Reads an event that names at most `targets` others; else everything that is wrong with it.
    pub(crate) fn read(whole: Value<'a>, targets: usize) -> Result<Self, Vec<Entry<'a>>> {
        if whole.kind() != Kind::Object {
            let msg = "Input should be a valid dictionary or object to extract fields from";
            return Err(vec![Entry::new("model_attributes_type", vec![Loc::Name("event")], msg, whole)]);
        }
        let [tag] = whole.pick(["type"]);
        let tag = tag.ok_or_else(|| vec![tag_not_found(whole)])?;
        match tag.text().as_deref() {
            Some("connection") => Ok(Self::Connection),
            Some("walker") => walker(whole),
            Some("user") => To::Users.read(whole, targets),
            Some("channel") => To::Channels.read(whole, targets),
            Some("client") => To::Clients.read(whole, targets),
            Some("change_user") => change_user(whole),
            _ => Err(vec![tag_invalid(whole, tag)]),
        }
    }
}

fn walker(whole: Value<'_>) -> Result<Event<'_>, Vec<Entry<'_>>> {
    let [name, node, response, context] = whole.pick(["walker", "node", "response", "context"]);
    let mut form = Form::new(whole, &["event", "walker"]);
    let name = form.text("walker", name);
    let node = form.text_or_null("node", node).filter(|node| !node.is_empty());
    let response = form.flag("response", response).unwrap_or_default();
    let context = context.and_then(|context| form.object("context", Some(context)));
    let run = Run { walker: name.unwrap_or_default(), node, response, context };
    valid(form, Event::Walker(run))
}

fn change_user(whole: Value<'_>) -> Result<Event<'_>, Vec<Entry<'_>>> {
    let [token] = whole.pick(["token"]);
    let mut form = Form::new(whole, &["event", "change_user"]);
    let token = form.text_or_null("token", token);
    valid(form, Event::ChangeUser { token })
}

fn valid<'a>(form: Form<'a>, event: Event<'a>) -> Result<Event<'a>, Vec<Entry<'a>>> {
    let problems = form.problems();
    if problems.is_empty() { Ok(event) } else { Err(problems) }
}

impl To {
    /// The place of its fields, and the name of the list of names.
    fn field(self) -> (&'static [&'static str], &'static str) {
        match self {
            Self::Users => (&["event", "user"], "root_ids"),
            Self::Channels => (&["event", "channel"], "channel_ids"),
            Self::Clients => (&["event", "client"], "client_ids"),
        }
    }

    fn read(self, whole: Value<'_>, targets: usize) -> Result<Event<'_>, Vec<Entry<'_>>> {
        let (place, field) = self.field();
        let [names, data] = whole.pick([field, "data"]);
        let mut form = Form::new(whole, place);
        let names = form.texts(field, names, targets);
        let data = form.object("data", data);
        match (names, data) {
            (Some(names), Some(data)) => Ok(Event::Address(Address { to: self, names, data })),
            _ => Err(form.problems()),
        }
    }
}

fn tag_not_found(whole: Value<'_>) -> Entry<'_> {
    let msg = "Unable to extract tag using discriminator 'type'";
    Entry::new("union_tag_not_found", vec![Loc::Name("event")], msg, whole).with(json!({"discriminator": "'type'"}))
}

fn tag_invalid<'a>(whole: Value<'a>, tag: Value<'a>) -> Entry<'a> {
    let tag = as_python_says(tag);
    let msg = format!("Input tag '{tag}' found using 'type' does not match any of the expected tags: {TAGS}");
    let ctx = json!({"discriminator": "'type'", "tag": tag, "expected_tags": TAGS});
    Entry::new("union_tag_invalid", vec![Loc::Name("event")], msg, whole).with(ctx)
}

/// A tag that is no text, as Python's `str` shows it; lists and objects stay JSON.
fn as_python_says(tag: Value<'_>) -> Cow<'_, str> {
    tag.text().unwrap_or_else(|| match tag.json() {
        "null" => "None".into(),
        "true" => "True".into(),
        "false" => "False".into(),
        other => other.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validation::{Page, listed};

    fn read(json: &str) -> Result<Event<'_>, Vec<Entry<'_>>> {
        Event::read(Value::of(json), 3)
    }

    fn told(json: &str) -> Vec<serde_json::Value> {
        let text = listed("error", &read(json).unwrap_err(), Page::Named);
        serde_json::from_str::<serde_json::Value>(&text).unwrap()["error"].as_array().unwrap().clone()
    }

    fn entry(kind: &str, loc: &serde_json::Value, msg: &str, input: &serde_json::Value) -> serde_json::Value {
        let url = format!("https://errors.pydantic.dev/2.10/v/{kind}");
        json!({"type": kind, "loc": loc, "msg": msg, "input": input, "url": url})
    }

    #[test]
    fn every_event_is_read() {
        let address = |to, names: &[&'static str]| {
            let names = names.iter().map(|name| Cow::Borrowed(*name)).collect();
            Event::Address(Address { to, names, data: Value::of(r#"{"b":[1],"a":{}}"#) })
        };
        let run = |walker: &'static str, node: Option<&'static str>, response, context: Option<&'static str>| {
            let (node, context) = (node.map(Cow::Borrowed), context.map(Value::of));
            Event::Walker(Run { walker: walker.into(), node, response, context })
        };
        for (json, event) in [
            (r#"{"type":"connection","token":5}"#, Event::Connection),
            (r#"{"type":"walker","walker":"roll"}"#, run("roll", None, false, None)),
            (
                r#"{"walker":"","node":null,"response":"yes","context":{},"type":"walker"}"#,
                run("", None, true, Some("{}")),
            ),
            (
                r#"{"type":"walker","walker":"roll","node":"","response":"F","context":{"b":1,"a":[1.50]}}"#,
                run("roll", None, false, Some(r#"{"b":1,"a":[1.50]}"#)),
            ),
            (r#"{"type":"walker","walker":"roll","node":"n:","response":1.0}"#, run("roll", Some("n:"), true, None)),
            (r#"{"type":"user","root_ids":["a"],"data":{"b":[1],"a":{}}}"#, address(To::Users, &["a"])),
            (r#"{"type":"channel","channel_ids":["","b"],"data":{"b":[1],"a":{}}}"#, address(To::Channels, &["", "b"])),
            (r#"{"data":{"b":[1],"a":{}},"client_ids":["c","c"],"type":"client"}"#, address(To::Clients, &["c", "c"])),
            (r#"{"type":"change_user"}"#, Event::ChangeUser { token: None }),
            (r#"{"type":"change_user","token":null}"#, Event::ChangeUser { token: None }),
            (r#"{"type":"change_user","token":"x"}"#, Event::ChangeUser { token: Some("x".into()) }),
        ] {
            assert_eq!(read(json).unwrap(), event, "{json}");
        }
    }

    #[test]
    fn what_is_no_object_is_refused() {
        let msg = "Input should be a valid dictionary or object to extract fields from";
        for input in [json!([]), json!("x"), json!(3), json!(null)] {
            let wanted = entry("model_attributes_type", &json!(["event"]), msg, &input);
            assert_eq!(told(&input.to_string()), [wanted]);
        }
    }

    #[test]
    fn a_missing_type_is_told() {
        let mut wanted = entry(
            "union_tag_not_found",
            &json!(["event"]),
            "Unable to extract tag using discriminator 'type'",
            &json!({}),
        );
        wanted["ctx"] = json!({"discriminator": "'type'"});
        assert_eq!(told("{}"), [wanted]);
    }

    #[test]
    fn an_unknown_type_is_told() {
        for (tag, shown) in [
            (json!("zzz"), "zzz"),
            (json!("it's é\n"), "it's é\n"),
            (json!(3.5), "3.5"),
            (json!(null), "None"),
            (json!(true), "True"),
            (json!(false), "False"),
            (json!([]), "[]"),
        ] {
            let msg = format!("Input tag '{shown}' found using 'type' does not match any of the expected tags: {TAGS}");
            let mut wanted = entry("union_tag_invalid", &json!(["event"]), &msg, &json!({"type": tag}));
            wanted["ctx"] = json!({"discriminator": "'type'", "tag": shown, "expected_tags": TAGS});
            assert_eq!(told(&json!({"type": tag}).to_string()), [wanted]);
        }
    }

    #[test]
    fn all_problems_of_an_event_are_told_together() {
        let input = json!({"type": "user"});
        assert_eq!(
            told(&input.to_string()),
            [
                entry("missing", &json!(["event", "user", "root_ids"]), "Field required", &input),
                entry("missing", &json!(["event", "user", "data"]), "Field required", &input),
            ]
        );
        assert_eq!(
            told(r#"{"type":"channel","channel_ids":[1,"a",null],"data":null}"#),
            [
                entry(
                    "string_type",
                    &json!(["event", "channel", "channel_ids", 0]),
                    "Input should be a valid string",
                    &json!(1)
                ),
                entry(
                    "string_type",
                    &json!(["event", "channel", "channel_ids", 2]),
                    "Input should be a valid string",
                    &json!(null)
                ),
                entry(
                    "dict_type",
                    &json!(["event", "channel", "data"]),
                    "Input should be a valid dictionary",
                    &json!(null)
                ),
            ]
        );
        let told = told(r#"{"type":"walker","walker":1,"node":2,"response":"maybe","context":null}"#);
        let places: Vec<_> = told.iter().map(|entry| (entry["type"].as_str().unwrap(), entry["loc"].clone())).collect();
        assert_eq!(
            places,
            [
                ("string_type", json!(["event", "walker", "walker"])),
                ("string_type", json!(["event", "walker", "node"])),
                ("bool_parsing", json!(["event", "walker", "response"])),
                ("dict_type", json!(["event", "walker", "context"])),
            ]
        );
    }

    #[test]
    fn single_problems_have_their_place() {
        for (json, kind, loc) in [
            (r#"{"type":"walker"}"#, "missing", json!(["event", "walker", "walker"])),
            (r#"{"type":"walker","walker":"x","response":null}"#, "bool_type", json!(["event", "walker", "response"])),
            (r#"{"type":"client","client_ids":{},"data":{}}"#, "list_type", json!(["event", "client", "client_ids"])),
            (r#"{"type":"user","root_ids":[],"data":{}}"#, "too_short", json!(["event", "user", "root_ids"])),
            (
                r#"{"type":"user","root_ids":["a","b","c","d"],"data":{}}"#,
                "too_long",
                json!(["event", "user", "root_ids"]),
            ),
            (r#"{"type":"change_user","token":5}"#, "string_type", json!(["event", "change_user", "token"])),
        ] {
            let told = told(json);
            assert_eq!((told.len(), told[0]["type"].as_str(), &told[0]["loc"]), (1, Some(kind), &loc), "{json}");
        }
    }
}
