//! Headers as proxies write them, with what visitors add of their own.

use super::*;

/// As settings have it on Render, behind Cloudflare and Render's own proxy.
fn render() -> Config {
    Config {
        trusted: Trusted::Any,
        hops: 2,
        address: AddressHeader::NamedByPrivatePeer(HeaderName::from_static("cf-connecting-ip")),
    }
}

/// Behind one proxy on this machine: nginx.
fn nginx() -> Config {
    Config {
        trusted: Trusted::loopback(),
        hops: 1,
        address: AddressHeader::ForwardedFor,
    }
}

/// Cloudflare is the peer.
fn cloudflare() -> Config {
    Config {
        trusted: Trusted::Networks(vec!["104.16.0.0/13".parse().unwrap()]),
        hops: 1,
        address: AddressHeader::Named(HeaderName::from_static("cf-connecting-ip")),
    }
}

type Lines<'a> = &'a [(&'static str, &'a [u8])];

#[track_caller]
fn check(config: &Config, peer: &str, lines: Lines<'_>, expected: &str) {
    let headers = lines.iter().map(|(name, value)| {
        let value = http::HeaderValue::from_bytes(value).unwrap();
        (HeaderName::from_static(name), value)
    });
    let (client, scheme) = config.read(peer.parse().unwrap(), &headers.collect());
    let found = format!("{} {}", client.0, scheme.as_str());
    assert_eq!(found, expected, "{peer} {lines:?}");
}

const FOR: &str = "x-forwarded-for";
const PROTO: &str = "x-forwarded-proto";
const CF: &str = "cf-connecting-ip";

#[test]
fn on_render_the_visitor_is_behind_two_proxies() {
    let config = render();
    let private = "10.219.1.2";
    for (peer, lines, expected) in [
        // As observed: the edge is the last entry.
        (
            private,
            &[
                (FOR, &b"203.0.113.50, 104.22.17.40"[..]),
                (CF, b"203.0.113.50"),
                (PROTO, b"https"),
            ][..],
            "203.0.113.50 https",
        ),
        // The visitor's own entries, in one line and in one of their own.
        (
            private,
            &[
                (FOR, b"6.6.6.6, 203.0.113.50, 104.22.17.40"),
                (CF, b"203.0.113.50"),
            ],
            "203.0.113.50 http",
        ),
        (
            private,
            &[
                (FOR, b"6.6.6.6"),
                (FOR, b"203.0.113.50"),
                (FOR, b"104.22.17.40"),
            ],
            "203.0.113.50 http",
        ),
        // The peer is not private: the visitor may have written the header.
        (
            "198.51.100.9",
            &[(FOR, b"203.0.113.50, 104.22.17.40"), (CF, b"6.6.6.6")],
            "203.0.113.50 http",
        ),
        // The header holds no address: the list decides.
        (
            private,
            &[(FOR, b"203.0.113.50, 104.22.17.40"), (CF, b"nonsense")],
            "203.0.113.50 http",
        ),
        (
            private,
            &[(FOR, b"203.0.113.50, 104.22.17.40"), (CF, b"")],
            "203.0.113.50 http",
        ),
        // The visitor has written the header too: the proxy's line is the last.
        (
            private,
            &[
                (FOR, b"203.0.113.50, 104.22.17.40"),
                (CF, b"6.6.6.6"),
                (CF, b"203.0.113.50"),
            ],
            "203.0.113.50 http",
        ),
        (private, &[(CF, b"2001:db8::7")], "2001:db8::7 http"),
        ("fd00::2", &[(CF, b"203.0.113.50")], "203.0.113.50 http"),
        (
            "::ffff:10.0.0.1",
            &[(CF, b"203.0.113.50")],
            "203.0.113.50 http",
        ),
        // A request from inside the platform, through one proxy or none.
        (private, &[(FOR, b"10.0.0.9")], "10.0.0.9 http"),
        (private, &[], "10.219.1.2 http"),
    ] {
        check(&config, peer, lines, expected);
    }
}

#[test]
fn behind_one_proxy_the_entry_that_it_added_is_the_client() {
    let config = nginx();
    for (lines, expected) in [
        (
            &[(FOR, &b"192.0.2.7"[..]), (PROTO, b"https")][..],
            "192.0.2.7 https",
        ),
        (&[(FOR, b"6.6.6.6, 192.0.2.7")], "192.0.2.7 http"),
        (&[(FOR, b"6.6.6.6"), (FOR, b"192.0.2.7")], "192.0.2.7 http"),
        // The visitor's entry is not UTF-8; the proxy's entry is still found.
        (&[(FOR, b"\xff\xfe, 192.0.2.7")], "192.0.2.7 http"),
        (&[(FOR, b"  192.0.2.7\t")], "192.0.2.7 http"),
        // A header that is not configured is ignored.
        (&[(FOR, b"192.0.2.7"), (CF, b"6.6.6.6")], "192.0.2.7 http"),
        (&[(CF, b"6.6.6.6")], "127.0.0.1 http"),
        (
            &[
                ("x-forwarded-host", b"192.0.2.9"),
                ("forwarded", b"for=6.6.6.6;proto=https"),
            ],
            "127.0.0.1 http",
        ),
        // The scheme comes from the same proxy as the address.
        (&[(PROTO, b"HTTPS")], "127.0.0.1 https"),
        (&[(PROTO, b"https, http")], "127.0.0.1 http"),
        (&[(PROTO, b"http, https")], "127.0.0.1 https"),
        (&[(PROTO, b"https"), (PROTO, b"http")], "127.0.0.1 http"),
        (&[(PROTO, b"httpsx")], "127.0.0.1 http"),
        (&[], "127.0.0.1 http"),
    ] {
        check(&config, "127.0.0.1", lines, expected);
    }
}

