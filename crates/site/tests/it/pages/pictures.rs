//! `/pictures/`

use http::Method;

use crate::support::app::request;
use crate::support::{Backend, TestApp};

#[tokio::test]
async fn a_picture_is_kept_for_ever_and_needs_no_database() {
    let app = TestApp::open(Backend::Sqlite).await;
    app.add_letting(1, "Oceanview Retreat").await;
    let page = app.get("/lettings/").await.expect(200);
    let [path] = &page.attributes("main img", "src")[..] else {
        panic!("{}", page.body);
    };
    app.sql("ALTER TABLE lettings_letting RENAME TO gone").await;
    let answer = app.get(path).await.expect(200);
    assert_eq!(answer.header("content-type"), "image/svg+xml");
    let for_ever = "public, max-age=31536000, immutable";
    assert_eq!(answer.header("cache-control"), for_ever);
    assert!(answer.body.starts_with("<svg "), "{}", answer.body);
    let mut zipped = request(Method::GET, path);
    let gzip = "gzip".parse().unwrap();
    zipped.headers_mut().insert("accept-encoding", gzip);
    let zipped = app.send(zipped).await.expect(200);
    assert_eq!(zipped.header("content-encoding"), "gzip");
}

#[tokio::test]
async fn another_name_or_version_is_no_picture() {
    let app = TestApp::open(Backend::Sqlite).await;
    for path in [
        "/pictures/2/coast-house-0000000A.svg",
        "/pictures/2/coast.svg",
        "/pictures/02/coast-house-0000000a.svg",
        "/pictures/0/coast-house-0000000a.svg",
        "/pictures/1/coast-house-0000000a.svg",
        "/pictures/2/coast-0000000a.svg",
        "/pictures/2/%FF",
        "/pictures/2/",
        "/pictures/",
    ] {
        app.get(path).await.expect(404);
    }
    app.get("/pictures/2/coast-house-0000000a.svg")
        .await
        .expect(200);
}
