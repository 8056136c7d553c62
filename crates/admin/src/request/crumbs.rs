//! The way to a page.

use crate::description::model::Model;
use crate::request::ask::Ask;

/// A step of the way to a page.
#[derive(Debug, Clone)]
pub(crate) struct Crumb {
    pub(crate) text: String,
    /// Where it leads; the page itself leads nowhere.
    pub(crate) link: Option<String>,
}

/// The way from the first page to one of a model.
pub(crate) fn crumbs(ask: &Ask, model: &Model, last: String) -> Vec<Crumb> {
    let mut crumbs = crumbs_to_list(ask, model);
    if let Some(list) = crumbs.last_mut().filter(|_| ask.rights(model).view) {
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
    ask: &Ask,
    model: &Model,
    (key, label): (i64, String),
    last: &str,
) -> Vec<Crumb> {
    let mut crumbs = crumbs(ask, model, label);
    if let Some(object) = crumbs.last_mut() {
        object.link = Some(format!("{}{key}/change/", model.address()));
    }
    crumbs.push(Crumb {
        text: ask.text(last),
        link: None,
    });
    crumbs
}

/// The way to the list of a model, which leads nowhere.
pub(crate) fn crumbs_to_list(ask: &Ask, model: &Model) -> Vec<Crumb> {
    let app = ask
        .admin
        .registry
        .apps()
        .iter()
        .find(|app| app.label == model.app);
    let app = app.map(|app| Crumb {
        text: ask.text(app.name),
        link: Some(format!("/admin/{}/", app.label)),
    });
    let first = Crumb {
        text: ask.text("admin-title"),
        link: Some(crate::request::staff::INDEX.to_owned()),
    };
    let list = Crumb {
        text: ask.title(model.many),
        link: None,
    };
    [Some(first), app, Some(list)]
        .into_iter()
        .flatten()
        .collect()
}
