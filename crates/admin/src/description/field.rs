//! The fields of models: their kinds, and what is typed and stored for each.

use std::ops::RangeInclusive;

use db::rules::{Lines, TextRule};

/// A field of a model.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name, which is also its column's; but a relation's column ends in `_id`.
    pub name: &'static str,
    /// Key of its label.
    pub label: &'static str,
    /// Django's `verbose_name` for the history, if that is not the name with spaces.
    pub verbose_name: Option<&'static str>,
    /// Key of a sentence of help.
    pub help: Option<&'static str>,
    /// The kind of its values.
    pub kind: FieldKind,
    /// Whether no two objects have the same value.
    pub is_unique: bool,
    /// Whether a new value must also differ from all others in more than case and Unicode form.
    /// Pairs that are stored already stay valid.
    pub is_unique_in_any_case: bool,
    /// Whether the program itself writes it, as a login writes its time. The form does not report
    /// such a change as somebody else's.
    pub is_written_by_program: bool,
    /// HTML's `type` of the `input` of a text, by which browsers help to fill it in.
    pub input_type: &'static str,
    /// How many lines its text may have.
    pub lines: Lines,
    /// What a one in its column stands for.
    pub unit: Unit,
    /// The number of a new object.
    pub default_number: Option<i64>,
    /// A further rule for typed text.
    pub clean: Option<Clean>,
    /// Shows what a text will look like.
    pub preview: Option<Preview>,
    /// The texts that the form offers. Others that are stored stay.
    pub suggest: Option<Suggest>,
}

/// Turns a text into HTML that is safe to show.
pub type Preview = fn(&str) -> String;

/// The texts that a form offers in a language, such as `fr`, each with its name.
pub type Suggest = fn(&str) -> Vec<(String, String)>;

/// Turns typed text into the text that is stored. The error is the key of the text that says what
/// is wrong. It is not called for empty text.
pub type Clean = fn(&str) -> Result<String, &'static str>;

/// The kind of a field's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// A whole number within bounds.
    Integer {
        /// The smallest allowed number.
        min: i64,
        /// The largest allowed number.
        max: i64,
        /// Whether it may be null.
        null: bool,
    },
    /// One of a few words, each with the key of its name.
    Choice(&'static [(&'static str, &'static str)]),
    /// A text of a limited length in characters. It is required if `min` is at least one.
    Text {
        /// The fewest characters.
        min: usize,
        /// The most characters.
        max: usize,
    },
    /// True or false, with the default of a new object.
    Boolean(bool),
    /// A day.
    Date {
        /// Whether it may be null.
        null: bool,
    },
    /// Any number of a few words, stored in a table of their own.
    Words(WordSet),
    /// A point in time.
    DateTime {
        /// Whether it may be null. Otherwise a new object has the present time by default.
        null: bool,
    },
    /// The key of an object of a model, `app.name`. Deleting that object deletes this one.
    Relation(&'static str),
    /// The keys of several objects of a model, stored in a table of pairs.
    ManyToMany(ManyToMany),
    /// The hash of a password. The password is typed twice: in the form of a new object, and later
    /// on a page of its own.
    Password,
}

/// What a one in the column of a number stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// One.
    One,
    /// A half.
    Half,
    /// One of so many decimal places: with 5, a hundred-thousandth.
    Decimal(u32),
    /// The smallest unit of the registry's currency.
    Currency,
}

/// A table with a row for each word of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WordSet {
    /// The name of the table.
    pub table: &'static str,
    /// The column with the key of the object.
    pub own_column: &'static str,
    /// The column with the word.
    pub word_column: &'static str,
    /// All words, each with the key of its name, in the order in which they are shown. Other words
    /// that are stored are not shown, and stay.
    pub choices: &'static [(&'static str, &'static str)],
}

/// A table of pairs, Django's `through`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ManyToMany {
    /// The model at the other end, `app.name`.
    pub to: &'static str,
    /// The name of the table of pairs.
    pub table: &'static str,
    /// The column with the key of the object that has the field.
    pub own_column: &'static str,
    /// The column with the key of the object at the other end.
    pub other_column: &'static str,
}

impl Field {
    const fn new(name: &'static str, label: &'static str, kind: FieldKind) -> Self {
        Self {
            name,
            label,
            verbose_name: None,
            help: None,
            kind,
            is_unique: false,
            is_unique_in_any_case: false,
            is_written_by_program: false,
            input_type: "text",
            lines: Lines::One,
            unit: Unit::One,
            default_number: None,
            clean: None,
            preview: None,
            suggest: None,
        }
    }

    /// A whole number in a range.
    pub const fn integer(
        name: &'static str,
        label: &'static str,
        allowed: RangeInclusive<i64>,
    ) -> Self {
        let (min, max, null) = (*allowed.start(), *allowed.end(), false);
        Self::new(name, label, FieldKind::Integer { min, max, null })
    }

    /// A whole number in a range that may be missing.
    pub const fn optional_integer(
        name: &'static str,
        label: &'static str,
        allowed: RangeInclusive<i64>,
    ) -> Self {
        let (min, max, null) = (*allowed.start(), *allowed.end(), true);
        Self::new(name, label, FieldKind::Integer { min, max, null })
    }

