//! From what was found to the steps of a handback, or a refusal. Pure: no database here.

use std::fmt;

use super::survey::{Copied, Recorded, Survey, own_tables, source_table};
use super::{OwnTables, Wanted};
use crate::address::Address;
use crate::schema::Schema;

/// What is to be done, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The tables that the owner's code reads.
    pub form: Form,
    /// How this was decided, where nobody has said it: half a sentence.
    pub because: Option<String>,
    /// What the owner has to do beside starting that code.
    pub need: Need,
    /// The steps; none when the database is as it should be.
    pub steps: Vec<Step>,
    /// The tables that the owner's code will read, and how many rows each holds.
    pub tables: Vec<(String, u64)>,
    /// The applications of Django's own of which a migration is not applied yet.
    pub behind: Vec<&'static str>,
    /// What adoption added and what stays, since it harms nothing: whole sentences.
    pub stays: Vec<String>,
}

/// The tables that the owner's code reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The tables that the adoption copied rows from.
    Legacy,
    /// Those that this program works on.
    Present,
}

/// How much of a way back it is, the simplest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Django can start on the database as it is.
    Nothing,
    /// `manage.py migrate --fake`: the tables are as the code wants them, its migrations have to be
    /// recorded and not carried out.
    FakeMigrations,
    /// What was written here has to be carried to other tables.
    Carry,
}

/// What was written here since the rows were copied.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Changes {
    /// All rows.
    pub rows: u64,
    /// Those with other values than the row of the same id that they are carried to.
    pub changed: u64,
    /// Those that have none.
    pub new: u64,
    /// Rows that are to be deleted, since they were here.
    pub deleted: u64,
}

/// One change to the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Makes the rows of a table those of another, ids kept.
    CarryRows {
        /// The table that gives.
        from: &'static str,
        /// The table that takes.
        to: String,
        /// What it gains and loses.
        changes: Changes,
    },
    /// Log entries and permissions of a model become those of another application's, and its
    /// content type goes.
    ReturnModel {
        /// The model's name.
        model: String,
        /// The application that has it.
        from: &'static str,
        /// The application that had it before.
        to: String,
    },
    /// Removes a row of `django_migrations`.
    ForgetMigration {
        /// Its key.
        id: i64,
        /// The application's label.
        app: String,
        /// The migration's name.
        name: String,
    },
    /// Removes a table.
    DropTable(&'static str),
    /// Removes the rows of a table that stays: Django had made it before the adoption filled it.
    EmptyTable(&'static str),
}

/// Why a database is not handed back.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Refusal {
    /// There is none.
    #[error("there is no database: the {0} does not exist")]
    NoDatabase(Address),
    /// Its form is not known: the code that reads the copied tables, or the code of these.
    #[error("the database does not tell whether your Django code reads {} or {}", list(.legacy), list(.present))]
    Ambiguous {
        /// The tables that were copied from.
        legacy: Vec<String>,
        /// The tables that they were copied to.
        present: Vec<String>,
    },
    /// Its rows were not copied from anywhere.
    #[error(
        "no rows were copied when this program adopted the database, or they are back already: \
         there is nothing to carry"
    )]
    NothingCopied,
    /// A later program has tables there that this one does not know.
    #[error(
        "the database was migrated by a later release, to version {found} of the program's own \
         tables; this release knows {ours}. Hand it back with the later release"
    )]
    TooNew {
        /// The newest version that is applied.
        found: i64,
        /// The newest version that this program has.
        ours: i64,
    },
    /// Something would be lost, or break.
    #[error("the database cannot be handed back, and was left as it was:{}", lines(.0))]
    InTheWay(Vec<String>),
}

