//! What a form was opened with, and how it is merged with what is stored since.
//!
//! A form carries a fingerprint of each of its fields as it was opened, and the keys of embedded
//! objects and of rows. A field that was sent with another fingerprint was changed by the user of the form.
//! A field that is stored with another fingerprint was changed by somebody else.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};
use web::form::Form;

use super::clean::VERSION;
use super::object_form::{EmbeddedForm, ObjectForm};
use crate::data::record::short_hash;

/// What is to be said of a field that somebody else has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mark {
    /// The user has not changed it: it now shows what somebody else has stored.
    Theirs,
    /// The user has changed it, too: it shows what the user typed.
    Both,
    /// The user typed this about an embedded object that has been replaced, or saved elsewhere,
    /// since. The field no longer shows it.
    Typed(String),
}

/// The marks by the names of fields.
pub(crate) type Marks = BTreeMap<String, Mark>;

/// What a form was opened with: fingerprints by the names of fields, and the keys of embedded
/// objects by the prefixes of their forms, which end in `-`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FormVersion(pub(crate) BTreeMap<String, String>);

/// The fingerprint of a field's values, in whatever order they were sent. An absent field and an
/// empty one hash alike; a time's parts are named `_0` and `_1`.
pub(crate) fn fingerprint(form: &Form, name: &str) -> String {
    let mut hash = Sha256::new();
    for end in SUFFIXES {
        let name = format!("{name}{end}");
        let values = form.all(&name).map(str::trim);
        let mut values: Vec<_> = values.filter(|value| !value.is_empty()).collect();
        values.sort_unstable();
        hash.update(format!("{values:?}\0"));
    }
    let mut fingerprint = short_hash(hash);
    fingerprint.truncate(12);
    fingerprint
}

/// What follows a field's name: nothing, or `_0` for the date and `_1` for the time of day.
pub(crate) const SUFFIXES: [&str; 3] = ["", "_0", "_1"];

/// Whether a field was sent with other values than those that are stored.
pub(crate) fn differs(form: &Form, stored: &Form, name: &str) -> bool {
    fingerprint(form, name) != fingerprint(stored, name)
}

impl FormVersion {
    /// Reads what a form carries; `None` if it carries nothing, as that of another program.
    pub(crate) fn of(form: &Form) -> Option<Self> {
        let fingerprints = form.get(VERSION)?.split(' ');
        let fingerprints = fingerprints.filter_map(|entry| entry.split_once(':'));
        let fingerprints =
            fingerprints.map(|(name, fingerprint)| (name.to_owned(), fingerprint.to_owned()));
        let fingerprints: BTreeMap<_, _> = fingerprints.collect();
        (!fingerprints.is_empty()).then_some(Self(fingerprints))
    }

    /// For a form that is opened now, with what is stored.
    pub(crate) fn current(object_form: &ObjectForm<'_>, stored: &Form) -> Self {
        let own = object_form.open_fields().into_iter();
        let mut names: Vec<_> = own.map(|field| field.name.to_owned()).collect();
        let mut keys = BTreeMap::new();
        for embedded_form in object_form.embedded_forms() {
            if let Some(key) = embedded_form.key {
                names.extend(embedded_form.names());
                keys.insert(embedded_form.prefix, key.to_string());
            }
        }
        for inline_form in object_form.inline_forms() {
            for key in &inline_form.keys {
                let row = inline_form.stored_row(*key);
                names.extend(inline_form.names(&row));
                keys.insert(row.prefix, key.to_string());
            }
        }
        let fingerprints = names.into_iter().map(|name| {
            let fingerprint = fingerprint(stored, &name);
            (name, fingerprint)
        });
        Self(fingerprints.chain(keys).collect())
    }

