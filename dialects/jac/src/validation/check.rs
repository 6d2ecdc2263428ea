//! The checks of fields, as lax and as strict as pydantic's.

use std::borrow::Cow;

use serde_json::json;

use super::{Entry, Loc};
use crate::json::{Kind, Value};

/// An object whose fields are being checked. Every check notes what is wrong and goes on, so that all is told together.
pub(crate) struct Form<'a> {
    whole: Value<'a>,
    base: &'static [&'static str],
    problems: Vec<Entry<'a>>,
}

impl<'a> Form<'a> {
    /// A form for `whole`, whose place is `base`.
    pub(crate) fn new(whole: Value<'a>, base: &'static [&'static str]) -> Self {
        Self { whole, base, problems: Vec::new() }
    }

    /// What was found wrong.
    pub(crate) fn problems(self) -> Vec<Entry<'a>> {
        self.problems
    }

    /// The place of a field.
    pub(crate) fn place(&self, name: &'static str) -> Vec<Loc> {
        self.base.iter().chain([&name]).map(|step| Loc::Name(step)).collect()
    }

    pub(crate) fn note(&mut self, entry: Entry<'a>) {
        self.problems.push(entry);
    }

    fn wrong<T>(&mut self, kind: &'static str, name: &'static str, msg: &'static str, input: Value<'a>) -> Option<T> {
        let entry = Entry::new(kind, self.place(name), msg, input);
        self.note(entry);
        None
    }

    /// A field that must be there.
    pub(crate) fn required(&mut self, name: &'static str, value: Option<Value<'a>>) -> Option<Value<'a>> {
        value.or_else(|| self.wrong("missing", name, "Field required", self.whole))
    }

    /// A string that must be there.
    pub(crate) fn text(&mut self, name: &'static str, value: Option<Value<'a>>) -> Option<Cow<'a, str>> {
        let value = self.required(name, value)?;
        value.text().or_else(|| self.wrong("string_type", name, "Input should be a valid string", value))
    }

    /// A string, null or nothing.
    pub(crate) fn text_or_null(&mut self, name: &'static str, value: Option<Value<'a>>) -> Option<Cow<'a, str>> {
        let value = value.filter(|value| value.kind() != Kind::Null)?;
        self.text(name, Some(value))
    }

    /// An object that must be there.
    pub(crate) fn object(&mut self, name: &'static str, value: Option<Value<'a>>) -> Option<Value<'a>> {
        let value = self.required(name, value)?;
        if value.kind() == Kind::Object {
            return Some(value);
        }
        self.wrong("dict_type", name, "Input should be a valid dictionary", value)
    }

    /// A lax boolean, or nothing.
    pub(crate) fn flag(&mut self, name: &'static str, value: Option<Value<'a>>) -> Option<bool> {
        let value = value?;
        let (kind, msg) = match truth(value) {
            Truth::Plain(truth) => return Some(truth),
            Truth::Unclear => ("bool_parsing", "Input should be a valid boolean, unable to interpret input"),
            Truth::Other => ("bool_type", "Input should be a valid boolean"),
        };
        self.wrong(kind, name, msg, value)
    }

    /// A list of 1 to `most` strings that must be there.
    pub(crate) fn texts(
        &mut self,
        name: &'static str,
        value: Option<Value<'a>>,
        most: usize,
    ) -> Option<Vec<Cow<'a, str>>> {
        let value = self.required(name, value)?;
        if value.kind() != Kind::List {
            return self.wrong("list_type", name, "Input should be a valid list", value);
        }
        let count = value.items().count();
        if count == 0 || count > most {
            let entry = wrong_length(self.place(name), value, count, most);
            self.note(entry);
            return None;
        }
        let texts: Vec<_> =
            value.items().enumerate().filter_map(|(index, item)| self.item(name, index, item)).collect();
        (texts.len() == count).then_some(texts)
    }

    fn item(&mut self, name: &'static str, index: usize, item: Value<'a>) -> Option<Cow<'a, str>> {
        item.text().or_else(|| {
            let mut loc = self.place(name);
            loc.push(Loc::Index(index));
            self.note(Entry::new("string_type", loc, "Input should be a valid string", item));
            None
        })
    }
}

