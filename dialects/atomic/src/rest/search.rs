//! `GET /search` (atomic-data.md, section 15.4).

use quintet_core::document::Search;
use quintet_core::http::{Head, Response, Step};
use quintet_core::{Answer, Call, Document, Error, Limits, Origin, Subject};
use serde_json::Value;

use super::{ask, uncached, unexpected};
use crate::format;
use crate::proof::request_url;
use crate::reading::{Endpoint, Parameters};

/// "Default limit 30."
const LIMIT: u64 = 30;

pub(super) fn get(head: &Head, origin: &Origin, limits: &Limits) -> Result<Step, Error> {
    let parameters = Parameters::parse(&head.query);
    let search = Search {
        words: parameters.text("q").unwrap_or_default().to_owned(),
        parents: parents(&parameters, origin)?,
        filters: parameters.text("filters").map(filters).transpose()?.unwrap_or_default(),
        limit: parameters.number("limit")?.unwrap_or(LIMIT).min(limits.search_results),
    };
    let include = parameters.flag("include")?.unwrap_or(false);
    let (format, url, here) = (format::chosen(head), request_url(head, origin), origin.clone());
    Ok(ask(head, origin, Call::Search(search), move |answer| match answer {
        Answer::Documents(found) => {
            let result = |document: &Document| if include { document.json() } else { document.subject.as_str().into() };
            let results: Vec<Value> = found.iter().map(result).collect();
            let endpoint = Endpoint::at("/search").expect("search is in the table");
            let body = format.print(&endpoint.found(&url, &here, results), &[]).into();
            Ok(uncached(Response { content_type: Some(format.media_type()), body, ..Response::empty(200) }))
        }
        other => Err(unexpected(&other)),
    }))
}

/// URLs, with commas between them.
fn parents(parameters: &Parameters, origin: &Origin) -> Result<Vec<Subject>, Error> {
    let parents = parameters.address("parents").unwrap_or_default();
    let named = parents.split(',').filter(|parent| !parent.is_empty());
    let read = |parent| Subject::within(parent, origin);
    named.map(|parent| read(parent).ok_or_else(|| Error::bad_message("parents must be URLs of this server"))).collect()
}

/// "`escaped-property-url:"value"` joined by ` AND `." Only the property is escaped: a value ends at a quote before ` AND ` or the end.
fn filters(text: &str) -> Result<Vec<(String, String)>, Error> {
    let mut found = Vec::new();
    let mut rest = text;
    loop {
        // Clients leave the place of a filter without a value empty.
        rest = rest.trim_start();
        while let Some(next) = rest.strip_prefix("AND").filter(|next| next.is_empty() || next.starts_with(' ')) {
            rest = next.trim_start();
        }
        if rest.is_empty() {
            return Ok(found);
        }
        let (property, after) = property(rest).ok_or_else(wrong)?;
        let end = after.match_indices('"').map(|(at, _)| at).find(|at| ends(&after[at + 1..])).ok_or_else(wrong)?;
        found.push((property, after[..end].replace("\\\"", "\"").replace("\\\\", "\\")));
        rest = &after[end + 1..];
    }
}

fn ends(rest: &str) -> bool {
    let rest = rest.trim_start();
    rest.is_empty() || rest == "AND" || rest.starts_with("AND ")
}

/// The property before `:"`, its escapes undone, and what follows that.
fn property(text: &str) -> Option<(String, &str)> {
    let mut property = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => property.push(chars.next()?.1),
            ':' => return text[at + 1..].strip_prefix('"').map(|rest| (property, rest)),
            ' ' | '"' => return None,
            c => property.push(c),
        }
    }
    None
}

fn wrong() -> Error {
    Error::bad_message(
        "filters are property:\"value\" joined by \" AND \", with a backslash before : . and the like in the property",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_read_as_clients_write_them() {
        let pair = |property: &str, value: &str| (property.to_owned(), value.to_owned());
        let url = r"https\://atomicdata\.dev/properties/isA";
        let plain = "https://atomicdata.dev/properties/isA";
        let table = [
            (format!(r#"{url}:"https://a.example/x""#), vec![pair(plain, "https://a.example/x")]),
            (format!(r#"{url}:"a" AND b:"c d""#), vec![pair(plain, "a"), pair("b", "c d")]),
            (r#"a:"say "AND" now" AND b:"""#.to_owned(), vec![pair("a", "say \"AND\" now"), pair("b", "")]),
            (r#" AND a:"b" AND "#.to_owned(), vec![pair("a", "b")]),
            (r#"a\ b\\c:"\"x\" \\""#.to_owned(), vec![pair("a b\\c", "\"x\" \\")]),
            (String::new(), vec![]),
        ];
        for (text, expected) in table {
            assert_eq!(filters(&text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn other_filters_are_refused() {
        for text in ["a", "a:b", "a:\"b", "a b:\"c\"", "\\", "a\\", "(a:\"b\")x"] {
            assert!(filters(text).is_err(), "{text}");
        }
    }
}
