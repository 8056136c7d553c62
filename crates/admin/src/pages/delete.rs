//! Deleting objects, with the tree of what goes along: asked first, then done in one transaction
//! with its history (`Django 5.2 contrib/admin/utils.py`, `get_deleted_objects`).

mod held;

use std::collections::HashMap;

use accounts::messages::level;
use askama::Template;
use axum::extract::{Extension, State};
use axum::response::Response;
use db::{DbErr, Transaction};
use sea_orm::ConnectionTrait;
use web::extract::Path;
use web::form::Form;
use web::i18n::Texts;

use self::held::{held_by, is_held};
use crate::data::doomed::{Doomed, collect, still_there, version};
use crate::data::history::{self, Action, Entry};
use crate::data::labels::labels_of;
use crate::data::query::{KEYS_AT_ONCE, Select};
use crate::data::record::{delete_where, has_table};
use crate::description::model::{Kind, Model};
use crate::description::value::Value;
use crate::request::ask::{Admin, Ask, Of, allow, parse_key};
use crate::request::crumbs::{Crumb, crumbs, crumbs_below};
use crate::request::draft;
use crate::request::model_form::ModelForm;
use crate::request::staff::redirect;

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

/// Deletes all of it, what points to others first, and writes the history of the objects that it
/// is about.
async fn delete_all(ask: &Ask, transaction: &Transaction, all: &[Doomed]) -> Result<(), DbErr> {
    let registry = &ask.admin.registry;
    let is_own_end = all.iter().any(|doomed| {
        doomed.model.table == "auth_user" && doomed.keys.contains(&ask.staff.user.id.0)
    });
    // Who deletes his own account takes his entries along, this one too.
    if let Some(first) = all.first().filter(|_| !is_own_end) {
        // The names are known only as long as the objects are there.
        let labels = labels_of(transaction, registry, first.model, &first.keys).await?;
        // In the order of the list, as Django writes them.
        let mut names: HashMap<_, _> = labels.into_iter().collect();
        let labels = first.keys.iter();
        let labels: Vec<_> = labels
            .filter_map(|key| Some((*key, names.remove(key)?)))
            .collect();
        let entry = Entry {
            user: ask.staff.user.id,
            model: first.model,
            action: Action::Deletion,
            message: "",
        };
        history::write(transaction, entry, &labels).await?;
    }
    for doomed in all.iter().rev() {
        for (table, column) in registry.pairs_of(doomed.model) {
            delete_where(transaction, table, column, &doomed.keys).await?;
        }
        for (table, column, model) in ask.admin.followers {
            if *model == doomed.model.full_name() && has_table(transaction, table).await? {
                delete_where(transaction, table, column, &doomed.keys).await?;
            }
        }
        delete_where(transaction, doomed.model.table, "id", &doomed.keys).await?;
    }
    Ok(())
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
            title: ask.count("admin-count", doomed.model, count as u64),
            objects: objects.collect(),
            more: (more > 0).then(|| ask.with("admin-and-more", [("count", more.into())])),
        });
    }
    Ok(groups)
}

/// The models of which something would go that this user may not delete.
async fn refused(
    ask: &Ask,
    db: &impl ConnectionTrait,
    all: &[Doomed],
) -> Result<Vec<String>, DbErr> {
    let mut refused = Vec::new();
    // What has no pages goes with what it belongs to, as in Django.
    for doomed in all.iter().filter(|doomed| doomed.model.pages.is_some()) {
        if !ask.rights(doomed.model).delete || any_is_protected(ask, db, doomed).await? {
            refused.push(ask.text(doomed.model.many));
        }
    }
    Ok(refused)
}