fn wrong_length(loc: Vec<Loc>, input: Value<'_>, count: usize, most: usize) -> Entry<'_> {
    if count == 0 {
        let msg = "List should have at least 1 item after validation, not 0";
        let ctx = json!({"field_type": "List", "min_length": 1, "actual_length": 0});
        return Entry::new("too_short", loc, msg, input).with(ctx);
    }
    let msg = format!("List should have at most {most} items after validation, not {count}");
    let ctx = json!({"field_type": "List", "max_length": most, "actual_length": count});
    Entry::new("too_long", loc, msg, input).with(ctx)
}

/// How a value reads as a boolean.
enum Truth {
    /// It is one, or plainly means one.
    Plain(bool),
    /// A word or whole number that means none.
    Unclear,
    /// Something else.
    Other,
}

/// pydantic's words for true, in any case.
const YES: [&str; 6] = ["true", "yes", "on", "t", "y", "1"];
/// Its words for false.
const NO: [&str; 6] = ["false", "no", "off", "f", "n", "0"];

fn truth(value: Value<'_>) -> Truth {
    match value.kind() {
        Kind::Bool => Truth::Plain(value.json() == "true"),
        Kind::Text => word_truth(&value.text().unwrap_or_default()),
        Kind::Number => number_truth(value.json()),
        Kind::Null | Kind::List | Kind::Object => Truth::Other,
    }
}

fn word_truth(text: &str) -> Truth {
    let is_one_of = |words: [&str; 6]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
    match (is_one_of(YES), is_one_of(NO)) {
        (true, _) => Truth::Plain(true),
        (_, true) => Truth::Plain(false),
        _ => Truth::Unclear,
    }
}

/// 2^63: real numbers below it are looked at as integers.
const INTEGERS: f64 = 9_223_372_036_854_775_808.0;

/// 0 and 1, also as `1.0`; other whole numbers of 64 bits are unclear, fractions and larger ones are no booleans at all.
fn number_truth(number: &str) -> Truth {
    let Ok(real) = number.parse::<f64>() else { return Truth::Other };
    if [0.0, 1.0].contains(&real) {
        Truth::Plain(real != 0.0)
    } else if number.parse::<i64>().is_ok() || real.fract() == 0.0 && real.abs() < INTEGERS {
        Truth::Unclear
    } else {
        Truth::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validation::{Page, listed};

    fn flagged(json: &str) -> String {
        let mut form = Form::new(Value::of("{}"), &[]);
        match form.flag("response", Some(Value::of(json))) {
            Some(truth) => truth.to_string(),
            None => form.problems().first().map_or("nothing", |entry| entry.kind).into(),
        }
    }

    #[test]
    fn booleans_are_lax() {
        for (kind, inputs) in [
            ("true", &["true", "1", "1.0", "\"TRUE\"", "\"oN\"", "\"y\"", "\"1\""][..]),
            ("false", &["false", "0", "-0.0", "\"False\"", "\"oFF\"", "\"n\"", "\"0\""]),
            ("bool_parsing", &["\"maybe\"", "\"\"", "\" true\"", "2", "-1", "9e18", "9223372036854775807"]),
            ("bool_type", &["null", "[]", "{}", "0.5", "9223372036854775808", "9223372036854775808.0"]),
        ] {
            for input in inputs {
                assert_eq!(flagged(input), kind, "{input}");
            }
        }
    }

    /// Every row was observed on pydantic 2.10.6, with at most three items allowed.
    #[test]
    fn lists_are_strict() {
        for (input, told) in [
            ("{}", r#""list_type","loc":["ids"],"msg":"Input should be a valid list","input":{}"#),
            (
                "[]",
                concat!(
                    r#""too_short","loc":["ids"],"msg":"List should have at least 1 item after validation, not 0","#,
                    r#""input":[],"ctx":{"field_type":"List","min_length":1,"actual_length":0}"#
                ),
            ),
            (
                r#"["a",1,"c","d"]"#,
                concat!(
                    r#""too_long","loc":["ids"],"msg":"List should have at most 3 items after validation, not 4","#,
                    r#""input":["a",1,"c","d"],"ctx":{"field_type":"List","max_length":3,"actual_length":4}"#
                ),
            ),
            (r#"["a",1]"#, r#""string_type","loc":["ids",1],"msg":"Input should be a valid string","input":1"#),
        ] {
            let mut form = Form::new(Value::of("{}"), &[]);
            assert_eq!(form.texts("ids", Some(Value::of(input)), 3), None);
            let told = format!(r#"{{"detail":[{{"type":{told}}}]}}"#);
            assert_eq!(listed("detail", &form.problems(), Page::Unnamed), told);
        }
    }

    #[test]
    fn absent_and_null_differ() {
        let mut form = Form::new(Value::of("{}"), &["body"]);
        assert_eq!(form.text_or_null("a", Some(Value::of("null"))), None);
        assert_eq!(form.text_or_null("a", None), None);
        assert!(form.problems.is_empty());
        assert_eq!(form.text("b", None), None);
        assert_eq!(form.text("c", Some(Value::of("null"))), None);
        assert_eq!(form.object("d", Some(Value::of("[]"))), None);
        let kinds: Vec<_> = form.problems().iter().map(|entry| entry.kind).collect();
        assert_eq!(kinds, ["missing", "string_type", "dict_type"]);
    }
}
