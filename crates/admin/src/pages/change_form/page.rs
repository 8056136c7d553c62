//! The form as a page.

use askama::Template;
use axum::response::Response;
use web::form::Form;
use web::i18n::Texts;

use crate::data::labels::label_of;
use crate::description::model::Kind;
use crate::description::registry::Registry;
use crate::form::clean::{Errors, NOTE};
use crate::form::meanwhile::{Mark, Marks, version};
use crate::form::sheet::{Embedded, Sheet, is_protected, own_part};
use crate::form::widget::{Control, Widget, shown, text_of, to_fill_in};
use crate::pages::links::on_site;
use crate::request::ask::Ask;
use crate::request::crumbs::{Crumb, crumbs};
use crate::request::draft;

/// What a form is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Add,
    /// To add what somebody else has deleted.
    Gone,
    Change,
    View,
}

/// Fields that stand together.
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
    /// Where it is sent to, unless here.
    action: Option<String>,
    groups: Vec<Group>,
    /// What is wrong with all of it.
    errors: Vec<String>,
    /// How much is wrong, in words.
    summary: Option<String>,
    /// Somebody else has changed the object meanwhile: the address with what is stored now.
    conflict: Option<String>,
    version: String,
    /// Links beside the title: address and text.
    ways: Vec<(String, String)>,
    /// Where the object can be deleted.
    delete: Option<String>,
    may_add_another: bool,
    may_go_on: bool,
    /// The form that was left for this one.
    back: Option<String>,
}

pub(super) async fn show_form(
    ask: &Ask,
    sheet: &Sheet,
    mode: Mode,
    form: &Form,
    errors: &Errors,
) -> web::Result<Response> {
    let page = page(ask, sheet, mode, form, errors).await?;
    ask.show(page.title.clone(), &page).await
}

/// The form again, brought up to what somebody else has stored, with a note at what they changed.
pub(super) async fn show_marked(
    ask: &Ask,
    sheet: &Sheet,
    mode: Mode,
    form: &Form,
    marks: &Marks,
) -> web::Result<Response> {
    let form = noted(ask, sheet, form, marks).await?;
    let mut page = page(ask, sheet, mode, &form, &Errors::new()).await?;
    page.conflict = (mode == Mode::Change).then(|| draft::without_resume(&ask.here()));
    ask.show(page.title.clone(), &page).await
}

/// The form with its marks as notes.
pub(super) async fn noted(
    ask: &Ask,
    sheet: &Sheet,
    form: &Form,
    marks: &Marks,
) -> web::Result<Form> {
    let mut fields = form.fields().to_vec();
    for (name, mark) in marks {
        let note = match mark {
            Mark::Theirs => ask.text("admin-conflict-kept"),
            Mark::Both => stored_text(ask, sheet, name).await?,
            Mark::Typed(typed) => {
                ask.with("admin-conflict-typed", [("value", typed.as_str().into())])
            }
        };
        let name = format!("{NOTE}{name}");
        fields.retain(|(other, _)| *other != name);
        fields.push((name, note));
    }
    Ok(fields.into_iter().collect())
}

/// What is stored of a field, in words.
async fn stored_text(ask: &Ask, sheet: &Sheet, name: &str) -> web::Result<String> {
    let (record, name, model) = if let Some((relation, name)) = name.split_once('-') {
        let target = sheet.model.field(relation);
        let target = target.and_then(|field| ask.admin.registry.target(field));
        let record = sheet.embedded.get(relation).map(|(_, record)| record);
        (record, name, target)
    } else {
        let record = sheet.object.as_ref().map(|(_, record)| record);
        (record, name, Some(sheet.model))
    };
    let field = model.and_then(|model| model.field(name));
    let text = match (record, field) {
        (Some(record), Some(field)) => text_of(ask, field, record).await?,
        _ => String::new(),
    };
    Ok(if text.is_empty() {
        ask.text("admin-conflict-emptied")
    } else {
        ask.with("admin-conflict-theirs", [("value", text.into())])
    })
}

