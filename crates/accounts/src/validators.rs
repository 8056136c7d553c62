//! The rules of new passwords: Django's four validators (`Django 5.2
//! contrib/auth/password_validation.py`), with our own rule for common passwords.

mod common;

use std::collections::BTreeMap;
use std::fmt;

use crate::hashers;

/// The fewest characters.
pub const MIN_LENGTH: usize = 8;

/// The least similarity to a user's attribute, of 1, at which a password is refused.
const MAX_SIMILARITY: f64 = 0.7;

/// A rule that a password breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Violation {
    /// It resembles an attribute of the user.
    TooSimilar {
        /// Which attribute.
        attribute: Attribute,
    },
    /// It is too short.
    TooShort {
        /// The fewest characters.
        min_length: usize,
    },
    /// It is one of the first that an attacker would try.
    TooCommon,
    /// It is made of digits only.
    EntirelyNumeric,
    /// It holds a control character, which no browser's form and no login takes.
    ControlCharacter,
}

/// What is known of a user, and what a password must not resemble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attribute {
    /// The name of the account.
    Username,
    /// The first name.
    FirstName,
    /// The last name.
    LastName,
    /// The e-mail address.
    Email,
}

impl Attribute {
    /// Its stable name: the field's, with dashes.
    pub fn id(self) -> &'static str {
        match self {
            Self::Username => "username",
            Self::FirstName => "first-name",
            Self::LastName => "last-name",
            Self::Email => "email",
        }
    }
}

impl Violation {
    /// Its stable name: Django's code, with dashes.
    pub fn id(self) -> &'static str {
        match self {
            Self::TooSimilar { .. } => "password-too-similar",
            Self::TooShort { .. } => "password-too-short",
            Self::TooCommon => "password-too-common",
            Self::EntirelyNumeric => "password-entirely-numeric",
            Self::ControlCharacter => "password-control-character",
        }
    }
}

/// In English, for the command line.
impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooSimilar { attribute } => {
                let attribute = attribute.id().replace('-', " ");
                write!(formatter, "The password is too much like the {attribute}.")
            }
            Self::TooShort { min_length } => write!(
                formatter,
                "The password is too short: it needs at least {min_length} characters."
            ),
            Self::TooCommon => formatter.write_str("The password is one that many people use."),
            Self::EntirelyNumeric => {
                formatter.write_str("The password must not be made of digits only.")
            }
            Self::ControlCharacter => {
                formatter.write_str("The password must not hold a control character.")
            }
        }
    }
}

/// What is known of the user whose password it will be; empty where nothing is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// The name of the account.
    pub username: &'a str,
    /// The first name.
    pub first_name: &'a str,
    /// The last name.
    pub last_name: &'a str,
    /// The e-mail address.
    pub email: &'a str,
}

