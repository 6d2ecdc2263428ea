//! Payloads: the fields of a JSON object, read one by one, with everything that is wrong with them.
//!
//! What is wrong is told as flamigo.md, section 4.3 has it: `<field> is required`, or `<field> failed for <rule>`. The rules are named for what a
//! field should have been: `text`, `number`, `boolean`, `positive`, `object`, `array-of-text`.

mod value;

use std::borrow::Cow;
use std::collections::HashMap;

use serde::Deserialize;
use serde_json::value::RawValue;

pub use self::value::{id, text, whole};

use crate::error::FieldError;
use crate::limits::FIELD_ERRORS;
use crate::{Error, Id};

/// What stands for the payload as a whole where it is wrong.
const WHOLE: &str = "payload";

/// The fields of a payload, and what was found wrong with them so far. A field that is `null` is not there.
///
/// Each question remembers what was wrong; [`Payload::all`] tells it.
#[derive(Debug)]
pub struct Payload<'a> {
    /// `None` where it is no object: then that is what is wrong, and nothing more is said of its fields.
    fields: Option<HashMap<Key<'a>, &'a RawValue>>,
    /// In front of every name: empty, or a path with a dot at its end.
    path: String,
    wrong: Vec<FieldError>,
}

/// A key of a JSON object, borrowed where it has no escapes.
#[derive(Debug, PartialEq, Eq, Hash, Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

