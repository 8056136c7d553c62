//! The list of a model's objects: searched, narrowed down, sorted, paged; and the action on several
//! of them at once.

mod heads;
mod rows;

use std::collections::BTreeSet;

use accounts::messages::level;
use askama::Template;
use axum::extract::{Extension, State};
use axum::response::Response;
use db::{Database, DbErr};
use sea_orm::ConnectionTrait as _;
use web::form::Form;
use web::i18n::Texts;

use self::heads::{ColumnHead, heads};
use self::rows::{Found, ListRow};
use super::{delete, export};
use crate::data::access::allow;
use crate::data::query::{KEYS_AT_ONCE, Select};
use crate::data::record::parse_key;
use crate::data::search;
use crate::description::model::{Model, Pages};
use crate::list::date_hierarchy::{DateHierarchy, date_hierarchy};
use crate::list::filters::{Filter, filters};
use crate::list::list_objects::ListObjects;
use crate::list::list_query::{List, ListQuery, MAX_SHOW_ALL, PER_PAGE, order_text};
use crate::list::pager::{PageLink, page_links};
use crate::request::admin_request::{AdminRequest, CurrentModel};
use crate::request::crumbs::{Crumb, crumbs_to_list};
use crate::request::draft;
use crate::request::engine::{Admin, Skip};
use crate::request::model_form::ModelForm;
use crate::request::staff::redirect;
use crate::words;

#[derive(Debug, Template)]
#[template(path = "list.html")]
struct ListPage {
    texts: Texts,
    csrf_token: String,
    crumbs: Vec<Crumb>,
    title: String,
    add: Option<String>,
    query: ListQuery,
    order: String,
    may_search: bool,
    filters: Vec<Filter>,
    /// Parameters for which the form has no field of its own: the date prefix.
    hidden_fields: Vec<(String, String)>,
    dates: Option<DateHierarchy>,
    /// The list without search and filters; `None` if it has none.
    clear: Option<String>,
    facets: Option<String>,
    has_facets: bool,
    heads: Vec<ColumnHead>,
    rows: Vec<ListRow>,
    has_actions: bool,
    count: String,
    none: Option<String>,
    select_all: Option<String>,
    pages: Vec<PageLink>,
    show_all: Option<(String, String)>,
    exports: Vec<(String, String)>,
    /// The way back to the form for which an object is chosen.
    back: Option<String>,
    action: String,
}

impl ListPage {
    /// What the filters are called, with how many are set.
    fn filters_title(&self) -> String {
        let set = self.filters.iter();
        let set = set.filter(|filter| self.query.filter(&filter.name).is_some());
        let count = i64::try_from(set.count()).unwrap_or(i64::MAX);
        self.texts.with("admin-filters", [("count", count.into())])
    }

    /// Whether rows have room for a picture.
    fn has_pictures(&self) -> bool {
        self.rows.iter().any(|row| row.picture.is_some())
    }

    /// For who comes by the keyboard to search, or to choose an object.
    fn skips(&self) -> Vec<Skip> {
        let to = |id, text| Skip {
            id,
            text: self.texts.get(text),
        };
        let search = self.may_search.then(|| to("q", "admin-skip-to-search"));
        let rows = (!self.rows.is_empty()).then(|| to("rows", "admin-skip-to-rows"));
        search.into_iter().chain(rows).collect()
    }
}

/// The query in the address; `None` if it is invalid.
fn parse(request: &AdminRequest, model: &'static Model) -> Option<(ListQuery, &'static Pages)> {
    let query = ListQuery::parse(&request.admin.registry, model, &request.query)?;
    Some((query, model.pages?))
}

fn list_of<'a>(
    request: &'a AdminRequest,
    model: &'static Model,
    pages: &'static Pages,
    query: &'a ListQuery,
) -> List<'a> {
    List {
        registry: &request.admin.registry,
        model,
        pages,
        query,
    }
}

/// As in Django, an invalid query is redirected to the list without one, where `e` brings a
/// message. The draft for which an object is chosen is kept.
fn redirect_to_unfiltered(request: &AdminRequest, model: &Model) -> Response {
    let mut query = form_urlencoded::Serializer::new("e=1".to_owned());
    if let Some(draft) = request.query.get(draft::FOR_DRAFT) {
        query.append_pair(draft::FOR_DRAFT, draft);
    }
    redirect(&format!("{}?{}", model.address(), query.finish()))
}

