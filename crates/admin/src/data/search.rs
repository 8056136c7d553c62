//! The words of a search.

use sea_orm::sea_query::Expr;

/// How many characters of a search count. The databases limit the length of patterns and the depth
/// of conditions, and answer a search beyond that with an error.
const MAX_SEARCH: usize = 1_000;

/// How many words of a search count: each is looked for at every path, in every row.
const MAX_WORDS: usize = 10;

/// The words of a search.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SearchWords {
    /// The words that count, each once.
    pub(crate) words: Vec<String>,
    /// Whether the search has more words or characters than count.
    pub(crate) is_truncated: bool,
}

/// The words of a search that count.
pub(crate) fn search_words(text: &str) -> SearchWords {
    let mut words = Vec::new();
    for word in split_search(text) {
        if !words.contains(&word) {
            if words.len() == MAX_WORDS {
                return SearchWords {
                    words,
                    is_truncated: true,
                };
            }
            words.push(word);
        }
    }
    let is_truncated = text.chars().nth(MAX_SEARCH).is_some();
    SearchWords {
        words,
        is_truncated,
    }
}

/// Splits a text into words; what is within quotation marks is one word
/// (`Django 5.2 utils/text.py`, `smart_split`).
fn split_search(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    let characters = text.chars().filter(|character| *character != '\0');
    for character in characters.take(MAX_SEARCH) {
        match quote {
            Some(open) if character == open => {
                quote = None;
                words.push(std::mem::take(&mut word));
            }
            None if word.is_empty() && matches!(character, '"' | '\'') => quote = Some(character),
            None if character.is_whitespace() => words.push(std::mem::take(&mut word)),
            _ => word.push(character),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// The text that PostgreSQL's `ILIKE` compares with a word. The collation `C` folds only ASCII: for
/// a word of ASCII it finds the same, in a third less time.
pub(crate) fn folded_for(word: &str, text: Expr) -> Expr {
    if word.is_ascii() {
        Expr::cust_with_expr("$1 COLLATE \"C\"", text)
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_words_count() {
        let text = |numbers: std::ops::Range<u32>| {
            let numbers = numbers.map(|number| number.to_string());
            numbers.collect::<Vec<_>>().join(" ")
        };
        let ten = search_words(&text(0..10));
        assert_eq!((ten.words.len(), ten.is_truncated), (10, false));
        let more = search_words(&text(0..500));
        assert_eq!(more.words, ten.words);
        assert!(more.is_truncated);
        // A repeated word counts once.
        let repeated = search_words(&"a b ".repeat(20));
        assert_eq!(
            (repeated.words, repeated.is_truncated),
            (vec!["a".to_owned(), "b".to_owned()], false)
        );
        assert!(search_words(&"a".repeat(1_001)).is_truncated);
    }

    #[test]
    fn words_are_split_and_quotations_kept() {
        for (text, expected) in [
            ("", &[][..]),
            ("  a  b ", &["a", "b"]),
            ("\"a b\" c", &["a b", "c"]),
            ("'a b'c", &["a b", "c"]),
            ("it's", &["it's"]),
            ("\"open end", &["open end"]),
            ("a\0b", &["ab"]),
        ] {
            assert_eq!(split_search(text), expected, "{text}");
        }
    }
}
