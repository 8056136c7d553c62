//! How texts are divided into words to be searched, alike for the index and for what a visitor types:
//! without accents, case, or marks between the words.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// The most words of a search that count.
const MOST_WORDS: usize = 10;

/// Words that say nothing of a home. They count where a search has no others: `or` may be Oregon.
const FILLERS: &[&str] = &[
    "a", "an", "and", "at", "by", "for", "in", "of", "on", "or", "the", "to", "with",
    "near", // English
    "au", "aux", "avec", "chez", "d", "dans", "de", "des", "du", "en", "et", "l", "la", "le",
    "les", "ou", "par", "pour", "pres", "sur", "un", "une", // French
];

/// The words of a text, in its order.
pub fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut letters = text.nfkd().peekable();
    while let Some(letter) = letters.next() {
        if is_combining_mark(letter) {
            continue;
        }
        if letter.is_alphanumeric() {
            if let Some(word) = words.last_mut() {
                push_folded(word, letter);
            }
            continue;
        }
        // Who looks for "keepers" means "keeper's", and the other way round.
        let is_apostrophe = matches!(letter, '\'' | '\u{2019}');
        let is_possessive = is_apostrophe
            && letters.peek().is_some_and(|next| matches!(next, 's' | 'S'))
            && words.last().is_some_and(|word| word.chars().count() > 1);
        if !is_possessive && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// A letter in lower case, where it is none with an accent but one of its own, by its Latin letters.
fn push_folded(word: &mut String, letter: char) {
    for letter in letter
        .to_lowercase()
        .filter(|letter| letter.is_alphanumeric())
    {
        match letter {
            'ß' => word.push_str("ss"),
            'æ' => word.push_str("ae"),
            'œ' => word.push_str("oe"),
            'þ' => word.push_str("th"),
            'ø' => word.push('o'),
            'ł' => word.push('l'),
            'đ' | 'ð' => word.push('d'),
            'ı' => word.push('i'),
            other => word.push(other),
        }
    }
}

/// The words of a text between spaces.
pub fn folded(text: &str) -> String {
    words(text).join(" ")
}

/// The words of a text as a part of an address: `newport-beach`; `-` if there is none.
pub fn slug(text: &str) -> String {
    let words = words(text);
    if words.is_empty() {
        return "-".to_owned();
    }
    words.join("-")
}

/// The words that a visitor looks for, each once.
pub fn looked_for(text: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for word in words(text) {
        if !all.contains(&word) {
            all.push(word);
        }
    }
    let is_filler = |word: &String| FILLERS.contains(&&**word);
    if !all.iter().all(is_filler) {
        all.retain(|word| !is_filler(word));
    }
    all.truncate(MOST_WORDS);
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn accents_case_and_marks_do_not_count() {
        for (text, expected) in [
            ("Chalet d'été, à Ærøskøbing", "chalet d ete a aeroskobing"),
            (
                "Lighthouse Keeper's Second Bedroom",
                "lighthouse keepers second bedroom",
            ),
            ("l\u{2019}Œuvre; STRASSE Straße", "l oeuvre strasse strasse"),
            (
                "A-Frame over the Snow\u{a0}Line",
                "a frame over the snow line",
            ),
            ("\u{130}stanbul \u{fb01}ne \u{ff21}", "istanbul fine a"),
            ("大海 9½", "大海 91 2"),
            ("''s 's", "s s"),
            ("", ""),
            ("\0\u{1}\u{feff}!?", ""),
        ] {
            assert_eq!(folded(text), expected, "{text}");
        }
        assert_eq!(slug("Newport  Beach"), "newport-beach");
        assert_eq!(slug("?"), "-");
    }

    #[test]
    fn fillers_count_where_there_is_nothing_else() {
        assert_eq!(looked_for("a house by the sea, the SEA"), ["house", "sea"]);
        assert_eq!(looked_for("or"), ["or"]);
        assert_eq!(looked_for("La"), ["la"]);
    }

    proptest! {
        #[test]
        fn words_are_of_letters_and_digits_and_stay_as_they_are(text in ".*") {
            let once = folded(&text);
            prop_assert!(once.chars().all(|letter| letter == ' ' || letter.is_alphanumeric()));
            prop_assert_eq!(folded(&once), once);
        }
    }
}
