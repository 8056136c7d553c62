//! The application under test: the real router on a real database, without a socket.

use std::convert::Infallible;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use calendars::fetch::Reach;
use chrono::NaiveDate;
use chrono_tz::Tz;
use db::{Database, DbErr, Integer};
use http::{HeaderMap, Method, Request, StatusCode, Version};
use http_body_util::BodyExt as _;
use scraper::{Html, Selector};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ActiveModelTrait as _, ConnectionTrait as _};
use server::PeerAddress;
use site::calendar::Calendar;
use site::domain::{address, letting};
use site::feeds::Feeds;
use site::front::Front;
use site::router::router;
use site::schema::SCHEMA;
use site::settings::{Environment, RequiredSettings, Settings};
use site::state::AppState;
use telemetry::report::Reporter;
use tower::{Service, ServiceExt as _};

use super::{Backend, TestDatabase};

pub(crate) struct TestApp {
    pub(crate) router: Front,
    pub(crate) db: Database,
    pub(crate) database: TestDatabase,
    /// What reads the calendars of other sites.
    pub(crate) feeds: Feeds,
    /// Where failures are reported, when there is a `SENTRY_DSN` among the variables.
    pub(crate) reporter: Option<Reporter>,
}

/// What the application signs with.
pub(crate) const SECRET_KEY: &str = "for-tests-alone-0123456789-abcdefghijklmnopqrstuvwxyz";

/// Settings from variables, as if the process had them.
pub(crate) fn settings(variables: &[(&str, &str)]) -> Settings {
    let variables = variables
        .iter()
        .map(|(k, v)| (OsString::from(k), OsString::from(v)));
    let environment = Environment::new(variables, None);
    let settings = Settings::from_environment(environment, RequiredSettings::Serve).unwrap();
    Settings {
        // This program is the test's.
        program: env!("CARGO_BIN_EXE_oc-lettings").into(),
        ..settings
    }
}

impl TestApp {
    /// On a migrated database without any data.
    pub(crate) async fn open(backend: Backend) -> Self {
        Self::on(TestDatabase::empty(backend).await, &[]).await
    }

    /// On a database that is migrated first, with further variables.
    pub(crate) async fn on(database: TestDatabase, variables: &[(&str, &str)]) -> Self {
        db::migrate::run(&database.config(), &SCHEMA).await.unwrap();
        Self::unmigrated(database, variables)
    }

    /// On a database as it is.
    pub(crate) fn unmigrated(database: TestDatabase, variables: &[(&str, &str)]) -> Self {
        let base = [
            ("SECRET_KEY", SECRET_KEY),
            ("ALLOWED_HOSTS", "site.example"),
            ("DATABASE_URL", &database.url),
            // Most tests ask for what is made, and some for how long that takes.
            ("PAGE_CACHE_SIZE", "0"),
        ];
        let settings = settings(&[&base[..], variables].concat());
        Self::of(database, &settings)
    }

    fn of(database: TestDatabase, settings: &Settings) -> Self {
        let reporter = site::observability::reporter(settings);
        let state = AppState::new(settings, reporter.clone()).unwrap();
        let db = state.db.clone();
        Self {
            feeds: state.feeds.clone(),
            router: router(settings, state).unwrap(),
            db,
            database,
            reporter,
        }
    }

    /// The same application with less time for each statement.
    pub(crate) fn with_statement_limit(self, limit: Duration) -> Self {
        let mut settings = settings(&[
            ("SECRET_KEY", SECRET_KEY),
            ("ALLOWED_HOSTS", "site.example"),
            ("DATABASE_URL", &self.database.url),
            ("PAGE_CACHE_SIZE", "0"),
        ]);
        settings.database.statement_limit = Some(limit);
        Self::of(self.database, &settings)
    }

    /// The same application with other settings, on days that the test sets: the clock is at noon, in UTC.
    pub(crate) fn on_days(self, day: &SetDay, variables: &[(&str, &str)]) -> Self {
        let settings = settings_on_days(&self.database.url, day, variables);
        Self::of(self.database, &settings)
    }

