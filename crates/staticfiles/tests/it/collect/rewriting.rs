//! What holds for any text.

use proptest::prelude::*;
use staticfiles::references::{Language, Reference, find, rewrite};

/// Pieces that mean something to one of the languages, so that chance makes interesting texts.
const PIECES: &[&str] = &[
    "/*",
    "*/",
    "//",
    "\"",
    "'",
    "\\",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "/",
    "\n",
    "\r\n",
    "url(",
    "URL(",
    "@import",
    "# sourceMappingURL=",
    "//# ",
    "/*# ",
    "./a",
    "a.png",
    "?#",
    "#",
    ".",
    "...",
    ";",
    ",",
    "*",
    "=",
    " ",
    "\t",
    "é",
    "\u{2028}",
    "\u{feff}",
    "\\u{61}",
    "\\61 ",
    "\\\n",
    "1",
    "\0",
];

fn text() -> impl Strategy<Value = String> {
    let pieces = prop::collection::vec(prop::sample::select(PIECES), 0..40);
    prop_oneof![
        3 => pieces.prop_map(|pieces| pieces.concat()),
        1 => any::<String>(),
    ]
}

fn language() -> impl Strategy<Value = Language> {
    prop_oneof![Just(Language::Css), Just(Language::JavaScript)]
}

/// Something in a style sheet that must stay, whatever it holds.
fn inert() -> impl Strategy<Value = String> {
    let inside = text().prop_map(|text| {
        text.replace(
            [
                '*', '#', '\\', '\'', '\r', '\n', '\u{c}', '\u{2028}', '\u{2029}',
            ],
            "",
        )
    });
    let kinds: &[(&str, &str)] = &[("/* ", "*/"), ("a{content:'", "'}")];
    (inside, prop::sample::select(kinds))
        .prop_map(|(inside, (start, end))| format!("{start}{inside}{end}"))
}

/// All forms of which the address is in quotes.
const FORMS: &[&str] = &["a{b:url(c) d}", "a{b:url('c' d)}", "@import 'c' d;"];

fn urls(references: &[Reference]) -> Vec<String> {
    let urls = references.iter().map(|reference| reference.url.clone());
    urls.collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: variable_cases(),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn references_are_apart_and_in_order(language in language(), text in text()) {
        let references = find(language, &text);
        let mut end = 0;
        let mut line = 1;
        for reference in &references {
            prop_assert!(reference.span.start >= end);
            prop_assert!(reference.span.end > reference.span.start);
            prop_assert!(text.get(reference.span.clone()).is_some());
            prop_assert!(reference.line >= line);
            prop_assert!(!reference.url.is_empty());
            end = reference.span.end;
            line = reference.line;
        }
        prop_assert!(line <= text.matches('\n').count() + 1);
    }

    #[test]
    fn nothing_changes_when_nothing_is_to(language in language(), text in text()) {
        let references = find(language, &text);
        prop_assert_eq!(rewrite(&text, &references, |_| None), text);
    }

    #[test]
    fn what_is_written_is_read_again(language in language(), text in text()) {
        let references = find(language, &text);
        let same = rewrite(&text, &references, |reference| Some(reference.url.clone()));
        prop_assert_eq!(urls(&find(language, &same)), urls(&references), "in {:?}", same);
    }

    #[test]
    fn any_address_is_read_again(
        text in prop::sample::select(FORMS),
        url in prop::collection::vec(any::<char>(), 0..20)
    ) {
        let url: String = url.into_iter().collect();
        let references = find(Language::Css, text);
        prop_assert_eq!(references.len(), 1);
        let rewritten = rewrite(text, &references, |_| Some(url.clone()));
        let read = url.replace('\0', "\u{fffd}");
        let expected = match read.trim_matches(|character| character <= ' ') {
            "" => Vec::new(),
            trimmed => vec![trimmed.to_owned()],
        };
        prop_assert_eq!(urls(&find(Language::Css, &rewritten)), expected, "in {:?}", rewritten);
    }

    #[test]
    fn comments_and_strings_stay(inert in prop::collection::vec(inert(), 0..5)) {
        const LIVE: &str = "b{c:url(./x)}";
        let text = format!("{LIVE}{}", inert.join(LIVE));
        let references = find(Language::Css, &text);
        let expected = inert.len().max(1);
        prop_assert_eq!(references.len(), expected, "in {:?}", text);
        prop_assert!(references.iter().all(|reference| reference.url == "./x"));
    }
}

/// Set `PROPTEST_CASES` for more.
fn variable_cases() -> u32 {
    let cases = super::variable("PROPTEST_CASES");
    cases.and_then(|cases| cases.parse().ok()).unwrap_or(512)
}