impl<'a> Known<'a> {
    /// The fields of an account that are known (`DEFAULT_USER_ATTRIBUTES`).
    pub const FIELDS: [&'static str; 4] = ["username", "first_name", "last_name", "email"];

    /// What stands in those fields.
    pub fn of([username, first_name, last_name, email]: [&'a str; 4]) -> Self {
        Self {
            username,
            first_name,
            last_name,
            email,
        }
    }
}

/// Every rule that a password breaks, in Django's order; none for one that may be chosen.
pub fn violations(password: &str, known: Known<'_>) -> Vec<Violation> {
    let mut violations = Vec::new();
    if let Some(attribute) = similar_attribute(password, known) {
        violations.push(Violation::TooSimilar { attribute });
    }
    if password.chars().count() < MIN_LENGTH {
        violations.push(Violation::TooShort {
            min_length: MIN_LENGTH,
        });
    }
    if common::is_common(password) {
        violations.push(Violation::TooCommon);
    }
    if !password.is_empty() && password.chars().all(char::is_numeric) {
        violations.push(Violation::EntirelyNumeric);
    }
    if !hashers::is_possible(password) {
        violations.push(Violation::ControlCharacter);
    }
    violations
}

/// The first attribute that the password resembles, in whole or in one of its words.
fn similar_attribute(password: &str, known: Known<'_>) -> Option<Attribute> {
    let password = Letters::of(password);
    let attributes = [
        (Attribute::Username, known.username),
        (Attribute::FirstName, known.first_name),
        (Attribute::LastName, known.last_name),
        (Attribute::Email, known.email),
    ];
    let resembles = |value: &str| {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let words = value.split(|c| !is_word(c)).filter(|word| !word.is_empty());
        words
            .chain(std::iter::once(value))
            .any(|part| password.resembles(&Letters::of(part)))
    };
    let mut attributes = attributes
        .into_iter()
        .filter(|(_, value)| !value.is_empty());
    attributes
        .find(|(_, value)| resembles(value))
        .map(|(attribute, _)| attribute)
}

/// How often each letter occurs in a text, small and capital being one.
struct Letters {
    counts: BTreeMap<char, usize>,
    length: usize,
}

impl Letters {
    fn of(text: &str) -> Self {
        let mut counts = BTreeMap::new();
        let mut length = 0;
        for letter in text.chars().flat_map(char::to_lowercase) {
            *counts.entry(letter).or_default() += 1;
            length += 1;
        }
        Self { counts, length }
    }

    /// The upper bound of likeness that Python's `SequenceMatcher.quick_ratio` gives: twice the
    /// letters in common, whatever their order, by all letters. A part much shorter than the
    /// password says nothing (`exceeds_maximum_length_ratio`).
    #[expect(clippy::cast_precision_loss, reason = "lengths of passwords are small")]
    fn resembles(&self, part: &Self) -> bool {
        let longest_negligible = MAX_SIMILARITY / 2.0 * self.length as f64;
        let is_negligible =
            self.length >= 10 * part.length && (part.length as f64) < longest_negligible;
        if is_negligible || part.length == 0 {
            return false;
        }
        let in_common: usize = self
            .counts
            .iter()
            .map(|(letter, count)| part.counts.get(letter).map_or(0, |other| *count.min(other)))
            .sum();
        2.0 * in_common as f64 / (self.length + part.length) as f64 >= MAX_SIMILARITY
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ANN: Known<'static> = Known {
        username: "ann.oneil",
        first_name: "Annabelle",
        last_name: "O'Neil",
        email: "belle@books.example",
    };

    fn ids(password: &str) -> Vec<&'static str> {
        let violations = violations(password, ANN);
        violations.into_iter().map(Violation::id).collect()
    }

    #[test]
    fn every_rule_is_told_by_its_name() {
        assert_eq!(ids("correct-horse-battery"), [""; 0]);
        assert_eq!(ids("x7!q"), ["password-too-short"]);
        assert_eq!(ids("94738261059"), ["password-entirely-numeric"]);
        assert_eq!(ids("٣٤٧٩١٨٢٥٣"), ["password-entirely-numeric"]);
        assert_eq!(ids("iloveyou"), ["password-too-common"]);
        assert_eq!(
            ids("123456"),
            [
                "password-too-short",
                "password-too-common",
                "password-entirely-numeric"
            ]
        );
        assert_eq!(ids(""), ["password-too-short"]);
        for control in ["\0", "\t", "\u{7f}", "\u{85}"] {
            let password = format!("correct-{control}horse-battery");
            assert_eq!(ids(&password), ["password-control-character"]);
        }
    }

    #[test]
    fn likeness_is_that_of_letters_in_any_order() {
        for (password, attribute) in [
            ("ANN.ONEIL", Attribute::Username),
            ("oneil.ann1", Attribute::Username),
            ("annabelle7", Attribute::FirstName),
            ("booksbooks-example.", Attribute::Email),
        ] {
            let similar = Violation::TooSimilar { attribute };
            assert_eq!(
                violations(password, ANN).first(),
                Some(&similar),
                "{password}"
            );
        }
        // One letter of a long password is no likeness, even where it is all of an attribute.
        let known = Known {
            username: "x",
            ..Known::default()
        };
        assert_eq!(violations("xkcdxkcd-9x", known), []);
    }

    #[test]
    fn the_texts_name_what_counts() {
        let texts: Vec<_> = violations("annabel", ANN)
            .iter()
            .map(Violation::to_string)
            .collect();
        assert_eq!(
            texts,
            [
                "The password is too much like the first name.",
                "The password is too short: it needs at least 8 characters.",
            ]
        );
    }

    proptest! {
        #[test]
        fn no_password_is_too_much(password: String, username: String) {
            violations(&password, Known { username: &username, ..Known::default() });
        }
    }
}
