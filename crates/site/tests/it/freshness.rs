//! Pages of a running program that caches them show what was committed, whoever has written it. No
//! reader is given an older page after a newer one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use db::{ConnectionTrait as _, Database};
use rand::Rng as _;
use serde_json::json;

use crate::admin::{PASSWORD, add_account};
use crate::fixtures::load;
use crate::support::browser::Browser;
use crate::support::program::Server;
use crate::support::{TestApp, chance, on_both_databases};

/// The pages that show the title of the one letting.
const PAGES: [&str; 3] = ["/", "/lettings/", "/lettings/1/"];

const CHANGE: &str = "/admin/lettings/letting/1/change/";

/// Readers of each page, beside the one who waits for what was committed.
const READERS: usize = 1;

/// How many commits there are at least.
const COMMITS: u64 = 30;

/// What was committed is seen within this time.
const DEADLINE: Duration = Duration::from_secs(10);

/// The edition that is only ever written to be rolled back.
const ROLLED_BACK: u64 = 1_000_000;

/// Who writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Writer {
    /// The admin of the program that serves the readers.
    Admin,
    /// SQL from another process.
    Sql,
    /// SQL from another process, which is rolled back.
    SqlRolledBack,
    /// The command `loaddata`.
    LoadData,
    /// The admin of Django beside us.
    Django,
}

/// What a reader that begins to ask now has to be given at least.
#[derive(Default)]
struct Seen {
    /// The newest edition that was seen on each page.
    pages: [AtomicU64; PAGES.len()],
    /// The newest edition whose writer our own program has answered.
    answered: AtomicU64,
    /// The newest edition that somebody has begun to write.
    begun: AtomicU64,
    is_over: AtomicBool,
}

/// A program with its readers. Each commit gives the letting's title the next edition.
pub(crate) struct ReadSite {
    pub(crate) app: TestApp,
    ours: Arc<Server>,
    theirs: Option<Server>,
    /// Logged in, on both servers alike.
    browser: Browser,
    /// The connection of [`Writer::Sql`].
    other: Database,
    seen: Arc<Seen>,
    readers: Vec<JoinHandle<()>>,
    edition: u64,
}

impl ReadSite {
    /// With readers that ask from now on until the end.
    pub(crate) async fn start(
        app: TestApp,
        ours: Server,
        theirs: Option<Server>,
        browser: Browser,
    ) -> Self {
        app.add_letting(1, &title(0)).await;
        let ours = Arc::new(ours);
        let seen = Arc::new(Seen::default());
        let readers = (0..PAGES.len() * READERS).map(|number| {
            let (ours, seen) = (Arc::clone(&ours), Arc::clone(&seen));
            thread::spawn(move || {
                while !seen.is_over.load(Ordering::SeqCst) {
                    seen.read(&ours, number % PAGES.len());
                }
            })
        });
        Self {
            readers: readers.collect(),
            other: app.database.open(),
            app,
            ours,
            theirs,
            browser,
            seen,
            edition: 0,
        }
    }

    /// The next edition, which somebody else writes.
    pub(crate) fn next_edition(&mut self) -> u64 {
        self.edition += 1;
        self.seen.begun.store(self.edition, Ordering::SeqCst);
        self.edition
    }

    /// Commits the next edition.
    pub(crate) async fn write(&mut self, writer: Writer) {
        if writer == Writer::SqlRolledBack {
            let transaction = self.other.begin().await.unwrap();
            let sql = update(ROLLED_BACK);
            transaction.execute_unprepared(&sql).await.unwrap();
            transaction.rollback().await.unwrap();
            return;
        }
        let edition = self.next_edition();
        match writer {
            Writer::Admin => {
                save(&mut self.browser, &self.ours, "form.record", edition);
                self.seen.answered.store(edition, Ordering::SeqCst);
            }
            Writer::Django => {
                let theirs = self.theirs.as_ref().unwrap();
                save(&mut self.browser, theirs, "#letting_form", edition);
            }
            Writer::LoadData => {
                let fields = json!({"title": title(edition), "address": 1});
                let letting = json!([{"model": "lettings.letting", "pk": 1, "fields": fields}]);
                load(&self.app.database, &letting.to_string());
            }
            Writer::Sql | Writer::SqlRolledBack => {
                let sql = update(edition);
                self.other.execute_unprepared(&sql).await.unwrap();
            }
        }
    }

