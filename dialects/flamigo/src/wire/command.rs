//! Commands: what a peer sends (flamigo.md, section 2.1).

use std::borrow::Cow;
use std::fmt;

use quintet_core::depth::is_too_deep;
use quintet_core::limits::JSON_DEPTH;
use quintet_core::payload::text;
use quintet_core::{Error, Input};
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// One message of a peer. Its values are looked at when they are needed; nothing of it is copied.
#[derive(Debug, Default)]
pub(crate) struct Command<'a> {
    topic: Option<&'a RawValue>,
    payload: Option<&'a RawValue>,
    /// The correlation key of generated code.
    pub(crate) ack: Option<&'a RawValue>,
    /// The correlation key of the first guide.
    pub(crate) ack_id: Option<&'a RawValue>,
    /// Whether what follows need not wait for the reply: our extension.
    pub(crate) overlap: bool,
    status: Option<&'a RawValue>,
}

/// What a frame holds, ready to be read: raw newlines are blanks (section 1), binary frames are as good as text.
pub(crate) fn trimmed<'a>(input: &Input<'a>) -> Option<Cow<'a, str>> {
    let text = match input {
        Input::Text(text) => text,
        Input::Binary(bytes) => std::str::from_utf8(bytes).ok()?,
        _ => return None,
    };
    let text = text.trim();
    Some(if text.contains('\n') { text.replace('\n', " ").into() } else { text.into() })
}

impl<'a> Command<'a> {
    /// Reads a command; `BadMessage` where it is no JSON object, beside what could be read of it (flamigo.md, section 2.4).
    pub(crate) fn read(text: &'a str) -> (Self, Result<(), Error>) {
        let mut command = Self::default();
        let mut json = serde_json::Deserializer::from_str(text);
        let whole = json.deserialize_map(Reading(&mut command)).and_then(|()| json.end()).map_err(|error| {
            Error::bad_message(format!("send one JSON object with a topic and a payload in each frame: {error}"))
        });
        (command, whole)
    }

    /// The topic as it was spelled, quotes included.
    pub(crate) fn raw_topic(&self) -> &'a str {
        self.topic.map_or("null", RawValue::get)
    }

    /// The topic; `None` where it is no text.
    pub(crate) fn topic(&self) -> Option<Cow<'a, str>> {
        text(self.topic?)
    }

    /// Whether there is no topic at all.
    pub(crate) fn lacks_topic(&self) -> bool {
        self.topic.is_none_or(|topic| matches!(topic.get(), "null" | "\"\""))
    }

    /// The payload; `null` where there is none. `BadMessage` where it is deeper than [`JSON_DEPTH`], which others could not read.
    pub(crate) fn payload(&self) -> Result<&'a RawValue, Error> {
        let payload = self.payload.unwrap_or(RawValue::NULL);
        if is_too_deep(payload.get()) {
            return Err(Error::bad_message(format!("the payload is nested more than {JSON_DEPTH} deep")));
        }
        Ok(payload)
    }

    /// The HTTP status beside the payload of a worker's result: 200 where there is none, `None` where it is no number.
    pub(crate) fn status(&self) -> Option<u16> {
        self.status.map_or(Some(200), |status| status.get().parse().ok())
    }
}

#[derive(serde::Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum Key {
    Topic,
    Payload,
    Ack,
    AckId,
    Overlap,
    Status,
    #[serde(other)]
    Other,
}

/// Fills in a command as far as it can be read.
struct Reading<'c, 'a>(&'c mut Command<'a>);

impl<'de> Visitor<'de> for Reading<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    /// Of keys that come twice, the last one counts.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self(command) = self;
        while let Some(key) = map.next_key()? {
            let place = match key {
                Key::Topic => &mut command.topic,
                Key::Payload => &mut command.payload,
                Key::Ack => &mut command.ack,
                Key::AckId => &mut command.ack_id,
                Key::Status => &mut command.status,
                Key::Overlap => {
                    command.overlap = map.next_value::<&RawValue>()?.get() == "true";
                    continue;
                }
                Key::Other => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            *place = Some(map.next_value()?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stay_as_they_were_spelled() {
        let command = Command::read(r#"{"ack":"007","payload": {"b":1.50, "a":[]} ,"x":[{}],"topic":"app::\u0065"}"#).0;
        assert_eq!(command.topic().unwrap(), "app::e");
        assert_eq!(command.raw_topic(), r#""app::\u0065""#);
        assert_eq!(command.payload().unwrap().get(), r#"{"b":1.50, "a":[]}"#);
        assert_eq!(command.ack.unwrap().get(), "\"007\"");
        assert!(command.ack_id.is_none() && !command.overlap);
    }

    #[test]
    fn the_last_of_equal_keys_counts_and_a_payload_may_be_missing() {
        let command = Command::read(r#"{"topic":"a","topic":"b","overlap":true}"#).0;
        assert_eq!((command.topic().as_deref(), command.payload().unwrap().get()), (Some("b"), "null"));
        assert!(command.overlap);
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for text in ["", "x", "[]", "1", "null", "{\"topic\":", "{} {}", "{\"topic\" 1}"] {
            assert!(Command::read(text).1.is_err(), "{text}");
        }
    }

    #[test]
    fn what_stands_in_front_of_a_mistake_is_read() {
        for (text, ack, ack_id) in [
            (r#"{"ack":"k","topic":"t","payload":}"#, Some("\"k\""), None),
            (r#"{"ack":"k","ackId":[7],"payload":{"#, Some("\"k\""), Some("[7]")),
            (r#"{"ack":"k"]"#, Some("\"k\""), None),
            (r#"{"ackId":7}{}"#, None, Some("7")),
            (r#"{"payload":[1,],"ack":"k"}"#, None, None),
            (r#"{"ack":"k"#, None, None),
        ] {
            let (command, whole) = Command::read(text);
            let found = [command.ack, command.ack_id].map(|key| key.map(RawValue::get));
            assert_eq!((whole.is_err(), found), (true, [ack, ack_id]), "{text}");
        }
    }

    #[test]
    fn a_topic_of_another_type_is_seen() {
        for (text, lacks, is_text) in [
            (r"{}", true, false),
            (r#"{"topic":null}"#, true, false),
            (r#"{"topic":""}"#, true, true),
            (r#"{"topic":7}"#, false, false),
            (r#"{"topic":"t"}"#, false, true),
        ] {
            let command = Command::read(text).0;
            assert_eq!((command.lacks_topic(), command.topic().is_some()), (lacks, is_text), "{text}");
        }
    }

    #[test]
    fn frames_are_trimmed_and_newlines_are_blanks() {
        assert_eq!(trimmed(&Input::Text(" {\n\"a\"\n:1}\r\n")).unwrap(), "{ \"a\" :1}");
        assert_eq!(trimmed(&Input::Binary(b"{}")).unwrap(), "{}");
        assert_eq!(trimmed(&Input::Binary(&[0xFF])), None);
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| format!(r#"{{"payload":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
        assert!(Command::read(&nested(JSON_DEPTH)).0.payload().is_ok());
        assert!(Command::read(&nested(JSON_DEPTH + 1)).0.payload().is_err());
    }
}
