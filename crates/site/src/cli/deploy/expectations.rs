//! What every release of the site shows to whoever looks from outside. It holds only what older
//! releases show as well, since a roll-back is verified by it too.

use std::time::Duration;

use deploy::verify::{Absence, Address, BodyExpectation, Check, Expectations, HeaderExpectation};

/// The limit on an answer that the program gives by itself.
const QUICK_LIMIT: Duration = Duration::from_secs(2);
/// The limit on an answer that needs the database, on the smallest of instances.
const PAGE_LIMIT: Duration = Duration::from_secs(5);

const HTML: (&str, HeaderExpectation) = ("content-type", HeaderExpectation::Contains("text/html"));

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
            body: vec![BodyExpectation::HasCommit],
            ..Check::new("health", Address::Path("/healthz"), QUICK_LIMIT)
        },
        Check::new("readiness", Address::Path("/readyz"), PAGE_LIMIT),
        Check {
            body: vec![BodyExpectation::Contains("Welcome to Holiday Homes")],
            headers: vec![HTML],
            ..Check::new("home", Address::Path("/"), PAGE_LIMIT)
        },
        Check {
            body: vec![BodyExpectation::Contains("<h1>Lettings</h1>")],
            headers: vec![HTML],
            ..Check::new("lettings", Address::Path("/lettings/"), PAGE_LIMIT)
        },
        Check {
            headers: vec![HTML],
            absence: Absence::Passes,
            ..Check::new("one letting", FIRST_LETTING, PAGE_LIMIT)
        },
        Check {
            body: vec![BodyExpectation::Contains("csrfmiddlewaretoken")],
            headers: vec![HTML],
            absence: Absence::Passes,
            ..Check::new("admin login", Address::Path("/admin/login/"), PAGE_LIMIT)
        },
        Check {
            body: vec![BodyExpectation::NotEmpty],
            headers: vec![
                ("content-type", HeaderExpectation::Contains("text/css")),
                // Only a file with its hash in its name may be kept for ever.
                ("cache-control", HeaderExpectation::Contains("immutable")),
                (
                    "x-content-type-options",
                    HeaderExpectation::Equals("nosniff"),
                ),
            ],
            ..Check::new(
                "static file",
                Address::Stylesheet { page: "/" },
                QUICK_LIMIT,
            )
        },
        Check {
            headers: security_headers(url),
            ..Check::new("security headers", Address::Path("/"), PAGE_LIMIT)
        },
        Check {
            status: 404,
            headers: vec![HTML],
            ..Check::new("not found", Address::Path("/no-such-page/"), PAGE_LIMIT)
        },
    ]
}

const FIRST_LETTING: Address = Address::FirstLink {
    page: "/lettings/",
    prefix: "/lettings/",
};

fn security_headers(url: &str) -> Vec<(&'static str, HeaderExpectation)> {
    let mut headers = vec![
        (
            "content-security-policy",
            HeaderExpectation::Contains("default-src 'none'"),
        ),
        (
            "x-content-type-options",
            HeaderExpectation::Equals("nosniff"),
        ),
        ("x-frame-options", HeaderExpectation::Equals("DENY")),
        ("referrer-policy", HeaderExpectation::Equals("same-origin")),
    ];
    if url.starts_with("https://") {
        headers.push((
            "strict-transport-security",
            HeaderExpectation::Contains("max-age="),
        ));
    }
    headers
}
