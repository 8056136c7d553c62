//! The form of an object that somebody else has deleted meanwhile.

use accounts::messages::level;
use axum::response::Response;
use web::form::Form;

use super::page::{Mode, show_marked};
use crate::data::labels::label_of;
use crate::data::record::parse_key;
use crate::description::model::Model;
use crate::form::conflict::typed_marks;
use crate::form::object_form::ObjectForm;
use crate::form::version::{FormVersion, Marks, version, with_values};
use crate::request::admin_request::AdminRequest;
use crate::request::draft;

/// Shows what was typed in the form of a new object, so that it is not lost. If such a form cannot
/// be shown, the answer is that for a missing object.
pub(super) async fn show_restore_form(
    request: &AdminRequest,
    model: &'static Model,
    key: &str,
    form: &Form,
) -> web::Result<Response> {
    let is_in_two_steps = model
        .pages
        .is_some_and(|pages| pages.add_fieldsets.is_some());
    // Without fingerprints it is another program's form, which is answered as for a missing object.
    if version(form).is_empty() {
        return draft::answer_missing_object(request, model, key).await;
    }
    if is_in_two_steps || !request.rights(model).add {
        let text = request.texts.get("admin-typed-lost");
        request.add_message(level::WARNING, text).await?;
        return draft::answer_missing_object(request, model, key).await;
    }
    let object_form = ObjectForm::for_new(&request.admin.registry, &request.permissions, model);
    let nothing = Form::default();
    let mut form = form.clone();
    let mut marks = Marks::new();
    for embedded_form in object_form.embedded_forms() {
        let name = embedded_form.relation.name;
        let key = form.get(name).and_then(|key| parse_key(key.trim()));
        let is_there = match key {
            Some(key) => {
                let admin = &request.admin;
                let label = label_of(&admin.db, &admin.registry, embedded_form.target, key).await?;
                label.is_some()
            }
            None => false,
        };
        // A related object that still exists stays chosen, and what was typed about it becomes a
        // mark. If it is deleted, too, what was typed makes a new one.
        let left_out = if is_there {
            marks.extend(typed_marks(&form, &embedded_form, &nothing));
            let mut names = embedded_form.names();
            names.extend(unchanged_rows(&object_form, name, &form));
            names
        } else {
            vec![name.to_owned()]
        };
        form = with_values(&form, &left_out, &nothing);
    }
    show_marked(request, &object_form, Mode::Restore, &form, &marks).await
}

/// The fields of the rows of an embedded object that are as they were when the form was opened: that object
/// still has them.
fn unchanged_rows(object_form: &ObjectForm<'_>, relation: &str, form: &Form) -> Vec<String> {
    let opened = FormVersion::of(form);
    let is_mine = |name: &String| {
        opened
            .as_ref()
            .is_none_or(|opened| opened.is_mine(form, name))
    };
    let mut unchanged = Vec::new();
    for inline_form in object_form.inline_forms() {
        let is_of = inline_form.owner == Some(relation);
        for row in inline_form.rows(form).iter().filter(|_| is_of) {
            let names = inline_form.names(row);
            let was_there = opened
                .as_ref()
                .is_some_and(|opened| opened.0.contains_key(&row.prefix));
            if was_there && !names.iter().any(is_mine) {
                unchanged.extend(names);
            }
        }
    }
    unchanged
}
