//! From what was found to the steps that are left, or a refusal. Pure: no database here.

use std::collections::BTreeSet;
use std::fmt;

use crate::inspect::{Found, problems};
use crate::origin::Origin;
use crate::schema::{CopyRows, MigrationName, Model, PERMISSION_ACTIONS, Schema, Table, Version};

/// What is to be done, in order.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What was found.
    pub starting_point: StartingPoint,
    /// How the database came to the program.
    pub origin: Origin,
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
    /// Who may do something with the objects of an older table may do it with those of the new one.
    KeepPermissions(CopyRows),
    /// Applies one of the program's own versions.
    ApplyVersion(i64, &'static str),
    /// Records how the database came to the program.
    RecordOrigin(Origin),
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
        let copies = pending_copies(schema, found);
        let starting_point = starting_point(schema, found, &copies)?;
        let mut steps = Vec::new();
        let missing = |table: &&Table| !found.tables.contains_key(table.name);
        for table in schema.tables.iter().filter(missing) {
            steps.push(Step::CreateTable(table.name));
        }
        if starting_point == StartingPoint::Nothing {
            steps.extend(schema.migrations.iter().copied().map(Step::RecordMigration));
        }
        steps.extend(copies.iter().copied().map(Step::CopyRows));
        let is_done = |migration: &&MigrationName| {
            copies.iter().any(|copy| copy.app == migration.app) && !is_recorded(found, migration)
        };
        let done = schema.legacy.iter().flat_map(|legacy| legacy.migrations);
        steps.extend(done.filter(is_done).copied().map(Step::RecordMigration));
        let unregistered = |model: &&Model| !is_registered(found, model);
        let models = schema.models.iter().filter(unregistered).copied();
        steps.extend(models.map(Step::RegisterModel));
        steps.extend(copies.iter().copied().map(Step::KeepPermissions));
        let origin = found.origin.unwrap_or(match starting_point {
            StartingPoint::Nothing => Origin::MadeNew,
            StartingPoint::Current | StartingPoint::Legacy(_) => Origin::Adopted,
        });
        for version in versions {
            steps.push(Step::ApplyVersion(version.number, version.name));
            let origin_table = schema.own.origin_table.name;
            if version
                .tables
                .iter()
                .any(|table| table.name == origin_table)
            {
                steps.push(Step::RecordOrigin(origin));
            }
        }
        Ok(Self {
            starting_point,
            origin,
            steps,
        })
    }

    /// Whether the database is as it should be.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Whether an older form is about to be adopted, of whose file a copy is wanted first.
    pub fn needs_copy(&self) -> bool {
        matches!(self.starting_point, StartingPoint::Legacy(_))
    }
}

/// Which of the three it is; anything between them is refused.
fn starting_point(
    schema: &Schema,
    found: &Found,
    copies: &[CopyRows],
) -> Result<StartingPoint, Refusal> {
    if let Some(encoding) = found
        .encoding
        .as_ref()
        .filter(|encoding| *encoding != "UTF8")
    {
        let problem = format!(
            "the encoding is `{encoding}`, which cannot hold every text; it must be `UTF8`"
        );
        return Err(Refusal::Unexpected(vec![problem]));
    }
    let is_there = |name: &str| found.tables.contains_key(name);
    let legacy = schema.legacy.iter().flat_map(|legacy| legacy.copies);
    let mut known = schema
        .tables
        .iter()
        .map(|table| table.name)
        .chain(legacy.map(|copy| copy.from));
    if !known.any(is_there) && !is_there(schema.own.version_table.name) {
        return Ok(StartingPoint::Nothing);
    }
    let is_expected =
        |table: &&Table| is_there(table.name) || !copies.iter().any(|copy| copy.to == table.name);
    let tables = schema.tables.iter().filter(is_expected);
    let mut unexpected: Vec<String> = tables
        .flat_map(|table| problems(table, &found.tables))
        .collect();
    for copy in copies {
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
    Ok(match &schema.legacy {
        Some(legacy) if !copies.is_empty() => StartingPoint::Legacy(legacy.name),
        _ => StartingPoint::Current,
    })
}

/// The older tables whose rows are still to be copied: their new table is not there, or it is
/// empty, the old one is not, and no migration of its application after the one that makes it
/// was ever recorded (a Django that stopped between the two).
fn pending_copies(schema: &Schema, found: &Found) -> Vec<CopyRows> {
    let Some(legacy) = &schema.legacy else {
        return Vec::new();
    };
    let was_copied = |app: &str| {
        let mut migrations = legacy
            .migrations
            .iter()
            .filter(|migration| migration.app == app);
        !found.versions.is_empty()
            || migrations
                .any(|migration| migration.number() > "0001" && is_recorded(found, migration))
    };
    let is_pending = |copy: &&CopyRows| {
        let is_new_there = found.tables.contains_key(copy.to);
        let is_half_done = found.filled.contains(copy.from)
            && !found.filled.contains(copy.to)
            && !was_copied(copy.app);
        found.tables.contains_key(copy.from) && (!is_new_there || is_half_done)
    };
    legacy.copies.iter().filter(is_pending).copied().collect()
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
            Self::KeepPermissions(copy) => {
                let (model, before) = copy.model();
                let app = copy.app;
                write!(
                    formatter,
                    "Keep permissions for {before}.{model} as permissions for {app}.{model}"
                )
            }
            Self::ApplyVersion(number, name) => {
                write!(
                    formatter,
                    "Apply the program's own version {number} ({name})"
                )
            }
            Self::RecordOrigin(origin) => {
                write!(formatter, "Record that the database was {origin}")
            }
        }
    }
}
