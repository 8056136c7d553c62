//! Which tables hold what a description asks for, whatever they are called. Pure.

use std::collections::BTreeMap;

use crate::inspect::{FoundColumn, Tables};
use crate::schema::{Column, Kind, Part, Schema, Table};

/// A table with the columns of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its name.
    pub table: String,
    /// Of which part.
    pub part: &'static Part,
    /// How many rows it holds.
    pub rows: i64,
    /// How many of them the part's own table does not hold, value by value.
    pub unlike: i64,
}

/// What keeps a table from being used as described: that it or a column of it is missing, or
/// that a column is of another kind. Columns in addition are no problem.
pub fn problems(table: &Table, tables: &Tables) -> Vec<String> {
    problems_of(table.name, table, tables)
}

/// The same of a table of another name.
pub(crate) fn problems_of(name: &str, table: &Table, tables: &Tables) -> Vec<String> {
    let Some(columns) = tables.get(name) else {
        return vec![format!("table `{name}` is missing")];
    };
    let mut instead = further(table, columns);
    let wrong = table.columns.iter().filter_map(|column| {
        let found = columns.get(column.name);
        match found {
            None => {
                // Once for the table.
                let instead = std::mem::take(&mut instead);
                Some(format!(
                    "column `{name}.{}` is missing{instead}",
                    column.name
                ))
            }
            Some(found) if !is_of_kind(&found.type_name, column.kind) => Some(format!(
                "column `{name}.{}` has the type `{}`, which cannot hold {}",
                column.name,
                found.type_name,
                what_it_holds(column.kind)
            )),
            Some(_) => None,
        }
    });
    wrong.collect()
}

/// The columns that a table has beyond its description, one of which may be what is missed.
fn further(table: &Table, columns: &BTreeMap<String, FoundColumn>) -> String {
    let is_described = |name: &str| table.columns.iter().any(|column| column.name == name);
    let names = columns.keys().filter(|name| !is_described(name));
    let names: Vec<_> = names
        .take(TOLD_COLUMNS)
        .map(|name| format!("`{name}`"))
        .collect();
    if names.is_empty() {
        return String::new();
    }
    format!(" (there is {})", names.join(", "))
}

/// How many of them are named.
const TOLD_COLUMNS: usize = 5;

/// The tables that have the columns of a part, the part's own among them, with the part.
pub(super) fn of_parts(schema: &Schema, tables: &Tables) -> Vec<(String, &'static Part)> {
    let mut found = Vec::new();
    for part in schema.parts {
        let Some(described) = schema.table(part.table) else {
            continue;
        };
        let fitting = tables
            .keys()
            .filter(|name| problems_of(name, described, tables).is_empty());
        found.extend(fitting.map(|name| (name.clone(), part)));
    }
    found
}

/// What was looked for in the place of a part's table, and the table that comes nearest, with what
/// it lacks.
pub(crate) fn nearest(schema: &Schema, part: &Part, tables: &Tables) -> Option<String> {
    let described = schema.table(part.table)?;
    let has = |name: &str, column: &Column| {
        let columns = tables.get(name);
        columns.is_some_and(|columns| columns.contains_key(column.name))
    };
    let shared = |name: &String| {
        let columns = described.columns.iter();
        columns.filter(|column| has(name, column)).count()
    };
    let is_strange = |name: &&String| {
        schema.table(name).is_none() || schema.parts.iter().any(|part| part.table == *name)
    };
    let is_named_alike = |name: &String| name.to_lowercase().contains(part.name);
    let best = tables
        .keys()
        .filter(is_strange)
        .max_by_key(|name| (shared(name), is_named_alike(name)))?;
    // `id` alone is everywhere.
    if shared(best) < 2 && !is_named_alike(best) {
        return None;
    }
    let wrong = problems_of(best, described, tables);
    Some(format!("the nearest is `{best}`: {}", wrong.join(", ")))
}

/// The names of a table's columns, for messages.
pub(crate) fn column_names(schema: &Schema, part: &Part) -> String {
    let columns = schema
        .table(part.table)
        .map_or(&[][..], |table| table.columns);
    let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
    names.join(", ")
}

/// Whether a column of that declared type holds what the field keeps. Widths may differ: a
/// database that began under an older Django has narrower keys and texts.
fn is_of_kind(type_name: &str, kind: Kind) -> bool {
    let base = type_name.split('(').next().unwrap_or(type_name).trim();
    let expected: &[&str] = match kind {
        Kind::AutoField
        | Kind::BigAutoField
        | Kind::IntegerField
        | Kind::BigIntegerField
        | Kind::PositiveIntegerField => &[
            "integer",
            "bigint",
            "integer unsigned",
            "bigint unsigned",
            // SQLite's alone, whose whole numbers are of one size: what `CREATE TABLE … AS` writes.
            "int",
        ],
        Kind::PositiveSmallIntegerField => &["smallint", "smallint unsigned", "integer"],
        Kind::BooleanField => &["bool", "boolean"],
        Kind::DateTimeField => &["datetime", "timestamp", "timestamp with time zone"],
        Kind::CharField(_) | Kind::TextField => &["varchar", "character varying", "text"],
    };
    expected.contains(&base)
}

fn what_it_holds(kind: Kind) -> &'static str {
    match kind {
        Kind::BooleanField => "a truth value",
        Kind::DateTimeField => "a point in time",
        Kind::CharField(_) | Kind::TextField => "text",
        _ => "whole numbers",
    }
}
