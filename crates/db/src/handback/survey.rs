//! What a handback looks at before it decides, as values. Pure: no database here.

use super::catalog::{Reference, Unique, ViewOrTrigger};
use super::step::Changes;
use crate::adoption::{Entry, Kind};
use crate::inspect::Findings;
use crate::schema::{Schema, Table};

/// Everything that a plan is made from.
#[derive(Debug)]
pub(super) struct Survey {
    pub(super) found: Findings,
    /// The tables whose rows this program copied when it adopted the database, each after those
    /// that it refers to.
    pub(super) copied: Vec<CopiedTable>,
    /// `django_migrations`, in the order applied.
    pub(super) migrations: Vec<RecordedMigration>,
    /// How many rows each table of the models holds.
    pub(super) rows: Vec<(&'static str, u64)>,
    /// The same of the program's own tables that hold what people have entered.
    pub(super) own_records: Vec<(&'static str, u64)>,
    pub(super) references: Vec<Reference>,
    /// The adoption's record of its changes; empty if the release that adopted made none.
    pub(super) entries: Vec<Entry>,
    pub(super) uniques: Vec<Unique>,
    pub(super) views_and_triggers: Vec<ViewOrTrigger>,
}

/// What becomes of a table in use after its rows were carried back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// The program made it: it is dropped.
    Dropped,
    /// Django had made it, and it was empty.
    Emptied,
    /// It had the same rows as the old table at the adoption, and has them again.
    Kept,
}

impl Survey {
    /// What becomes of a table whose rows are carried back.
    pub(super) fn fate(&self, app: &str, target: &str) -> Fate {
        let mut ours = self.migrations.iter().filter(|row| row.is_ours);
        // Without an entry an older release has adopted: then the migration that makes the table tells
        // whether the program made it.
        if self.has(Kind::Made, target) {
            Fate::Dropped
        } else if self.has(Kind::Empty, target) {
            Fate::Emptied
        } else if self.has(Kind::Full, target) {
            Fate::Kept
        } else if ours.any(|row| row.app == app && row.name.starts_with("0001")) {
            Fate::Dropped
        } else {
            Fate::Emptied
        }
    }

    /// Whether the program made the table for a part that had no source.
    pub(super) fn is_made_without_source(&self, target: &str) -> bool {
        let mut copied = self.copied.iter();
        self.has(Kind::Made, target) && copied.all(|copied| copied.target != target)
    }

    /// How many rows a table of the models holds.
    pub(super) fn rows_of(&self, target: &str) -> u64 {
        let mut rows = self.rows.iter();
        rows.find(|(table, _)| *table == target)
            .map_or(0, |(_, rows)| *rows)
    }

    /// The target that a column's foreign key gets by the handback: the one before the adoption, empty if
    /// there was none; or, if the adoption made the column's table, the table that the rows go back to.
    /// `None` if the adoption has not changed the foreign key.
    pub(super) fn former_target(&self, reference: &Reference) -> Option<&str> {
        let name = format!("{}.{}", reference.table, reference.column);
        let mut entries = self.entries.iter();
        let entry = entries.find(|entry| entry.kind == Kind::Reference && entry.name == name);
        let mut copied = self
            .copied
            .iter()
            .filter(|_| self.is_made_without_source(&reference.table));
        let copied = copied.find(|copied| copied.target == reference.target);
        let source = copied.map(|copied| copied.source.as_str());
        entry.map(|entry| entry.detail.as_str()).or(source)
    }

    /// The columns of a table that are unique in the source, alone or together.
    pub(super) fn uniques_of(&self, table: &Table, source: &str) -> Vec<&[String]> {
        let is_known = |name: &String| table.columns.iter().any(|column| column.name == name);
        let uniques = self.uniques.iter().filter(|unique| {
            unique.table == source
                && unique.columns.iter().all(is_known)
                && unique.columns != ["id"]
        });
        uniques.map(|unique| &*unique.columns).collect()
    }

    /// The names of the triggers of a table; `None` where it has none.
    pub(super) fn triggers_of(&self, table: &str) -> Option<String> {
        let triggers = self.views_and_triggers.iter();
        let triggers = triggers.filter(|view_or_trigger| view_or_trigger.is_trigger_of(table));
        let names: Vec<_> = triggers.map(|of| format!("`{}`", of.name)).collect();
        (!names.is_empty()).then(|| names.join(", "))
    }

    fn has(&self, kind: Kind, name: &str) -> bool {
        let mut entries = self.entries.iter();
        entries.any(|entry| entry.kind == kind && entry.name == name)
    }
}

/// A table whose rows were copied from another.
#[derive(Debug, Clone)]
pub(super) struct CopiedTable {
    /// The application that has the table.
    pub(super) app: &'static str,
    pub(super) model: String,
    /// The application that had the rows before, as the name of their table tells.
    pub(super) former_app: String,
    /// The table that gained the rows.
    pub(super) target: &'static str,
    /// The table that they come from.
    pub(super) source: String,
    /// What was written since; `None` if one of the two tables is not as expected.
    pub(super) changes: Option<Changes>,
    /// Why the source cannot take the rows, or the target cannot be dropped.
    pub(super) in_the_way: Vec<String>,
    /// Whether log entries and permissions can be given back to the former application's model.
    pub(super) model_returns: bool,
}

impl CopiedTable {
    pub(super) fn new(app: &'static str, target: &'static str, source: String) -> Self {
        let model = target.strip_prefix(app).unwrap_or(target);
        let model = model.trim_start_matches('_').to_owned();
        let former_app = source.strip_suffix(&*model).unwrap_or(&source);
        Self {
            app,
            former_app: former_app.trim_end_matches('_').to_owned(),
            model,
            target,
            source,
            changes: None,
            in_the_way: Vec::new(),
            model_returns: false,
        }
    }
}

/// A row of `django_migrations`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RecordedMigration {
    pub(super) id: i64,
    pub(super) app: String,
    pub(super) name: String,
    /// Whether this program's adoption recorded it.
    pub(super) is_ours: bool,
}

/// The program's own tables, oldest first, those that can be made anew last.
pub(super) fn own_tables(schema: &Schema) -> impl DoubleEndedIterator<Item = &'static Table> {
    schema.own.tables()
}
