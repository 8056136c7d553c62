//! Words that do not occur: the site's in the engines, waiting and skipping in tests, doers among
//! the names, global state; in texts, one sex for everybody. What is looked for in this file, too,
//! is put together here.

use crate::tree::{File, Finding, assert_found, assert_none, files, sources};

/// The crates that do not know what the site is about.
const ENGINES: [&str; 13] = [
    "accounts",
    "admin",
    "calendars",
    "db",
    "deploy",
    "fixtures",
    "hashers",
    "mail",
    "pictures",
    "server",
    "staticfiles",
    "telemetry",
    "web",
];

#[test]
fn the_engines_do_not_know_the_site() {
    assert_none(files().iter().flat_map(site_words));
}

#[test]
fn words_of_the_site_are_found_in_engines() {
    let text = "Book\nsetting profile\nlet t = \"oc_lettings_letting\";\nLETTINGS\n\
                struct UserProfile;\nprofile.favorite_city\n";
    let examples = [
        File::new("crates/db/src/a.rs", text),
        File::new("crates/db/Cargo.toml", text),
        File::new("crates/dbase/src/a.rs", text),
        File::new("crates/site/src/a.rs", text),
        File::new("README.md", text),
    ];
    assert_found(
        examples.iter().flat_map(site_words),
        &[
            "crates/db/src/a.rs:3: a word of the site: `oc_lettings_letting`",
            "crates/db/src/a.rs:4: a word of the site: `LETTINGS`",
            "crates/db/src/a.rs:5: a word of the site: `UserProfile`",
            "crates/db/src/a.rs:6: a word of the site: `favorite_city`",
        ],
    );
}

fn site_words(file: &File) -> Vec<Finding> {
    let mut folders = file.path.split('/');
    let is_in_crates = folders.next() == Some("crates");
    let is_engine = folders.next().is_some_and(|name| ENGINES.contains(&name));
    // A package may say which product it belongs to.
    if !is_in_crates || !is_engine || file.name() == "Cargo.toml" {
        return Vec::new();
    }
    let is_of_the_site = |word: &&str| {
        word.to_ascii_lowercase().contains("letting")
            || word.contains("favorite_city")
            || word.contains("Profile")
    };
    file.lines()
        .flat_map(|(number, line)| words(line).map(move |word| (number, word)))
        .filter(|(_, word)| is_of_the_site(word))
        .map(|(number, word)| file.finding(number, &format!("a word of the site: `{word}`")))
        .collect()
}

/// The tables of accounts and a field of theirs, which the descriptions of models have as data.
const OF_ACCOUNTS: [&str; 3] = ["auth_user", "django_content_type", "email"];

#[test]
fn the_admin_does_not_know_accounts_by_name() {
    assert_none(files().iter().flat_map(account_words));
    let text = "table == \"auth_user\"\nfield.input_email\nname == \"email\"\nauth_users\n";
    let examples = [
        File::new("crates/admin/src/a.rs", text),
        File::new("crates/admin/tests/it/a.rs", text),
        File::new("crates/accounts/src/a.rs", text),
    ];
    assert_found(
        examples.iter().flat_map(account_words),
        &[
            "crates/admin/src/a.rs:1: belongs into a description: `auth_user`",
            "crates/admin/src/a.rs:3: belongs into a description: `email`",
        ],
    );
}

fn account_words(file: &File) -> Vec<Finding> {
    if !file.path.starts_with("crates/admin/src/") {
        return Vec::new();
    }
    file.lines()
        .flat_map(|(number, line)| words(line).map(move |word| (number, word)))
        .filter(|(_, word)| OF_ACCOUNTS.contains(word))
        .map(|(number, word)| {
            file.finding(number, &format!("belongs into a description: `{word}`"))
        })
        .collect()
}

/// What no test does: be left out, expect any panic at all, or wait.
const NOT_IN_TESTS: [&str; 4] = [
    concat!("#[", "ignore"),
    concat!("#[", "should_panic"),
    concat!("thread", "::sleep"),
    concat!("time", "::sleep"),
];

#[test]
fn tests_run_and_do_not_wait() {
    assert_none(sources().iter().flat_map(lazy_tests));
}

#[test]
fn lazy_tests_are_found() {
    let lazy = NOT_IN_TESTS.join("\n");
    let examples = [
        File::new(
            "crates/db/src/a.rs",
            &format!("{lazy}\n#[cfg(test)]\n{lazy}\n"),
        ),
        File::new("crates/db/tests/it/b.rs", &lazy),
        File::new("crates/db/src/c.rs", &lazy),
    ];
    let places = [("src/a.rs", 6), ("tests/it/b.rs", 1)];
    let expected: Vec<_> = places
        .iter()
        .flat_map(|(path, first)| {
            let words = (*first..).zip(NOT_IN_TESTS);
            words.map(move |(line, word)| format!("crates/db/{path}:{line}: `{word}` in a test"))
        })
        .collect();
    let expected: Vec<_> = expected.iter().map(String::as_str).collect();
    assert_found(examples.iter().flat_map(lazy_tests), &expected);
}

