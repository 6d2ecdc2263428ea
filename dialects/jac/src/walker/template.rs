//! Templates of paths: which requests they match, and what their variables are then.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// A path with variables: `things/{id}`, `files/{name:path}`, `{id}.json`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    segments: Vec<Segment>,
    /// The last segment is the node, not one of the walker's own variables.
    node: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    /// This text.
    Literal(String),
    /// Some text between these two.
    Variable { before: String, name: String, after: String },
    /// Any number of segments (`{name:path}`).
    Rest(String),
}

/// What a request's path has in the places of a template's variables.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Filled {
    /// The walker's own variables.
    pub(crate) variables: Vec<(String, String)>,
    /// The node where it is to enter.
    pub(crate) node: Option<String>,
}

impl Template {
    /// Segments as they are, then those of a path that may have variables, then perhaps one for a node.
    pub(crate) fn new(base: &[&str], path: Option<&str>, node: bool) -> Self {
        let base = base.iter().map(|segment| Segment::Literal((*segment).to_owned()));
        let mut segments: Vec<_> =
            base.chain(path.into_iter().flat_map(|path| path.split('/')).map(Segment::of)).collect();
        if node {
            segments.push(Segment::of("{node}"));
        }
        Self { segments, node }
    }

    /// The first segment, where it is a text.
    pub(crate) fn first(&self) -> Option<&str> {
        match self.segments.first() {
            Some(Segment::Literal(text)) => Some(text),
            _ => None,
        }
    }

    /// The walker's own variables, from left to right.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &str> {
        let own = self.segments.len() - usize::from(self.node);
        self.segments[..own].iter().filter_map(|segment| match segment {
            Segment::Literal(_) => None,
            Segment::Variable { name, .. } | Segment::Rest(name) => Some(name.as_str()),
        })
    }

    /// Whether a node follows.
    pub(crate) fn has_node(&self) -> bool {
        self.node
    }

    /// The path as `OpenAPI` writes it.
    pub(crate) fn path(&self) -> String {
        let mut path = String::new();
        for segment in &self.segments {
            path.push('/');
            match segment {
                Segment::Literal(text) => path.push_str(text),
                Segment::Variable { before, name, after } => {
                    for part in [before, "{", name, "}", after] {
                        path.push_str(part);
                    }
                }
                Segment::Rest(name) => {
                    for part in ["{", name, "}"] {
                        path.push_str(part);
                    }
                }
            }
        }
        path
    }

    /// What stands in the places of the variables in a path that this matches.
    pub(crate) fn fill(&self, path: &[Cow<'_, str>]) -> Option<Filled> {
        let rest = self.segments.iter().position(|segment| matches!(segment, Segment::Rest(_)));
        let mut values = Vec::new();
        match rest {
            None => fill_all(&self.segments, path, &mut values)?,
            Some(at) => {
                let behind = self.segments.len() - at - 1;
                let end = path.len().checked_sub(behind).filter(|end| *end > at)?;
                fill_all(&self.segments[..at], &path[..at], &mut values)?;
                values.push(path[at..end].join("/"));
                fill_all(&self.segments[at + 1..], &path[end..], &mut values)?;
            }
        }
        let node = if self.node { values.pop() } else { None };
        let variables = self.variables().map(str::to_owned).zip(values).collect();
        Some(Filled { variables, node })
    }
}

fn fill_all(segments: &[Segment], path: &[Cow<'_, str>], values: &mut Vec<String>) -> Option<()> {
    if segments.len() != path.len() {
        return None;
    }
    segments.iter().zip(path).try_for_each(|(segment, text)| match segment {
        Segment::Literal(literal) => (literal == text).then_some(()),
        Segment::Variable { before, after, .. } => {
            let value = text.strip_prefix(before.as_str())?.strip_suffix(after.as_str())?;
            values.push(value.to_owned());
            (!value.is_empty()).then_some(())
        }
        // There is one at the most that is looked at as such; a second one is an ordinary variable.
        Segment::Rest(_) => {
            values.push(text.clone().into_owned());
            Some(())
        }
    })
}

impl Segment {
    fn of(text: &str) -> Self {
        let variable = || {
            let (before, behind) = text.split_once('{')?;
            let (inner, after) = behind.split_once('}')?;
            let (name, convertor) = inner.split_once(':').unwrap_or((inner, ""));
            if convertor == "path" && before.is_empty() && after.is_empty() {
                return Some(Self::Rest(name.into()));
            }
            Some(Self::Variable { before: before.into(), name: name.into(), after: after.into() })
        };
        variable().unwrap_or_else(|| Self::Literal(text.into()))
    }
}

/// The segments of a request's path, each decoded; so `%2F` is no end of a segment.
pub(crate) fn segments(path: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let path = path.strip_prefix('/').unwrap_or(path);
    path.split('/').map(|segment| percent_decode_str(segment).decode_utf8_lossy())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(base: &[&str], spec: Option<&str>, node: bool, path: &str) -> Option<String> {
        let filled = Template::new(base, spec, node).fill(&segments(path).collect::<Vec<_>>())?;
        let variables = filled.variables.iter().map(|(name, value)| format!("{name}={value}"));
        let all: Vec<_> = variables.chain(filled.node.map(|node| format!("@{node}"))).collect();
        Some(all.join(" "))
    }

    #[test]
    fn paths_are_matched() {
        let walker = &["walker", "w{x}é"][..];
        for (base, spec, node, path, wanted) in [
            (walker, None, false, "/walker/w%7Bx%7D%C3%A9", Some("")),
            (walker, None, false, "/walker/w%7Bx%7D%C3%A9/", None),
            (walker, None, false, "/walker", None),
            (walker, None, true, "/walker/w{x}é/n:A:01", Some("@n:A:01")),
            (walker, None, true, "/walker/w{x}é/", None),
            (walker, None, true, "/walker/w{x}é/a/b", None),
            (walker, Some("a/{x}"), true, "/walker/w{x}é/a/1%2F2/n", Some("x=1/2 @n")),
            (&[], Some("things/{id}.json"), false, "/things/a%20b.json", Some("id=a b")),
            (&[], Some("things/{id}.json"), false, "/things/.json", None),
            (&[], Some("things/v{id:int}"), false, "/things/v7", Some("id=7")),
            (&[], Some("files/{name:path}"), false, "/files/a/b%2Fc", Some("name=a/b/c")),
            (&[], Some("files/{name:path}"), false, "/files/", Some("name=")),
            (&[], Some("files/{name:path}"), false, "/files", None),
            (&[], Some("files/{name:path}/end"), true, "/files/a/b/end/n:1", Some("name=a/b @n:1")),
            (&[], Some("files/{name:path}/end"), true, "/files/end/n:1", None),
            (&[], Some("{a:path}/{b:path}"), false, "/x/y/z", Some("a=x/y b=z")),
            (&[], Some("odd{"), false, "/odd{", Some("")),
            (&[], Some("{node}"), true, "/1/2", Some("node=1 @2")),
        ] {
            assert_eq!(filled(base, spec, node, path).as_deref(), wanted, "{spec:?} {path}");
        }
    }

    #[test]
    fn templates_are_written_without_convertors() {
        let written = |spec, node| Template::new(&["walker", "w"], spec, node).path();
        assert_eq!(written(None, false), "/walker/w");
        assert_eq!(written(Some("a/v{x:int}.json"), true), "/walker/w/a/v{x}.json/{node}");
        assert_eq!(Template::new(&[], Some("f/{p:path}"), false).path(), "/f/{p}");
    }
}