#[test]
fn address_and_scheme_are_of_the_same_hop() {
    let config = Config { hops: 2, ..nginx() };
    for (lines, expected) in [
        (
            &[
                (FOR, &b"203.0.113.50, 10.0.0.1"[..]),
                (PROTO, b"https, http"),
            ][..],
            "203.0.113.50 https",
        ),
        (
            &[(FOR, b"203.0.113.50, 10.0.0.1"), (PROTO, b"http, https")],
            "203.0.113.50 http",
        ),
        // The visitor's own entries are further to the left.
        (
            &[
                (FOR, b"6.6.6.6, 203.0.113.50, 10.0.0.1"),
                (PROTO, b"https, http, http"),
            ],
            "203.0.113.50 http",
        ),
        // The inner proxy passes on what the outer one wrote.
        (
            &[(FOR, b"203.0.113.50, 10.0.0.1"), (PROTO, b"https")],
            "203.0.113.50 https",
        ),
        // The request did not pass the outer proxy.
        (&[(FOR, b"192.0.2.7"), (PROTO, b"http")], "192.0.2.7 http"),
    ] {
        check(&config, "127.0.0.1", lines, expected);
    }
}

#[test]
fn a_header_that_is_named_holds_the_address_alone() {
    let config = cloudflare();
    let edge = "104.22.17.40";
    for (peer, lines, expected) in [
        (
            edge,
            &[
                (FOR, &b"6.6.6.6, 203.0.113.50"[..]),
                (CF, b"203.0.113.50"),
                (PROTO, b"https"),
            ][..],
            "203.0.113.50 https",
        ),
        (edge, &[(FOR, b"203.0.113.50")], "104.22.17.40 http"),
        (
            edge,
            &[(CF, b"nonsense"), (FOR, b"6.6.6.6")],
            "104.22.17.40 http",
        ),
        // A peer outside of Cloudflare is not trusted.
        (
            "198.51.100.9",
            &[(FOR, b"6.6.6.6"), (CF, b"6.6.6.6"), (PROTO, b"https")],
            "198.51.100.9 http",
        ),
    ] {
        check(&config, peer, lines, expected);
    }
}

#[test]
fn addresses_have_the_forms_that_proxies_write() {
    for (entry, expected) in [
        ("192.0.2.7", "192.0.2.7"),
        ("192.0.2.7:5000", "192.0.2.7"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("[::ffff:192.0.2.7]:80", "192.0.2.7"),
    ] {
        let found = parse_address(entry.as_bytes()).map(|address| address.to_string());
        assert_eq!(found.as_deref(), Some(expected), "{entry}");
    }
    for entry in [
        "",
        "unknown",
        "_hidden",
        "192.0.2",
        "192.0.2.7:",
        "192.0.2.7:99999",
        "[192.0.2.7]",
        "[[::1]]",
        "[::1",
        "::1]",
        "192.0.2.007",
        "192.0.2.7 6.6.6.6",
        "\u{ff11}92.0.2.7",
        "é",
    ] {
        assert_eq!(parse_address(entry.as_bytes()), None, "{entry}");
    }
}

#[test]
fn private_networks_are_known() {
    for (address, expected) in [
        ("10.0.0.1", true),
        ("172.31.0.1", true),
        ("192.168.1.1", true),
        ("127.0.0.1", true),
        ("100.64.0.1", true),
        ("169.254.1.1", true),
        ("::1", true),
        ("fd12::1", true),
        ("fe80::1", true),
        ("172.32.0.1", false),
        ("100.128.0.1", false),
        ("104.22.17.40", false),
        ("2606:4700::1", false),
    ] {
        assert_eq!(is_private(address.parse().unwrap()), expected, "{address}");
    }
}

/// Two proxies that add to both lists, the outer of which ends TLS.
#[test]
fn address_and_scheme_are_of_one_hop_whatever_a_visitor_writes() {
    let config = Config { hops: 2, ..nginx() };
    let peer = "127.0.0.1";
    let through_both = "203.0.113.50 https";
    for (lines, expected) in [
        (
            &[
                (FOR, &b"203.0.113.50, 10.0.0.1"[..]),
                (PROTO, b"https, http"),
            ][..],
            through_both,
        ),
        (
            &[
                (FOR, b"6.6.6.6, 203.0.113.50, 10.0.0.1"),
                (PROTO, b"http, https, http"),
            ],
            through_both,
        ),
        (
            &[
                (FOR, b"6.6.6.6"),
                (FOR, b"203.0.113.50, 10.0.0.1"),
                (PROTO, b"ftp"),
                (PROTO, b"HTTPS ,\thttp"),
            ],
            through_both,
        ),
        (
            &[
                (FOR, b",,\xff, 203.0.113.50, 10.0.0.1"),
                (PROTO, b"https,https,http,http"),
            ],
            "203.0.113.50 http",
        ),
        // Only the outer proxy writes the scheme.
        (
            &[(FOR, b"203.0.113.50, 10.0.0.1"), (PROTO, b"https")],
            through_both,
        ),
        // The request passed the inner proxy only: its entry counts, not the visitor's.
        (
            &[(FOR, b"10.0.0.9"), (PROTO, b"https, http")],
            "10.0.0.9 http",
        ),
        (
            &[(FOR, b"10.0.0.9"), (PROTO, b"http, https")],
            "10.0.0.9 https",
        ),
    ] {
        check(&config, peer, lines, expected);
    }
}
