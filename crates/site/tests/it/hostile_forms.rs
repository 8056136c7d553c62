//! Thousands of enquiries that nobody should send, on real sockets to the real program: none makes it fail
//! or grow, and whatever is stored and written to anybody keeps the rules.

mod forms;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Instant;

use accounts::signing::{Keys, Signer};
use chrono::{Days, TimeDelta};
use db::datetime::now;
use mail::Address;
use sea_orm::EntityTrait as _;
use site::domain::enquiry::{self, GUESTS, MESSAGE, NAME, TELEPHONE};

use self::forms::{Forms, INJECTED};
use crate::admin::shared::{number, texts};
use crate::homes::add_home;
use crate::mutations::{assert_harmless, exchange, memory_kb, statuses};
use crate::support::app::SECRET_KEY;
use crate::support::program::{Server, command, command_of};
use crate::support::{TestApp, on_both_databases, variable};

/// Of `make test`, on each database; `cargo xtask bench mutations` sends more.
const DEFAULT_NUMBER: u64 = 500;
const DEFAULT_SEED: u64 = 1;
const THREADS: u64 = 4;

/// How much more memory the program may take at the end than after the first tenth. A form may have 32 KiB: if
/// each left itself behind, a thousand would be 32 MB.
const MAX_GROWTH_KB: u64 = (8 + 12) * 1024;

/// The most bytes of a form that are read (`BODY_LIMITS` of the router).
const LARGEST_FORM: usize = 32 * 1024;

/// What a letter of ours has in its head.
const HEADERS: [&str; 9] = [
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "reply-to",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
];

/// Sends the forms with these numbers from several threads, and counts the statuses of their answers.
fn send(address: &str, forms: &Forms, from: u64, to: u64) -> BTreeMap<u16, u64> {
    let send_part = |part: u64| {
        let mut counts: BTreeMap<u16, u64> = BTreeMap::new();
        for number in (from..to).filter(|number| number % THREADS == part) {
            let request = forms.request(number);
            let status = statuses(&exchange(address, &request)).first().copied();
            let shown = || request.escape_ascii().to_string();
            // Whoever sends more than is read may miss the answer: the connection is reset.
            let is_large = request.len() > LARGEST_FORM;
            let status = status.or(is_large.then_some(0));
            let status = status.unwrap_or_else(|| panic!("no answer to {number}: {}", shown()));
            assert!(status < 500, "{status} to number {number}: {}", shown());
            *counts.entry(status).or_default() += 1;
        }
        counts
    };
    std::thread::scope(|scope| {
        let parts: Vec<_> = (0..THREADS)
            .map(|part| scope.spawn(move || send_part(part)))
            .collect();
        let mut all: BTreeMap<u16, u64> = BTreeMap::new();
        for part in parts {
            for (status, count) in part.join().unwrap() {
                *all.entry(status).or_default() += count;
            }
        }
        all
    })
}

/// Checks a row by the rules of its table, which the form has to keep.
fn assert_good(row: &enquiry::Model) {
    let length = |text: &str| text.chars().count();
    let is_line_end = |c: char| matches!(c, '\u{2028}' | '\u{2029}');
    let is_hidden = |c: char| c.is_control() || is_line_end(c);
    let is_plain = |text: &str| !text.chars().any(is_hidden);
    assert!(
        NAME.contains(&length(&row.name)) && is_plain(&row.name),
        "{row:?}"
    );
    assert_eq!(
        Address::parse(&row.email).unwrap().as_str(),
        row.email,
        "{row:?}"
    );
    assert!(
        TELEPHONE.contains(&length(&row.telephone)) && is_plain(&row.telephone),
        "{row:?}"
    );
    assert!((1..=MESSAGE).contains(&length(&row.message)), "{row:?}");
    assert!(
        !row.message
            .replace(['\n', '\t'], "")
            .chars()
            .any(char::is_control),
        "{row:?}"
    );
    let (arrival, departure) = (row.arrival.unwrap(), row.departure.unwrap());
    assert!(
        now().date_naive() - Days::new(1) <= arrival && arrival < departure,
        "{row:?}"
    );
    for count in [row.adults, row.children, row.pets] {
        assert!(GUESTS.contains(&count.0), "{row:?}");
    }
    // The home is for four.
    assert!(
        row.adults.0 >= 1 && row.adults.0 + row.children.0 <= 4,
        "{row:?}"
    );
    assert!(["new", "spam"].contains(&&*row.state), "{row:?}");
    assert!(["en", "fr"].contains(&&*row.language), "{row:?}");
    assert!(row.stay_id.is_none(), "{row:?}");
    assert_eq!(row.number.len(), 9, "{row:?}");
}

