//! Deletion of objects with all that refer to them. A page lists them and asks; then they are
//! deleted in one transaction with the history (`Django 5.2 contrib/admin/utils.py`,
//! `get_deleted_objects`).

use accounts::messages::level;
use askama::Template;
use axum::extract::{Extension, State};
use axum::response::Response;
use db::refusal;
use web::extract::Path;
use web::form::Form;
use web::i18n::Texts;

use crate::data::access::allow;
use crate::data::deletion::{
    DeletionGroup, collect, delete_all, lock_existing, undeletable_models, version,
};
use crate::data::labels::labels_of;
use crate::data::record::{Purpose, find, parse_key};
use crate::data::referrers::{Referrers, find_referrers, is_foreign_key_violation};
use crate::description::model::Model;
use crate::request::admin_request::{AdminRequest, CurrentModel};
use crate::request::crumbs::{Crumb, crumbs, crumbs_below};
use crate::request::draft;
use crate::request::engine::{Admin, Config};
use crate::request::model_form::ModelForm;
use crate::request::staff::redirect;
use crate::words;

/// The most objects of a model that the page names. The others are counted.
const MAX_NAMED: usize = 50;

#[derive(Debug)]
struct NamedGroup {
    /// The name of their model, with their number.
    title: String,
    /// Labels and links.
    objects: Vec<(String, Option<String>)>,
    /// The text that says how many more there are.
    more: Option<String>,
}

#[derive(Debug, Template)]
#[template(path = "delete.html")]
struct DeletePage {
    texts: Texts,
    csrf_token: String,
    crumbs: Vec<Crumb>,
    title: String,
    question: String,
    /// The hash of what would be deleted.
    version: String,
    /// Whether other objects would be deleted than those that the user has confirmed.
    is_changed: bool,
    groups: Vec<NamedGroup>,
    /// The names of models with objects that this user may not delete.
    undeletable_models: Vec<String>,
    /// What keeps the objects from being deleted.
    blockers: Vec<String>,
    /// Pages that delete the object with the one that it is kept beside: address and text.
    along: Vec<(String, String)>,
    /// The keys of the objects that were selected in the list.
    selected: Vec<i64>,
    /// Whether all objects of the list are selected, on all its pages.
    is_across: bool,
    action: String,
    back: String,
}

async fn named_groups(
    request: &AdminRequest,
    all: &[DeletionGroup],
) -> web::Result<Vec<NamedGroup>> {
    let admin = &request.admin;
    let mut groups = Vec::new();
    for group in all {
        let shown = &group.keys[..group.keys.len().min(MAX_NAMED)];
        let labels = labels_of(&admin.db, &admin.registry, group.model, shown).await?;
        let is_open = group.model.pages.is_some() && request.rights(group.model).view;
        let objects = labels.into_iter().map(|(key, label)| {
            let link = is_open.then(|| format!("{}{key}/change/", group.model.address()));
            (label, link)
        });
        let count = group.keys.len();
        let more = count - shown.len();
        groups.push(NamedGroup {
            title: words::count(&request.texts, "admin-count", group.model, count as u64),
            objects: objects.collect(),
            more: (more > 0).then(|| {
                request
                    .texts
                    .with("admin-and-more", [("count", more.into())])
            }),
        });
    }
    Ok(groups)
}

async fn object_to_delete(
    request: &AdminRequest,
    model: &'static Model,
    key: &str,
) -> web::Result<Option<(i64, String)>> {
    allow(request.rights(model).delete)?;
    let Some(key) = parse_key(key) else {
        return Ok(None);
    };
    let admin = &request.admin;
    let mut labels = labels_of(&admin.db, &admin.registry, model, &[key]).await?;
    Ok(labels.pop())
}

/// `GET …/{key}/delete/`
pub(crate) async fn show_confirmation(
    State(_): State<Admin>,
    Extension(CurrentModel(model)): Extension<CurrentModel>,
    Path(key): Path<String>,
    request: AdminRequest,
) -> web::Result<Response> {
    let Some((key, label)) = object_to_delete(&request, model, &key).await? else {
        return draft::answer_missing_object(&request, model, &key).await;
    };
    show_one(&request, model, (key, label), Confirmation::First).await
}

/// Whether the user is asked for the first time, or again because other objects would be deleted
/// than those that they have confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Confirmation {
    First,
    Again,
}

