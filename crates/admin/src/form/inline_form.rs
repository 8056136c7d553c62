//! Rows of another model in the form of an object: which are there, and what is typed in them.
//!
//! A row's fields are named by its model, a mark of the row and the field: `season-12-price` for
//! the stored object 12, and another mark, such as `new1`, for a row that is to be added.

use web::form::Form;

use super::clean::FormPart;
use crate::description::model::{Field, FieldKind, Inline, Model};

/// The field of a row that says to delete it, under Django's name.
pub(crate) const DELETE: &str = "DELETE";

/// The rows of one inline in the form of one object.
#[derive(Debug, Clone)]
pub(crate) struct InlineForm {
    pub(crate) inline: &'static Inline,
    pub(crate) target: &'static Model,
    pub(crate) relation: &'static Field,
    /// The relation to the embedded object that the rows are of; `None` for rows of the form's own object.
    pub(crate) owner: Option<&'static str>,
    /// The fields of a row: all of the model but the relation.
    pub(crate) fields: Vec<&'static Field>,
    /// The keys of the rows that are stored, in their order.
    pub(crate) keys: Vec<i64>,
}

/// A row of an inline: the prefix of its fields' names, and its key if it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InlineRow {
    pub(crate) prefix: String,
    pub(crate) key: Option<i64>,
}

impl InlineForm {
    /// The rows of a form: first those that are stored, then those that are to be added.
    pub(crate) fn rows(&self, form: &Form) -> Vec<InlineRow> {
        let mut rows: Vec<_> = self.keys.iter().map(|key| self.stored_row(*key)).collect();
        for (name, _) in form.fields() {
            let mark = self.mark_of(name).unwrap_or_default();
            let prefix = self.prefix(mark);
            let is_known = rows.iter().any(|row| row.prefix == prefix);
            // One more than there may be, so that the error is found; no more, so that it is bounded. Those
            // that are stored are not counted: others may have added them since, and of what was typed here
            // none must be lost unseen.
            if !mark.is_empty() && !is_known && rows.len() <= self.keys.len() + self.inline.most {
                rows.push(InlineRow { prefix, key: None });
            }
        }
        rows
    }

    pub(crate) fn stored_row(&self, key: i64) -> InlineRow {
        InlineRow {
            prefix: self.prefix(&key.to_string()),
            key: Some(key),
        }
    }

    /// A row to be added, with a mark that the form does not have.
    pub(crate) fn empty_row(&self, rows: &[InlineRow]) -> InlineRow {
        let is_free = |prefix: &String| rows.iter().all(|row| row.prefix != *prefix);
        let prefixes = (1_u32..).map(|number| self.prefix(&format!("new{number}")));
        let prefix = prefixes.into_iter().find(is_free);
        InlineRow {
            prefix: prefix.unwrap_or_default(),
            key: None,
        }
    }

    fn prefix(&self, mark: &str) -> String {
        format!("{}-{mark}-", self.target.name)
    }