impl Plan {
    /// Decides what is to be done.
    pub(super) fn new(schema: &Schema, survey: &Survey, wanted: Wanted) -> Result<Self, Refusal> {
        let ours = schema
            .own
            .versions
            .last()
            .map_or(0, |version| version.number);
        let found = survey
            .found
            .versions
            .iter()
            .map(|(number, _)| *number)
            .max();
        if let Some(found) = found.filter(|found| *found > ours) {
            return Err(Refusal::TooNew { found, ours });
        }
        let is_ours = |name: &String| own_tables(schema).any(|table| table.name == name);
        if !survey.found.tables.keys().any(is_ours) {
            return Ok(Self {
                need: Need::Nothing,
                steps: Vec::new(),
                stays: Vec::new(),
                ..present(schema, survey)
            });
        }
        let (form, because) = match wanted.form {
            Some(form) => (form, None),
            None => guess(schema, survey)?,
        };
        let mut plan = match form {
            Form::Legacy => legacy(survey)?,
            Form::Present => present(schema, survey),
        };
        plan.because = because;
        if wanted.own_tables == OwnTables::Drop {
            let tables = own_tables(schema).rev();
            let there = tables.filter(|table| survey.found.tables.contains_key(table.name));
            let drops = there.map(|table| Step::DropTable(table.name));
            plan.steps.extend(drops);
        } else if form == Form::Legacy {
            // An adoption that comes later records anew what it copies.
            let table = source_table(schema).map(|table| table.name);
            let there = table.filter(|name| survey.found.tables.contains_key(*name));
            plan.steps.extend(there.map(Step::EmptyTable));
        }
        Ok(plan)
    }
}

/// Which tables the owner's code reads, and why.
fn guess(schema: &Schema, survey: &Survey) -> Result<(Form, Option<String>), Refusal> {
    let copied = &survey.copied;
    let because = |text: String| Some(text);
    if copied.is_empty() {
        let because = because("no rows were copied when the database was adopted".to_owned());
        return Ok((Form::Present, because));
    }
    let is_there = |copied: &&Copied| survey.found.tables.contains_key(&copied.source);
    if let Some(gone) = copied.iter().find(|copied| !is_there(copied)) {
        let because = because(format!("`{}` is no longer there", gone.source));
        return Ok((Form::Present, because));
    }
    if let Some(later) = later(survey).first() {
        let because = because(format!(
            "Django has recorded {}.{} since the adoption",
            later.app, later.name
        ));
        return Ok((Form::Present, because));
    }
    let is_known = |copied: &Copied| {
        let mut known = schema.legacy.iter().flat_map(|legacy| legacy.copies);
        known.any(|copy| copy.from == copied.source)
    };
    if let Some(chosen) = copied.iter().find(|copied| !is_known(copied)) {
        let because = because(format!(
            "the adoption was told that the rows are in `{}`",
            chosen.source
        ));
        return Ok((Form::Legacy, because));
    }
    Err(Refusal::Ambiguous {
        legacy: copied.iter().map(|copied| copied.source.clone()).collect(),
        present: copied
            .iter()
            .map(|copied| copied.target.to_owned())
            .collect(),
    })
}

/// The way to the code that reads the tables in use. Its migrations are not carried out again: they
/// would make, fill or rename what is there.
fn present(schema: &Schema, survey: &Survey) -> Plan {
    let is_there = |copied: &Copied| survey.found.tables.contains_key(&copied.source);
    let left: Vec<_> = survey
        .copied
        .iter()
        .filter(|copied| is_there(copied))
        .collect();
    let need = if left.is_empty() {
        Need::Nothing
    } else {
        Need::FakeMigrations
    };
    // Rows that Django has recorded since rest on those of the adoption.
    let forgotten = if left.is_empty() || !later(survey).is_empty() {
        Vec::new()
    } else {
        forgotten(survey)
    };
    let stays = left.iter().map(|copied| {
        format!(
            "Table {} stays as it was at the adoption; code that reads {} makes no use of it.",
            copied.source, copied.target
        )
    });
    Plan {
        form: Form::Present,
        because: None,
        need,
        steps: forgotten.into_iter().map(forget).collect(),
        tables: survey
            .rows
            .iter()
            .map(|(table, rows)| ((*table).to_owned(), *rows))
            .collect(),
        behind: behind(schema, survey),
        stays: stays.collect(),
    }
}

