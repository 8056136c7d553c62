//! Finds tables by their columns, whatever their names. Pure.

use std::collections::BTreeMap;

use super::findings::{Findings, FoundColumn, Tables, ValueKind};
use crate::schema::{Kind, Part, Schema, Table};

/// Why a table cannot be used as described: it is missing, or one of its columns is missing or has
/// another type. Further columns are no problem.
pub fn problems(table: &Table, tables: &Tables) -> Vec<String> {
    problems_of(table.name, table, tables)
}

/// The same of a table of another name.
pub(crate) fn problems_of(name: &str, table: &Table, tables: &Tables) -> Vec<String> {
    match tables.get(name) {
        None => vec![format!("table `{name}` is missing")],
        Some(columns) => problems_in(name, table, columns),
    }
}

fn problems_in(name: &str, table: &Table, columns: &BTreeMap<String, FoundColumn>) -> Vec<String> {
    let mut instead = further(table, columns);
    let wrong = table.columns.iter().filter_map(|column| {
        let found = columns.get(column.name);
        match found {
            None => {
                // The hint is given once for the table: `take` leaves it empty.
                let instead = std::mem::take(&mut instead);
                Some(format!(
                    "column `{name}.{}` is missing{instead}",
                    column.name
                ))
            }
            Some(found) if !found.value_kinds.contains(&value_kind_of(column.kind)) => {
                Some(format!(
                    "column `{name}.{}` has the type `{}`; the site keeps {} there",
                    column.name,
                    found.type_name,
                    what_it_holds(column.kind)
                ))
            }
            Some(_) => None,
        }
    });
    wrong.collect()
}

/// A hint that names the columns beyond the description: one of them may be the missing one under
/// another name.
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

/// How many columns the hint names.
const TOLD_COLUMNS: usize = 5;

/// Every table that has the columns of a part, with that part. A part's own table is among them.
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

/// Tables and views that have only some columns of a part, with the reasons why they are no candidates.
pub(super) fn nearly_of_parts(
    schema: &Schema,
    found: &Findings,
) -> Vec<(String, &'static Part, Vec<String>)> {
    let is_known = |name: &str| {
        let mut tables = schema.tables.iter().chain(schema.own.tables());
        tables.any(|table| table.name == name)
    };
    let tables = found.tables.iter().filter(|(name, _)| !is_known(name));
    let tables = tables.map(|(name, columns)| (name, columns, None));
    let views = found.other_relations.iter();
    let views = views.map(|(name, view)| (name, &view.columns, Some(&view.kind)));
    let all: Vec<_> = tables.chain(views).collect();
    let mut near = Vec::new();
    for part in schema.parts {
        let Some(described) = schema.table(part.table) else {
            continue;
        };
        for (name, columns, kind) in &all {
            if !is_near(schema, part, described, (name, columns)) {
                continue;
            }
            let kind = kind.map(|kind| format!("it is a {kind}, and no table"));
            let wrong: Vec<_> = kind
                .into_iter()
                .chain(problems_in(name, described, columns))
                .collect();
            if !wrong.is_empty() {
                near.push(((*name).clone(), part, wrong));
            }
        }
    }
    near
}

/// Whether an operator may mean this table by a part: it is the older site's, or has more than half of
/// the columns, or has one of them and a similar name. `id` does not count, since every table has it.
fn is_near(
    schema: &Schema,
    part: &Part,
    described: &Table,
    (name, columns): (&str, &BTreeMap<String, FoundColumn>),
) -> bool {
    let named = described.columns.iter().map(|column| column.name);
    let named: Vec<_> = named.filter(|column| *column != "id").collect();
    let shared = named.iter().filter(|name| columns.contains_key(**name));
    let shared = shared.count();
    let mut copies = schema.legacy.iter().flat_map(|legacy| legacy.copies);
    let is_legacy = copies.any(|copy| copy.to == part.table && copy.from == name);
    let lower = name.to_lowercase();
    let is_called_alike =
        lower.split('_').any(|word| word == part.name) || lower.ends_with(part.plural);
    is_legacy && !columns.is_empty() || shared * 2 > named.len() || (is_called_alike && shared > 0)
}

/// The names of a table's columns, for messages.
pub(crate) fn column_names(schema: &Schema, part: &Part) -> String {
    let columns = schema
        .table(part.table)
        .map_or(&[][..], |table| table.columns);
    let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
    names.join(", ")
}

/// The kind of values that a column has to store for a field.
fn value_kind_of(kind: Kind) -> ValueKind {
    match kind {
        Kind::AutoField
        | Kind::BigAutoField
        | Kind::IntegerField
        | Kind::BigIntegerField
        | Kind::PositiveIntegerField => ValueKind::Integer,
        Kind::PositiveSmallIntegerField => ValueKind::SmallInteger,
        Kind::BooleanField => ValueKind::Boolean,
        Kind::DateTimeField => ValueKind::Timestamp,
        Kind::DateField => ValueKind::Date,
        Kind::CharField(_) | Kind::TextField => ValueKind::Text,
        Kind::BinaryField => ValueKind::Bytes,
    }
}

fn what_it_holds(kind: Kind) -> &'static str {
    match value_kind_of(kind) {
        ValueKind::SmallInteger => "whole numbers",
        ValueKind::Integer => "whole numbers of 32 or 64 bits",
        ValueKind::Boolean => "truth values",
        ValueKind::Timestamp => "points in time",
        ValueKind::Date => "days",
        ValueKind::Text => "texts",
        ValueKind::Bytes => "bytes",
    }
}
