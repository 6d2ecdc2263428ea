//! Documents: what was fetched, read once.

use std::sync::Arc;

use quintet_core::Error;
use quintet_core::federation::inquiry::Fetched;

use super::unusable;
use crate::json::{self, Object, Value};

/// The text of an answer: `NotFound` where there is nothing, or nothing for us, `Unavailable` where that may pass.
pub(super) fn text(fetched: Fetched) -> Result<Arc<str>, Error> {
    match fetched.status {
        200 => {
            String::from_utf8(fetched.body).map(Arc::from).map_err(|error| unusable("it is not UTF-8").because(error))
        }
        401 | 403 | 404 | 410 => Err(Error::not_found("the other server shows no such thing")),
        408 | 425 | 429 | 500.. => Err(Error::unavailable("the other server cannot answer just now")),
        _ => Err(unusable("its status is not one to expect")),
    }
}

/// A JSON object that another house answered with.
pub(super) struct Document<'a> {
    /// Byte for byte.
    pub(super) text: &'a Arc<str>,
    members: Object<'a>,
}

impl<'a> Document<'a> {
    /// Reads it. No member may be there twice, at any depth.
    pub(super) fn of(text: &'a Arc<str>) -> Result<Self, Error> {
        let members = json::parse(text).map_err(|error| unusable("it is not one JSON object").because(error))?;
        Ok(Self { text, members })
    }

    /// A text, by the names that lead to it.
    pub(super) fn text_at(&self, path: &[&str]) -> Option<&str> {
        as_text(self.at(path)?)
    }

    /// The texts of a list.
    pub(super) fn texts_at(&self, path: &[&str]) -> impl Iterator<Item = &str> {
        self.list_at(path).iter().filter_map(as_text)
    }

    /// The objects of a list.
    pub(super) fn objects_at(&self, path: &[&str]) -> impl Iterator<Item = &Object<'a>> {
        self.list_at(path).iter().filter_map(as_object)
    }

    /// Whether it is of a type.
    pub(super) fn is(&self, kind: &str) -> bool {
        self.text_at(&["type"]) == Some(kind)
    }

    fn list_at(&self, path: &[&str]) -> &[Value<'a>] {
        match self.at(path) {
            Some(Value::List(items)) => items,
            _ => &[],
        }
    }

    fn at(&self, path: &[&str]) -> Option<&Value<'a>> {
        let (last, path) = path.split_last()?;
        path.iter().try_fold(&self.members, |object, name| as_object(object.get(name)?))?.get(last)
    }
}

/// A text of an object.
pub(super) fn text_of<'v>(object: &'v Object<'_>, name: &str) -> Option<&'v str> {
    as_text(object.get(name)?)
}

fn as_text<'v>(value: &'v Value<'_>) -> Option<&'v str> {
    match value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

fn as_object<'v, 'a>(value: &'v Value<'a>) -> Option<&'v Object<'a>> {
    match value {
        Value::Object(object) => Some(object),
        _ => None,
    }
}
