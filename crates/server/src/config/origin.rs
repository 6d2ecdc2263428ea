//! The public URL.

use quintet_core::Origin;

use super::setting::{Setting, Value, quoted};

/// A scheme and a host, perhaps with a port: what stands in front of every path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim_end_matches('/');
        let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
        let plain = !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ', '"', '\\']);
        plain.then(|| Self(text.to_owned()))
    }

    /// As the house knows it.
    pub fn origin(&self) -> Origin {
        Origin(self.0.clone())
    }
}

impl Setting for PublicUrl {
    fn read(value: &Value) -> Result<Self, String> {
        let expected = "a URL without a path, as in \"https://chat.example.org\"";
        Self::parse(value.text(expected)?).ok_or_else(|| format!("expected {expected}"))
    }

    fn literal(&self) -> String {
        quoted(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_ends_with_its_host() {
        for (text, stored) in [
            ("https://a.example", Some("https://a.example")),
            ("http://a:81/", Some("http://a:81")),
            ("a.example", None),
            ("https://a/b", None),
            ("ws://a", None),
            ("https://", None),
        ] {
            assert_eq!(PublicUrl::parse(text).map(|url| url.0).as_deref(), stored, "{text}");
        }
    }
}