fn list_address(model: &Model, query: &ListQuery) -> String {
    format!("{}{}", model.address(), query.link().trim_end_matches('?'))
}

/// `GET …/`
pub(crate) async fn show_list(
    State(_): State<Admin>,
    Extension(CurrentModel(model)): Extension<CurrentModel>,
    request: AdminRequest,
) -> web::Result<Response> {
    allow(request.rights(model).view)?;
    let Some((query, pages)) = parse(&request, model) else {
        return Ok(redirect_to_unfiltered(&request, model));
    };
    if let Some(format) = request.query.get("_export").map(str::to_owned) {
        return export::export_list(request.admin, model, pages, query, format).await;
    }
    let db = &request.admin.db;
    let list = list_of(&request, model, pages, &query);
    let Some(objects) = ListObjects::new(list, db.get_database_backend())? else {
        return Ok(redirect_to_unfiltered(&request, model));
    };
    // The databases' offsets are signed.
    let offset = (query.page - 1).saturating_mul(PER_PAGE);
    let offset = offset.min(i64::MAX.unsigned_abs());
    let limit = if query.all { MAX_SHOW_ALL } else { PER_PAGE };
    // With a condition the database looks at every row, which it should do once for both.
    let (mut rows, count) = if query.is_narrow() {
        objects.select.rows_with_count(db, offset, limit).await?
    } else {
        objects.select.page(db, offset, limit).await?
    };
    // A list of too many objects is paged even if `all` asks for one page.
    let size = if count <= limit { limit } else { PER_PAGE };
    rows.truncate(usize::try_from(size).unwrap_or(usize::MAX));
    let last_page = count.div_ceil(size).max(1);
    if query.page > last_page {
        // Objects may have been deleted since the link was made.
        let query = ListQuery {
            page: last_page,
            ..query
        };
        return Ok(redirect(&list_address(model, &query)));
    }
    let draft = draft::find_named(&request, draft::FOR_DRAFT).await?;
    add_warnings(&request, &query).await?;
    let total = if query.is_narrow() {
        Select::new(list.registry, model).count_all(db).await?
    } else {
        count
    };
    let filters = filters(db, &request.texts, list, total).await?;
    let dates = date_hierarchy(db, &request.texts, list).await?;
    let page = list_page(&request, list, [count, size]);
    let found = Found {
        list,
        objects: &objects,
        heads: &page.heads,
        draft: draft.as_ref(),
    };
    let rows = found.shown(db, &request.texts, &rows).await?;
    let hidden_fields = page.query.filters.iter();
    let hidden_fields =
        hidden_fields.filter(|(name, _)| filters.iter().all(|filter| filter.name != *name));
    let page = ListPage {
        rows,
        hidden_fields: hidden_fields.cloned().collect(),
        filters,
        dates,
        back: draft.as_ref().map(|draft| draft.resume_address(None)),
        has_actions: page.has_actions && draft.is_none(),
        ..page
    };
    request
        .show_with_skips(page.title.clone(), &page, page.skips())
        .await
}

/// Says what of the address does not count.
async fn add_warnings(request: &AdminRequest, query: &ListQuery) -> web::Result<()> {
    if request.query.get("e").is_some() {
        request
            .add_message(level::WARNING, request.texts.get("admin-list-error"))
            .await?;
    }
    if search::search_words(&query.search).is_truncated {
        request
            .add_message(level::WARNING, request.texts.get("admin-search-long"))
            .await?;
    }
    Ok(())
}

