//! What programs read: health, robots, sitemap, icon.

use http::Method;

use crate::support::app::request;
use crate::support::{Backend, TestApp, TestDatabase, on_both_databases};

on_both_databases! {
    async fn health_and_readiness_answer_under_any_host(app: TestApp) {
        for path in ["/healthz", "/readyz"] {
            let mut request = request(Method::GET, path);
            request.headers_mut().insert("host", "anything.else".parse().unwrap());
            let answer = app.send(request).await.expect(200);
            assert_eq!(answer.header("content-type"), "application/json");
            assert_eq!(answer.header("cache-control"), "no-store");
            assert_eq!(answer.json()["status"], "ok");
        }
        let health = app.get("/healthz").await.json();
        assert_eq!(health["version"], env!("CARGO_PKG_VERSION"));
        assert!(health["commit"].is_string());
    }

    async fn the_sitemap_has_every_public_address(app: TestApp) {
        app.add_letting(3, "Three").await;
        app.add_letting(1, "One").await;
        app.add_profile(1, "大 & co").await;
        let answer = app.get("/sitemap.xml").await.expect(200);
        assert_eq!(answer.header("content-type"), "application/xml; charset=utf-8");
        assert_eq!(answer.header("cache-control"), "public, max-age=600");
        let site = "http://site.example";
        assert_eq!(
            answer.texts("loc"),
            [
                format!("{site}/"),
                format!("{site}/lettings/"),
                format!("{site}/profiles/"),
                format!("{site}/lettings/1/"),
                format!("{site}/lettings/3/"),
                format!("{site}/profiles/%E5%A4%A7%20%26%20co/"),
            ]
        );
        assert_eq!(app.get("/sitemap.xml?p=1").await.texts("loc").len(), 6);
        for part in ["0", "2", "x", ""] {
            app.get(&format!("/sitemap.xml?p={part}")).await.expect(404);
        }
    }

    async fn a_sitemap_of_more_than_fifty_thousand_has_parts(app: TestApp) {
        fill(&app, 100_000, 1).await;
        let index = app.get("/sitemap.xml").await.expect(200);
        let parts = index.texts("sitemapindex loc");
        let part = |number| format!("http://site.example/sitemap.xml?p={number}");
        assert_eq!(parts, [part(1), part(2), part(3)]);
        let mut all = Vec::new();
        for (number, count) in [(1, 50_000), (2, 50_000), (3, 4)] {
            let answer = app.get(&format!("/sitemap.xml?p={number}")).await.expect(200);
            assert!(answer.body.ends_with("</urlset>\n"));
            let addresses: Vec<String> = answer
                .body
                .lines()
                .filter_map(|line| line.strip_prefix("<url><loc>http://site.example"))
                .map(|line| line.trim_end_matches("</loc></url>").to_owned())
                .collect();
            assert_eq!(addresses.len(), count);
            all.extend(addresses);
        }
        assert_eq!(all[3], "/lettings/1/");
        assert_eq!(all[50_000], "/lettings/49998/");
        assert_eq!(all[100_002], "/lettings/100000/");
        assert_eq!(all[100_003], "/profiles/user1/");
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 100_004);
    }

    async fn robots_are_told_of_the_sitemap(app: TestApp) {
        let answer = app.get("/robots.txt").await.expect(200);
        assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
        assert_eq!(answer.header("cache-control"), "public, max-age=3600");
        let expected = "User-agent: *\nDisallow: /admin/\n\n\
                        Sitemap: http://site.example/sitemap.xml\n";
        assert_eq!(answer.body, expected);
    }

    async fn icon_and_stylesheet_are_there(app: TestApp) {
        let answer = app.get("/favicon.ico").await.expect(200);
        assert_eq!(answer.header("content-type"), "image/vnd.microsoft.icon");
        let page = app.get("/lettings/").await;
        for link in page.attributes("link[rel=stylesheet]", "href") {
            let answer = app.get(&link).await.expect(200);
            assert_eq!(answer.header("content-type"), "text/css; charset=\"utf-8\"");
        }
    }
}

/// Lettings and profiles with ids from 1, by statements of a thousand rows.
async fn fill(app: &TestApp, lettings: usize, profiles: i64) {
    let ids: Vec<usize> = (1..=lettings).collect();
    for ids in ids.chunks(1_000) {
        let rows = |row: fn(&usize) -> String| ids.iter().map(row).collect::<Vec<_>>().join(",");
        let addresses = rows(|id| format!("({id}, 1, 'Bay Road', 'Boston', 'MA', 2134, 'USA')"));
        let lettings = rows(|id| format!("({id}, 'Letting {id}', {id})"));
        app.sql(&format!("INSERT INTO lettings_address VALUES {addresses}"))
            .await;
        app.sql(&format!("INSERT INTO lettings_letting VALUES {lettings}"))
            .await;
    }
    for id in 1..=profiles {
        app.add_profile(id, &format!("user{id}")).await;
    }
}

async fn a_database_that_is_not_migrated_is_not_ready(backend: Backend) {
    let database = TestDatabase::empty(backend).await;
    if backend == Backend::Sqlite {
        std::fs::write(database.path(), "").unwrap();
    }
    let app = TestApp::unmigrated(database, &[]);
    let answer = app.get("/readyz").await.expect(503);
    let reason = "the database is not migrated; run: oc-lettings migrate";
    assert_eq!(answer.json()["reason"], reason);
    app.get("/healthz").await.expect(200);
    // A missing table is a mistake, not an outage.
    app.get("/lettings/").await.expect(500);
}

#[tokio::test]
async fn a_database_that_is_not_migrated_is_not_ready_on_sqlite() {
    a_database_that_is_not_migrated_is_not_ready(Backend::Sqlite).await;
}

#[tokio::test]
async fn a_database_that_is_not_migrated_is_not_ready_on_postgresql() {
    a_database_that_is_not_migrated_is_not_ready(Backend::Postgres).await;
}
