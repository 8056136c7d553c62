//! Conditions in SQL that compare the rows of two tables.

use crate::names::quoted;
use crate::schema::Table;

/// The condition that two rows differ in any column but the key.
pub(super) fn differs(table: &Table, here: &str, there: &str) -> String {
    let columns = table.columns.iter().map(|column| quoted(column.name));
    let columns = columns.filter(|name| name != "\"id\"");
    let differ = columns.map(|name| format!("{here}.{name} IS DISTINCT FROM {there}.{name}"));
    format!("({})", differ.collect::<Vec<_>>().join(" OR "))
}

/// The condition that a table has no row with the id of `alias`.
pub(super) fn missing(alias: &str, table: &str) -> String {
    format!("NOT EXISTS (SELECT 1 FROM {table} AS other WHERE other.id = {alias}.id)")
}
