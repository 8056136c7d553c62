//! The cache of pages around a handler that counts its calls.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI32, AtomicUsize};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use db::ConnectionTrait as _;
use db::new_file::{Existing, NewFile};
use db::testing::{Backend, TestDatabase};
use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{LanguageIdentifier, Loader, langid};
use http::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, COOKIE, ETAG, IF_NONE_MATCH,
};
use http::{HeaderName, StatusCode};
use tokio::time::timeout;
use tower::ServiceExt as _;

mod waiting;

use super::*;
use crate::forwarded::Scheme;
use crate::page::Cacheable;

/// What is waited for takes no longer.
const PATIENCE: Duration = Duration::from_secs(10);

struct Nothing;

impl Loader for Nothing {
    fn lookup_complete(
        &self,
        _: &LanguageIdentifier,
        key: &str,
        _: Option<&HashMap<std::borrow::Cow<'static, str>, FluentValue<'_>>>,
    ) -> String {
        key.to_owned()
    }

    fn try_lookup_complete(
        &self,
        _: &LanguageIdentifier,
        _: &str,
        _: Option<&HashMap<std::borrow::Cow<'static, str>, FluentValue<'_>>>,
    ) -> Option<String> {
        None
    }

    fn locales(&self) -> Box<dyn Iterator<Item = &LanguageIdentifier> + '_> {
        Box::new(std::iter::empty())
    }
}

const ROUTES: &[CachedRoute] = &[
    CachedRoute {
        pattern: "/books/",
        query: &["page"],
        several: &[],
        depends_on_day: false,
    },
    CachedRoute {
        pattern: "/books/{id}/",
        query: &[],
        several: &[],
        depends_on_day: true,
    },
];

/// A site of one handler, which counts how often it is called.
struct Site {
    cache: PageCache,
    router: Router,
    calls: Arc<AtomicUsize>,
    /// Which day it is.
    day: Arc<AtomicI32>,
    db: Database,
    database: TestDatabase,
}

