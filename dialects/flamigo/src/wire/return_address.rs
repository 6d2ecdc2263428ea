//! Return addresses: how the reply to a command finds its way (flamigo.md, sections 2.2 and 2.3).

use quintet_core::Frame;
use serde_json::value::RawValue;

use super::command::Command;

/// The topic of every refusal.
pub(crate) const ERROR: &str = "error";

/// A command's topic and correlation keys, as they were spelled.
#[derive(Debug)]
pub(crate) struct ReturnAddress {
    /// The members of the reply's object, ready to be written: the topic's value, then `,"ack":…`, `,"ackId":…`.
    members: Box<str>,
    topic_length: usize,
}

impl ReturnAddress {
    /// That of a command: each correlation key that it carries, under its name. `null` and the empty text are none.
    pub(crate) fn of(command: &Command<'_>) -> Self {
        let topic = command.raw_topic();
        let [ack, ack_id] = [command.ack, command.ack_id].map(|key| key.map(RawValue::get).filter(|key| is_some(key)));
        let length = |key: Option<&str>| key.map_or(0, |key| key.len() + 9);
        let mut members = String::with_capacity(topic.len() + length(ack) + length(ack_id));
        members.push_str(topic);
        for (name, key) in [(",\"ack\":", ack), (",\"ackId\":", ack_id)] {
            if let Some(key) = key {
                members.push_str(name);
                members.push_str(key);
            }
        }
        Self { members: members.into(), topic_length: topic.len() }
    }

    /// That of what cannot be read at all.
    pub(crate) fn unknown() -> Self {
        Self { members: "null".into(), topic_length: 4 }
    }

    /// Whether the command had a correlation key.
    pub(crate) fn is_correlated(&self) -> bool {
        self.members.len() > self.topic_length
    }

    /// The reply of a command that was done.
    pub(crate) fn success(&self, payload: &str) -> Frame {
        Frame::text_of(&["{\"topic\":", &self.members, ",\"payload\":", payload, "}"])
    }

    /// The reply of a command that failed.
    pub(crate) fn failure(&self, payload: &str) -> Frame {
        let correlation = &self.members[self.topic_length..];
        Frame::text_of(&["{\"topic\":\"", ERROR, "\"", correlation, ",\"payload\":", payload, "}"])
    }
}

fn is_some(key: &str) -> bool {
    !matches!(key, "null" | "\"\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_comes_back_under_its_name_as_it_was() {
        for (sent, members) in [
            (r#""ack":"1""#, r#","ack":"1""#),
            (r#""ackId":"007""#, r#","ackId":"007""#),
            (r#""ackId":"b","ack":"a""#, r#","ack":"a","ackId":"b""#),
            (r#""ack":1.50,"ackId":{"x":[ ]}"#, r#","ack":1.50,"ackId":{"x":[ ]}"#),
            (r#""ack":false"#, r#","ack":false"#),
            (r#""ack":"","ackId":null"#, ""),
            (r#""Ack":"1""#, ""),
        ] {
            let text = format!(r#"{{"topic":"app::x","payload":1,{sent}}}"#);
            let address = ReturnAddress::of(&Command::read(&text).0);
            assert_eq!(address.is_correlated(), !members.is_empty(), "{sent}");
            let success = format!(r#"{{"topic":"app::x"{members},"payload":[2]}}"#);
            assert_eq!(address.success("[2]").payload(), success.as_bytes());
            let failure = format!(r#"{{"topic":"error"{members},"payload":{{}}}}"#);
            assert_eq!(address.failure("{}").payload(), failure.as_bytes());
        }
    }
}