/// Checks the head of each letter that the program has written into a folder, and returns how many there are.
fn assert_good_letters(folder: &Path) -> usize {
    let files = fs::read_dir(folder).unwrap();
    let mut count = 0;
    for file in files {
        let letter = fs::read_to_string(file.unwrap().path()).unwrap();
        let (head, _) = letter.split_once("\r\n\r\n").unwrap();
        let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        let mut names: Vec<_> = unfolded
            .split("\r\n")
            .map(|line| line.split_once(':').unwrap().0.to_lowercase())
            .collect();
        for name in &names {
            assert!(HEADERS.contains(&&**name), "{name} in {head}");
        }
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all, "a header stands twice in {head}");
        assert!(!head.contains(['\0', '\u{b}', '\u{c}', '\u{7f}']), "{head}");
        let to = unfolded
            .split("\r\n")
            .find_map(|line| line.strip_prefix("To: "));
        assert!(!to.unwrap().contains(INJECTED), "{head}");
        count += 1;
    }
    count
}

/// Starts the program on the database of an application. Its letters are files of a folder.
fn start(app: &TestApp, letters: &Path) -> Server {
    fs::create_dir(letters).unwrap();
    let folder = app.database.folder.path();
    let email_url = format!("file:{}", letters.display());
    let settings = [
        ("ALLOWED_HOSTS", "localhost"),
        ("DATABASE_URL", &app.database.url),
        ("SECRET_KEY", SECRET_KEY),
        ("EMAIL_URL", &email_url),
        ("DEFAULT_FROM_EMAIL", "post@site.example"),
        ("ENQUIRY_EMAIL", "desk@site.example"),
        ("LOG_FORMAT", "json"),
    ];
    let mut command = match variable("MUTATIONS_PROGRAM") {
        Some(path) => command_of(Path::new(&path), folder, &settings),
        None => command(folder, &settings),
    };
    Server::spawn(command.args(["serve", "--bind", "127.0.0.1:0"]))
}

/// The time of a form, as if it had been opened a minute ago.
fn stamp() -> String {
    let keys = Keys {
        current: SECRET_KEY.into(),
        fallbacks: Vec::new(),
    };
    let signer = Signer::new(&keys, "oc_lettings.enquiry.form");
    signer.sign_at("1", now() - TimeDelta::minutes(1))
}

/// Sends the forms, and checks their answers and what memory the program takes.
#[expect(clippy::print_stdout, reason = "the bench reports it")]
fn send_all(server: &Server) {
    let setting = |name, default| variable(name).map_or(default, |value| value.parse().unwrap());
    let all = setting("HOSTILE_FORMS", DEFAULT_NUMBER);
    let forms = Forms {
        seed: setting("MUTATIONS_SEED", DEFAULT_SEED),
        stamp: stamp(),
        today: now().date_naive(),
    };
    let began = Instant::now();
    let mut counts = send(&server.address, &forms, 0, all / 10);
    let before = memory_kb(server);
    for (status, count) in send(&server.address, &forms, all / 10, all) {
        *counts.entry(status).or_default() += count;
    }
    let after = memory_kb(server);
    println!(
        "{all} hostile forms of seed {} in {:.1} s: {counts:?}; VmRSS {before} kB after the first tenth, \
         {after} kB at the end",
        forms.seed,
        began.elapsed().as_secs_f64()
    );
    // Otherwise the forms are too wild, or too tame, to try anything.
    for status in [200, 303, 413] {
        let count = counts.get(&status).copied().unwrap_or_default();
        assert!(count > all / 50, "{status}: {counts:?}");
    }
    // Each has an address of its own.
    assert!(!counts.contains_key(&429), "{counts:?}");
    assert!(after <= before + MAX_GROWTH_KB, "{before} kB, {after} kB");
}

on_both_databases! {
    async fn forms_that_nobody_should_send_do_no_harm(app: TestApp) {
        add_home(&app, 1).await;
        let letters = app.database.folder.path().join("letters");
        let server = start(&app, &letters);
        send_all(&server);
        // Every letter is sent, or given up.
        let waiting = "SELECT COUNT(*) FROM oc_lettings_letter WHERE next_attempt_at IS NOT NULL";
        while number(&app, waiting).await > 0 {
            tokio::task::yield_now().await;
        }
        let (code, log) = server.stop("TERM");
        assert_eq!(code, Some(0));
        assert_harmless(&log);
        let rows = enquiry::Entity::find().all(&app.db).await.unwrap();
        rows.iter().for_each(assert_good);
        let queued = texts(&app, "SELECT subject || recipient || reply_to FROM oc_lettings_letter").await;
        assert!(queued.iter().all(|line| !line.chars().any(char::is_control)), "{queued:?}");
        // One to the guest, one to the desk.
        let expected = 2 * rows.iter().filter(|row| row.state == "new").count();
        assert!(expected > 0);
        assert_eq!((queued.len(), assert_good_letters(&letters)), (expected, expected));
    }
}
