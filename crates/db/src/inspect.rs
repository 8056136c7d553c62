//! What a database holds: tables, columns, and the records that a migration plan looks at.
//! Reads only.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

use crate::origin::{self, Origin};
use crate::schema::{Kind, Schema, Table};

/// The tables of a database and their columns.
pub type Tables = BTreeMap<String, BTreeMap<String, FoundColumn>>;

/// A column as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundColumn {
    /// The type as the database tells it, in lower case.
    pub type_name: String,
}

/// What a plan is made from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Every table.
    pub tables: Tables,
    /// `django_migrations`, in the order applied: application and name.
    pub migrations: Vec<(String, String)>,
    /// The code names of the permissions by application and model, of every content type.
    pub permissions: BTreeMap<(String, String), BTreeSet<String>>,
    /// The tables of the plan's interest that hold at least one row.
    pub filled: BTreeSet<String>,
    /// How PostgreSQL stores texts.
    pub encoding: Option<String>,
    /// The program's own versions applied here: number and oldest compatible one.
    pub versions: Vec<(i64, i64)>,
    /// How the database came to the program, once it has.
    pub origin: Option<Origin>,
}

/// Reads what there is. Records are read only where their table has the expected columns, so
/// that a database of another kind leads to a refusal and not to a failed statement.
pub async fn inspect<C: ConnectionTrait>(connection: &C, schema: &Schema) -> Result<Found, DbErr> {
    let tables = read_tables(connection).await?;
    let mut found = Found {
        tables,
        ..Found::default()
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
    for copy in schema.legacy.iter().flat_map(|legacy| legacy.copies) {
        for name in [copy.from, copy.to] {
            if found.tables.contains_key(name) && has_rows(connection, name).await? {
                found.filled.insert(name.to_owned());
            }
        }
    }
    Ok(found)
}

/// What keeps a table from being used as described: that it or a column of it is missing, or
/// that a column is of another kind. Columns in addition are no problem.
pub fn problems(table: &Table, tables: &Tables) -> Vec<String> {
    let Some(columns) = tables.get(table.name) else {
        return vec![format!("table `{}` is missing", table.name)];
    };
    table
        .columns
        .iter()
        .filter_map(|column| match columns.get(column.name) {
            None => Some(format!(
                "column `{}.{}` is missing",
                table.name, column.name
            )),
            Some(found) if !is_of_kind(&found.type_name, column.kind) => Some(format!(
                "column `{}.{}` has the type `{}`, which cannot hold {}",
                table.name,
                column.name,
                found.type_name,
                what_it_holds(column.kind)
            )),
            Some(_) => None,
        })
        .collect()
}

/// Whether a column of that declared type holds what the field keeps. Widths may differ: a
/// database that began under an older Django has narrower keys and texts.
fn is_of_kind(type_name: &str, kind: Kind) -> bool {
    let base = type_name.split('(').next().unwrap_or(type_name).trim();
    let expected: &[&str] = match kind {
        Kind::AutoField
        | Kind::BigAutoField
        | Kind::IntegerField
        | Kind::BigIntegerField
        | Kind::PositiveIntegerField => {
            &["integer", "bigint", "integer unsigned", "bigint unsigned"]
        }
        Kind::PositiveSmallIntegerField => &["smallint", "smallint unsigned", "integer"],
        Kind::BooleanField => &["bool", "boolean"],
        Kind::DateTimeField => &["datetime", "timestamp with time zone"],
        Kind::CharField(_) | Kind::TextField => &["varchar", "character varying", "text"],
    };
    expected.contains(&base)
}

fn what_it_holds(kind: Kind) -> &'static str {
    match kind {
        Kind::BooleanField => "a truth value",
        Kind::DateTimeField => "a point in time",
        Kind::CharField(_) | Kind::TextField => "text",
        _ => "whole numbers",
    }
}

async fn read_tables<C: ConnectionTrait>(connection: &C) -> Result<Tables, DbErr> {
    let sql = match connection.get_database_backend() {
        DbBackend::Postgres => {
            "SELECT table_name::text, column_name::text, data_type::text \
             FROM information_schema.columns \
             JOIN information_schema.tables USING (table_schema, table_name) \
             WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'"
        }
        _ => {
            "SELECT master.name AS table_name, info.name AS column_name, \
             info.type AS data_type \
             FROM sqlite_master AS master, pragma_table_info(master.name) AS info \
             WHERE master.type = 'table'"
        }
    };
    let mut tables = Tables::new();
    for (table, column, type_name) in rows3(connection, sql).await? {
        let type_name = type_name.to_lowercase();
        let columns = tables.entry(table).or_default();
        columns.insert(column, FoundColumn { type_name });
    }
    Ok(tables)
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

/// Whether the table, whose name comes from a [`Schema`], holds anything.
async fn has_rows<C: ConnectionTrait>(connection: &C, table: &str) -> Result<bool, DbErr> {
    let sql = format!("SELECT 1 FROM \"{table}\" LIMIT 1");
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    Ok(connection.query_one_raw(statement).await?.is_some())
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