    /// Commits in an order by chance, and waits after some commits until all pages show them.
    pub(crate) async fn write_by_chance(&mut self, writers: &[Writer]) {
        let mut random = chance();
        let end = self.edition + COMMITS;
        while self.edition < end {
            let writer = writers[random.random_range(..writers.len())];
            self.write(writer).await;
            if random.random_bool(0.5) {
                self.wait_until_shown();
            }
        }
        self.wait_until_shown();
    }

    /// Asks until every page shows the newest edition.
    #[track_caller]
    pub(crate) fn wait_until_shown(&self) {
        let start = Instant::now();
        for (number, page) in PAGES.iter().enumerate() {
            while self.seen.read(&self.ours, number) < self.edition {
                let edition = self.edition;
                assert!(
                    start.elapsed() < DEADLINE,
                    "{page} does not show edition {edition}"
                );
            }
        }
    }

    /// Ends the readers; one of them may have failed. Some pages came from memory.
    pub(crate) fn finish(mut self) {
        self.seen.is_over.store(true, Ordering::SeqCst);
        for reader in self.readers.drain(..) {
            reader.join().unwrap();
        }
        self.ours.await_logged("http.cache=\"hit\"");
    }
}

impl Drop for ReadSite {
    fn drop(&mut self) {
        // After a failed assertion.
        self.seen.is_over.store(true, Ordering::SeqCst);
    }
}

impl Seen {
    /// Reads a page, and checks that what it shows is not older than what was seen before.
    #[track_caller]
    fn read(&self, server: &Server, number: usize) -> u64 {
        let seen = self.pages[number].load(Ordering::SeqCst);
        let answered = self.answered.load(Ordering::SeqCst);
        let page = Browser::default().get(server, PAGES[number]).expect(200);
        let edition = edition_in(&page.body);
        let begun = self.begun.load(Ordering::SeqCst);
        let expected = seen.max(answered)..=begun;
        assert!(
            expected.contains(&edition),
            "{} shows edition {edition}, not one of {expected:?}",
            PAGES[number]
        );
        self.pages[number].fetch_max(edition, Ordering::SeqCst);
        edition
    }
}

fn title(edition: u64) -> String {
    format!("Edition {edition} of it")
}

/// The statement that writes an edition.
pub(crate) fn update(edition: u64) -> String {
    format!("UPDATE lettings_letting SET title = '{}'", title(edition))
}

#[track_caller]
fn edition_in(body: &str) -> u64 {
    let (_, rest) = body.split_once("Edition ").expect("the page has a title");
    let (edition, _) = rest.split_once(' ').unwrap();
    edition.parse().unwrap()
}

/// Saves an edition by the form of an admin, ours or Django's.
#[track_caller]
fn save(browser: &mut Browser, server: &Server, form: &str, edition: u64) {
    let page = browser.get(server, CHANGE).expect(200);
    let mut fields = page.form_fields(form);
    fields.retain(|(name, _)| name != "csrfmiddlewaretoken");
    for (name, value) in &mut fields {
        if name == "title" {
            *value = title(edition);
        }
    }
    let fields: Vec<_> = fields
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    browser.post(server, CHANGE, &page, &fields).expect(302);
}

on_both_databases! {
    async fn what_was_committed_shows_whoever_wrote_it(app: TestApp) {
        add_account(&app, 7, "ann", &[]).await;
        let settings = [
            ("ALLOWED_HOSTS", "127.0.0.1"),
            ("DATABASE_URL", app.database.url.as_str()),
            ("SECRET_KEY", "for-tests-alone-0123456789-abcdefghijklmnopqrstuvwxyz"),
        ];
        let ours = Server::start(app.database.folder.path(), &settings);
        let mut browser = Browser::default();
        let form = browser.get(&ours, "/admin/login/").expect(200);
        let fields = [("username", "ann"), ("password", PASSWORD)];
        browser.post(&ours, "/admin/login/", &form, &fields).expect(302);
        let mut site = ReadSite::start(app, ours, None, browser).await;
        let writers = [Writer::Admin, Writer::Sql, Writer::SqlRolledBack, Writer::LoadData];
        site.write_by_chance(&writers).await;
        site.finish();
    }
}
