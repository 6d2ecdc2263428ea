//! Where to listen.

use std::fmt;
use std::net::SocketAddr;

use super::setting::{Setting, Value, quoted};

/// A host and a port. The host may be a name; it is looked up when the server starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen {
    host: String,
    port: u16,
}

impl Listen {
    /// From its parts; an IPv6 address comes without brackets.
    pub fn new(host: impl Into<String>, port: u16) -> Self {
        Self { host: host.into(), port }
    }

    /// The host, without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port; 0 for any free one.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Reads `host:port` or `[ipv6]:port`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let expected = || "expected host:port, as in \"127.0.0.1:8080\" or \"[::1]:8080\"".to_owned();
        let (host, port) = text.rsplit_once(':').ok_or_else(expected)?;
        let port = port.parse().map_err(|_| expected())?;
        let host = match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            Some(bare) if bare.parse::<std::net::Ipv6Addr>().is_ok() => bare,
            None if !host.is_empty() && !host.contains([':', '/', ' ', '[', ']']) => host,
            _ => return Err(expected()),
        };
        Ok(Self::new(host, port))
    }
}

impl From<SocketAddr> for Listen {
    fn from(address: SocketAddr) -> Self {
        Self::new(address.ip().to_string(), address.port())
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

impl Setting for Listen {
    fn read(value: &Value) -> Result<Self, String> {
        Self::parse(value.text("host:port")?)
    }

    fn literal(&self) -> String {
        quoted(&self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_ports_are_told_apart() {
        for text in ["127.0.0.1:8080", "localhost:0", "[::1]:80", "0.0.0.0:65535"] {
            assert_eq!(Listen::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "8080", ":8080", "localhost", "localhost:70000", "::1:80", "[x]:80", "http://x:80"] {
            assert!(Listen::parse(text).is_err(), "{text}");
        }
    }
}
