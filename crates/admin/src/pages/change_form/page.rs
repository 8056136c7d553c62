//! The form as a page.

use askama::Template;
use axum::response::Response;
use db::DbErr;
use web::form::Form;
use web::i18n::Texts;

use crate::data::access::{Rights, is_protected};
use crate::data::labels::label_of;
use crate::data::on_site::address_of;
use crate::description::model::{FieldKind, Fieldset};
use crate::form::clean::{Errors, NOTE_PREFIX};
use crate::form::inline_form::{DELETE, InlineForm};
use crate::form::object_form::{EmbeddedForm, ObjectForm, own_form_part};
use crate::form::version::{Mark, Marks, version};
use crate::form::widget::{Control, Widget, WidgetBuilder};
use crate::request::admin_request::AdminRequest;
use crate::request::crumbs::{Crumb, crumbs};
use crate::request::draft;
use crate::words;

/// The purpose of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Add,
    /// To add an object anew that somebody else has deleted.
    Restore,
    Change,
    View,
}

/// The button that shows the form with a further row.
pub(crate) const MORE_ROWS: &str = "_more";
/// The button that shows the form with its previews.
pub(crate) const PREVIEW: &str = "_preview";

/// A group of fields.
#[derive(Debug)]
struct Group {
    title: Option<String>,
    /// A sentence below the title.
    note: Option<String>,
    widgets: Vec<Widget>,
    rows: Option<Rows>,
    /// Whether what it wants is still missing.
    is_incomplete: bool,
}

/// The rows of an inline.
#[derive(Debug)]
struct Rows {
    views: Vec<RowView>,
    /// The text of the button for a further row; `None` if there may be none.
    more: Option<String>,
    /// The name of their model.
    name: &'static str,
    /// The name of the rows' note about what somebody else has changed, and the note.
    conflict_note: (String, Option<String>),
}

/// A row of an inline.
#[derive(Debug)]
struct RowView {
    /// What it is called; nothing if there is no other row.
    title: Option<String>,
    widgets: Vec<Widget>,
    /// The field that says to delete it, and whether it does; `None` if it is not stored yet.
    delete: Option<(String, bool)>,
}

#[derive(Debug, Template)]
#[template(path = "form.html")]
struct FormPage {
    texts: Texts,
    csrf_token: String,
    crumbs: Vec<Crumb>,
    title: String,
    mode: Mode,
    /// Where the form is sent to; `None` for the address of the page.
    action: Option<String>,
    groups: Vec<Group>,
    /// The errors of the form as a whole.
    errors: Vec<String>,
    /// The text that says how many errors there are.
    summary: Option<String>,
    /// If somebody else has changed the object meanwhile, the address that shows what is stored
    /// now.
    conflict: Option<String>,
    version: String,
    /// Links beside the title: address and text.
    links: Vec<(String, String)>,
    /// The address that deletes the object; `None` if the user may not.
    delete: Option<String>,
    may_add_another: bool,
    may_continue: bool,
    /// The way back to the form that was left for this one.
    back: Option<String>,
}

pub(super) async fn show_form(
    request: &AdminRequest,
    object_form: &ObjectForm<'_>,
    mode: Mode,
    form: &Form,
    errors: &Errors,
) -> web::Result<Response> {
    let page = page(request, object_form, mode, form, errors).await?;
    request.show(page.title.clone(), &page).await
}

/// Shows a form again, with what somebody else has stored and a note at each marked field.
pub(super) async fn show_marked(
    request: &AdminRequest,
    object_form: &ObjectForm<'_>,
    mode: Mode,
    form: &Form,
    marks: &Marks,
) -> web::Result<Response> {
    let form = with_notes(request.widget_builder(), object_form, form, marks).await?;
    let mut page = page(request, object_form, mode, &form, &Errors::new()).await?;
    page.conflict =
        (mode == Mode::Change).then(|| draft::without_resume_parameters(&request.full_path()));
    request.show(page.title.clone(), &page).await
}

