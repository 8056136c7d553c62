//! Names beside an index of words ([`NameIndex`]), by whose beginnings something is found. They are written
//! with the index, in the same transactions.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, DbBackend, DbErr};

use super::sql::{numbers, run};
use crate::names::quoted;
use crate::schema::{Moves, Name, NameIndex};
use crate::words::LONGEST_NAME;

/// The longest target. What has a longer one is not found by its name.
const LONGEST_TARGET: usize = 250;
/// The names that are stored by one statement.
const NAMES_AT_ONCE: usize = 500;

/// Drops the table, if there is one, and makes it empty.
pub(super) async fn create(db: &impl ConnectionTrait, index: NameIndex) -> Result<(), DbErr> {
    let name = quoted(index.table.name);
    // Beginnings are ranges only in an order that goes by the characters' numbers, as SQLite's does.
    let text = match db.get_database_backend() {
        DbBackend::Postgres => "text COLLATE \"C\" NOT NULL",
        _ => "text NOT NULL",
    };
    run(db, &format!("DROP TABLE IF EXISTS {name}")).await?;
    run(
        db,
        &format!(
            "CREATE TABLE {name} (kind {text}, name {text}, target {text}, sample bigint NOT NULL, \
             PRIMARY KEY (kind, name, target))"
        ),
    )
    .await
}

/// Fails if the table cannot be read.
pub(super) async fn check(db: &impl ConnectionTrait, index: NameIndex) -> Result<(), DbErr> {
    let name = quoted(index.table.name);
    let sql = format!("SELECT sample FROM {name} WHERE kind > name AND name > target LIMIT 1");
    numbers(db, sql).await.map(|_| ())
}

/// Stores names with the row that has each. Those that are `known` were stored before.
pub(super) async fn add(
    db: &impl ConnectionTrait,
    index: NameIndex,
    named: Vec<(Name, i64)>,
    known: &mut BTreeSet<Name>,
) -> Result<(), DbErr> {
    let fits = |name: &Name| is_target(&name.target);
    let named = named.into_iter().filter(|(name, _)| fits(name));
    let cut = named.map(|(name, key)| {
        (
            Name {
                name: cut(&name.name),
                ..name
            },
            key,
        )
    });
    let new: BTreeMap<Name, i64> = cut.filter(|(name, _)| !known.contains(name)).collect();
    let rows: Vec<_> = new
        .iter()
        .map(|(Name { kind, name, target }, key)| {
            format!("('{kind}', '{name}', '{target}', {key})")
        })
        .collect();
    for rows in rows.chunks(NAMES_AT_ONCE) {
        let sql = format!(
            "INSERT INTO {} (kind, name, target, sample) VALUES {} \
             ON CONFLICT (kind, name, target) DO UPDATE SET sample = excluded.sample",
            quoted(index.table.name),
            rows.join(", ")
        );
        run(db, &sql).await?;
    }
    known.extend(new.into_keys());
    Ok(())
}

/// Keeps where something has moved. Of several moves from one place the last counts.
pub(super) async fn keep_moves(
    db: &impl ConnectionTrait,
    Moves { table, .. }: Moves,
    moves: BTreeMap<String, String>,
) -> Result<(), DbErr> {
    let fits = |(from, to): &(&String, &String)| [from, to].iter().all(|target| is_target(target));
    let rows: Vec<_> = moves
        .iter()
        .filter(fits)
        .map(|(from, to)| format!("('{from}', '{to}')"))
        .collect();
    for rows in rows.chunks(NAMES_AT_ONCE) {
        let sql = format!(
            "INSERT INTO {} (path, moved_to) VALUES {} \
             ON CONFLICT (path) DO UPDATE SET moved_to = excluded.moved_to",
            quoted(table.name),
            rows.join(", ")
        );
        run(db, &sql).await?;
    }
    Ok(())
}

fn is_target(target: &str) -> bool {
    let is_written = |sign: char| sign.is_alphanumeric() || matches!(sign, '-' | '/');
    target.chars().count() <= LONGEST_TARGET && target.chars().all(is_written)
}

/// Letters, digits and spaces of a name, no more than are stored.
fn cut(name: &str) -> String {
    let letters = name
        .chars()
        .filter(|sign| sign.is_alphanumeric() || *sign == ' ');
    letters.take(LONGEST_NAME).collect()
}