    /// The form, carrying this.
    pub(crate) fn attach_to(&self, form: &Form) -> Form {
        let fingerprints = self.0.iter();
        let fingerprints = fingerprints.map(|(name, fingerprint)| format!("{name}:{fingerprint}"));
        let version = (
            VERSION.to_owned(),
            fingerprints.collect::<Vec<_>>().join(" "),
        );
        let others = form.fields().iter().filter(|(name, _)| name != VERSION);
        others.cloned().chain([version]).collect()
    }

    /// Whether the user has changed a field; one missing from the form counts as unchanged.
    pub(crate) fn is_mine(&self, form: &Form, name: &str) -> bool {
        let opened = self.0.get(name);
        opened.is_some_and(|opened| fingerprint(form, name) != *opened)
    }

    /// Whether the form was opened with the object that is embedded now.
    pub(crate) fn is_same_object(&self, embedded_form: &EmbeddedForm) -> bool {
        let key = embedded_form.key.map(|key| key.to_string());
        key.is_some() && self.0.get(&embedded_form.prefix) == key.as_ref()
    }

    /// Whether the user has changed a field that is no longer open to them. A row that somebody else
    /// has deleted is none of these.
    pub(crate) fn has_lost_field(
        &self,
        object_form: &ObjectForm<'_>,
        now: &Self,
        form: &Form,
    ) -> bool {
        let inline_forms = object_form.inline_forms();
        let is_row = |name: &str| inline_forms.iter().any(|rows| rows.mark_of(name).is_some());
        // Names that end in `-` are prefixes, which have keys and no fingerprints.
        let lost = self.0.keys().filter(|name| !name.ends_with('-'));
        let mut lost = lost.filter(|name| !now.0.contains_key(*name) && !is_row(name));
        lost.any(|name| self.is_mine(form, name))
    }

    pub(crate) fn has_embedded(&self, embedded_form: &EmbeddedForm) -> bool {
        self.0.contains_key(&embedded_form.prefix)
    }

    /// The fields of an embedded form that the user has changed. If the form was opened without
    /// that object, these are the fields that are filled in.
    pub(crate) fn changed_names(&self, form: &Form, embedded_form: &EmbeddedForm) -> Vec<String> {
        let nothing = Form::default();
        let is_mine = |name: &String| {
            if self.has_embedded(embedded_form) {
                self.is_mine(form, name)
            } else {
                differs(form, &nothing, name)
            }
        };
        embedded_form.names().into_iter().filter(is_mine).collect()
    }

    /// Copies the entries of these names from `other`, and removes those that it does not have.
    pub(crate) fn copy_entries(&mut self, names: impl IntoIterator<Item = String>, other: &Self) {
        for name in names {
            match other.0.get(&name) {
                Some(fingerprint) => self.0.insert(name, fingerprint.clone()),
                None => self.0.remove(&name),
            };
        }
    }
}

/// The names of all that a form carries of an embedded one: of its fields, and its prefix.
pub(crate) fn entry_names(embedded_form: &EmbeddedForm) -> impl Iterator<Item = String> {
    embedded_form
        .names()
        .into_iter()
        .chain([embedded_form.prefix.clone()])
}

/// Whether the object that the form has chosen is the one that is embedded.
pub(crate) fn is_chosen(form: &Form, embedded_form: &EmbeddedForm) -> bool {
    let chosen = form
        .get(embedded_form.relation.name)
        .unwrap_or_default()
        .trim();
    embedded_form
        .key
        .is_some_and(|key| chosen == key.to_string())
}

/// The form with the values of `others` for the fields in `names`.
pub(crate) fn with_values(form: &Form, names: &[String], others: &Form) -> Form {
    let is_other = |field: &str| {
        let mut names = names.iter();
        names.any(|name| {
            field
                .strip_prefix(name.as_str())
                .is_some_and(|end| SUFFIXES.contains(&end))
        })
    };
    let kept = form.fields().iter().filter(|(name, _)| !is_other(name));
    let others = others.fields().iter().filter(|(name, _)| is_other(name));
    kept.chain(others).cloned().collect()
}

