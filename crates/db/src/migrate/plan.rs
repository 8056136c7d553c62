//! Makes a plan or a refusal from what was found. Pure: no database here.

use std::collections::BTreeSet;
use std::fmt;

use super::refusal::Refusal;
use super::repair::repairs;
use super::sources::{
    Source, SourceTables, counted, decide, equals, in_its_own_case, is_recorded, misshapen,
};
use super::step::Step;
use crate::adoption::{Entry, Kind};
use crate::inspect::Findings;
use crate::origin::Origin;
use crate::schema::{MigrationName, Model, PERMISSION_ACTIONS, Part, Schema, Table, Version};

/// What is to be done, in order.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What was found.
    pub starting_point: StartingPoint,
    /// How the database came to the program.
    pub origin: Origin,
    /// The steps; none when the database is as it should be.
    pub steps: Vec<Step>,
    /// What will be shown of each part.
    pub shown: Vec<ShownPart>,
    /// Tables with the columns of a part whose rows will not be shown.
    pub hidden: Vec<HiddenTable>,
    /// Which tables others were copied from, now or before.
    pub sources: Vec<Source>,
    /// Faults that are reported and not repaired, in a database that an earlier release has adopted.
    pub faults: Vec<String>,
}

/// What will be shown of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownPart {
    /// The part.
    pub part: &'static Part,
    /// How many rows.
    pub rows: i64,
    /// How many further rows are not shown, since they are orphans.
    pub lost: i64,
    /// The table that holds them before the migration.
    pub table: String,
}

/// A candidate or near miss whose rows will not be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HiddenTable {
    /// The part whose columns the table has, at least some of them.
    pub part: &'static Part,
    /// The table.
    pub table: String,
    /// How many rows it holds.
    pub rows: i64,
    /// How many of them are not among those shown, value by value.
    pub unlike: i64,
    /// Why they cannot be read; empty for a candidate.
    pub wrong: Vec<String>,
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
    /// Tables of the present columns under other names.
    Renamed,
}

impl Plan {
    /// Decides what is left to do.
    pub fn new(schema: &Schema, found: &Findings) -> Result<Self, Refusal> {
        Self::with(schema, found, &SourceTables::new())
    }

    /// The same, with what an operator says of parts.
    pub fn with(schema: &Schema, found: &Findings, named: &SourceTables) -> Result<Self, Refusal> {
        let named = &in_its_own_case(found, named);
        let versions = pending_versions(schema, found)?;
        refuse_taken_names(schema, found)?;
        let known = look_for_known(schema, found)?;
        let sources = decide(schema, found, named)?;
        let (repairs, faults) = repairs(schema, found, &sources, named);
        if !faults.is_empty() && found.versions.is_empty() {
            return Err(Refusal::Faulty(faults));
        }
        let copies: Vec<&Source> = sources.iter().filter(|source| !source.is_own()).collect();
        let starting_point = starting_point(schema, known, &copies);

        let is_missing = |table: &&Table| !found.tables.contains_key(table.name);
        let missing = schema.tables.iter().filter(is_missing);
        let mut steps: Vec<Step> = missing.map(|table| Step::CreateTable(table.name)).collect();
        let unrecorded = unrecorded_migrations(schema, found, &copies);
        steps.extend(unrecorded.into_iter().map(Step::RecordMigration));
        // `schema.tables` is in order of references: rows are copied after those they refer to.
        for table in schema.tables {
            let repair = repairs.iter().find(|repair| repair.table == table.name);
            steps.extend(repair.cloned().map(Step::Repair));
            let copy = copies.iter().find(|copy| copy.part.table == table.name);
            steps.extend(copy.map(|copy| Step::CopyRows((*copy).clone())));
        }
        let is_done = |migration: &&MigrationName| {
            let is_copied = copies.iter().any(|copy| copy.part.app == migration.app);
            let step = Step::RecordMigration(**migration);
            is_copied && !is_recorded(found, migration) && !steps.contains(&step)
        };
        let done = schema.legacy.iter().flat_map(|legacy| legacy.migrations);
        let done: Vec<_> = done.filter(is_done).copied().collect();
        steps.extend(done.into_iter().map(Step::RecordMigration));
        let unregistered = |model: &&Model| !is_registered(found, model);
        let models = schema.models.iter().filter(unregistered).copied();
        steps.extend(models.map(Step::RegisterModel));
        steps.extend(
            copies
                .iter()
                .map(|copy| Step::KeepPermissions((*copy).clone())),
        );
        let origin = found.origin.unwrap_or(match starting_point {
            StartingPoint::Nothing => Origin::MadeNew,
            _ => Origin::Adopted,
        });
        steps.extend(own_steps(schema, found, &versions, origin));
        let known = recorded_sources(schema, found);
        let now = copies.into_iter().cloned();
        let now = now.chain(equals(schema, found, named, &sources));
        // If a part occurs twice, the source that is found now counts, not the recorded one.
        let mut all_sources: Vec<Source> = now.chain(known).collect();
        let mut seen = BTreeSet::new();
        all_sources.retain(|source| seen.insert(source.part.name));
        steps.extend(new_sources(found, &all_sources).map(Step::RecordSource));
        if starting_point != StartingPoint::Nothing {
            steps.extend(record_of(schema, found, &sources, &steps));
        }
        let (shown, hidden) = shown_and_hidden(found, &sources);
        Ok(Self {
            starting_point,
            origin,
            steps,
            shown,
            hidden,
            sources: all_sources,
            faults,
        })
    }

