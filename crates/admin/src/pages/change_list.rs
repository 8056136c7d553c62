//! The list of a model's objects: searched, narrowed down, sorted, paged; and the action on several
//! of them at once.

use std::collections::BTreeSet;

use accounts::messages::level;
use askama::Template;
use axum::extract::{Extension, State};
use axum::response::Response;
use db::{Database, DbErr};
use sea_orm::ConnectionTrait as _;
use web::form::Form;
use web::i18n::Texts;

use super::{delete, export};
use crate::data::access::allow;
use crate::data::query::{self, KEYS_AT_ONCE, Select};
use crate::data::record::parse_key;
use crate::data::search;
use crate::description::model::{LABEL, Model, Pages};
use crate::description::value::Value;
use crate::list::dates::{Dates, dates};
use crate::list::filters::{Filter, filters};
use crate::list::list_query::{
    Falls, List, ListQuery, MAX_SHOW_ALL, PER_PAGE, order_of, order_text,
};
use crate::list::listed::Listed;
use crate::list::pager::{PageLink, page_links};
use crate::request::admin_request::{AdminRequest, CurrentModel};
use crate::request::crumbs::{Crumb, crumbs_to_list};
use crate::request::draft::{self, Draft};
use crate::request::engine::Admin;
use crate::request::model_form::ModelForm;
use crate::request::staff::redirect;
use crate::words;

/// The head of a column.
#[derive(Debug)]
struct Head {
    text: String,
    /// The list sorted by this column before all others; descending if it is ascending now.
    link: String,
    /// For `aria-sort`.
    sorted: Option<&'static str>,
    /// Its place in the order, from 1, if the list is sorted by several columns.
    place: Option<usize>,
    /// The list without this column in its order.
    out: Option<String>,
}

#[derive(Debug)]
struct Row {
    key: i64,
    label: String,
    link: Option<String>,
    cells: Vec<Cell>,
}

#[derive(Debug)]
struct Cell {
    head: String,
    text: String,
    /// A truth value is shown as a sign, too.
    sign: Option<bool>,
}

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
    /// Parameters for which the form has no field of its own: the place in the dates.
    kept: Vec<(String, String)>,
    dates: Option<Dates>,
    /// The list without search and filters; `None` if it has none.
    clear: Option<String>,
    facets: Option<String>,
    has_facets: bool,
    heads: Vec<Head>,
    rows: Vec<Row>,
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
fn without_all(request: &AdminRequest, model: &Model) -> Response {
    let mut query = form_urlencoded::Serializer::new("e=1".to_owned());
    if let Some(draft) = request.query.get(draft::FOR) {
        query.append_pair(draft::FOR, draft);
    }
    redirect(&format!("{}?{}", model.address(), query.finish()))
}

fn list_address(model: &Model, query: &ListQuery) -> String {
    format!("{}{}", model.address(), query.link().trim_end_matches('?'))
}

/// `GET …/`
pub(crate) async fn show(
    State(_): State<Admin>,
    Extension(CurrentModel(model)): Extension<CurrentModel>,
    request: AdminRequest,
) -> web::Result<Response> {
    allow(request.rights(model).view)?;
    let Some((query, pages)) = parse(&request, model) else {
        return Ok(without_all(&request, model));
    };
    if let Some(format) = request.query.get("_export").map(str::to_owned) {
        return export::answer(request.admin, model, pages, query, format).await;
    }
    let db = &request.admin.db;
    let list = list_of(&request, model, pages, &query);
    let Some(listed) = Listed::new(list, db.get_database_backend())? else {
        return Ok(without_all(&request, model));
    };
    // The databases' offsets are signed.
    let offset = (query.page - 1).saturating_mul(PER_PAGE);
    let offset = offset.min(i64::MAX.unsigned_abs());
    let most = if query.all { MAX_SHOW_ALL } else { PER_PAGE };
    // With a condition the database looks at every row, which it should do once for both.
    let (mut rows, count) = if query.is_narrow() {
        listed.select.found(db, offset, most).await?
    } else {
        let count = listed.select.count(db).await?;
        (listed.select.rows(db, offset, Some(most)).await?, count)
    };
    // A list of too many objects is paged even if `all` asks for one page.
    let size = if count <= most { most } else { PER_PAGE };
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
    let draft = draft::named(&request, draft::FOR).await?;
    if request.query.get("e").is_some() {
        request
            .tell(level::WARNING, request.texts.get("admin-list-error"))
            .await?;
    }
    if search::words(&query.search).is_cut {
        request
            .tell(level::WARNING, request.texts.get("admin-search-long"))
            .await?;
    }
    let total = if query.is_narrow() {
        Select::new(list.registry, model).count(db).await?
    } else {
        count
    };
    let filters = filters(db, &request.texts, list, total).await?;
    let dates = dates(db, &request.texts, list).await?;
    let page = list_page(&request, list, [count, size]);
    let rows = rows
        .iter()
        .map(|row| shown_row(&listed, &page, draft.as_ref(), row));
    let rows = rows.collect();
    let kept = page.query.filters.iter();
    let kept = kept.filter(|(name, _)| filters.iter().all(|filter| filter.name != *name));
    let page = ListPage {
        rows,
        kept: kept.cloned().collect(),
        filters,
        dates,
        back: draft.as_ref().map(|draft| draft.way_back(None)),
        has_actions: page.has_actions && draft.is_none(),
        ..page
    };
    request.show(page.title.clone(), &page).await
}