/// What a form was opened with, what it would be opened with now, and the stored values.
pub(crate) struct ThreeWayMerge<'a> {
    pub(crate) opened: &'a FormVersion,
    pub(crate) now: &'a FormVersion,
    pub(crate) stored: &'a Form,
}

impl ThreeWayMerge<'_> {
    /// Fields that the user has not changed take the stored values; those that somebody else has
    /// changed get marks. Of each field the name, and whether the program itself writes it: then
    /// only a value that the user has changed, too, gets a mark.
    pub(crate) fn merge(&self, form: &Form, fields: Vec<(String, bool)>) -> (Form, Marks) {
        let mut theirs = Vec::new();
        let mut marks = Marks::new();
        for (name, is_written_by_program) in fields {
            let opened = self.opened.0.get(&name);
            let is_mine = self.opened.is_mine(form, &name);
            let is_theirs = opened.is_some() && self.now.0.get(&name) != opened;
            if is_theirs && is_mine && differs(form, self.stored, &name) {
                marks.insert(name.clone(), Mark::Both);
            } else if is_theirs && !is_mine && !is_written_by_program {
                marks.insert(name.clone(), Mark::Theirs);
            }
            if !is_mine {
                theirs.push(name);
            }
        }
        (with_values(form, &theirs, self.stored), marks)
    }
}

/// The value of the hidden field by which a form carries what it was opened with.
pub(crate) fn version(form: &Form) -> String {
    form.get(VERSION).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(fields: &[(&str, &str)]) -> Form {
        let fields = fields.iter();
        let fields = fields.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        fields.collect()
    }

    #[test]
    fn a_field_differs_by_what_it_holds() {
        for (sent, stored, expected) in [
            (&[("a", " x ")][..], &[("a", "x")][..], false),
            (&[("a", "x")], &[("a", "y")], true),
            (&[("a", "")], &[], false),
            (&[("a", "1"), ("a", "2")], &[("a", "2"), ("a", "1")], false),
            (&[("a", "1"), ("a", "2")], &[("a", "1")], true),
            (
                &[("a_0", "1"), ("a_1", "2")],
                &[("a_0", "2"), ("a_1", "1")],
                true,
            ),
            // Another field begins with the same letters.
            (&[("a", "x"), ("a_2", "y")], &[("a", "x")], false),
        ] {
            assert_eq!(
                differs(&form(sent), &form(stored), "a"),
                expected,
                "{sent:?}"
            );
        }
    }

    #[test]
    fn values_are_put_into_their_fields_alone() {
        let sent = form(&[
            ("a", "1"),
            ("ab", "2"),
            ("b_0", "3"),
            ("b_1", "4"),
            ("c", "5"),
        ]);
        let stored = form(&[("a", "6"), ("a", "7"), ("b_0", "8"), ("c", "9")]);
        let names = ["a", "b"].map(str::to_owned);
        assert_eq!(
            with_values(&sent, &names, &stored),
            form(&[
                ("ab", "2"),
                ("c", "5"),
                ("a", "6"),
                ("a", "7"),
                ("b_0", "8")
            ])
        );
    }

    #[test]
    fn fingerprints_are_read_as_they_were_written() {
        let fingerprints = [("a", "12"), ("b-", "7"), ("b-c", "34")];
        let fingerprints =
            fingerprints.map(|(name, fingerprint)| (name.to_owned(), fingerprint.to_owned()));
        let opened = FormVersion(BTreeMap::from(fingerprints));
        let sent = opened.attach_to(&form(&[("a", "x"), (VERSION, "old:1")]));
        assert_eq!(sent.all(VERSION).count(), 1);
        assert_eq!(FormVersion::of(&sent), Some(opened));
        for broken in ["", " ", "nothing", "\0"] {
            assert_eq!(
                FormVersion::of(&form(&[(VERSION, broken)])),
                None,
                "{broken:?}"
            );
        }
        assert_eq!(FormVersion::of(&form(&[])), None);
    }
}