/// The form with its marks as notes, which are fields of their own.
pub(super) async fn with_notes(
    builder: WidgetBuilder<'_>,
    object_form: &ObjectForm<'_>,
    form: &Form,
    marks: &Marks,
) -> Result<Form, DbErr> {
    let mut fields = form.fields().to_vec();
    for (name, mark) in marks {
        let note = match mark {
            Mark::Theirs => builder.texts.get("admin-conflict-kept"),
            Mark::Both => stored_value_note(builder, object_form, name).await?,
            Mark::Typed(typed) => builder
                .texts
                .with("admin-conflict-typed", [("value", typed.as_str().into())]),
        };
        let name = format!("{NOTE_PREFIX}{name}");
        fields.retain(|(other, _)| *other != name);
        fields.push((name, note));
    }
    Ok(fields.into_iter().collect())
}

/// The note that says what is stored of a field.
async fn stored_value_note(
    builder: WidgetBuilder<'_>,
    object_form: &ObjectForm<'_>,
    name: &str,
) -> Result<String, DbErr> {
    let inline_forms = object_form.inline_forms();
    let of_row = inline_forms
        .iter()
        .find_map(|rows| Some((rows, rows.mark_of(name)?)));
    let (record, name, model) = if let Some((rows, mark)) = of_row {
        let key = mark.parse().ok();
        let record = key.and_then(|key| object_form.stored_row(rows.inline, key));
        let (_, name) = name.rsplit_once('-').unwrap_or_default();
        (record, name, Some(rows.target))
    } else if let Some((relation, name)) = name.split_once('-') {
        let target = object_form.model.field(relation);
        let target = target.and_then(|field| builder.registry.target(field));
        let record = object_form.embedded.get(relation).map(|(_, record)| record);
        (record, name, target)
    } else {
        let record = object_form.object.as_ref().map(|(_, record)| record);
        (record, name, Some(object_form.model))
    };
    let field = model.and_then(|model| model.field(name));
    let text = match (record, field) {
        (Some(record), Some(field)) => builder.text_of(field, record).await?,
        _ => String::new(),
    };
    Ok(if text.is_empty() {
        builder.texts.get("admin-conflict-emptied")
    } else {
        builder
            .texts
            .with("admin-conflict-theirs", [("value", text.into())])
    })
}

async fn page(
    request: &AdminRequest,
    object_form: &ObjectForm<'_>,
    mode: Mode,
    form: &Form,
    errors: &Errors,
) -> web::Result<FormPage> {
    let model = object_form.model;
    let rights = request.rights(model);
    let label = match &object_form.object {
        Some((key, _)) => label_of(&request.admin.db, &request.admin.registry, model, *key).await?,
        None => None,
    };
    let name = request.texts.get(model.singular);
    let title = match (mode, &label) {
        (Mode::Change, Some(label)) => {
            let names = [("model", name.into()), ("object", label.as_str().into())];
            request.texts.with("admin-change-title", names)
        }
        (Mode::View, Some(label)) => {
            let names = [("model", name.into()), ("object", label.as_str().into())];
            request.texts.with("admin-view-title", names)
        }
        _ => request
            .texts
            .with("admin-add-title", [("model", name.into())]),
    };
    let last = label.unwrap_or_else(|| request.texts.get("admin-add"));
    let draft = draft::find_named(request, draft::FOR_DRAFT).await?;
    let count: usize = errors.values().map(Vec::len).sum();
    Ok(FormPage {
        csrf_token: request.csrf_token.clone(),
        crumbs: crumbs(request, model, last),
        groups: groups(
            request.widget_builder(),
            object_form,
            form,
            errors,
            &draft::carried_query(&request.query),
        )
        .await?,
        action: (mode == Mode::Restore).then(|| {
            format!(
                "{}add/{}",
                model.address(),
                draft::carried_query(&request.query)
            )
        }),
        errors: errors.get("").cloned().unwrap_or_default(),
        summary: (count > 0).then(|| {
            request
                .texts
                .with("admin-form-errors", [("count", count.into())])
        }),
        conflict: None,
        version: version(form),
        links: object_links(request, object_form).await?,
        delete: match &object_form.object {
            Some((key, record))
                if rights.delete && !is_protected(&request.permissions, model, record) =>
            {
                let carried_query = draft::carried_query(&request.query);
                Some(format!("{}{key}/delete/{carried_query}", model.address()))
            }
            _ => None,
        },
        may_add_another: rights.add && mode != Mode::View,
        may_continue: rights.change || rights.view,
        back: draft.map(|draft| draft.resume_address(None)),
        texts: request.texts.clone(),
        title,
        mode,
    })
}

