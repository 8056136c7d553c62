//! The list of a model's objects: searched, narrowed down, sorted, paged; and what is done with
//! several of them at once.

use std::collections::BTreeSet;

use accounts::messages::level;
use askama::Template;
use axum::extract::{Extension, State};
use axum::response::Response;
use web::form::Form;

use crate::request::model_form::ModelForm;
use web::i18n::Texts;

use crate::data::query::{KEYS_AT_ONCE, Select};
use crate::data::search::words;
use crate::description::model::{LABEL, Model, Pages};
use crate::description::value::Value;
use crate::form::widget::in_words;
use crate::list::dates::{Dates, dates};
use crate::list::filters::{Filter, filters};
use crate::list::list_query::{Falls, ListQuery, MAX_SHOW_ALL, PER_PAGE, order_of, order_text};
use crate::list::listed::Listed;
use crate::list::pager::{PageLink, page_links};
use crate::pages::delete;
use crate::pages::export;
use crate::request::ask::{Admin, Ask, Of, allow, parse_key};
use crate::request::crumbs::{Crumb, crumbs_to_list};
use crate::request::draft::{self, Draft};
use crate::request::staff::redirect;

/// A column's head.
#[derive(Debug)]
struct Head {
    text: String,
    /// Sorts by it, first of all, or the other way round.
    link: String,
    /// For `aria-sort`.
    sorted: Option<&'static str>,
    /// Its place in the order, where there are several.
    place: Option<usize>,
    /// Takes it out of the order.
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
    /// Yes or no has a sign, too.
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
    /// What the form keeps beside its own fields: the place in the dates.
    kept: Vec<(String, String)>,
    dates: Option<Dates>,
    /// The list as it is without search and filters.
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
    /// The form that an object is chosen for.
    back: Option<String>,
    action: String,
}

/// What the address asks for.
fn parse(ask: &Ask, model: &'static Model) -> Option<(ListQuery, &'static Pages)> {
    let query = ListQuery::parse(&ask.admin.registry, model, &ask.query)?;
    Some((query, model.pages?))
}

/// As in Django, what cannot be meant leads to the list without it; what an object is chosen for is
/// kept.
fn without_all(ask: &Ask, model: &Model) -> Response {
    let mut query = form_urlencoded::Serializer::new("e=1".to_owned());
    if let Some(draft) = ask.query.get(draft::FOR) {
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
    Extension(Of(model)): Extension<Of>,
    ask: Ask,
) -> web::Result<Response> {
    allow(ask.rights(model).view)?;
    let Some((query, pages)) = parse(&ask, model) else {
        return Ok(without_all(&ask, model));
    };
    if let Some(format) = ask.query.get("_export").map(str::to_owned) {
        return export::answer(ask, model, pages, query, format).await;
    }
    let Some(listed) = Listed::new(&ask, model, pages, &query)? else {
        return Ok(without_all(&ask, model));
    };
    let db = &ask.admin.db;
    // No database is asked to pass over more.
    let offset = (query.page - 1).saturating_mul(PER_PAGE);
    let offset = offset.min(i64::MAX.unsigned_abs());
    let most = if query.all { MAX_SHOW_ALL } else { PER_PAGE };
    let (mut rows, count) = if query.is_narrow() {
        listed.select.found(db, offset, most).await?
    } else {
        let count = listed.select.count(db).await?;
        (listed.select.rows(db, offset, Some(most)).await?, count)
    };
    let size = if count <= most { most } else { PER_PAGE };
    rows.truncate(usize::try_from(size).unwrap_or(usize::MAX));
    let last = count.div_ceil(size).max(1);
    if query.page > last {
        // Some of it may have been deleted.
        let query = ListQuery {
            page: last,
            ..query
        };
        return Ok(redirect(&list_address(model, &query)));
    }
    let draft = draft::named(&ask, draft::FOR).await?;
    if ask.query.get("e").is_some() {
        ask.tell(level::WARNING, ask.text("admin-list-error"))
            .await?;
    }
    if words(&query.search).is_cut {
        ask.tell(level::WARNING, ask.text("admin-search-long"))
            .await?;
    }
    let total = if query.is_narrow() {
        Select::new(&ask.admin.registry, model)
            .count(&ask.admin.db)
            .await?
    } else {
        count
    };
    let filters = filters(&ask, model, pages, &query, total).await?;
    let dates = dates(&ask, model, pages, &query).await?;
    let page = list_page(&ask, model, pages, query, [count, size]);
    let rows = rows
        .iter()
        .map(|row| shown_row(&ask, &listed, &page, draft.as_ref(), row));
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
    ask.show(page.title.clone(), &page).await
}

fn shown_row(
    ask: &Ask,
    listed: &Listed<'_>,
    page: &ListPage,
    draft: Option<&Draft>,
    row: &crate::data::query::Row,
) -> Row {
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
        text: in_words(ask, &value),
    });
    Row {
        key,
        label: listed.label.of(row),
        link: Some(link),
        cells: cells.collect(),
    }
}

