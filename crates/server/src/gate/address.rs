//! Addresses that may be connected to: those of the public net.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use quintet_core::federation::host::Reach;

/// Networks within IPv4 that are nobody's public address: <https://www.iana.org/assignments/iana-ipv4-special-registry>, and multicast.
const CLOSED_V4: [(Ipv4Addr, u32); 16] = [
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    // Carriers' own, within which one provider of machines keeps its metadata.
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    // Another provider's: the machine's host, at a public address.
    (Ipv4Addr::new(168, 63, 129, 16), 32),
    // Link-local, and with it the metadata of most providers.
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// Networks within `2000::/3` that are not. All else of IPv6 is closed: private, local, multicast, and IPv4 in its disguises (mapped, NAT64).
const CLOSED_V6: [(Ipv6Addr, u32); 4] = [
    // Protocols, among them Teredo, which has an IPv4 address within.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xDB8, 0, 0, 0, 0, 0, 0), 32),
    // 6to4: another disguise.
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3FFF, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// Whether somebody of the reach may be at this address.
pub(super) fn is_open(address: IpAddr, reach: Reach) -> bool {
    match address {
        _ if reach == Reach::Loopback && address.is_loopback() => true,
        IpAddr::V4(address) => !CLOSED_V4.iter().any(|(network, bits)| {
            let rest = 32 - bits;
            address.to_bits() >> rest == network.to_bits() >> rest
        }),
        IpAddr::V6(address) => {
            let within = |network: Ipv6Addr, bits: u32| {
                let rest = 128 - bits;
                address.to_bits() >> rest == network.to_bits() >> rest
            };
            within(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3)
                && !CLOSED_V6.iter().any(|(network, bits)| within(*network, *bits))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(text: &str, reach: Reach) -> bool {
        is_open(text.parse().unwrap(), reach)
    }

    #[test]
    fn public_addresses_are_open() {
        let table = [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "128.0.0.1",
            "168.63.129.15",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2606:4700::1111",
            "2001:200::1",
            "2001:db7::1",
            "2001:db9::1",
            "2003::1",
            "3ffe::1",
        ];
        for text in table {
            assert!(open(text, Reach::Net), "{text}");
            assert!(open(text, Reach::Loopback), "{text}");
        }
    }

    #[test]
    fn all_others_are_closed() {
        let table = [
            // This host, private, carriers', link-local with metadata.
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.100.100.200",
            "100.127.255.255",
            "168.63.129.16",
            "169.254.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.0.1",
            // Protocols, documentation, benchmarks, relays.
            "192.0.0.192",
            "192.0.2.1",
            "192.88.99.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            // Multicast, reserved, broadcast.
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            // The same in IPv6.
            "::",
            "::2",
            "fc00::1",
            "fd00:ec2::254",
            "fdff::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "100::1",
            "2001::1",
            "2001:2::1",
            "2001:20::1",
            "2001:db8::1",
            "3fff::1",
            "5f00::1",
            // IPv4 in disguise: mapped, compatible, NAT64, 6to4.
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:1.1.1.1",
            "::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b::1.1.1.1",
            "64:ff9b:1::10.0.0.1",
            "2002:7f00:1::1",
            "2002:a00:1::1",
        ];
        for text in table {
            assert!(!open(text, Reach::Net), "{text}");
            assert!(!open(text, Reach::Loopback), "{text}");
        }
    }

    #[test]
    fn this_machine_is_open_where_that_is_allowed() {
        for text in ["127.0.0.1", "127.1.2.3", "::1"] {
            assert!(!open(text, Reach::Net), "{text}");
            assert!(open(text, Reach::Loopback), "{text}");
        }
    }
}