    /// The mark of the row that a field's name, or an entry of a form's version, is of.
    pub(crate) fn mark_of<'n>(&self, name: &'n str) -> Option<&'n str> {
        let name = name.strip_prefix(self.target.name)?.strip_prefix('-')?;
        let (mark, field) = name.split_once('-')?;
        let is_field = field == DELETE || field.is_empty() || self.target.field(field).is_some();
        let is_mark = mark.bytes().all(|byte| byte.is_ascii_alphanumeric());
        (is_field && is_mark && mark.len() <= 20).then_some(mark)
    }

    pub(crate) fn part<'a>(&'a self, row: &'a InlineRow) -> FormPart<'a> {
        FormPart {
            model: self.target,
            fields: &self.fields,
            prefix: &row.prefix,
            key: row.key,
        }
    }

    /// The names of a row's fields in the form.
    pub(crate) fn names(&self, row: &InlineRow) -> Vec<String> {
        let part = self.part(row);
        self.fields.iter().map(|field| part.name(field)).collect()
    }

    /// The name of the note that somebody else has added or deleted rows.
    pub(crate) fn note_name(&self) -> String {
        // Unlike any field's: a relation may be called as the rows' model.
        format!("{}-", self.target.name)
    }

    /// Whether the user wants a row to be deleted.
    pub(crate) fn is_deleted(form: &Form, row: &InlineRow) -> bool {
        let mark = form.get(&format!("{}{DELETE}", row.prefix));
        mark.is_some_and(|mark| !mark.is_empty())
    }

    /// Whether anything was typed or ticked in a row. What has a choice from the start says nothing.
    pub(crate) fn is_filled_in(&self, form: &Form, row: &InlineRow) -> bool {
        let part = self.part(row);
        let typed = self
            .fields
            .iter()
            .filter(|field| !matches!(field.kind, FieldKind::Choice(_) | FieldKind::Boolean(true)));
        let mut names = typed.map(|field| part.name(field));
        names.any(|name| {
            let ends = ["", "_0", "_1"].map(|end| format!("{name}{end}"));
            let mut values = ends.iter().filter_map(|name| form.get(name));
            values.any(|value| !value.trim().is_empty())
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::description::model::TextPart;

    const PAGE: Model = Model {
        app: "library",
        name: "page",
        table: "library_page",
        singular: "page",
        plural: "pages",
        fields: &[
            Field::relation("book", "book", "library.book"),
            Field::text("text", "text", 0..=20),
            Field::boolean("is_torn", "torn"),
        ],
        label: &[TextPart::Value("text")],
        ..Model::BASE
    };

    const INLINE: Inline = Inline {
        model: "library.page",
        relation: "book",
        ordering: "id",
        most: 4,
    };

    fn inline_form(keys: &[i64]) -> InlineForm {
        InlineForm {
            inline: &INLINE,
            target: &PAGE,
            relation: &PAGE.fields[0],
            owner: None,
            fields: PAGE.fields[1..].iter().collect(),
            keys: keys.to_vec(),
        }
    }

    fn form(fields: &[(&str, &str)]) -> Form {
        let fields = fields.iter();
        let fields = fields.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        fields.collect()
    }

    fn marks(rows: &[InlineRow]) -> Vec<(&str, Option<i64>)> {
        rows.iter()
            .map(|row| (row.prefix.as_str(), row.key))
            .collect()
    }

    #[test]
    fn rows_are_the_stored_ones_and_those_that_were_typed() {
        let pages = inline_form(&[12, 7]);
        let sent = form(&[
            ("title", "x"),
            ("page-7-text", "a"),
            ("page-new1-text", "b"),
            ("page-new1-is_torn", "on"),
            ("page-99-DELETE", "on"),
            ("page-new2-colour", "none such"),
            ("page-new.2-text", "no mark"),
            ("page--text", "no mark"),
            ("page-text", "no row"),
        ]);
        let rows = pages.rows(&sent);
        let expected = [
            ("page-12-", Some(12)),
            ("page-7-", Some(7)),
            ("page-new1-", None),
            ("page-99-", None),
        ];
        assert_eq!(marks(&rows), expected);
        assert_eq!(pages.empty_row(&rows).prefix, "page-new2-");
        let told = |row: usize| {
            (
                pages.is_filled_in(&sent, &rows[row]),
                InlineForm::is_deleted(&sent, &rows[row]),
            )
        };
        assert_eq!(
            [told(0), told(1), told(2), told(3)],
            [(false, false), (true, false), (true, false), (false, true)]
        );
        assert_eq!(pages.names(&rows[1]), ["page-7-text", "page-7-is_torn"]);
    }

    #[test]
    fn rows_are_bounded() {
        let names: Vec<_> = (0..1000).map(|row| format!("page-{row}-text")).collect();
        let fields: Vec<_> = names.iter().map(|name| (name.as_str(), "x")).collect();
        assert_eq!(inline_form(&[]).rows(&form(&fields)).len(), INLINE.most + 1);
    }

    proptest! {
        #[test]
        fn no_name_breaks_it(name in "page-?\\PC{0,12}") {
            let rows = inline_form(&[1]).rows(&form(&[(&name, "x")]));
            prop_assert!(rows.len() <= 2);
        }
    }
}