impl Site {
    /// With a handler that is given the number of its call, from 1.
    async fn new<F>(handler: impl Fn(usize) -> F + Clone + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Response> + Send + 'static,
    {
        let database = TestDatabase::empty(Backend::Sqlite).await;
        let file = NewFile::begin(&database.path(), Existing::Keep).unwrap();
        file.finish().unwrap();
        let db = database.open();
        let day = Arc::<AtomicI32>::default();
        let known = Arc::clone(&day);
        let cache = PageCache::new(Config {
            db: db.clone(),
            languages: Languages::new(&Nothing, &[langid!("en"), langid!("fr")], &langid!("en")),
            hosts: Arc::new(AllowedHosts::parse(["site.example"]).unwrap()),
            day: DayClock::new(move || known.load(Ordering::Relaxed)),
            routes: ROUTES,
            size_bytes: 1 << 20,
        });
        let calls = Arc::<AtomicUsize>::default();
        let counted = Arc::clone(&calls);
        let handler = move || handler(counted.fetch_add(1, Ordering::Relaxed) + 1);
        let router = Router::new()
            .route("/books/", get(handler.clone()))
            .route("/books/{id}/", get(handler.clone()))
            .route("/other/", get(handler.clone()))
            .fallback(handler)
            .layer(from_fn_with_state(cache.clone(), cache_pages));
        Self {
            cache,
            router,
            calls,
            day,
            db,
            database,
        }
    }

    /// As the front does: what is there first.
    async fn send(&self, mut request: Request) -> Response {
        if self.cache.may_answer(&request)
            && let Some(response) = self.cache.answer(&mut request)
        {
            return response;
        }
        self.router.clone().oneshot(request).await.unwrap()
    }

    async fn get(&self, path: &str) -> Response {
        self.send(request(path, &[])).await
    }

    /// Commits something that no page shows.
    async fn commit(&self) {
        let sql = "CREATE TABLE IF NOT EXISTS t (a)";
        self.db.execute_unprepared(sql).await.unwrap();
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }
}

fn request(path: &str, headers: &[(HeaderName, &str)]) -> Request {
    let mut request = Request::get(path).header("host", "site.example");
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    request.body(Body::empty()).unwrap()
}

/// A page of some size that tells its number.
fn page(number: usize) -> Response {
    let text = format!("page {number} ").repeat(400);
    let mut response = Response::new(Body::from(text));
    response.extensions_mut().insert(Cacheable);
    response
}

async fn text(response: Response) -> String {
    let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    text.split(' ').take(2).collect::<Vec<_>>().join(" ")
}

fn use_of(response: &Response) -> Option<CacheUse> {
    response.extensions().get().copied()
}

#[tokio::test]
async fn a_page_is_made_once_and_given_to_all() {
    let site = Site::new(async |number| page(number)).await;
    let first = site.get("/books/").await;
    assert_eq!(use_of(&first), Some(CacheUse::Made));
    assert_eq!(text(first).await, "page 1");
    let second = site.get("/books/").await;
    assert_eq!(use_of(&second), Some(CacheUse::Hit));
    assert_eq!(text(second).await, "page 1");
    // Another address, and one that is not declared.
    assert_eq!(text(site.get("/books/2/").await).await, "page 2");
    assert_eq!(text(site.get("/other/").await).await, "page 3");
    assert_eq!(text(site.get("/other/").await).await, "page 4");
}

#[tokio::test]
async fn a_page_that_depends_on_the_day_is_made_each_day() {
    let site = Site::new(async |number| page(number)).await;
    assert_eq!(text(site.get("/books/").await).await, "page 1");
    assert_eq!(text(site.get("/books/2/").await).await, "page 2");
    site.day.store(1, Ordering::Relaxed);
    assert_eq!(text(site.get("/books/").await).await, "page 1");
    assert_eq!(text(site.get("/books/2/").await).await, "page 3");
    assert_eq!(text(site.get("/books/2/").await).await, "page 3");
}

#[tokio::test]
async fn what_is_not_in_the_key_does_not_count_and_what_is_does() {
    let site = Site::new(async |number| page(number)).await;
    let language = |tag| request("/books/", &[(http::header::ACCEPT_LANGUAGE, tag)]);
    let asked = [
        (request("/books/", &[]), "page 1"),
        (request("/books/?utm=1", &[]), "page 1"),
        (request("/books/?page=2", &[]), "page 2"),
        (request("/books/?page=1&x&page=2", &[]), "page 2"),
        (language("fr"), "page 3"),
        (language("fr-CA, en;q=0.5"), "page 3"),
        (language("de"), "page 1"),
        (
            request("/books/", &[(http::header::ACCEPT, "application/json")]),
            "page 1",
        ),
        (request("/books/", &[(COOKIE, "theme=dark")]), "page 1"),
    ];
    for (request, expected) in asked {
        let told = format!("{request:?}");
        assert_eq!(text(site.send(request).await).await, expected, "{told}");
    }
}

#[tokio::test]
async fn a_session_another_method_and_a_body_pass_by() {
    let site = Site::new(async |number| page(number)).await;
    site.get("/books/").await;
    let answer = site
        .send(request("/books/", &[(COOKIE, "a=b; sessionid=x")]))
        .await;
    assert_eq!(use_of(&answer), Some(CacheUse::Passed));
    assert_eq!(text(answer).await, "page 2");
    let mut with_body = request("/books/", &[]);
    *with_body.body_mut() = Body::from("x");
    assert_eq!(text(site.send(with_body).await).await, "page 3");
    let mut post = request("/books/", &[]);
    *post.method_mut() = Method::POST;
    let status = site.send(post).await.status();
    assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn only_what_says_so_and_has_no_cookie_is_kept() {
    let site = Site::new(async |number| {
        let mut response = page(number);
        match number {
            1 => drop(response.extensions_mut().remove::<Cacheable>()),
            2 => drop(
                response
                    .headers_mut()
                    .insert("set-cookie", "a=b".parse().unwrap()),
            ),
            3 => *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE,
            4 => *response.status_mut() = StatusCode::NOT_FOUND,
            5 => *response.body_mut() = Body::from(vec![b'x'; 1 << 20]),
            _ => {}
        }
        response
    })
    .await;
    for number in 1..=5 {
        let answer = site.get(&format!("/books/{number}/")).await;
        assert_eq!(use_of(&answer), Some(CacheUse::Passed), "{number}");
        assert!(!answer.headers().contains_key(ETAG), "{number}");
    }
    assert_eq!(text(site.get("/books/").await).await, "page 6");
    assert_eq!(text(site.get("/books/").await).await, "page 6");
}

#[tokio::test]
async fn unknown_addresses_share_one_404_that_no_commit_changes() {
    let site = Site::new(async |number| {
        let mut response = page(number);
        *response.status_mut() = StatusCode::NOT_FOUND;
        response
    })
    .await;
    for (path, expected) in [
        ("/nothing", CacheUse::Made),
        ("/nothing", CacheUse::Hit),
        ("/nothing/else?page=2", CacheUse::Hit),
    ] {
        let answer = site.get(path).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
        assert_eq!(use_of(&answer), Some(expected), "{path}");
        assert!(!answer.headers().contains_key(ETAG));
        assert_eq!(text(answer).await, "page 1");
        site.commit().await;
    }
    let json = (http::header::ACCEPT, "application/json");
    assert_eq!(
        text(site.send(request("/nothing", &[json])).await).await,
        "page 2"
    );
    let french = (http::header::ACCEPT_LANGUAGE, "fr");
    assert_eq!(
        text(site.send(request("/nothing", &[french])).await).await,
        "page 3"
    );
    let mut secure = request("/nothing", &[]);
    secure.extensions_mut().insert(Scheme::Https);
    assert_eq!(text(site.send(secure).await).await, "page 4");
    // A route that is not cached may have an address like an unknown one.
    assert_eq!(text(site.get("/other/").await).await, "page 5");
    let mut elsewhere = request("/nothing", &[]);
    elsewhere
        .headers_mut()
        .insert("host", "elsewhere.example".parse().unwrap());
    assert_eq!(text(site.send(elsewhere).await).await, "page 6");
}

#[tokio::test]
async fn a_page_that_was_begun_before_a_commit_is_not_kept() {
    let slot = Arc::<tokio::sync::OnceCell<Database>>::default();
    let found = Arc::clone(&slot);
    let site = Site::new(move |number| {
        let db = found.get().cloned();
        async move {
            if let (1, Some(db)) = (number, db) {
                db.execute_unprepared("CREATE TABLE t (a)").await.unwrap();
            }
            page(number)
        }
    })
    .await;
    slot.set(site.db.clone()).unwrap();
    let first = site.get("/books/").await;
    assert_eq!(text(first).await, "page 1");
    assert_eq!(text(site.get("/books/").await).await, "page 2");
}

#[tokio::test]
async fn a_commit_empties_before_it_is_answered() {
    let site = Site::new(async |number| page(number)).await;
    site.db
        .execute_unprepared("CREATE TABLE t (a)")
        .await
        .unwrap();
    for number in 1..=20 {
        site.get("/books/").await;
        if number % 2 == 0 {
            site.db
                .execute_unprepared("INSERT INTO t VALUES (1)")
                .await
                .unwrap();
        } else {
            let transaction = site.db.begin().await.unwrap();
            transaction
                .execute_unprepared("INSERT INTO t VALUES (1)")
                .await
                .unwrap();
            transaction.commit().await.unwrap();
        }
        assert_eq!(
            site.cache.answer(&mut request("/books/", &[])).map(drop),
            None
        );
    }
}

#[tokio::test]
async fn a_client_that_has_the_page_is_told_so() {
    let site = Site::new(async |number| page(number)).await;
    let first = site.get("/books/").await;
    let etag = first.headers()[ETAG].to_str().unwrap().to_owned();
    assert!(etag.starts_with("W/\""), "{etag}");
    let strong = etag.trim_start_matches("W/").to_owned();
    for tags in [&*etag, &*strong, &format!("\"x\", {etag}"), "*"] {
        let answer = site
            .send(request("/books/", &[(IF_NONE_MATCH, tags)]))
            .await;
        assert_eq!(answer.status(), StatusCode::NOT_MODIFIED, "{tags}");
        assert_eq!(answer.headers()[ETAG], &*etag);
        assert!(!answer.headers().contains_key(CONTENT_LENGTH));
    }
    for tags in ["\"x\"", "", "W/"] {
        let answer = site
            .send(request("/books/", &[(IF_NONE_MATCH, tags)]))
            .await;
        assert_eq!(answer.status(), StatusCode::OK, "{tags}");
    }
    assert_eq!(site.calls(), 1);
}

#[tokio::test]
async fn a_head_request_is_told_what_a_get_request_would_get() {
    let site = Site::new(async |number| page(number)).await;
    for expected in [CacheUse::Made, CacheUse::Hit] {
        let mut head = request("/books/", &[]);
        *head.method_mut() = Method::HEAD;
        let answer = site.send(head).await;
        assert_eq!(use_of(&answer), Some(expected));
        assert_eq!(answer.headers()[CONTENT_LENGTH], "2800");
        assert_eq!(to_bytes(answer.into_body(), 10).await.unwrap(), "");
    }
    assert_eq!(text(site.get("/books/").await).await, "page 1");
}

/// How many bytes a page has in the coding that is liked best of these.
async fn length(site: &Site, accepted: &str) -> usize {
    let answer = site
        .send(request("/books/2/", &[(ACCEPT_ENCODING, accepted)]))
        .await;
    let coding = answer.headers()[CONTENT_ENCODING].to_str().unwrap();
    assert!(accepted.contains(coding), "{coding}");
    let length = answer.headers()[CONTENT_LENGTH].to_str().unwrap();
    length.parse().unwrap()
}

#[tokio::test]
async fn a_page_that_is_asked_for_again_gets_its_smallest_forms() {
    let site = Site::new(async |_| page(1)).await;
    for coding in ["zstd", "br", "gzip"] {
        assert!(length(&site, coding).await < 500, "{coding}");
    }
    let has_best_forms = || {
        let day = site.day.load(Ordering::Relaxed);
        let key = format!("en http://site.example/books/2/ {day}");
        let page = site.cache.0.pages.get(key.as_str());
        page.is_some_and(|page| page.has_best_forms())
    };
    let improved = async {
        while !has_best_forms() {
            site.get("/books/2/").await;
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, improved).await.unwrap();
    let least = length(&site, "gzip, br, zstd").await;
    for coding in ["zstd", "br", "gzip"] {
        assert!(least <= length(&site, coding).await, "{coding}");
    }
    assert_eq!(site.calls(), 1);
    // A page that a commit has not changed keeps them.
    site.commit().await;
    let again = site.get("/books/2/").await;
    assert_eq!(use_of(&again), Some(CacheUse::Made));
    assert!(has_best_forms());
    // The watcher sees the commit, too.
    let renewed = async { while use_of(&site.get("/books/2/").await) != Some(CacheUse::Hit) {} };
    timeout(PATIENCE, renewed).await.unwrap();
    assert_eq!(length(&site, "gzip, br, zstd").await, least);
}

#[tokio::test]
async fn who_asks_for_everything_pushes_nothing_useful_out() {
    let site = Site::new(async |number| {
        let mut response = page(number);
        if number > 300 {
            *response.status_mut() = StatusCode::NOT_FOUND;
        }
        response
    })
    .await;
    for _ in 0..3 {
        site.get("/books/").await;
    }
    for number in 1..300 {
        site.get(&format!("/books/{number}/")).await;
    }
    assert_eq!(site.calls(), 300);
    for number in 1..300 {
        let answer = site.get(&format!("/nothing/{number}")).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    }
    assert_eq!(site.calls(), 301);
    let useful = site.get("/books/").await;
    assert_eq!(use_of(&useful), Some(CacheUse::Hit));
    let counts = site.cache.counts().unwrap();
    assert!(counts.evictions > 100, "{counts:?}");
    assert!(counts.bytes <= 1 << 20, "{counts:?}");
    assert!(counts.entries > 20, "{counts:?}");
}
