//! Subjects: the URLs by which documents of this house are known.

use std::fmt;
use std::sync::Arc;

use crate::dialect::Origin;
use crate::topic::Topic;

/// An absolute `http` or `https` URL, kept as it was written: subjects are equal when their texts are.
///
/// Nothing is normalised (agents and commits have base64 in their paths), except that the origin alone and the
/// origin with one slash are the same: the root.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    url: Arc<str>,
    /// Where the path begins.
    path: usize,
}

impl Subject {
    /// A URL that has a scheme and a host; `None` otherwise.
    pub fn parse(url: &str) -> Option<Self> {
        let host = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"))?;
        let start = url.len() - host.len();
        let path = host.find(['/', '?', '#']).map_or(url.len(), |at| start + at);
        let plain = path > start && url.chars().all(|c| !c.is_control() && c != ' ');
        let url = if &url[path..] == "/" { &url[..path] } else { url };
        plain.then(|| Self { url: url.into(), path })
    }

    /// The subject of this house at a path, which begins with a slash or is empty for the root.
    pub fn at(origin: &Origin, path: &str) -> Self {
        let path = if path == "/" { "" } else { path };
        Self { url: format!("{}{path}", origin.0).into(), path: origin.0.len() }
    }

    /// The subject, if it stands within this origin: scheme, host and port are the same, letter by letter.
    pub fn within(url: &str, origin: &Origin) -> Option<Self> {
        Self::parse(url).filter(|subject| subject.is_within(origin))
    }

    /// Is it of this house?
    pub fn is_within(&self, origin: &Origin) -> bool {
        self.url[..self.path] == *origin.0
    }

    /// The whole URL.
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// The whole URL, shared.
    pub fn shared(&self) -> Arc<str> {
        Arc::clone(&self.url)
    }

    /// What follows the origin, the query included; empty for the root.
    pub fn path(&self) -> &str {
        &self.url[self.path..]
    }

    /// The origin: scheme, host and port.
    pub fn origin(&self) -> Origin {
        Origin(self.url[..self.path].to_owned())
    }

    /// The topic at which its commits are heard: `resource/<path>`, segment by segment.
    pub fn topic(&self) -> Topic {
        let segments = self.path().split('/').skip(1);
        Topic::of(&std::iter::once("resource").chain(segments).collect::<Vec<_>>())
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.url, f)
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here() -> Origin {
        Origin("http://localhost:9883".into())
    }

    #[test]
    fn only_the_same_origin_is_here() {
        let table = [
            ("http://localhost:9883", true),
            ("http://localhost:9883/", true),
            ("http://localhost:9883/notes/1", true),
            ("http://localhost:9883/agents/a//b+c/d=", true),
            ("http://localhost:9883?x=1", true),
            ("http://localhost:98831/notes", false),
            ("http://localhost:9883@evil.example/", false),
            ("http://evil.example/http://localhost:9883/y", false),
            ("https://localhost:9883/", false),
            ("http://localhost/", false),
            ("HTTP://localhost:9883/", false),
            ("http:///x", false),
            ("local:store/1", false),
            ("http://localhost:9883/a b", false),
            ("", false),
        ];
        for (url, inside) in table {
            assert_eq!(Subject::within(url, &here()).is_some(), inside, "{url}");
        }
    }

    #[test]
    fn the_root_has_one_spelling() {
        let bare = Subject::parse("http://localhost:9883").unwrap();
        assert_eq!(Subject::parse("http://localhost:9883/").unwrap(), bare);
        assert_eq!((bare.path(), bare.topic().as_str()), ("", "resource"));
        assert_eq!(Subject::at(&here(), "/"), bare);
    }

    #[test]
    fn a_topic_keeps_odd_paths_apart() {
        let topic = |path: &str| Subject::at(&here(), path).topic();
        assert_eq!(topic("/notes/1").as_str(), "resource/notes/1");
        assert_eq!(topic("/agents/a//b").as_str(), "resource/agents/a/%00/b");
        assert_ne!(topic("/*"), topic("/%2A"));
    }
}