async fn show_one(
    request: &AdminRequest,
    model: &'static Model,
    (key, label): (i64, String),
    confirmation: Confirmation,
) -> web::Result<Response> {
    let all = collect(&request.admin.db, &request.admin.registry, model, vec![key]).await?;
    let names = [
        ("model", request.texts.get(model.singular).into()),
        ("object", label.as_str().into()),
    ];
    let page = DeletePage {
        title: request.texts.with("admin-delete-title", names),
        back: format!(
            "{}{key}/change/{}",
            model.address(),
            draft::carried_query(&request.query)
        ),
        along: ways_along(request, model, key).await?,
        crumbs: crumbs_below(request, model, (key, label), "admin-delete"),
        ..DeletePage::new(request, &all, confirmation).await?
    };
    request.show(page.title.clone(), &page).await
}

/// Ways to delete an object with those whose forms stand in its own, which nothing else has: their
/// deletion takes it along.
async fn ways_along(
    request: &AdminRequest,
    model: &'static Model,
    key: i64,
) -> web::Result<Vec<(String, String)>> {
    let (db, registry) = (&request.admin.db, &request.admin.registry);
    let fieldsets = model.pages.map_or(&[][..], |pages| pages.fieldsets);
    let embedded = fieldsets.iter().filter_map(|set| set.embedded);
    let fields = embedded.filter_map(|name| model.field(name));
    let mut ways = Vec::new();
    for field in fields.filter(|field| field.is_unique) {
        let Some(target) = registry.target(field) else {
            continue;
        };
        let found = find(db, registry, model, key, Purpose::Show).await?;
        let other = found.and_then(|record| record.key(field.name));
        let (Some(other), true) = (other, request.rights(target).delete) else {
            continue;
        };
        let label = labels_of(db, registry, target, &[other]).await?.pop();
        let (_, label) = label.unwrap_or_default();
        let names = [
            ("model", request.texts.get(target.singular).into()),
            ("object", label.into()),
        ];
        let text = request.texts.with("admin-delete-along", names);
        ways.push((format!("{}{other}/delete/", target.address()), text));
    }
    Ok(ways)
}

impl DeletePage {
    /// All but title, breadcrumbs and way back, which are left empty.
    async fn new(
        request: &AdminRequest,
        all: &[DeletionGroup],
        confirmation: Confirmation,
    ) -> web::Result<Self> {
        let admin = &request.admin;
        let undeletable_models =
            undeletable_models(&admin.db, &admin.registry, &request.permissions, all).await?;
        let undeletable_models = undeletable_models.into_iter();
        let referrers =
            find_referrers(&admin.db, &admin.registry, admin.dependent_tables, all).await?;
        Ok(Self {
            title: String::new(),
            back: String::new(),
            crumbs: Vec::new(),
            question: request.texts.get("admin-delete-question"),
            version: version(all),
            is_changed: confirmation == Confirmation::Again,
            groups: named_groups(request, all).await?,
            undeletable_models: undeletable_models
                .map(|model| request.texts.get(model.plural))
                .collect(),
            blockers: referrers
                .iter()
                .map(|referrers| referrers_text(&request.texts, referrers))
                .collect(),
            along: Vec::new(),
            selected: Vec::new(),
            is_across: false,
            action: request.full_path(),
            csrf_token: request.csrf_token.clone(),
            texts: request.texts.clone(),
        })
    }
}

/// `POST …/{key}/delete/`
pub(crate) async fn delete_object(
    State(_): State<Admin>,
    Extension(CurrentModel(model)): Extension<CurrentModel>,
    Path(key): Path<String>,
    request: AdminRequest,
    ModelForm(form): ModelForm,
) -> web::Result<Response> {
    let Some((key, label)) = object_to_delete(&request, model, &key).await? else {
        return draft::answer_missing_object(&request, model, &key).await;
    };
    let draft = draft::find_named(&request, draft::FOR_DRAFT).await?;
    let back = draft.map_or_else(
        || draft::list_address(&request, model),
        |draft| draft.resume_address(None),
    );
    match delete_confirmed(&request, model, vec![key], &form).await? {
        DeletionOutcome::Deleted(_) => {}
        DeletionOutcome::AlreadyGone => {
            return draft::answer_missing_object(&request, model, &key.to_string()).await;
        }
        DeletionOutcome::Blocked => {
            let carried_query = draft::carried_query(&request.query);
            return Ok(redirect(&format!(
                "{}{key}/change/{carried_query}",
                model.address()
            )));
        }
        DeletionOutcome::NotConfirmed => {
            return show_one(&request, model, (key, label), Confirmation::Again).await;
        }
    }
    let names = [
        ("model", request.texts.get(model.singular).into()),
        ("object", label.into()),
    ];
    request
        .add_message(level::SUCCESS, request.texts.with("admin-deleted", names))
        .await?;
    Ok(redirect(&back))
}

fn referrers_text(texts: &Texts, referrers: &Referrers) -> String {
    let names = [
        ("count", referrers.count.into()),
        ("table", referrers.table.as_str().into()),
    ];
    texts.with("admin-delete-held-by", names)
}

