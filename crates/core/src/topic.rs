//! Topics: where something is said, and the patterns that listen.

use std::fmt;
use std::sync::Arc;

use crate::id::Id;

/// A path of segments such as `room/456` or `channel/lobby`.
///
/// Segments may hold any text: `%`, `/`, `*` and the empty text are escaped by [`Topic::of`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Topic(Arc<str>);

impl Topic {
    /// The topic of these segments, each escaped.
    pub fn of(segments: &[&str]) -> Self {
        let mut path = String::with_capacity(segments.iter().map(|segment| segment.len() + 1).sum());
        for (index, segment) in segments.iter().enumerate() {
            if index > 0 {
                path.push('/');
            }
            escape_into(&mut path, segment);
        }
        Self(path.into())
    }

    /// The topic of a text with slashes between its segments, such as `orders/17`.
    pub fn of_path(text: &str) -> Self {
        Self::of(&text.split('/').collect::<Vec<_>>())
    }

    /// `room/<id>`: what is said in a room.
    pub fn room(room: Id) -> Self {
        Self(format!("room/{room}").into())
    }

    /// `user/<id>`: what concerns one user.
    pub fn user(user: Id) -> Self {
        Self(format!("user/{user}").into())
    }

    /// `client/<name>`: one connection.
    pub fn client(name: &str) -> Self {
        Self::of(&["client", name])
    }

    /// `channel/<name>`: a free channel.
    pub fn channel(name: &str) -> Self {
        Self::of(&["channel", name])
    }

    /// `resource/room/<id>`: a room as a document.
    pub fn room_document(room: Id) -> Self {
        Self(format!("resource/room/{room}").into())
    }

    /// `resource/room/<room>/<chat>`: a chat as a document.
    pub fn chat_document(room: Id, chat: Id) -> Self {
        Self(format!("resource/room/{room}/{chat}").into())
    }

    /// `auth/authenticated/<id>`: connections that became a user's.
    pub fn authenticated(user: Id) -> Self {
        Self(format!("auth/authenticated/{user}").into())
    }

    /// `user/disconnected/<id>`: connections that are no longer a user's.
    pub fn disconnected(user: Id) -> Self {
        Self(format!("user/disconnected/{user}").into())
    }

    /// `instance/<host>`: what came from another house.
    pub fn instance(host: &str) -> Self {
        Self::of(&["instance", host])
    }

    /// `server/rights`: who may do what.
    pub fn rights() -> Self {
        Self("server/rights".into())
    }

    /// The escaped path.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first segment: `room`, `user`, `channel` …
    pub fn kind(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }

    /// The number in `<kind>/<id>`, if this is such a topic.
    pub fn id(&self, kind: &str) -> Option<Id> {
        let (first, rest) = self.0.split_once('/')?;
        if first == kind { rest.parse().ok() } else { None }
    }
}

fn escape_into(path: &mut String, segment: &str) {
    if segment.is_empty() {
        path.push_str("%00");
    }
    for character in segment.chars() {
        match character {
            '%' => path.push_str("%25"),
            '/' => path.push_str("%2F"),
            '*' => path.push_str("%2A"),
            other => path.push(other),
        }
    }
}

impl fmt::Debug for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a listener listens to: one topic, or everything that a path with `*` matches.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Pattern {
    /// This topic only.
    Exact(Topic),
    /// `*` stands for one segment; the pattern matches as a prefix, so `room/*` hears `room/456` and below.
    Prefix(Topic),
    /// `*` stands for one segment; the pattern matches topics with as many segments only.
    Whole(Topic),
}

impl Pattern {
    /// The pattern `<kind>/*`.
    pub fn all(kind: &str) -> Self {
        let mut path = String::with_capacity(kind.len() + 2);
        escape_into(&mut path, kind);
        path.push_str("/*");
        Self::Prefix(Topic(path.into()))
    }

