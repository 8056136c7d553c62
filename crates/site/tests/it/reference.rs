//! The pages of the reference: made from the code, and compared with it. What the code does not say
//! stands in `reference/en.yaml` and `reference/fr.yaml`.

mod found;
mod pages;
mod words;

use self::found::Found;
use self::words::Words;
use crate::documents::check;

/// With `BLESS=1` writes them anew.
#[tokio::test]
async fn the_reference_says_what_the_code_does() {
    let found = Found::read().await;
    let mut unsaid = Vec::new();
    for language in ["en", "fr"] {
        let words = Words::read(language);
        for (name, text) in pages::all(&found, &words) {
            check(&format!("docs/{language}/reference/{name}.md"), &text);
        }
        unsaid.extend(words.faults().map(|fault| format!("{language}: {fault}")));
    }
    assert!(unsaid.is_empty(), "{}", unsaid.join("\n"));
}

/// The list of checks names the messages that there are.
#[test]
fn every_check_has_its_ids() {
    let mut listed: Vec<_> = site::checks::ALL
        .iter()
        .flat_map(|check| check.ids)
        .collect();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/checks");
    let mut written = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let literals = text.split('"').skip(1).step_by(2).map(str::to_owned);
        written.extend(literals.filter(|literal| is_id(literal)));
    }
    listed.sort();
    written.sort();
    assert_eq!(listed, written.iter().collect::<Vec<_>>());
}

/// Such as `security.W009`.
fn is_id(text: &str) -> bool {
    text.split_once('.').is_some_and(|(of, number)| {
        let of_name = of
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        of_name && number.len() == 4 && number[1..].bytes().all(|byte| byte.is_ascii_digit())
    })
}
