//! Who asks and over what, through proxies: in the log, and for what depends on the scheme.

use axum::body::Body;
use http::{Method, Request};
use serde_json::Value;

use crate::support::app::request;
use crate::support::{Backend, CapturedLog, TestApp};

/// A request that a peer sends, with headers.
fn from_peer(peer: &str, path: &str, lines: &[(&'static str, &str)]) -> Request<Body> {
    let mut asked = request(Method::GET, path);
    let peer = server::PeerAddress(peer.parse().unwrap());
    asked.extensions_mut().insert(peer);
    for (name, value) in lines {
        asked.headers_mut().append(*name, value.parse().unwrap());
    }
    asked
}

/// The line of the request, and what was warned of before it.
async fn logged(app: &TestApp, asked: Request<Body>) -> (String, Vec<String>) {
    let log = CapturedLog::start();
    app.send(asked).await.expect(200);
    let text = |line: &Value, name: &str| line[name].as_str().unwrap_or_default().to_owned();
    let mut lines = log.lines();
    let own = lines.pop().unwrap();
    let told = lines.iter().map(|line| text(line, "message")).collect();
    (text(&own, "client.address"), told)
}

const RENDER: (&str, &str) = ("RENDER_EXTERNAL_HOSTNAME", "site.onrender.com");
const CHAIN: (&str, &str) = ("x-forwarded-for", "6.6.6.6, 203.0.113.50, 104.22.17.40");
const CLIENT: (&str, &str) = ("cf-connecting-ip", "203.0.113.50");

#[tokio::test]
async fn on_render_the_log_names_the_visitor_and_no_edge() {
    let app = TestApp::open(Backend::Sqlite).await;
    let app = app.with(&[RENDER]);
    for path in ["/", "/static/site.css"] {
        for lines in [&[CHAIN, CLIENT][..], &[CHAIN]] {
            let asked = from_peer("10.1.2.3:4000", path, lines);
            let (client, told) = logged(&app, asked).await;
            assert_eq!(client, "203.0.113.50", "{path} {lines:?}");
            assert_eq!(told, [""; 0], "{path} {lines:?}");
        }
    }
}

#[tokio::test]
async fn what_is_set_wins_on_render() {
    let app = TestApp::open(Backend::Sqlite).await;
    let app = app.with(&[RENDER, ("FORWARDED_HOPS", "1")]);
    let asked = from_peer("10.1.2.3:4000", "/", &[CHAIN, CLIENT]);
    assert_eq!(logged(&app, asked).await.0, "104.22.17.40");
    let app = app.with(&[RENDER, ("CLIENT_IP_HEADER", "X-Client")]);
    let lines = [CHAIN, CLIENT, ("x-client", "192.0.2.7")];
    let asked = from_peer("10.1.2.3:4000", "/", &lines);
    assert_eq!(logged(&app, asked).await.0, "192.0.2.7");
}

#[tokio::test]
async fn a_proxy_that_was_not_counted_is_told_once_with_what_to_set() {
    let app = TestApp::open(Backend::Sqlite).await;
    for (variables, peer, lines, remedy) in [
        (
            &[][..],
            "127.0.0.1:4000",
            &[CHAIN][..],
            "FORWARDED_HOPS=2, or CLIENT_IP_HEADER=CF-Connecting-IP",
        ),
        (&[], "104.22.17.40:4000", &[CHAIN], "FORWARDED_ALLOW_IPS"),
        (
            &[("CLIENT_IP_HEADER", "X-Real-IP")],
            "127.0.0.1:4000",
            &[CHAIN, ("x-real-ip", "151.101.1.1")],
            "CLIENT_IP_HEADER",
        ),
    ] {
        let app = TestApp::on(
            db::testing::TestDatabase::empty(Backend::Sqlite).await,
            variables,
        )
        .await;
        let (_, told) = logged(&app, from_peer(peer, "/static/site.css", lines)).await;
        let [told] = &told[..] else {
            panic!("{told:?}");
        };
        assert!(told.contains(remedy), "{told}");
        // Whichever way the next request takes.
        for path in ["/", "/static/site.css"] {
            let (_, told) = logged(&app, from_peer(peer, path, lines)).await;
            assert_eq!(told, [""; 0]);
        }
    }
    // Somebody in that network asks for themselves.
    let (client, told) = logged(&app, from_peer("104.22.17.40:4000", "/", &[])).await;
    assert_eq!((client.as_str(), told), ("104.22.17.40", vec![]));
}

/// django#15497
#[tokio::test]
async fn the_scheme_is_of_the_same_hop_as_the_address() {
    let app = TestApp::open(Backend::Sqlite).await;
    let app = app.with(&[("FORWARDED_HOPS", "2")]);
    let lines = [
        ("x-forwarded-for", "203.0.113.50, 10.0.0.1"),
        ("x-forwarded-proto", "https, http"),
        ("origin", "https://site.example"),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let mut asked = from_peer("127.0.0.1:4000", "/admin/login/", &lines[..2]);
    let page = app.send(asked).await.expect(200);
    let cookie = page.header("set-cookie");
    assert!(cookie.contains("; Secure"), "{cookie}");
    let token = page.form_fields("main form");
    let (_, token) = token
        .iter()
        .find(|(name, _)| name == "csrfmiddlewaretoken")
        .unwrap();
    asked = from_peer("127.0.0.1:4000", "/admin/login/", &lines);
    *asked.method_mut() = Method::POST;
    let cookie = cookie.split(';').next().unwrap().parse().unwrap();
    asked.headers_mut().insert("cookie", cookie);
    *asked.body_mut() = Body::from(format!("csrfmiddlewaretoken={token}&username=a&password=b"));
    // Not right, but asked: a wrong origin would be 403.
    app.send(asked).await.expect(200);
}
