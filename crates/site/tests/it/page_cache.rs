//! Pages out of memory: what is kept, and that nobody is given what is of the past.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use axum::body::Body;
use db::ConnectionTrait as _;
use http::{HeaderName, Method, Request, StatusCode};

use crate::admin::{PASSWORD, add_account};
use crate::support::app::{Answer, request};
use crate::support::cluster::Cluster;
use crate::support::program::run;
use crate::support::visitor::Visitor;
use crate::support::{Backend, CapturedLog, TestApp, on_both_databases};

/// What has to happen happens within this time.
const DEADLINE: Duration = Duration::from_secs(10);

fn cached(app: TestApp) -> TestApp {
    app.with(&[("PAGE_CACHE_SIZE", "4MB"), ("METRICS_TOKEN", "token")])
}

pub(crate) fn asked(path: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let mut request = request(Method::GET, path);
    for (name, value) in headers {
        let name: HeaderName = name.parse().unwrap();
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    request
}

/// An answer, and what the log says of the cache.
pub(crate) async fn told(app: &TestApp, request: Request<Body>) -> (Answer, String) {
    let log = CapturedLog::start();
    let path = request.uri().path().to_owned();
    let answer = app.send(request).await;
    let lines = log.lines();
    let line = lines.iter().find(|line| line["http.path"] == path.as_str());
    let line = line.unwrap_or_else(|| panic!("no line of {path} in {lines:?}"));
    assert_eq!(line["http.status"], answer.status.as_u16());
    assert_eq!(line["request.id"], answer.header("x-request-id"));
    let cache = line["http.cache"].as_str().unwrap_or_default();
    (answer, cache.to_owned())
}

/// Asks until the page comes from memory: whatever else is written to the same server empties it.
async fn hit(app: &TestApp, path: &str, headers: &[(&str, &str)]) -> Answer {
    let start = Instant::now();
    while start.elapsed() < DEADLINE {
        let (answer, cache) = told(app, asked(path, headers)).await;
        if cache == "hit" {
            return answer;
        }
        tokio::task::yield_now().await;
    }
    panic!("{path} does not come from memory");
}

/// The headers, but for those that only one of the two has.
fn comparable(answer: &Answer) -> BTreeSet<String> {
    let headers = answer.headers.iter();
    let headers = headers
        .filter(|(name, _)| !["x-request-id", "etag", "content-length"].contains(&name.as_str()));
    headers.map(|pair| format!("{pair:?}")).collect()
}

/// Asks until a page has a text.
async fn seen(app: &TestApp, path: &str, text: &str) {
    let start = Instant::now();
    while !app.get(path).await.body.contains(text) {
        assert!(start.elapsed() < DEADLINE, "{path} does not show {text}");
        tokio::task::yield_now().await;
    }
}

on_both_databases! {
    async fn a_page_out_of_memory_is_the_page_that_was_made(app: TestApp) {
        for id in 1..=30 {
            app.add_letting(id, "One of many").await;
        }
        app.add_profile(1, "ann").await;
        let mut made = Vec::new();
        for path in ["/", "/lettings/", "/lettings/1/", "/profiles/", "/profiles/ann/", "/nothing"] {
            for headers in [
                &[][..],
                &[("accept-language", "fr")],
                &[("accept-encoding", "gzip")],
                &[("x-forwarded-proto", "https")],
            ] {
                made.push((path, headers, app.send(asked(path, headers)).await));
            }
        }
        let app = cached(app);
        for (path, headers, made) in made {
            let kept = hit(&app, path, headers).await;
            assert_eq!(kept.status, made.status, "{path}");
            assert_eq!(comparable(&kept), comparable(&made), "{path} {headers:?}");
            assert_eq!(kept.body, made.body, "{path} {headers:?}");
            let is_public = kept.header("cache-control") == "public, no-cache";
            assert_eq!(kept.header("etag").is_empty(), !is_public, "{path}");
        }
    }

    async fn who_has_a_page_is_told_so(app: TestApp) {
        let app = cached(app);
        for path in ["/", "/lettings/", "/profiles/"] {
            for coding in ["", "gzip", "br"] {
                let coding = ("accept-encoding", coding);
                let kept = hit(&app, path, &[coding]).await.expect(200);
                let etag = kept.header("etag");
                let again = hit(&app, path, &[coding, ("if-none-match", etag)]).await.expect(304);
                assert_eq!(again.header("etag"), etag);
                assert_eq!(again.header("cache-control"), "public, no-cache");
                assert_ne!(again.header("content-security-policy"), "");
                assert_eq!(again.body, "");
            }
        }
    }

    async fn a_change_in_the_admin_shows_as_soon_as_it_is_answered(app: TestApp) {
        app.add_letting(1, "The first title").await;
        add_account(&app, 7, "ann", &[]).await;
        let app = cached(app);
        let mut ann = Visitor::new(&app);
        ann.log_in("ann", PASSWORD).await.expect(302);
        for number in 0..5 {
            hit(&app, "/lettings/", &[]).await;
            hit(&app, "/lettings/1/", &[]).await;
            let title = format!("Title number {number}");
            let page = ann.get("/admin/lettings/letting/1/change/").await.expect(200);
            let mut fields = page.form_fields("form.record");
            for (name, value) in &mut fields {
                if name == "title" {
                    value.clone_from(&title);
                }
            }
            let fields: Vec<_> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            ann.post("/admin/lettings/letting/1/change/", &fields).await.expect(302);
            for path in ["/lettings/", "/lettings/1/", "/"] {
                let page = app.get(path).await.expect(200);
                assert!(page.body.contains(&title), "{path} does not show {title}");
            }
        }
    }

    async fn a_change_by_somebody_else_shows(app: TestApp) {
        app.add_letting(1, "The first title").await;
        let app = cached(app);
        let other = app.database.open();
        for number in 0..10 {
            hit(&app, "/lettings/1/", &[]).await;
            let title = format!("Title number {number}");
            let sql = format!("UPDATE lettings_letting SET title = '{title}'");
            other.execute_unprepared(&sql).await.unwrap();
            seen(&app, "/lettings/1/", &title).await;
            // What was seen once is not taken back.
            for _ in 0..3 {
                assert!(app.get("/lettings/1/").await.body.contains(&title));
            }
        }
    }

    async fn who_may_be_logged_in_is_not_given_what_is_kept(app: TestApp) {
        app.add_profile(1, "bo").await;
        add_account(&app, 7, "ann", &[]).await;
        let app = app.with(&[("PAGE_CACHE_SIZE", "4MB"), ("PROFILE_EMAIL_PUBLIC", "0")]);
        let mut ann = Visitor::new(&app);
        ann.log_in("ann", PASSWORD).await.expect(302);
        let session = ann.session().unwrap().to_owned();
        let cookie = format!("sessionid={session}");
        for _ in 0..3 {
            let staff = [("cookie", cookie.as_str())];
            let (page, cache) = told(&app, asked("/profiles/bo/", &staff)).await;
            assert_eq!(cache, "passed");
            assert_eq!(page.header("etag"), "");
            assert!(page.body.contains("ann@example.com"), "{}", page.body);
            let page = hit(&app, "/profiles/bo/", &[]).await;
            assert!(!page.body.contains("ann@example.com"), "{}", page.body);
        }
    }

    async fn what_the_page_does_not_declare_does_not_count(app: TestApp) {
        for id in 1..=25 {
            app.add_letting(id, "One of many").await;
        }
        let app = cached(app);
        let plain = hit(&app, "/lettings/", &[]).await.expect(200);
        let page = hit(&app, "/lettings/?utm_source=elsewhere&x=1", &[]).await.expect(200);
        assert_eq!(page.body, plain.body);
        let second = hit(&app, "/lettings/?utm=x&page=1&page=2", &[]).await.expect(200);
        assert_eq!(second.body, app.get("/lettings/?page=2").await.body);
        assert_ne!(second.body, plain.body);
        // Nor where nothing is kept.
        let app = app.with(&[]);
        let page = app.get("/lettings/?utm_source=elsewhere").await.expect(200);
        assert_eq!(page.body, plain.body);
    }

    async fn hits_are_counted_and_reported_as_any_other_answer(app: TestApp) {
        let app = cached(app);
        hit(&app, "/lettings/", &[]).await.expect(200);
        hit(&app, "/nothing", &[]).await.expect(404);
        let log = CapturedLog::start();
        app.get("/nothing").await.expect(404);
        assert_eq!(log.lines()[0]["level"], "WARN");
        let metrics = app.send(asked("/metrics", &[("authorization", "bearer token")])).await;
        let value = |name: &str| {
            let line = metrics.body.lines().find_map(|line| line.strip_prefix(name));
            let line = line.unwrap_or_else(|| panic!("no {name} in {}", metrics.body));
            line.trim().parse::<f64>().unwrap()
        };
        assert!(value("page_cache_hits_total") >= 2.0);
        assert!(value("page_cache_entries") >= 1.0);
        assert!(value("page_cache_bytes") >= 1000.0);
        assert!(value("page_cache_evictions_total") < 1.0);
        let label = r#"http_request_duration_seconds_count{route="/lettings/",method="GET",status="2xx"}"#;
        assert!(value(label) >= 2.0);
        let label = r#"http_request_duration_seconds_count{route="unmatched",method="GET",status="4xx"}"#;
        assert!(value(label) >= 2.0);
    }

    /// The one list of what may be kept: whoever adds a route says here whether its answers are the
    /// same for all.
    async fn every_route_is_kept_or_not_as_is_written_here(app: TestApp) {
        app.add_letting(1, "A letting").await;
        app.add_profile(1, "ann").await;
        for slug in ["privacy", "legal", "terms"] {
            app.sql(&format!(
                "INSERT INTO oc_lettings_legal_text (slug, text_en, text_fr, changed_at) \
                 VALUES ('{slug}', 'Text', '', '2026-11-30 00:00:00')"
            ))
            .await;
        }
        add_account(&app, 7, "bo", &[]).await;
        let app = cached(app);
        app.db.make_derived_tables().await.unwrap();
        let kept = [
            "/",
            "/lettings/",
            "/lettings/feed.atom",
            "/lettings/suggest/",
            "/lettings/{id}/",
            "/lettings/in/{country}/",
            "/lettings/in/{country}/{state}/",
            "/lettings/in/{country}/{state}/{city}/",
            "/profiles/",
            "/profiles/{username}/",
            "/privacy/",
            "/legal/",
            "/terms/",
        ];
        let in_each_language = |route: &&str| ["", "/en", "/fr"].map(|prefix| format!("{prefix}{route}"));
        let kept: Vec<_> = kept.iter().flat_map(in_each_language).collect();
        let others = ["/admin/", "/metrics", "/sitemap.xml", "/static/{*name}"].map(str::to_owned);
        let routes = routes(&app);
        for expected in kept.iter().chain(&others) {
            assert!(routes.contains(expected), "{expected} is not in {routes:?}");
        }
        assert!(routes.len() > 40, "{routes:?}");
        let mut staff = Visitor::new(&app);
        staff.log_in("bo", PASSWORD).await.expect(302);
        let cookie = staff.cookies.header().unwrap();
        for route in &kept {
            hit(&app, &path_of(route), &[]).await.expect(200);
        }
        // At an address of a language nothing but the address counts.
        hit(&app, "/fr/lettings/", &[("accept-language", "en"), ("cookie", "django_language=en")]).await;
        for route in routes.iter().filter(|route| !kept.contains(route)) {
            for _ in 0..3 {
                assert_eq!(uses(&app, &path_of(route), &[]).await, "", "{route}");
            }
        }
        for route in &routes {
            for _ in 0..2 {
                let cache = uses(&app, &path_of(route), &[("cookie", &cookie)]).await;
                assert!(["", "passed"].contains(&&*cache), "{route}: {cache}");
            }
        }
    }
}

/// What the log says of the cache, if there is a line: quiet addresses leave none.
async fn uses(app: &TestApp, path: &str, headers: &[(&str, &str)]) -> String {
    let log = CapturedLog::start();
    app.send(asked(path, headers)).await;
    let lines = log.lines();
    let uses = lines.iter().filter_map(|line| line["http.cache"].as_str());
    uses.collect()
}

/// Every route of the router, as it shows itself to whoever debugs it; without its fallback.
fn routes(app: &TestApp) -> BTreeSet<String> {
    let shown = format!("{:?}", app.router);
    let (_, rest) = shown.split_once("router: Router").unwrap();
    let texts = rest.split('"').skip(1).step_by(2);
    let patterns = texts.filter(|text| text.starts_with('/') && !text.contains("__private"));
    patterns.map(str::to_owned).collect()
}

fn path_of(route: &str) -> String {
    let segments = route.split('/').map(|segment| match segment {
        "{username}" => "ann",
        "{country}" => "us",
        "{state}" => "ma",
        "{city}" => "boston",
        segment if segment.starts_with('{') => "1",
        segment => segment,
    });
    segments.collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn addresses_by_chance_push_nothing_useful_out() {
    let app = TestApp::open(Backend::Sqlite).await;
    app.add_letting(1, "A letting").await;
    app.db.make_derived_tables().await.unwrap();
    let app = app.with(&[("PAGE_CACHE_SIZE", "512kB")]);
    for _ in 0..3 {
        hit(&app, "/", &[]).await;
        hit(&app, "/lettings/1/", &[]).await;
    }
    for number in 0..300 {
        app.get(&format!("/nothing/{number}")).await.expect(404);
        app.get(&format!("/?chance={number}")).await.expect(200);
        app.get(&format!("/lettings/{}/", number + 2))
            .await
            .expect(404);
        let page = format!("/lettings/?page={:0width$}", 1, width = number + 1);
        app.get(&page).await.expect(200);
        let search = format!(
            "/lettings/?guests={}&amenity=wifi&sort=x{number}",
            number % 50 + 1
        );
        app.get(&search).await.expect(200);
    }
    for path in ["/", "/lettings/1/"] {
        let (_, cache) = told(&app, asked(path, &[])).await;
        assert_eq!(cache, "hit", "{path}");
    }
}

#[tokio::test]
async fn a_database_that_is_gone_is_not_papered_over() {
    let app = TestApp::open(Backend::Sqlite).await;
    let app = cached(app);
    hit(&app, "/", &[]).await;
    let path = app.database.path();
    let away = path.with_extension("away");
    std::fs::rename(&path, &away).unwrap();
    let start = Instant::now();
    while app.get("/").await.status != StatusCode::SERVICE_UNAVAILABLE {
        assert!(start.elapsed() < DEADLINE);
        tokio::task::yield_now().await;
    }
    let log = CapturedLog::start();
    let (_, cache) = told(&app, asked("/", &[])).await;
    assert_eq!(cache, "passed");
    drop(log);
    std::fs::rename(&away, &path).unwrap();
    hit(&app, "/", &[]).await.expect(200);
}

/// Its end does not move the upper bound of PostgreSQL's snapshot.
#[tokio::test]
async fn a_transaction_on_postgres_that_ends_after_a_later_one_shows() {
    let app = TestApp::open(Backend::Postgres).await;
    app.add_letting(1, "The first title").await;
    let app = cached(app);
    let early = app.database.open().begin().await.unwrap();
    let sql = "UPDATE lettings_letting SET title = 'The early bird'";
    early.execute_unprepared(sql).await.unwrap();
    let late = app.database.open();
    late.execute_unprepared("CREATE TABLE later (a integer)")
        .await
        .unwrap();
    hit(&app, "/lettings/1/", &[]).await;
    early.commit().await.unwrap();
    seen(&app, "/lettings/1/", "The early bird").await;
}

/// The snapshots of a standby leave out what is under way on its primary, so that a commit may change
/// none of them.
#[tokio::test]
async fn on_a_standby_of_postgres_every_page_is_rendered_anew() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = Cluster::start_in(folder.path());
    let url = cluster.url();
    let other = TestApp::open(Backend::Sqlite).await;
    let work = other.database.folder.path();
    let migrated = run(
        work,
        &[("DATABASE_URL", &url), ("DEBUG", "1")],
        &["migrate"],
    );
    assert_eq!(migrated.code, Some(0), "{migrated:?}");
    cluster.stop("fast");
    cluster.write("standby.signal", "");
    cluster.start();
    let app = other.with(&[("DATABASE_URL", &url), ("PAGE_CACHE_SIZE", "1MB")]);
    for _ in 0..3 {
        let (answer, cache) = told(&app, asked("/lettings/", &[])).await;
        answer.expect(200);
        assert_eq!(cache, "passed");
    }
    app.db.close().await.unwrap();
}
