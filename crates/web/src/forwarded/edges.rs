//! The addresses of networks of proxies that stand in front of many sites. Such an address is never
//! a visitor's own. If one is taken for a client's, a proxy is missing in the settings.
//!
//! Source: the lists that the networks publish, as of November 2026, without their small blocks and
//! those that do not reach servers. An outdated list only warns less often, since it changes no
//! address.

use std::net::IpAddr;

use ipnet::IpNet;

/// A network of proxies.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    pub(super) name: &'static str,
    /// Where it publishes its addresses.
    pub(super) source: &'static str,
    /// The header in which it gives the client's address alone, and lets no visitor write.
    pub(super) header: Option<&'static str>,
    networks: &'static [&'static str],
}

/// All known networks, with their blocks parsed.
#[derive(Debug)]
pub(super) struct Edges(Vec<(IpNet, Edge)>);

impl Edges {
    pub(super) fn known() -> Self {
        let networks = KNOWN.iter().flat_map(|edge| {
            let networks = edge.networks.iter().filter_map(|text| text.parse().ok());
            networks.map(|network| (network, *edge))
        });
        Self(networks.collect())
    }

    /// The network that an address belongs to.
    pub(super) fn of(&self, address: IpAddr) -> Option<Edge> {
        let mut found = self.0.iter();
        let (_, edge) = found.find(|(network, _)| network.contains(&address))?;
        Some(*edge)
    }
}

const KNOWN: &[Edge] = &[
    Edge {
        name: "Cloudflare",
        source: "https://www.cloudflare.com/ips/",
        header: Some("CF-Connecting-IP"),
        networks: &[
            "103.21.244.0/22",
            "103.22.200.0/22",
            "103.31.4.0/22",
            "104.16.0.0/13",
            "104.24.0.0/14",
            "108.162.192.0/18",
            "131.0.72.0/22",
            "141.101.64.0/18",
            "162.158.0.0/15",
            "172.64.0.0/13",
            "173.245.48.0/20",
            "188.114.96.0/20",
            "190.93.240.0/20",
            "197.234.240.0/22",
            "198.41.128.0/17",
            "2400:cb00::/32",
            "2405:8100::/32",
            "2405:b500::/32",
            "2606:4700::/32",
            "2803:f800::/32",
            "2a06:98c0::/29",
            "2c0f:f248::/32",
        ],
    },
    Edge {
        name: "Fastly",
        source: "https://api.fastly.com/public-ip-list",
        header: None,
        networks: &[
            "23.235.32.0/20",
            "43.249.72.0/22",
            "103.244.50.0/24",
            "103.245.222.0/23",
            "103.245.224.0/24",
            "104.156.80.0/20",
            "140.248.64.0/18",
            "140.248.128.0/17",
            "146.75.0.0/17",
            "151.101.0.0/16",
            "157.52.64.0/18",
            "167.82.0.0/17",
            "167.82.128.0/20",
            "167.82.160.0/20",
            "167.82.224.0/20",
            "172.111.64.0/18",
            "185.31.16.0/22",
            "199.27.72.0/21",
            "199.232.0.0/16",
            "2a04:4e40::/32",
            "2a04:4e42::/32",
        ],
    },
    Edge {
        name: "CloudFront",
        source: "https://ip-ranges.amazonaws.com/ip-ranges.json",
        header: None,
        networks: &[
            "3.160.0.0/14",
            "3.165.0.0/16",
            "3.166.0.0/15",
            "3.168.0.0/14",
            "13.32.0.0/15",
            "13.224.0.0/14",
            "13.249.0.0/16",
            "15.158.0.0/16",
            "18.64.0.0/14",
            "18.154.0.0/15",
            "18.160.0.0/15",
            "18.164.0.0/15",
            "18.172.0.0/15",
            "18.238.0.0/15",
            "18.244.0.0/15",
            "52.46.0.0/18",
            "52.82.128.0/19",
            "52.84.0.0/15",
            "52.222.128.0/17",
            "54.182.0.0/16",
            "54.192.0.0/16",
            "54.230.0.0/16",
            "54.239.128.0/18",
            "54.239.192.0/19",
            "54.240.128.0/18",
            "64.252.64.0/18",
            "64.252.128.0/18",
            "65.8.0.0/16",
            "65.9.0.0/17",
            "65.9.128.0/18",
            "70.132.0.0/18",
            "71.152.0.0/17",
            "99.84.0.0/16",
            "99.86.0.0/16",
            "108.138.0.0/15",
            "108.156.0.0/14",
            "130.176.0.0/17",
            "130.176.128.0/18",
            "130.176.192.0/19",
            "130.176.224.0/20",
            "143.204.0.0/16",
            "144.220.0.0/16",
            "204.246.164.0/22",
            "204.246.168.0/22",
            "204.246.172.0/23",
            "204.246.174.0/23",
            "204.246.176.0/20",
            "205.251.208.0/20",
            "216.137.32.0/19",
            "2600:9000::/28",
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_network_is_one() {
        let written = KNOWN.iter().map(|edge| edge.networks.len());
        assert_eq!(Edges::known().0.len(), written.sum::<usize>());
        for edge in KNOWN {
            assert!(edge.source.starts_with("https://"), "{}", edge.name);
        }
    }

    #[test]
    fn visitors_belong_to_none() {
        let edges = Edges::known();
        let name = |address: &str| edges.of(address.parse().unwrap()).map(|edge| edge.name);
        assert_eq!(name("104.22.17.40"), Some("Cloudflare"));
        assert_eq!(name("2606:4700::1"), Some("Cloudflare"));
        assert_eq!(name("151.101.1.1"), Some("Fastly"));
        assert_eq!(name("130.176.1.1"), Some("CloudFront"));
        for address in [
            "192.0.2.7",
            "10.0.0.1",
            "8.8.8.8",
            "2001:db8::1",
            "127.0.0.1",
        ] {
            assert_eq!(name(address), None, "{address}");
        }
    }
}
