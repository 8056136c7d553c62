//! What is recorded of Django, for tests that run without it, is what Django says now.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{DJANGO_4_2, DJANGO_5_2, Django};

fn data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn recorded(path: &str) -> String {
    fs::read_to_string(data(path)).unwrap()
}

/// What a script of the peer project prints, which finds its own database.
#[track_caller]
fn printed(django: Django, args: &[&str]) -> String {
    let (code, text) = django.ask("", args);
    assert_eq!(code, Some(0), "{args:?}: {text}");
    text
}

/// Compressed bytes are those of the library that compressed them.
fn without_compressed(value: Value) -> Value {
    match value {
        Value::String(text) if text.starts_with('.') => Value::Null,
        Value::Array(values) => values.into_iter().map(without_compressed).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| (name, without_compressed(value)))
            .collect(),
        value => value,
    }
}

#[track_caller]
fn assert_current(django: Django, args: &[&str], path: &str) {
    let [theirs, ours] = [printed(django, args), recorded(path)]
        .map(|text| without_compressed(serde_json::from_str(&text).unwrap()));
    assert!(
        theirs == ours,
        "{path} is not what Django says: `cargo xtask record` writes it anew"
    );
}

#[test]
fn the_answers_of_5_2_are_current() {
    let path = "../accounts/tests/data/django-5.2.json";
    assert_current(DJANGO_5_2, &["vectors.py"], path);
    assert_current(DJANGO_5_2, &["visit.py"], "tests/data/visit.json");
}

#[test]
fn the_answers_of_django_4_2_are_current() {
    let path = "../accounts/tests/data/django-4.2.json";
    assert_current(DJANGO_4_2, &["vectors.py"], path);
}

/// Django 4.2 makes them of the original one, which Django 3.0 has made.
#[test]
fn the_databases_of_django_4_2_are_current() {
    let original = data("tests/data/original.sql");
    for name in ["modular", "modular-600k"] {
        let args = ["older_site.py", name, original.to_str().unwrap()];
        let theirs = printed(DJANGO_4_2, &args);
        assert_eq!(
            theirs,
            recorded(&format!("tests/data/{name}.sql")),
            "{name}"
        );
    }
}