fn shown_row(listed: &Listed<'_>, page: &ListPage, draft: Option<&Draft>, row: &query::Row) -> Row {
    let key = listed.key(row);
    let link = if let Some(draft) = draft {
        draft.way_back(Some(key))
    } else {
        let kept = page.query.encoded();
        let mut query = form_urlencoded::Serializer::new(String::new());
        if !kept.is_empty() {
            query.append_pair(draft::FILTERS, &kept);
        }
        let kept = query.finish();
        let sign = if kept.is_empty() { "" } else { "?" };
        format!("{}{key}/change/{sign}{kept}", listed.model.address())
    };
    let cells = listed.cells(row).into_iter().zip(&page.heads);
    let cells = cells.map(|(value, head)| Cell {
        head: head.text.clone(),
        sign: match value {
            Value::Boolean(is_true) => Some(is_true),
            _ => None,
        },
        text: words::value(&page.texts, &value),
    });
    Row {
        key,
        label: listed.label.of(row),
        link: Some(link),
        cells: cells.collect(),
    }
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
    let kept = query.encoded();
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
    let mut query_of_add = form_urlencoded::Serializer::new(String::new());
    if let Some(draft) = &query.draft {
        query_of_add.append_pair(draft::FOR, draft);
    } else if !kept.is_empty() {
        query_of_add.append_pair(draft::FILTERS, &kept);
    }
    let query_of_add = query_of_add.finish();
    let sign = if query_of_add.is_empty() { "" } else { "?" };
    ListPage {
        title: words::title(texts, model.many),
        csrf_token: request.csrf_token.clone(),
        crumbs: crumbs_to_list(texts, registry, model),
        add: rights
            .add
            .then(|| format!("{}add/{sign}{query_of_add}", model.address())),
        order: order_text(&query.order),
        may_search: !pages.search.is_empty(),
        filters: Vec::new(),
        kept: Vec::new(),
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

fn heads(texts: &Texts, list: List<'_>) -> Vec<Head> {
    let List {
        registry,
        model,
        pages,
        query,
    } = list;
    let heads = (1..).zip(pages.columns).map(|(column, path)| {
        let route = registry.route(model, path);
        let field = route.and_then(|route| route.field);
        let text = match field {
            _ if *path == LABEL => words::title(texts, model.one),
            Some(field) => texts.get(field.label),
            None => texts.get("admin-key"),
        };
        let place = query.order.iter().position(|(other, _)| *other == column);
        let falls = place.map(|place| query.order[place].1);
        let next = if falls == Some(Falls::No) {
            Falls::Yes
        } else {
            Falls::No
        };
        let others = query
            .order
            .iter()
            .copied()
            .filter(|(other, _)| *other != column);
        let others: Vec<_> = others.collect();
        let order = [&[(column, next)], &others[..]].concat();
        let out = ListQuery {
            order: others,
            page: 1,
            ..query.clone()
        };
        Head {
            text,
            link: ListQuery {
                order,
                page: 1,
                ..query.clone()
            }
            .link(),
            sorted: falls.map(|falls| match falls {
                Falls::No => "ascending",
                Falls::Yes => "descending",
            }),
            place: place
                .map(|place| place + 1)
                .filter(|_| query.order.len() > 1),
            out: falls.map(|_| out.link()),
        }
    });
    debug_assert!((1..=pages.columns.len()).all(|n| order_of(registry, model, n).is_some()));
    heads.collect()
}

/// `POST …/`: an action on the selected objects.
pub(crate) async fn act(
    State(_): State<Admin>,
    Extension(CurrentModel(model)): Extension<CurrentModel>,
    request: AdminRequest,
    ModelForm(form): ModelForm,
) -> web::Result<Response> {
    let rights = request.rights(model);
    allow(rights.view)?;
    let Some((query, pages)) = parse(&request, model) else {
        return Ok(without_all(&request, model));
    };
    let back = list_address(model, &query);
    let is_known = form.get("action") == Some("delete_selected") && rights.delete;
    if !is_known {
        request
            .tell(level::WARNING, request.texts.get("admin-action-none"))
            .await?;
        return Ok(redirect(&back));
    }
    let list = list_of(&request, model, pages, &query);
    let Some(keys) = selected_keys(&request.admin.db, list, &form).await? else {
        return Ok(redirect(&back));
    };
    if keys.is_empty() {
        request
            .tell(level::WARNING, request.texts.get("admin-select-none"))
            .await?;
        return Ok(redirect(&back));
    }
    delete::selected(&request, model, keys, &form, &back).await
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
        let Some(mut listed) = Listed::new(list, db.get_database_backend())? else {
            return Ok(None);
        };
        if let Some(chunk) = chunk {
            listed.select.with_keys(chunk);
        }
        keys.extend(listed.select.keys(db).await?);
    }
    Ok(Some(keys))
}