    /// Whether the database is as it should be.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Whether rows will be copied or tables remade, so that a copy of the file is made first.
    pub fn needs_copy(&self) -> bool {
        let moves = |step: &Step| matches!(step, Step::CopyRows(_) | Step::Repair(_));
        self.steps.iter().any(moves)
    }

    /// Drops the repairs of tables whose rows prevent them, and reports these faults.
    pub(super) fn give_up_repairs(&mut self, faults: Vec<(&'static str, String)>) {
        self.steps.retain(|step| {
            let table = match step {
                Step::Repair(repair) => repair.table,
                _ => return true,
            };
            faults.iter().all(|(faulty, _)| *faulty != table)
        });
        self.faults
            .extend(faults.into_iter().map(|(_, fault)| fault));
    }

    /// Whether rows are about to be copied into a table.
    pub(super) fn fills(&self, table: &str) -> bool {
        let mut steps = self.steps.iter();
        steps.any(|step| matches!(step, Step::CopyRows(copy) if copy.part.table == table))
    }

    /// Whether a table is about to be made anew.
    pub(super) fn repairs(&self) -> bool {
        self.steps
            .iter()
            .any(|step| matches!(step, Step::Repair(_)))
    }
}

/// Whether the known tables are all missing or all there. Refuses anything between, whatever the parts
/// are.
fn look_for_known(schema: &Schema, found: &Findings) -> Result<StartingPoint, Refusal> {
    let encoding = found.encoding.as_ref();
    if let Some(encoding) = encoding.filter(|encoding| *encoding != "UTF8") {
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
        return refuse_strange(found).map(|()| StartingPoint::Nothing);
    }
    let is_part = |table: &&Table| schema.parts.iter().any(|part| part.table == table.name);
    let others = schema.tables.iter().filter(|table| !is_part(table));
    let missing = others.filter(|table| !is_there(table.name));
    let mut problems: Vec<String> = missing
        .map(|table| format!("table `{}` is missing", table.name))
        .collect();
    problems.extend(misshapen(schema, found));
    if problems.is_empty() {
        Ok(StartingPoint::Current)
    } else {
        Err(Refusal::Unexpected(problems))
    }
}

/// Refuses a view or another relation under the name of a table that the site needs.
fn refuse_taken_names(schema: &Schema, found: &Findings) -> Result<(), Refusal> {
    let own = schema
        .own
        .versions
        .iter()
        .flat_map(|version| version.tables);
    let names = schema.tables.iter().chain(own).map(|table| table.name);
    let taken = names.filter_map(|name| Some((name, found.other_relations.get(name)?)));
    let told = taken.map(|(name, other)| {
        let near = found.near_misses.iter().find(|near| near.candidate.table == name);
        let holds = near.map_or_else(String::new, |near| {
            format!(
                ". It holds {} ({}): where the site is to show them, make a table of them, \
                 `CREATE TABLE \"{name}\" AS SELECT …`",
                counted(near.candidate.rows, near.candidate.part),
                near.wrong.join(", ")
            )
        });
        format!(
            "`{name}` is a {}, where the site needs a table: give it another name, or drop it{holds}",
            other.kind
        )
    });
    let told: Vec<_> = told.collect();
    if told.is_empty() {
        Ok(())
    } else {
        Err(Refusal::Faulty(told))
    }
}

/// Refuses a database without any known table, since it belongs to another program. If it has
/// candidates, [`decide`] judges it.
fn refuse_strange(found: &Findings) -> Result<(), Refusal> {
    if found.tables.is_empty() || !found.candidates.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = found.tables.keys().take(TOLD_TABLES).collect();
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    let more = found.tables.len() - names.len();
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    Err(Refusal::Foreign(names.join(", ") + &more))
}

/// How many tables of an unknown database are named.
const TOLD_TABLES: usize = 5;

fn starting_point(schema: &Schema, known: StartingPoint, copies: &[&Source]) -> StartingPoint {
    let legacy = schema.legacy.as_ref().filter(|legacy| {
        let mut old = legacy.copies.iter();
        old.any(|old| copies.iter().any(|copy| copy.table == old.from))
    });
    match legacy {
        Some(legacy) => StartingPoint::Legacy(legacy.name),
        None if !copies.is_empty() => StartingPoint::Renamed,
        None => known,
    }
}

/// The migrations to record for applications that have no row in `django_migrations`: all in a new
/// database; in one that has lost its rows those without which Django would make its tables again.
/// Migrations of copied parts are recorded with the copies.
fn unrecorded_migrations(
    schema: &Schema,
    found: &Findings,
    copies: &[&Source],
) -> Vec<MigrationName> {
    let has_rows = |app: &str| found.migrations.iter().any(|(other, _)| other == app);
    let is_copied = |app: &str| copies.iter().any(|copy| copy.part.app == app);
    // As long as an older table exists, the migration that deletes it has not been applied.
    let is_undone = |migration: &&MigrationName| {
        let mut old = schema.legacy.iter().flat_map(|legacy| legacy.copies);
        migration.number() > "0001"
            && old.any(|old| is_of(old.from, migration.app) && found.tables.contains_key(old.from))
    };
    let migrations = schema.migrations.iter();
    let unrecorded = migrations.filter(|migration| {
        !has_rows(migration.app) && !is_copied(migration.app) && !is_undone(migration)
    });
    unrecorded.copied().collect()
}

/// Whether a table has the name that Django gives to one of that application.
fn is_of(table: &str, app: &str) -> bool {
    let rest = table.strip_prefix(app);
    rest.is_some_and(|rest| rest.starts_with('_'))
}

/// The program's own versions that are left, and how the database came to it.
fn own_steps(schema: &Schema, found: &Findings, versions: &[Version], origin: Origin) -> Vec<Step> {
    let origin_table = schema.own.origin_table.name;
    let is_recorded = found.tables.contains_key(origin_table) && found.origin.is_some();
    let mut steps = Vec::new();
    for version in versions {
        steps.push(Step::ApplyVersion(version.number, version.name));
        let mut tables = version.tables.iter();
        if tables.any(|table| table.name == origin_table) && !is_recorded {
            steps.push(Step::RecordOrigin(origin));
        }
    }
    steps
}

/// The sources of earlier copies. Releases that did not record sources are recognised by their rows in
/// `django_migrations` and by the older table, which still exists.
fn recorded_sources(schema: &Schema, found: &Findings) -> Vec<Source> {
    let recorded = schema.parts.iter().filter_map(|part| {
        let table = found.sources.get(part.table)?.clone();
        Some(Source { part, table })
    });
    let recorded: Vec<_> = recorded.collect();
    let is_older = !found.versions.is_empty()
        && !found.tables.contains_key(schema.own.source_table.name)
        && found.origin == Some(Origin::Adopted);
    let Some(legacy) = schema.legacy.as_ref().filter(|_| is_older) else {
        return recorded;
    };
    let has = |migration: &MigrationName| {
        let mut migrations = found.migrations.iter();
        migrations.any(|(app, name)| app == migration.app && name == migration.name)
    };
    let copies = legacy.copies.iter().filter(|copy| {
        let mut ours = legacy.migrations.iter().filter(|of| of.app == copy.app);
        let is_kept = !found
            .migrations
            .iter()
            .any(|(app, name)| is_of(copy.from, app) && !name.starts_with("0001"));
        found.tables.contains_key(copy.from) && ours.all(has) && is_kept
    });
    let sources = copies.filter_map(|copy| {
        let part = schema.parts.iter().find(|part| part.table == copy.to)?;
        let table = copy.from.to_owned();
        Some(Source { part, table })
    });
    sources.collect()
}

/// The sources that are not recorded yet.
fn new_sources(found: &Findings, all: &[Source]) -> impl Iterator<Item = Source> {
    let is_new = |source: &&Source| found.sources.get(source.part.table) != Some(&source.table);
    all.iter().filter(is_new).cloned()
}

/// The entries that a handback needs beside the sources: the state of the tables before, recorded
/// migrations and changed references.
fn record_of(
    schema: &Schema,
    found: &Findings,
    sources: &[Source],
    steps: &[Step],
) -> Option<Step> {
    let mut entries = Vec::new();
    let mut add = |kind, name: String, detail: &str| {
        let detail = detail.to_owned();
        entries.push(Entry { kind, name, detail });
    };
    for source in sources {
        // A part that was adopted earlier has its entry from then.
        if source.is_own() && !found.versions.is_empty() {
            continue;
        }
        let table = source.part.table;
        let kind = match found.candidate(source.part, table) {
            None => Kind::Made,
            Some(candidate) if candidate.rows == 0 => Kind::Empty,
            Some(_) => Kind::Full,
        };
        add(kind, table.to_owned(), "");
    }
    for step in steps {
        match step {
            Step::RecordMigration(MigrationName { app, name }) => {
                add(Kind::Migration, format!("{app}.{name}"), "");
            }
            Step::Repair(repair) => {
                for (column, before) in changed_references(schema, found, repair.table) {
                    let name = format!("{}.{column}", repair.table);
                    add(Kind::Reference, name, before);
                }
            }
            _ => {}
        }
    }
    (!entries.is_empty()).then_some(Step::RecordAdoption(entries))
}

/// The columns of a table whose foreign key has another target than the schema's, or that have none,
/// with the present target.
fn changed_references<'a>(
    schema: &Schema,
    found: &'a Findings,
    table: &str,
) -> Vec<(&'static str, &'a str)> {
    let columns = schema.table(table).map_or(&[][..], |table| table.columns);
    let changed = columns.iter().filter_map(|column| {
        let to = column.references?;
        let is = found.tables.get(table)?.get(column.name)?;
        let from = is.references.as_ref().map_or("", |key| key.table.as_str());
        let is_there = found.tables.contains_key(from);
        (from != to).then_some((column.name, if is_there { from } else { "" }))
    });
    changed.collect()
}

