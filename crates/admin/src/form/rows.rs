//! Rows of inlines, merged with what is stored since the form was opened.

use web::form::Form;

use super::inline_form::{DELETE, InlineForm};
use super::object_form::ObjectForm;
use super::version::{FormVersion, Mark, Marks, ThreeWayMerge, with_values};

/// Merges the rows that were sent with those that are stored. A row that somebody else has added is
/// taken over, one that they have deleted goes, unless the user has changed it: then it stays, as a
/// row to be added. Either puts a mark with the name of the rows' note.
pub(super) fn with_merged_rows(
    merging: &ThreeWayMerge<'_>,
    object_form: &ObjectForm<'_>,
    form: &Form,
) -> (Form, Marks) {
    let mut form = form.clone();
    let mut marks = Marks::new();
    for inline_form in object_form.inline_forms() {
        for row in inline_form.rows(&form) {
            let mut names = inline_form.names(&row);
            let was_there = merging.opened.0.contains_key(&row.prefix);
            match (row.key, was_there) {
                (Some(_), true) => {
                    let fields = names.into_iter().map(|name| (name, false)).collect();
                    let (merged, others) = merging.merge(&form, fields);
                    form = merged;
                    marks.extend(others);
                }
                (Some(_), false) => {
                    form = with_values(&form, &names, merging.stored);
                    marks.insert(inline_form.note_name(), Mark::Theirs);
                }
                (None, true) => {
                    marks.insert(inline_form.note_name(), Mark::Theirs);
                    let is_mine = |name: &String| merging.opened.is_mine(&form, name);
                    if InlineForm::is_deleted(&form, &row) || !names.iter().any(is_mine) {
                        names.push(format!("{}{DELETE}", row.prefix));
                        form = with_values(&form, &names, &Form::default());
                    }
                }
                (None, false) => {}
            }
        }
    }
    (form, marks)
}

/// The form in which stored rows of which nothing was sent have their stored values, for a form that
/// does not say what it was opened with.
pub(super) fn with_unsent_rows(object_form: &ObjectForm<'_>, form: &Form, stored: &Form) -> Form {
    let mut form = form.clone();
    for inline_form in object_form.inline_forms() {
        for row in inline_form.rows(&form) {
            if row.key.is_some() && !inline_form.is_filled_in(&form, &row) {
                form = with_values(&form, &inline_form.names(&row), stored);
            }
        }
    }
    form
}

/// The entries of stored rows in the version of a form that is resumed: those that the user has not
/// changed are as they are now.
pub(super) fn resume_rows(
    opened: &mut FormVersion,
    now: &FormVersion,
    object_form: &ObjectForm<'_>,
    form: &Form,
) {
    let mut fresh = Vec::new();
    for inline_form in object_form.inline_forms() {
        for key in &inline_form.keys {
            let row = inline_form.stored_row(*key);
            let names = inline_form.names(&row).into_iter();
            fresh.extend(names.filter(|name| !opened.is_mine(form, name)));
            fresh.push(row.prefix);
        }
    }
    opened.copy_entries(fresh, now);
}
