//! The headers of every answer.

use std::net::SocketAddr;

use http::Method;
use server::PeerAddress;

use crate::support::app::request;
use crate::support::on_both_databases;

const EVERYWHERE: [(&str, &str); 7] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
         connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

on_both_databases! {
    async fn every_answer_carries_the_security_headers(app: TestApp) {
        for path in ["/", "/lettings", "/nothing", "/healthz", "/favicon.ico", "/lettings/?page=0"] {
            let answer = app.get(path).await;
            for (name, value) in EVERYWHERE {
                assert_eq!(answer.header(name), value, "{name} of {path}");
            }
            assert_eq!(answer.header("x-request-id").len(), 32);
            assert_eq!(answer.header("strict-transport-security"), "");
        }
        let mut foreign = request(Method::GET, "/");
        foreign.headers_mut().insert("host", "evil.example".parse().unwrap());
        let answer = app.send(foreign).await.expect(400);
        for (name, value) in EVERYWHERE {
            assert_eq!(answer.header(name), value, "{name}");
        }
    }

    async fn hsts_is_sent_over_https_as_a_trusted_proxy_tells_it(app: TestApp) {
        let over_https = |peer: &str| {
            let mut request = request(Method::GET, "/robots.txt");
            request.headers_mut().insert("x-forwarded-proto", "https".parse().unwrap());
            let peer: SocketAddr = peer.parse().unwrap();
            request.extensions_mut().insert(PeerAddress(peer));
            request
        };
        let trusted = app.send(over_https("127.0.0.1:1")).await.expect(200);
        assert_eq!(trusted.header("strict-transport-security"), "max-age=31536000");
        assert!(trusted.body.contains("https://site.example/sitemap.xml"));
        let stranger = app.send(over_https("192.0.2.1:1")).await.expect(200);
        assert_eq!(stranger.header("strict-transport-security"), "");
        assert!(stranger.body.contains("http://site.example/sitemap.xml"));
    }

    async fn pages_are_asked_after_and_errors_never_kept(app: TestApp) {
        assert_eq!(app.get("/lettings/").await.header("cache-control"), "public, no-cache");
        assert_eq!(app.get("/nothing/").await.header("cache-control"), "no-store");
    }
}
