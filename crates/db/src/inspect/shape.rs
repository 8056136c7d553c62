//! Which tables hold what a description asks for, whatever they are called. Pure.

use std::collections::BTreeMap;

use super::found::{Found, FoundColumn, Tables, Values};
use crate::schema::{Kind, Part, Schema, Table};

/// What keeps a table from being used as described: that it or a column of it is missing, or
/// that a column is of another kind. Columns in addition are no problem.
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
                // Once for the table.
                let instead = std::mem::take(&mut instead);
                Some(format!(
                    "column `{name}.{}` is missing{instead}",
                    column.name
                ))
            }
            Some(found) if !found.keeps.contains(&values_of(column.kind)) => Some(format!(
                "column `{name}.{}` has the type `{}`; the site keeps {} there",
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

/// What nearly has the columns of a part, with what keeps it from being read as one.
pub(super) fn nearly_of_parts(
    schema: &Schema,
    found: &Found,
) -> Vec<(String, &'static Part, Vec<String>)> {
    let is_known = |name: &str| {
        let own = schema.own.versions.iter().flat_map(|of| of.tables);
        let mut tables = schema.tables.iter().chain(own);
        tables.any(|table| table.name == name)
    };
    let tables = found.tables.iter().filter(|(name, _)| !is_known(name));
    let tables = tables.map(|(name, columns)| (name, columns, None));
    let views = found.no_tables.iter();
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

/// Whether somebody may take a table for one of a part: it is known from the older site, or has more
/// than half of the columns, or has one and is called like the part. `id` is everywhere.
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

/// What a column has to keep for a field.
fn values_of(kind: Kind) -> Values {
    match kind {
        Kind::AutoField
        | Kind::BigAutoField
        | Kind::IntegerField
        | Kind::BigIntegerField
        | Kind::PositiveIntegerField => Values::WholeNumbers,
        Kind::PositiveSmallIntegerField => Values::SmallNumbers,
        Kind::BooleanField => Values::TruthValues,
        Kind::DateTimeField => Values::PointsInTime,
        Kind::CharField(_) | Kind::TextField => Values::Texts,
    }
}

fn what_it_holds(kind: Kind) -> &'static str {
    match values_of(kind) {
        Values::SmallNumbers => "whole numbers",
        Values::WholeNumbers => "whole numbers of 32 or 64 bits",
        Values::TruthValues => "truth values",
        Values::PointsInTime => "points in time",
        Values::Texts => "texts",
    }
}
