//! Deleting objects, with the tree of what goes along: asked first, then done in one transaction
//! with its history (`Django 5.2 contrib/admin/utils.py`, `get_deleted_objects`).

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
use crate::request::ask::{Ask, Of};
use crate::request::crumbs::{Crumb, crumbs, crumbs_below};
use crate::request::draft;
use crate::request::engine::{Admin, Config};
use crate::request::model_form::ModelForm;
use crate::request::staff::redirect;
use crate::words;

/// So many objects of a model are named; the others are counted.
const MAX_NAMED: usize = 50;

#[derive(Debug)]
struct Named {
    /// What they are called together, and how many.
    title: String,
    objects: Vec<(String, Option<String>)>,
    /// How many are not named.
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
    /// Changes with what goes.
    version: String,
    /// It has changed since it was asked.
    is_other: bool,
    groups: Vec<Named>,
    /// What this user may not delete.
    refused: Vec<String>,
    /// What keeps it from going.
    held: Vec<String>,
    /// Of several: their keys.
    selected: Vec<i64>,
    /// All that the list holds, however many.
    is_across: bool,
    action: String,
    back: String,
}

async fn named(ask: &Ask, all: &[Doomed]) -> web::Result<Vec<Named>> {
    let admin = &ask.admin;
    let mut groups = Vec::new();
    for doomed in all {
        let shown = &doomed.keys[..doomed.keys.len().min(MAX_NAMED)];
        let labels = labels_of(&admin.db, &admin.registry, doomed.model, shown).await?;
        let is_open = doomed.model.pages.is_some() && ask.rights(doomed.model).view;
        let objects = labels.into_iter().map(|(key, label)| {
            let link = is_open.then(|| format!("{}{key}/change/", doomed.model.address()));
            (label, link)
        });
        let count = doomed.keys.len();
        let more = count - shown.len();
        groups.push(Named {
            title: words::count(&ask.texts, "admin-count", doomed.model, count as u64),
            objects: objects.collect(),
            more: (more > 0).then(|| ask.texts.with("admin-and-more", [("count", more.into())])),
        });
    }
    Ok(groups)
}

async fn object(ask: &Ask, model: &'static Model, key: &str) -> web::Result<Option<(i64, String)>> {
    allow(ask.rights(model).delete)?;
    let Some(key) = parse_key(key) else {
        return Ok(None);
    };
    let admin = &ask.admin;
    let mut labels = labels_of(&admin.db, &admin.registry, model, &[key]).await?;
    Ok(labels.pop())
}

/// `GET …/{key}/delete/`
pub(crate) async fn show(
    State(_): State<Admin>,
    Extension(Of(model)): Extension<Of>,
    Path(key): Path<String>,
    ask: Ask,
) -> web::Result<Response> {
    let Some((key, label)) = object(&ask, model, &key).await? else {
        return draft::missing(&ask, model, &key).await;
    };
    show_one(&ask, model, (key, label), Asked::First).await
}

/// Whether somebody is asked for the first time, or again because other objects would go than they
/// were told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    First,
    Again,
}

async fn show_one(
    ask: &Ask,
    model: &'static Model,
    (key, label): (i64, String),
    asked: Asked,
) -> web::Result<Response> {
    let all = collect(&ask.admin.db, &ask.admin.registry, model, vec![key]).await?;
    let names = [
        ("model", ask.texts.get(model.one).into()),
        ("object", label.as_str().into()),
    ];
    let page = DeletePage {
        title: ask.texts.with("admin-delete-title", names),
        back: format!(
            "{}{key}/change/{}",
            model.address(),
            draft::kept(&ask.query)
        ),
        crumbs: crumbs_below(ask, model, (key, label), "admin-delete"),
        ..DeletePage::new(ask, &all, asked).await?
    };
    ask.show(page.title.clone(), &page).await
}

impl DeletePage {
    /// But for what it is called, and where it leads back to.
    async fn new(ask: &Ask, all: &[Doomed], asked: Asked) -> web::Result<Self> {
        let admin = &ask.admin;
        let refused = refused(&admin.db, &admin.registry, &ask.permissions, all).await?;
        let refused = refused.into_iter();
        let held = held_by(&admin.db, &admin.registry, admin.followers, all).await?;
        Ok(Self {
            title: String::new(),
            back: String::new(),
            crumbs: Vec::new(),
            question: ask.texts.get("admin-delete-question"),
            version: version(all),
            is_other: asked == Asked::Again,
            groups: named(ask, all).await?,
            refused: refused.map(|model| ask.texts.get(model.many)).collect(),
            held: held
                .iter()
                .map(|held| held_text(&ask.texts, held))
                .collect(),
            selected: Vec::new(),
            is_across: false,
            action: ask.here(),
            csrf_token: ask.csrf_token.clone(),
            texts: ask.texts.clone(),
        })
    }
}

