//! Models as data: the descriptions of tables from which the engine makes lists, forms and queries.
//!
//! The words are Django's (`Django 5.2 contrib/admin/options.py`, `ModelAdmin`). A *path* names a
//! field of a model or, through relations, of another model: `author.name`. A *key* names a text of
//! the catalogue; but an object's key is its `id`.

use accounts::schema::USER;

pub use super::extras::{ExtraCells, Extras, FindExtras, Thumbnail};
pub use super::field::{Clean, Field, FieldKind, ManyToMany, Preview, Suggest, Unit, WordSet};

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
    /// The parts of the text by which an object is chosen, if they are others than the label's.
    pub choice: Option<&'static [TextPart]>,
    /// Its pages. A model without pages can only be a relation's target, or be deleted with others.
    pub pages: Option<&'static Pages>,
    /// The relation to the object that its objects are a part of. A user may do with the part what they
    /// may do with the whole, adding and deleting as long as they may change it, and the whole's
    /// history tells of the part. Such a model has no content type and no permissions of its own.
    pub part_of: Option<&'static str>,
    /// Pairs of fields of which the second must not be below the first.
    pub ordered: &'static [[&'static str; 2]],
    /// Limits that count only for some objects.
    pub limits: &'static [Limit],
}

/// The most that a number may be in objects with a certain choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// The number's field.
    pub field: &'static str,
    /// The most that it may be.
    pub most: i64,
    /// The field of a choice, and the word for which the limit counts.
    pub when: (&'static str, &'static str),
}

/// Objects of another model whose rows stand in a form (Django's `TabularInline`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inline {
    /// Their model, `app.name`.
    pub model: &'static str,
    /// Their relation to the object of the form.
    pub relation: &'static str,
    /// Path by which the rows are sorted.
    pub ordering: &'static str,
    /// The most rows that an object may have.
    pub most: usize,
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
    /// What the site adds to the rows of the list.
    pub extras: Option<Extras>,
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
    /// Rows of other models in the form.
    pub inlines: &'static [Inline],
    /// Further pages of an object: key of the text, and the address.
    pub links: &'static [(&'static str, &'static [TextPart])],
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
    /// What makes the group complete: of each list one field at least that is not empty.
    pub wanted: &'static [&'static [&'static str]],
}

impl Fieldset {
    /// A group.
    pub const fn plain(fields: &'static [&'static str]) -> Self {
        Self {
            title: None,
            fields,
            embedded: None,
            wanted: &[],
        }
    }

    /// A group with a heading.
    pub const fn titled(title: &'static str, fields: &'static [&'static str]) -> Self {
        let title = Some(title);
        Self {
            title,
            ..Self::plain(fields)
        }
    }

    /// The same, complete only with these.
    #[must_use]
    pub const fn wants(self, wanted: &'static [&'static [&'static str]]) -> Self {
        Self { wanted, ..self }
    }
}

impl Pages {
    /// Pages with nothing on them, for descriptions to differ from.
    pub const BASE: Self = Self {
        columns: &[],
        extras: None,
        search: &[],
        filters: &[],
        date_hierarchy: None,
        ordering: &[],
        fieldsets: &[],
        add_fieldsets: None,
        on_site: None,
        inlines: &[],
        links: &[],
        reserved: &[],
    };
}

impl Model {
    /// A model without a name and fields, for descriptions to differ from.
    pub const BASE: Self = Self {
        app: "",
        name: "",
        table: "",
        singular: "",
        plural: "",
        fields: &[],
        label: &[],
        choice: None,
        pages: None,
        part_of: None,
        ordered: &[],
        limits: &[],
    };

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

    /// The application and the name of the model that permissions and the history know: of the whole
    /// that its objects are a part of, or its own.
    pub fn whole(&self) -> (&'static str, &'static str) {
        let relation = self.part_of.and_then(|name| self.field(name));
        match relation.map(|field| field.kind) {
            Some(FieldKind::Relation(to)) => to.split_once('.').unwrap_or((self.app, self.name)),
            _ => (self.app, self.name),
        }
    }

    /// The permission for an action on it, as `app.codename`.
    pub fn permission(&self, action: &str) -> String {
        let (app, name) = self.whole();
        let action = match (self.part_of, action) {
            (Some(_), "add" | "delete") => "change",
            _ => action,
        };
        format!("{app}.{action}_{name}")
    }

    /// The address of its list.
    pub fn address(&self) -> String {
        format!("/admin/{}/{}/", self.app, self.name)
    }
}