    /// The path of these segments, in which `*` stands for one; it matches as [`Pattern::Prefix`], or as [`Pattern::Whole`] with `whole`.
    pub fn of(segments: &[&str], whole: bool) -> Self {
        let mut path = String::with_capacity(segments.iter().map(|segment| segment.len() + 1).sum());
        for (index, segment) in segments.iter().enumerate() {
            if index > 0 {
                path.push('/');
            }
            if *segment == "*" { path.push('*') } else { escape_into(&mut path, segment) }
        }
        let path = Topic(path.into());
        match whole {
            true if !path.as_str().contains('*') => Self::Exact(path),
            true => Self::Whole(path),
            false => Self::Prefix(path),
        }
    }

    /// As [`Pattern::of`], of a text with slashes between its segments, such as `orders/*`.
    pub fn of_path(text: &str, whole: bool) -> Self {
        Self::of(&text.split('/').collect::<Vec<_>>(), whole)
    }

    /// The path, with its `*`.
    pub fn path(&self) -> &Topic {
        match self {
            Self::Exact(topic) | Self::Prefix(topic) | Self::Whole(topic) => topic,
        }
    }

    /// Whether this pattern names `topic` itself, in full: a `*` names nothing.
    pub fn names(&self, topic: &Topic) -> bool {
        self.path() == topic
    }

    /// Whether it can hear more than one topic.
    pub fn is_wide(&self) -> bool {
        !matches!(self, Self::Exact(_))
    }

    /// Does this pattern hear `topic`?
    pub fn matches(&self, topic: &Topic) -> bool {
        match self {
            Self::Exact(exact) => exact == topic,
            Self::Prefix(path) | Self::Whole(path) => {
                let mut segments = topic.as_str().split('/');
                let mut wanted = path.as_str().split('/');
                wanted.all(|wanted| segments.next().is_some_and(|segment| wanted == "*" || wanted == segment))
                    && (matches!(self, Self::Prefix(_)) || segments.next().is_none())
            }
        }
    }
}

impl From<Topic> for Pattern {
    fn from(topic: Topic) -> Self {
        Self::Exact(topic)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_names_keep_their_place() {
        assert_eq!(Topic::channel("a/b").as_str(), "channel/a%2Fb");
        assert_eq!(Topic::channel("*").as_str(), "channel/%2A");
        assert_ne!(Topic::channel("%2F"), Topic::channel("/"));
        assert_ne!(Topic::channel(""), Topic::channel("%00"));
        assert_eq!(Topic::of_path("a//*"), Topic::of(&["a", "", "*"]));
        assert_eq!(Pattern::of_path("a//*", false), Pattern::of(&["a", "", "*"], false));
    }

    #[test]
    fn patterns_match_as_prefixes() {
        let rooms = Pattern::all("room");
        assert!(rooms.matches(&Topic::room(Id::new(456).unwrap())));
        assert!(rooms.matches(&Topic::of(&["room", "456", "deep"])));
        assert!(!rooms.matches(&Topic::of(&["room"])));
        assert!(!rooms.matches(&Topic::user(Id::PUBLIC)));
    }

    #[test]
    fn a_whole_pattern_wants_as_many_segments() {
        let (ab, abc) = (Topic::of(&["a", "b"]), Topic::of(&["a", "b", "c"]));
        let pattern = |segments: &[&str], whole| Pattern::of(segments, whole);
        for (segments, whole, heard) in [
            (&["a"][..], false, [true, true]),
            (&["a", "*"], false, [true, true]),
            (&["a", "*"], true, [true, false]),
            (&["a", "b"], true, [true, false]),
            (&["*", "*", "c"], true, [false, true]),
            (&["a", "b", "c", "d"], false, [false, false]),
        ] {
            assert_eq!([&ab, &abc].map(|topic| pattern(segments, whole).matches(topic)), heard, "{segments:?} {whole}");
        }
        assert!(pattern(&["a", "b"], false).names(&ab) && !pattern(&["a", "*"], false).names(&ab));
        assert_eq!(pattern(&["a", "b"], true), Pattern::Exact(ab));
    }

    #[test]
    fn a_topic_tells_its_number() {
        let topic = Topic::room(Id::new(456).unwrap());
        assert_eq!(topic.id("room"), Id::new(456));
        assert_eq!(topic.id("user"), None);
        assert_eq!(topic.kind(), "room");
    }
}