/// The links to the object's history and to its page on the site.
async fn object_links(
    request: &AdminRequest,
    object_form: &ObjectForm<'_>,
) -> web::Result<Vec<(String, String)>> {
    let Some((key, _)) = &object_form.object else {
        return Ok(Vec::new());
    };
    let history = format!("{}{key}/history/", object_form.model.address());
    let mut links = vec![(history, request.texts.get("admin-history"))];
    let (db, registry) = (&request.admin.db, &request.admin.registry);
    let pages = object_form.model.pages;
    let on_site = pages.and_then(|pages| pages.on_site);
    let on_site = on_site.map(|parts| ("admin-on-site", parts));
    let may_change = request.rights(object_form.model).change;
    let further = pages.map_or(&[][..], |pages| pages.links).iter().copied();
    let further = further.filter(|_| may_change);
    for (text, parts) in further.chain(on_site) {
        if let Some(address) = address_of(db, registry, object_form.model, parts, *key).await? {
            links.push((address, request.texts.get(text)));
        }
    }
    Ok(links)
}

/// The groups of fields. `carried_query` is the query that the link to the password's page takes
/// over.
async fn groups(
    builder: WidgetBuilder<'_>,
    object_form: &ObjectForm<'_>,
    form: &Form,
    errors: &Errors,
    carried_query: &str,
) -> Result<Vec<Group>, DbErr> {
    let open = object_form.open_fields();
    let key = object_form.object.as_ref().map(|(key, _)| *key);
    let part = own_form_part(object_form.model, &open, key);
    let forms = object_form.embedded_forms();
    let inline_forms = object_form.inline_forms();
    let mut groups = Vec::new();
    for set in object_form.fieldsets {
        let mut widgets = Vec::new();
        for name in set.fields {
            let Some(field) = object_form.model.field(name) else {
                continue;
            };
            if object_form.is_open(field) {
                widgets.push(builder.editable(part, field, form, errors).await?);
            } else if let Some((key, record)) = &object_form.object {
                let mut widget = builder.read_only(field, record).await?;
                if let Control::Hash { link, .. } = &mut widget.control
                    && field.kind == FieldKind::Password
                    && !object_form.is_read_only
                {
                    *link = Some(format!(
                        "{}{key}/password/{carried_query}",
                        object_form.model.address()
                    ));
                }
                widgets.push(widget);
            }
        }
        groups.push(Group {
            title: set.title.map(|key| builder.texts.get(key)),
            note: None,
            widgets,
            rows: None,
            is_incomplete: is_incomplete(set, form),
        });
        if let Some(embedded_form) = forms
            .iter()
            .find(|embedded_form| set.embedded == Some(embedded_form.relation.name))
        {
            groups.push(embedded_group(builder, embedded_form, form, errors).await?);
            let owner = Some(embedded_form.relation.name);
            for rows in inline_forms.iter().filter(|rows| rows.owner == owner) {
                groups.push(inline_group(builder, rows, form, errors).await?);
            }
        } else if let Some(name) = set.embedded {
            groups.extend(read_only_group(builder, object_form, name).await?);
        }
    }
    for rows in inline_forms.iter().filter(|rows| rows.owner.is_none()) {
        groups.push(inline_group(builder, rows, form, errors).await?);
    }
    for widget in groups.iter_mut().flat_map(Group::widgets_mut) {
        let note = form.get(&format!("{NOTE_PREFIX}{}", widget.name));
        widget.conflict_note = note.map(str::to_owned);
    }
    groups.retain(|group| !group.widgets.is_empty() || group.rows.is_some());
    Ok(groups)
}

/// Whether a group of an object's form lacks what makes it complete.
fn is_incomplete(set: &Fieldset, form: &Form) -> bool {
    let is_given = |name: &&str| form.all(name).any(|value| !value.trim().is_empty());
    set.wanted.iter().any(|names| !names.iter().any(is_given))
}

