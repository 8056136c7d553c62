//! The first page, with the applications and the user's latest changes; and the page of one
//! application.

use askama::Template;
use axum::extract::{Extension, State};
use axum::response::Response;
use web::i18n::Texts;

use crate::data::history::recent_entries;
use crate::data::record::parse_key;
use crate::description::registry::App;
use crate::request::admin_request::AdminRequest;
use crate::request::crumbs::Crumb;
use crate::request::engine::Admin;
use crate::request::staff::INDEX;
use crate::words;

/// How many of the user's changes are shown, as in Django.
const MAX_RECENT_ACTIONS: u64 = 10;

#[derive(Debug, Template)]
#[template(path = "index.html")]
struct IndexPage {
    texts: Texts,
    title: String,
    crumbs: Vec<Crumb>,
    introduction: Option<String>,
    apps: Vec<AppView>,
    /// The user's latest changes; `None` on the page of an application.
    recent_actions: Option<Vec<RecentAction>>,
}

#[derive(Debug)]
struct AppView {
    name: String,
    address: String,
    models: Vec<ModelView>,
}

#[derive(Debug)]
struct ModelView {
    name: String,
    /// The address of its list; `None` if the user may not see it.
    list: Option<String>,
    add: Option<String>,
    is_view_only: bool,
    add_label: String,
}

#[derive(Debug)]
struct RecentAction {
    label: String,
    link: Option<String>,
    model: String,
    text: String,
    time: String,
    kind: &'static str,
}

/// `GET /admin/`
pub(crate) async fn show_index(
    State(_): State<Admin>,
    request: AdminRequest,
) -> web::Result<Response> {
    let user = &request.staff.user;
    // As Django greets: by the first name if there is one.
    let name = Some(&user.first_name).filter(|name| !name.is_empty());
    let name = name.unwrap_or(&user.username);
    let title = request
        .texts
        .with("admin-welcome", [("name", name.as_str().into())]);
    let apps: Vec<_> = request.admin.registry.apps().to_vec();
    let apps: Vec<_> = apps
        .iter()
        .filter_map(|app| view_of(&request, *app))
        .collect();
    let introduction = if apps.is_empty() {
        "admin-nothing"
    } else {
        "admin-introduction"
    };
    let page = IndexPage {
        texts: request.texts.clone(),
        title: title.clone(),
        crumbs: Vec::new(),
        introduction: Some(request.texts.get(introduction)),
        apps,
        recent_actions: Some(recent_actions(&request).await?),
    };
    request.show(request.texts.get("admin-title"), &page).await
}

/// `GET /admin/{app}/`: 404 if the user has no right there, as in Django.
pub(crate) async fn show_app(
    State(_): State<Admin>,
    Extension(app): Extension<App>,
    request: AdminRequest,
) -> web::Result<Response> {
    let view = view_of(&request, app).ok_or(web::Error::NotFound)?;
    let title = view.name.clone();
    let first = Crumb {
        text: request.texts.get("admin-title"),
        link: Some(INDEX.to_owned()),
    };
    let last = Crumb {
        text: title.clone(),
        link: None,
    };
    let page = IndexPage {
        texts: request.texts.clone(),
        title: title.clone(),
        crumbs: vec![first, last],
        introduction: None,
        apps: vec![view],
        recent_actions: None,
    };
    request.show(title, &page).await
}

fn view_of(request: &AdminRequest, app: App) -> Option<AppView> {
    let models = request.admin.registry.models().iter();
    let models = models.filter(|model| model.app == app.label && model.pages.is_some());
    let models: Vec<_> = models
        .filter_map(|model| {
            let rights = request.rights(model);
            let label = request.texts.with(
                "admin-add-title",
                [("model", request.texts.get(model.singular).into())],
            );
            rights.any().then(|| ModelView {
                name: words::title(&request.texts, model.plural),
                list: rights.view.then(|| model.address()),
                add: rights.add.then(|| format!("{}add/", model.address())),
                is_view_only: !(rights.add || rights.change || rights.delete),
                add_label: label,
            })
        })
        .collect();
    let own = app.own_pages.iter();
    let own = own.filter(|page| request.permissions.has(page.permission));
    let own = own.map(|page| ModelView {
        name: request.texts.get(page.name),
        list: Some(page.address.to_owned()),
        add: None,
        is_view_only: false,
        add_label: String::new(),
    });
    let models: Vec<_> = models.into_iter().chain(own).collect();
    (!models.is_empty()).then(|| AppView {
        name: request.texts.get(app.name),
        address: format!("/admin/{}/", app.label),
        models,
    })
}

async fn recent_actions(request: &AdminRequest) -> web::Result<Vec<RecentAction>> {
    let entries =
        recent_entries(&request.admin.db, request.staff.user.id, MAX_RECENT_ACTIONS).await?;
    let actions = entries.iter().map(|entry| {
        let model = request
            .admin
            .registry
            .model(&format!("{}.{}", entry.app, entry.model));
        let model = model.filter(|model| model.pages.is_some());
        let is_open = entry.action != 3 && model.is_some_and(|model| request.rights(model).view);
        let key = entry
            .object
            .as_deref()
            .filter(|key| parse_key(key).is_some());
        let link = model.zip(key).filter(|_| is_open);
        RecentAction {
            label: entry.label.clone(),
            link: link.map(|(model, key)| format!("{}{key}/change/", model.address())),
            model: model.map_or_else(
                || entry.model.clone(),
                |model| request.texts.get(model.singular),
            ),
            text: words::entry_text(&request.texts, &request.admin.registry, model, entry),
            time: entry.time("%Y-%m-%d %H:%M"),
            kind: match entry.action {
                1 => "added",
                3 => "deleted",
                _ => "changed",
            },
        }
    });
    Ok(actions.collect())
}