    /// One of these words, each with the key of its name. A new object has the first by default.
    pub const fn choice(
        name: &'static str,
        label: &'static str,
        choices: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self::new(name, label, FieldKind::Choice(choices))
    }

    /// A day.
    pub const fn date(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, FieldKind::Date { null: false })
    }

    /// Any number of words.
    pub const fn words(name: &'static str, label: &'static str, words: WordSet) -> Self {
        Self::new(name, label, FieldKind::Words(words))
    }

    /// The same, with the number that the column of a new object holds.
    #[must_use]
    pub const fn default_number(self, number: i64) -> Self {
        Self {
            default_number: Some(number),
            ..self
        }
    }

    /// The same, in another unit.
    #[must_use]
    pub const fn unit(self, unit: Unit) -> Self {
        Self { unit, ..self }
    }

    /// A text whose length in characters is in a range.
    pub const fn text(
        name: &'static str,
        label: &'static str,
        allowed: RangeInclusive<usize>,
    ) -> Self {
        let (min, max) = (*allowed.start(), *allowed.end());
        Self::new(name, label, FieldKind::Text { min, max })
    }

    /// True or false, by default false.
    pub const fn boolean(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, FieldKind::Boolean(false))
    }

    /// The same, by default true.
    #[must_use]
    pub const fn default_true(self) -> Self {
        Self {
            kind: FieldKind::Boolean(true),
            ..self
        }
    }

    /// A point in time.
    pub const fn time(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, FieldKind::DateTime { null: false })
    }

    /// A point in time that may be missing.
    pub const fn optional_time(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, FieldKind::DateTime { null: true })
    }

    /// The key of an object of another model.
    pub const fn relation(name: &'static str, label: &'static str, to: &'static str) -> Self {
        Self::new(name, label, FieldKind::Relation(to))
    }

    /// Several objects of another model.
    pub const fn many_to_many(
        name: &'static str,
        label: &'static str,
        many_to_many: ManyToMany,
    ) -> Self {
        Self::new(name, label, FieldKind::ManyToMany(many_to_many))
    }

    /// The hash of a password.
    pub const fn password(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, FieldKind::Password)
    }

    /// The same, but no two objects may have the same value.
    #[must_use]
    pub const fn unique(self) -> Self {
        Self {
            is_unique: true,
            ..self
        }
    }

    /// The same, but a new value must differ from all others in more than case and Unicode form
    /// (for new objects as `Django 5.2 contrib/auth/forms.py`, `UserCreationForm.clean_username`).
    #[must_use]
    pub const fn unique_in_any_case(self) -> Self {
        Self {
            is_unique_in_any_case: true,
            ..self.unique()
        }
    }

    /// The same, written by the program itself.
    #[must_use]
    pub const fn written_by_program(self) -> Self {
        Self {
            is_written_by_program: true,
            ..self
        }
    }

    /// The same, with Django's name for it.
    #[must_use]
    pub const fn verbose_name(self, name: &'static str) -> Self {
        Self {
            verbose_name: Some(name),
            ..self
        }
    }

    /// The same, with a sentence of help.
    #[must_use]
    pub const fn help(self, key: &'static str) -> Self {
        Self {
            help: Some(key),
            ..self
        }
    }

    /// The same, with another `type` of its `input` than `text`.
    #[must_use]
    pub const fn input_type(self, input_type: &'static str) -> Self {
        Self { input_type, ..self }
    }

    /// The same, of several lines.
    #[must_use]
    pub const fn of_several_lines(self) -> Self {
        let lines = Lines::Several;
        Self { lines, ..self }
    }

    /// The same, with further rules for what is typed.
    #[must_use]
    pub const fn clean(self, clean: Clean) -> Self {
        Self {
            clean: Some(clean),
            ..self
        }
    }

    /// The same, chosen from a list.
    #[must_use]
    pub const fn suggest(self, suggest: Suggest) -> Self {
        Self {
            suggest: Some(suggest),
            ..self
        }
    }

    /// The same, with a preview below the text.
    #[must_use]
    pub const fn preview(self, preview: Preview) -> Self {
        Self {
            preview: Some(preview),
            ..self
        }
    }

    /// The name of its column.
    pub fn column(&self) -> String {
        match self.kind {
            FieldKind::Relation(_) => format!("{}_id", self.name),
            _ => self.name.to_owned(),
        }
    }

    /// The rule of its texts. What is typed into a field of another kind is judged when it is read.
    pub(crate) fn text_rule(&self) -> Option<TextRule> {
        match self.kind {
            FieldKind::Text { max, .. } => Some(TextRule {
                most: max,
                lines: self.lines,
            }),
            _ => None,
        }
    }

    /// Whether it has a column in the model's own table.
    pub fn is_column(&self) -> bool {
        !matches!(self.kind, FieldKind::ManyToMany(_) | FieldKind::Words(_))
    }

    /// Its name in Django's history: the label in Django's form, in English.
    pub fn history_name(&self) -> String {
        let words = self.name.replace('_', " ");
        let words = self.verbose_name.map_or(words, str::to_owned);
        let mut characters = words.chars();
        characters.next().map_or_else(String::new, |first| {
            first.to_uppercase().chain(characters).collect()
        })
    }
}
