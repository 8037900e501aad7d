//! Where a webhook may go: to globally routable addresses, and never to the operator's port.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use url::{Host, Url};

/// The rule for destinations. [`GuardedClient`](super::client::GuardedClient) is what enforces it.
#[derive(Debug, Clone)]
pub struct Guard {
    allow_private: bool,
    forbidden: Vec<SocketAddr>,
}

/// Why a destination was refused, in the order the checks are made.
///
/// No message names an address: a merchant is not to learn what names mean inside our network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Some other scheme, or nothing to connect to.
    #[error("only http and https URLs with a host are delivered to")]
    NotHttp,
    /// `user:password@` before the host, which is there to deceive a reader or to leak.
    #[error("the URL must not carry a user name or password")]
    Userinfo,
    /// The host, or one of the addresses it resolves to, is not out in the open Internet.
    #[error("the host is not globally routable")]
    NotRoutable(IpAddr),
    /// The address is where operators talk to us.
    #[error("the host and port are reserved")]
    OperatorPort(SocketAddr),
}

impl Guard {
    /// `forbidden` are the addresses the operator's listener is bound to, with its real port, not 0. If it is
    /// bound to loopback, its port is refused on all loopback addresses; if to an unspecified address, on any
    /// address at all. `allow_private` opens loopback and private networks, for development.
    pub fn new(allow_private: bool, forbidden: Vec<SocketAddr>) -> Self {
        assert!(forbidden.iter().all(|listener| listener.port() != 0), "a bound listener has a port");
        Self { allow_private, forbidden }
    }

    /// Checks all that can be checked before a name is resolved.
    ///
    /// # Errors
    /// [`Refused`], one variant per reason.
    pub fn check_url(&self, url: &Url) -> Result<(), Refused> {
        let (Some(host), Some(port), "http" | "https") =
            (url.host(), url.port_or_known_default(), url.scheme())
        else {
            return Err(Refused::NotHttp);
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refused::Userinfo);
        }
        match host {
            // What a name leads to is known when it is called, and may have changed by then.
            Host::Domain(_) => Ok(()),
            Host::Ipv4(ip) => self.check_address(SocketAddr::from((ip, port))),
            Host::Ipv6(ip) => self.check_address(SocketAddr::from((ip, port))),
        }
    }

    /// Checks what a name resolved to. One bad address condemns them all: that is how names change sides.
    pub(super) fn check_resolved(&self, addresses: &[SocketAddr]) -> Result<(), Refused> {
        addresses.iter().try_for_each(|address| self.check_address(*address))
    }

    /// The ports on which some address is the operator's.
    pub(super) fn operator_ports(&self) -> impl Iterator<Item = u16> {
        self.forbidden.iter().map(SocketAddr::port)
    }

    fn check_address(&self, address: SocketAddr) -> Result<(), Refused> {
        match reach(address.ip()) {
            Reach::Global => {}
            Reach::Private if self.allow_private => {}
            Reach::Private | Reach::Never => return Err(Refused::NotRoutable(address.ip())),
        }
        match self.forbidden.iter().any(|listener| arrives_at(*listener, address)) {
            true => Err(Refused::OperatorPort(address)),
            false => Ok(()),
        }
    }
}

fn arrives_at(listener: SocketAddr, address: SocketAddr) -> bool {
    let (bound, ip) = (listener.ip().to_canonical(), address.ip());
    let both_loopback = bound.is_loopback() && ip.is_loopback();
    listener.port() == address.port() && (bound == ip || both_loopback || bound.is_unspecified())
}

enum Reach {
    Global,
    /// Loopback and private networks: refused unless the guard allows them.
    Private,
    Never,
}

fn reach(ip: IpAddr) -> Reach {
    let (never, private, given_out) = match ip {
        IpAddr::V4(ip) => (holds_v4(&NEVER_V4, ip), holds_v4(&PRIVATE_V4, ip), true),
        IpAddr::V6(ip) => (holds_v6(&NEVER_V6, ip), holds_v6(&PRIVATE_V6, ip), holds_v6(&[GIVEN_OUT_V6], ip)),
    };
    match (never, private) {
        (true, _) => Reach::Never,
        (false, true) => Reach::Private,
        (false, false) if given_out => Reach::Global,
        (false, false) => Reach::Never,
    }
}