async fn page(
    ask: &Ask,
    sheet: &Sheet,
    mode: Mode,
    form: &Form,
    errors: &Errors,
) -> web::Result<FormPage> {
    let model = sheet.model;
    let rights = ask.rights(model);
    let label = match &sheet.object {
        Some((key, _)) => label_of(&ask.admin.db, &ask.admin.registry, model, *key).await?,
        None => None,
    };
    let name = ask.text(model.one);
    let title = match (mode, &label) {
        (Mode::Change, Some(label)) => {
            let names = [("model", name.into()), ("object", label.as_str().into())];
            ask.with("admin-change-title", names)
        }
        (Mode::View, Some(label)) => {
            let names = [("model", name.into()), ("object", label.as_str().into())];
            ask.with("admin-view-title", names)
        }
        _ => ask.with("admin-add-title", [("model", name.into())]),
    };
    let last = label.unwrap_or_else(|| ask.text("admin-add"));
    let draft = draft::named(ask, draft::FOR).await?;
    let count: usize = errors.values().map(Vec::len).sum();
    Ok(FormPage {
        csrf_token: ask.csrf_token.clone(),
        crumbs: crumbs(ask, model, last),
        groups: groups(ask, sheet, form, errors).await?,
        action: (mode == Mode::Gone)
            .then(|| format!("{}add/{}", model.address(), draft::kept(ask))),
        errors: errors.get("").cloned().unwrap_or_default(),
        summary: (count > 0).then(|| ask.with("admin-form-errors", [("count", count.into())])),
        conflict: None,
        version: version(form),
        ways: ways(ask, sheet).await?,
        delete: match &sheet.object {
            Some((key, record)) if rights.delete && !is_protected(ask, model, record) => {
                let kept = draft::kept(ask);
                Some(format!("{}{key}/delete/{kept}", model.address()))
            }
            _ => None,
        },
        may_add_another: rights.add && mode != Mode::View,
        may_go_on: rights.change || rights.view,
        back: draft.map(|draft| draft.way_back(None)),
        texts: ask.texts.clone(),
        title,
        mode,
    })
}

/// History, and the page of the site.
async fn ways(ask: &Ask, sheet: &Sheet) -> web::Result<Vec<(String, String)>> {
    let Some((key, _)) = &sheet.object else {
        return Ok(Vec::new());
    };
    let history = format!("{}{key}/history/", sheet.model.address());
    let mut ways = vec![(history, ask.text("admin-history"))];
    if let Some(address) = on_site(ask, sheet.model, *key).await? {
        ways.push((address, ask.text("admin-on-site")));
    }
    Ok(ways)
}

async fn groups(ask: &Ask, sheet: &Sheet, form: &Form, errors: &Errors) -> web::Result<Vec<Group>> {
    let open = sheet.open_fields(ask);
    let key = sheet.object.as_ref().map(|(key, _)| *key);
    let part = own_part(sheet.model, &open, key);
    let forms = sheet.embedded_forms(ask);
    let mut groups = Vec::new();
    for set in sheet.fieldsets {
        let mut widgets = Vec::new();
        for name in set.fields {
            let Some(field) = sheet.model.field(name) else {
                continue;
            };
            if sheet.is_open(ask, field) {
                widgets.push(to_fill_in(ask, part, field, form, errors).await?);
            } else if let Some((key, record)) = &sheet.object {
                let mut widget = shown(ask, field, record).await?;
                if let Control::Hash { link, .. } = &mut widget.control
                    && field.kind == Kind::Password
                    && !sheet.is_read_only
                {
                    let kept = draft::kept(ask);
                    *link = Some(format!("{}{key}/password/{kept}", sheet.model.address()));
                }
                widgets.push(widget);
            }
        }
        groups.push(Group {
            title: set.title.map(|key| ask.text(key)),
            note: None,
            widgets,
        });
        if let Some(one) = forms
            .iter()
            .find(|one| set.embedded == Some(one.relation.name))
        {
            groups.push(embedded_group(ask, one, form, errors).await?);
        } else if let Some(name) = set.embedded {
            groups.extend(shown_group(ask, sheet, name).await?);
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
    ask: &Ask,
    one: &Embedded,
    form: &Form,
    errors: &Errors,
) -> web::Result<Group> {
    let mut widgets = Vec::new();
    for field in &one.fields {
        let mut widget = to_fill_in(ask, one.part(), field, form, errors).await?;
        // Another object may be chosen instead.
        widget.is_required = false;
        widget.ways.clear();
        widgets.push(widget);
    }
    let model = ask.text(one.target.one);
    let (title, note) = match one.key {
        Some(_) => ("admin-embedded-change", "admin-embedded-change-note"),
        None => ("admin-embedded-add", "admin-embedded-add-note"),
    };
    Ok(Group {
        title: Some(ask.with(title, [("model", model.into())])),
        note: Some(ask.text(note)),
        widgets,
    })
}

/// The related object, to be looked at alone.
async fn shown_group(ask: &Ask, sheet: &Sheet, name: &str) -> web::Result<Option<Group>> {
    let registry: &Registry = &ask.admin.registry;
    let target = sheet
        .model
        .field(name)
        .and_then(|field| registry.target(field));
    let (Some(target), Some((_, record))) = (target, sheet.embedded.get(name)) else {
        return Ok(None);
    };
    if !ask.rights(target).view {
        return Ok(None);
    }
    let mut widgets = Vec::new();
    for field in target.fields {
        let mut widget = shown(ask, field, record).await?;
        widget.name = format!("{name}-{}", field.name);
        widgets.push(widget);
    }
    Ok(Some(Group {
        title: Some(ask.title(target.one)),
        note: None,
        widgets,
    }))
}
