//! Models as data: what the admin is told of a table. Describes; does nothing.
//!
//! The words are Django's (`Django 5.2 contrib/admin/options.py`, `ModelAdmin`). A *path* names a
//! field of a model, or through relations one of another: `author.name`. A *key* names a text of
//! the catalogue.

use std::ops::RangeInclusive;

use accounts::schema::USER;

/// A model: a table with an `id`, and what it is called.
#[derive(Debug, Clone, Copy)]
pub struct Model {
    /// Its application's label.
    pub app: &'static str,
    /// Its name in small letters.
    pub name: &'static str,
    /// Its table.
    pub table: &'static str,
    /// Key of what one of them is called.
    pub one: &'static str,
    /// Key of what several are called.
    pub many: &'static str,
    /// Its fields but for `id`, in Django's order.
    pub fields: &'static [Field],
    /// What an object is called: Django's `__str__`.
    pub label: &'static [Part],
    /// Its pages; a model without is only pointed to and deleted along.
    pub pages: Option<&'static Pages>,
}

/// A piece of a text that is made from an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// As it stands.
    Text(&'static str),
    /// The value at a path.
    Value(&'static str),
}

/// The pages of a model.
#[derive(Debug, Clone, Copy)]
pub struct Pages {
    /// Paths of the list's columns, [`LABEL`] for what an object is called.
    pub columns: &'static [&'static str],
    /// Paths that a search looks into, with Django's prefixes `^` and `=`.
    pub search: &'static [&'static str],
    /// Paths by which the list can be narrowed down.
    pub filters: &'static [&'static str],
    /// Path of a time through which the list goes down from years to days.
    pub date_hierarchy: Option<&'static str>,
    /// Paths in whose order the list stands, `-` before those that fall; the key decides at last.
    pub ordering: &'static [&'static str],
    /// The form.
    pub fieldsets: &'static [Fieldset],
    /// The form of a new object, where that is another (Django's `add_fieldsets`). Who adds such an
    /// object goes on to the whole form, and needs the permission for that, too.
    pub add_fieldsets: Option<&'static [Fieldset]>,
    /// Where the site shows an object.
    pub on_site: Option<&'static [Part]>,
    /// Fields that only a superuser may change; an object in which one of them is set to true is
    /// for superusers alone to change.
    pub reserved: &'static [&'static str],
}

/// The column that shows what an object is called, under Django's name.
pub const LABEL: &str = "__str__";

/// Fields that stand together.
#[derive(Debug, Clone, Copy)]
pub struct Fieldset {
    /// Key of the heading.
    pub title: Option<&'static str>,
    /// Names of the fields.
    pub fields: &'static [&'static str],
    /// A relation of the model whose object is made or changed here, too: its own form stands below
    /// these fields.
    pub embedded: Option<&'static str>,
}

/// A field.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name; the column's, but for relations.
    pub name: &'static str,
    /// Key of its label.
    pub label: &'static str,
    /// Django's `verbose_name`, for the history, where that is not the name with spaces.
    pub verbose_name: Option<&'static str>,
    /// Key of a sentence of help.
    pub help: Option<&'static str>,
    /// What it holds.
    pub kind: Kind,
    /// Whether no two objects have the same value.
    pub is_unique: bool,
    /// Whether no object may be given one that differs from another's in case or in its Unicode form
    /// alone. Pairs that are stored already stay.
    pub is_unique_in_any_case: bool,
    /// Whether the program itself writes it, so that a change of it is nobody's.
    pub is_recorded: bool,
    /// What browsers help to type in a line of text: HTML's `type` of an `input`.
    pub input: &'static str,
    /// Turns what was typed into what is stored, or names the text of what is wrong.
    pub clean: Option<Clean>,
}