fn list_page(
    ask: &Ask,
    model: &'static Model,
    pages: &'static Pages,
    query: ListQuery,
    [count, size]: [u64; 2],
) -> ListPage {
    let rights = ask.rights(model);
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
        title: ask.title(model.many),
        csrf_token: ask.csrf_token.clone(),
        crumbs: crumbs_to_list(ask, model),
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
        heads: heads(ask, model, pages, &query),
        rows: Vec::new(),
        has_actions: rights.delete && count > 0,
        count: ask.count("admin-count", model, count),
        none: (count == 0).then(|| ask.text("admin-none")),
        select_all: (count > on_page)
            .then(|| ask.with("admin-select-all", [("count", count.into())])),
        pages: page_links(&query, count, size),
        show_all: show_all(ask, &query, count, size),
        exports: exports.to_vec(),
        back: None,
        action: query.link(),
        texts: ask.texts.clone(),
        query,
    }
}

fn show_all(ask: &Ask, query: &ListQuery, count: u64, size: u64) -> Option<(String, String)> {
    let is_open = count > PER_PAGE && count <= MAX_SHOW_ALL && size < count;
    is_open.then(|| {
        let query = ListQuery {
            all: true,
            page: 1,
            ..query.clone()
        };
        (query.link(), ask.text("admin-show-all"))
    })
}

fn heads(ask: &Ask, model: &'static Model, pages: &Pages, query: &ListQuery) -> Vec<Head> {
    let registry = &ask.admin.registry;
    let heads = (1..).zip(pages.columns).map(|(column, path)| {
        let route = registry.route(model, path);
        let field = route.and_then(|route| route.field);
        let text = match field {
            _ if *path == LABEL => ask.title(model.one),
            Some(field) => ask.text(field.label),
            None => ask.text("admin-key"),
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

/// `POST …/`: an action with those that are selected.
pub(crate) async fn act(
    State(_): State<Admin>,
    Extension(Of(model)): Extension<Of>,
    ask: Ask,
    ModelForm(form): ModelForm,
) -> web::Result<Response> {
    let rights = ask.rights(model);
    allow(rights.view)?;
    let Some((query, pages)) = parse(&ask, model) else {
        return Ok(without_all(&ask, model));
    };
    let back = list_address(model, &query);
    let is_known = form.get("action") == Some("delete_selected") && rights.delete;
    if !is_known {
        ask.tell(level::WARNING, ask.text("admin-action-none"))
            .await?;
        return Ok(redirect(&back));
    }
    let Some(keys) = selected_keys(&ask, model, pages, &query, &form).await? else {
        return Ok(redirect(&back));
    };
    if keys.is_empty() {
        ask.tell(level::WARNING, ask.text("admin-select-none"))
            .await?;
        return Ok(redirect(&back));
    }
    delete::selected(&ask, model, keys, &form, &back).await
}

/// What an action is for, in the order of the list, which the history keeps: all that the list
/// holds, or those of it that were selected. `None` where a filter's value cannot be meant.
async fn selected_keys(
    ask: &Ask,
    model: &'static Model,
    pages: &'static Pages,
    query: &ListQuery,
    form: &Form,
) -> web::Result<Option<Vec<i64>>> {
    let selected: BTreeSet<_> = form.all("_selected_action").filter_map(parse_key).collect();
    let selected: Vec<_> = selected.into_iter().collect();
    let mut chunks: Vec<_> = selected.chunks(KEYS_AT_ONCE).map(Some).collect();
    if form.get("select_across") == Some("1") {
        chunks = vec![None];
    }
    let mut keys = Vec::new();
    for chunk in chunks {
        let Some(mut listed) = Listed::new(ask, model, pages, query)? else {
            return Ok(None);
        };
        if let Some(chunk) = chunk {
            listed.select.with_keys(chunk);
        }
        keys.extend(listed.select.keys(&ask.admin.db).await?);
    }
    Ok(Some(keys))
}
