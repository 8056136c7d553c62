//! Reads what a [`Survey`] holds. Changes nothing.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement};

use super::catalog::{count, references, rows, uniques, views_and_triggers};
use super::compare::{differs, missing};
use super::obstacles::{conflicts, losses};
use super::step::Changes;
use super::survey::{CopiedTable, RecordedMigration, Survey};
use crate::adoption::{Entry, Kind, recorded};
use crate::inspect::{Findings, inspect, problems, problems_of};
use crate::names::quoted;
use crate::origin::Origin;
use crate::schema::{Schema, Table};

/// The longest time that an adoption takes between the rows that it adds to `django_migrations` and the
/// record of its first version, both in one transaction.
const LONGEST_ADOPTION: TimeDelta = TimeDelta::seconds(60);

pub(super) async fn survey(
    connection: &impl ConnectionTrait,
    schema: &Schema,
) -> Result<Survey, DbErr> {
    let found = inspect(connection, schema).await?;
    let entries = if problems(schema.own.adoption_table, &found.tables).is_empty() {
        recorded(connection, schema).await?
    } else {
        Vec::new()
    };
    let mut survey = Survey {
        migrations: migrations(connection, schema, &found, &entries).await?,
        references: references(connection).await?,
        uniques: uniques(connection).await?,
        views_and_triggers: views_and_triggers(connection, &schema.own).await?,
        entries,
        copied: Vec::new(),
        rows: Vec::new(),
        own_records: Vec::new(),
        found,
    };
    for copy in schema.legacy.iter().flat_map(|legacy| legacy.copies) {
        if survey.found.tables.contains_key(copy.to) {
            let rows = count(connection, &format!("FROM {}", quoted(copy.to))).await?;
            survey.rows.push((copy.to, rows));
        }
    }
    for table in schema.own.records {
        if survey.found.tables.contains_key(table.name) {
            let rows = count(connection, &format!("FROM {}", quoted(table.name))).await?;
            survey.own_records.push((table.name, rows));
        }
    }
    survey.copied = copied(schema, &survey);
    // Only after the names of all are known, since the examination of one looks up the others.
    for number in 0..survey.copied.len() {
        let examined = examine(connection, schema, &survey, &survey.copied[number]).await?;
        survey.copied[number] = examined;
    }
    Ok(survey)
}

async fn migrations(
    connection: &impl ConnectionTrait,
    schema: &Schema,
    found: &Findings,
    entries: &[Entry],
) -> Result<Vec<RecordedMigration>, DbErr> {
    let migrations = schema.table("django_migrations");
    if migrations.is_none_or(|table| !problems(table, &found.tables).is_empty()) {
        return Ok(Vec::new());
    }
    let adopted = if found.versions.is_empty() {
        None
    } else {
        let table = quoted(schema.own.version_table.name);
        let sql = format!("SELECT applied FROM {table} ORDER BY version LIMIT 1");
        let rows = rows(connection, &sql).await?;
        rows.first().and_then(|row| time(row, 0))
    };
    let legacy: Vec<_> = schema.legacy.iter().collect();
    let is_of_adoption = |app: &str, name: &str| {
        let mut migrations = legacy.iter().flat_map(|legacy| legacy.migrations);
        migrations.any(|migration| migration.app == app && migration.name == name)
    };
    let is_recorded = |app: &str| {
        let copies = legacy.iter().flat_map(|legacy| legacy.copies);
        let mut targets = copies.filter(|copy| copy.app == app).map(|copy| copy.to);
        targets.any(|to| found.sources.contains_key(to))
    };
    let sql = "SELECT CAST(id AS bigint), app, name, applied FROM django_migrations ORDER BY id";
    let rows = rows(connection, sql).await?;
    let recorded = rows.iter().map(|row| {
        let (app, name): (String, String) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        let took = adopted.zip(time(row, 3)).map(|(end, start)| end - start);
        // In a database that was handed back with our own tables kept, and then adopted again, the
        // first version is older than the rows of the second adoption.
        let fits = took.is_some_and(|took| {
            took <= LONGEST_ADOPTION && (took >= TimeDelta::zero() || is_recorded(&app))
        });
        let id: i64 = row.try_get_by_index(0)?;
        let is_ours = if entries.is_empty() {
            found.origin == Some(Origin::Adopted) && fits && is_of_adoption(&app, &name)
        } else {
            let mut entries = entries.iter();
            let key = id.to_string();
            schema.parts.iter().any(|part| part.app == app)
                && entries.any(|entry| entry.kind == Kind::Migration && entry.detail == key)
        };
        Ok(RecordedMigration {
            id,
            app,
            name,
            is_ours,
        })
    });
    recorded.collect()
}

