//! Hosts: by what name a house is known to others.

use core::net::{Ipv4Addr, Ipv6Addr};
use std::fmt;
use std::sync::Arc;

/// The name of a house: lower-case ASCII labels, with a port where that is not 443. There is one spelling of each, so hosts are compared as texts.
///
/// versia.md, section 1.5: no address literals, no trailing dot, no percent sign. On one machine ([`Reach::Loopback`]) loopback addresses are hosts, too.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Host(Arc<str>);

/// Which houses can be peers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Those of the net: by name, over TLS.
    #[default]
    Net,
    /// Those on this machine as well, at loopback addresses and `localhost`, without TLS: for tests and judges of protocols.
    Loopback,
}

impl Host {
    /// Reads a host; `None` for what is not spelled in the one way.
    pub fn parse(text: &str, reach: Reach) -> Option<Self> {
        let (name, port) = split(text)?;
        if port.is_some_and(|port| !is_port(port)) {
            return None;
        }
        (is_name(name) || reach == Reach::Loopback && is_loopback(name)).then(|| Self(text.into()))
    }

    /// The host of a web origin, as in `https://a.example:8443`.
    pub fn of_origin(origin: &str, reach: Reach) -> Option<Self> {
        let (scheme, rest) = origin.split_once("://")?;
        let rest = rest.split(['/', '?', '#']).next()?;
        match scheme {
            "https" => Self::parse(rest.strip_suffix(":443").unwrap_or(rest), reach),
            // Without TLS the port is always named, so that 443 stays the one that is not.
            "http" if reach == Reach::Loopback => Self::parse(rest, reach),
            _ => None,
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, shared.
    pub fn shared(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }

    /// Without the port.
    pub fn name(&self) -> &str {
        split(&self.0).map_or(&self.0, |(name, _)| name)
    }

    /// Where it is not 443.
    pub fn port(&self) -> Option<u16> {
        split(&self.0)?.1?.parse().ok()
    }

    /// The scheme under which it is reached: plain only on this very machine.
    pub fn scheme(&self) -> &'static str {
        if is_loopback(self.name()) { "http" } else { "https" }
    }

    /// Its web origin.
    pub fn origin(&self) -> String {
        format!("{}://{}", self.scheme(), self.0)
    }
}

/// A name and a port. Colons within brackets are an address's.
fn split(text: &str) -> Option<(&str, Option<&str>)> {
    if text.starts_with('[') {
        let end = text.find(']')? + 1;
        let (name, rest) = text.split_at(end);
        return if rest.is_empty() { Some((name, None)) } else { Some((name, Some(rest.strip_prefix(':')?))) };
    }
    match text.split_once(':') {
        Some((name, port)) => Some((name, Some(port))),
        None => Some((text, None)),
    }
}

fn is_port(text: &str) -> bool {
    let digits = !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    digits && text != "443" && text.parse::<u16>().is_ok()
}

/// Labels of a host name (RFC 1123), in lower case. A last label of digits only would be an address.
fn is_name(name: &str) -> bool {
    let label = |label: &str| {
        let bytes = label.as_bytes();
        (1..=63).contains(&bytes.len())
            && bytes.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = name.rsplit('.').next().unwrap_or_default();
    name.len() <= 253
        && name.split('.').all(label)
        && !last.starts_with(|first: char| first.is_ascii_digit())
        && name != "localhost"
        && !name.ends_with(".localhost")
}

fn is_loopback(name: &str) -> bool {
    let address = name.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback() && address.to_string() == name);
    let bracketed = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let six =
        bracketed.is_some_and(|inner| inner.parse::<Ipv6Addr>().is_ok_and(|it| it.is_loopback() && inner == "::1"));
    name == "localhost" || address || six
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Host({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_has_one_spelling() {
        let good = ["a.example", "a.example:8443", "xn--bcher-kva.example", "a-b.c1.example", "a"];
        for text in good {
            assert_eq!(Host::parse(text, Reach::Net).unwrap().as_str(), text);
        }
        let bad = [
            "",
            ".",
            "a.example.",
            "A.example",
            "a..example",
            "a.example:443",
            "a.example:0",
            "a.example:08443",
            "a.example:65536",
            "a.example:",
            "a.example:x",
            "a@b.example",
            "a.example/",
            "a%2eexample",
            "bücher.example",
            "-a.example",
            "a-.example",
            "127.0.0.1",
            "127.0.0.1:80",
            "1.2.3.4",
            "[::1]",
            "[::1]:80",
            "localhost",
            "localhost:8080",
            "a.localhost",
            "a b",
            "a\\b",
            "0x7f.1",
            "a.example:80:80",
            "a_b.example",
        ];
        for text in bad {
            assert_eq!(Host::parse(text, Reach::Net), None, "{text}");
        }
    }

    #[test]
    fn loopback_is_a_host_where_that_is_allowed() {
        for text in ["127.0.0.1:80", "127.0.0.2:8080", "localhost:8080", "[::1]:8080", "a.example"] {
            assert!(Host::parse(text, Reach::Loopback).is_some(), "{text}");
        }
        for text in ["10.0.0.1", "192.168.0.1:80", "127.1", "127.0.0.01", "[::2]", "[::ffff:127.0.0.1]", "0.0.0.0"] {
            assert_eq!(Host::parse(text, Reach::Loopback), None, "{text}");
        }
    }

    #[test]
    fn hosts_tell_where_they_are_reached() {
        let host = Host::of_origin("http://127.0.0.1:8080", Reach::Loopback).unwrap();
        assert_eq!(
            (host.name(), host.port(), host.origin()),
            ("127.0.0.1", Some(8080), "http://127.0.0.1:8080".to_owned())
        );
        let host = Host::of_origin("https://a.example:443", Reach::Net).unwrap();
        assert_eq!((host.as_str(), host.port(), host.origin()), ("a.example", None, "https://a.example".to_owned()));
        let host = Host::of_origin("https://[::1]:8443", Reach::Loopback).unwrap();
        assert_eq!((host.name(), host.port()), ("[::1]", Some(8443)));
        assert_eq!(Host::of_origin("http://a.example", Reach::Net), None);
    }
}