impl Group {
    fn widgets_mut(&mut self) -> impl Iterator<Item = &mut Widget> {
        let rows = self.rows.iter_mut().flat_map(|rows| &mut rows.views);
        let of_rows = rows.flat_map(|row| &mut row.widgets);
        self.widgets.iter_mut().chain(of_rows)
    }
}

/// The rows of an inline. An object without any, and who asked for one more, gets an empty row.
async fn inline_group(
    builder: WidgetBuilder<'_>,
    inline_form: &InlineForm,
    form: &Form,
    errors: &Errors,
) -> Result<Group, DbErr> {
    let (target, most) = (inline_form.target, inline_form.inline.most);
    let mut rows = inline_form.rows(form);
    if rows.len() > most {
        // An empty row has no place any more beside one that somebody else has added.
        rows.retain(|row| row.key.is_some() || inline_form.is_filled_in(form, row));
    }
    if rows.len() < most && (rows.is_empty() || form.get(MORE_ROWS) == Some(target.name)) {
        rows.push(inline_form.empty_row(&rows));
    }
    let mut views = Vec::new();
    for (row, number) in rows.iter().zip(1_u32..) {
        let mut widgets = Vec::new();
        for field in &inline_form.fields {
            let mut widget = builder
                .editable(inline_form.part(row), field, form, errors)
                .await?;
            // Not required by the browser: an empty row stays out.
            widget.is_required &= row.key.is_some();
            widgets.push(widget);
        }
        let is_deleted = InlineForm::is_deleted(form, row);
        views.push(RowView {
            // One row alone is what the group's title says.
            title: (most > 1)
                .then(|| format!("{} {number}", words::title(builder.texts, target.singular))),
            widgets,
            delete: row
                .key
                .map(|_| (format!("{}{DELETE}", row.prefix), is_deleted)),
        });
    }
    let note = form.get(&format!("{NOTE_PREFIX}{}", inline_form.note_name()));
    let model = builder.texts.get(target.singular);
    let more = builder
        .texts
        .with("admin-more-rows", [("model", model.into())]);
    Ok(Group {
        title: Some(words::title(builder.texts, target.plural)),
        note: None,
        widgets: Vec::new(),
        rows: Some(Rows {
            more: (rows.len() < most).then_some(more),
            views,
            name: target.name,
            conflict_note: (inline_form.note_name(), note.map(str::to_owned)),
        }),
        is_incomplete: false,
    })
}

async fn embedded_group(
    builder: WidgetBuilder<'_>,
    embedded_form: &EmbeddedForm,
    form: &Form,
    errors: &Errors,
) -> Result<Group, DbErr> {
    let mut widgets = Vec::new();
    for field in &embedded_form.fields {
        let mut widget = builder
            .editable(embedded_form.part(), field, form, errors)
            .await?;
        // Not required by the browser: another object may be chosen instead.
        widget.is_required = false;
        widget.related_buttons.clear();
        widgets.push(widget);
    }
    let model = builder.texts.get(embedded_form.target.singular);
    let (title, note) = match embedded_form.key {
        Some(_) => ("admin-embedded-change", "admin-embedded-change-note"),
        None => ("admin-embedded-add", "admin-embedded-add-note"),
    };
    Ok(Group {
        title: Some(builder.texts.with(title, [("model", model.into())])),
        note: Some(builder.texts.get(note)),
        widgets,
        rows: None,
        is_incomplete: false,
    })
}

/// The fields of a related object that the user may only look at; `None` if they may not see it.
async fn read_only_group(
    builder: WidgetBuilder<'_>,
    object_form: &ObjectForm<'_>,
    name: &str,
) -> Result<Option<Group>, DbErr> {
    let target = object_form
        .model
        .field(name)
        .and_then(|field| builder.registry.target(field));
    let (Some(target), Some((_, record))) = (target, object_form.embedded.get(name)) else {
        return Ok(None);
    };
    if !Rights::of(builder.permissions, target).view {
        return Ok(None);
    }
    let mut widgets = Vec::new();
    for field in target.fields {
        let mut widget = builder.read_only(field, record).await?;
        widget.name = format!("{name}-{}", field.name);
        widgets.push(widget);
    }
    Ok(Some(Group {
        title: Some(words::title(builder.texts, target.singular)),
        note: None,
        widgets,
        rows: None,
        is_incomplete: false,
    }))
}
