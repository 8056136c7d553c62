//! The owner's guide quotes the site: what it sets in italics or in bold is a text of the site in that
//! language, so that a label that changes is missed here.

use std::fs;

use crate::tree::{File, files, root};

/// Stands for what varies in a text, in the guide as in the catalogues.
const ANYTHING: char = '…';

/// Labels that are no texts of a catalogue.
const OTHERS: [&str; 4] = ["csv", "×", "français", "english"];

#[test]
fn the_guide_has_the_words_of_the_site() {
    for language in ["en", "fr"] {
        let pages: Vec<File> = files()
            .into_iter()
            .filter(|file| file.path.starts_with(&format!("docs/{language}/owners/")))
            .collect();
        assert_eq!(pages.len(), 10, "{language}");
        let texts = texts(language);
        let is_known = |quoted: &String| {
            OTHERS.contains(&quoted.as_str()) || texts.iter().any(|text| is_of(quoted, text))
        };
        for page in pages {
            let unknown: Vec<_> = quoted(&page.text)
                .into_iter()
                .filter(|quoted| !is_known(quoted))
                .collect();
            assert!(
                unknown.is_empty(),
                "{}: bold or in italics, and no texts of the site: {unknown:#?}",
                page.path
            );
        }
    }
}

/// All texts of a language in lower case, each variant on its own.
fn texts(language: &str) -> Vec<String> {
    let folder = root().join("crates/site/locales").join(language);
    let mut texts = Vec::new();
    for entry in fs::read_dir(folder).expect("there are catalogues") {
        let catalogue = fs::read_to_string(entry.expect("a catalogue").path());
        for line in catalogue.expect("a catalogue can be read").lines() {
            let variant = line.trim_start().trim_start_matches('*');
            let text = match line.split_once(" = ") {
                Some((_, text)) if !line.starts_with([' ', '#']) => Some(text),
                _ if variant.starts_with('[') => variant.split_once("] ").map(|(_, text)| text),
                _ => None,
            };
            let text = text.map(|text| without_variables(text).to_lowercase());
            texts.extend(text.map(|text| text.trim_end_matches('.').to_owned()));
        }
    }
    texts
}

/// A text with one sign in place of each variable.
fn without_variables(text: &str) -> String {
    let mut parts = text.split('{');
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept.push(ANYTHING);
        kept += part.split_once('}').map_or("", |(_, rest)| rest);
    }
    kept
}

/// What stands between asterisks in lower case, without the sign that ends the sentence.
fn quoted(page: &str) -> Vec<String> {
    let mut quoted = Vec::new();
    for paragraph in page.split("\n\n") {
        let paragraph = paragraph.replace("**", "*");
        let parts: Vec<_> = paragraph.split('*').collect();
        // A sign that has no second one quotes nothing.
        let pairs = (parts.len() - 1) / 2;
        for text in parts.into_iter().skip(1).step_by(2).take(pairs) {
            let words: Vec<_> = text
                .split(['\n', ' '])
                .filter(|word| !word.is_empty())
                .collect();
            let text = words.join(" ").to_lowercase();
            quoted.push(text.trim_end_matches(['.', ':', '\u{a0}']).to_owned());
        }
    }
    quoted
}

/// Whether what is quoted is the text, or a part of it.
fn is_of(quoted: &str, text: &str) -> bool {
    if quoted.trim_matches([ANYTHING, ' ']).is_empty() {
        return false;
    }
    text.contains(quoted) || fits(quoted, text) || fits(text, quoted)
}

/// Whether the parts of a text between its variables stand in another in this order, from its start.
fn fits(with_variables: &str, text: &str) -> bool {
    let mut parts = with_variables
        .split(ANYTHING)
        .map(|part| part.trim().trim_end_matches('.'));
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut has_words = first.chars().any(char::is_alphabetic);
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else {
            return false;
        };
        has_words |= part.chars().any(char::is_alphabetic);
        rest = after;
    }
    has_words && (rest.is_empty() || with_variables.ends_with(ANYTHING))
}

#[test]
fn texts_are_known_with_and_without_their_variables() {
    let text = without_variables("The { $model } “{ $object }” was added");
    for (quoted, expected) in [
        ("The letting “…” was added", true),
        ("was added", true),
        ("… was added", true),
        ("The letting “…” was saved", false),
        ("…", false),
    ] {
        assert_eq!(is_of(quoted, &text), expected, "{quoted}");
    }
    assert!(is_of("Try in 15 minutes", "Try in … minutes"));
    assert!(!is_of("Anything else", "… …"));
    let page = "Press **Save**, or *go\n  back.*\n\n`a * b` is no quotation.\n";
    assert_eq!(quoted(page), ["save", "go back"]);
}
