//! Lookups in what was found that every decision about sources needs. Pure.

use std::collections::BTreeMap;

use crate::inspect::{Findings, Reference};
use crate::schema::{CopyRows, MigrationName, Part, Schema};

/// The operator's `--from`: for parts, the table that each is filled from.
pub type SourceTables = BTreeMap<String, String>;

/// The table that a part's rows come from: its own, or one that is copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The part.
    pub part: &'static Part,
    /// The table.
    pub table: String,
}

impl Source {
    /// Whether the rows are already in the part's own table.
    pub fn is_own(&self) -> bool {
        self.table == self.part.table
    }
}

/// Whether a migration of that application and number is recorded, whatever its name.
pub(in crate::migrate) fn is_recorded(found: &Findings, migration: &MigrationName) -> bool {
    found.migrations.iter().any(|(app, name)| {
        app == migration.app && name.split('_').next() == Some(migration.number())
    })
}

#[derive(Clone, Copy)]
pub(super) struct Resolver<'a> {
    pub(super) schema: &'a Schema,
    pub(super) found: &'a Findings,
}

impl<'a> Resolver<'a> {
    pub(super) fn is_there(self, table: &str) -> bool {
        self.found.tables.contains_key(table)
    }

    /// Whether a release of this program has migrated the database. Then the same tables are shown as
    /// before.
    pub(super) fn is_adopted(self) -> bool {
        !self.found.versions.is_empty()
    }

    /// The column by which a source refers to a part, and the target of its foreign key.
    pub(super) fn reference(
        self,
        source: &Source,
        part: &Part,
    ) -> Option<(&'static str, &'a Reference)> {
        let described = self.schema.table(source.part.table)?;
        let mut columns = described.columns.iter();
        let column = columns.find(|column| column.references == Some(part.table))?;
        let found = self.found.tables.get(&source.table)?.get(column.name)?;
        Some((column.name, found.references.as_ref()?))
    }

    /// Whether any table of Django's or of this program's exists.
    pub(super) fn has_known_tables(self) -> bool {
        let tables = self.schema.tables.iter().map(|table| table.name);
        tables.into_iter().any(|name| self.is_there(name))
            || self.is_there(self.schema.own.version_table.name)
    }

    pub(super) fn legacy(self, part: &Part) -> Option<&'static CopyRows> {
        let mut copies = self.schema.legacy.iter().flat_map(|legacy| legacy.copies);
        copies.find(|copy| copy.to == part.table && self.found.candidate(part, copy.from).is_some())
    }

    /// Whether a migration that copies rows was recorded for the application. It was not if Django was
    /// stopped after it had made the table.
    pub(super) fn was_copied(self, app: &str) -> bool {
        let migrations = self
            .schema
            .legacy
            .iter()
            .flat_map(|legacy| legacy.migrations);
        let mut later = migrations.filter(|of| of.app == app && of.number() > "0001");
        later.any(|migration| is_recorded(self.found, migration))
    }

    /// Other tables with the columns of a part, and how many rows they hold.
    pub(super) fn others(self, part: &Part) -> Vec<(String, i64)> {
        let candidates = self.found.candidates.iter();
        let others = candidates.filter(|found| found.part == part && found.table != part.table);
        others
            .map(|found| (found.table.clone(), found.rows))
            .collect()
    }
}

/// `1 book`, `6 books`.
pub fn counted(rows: i64, part: &Part) -> String {
    let name = if rows == 1 { part.name } else { part.plural };
    format!("{rows} {name}")
}
