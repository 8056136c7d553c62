//! Finds what somebody else has stored since a form was opened, field by field.
//!
//! A form carries a fingerprint of each of its fields as it was opened, and the keys of embedded
//! objects. A field that was sent with another fingerprint was changed by the user of the form. A
//! field that is stored with another fingerprint was changed by somebody else.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};
use web::form::Form;

use super::clean::VERSION;
use super::object_form::{EmbeddedForm, ObjectForm};
use crate::data::access::allow;
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
struct FormVersion(BTreeMap<String, String>);

/// The fingerprint of a field's values, in whatever order they were sent. An absent field and an
/// empty one hash alike; a time's parts are named `_0` and `_1`.
fn fingerprint(form: &Form, name: &str) -> String {
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
const SUFFIXES: [&str; 3] = ["", "_0", "_1"];

/// Whether a field was sent with other values than those that are stored.
pub(crate) fn differs(form: &Form, stored: &Form, name: &str) -> bool {
    fingerprint(form, name) != fingerprint(stored, name)
}

impl FormVersion {
    /// Reads what a form carries; `None` if it carries nothing, as that of another program.
    fn of(form: &Form) -> Option<Self> {
        let fingerprints = form.get(VERSION)?.split(' ');
        let fingerprints = fingerprints.filter_map(|entry| entry.split_once(':'));
        let fingerprints =
            fingerprints.map(|(name, fingerprint)| (name.to_owned(), fingerprint.to_owned()));
        let fingerprints: BTreeMap<_, _> = fingerprints.collect();
        (!fingerprints.is_empty()).then_some(Self(fingerprints))
    }

    /// For a form that is opened now, with what is stored.
    fn current(object_form: &ObjectForm<'_>, stored: &Form) -> Self {
        let own = object_form.open_fields().into_iter();
        let mut names: Vec<_> = own.map(|field| field.name.to_owned()).collect();
        let mut keys = BTreeMap::new();
        for embedded_form in object_form.embedded_forms() {
            if let Some(key) = embedded_form.key {
                names.extend(embedded_form.names());
                keys.insert(embedded_form.prefix, key.to_string());
            }
        }
        let fingerprints = names.into_iter().map(|name| {
            let fingerprint = fingerprint(stored, &name);
            (name, fingerprint)
        });
        Self(fingerprints.chain(keys).collect())
    }

    /// The form, carrying this.
    fn attach_to(&self, form: &Form) -> Form {
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
    fn is_mine(&self, form: &Form, name: &str) -> bool {
        let opened = self.0.get(name);
        opened.is_some_and(|opened| fingerprint(form, name) != *opened)
    }

    /// Whether the form was opened with the object that is embedded now.
    fn is_same_object(&self, embedded_form: &EmbeddedForm) -> bool {
        let key = embedded_form.key.map(|key| key.to_string());
        key.is_some() && self.0.get(&embedded_form.prefix) == key.as_ref()
    }

    /// Whether the user has changed a field that is no longer open to them.
    fn has_lost_field(&self, now: &Self, form: &Form) -> bool {
        // Names that end in `-` are prefixes, which have keys and no fingerprints.
        let lost = self.0.keys();
        let mut lost = lost.filter(|name| !name.ends_with('-') && !now.0.contains_key(*name));
        lost.any(|name| self.is_mine(form, name))
    }

    fn has_embedded(&self, embedded_form: &EmbeddedForm) -> bool {
        self.0.contains_key(&embedded_form.prefix)
    }

    /// The fields of an embedded form that the user has changed. If the form was opened without
    /// that object, these are the fields that are filled in.
    fn changed_names(&self, form: &Form, embedded_form: &EmbeddedForm) -> Vec<String> {
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
    fn copy_entries(&mut self, names: impl IntoIterator<Item = String>, other: &Self) {
        for name in names {
            match other.0.get(&name) {
                Some(fingerprint) => self.0.insert(name, fingerprint.clone()),
                None => self.0.remove(&name),
            };
        }
    }
}

/// The names of all that a form carries of an embedded one: of its fields, and its prefix.
fn entry_names(embedded_form: &EmbeddedForm) -> impl Iterator<Item = String> {
    embedded_form
        .names()
        .into_iter()
        .chain([embedded_form.prefix.clone()])
}

/// Whether the object that the form has chosen is the one that is embedded.
fn is_chosen(form: &Form, embedded_form: &EmbeddedForm) -> bool {
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

/// Marks for what was typed into an embedded form and differs from `stored`. The caller takes it
/// out of the fields, and the marks tell the user what it was.
pub(crate) fn typed_marks(form: &Form, embedded_form: &EmbeddedForm, stored: &Form) -> Marks {
    let opened = FormVersion::of(form).unwrap_or_else(|| FormVersion(BTreeMap::new()));
    let mine = opened.changed_names(form, embedded_form).into_iter();
    let mine = mine.filter(|name| differs(form, stored, name));
    let mine = mine.map(|name| {
        let values = SUFFIXES.iter().flat_map(|end| {
            let values: Vec<_> = form
                .all(&format!("{name}{end}"))
                .map(str::to_owned)
                .collect();
            values
        });
        let typed = values.collect::<Vec<_>>().join(" ");
        (name, Mark::Typed(typed))
    });
    mine.collect()
}

/// The form that is opened with what is stored.
pub(crate) fn opened_form(object_form: &ObjectForm<'_>) -> Form {
    let stored = object_form.stored();
    FormVersion::current(object_form, &stored).attach_to(&stored)
}

/// Merges what was sent with what is stored: a field that the user has not changed takes the stored
/// value. Returns the form, and marks for what the user has to see before it is saved. Fails with
/// 403 if the user has lost the right to a field that they have changed.
pub(crate) fn merge_with_stored(
    object_form: &ObjectForm<'_>,
    form: &Form,
) -> web::Result<(Form, Marks)> {
    if object_form.object.is_none() {
        return Ok((form.clone(), Marks::new()));
    }
    let stored = object_form.stored();
    let now = FormVersion::current(object_form, &stored);
    let forms = object_form.embedded_forms().into_iter();
    let forms = forms.filter(|embedded_form| embedded_form.key.is_some());
    let Some(opened) = FormVersion::of(form) else {
        // Nothing tells what the user has changed, so that all that was sent counts. But an
        // embedded form of which nothing was sent stays as it is stored.
        let unsent = forms.filter(|embedded_form| {
            is_chosen(form, embedded_form) && !embedded_form.is_filled_in(form)
        });
        let unsent: Vec<_> = unsent
            .flat_map(|embedded_form| embedded_form.names())
            .collect();
        return Ok((
            now.attach_to(&with_values(form, &unsent, &stored)),
            Marks::new(),
        ));
    };
    allow(!opened.has_lost_field(&now, form))?;
    let merging = ThreeWayMerge {
        opened: &opened,
        now: &now,
        stored: &stored,
    };
    let own = object_form.open_fields().into_iter();
    let own = own.map(|field| (field.name.to_owned(), field.is_written_by_program));
    let (mut form, mut marks) = merging.merge(form, own.collect());
    let mut version = now.clone();
    for embedded_form in forms {
        let is_typed = !opened.changed_names(&form, &embedded_form).is_empty();
        let is_moved = opened.has_embedded(&embedded_form)
            && !opened.is_same_object(&embedded_form)
            || marks.get(embedded_form.relation.name) == Some(&Mark::Theirs);
        if is_typed && is_moved {
            // What was typed is about another object than the one that is embedded now. The fields
            // take the stored values, and the marks tell what was typed.
            marks.extend(typed_marks(&form, &embedded_form, &stored));
        } else if is_typed && !is_chosen(&form, &embedded_form) {
            // To type and to choose another object is an error, with which the form is shown again.
            // The fingerprints stay old, so that changes of somebody else are still found then.
            version.copy_entries(entry_names(&embedded_form), &opened);
            continue;
        } else if is_typed && !opened.has_embedded(&embedded_form) {
            // The form was opened without that object, so that the user has not seen its values.
            let names = embedded_form.names().into_iter();
            let unseen = names.filter(|name| differs(&form, &stored, name));
            marks.extend(unseen.map(|name| (name, Mark::Both)));
            continue;
        } else if is_chosen(&form, &embedded_form) && opened.is_same_object(&embedded_form) {
            // The form was opened with the same object: merge field by field.
            let part = embedded_form.part();
            let fields = embedded_form.fields.iter();
            let fields = fields.map(|field| (part.name(field), field.is_written_by_program));
            let (merged, others) = merging.merge(&form, fields.collect());
            form = merged;
            marks.extend(others);
            continue;
        }
        form = with_values(&form, &embedded_form.names(), &stored);
    }
    Ok((version.attach_to(&form), marks))
}

/// What a form was opened with, what it would be opened with now, and the stored values.
struct ThreeWayMerge<'a> {
    opened: &'a FormVersion,
    now: &'a FormVersion,
    stored: &'a Form,
}

impl ThreeWayMerge<'_> {
    /// Fields that the user has not changed take the stored values; those that somebody else has
    /// changed get marks. Of each field the name, and whether the program itself writes it: then
    /// only a value that the user has changed, too, gets a mark.
    fn merge(&self, form: &Form, fields: Vec<(String, bool)>) -> (Form, Marks) {
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

/// A form that was left for a related object, as it is resumed: what was typed stays, all other
/// fields take what is stored now. `chosen` is the relation for which an object was changed or
/// chosen on the way, and that object's key.
pub(crate) fn resumed_form(
    object_form: &ObjectForm<'_>,
    form: &Form,
    chosen: Option<(&str, i64)>,
) -> (Form, Marks) {
    let mut marks = Marks::new();
    let stored = object_form.stored();
    let now = FormVersion::current(object_form, &stored);
    let mut opened = FormVersion::of(form).unwrap_or_else(|| FormVersion(BTreeMap::new()));
    let mut fresh = Vec::new();
    if object_form.object.is_some() {
        let own = object_form.open_fields().into_iter();
        fresh.extend(own.map(|field| field.name.to_owned()));
        fresh.retain(|name| !opened.is_mine(form, name));
        opened.0.retain(|name, _| now.0.contains_key(name));
    }
    let mut form = with_values(form, &fresh, &stored);
    opened.copy_entries(fresh, &now);
    for embedded_form in object_form.embedded_forms() {
        let names = embedded_form.names();
        let was_chosen = chosen.filter(|(relation, _)| *relation == embedded_form.relation.name);
        if was_chosen.is_some_and(|(_, key)| embedded_form.key != Some(key)) {
            // What was typed is not about the object that was chosen.
            marks.extend(typed_marks(&form, &embedded_form, &Form::default()));
            form = with_values(&form, &names, &Form::default());
            opened.copy_entries(entry_names(&embedded_form), &FormVersion(BTreeMap::new()));
            continue;
        }
        let mine = opened.changed_names(&form, &embedded_form);
        let is_same_object = opened.is_same_object(&embedded_form);
        if was_chosen.is_some() || (embedded_form.key.is_some() && mine.is_empty()) {
            // Nothing was typed here; or the user has just saved or chosen the object, and what is
            // stored of it is newer than what they had typed here.
            marks.extend(typed_marks(&form, &embedded_form, &stored));
            form = with_values(&form, &names, &stored);
            opened.copy_entries(entry_names(&embedded_form), &now);
        } else if is_same_object && is_chosen(&form, &embedded_form) {
            let fresh: Vec<_> = names
                .into_iter()
                .filter(|name| !mine.contains(name))
                .collect();
            form = with_values(&form, &fresh, &stored);
            opened.copy_entries(fresh, &now);
        }
    }
    let form = match object_form.object {
        Some(_) => opened.attach_to(&form),
        None => form,
    };
    (form, marks)
}

/// Whether the user has changed a field of a form that is no longer open to them.
pub(crate) fn has_lost_field(object_form: &ObjectForm<'_>, form: &Form) -> bool {
    let now = FormVersion::current(object_form, &Form::default());
    FormVersion::of(form).is_some_and(|opened| opened.has_lost_field(&now, form))
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
