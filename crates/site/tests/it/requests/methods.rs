//! Methods that a route takes, and those it does not.

use http::Method;

use crate::support::app::request;
use crate::support::on_both_databases;

on_both_databases! {
    async fn head_is_get_without_a_body(app: TestApp) {
        app.add_letting(1, "Only").await;
        for path in ["/", "/lettings/", "/lettings/1/", "/healthz", "/robots.txt", "/nothing"] {
            let get = app.get(path).await;
            let head = app.send(request(Method::HEAD, path)).await;
            assert_eq!(head.status, get.status, "{path}");
            assert_eq!(head.body, "", "{path}");
            assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
        }
    }

    async fn another_method_is_told_which_ones_are_taken(app: TestApp) {
        app.add_letting(1, "Only").await;
        for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"] {
            for path in ["/", "/lettings/", "/lettings/1/", "/lettings/99/", "/sitemap.xml", "/healthz"] {
                let method = Method::from_bytes(method.as_bytes()).unwrap();
                let answer = app.send(request(method, path)).await.expect(405);
                assert_eq!(answer.header("allow"), "GET,HEAD");
                answer.assert_valid_html();
            }
        }
        app.send(request(Method::POST, "/nothing/")).await.expect(404);
    }
}
