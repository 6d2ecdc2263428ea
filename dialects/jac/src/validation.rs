//! Validation errors in the form of pydantic 2, which clients of the original parse.

mod check;

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

pub(crate) use check::Form;

use crate::json::{self, Value};

/// One thing that is wrong with an input.
#[derive(Debug)]
pub(crate) struct Entry<'a> {
    /// pydantic's name for it: `missing`, `string_type` …
    pub(crate) kind: &'static str,
    /// Where, from the outside in.
    pub(crate) loc: Vec<Loc>,
    /// A sentence.
    pub(crate) msg: Cow<'static, str>,
    /// What was found; for what is missing, what it is missing from.
    pub(crate) input: Value<'a>,
    /// What the sentence was made from: a JSON object.
    pub(crate) ctx: Option<serde_json::Value>,
}

/// One step of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(crate) enum Loc {
    /// A field.
    Name(&'static str),
    /// An item of a list, or a character of a text.
    Index(usize),
}

/// Where pydantic's pages about its errors are. The contract's version is 2.10: the one that the last jac-cloud was built on.
pub(crate) const PAGES: &str = "https://errors.pydantic.dev/2.10/v/";

/// Whether entries name the page that explains them: they do on the socket, they do not over HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    Named,
    Unnamed,
}

impl<'a> Entry<'a> {
    pub(crate) fn new(kind: &'static str, loc: Vec<Loc>, msg: impl Into<Cow<'static, str>>, input: Value<'a>) -> Self {
        Self { kind, loc, msg: msg.into(), input, ctx: None }
    }

    pub(crate) fn with(mut self, ctx: serde_json::Value) -> Self {
        self.ctx = Some(ctx);
        self
    }
}

/// Entries as the items of a JSON list.
struct Items<'e, 'a> {
    entries: &'e [Entry<'a>],
    page: Page,
}

impl fmt::Display for Items<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, entry) in self.entries.iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            entry.write(f, self.page)?;
        }
        Ok(())
    }
}

impl Entry<'_> {
    fn write(&self, f: &mut fmt::Formatter<'_>, page: Page) -> fmt::Result {
        let kind = self.kind;
        let loc = serde_json::to_string(&self.loc).map_err(|_| fmt::Error)?;
        let msg = json::quoted(&self.msg);
        write!(f, r#"{{"type":"{kind}","loc":{loc},"msg":{msg},"input":{}"#, self.input.json())?;
        if let Some(ctx) = &self.ctx {
            write!(f, r#","ctx":{ctx}"#)?;
        }
        if page == Page::Named {
            write!(f, r#","url":"{PAGES}{kind}""#)?;
        }
        f.write_str("}")
    }
}

/// A JSON object with all entries under one key: `{"error":[…]}` or `{"detail":[…]}`.
pub(crate) fn listed(key: &str, entries: &[Entry<'_>], page: Page) -> String {
    format!(r#"{{"{key}":[{}]}}"#, Items { entries, page })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn entries_are_written_as_pydantic_writes_them() {
        let loc = vec![Loc::Name("event"), Loc::Name("user"), Loc::Index(3)];
        let entry = Entry::new("too_short", loc, "a \"b\"", Value::of("[]")).with(json!({"min_length": 1}));
        let told = r#""type":"too_short","loc":["event","user",3],"msg":"a \"b\"","input":[],"ctx":{"min_length":1}"#;
        assert_eq!(listed("detail", &[entry], Page::Unnamed), format!(r#"{{"detail":[{{{told}}}]}}"#));
        let entry = Entry::new("missing", vec![], "x", Value::of("1"));
        let told =
            r#"{"type":"missing","loc":[],"msg":"x","input":1,"url":"https://errors.pydantic.dev/2.10/v/missing"}"#;
        assert_eq!(listed("error", &[entry], Page::Named), format!(r#"{{"error":[{told}]}}"#));
    }
}
