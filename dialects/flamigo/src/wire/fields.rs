//! Fields: reading a payload that is an object, and what is wrong with it (flamigo.md, section 4.3).

use std::borrow::Cow;
use std::collections::HashMap;

use quintet_core::error::FieldError;
use quintet_core::{Error, Id};
use serde_json::value::RawValue;

use super::command::text;

/// So many things are told to be wrong at the most, and then some of the last item of a list.
const WRONG: usize = 64;

/// The members of an object, and what was found wrong with them so far.
pub(crate) struct Fields<'a> {
    members: HashMap<String, &'a RawValue>,
    /// In front of every name: empty, or a path with a dot at its end.
    path: String,
    wrong: Vec<FieldError>,
}

impl<'a> Fields<'a> {
    /// Those of a payload; `null` has none. What is no object is wrong as a whole.
    pub(crate) fn of(payload: &'a RawValue) -> Result<Self, Error> {
        match Self::within("", payload) {
            Some(fields) => Ok(fields),
            None => Err(Error::invalid(vec![FieldError::failed("payload", "object")])),
        }
    }

    /// Those of an object at a path within the payload; `None` where it is no object.
    pub(crate) fn within(path: &str, value: &'a RawValue) -> Option<Self> {
        let members = match value.get() {
            "null" => HashMap::new(),
            json => serde_json::from_str(json).ok()?,
        };
        let path = if path.is_empty() { String::new() } else { format!("{path}.") };
        Some(Self { members, path, wrong: Vec::new() })
    }

    /// A field that must be there, and must be what `read` takes; `rule` says what that is.
    pub(crate) fn required<T>(
        &mut self,
        name: &str,
        rule: &str,
        read: impl FnOnce(&'a RawValue) -> Option<T>,
    ) -> Option<T> {
        if self.given(name).is_none() {
            self.wrong.push(FieldError::required(&format!("{}{name}", self.path)));
        }
        self.optional(name, rule, read)
    }

    /// A field that may be missing or `null`.
    pub(crate) fn optional<T>(
        &mut self,
        name: &str,
        rule: &str,
        read: impl FnOnce(&'a RawValue) -> Option<T>,
    ) -> Option<T> {
        let value = read(self.given(name)?);
        if value.is_none() {
            self.wrong(name, rule);
        }
        value
    }

    /// A list that may be missing or `null`; `read` takes an item and its path.
    pub(crate) fn list<T>(
        &mut self,
        name: &str,
        mut read: impl FnMut(&'a RawValue, &str) -> Result<T, Vec<FieldError>>,
    ) -> Option<Vec<T>> {
        let items: Vec<&RawValue> = self.optional(name, "array", |raw| serde_json::from_str(raw.get()).ok())?;
        let mut list = Vec::with_capacity(items.len());
        for (index, item) in items.into_iter().enumerate() {
            // Otherwise a list of nothing good would make a reply of many times its size.
            if self.wrong.len() >= WRONG {
                break;
            }
            match read(item, &format!("{}{name}.{index}", self.path)) {
                Ok(value) => list.push(value),
                Err(wrong) => self.wrong.extend(wrong),
            }
        }
        Some(list)
    }

    /// A value as it stands; `null` where there is none.
    pub(crate) fn any(&self, name: &str) -> &'a RawValue {
        self.members.get(name).copied().unwrap_or(RawValue::NULL)
    }

    /// Notes that a field breaks a rule.
    pub(crate) fn wrong(&mut self, name: &str, rule: &str) {
        self.wrong.push(FieldError::failed(&format!("{}{name}", self.path), rule));
    }

    /// Notes that a field is wrong, in words.
    pub(crate) fn wrong_because(&mut self, name: &str, why: &str) {
        let field = format!("{}{name}", self.path);
        self.wrong.push(FieldError { error: format!("{field}: {why}"), field });
    }

    /// What is wrong with them.
    pub(crate) fn into_wrong(self) -> Vec<FieldError> {
        self.wrong
    }

    /// `BadMessage` where anything is wrong.
    pub(crate) fn check(self) -> Result<(), Error> {
        if self.wrong.is_empty() { Ok(()) } else { Err(Error::invalid(self.wrong)) }
    }

    /// A text of no length is as good as missing (the rule `required` of section 4.3).
    fn given(&self, name: &str) -> Option<&'a RawValue> {
        self.members.get(name).copied().filter(|value| !matches!(value.get(), "null" | "\"\""))
    }
}

/// A whole number.
pub(crate) fn whole<T: std::str::FromStr>(raw: &RawValue) -> Option<T> {
    raw.get().parse().ok()
}

/// A number that names something, or its digits as text.
pub(crate) fn id(raw: &RawValue) -> Option<Id> {
    let digits = text(raw).unwrap_or(Cow::Borrowed(raw.get()));
    digits.parse().ok().filter(|_| !digits.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(json: &str) -> &RawValue {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let mut fields = Fields::of(raw(r#"{"a":"","b":7,"c":null,"d":[1,"x"]}"#)).unwrap();
        assert_eq!(fields.required("a", "string", text), None);
        assert_eq!(fields.required("b", "string", text), None);
        assert_eq!(fields.optional("c", "string", text), None);
        let d = fields.list("d", |item, path| text(item).ok_or_else(|| vec![FieldError::failed(path, "string")]));
        assert_eq!(d.unwrap(), ["x"]);
        let error = fields.check().unwrap_err();
        let told: Vec<_> = error.fields().iter().map(|field| field.error.as_str()).collect();
        assert_eq!(told, ["a is required", "b failed for string", "d.0 failed for string"]);
        assert_eq!((error.status(), error.public()), (400, "a is required"));
    }

    #[test]
    fn a_long_list_of_nothing_good_has_a_short_reply() {
        let long = format!(r#"{{"d":[{}0]}}"#, "0,".repeat(10_000));
        let mut fields = Fields::of(raw(&long)).unwrap();
        fields.list("d", |item, path| text(item).ok_or_else(|| vec![FieldError::failed(path, "string")]));
        assert_eq!(fields.check().unwrap_err().fields().len(), WRONG);
    }

    #[test]
    fn what_is_no_object_has_no_fields() {
        assert!(Fields::of(raw("null")).is_ok());
        for json in ["[]", "1", "\"x\"", "true"] {
            assert_eq!(Fields::of(raw(json)).err().unwrap().fields()[0].error, "payload failed for object");
        }
    }

    #[test]
    fn ids_are_numbers_or_their_digits() {
        for (json, number) in
            [("7", Some(7)), ("\"7\"", Some(7)), ("\"\"", None), ("-1", None), ("1.5", None), ("{}", None)]
        {
            assert_eq!(id(raw(json)).map(Id::get), number, "{json}");
        }
    }
}
