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
use crate::data::deletion::{Doomed, collect, delete_all, refused, still_there, version};
use crate::data::held::{Held, held_by, is_held};
use crate::data::labels::labels_of;
use crate::data::record::parse_key;
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
struct Named {
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
    is_other: bool,
    groups: Vec<Named>,
    /// The names of models with objects that this user may not delete.
    refused: Vec<String>,
    /// What keeps the objects from being deleted.
    held: Vec<String>,
    /// The keys of the objects that were selected in the list.
    selected: Vec<i64>,
    /// Whether all objects of the list are selected, on all its pages.
    is_across: bool,
    action: String,
    back: String,
}

async fn named(request: &AdminRequest, all: &[Doomed]) -> web::Result<Vec<Named>> {
    let admin = &request.admin;
    let mut groups = Vec::new();
    for doomed in all {
        let shown = &doomed.keys[..doomed.keys.len().min(MAX_NAMED)];
        let labels = labels_of(&admin.db, &admin.registry, doomed.model, shown).await?;
        let is_open = doomed.model.pages.is_some() && request.rights(doomed.model).view;
        let objects = labels.into_iter().map(|(key, label)| {
            let link = is_open.then(|| format!("{}{key}/change/", doomed.model.address()));
            (label, link)
        });
        let count = doomed.keys.len();
        let more = count - shown.len();
        groups.push(Named {
            title: words::count(&request.texts, "admin-count", doomed.model, count as u64),
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

async fn object(
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
pub(crate) async fn show(
    State(_): State<Admin>,
    Extension(CurrentModel(model)): Extension<CurrentModel>,
    Path(key): Path<String>,
    request: AdminRequest,
) -> web::Result<Response> {
    let Some((key, label)) = object(&request, model, &key).await? else {
        return draft::missing(&request, model, &key).await;
    };
    show_one(&request, model, (key, label), Asked::First).await
}

/// Whether the user is asked for the first time, or again because other objects would be deleted
/// than those that they have confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    First,
    Again,
}

async fn show_one(
    request: &AdminRequest,
    model: &'static Model,
    (key, label): (i64, String),
    asked: Asked,
) -> web::Result<Response> {
    let all = collect(&request.admin.db, &request.admin.registry, model, vec![key]).await?;
    let names = [
        ("model", request.texts.get(model.one).into()),
        ("object", label.as_str().into()),
    ];
    let page = DeletePage {
        title: request.texts.with("admin-delete-title", names),
        back: format!(
            "{}{key}/change/{}",
            model.address(),
            draft::kept(&request.query)
        ),
        crumbs: crumbs_below(request, model, (key, label), "admin-delete"),
        ..DeletePage::new(request, &all, asked).await?
    };
    request.show(page.title.clone(), &page).await
}

impl DeletePage {
    /// All but title, breadcrumbs and way back, which are left empty.
    async fn new(request: &AdminRequest, all: &[Doomed], asked: Asked) -> web::Result<Self> {
        let admin = &request.admin;
        let refused = refused(&admin.db, &admin.registry, &request.permissions, all).await?;
        let refused = refused.into_iter();
        let held = held_by(&admin.db, &admin.registry, admin.followers, all).await?;
        Ok(Self {
            title: String::new(),
            back: String::new(),
            crumbs: Vec::new(),
            question: request.texts.get("admin-delete-question"),
            version: version(all),
            is_other: asked == Asked::Again,
            groups: named(request, all).await?,
            refused: refused.map(|model| request.texts.get(model.many)).collect(),
            held: held
                .iter()
                .map(|held| held_text(&request.texts, held))
                .collect(),
            selected: Vec::new(),
            is_across: false,
            action: request.here(),
            csrf_token: request.csrf_token.clone(),
            texts: request.texts.clone(),
        })
    }
}

/// `POST …/{key}/delete/`
pub(crate) async fn delete(
    State(_): State<Admin>,
    Extension(CurrentModel(model)): Extension<CurrentModel>,
    Path(key): Path<String>,
    request: AdminRequest,
    ModelForm(form): ModelForm,
) -> web::Result<Response> {
    let Some((key, label)) = object(&request, model, &key).await? else {
        return draft::missing(&request, model, &key).await;
    };
    let draft = draft::named(&request, draft::FOR).await?;
    let back = draft.map_or_else(
        || draft::list(&request, model),
        |draft| draft.way_back(None),
    );
    match remove(&request, model, vec![key], &form).await? {
        Removed::All(_) => {}
        Removed::Gone => return draft::missing(&request, model, &key.to_string()).await,
        Removed::Held => {
            let kept = draft::kept(&request.query);
            return Ok(redirect(&format!("{}{key}/change/{kept}", model.address())));
        }
        Removed::Other => return show_one(&request, model, (key, label), Asked::Again).await,
    }
    let names = [
        ("model", request.texts.get(model.one).into()),
        ("object", label.into()),
    ];
    request
        .tell(level::SUCCESS, request.texts.with("admin-deleted", names))
        .await?;
    Ok(redirect(&back))
}

fn held_text(texts: &Texts, held: &Held) -> String {
    let names = [
        ("count", held.count.into()),
        ("table", held.table.as_str().into()),
    ];
    texts.with("admin-delete-held-by", names)
}

/// How a deletion ended.
enum Removed {
    /// The objects are deleted, so many, and with them all that referred to them.
    All(usize),
    /// Somebody else has deleted the objects before.
    Gone,
    /// Nothing is deleted. A message says what keeps the objects.
    Held,
    /// Nothing is deleted, since other objects would be than those that the user has confirmed.
    Other,
}

/// Deletes objects with all that refer to them, unless the user has confirmed others.
async fn remove(
    request: &AdminRequest,
    model: &'static Model,
    keys: Vec<i64>,
    form: &Form,
) -> web::Result<Removed> {
    let Config {
        db,
        registry,
        followers,
        ..
    } = &*request.admin;
    let transaction = db.begin().await?;
    // All checks are made within the transaction, after the lock: what was shown to the user before
    // it may have changed.
    let keys = still_there(&transaction, registry, model, keys).await?;
    if keys.is_empty() {
        transaction.rollback().await?;
        return Ok(Removed::Gone);
    }
    let all = collect(&transaction, registry, model, keys).await?;
    // A form without a version is not that of this page: there is nothing to compare with.
    if form
        .get("_version")
        .is_some_and(|told| told != version(&all))
    {
        transaction.rollback().await?;
        return Ok(Removed::Other);
    }
    let refused = refused(&transaction, registry, &request.permissions, &all).await?;
    allow(refused.is_empty())?;
    let held = held_by(&transaction, registry, followers, &all).await?;
    if !held.is_empty() {
        transaction.rollback().await?;
        for held in held {
            request
                .tell(level::ERROR, held_text(&request.texts, &held))
                .await?;
        }
        return Ok(Removed::Held);
    }
    let done = match delete_all(
        &transaction,
        registry,
        followers,
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
        Ok(()) => Ok(Removed::All(
            all.first().map_or(0, |first| first.keys.len()),
        )),
        Err(error) if is_held(&error) => {
            request
                .tell(level::ERROR, request.texts.get("admin-delete-held"))
                .await?;
            Ok(Removed::Held)
        }
        Err(error) => {
            let Some(reason) = refusal(&error) else {
                return Err(error.into());
            };
            request
                .tell(level::ERROR, words::refused(&request.texts, reason))
                .await?;
            Ok(Removed::Held)
        }
    }
}

/// Deletes the objects that were selected in the list, or asks first: the page's form has a field
/// `post`, the list's has not. The keys are in the order of the list, each once.
pub(crate) async fn selected(
    request: &AdminRequest,
    model: &'static Model,
    keys: Vec<i64>,
    form: &Form,
    back: &str,
) -> web::Result<Response> {
    let mut asked = Asked::First;
    if form.get("post").is_some() {
        match remove(request, model, keys.clone(), form).await? {
            Removed::All(count) => {
                let text =
                    words::count(&request.texts, "admin-deleted-several", model, count as u64);
                request.tell(level::SUCCESS, text).await?;
                return Ok(redirect(back));
            }
            Removed::Gone => {
                request
                    .tell(level::WARNING, request.texts.get("admin-select-none"))
                    .await?;
                return Ok(redirect(back));
            }
            Removed::Held => return Ok(redirect(back)),
            Removed::Other => asked = Asked::Again,
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
        ..DeletePage::new(request, &all, asked).await?
    };
    request.show(page.title.clone(), &page).await
}
