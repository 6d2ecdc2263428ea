//! The members of a frame, read in one pass: each at most once, texts borrowed where nothing in them is escaped.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use quintet_core::Error;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// The members that mean something; others are only looked at for duplicates.
#[derive(Debug, Default)]
pub(super) struct Members<'a> {
    pub(super) signature: Option<Member<'a>>,
    pub(super) signed_at: Option<Member<'a>>,
    pub(super) signed_by: Option<Member<'a>>,
    pub(super) entity: Option<&'a RawValue>,
    pub(super) in_reply_to: Option<Member<'a>>,
    pub(super) status: Option<&'a RawValue>,
    pub(super) error: Option<&'a RawValue>,
    pub(super) details: Option<&'a RawValue>,
    pub(super) retry_after: Option<&'a RawValue>,
}

/// A value that should be a text.
#[derive(Debug)]
pub(super) enum Member<'a> {
    Text(Cow<'a, str>),
    Other,
}

impl Members<'_> {
    /// Whether it is meant as a message (versia.md, section 2.5).
    pub(super) fn is_message(&self) -> bool {
        self.entity.is_some() || self.signature.is_some() || self.signed_at.is_some() || self.signed_by.is_some()
    }
}

impl<'a> Member<'a> {
    /// The text, or that this member is none.
    pub(super) fn text(self, name: &str) -> Result<Cow<'a, str>, Error> {
        match self {
            Self::Text(text) => Ok(text),
            Self::Other => Err(Error::bad_message(format!("{name} is not a string"))),
        }
    }
}

/// The text that a JSON string stands for, where it is kept: of all copies the only one. A lone surrogate stands for none: it has no UTF-8 form.
pub(super) fn unescape(raw: &RawValue) -> Result<Arc<str>, Error> {
    if !raw.get().starts_with('"') {
        return Err(Error::bad_message("entity is not a string"));
    }
    serde_json::Deserializer::from_str(raw.get())
        .deserialize_str(TextVisitor)
        .map_err(|cause| Error::bad_message("entity has an escape that stands for no character").because(cause))
}

/// A value of this type, where it is one.
pub(super) fn parse<T: DeserializeOwned>(raw: Option<&RawValue>) -> Option<T> {
    raw.and_then(|raw| serde_json::from_str(raw.get()).ok())
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FrameVisitor).map(|members: Members<'de>| members)
    }
}

struct FrameVisitor;

impl<'de> Visitor<'de> for FrameVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = Members::default();
        let mut others = BTreeSet::new();
        while let Some(Member::Text(key)) = map.next_key()? {
            let is_new = match &*key {
                "signature" => set(&mut members.signature, &mut map)?,
                "signed_at" => set(&mut members.signed_at, &mut map)?,
                "signed_by" => set(&mut members.signed_by, &mut map)?,
                "entity" => set(&mut members.entity, &mut map)?,
                "in_reply_to" => set(&mut members.in_reply_to, &mut map)?,
                "status" => set(&mut members.status, &mut map)?,
                "error" => set(&mut members.error, &mut map)?,
                "details" => set(&mut members.details, &mut map)?,
                "retry_after" => set(&mut members.retry_after, &mut map)?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    others.insert(key)
                }
            };
            if !is_new {
                return Err(A::Error::custom("a member is there twice"));
            }
        }
        Ok(members)
    }
}

/// Takes the value of a member; `false` where it had one.
fn set<'de, A, T>(place: &mut Option<T>, map: &mut A) -> Result<bool, A::Error>
where
    A: MapAccess<'de>,
    T: Deserialize<'de>,
{
    Ok(place.replace(map.next_value()?).is_none())
}

impl<'de: 'a, 'a> Deserialize<'de> for Member<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MemberVisitor).map(|member: Member<'de>| member)
    }
}

struct TextVisitor;

impl Visitor<'_> for TextVisitor {
    type Value = Arc<str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E>(self, text: &str) -> Result<Arc<str>, E> {
        Ok(text.into())
    }
}

struct MemberVisitor;

impl<'de> Visitor<'de> for MemberVisitor {
    type Value = Member<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Member<'de>, E> {
        Ok(Member::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Member<'de>, E> {
        Ok(Member::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Member<'de>, E> {
        Ok(Member::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Member<'de>, E> {
        Ok(Member::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Member<'de>, E> {
        Ok(Member::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Member<'de>, E> {
        Ok(Member::Other)
    }

    fn visit_unit<E>(self) -> Result<Member<'de>, E> {
        Ok(Member::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Member<'de>, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Member::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Member<'de>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Member::Other)
    }
}
