//! Which addresses may be asked.

use std::net::IpAddr;

use calendars::fetch::{Address, AddressError, Reach, is_public};

#[test]
fn public_machines_alone() {
    for public in [
        "93.184.216.34",
        "8.8.8.8",
        "172.15.0.1",
        "172.32.0.1",
        "100.128.0.1",
        "2606:2800:220:1::1",
        "2a00::1",
        "2001:4860:4860::8888",
    ] {
        assert!(is_public(public.parse().expect(public)), "{public}");
    }
    for private in [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.170",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:8.8.8.8",
        "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ] {
        assert!(
            !is_public(private.parse::<IpAddr>().expect(private)),
            "{private}"
        );
    }
}

#[test]
fn the_form_of_an_address() {
    for (text, refused) in [
        (
            "https://www.airbnb.com/calendar/ical/1.ics?s=abc&locale=en",
            None,
        ),
        ("  https://example.com:8443/x  ", None),
        ("webcal://example.com/x", None),
        ("https://example.com/x#part", None),
        ("https://8.8.8.8/x", None),
        ("http://example.com/x", Some(AddressError::NotHttps)),
        ("ftp://example.com/x", Some(AddressError::NotHttps)),
        ("file:///etc/passwd", Some(AddressError::Malformed)),
        ("example.com/x", Some(AddressError::Malformed)),
        ("/x", Some(AddressError::NotHttps)),
        ("", Some(AddressError::Malformed)),
        ("https://", Some(AddressError::Malformed)),
        ("https://exa mple.com/", Some(AddressError::Malformed)),
        ("https://example.com/\u{e9}", Some(AddressError::Malformed)),
        (
            "https://user:word@example.com/",
            Some(AddressError::Credentials),
        ),
        ("https://127.0.0.1/", Some(AddressError::NotPublic)),
        ("https://[::1]/", Some(AddressError::NotPublic)),
        ("https://[::ffff:10.0.0.1]/", Some(AddressError::NotPublic)),
        (
            "https://169.254.169.254/latest/meta-data",
            Some(AddressError::NotPublic),
        ),
    ] {
        assert_eq!(Address::parse(text, Reach::Public).err(), refused, "{text}");
    }
    let long = format!("https://example.com/{}", "x".repeat(2_000));
    assert_eq!(
        Address::parse(&long, Reach::Public).err(),
        Some(AddressError::Malformed)
    );
    let address = Address::parse("webcal://example.com/x#y", Reach::Public).expect("an address");
    assert_eq!(address.as_str(), "https://example.com/x");
}
