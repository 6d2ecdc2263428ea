//! Negotiation: which format a client wants (atomic-data.md, section 8.1).

use quintet_core::http::Head;

use super::Format;

/// The format of an answer: "the media types of `Accept` are tried in the order given, the first known one wins"; JSON-AD where there is none.
pub(crate) fn chosen(head: &Head) -> Format {
    let accepted = accepted(head);
    if accepted == Format::Html { extension(&head.path).map_or(accepted, |(_, format)| format) } else { accepted }
}

/// The path of the resource that is meant: where [`chosen`] took the format from an extension, the path without that.
pub(crate) fn without_extension(head: &Head) -> &str {
    match accepted(head) {
        Format::Html => extension(&head.path).map_or(&head.path, |(path, _)| path),
        _ => &head.path,
    }
}

fn accepted(head: &Head) -> Format {
    let accept = head.headers.iter().filter(|(name, _)| name == "accept");
    let mut types = accept.flat_map(|(_, value)| value.split(','));
    types.find_map(of_media_type).unwrap_or(Format::JsonAd)
}

/// Parameters, `q` among them, do not count.
fn of_media_type(range: &str) -> Option<Format> {
    let essence = range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    Some(match essence.as_str() {
        "application/ad+json" | "*/*" => Format::JsonAd,
        "application/json" => Format::Json,
        "application/ld+json" => Format::JsonLd,
        "text/turtle" => Format::Turtle,
        "application/n-triples" => Format::NTriples,
        "text/html" => Format::Html,
        _ => return None,
    })
}

/// "A path with exactly one dot and `.json`, `.jsonld`, `.jsonad`, `.ttl` as extension selects a format". Files are called by their own names.
fn extension(path: &str) -> Option<(&str, Format)> {
    let (stem, extension) = path.split_once('.')?;
    let format = match extension {
        "json" => Format::Json,
        "jsonld" => Format::JsonLd,
        "jsonad" => Format::JsonAd,
        "ttl" => Format::Turtle,
        _ => return None,
    };
    (!path.starts_with("/files/")).then_some((stem, format))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(path: &str, accept: &[&str]) -> Head {
        let headers = accept.iter().map(|value| ("accept".to_owned(), (*value).to_owned())).collect();
        Head { path: path.into(), headers, ..Head::default() }
    }

    #[test]
    fn the_first_known_type_wins() {
        let table = [
            ("application/ad+json", Format::JsonAd),
            ("application/json", Format::Json),
            ("application/ld+json", Format::JsonLd),
            ("text/turtle", Format::Turtle),
            ("application/n-triples", Format::NTriples),
            ("text/html", Format::Html),
            ("*/*", Format::JsonAd),
            ("", Format::JsonAd),
            ("image/png, video/*", Format::JsonAd),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Format::Html),
            ("*/*, text/html", Format::JsonAd),
            ("application/xml, text/turtle;q=0.1, application/json;q=1", Format::Turtle),
            (" Application/LD+JSON ; profile=x", Format::JsonLd),
            (",,;,application/json", Format::Json),
        ];
        for (accept, format) in table {
            assert_eq!(chosen(&head("/x", &[accept])), format, "{accept}");
        }
        assert_eq!(chosen(&head("/x", &[])), Format::JsonAd);
        assert_eq!(chosen(&head("/x", &["image/png", "text/turtle"])), Format::Turtle, "one list in two headers");
    }

    #[test]
    fn an_extension_counts_where_a_page_is_wanted() {
        let table = [
            ("/x.json", Format::Json, "/x"),
            ("/x.jsonld", Format::JsonLd, "/x"),
            ("/x.jsonad", Format::JsonAd, "/x"),
            ("/x.ttl", Format::Turtle, "/x"),
            ("/x.txt", Format::Html, "/x.txt"),
            ("/x.y.json", Format::Html, "/x.y.json"),
            ("/x", Format::Html, "/x"),
            ("/files/1-x.json", Format::Html, "/files/1-x.json"),
        ];
        for (path, format, subject) in table {
            let head = head(path, &["text/html"]);
            assert_eq!((chosen(&head), without_extension(&head)), (format, subject), "{path}");
        }
        let head = head("/x.json", &["text/turtle"]);
        assert_eq!((chosen(&head), without_extension(&head)), (Format::Turtle, "/x.json"));
    }
}
