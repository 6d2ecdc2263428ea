//! JSON of other servers: one reader, which refuses what two readers could understand differently (versia.md, sections 4.7 and 5).

use std::borrow::Cow;
use std::fmt;

use quintet_core::Error;
use quintet_core::limits::{ENTITY_DEPTH, ENTITY_VALUES};
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

/// What was read; texts without escapes are those of the document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Flag(bool),
    /// A number that is written as an integer from 0 to 2^64 - 1.
    Count(u64),
    /// Any other number.
    Number(f64),
    /// A text.
    Text(Cow<'a, str>),
    /// An array.
    List(Vec<Value<'a>>),
    /// An object.
    Object(Object<'a>),
}

/// Members in the order of the document, no two of one name.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Object<'a>(Vec<(Cow<'a, str>, Value<'a>)>);

impl<'a> Object<'a> {
    /// The value of a member.
    pub(crate) fn get(&self, name: &str) -> Option<&Value<'a>> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// Every member.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&str, &Value<'a>)> {
        self.0.iter().map(|(key, value)| (key.as_ref(), value))
    }
}

/// Reads a document that is one object. `BadMessage` for what is no JSON, names a member twice at any depth, is nested deeper than [`ENTITY_DEPTH`] or has more than
/// [`ENTITY_VALUES`] values.
pub(crate) fn parse(text: &str) -> Result<Object<'_>, Error> {
    let mut left = ENTITY_VALUES;
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Seed { left: &mut left, depth: 0 }.deserialize(&mut reader).and_then(|value| {
        reader.end()?;
        Ok(value)
    });
    match value {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Error::bad_message("must be one JSON object")),
        Err(error) => Err(Error::bad_message(format!("not readable as JSON: {error}"))),
    }
}

/// Reads one value, within what is left of the bounds.
struct Seed<'b> {
    left: &'b mut usize,
    depth: usize,
}

impl Seed<'_> {
    fn enter<E: serde::de::Error>(&self) -> Result<usize, E> {
        if self.depth == ENTITY_DEPTH { Err(E::custom("nested too deeply")) } else { Ok(self.depth + 1) }
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value<'de>, D::Error> {
        *self.left = self.left.checked_sub(1).ok_or_else(|| D::Error::custom("too many values"))?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value<'de>, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value<'de>, E> {
        Ok(Value::Flag(flag))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value<'de>, E> {
        Ok(Value::Count(number))
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "nothing that is counted is negative; how much it is does not matter"
    )]
    fn visit_i64<E>(self, number: i64) -> Result<Value<'de>, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value<'de>, E> {
        Ok(Value::Number(number))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Value<'de>, E> {
        Ok(Value::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value<'de>, E> {
        Ok(Value::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value<'de>, A::Error> {
        let depth = self.enter()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Seed { left: self.left, depth })? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value<'de>, A::Error> {
        let depth = self.enter()?;
        let mut object = Vec::new();
        while let Some(key) = members.next_key_seed(Key)? {
            object.push((key, members.next_value_seed(Seed { left: self.left, depth })?));
        }
        if has_twins(&object) {
            return Err(A::Error::custom("a member is there twice"));
        }
        Ok(Value::Object(Object(object)))
    }
}

/// Whether two members have one name.
fn has_twins(members: &[(Cow<'_, str>, Value<'_>)]) -> bool {
    // The usual entity has so few that sorting them would cost more.
    if members.len() <= 16 {
        let twin = |(at, (key, _)): (usize, &(Cow<'_, str>, _))| members[..at].iter().any(|(other, _)| other == key);
        return members.iter().enumerate().any(twin);
    }
    let mut keys: Vec<&str> = members.iter().map(|(key, _)| key.as_ref()).collect();
    keys.sort_unstable();
    keys.windows(2).any(|pair| pair[0] == pair[1])
}

/// Reads the name of a member.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cow<'de, str>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_they_are_written() {
        let object =
            parse(r#"{"a":null,"b":true,"c":18446744073709551615,"d":1.0,"e":-1,"f":"\u00fc","g":[1,{}]}"#).unwrap();
        let read: Vec<_> = object.members().map(|(_, value)| value.clone()).collect();
        let list = Value::List(vec![Value::Count(1), Value::Object(Object::default())]);
        assert_eq!(
            read,
            [
                Value::Null,
                Value::Flag(true),
                Value::Count(u64::MAX),
                Value::Number(1.0),
                Value::Number(-1.0),
                Value::Text("ü".into()),
                list
            ]
        );
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        let many = (0..40).map(|n| format!("\"m{n}\":1,")).collect::<Vec<_>>().concat();
        let bad = [
            String::new(),
            "[]".into(),
            "null".into(),
            "1".into(),
            "{} {}".into(),
            "{".into(),
            r#"{"a":1,}"#.into(),
            r#"{"a":NaN}"#.into(),
            r#"{"a":Infinity}"#.into(),
            r#"{"a":1e999}"#.into(),
            r#"{"a":01}"#.into(),
            r#"{"a":1,"a":1}"#.into(),
            r#"{"a":1,"\u0061":2}"#.into(),
            r#"{"x":[{"y":{"a":1,"b":2,"a":3}}]}"#.into(),
            format!(r#"{{{many}"m7":2}}"#),
            r#"{"a":"\ud800"}"#.into(),
            r#"{"\udc00":1}"#.into(),
            "{\"a\":\"\u{1}\"}".into(),
        ];
        for text in bad {
            assert_eq!(parse(&text).unwrap_err().status(), 400, "{text}");
        }
        assert!(parse(&format!(r#"{{{many}"last":2}}"#)).is_ok());
    }

    #[test]
    fn depth_and_values_are_bounded() {
        let nested = |depth: usize| format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
        assert!(parse(&nested(ENTITY_DEPTH)).is_ok() && parse(&nested(ENTITY_DEPTH + 1)).is_err());
        let lists = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(&lists(ENTITY_DEPTH - 1)).is_ok() && parse(&lists(ENTITY_DEPTH)).is_err());
        assert!(parse(&"{\"a\":".repeat(100_000)).is_err());
        let wide = |items: usize| format!("{{\"a\":[{}0]}}", "0,".repeat(items - 1));
        assert!(parse(&wide(ENTITY_VALUES - 2)).is_ok() && parse(&wide(ENTITY_VALUES - 1)).is_err());
    }
}