fn lazy_tests(file: &File) -> Vec<Finding> {
    let Some(first) = file.first_test_line() else {
        return Vec::new();
    };
    let lines = file.lines().filter(|(number, _)| *number >= first);
    lines
        .flat_map(|(number, line)| {
            let words = NOT_IN_TESTS
                .iter()
                .filter(move |word| line.contains(**word));
            words.map(move |word| file.finding(number, &format!("`{word}` in a test")))
        })
        .collect()
}

#[test]
fn nothing_is_named_a_doer() {
    assert_none(sources().iter().flat_map(doers));
}

#[test]
fn doers_are_found_where_they_are_defined() {
    let text = [
        "pub struct SessionManager<T>;",
        "    pub(crate) enum DbUtils {",
        "impl tower::Service for Letter {",
        "use tower::Service;",
        "struct Utility;",
        "mod test_helpers;",
        "// struct OldHelper",
        "pub trait Service: Clone {",
        "mod utils {",
    ];
    assert_found(
        doers(&File::new("a.rs", &text.join("\n"))),
        &[
            "a.rs:1: `SessionManager`: name what it is or does",
            "a.rs:2: `DbUtils`: name what it is or does",
            "a.rs:6: `test_helpers`: name what it is or does",
            "a.rs:8: `Service`: name what it is or does",
            "a.rs:9: `utils`: name what it is or does",
        ],
    );
}

fn doers(file: &File) -> Vec<Finding> {
    let definitions = file
        .lines()
        .filter_map(|(number, line)| Some((number, defined_name(line)?)));
    definitions
        .filter(|(_, name)| {
            let name = name.to_ascii_lowercase();
            let name = name.strip_suffix('s').unwrap_or(&name);
            ["manager", "service", "helper", "util"]
                .iter()
                .any(|doer| name.ends_with(doer))
        })
        .map(|(number, name)| file.finding(number, &format!("`{name}`: name what it is or does")))
        .collect()
}

/// The name of the type, trait or module that a line defines.
fn defined_name(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace();
    let mut word = words.next()?;
    if word.starts_with("pub") {
        word = words.next()?;
    }
    if !["struct", "enum", "trait", "mod", "type", "union"].contains(&word) {
        return None;
    }
    self::words(words.next()?).next()
}

/// Files that may hold state of the whole process; each with its reason.
const MAY_BE_GLOBAL: [&str; 0] = [];

#[test]
fn there_is_no_global_state() {
    assert_none(sources().iter().flat_map(global_state));
}

#[test]
fn global_state_is_found() {
    let lazy = concat!("Lazy", "Lock");
    let text = format!("//! x\nstatic A: {lazy}<u8> = {lazy}::new(|| 1);\n");
    assert_found(
        global_state(&File::new("a.rs", &text)),
        &[&format!("a.rs:2: `{lazy}`: pass it on by the state of the application") as &str],
    );
}

fn global_state(file: &File) -> Vec<Finding> {
    if MAY_BE_GLOBAL.contains(&&*file.path) {
        return Vec::new();
    }
    let global = [concat!("Lazy", "Lock"), concat!("Once", "Lock")];
    file.lines()
        .filter_map(|(number, line)| {
            let word = words(line).find(|word| global.contains(word))?;
            let what = format!("`{word}`: pass it on by the state of the application");
            Some(file.finding(number, &what))
        })
        .collect()
}

/// The identifiers of a line.
fn words(line: &str) -> impl Iterator<Item = &str> {
    let is_in_word = |c: char| c.is_alphanumeric() || c == '_';
    line.split(move |c| !is_in_word(c))
        .filter(|word| !word.is_empty())
}

#[test]
fn people_are_they() {
    assert_none(files().iter().flat_map(gendered));
}

#[test]
fn words_for_one_sex_are_found_in_texts() {
    let text = "They see what she saw.\nHelp him, here.\nThe others.\n";
    let examples = [
        File::new("a.md", text),
        File::new("locales/en/a.ftl", text),
        File::new("a.sql", text),
    ];
    assert_found(
        examples.iter().flat_map(gendered),
        &[
            "a.md:1: `she`: whoever it is, say they or the role",
            "a.md:2: `him`: whoever it is, say they or the role",
            "locales/en/a.ftl:1: `she`: whoever it is, say they or the role",
            "locales/en/a.ftl:2: `him`: whoever it is, say they or the role",
        ],
    );
}

/// In what people read. French has its own test.
fn gendered(file: &File) -> Vec<Finding> {
    let is_text = [".md", ".ftl"].iter().any(|end| file.path.ends_with(end));
    if !is_text {
        return Vec::new();
    }
    let gendered = [
        "he", "him", "his", "himself", "she", "her", "hers", "herself",
    ];
    file.lines()
        .flat_map(|(number, line)| words(line).map(move |word| (number, word)))
        .filter(|(_, word)| gendered.contains(&&*word.to_lowercase()))
        .map(|(number, word)| {
            let what = format!("`{word}`: whoever it is, say they or the role");
            file.finding(number, &what)
        })
        .collect()
}
