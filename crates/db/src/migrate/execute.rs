//! Executes the steps of a plan in the migration's transaction.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value};

use super::rebuild;
use super::sources::Source;
use super::step::Step;
use crate::adoption::record;
use crate::connection::Transaction;
use crate::datetime::now;
use crate::ddl::{create_table, exclusions};
use crate::inspect::{Findings, problems};
use crate::names::quoted;
use crate::schema::{Model, PERMISSION_ACTIONS, Schema, Table};

pub(super) async fn step(
    transaction: &Transaction,
    schema: &Schema,
    found: &Findings,
    step: &Step,
) -> Result<(), DbErr> {
    match step {
        Step::CreateTable(name) => match schema.table(name) {
            Some(table) => make_table(transaction, table).await,
            None => Err(DbErr::Custom(format!("the schema has no table {name}"))),
        },
        Step::Repair(repair) => {
            let columns = found.tables.get(repair.table);
            match (schema.table(repair.table), columns) {
                (Some(table), Some(columns)) => {
                    rebuild::repair(transaction, table, columns, &repair.faults).await
                }
                _ => Err(DbErr::Custom(format!("there is no table {}", repair.table))),
            }
        }
        Step::CopyRows(copy) => copy_rows(transaction, schema, copy).await,
        Step::RecordMigration(migration) => {
            let sql = "INSERT INTO django_migrations (app, name, applied) VALUES ($1, $2, $3)";
            let values = [migration.app.into(), migration.name.into(), now().into()];
            execute(transaction, sql, values).await
        }
        Step::RegisterModel(model) => register_model(transaction, model).await,
        Step::KeepPermissions(copy) => keep_permissions(transaction, copy).await,
        Step::ApplyVersion(number, _) => apply_version(transaction, schema, found, *number).await,
        Step::RecordOrigin(origin) => {
            let table = schema.own.origin_table.name;
            let sql = format!("INSERT INTO \"{table}\" (origin) VALUES ($1)");
            execute(transaction, &sql, [origin.name().into()]).await
        }
        Step::RecordSource(source) => {
            let table = schema.own.source_table.name;
            let sql = format!(
                "INSERT INTO \"{table}\" (target, source) VALUES ($1, $2) \
                 ON CONFLICT (target) DO UPDATE SET source = excluded.source"
            );
            let values = [source.part.table.into(), source.table.as_str().into()];
            execute(transaction, &sql, values).await
        }
        Step::RecordAdoption(entries) => record(transaction, schema, entries).await,
    }
}

async fn make_table(transaction: &Transaction, table: &Table) -> Result<(), DbErr> {
    for sql in create_table(transaction.get_database_backend(), table) {
        transaction.execute_unprepared(&sql).await?;
    }
    Ok(())
}

async fn copy_rows(transaction: &Transaction, schema: &Schema, copy: &Source) -> Result<(), DbErr> {
    let table = schema.table(copy.part.table);
    let columns = table.map_or(&[][..], |table| table.columns);
    let names: Vec<String> = columns.iter().map(|column| quoted(column.name)).collect();
    let names = names.join(", ");
    let (from, to) = (quoted(&copy.table), copy.part.table);
    let sql = format!("INSERT INTO \"{to}\" ({names}) SELECT {names} FROM {from} ORDER BY id");
    transaction.execute_unprepared(&sql).await?;
    // New rows must not get the ids of copied ones. SQLite's AUTOINCREMENT notices inserted ids;
    // PostgreSQL's sequences do not.
    if transaction.get_database_backend() == DbBackend::Postgres {
        rebuild::advance_sequence(transaction, to, "id").await?;
    }
    Ok(())
}

/// Adds content type and permissions, as `Django 5.2 contrib/contenttypes/management` and
/// `contrib/auth/management` do after a migration. Existing rows stay as they are.
async fn register_model(transaction: &Transaction, model: &Model) -> Result<(), DbErr> {
    let sql = "INSERT INTO django_content_type (app_label, model) VALUES ($1, $2) \
               ON CONFLICT (app_label, model) DO NOTHING";
    execute(transaction, sql, [model.app.into(), model.model.into()]).await?;
    for action in PERMISSION_ACTIONS {
        let sql = "INSERT INTO auth_permission (name, content_type_id, codename) \
                   SELECT $1, id, $2 FROM django_content_type \
                   WHERE app_label = $3 AND model = $4 \
                   ON CONFLICT (content_type_id, codename) DO NOTHING";
        let values = [
            format!("Can {action} {}", model.verbose_name).into(),
            format!("{action}_{}", model.model).into(),
            model.app.into(),
            model.model.into(),
        ];
        execute(transaction, sql, values).await?;
    }
    Ok(())
}

/// Gives the holders of permissions on the former model those on the new one. The former model is found
/// by the table's name, which Django makes of application and model.
async fn keep_permissions(transaction: &Transaction, copy: &Source) -> Result<(), DbErr> {
    for (table, holder) in [
        ("auth_user_user_permissions", "user_id"),
        ("auth_group_permissions", "group_id"),
    ] {
        let sql = format!(
            "INSERT INTO {table} ({holder}, permission_id) \
             SELECT held.{holder}, permission.id FROM {table} AS held \
             JOIN auth_permission AS former ON former.id = held.permission_id \
             JOIN django_content_type AS former_type ON former_type.id = former.content_type_id \
             JOIN auth_permission AS permission ON permission.codename = \
             replace(former.codename, '_' || former_type.model, '_' || $3) \
             JOIN django_content_type AS type ON type.id = permission.content_type_id \
             WHERE former_type.app_label || '_' || former_type.model = $1 \
             AND type.app_label = $2 AND type.model = $3 \
             ORDER BY held.id ON CONFLICT DO NOTHING"
        );
        let values = [
            copy.table.as_str().into(),
            copy.part.app.into(),
            copy.part.name.into(),
        ];
        execute(transaction, &sql, values).await?;
    }
    Ok(())
}

async fn apply_version(
    transaction: &Transaction,
    schema: &Schema,
    found: &Findings,
    number: i64,
) -> Result<(), DbErr> {
    let versions = schema.own.versions;
    let Some(version) = versions.iter().find(|version| version.number == number) else {
        return Err(DbErr::Custom(format!("the schema has no version {number}")));
    };
    for table in version.tables {
        // The record of versions may have been lost while the tables are still there.
        if !problems(table, &found.tables).is_empty() {
            make_table(transaction, table).await?;
            for sql in exclusions(transaction.get_database_backend(), &schema.own, table.name) {
                transaction.execute_unprepared(&sql).await?;
            }
        }
    }
    let sql = format!(
        "INSERT INTO \"{}\" (version, name, oldest_compatible, applied) VALUES ($1, $2, $3, $4)",
        schema.own.version_table.name
    );
    let values = [
        number.into(),
        version.name.into(),
        version.oldest_compatible.into(),
        now().into(),
    ];
    execute(transaction, &sql, values).await
}

/// A statement whose placeholders are `$1`, `$2`, …, which both dialects understand.
async fn execute<const N: usize>(
    transaction: &Transaction,
    sql: &str,
    values: [Value; N],
) -> Result<(), DbErr> {
    let backend = transaction.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, values);
    transaction.execute_raw(statement).await.map(|_| ())
}
