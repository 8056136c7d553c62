//! Models as data: the descriptions of tables from which the engine makes lists, forms and queries.
//!
//! The words are Django's (`Django 5.2 contrib/admin/options.py`, `ModelAdmin`). A *path* names a
//! field of a model or, through relations, of another model: `author.name`. A *key* names a text of
//! the catalogue; but an object's key is its `id`.

use std::ops::RangeInclusive;

use accounts::schema::USER;
use db::rules::{Lines, TextRule};

/// A model: a table with an `id`, its names and its fields.
#[derive(Debug, Clone, Copy)]
pub struct Model {
    /// The label of its application, as addresses, permissions and content types have it.
    pub app: &'static str,
    /// Its name in lower case, as a content type has it.
    pub name: &'static str,
    /// The name of its table.
    pub table: &'static str,
    /// Key of its name in the singular, Django's `verbose_name`.
    pub singular: &'static str,
    /// Key of its name in the plural, Django's `verbose_name_plural`.
    pub plural: &'static str,
    /// Its fields except `id`, in the order of Django's model.
    pub fields: &'static [Field],
    /// The parts of an object's label, which is Django's `__str__`.
    pub label: &'static [TextPart],
    /// Its pages. A model without pages can only be a relation's target, or be deleted with others.
    pub pages: Option<&'static Pages>,
}

/// A part of a text that is made from an object's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextPart {
    /// A constant text.
    Text(&'static str),
    /// The value at a path.
    Value(&'static str),
}

/// The pages of a model.
#[derive(Debug, Clone, Copy)]
pub struct Pages {
    /// Paths of the list's columns, [`LABEL`] for an object's label (Django's `list_display`).
    pub columns: &'static [&'static str],
    /// Paths that a search looks into, with the prefixes `^` and `=` of Django's `search_fields`.
    pub search: &'static [&'static str],
    /// Paths of the list's filters (Django's `list_filter`).
    pub filters: &'static [&'static str],
    /// Path of a time by which the list can be narrowed to a year, a month or a day.
    pub date_hierarchy: Option<&'static str>,
    /// Paths by which the list is sorted, `-` for a descending order. Objects that are equal in all
    /// of them are sorted by their keys, descending.
    pub ordering: &'static [&'static str],
    /// The groups of fields of the form.
    pub fieldsets: &'static [Fieldset],
    /// The groups of fields of a new object's form, if they differ (Django's `add_fieldsets`).
    /// After adding, the user goes on to the whole form. So adding needs the permission to change,
    /// too.
    pub add_fieldsets: Option<&'static [Fieldset]>,
    /// The address of an object's page on the site; `None` if there is no such page.
    pub on_site: Option<&'static [TextPart]>,
    /// Fields that only a superuser may change. An object in which one of them is true may be
    /// changed and deleted only by a superuser.
    pub reserved: &'static [&'static str],
}

/// The column with an object's label, under Django's name.
pub const LABEL: &str = "__str__";

/// A group of a form's fields.
#[derive(Debug, Clone, Copy)]
pub struct Fieldset {
    /// Key of the heading.
    pub title: Option<&'static str>,
    /// Names of the fields.
    pub fields: &'static [&'static str],
    /// A relation of the model whose object can be added or changed in the same form: that object's
    /// form is embedded below these fields.
    pub embedded: Option<&'static str>,
}

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
    /// A further rule for typed text.
    pub clean: Option<Clean>,
}

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
            clean: None,
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
        !matches!(self.kind, FieldKind::ManyToMany(_))
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

impl Model {
    /// A field by its name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Its unique name: `app.name`.
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.app, self.name)
    }

    /// Whether its objects are the accounts that log in.
    pub fn is_account(&self) -> bool {
        self.table == USER.name
    }

    /// The permission for an action on it, as `app.codename`.
    pub fn permission(&self, action: &str) -> String {
        format!("{}.{action}_{}", self.app, self.name)
    }

    /// The address of its list.
    pub fn address(&self) -> String {
        format!("/admin/{}/{}/", self.app, self.name)
    }
}
