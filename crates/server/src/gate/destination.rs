//! Destinations: URLs that are spelled in the one way in which they are gone to.

use http::Uri;
use quintet_core::Error;
use quintet_core::federation::Host;
use quintet_core::federation::host::Reach;

/// Where a request goes.
#[derive(Debug)]
pub(crate) struct Destination {
    /// To whom.
    pub(crate) host: Host,
    /// Whether by TLS.
    pub(crate) encrypted: bool,
    /// The URL.
    pub(crate) uri: Uri,
}

impl Destination {
    /// Of a request: `https`, or `http` to this very machine where that is in reach. `Forbidden` for all else.
    pub(super) fn of_request(url: &str, reach: Reach) -> Result<Self, Error> {
        Self::read(url, ["https://", "http://"], reach)
    }

    /// Of a socket: `wss`, or `ws` in the same way; without a query.
    pub(crate) fn of_socket(url: &str, reach: Reach) -> Result<Self, Error> {
        let destination = Self::read(url, ["wss://", "ws://"], reach)?;
        if url.contains('?') {
            return Err(Error::forbidden("the URL of a socket has no query"));
        }
        Ok(destination)
    }

    fn read(url: &str, [encrypted, plain]: [&str; 2], reach: Reach) -> Result<Self, Error> {
        let refused = |why: &str| Error::forbidden(format!("a URL that is not gone to: {why}"));
        // What another reader of URLs might drop, turn or cut at is in none of ours.
        if !url.bytes().all(|byte| byte.is_ascii_graphic()) || url.contains(['\\', '#']) {
            return Err(refused("it has characters that stand in none"));
        }
        let (rest, is_encrypted) = match (url.strip_prefix(encrypted), url.strip_prefix(plain)) {
            (Some(rest), _) => (rest, true),
            (_, Some(rest)) => (rest, false),
            _ => return Err(refused("its scheme is another")),
        };
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        let host = Host::parse(authority, reach).ok_or_else(|| {
            refused("its host is not spelled as hosts are: lower case, and a port only where it is not 443")
        })?;
        if !is_encrypted && host.scheme() != "http" {
            return Err(refused("it is not encrypted"));
        }
        let uri: Uri = url.parse().map_err(|_| refused("it is none"))?;
        // Two readers agree, or nobody goes.
        if uri.authority().map(http::uri::Authority::as_str) != Some(authority) {
            return Err(refused("its host can be read in two ways"));
        }
        Ok(Self { host, encrypted: is_encrypted, uri })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_the_net_are_gone_to() {
        for (url, host) in [
            ("https://a.example/users/1?x=y", "a.example"),
            ("https://a.example", "a.example"),
            ("https://a.example:8443/", "a.example:8443"),
        ] {
            let destination = Destination::of_request(url, Reach::Net).unwrap();
            assert_eq!((destination.host.as_str(), destination.encrypted), (host, true), "{url}");
        }
        assert!(Destination::of_socket("wss://a.example/.x/ws", Reach::Net).is_ok());
    }

    #[test]
    fn lookalikes_are_not() {
        let table = [
            "",
            "a.example",
            "//a.example/",
            "http://a.example/",
            "ws://a.example/",
            "wss://a.example/",
            "ftp://a.example/",
            "file:///etc/passwd",
            "HTTPS://a.example/",
            "https:a.example/",
            "https:///a.example/",
            "https://A.example/",
            "https://a.example./",
            "https://a.example:443/",
            "https://a.example:0/",
            "https://a.example:/",
            "https://a.example:080/",
            "https://a.example:65536/",
            "https://user@a.example/",
            "https://user:password@a.example/",
            "https://a.example@evil.example/",
            "https://a.example\\@evil.example/",
            "https://a.example#@evil.example/",
            "https://a.example/#x",
            "https://a%2eexample/",
            "https://a.example%00/",
            "https://a.example /",
            "https://a.example/ x",
            "https://a.example/\r\nx: y",
            "https://a.example/\t",
            "https://bücher.example/",
            "https://a.example/ü",
            "https://127.0.0.1/",
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f.0.0.1/",
            "https://0177.0.0.1/",
            "https://10.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[fe80::1%25eth0]/",
            "https://localhost/",
            "https://a.localhost/",
            "http://localhost:8080/",
            "http://127.0.0.1:8080/",
        ];
        for url in table {
            let refused = Destination::of_request(url, Reach::Net).unwrap_err();
            assert_eq!(refused.kind(), quintet_core::Kind::Forbidden, "{url}");
        }
        for url in ["https://a.example/", "wss://a.example/?x", "wss://a.example/#x", "wss://u@a.example/"] {
            assert!(Destination::of_socket(url, Reach::Net).is_err(), "{url}");
        }
    }

    #[test]
    fn this_machine_is_gone_to_where_it_is_in_reach() {
        for (url, encrypted) in [
            ("http://127.0.0.1:8080/x", false),
            ("http://localhost:8080/", false),
            ("http://[::1]:8080/", false),
            ("https://127.0.0.1:8443/", true),
            ("https://a.example/", true),
        ] {
            assert_eq!(Destination::of_request(url, Reach::Loopback).unwrap().encrypted, encrypted, "{url}");
        }
        for url in ["http://a.example/", "http://10.0.0.1:80/", "http://127.1:80/", "http://u@127.0.0.1:80/"] {
            assert!(Destination::of_request(url, Reach::Loopback).is_err(), "{url}");
        }
        assert!(!Destination::of_socket("ws://127.0.0.1:8080/ws", Reach::Loopback).unwrap().encrypted);
    }
}
