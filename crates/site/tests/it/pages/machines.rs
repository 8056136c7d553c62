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
        let app = app.with(&[("PROFILE_EMAIL_PUBLIC", "True")]);
        app.add_letting(3, "Three").await;
        app.add_letting(1, "One").await;
        app.add_profile(1, "大 & co").await;
        let answer = app.get("/sitemap.xml").await.expect(200);
        assert_eq!(answer.header("content-type"), "application/xml; charset=utf-8");
        assert_eq!(answer.header("cache-control"), "public, max-age=600");
        let pages = [
            "/",
            "/lettings/",
            "/profiles/",
            "/lettings/1/",
            "/lettings/3/",
            "/profiles/%E5%A4%A7%20%26%20co/",
        ];
        let address = |prefix: &str, path: &str| format!("http://site.example{prefix}{path}");
        let all = pages.iter().flat_map(|path| ["", "/fr", "/en"].map(|prefix| address(prefix, path)));
        assert_eq!(answer.texts("loc"), all.collect::<Vec<_>>());
        // Each address names those of the same page, itself among them.
        let links = ["/en", "/fr", ""].map(|prefix| address(prefix, "/lettings/3/"));
        let of_page = answer.body.lines().filter(|line| line.contains(&links[2]));
        let of_page: Vec<_> = of_page.collect();
        assert_eq!(of_page.len(), 3);
        for (line, (tag, link)) in of_page.iter().flat_map(|line| {
            ["en", "fr", "x-default"].iter().zip(&links).map(move |link| (line, link))
        }) {
            let link = format!("<xhtml:link rel=\"alternate\" hreflang=\"{tag}\" href=\"{link}\"/>");
            assert!(line.contains(&link), "{line} lacks {link}");
        }
        assert_eq!(app.get("/sitemap.xml?p=1").await.texts("loc").len(), 18);
        for part in ["0", "2", "x", ""] {
            app.get(&format!("/sitemap.xml?p={part}")).await.expect(404);
        }
    }

    async fn the_sitemap_has_the_places_that_there_are_lettings_in(app: TestApp) {
        site::demo::fill(&app.db).await.unwrap().unwrap();
        app.db.make_derived_tables().await.unwrap();
        let places = async || -> Vec<String> {
            let sitemap = app.get("/sitemap.xml").await.expect(200);
            let all = sitemap.texts("loc").into_iter();
            all.filter(|address| address.contains("/lettings/in/")).collect()
        };
        let all = places().await;
        for path in ["us/", "us/ca/", "us/ca/newport-beach/", "us/ma/boston/"] {
            for prefix in ["", "/fr", "/en"] {
                let address = format!("http://site.example{prefix}/lettings/in/{path}");
                assert!(all.contains(&address), "{address}");
            }
        }
        let mut once = all.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), all.len());
        for address in all.iter().filter(|address| !address.contains("/fr/")) {
            app.get(address.strip_prefix("http://site.example").unwrap()).await.expect(200);
        }
        // A place that the last letting has left is no more in it, and what is left of one is.
        let in_orange = "(SELECT id FROM lettings_address WHERE city = 'Boston')";
        app.sql(&format!("UPDATE lettings_address SET city = 'Quincy' WHERE id IN {in_orange}")).await;
        app.sql("UPDATE lettings_address SET state = 'TX' WHERE id = (SELECT max(id) FROM lettings_address WHERE state = 'CA')").await;
        app.db.update_derived_tables().await.unwrap();
        let changed = places().await;
        let has = |path: &str| changed.contains(&format!("http://site.example/lettings/in/{path}"));
        assert!(has("us/ma/quincy/") && has("us/ma/") && has("us/ca/"), "{changed:?}");
        assert!(!has("us/ma/boston/"), "{changed:?}");
    }

    async fn a_change_in_the_admin_has_its_day_in_sitemap_and_feed(app: TestApp) {
        let app = app.with(&[("PROFILE_EMAIL_PUBLIC", "True")]);
        app.add_letting(1, "Changed").await;
        app.add_letting(2, "Moved").await;
        app.add_letting(3, "Untouched").await;
        app.add_profile(1, "ann").await;
        for (id, model, key, time) in [
            (1, "letting", 1, "2026-03-04 23:30:00"),
            (2, "letting", 1, "2026-03-05 01:02:03"),
            (3, "address", 2, "2026-03-06 10:00:00"),
            (4, "profile", 1, "2026-03-07 10:00:00"),
            (5, "user", 3, "2026-03-08 10:00:00"),
        ] {
            let user = "(SELECT id FROM auth_user LIMIT 1)";
            let kind = format!("(SELECT id FROM django_content_type WHERE model = '{model}')");
            app.sql(&format!(
                "INSERT INTO django_admin_log (id, action_time, user_id, content_type_id, object_id, \
                 object_repr, action_flag, change_message) \
                 VALUES ({id}, '{time}', {user}, {kind}, '{key}', 'it', 2, '')"
            ))
            .await;
        }
        let sitemap = app.get("/sitemap.xml").await.expect(200);
        let day = |path: &str| {
            let line = format!("<loc>http://site.example{path}</loc>");
            let line = sitemap.body.lines().find(|text| text.contains(&line)).unwrap();
            line.split_once("<lastmod>").map(|(_, rest)| rest[..10].to_owned())
        };
        assert_eq!(day("/lettings/1/").as_deref(), Some("2026-03-05"));
        assert_eq!(day("/fr/lettings/2/").as_deref(), Some("2026-03-06"));
        assert_eq!(day("/lettings/3/"), None);
        assert_eq!(day("/profiles/ann/").as_deref(), Some("2026-03-07"));
        assert_eq!(day("/lettings/"), None);
        let feed = app.get("/lettings/feed.atom").await.expect(200);
        let times = feed.texts("entry updated");
        assert_eq!(times[1..], ["2026-03-06T10:00:00Z", "2026-03-05T01:02:03Z"]);
        // Of what no log knows the tables are as old as the last migration.
        assert_eq!(feed.texts("feed > updated"), times[..1]);
    }

    async fn the_newest_lettings_are_a_feed(app: TestApp) {
        for id in 1..=40 {
            app.add_letting(id, &format!("Number {id}")).await;
        }
        app.sql("UPDATE lettings_letting SET title = 'A <b> & \u{1}more' WHERE id = 40").await;
        for (prefix, language) in [("", "en"), ("/en", "en"), ("/fr", "fr")] {
            let list = app.get(&format!("{prefix}/lettings/")).await.expect(200);
            let links = list.attributes("link[type='application/atom+xml']", "href");
            assert_eq!(links, [format!("{prefix}/lettings/feed.atom")]);
            let feed = app.get(&links[0]).await.expect(200);
            assert_eq!(feed.header("content-type"), "application/atom+xml; charset=utf-8");
            assert_eq!(feed.header("content-language"), language);
            assert!(feed.body.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feed "));
            let titles = feed.texts("entry title");
            assert_eq!(titles.len(), 30);
            assert_eq!(titles[..2], ["A <b> & more", "Number 39"]);
            let addresses = feed.attributes("entry link", "href");
            assert_eq!(addresses[1], format!("http://site.example{prefix}/lettings/39/"));
            // The same letting is known again in the other language.
            assert_eq!(feed.texts("entry id")[1], "http://site.example/lettings/39/");
        }
    }

    async fn a_sitemap_of_more_than_fifty_thousand_has_parts(app: TestApp) {
        let app = app.with(&[("PROFILE_EMAIL_PUBLIC", "True")]);
        fill(&app, 40_000, 1).await;
        let index = app.get("/sitemap.xml").await.expect(200);
        let parts = index.texts("sitemapindex loc");
        let part = |number| format!("http://site.example/sitemap.xml?p={number}");
        assert_eq!(parts, [part(1), part(2), part(3)]);
        let mut all = Vec::new();
        for (number, count) in [(1, 49_998), (2, 49_998), (3, 20_016)] {
            let answer = app.get(&format!("/sitemap.xml?p={number}")).await.expect(200);
            assert!(answer.body.ends_with("</urlset>\n"));
            let addresses: Vec<String> = answer
                .body
                .lines()
                .filter_map(|line| line.strip_prefix("<url><loc>http://site.example"))
                .filter_map(|line| line.split_once("</loc>"))
                .map(|(address, _)| address.to_owned())
                .collect();
            assert_eq!(addresses.len(), count);
            assert!(answer.body.len() < 50 * 1024 * 1024, "the protocol's limit");
            all.extend(addresses);
        }
        assert_eq!(all[9], "/lettings/1/");
        assert_eq!(all[49_998], "/lettings/16664/");
        assert_eq!(all[120_006], "/lettings/40000/");
        assert_eq!(all[120_009], "/profiles/user1/");
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 120_012);
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
