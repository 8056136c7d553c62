//! Redirects to an object's form and to its page on the site; and the choices of a field as JSON.

use accounts::content_type;
use axum::Json;
use axum::extract::{Extension, State};
use axum::response::{IntoResponse as _, Response};
use sea_orm::ConnectionTrait as _;
use sea_orm::EntityTrait as _;
use serde_json::json;
use web::Error;
use web::extract::{PageNumber, Path};

use crate::data::access::allow;
use crate::data::labels::is_free_for;
use crate::data::on_site::on_site;
use crate::data::query::{Select, key_of};
use crate::data::record::parse_key;
use crate::description::model::FieldKind;
use crate::request::admin_request::{AdminRequest, CurrentModel};
use crate::request::draft;
use crate::request::engine::Admin;
use crate::request::staff::redirect;

/// Choices of one answer, as Django's `AutocompleteJsonView` pages them.
const CHOICES_PER_PAGE: u64 = 20;

/// `GET …/{key}/`: redirects to the form, as in Django.
pub(crate) async fn show_object(
    State(_): State<Admin>,
    Extension(CurrentModel(model)): Extension<CurrentModel>,
    Path(key): Path<String>,
    request: AdminRequest,
) -> web::Result<Response> {
    match parse_key(&key) {
        Some(key) => Ok(redirect(&format!("{}{key}/change/", model.address()))),
        None => draft::answer_missing_object(&request, model, &key).await,
    }
}

/// `GET /admin/r/{content type}/{key}/`: redirects to the object's page on the site.
pub(crate) async fn show_on_site(
    State(_): State<Admin>,
    Path((content_type, key)): Path<(i64, i64)>,
    request: AdminRequest,
) -> web::Result<Response> {
    let content_type = content_type::Entity::find_by_id(db::Integer(content_type));
    let content_type = content_type
        .one(&request.admin.db)
        .await?
        .ok_or(Error::NotFound)?;
    let name = format!("{}.{}", content_type.app_label, content_type.model);
    let model = request.admin.registry.model(&name).ok_or(Error::NotFound)?;
    let address = on_site(&request.admin.db, &request.admin.registry, model, key).await?;
    Ok(redirect(&address.ok_or(Error::NotFound)?))
}

/// `GET /admin/autocomplete/?app_label&model_name&field_name&term&page`: choices for a relation, as
/// JSON (`Django 5.2 contrib/admin/views/autocomplete.py`).
pub(crate) async fn show_choices(
    State(_): State<Admin>,
    request: AdminRequest,
) -> web::Result<Response> {
    let given = |name| request.query.get(name).unwrap_or_default();
    let registry = &request.admin.registry;
    let denied = Error::Forbidden("these choices are not open");
    let name = format!("{}.{}", given("app_label"), given("model_name"));
    let model = registry.model(&name);
    let field = model.and_then(|model| model.field(given("field_name")));
    let field = field.filter(|field| {
        matches!(
            field.kind,
            FieldKind::Relation(_) | FieldKind::ManyToMany(_)
        )
    });
    let target = field.and_then(|field| registry.target(field));
    let (Some(model), Some(field), Some(target)) = (model, field, target) else {
        return Err(denied);
    };
    let pages = target
        .pages
        .filter(|pages| !pages.search.is_empty())
        .ok_or(Error::NotFound)?;
    allow(request.rights(target).view)?;
    let page = PageNumber::parse(request.query.get("page").filter(|page| !page.is_empty()))?;
    let db = &request.admin.db;
    let mut select = Select::new(registry, target);
    let key = select.column("id")?;
    let text = select.text(target.choice.unwrap_or(target.label))?;
    if field.is_unique {
        select.and(is_free_for(model, field, None));
    }
    select.search(pages.search, given("term"), db.get_database_backend())?;
    for path in pages.ordering.iter().chain([&"id"]) {
        select.order(path)?;
    }
    let rows = select
        .rows(
            db,
            page.offset(CHOICES_PER_PAGE),
            Some(CHOICES_PER_PAGE + 1),
        )
        .await?;
    let more = rows.len() as u64 > CHOICES_PER_PAGE;
    let found = rows
        .iter()
        .take(rows.len() - usize::from(more))
        .map(|row| json!({"id": key_of(row, key).to_string(), "text": text.of(row)}));
    let answer = json!({"results": found.collect::<Vec<_>>(), "pagination": {"more": more}});
    Ok(Json(answer).into_response())
}
