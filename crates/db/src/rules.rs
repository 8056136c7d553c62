//! The rules of texts and records. Every row is checked by them before it is written, whoever writes.
//! Every text from outside is checked by a [`TextRule`] before it is used.
//!
//! Lengths are counted in characters, as Django's validators and PostgreSQL count them.

use std::ops::RangeInclusive;

use sea_orm::DbErr;

/// A rule that a value breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BrokenRule {
    /// A text that is too short or too long.
    #[error("{field} must have {} to {} characters", .allowed.start(), .allowed.end())]
    Length {
        /// The field.
        field: &'static str,
        /// How many characters it may have.
        allowed: RangeInclusive<usize>,
    },
    /// A number out of bounds.
    #[error("{field} must be a number from {} to {}", .allowed.start(), .allowed.end())]
    Bounds {
        /// The field.
        field: &'static str,
        /// What it may be.
        allowed: RangeInclusive<i64>,
    },
    /// A word that is none of those there are.
    #[error("{field} must be one of {}", .allowed.join(", "))]
    Choice {
        /// The field.
        field: &'static str,
        /// What it may be.
        allowed: &'static [&'static str],
    },
    /// A text of another form.
    #[error("{field} must be written as {example}")]
    Form {
        /// The field.
        field: &'static str,
        /// A text of that form.
        example: &'static str,
    },
    /// A value that comes before another one.
    #[error("{field} must not be below {other}")]
    Order {
        /// The field of the upper value.
        field: &'static str,
        /// The field of the lower one.
        other: &'static str,
    },
    /// A text with a control character, or with a line end in a field of one line.
    #[error("{field} must not hold control characters")]
    Control {
        /// The field.
        field: &'static str,
    },
}

impl From<BrokenRule> for DbErr {
    fn from(broken: BrokenRule) -> Self {
        Self::Custom(broken.to_string())
    }
}

/// How long a text may be, and of how many lines. Checked before the text is normalised, compared,
/// hashed or shown again: NFKC makes 18 characters of some, and a NUL ends a text for others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextRule {
    /// The most characters.
    pub most: usize,
    /// Whether it may have line ends.
    pub lines: Lines,
}

/// How many lines a text may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    /// One: no line end, no tab.
    One,
    /// Any number, and tabs.
    Several,
}

/// What is wrong with a text, whichever field it is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// It has more characters than this.
    TooLong(usize),
    /// It holds a control character.
    Control,
}

impl TextRule {
    /// A text of one line.
    pub const fn line(most: usize) -> Self {
        let lines = Lines::One;
        Self { most, lines }
    }

    /// A text of several lines.
    pub const fn lines(most: usize) -> Self {
        let lines = Lines::Several;
        Self { most, lines }
    }

    /// What is wrong with a text, if anything. Looks no further than the longest text allowed.
    pub fn flaw(self, text: &str) -> Option<Flaw> {
        let mut characters = text.chars();
        let allowed = characters.by_ref().take(self.most);
        if allowed.into_iter().any(|one| !self.allows(one)) {
            return Some(Flaw::Control);
        }
        let has_more = characters.next().is_some();
        has_more.then_some(Flaw::TooLong(self.most))
    }

    /// The part of a text that may be shown again: as long as allowed, without what nobody sees.
    pub fn shown(self, text: &str) -> String {
        let characters = text.chars().take(self.most);
        characters.filter(|one| self.allows(*one)).collect()
    }

    /// Unicode's control characters (general category Cc), and its two line ends beyond them.
    fn allows(self, character: char) -> bool {
        match character {
            '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}' => self.lines == Lines::Several,
            _ => !character.is_control(),
        }
    }

    /// The same for a field with a name.
    pub fn check(self, field: &'static str, text: &str) -> Result<(), BrokenRule> {
        match self.flaw(text) {
            None => Ok(()),
            Some(Flaw::Control) => Err(BrokenRule::Control { field }),
            Some(Flaw::TooLong(most)) => Err(BrokenRule::Length {
                field,
                allowed: 0..=most,
            }),
        }
    }
}

/// Checks a text of one line, and its length.
pub fn text(
    field: &'static str,
    value: &str,
    allowed: RangeInclusive<usize>,
) -> Result<(), BrokenRule> {
    let flaw = TextRule::line(*allowed.end()).flaw(value);
    if flaw == Some(Flaw::Control) {
        return Err(BrokenRule::Control { field });
    }
    let is_too_short = value.chars().take(*allowed.start()).count() < *allowed.start();
    if flaw.is_some() || is_too_short {
        return Err(BrokenRule::Length { field, allowed });
    }
    Ok(())
}

/// Checks a number's bounds.
pub fn number(
    field: &'static str,
    value: i64,
    allowed: RangeInclusive<i64>,
) -> Result<(), BrokenRule> {
    if allowed.contains(&value) {
        Ok(())
    } else {
        Err(BrokenRule::Bounds { field, allowed })
    }
}

/// Checks that a word is one of those there are.
pub fn choice(
    field: &'static str,
    value: &str,
    allowed: &'static [&'static str],
) -> Result<(), BrokenRule> {
    if allowed.contains(&value) {
        Ok(())
    } else {
        Err(BrokenRule::Choice { field, allowed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_counted_in_characters() {
        assert_eq!(text("street", "é日🏠", 1..=3), Ok(()));
        assert!(text("street", "", 1..=3).is_err());
        assert!(text("street", "abcd", 1..=3).is_err());
    }

    #[test]
    fn a_text_holds_no_control_character() {
        let control = Err(BrokenRule::Control { field: "street" });
        for bad in [
            "\0",
            "a\0",
            "\u{1}",
            "\u{7f}",
            "\u{85}",
            "a\tb",
            "a\nb",
            "a\u{2028}",
        ] {
            assert_eq!(text("street", bad, 0..=9), control, "{bad:?}");
        }
        let lines = TextRule::lines(9);
        assert_eq!(lines.flaw("a\r\n\tb\u{2029}"), None);
        for bad in ["\0", "a\u{1b}", "\u{9f}", "\u{b}"] {
            assert_eq!(lines.flaw(bad), Some(Flaw::Control), "{bad:?}");
        }
        assert_eq!(lines.flaw("\u{200d}é👩\u{301}"), None);
    }

    #[test]
    fn a_long_text_is_looked_at_no_further_than_it_may_go() {
        let rule = TextRule::line(3);
        assert_eq!(rule.flaw("日本語"), None);
        assert_eq!(rule.flaw("日本語\0"), Some(Flaw::TooLong(3)));
        assert_eq!(rule.shown("a\0bcdef"), "ab");
    }

    #[test]
    fn messages_name_the_field_and_the_bounds() {
        let message = number("number", -1, 0..=9999).unwrap_err().to_string();
        assert_eq!(message, "number must be a number from 0 to 9999");
    }
}
