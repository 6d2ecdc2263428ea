//! What a listener hears: commits, and where they stand.

use quintet_core::{Body, Event, Frame};

use crate::wire::told;

/// The commit of an event, word for word as it is stored; nothing else has a word here.
pub(crate) fn commit(event: &Event) -> Option<Frame> {
    match (&event.body, &event.commit) {
        (Body::Committed(_), Some(commit)) => Some(told::commit(&commit.json)),
        _ => None,
    }
}

/// Where the document's history is with this event.
pub(crate) fn position(event: &Event) -> Option<Frame> {
    match (&event.body, event.position) {
        (Body::Committed(committed), Some(position)) => Some(told::position(committed.subject.as_str(), position)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use quintet_core::event::Committed;
    use quintet_core::hierarchy::Audience;
    use quintet_core::{Author, Id, Position, Timestamp};

    use super::*;
    use crate::vectors;

    fn event(body: Body) -> Event {
        let commit = vectors::create().commit;
        Event {
            id: Id::EVERYONE,
            topics: vec![commit.subject.topic()],
            position: Some(Position { epoch: 0xab, offset: 12 }),
            at: Timestamp::from_millis(1),
            author: Author::house(),
            via: "atomic".into(),
            body,
            commit: Some(commit),
        }
    }

    fn committed() -> Body {
        let subject = vectors::create().commit.subject.clone();
        Body::Committed(Committed { subject, created: true, audience: Audience::Everyone })
    }

    fn text(frame: &Frame) -> &str {
        std::str::from_utf8(frame.payload()).unwrap()
    }

    #[test]
    fn a_commit_is_heard_as_it_is_stored() {
        let event = event(committed());
        let stored = &event.commit.as_ref().unwrap().json;
        assert_eq!(text(&commit(&event).unwrap()), format!("COMMIT {stored}"));
        assert_eq!(text(&position(&event).unwrap()), r#"POSITION {"http://localhost:9883/vec/one":"12-ab"}"#);
    }

    #[test]
    fn what_has_no_commit_or_position_is_not_told() {
        assert_eq!(commit(&Event { commit: None, ..event(committed()) }), None);
        assert_eq!(position(&Event { position: None, ..event(committed()) }), None);
    }

    #[test]
    fn what_is_said_in_other_words_is_not_heard() {
        // A chat may come in by a commit; the hall tells it again as one on the Message.
        let event = event(Body::RoomDeleted { room: Id::EVERYONE });
        assert_eq!((commit(&event), position(&event)), (None, None));
    }
}
