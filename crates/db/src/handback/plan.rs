//! Makes the plan of a handback, or a refusal, from a survey. Pure: no database here.

use super::catalog::ViewOrTrigger;
use super::error::Refusal;
use super::options::{Form, HandbackOptions, OwnTables};
use super::step::Step;
use super::survey::{CopiedTable, Fate, RecordedMigration, Survey, own_tables};
use crate::schema::{Schema, Version};

/// What is to be done, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The tables that the owner's code reads.
    pub form: Form,
    /// Why this form was chosen, if the operator has not named one: half a sentence.
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

/// What a handback takes, the simplest first.
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

impl Plan {
    /// Decides what is to be done.
    pub(super) fn new(
        schema: &Schema,
        survey: &Survey,
        options: HandbackOptions,
    ) -> Result<Self, Refusal> {
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
        let (form, because) = match options.form {
            Some(form) => (form, None),
            None => guess(schema, survey)?,
        };
        let mut plan = match form {
            Form::Legacy => legacy(schema, survey)?,
            Form::Present => present(schema, survey),
        };
        plan.because = because;
        if options.own_tables == OwnTables::Drop || form == Form::Legacy {
            drop_records(survey, &mut plan.steps);
        }
        if options.own_tables == OwnTables::Drop {
            let tables = own_tables(schema).rev();
            let there = tables.filter(|table| survey.found.tables.contains_key(table.name));
            let others =
                there.filter(|table| !plan.steps.iter().any(|step| step.drops(table.name)));
            let drops: Vec<_> = others.map(|table| Step::DropTable(table.name)).collect();
            plan.steps.extend(drops);
        } else if form == Form::Legacy {
            refuse_to_lose_records(survey)?;
            plan.steps.extend(forgotten_versions(schema, survey));
            // The records of this adoption would mislead a later one, which makes its own.
            let records = [schema.own.source_table, schema.own.adoption_table];
            let names = records.into_iter().map(|table| table.name);
            let there = names.filter(|name| survey.found.tables.contains_key(*name));
            plan.steps.extend(there.map(Step::EmptyTable));
        }
        let in_the_way = in_the_way(survey, &plan.steps);
        if in_the_way.is_empty() {
            Ok(plan)
        } else {
            Err(Refusal::InTheWay(in_the_way))
        }
    }
}

/// Adds the steps that drop what people have entered in tables of the program's own. They come before
/// the steps that drop what these refer to, which PostgreSQL would refuse.
fn drop_records(survey: &Survey, steps: &mut Vec<Step>) {
    let leaves = |step: &Step| matches!(step, Step::DropTable(_) | Step::EmptyTable(_));
    let place = steps.iter().position(leaves).unwrap_or(steps.len());
    let tables = survey.own_records.iter().rev();
    let drops = tables.map(|(table, rows)| Step::DropRecords { table, rows: *rows });
    steps.splice(place..place, drops.collect::<Vec<_>>());
}

/// Refuses to keep the program's own tables if some of their rows refer to tables whose rows go.
fn refuse_to_lose_records(survey: &Survey) -> Result<(), Refusal> {
    let filled = survey.own_records.iter().filter(|(_, rows)| *rows > 0);
    let told: Vec<_> = filled
        .map(|(table, rows)| {
            format!(
                "`{table}` cannot be kept: its {rows} rows belong to rows of a table that goes; \
                 without --keep they go as well, and are in the backup alone"
            )
        })
        .collect();
    if told.is_empty() {
        Ok(())
    } else {
        Err(Refusal::InTheWay(told))
    }
}

/// The versions whose tables of records are dropped, although the other tables are kept.
fn forgotten_versions(schema: &Schema, survey: &Survey) -> Vec<Step> {
    let has_records = |version: &&Version| {
        let mut records = survey.own_records.iter();
        records.any(|(name, _)| version.tables.iter().any(|table| table.name == *name))
    };
    let versions = schema.own.versions.iter().filter(has_records);
    let forget = |version: &Version| Step::ForgetVersion {
        number: version.number,
        table: schema.own.version_table.name,
    };
    versions.map(forget).collect()
}