/// Turns what was typed into what is stored, or names the key of what is wrong with it.
pub type Clean = fn(&str) -> Result<String, &'static str>;

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A whole number within bounds.
    Integer {
        /// The least.
        min: i64,
        /// The greatest.
        max: i64,
    },
    /// A text of so many characters; required where that is at least one.
    Text {
        /// The fewest.
        min: usize,
        /// The most.
        max: usize,
    },
    /// Yes or no; without a form, as given.
    Boolean(bool),
    /// A point in time.
    DateTime {
        /// Whether it may be missing; otherwise now is what it is without a form.
        null: bool,
    },
    /// The key of an object of a model, named `app.name`. Deleting that deletes this.
    Relation(&'static str),
    /// Several objects of a model, kept in a table of pairs.
    Many(Many),
    /// A password, kept as a hash; typed twice, at the start and on a page of its own.
    Password,
}

/// A table of pairs, Django's `through`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Many {
    /// The model at the other end, `app.name`.
    pub to: &'static str,
    /// The table.
    pub table: &'static str,
    /// Its column with this end's key.
    pub own: &'static str,
    /// Its column with the other end's.
    pub other: &'static str,
}

impl Field {
    const fn new(name: &'static str, label: &'static str, kind: Kind) -> Self {
        Self {
            name,
            label,
            verbose_name: None,
            help: None,
            kind,
            is_unique: false,
            is_unique_in_any_case: false,
            is_recorded: false,
            input: "text",
            clean: None,
        }
    }

    /// A whole number.
    pub const fn integer(
        name: &'static str,
        label: &'static str,
        allowed: RangeInclusive<i64>,
    ) -> Self {
        let (min, max) = (*allowed.start(), *allowed.end());
        Self::new(name, label, Kind::Integer { min, max })
    }

    /// A text, by its length in characters.
    pub const fn text(
        name: &'static str,
        label: &'static str,
        allowed: RangeInclusive<usize>,
    ) -> Self {
        let (min, max) = (*allowed.start(), *allowed.end());
        Self::new(name, label, Kind::Text { min, max })
    }

    /// Yes or no; no, without a form.
    pub const fn boolean(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, Kind::Boolean(false))
    }

    /// The same, true without a form.
    #[must_use]
    pub const fn or_true(self) -> Self {
        Self {
            kind: Kind::Boolean(true),
            ..self
        }
    }

    /// A point in time.
    pub const fn time(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, Kind::DateTime { null: false })
    }

    /// A point in time that may be missing.
    pub const fn optional_time(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, Kind::DateTime { null: true })
    }

    /// The key of an object of another model.
    pub const fn relation(name: &'static str, label: &'static str, to: &'static str) -> Self {
        Self::new(name, label, Kind::Relation(to))
    }

    /// Several objects of another model.
    pub const fn many(name: &'static str, label: &'static str, many: Many) -> Self {
        Self::new(name, label, Kind::Many(many))
    }

    /// The hash of a password.
    pub const fn password(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, Kind::Password)
    }

    /// The same, with no two alike.
    #[must_use]
    pub const fn unique(self) -> Self {
        Self {
            is_unique: true,
            ..self
        }
    }

    /// The same, with none given that differs from another in case or Unicode form alone
    /// (for new ones as `Django 5.2 contrib/auth/forms.py`, `UserCreationForm.clean_username`).
    #[must_use]
    pub const fn unique_in_any_case(self) -> Self {
        Self {
            is_unique_in_any_case: true,
            ..self.unique()
        }
    }

    /// The same, written by the program itself.
    #[must_use]
    pub const fn recorded(self) -> Self {
        Self {
            is_recorded: true,
            ..self
        }
    }

    /// The same, with Django's name for it.
    #[must_use]
    pub const fn verbose(self, name: &'static str) -> Self {
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
    pub const fn input(self, input: &'static str) -> Self {
        Self { input, ..self }
    }

    /// The same, with further rules for what is typed.
    #[must_use]
    pub const fn clean(self, clean: Clean) -> Self {
        Self {
            clean: Some(clean),
            ..self
        }
    }

    /// Its column.
    pub fn column(&self) -> String {
        match self.kind {
            Kind::Relation(_) => format!("{}_id", self.name),
            _ => self.name.to_owned(),
        }
    }

    /// Whether it has a column in the model's own table.
    pub fn is_column(&self) -> bool {
        !matches!(self.kind, Kind::Many(_))
    }

    /// How Django's history calls it: the label of its form, in English.
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

    /// Its name among all: `app.name`.
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
