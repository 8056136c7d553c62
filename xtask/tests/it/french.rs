//! French as it is written in French: its typography, and the words of the glossary. A file counts
//! as French by its folder or by its words, so that nobody has to list it.

use crate::tree::{File, Finding, assert_found, assert_none, files};

/// Where the terms stand, with those to avoid in the last column of its tables.
const GLOSSARY: &str = "docs/fr/building/glossary.md";

/// Before a colon, a percent sign, and within quotation marks.
const NO_BREAK_SPACE: char = '\u{a0}';

/// Before the other signs of two parts.
const NARROW_NO_BREAK_SPACE: char = '\u{202f}';

#[test]
fn french_is_set_as_french_is() {
    assert_none(french_files().iter().flat_map(typography));
}

#[test]
fn french_has_the_words_of_the_glossary() {
    let files = french_files();
    let glossary = files.iter().find(|file| file.path == GLOSSARY);
    let avoided = avoided(glossary.expect("there is a glossary"));
    assert!(avoided.len() > 20, "{avoided:?}");
    assert_none(files.iter().flat_map(|file| words_to_avoid(file, &avoided)));
}

/// Every text in French; some of them are known to be there.
fn french_files() -> Vec<File> {
    let mut files = files();
    files.retain(is_french);
    for known in [
        GLOSSARY,
        "docs/fr/running/render.md",
        "crates/site/locales/fr/admin.ftl",
    ] {
        assert!(files.iter().any(|file| file.path == known), "{known}");
    }
    files
}

/// Messages by their folder, documents by their words: one that quotes French is not in French.
fn is_french(file: &File) -> bool {
    if is_markdown(file) {
        let prose = prose(file);
        let words = tokens(&prose);
        let is_of_french =
            |word: &str| ["les", "des", "une", "est", "dans", "pour"].contains(&word);
        let count = words.iter().filter(|(_, word)| is_of_french(word)).count();
        return count * 40 > words.len();
    }
    file.path.contains("/locales/fr/")
}

#[test]
fn french_documents_are_known_by_their_words() {
    let is_french = |path, text| is_french(&File::new(path, text));
    assert!(is_french("a.md", "La base est dans le volume."));
    assert!(!is_french("a.md", "The base is in the volume."));
    assert!(!is_french("a.rs", "// La base est dans le volume."));
    assert!(is_french("crates/a/locales/fr/a.ftl", "a = Oui"));
    assert!(!is_french("crates/a/locales/en/a.ftl", "a = Yes"));
}

fn is_markdown(file: &File) -> bool {
    file.name().rsplit('.').next() == Some("md")
}

/// The text of each line, with its number; code and what else is for machines is a bare `x`.
fn prose(file: &File) -> Vec<(usize, String)> {
    if !is_markdown(file) {
        return file.lines().map(|(n, line)| (n, message(line))).collect();
    }
    let mut is_in_block = false;
    let mut prose = Vec::new();
    for (number, line) in file.lines() {
        if line.trim_start().starts_with("```") {
            is_in_block = !is_in_block;
        } else if !is_in_block && !["|---", "{{#"].iter().any(|mark| line.starts_with(mark)) {
            let line = without(line, "`", "`");
            let line = without(&line, "](", ")");
            prose.push((number, without(&line, "<", ">")));
        }
    }
    prose
}

/// The text in a line of Fluent: without its key, its selectors and its variables.
fn message(line: &str) -> String {
    let text = match line.split_once(" = ") {
        Some((_, text)) if !line.starts_with([' ', '#']) => text,
        _ => line.trim_start().trim_start_matches("*["),
    };
    // A text in quotation marks is one whose spaces count.
    let text = text.replace("{\"", "").replace("\"}", "");
    without(&text.replace("->", "}"), "{", "}")
}

/// A line with `x` in place of all that stands between two signs, and of the signs.
fn without(line: &str, start: &str, end: &str) -> String {
    let mut rest = line;
    let mut kept = String::new();
    while let Some((before, after)) = rest.split_once(start)
        && let Some((_, after)) = after.split_once(end)
    {
        kept.push_str(before);
        kept.push('x');
        rest = after;
    }
    kept + rest
}

fn typography(file: &File) -> Vec<Finding> {
    let lines = prose(file);
    let found = lines
        .iter()
        .flat_map(|(number, line)| mistakes(line).into_iter().map(move |what| (*number, what)));
    found
        .map(|(number, what)| file.finding(number, &what))
        .collect()
}

/// What is not set as it should be in a line.
fn mistakes(line: &str) -> Vec<String> {
    let characters: Vec<char> = line.chars().collect();
    let at = |index: Option<usize>| index.and_then(|index| characters.get(index).copied());
    let mut mistakes = Vec::new();
    for (index, sign) in characters.iter().enumerate() {
        let before = at(index.checked_sub(1));
        let after = at(Some(index + 1));
        let is_digit = |neighbour: Option<char>| neighbour.is_some_and(|c| c.is_ascii_digit());
        // An address, a time, a picture.
        let is_other = match sign {
            ':' => after == Some('/') || (is_digit(before) && is_digit(after)),
            '!' => after == Some('['),
            _ => false,
        };
        let (neighbour, wanted) = match sign {
            _ if is_other => continue,
            ':' | '%' | '»' => (before, NO_BREAK_SPACE),
            ';' | '!' | '?' => (before, NARROW_NO_BREAK_SPACE),
            '«' => (after, NO_BREAK_SPACE),
            '\'' | '"' => {
                mistakes.push(format!("a typewriter's {sign}"));
                continue;
            }
            _ => continue,
        };
        if neighbour != Some(wanted) {
            let side = if *sign == '«' { "after" } else { "before" };
            let code = u32::from(wanted);
            mistakes.push(format!("no space U+{code:04X} {side} {sign}"));
        }
    }
    mistakes
}

