//! The way to a page.

use web::i18n::Texts;

use super::admin_request::AdminRequest;
use super::staff::INDEX;
use crate::description::model::Model;
use crate::description::registry::Registry;
use crate::words;

/// A step of the way to a page.
#[derive(Debug, Clone)]
pub(crate) struct Crumb {
    pub(crate) text: String,
    /// Where it leads; the page itself leads nowhere.
    pub(crate) link: Option<String>,
}

/// The way from the first page to one of a model.
pub(crate) fn crumbs(request: &AdminRequest, model: &Model, last: String) -> Vec<Crumb> {
    let mut crumbs = crumbs_to_list(&request.texts, &request.admin.registry, model);
    if let Some(list) = crumbs.last_mut().filter(|_| request.rights(model).view) {
        list.link = Some(model.address());
    }
    crumbs.push(Crumb {
        text: last,
        link: None,
    });
    crumbs
}

/// The way from the first page to one below an object's own.
pub(crate) fn crumbs_below(
    request: &AdminRequest,
    model: &Model,
    (key, label): (i64, String),
    last: &str,
) -> Vec<Crumb> {
    let mut crumbs = crumbs(request, model, label);
    if let Some(object) = crumbs.last_mut() {
        object.link = Some(format!("{}{key}/change/", model.address()));
    }
    crumbs.push(Crumb {
        text: request.texts.get(last),
        link: None,
    });
    crumbs
}

/// The way to the list of a model, which leads nowhere.
pub(crate) fn crumbs_to_list(texts: &Texts, registry: &Registry, model: &Model) -> Vec<Crumb> {
    let mut apps = registry.apps().iter();
    let app = apps.find(|app| app.label == model.app);
    let app = app.map(|app| Crumb {
        text: texts.get(app.name),
        link: Some(format!("/admin/{}/", app.label)),
    });
    let first = Crumb {
        text: texts.get("admin-title"),
        link: Some(INDEX.to_owned()),
    };
    let list = Crumb {
        text: words::title(texts, model.many),
        link: None,
    };
    [Some(first), app, Some(list)]
        .into_iter()
        .flatten()
        .collect()
}
