//! The one pass over a message: checks its grammar, writes its compact form.

use quintet_core::limits::JSON_DEPTH;

use super::malformed::Malformed;
use super::object::Member;

/// The compact form of a JSON text.
///
/// Takes what Python's `json.loads` takes. Numbers keep their spelling, so no precision is lost.
pub(crate) fn compact(text: &str) -> Result<String, Malformed> {
    let mut compactor =
        Compactor { text, at: 0, out: String::with_capacity(text.len()), members: Vec::new(), depth: 0 };
    if text.starts_with('\u{FEFF}') {
        return Err(compactor.malformed("Unexpected UTF-8 BOM (decode using utf-8-sig)"));
    }
    compactor.skip_space();
    compactor.value()?;
    compactor.skip_space();
    if compactor.at < text.len() { Err(compactor.malformed("Extra data")) } else { Ok(compactor.out) }
}

/// Where the pass stands.
pub(super) struct Compactor<'a> {
    pub(super) text: &'a str,
    /// The next byte to be read; between characters whenever anything is copied.
    pub(super) at: usize,
    pub(super) out: String,
    /// The members of all objects that are still open, the innermost last.
    pub(super) members: Vec<Member>,
    depth: usize,
}

impl Compactor<'_> {
    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    pub(super) fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    pub(super) fn malformed(&self, what: &'static str) -> Malformed {
        Malformed::Syntax { what, at: self.at }
    }

    pub(super) fn value(&mut self) -> Result<(), Malformed> {
        match self.peek() {
            Some(b'"') => self.string(),
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", "true"),
            Some(b'f') => self.word("false", "false"),
            Some(b'n') => self.word("null", "null"),
            Some(b'N') => self.word("NaN", "null"),
            Some(b'I') => self.word("Infinity", "null"),
            _ => Err(self.malformed("Expecting value")),
        }
    }

    /// A literal word, written as `becomes`.
    pub(super) fn word(&mut self, word: &str, becomes: &str) -> Result<(), Malformed> {
        if !self.text[self.at..].starts_with(word) {
            return Err(self.malformed("Expecting value"));
        }
        self.at += word.len();
        self.out.push_str(becomes);
        Ok(())
    }

    fn nested(&mut self, inner: fn(&mut Self) -> Result<(), Malformed>) -> Result<(), Malformed> {
        if self.depth == JSON_DEPTH {
            return Err(Malformed::Nested);
        }
        self.depth += 1;
        inner(self)?;
        self.depth -= 1;
        Ok(())
    }

    /// From `[` to `]`.
    fn array(&mut self) -> Result<(), Malformed> {
        self.open('[');
        if self.peek() == Some(b']') {
            self.close(']');
            return Ok(());
        }
        loop {
            self.value()?;
            if self.ends(b']')? {
                self.close(']');
                return Ok(());
            }
        }
    }

    /// Takes an opening bracket and the space behind it.
    pub(super) fn open(&mut self, bracket: char) {
        self.at += 1;
        self.out.push(bracket);
        self.skip_space();
    }

    pub(super) fn close(&mut self, bracket: char) {
        self.at += 1;
        self.out.push(bracket);
    }

    /// Behind an item: is this the end? Else the comma and the spaces are taken.
    pub(super) fn ends(&mut self, bracket: u8) -> Result<bool, Malformed> {
        self.skip_space();
        match self.peek() {
            Some(byte) if byte == bracket => Ok(true),
            Some(b',') => {
                self.at += 1;
                self.out.push(',');
                self.skip_space();
                Ok(false)
            }
            _ => Err(self.malformed("Expecting ',' delimiter")),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_become_compact() {
        for (text, wanted) in [
            ("{}", "{}"),
            (" [ 1 , 2 ]\r\n", "[1,2]"),
            (r#"{ "b" : 1 , "a" : [ ] , "c" : { } }"#, r#"{"b":1,"a":[],"c":{}}"#),
            ("[true,false,null]", "[true,false,null]"),
            ("[NaN,Infinity,-Infinity,1e999,-1E+999]", "[null,null,null,null,null]"),
            (
                "[0,-0,1.50,1e2,-0.0,123456789012345678901234567890]",
                "[0,-0,1.50,1e2,-0.0,123456789012345678901234567890]",
            ),
            (r#""caf\u00e9 \ud83d\ude00 \/ é""#, "\"café 😀 / é\""),
            (
                r#""\b\f\n\r\t\"\\\u0008\u000A\u0001\u001F\u007f""#,
                "\"\\b\\f\\n\\r\\t\\\"\\\\\\b\\n\\u0001\\u001f\u{7f}\"",
            ),
            (r#"{"a":1,"b":2,"a":{"x":3}}"#, r#"{"a":{"x":3},"b":2}"#),
            (r#"{"a":1,"\u0061":2}"#, r#"{"a":2}"#),
            (r#"{"o":{"a":1,"a":2},"o":{"a":3,"b":[{"c":1,"c":4}],"a":5}}"#, r#"{"o":{"a":5,"b":[{"c":4}]}}"#),
        ] {
            assert_eq!(compact(text).as_deref(), Ok(wanted), "{text}");
        }
    }

    #[test]
    fn the_last_of_many_equal_keys_wins() {
        let members: Vec<String> = (0..100).map(|n| format!("\"k{}\":{n}", n % 50)).collect();
        let wanted: Vec<String> = (0..50).map(|n| format!("\"k{n}\":{}", n + 50)).collect();
        assert_eq!(compact(&format!("{{{}}}", members.join(","))), Ok(format!("{{{}}}", wanted.join(","))));
    }

    /// Every row was observed on Python 3.11.
    #[test]
    fn malformed_texts_are_told_as_python_tells_them() {
        for (text, wanted) in [
            ("", "Expecting value: line 1 column 1 (char 0)"),
            ("  ", "Expecting value: line 1 column 3 (char 2)"),
            ("{", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
            ("{\"a\"", "Expecting ':' delimiter: line 1 column 5 (char 4)"),
            ("{\"a\":", "Expecting value: line 1 column 6 (char 5)"),
            ("{\"a\":1", "Expecting ',' delimiter: line 1 column 7 (char 6)"),
            ("{\"a\":1,}", "Expecting property name enclosed in double quotes: line 1 column 8 (char 7)"),
            ("[1,]", "Expecting value: line 1 column 4 (char 3)"),
            ("[1 2]", "Expecting ',' delimiter: line 1 column 4 (char 3)"),
            ("{\"a\" 1}", "Expecting ':' delimiter: line 1 column 6 (char 5)"),
            ("\"abc", "Unterminated string starting at: line 1 column 1 (char 0)"),
            ("\"\\", "Unterminated string starting at: line 1 column 1 (char 0)"),
            ("\"a\nb\"", "Invalid control character at: line 1 column 3 (char 2)"),
            ("\"\\x\"", "Invalid \\escape: line 1 column 2 (char 1)"),
            ("\"\\u12\"", "Invalid \\uXXXX escape: line 1 column 3 (char 2)"),
            ("\"\\u+123\"", "Invalid \\uXXXX escape: line 1 column 3 (char 2)"),
            ("{} x", "Extra data: line 1 column 4 (char 3)"),
            ("nul", "Expecting value: line 1 column 1 (char 0)"),
            ("-", "Expecting value: line 1 column 1 (char 0)"),
            ("01", "Extra data: line 1 column 2 (char 1)"),
            ("1.", "Extra data: line 1 column 2 (char 1)"),
            ("1e", "Extra data: line 1 column 2 (char 1)"),
            ("\u{FEFF}{}", "Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)"),
            ("[\"é\", x]", "Expecting value: line 1 column 7 (char 6)"),
            ("\n\n  x", "Expecting value: line 3 column 3 (char 4)"),
            ("[1}", "Expecting ',' delimiter: line 1 column 3 (char 2)"),
            ("\u{a0}1", "Expecting value: line 1 column 1 (char 0)"),
        ] {
            let told = compact(text).unwrap_err().line(text);
            assert_eq!(told, format!("json.decoder.JSONDecodeError: {wanted}"), "{text:?}");
        }
    }

    #[test]
    fn what_no_utf8_text_can_hold_is_refused() {
        for text in [r#""\ud800""#, r#""\udc00""#, r#""\ud800x""#, r#""\ud800\ud800""#, r#"{"\udfff":1}"#] {
            assert_eq!(compact(text), Err(Malformed::Surrogate), "{text}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(compact(&nested(JSON_DEPTH)), Ok(nested(JSON_DEPTH)));
        assert_eq!(compact(&nested(JSON_DEPTH + 1)), Err(Malformed::Nested));
        assert_eq!(compact(&"{\"a\":".repeat(1_000_000)), Err(Malformed::Nested));
    }

    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<f64>().prop_map(Into::into),
            any::<String>().prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 64, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
                prop::collection::vec((any::<String>(), inner), 0..6)
                    .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn compact_text_is_what_serde_json_writes(value in json()) {
            let plain = serde_json::to_string(&value).unwrap();
            let pretty = serde_json::to_string_pretty(&value).unwrap();
            prop_assert_eq!(compact(&pretty), Ok(plain.clone()));
            prop_assert_eq!(compact(&plain), Ok(plain));
        }

        #[test]
        fn what_serde_json_takes_is_taken_and_means_the_same(text in r#"[\[\]{}":,0-9eE.+\-\\utrfalsn \n]{0,40}"#) {
            if let Ok(value) = serde_json::from_str::<serde_json::Value>(&text) {
                let compacted = compact(&text).unwrap();
                prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&compacted).unwrap(), value);
            }
        }

        #[test]
        fn no_text_panics_and_what_comes_out_is_stable(text in any::<String>()) {
            if let Ok(compacted) = compact(&text) {
                prop_assert_eq!(compact(&compacted), Ok(compacted));
            }
        }

        #[test]
        fn no_text_of_json_signs_panics(text in r#"[\[\]{}":,0-9eE.+\-\\udDN \n\x{0}é😀]{0,60}"#) {
            if let Err(malformed) = compact(&text) {
                prop_assert!(!malformed.line(&text).is_empty());
            }
        }
    }
}
