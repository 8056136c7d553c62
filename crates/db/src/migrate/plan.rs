//! From what was found to the steps that are left, or a refusal. Pure: no database here.

use std::collections::BTreeSet;
use std::fmt;

use crate::inspect::{Found, problems};
use crate::schema::{
    CopyRows, Legacy, MigrationName, Model, PERMISSION_ACTIONS, Schema, Table, Version,
};

/// What is to be done, in order.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What was found.
    pub starting_point: StartingPoint,
    /// The steps; none when the database is as it should be.
    pub steps: Vec<Step>,
}

/// What a database holds before its migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartingPoint {
    /// None of the tables.
    Nothing,
    /// All tables of the present form.
    Current,
    /// The older form of that name.
    Legacy(&'static str),
}

/// One addition to the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Makes a table with its indexes and constraints.
    CreateTable(&'static str),
    /// Copies an older table's rows, ids kept.
    CopyRows(CopyRows),
    /// Records in `django_migrations` what was done.
    RecordMigration(MigrationName),
    /// Adds a model's content type and those of its permissions that are missing.
    RegisterModel(Model),
    /// Applies one of the program's own versions.
    ApplyVersion(i64, &'static str),
}

/// Why a database is not touched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Something is missing or of another kind.
    #[error("the database is not one this program can use, and was left as it was:{}", list(.0))]
    Unexpected(Vec<String>),
    /// A later program has changed it in a way that this one cannot work with.
    #[error(
        "the database was migrated by a later release, which needs version {oldest_compatible} \
         of the program's own tables; this release has version {ours}. It was left as it was; \
         run the later release"
    )]
    TooNew {
        /// The oldest version that can still work on it.
        oldest_compatible: i64,
        /// The newest version this program has.
        ours: i64,
    },
}

impl Plan {
    /// Decides what is left to do.
    pub fn new(schema: &Schema, found: &Found) -> Result<Self, Refusal> {
        let versions = pending_versions(schema, found)?;
        let starting_point = starting_point(schema, found)?;
        let mut steps = Vec::new();
        let missing = |table: &&Table| !found.tables.contains_key(table.name);
        for table in schema.tables.iter().filter(missing) {
            steps.push(Step::CreateTable(table.name));
        }
        match (starting_point, &schema.legacy) {
            (StartingPoint::Nothing, _) => {
                steps.extend(schema.migrations.iter().copied().map(Step::RecordMigration));
            }
            (StartingPoint::Legacy(_), Some(legacy)) => {
                steps.extend(legacy.copies.iter().copied().map(Step::CopyRows));
                let unrecorded = |migration: &&MigrationName| !is_recorded(found, migration);
                let migrations = legacy.migrations.iter().filter(unrecorded).copied();
                steps.extend(migrations.map(Step::RecordMigration));
            }
            _ => {}
        }
        let unregistered = |model: &&Model| !is_registered(found, model);
        let models = schema.models.iter().filter(unregistered).copied();
        steps.extend(models.map(Step::RegisterModel));
        let versions = versions
            .iter()
            .map(|v| Step::ApplyVersion(v.number, v.name));
        steps.extend(versions);
        Ok(Self {
            starting_point,
            steps,
        })
    }

    /// Whether the database is as it should be.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Whether an older form is about to be adopted, of whose file a copy is wanted first.
    pub fn needs_copy(&self) -> bool {
        matches!(self.starting_point, StartingPoint::Legacy(_)) && !self.is_empty()
    }
}

