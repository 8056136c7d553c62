//! The texts: each message in every language, each of use, and none in a template.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A message's name, with what stands behind it.
type Messages = BTreeMap<String, String>;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Every file below a folder with its text, in order.
fn files(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if let Ok(text) = fs::read_to_string(&path) {
            found.push((path, text));
        }
    }
    found.sort();
    found
}

/// The templates of the site and of the engine behind its admin.
fn templates() -> Vec<(PathBuf, String)> {
    let mut found = files(&folder("templates"));
    found.extend(files(&folder("../admin/templates")));
    found
}

/// The messages of a language by file and name.
fn messages(language: &str) -> BTreeMap<(String, String), String> {
    let mut all = BTreeMap::new();
    for (path, text) in files(&folder("locales").join(language)) {
        let file = path.file_name().unwrap().to_str().unwrap();
        for (name, value) in parse(&text) {
            let before = all.insert((file.to_owned(), name.clone()), value);
            assert_eq!(before, None, "{name} stands twice in {language}/{file}");
        }
    }
    all
}

/// A message begins at the start of a line; what is indented belongs to the one before.
fn parse(text: &str) -> Messages {
    let mut messages = Messages::new();
    let mut current = String::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some((name, value)) = line.split_once(" =").filter(|_| !line.starts_with(' ')) {
            name.clone_into(&mut current);
            messages.insert(current.clone(), value.trim().to_owned());
        } else if !line.trim().is_empty() {
            let value = messages.get_mut(&current).expect("a message before it");
            value.push('\n');
            value.push_str(line);
        }
    }
    messages
}

/// The variables of a message: `$name`.
fn variables(value: &str) -> BTreeSet<&str> {
    let mut parts = value.split('$');
    parts.next();
    let is_in_name = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    parts
        .map(|part| &part[..part.find(|c| !is_in_name(c)).unwrap_or(part.len())])
        .collect()
}

#[test]
fn every_language_has_every_message_in_the_same_file_with_the_same_variables() {
    let (english, french) = (messages("en"), messages("fr"));
    assert!(english.len() > 50, "{}", english.len());
    let names = |messages: &BTreeMap<(String, String), String>| -> Vec<_> {
        messages.keys().cloned().collect()
    };
    assert_eq!(names(&english), names(&french));
    for (key, value) in &english {
        assert_eq!(variables(value), variables(&french[key]), "{key:?}");
        // A text that was forgotten looks like this; some words are the same in both.
        let same = [
            "site-name",
            "page-navigation",
            "admin-count",
            "admin-number",
            "date-month",
            "field-latitude",
            "field-longitude",
            "home-photos",
            "part-photos",
            "home-publication",
            "gallery-count",
            "gallery-photo",
            "gallery-title",
            "offer-kind-studio",
            "offer-kind-villa",
            "offer-square-metres",
            "search-said-choice",
            "amenity-barbecue",
            "amenity-garage",
            "amenity-sauna",
            "amenity-wifi",
        ];
        let is_same = *value == french[key];
        assert_eq!(is_same, same.contains(&&*key.1), "{key:?} is {value}");
    }
}

#[test]
fn every_message_is_used() {
    let mut sources = files(&folder("src"));
    sources.extend(files(&folder("templates")));
    sources.extend(files(&folder("../web/src")));
    sources.extend(files(&folder("../admin")));
    let is_used = |name: &str| {
        let quoted = format!("\"{name}\"");
        sources.iter().any(|(_, text)| text.contains(&quoted))
    };
    let unused: Vec<_> = messages("en").into_keys().map(|(_, name)| name).collect();
    let unused: Vec<_> = unused.iter().filter(|name| !is_used(name)).collect();
    assert!(unused.is_empty(), "{unused:?}");
}

#[test]
fn every_message_that_is_asked_for_is_there() {
    let known: BTreeSet<String> = messages("en").into_keys().map(|(_, name)| name).collect();
    for (path, text) in templates() {
        for call in [
            "text(\"",
            "text_with(\"",
            "section_key = \"",
            "texts.get(\"",
        ] {
            for part in text.split(call).skip(1) {
                let name = part.split('"').next().unwrap();
                assert!(known.contains(name), "{name} in {}", path.display());
            }
        }
    }
}

#[test]
fn templates_hold_no_words() {
    for (path, text) in templates() {
        let bare = bare_words(&text);
        assert!(bare.is_empty(), "{bare:?} in {}", path.display());
    }
    let example = "<p title=\"Some\">{{ word }}Bare <b>text</b>{% if x %}</p><code>oc-lettings demo\
                   </code><svg aria-label=\"{{ x }}\"></svg><script>{{ y }}</script>";
    assert_eq!(bare_words(example), ["Bare", "text", "title=Some"]);
}

/// Words between the tags, and in the attributes that are read out or shown. What stands in a
/// `code` is for a machine.
fn bare_words(template: &str) -> Vec<String> {
    let mut text = template.to_owned();
    for (start, end) in [
        ("{{", "}}"),
        ("{%", "%}"),
        ("{#", "#}"),
        ("<code>", "</code>"),
    ] {
        while let Some(from) = text.find(start) {
            let to = text[from..]
                .find(end)
                .map_or(text.len(), |to| from + to + end.len());
            text.replace_range(from..to, "");
        }
    }
    let mut words = Vec::new();
    let mut attributes = Vec::new();
    for part in text.split('<') {
        let (tag, between) = part.split_once('>').unwrap_or(("", part));
        for name in ["title", "alt", "aria-label", "placeholder", "data-done"] {
            let value = tag.split(&format!("{name}=\"")).nth(1);
            let value = value.and_then(|rest| rest.split('"').next());
            if let Some(value) = value.filter(|value| value.contains(char::is_alphabetic)) {
                attributes.push(format!("{name}={value}"));
            }
        }
        let is_word = |word: &&str| word.contains(char::is_alphabetic);
        words.extend(
            between
                .split_whitespace()
                .filter(is_word)
                .map(str::to_owned),
        );
    }
    words.extend(attributes);
    words
}
