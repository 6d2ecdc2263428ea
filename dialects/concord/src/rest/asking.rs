//! A request as the routes read it.

use std::str::FromStr;

use quintet_core::http::Request;
use quintet_core::image::{Image, ImageType};
use serde::de::DeserializeOwned;

use crate::refusal::Refusal;
use crate::wire;
use crate::wire::procedure::Payload;

/// A request that has found its route.
pub(super) struct Asking<'a> {
    pub(super) request: &'a Request,
    /// How many chats a page has at the most.
    pub(super) page_chats: u64,
}

impl Asking<'_> {
    /// The body. "REST requests with a body need `Content-Type: application/json` (else 415). Malformed JSON or an absent body: 400."
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        let body = self.json_body()?;
        if body.is_empty() {
            return Err(Refusal::bad("no body: send a JSON object"));
        }
        wire::object(body).map_err(|error| Refusal::from(&error))
    }

    /// The body where it may be any JSON value, or none, which is null.
    pub(super) fn payload(&self) -> Result<Payload, Refusal> {
        let body = self.json_body()?;
        if body.is_empty() {
            return Ok(Payload::null());
        }
        serde_json::from_slice(body).map_err(|error| Refusal::from(&wire::unreadable("not JSON", &error)))
    }

    fn json_body(&self) -> Result<&[u8], Refusal> {
        let body = &self.request.body;
        match self.request.head.header("content-type") {
            Some(kind) if is_json(kind) => {}
            None if body.is_empty() => {}
            _ => return Err(Refusal::wrong_type("application/json")),
        }
        Ok(body)
    }

    /// The body as an image: "raw image, `Content-Type` image/png, image/jpeg, image/webp or image/gif"; "415 other types".
    pub(super) fn image(&self) -> Result<Image, Refusal> {
        let kind = self.request.head.header("content-type").and_then(ImageType::from_media_type);
        let kind = kind.ok_or_else(|| Refusal::wrong_type(&ImageType::ALL.map(ImageType::media_type).join(", ")))?;
        if self.request.body.is_empty() {
            return Err(Refusal::bad("no body: send an image"));
        }
        Ok(Image { kind, bytes: self.request.body.clone() })
    }

    /// A query parameter; empty is absent.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.request.head.query_last(name).filter(|value| !value.is_empty()).map(Into::into)
    }

    /// A query parameter that is `expected`.
    pub(super) fn query<T: FromStr>(&self, name: &str, expected: &str) -> Result<Option<T>, Refusal> {
        let parse = |value: String| value.parse().map_err(|_| Refusal::bad(format!("`{name}` must be {expected}")));
        self.text(name).map(parse).transpose()
    }
}

/// `application/json` or something built on it; parameters and letter case do not count.
fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}
