//! Finds what somebody else has stored since a form was opened, field by field.

use std::collections::BTreeMap;

use web::form::Form;

use super::object_form::{EmbeddedForm, ObjectForm};
use super::rows::{resume_rows, with_merged_rows, with_unsent_rows};
use super::version::{
    FormVersion, Mark, Marks, SUFFIXES, ThreeWayMerge, differs, entry_names, is_chosen, with_values,
};
use crate::data::access::allow;

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
        let form = with_values(form, &unsent, &stored);
        let form = with_unsent_rows(object_form, &form, &stored);
        return Ok((now.attach_to(&form), Marks::new()));
    };
    allow(!opened.has_lost_field(object_form, &now, form))?;
    let merging = ThreeWayMerge {
        opened: &opened,
        now: &now,
        stored: &stored,
    };
    let own = object_form.open_fields().into_iter();
    let own = own.map(|field| (field.name.to_owned(), field.is_written_by_program));
    let (form, mut marks) = merging.merge(form, own.collect());
    let (mut form, of_rows) = with_merged_rows(&merging, object_form, &form);
    marks.extend(of_rows);
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
    let mut form = form.clone();
    if object_form.object.is_some() {
        let merging = ThreeWayMerge {
            opened: &opened,
            now: &now,
            stored: &stored,
        };
        (form, _) = with_merged_rows(&merging, object_form, &form);
        resume_rows(&mut opened, &now, object_form, &form);
        let own = object_form.open_fields().into_iter();
        fresh.extend(own.map(|field| field.name.to_owned()));
        fresh.retain(|name| !opened.is_mine(&form, name));
        opened.0.retain(|name, _| now.0.contains_key(name));
    }
    form = with_values(&form, &fresh, &stored);
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
    FormVersion::of(form).is_some_and(|opened| opened.has_lost_field(object_form, &now, form))
}