    /// The same application, whose calendars of other sites may lie on this machine.
    pub(crate) fn reading_feeds_here(self, day: &SetDay, variables: &[(&str, &str)]) -> Self {
        let mut settings = settings_on_days(&self.database.url, day, variables);
        settings.feed_reach = Reach::Loopback;
        Self::of(self.database, &settings)
    }

    /// Another instance of it on the same database, which the first one keeps.
    pub(crate) fn feeds_beside(&self, day: &SetDay, variables: &[(&str, &str)]) -> Feeds {
        let mut settings = settings_on_days(&self.database.url, day, variables);
        settings.feed_reach = Reach::Loopback;
        AppState::new(&settings, None).unwrap().feeds.clone()
    }

    /// The same application with other settings.
    pub(crate) fn with(self, variables: &[(&str, &str)]) -> Self {
        Self::unmigrated(self.database, variables)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(request(Method::GET, path)).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        send(&self.router, request).await
    }

    /// Runs SQL with `$1`-less text.
    pub(crate) async fn sql(&self, sql: &str) {
        self.db.execute_unprepared(sql).await.unwrap();
    }

    /// Adds a letting whose address is the house number of its id.
    pub(crate) async fn add_letting(&self, id: i64, title: &str) {
        let title = title.replace('\'', "''");
        self.sql(&format!(
            "INSERT INTO lettings_address VALUES ({id}, {id}, 'Bay Road', 'Boston', 'MA', 2134, 'USA')"
        ))
        .await;
        self.sql(&format!(
            "INSERT INTO lettings_letting (id, title, address_id) VALUES ({id}, '{title}', {id})"
        ))
        .await;
    }

    /// Adds a user and a profile, both of that id.
    pub(crate) async fn add_profile(&self, id: i64, username: &str) {
        self.sql(&format!(
            "INSERT INTO auth_user (id, password, is_superuser, username, first_name, last_name, \
             email, is_staff, is_active, date_joined) VALUES ({id}, '!', FALSE, '{username}', \
             'Ann', 'Lee', 'ann@example.com', FALSE, TRUE, '2026-01-02 03:04:05')"
        ))
        .await;
        self.sql(&format!(
            "INSERT INTO profiles_profile (id, favorite_city, user_id) VALUES ({id}, 'Oslo', {id})"
        ))
        .await;
    }
}

/// Settings by a clock that the test sets.
fn settings_on_days(url: &str, day: &SetDay, variables: &[(&str, &str)]) -> Settings {
    let base = [
        ("SECRET_KEY", SECRET_KEY),
        ("ALLOWED_HOSTS", "site.example"),
        ("DATABASE_URL", url),
        ("PAGE_CACHE_SIZE", "0"),
    ];
    let mut settings = settings(&[&base[..], variables].concat());
    let day = day.clone();
    settings.calendar = Calendar::with_clock(Tz::UTC, move || {
        let noon = day.0.lock().unwrap().and_hms_opt(12, 0, 0);
        noon.unwrap().and_utc()
    });
    settings
}

/// The day of an application, which a test sets.
#[derive(Clone)]
pub(crate) struct SetDay(Arc<Mutex<NaiveDate>>);

impl SetDay {
    pub(crate) fn new(day: &str) -> Self {
        Self(Arc::new(Mutex::new(day.parse().unwrap())))
    }

    pub(crate) fn set(&self, day: &str) {
        *self.0.lock().unwrap() = day.parse().unwrap();
    }
}

/// Saves a letting with its address, as a form does: both, or none.
pub(crate) async fn save_letting(db: &Database, title: &str) -> Result<(), DbErr> {
    let transaction = db.begin().await?;
    let new = address::ActiveModel {
        id: NotSet,
        number: Set(Integer(1)),
        street: Set("Bay Road".to_owned()),
        city: Set("Boston".to_owned()),
        state: Set("MA".to_owned()),
        zip_code: Set(Integer(2134)),
        country_iso_code: Set("USA".to_owned()),
    };
    let address = new.insert(&transaction).await?;
    let new = letting::ActiveModel {
        id: NotSet,
        title: Set(title.to_owned()),
        address_id: Set(address.id),
    };
    new.insert(&transaction).await?;
    transaction.commit().await
}

