//! The form as a page.

use askama::Template;
use axum::response::Response;
use db::DbErr;
use web::form::Form;
use web::i18n::Texts;

use crate::data::access::{Rights, is_protected};
use crate::data::labels::label_of;
use crate::data::on_site::on_site;
use crate::description::model::Kind;
use crate::form::clean::{Errors, NOTE};
use crate::form::meanwhile::{Mark, Marks, version};
use crate::form::sheet::{Embedded, Sheet, own_part};
use crate::form::widget::{Control, Widget, Widgets};
use crate::request::admin_request::AdminRequest;
use crate::request::crumbs::{Crumb, crumbs};
use crate::request::draft;
use crate::words;

/// The purpose of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Add,
    /// To add an object anew that somebody else has deleted.
    Gone,
    Change,
    View,
}

/// A group of fields.
#[derive(Debug)]
struct Group {
    title: Option<String>,
    /// A sentence below the title.
    note: Option<String>,
    widgets: Vec<Widget>,
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
    ways: Vec<(String, String)>,
    /// The address that deletes the object; `None` if the user may not.
    delete: Option<String>,
    may_add_another: bool,
    may_go_on: bool,
    /// The way back to the form that was left for this one.
    back: Option<String>,
}

pub(super) async fn show_form(
    request: &AdminRequest,
    sheet: &Sheet<'_>,
    mode: Mode,
    form: &Form,
    errors: &Errors,
) -> web::Result<Response> {
    let page = page(request, sheet, mode, form, errors).await?;
    request.show(page.title.clone(), &page).await
}

/// Shows a form again, with what somebody else has stored and a note at each marked field.
pub(super) async fn show_marked(
    request: &AdminRequest,
    sheet: &Sheet<'_>,
    mode: Mode,
    form: &Form,
    marks: &Marks,
) -> web::Result<Response> {
    let form = noted(request.widgets(), sheet, form, marks).await?;
    let mut page = page(request, sheet, mode, &form, &Errors::new()).await?;
    page.conflict = (mode == Mode::Change).then(|| draft::without_resume(&request.here()));
    request.show(page.title.clone(), &page).await
}

/// The form with its marks as notes, which are fields of their own.
pub(super) async fn noted(
    widgets: Widgets<'_>,
    sheet: &Sheet<'_>,
    form: &Form,
    marks: &Marks,
) -> Result<Form, DbErr> {
    let mut fields = form.fields().to_vec();
    for (name, mark) in marks {
        let note = match mark {
            Mark::Theirs => widgets.texts.get("admin-conflict-kept"),
            Mark::Both => stored_text(widgets, sheet, name).await?,
            Mark::Typed(typed) => widgets
                .texts
                .with("admin-conflict-typed", [("value", typed.as_str().into())]),
        };
        let name = format!("{NOTE}{name}");
        fields.retain(|(other, _)| *other != name);
        fields.push((name, note));
    }
    Ok(fields.into_iter().collect())
}

/// The note that says what is stored of a field.
async fn stored_text(widgets: Widgets<'_>, sheet: &Sheet<'_>, name: &str) -> Result<String, DbErr> {
    let (record, name, model) = if let Some((relation, name)) = name.split_once('-') {
        let target = sheet.model.field(relation);
        let target = target.and_then(|field| widgets.registry.target(field));
        let record = sheet.embedded.get(relation).map(|(_, record)| record);
        (record, name, target)
    } else {
        let record = sheet.object.as_ref().map(|(_, record)| record);
        (record, name, Some(sheet.model))
    };
    let field = model.and_then(|model| model.field(name));
    let text = match (record, field) {
        (Some(record), Some(field)) => widgets.text_of(field, record).await?,
        _ => String::new(),
    };
    Ok(if text.is_empty() {
        widgets.texts.get("admin-conflict-emptied")
    } else {
        widgets
            .texts
            .with("admin-conflict-theirs", [("value", text.into())])
    })
}

async fn page(
    request: &AdminRequest,
    sheet: &Sheet<'_>,
    mode: Mode,
    form: &Form,
    errors: &Errors,
) -> web::Result<FormPage> {
    let model = sheet.model;
    let rights = request.rights(model);
    let label = match &sheet.object {
        Some((key, _)) => label_of(&request.admin.db, &request.admin.registry, model, *key).await?,
        None => None,
    };
    let name = request.texts.get(model.one);
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
    let draft = draft::named(request, draft::FOR).await?;
    let count: usize = errors.values().map(Vec::len).sum();
    Ok(FormPage {
        csrf_token: request.csrf_token.clone(),
        crumbs: crumbs(request, model, last),
        groups: groups(
            request.widgets(),
            sheet,
            form,
            errors,
            &draft::kept(&request.query),
        )
        .await?,
        action: (mode == Mode::Gone)
            .then(|| format!("{}add/{}", model.address(), draft::kept(&request.query))),
        errors: errors.get("").cloned().unwrap_or_default(),
        summary: (count > 0).then(|| {
            request
                .texts
                .with("admin-form-errors", [("count", count.into())])
        }),
        conflict: None,
        version: version(form),
        ways: ways(request, sheet).await?,
        delete: match &sheet.object {
            Some((key, record))
                if rights.delete && !is_protected(&request.permissions, model, record) =>
            {
                let kept = draft::kept(&request.query);
                Some(format!("{}{key}/delete/{kept}", model.address()))
            }
            _ => None,
        },
        may_add_another: rights.add && mode != Mode::View,
        may_go_on: rights.change || rights.view,
        back: draft.map(|draft| draft.way_back(None)),
        texts: request.texts.clone(),
        title,
        mode,
    })
}