#[test]
fn typewriting_is_found_in_french() {
    let text = "Prêt : oui.\nPrêt: oui, à 5 %.\nPrêt\u{a0}: 5\u{a0}%, à 10:30, sur http://a.\n\
                L'avis.\nOui ; non\u{202f}; quoi ? `a: b; l'c`\n« a\u{a0}»\n\
                ```sh\na: b;\n```\n|---|:--|\n{{#include a:b}}\n[a](b:c) <http://localhost:1>\n";
    assert_found(
        typography(&File::new("a.md", text)),
        &[
            "a.md:1: no space U+00A0 before :",
            "a.md:2: no space U+00A0 before :",
            "a.md:2: no space U+00A0 before %",
            "a.md:4: a typewriter's '",
            "a.md:5: no space U+202F before ;",
            "a.md:5: no space U+202F before ?",
            "a.md:6: no space U+00A0 after «",
        ],
    );
    let text = "# Ceci: cela.\na = { $count ->\n    [one] Un\u{202f}! { $a }: b\n   *[other] d'eux\n}\n\
                b = {\"«\u{a0}\"}{ $title }{\"\u{a0}»\"}\nc = « { $title } »\n";
    assert_found(
        typography(&File::new("locales/fr/a.ftl", text)),
        &[
            "locales/fr/a.ftl:1: no space U+00A0 before :",
            "locales/fr/a.ftl:3: no space U+00A0 before :",
            "locales/fr/a.ftl:4: a typewriter's '",
            "locales/fr/a.ftl:7: no space U+00A0 after «",
            "locales/fr/a.ftl:7: no space U+00A0 before »",
        ],
    );
}

/// The words, each with the number of its line. What is elided is a word of its own.
fn tokens(prose: &[(usize, String)]) -> Vec<(usize, &str)> {
    let is_in_word = |c: char| c.is_alphanumeric() || c == '-';
    let words = prose.iter().flat_map(|(number, line)| {
        line.split(move |c| !is_in_word(c))
            .map(move |word| (*number, word))
    });
    words
        .filter(|(_, word)| word.contains(char::is_alphanumeric))
        .collect()
}

/// What stands in quotation marks in the last column of the glossary's tables.
fn avoided(glossary: &File) -> Vec<String> {
    let last_cells = glossary.text.lines().filter_map(|line| {
        let cells = line.strip_prefix('|')?.strip_suffix('|')?;
        cells.rsplit('|').next()
    });
    last_cells
        .flat_map(|cell| cell.split('«').skip(1))
        .filter_map(|quoted| Some(quoted.split_once('»')?.0.trim().to_owned()))
        .collect()
}

/// Terms to avoid, over the ends of lines too. One with a capital is meant so; of others the first
/// letter may be one.
fn words_to_avoid(file: &File, avoided: &[String]) -> Vec<Finding> {
    let mut prose = prose(file);
    if file.path == GLOSSARY {
        // Its tables have English, and what to avoid.
        prose.retain(|(_, line)| !line.starts_with('|'));
    }
    let words = tokens(&prose);
    let mut found = Vec::new();
    for term in avoided {
        let line = [(0, term.clone())];
        let term_words: Vec<&str> = tokens(&line).into_iter().map(|(_, word)| word).collect();
        let is_meant = |word: &str, wanted: &str| word == wanted || word.to_lowercase() == wanted;
        for window in words.windows(term_words.len()) {
            let mut pairs = window.iter().zip(&term_words);
            if pairs.all(|((_, word), wanted)| is_meant(word, wanted)) {
                found.push(file.finding(window[0].0, &format!("`{term}`: see {GLOSSARY}")));
            }
        }
    }
    found
}

#[test]
fn words_to_avoid_are_found() {
    let glossary = File::new(
        GLOSSARY,
        "| a | b | c |\n|---|---|---|\n| metrics | métriques | «\u{a0}Chiffres\u{a0}» |\n\
         | generate | « générer » | «\u{a0}tiré au sort\u{a0}», «\u{a0}mail\u{a0}» |\n",
    );
    let avoided = avoided(&glossary);
    assert_eq!(avoided, ["Chiffres", "tiré au sort", "mail"]);
    let text = "Cinq chiffres, un e-mail, `mail`.\nUn mot tiré au\nsort.\nL’mail.\n**Chiffres**.\n";
    assert_found(
        words_to_avoid(&File::new("a.md", text), &avoided),
        &[
            "a.md:5: `Chiffres`: see docs/fr/building/glossary.md",
            "a.md:2: `tiré au sort`: see docs/fr/building/glossary.md",
            "a.md:4: `mail`: see docs/fr/building/glossary.md",
        ],
    );
    assert_found(words_to_avoid(&glossary, &avoided), &[]);
}
