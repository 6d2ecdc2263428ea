//! What `GET /tail` tells: one JSON object on each line, in the house's own words.

use quintet_core::plain::{Told, notice_name};
use quintet_core::{Author, Body, Event, Position, Topic};
use serde::Serialize;
use serde_json::value::RawValue;

/// An event at one of its topics.
#[derive(Serialize)]
struct Line<'a> {
    topic: &'a str,
    name: &'a str,
    payload: Payload<'a>,
    position: Option<String>,
    at: i64,
    author: Option<AuthorView<'a>>,
    via: &'a str,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Payload<'a> {
    Told(Told<'a>),
    Verbatim(&'a RawValue),
    Nothing,
}

#[derive(Serialize)]
struct AuthorView<'a> {
    id: u64,
    username: &'a str,
}

#[derive(Serialize)]
struct Missed {
    missed: u64,
}

/// Adds the line of an event.
pub(super) fn event(event: &Event, topic: &Topic, lines: &mut Vec<u8>) {
    let (name, text) = said(event, topic);
    // What was said may stretch over several lines; within JSON they stand for nothing but space.
    let text = text.map(|text| text.replace(['\n', '\r'], " "));
    let verbatim = text.as_deref().and_then(|text| serde_json::from_str(text).ok()).map(Payload::Verbatim);
    let (name, payload) = match Told::of(event) {
        Some((name, told)) => (name, Payload::Told(told)),
        None => (name, verbatim.unwrap_or(Payload::Nothing)),
    };
    let Author { id, name: username } = &event.author;
    write(
        &Line {
            topic: topic.as_str(),
            name,
            payload,
            position: event.position.as_ref().map(Position::to_string),
            at: event.at.millis(),
            author: (!username.is_empty()).then(|| AuthorView { id: id.get(), username }),
            via: &event.via,
        },
        lines,
    );
}

/// Adds the line that tells how many events were lost just here.
pub(super) fn missed(count: u64, lines: &mut Vec<u8>) {
    write(&Missed { missed: count }, lines);
}

/// The name and text of what is said in somebody's own words; the house's own affairs have a name only.
fn said<'a>(event: &'a Event, topic: &Topic) -> (&'a str, Option<&'a str>) {
    match &event.body {
        Body::Message { name, payload } => (name, Some(payload)),
        body @ Body::Notice(object) => (notice_name(topic).unwrap_or(body.name()), Some(object)),
        body => (body.name(), None),
    }
}

fn write(line: &impl Serialize, lines: &mut Vec<u8>) {
    // A struct of texts and numbers always has a JSON form.
    let _ = serde_json::to_writer(&mut *lines, line);
    lines.push(b'\n');
}

#[cfg(test)]
mod tests {
    use quintet_core::change::RightsChange;
    use quintet_core::user::Status;
    use quintet_core::{Id, Timestamp};

    use super::*;

    fn line(topic: &Topic, author: Author, body: Body) -> String {
        let (at, topics) = (Timestamp::from_millis(1_763_000_000_000), vec![topic.clone()]);
        let event = Event { id: Id::HOUSE, topics, position: None, at, author, via: "test".into(), body, commit: None };
        let mut lines = Vec::new();
        super::event(&event, topic, &mut lines);
        String::from_utf8(lines).unwrap()
    }

    fn ann() -> Author {
        Author { id: Id::new(4097).unwrap(), name: "ann".into() }
    }

    #[test]
    fn an_event_is_one_line() {
        let body =
            Body::Message { name: "order:created".into(), payload: "{\n  \"a\": 1.50,\r\n \"b\": \"x\\ny\"}".into() };
        assert_eq!(
            line(&Topic::of(&["orders", "a/b"]), Author::house(), body),
            concat!(
                r#"{"topic":"orders/a%2Fb","name":"order:created","payload":{   "a": 1.50,   "b": "x\ny"},"#,
                r#""position":null,"at":1763000000000,"author":null,"via":"test"}"#,
                "\n"
            )
        );
        assert_eq!(
            line(&Topic::user(ann().id), ann(), Body::StatusChanged(Status::Online)),
            concat!(
                r#"{"topic":"user/4097","name":"presence:status","payload":{"user":{"id":4097,"username":"ann"},"status":"ONLINE"},"#,
                r#""position":null,"at":1763000000000,"author":{"id":4097,"username":"ann"},"via":"test"}"#,
                "\n"
            )
        );
    }

    #[test]
    fn notices_have_the_name_of_their_place() {
        let notice = || Body::Notice(r#"{"z":1,"a":2}"#.into());
        for (topic, name) in [
            (Topic::client("c-1"), "client:notice"),
            (Topic::channel("lobby"), "channel:notice"),
            (Topic::user(ann().id), "user:notice"),
            (Topic::room(ann().id), "room:notice"),
        ] {
            let line = line(&topic, ann(), notice());
            assert!(line.contains(&format!(r#""name":"{name}","payload":{{"z":1,"a":2}},"#)), "{line}");
        }
    }

    #[test]
    fn what_has_no_word_is_told_by_its_name() {
        let line = line(&Topic::rights(), ann(), Body::RightsChanged(RightsChange::RoleDeleted(ann().id)));
        assert!(line.contains(r#""name":"rights_changed","payload":null,"#), "{line}");
        let mut lines = Vec::new();
        missed(7, &mut lines);
        assert_eq!(lines, b"{\"missed\":7}\n");
    }
}
