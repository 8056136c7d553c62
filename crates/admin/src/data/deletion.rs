//! What goes with an object: found, checked and deleted.

use std::collections::{HashMap, HashSet};

use accounts::permission::Permissions;
use db::{DbErr, Integer, Transaction};
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, Query};
use sha2::{Digest as _, Sha256};

use super::access::{Rights, closed_fields};
use super::history::{self, Action, Entry};
use super::labels::labels_of;
use super::query::{KEYS_AT_ONCE, Select, key_of, keys_in};
use super::record::{delete_where, has_table, short_hash};
use crate::description::model::{Kind, Model};
use crate::description::registry::{Follower, Registry};
use crate::description::value::Value;

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

/// The models of which something would go that this user may not delete.
pub(crate) async fn refused(
    db: &impl ConnectionTrait,
    registry: &Registry,
    permissions: &Permissions,
    all: &[Doomed],
) -> Result<Vec<&'static Model>, DbErr> {
    let mut refused = Vec::new();
    // What has no pages goes with what it belongs to, as in Django.
    for doomed in all.iter().filter(|doomed| doomed.model.pages.is_some()) {
        let may_delete = Rights::of(permissions, doomed.model).delete;
        if !may_delete || any_is_protected(db, registry, permissions, doomed).await? {
            refused.push(doomed.model);
        }
    }
    Ok(refused)
}

/// Whether one of the objects is closed to this user: see [`super::access::is_protected`].
async fn any_is_protected(
    db: &impl ConnectionTrait,
    registry: &Registry,
    permissions: &Permissions,
    doomed: &Doomed,
) -> Result<bool, DbErr> {
    for name in closed_fields(permissions, doomed.model) {
        let field = doomed.model.field(name);
        if !field.is_some_and(|field| matches!(field.kind, Kind::Boolean(_))) {
            continue;
        }
        for keys in doomed.keys.chunks(KEYS_AT_ONCE) {
            let mut select = Select::new(registry, doomed.model);
            let column = select.column(name)?;
            select.with_keys(keys);
            // Read and not compared by the database, which knows no words for yes on SQLite.
            let rows = select.rows(db, 0, None).await?;
            if rows.iter().any(|row| row[column] == Value::Boolean(true)) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Deletes all of it, what points to others first, and writes the history of the objects that it
/// is about.
pub(crate) async fn delete_all(
    transaction: &Transaction,
    registry: &Registry,
    followers: &[Follower],
    user: Integer,
    all: &[Doomed],
) -> Result<(), DbErr> {
    let is_own_end = all
        .iter()
        .any(|doomed| doomed.model.is_account() && doomed.keys.contains(&user.0));
    // Who deletes their own account takes their entries along, this one too.
    if let Some(first) = all.first().filter(|_| !is_own_end) {
        // The names are known only as long as the objects are there.
        let labels = labels_of(transaction, registry, first.model, &first.keys).await?;
        // In the order of the list, as Django writes them.
        let mut names: HashMap<_, _> = labels.into_iter().collect();
        let labels = first.keys.iter();
        let labels: Vec<_> = labels
            .filter_map(|key| Some((*key, names.remove(key)?)))
            .collect();
        let entry = Entry {
            user,
            model: first.model,
            action: Action::Deletion,
            message: "",
        };
        history::write(transaction, entry, &labels).await?;
    }
    for doomed in all.iter().rev() {
        for (table, column) in registry.pairs_of(doomed.model) {
            delete_where(transaction, table, column, &doomed.keys).await?;
        }
        for (table, column, model) in followers {
            if *model == doomed.model.full_name() && has_table(transaction, table).await? {
                delete_where(transaction, table, column, &doomed.keys).await?;
            }
        }
        delete_where(transaction, doomed.model.table, "id", &doomed.keys).await?;
    }
    Ok(())
}