/// Whether one of the objects is for superusers alone to change: see
/// [`crate::pages::change_form::is_protected`].
async fn any_is_protected(
    ask: &Ask,
    db: &impl ConnectionTrait,
    doomed: &Doomed,
) -> Result<bool, DbErr> {
    if ask.staff.user.is_superuser {
        return Ok(false);
    }
    let reserved = doomed.model.pages.map_or(&[][..], |pages| pages.reserved);
    for name in reserved {
        let field = doomed.model.field(name);
        if !field.is_some_and(|field| matches!(field.kind, Kind::Boolean(_))) {
            continue;
        }
        for keys in doomed.keys.chunks(KEYS_AT_ONCE) {
            let mut select = Select::new(&ask.admin.registry, doomed.model);
            let column = select.column(name)?;
            select.with_keys(keys);
            // Read and not compared by the database, which knows no words for yes on SQLite.
            let rows = select.rows(db, 0, None).await?;
            if rows.iter().any(|row| row[column] == Value::Boolean(true)) {
                return Ok(true);
            }
        }
    }
    Ok(false)
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

/// Whether somebody is asked for the first time, or again because other objects would go than he
/// was told.
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
        ("model", ask.text(model.one).into()),
        ("object", label.as_str().into()),
    ];
    let page = DeletePage {
        title: ask.with("admin-delete-title", names),
        back: format!("{}{key}/change/{}", model.address(), draft::kept(ask)),
        crumbs: crumbs_below(ask, model, (key, label), "admin-delete"),
        ..DeletePage::new(ask, &all, asked).await?
    };
    ask.show(page.title.clone(), &page).await
}

impl DeletePage {
    /// But for what it is called, and where it leads back to.
    async fn new(ask: &Ask, all: &[Doomed], asked: Asked) -> web::Result<Self> {
        Ok(Self {
            title: String::new(),
            back: String::new(),
            crumbs: Vec::new(),
            question: ask.text("admin-delete-question"),
            version: version(all),
            is_other: asked == Asked::Again,
            groups: named(ask, all).await?,
            refused: refused(ask, &ask.admin.db, all).await?,
            held: held_by(ask, &ask.admin.db, all).await?,
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
            let kept = draft::kept(&ask);
            return Ok(redirect(&format!("{}{key}/change/{kept}", model.address())));
        }
        Removed::Other => return show_one(&ask, model, (key, label), Asked::Again).await,
    }
    let names = [
        ("model", ask.text(model.one).into()),
        ("object", label.into()),
    ];
    ask.tell(level::SUCCESS, ask.with("admin-deleted", names))
        .await?;
    Ok(redirect(&back))
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
    let transaction = ask.admin.db.begin().await?;
    let keys = still_there(&transaction, &ask.admin.registry, model, keys).await?;
    if keys.is_empty() {
        transaction.rollback().await?;
        return Ok(Removed::Gone);
    }
    let all = collect(&transaction, &ask.admin.registry, model, keys).await?;
    // Who sends none was not asked by this page.
    if form
        .get("_version")
        .is_some_and(|told| told != version(&all))
    {
        transaction.rollback().await?;
        return Ok(Removed::Other);
    }
    let refused = refused(ask, &transaction, &all).await?;
    allow(refused.is_empty())?;
    let held = held_by(ask, &transaction, &all).await?;
    if !held.is_empty() {
        transaction.rollback().await?;
        for text in held {
            ask.tell(level::ERROR, text).await?;
        }
        return Ok(Removed::Held);
    }
    let done = match delete_all(ask, &transaction, &all).await {
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
            ask.tell(level::ERROR, ask.text("admin-delete-held"))
                .await?;
            Ok(Removed::Held)
        }
        Err(error) => Err(error.into()),
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
                let text = ask.count("admin-deleted-several", model, count as u64);
                ask.tell(level::SUCCESS, text).await?;
                return Ok(redirect(back));
            }
            Removed::Gone => {
                ask.tell(level::WARNING, ask.text("admin-select-none"))
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
        title: ask.text("admin-delete-several-title"),
        selected: if is_across { Vec::new() } else { keys },
        is_across,
        back: back.to_owned(),
        crumbs: crumbs(ask, model, ask.text("admin-delete")),
        ..DeletePage::new(ask, &all, asked).await?
    };
    ask.show(page.title.clone(), &page).await
}