/// A block of addresses: its first one, and how many leading bits all of it share.
type BlockV4 = ([u8; 4], u32);
type BlockV6 = ([u16; 8], u32);

const PRIVATE_V4: [BlockV4; 4] = [
    ([127, 0, 0, 0], 8),    // loopback
    ([10, 0, 0, 0], 8),     // private
    ([172, 16, 0, 0], 12),  // private
    ([192, 168, 0, 0], 16), // private
];

/// Source: IANA's IPv4 Special-Purpose Address Registry, except the last.
const NEVER_V4: [BlockV4; 12] = [
    ([0, 0, 0, 0], 8),        // this network; 0.0.0.0 reaches loopback
    ([100, 64, 0, 0], 10),    // carrier-grade NAT; a cloud keeps its metadata at 100.100.100.200
    ([169, 254, 0, 0], 16),   // link-local; most clouds keep their metadata here
    ([192, 0, 0, 0], 24),     // protocol assignments
    ([192, 0, 2, 0], 24),     // documentation
    ([192, 88, 99, 0], 24),   // 6to4 relays
    ([198, 18, 0, 0], 15),    // benchmarking
    ([198, 51, 100, 0], 24),  // documentation
    ([203, 0, 113, 0], 24),   // documentation
    ([224, 0, 0, 0], 4),      // multicast
    ([240, 0, 0, 0], 4),      // reserved, broadcast
    ([168, 63, 129, 16], 32), // the host agent of Azure, at a routable address
];

/// All of IPv6 that is given out. It leaves out at one stroke: unspecified, v4-mapped, v4-compatible, NAT64,
/// discard-only, link-local, site-local, multicast, and whatever may yet come.
const GIVEN_OUT_V6: BlockV6 = ([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);

const PRIVATE_V6: [BlockV6; 2] = [
    ([0, 0, 0, 0, 0, 0, 0, 1], 128),    // loopback
    ([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7), // unique local
];

/// Source: IANA's IPv6 Special-Purpose Address Registry for what is in 2000::/3. The rest are metadata services
/// that clouds keep at unique local addresses.
const NEVER_V6: [BlockV6; 10] = [
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23), // protocol assignments: Teredo, benchmarking, ORCHID
    ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32), // documentation
    ([0x2002, 0, 0, 0, 0, 0, 0, 0], 16), // 6to4
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), // documentation
    ([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0], 32), // AWS
    ([0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254], 128), // Google
    ([0xfd00, 0xc1, 0, 0, 0, 0, 0xa9fe, 0xa9fe], 128), // Oracle
    ([0xfd00, 0x42, 0, 0, 0, 0, 0, 0x42], 128), // Scaleway
    ([0xfd00, 0xa9fe, 0xa9fe, 0, 0, 0, 0, 1], 128), // Akamai
    ([0xfd00, 0x100, 0, 0, 0, 0, 0x100, 0x200], 128), // Alibaba
];

fn holds_v4(blocks: &[BlockV4], ip: Ipv4Addr) -> bool {
    blocks.iter().any(|(first, bits)| (Ipv4Addr::from(*first).to_bits() ^ ip.to_bits()) >> (32 - bits) == 0)
}

