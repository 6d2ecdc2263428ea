//! Topics as this room spells them: segments with slashes between, nothing escaped (flamigo.md, sections 7.1 and 7.2).

use quintet_core::error::FieldError;
use quintet_core::plain::is_reply;
use quintet_core::{Error, Id, Pattern, Topic};

/// The pattern of a text. `whole` matches topics with as many segments only.
pub(crate) fn pattern(text: &str, whole: bool) -> Pattern {
    Pattern::of_path(text, whole)
}

/// The topic of a text, to publish at. `BadMessage` for what could be taken for a reply; what else is not free is refused by the hall.
pub(crate) fn published(text: &str) -> Result<Topic, Error> {
    if is_reply(text) {
        return Err(Error::bad_message("a listener would take this topic for a reply: publish on another one")
            .with_fields(vec![FieldError::failed("topic", "not-reserved")]));
    }
    Ok(Topic::of_path(text))
}

/// `Forbidden` for the pattern of another connection's own topic.
pub(crate) fn check_listening(text: &str, own: &str) -> Result<(), Error> {
    let mut segments = text.split('/');
    match (segments.next(), segments.next()) {
        (Some("client"), Some(name)) if name != "*" && name != own => {
            Err(Error::forbidden("what is said to another connection is not yours to hear"))
        }
        _ => Ok(()),
    }
}

/// The room that a text names in full.
pub(crate) fn room(text: &str) -> Option<Id> {
    text.strip_prefix("room/")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_the_table_says() {
        // Topic, pattern, and whether it matches as a prefix and as a whole (section 7.2, row by row).
        for (topic, text, prefix, whole) in [
            ("t", "t", true, true),
            ("t", "t1", false, false),
            ("t/a", "t/a", true, true),
            ("t/a", "t/b", false, false),
            ("t/a", "t/*", true, true),
            ("t", "t/*", false, false),
            ("t/a", "t/*/*", false, false),
            ("t/a/b", "t/*/*", true, true),
            ("t/a/b", "*/a/b", true, true),
            ("t/a/b", "t/*/b", true, true),
            ("t/a/b", "t/a/b/f", false, false),
            ("t/a/b", "t/a", true, false),
            ("t/a/b", "t", true, false),
            ("t/a/b", "t/*", true, false),
            ("t/a/b/c", "*", true, false),
            ("tx/a", "t*/a", false, false),
            ("tx/a", "**", false, false),
            ("t/", "t/*", true, true),
            ("t/*", "t/*", true, true),
            ("t/%2F", "t/%2F", true, true),
        ] {
            let published = published(topic).unwrap();
            assert_eq!(pattern(text, false).matches(&published), prefix, "{topic} {text}");
            assert_eq!(pattern(text, true).matches(&published), whole, "{topic} {text}");
        }
        assert!(
            !pattern("t/a", false).matches(&published("t/*").unwrap()),
            "a star in a topic is a segment like any other"
        );
    }

    #[test]
    fn nothing_is_published_that_sounds_like_a_reply() {
        for topic in ["error", "app::x", "worker::cancel"] {
            assert_eq!(published(topic).unwrap_err().status(), 400, "{topic}");
        }
        for topic in ["rooms/blue", "errors", "error/x", "note:updated", "/room"] {
            assert!(published(topic).is_ok(), "{topic}");
        }
    }

    #[test]
    fn others_connections_are_not_listened_to() {
        for (text, allowed) in [
            ("client/c-1", true),
            ("client/*", true),
            ("client", true),
            ("client/c-2", false),
            ("client/c-2/x", false),
            ("*/c-2", true),
        ] {
            assert_eq!(check_listening(text, "c-1").is_ok(), allowed, "{text}");
        }
    }

    #[test]
    fn a_room_is_named_in_full() {
        assert_eq!(room("room/77"), Id::new(77));
        for text in ["room/*", "room/77/x", "room", "rooms/77", "room/"] {
            assert_eq!(room(text), None, "{text}");
        }
    }
}