/// How a deletion ended.
enum DeletionOutcome {
    /// The objects are deleted, so many, and with them all that referred to them.
    Deleted(usize),
    /// Somebody else has deleted the objects before.
    AlreadyGone,
    /// Nothing is deleted. A message says what keeps the objects.
    Blocked,
    /// Nothing is deleted, since other objects would be than those that the user has confirmed.
    NotConfirmed,
}

/// Deletes objects with all that refer to them, unless the user has confirmed others.
async fn delete_confirmed(
    request: &AdminRequest,
    model: &'static Model,
    keys: Vec<i64>,
    form: &Form,
) -> web::Result<DeletionOutcome> {
    let Config {
        db,
        registry,
        dependent_tables,
        ..
    } = &*request.admin;
    let transaction = db.begin().await?;
    // All checks are made within the transaction, after the lock: what was shown to the user before
    // it may have changed.
    let keys = lock_existing(&transaction, registry, model, keys).await?;
    if keys.is_empty() {
        transaction.rollback().await?;
        return Ok(DeletionOutcome::AlreadyGone);
    }
    let all = collect(&transaction, registry, model, keys).await?;
    // A form without a version is not that of this page: there is nothing to compare with.
    if form
        .get("_version")
        .is_some_and(|told| told != version(&all))
    {
        transaction.rollback().await?;
        return Ok(DeletionOutcome::NotConfirmed);
    }
    let undeletable = undeletable_models(&transaction, registry, &request.permissions, &all);
    allow(undeletable.await?.is_empty())?;
    let referrers = find_referrers(&transaction, registry, dependent_tables, &all).await?;
    if !referrers.is_empty() {
        transaction.rollback().await?;
        for referrers in referrers {
            let text = referrers_text(&request.texts, &referrers);
            request.add_message(level::ERROR, text).await?;
        }
        return Ok(DeletionOutcome::Blocked);
    }
    let done = match delete_all(
        &transaction,
        registry,
        dependent_tables,
        request.staff.user.id,
        &all,
    )
    .await
    {
        Ok(()) => transaction.commit().await,
        Err(error) => {
            transaction.rollback().await?;
            Err(error)
        }
    };
    match done {
        Ok(()) => {
            clean_up(&request.admin).await;
            let first = all.first();
            let count = first.map_or(0, |first| first.keys.len());
            Ok(DeletionOutcome::Deleted(count))
        }
        Err(error) if is_foreign_key_violation(&error) => {
            request
                .add_message(level::ERROR, request.texts.get("admin-delete-held"))
                .await?;
            Ok(DeletionOutcome::Blocked)
        }
        Err(error) => {
            let Some(reason) = refusal(&error) else {
                return Err(error.into());
            };
            let text = words::refusal_text(&request.texts, reason);
            request.add_message(level::ERROR, text).await?;
            Ok(DeletionOutcome::Blocked)
        }
    }
}

/// Has the site remove what only the deleted objects needed.
async fn clean_up(admin: &Admin) {
    if let Err(error) = (admin.after_deletion)(&admin.db).await {
        tracing::warn!("what only deleted objects needed is still there: {error}");
    }
}

/// Deletes the objects that were selected in the list, or asks first: the page's form has a field
/// `post`, the list's has not. The keys are in the order of the list, each once.
pub(crate) async fn delete_selected(
    request: &AdminRequest,
    model: &'static Model,
    keys: Vec<i64>,
    form: &Form,
    back: &str,
) -> web::Result<Response> {
    let mut confirmation = Confirmation::First;
    if form.get("post").is_some() {
        match delete_confirmed(request, model, keys.clone(), form).await? {
            DeletionOutcome::Deleted(count) => {
                let text =
                    words::count(&request.texts, "admin-deleted-several", model, count as u64);
                request.add_message(level::SUCCESS, text).await?;
                return Ok(redirect(back));
            }
            DeletionOutcome::AlreadyGone => {
                request
                    .add_message(level::WARNING, request.texts.get("admin-select-none"))
                    .await?;
                return Ok(redirect(back));
            }
            DeletionOutcome::Blocked => return Ok(redirect(back)),
            DeletionOutcome::NotConfirmed => confirmation = Confirmation::Again,
        }
    }
    let is_across = form.get("select_across") == Some("1");
    let all = collect(
        &request.admin.db,
        &request.admin.registry,
        model,
        keys.clone(),
    )
    .await?;
    let page = DeletePage {
        title: request.texts.get("admin-delete-several-title"),
        selected: if is_across { Vec::new() } else { keys },
        is_across,
        back: back.to_owned(),
        crumbs: crumbs(request, model, request.texts.get("admin-delete")),
        ..DeletePage::new(request, &all, confirmation).await?
    };
    request.show(page.title.clone(), &page).await
}
