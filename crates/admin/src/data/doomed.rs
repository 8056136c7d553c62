//! What goes with an object, found before anything is deleted.

use std::collections::HashSet;

use db::{DbErr, Transaction};
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, Query};
use sha2::{Digest as _, Sha256};

use crate::data::query::{KEYS_AT_ONCE, Select, key_of, keys_in};
use crate::data::record::short_hash;
use crate::description::model::Model;
use crate::description::registry::Registry;

/// Objects of one model that go along, with their keys.
#[derive(Debug)]
pub(crate) struct Doomed {
    pub(crate) model: &'static Model,
    pub(crate) keys: Vec<i64>,
}

/// The keys of the rows in which a column holds one of these keys, in order.
async fn keys_where(
    db: &impl ConnectionTrait,
    table: &str,
    column: &str,
    keys: &[i64],
) -> Result<Vec<i64>, DbErr> {
    let mut found = Vec::new();
    for keys in keys.chunks(KEYS_AT_ONCE) {
        let query = Query::select()
            .column(Alias::new("id"))
            .from(Alias::new(table))
            .and_where(Expr::col(Alias::new(column)).is_in(keys.iter().copied()))
            .to_owned();
        found.extend(keys_in(&db.query_all(&query).await?)?);
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// Everything that goes: the objects themselves first, then what points to them.
pub(crate) async fn collect(
    db: &impl ConnectionTrait,
    registry: &Registry,
    model: &'static Model,
    keys: Vec<i64>,
) -> Result<Vec<Doomed>, DbErr> {
    let mut all: Vec<Doomed> = vec![Doomed { model, keys }];
    let mut next = 0;
    while next < all.len() {
        let (model, keys) = (all[next].model, all[next].keys.clone());
        next += 1;
        for (child, field) in registry.relations_to(model) {
            let mut found = keys_where(db, child.table, &field.column(), &keys).await?;
            let is_known = |key: &i64| {
                let mut known = all
                    .iter()
                    .filter(|doomed| doomed.model.table == child.table);
                known.any(|doomed| doomed.keys.contains(key))
            };
            // Models do not point to themselves here; two ways to one object are one.
            if all.iter().any(|doomed| doomed.model.table == child.table) {
                found.retain(|key| !is_known(key));
            }
            if !found.is_empty() {
                all.push(Doomed {
                    model: child,
                    keys: found,
                });
            }
        }
    }
    Ok(all)
}

/// Those of the objects that nobody else has deleted, in their order, locked.
pub(crate) async fn still_there(
    transaction: &Transaction,
    registry: &Registry,
    model: &'static Model,
    keys: Vec<i64>,
) -> Result<Vec<i64>, DbErr> {
    let mut found = HashSet::new();
    for keys in keys.chunks(KEYS_AT_ONCE) {
        let mut select = Select::new(registry, model);
        let key = select.column("id")?;
        select.with_keys(keys);
        let rows = select.locked(transaction).await?;
        found.extend(rows.iter().map(|row| key_of(row, key)));
    }
    Ok(keys.into_iter().filter(|key| found.contains(key)).collect())
}

/// Changes when other objects go than before.
pub(crate) fn version(all: &[Doomed]) -> String {
    let mut hash = Sha256::new();
    for doomed in all {
        // In whatever order the list has them now.
        let mut keys = doomed.keys.clone();
        keys.sort_unstable();
        hash.update(format!("{} {keys:?}\0", doomed.model.table));
    }
    short_hash(hash)
}
