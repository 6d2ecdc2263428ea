//! Patterns of JSON: what a conversation expects a server to say.
//!
//! A pattern is JSON in which `*` stands for any value, `$name` for a value that is captured when first met and must be equal
//! afterwards, and `...` at the end of an object for any further keys. In strings, `$name` is replaced by what was captured.

use std::collections::HashMap;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

/// What was captured so far, by name.
pub type Captures = HashMap<String, Value>;

/// A parsed pattern.
#[derive(Debug, Clone, PartialEq)]
pub enum Pattern {
    /// `*`
    Any,
    /// `$name`
    Capture(String),
    /// A number, string, boolean or null; strings may hold `$name`.
    Literal(Value),
    /// An array of exactly these.
    Array(Vec<Pattern>),
    /// An object of exactly these members, or of these and others.
    Object(Vec<(String, Pattern)>, bool),
}

impl Pattern {
    /// Reads a pattern.
    pub fn parse(text: &str) -> Result<Self> {
        let mut reader = Reader { rest: text.trim() };
        let pattern = reader.value().with_context(|| format!("in the pattern {text}"))?;
        ensure!(reader.rest.trim().is_empty(), "something follows the pattern: {}", reader.rest);
        Ok(pattern)
    }

    /// Compares a value with the pattern; says where they differ.
    pub fn check(&self, value: &Value, captures: &mut Captures) -> Result<()> {
        match self {
            Self::Any => Ok(()),
            Self::Capture(name) => {
                let known = captures.entry(name.clone()).or_insert_with(|| value.clone());
                same(known, value).with_context(|| format!("${name}"))
            }
            Self::Literal(Value::String(text)) => same(&Value::String(fill(text, captures)?), value),
            Self::Literal(literal) => same(literal, value),
            Self::Array(patterns) => check_array(patterns, value, captures),
            Self::Object(members, open) => check_object(members, *open, value, captures),
        }
    }
}

fn same(expected: &Value, value: &Value) -> Result<()> {
    ensure!(expected == value, "expected {expected}, got {value}");
    Ok(())
}

fn check_array(patterns: &[Pattern], value: &Value, captures: &mut Captures) -> Result<()> {
    let values = value.as_array().with_context(|| format!("expected an array, got {value}"))?;
    ensure!(values.len() == patterns.len(), "expected {} items, got {value}", patterns.len());
    for (index, (pattern, value)) in patterns.iter().zip(values).enumerate() {
        pattern.check(value, captures).with_context(|| format!("[{index}]"))?;
    }
    Ok(())
}

fn check_object(members: &[(String, Pattern)], open: bool, value: &Value, captures: &mut Captures) -> Result<()> {
    let object = value.as_object().with_context(|| format!("expected an object, got {value}"))?;
    for (key, pattern) in members {
        let key = fill(key, captures)?;
        let member = object.get(&key).with_context(|| format!("no key {key:?} in {value}"))?;
        pattern.check(member, captures).with_context(|| format!(".{key}"))?;
    }
    ensure!(open || object.len() == members.len(), "more keys than expected in {value}");
    Ok(())
}

/// Replaces each `$name` in a text by what was captured: strings bare, everything else as JSON.
pub fn fill(text: &str, captures: &Captures) -> Result<String> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        filled.push_str(&rest[..at]);
        let name = name_at(&rest[at + 1..]);
        if name.is_empty() {
            filled.push('$');
        } else {
            match captures.get(name).with_context(|| format!("nothing was captured as ${name}"))? {
                Value::String(text) => filled.push_str(text),
                other => filled.push_str(&other.to_string()),
            }
        }
        rest = &rest[at + 1 + name.len()..];
    }
    filled.push_str(rest);
    Ok(filled)
}

/// The longest name at the beginning of a text: letters, digits, `_`, and inner dots.
fn name_at(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '.').unwrap_or(text.len());
    text[..end].trim_end_matches('.')
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn value(&mut self) -> Result<Pattern> {
        self.skip();
        match self.rest.chars().next() {
            Some('*') => {
                self.eat("*");
                Ok(Pattern::Any)
            }
            Some('$') => {
                let name = name_at(&self.rest[1..]).to_owned();
                self.rest = &self.rest[1 + name.len()..];
                Ok(Pattern::Capture(name))
            }
            Some('[') => self.array(),
            Some('{') => self.object(),
            Some(_) => self.literal(),
            None => bail!("the pattern ends too early"),
        }
    }

    fn literal(&mut self) -> Result<Pattern> {
        let mut values = serde_json::Deserializer::from_str(self.rest).into_iter::<Value>();
        let value = values.next().context("a value is missing")?.with_context(|| format!("at {}", self.rest))?;
        let end = values.byte_offset();
        self.rest = &self.rest[end..];
        Ok(Pattern::Literal(value))
    }

    fn array(&mut self) -> Result<Pattern> {
        self.eat("[");
        let mut items = Vec::new();
        while !self.eat("]") {
            items.push(self.value()?);
            self.eat(",");
        }
        Ok(Pattern::Array(items))
    }

    fn object(&mut self) -> Result<Pattern> {
        self.eat("{");
        let (mut members, mut open) = (Vec::new(), false);
        while !self.eat("}") {
            if self.eat("...") {
                open = true;
                continue;
            }
            let Pattern::Literal(Value::String(key)) = self.literal()? else {
                bail!("keys are strings: {}", self.rest)
            };
            ensure!(self.eat(":"), "a colon is missing behind {key:?}");
            members.push((key, self.value()?));
            self.eat(",");
        }
        Ok(Pattern::Object(members, open))
    }

    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn eat(&mut self, token: &str) -> bool {
        self.skip();
        let found = self.rest.strip_prefix(token);
        self.rest = found.unwrap_or(self.rest);
        found.is_some()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(pattern: &str, value: &Value) -> bool {
        Pattern::parse(pattern).and_then(|pattern| pattern.check(value, &mut Captures::new())).is_ok()
    }

    #[test]
    fn patterns_match_what_they_say_and_nothing_else() {
        let chat = json!({"id": 7, "content": "x", "reactions": {}, "threadId": null});
        assert!(check(r#"{"id":$id,"content":"x","reactions":{},"threadId":null}"#, &chat));
        assert!(check(r#"{"id":*,...}"#, &chat));
        assert!(!check(r#"{"id":7}"#, &chat), "further keys need an ellipsis");
        assert!(!check(r#"{"id":"7",...}"#, &chat));
        assert!(check("[1,*,[]]", &json!([1, 2, []])));
        assert!(!check("[1]", &json!([1, 2])));
    }

    #[test]
    fn captures_must_stay_the_same() {
        assert!(check("[$a,$a]", &json!([1, 1])));
        assert!(!check("[$a,$a]", &json!([1, 2])));
        assert!(check(r#"[$a,"n-$a"]"#, &json!([1, "n-1"])));
        assert!(!check(r#"["$unknown"]"#, &json!(["x"])));
    }

    #[test]
    fn broken_patterns_are_errors() {
        for text in ["", "{", r#"{"a"}"#, "[1", "{} x", "nul"] {
            assert!(Pattern::parse(text).is_err(), "{text}");
        }
    }
}