fn shown_and_hidden(found: &Findings, sources: &[Source]) -> (Vec<ShownPart>, Vec<HiddenTable>) {
    let shown = sources.iter().map(|source| ShownPart {
        part: source.part,
        rows: found.rows(source.part, &source.table),
        lost: 0,
        table: source.table.clone(),
    });
    let is_shown = |part: &Part, table: &str| {
        let mut sources = sources.iter();
        sources.any(|source| source.part == part && source.table == table)
    };
    let alike = found.candidates.iter().map(|like| (like, &[][..]));
    let nearly = found
        .near_misses
        .iter()
        .map(|near| (&near.candidate, &near.wrong[..]));
    let all = alike.chain(nearly);
    let rest = all.filter(|(like, _)| !is_shown(like.part, &like.table) && like.unlike > 0);
    let hidden = rest.map(|(like, wrong)| HiddenTable {
        part: like.part,
        table: like.table.clone(),
        rows: like.rows,
        unlike: like.unlike,
        wrong: wrong.to_vec(),
    });
    (shown.collect(), hidden.collect())
}

fn is_registered(found: &Findings, model: &Model) -> bool {
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
fn pending_versions(schema: &Schema, found: &Findings) -> Result<Vec<Version>, Refusal> {
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

impl fmt::Display for StartingPoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Nothing => "an empty database",
            Self::Current => "a database with all tables",
            Self::Legacy(name) => name,
            Self::Renamed => "a database with the tables under other names",
        })
    }
}