/// The links to the object's history and to its page on the site.
async fn ways(request: &AdminRequest, sheet: &Sheet<'_>) -> web::Result<Vec<(String, String)>> {
    let Some((key, _)) = &sheet.object else {
        return Ok(Vec::new());
    };
    let history = format!("{}{key}/history/", sheet.model.address());
    let mut ways = vec![(history, request.texts.get("admin-history"))];
    if let Some(address) = on_site(
        &request.admin.db,
        &request.admin.registry,
        sheet.model,
        *key,
    )
    .await?
    {
        ways.push((address, request.texts.get("admin-on-site")));
    }
    Ok(ways)
}

/// The groups of fields. `kept` is the query that the link to the password's page takes over.
async fn groups(
    widgets: Widgets<'_>,
    sheet: &Sheet<'_>,
    form: &Form,
    errors: &Errors,
    kept: &str,
) -> Result<Vec<Group>, DbErr> {
    let open = sheet.open_fields();
    let key = sheet.object.as_ref().map(|(key, _)| *key);
    let part = own_part(sheet.model, &open, key);
    let forms = sheet.embedded_forms();
    let mut groups = Vec::new();
    for set in sheet.fieldsets {
        let mut drawn = Vec::new();
        for name in set.fields {
            let Some(field) = sheet.model.field(name) else {
                continue;
            };
            if sheet.is_open(field) {
                drawn.push(widgets.to_fill_in(part, field, form, errors).await?);
            } else if let Some((key, record)) = &sheet.object {
                let mut widget = widgets.shown(field, record).await?;
                if let Control::Hash { link, .. } = &mut widget.control
                    && field.kind == Kind::Password
                    && !sheet.is_read_only
                {
                    *link = Some(format!("{}{key}/password/{kept}", sheet.model.address()));
                }
                drawn.push(widget);
            }
        }
        groups.push(Group {
            title: set.title.map(|key| widgets.texts.get(key)),
            note: None,
            widgets: drawn,
        });
        if let Some(one) = forms
            .iter()
            .find(|one| set.embedded == Some(one.relation.name))
        {
            groups.push(embedded_group(widgets, one, form, errors).await?);
        } else if let Some(name) = set.embedded {
            groups.extend(shown_group(widgets, sheet, name).await?);
        }
    }
    for widget in groups.iter_mut().flat_map(|group| &mut group.widgets) {
        let note = form.get(&format!("{NOTE}{}", widget.name));
        widget.theirs = note.map(str::to_owned);
    }
    groups.retain(|group| !group.widgets.is_empty());
    Ok(groups)
}

async fn embedded_group(
    widgets: Widgets<'_>,
    one: &Embedded,
    form: &Form,
    errors: &Errors,
) -> Result<Group, DbErr> {
    let mut drawn = Vec::new();
    for field in &one.fields {
        let mut widget = widgets.to_fill_in(one.part(), field, form, errors).await?;
        // Not required by the browser: another object may be chosen instead.
        widget.is_required = false;
        widget.ways.clear();
        drawn.push(widget);
    }
    let model = widgets.texts.get(one.target.one);
    let (title, note) = match one.key {
        Some(_) => ("admin-embedded-change", "admin-embedded-change-note"),
        None => ("admin-embedded-add", "admin-embedded-add-note"),
    };
    Ok(Group {
        title: Some(widgets.texts.with(title, [("model", model.into())])),
        note: Some(widgets.texts.get(note)),
        widgets: drawn,
    })
}

/// The fields of a related object that the user may only look at; `None` if they may not see it.
async fn shown_group(
    widgets: Widgets<'_>,
    sheet: &Sheet<'_>,
    name: &str,
) -> Result<Option<Group>, DbErr> {
    let target = sheet
        .model
        .field(name)
        .and_then(|field| widgets.registry.target(field));
    let (Some(target), Some((_, record))) = (target, sheet.embedded.get(name)) else {
        return Ok(None);
    };
    if !Rights::of(widgets.permissions, target).view {
        return Ok(None);
    }
    let mut drawn = Vec::new();
    for field in target.fields {
        let mut widget = widgets.shown(field, record).await?;
        widget.name = format!("{name}-{}", field.name);
        drawn.push(widget);
    }
    Ok(Some(Group {
        title: Some(words::title(widgets.texts, target.one)),
        note: None,
        widgets: drawn,
    }))
}