impl std::borrow::Borrow<str> for Key<'_> {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl<'a> Payload<'a> {
    /// The fields of a value; `null` has none.
    pub fn of(value: &'a RawValue) -> Self {
        Self::within("", value)
    }

    /// The fields of a value that stands at a path within the payload.
    pub fn within(path: &str, value: &'a RawValue) -> Self {
        let fields = match value.get() {
            "null" => Some(HashMap::new()),
            json => serde_json::from_str(json).ok(),
        };
        let whole = if path.is_empty() { WHOLE } else { path };
        let wrong = if fields.is_some() { Vec::new() } else { vec![FieldError::failed(whole, "object")] };
        let path = if path.is_empty() { String::new() } else { format!("{path}.") };
        Self { fields, path, wrong }
    }

    /// A field as it stands; `null` where there is none.
    pub fn any(&self, name: &str) -> &'a RawValue {
        self.fields.as_ref().and_then(|fields| fields.get(name).copied()).unwrap_or(RawValue::NULL)
    }

    /// A field that must be there, and must be what `read` takes; `rule` says what that is.
    pub fn required<T>(&mut self, name: &str, rule: &str, read: impl FnOnce(&'a RawValue) -> Option<T>) -> Option<T> {
        if self.given(name).is_none() {
            self.tell(FieldError::required(&self.at(name)));
        }
        self.optional(name, rule, read)
    }

    /// A field that may be missing; `None` also where it is wrong.
    pub fn optional<T>(&mut self, name: &str, rule: &str, read: impl FnOnce(&'a RawValue) -> Option<T>) -> Option<T> {
        let value = read(self.given(name)?);
        if value.is_none() {
            self.wrong(name, rule);
        }
        value
    }

    /// A text that is not empty.
    pub fn text(&mut self, name: &str) -> Option<Cow<'a, str>> {
        self.required(name, "text", text)
    }

    /// As [`Payload::text`], where it is there.
    pub fn optional_text(&mut self, name: &str) -> Option<Cow<'a, str>> {
        self.optional(name, "text", text)
    }

    /// The number of something, as a number or as its digits in a text.
    pub fn id(&mut self, name: &str) -> Option<Id> {
        self.required(name, "number", id)
    }

    /// As [`Payload::id`], where it is there.
    pub fn optional_id(&mut self, name: &str) -> Option<Id> {
        self.optional(name, "number", id)
    }

    /// Yes or no, where it is there.
    pub fn flag(&mut self, name: &str) -> Option<bool> {
        self.optional(name, "boolean", |raw| raw.get().parse().ok())
    }

    /// A count from 1 on, where it is there.
    pub fn count(&mut self, name: &str) -> Option<u64> {
        self.optional(name, "positive", |raw| whole(raw).filter(|count| *count > 0))
    }

    /// An object, as it stands.
    pub fn object(&mut self, name: &str) -> Option<&'a RawValue> {
        self.required(name, "object", |raw| Some(raw).filter(|raw| raw.get().starts_with('{')))
    }

    /// A list of what `read` takes, where it is there; `rule` says what an item is. Without those that are wrong.
    pub fn list<T>(&mut self, name: &str, rule: &str, read: impl Fn(&'a RawValue) -> Option<T>) -> Option<Vec<T>> {
        self.items(name, rule, |item, path| read(item).ok_or_else(|| vec![FieldError::failed(path, rule)]))
    }

    /// As [`Payload::list`]; `read` takes an item with its path, and says itself what is wrong.
    pub fn items<T>(
        &mut self,
        name: &str,
        rule: &str,
        mut read: impl FnMut(&'a RawValue, &str) -> Result<T, Vec<FieldError>>,
    ) -> Option<Vec<T>> {
        let items = |raw: &'a RawValue| serde_json::from_str::<Vec<&RawValue>>(raw.get()).ok();
        let items = self.optional(name, &format!("array-of-{rule}"), items)?;
        let mut list = Vec::with_capacity(items.len());
        for (index, item) in items.into_iter().enumerate() {
            if self.wrong.len() >= FIELD_ERRORS {
                break;
            }
            match read(item, &format!("{}.{index}", self.at(name))) {
                Ok(value) => list.push(value),
                Err(wrong) => wrong.into_iter().for_each(|wrong| self.tell(wrong)),
            }
        }
        Some(list)
    }

    /// Notes that a field breaks a rule.
    pub fn wrong(&mut self, name: &str, rule: &str) {
        self.tell(FieldError::failed(&self.at(name), rule));
    }

    /// Notes that a field is wrong, in words.
    pub fn wrong_because(&mut self, name: &str, why: &str) {
        let field = self.at(name);
        self.tell(FieldError { error: format!("{field}: {why}"), field });
    }

    /// What is wrong; empty where nothing is.
    pub fn into_wrong(self) -> Vec<FieldError> {
        self.wrong
    }

    /// `BadMessage` that tells everything that is wrong.
    pub fn check(self) -> Result<(), Error> {
        self.all(Some(()))
    }

    /// What was read of it. `BadMessage` as of [`Payload::check`], also where it is `None`.
    pub fn all<T>(self, read: Option<T>) -> Result<T, Error> {
        read.filter(|_| self.wrong.is_empty()).ok_or_else(|| Error::invalid(self.wrong))
    }

    fn at(&self, name: &str) -> String {
        format!("{}{name}", self.path)
    }

    /// A text of no length is as good as missing (the rule `required` of flamigo.md, section 4.3).
    fn given(&self, name: &str) -> Option<&'a RawValue> {
        Some(self.any(name)).filter(|value| !matches!(value.get(), "null" | "\"\""))
    }

    fn tell(&mut self, error: FieldError) {
        if self.fields.is_some() && self.wrong.len() < FIELD_ERRORS {
            self.wrong.push(error);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(json: &str) -> &RawValue {
        serde_json::from_str(json).unwrap()
    }

    fn told(payload: Payload<'_>) -> Vec<String> {
        payload.into_wrong().into_iter().map(|wrong| wrong.error).collect()
    }

    #[test]
    fn what_is_right_is_read() {
        let json = r#"{"\u0061":"x\n","b":"7","c":9,"d":true,"e":3,"f":{"g": 1},"h":["x","y"],"i":""}"#;
        let mut payload = Payload::of(raw(json));
        assert_eq!(payload.text("a").as_deref(), Some("x\n"), "a key may have escapes");
        assert_eq!((payload.id("b"), payload.optional_id("c")), (Id::new(7), Id::new(9)));
        assert_eq!((payload.flag("d"), payload.count("e")), (Some(true), Some(3)));
        assert_eq!(payload.object("f").map(RawValue::get), Some(r#"{"g": 1}"#));
        assert_eq!(payload.list("h", "text", text).unwrap(), ["x", "y"]);
        assert_eq!((payload.any("i").get(), payload.any("none").get()), (r#""""#, "null"));
        assert_eq!(payload.all(Some(1)).unwrap(), 1);
    }

    #[test]
    fn what_may_be_missing_is_not_wrong() {
        let mut payload = Payload::of(raw(r#"{"a":null,"b":""}"#));
        for name in ["a", "b", "none"] {
            assert_eq!((payload.optional_text(name), payload.optional_id(name)), (None, None));
            assert_eq!((payload.flag(name), payload.count(name)), (None, None));
            assert_eq!(payload.list(name, "text", text), None);
        }
        assert!(payload.check().is_ok());
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let json = r#"{"a":1,"b":"","c":"x","d":null,"f":"yes","g":0,"h":[1],"k":["x",1],"l":{}}"#;
        let mut payload = Payload::of(raw(json));
        assert!(payload.text("a").is_none() && payload.text("b").is_none() && payload.optional_text("g").is_none());
        assert!(payload.id("c").is_none() && payload.id("d").is_none() && payload.optional_id("c").is_none());
        assert_eq!((payload.flag("f"), payload.count("g"), payload.count("c")), (None, None, None));
        assert!(payload.object("h").is_none());
        assert_eq!(payload.list("k", "text", text).unwrap(), ["x"]);
        assert!(payload.list("l", "text", text).is_none());
        payload.wrong("m", "unique");
        payload.wrong_because("n", "is no name");
        let expected = [
            "a failed for text",
            "b is required",
            "g failed for text",
            "c failed for number",
            "d is required",
            "c failed for number",
            "f failed for boolean",
            "g failed for positive",
            "c failed for positive",
            "h failed for object",
            "k.1 failed for text",
            "l failed for array-of-text",
            "m failed for unique",
            "n: is no name",
        ];
        assert_eq!(told(payload), expected);
    }

    #[test]
    fn one_wrong_field_refuses_the_payload() {
        let mut payload = Payload::of(raw(r#"{"adding":1}"#));
        assert_eq!(payload.flag("adding"), None);
        let error = payload.all(Some(())).unwrap_err();
        assert_eq!((error.status(), error.public()), (400, "adding failed for boolean"));
    }

    #[test]
    fn what_is_inside_is_told_by_its_path() {
        let mut payload = Payload::of(raw(r#"{"steps":[{"name":"x","tags":[7]},{},8,null]}"#));
        let steps = payload.items("steps", "object", |item, path| {
            let mut step = Payload::within(path, item);
            let name = step.text("name");
            step.list("tags", "text", text);
            let wrong = step.into_wrong();
            name.filter(|_| wrong.is_empty()).ok_or(wrong)
        });
        assert!(steps.unwrap().is_empty());
        let expected = [
            "steps.0.tags.0 failed for text",
            "steps.1.name is required",
            "steps.2 failed for object",
            "steps.3.name is required",
        ];
        assert_eq!(told(payload), expected);
    }

    #[test]
    fn what_is_no_object_is_wrong_as_a_whole() {
        for (json, error) in [
            ("null", "roomId is required"),
            ("[]", "payload failed for object"),
            ("7", "payload failed for object"),
            (r#""x""#, "payload failed for object"),
        ] {
            let mut payload = Payload::of(raw(json));
            assert_eq!((payload.id("roomId"), payload.any("roomId").get()), (None, "null"));
            assert_eq!(told(payload), [error], "{json}");
        }
    }

    #[test]
    fn a_long_list_of_nothing_good_has_a_short_reply() {
        let long = format!(r#"{{"d":[{}0]}}"#, "0,".repeat(10_000));
        let mut payload = Payload::of(raw(&long));
        payload.list("d", "text", text);
        payload.text("e");
        assert_eq!(told(payload).len(), FIELD_ERRORS);
    }
}