/// Which tables the owner's code reads, and why.
fn guess(schema: &Schema, survey: &Survey) -> Result<(Form, Option<String>), Refusal> {
    let copied = &survey.copied;
    let because = |text: String| Some(text);
    if copied.is_empty() {
        let because = because("no rows were copied when the database was adopted".to_owned());
        return Ok((Form::Present, because));
    }
    let is_there = |copied: &&CopiedTable| survey.found.tables.contains_key(&copied.source);
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
    let is_known = |copied: &CopiedTable| {
        let mut known = schema.legacy.iter().flat_map(|legacy| legacy.copies);
        known.any(|copy| copy.from == copied.source)
    };
    if let Some(chosen) = copied.iter().find(|copied| !is_known(copied)) {
        let because = because(format!(
            "the rows of `{}` came from `{}`",
            chosen.target, chosen.source
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

/// The plan for code that reads the tables in use. Its migrations must be recorded and not executed:
/// they would make, fill or rename tables that are already there.
fn present(schema: &Schema, survey: &Survey) -> Plan {
    let is_there = |copied: &CopiedTable| survey.found.tables.contains_key(&copied.source);
    let left: Vec<_> = survey
        .copied
        .iter()
        .filter(|copied| is_there(copied))
        .collect();
    // In a second adoption nothing is copied, since the rows are still here from the first. Even so it
    // has recorded migrations, which the owner's code may have under other names.
    let mut legacy = schema.legacy.iter().flat_map(|legacy| legacy.copies);
    let is_second = survey.copied.is_empty()
        && legacy.any(|copy| survey.found.tables.contains_key(copy.from))
        && survey.migrations.iter().any(|row| row.is_ours);
    let need = if left.is_empty() && !is_second {
        Need::Nothing
    } else {
        Need::FakeMigrations
    };
    // Django's migrations since the adoption depend on those that the adoption recorded, so that these
    // stay.
    let forgotten = if need == Need::Nothing || !later(survey).is_empty() {
        Vec::new()
    } else {
        forgotten(survey, |_| true)
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

/// The plan for code that reads the tables which the adoption copied rows from.
fn legacy(schema: &Schema, survey: &Survey) -> Result<Plan, Refusal> {
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
    let mut stays = Vec::new();
    let carried = survey.copied.iter().map(|copied| Step::CarryRows {
        from: copied.target,
        to: copied.source.clone(),
        changes: copied.changes.unwrap_or_default(),
    });
    let mut steps: Vec<Step> = carried.collect();
    steps.extend(returned_models(survey, &mut stays));
    let is_moved = |app: &str| {
        let parts = schema.parts.iter().filter(|part| part.app == app);
        let mut tables = parts.map(|part| part.table);
        tables.any(|table| {
            survey.copied.iter().any(|copied| copied.target == table)
                || survey.is_made_without_source(table)
        })
    };
    steps.extend(forgotten(survey, is_moved).into_iter().map(forget));
    let leaving = leaving(schema, survey, &mut stays);
    steps.extend(pointed_back(schema, survey, &leaving));
    let tables = read_tables(survey, &leaving);
    steps.extend(leaving);
    Ok(Plan {
        form: Form::Legacy,
        because: None,
        need: Need::Carry,
        steps,
        tables,
        behind: Vec::new(),
        stays,
    })
}

/// The steps that return history and permissions to the former models.
fn returned_models(survey: &Survey, stays: &mut Vec<String>) -> Vec<Step> {
    let mut steps = Vec::new();
    for copied in &survey.copied {
        let CopiedTable { app, model, .. } = copied;
        if copied.model_returns {
            steps.push(Step::ReturnModel {
                model: model.clone(),
                from: app,
                to: copied.former_app.clone(),
            });
        } else {
            stays.push(format!(
                "Content type and permissions of {app}.{model} stay; `manage.py \
                 remove_stale_contenttypes` removes them."
            ));
        }
    }
    steps
}

/// The tables that the owner's code will read, with their numbers of rows.
fn read_tables(survey: &Survey, leaving: &[Step]) -> Vec<(String, u64)> {
    let mut read = Vec::new();
    for (table, rows) in &survey.rows {
        let mut copied = survey.copied.iter();
        match copied.find(|copied| copied.target == *table) {
            Some(copied) => read.push((copied.source.clone(), *rows)),
            None if leaving.iter().any(|step| step.drops(table)) => {}
            None => read.push(((*table).to_owned(), *rows)),
        }
    }
    read
}

/// The steps that drop or empty the parts' tables, in reverse order of references. A table that the
/// adoption made for a part without a source stays if it has rows, since no other table can take them.
fn leaving(schema: &Schema, survey: &Survey, stays: &mut Vec<String>) -> Vec<Step> {
    let mut steps = Vec::new();
    for part in schema.parts.iter().rev() {
        let mut copied = survey.copied.iter();
        let fate = if let Some(copied) = copied.find(|copied| copied.target == part.table) {
            let fate = survey.fate(part.app, part.table);
            if fate == Fate::Kept {
                stays.push(format!(
                    "Table {} was there with the same rows before the adoption, and stays with those \
                     of {}.",
                    part.table, copied.source
                ));
            }
            fate
        } else if !survey.is_made_without_source(part.table) {
            continue;
        } else if survey.rows_of(part.table) == 0 {
            Fate::Dropped
        } else {
            stays.push(format!(
                "Table {}, which the adoption made, stays: there is no other for its rows.",
                part.table
            ));
            Fate::Kept
        };
        match fate {
            Fate::Dropped => steps.push(Step::DropTable(part.table)),
            Fate::Emptied => steps.push(Step::EmptyTable(part.table)),
            Fate::Kept => {}
        }
    }
    steps
}

/// The steps that restore foreign keys of tables that stay, where the adoption had changed the target to
/// a table that is dropped or emptied.
fn pointed_back(schema: &Schema, survey: &Survey, leaving: &[Step]) -> Vec<Step> {
    let goes = |name: &str| leaving.iter().any(|step| step.drops(name));
    let leaves = |name: &str| {
        let empties = |step: &Step| matches!(step, Step::EmptyTable(emptied) if *emptied == name);
        goes(name) || leaving.iter().any(empties)
    };
    let mut steps = Vec::new();
    for reference in survey.references.iter().filter(|of| leaves(&of.target)) {
        let table = schema.table(&reference.table).filter(|of| !goes(of.name));
        let mut columns = table.map_or(&[][..], |table| table.columns).iter();
        let column = columns.find(|column| column.name == reference.column);
        if let (Some(table), Some(column), Some(to)) =
            (table, column, survey.former_target(reference))
        {
            steps.push(Step::RestoreReference {
                table: table.name,
                column: column.name,
                from: reference.target.clone(),
                to: to.to_owned(),
            });
        }
    }
    steps
}

/// Messages for views and triggers that steps would drop, break or fire.
fn in_the_way(survey: &Survey, steps: &[Step]) -> Vec<String> {
    let told = survey
        .views_and_triggers
        .iter()
        .filter_map(|view_or_trigger| {
            let ViewOrTrigger {
                kind, name, table, ..
            } = view_or_trigger;
            steps.iter().find_map(|step| match step {
            Step::DropTable(gone) | Step::DropRecords { table: gone, .. }
                if view_or_trigger.is_trigger_of(gone) => Some(format!(
                "trigger `{name}` would go with `{gone}`: drop it first, if it is no longer wanted"
            )),
            Step::DropTable(gone) | Step::DropRecords { table: gone, .. }
                if view_or_trigger.names(gone) =>
            {
                let of = if kind == "trigger" {
                    format!(" of `{table}`")
                } else {
                    String::new()
                };
                Some(format!(
                    "{kind} `{name}`{of} makes use of `{gone}`, which goes: change or drop it first"
                ))
            }
            Step::EmptyTable(emptied) if view_or_trigger.is_trigger_of(emptied) => Some(format!(
                "trigger `{name}` might be set off when `{emptied}` is emptied: drop it first, and \
                 make it again afterwards"
            )),
            _ => None,
        })
        });
    told.collect()
}

/// The rows of `django_migrations` to delete: those that the adoption added for some applications, and
/// those that Django has added since.
fn forgotten(survey: &Survey, is_meant: impl Fn(&str) -> bool) -> Vec<&RecordedMigration> {
    let is_ours = |row: &&RecordedMigration| row.is_ours && is_meant(&row.app);
    let ours = survey.migrations.iter().filter(is_ours);
    let mut forgotten: Vec<_> = ours.chain(later(survey)).collect();
    forgotten.sort_by_key(|row| row.id);
    forgotten
}

/// The migrations that Django has recorded since the adoption, for applications that the adoption has
/// touched.
fn later(survey: &Survey) -> Vec<&RecordedMigration> {
    let ours = survey.migrations.iter().filter(|row| row.is_ours);
    let Some(first) = ours.map(|row| row.id).min() else {
        return Vec::new();
    };
    let is_concerned = |app: &str| {
        let mut ours = survey.migrations.iter().filter(|row| row.is_ours);
        let mut copied = survey.copied.iter();
        ours.any(|row| row.app == app)
            || copied.any(|copied| copied.app == app || copied.former_app == app)
    };
    let rows = survey.migrations.iter();
    rows.filter(|row| row.id > first && !row.is_ours && is_concerned(&row.app))
        .collect()
}

fn forget(row: &RecordedMigration) -> Step {
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
