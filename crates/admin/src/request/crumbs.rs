//! Breadcrumbs: the way from the first page to the one that is shown.

use web::i18n::Texts;

use super::admin_request::AdminRequest;
use super::staff::INDEX;
use crate::description::model::Model;
use crate::description::registry::Registry;
use crate::words;

/// A step of the way.
#[derive(Debug, Clone)]
pub(crate) struct Crumb {
    pub(crate) text: String,
    /// `None` for the page that is shown, and for a list that the user may not see.
    pub(crate) link: Option<String>,
}

/// The breadcrumbs of a model's page, which itself has the text `last`.
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

/// The breadcrumbs of a page below an object's own. `last` is the key of its text.
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

/// The breadcrumbs of a model's list, without a link to itself.
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
        text: words::title(texts, model.plural),
        link: None,
    };
    [Some(first), app, Some(list)]
        .into_iter()
        .flatten()
        .collect()
}
