//! Shape: how the members of an entity are read, so that what is wrong is named.

use quintet_core::federation::Form;
use quintet_core::{Error, Timestamp};

use crate::entity::kind;
use crate::json::{Object, Value};
use crate::moment;

/// An object, and where it stands in the entity.
#[derive(Clone, Copy)]
pub(super) struct Shape<'v> {
    object: &'v Object<'v>,
    form: Form,
    within: Option<(&'v Shape<'v>, &'v str)>,
}

/// What is wrong with the shape of an entity: 400 in 0.5, 422 in 0.6 (versia.md, section 3.1).
pub(super) fn fault(form: Form, text: impl Into<String>) -> Error {
    let error = Error::bad_message(text);
    if form == Form::Reference { error.with_status(422) } else { error }
}

impl<'v> Shape<'v> {
    /// A whole entity.
    pub(super) fn new(object: &'v Object<'v>, form: Form) -> Self {
        Self { object, form, within: None }
    }

    /// An object within this one.
    pub(super) fn inner(&'v self, member: &'v str, object: &'v Object<'v>) -> Self {
        Self { object, form: self.form, within: Some((self, member)) }
    }

    pub(super) fn form(&self) -> Form {
        self.form
    }

    /// An error about a member: `content.text/plain: must …`.
    pub(super) fn fault(&self, member: &str, text: &str) -> Error {
        fault(self.form, format!("{}: {text}", self.path(member)))
    }

    /// A member and those that contain it, joined by dots.
    fn path(&self, member: &str) -> String {
        if self.within.is_none() { cut(member) } else { format!("{}.{}", self.place(), cut(member)) }
    }

    /// The member that this object is.
    pub(super) fn place(&self) -> String {
        self.within.map(|(outer, member)| outer.path(member)).unwrap_or_default()
    }

    /// A member that is there and not null.
    pub(super) fn get(&self, member: &str) -> Option<&'v Value<'v>> {
        self.object.get(member).filter(|value| **value != Value::Null)
    }

    /// Whether there is such a member, be it null.
    pub(super) fn names(&self, member: &str) -> bool {
        self.object.get(member).is_some()
    }

    /// Every member.
    pub(super) fn members(&self) -> impl Iterator<Item = (&'v str, &'v Value<'v>)> {
        self.object.members()
    }

    /// A member that may be missing: null is the same.
    fn maybe<T>(
        &self,
        member: &str,
        expected: &str,
        read: impl FnOnce(&'v Value<'v>) -> Option<T>,
    ) -> Result<Option<T>, Error> {
        let Some(value) = self.get(member) else { return Ok(None) };
        read(value).map(Some).ok_or_else(|| self.fault(member, expected))
    }

    /// What must be there.
    pub(super) fn must<T>(&self, member: &str, value: Option<T>) -> Result<T, Error> {
        value.ok_or_else(|| self.fault(member, "is required"))
    }

    /// What must be there in 0.6.
    pub(super) fn must_in_reference_form<T>(&self, member: &str, value: Option<T>) -> Result<Option<T>, Error> {
        if self.form == Form::Reference { self.must(member, value).map(Some) } else { Ok(value) }
    }

