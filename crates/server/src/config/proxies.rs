//! `[proxies]`: who may speak for others.

use std::net::IpAddr;

use super::Network;

section! {
    /// Reverse proxies in front of this server.
    Proxies in "proxies", at proxies {
        /// Addresses or networks, as in `"10.0.0.0/8"`, whose X-Forwarded-For is believed.
        trusted: Vec<Network> = Vec::new();
    }
}

impl Proxies {
    /// Whether this address may speak for others.
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.holds(address))
    }
}
