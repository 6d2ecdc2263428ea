//! The URL of a webhook.

use http::Uri;
use http::uri::Scheme;

use super::setting::{Setting, Value, quoted};

/// A whole URL of `http` or `https`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookUrl(Uri);

impl WebhookUrl {
    /// Reads one; `None` for what is none, and for one with a user in it, which would not be sent.
    pub fn parse(text: &str) -> Option<Self> {
        let uri: Uri = text.parse().ok()?;
        let known = [Some(&Scheme::HTTP), Some(&Scheme::HTTPS)].contains(&uri.scheme());
        let host = uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
        (known && host && !text.contains('#')).then_some(Self(uri))
    }

    /// As HTTP wants it.
    pub fn uri(&self) -> &Uri {
        &self.0
    }

    /// Whether it is called over TLS.
    pub fn is_encrypted(&self) -> bool {
        self.0.scheme() == Some(&Scheme::HTTPS)
    }
}

impl Setting for WebhookUrl {
    fn read(value: &Value) -> Result<Self, String> {
        let expected = "a URL with http or https and without a user, as in \"https://billing.example.org/calls\"";
        Self::parse(value.text(expected)?).ok_or_else(|| format!("expected {expected}"))
    }

    fn literal(&self) -> String {
        quoted(&self.0.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_webhook_has_a_whole_url() {
        for (text, good) in [
            ("http://localhost:9000", true),
            ("https://a.example/calls?x=1", true),
            ("/calls", false),
            ("a.example/calls", false),
            ("ftp://a.example", false),
            ("https://me:secret@a.example", false),
            ("https://", false),
            ("https://a.example/#x", false),
            ("", false),
        ] {
            assert_eq!(WebhookUrl::parse(text).is_some(), good, "{text}");
        }
    }
}
