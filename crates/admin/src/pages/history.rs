//! The history of an object.

use askama::Template;
use axum::extract::{Extension, State};
use axum::response::Response;
use web::extract::{PageNumber, Path};
use web::i18n::Texts;

use crate::data::history::{Past, Told, of_object};
use crate::data::labels::label_of;
use crate::description::model::Model;
use crate::request::ask::{Admin, Ask, Of, allow, parse_key};
use crate::request::crumbs::{Crumb, crumbs_below};
use crate::request::draft;

/// Entries of one page.
const PER_PAGE: u64 = 100;

#[derive(Debug, Template)]
#[template(path = "history.html")]
struct HistoryPage {
    texts: Texts,
    crumbs: Vec<Crumb>,
    title: String,
    entries: Vec<Line>,
    previous: Option<String>,
    next: Option<String>,
}

#[derive(Debug)]
struct Line {
    time: String,
    username: String,
    text: String,
}

/// `GET …/{key}/history/`
pub(crate) async fn show(
    State(_): State<Admin>,
    Extension(Of(model)): Extension<Of>,
    Path(key): Path<String>,
    ask: Ask,
) -> web::Result<Response> {
    allow(ask.rights(model).view)?;
    let admin = &ask.admin;
    let label = match parse_key(&key) {
        Some(key) => label_of(&admin.db, &admin.registry, model, key)
            .await?
            .map(|l| (key, l)),
        None => None,
    };
    let Some((key, label)) = label else {
        return draft::missing(&ask, model, &key).await;
    };
    let page = PageNumber::parse(ask.query.get("p"))?;
    let offset = page.offset(PER_PAGE);
    let mut entries = of_object(&admin.db, model, key, [offset, PER_PAGE + 1]).await?;
    let has_next = entries.len() as u64 > PER_PAGE;
    entries.truncate(usize::try_from(PER_PAGE).unwrap_or(usize::MAX));
    let title = ask.with("admin-history-title", [("object", label.as_str().into())]);
    let page = HistoryPage {
        entries: entries
            .iter()
            .map(|entry| line(&ask, model, entry))
            .collect(),
        previous: page.previous().map(|page| format!("?p={}", page.get())),
        next: has_next.then(|| format!("?p={}", page.next().get())),
        texts: ask.texts.clone(),
        title: title.clone(),
        crumbs: crumbs_below(&ask, model, (key, label), "admin-history"),
    };
    ask.show(title, &page).await
}

fn line(ask: &Ask, model: &Model, entry: &Past) -> Line {
    Line {
        time: entry.time("%Y-%m-%d %H:%M:%S"),
        username: entry.username.clone(),
        text: in_words(ask, Some(model), entry),
    }
}

/// What was done, in the reader's language.
pub(crate) fn in_words(ask: &Ask, model: Option<&Model>, entry: &Past) -> String {
    let told = entry.told().into_iter().map(|told| match told {
        Told::Added => ask.text("admin-told-added"),
        Told::Deleted => ask.text("admin-told-deleted"),
        Told::Nothing => ask.text("admin-told-nothing"),
        Told::Words(words) => words,
        Told::Changed(names) => {
            let names = names
                .into_iter()
                .map(|name| label_of_name(ask, model, name));
            let names = names.collect::<Vec<_>>().join(", ");
            ask.with("admin-told-changed", [("fields", names.into())])
        }
    });
    told.collect::<Vec<_>>().join(" ")
}

/// The label of a field that the history has in English.
fn label_of_name(ask: &Ask, model: Option<&Model>, name: String) -> String {
    let fields = model.map_or(&[][..], |model| model.fields);
    let mut known = fields
        .iter()
        .filter(|field| field.history_name() == name || field.name == name);
    known.next().map_or(name, |field| ask.text(field.label))
}