    pub(super) fn maybe_text(&self, member: &str) -> Result<Option<&'v str>, Error> {
        self.maybe(member, "must be a string", as_text)
    }

    pub(super) fn text(&self, member: &str) -> Result<&'v str, Error> {
        self.must(member, self.maybe_text(member)?)
    }

    /// A text that is not empty.
    pub(super) fn words(&self, member: &str) -> Result<&'v str, Error> {
        let text = self.text(member)?;
        if text.is_empty() { Err(self.fault(member, "must not be empty")) } else { Ok(text) }
    }

    /// A text that a rule holds for.
    pub(super) fn text_where(&self, member: &str, rule: fn(&str) -> bool, expected: &str) -> Result<&'v str, Error> {
        let text = self.text(member)?;
        if rule(text) { Ok(text) } else { Err(self.fault(member, expected)) }
    }

    /// One of some words, where it is there.
    pub(super) fn maybe_word(&self, member: &str, words: &[&str]) -> Result<Option<&'v str>, Error> {
        let expected = || format!("must be one of {}", words.join(", "));
        match self.maybe_text(member)? {
            Some(text) if !words.contains(&text) => Err(self.fault(member, &expected())),
            other => Ok(other),
        }
    }

    pub(super) fn maybe_flag(&self, member: &str) -> Result<Option<bool>, Error> {
        self.maybe(member, "must be true or false", |value| match value {
            Value::Flag(flag) => Some(*flag),
            _ => None,
        })
    }

    pub(super) fn flag(&self, member: &str) -> Result<bool, Error> {
        self.must(member, self.maybe_flag(member)?)
    }

    /// An integer that is not negative (versia.md, section 4.7).
    pub(super) fn maybe_count(&self, member: &str) -> Result<Option<u64>, Error> {
        self.maybe(member, "must be an integer, 0 or more", as_count)
    }

    pub(super) fn count(&self, member: &str) -> Result<u64, Error> {
        self.must(member, self.maybe_count(member)?)
    }

    /// A number that is not negative.
    pub(super) fn maybe_number(&self, member: &str) -> Result<(), Error> {
        self.maybe(member, "must be a number, 0 or more", |value| match value {
            Value::Count(_) => Some(()),
            Value::Number(number) => (*number >= 0.0).then_some(()),
            _ => None,
        })
        .map(|_| ())
    }

    pub(super) fn maybe_moment(&self, member: &str) -> Result<Option<Timestamp>, Error> {
        let expected = "must be a time as in 2024-10-18T08:56:40Z";
        self.maybe(member, expected, |value| as_text(value).and_then(moment::read))
    }

    pub(super) fn moment(&self, member: &str) -> Result<Timestamp, Error> {
        self.must(member, self.maybe_moment(member)?)
    }

    /// A URL of the web, wherever it leads.
    pub(super) fn maybe_link(&self, member: &str) -> Result<Option<&'v str>, Error> {
        self.maybe(member, "must be an absolute URL", |value| as_text(value).filter(|text| is_link(text)))
    }

    pub(super) fn link(&self, member: &str) -> Result<&'v str, Error> {
        self.must(member, self.maybe_link(member)?)
    }

    pub(super) fn maybe_list(&self, member: &str) -> Result<Option<&'v [Value<'v>]>, Error> {
        self.maybe(member, "must be an array", |value| match value {
            Value::List(items) => Some(items.as_slice()),
            _ => None,
        })
    }

    pub(super) fn list(&self, member: &str) -> Result<&'v [Value<'v>], Error> {
        self.must(member, self.maybe_list(member)?)
    }

    /// Texts that a rule holds for.
    pub(super) fn texts(&self, member: &str, rule: fn(&str) -> bool, expected: &str) -> Result<Vec<&'v str>, Error> {
        let read = |value: &'v Value<'v>| as_text(value).filter(|text| rule(text));
        self.list(member)?.iter().map(|item| read(item).ok_or_else(|| self.fault(member, expected))).collect()
    }

    pub(super) fn maybe_object(&self, member: &str) -> Result<Option<&'v Object<'v>>, Error> {
        self.maybe(member, "must be an object", as_object)
    }

    pub(super) fn object(&self, member: &str) -> Result<&'v Object<'v>, Error> {
        self.must(member, self.maybe_object(member)?)
    }

    /// The objects of a list, where it is there.
    pub(super) fn maybe_objects(&self, member: &str) -> Result<Option<Vec<&'v Object<'v>>>, Error> {
        let Some(items) = self.maybe_list(member)? else { return Ok(None) };
        let read = |item| as_object(item).ok_or_else(|| self.fault(member, "must be an array of objects"));
        items.iter().map(read).collect::<Result<_, _>>().map(Some)
    }

    /// The blocks of extensions. What is in those that are not known is never an error (versia.md, section 4).
    pub(super) fn check_extensions(&self) -> Result<(), Error> {
        let Some(extensions) = self.maybe_object("extensions")? else { return Ok(()) };
        let strange = extensions.members().find(|(name, _)| !kind::is_space(name));
        strange.map_or(Ok(()), |_| Err(self.fault("extensions", "must have keys as in org.example:name")))
    }

    /// The block of an extension.
    pub(super) fn extension(&self, name: &str) -> Option<&'v Value<'v>> {
        as_object(self.get("extensions")?)?.get(name).filter(|value| **value != Value::Null)
    }
}

/// The name of a member as it is shown: not long, and without what could upset a log.
pub(super) fn cut(member: &str) -> String {
    member.chars().take(64).map(|c| if c.is_ascii_graphic() { c } else { '?' }).collect()
}

pub(super) fn as_text<'v>(value: &'v Value<'v>) -> Option<&'v str> {
    match value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

pub(super) fn as_count(value: &Value<'_>) -> Option<u64> {
    match value {
        Value::Count(count) => Some(*count),
        _ => None,
    }
}

pub(super) fn as_object<'v>(value: &'v Value<'v>) -> Option<&'v Object<'v>> {
    match value {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

/// Whether this is a URL of the web. It is never fetched without the gate, so only what could upset a reader is refused.
fn is_link(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let clean = !text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\');
    clean && rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', '?', '#']))
}
