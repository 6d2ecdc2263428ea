//! Where a request really comes from.

use std::net::IpAddr;

use hyper::HeaderMap;

use crate::config::Proxies;

/// Where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// The client's address, as far as it can be believed.
    pub(crate) address: IpAddr,
    /// A trusted proxy stands in between.
    pub(crate) proxied: bool,
    /// From this very machine, with nobody in between who is known.
    pub(crate) local: bool,
}

/// Looks behind the proxies that are trusted; what others say of themselves is not believed.
pub(crate) fn source(peer: IpAddr, headers: &HeaderMap, proxies: &Proxies) -> Source {
    let peer = peer.to_canonical();
    if !proxies.trusts(peer) {
        let forwarded = headers.contains_key("x-forwarded-for") || headers.contains_key("forwarded");
        return Source { address: peer, proxied: false, local: peer.is_loopback() && !forwarded };
    }
    let values: Vec<_> = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).collect();
    let address = client(&values.join(","), peer, proxies);
    Source { address, proxied: address != peer, local: address == peer && peer.is_loopback() }
}

/// Each proxy adds, at the end, whom it heard: the first from the end that is no proxy of ours is the client.
fn client(forwarded: &str, peer: IpAddr, proxies: &Proxies) -> IpAddr {
    let mut client = peer;
    for hop in forwarded.rsplit(',').map(str::trim) {
        // What cannot be read was not written by a proxy of ours.
        let Ok(address) = hop.parse::<IpAddr>() else { break };
        client = address.to_canonical();
        if !proxies.trusts(client) {
            break;
        }
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Sources, load};

    fn proxies(networks: &str) -> Proxies {
        let variables = vec![("QUINTET_PROXIES_TRUSTED".to_owned(), networks.to_owned())];
        load(&Sources { variables, ..Sources::default() }).unwrap().config.proxies
    }

    #[test]
    fn only_trusted_proxies_speak_for_others() {
        let table = [
            // peer, header, trusted, client, proxied, local
            ("192.0.2.1", "", "", "192.0.2.1", false, false),
            ("192.0.2.1", "198.51.100.7", "", "192.0.2.1", false, false),
            ("127.0.0.1", "", "", "127.0.0.1", false, true),
            ("127.0.0.1", "198.51.100.7", "", "127.0.0.1", false, false),
            ("127.0.0.1", "198.51.100.7", "127.0.0.1", "198.51.100.7", true, false),
            ("10.0.0.1", "6.6.6.6, 198.51.100.7", "10.0.0.0/8", "198.51.100.7", true, false),
            ("10.0.0.1", "198.51.100.7, 10.0.0.2", "10.0.0.0/8", "198.51.100.7", true, false),
            ("10.0.0.1", "198.51.100.7, nonsense", "10.0.0.0/8", "10.0.0.1", false, false),
            ("10.0.0.1", "", "10.0.0.0/8", "10.0.0.1", false, false),
            ("::ffff:10.0.0.1", "::ffff:198.51.100.7", "10.0.0.0/8", "198.51.100.7", true, false),
        ];
        for (peer, header, trusted, address, proxied, local) in table {
            let mut headers = HeaderMap::new();
            if !header.is_empty() {
                headers.insert("x-forwarded-for", header.parse().unwrap());
            }
            let found = source(peer.parse().unwrap(), &headers, &proxies(trusted));
            let expected = Source { address: address.parse().unwrap(), proxied, local };
            assert_eq!(found, expected, "{peer} {header:?} {trusted:?}");
        }
    }
}