/// A point in time; `None` if it is not written as Django writes it.
fn time(row: &QueryResult, index: usize) -> Option<DateTime<Utc>> {
    row.try_get_by_index(index).ok()
}

/// The copied tables, by the adoption's record or, for an older release without one, by its rows of
/// `django_migrations`.
fn copied(schema: &Schema, survey: &Survey) -> Vec<CopiedTable> {
    let sources = &survey.found.sources;
    let is_before = survey.entries.is_empty();
    let was_copied = |app: &str| {
        let mut ours = survey.migrations.iter().filter(|row| row.is_ours);
        ours.any(|row| row.app == app && !row.name.starts_with("0001"))
    };
    let known = schema.legacy.iter().flat_map(|legacy| legacy.copies);
    let copied = known.filter_map(|copy| {
        let source = if sources.is_empty() {
            (is_before && was_copied(copy.app)).then(|| copy.from.to_owned())
        } else {
            sources.get(copy.to).cloned()
        };
        source.map(|source| CopiedTable::new(copy.app, copy.to, source))
    });
    copied.collect()
}

/// A copied table with its changes and obstacles.
async fn examine(
    connection: &impl ConnectionTrait,
    schema: &Schema,
    survey: &Survey,
    copied: &CopiedTable,
) -> Result<CopiedTable, DbErr> {
    let mut copied = CopiedTable {
        model_returns: model_returns(connection, survey, copied).await?,
        ..copied.clone()
    };
    let Some(table) = schema.table(copied.target) else {
        return Ok(copied);
    };
    copied.in_the_way = problems(table, &survey.found.tables);
    let old = problems_of(&copied.source, table, &survey.found.tables);
    copied.in_the_way.extend(old);
    if copied.in_the_way.is_empty() {
        let changes = changes(connection, table, &copied.source).await?;
        copied.in_the_way = losses(schema, survey, table, &copied);
        let conflicts = conflicts(connection, survey, table, &copied, changes).await?;
        copied.in_the_way.extend(conflicts);
        copied.changes = Some(changes);
    }
    Ok(copied)
}

/// What was written to the table and not to the source.
async fn changes(
    connection: &impl ConnectionTrait,
    table: &Table,
    source: &str,
) -> Result<Changes, DbErr> {
    let (here, there) = (quoted(table.name), quoted(source));
    let differs = differs(table, "here", "there");
    Ok(Changes {
        rows: count(connection, &format!("FROM {here}")).await?,
        changed: count(
            connection,
            &format!(
                "FROM {here} AS here JOIN {there} AS there ON there.id = here.id WHERE {differs}"
            ),
        )
        .await?,
        new: count(
            connection,
            &format!("FROM {here} AS here WHERE {}", missing("here", &there)),
        )
        .await?,
        deleted: count(
            connection,
            &format!("FROM {there} AS there WHERE {}", missing("there", &here)),
        )
        .await?,
    })
}

/// Tables of Django's own whose rows about a model are moved or removed with it.
const ABOUT_MODELS: [&str; 4] = [
    "django_admin_log",
    "auth_permission",
    "auth_group_permissions",
    "auth_user_user_permissions",
];

/// Whether both applications have the model's content type, and nothing refers to the newer one, or
/// to its permissions, but Django's own tables.
async fn model_returns(
    connection: &impl ConnectionTrait,
    survey: &Survey,
    copied: &CopiedTable,
) -> Result<bool, DbErr> {
    let (app, model) = (copied.app, &*copied.model);
    let known = &survey.found.permissions;
    let is_known = |app: &str| known.contains_key(&(app.to_owned(), model.to_owned()));
    if !is_known(app) || !is_known(&copied.former_app) {
        return Ok(false);
    }
    for reference in &survey.references {
        let keys = match &*reference.target {
            "django_content_type" => "SELECT type.id FROM django_content_type AS type",
            "auth_permission" => {
                "SELECT permission.id FROM auth_permission AS permission \
                 JOIN django_content_type AS type ON type.id = permission.content_type_id"
            }
            _ => continue,
        };
        if ABOUT_MODELS.contains(&&*reference.table) {
            continue;
        }
        let sql = format!(
            "SELECT count(*) FROM {} WHERE {} IN ({keys} WHERE type.app_label = $1 \
             AND type.model = $2)",
            quoted(&reference.table),
            quoted(&reference.column)
        );
        let backend = connection.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, sql, [app.into(), model.into()]);
        let row = connection.query_one_raw(statement).await?;
        let rows: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
        if rows > 0 {
            return Ok(false);
        }
    }
    Ok(true)
}
