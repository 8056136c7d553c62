//! Pages travel compressed where the client can read them so.

use http::Method;

use crate::support::app::request;
use crate::support::on_both_databases;

on_both_databases! {
    async fn a_long_page_comes_in_the_coding_the_client_likes_best(app: TestApp) {
        for id in 1..=50 {
            app.add_letting(id, "One of many that make the page long").await;
        }
        let plain = app.get("/lettings/").await.expect(200);
        assert_eq!(plain.header("content-encoding"), "");
        let vary: Vec<_> = plain.headers.get_all("vary").iter().collect();
        assert_eq!(vary, ["Accept-Language, Cookie", "accept-encoding"]);
        for (accepted, coding) in [
            ("gzip", "gzip"),
            ("br", "br"),
            ("zstd", "zstd"),
            ("gzip;q=0.5, br;q=0.1, zstd;q=0.9", "zstd"),
            ("br;q=0, gzip;q=0.2", "gzip"),
            ("gzip;q=0", ""),
            ("identity", ""),
            ("nonsense", ""),
            ("", ""),
        ] {
            let mut request = request(Method::GET, "/lettings/");
            request.headers_mut().insert("accept-encoding", accepted.parse().unwrap());
            let answer = app.send(request).await.expect(200);
            assert_eq!(answer.header("content-encoding"), coding, "{accepted}");
            assert_eq!(answer.body == plain.body, coding.is_empty(), "{accepted}");
        }
    }

    async fn a_short_answer_stays_as_it_is(app: TestApp) {
        for path in ["/robots.txt", "/healthz", "/readyz"] {
            let mut request = request(Method::GET, path);
            request.headers_mut().insert("accept-encoding", "gzip, br".parse().unwrap());
            let answer = app.send(request).await;
            assert_eq!(answer.header("content-encoding"), "", "{path}");
        }
    }
}
