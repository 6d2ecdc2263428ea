//! HTML: a small page of one resource, for a person with a browser.

use std::fmt::{self, Write as _};

use quintet_core::term;
use serde_json::{Map, Value};

use super::is_url;
use super::names::Names;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;overflow-wrap:anywhere}\
table{border-collapse:collapse;width:100%}td,th{border-top:1px solid #8884;padding:.3rem .8rem .3rem 0;text-align:left;vertical-align:top}\
th{font-weight:600;white-space:nowrap}td{white-space:pre-wrap}ul{margin:0;padding-left:1.2rem}";

/// A whole page. It holds no script, and nothing of what it shows is markup.
pub(super) fn print(resource: &Value, names: &Names) -> String {
    let url = resource["@id"].as_str().unwrap_or_default();
    let title = resource[term::NAME].as_str().filter(|name| !name.is_empty()).unwrap_or(url);
    let mut page = Page { text: String::new(), names };
    page.write(format_args!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title><style>{STYLE}</style></head><body><h1>{title}</h1><p>",
        title = Escaped(title),
    ));
    page.link(url, url);
    page.text.push_str("</p>");
    if let Value::Object(object) = resource {
        page.table(object);
    }
    page.write(format_args!(
        "<p>The same for programs: ask with <code>Accept: {}</code>.</p></body></html>\n",
        super::Format::JsonAd.media_type(),
    ));
    page.text
}

struct Page<'a> {
    text: String,
    names: &'a Names,
}

impl Page<'_> {
    fn write(&mut self, arguments: fmt::Arguments<'_>) {
        self.text.write_fmt(arguments).expect("a string takes all that is written");
    }

    fn table(&mut self, object: &Map<String, Value>) {
        self.text.push_str("<table>");
        for (property, value) in object.iter().filter(|(property, _)| *property != "@id") {
            self.text.push_str("<tr><th>");
            let names = self.names;
            self.link(property, names.key(property));
            self.text.push_str("</th><td>");
            self.value(value);
            self.text.push_str("</td></tr>");
        }
        self.text.push_str("</table>");
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.link(text, text),
            Value::Array(items) => {
                self.text.push_str("<ul>");
                for item in items {
                    self.text.push_str("<li>");
                    self.value(item);
                    self.text.push_str("</li>");
                }
                self.text.push_str("</ul>");
            }
            Value::Object(object) => {
                if let Some(id) = object.get("@id").and_then(Value::as_str) {
                    self.link(id, id);
                }
                self.table(object);
            }
            other => self.write(format_args!("{}", Escaped(&other.to_string()))),
        }
    }

    /// A link if it is a URL of the web, else a text: no other scheme is ever followed.
    fn link(&mut self, url: &str, text: &str) {
        if is_url(url) && !url.contains(char::is_whitespace) {
            self.write(format_args!("<a href=\"{}\" rel=\"nofollow noreferrer\">{}</a>", Escaped(url), Escaped(text)));
        } else {
            self.write(format_args!("{}", Escaped(text)));
        }
    }
}

/// A text that is no markup, in elements and in quoted attributes.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}