/// A request as a browser on this machine sends it to the site.
pub(crate) fn request(method: Method, path: &str) -> Request<Body> {
    let peer: SocketAddr = "127.0.0.1:50000".parse().unwrap();
    Request::builder()
        .method(method)
        .uri(path)
        .version(Version::HTTP_11)
        .header("host", "site.example")
        .extension(PeerAddress(peer))
        .body(Body::empty())
        .unwrap()
}

pub(crate) async fn send<S>(service: &S, request: Request<Body>) -> Answer
where
    S: Service<Request<Body>, Response = Response, Error = Infallible> + Clone,
{
    let response = service.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap_or_default(),
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The texts of the elements that a selector finds, white space folded.
    pub(crate) fn texts(&self, selector: &str) -> Vec<String> {
        let document = Html::parse_document(&self.body);
        let selector = Selector::parse(selector).unwrap();
        let text = |element: scraper::ElementRef<'_>| {
            let text: String = element.text().collect();
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        document.select(&selector).map(text).collect()
    }

    /// An attribute of the elements that a selector finds.
    pub(crate) fn attributes(&self, selector: &str, name: &str) -> Vec<String> {
        let document = Html::parse_document(&self.body);
        let selector = Selector::parse(selector).unwrap();
        let attribute = |element: scraper::ElementRef<'_>| element.attr(name).map(str::to_owned);
        document.select(&selector).filter_map(attribute).collect()
    }

    /// What a browser sends of a form that is left as it is, but for the buttons.
    pub(crate) fn form_fields(&self, selector: &str) -> Vec<(String, String)> {
        let document = Html::parse_document(&self.body);
        let select = |selector: &str| Selector::parse(selector).unwrap();
        let form = document.select(&select(selector)).next();
        let form = form.unwrap_or_else(|| panic!("no {selector} in\n{}", self.body));
        let mut fields = Vec::new();
        for element in form.select(&select("input[name], select[name], textarea[name]")) {
            let name = element.attr("name").unwrap();
            let is_chosen = element.attr("checked").is_some();
            let mut add = |value: &str| fields.push((name.to_owned(), value.to_owned()));
            match (
                element.value().name(),
                element.attr("type").unwrap_or("text"),
            ) {
                ("select", _) => {
                    for option in element.select(&select("option[selected]")) {
                        add(option.attr("value").unwrap());
                    }
                }
                ("textarea", _) => add(&element.text().collect::<String>()),
                (_, "submit" | "button") => {}
                (_, "checkbox" | "radio") if !is_chosen => {}
                (_, "checkbox") => add(element.attr("value").unwrap_or("on")),
                _ => add(element.attr("value").unwrap_or_default()),
            }
        }
        fields
    }

    /// What the page tells machines in the words of schema.org.
    pub(crate) fn linked_data(&self) -> Vec<serde_json::Value> {
        let document = Html::parse_document(&self.body);
        let selector = Selector::parse("script[type='application/ld+json']").unwrap();
        let text = |element: scraper::ElementRef<'_>| element.text().collect::<String>();
        let data = document.select(&selector).map(text);
        data.map(|text| serde_json::from_str(&text).unwrap())
            .collect()
    }

    /// Checks what makes a page a valid and accessible document.
    #[track_caller]
    pub(crate) fn assert_valid_html(&self) {
        let document = Html::parse_document(&self.body);
        assert_eq!(document.errors, Vec::<String>::new(), "{}", self.body);
        assert!(!self.body.contains("Unknown localization"), "{}", self.body);
        let count = |selector: &str| document.select(&Selector::parse(selector).unwrap()).count();
        for selector in ["html[lang]", "title", "main", "h1", "meta[name=viewport]"] {
            assert_eq!(count(selector), 1, "{selector} in\n{}", self.body);
        }
        let inline = "script:not([src]):not([type='application/ld+json'])";
        for selector in [inline, "style", "[style]", "[onclick]", "img:not([alt])"] {
            assert_eq!(count(selector), 0, "{selector} in\n{}", self.body);
        }
        let mut ids = self.attributes("[id]", "id");
        let all = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), all, "an id stands twice in\n{}", self.body);
    }
}
