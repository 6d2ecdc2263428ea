//! Hello: the entity of the handshake (versia.md, section 2.4).

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use quintet_core::dialect::Carriage;
use quintet_core::federation::Host;
use quintet_core::{Error, Limits, Timestamp};
use serde::{Deserialize, Serialize};

use crate::moment;

/// Its type.
pub(super) const TYPE: &str = "pub.versia:websockets/Hello";
/// Where a peer does not say how much it takes.
const ENTITY_BYTES: u64 = 262_144;
const FRAME_BYTES: u64 = 1_048_576;
const WINDOW: u64 = 64;
/// However much a peer would take, we send no more before a receipt, and nothing larger.
pub(super) const MOST_WINDOW: u64 = 1_024;
const MOST_BYTES: u64 = 16 << 20;

/// A Hello, as it is spelled. The members stand in the order in which they are emitted.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Hello {
    #[serde(default)]
    pub(super) answer: Option<String>,
    #[serde(default)]
    pub(super) author: Option<serde_json::Value>,
    pub(super) created_at: String,
    pub(super) host: String,
    #[serde(default)]
    pub(super) max_entity_bytes: Option<u64>,
    #[serde(default)]
    pub(super) max_frame_bytes: Option<u64>,
    #[serde(default)]
    pub(super) max_in_flight: Option<u64>,
    pub(super) nonce: String,
    #[serde(default)]
    pub(super) to: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: String,
}

impl Hello {
    /// Ours.
    pub(super) fn new(
        own: &Host,
        to: Option<&Host>,
        nonce: &str,
        answer: Option<&str>,
        limits: &Limits,
        now: Timestamp,
    ) -> Self {
        Self {
            answer: answer.map(str::to_owned),
            author: None,
            created_at: moment::spell(now),
            host: own.to_string(),
            max_entity_bytes: Some(limits.entity_bytes),
            max_frame_bytes: Some(limits.peer_frame_bytes),
            max_in_flight: Some(limits.peer_window),
            nonce: nonce.to_owned(),
            to: to.map(Host::to_string),
            kind: TYPE.to_owned(),
        }
    }

    /// Reads one. `BadMessage` for what is none.
    pub(super) fn read(entity: &str) -> Result<Self, Error> {
        let hello: Self = serde_json::from_str(entity)
            .map_err(|cause| Error::bad_message("the entity is no Hello").because(cause))?;
        match hello {
            Self { ref kind, .. } if kind != TYPE => Err(Error::bad_message("the entity is no Hello")),
            Self { author: Some(_), .. } => Err(Error::bad_message("a Hello has no author")),
            Self { ref nonce, .. } if !is_nonce(nonce) => {
                Err(Error::bad_message("nonce is not 22 to 128 characters of base64url"))
            }
            hello => Ok(hello),
        }
    }

    /// Whether an entity is a Hello, well made or not.
    pub(super) fn is(entity: &str) -> bool {
        #[derive(Deserialize)]
        struct Typed {
            #[serde(rename = "type")]
            kind: String,
        }
        entity.contains("websockets") && serde_json::from_str::<Typed>(entity).is_ok_and(|it| it.kind == TYPE)
    }

    /// As it is sent.
    pub(super) fn entity(&self) -> String {
        serde_json::to_string(self).expect("texts and numbers are JSON")
    }

    /// What may be sent to whoever said this; within bounds of our own.
    pub(super) fn carriage(&self, limits: &Limits) -> Carriage {
        let window = self.max_in_flight.unwrap_or(WINDOW).clamp(1, MOST_WINDOW);
        Carriage {
            window: u32::try_from(window).unwrap_or(1),
            entity_bytes: self.max_entity_bytes.unwrap_or(ENTITY_BYTES).min(MOST_BYTES),
            frame_bytes: self.max_frame_bytes.unwrap_or(FRAME_BYTES).min(MOST_BYTES),
            patience: Duration::from_secs(limits.receipt_seconds),
        }
    }
}

/// A nonce of 128 random bits: 22 characters.
pub(super) fn nonce(fresh: u128) -> String {
    URL_SAFE_NO_PAD.encode(fresh.to_be_bytes())
}

fn is_nonce(text: &str) -> bool {
    (22..=128).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-' || it == b'_')
}

#[cfg(test)]
mod tests {
    use quintet_core::federation::host::Reach;

    use super::*;

    #[test]
    fn the_vector_is_what_we_would_say() {
        let vectors: serde_json::Value = serde_json::from_str(include_str!("../vectors.json")).unwrap();
        let vector = vectors["vectors"].as_array().unwrap().iter().find(|it| it["name"] == "ws-hello").unwrap();
        let entity = vector["message"]["entity"].as_str().unwrap();
        let host = |text: &str| Host::parse(text, Reach::Net).unwrap();
        let ours = Hello::new(
            &host("bob.example"),
            Some(&host("alice.example")),
            &nonce(0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10),
            Some("ERITFBUWFxgZGhscHR4fIA"),
            &Limits { peer_window: 64, ..Limits::default() },
            Timestamp::from_millis(1_729_241_807_000),
        );
        assert_eq!(ours.entity(), entity);
        assert_eq!(Hello::read(entity).unwrap(), ours);
    }

    #[test]
    fn what_is_no_hello_is_refused() {
        let good = || serde_json::json!({ "type": TYPE, "created_at": "2024-10-18T08:56:47Z", "host": "a.example", "nonce": "a".repeat(22) });
        assert!(Hello::read(&good().to_string()).is_ok());
        for (name, value) in [
            ("type", "Note".into()),
            ("author", "https://a.example/users/1".into()),
            ("nonce", "a".repeat(21).into()),
            ("nonce", "a".repeat(129).into()),
            ("nonce", "a+".repeat(11).into()),
            ("host", serde_json::Value::Null),
            ("created_at", 1.into()),
            ("to", 1.into()),
            ("answer", serde_json::json!({})),
            ("max_in_flight", (-1).into()),
            ("max_entity_bytes", "1".into()),
            ("max_frame_bytes", 1.5.into()),
        ] {
            let mut hello = good();
            hello[name] = value;
            assert_eq!(Hello::read(&hello.to_string()).unwrap_err().status(), 400, "{name}");
        }
        let text = good().to_string();
        assert!(Hello::read(&text.replacen('{', r#"{"host":"b.example","#, 1)).is_err(), "a member twice");
        assert!(Hello::read("[]").is_err() && Hello::read("").is_err());
    }

    #[test]
    fn what_a_peer_takes_is_believed_within_bounds() {
        let hello = |more: &str| {
            let text = format!(
                r#"{{"type":"{TYPE}","created_at":"x","host":"a.example","nonce":"{}"{more}}}"#,
                "a".repeat(22)
            );
            let carriage = Hello::read(&text).unwrap().carriage(&Limits::default());
            (carriage.window, carriage.entity_bytes, carriage.frame_bytes)
        };
        assert_eq!(hello(""), (64, 262_144, 1_048_576));
        assert_eq!(hello(r#","max_in_flight":8,"max_entity_bytes":1000,"max_frame_bytes":6096"#), (8, 1000, 6096));
        let most = u64::MAX;
        assert_eq!(
            hello(&format!(r#","max_in_flight":{most},"max_entity_bytes":{most},"max_frame_bytes":{most}"#)),
            (1_024, 16 << 20, 16 << 20)
        );
        assert_eq!(hello(r#","max_in_flight":0,"max_entity_bytes":0"#), (1, 0, 1_048_576));
    }
}