/// Which of the three it is; anything between them is refused.
fn starting_point(schema: &Schema, found: &Found) -> Result<StartingPoint, Refusal> {
    let is_there = |name: &str| found.tables.contains_key(name);
    if !schema.tables.iter().any(|table| is_there(table.name)) {
        return Ok(StartingPoint::Nothing);
    }
    let legacy = schema.legacy.filter(|legacy| is_legacy(legacy, found));
    let is_expected = |table: &&Table| {
        let mut copies = legacy.iter().flat_map(|legacy| legacy.copies);
        is_there(table.name) || !copies.any(|copy| copy.to == table.name)
    };
    let tables = schema.tables.iter().filter(is_expected);
    let mut unexpected: Vec<String> = tables
        .flat_map(|table| problems(table, &found.tables))
        .collect();
    for copy in legacy.iter().flat_map(|legacy| legacy.copies) {
        if let Some(table) = schema.table(copy.to) {
            let old = Table {
                name: copy.from,
                ..*table
            };
            unexpected.extend(problems(&old, &found.tables));
        }
    }
    if !unexpected.is_empty() {
        return Err(Refusal::Unexpected(unexpected));
    }
    Ok(legacy.map_or(StartingPoint::Current, |legacy| {
        StartingPoint::Legacy(legacy.name)
    }))
}

/// Whether the rows are still to be copied: the old tables are there, and of the new ones
/// either none is, or they are empty and no migration after the one that makes them was ever
/// recorded (a Django that stopped between the two).
fn is_legacy(legacy: &Legacy, found: &Found) -> bool {
    let old = legacy.copies.iter().map(|copy| copy.from);
    let mut new = legacy.copies.iter().map(|copy| copy.to);
    if !old.into_iter().any(|name| found.tables.contains_key(name)) {
        return false;
    }
    if new.clone().all(|name| !found.tables.contains_key(name)) {
        return true;
    }
    let was_copied = legacy
        .migrations
        .iter()
        .any(|migration| migration.number() > "0001" && is_recorded(found, migration));
    !was_copied
        && found.versions.is_empty()
        && new.all(|name| !found.filled.contains(name))
        && legacy
            .copies
            .iter()
            .any(|copy| found.filled.contains(copy.from))
}

/// Whether a migration of that application and number is recorded, whatever its name.
fn is_recorded(found: &Found, migration: &MigrationName) -> bool {
    found.migrations.iter().any(|(app, name)| {
        app == migration.app && name.split('_').next() == Some(migration.number())
    })
}

fn is_registered(found: &Found, model: &Model) -> bool {
    let key = (model.app.to_owned(), model.model.to_owned());
    let Some(codenames) = found.permissions.get(&key) else {
        return false;
    };
    let expected: BTreeSet<String> = PERMISSION_ACTIONS
        .iter()
        .map(|action| format!("{action}_{}", model.model))
        .collect();
    expected.is_subset(codenames)
}

/// The program's own versions that are not applied, after the check that it may work here.
fn pending_versions(schema: &Schema, found: &Found) -> Result<Vec<Version>, Refusal> {
    let versions = schema.own.versions;
    let ours = versions.last().map_or(0, |version| version.number);
    let oldest_compatible = found.versions.iter().map(|(_, oldest)| *oldest).max();
    if let Some(oldest_compatible) = oldest_compatible.filter(|oldest| *oldest > ours) {
        return Err(Refusal::TooNew {
            oldest_compatible,
            ours,
        });
    }
    let is_applied = |version: &Version| found.versions.iter().any(|(n, _)| *n == version.number);
    let pending = versions.iter().filter(|version| !is_applied(version));
    Ok(pending.copied().collect())
}

fn list(problems: &[String]) -> String {
    problems
        .iter()
        .map(|problem| format!("\n  - {problem}"))
        .collect()
}

impl fmt::Display for StartingPoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Nothing => "an empty database",
            Self::Current => "a database with all tables",
            Self::Legacy(name) => name,
        })
    }
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CreateTable(name) => write!(formatter, "Create table {name}"),
            Self::CopyRows(copy) => write!(formatter, "Copy rows of {} to {}", copy.from, copy.to),
            Self::RecordMigration(migration) => {
                write!(
                    formatter,
                    "Record migration {}.{}",
                    migration.app, migration.name
                )
            }
            Self::RegisterModel(model) => write!(
                formatter,
                "Add content type and permissions of {}.{}",
                model.app, model.model
            ),
            Self::ApplyVersion(number, name) => {
                write!(
                    formatter,
                    "Apply the program's own version {number} ({name})"
                )
            }
        }
    }
}
