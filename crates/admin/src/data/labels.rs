//! The labels of objects, which Django's `__str__` returns.

use db::DbErr;
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Alias, Condition, Expr, ExprTrait as _, Query};

use crate::data::query::{KEYS_AT_ONCE, ROOT, Select, column, key_of};
use crate::description::model::{Field, Model, TextPart};
use crate::description::registry::Registry;

/// The keys and labels of a model's objects, sorted by the values in the label; at most `limit`.
pub(crate) async fn labels(
    db: &impl ConnectionTrait,
    registry: &Registry,
    model: &'static Model,
    limit: Option<u64>,
) -> Result<Vec<(i64, String)>, DbErr> {
    sorted_labels(db, Select::new(registry, model), model.label, limit).await
}

/// The objects that can be chosen for a relation of a model's object `own`: for a unique one those
/// that no other object has. Their texts may say more than their labels.
pub(crate) async fn choices_for(
    db: &impl ConnectionTrait,
    registry: &Registry,
    (model, relation, own): (&Model, &Field, Option<i64>),
    limit: u64,
) -> Result<Vec<(i64, String)>, DbErr> {
    let Some(target) = registry.target(relation) else {
        return Ok(Vec::new());
    };
    let mut select = Select::new(registry, target);
    if relation.is_unique {
        select.and(is_free_for(model, relation, own));
    }
    let label = target.choice.unwrap_or(target.label);
    sorted_labels(db, select, label, Some(limit)).await
}

/// Whether no object of a model has a row in a relation, but for the object `own`.
pub(crate) fn is_free_for(model: &Model, relation: &Field, own: Option<i64>) -> Condition {
    let mut others = Query::select();
    others
        .expr(Expr::val(1))
        .from_as(Alias::new(model.table), Alias::new("o"))
        .and_where(column("o", &relation.column()).eq(column(ROOT, "id")));
    if let Some(own) = own {
        others.and_where(column("o", "id").ne(own));
    }
    Condition::all().add(Expr::exists(others).not())
}

async fn sorted_labels(
    db: &impl ConnectionTrait,
    mut select: Select<'_>,
    label: &[TextPart],
    limit: Option<u64>,
) -> Result<Vec<(i64, String)>, DbErr> {
    let key = select.column("id")?;
    let text = select.text(label)?;
    for part in label {
        if let TextPart::Value(path) = part {
            select.order(path)?;
        }
    }
    select.order("id")?;
    let rows = select.rows(db, 0, limit).await?;
    Ok(rows
        .iter()
        .map(|row| (key_of(row, key), text.of(row)))
        .collect())
}

/// The keys and labels of the objects with these keys, as far as they exist.
pub(crate) async fn labels_of(
    db: &impl ConnectionTrait,
    registry: &Registry,
    model: &'static Model,
    keys: &[i64],
) -> Result<Vec<(i64, String)>, DbErr> {
    texts_of(db, registry, (model, model.label), keys).await
}

/// The key and the text by which an object is chosen, if it exists.
pub(crate) async fn choice_text_of(
    db: &impl ConnectionTrait,
    registry: &Registry,
    model: &'static Model,
    key: i64,
) -> Result<Option<(i64, String)>, DbErr> {
    let text = model.choice.unwrap_or(model.label);
    let mut found = texts_of(db, registry, (model, text), &[key]).await?;
    Ok(found.pop())
}

async fn texts_of(
    db: &impl ConnectionTrait,
    registry: &Registry,
    (model, text): (&'static Model, &[TextPart]),
    keys: &[i64],
) -> Result<Vec<(i64, String)>, DbErr> {
    let mut found = Vec::new();
    for keys in keys.chunks(KEYS_AT_ONCE) {
        let mut select = Select::new(registry, model);
        let key = select.column("id")?;
        let text = select.text(text)?;
        select.with_keys(keys);
        select.order("id")?;
        let rows = select.rows(db, 0, None).await?;
        found.extend(rows.iter().map(|row| (key_of(row, key), text.of(row))));
    }
    Ok(found)
}

/// The label of an object; `None` if it does not exist.
pub(crate) async fn label_of(
    db: &impl ConnectionTrait,
    registry: &Registry,
    model: &'static Model,
    key: i64,
) -> Result<Option<String>, DbErr> {
    let mut labels = labels_of(db, registry, model, &[key]).await?;
    Ok(labels.pop().map(|(_, label)| label))
}

/// The object that an object is a part of, with its label; `None` if it is a part of nothing.
pub(crate) async fn whole_of(
    db: &impl ConnectionTrait,
    registry: &Registry,
    model: &'static Model,
    key: i64,
) -> Result<Option<(i64, String)>, DbErr> {
    let Some(relation) = model.part_of else {
        return Ok(None);
    };
    let target = model
        .field(relation)
        .and_then(|field| registry.target(field));
    let mut select = Select::new(registry, model);
    let whole = select.column(relation)?;
    select.with_keys(&[key]);
    let row = select.rows(db, 0, Some(1)).await?.pop();
    let (Some(row), Some(target)) = (row, target) else {
        return Ok(None);
    };
    let key = key_of(&row, whole);
    let label = label_of(db, registry, target, key).await?;
    Ok(Some((key, label.unwrap_or_default())))
}