fn holds_v6(blocks: &[BlockV6], ip: Ipv6Addr) -> bool {
    blocks.iter().any(|(first, bits)| (Ipv6Addr::from(*first).to_bits() ^ ip.to_bits()) >> (128 - bits) == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPERATOR: &str = "127.0.0.1:8081";
    const NOT_ROUTABLE: Result<(), &str> = Err("the host is not globally routable");
    const RESERVED: Result<(), &str> = Err("the host and port are reserved");

    fn guard(allow_private: bool, operator: &str) -> Guard {
        Guard::new(allow_private, vec![operator.parse().expect("the test's address is well formed")])
    }

    fn check(guard: &Guard, url: &str, expected: Result<(), &str>) {
        let checked = guard.check_url(&Url::parse(url).expect("the test's URL is well formed"));
        assert_eq!(checked.map_err(|refused| refused.to_string()), expected.map_err(str::to_owned), "{url}");
    }

    fn host(ip: &str) -> String {
        if ip.contains(':') { format!("http://[{ip}]/") } else { format!("http://{ip}/") }
    }

    fn words(table: &str) -> impl Iterator<Item = &str> {
        table.split_whitespace()
    }

    /// Among them the neighbours of every block that is not global.
    #[test]
    fn global_addresses_are_open_to_all() {
        for ip in words(
            "1.0.0.0 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 \
             168.63.129.15 168.63.129.17 169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 \
             191.255.255.255 192.0.1.0 192.0.3.0 192.88.98.255 192.88.100.0 192.167.255.255 \
             192.169.0.0 198.17.255.255 198.20.0.0 198.51.99.255 198.51.101.0 203.0.112.255 \
             203.0.114.0 223.255.255.255 2000:: 2001:200:: 2001:db7:ffff::1 2001:db9:: 2003:: \
             2606:4700::1111 3ffe:ffff::1 3fff:1000:: 3fff:ffff:ffff::1",
        ) {
            for allow_private in [false, true] {
                check(&guard(allow_private, OPERATOR), &host(ip), Ok(()));
            }
        }
    }

    #[test]
    fn private_addresses_are_open_only_where_allowed() {
        for ip in words(
            "127.0.0.0 127.255.255.255 10.0.0.0 10.255.255.255 172.16.0.0 172.31.255.255 192.168.0.0 \
             192.168.255.255 ::1 fc00:: fd12:3456:789a::1 fdff:ffff::1",
        ) {
            check(&guard(false, OPERATOR), &host(ip), NOT_ROUTABLE);
            check(&guard(true, OPERATOR), &host(ip), Ok(()));
        }
    }

    #[test]
    fn every_other_address_is_closed_to_all() {
        for ip in words(
            "0.0.0.0 0.255.255.255 100.64.0.0 100.100.100.200 100.127.255.255 168.63.129.16 \
             169.254.0.0 169.254.169.254 169.254.255.255 192.0.0.0 192.0.0.255 192.0.2.0 192.0.2.255 \
             192.88.99.0 192.88.99.255 198.18.0.0 198.19.255.255 198.51.100.0 198.51.100.255 \
             203.0.113.0 203.0.113.255 224.0.0.0 239.255.255.255 240.0.0.0 255.255.255.255 :: ::2 \
             ::7f00:1 ::ffff:127.0.0.1 ::ffff:1.1.1.1 ::ffff:0:101:101 64:ff9b::101:101 64:ff9b:1::1 \
             100::1 1fff:ffff::1 2001::1 2001:2::1 2001:10::1 2001:20::1 2001:1ff:ffff::1 2001:db8:: \
             2001:db8:ffff::1 2002:: 2002:7f00:1:: 2002:ffff::1 3fff:: 3fff:fff:ffff::1 4000:: \
             5f00::1 fbff:ffff::1 fe00::1 fe80::1 febf:ffff::1 fec0::1 feff:ffff::1 ff02::1 ffff::1 \
             fd00:ec2::254 fd00:ec2::23 fd20:ce::254 fd00:c1::a9fe:a9fe fd00:42::42 fd00:a9fe:a9fe::1 \
             fd00:100::100:200",
        ) {
            for allow_private in [false, true] {
                check(&guard(allow_private, OPERATOR), &host(ip), NOT_ROUTABLE);
            }
        }
    }

    #[test]
    fn other_spellings_of_an_address_are_seen_through() {
        for loopback in
            words("2130706433 0x7f000001 0177.0.0.1 127.1 127.0.0.1. %31%32%37.0.0.1 １２７.0.0.1")
        {
            check(&guard(false, OPERATOR), &host(loopback), NOT_ROUTABLE);
        }
    }

    #[test]
    fn only_plain_http_urls_are_taken() {
        let not_http = Err("only http and https URLs with a host are delivered to");
        let userinfo = Err("the URL must not carry a user name or password");
        for (url, expected) in [
            ("https://merchant.example/hook?a=b", Ok(())),
            ("http://merchant.example:8081/", Ok(())),
            ("ftp://merchant.example/", not_http),
            ("ws://merchant.example/", not_http),
            ("gopher://merchant.example:70/", not_http),
            ("file:///etc/passwd", not_http),
            ("data:text/plain,x", not_http),
            ("https://user@merchant.example/", userinfo),
            ("https://:password@merchant.example/", userinfo),
            ("https://1.1.1.1@127.0.0.1/", userinfo),
        ] {
            check(&guard(false, OPERATOR), url, expected);
        }
    }

    #[test]
    fn the_operators_port_is_reserved_wherever_it_can_be_reached() {
        for (operator, url, expected) in [
            ("127.0.0.1:8081", "http://127.0.0.1:8081/", RESERVED),
            ("127.0.0.1:8081", "http://127.9.9.9:8081/", RESERVED),
            ("127.0.0.1:8081", "http://[::1]:8081/", RESERVED),
            ("127.0.0.1:8081", "http://0.0.0.0:8081/", NOT_ROUTABLE),
            ("127.0.0.1:8081", "http://[::]:8081/", NOT_ROUTABLE),
            ("127.0.0.1:8081", "http://[::ffff:127.0.0.1]:8081/", NOT_ROUTABLE),
            ("127.0.0.1:8081", "http://127.0.0.1:8080/", Ok(())),
            ("127.0.0.1:8081", "http://10.0.0.5:8081/", Ok(())),
            ("[::1]:8081", "http://127.0.0.1:8081/", RESERVED),
            ("[::ffff:127.0.0.1]:8081", "http://127.0.0.1:8081/", RESERVED),
            ("10.0.0.5:8081", "http://10.0.0.5:8081/", RESERVED),
            ("10.0.0.5:8081", "http://10.0.0.6:8081/", Ok(())),
            ("10.0.0.5:8081", "http://127.0.0.1:8081/", Ok(())),
            ("0.0.0.0:8081", "http://10.0.0.5:8081/", RESERVED),
            ("[::]:8081", "http://1.1.1.1:8081/", RESERVED),
            ("0.0.0.0:8081", "http://1.1.1.1:8082/", Ok(())),
            ("1.1.1.1:443", "https://1.1.1.1/", RESERVED),
            ("1.1.1.1:80", "http://1.1.1.1/", RESERVED),
        ] {
            check(&guard(true, operator), url, expected);
        }
    }

    #[test]
    fn a_name_is_only_as_good_as_its_worst_address() {
        for (addresses, expected) in [
            (vec!["1.1.1.1:80", "[2606:4700::1111]:80"], Ok(())),
            (vec!["1.1.1.1:80", "127.0.0.1:80"], Err(Refused::NotRoutable([127, 0, 0, 1].into()))),
            (
                vec!["169.254.169.254:80", "1.1.1.1:80"],
                Err(Refused::NotRoutable([169, 254, 169, 254].into())),
            ),
        ] {
            let addresses: Vec<SocketAddr> = addresses.iter().map(|text| text.parse().unwrap()).collect();
            assert_eq!(guard(false, OPERATOR).check_resolved(&addresses), expected, "{addresses:?}");
        }
    }

    /// The standard library knows some of the blocks too; ours must be no laxer.
    #[test]
    fn nothing_the_standard_library_calls_special_is_global() {
        for first in 0..=u16::MAX {
            let [a, b] = first.to_be_bytes();
            let v4 = Ipv4Addr::new(a, b, 0, 0);
            let special = v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_multicast()
                || v4.is_unspecified();
            assert!(!(special && matches!(reach(v4.into()), Reach::Global)), "{v4}");
            assert!(matches!(reach(v4.to_ipv6_mapped().into()), Reach::Never), "{v4}");

            let v6 = Ipv6Addr::new(first, 0, 0, 0, 0, 0, 0, 0);
            let special = v6.is_multicast()
                || v6.is_unspecified()
                || v6.is_unique_local()
                || v6.is_unicast_link_local();
            assert!(!(special && matches!(reach(v6.into()), Reach::Global)), "{v6}");
        }
    }
}
