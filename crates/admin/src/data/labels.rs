//! What objects are called.

use db::DbErr;
use sea_orm::ConnectionTrait;

use crate::data::query::{KEYS_AT_ONCE, Select, key_of};
use crate::description::model::{Model, Part};
use crate::description::registry::Registry;

/// What objects are called, by their keys, in the order of the model's list; at most so many.
pub(crate) async fn labels(
    db: &impl ConnectionTrait,
    registry: &Registry,
    model: &'static Model,
    limit: Option<u64>,
) -> Result<Vec<(i64, String)>, DbErr> {
    let mut select = Select::new(registry, model);
    let key = select.column("id")?;
    let text = select.parts(model.label)?;
    for part in model.label {
        if let Part::Value(path) = part {
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

/// What objects with these keys are called, as far as they are there.
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
        let text = select.parts(model.label)?;
        select.with_keys(keys);
        select.order("id")?;
        let rows = select.rows(db, 0, None).await?;
        found.extend(rows.iter().map(|row| (key_of(row, key), text.of(row))));
    }
    Ok(found)
}

/// What one object is called; `None` where it is not there.
pub(crate) async fn label_of(
    db: &impl ConnectionTrait,
    registry: &Registry,
    model: &'static Model,
    key: i64,
) -> Result<Option<String>, DbErr> {
    let mut labels = labels_of(db, registry, model, &[key]).await?;
    Ok(labels.pop().map(|(_, label)| label))
}
