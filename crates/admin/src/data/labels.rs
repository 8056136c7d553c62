//! The labels of objects, which Django's `__str__` returns.

use db::DbErr;
use sea_orm::ConnectionTrait;

use crate::data::query::{KEYS_AT_ONCE, Select, key_of};
use crate::description::model::{Model, TextPart};
use crate::description::registry::Registry;

/// The keys and labels of a model's objects, sorted by the values in the label; at most `limit`.
pub(crate) async fn labels(
    db: &impl ConnectionTrait,
    registry: &Registry,
    model: &'static Model,
    limit: Option<u64>,
) -> Result<Vec<(i64, String)>, DbErr> {
    let mut select = Select::new(registry, model);
    let key = select.column("id")?;
    let text = select.text(model.label)?;
    for part in model.label {
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
    let mut found = Vec::new();
    for keys in keys.chunks(KEYS_AT_ONCE) {
        let mut select = Select::new(registry, model);
        let key = select.column("id")?;
        let text = select.text(model.label)?;
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
