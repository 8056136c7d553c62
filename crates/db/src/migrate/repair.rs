//! Finds faults in keys, references and further columns of Django's tables, and decides which can be
//! repaired without loss. Pure.

use super::sources::{Source, SourceTables};
use crate::inspect::{Findings, FoundColumn, Key};
use crate::schema::{Column, Index, Kind, Schema, Table};

/// The repair of a table, which keeps its rows and their ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repair {
    /// The table.
    pub table: &'static str,
    /// What is wrong with it.
    pub faults: Vec<Fault>,
}

/// A fault that can be repaired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The column is not the primary key, or the database does not number it.
    Key(&'static str),
    /// The column refers to another table than it should.
    Reference {
        /// The column.
        column: &'static str,
        /// What it refers to now.
        from: String,
        /// What it should refer to; empty where it is to have no foreign key.
        to: String,
    },
    /// A further column is NOT NULL without a default, so that our INSERTs would fail.
    Default {
        /// The column.
        column: String,
        /// What it gets, as SQL.
        value: &'static str,
    },
}

/// Checks every table that exists. Returns the repairs, and messages for faults that cannot be
/// repaired.
pub(super) fn repairs(
    schema: &Schema,
    found: &Findings,
    sources: &[Source],
    named: &SourceTables,
) -> (Vec<Repair>, Vec<String>) {
    let checker = TableChecker {
        found,
        sources,
        named,
    };
    let (mut repairs, mut problems) = (Vec::new(), Vec::new());
    for table in schema.tables {
        let mut faults = Vec::new();
        for finding in checker.check(table) {
            match finding {
                Ok(fault) => faults.push(fault),
                Err(problem) => problems.push(problem),
            }
        }
        if !faults.is_empty() {
            let table = table.name;
            repairs.push(Repair { table, faults });
        }
    }
    (repairs, problems)
}

struct TableChecker<'a> {
    found: &'a Findings,
    sources: &'a [Source],
    named: &'a SourceTables,
}

impl TableChecker<'_> {
    fn check(&self, table: &Table) -> Vec<Result<Fault, String>> {
        let Some(columns) = self.found.tables.get(table.name) else {
            return Vec::new();
        };
        let mut findings = Vec::new();
        for column in table.columns {
            let Some(found) = columns.get(column.name) else {
                continue;
            };
            if found.is_computed {
                findings.push(Err(format!(
                    "`{}.{}` is computed by the database, and the site writes to it: make it a plain \
                     column",
                    table.name, column.name
                )));
            }
            if found.key < key_of(column) {
                findings.push(Ok(Fault::Key(column.name)));
            }
            findings.extend(self.check_reference(table, column, found));
        }
        let is_extra = |name: &str| table.columns.iter().all(|column| column.name != name);
        for (name, found) in columns {
            if found.must_be_given && is_extra(name) {
                findings.push(self.check_extra_column(table, name, found));
            }
        }
        findings
    }

    fn check_reference(
        &self,
        table: &Table,
        column: &Column,
        found: &FoundColumn,
    ) -> Option<Result<Fault, String>> {
        let to = column.references?;
        let reference = found.references.as_ref()?;
        let from = &reference.table;
        if !reference.leads_to_ids() {
            return Some(Err(format!(
                "`{}.{}` refers to `{from}.{}`, and not to an `id`: its values are no ids",
                table.name, column.name, reference.column
            )));
        }
        if from == to {
            return None;
        }
        let fault = Fault::Reference {
            column: column.name,
            from: from.clone(),
            to: to.to_owned(),
        };
        let source = self.sources.iter().find(|source| source.part.table == to);
        let candidate = source.and_then(|source| self.found.candidate(source.part, from));
        if !self.found.tables.contains_key(from) {
            return Some(Ok(fault));
        }
        // Changing the target is safe if the ids are known to mean the same rows: they were copied from
        // the old target, its rows are all in the new one, the operator says so, or there are none.
        if let (Some(source), Some(candidate)) = (source, candidate) {
            let is_meant = self.named.get(source.part.name) == Some(&source.table);
            let rows = self.found.rows(source.part, to);
            if source.table == *from || candidate.unlike == 0 || is_meant || rows == 0 {
                return Some(Ok(fault));
            }
        }
        Some(Err(format!(
            "`{}.{}` refers to `{from}`, and not to `{to}`: give it a foreign key to `{to}`",
            table.name, column.name
        )))
    }

    /// A default is harmless to Django, which always gives a value.
    fn check_extra_column(
        &self,
        table: &Table,
        name: &str,
        found: &FoundColumn,
    ) -> Result<Fault, String> {
        let value = neutral_value(&found.type_name);
        match value.filter(|_| found.key == Key::None && found.references.is_none()) {
            Some(value) => Ok(Fault::Default {
                column: name.to_owned(),
                value,
            }),
            None => Err(format!(
                "`{0}.{name}` must be given a value (NOT NULL, no default), which no row added here \
                 would have. Let it be empty: `null=True` in Django's model and `manage.py migrate`\
                 {1}",
                table.name,
                if self.found.encoding.is_some() {
                    format!(
                        ", or `ALTER TABLE \"{}\" ALTER COLUMN \"{name}\" DROP NOT NULL`, or \
                         `… SET DEFAULT` with a value of yours",
                        table.name
                    )
                } else {
                    String::new()
                }
            )),
        }
    }
}

/// The key that a column has to be at least.
fn key_of(column: &Column) -> Key {
    match (column.kind, column.index) {
        (Kind::AutoField | Kind::BigAutoField, _) => Key::AutoIncrement,
        (_, Index::PrimaryKey) => Key::Primary,
        _ => Key::None,
    }
}

/// The empty value of a type, if it has one. `char` has none: Django keeps UUIDs and addresses in it.
fn neutral_value(type_name: &str) -> Option<&'static str> {
    let base = type_name.split('(').next().unwrap_or(type_name).trim();
    match base {
        "varchar" | "character varying" | "text" => Some("''"),
        "integer" | "bigint" | "smallint" | "integer unsigned" | "bigint unsigned"
        | "smallint unsigned" | "real" | "double precision" | "decimal" | "numeric" => Some("0"),
        "bool" | "boolean" => Some("FALSE"),
        _ => None,
    }
}
