//! What every release of the site shows to whoever looks from outside. It holds only what older
//! releases show as well, since a roll-back is verified by it too.

use std::time::Duration;

use deploy::verify::{Absence, Address, Body, Check, Expectations, Expected};

/// The limit on an answer that the program gives by itself.
const QUICK: Duration = Duration::from_secs(2);
/// The limit on an answer that needs the database, on the smallest of instances.
const PAGE: Duration = Duration::from_secs(5);

const HTML: (&str, Expected) = ("content-type", Expected::Holds("text/html"));

/// The site at an address, whatever its commit.
pub(super) fn expectations(url: &str) -> Expectations {
    Expectations {
        url: url.to_owned(),
        commit: None,
        health_path: "/healthz",
        // The texts that are looked for are English, whatever LANGUAGE_CODE is.
        request_headers: &[("accept-language", "en"), ("accept", "text/html,*/*;q=0.8")],
        checks: checks(url),
    }
}

fn checks(url: &str) -> Vec<Check> {
    vec![
        Check {
            body: vec![Body::TellsCommit],
            ..Check::new("health", Address::Path("/healthz"), QUICK)
        },
        Check::new("readiness", Address::Path("/readyz"), PAGE),
        Check {
            body: vec![Body::Holds("Welcome to Holiday Homes")],
            headers: vec![HTML],
            ..Check::new("home", Address::Path("/"), PAGE)
        },
        Check {
            body: vec![Body::Holds("<h1>Lettings</h1>")],
            headers: vec![HTML],
            ..Check::new("lettings", Address::Path("/lettings/"), PAGE)
        },
        Check {
            headers: vec![HTML],
            absence: Absence::Passes,
            ..Check::new("one letting", FIRST_LETTING, PAGE)
        },
        Check {
            body: vec![Body::Holds("csrfmiddlewaretoken")],
            headers: vec![HTML],
            absence: Absence::Passes,
            ..Check::new("admin login", Address::Path("/admin/login/"), PAGE)
        },
        Check {
            body: vec![Body::NotEmpty],
            headers: vec![
                ("content-type", Expected::Holds("text/css")),
                // Only a file with its hash in its name may be kept for ever.
                ("cache-control", Expected::Holds("immutable")),
                ("x-content-type-options", Expected::Is("nosniff")),
            ],
            ..Check::new("static file", Address::Stylesheet { page: "/" }, QUICK)
        },
        Check {
            headers: security_headers(url),
            ..Check::new("security headers", Address::Path("/"), PAGE)
        },
        Check {
            status: 404,
            headers: vec![HTML],
            ..Check::new("not found", Address::Path("/no-such-page/"), PAGE)
        },
    ]
}

const FIRST_LETTING: Address = Address::FirstLink {
    page: "/lettings/",
    prefix: "/lettings/",
};

fn security_headers(url: &str) -> Vec<(&'static str, Expected)> {
    let mut headers = vec![
        (
            "content-security-policy",
            Expected::Holds("default-src 'none'"),
        ),
        ("x-content-type-options", Expected::Is("nosniff")),
        ("x-frame-options", Expected::Is("DENY")),
        ("referrer-policy", Expected::Is("same-origin")),
    ];
    if url.starts_with("https://") {
        headers.push(("strict-transport-security", Expected::Holds("max-age=")));
    }
    headers
}