/// `POST …/{key}/delete/`
pub(crate) async fn delete(
    State(_): State<Admin>,
    Extension(Of(model)): Extension<Of>,
    Path(key): Path<String>,
    ask: Ask,
    ModelForm(form): ModelForm,
) -> web::Result<Response> {
    let Some((key, label)) = object(&ask, model, &key).await? else {
        return draft::missing(&ask, model, &key).await;
    };
    let draft = draft::named(&ask, draft::FOR).await?;
    let back = draft.map_or_else(|| draft::list(&ask, model), |draft| draft.way_back(None));
    match remove(&ask, model, vec![key], &form).await? {
        Removed::All(_) => {}
        Removed::Gone => return draft::missing(&ask, model, &key.to_string()).await,
        Removed::Held => {
            let kept = draft::kept(&ask.query);
            return Ok(redirect(&format!("{}{key}/change/{kept}", model.address())));
        }
        Removed::Other => return show_one(&ask, model, (key, label), Asked::Again).await,
    }
    let names = [
        ("model", ask.texts.get(model.one).into()),
        ("object", label.into()),
    ];
    ask.tell(level::SUCCESS, ask.texts.with("admin-deleted", names))
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
    /// So many objects are gone, with what goes along.
    All(usize),
    /// Somebody else was faster.
    Gone,
    /// Something holds them, which is told. All are there.
    Held,
    /// Other objects would go than somebody was told. All are there.
    Other,
}

/// Deletes objects with what goes along, unless the form tells of others.
async fn remove(
    ask: &Ask,
    model: &'static Model,
    keys: Vec<i64>,
    form: &Form,
) -> web::Result<Removed> {
    let Config {
        db,
        registry,
        followers,
        ..
    } = &*ask.admin;
    let transaction = db.begin().await?;
    let keys = still_there(&transaction, registry, model, keys).await?;
    if keys.is_empty() {
        transaction.rollback().await?;
        return Ok(Removed::Gone);
    }
    let all = collect(&transaction, registry, model, keys).await?;
    // Who sends none was not asked by this page.
    if form
        .get("_version")
        .is_some_and(|told| told != version(&all))
    {
        transaction.rollback().await?;
        return Ok(Removed::Other);
    }
    let refused = refused(&transaction, registry, &ask.permissions, &all).await?;
    allow(refused.is_empty())?;
    let held = held_by(&transaction, registry, followers, &all).await?;
    if !held.is_empty() {
        transaction.rollback().await?;
        for held in held {
            ask.tell(level::ERROR, held_text(&ask.texts, &held)).await?;
        }
        return Ok(Removed::Held);
    }
    let done = match delete_all(&transaction, registry, followers, ask.staff.user.id, &all).await {
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
            ask.tell(level::ERROR, ask.texts.get("admin-delete-held"))
                .await?;
            Ok(Removed::Held)
        }
        Err(error) => {
            let Some(reason) = refusal(&error) else {
                return Err(error.into());
            };
            ask.tell(level::ERROR, words::refused(&ask.texts, reason))
                .await?;
            Ok(Removed::Held)
        }
    }
}

/// Those that were selected in the list, in its order, each once: asked first, then deleted.
pub(crate) async fn selected(
    ask: &Ask,
    model: &'static Model,
    keys: Vec<i64>,
    form: &Form,
    back: &str,
) -> web::Result<Response> {
    let mut asked = Asked::First;
    if form.get("post").is_some() {
        match remove(ask, model, keys.clone(), form).await? {
            Removed::All(count) => {
                let text = words::count(&ask.texts, "admin-deleted-several", model, count as u64);
                ask.tell(level::SUCCESS, text).await?;
                return Ok(redirect(back));
            }
            Removed::Gone => {
                ask.tell(level::WARNING, ask.texts.get("admin-select-none"))
                    .await?;
                return Ok(redirect(back));
            }
            Removed::Held => return Ok(redirect(back)),
            Removed::Other => asked = Asked::Again,
        }
    }
    let is_across = form.get("select_across") == Some("1");
    let all = collect(&ask.admin.db, &ask.admin.registry, model, keys.clone()).await?;
    let page = DeletePage {
        title: ask.texts.get("admin-delete-several-title"),
        selected: if is_across { Vec::new() } else { keys },
        is_across,
        back: back.to_owned(),
        crumbs: crumbs(ask, model, ask.texts.get("admin-delete")),
        ..DeletePage::new(ask, &all, asked).await?
    };
    ask.show(page.title.clone(), &page).await
}
