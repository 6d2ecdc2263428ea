//! Views of values within a compact text.

use std::borrow::Cow;

/// A value within a text that [`mod@super::compact`] made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Value<'a>(&'a str);

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Null,
    Bool,
    Number,
    Text,
    List,
    Object,
}

impl<'a> Value<'a> {
    /// What must the caller hold true: `compact` is such a text, whole.
    pub(crate) fn of(compact: &'a str) -> Self {
        Self(compact)
    }

    /// The JSON itself.
    pub(crate) fn json(self) -> &'a str {
        self.0
    }

    pub(crate) fn kind(self) -> Kind {
        match self.0.as_bytes().first() {
            Some(b'"') => Kind::Text,
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::List,
            Some(b't' | b'f') => Kind::Bool,
            Some(b'n') | None => Kind::Null,
            Some(_) => Kind::Number,
        }
    }

    /// What a string says.
    pub(crate) fn text(self) -> Option<Cow<'a, str>> {
        let inner = self.0.strip_prefix('"')?.strip_suffix('"')?;
        if inner.contains('\\') {
            serde_json::from_str(self.0).ok().map(Cow::Owned)
        } else {
            Some(Cow::Borrowed(inner))
        }
    }

    /// The items of a list; nothing for anything else.
    pub(crate) fn items(self) -> impl Iterator<Item = Value<'a>> {
        let mut rest = self.inside(Kind::List);
        std::iter::from_fn(move || take_value(&mut rest))
    }

    /// The members of an object that have these names; looks no further when it has found them all.
    pub(crate) fn pick<const N: usize>(self, names: [&str; N]) -> [Option<Value<'a>>; N] {
        let mut picked = [None; N];
        let mut missing = N;
        let mut rest = self.inside(Kind::Object);
        while missing > 0 {
            let Some((key, value)) = take_member(&mut rest) else { break };
            if let Some(place) = names.iter().position(|name| *name == key) {
                picked[place] = Some(value);
                missing -= 1;
            }
        }
        picked
    }

    /// What stands between the brackets.
    fn inside(self, kind: Kind) -> &'a str {
        if self.kind() == kind { &self.0[1..self.0.len() - 1] } else { "" }
    }
}

/// Takes the next value and the comma behind it.
fn take_value<'a>(rest: &mut &'a str) -> Option<Value<'a>> {
    if rest.is_empty() {
        return None;
    }
    let (value, behind) = rest.split_at(end_of_value(rest.as_bytes()));
    *rest = behind.strip_prefix(',').unwrap_or(behind);
    Some(Value(value))
}

/// Takes the next key, as it is spelled between its quotes, and its value.
fn take_member<'a>(rest: &mut &'a str) -> Option<(&'a str, Value<'a>)> {
    if rest.is_empty() {
        return None;
    }
    let end = end_of_string(rest.as_bytes());
    let key = &rest[1..end - 1];
    *rest = &rest[end + 1..];
    Some((key, take_value(rest)?))
}

fn end_of_value(text: &[u8]) -> usize {
    match text.first() {
        Some(b'"') => end_of_string(text),
        Some(b'{' | b'[') => end_of_nested(text),
        _ => text.iter().position(|byte| matches!(byte, b',' | b']' | b'}')).unwrap_or(text.len()),
    }
}

fn end_of_string(text: &[u8]) -> usize {
    let mut at = 1;
    loop {
        match text.get(at) {
            Some(b'"') | None => return (at + 1).min(text.len()),
            Some(b'\\') => at += 2,
            Some(_) => at += 1,
        }
    }
}

fn end_of_nested(text: &[u8]) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => {
                at += end_of_string(&text[at..]);
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            break;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_know_what_they_are() {
        for (json, kind) in [
            ("null", Kind::Null),
            ("true", Kind::Bool),
            ("-1", Kind::Number),
            ("\"\"", Kind::Text),
            ("[]", Kind::List),
            ("{}", Kind::Object),
        ] {
            assert_eq!(Value::of(json).kind(), kind, "{json}");
        }
    }

    #[test]
    fn strings_are_unescaped() {
        assert_eq!(Value::of(r#""a\"b\\\u0001""#).text().as_deref(), Some("a\"b\\\u{1}"));
        assert_eq!(Value::of("\"é\"").text().as_deref(), Some("é"));
        assert_eq!(Value::of("1").text(), None);
    }

    #[test]
    fn lists_give_their_items() {
        let items = |json| Value::of(json).items().map(Value::json).collect::<Vec<_>>();
        assert_eq!(
            items(r#"["a,]\"",[1,[2]],{"b":"}"},3,null]"#),
            [r#""a,]\"""#, "[1,[2]]", r#"{"b":"}"}"#, "3", "null"]
        );
        assert!(items("[]").is_empty());
        assert!(items("{\"a\":1}").is_empty());
    }

    #[test]
    fn objects_give_their_members() {
        let [b, z, a] = Value::of(r#"{"a":{"b":1},"b":[",{"],"c":0}"#).pick(["b", "z", "a"]);
        assert_eq!((b.map(Value::json), z, a.map(Value::json)), (Some("[\",{\"]"), None, Some("{\"b\":1}")));
        assert_eq!(Value::of("[]").pick(["a"]), [None]);
    }
}
