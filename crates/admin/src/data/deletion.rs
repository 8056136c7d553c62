//! Deletion of objects with all that refer to them: collected, checked and deleted.

use std::collections::{HashMap, HashSet};

use accounts::permission::Permissions;
use db::{DbErr, Integer, Transaction};
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, Query};
use sha2::{Digest as _, Sha256};

use super::access::{Rights, closed_fields};
use super::history::{self, About, Action, NewLogEntries, Told};
use super::labels::{labels_of, whole_of};
use super::query::{KEYS_AT_ONCE, Select, key_of, keys_in};
use super::record::{delete_where, has_table, short_hash};
use crate::description::model::{FieldKind, Model};
use crate::description::registry::{DependentTable, Registry};
use crate::description::value::Value;

/// Objects of one model that are to be deleted, by their keys.
#[derive(Debug)]
pub(crate) struct DeletionGroup {
    pub(crate) model: &'static Model,
    pub(crate) keys: Vec<i64>,
}

/// The sorted keys of the rows in which `column` holds one of `keys`.
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

/// Collects all that is to be deleted: the objects themselves first, then those that refer to them,
/// directly or through others.
pub(crate) async fn collect(
    db: &impl ConnectionTrait,
    registry: &Registry,
    model: &'static Model,
    keys: Vec<i64>,
) -> Result<Vec<DeletionGroup>, DbErr> {
    let mut all: Vec<DeletionGroup> = vec![DeletionGroup { model, keys }];
    let mut next = 0;
    while next < all.len() {
        let (model, keys) = (all[next].model, all[next].keys.clone());
        next += 1;
        for (child, field) in registry.relations_to(model) {
            let mut found = keys_where(db, child.table, &field.column(), &keys).await?;
            let is_known = |key: &i64| {
                let mut known = all.iter().filter(|group| group.model.table == child.table);
                known.any(|group| group.keys.contains(key))
            };
            // Two relations may lead to the same object: it is collected once.
            if all.iter().any(|group| group.model.table == child.table) {
                found.retain(|key| !is_known(key));
            }
            if !found.is_empty() {
                all.push(DeletionGroup {
                    model: child,
                    keys: found,
                });
            }
        }
    }
    Ok(all)
}

/// Locks the objects. Returns the keys of those that nobody else has deleted, in the order of
/// `keys`.
pub(crate) async fn lock_existing(
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
        let rows = select.locked_rows(transaction).await?;
        found.extend(rows.iter().map(|row| key_of(row, key)));
    }
    Ok(keys.into_iter().filter(|key| found.contains(key)).collect())
}

/// A hash of the objects that are to be deleted. It differs if others would be deleted than before.
pub(crate) fn version(all: &[DeletionGroup]) -> String {
    let mut hash = Sha256::new();
    for group in all {
        // Sorted, since the order of the list may have changed meanwhile.
        let mut keys = group.keys.clone();
        keys.sort_unstable();
        hash.update(format!("{} {keys:?}\0", group.model.table));
    }
    short_hash(hash)
}

/// The models that have objects among these which this user may not delete.
pub(crate) async fn undeletable_models(
    db: &impl ConnectionTrait,
    registry: &Registry,
    permissions: &Permissions,
    all: &[DeletionGroup],
) -> Result<Vec<&'static Model>, DbErr> {
    let mut undeletable_models = Vec::new();
    // Objects of a model without pages are deleted with what they refer to, as in Django.
    // A part goes with its whole.
    let is_whole = |model: &Model| {
        all.iter()
            .any(|group| (group.model.app, group.model.name) == model.whole())
    };
    let groups = all.iter().filter(|group| group.model.pages.is_some());
    let groups = groups.filter(|group| group.model.part_of.is_none() || !is_whole(group.model));
    for group in groups {
        let may_delete = Rights::of(permissions, group.model).delete;
        if !may_delete || any_protected(db, registry, permissions, group).await? {
            undeletable_models.push(group.model);
        }
    }
    Ok(undeletable_models)
}

/// Whether one of the objects is protected from this user: see [`super::access::is_protected`].
async fn any_protected(
    db: &impl ConnectionTrait,
    registry: &Registry,
    permissions: &Permissions,
    group: &DeletionGroup,
) -> Result<bool, DbErr> {
    for name in closed_fields(permissions, group.model) {
        let field = group.model.field(name);
        if !field.is_some_and(|field| matches!(field.kind, FieldKind::Boolean(_))) {
            continue;
        }
        for keys in group.keys.chunks(KEYS_AT_ONCE) {
            let mut select = Select::new(registry, group.model);
            let column = select.column(name)?;
            select.with_keys(keys);
            // Read, and not compared by the database: SQLite may hold a truth value as a word,
            // which `stored::boolean` understands and a comparison would miss.
            let rows = select.rows(db, 0, None).await?;
            if rows.iter().any(|row| row[column] == Value::Boolean(true)) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Deletes the collected objects, those that refer to others first. Writes an entry of the history
/// for each of the objects that the user has chosen.
pub(crate) async fn delete_all(
    transaction: &Transaction,
    registry: &Registry,
    dependent_tables: &[DependentTable],
    user: Integer,
    all: &[DeletionGroup],
) -> Result<(), DbErr> {
    let is_own_end = all
        .iter()
        .any(|group| group.model.is_account() && group.keys.contains(&user.0));
    // Deleting one's own account deletes one's entries of the history, this one included.
    if let Some(first) = all.first().filter(|_| !is_own_end) {
        // Before the deletion, as the labels are made from the rows.
        let labels = labels_of(transaction, registry, first.model, &first.keys).await?;
        // In the order of the list, as Django writes them.
        let mut names: HashMap<_, _> = labels.into_iter().collect();
        let labels = first.keys.iter();
        let labels: Vec<_> = labels
            .filter_map(|key| Some((*key, names.remove(key)?)))
            .collect();
        write_history(transaction, registry, user, first.model, labels).await?;
    }
    // The reverse of the order in which they were collected: what refers to a row goes before it.
    for group in all.iter().rev() {
        for (table, column) in registry.pairs_of(group.model) {
            delete_where(transaction, table, column, &group.keys).await?;
        }
        for (table, column, model) in dependent_tables {
            if *model == group.model.full_name() && has_table(transaction, table).await? {
                delete_where(transaction, table, column, &group.keys).await?;
            }
        }
        delete_where(transaction, group.model.table, "id", &group.keys).await?;
    }
    Ok(())
}

/// The entries for deleted objects: of parts, that their wholes were changed.
async fn write_history(
    transaction: &Transaction,
    registry: &Registry,
    user: Integer,
    model: &'static Model,
    labels: Vec<(i64, String)>,
) -> Result<(), DbErr> {
    let entry = NewLogEntries {
        user,
        model,
        action: Action::Deletion,
        message: "",
    };
    if model.part_of.is_none() {
        return history::write(transaction, entry, &labels).await;
    }
    for (key, label) in labels {
        let Some(whole) = whole_of(transaction, registry, model, key).await? else {
            continue;
        };
        let told = Told {
            action: Action::Deletion,
            about: Some(About {
                name: model.name.to_owned(),
                object: label,
            }),
            fields: Vec::new(),
        };
        let entry = NewLogEntries {
            action: Action::Change,
            message: &history::message(&[told]),
            ..entry
        };
        history::write(transaction, entry, &[whole]).await?;
    }
    Ok(())
}
