//! Reads what a database holds: tables, columns, and the records that a migration plan depends on.
//! Writes nothing.

mod columns;
mod findings;
mod shape;

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

pub use self::findings::{
    Candidate, Findings, FoundColumn, Key, NearMiss, OtherRelation, Reference, Tables, ValueKind,
};
pub use self::shape::problems;
pub(crate) use self::shape::{column_names, problems_of};
use crate::names::quoted;
use crate::origin;
use crate::schema::{Part, Schema};

/// Reads a database. Records are read only if their table has the expected columns, so that an unknown
/// database leads to a refusal and not to a failed statement.
pub async fn inspect<C: ConnectionTrait>(
    connection: &C,
    schema: &Schema,
) -> Result<Findings, DbErr> {
    let tables = columns::read(connection).await?;
    let other_relations = columns::read_others(connection).await?;
    let mut found = Findings {
        tables,
        other_relations,
        ..Findings::default()
    };
    let fits = |name: &str| {
        let table = schema.table(name)?;
        problems(table, &found.tables).is_empty().then_some(())
    };
    if fits("django_migrations").is_some() {
        found.migrations = read_migrations(connection).await?;
    }
    if fits("django_content_type").is_some() && fits("auth_permission").is_some() {
        found.permissions = read_permissions(connection).await?;
    }
    if connection.get_database_backend() == DbBackend::Postgres {
        let rows = rows3(
            connection,
            "SELECT current_setting('server_encoding'), '', ''",
        )
        .await?;
        found.encoding = rows.into_iter().next().map(|(encoding, _, _)| encoding);
    }
    let version_table = schema.own.version_table;
    if problems(version_table, &found.tables).is_empty() {
        found.versions = read_versions(connection, version_table.name).await?;
    }
    if problems(schema.own.origin_table, &found.tables).is_empty() {
        found.origin = origin::recorded(connection, schema).await?;
    } else if !found.versions.is_empty() {
        found.origin = Some(origin::by_rows(connection, schema, &found.migrations).await?);
    }
    let source_table = schema.own.source_table;
    if problems(source_table, &found.tables).is_empty() {
        let sql = format!("SELECT target, source, '' FROM \"{}\"", source_table.name);
        let rows = rows3(connection, &sql).await?.into_iter();
        found.sources = rows.map(|(target, source, _)| (target, source)).collect();
    }
    for (table, part) in shape::of_parts(schema, &found.tables) {
        let candidate = count(connection, schema, &found, (table, part), &[]).await?;
        found.candidates.push(candidate);
    }
    for (table, part, wrong) in shape::nearly_of_parts(schema, &found) {
        let candidate = count(connection, schema, &found, (table, part), &wrong).await?;
        found.near_misses.push(NearMiss { candidate, wrong });
    }
    Ok(found)
}

/// Counts the rows of a table, and how many of them the part's own table lacks. If the columns differ,
/// those are all. Comparing reads both tables whole, so a table that was copied is not compared.
async fn count(
    connection: &impl ConnectionTrait,
    schema: &Schema,
    found: &Findings,
    (table, part): (String, &'static Part),
    wrong: &[String],
) -> Result<Candidate, DbErr> {
    let name = quoted(&table);
    let rows = number(connection, &format!("SELECT count(*) FROM {name}")).await?;
    let is_own = table == part.table;
    let was_copied = found.sources.get(part.table) == Some(&table);
    // A view with all columns has one problem, that it is a view, and can be compared: it may show the
    // rows of the part's own table.
    let is_view = found.other_relations.contains_key(&table);
    let is_alike = wrong.len() == usize::from(is_view);
    let described = schema.table(part.table);
    let unlike = match described {
        _ if is_own || was_copied => 0,
        Some(described)
            if rows > 0 && is_alike && problems(described, &found.tables).is_empty() =>
        {
            let columns: Vec<_> = described.columns.iter().map(|c| quoted(c.name)).collect();
            let columns = columns.join(", ");
            let sql = format!(
                "SELECT count(*) FROM (SELECT {columns} FROM {name} EXCEPT \
                 SELECT {columns} FROM {}) AS unlike",
                quoted(part.table)
            );
            number(connection, &sql).await?
        }
        _ => rows,
    };
    Ok(Candidate {
        table,
        part,
        rows,
        unlike,
    })
}

/// The number that a statement selects.
pub(crate) async fn number(connection: &impl ConnectionTrait, sql: &str) -> Result<i64, DbErr> {
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let row = connection.query_one_raw(statement).await?;
    row.map_or(Ok(0), |row| row.try_get_by_index(0))
}

async fn read_migrations<C: ConnectionTrait>(
    connection: &C,
) -> Result<Vec<(String, String)>, DbErr> {
    let sql = "SELECT app, name, '' FROM django_migrations ORDER BY id";
    let rows = rows3(connection, sql).await?;
    Ok(rows.into_iter().map(|(app, name, _)| (app, name)).collect())
}

async fn read_permissions<C: ConnectionTrait>(
    connection: &C,
) -> Result<BTreeMap<(String, String), BTreeSet<String>>, DbErr> {
    let sql = "SELECT model.app_label, model.model, COALESCE(permission.codename, '') \
               FROM django_content_type AS model \
               LEFT JOIN auth_permission AS permission \
               ON permission.content_type_id = model.id";
    let mut permissions: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for (app, model, codename) in rows3(connection, sql).await? {
        permissions
            .entry((app, model))
            .or_default()
            .insert(codename);
    }
    Ok(permissions)
}

async fn read_versions<C: ConnectionTrait>(
    connection: &C,
    table: &str,
) -> Result<Vec<(i64, i64)>, DbErr> {
    let sql = format!(
        "SELECT CAST(version AS bigint), CAST(oldest_compatible AS bigint) \
         FROM \"{table}\" ORDER BY version"
    );
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection.query_all_raw(statement).await?;
    rows.iter()
        .map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
        .collect()
}

/// The rows of a statement that selects three texts.
async fn rows3<C: ConnectionTrait>(
    connection: &C,
    sql: &str,
) -> Result<Vec<(String, String, String)>, DbErr> {
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection.query_all_raw(statement).await?;
    rows.iter()
        .map(|row| {
            Ok((
                row.try_get_by_index(0)?,
                row.try_get_by_index(1)?,
                row.try_get_by_index(2)?,
            ))
        })
        .collect()
}
