//! The grammar of Prometheus' text form 0.0.4
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/>), and nothing that it lacks.

use std::collections::{BTreeMap, BTreeSet};

/// Checks every line: names, types, labels, numbers; that a family is described once, before its
/// samples, which stand together; that no sample stands twice; that histograms are whole.
#[track_caller]
pub(super) fn assert_plain(text: &str) {
    assert!(text.ends_with('\n'), "the last line has no end");
    let mut types = BTreeMap::new();
    let mut helped = BTreeSet::new();
    let mut samples = BTreeMap::new();
    let mut current = String::new();
    for line in text.lines() {
        if let Some(told) = line.strip_prefix("# HELP ") {
            let (name, words) = told.split_once(' ').expect(line);
            assert!(is_name(name) && helped.insert(name), "{line}");
            assert!(
                !words.is_empty() && escapes_are_known(words, "\\n"),
                "{line}"
            );
        } else if let Some(told) = line.strip_prefix("# TYPE ") {
            let (name, kind) = told.split_once(' ').expect(line);
            let kinds = ["counter", "gauge", "histogram", "summary", "untyped"];
            assert!(is_name(name) && kinds.contains(&kind), "{line}");
            assert!(types.insert(name, kind).is_none(), "{line}");
            name.clone_into(&mut current);
        } else {
            assert!(!line.starts_with('#'), "{line}");
            let (name, labels, value) = sample(line);
            let endings: &[&str] = match types.get(&*current) {
                Some(&"histogram") => &["_bucket", "_sum", "_count"],
                _ => &[""],
            };
            let belongs = endings
                .iter()
                .any(|ending| name == format!("{current}{ending}"));
            assert!(belongs, "{line} after the description of {current}");
            if types.get(&*current) == Some(&"counter") {
                assert!(name.ends_with("_total") && value >= 0.0, "{line}");
            }
            let former = samples.insert((name.to_owned(), labels), value);
            assert!(former.is_none(), "{line} stands twice");
        }
    }
    assert!(
        types.keys().all(|name| helped.contains(name)),
        "a family without words"
    );
    assert_histograms(&samples);
}

type Samples = BTreeMap<(String, BTreeMap<String, String>), f64>;

/// Each has a bucket without bound that holds as many as are counted.
#[track_caller]
fn assert_histograms(samples: &Samples) {
    let counts = samples.iter().filter_map(|((name, labels), count)| {
        let family = name.strip_suffix("_count")?;
        Some((family, name, labels, count))
    });
    for (family, name, labels, count) in counts {
        let mut bucket = labels.clone();
        bucket.insert("le".to_owned(), "+Inf".to_owned());
        let all = samples.get(&(format!("{family}_bucket"), bucket));
        assert_eq!(all, Some(count), "{name} {labels:?}");
        let sum = (format!("{family}_sum"), labels.clone());
        assert!(samples.contains_key(&sum), "{name} {labels:?}");
    }
}

/// The name, the labels and the value of a sample; there is no time behind it.
#[track_caller]
fn sample(line: &str) -> (&str, BTreeMap<String, String>, f64) {
    let end = line.find(['{', ' ']).expect(line);
    let (name, mut rest) = line.split_at(end);
    assert!(is_name(name), "{line}");
    let mut labels = BTreeMap::new();
    if let Some(inner) = rest.strip_prefix('{') {
        rest = inner;
        while !rest.starts_with('}') {
            let (label, after) = rest.split_once("=\"").expect(line);
            assert!(is_name(label) && !label.contains(':'), "{line}");
            let mut escaped = false;
            let end = after.find(|character| {
                let ends = character == '"' && !escaped;
                escaped = character == '\\' && !escaped;
                ends
            });
            let (value, after) = after.split_at(end.expect(line));
            assert!(escapes_are_known(value, "\\n\""), "{line}");
            assert!(
                labels.insert(label.to_owned(), value.to_owned()).is_none(),
                "{line}"
            );
            let after = &after[1..];
            rest = after.strip_prefix(',').unwrap_or(after);
        }
        rest = &rest[1..];
    }
    let value = rest.strip_prefix(' ').expect(line);
    (name, labels, value.parse().expect(line))
}

fn is_name(text: &str) -> bool {
    let letter = |c: char| c.is_ascii_alphabetic() || matches!(c, '_' | ':');
    text.starts_with(letter) && text.chars().all(|c| letter(c) || c.is_ascii_digit())
}

/// Whether every backslash stands before one of the characters.
fn escapes_are_known(text: &str, known: &str) -> bool {
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character == '\\' && !characters.next().is_some_and(|next| known.contains(next)) {
            return false;
        }
    }
    true
}
