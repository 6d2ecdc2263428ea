//! A payload: the fields of a JSON object, read one by one, with everything that is wrong with them.

use std::borrow::Cow;
use std::collections::HashMap;

use quintet_core::error::FieldError;
use quintet_core::{Error, Id};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// The fields of a payload. What is not an object has none; a field that is `null` is not there.
///
/// Each question remembers what was wrong; [`Payload::all`] tells it.
pub(super) struct Payload<'a> {
    fields: HashMap<Cow<'a, str>, &'a RawValue>,
    errors: Vec<FieldError>,
}

/// A key of a JSON object, borrowed where it has no escapes.
#[derive(PartialEq, Eq, Hash, Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'a> Payload<'a> {
    /// The fields of any JSON value.
    pub(super) fn new(payload: &'a RawValue) -> Self {
        let fields: HashMap<Key<'a>, &RawValue> = serde_json::from_str(payload.get()).unwrap_or_default();
        let fields = fields.into_iter().map(|(Key(key), value)| (key, value)).collect();
        Self { fields, errors: Vec::new() }
    }

    /// What was read, if nothing was wrong with any field.
    pub(super) fn all<T>(self, read: Option<T>) -> Result<T, Error> {
        read.filter(|_| self.errors.is_empty()).ok_or_else(|| Error::invalid(self.errors))
    }

    /// Any value, as it stands.
    pub(super) fn raw(&self, field: &str) -> Option<&'a RawValue> {
        self.fields.get(field).copied().filter(|value| value.get() != "null")
    }

    /// A text that is not empty.
    pub(super) fn text(&mut self, field: &str) -> Option<String> {
        let text = self.needed(field).and_then(|value| self.read::<String>(field, value, "string"));
        if text.as_deref() == Some("") {
            self.wrong(FieldError::required(field));
        }
        text.filter(|text| !text.is_empty())
    }

    /// Yes or no; `default` where it is not there.
    pub(super) fn flag(&mut self, field: &str, default: bool) -> Option<bool> {
        self.raw(field).map_or(Some(default), |value| self.read(field, value, "boolean"))
    }

    /// A count from 1 on; `default` where it is not there.
    pub(super) fn count(&mut self, field: &str, default: u64) -> Option<u64> {
        let count = self.raw(field).map_or(Some(default), |value| self.read(field, value, "number"));
        if count == Some(0) {
            self.wrong(FieldError::failed(field, "min"));
        }
        count
    }

    /// The number of something, as a number or as decimal text.
    pub(super) fn id(&mut self, field: &str) -> Option<Id> {
        self.needed(field).and_then(|value| self.number(field, value))
    }

    /// As [`Payload::id`], where it is there.
    pub(super) fn optional_id(&mut self, field: &str) -> Option<Id> {
        self.raw(field).and_then(|value| self.number(field, value))
    }

    /// Any JSON object, as it stands.
    pub(super) fn object(&mut self, field: &str) -> Option<&'a RawValue> {
        let value = self.needed(field)?;
        if !value.get().starts_with('{') {
            self.wrong(FieldError::failed(field, "object"));
            return None;
        }
        Some(value)
    }

    /// A list of what `parse` understands; an empty one where it is not there. `rule` says what its items are.
    pub(super) fn list<T>(&mut self, field: &str, rule: &str, parse: impl Fn(&RawValue) -> Option<T>) -> Vec<T> {
        let Some(value) = self.raw(field) else { return Vec::new() };
        let Some(values) = self.read::<Vec<Box<RawValue>>>(field, value, "array") else { return Vec::new() };
        let mut list = Vec::with_capacity(values.len());
        for (index, value) in values.iter().enumerate() {
            match parse(value) {
                Some(value) => list.push(value),
                None => self.wrong(FieldError::failed(&format!("{field}.{index}"), rule)),
            }
        }
        list
    }

    fn needed(&mut self, field: &str) -> Option<&'a RawValue> {
        let value = self.raw(field);
        if value.is_none() {
            self.wrong(FieldError::required(field));
        }
        value
    }

    fn number(&mut self, field: &str, value: &RawValue) -> Option<Id> {
        let id = id(value);
        if id.is_none() {
            self.wrong(FieldError::failed(field, "id"));
        }
        id
    }

    fn read<T: DeserializeOwned>(&mut self, field: &str, value: &RawValue, rule: &str) -> Option<T> {
        let read = serde_json::from_str(value.get()).ok();
        if read.is_none() {
            self.wrong(FieldError::failed(field, rule));
        }
        read
    }

    fn wrong(&mut self, error: FieldError) {
        self.errors.push(error);
    }
}

/// A number as JSON, or as decimal text.
pub(super) fn id(value: &RawValue) -> Option<Id> {
    text(value).map_or_else(|| value.get().parse().ok(), |text| text.parse().ok())
}

/// A JSON text.
pub(super) fn text(value: &RawValue) -> Option<String> {
    serde_json::from_str(value.get()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(json: &str) -> Box<RawValue> {
        RawValue::from_string(json.to_owned()).unwrap()
    }

    #[test]
    fn numbers_are_numbers_or_decimal_texts() {
        let table =
            [("4097", true), (r#""4097""#, true), ("-1", false), ("1.5", false), (r#""x""#, false), ("9e9", false)];
        for (json, good) in table {
            assert_eq!(id(&raw(json)), good.then(|| Id::new(4097).unwrap()), "{json}");
        }
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let payload = raw(r#"{"a":1,"b":"","\u0063":"x","d":null,"f":"yes","g":0,"h":[1],"k":[1,"x"],"l":{}}"#);
        let mut read = Payload::new(&payload);
        assert!(read.text("a").is_none() && read.text("b").is_none());
        assert_eq!(read.text("c").as_deref(), Some("x"), "a key may have escapes");
        assert!(read.id("d").is_none() && read.id("c").is_none() && read.optional_id("e").is_none());
        assert_eq!((read.flag("f", true), read.flag("none", true)), (None, Some(true)));
        assert_eq!((read.count("g", 5), read.count("none", 5)), (Some(0), Some(5)));
        assert!(read.object("h").is_none() && read.object("l").is_some());
        assert_eq!(read.list("k", "string", text), ["x"]);
        let error = read.all(Some(())).unwrap_err();
        let told: Vec<_> = error.fields().iter().map(|field| &*field.error).collect();
        let expected = [
            "a failed for string",
            "b is required",
            "d is required",
            "c failed for id",
            "f failed for boolean",
            "g failed for min",
            "h failed for object",
            "k.0 failed for string",
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn what_is_no_object_has_no_fields() {
        for json in ["null", "7", "[]", r#""x""#] {
            let payload = raw(json);
            let mut read = Payload::new(&payload);
            let id = read.id("roomId");
            assert_eq!(read.all(id).unwrap_err().public(), "roomId is required", "{json}");
        }
    }
}