/// The way to the code that reads the tables which the adoption copied.
fn legacy(survey: &Survey) -> Result<Plan, Refusal> {
    if survey.copied.is_empty() {
        return Err(Refusal::NothingCopied);
    }
    let in_the_way: Vec<_> = survey
        .copied
        .iter()
        .flat_map(|copied| copied.in_the_way.clone())
        .collect();
    if !in_the_way.is_empty() {
        return Err(Refusal::InTheWay(in_the_way));
    }
    let mut steps = Vec::new();
    let mut stays = Vec::new();
    for copied in &survey.copied {
        let Copied { target, source, .. } = copied;
        steps.push(Step::CarryRows {
            from: target,
            to: source.clone(),
            changes: copied.changes.unwrap_or_default(),
        });
    }
    for copied in &survey.copied {
        let Copied {
            app,
            model,
            former_app,
            ..
        } = copied;
        if copied.model_returns {
            steps.push(Step::ReturnModel {
                model: model.clone(),
                from: app,
                to: former_app.clone(),
            });
        } else {
            stays.push(format!(
                "Content type and permissions of {app}.{model} stay; `manage.py \
                 remove_stale_contenttypes` removes them."
            ));
        }
    }
    let ours = |app: &str| {
        let mut recorded = survey.migrations.iter().filter(|row| row.is_ours);
        recorded.any(|row| row.app == app && row.name.starts_with("0001"))
    };
    steps.extend(forgotten(survey).into_iter().map(forget));
    for copied in survey.copied.iter().rev() {
        steps.push(if ours(copied.app) {
            Step::DropTable(copied.target)
        } else {
            Step::EmptyTable(copied.target)
        });
    }
    let is_target = |table: &str| survey.copied.iter().find(|copied| copied.target == table);
    let tables = survey.rows.iter().map(|(table, rows)| {
        let read = is_target(table).map_or(*table, |copied| &copied.source);
        (read.to_owned(), *rows)
    });
    Ok(Plan {
        form: Form::Legacy,
        because: None,
        need: Need::Carry,
        steps,
        tables: tables.collect(),
        behind: Vec::new(),
        stays,
    })
}

/// The rows that adoption added to `django_migrations`, and what Django has recorded for the same
/// applications since.
fn forgotten(survey: &Survey) -> Vec<&Recorded> {
    let is_ours = |row: &&Recorded| row.is_ours;
    let ours = survey.migrations.iter().filter(is_ours);
    let mut forgotten: Vec<_> = ours.chain(later(survey)).collect();
    forgotten.sort_by_key(|row| row.id);
    forgotten
}

/// What Django has recorded since the adoption for the applications whose rows were copied.
fn later(survey: &Survey) -> Vec<&Recorded> {
    let ours = survey.migrations.iter().filter(|row| row.is_ours);
    let Some(first) = ours.map(|row| row.id).min() else {
        return Vec::new();
    };
    let is_concerned = |app: &str| {
        let mut copied = survey.copied.iter();
        copied.any(|copied| copied.app == app || copied.former_app == app)
    };
    let rows = survey.migrations.iter();
    rows.filter(|row| row.id > first && !row.is_ours && is_concerned(&row.app))
        .collect()
}

fn forget(row: &Recorded) -> Step {
    Step::ForgetMigration {
        id: row.id,
        app: row.app.clone(),
        name: row.name.clone(),
    }
}

/// The applications of Django's own of which a migration is not applied. `migrate --fake` would
/// record it without carrying it out.
fn behind(schema: &Schema, survey: &Survey) -> Vec<&'static str> {
    let is_of_django = |app: &str| {
        let mut legacy = schema.legacy.iter().flat_map(|legacy| legacy.copies);
        !legacy.any(|copy| {
            let former = copy.from.strip_prefix(app);
            copy.app == app || former.is_some_and(|rest| rest.starts_with('_'))
        })
    };
    let is_applied = |app: &str, number: &str| {
        let mut rows = survey.migrations.iter();
        rows.any(|row| row.app == app && row.name.split('_').next() == Some(number))
    };
    let mut apps = Vec::new();
    for migration in schema.migrations {
        let app = migration.app;
        if is_of_django(app) && !is_applied(app, migration.number()) && !apps.contains(&app) {
            apps.push(app);
        }
    }
    apps
}

fn list(names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

fn lines(problems: &[String]) -> String {
    let lines = problems.iter().map(|problem| format!("\n  - {problem}"));
    lines.collect()
}

impl fmt::Display for Changes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            rows,
            changed,
            new,
            deleted,
        } = self;
        write!(
            formatter,
            "{rows} rows, {changed} changed, {new} new, {deleted} deleted"
        )
    }
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CarryRows { from, to, changes } => {
                write!(formatter, "Carry {from} to {to}: {changes}")
            }
            Self::ReturnModel { model, from, to } => write!(
                formatter,
                "Give history and permissions of {from}.{model} back to {to}.{model}"
            ),
            Self::ForgetMigration { app, name, .. } => {
                write!(formatter, "Forget migration {app}.{name}")
            }
            Self::DropTable(name) => write!(formatter, "Drop table {name}"),
            Self::EmptyTable(name) => write!(formatter, "Empty table {name}"),
        }
    }
}
