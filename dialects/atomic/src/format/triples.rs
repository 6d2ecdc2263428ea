//! N-Triples (W3C recommendation of 2014): one line for each fact.
//!
//! Written by hand: the grammar has three kinds of terms and two kinds of escapes, less than the types of a library would take to fill.

use std::collections::VecDeque;
use std::fmt::Write as _;

use quintet_vocabulary::Datatype;
use serde_json::{Map, Number, Value};

use super::names::Names;
use super::{is_resource, is_url};

const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
const XSD: &str = "http://www.w3.org/2001/XMLSchema#";

/// A resource, and then what is nested in it, as lines.
pub(super) fn print(resource: &Value, names: &Names) -> String {
    let mut lines = Lines { text: String::new(), blanks: 0, names, waiting: VecDeque::new() };
    if let Value::Object(object) = resource {
        lines.name(object);
    }
    while let Some((name, nested)) = lines.waiting.pop_front() {
        match nested {
            Nested::Resource(object) => lines.resource(&name, object),
            Nested::List(property, items) => lines.list(name, property, items),
        }
    }
    lines.text
}

struct Lines<'a> {
    text: String,
    /// Blank nodes so far.
    blanks: usize,
    names: &'a Names,
    /// What was named and is still to be told.
    waiting: VecDeque<(String, Nested<'a>)>,
}

enum Nested<'a> {
    Resource(&'a Map<String, Value>),
    /// The items of an array, of this property.
    List(&'a str, &'a [Value]),
}

impl<'a> Lines<'a> {
    /// Names a resource, which is told later.
    fn name(&mut self, object: &'a Map<String, Value>) -> String {
        let id = object.get("@id").and_then(Value::as_str).filter(|id| is_url(id));
        let name = id.map_or_else(|| self.blank(), iri);
        self.waiting.push_back((name.clone(), Nested::Resource(object)));
        name
    }

    fn resource(&mut self, name: &str, object: &'a Map<String, Value>) {
        for (property, value) in object.iter().filter(|(property, _)| *property != "@id") {
            let object = self.term(property, value);
            self.line(name, &iri(property), &object);
        }
    }

    /// An array keeps its order: a list, as JSON-LD has it.
    fn list(&mut self, mut name: String, property: &'a str, items: &'a [Value]) {
        for (index, item) in items.iter().enumerate() {
            let term = self.term(property, item);
            let rest = if index + 1 < items.len() { self.blank() } else { format!("<{RDF}nil>") };
            self.line(&name, &format!("<{RDF}first>"), &term);
            self.line(&name, &format!("<{RDF}rest>"), &rest);
            name = rest;
        }
    }

    fn term(&mut self, property: &'a str, value: &'a Value) -> String {
        match value {
            Value::Array(items) if items.is_empty() => format!("<{RDF}nil>"),
            Value::Array(items) => {
                let name = self.blank();
                self.waiting.push_back((name.clone(), Nested::List(property, items)));
                name
            }
            Value::Object(object) if is_resource(object) => self.name(object),
            Value::Object(_) => typed(&value.to_string(), RDF, "JSON"),
            Value::String(text) => self.text_term(property, text),
            Value::Number(number) => self.number(property, number),
            Value::Bool(flag) => typed(if *flag { "true" } else { "false" }, XSD, "boolean"),
            Value::Null => literal(""),
        }
    }

    fn text_term(&self, property: &str, text: &str) -> String {
        match self.names.datatype(property) {
            Some(Datatype::AtomicUrl | Datatype::ResourceArray) if is_url(text) => iri(text),
            Some(Datatype::Date) => typed(text, XSD, "date"),
            _ => literal(text),
        }
    }

    fn number(&self, property: &str, number: &Number) -> String {
        let whole = number.is_i64() || number.is_u64();
        let float = self.names.datatype(property) == Some(Datatype::Float);
        typed(&number.to_string(), XSD, if whole && !float { "integer" } else { "double" })
    }

    fn line(&mut self, subject: &str, predicate: &str, object: &str) {
        writeln!(self.text, "{subject} {predicate} {object} .").expect("a string takes all that is written");
    }

    fn blank(&mut self) -> String {
        self.blanks += 1;
        format!("_:b{}", self.blanks)
    }
}

/// `<…>`; what may not stand in one is escaped.
fn iri(url: &str) -> String {
    let mut text = String::with_capacity(url.len() + 2);
    text.push('<');
    for c in url.chars() {
        match c {
            '\0'..=' ' | '<' | '>' | '"' | '{' | '}' | '|' | '^' | '`' | '\\' => {
                write!(text, "\\u{:04X}", u32::from(c)).expect("a string takes all that is written");
            }
            c => text.push(c),
        }
    }
    text.push('>');
    text
}

fn typed(text: &str, vocabulary: &str, name: &str) -> String {
    format!("{}^^<{vocabulary}{name}>", literal(text))
}

fn literal(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_not_stand_in_a_term_is_escaped() {
        assert_eq!(literal("a\"b\\c\nd\re\tf<é>😀"), "\"a\\\"b\\\\c\\nd\\re\tf<é>😀\"");
        assert_eq!(
            iri("http://a/x> <b\"{}|^`\\\n"),
            r"<http://a/x\u003E\u0020\u003Cb\u0022\u007B\u007D\u007C\u005E\u0060\u005C\u000A>"
        );
        assert_eq!(iri("http://a/agents/A+b//c="), "<http://a/agents/A+b//c=>");
    }
}