fn list_page(request: &AdminRequest, list: List<'_>, [count, size]: [u64; 2]) -> ListPage {
    let List {
        registry,
        model,
        pages,
        query,
    } = list;
    let texts = &request.texts;
    let rights = request.rights(model);
    let list_query = query.encoded();
    let on_page = count.min(size);
    let with = |change: &dyn Fn(&mut ListQuery)| {
        let mut query = query.clone();
        change(&mut query);
        query.link()
    };
    let exports = ["csv", "json"].map(|format| {
        let link = with(&|query| query.page = 1);
        let sign = if link.len() > 1 { "&" } else { "" };
        (
            format!("{link}{sign}_export={format}"),
            format.to_uppercase(),
        )
    });
    let mut add_query = form_urlencoded::Serializer::new(String::new());
    if let Some(draft) = &query.draft {
        add_query.append_pair(draft::FOR_DRAFT, draft);
    } else if !list_query.is_empty() {
        add_query.append_pair(draft::FILTERS, &list_query);
    }
    let add_query = add_query.finish();
    let sign = if add_query.is_empty() { "" } else { "?" };
    ListPage {
        title: words::title(texts, model.plural),
        csrf_token: request.csrf_token.clone(),
        crumbs: crumbs_to_list(texts, registry, model),
        add: rights
            .add
            .then(|| format!("{}add/{sign}{add_query}", model.address())),
        order: order_text(&query.order),
        may_search: !pages.search.is_empty(),
        filters: Vec::new(),
        hidden_fields: Vec::new(),
        dates: None,
        clear: query.is_narrow().then(|| {
            with(&|query| {
                query.search.clear();
                query.filters.clear();
                query.page = 1;
            })
        }),
        facets: (!pages.filters.is_empty()).then(|| with(&|query| query.facets = !query.facets)),
        has_facets: query.facets,
        heads: heads(texts, list),
        rows: Vec::new(),
        has_actions: rights.delete && count > 0,
        count: words::count(texts, "admin-count", model, count),
        none: (count == 0).then(|| texts.get("admin-none")),
        select_all: (count > on_page)
            .then(|| texts.with("admin-select-all", [("count", count.into())])),
        pages: page_links(query, count, size),
        show_all: show_all(texts, query, count, size),
        exports: exports.to_vec(),
        back: None,
        action: query.link(),
        texts: texts.clone(),
        query: query.clone(),
    }
}

fn show_all(texts: &Texts, query: &ListQuery, count: u64, size: u64) -> Option<(String, String)> {
    let is_open = count > PER_PAGE && count <= MAX_SHOW_ALL && size < count;
    is_open.then(|| {
        let query = ListQuery {
            all: true,
            page: 1,
            ..query.clone()
        };
        (query.link(), texts.get("admin-show-all"))
    })
}

/// `POST …/`: an action on the selected objects.
pub(crate) async fn run_action(
    State(_): State<Admin>,
    Extension(CurrentModel(model)): Extension<CurrentModel>,
    request: AdminRequest,
    ModelForm(form): ModelForm,
) -> web::Result<Response> {
    let rights = request.rights(model);
    allow(rights.view)?;
    let Some((query, pages)) = parse(&request, model) else {
        return Ok(redirect_to_unfiltered(&request, model));
    };
    let back = list_address(model, &query);
    let is_known = form.get("action") == Some("delete_selected") && rights.delete;
    if !is_known {
        request
            .add_message(level::WARNING, request.texts.get("admin-action-none"))
            .await?;
        return Ok(redirect(&back));
    }
    let list = list_of(&request, model, pages, &query);
    let Some(keys) = selected_keys(&request.admin.db, list, &form).await? else {
        return Ok(redirect(&back));
    };
    if keys.is_empty() {
        request
            .add_message(level::WARNING, request.texts.get("admin-select-none"))
            .await?;
        return Ok(redirect(&back));
    }
    delete::delete_selected(&request, model, keys, &form, &back).await
}

/// The keys of the objects that an action is for: all of the list, or the selected ones. They are
/// in the order of the list, in which the history gets them. `None` if a filter's value is invalid.
async fn selected_keys(
    db: &Database,
    list: List<'_>,
    form: &Form,
) -> Result<Option<Vec<i64>>, DbErr> {
    let selected: BTreeSet<_> = form.all("_selected_action").filter_map(parse_key).collect();
    let selected: Vec<_> = selected.into_iter().collect();
    let mut chunks: Vec<_> = selected.chunks(KEYS_AT_ONCE).map(Some).collect();
    if form.get("select_across") == Some("1") {
        chunks = vec![None];
    }
    let mut keys = Vec::new();
    for chunk in chunks {
        let Some(mut objects) = ListObjects::new(list, db.get_database_backend())? else {
            return Ok(None);
        };
        if let Some(chunk) = chunk {
            objects.select.with_keys(chunk);
        }
        keys.extend(objects.select.keys(db).await?);
    }
    Ok(Some(keys))
}
