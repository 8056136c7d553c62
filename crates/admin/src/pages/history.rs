//! The history of an object.

use askama::Template;
use axum::extract::{Extension, State};
use axum::response::Response;
use web::extract::{PageNumber, Path};
use web::i18n::Texts;

use crate::data::access::allow;
use crate::data::history::{LogEntry, entries_of_object};
use crate::data::labels::{label_of, whole_of};
use crate::data::record::parse_key;
use crate::description::model::Model;
use crate::request::admin_request::{AdminRequest, CurrentModel};
use crate::request::crumbs::{Crumb, crumbs_below};
use crate::request::draft;
use crate::request::engine::Admin;
use crate::words;

/// Entries of one page.
const PER_PAGE: u64 = 100;

#[derive(Debug, Template)]
#[template(path = "history.html")]
struct HistoryPage {
    texts: Texts,
    crumbs: Vec<Crumb>,
    title: String,
    entries: Vec<EntryView>,
    previous: Option<String>,
    next: Option<String>,
}

#[derive(Debug)]
struct EntryView {
    time: String,
    username: String,
    text: String,
}

/// `GET …/{key}/history/`
pub(crate) async fn show_history(
    State(_): State<Admin>,
    Extension(CurrentModel(model)): Extension<CurrentModel>,
    Path(key): Path<String>,
    request: AdminRequest,
) -> web::Result<Response> {
    allow(request.rights(model).view)?;
    let admin = &request.admin;
    let label = match parse_key(&key) {
        Some(key) => label_of(&admin.db, &admin.registry, model, key)
            .await?
            .map(|l| (key, l)),
        None => None,
    };
    let Some((key, label)) = label else {
        return draft::answer_missing_object(&request, model, &key).await;
    };
    let page = PageNumber::parse(request.query.get("p"))?;
    let offset = page.offset(PER_PAGE);
    let whole = whole_of(&admin.db, &admin.registry, model, key).await?;
    let whole = whole.map_or(key, |(whole, _)| whole);
    let mut entries = entries_of_object(&admin.db, model, whole, [offset, PER_PAGE + 1]).await?;
    let has_next = entries.len() as u64 > PER_PAGE;
    entries.truncate(usize::try_from(PER_PAGE).unwrap_or(usize::MAX));
    let title = request
        .texts
        .with("admin-history-title", [("object", label.as_str().into())]);
    let page = HistoryPage {
        entries: entries
            .iter()
            .map(|entry| entry_view(&request, model, entry))
            .collect(),
        previous: page.previous().map(|page| format!("?p={}", page.get())),
        next: has_next.then(|| format!("?p={}", page.next().get())),
        texts: request.texts.clone(),
        title: title.clone(),
        crumbs: crumbs_below(&request, model, (key, label), "admin-history"),
    };
    request.show(title, &page).await
}

fn entry_view(request: &AdminRequest, model: &Model, entry: &LogEntry) -> EntryView {
    EntryView {
        time: entry.time("%Y-%m-%d %H:%M:%S"),
        username: entry.username.clone(),
        text: words::entry_text(&request.texts, &request.admin.registry, Some(model), entry),
    }
}
