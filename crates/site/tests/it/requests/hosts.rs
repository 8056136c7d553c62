//! Which hosts are answered.

use http::header::HOST;
use http::{HeaderValue, Method};

use crate::support::app::request;
use crate::support::{Backend, TestApp};

#[tokio::test]
async fn a_host_that_is_not_allowed_is_refused() {
    let app = TestApp::open(Backend::Sqlite).await;
    for (host, status) in [
        ("site.example", 200),
        ("SITE.example.:8000", 200),
        ("www.site.example", 400),
        ("evil.example", 400),
        ("site.example@evil.example", 400),
        ("site.example, evil.example", 400),
        ("", 400),
        ("localhost", 400),
    ] {
        let mut request = request(Method::GET, "/");
        request
            .headers_mut()
            .insert(HOST, HeaderValue::from_str(host).unwrap());
        let answer = app.send(request).await.expect(status);
        if status == 400 {
            answer.assert_valid_html();
            assert!(!answer.body.contains("site.example"), "{}", answer.body);
        }
    }
}

#[tokio::test]
async fn a_port_that_a_visitor_names_is_not_repeated() {
    let app = TestApp::open(Backend::Sqlite).await;
    app.add_letting(1, "One").await;
    let app = app.with(&[(
        "ALLOWED_HOSTS",
        "site.example, books.example:8443, localhost",
    )]);
    for (host, scheme, site) in [
        ("site.example:1234", "http", "http://site.example"),
        ("SITE.example.", "https", "https://site.example"),
        ("site.example:443", "http", "http://site.example"),
        ("books.example:8443", "https", "https://books.example:8443"),
        ("localhost:8001", "http", "http://localhost:8001"),
    ] {
        for path in [
            "/",
            "/lettings/",
            "/lettings/1/",
            "/robots.txt",
            "/sitemap.xml",
            "/lettings",
        ] {
            let mut asked = request(Method::GET, path);
            let headers = asked.headers_mut();
            headers.insert(HOST, HeaderValue::from_str(host).unwrap());
            headers.insert("x-forwarded-proto", HeaderValue::from_str(scheme).unwrap());
            let answer = app.send(asked).await;
            let all = format!("{:?}{}", answer.headers, answer.body);
            let named = origins_in(&all);
            assert!(
                named.iter().all(|origin| *origin == site),
                "{host} {path}: {named:?}"
            );
            assert_eq!(named.is_empty(), path == "/lettings", "{host} {path}");
        }
    }
}

/// The origins of addresses in full, but for those that every page names.
fn origins_in(text: &str) -> Vec<&str> {
    let others = [
        "schema.org",
        "www.w3.org",
        "www.sitemaps.org",
        "www.openstreetmap.org",
    ];
    let found = text.match_indices("://").map(|(at, _)| {
        let before = text[..at].rfind(|c: char| !c.is_ascii_alphabetic());
        let start = before.map_or(0, |before| before + 1);
        let after = text[at + 3..].find(['/', '"', '<', '\\', '\n', ' ']);
        &text[start..after.map_or(text.len(), |after| at + 3 + after)]
    });
    let is_ours = |origin: &&str| others.iter().all(|other| !origin.ends_with(other));
    found.filter(is_ours).collect()
}

#[tokio::test]
async fn there_is_exactly_one_host() {
    let app = TestApp::open(Backend::Sqlite).await;
    for path in ["/", "/healthz", "/nothing", "/lettings"] {
        let mut none = request(Method::GET, path);
        none.headers_mut().remove(HOST);
        app.send(none).await.expect(400);
        let mut two = request(Method::GET, path);
        two.headers_mut()
            .append(HOST, HeaderValue::from_static("site.example"));
        let answer = app.send(two).await.expect(400);
        let sentence = "The request must have exactly one Host header.";
        assert_eq!(answer.texts("main p.lead"), [sentence]);
    }
}

#[tokio::test]
async fn of_an_address_in_full_its_own_host_counts() {
    let app = TestApp::open(Backend::Sqlite).await;
    app.get("http://SITE.example:80/lettings/")
        .await
        .expect(200);
    app.get("http://evil.example/lettings/").await.expect(400);
    app.get("ftp://site.example/lettings/").await.expect(400);
}

#[tokio::test]
async fn in_debug_the_local_names_are_allowed() {
    let app = TestApp::open(Backend::Sqlite).await;
    let app = app.with(&[("DEBUG", "yes")]);
    for host in [
        "localhost:8000",
        "a.localhost",
        "127.0.0.1:1",
        "[::1]:8000",
        "site.example",
    ] {
        let mut request = request(Method::GET, "/");
        request
            .headers_mut()
            .insert(HOST, HeaderValue::from_str(host).unwrap());
        app.send(request).await.expect(200);
    }
}
