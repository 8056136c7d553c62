//! Executes the steps of a handback in its transaction.

use sea_orm::{ConnectionTrait, DbBackend, DbErr};

use super::catalog::rows;
use super::compare::{differs, missing};
use super::plan::Plan;
use super::step::Step;
use super::survey::Survey;
use crate::connection::Transaction;
use crate::migrate::{Fault, rebuild};
use crate::names::quoted;
use crate::schema::{Kind, Schema, Table};

/// A table that refuses carried rows, with the database's error.
#[derive(Debug)]
pub(super) struct CarryError {
    /// The table that gives.
    pub(super) from: &'static str,
    /// The table that takes.
    pub(super) to: String,
    pub(super) source: DbErr,
}

/// Carries rows: makes every old table's rows equal to those of the table in use.
///
/// A row that exists in both is updated in place, since the old table may have further columns. Rows
/// of tables that nothing refers to are deleted first, which frees their unique values. Rows of tables
/// that others refer to are deleted last, after the references are gone.
pub(super) async fn carry(
    transaction: &Transaction,
    schema: &Schema,
    survey: &Survey,
    plan: &Plan,
) -> Result<(), CarryError> {
    let carried = carried(schema, plan);
    let is_referred_to = |name: &str| {
        let mut columns = carried.iter().flat_map(|(table, _)| table.columns);
        columns.any(|column| column.references == Some(name))
    };
    let stopped = |table: &Table, to: &str| {
        let (from, to) = (table.name, to.to_owned());
        move |source| CarryError { from, to, source }
    };
    for (table, to) in carried.iter().rev() {
        if !is_referred_to(table.name) {
            let deleted = delete_missing(transaction, table, to).await;
            deleted.map_err(stopped(table, to))?;
        }
    }
    for (table, to) in &carried {
        for columns in survey.uniques_of(table, to) {
            let freed = free_unique_values(transaction, table, to, columns).await;
            freed.map_err(stopped(table, to))?;
        }
        let written = update_and_insert(transaction, table, to).await;
        written.map_err(stopped(table, to))?;
    }
    for (table, to) in carried.iter().rev() {
        if is_referred_to(table.name) {
            let deleted = delete_missing(transaction, table, to).await;
            deleted.map_err(stopped(table, to))?;
        }
    }
    Ok(())
}

/// The tables that give rows, each after those that it refers to, with those that take them.
fn carried<'a>(schema: &Schema, plan: &'a Plan) -> Vec<(&'static Table, &'a str)> {
    let carried = plan.steps.iter().filter_map(|step| match step {
        Step::CarryRows { from, to, .. } => Some((schema.table(from)?, &**to)),
        _ => None,
    });
    carried.collect()
}

async fn delete_missing(transaction: &Transaction, table: &Table, to: &str) -> Result<(), DbErr> {
    let (here, there) = (quoted(table.name), quoted(to));
    let sql = format!(
        "DELETE FROM {there} AS there WHERE {}",
        missing("there", &here)
    );
    transaction.execute_unprepared(&sql).await.map(|_| ())
}

async fn update_and_insert(
    transaction: &Transaction,
    table: &Table,
    to: &str,
) -> Result<(), DbErr> {
    let (here, there) = (quoted(table.name), quoted(to));
    let names: Vec<_> = table
        .columns
        .iter()
        .map(|column| quoted(column.name))
        .collect();
    let values = names.iter().filter(|name| *name != "\"id\"");
    let values: Vec<_> = values.map(|name| format!("{name} = here.{name}")).collect();
    let update = format!(
        "UPDATE {there} AS there SET {} FROM {here} AS here WHERE here.id = there.id AND {}",
        values.join(", "),
        differs(table, "here", "there")
    );
    transaction.execute_unprepared(&update).await?;
    let names = names.join(", ");
    let insert = format!(
        "INSERT INTO {there} ({names}) SELECT {names} FROM {here} AS here WHERE {} ORDER BY id",
        missing("here", &there)
    );
    transaction.execute_unprepared(&insert).await.map(|_| ())
}

/// Makes room for updates of unique values. Two rows may have exchanged a value, and an UPDATE checks
/// uniqueness row by row: a row whose value another one will get is first given a value that no row
/// has, a number below all or a text above all.
async fn free_unique_values(
    transaction: &Transaction,
    table: &Table,
    to: &str,
    columns: &[String],
) -> Result<(), DbErr> {
    let mut described = table.columns.iter();
    let Some(first) = described.find(|column| columns.contains(&column.name.to_owned())) else {
        return Ok(());
    };
    let (here, there, name) = (quoted(table.name), quoted(to), quoted(first.name));
    let number = "row_number() OVER (ORDER BY there.id)";
    let (most, unused) = match first.kind {
        Kind::CharField(_) | Kind::TextField => ("max", format!("|| CAST({number} AS text)")),
        _ => ("min", format!("- {number}")),
    };
    let same = columns.iter().map(|column| {
        let column = quoted(column);
        format!("here.{column} IS NOT DISTINCT FROM there.{column}")
    });
    let same: Vec<_> = same.collect();
    let sql = format!(
        "UPDATE {there} SET {name} = spare.value FROM (SELECT there.id, \
         (SELECT {most}({name}) FROM (SELECT {name} FROM {here} UNION ALL SELECT {name} FROM {there}) \
         AS every) {unused} AS value FROM {there} AS there JOIN {here} AS here \
         ON here.id <> there.id AND {}) AS spare WHERE spare.id = {there}.id",
        same.join(" AND ")
    );
    transaction.execute_unprepared(&sql).await.map(|_| ())
}

/// Advances the sequences of the old tables beyond the carried ids. SQLite's AUTOINCREMENT notices
/// inserted ids by itself. On PostgreSQL a rollback does not undo this.
pub(super) async fn advance_sequences(
    transaction: &Transaction,
    schema: &Schema,
    plan: &Plan,
) -> Result<(), DbErr> {
    if transaction.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    for (_, to) in carried(schema, plan) {
        let table = quoted(to);
        let literal = table.replace('\'', "''");
        // No sequence takes a number below 1.
        let sql = format!(
            "SELECT setval(sequence, greatest(max(id), pg_sequence_last_value(sequence))) \
             FROM {table}, \
             (SELECT pg_get_serial_sequence('{literal}', 'id')::regclass AS sequence) AS own \
             WHERE sequence IS NOT NULL GROUP BY sequence HAVING max(id) > 0"
        );
        transaction.execute_unprepared(&sql).await?;
    }
    Ok(())
}

/// Executes a step. Rows were carried before, by [`carry`].
pub(super) async fn step(
    transaction: &Transaction,
    schema: &Schema,
    survey: &Survey,
    step: &Step,
) -> Result<(), DbErr> {
    let sql = match step {
        Step::CarryRows { .. } => return Ok(()),
        Step::RestoreReference {
            table,
            column,
            from,
            to,
        } => {
            let fault = Fault::Reference {
                column,
                from: from.clone(),
                to: to.clone(),
            };
            let columns = survey.found.tables.get(*table);
            return match (schema.table(table), columns) {
                (Some(table), Some(columns)) => {
                    rebuild::repair(transaction, table, columns, &[fault]).await
                }
                _ => Err(DbErr::Custom(format!("there is no table {table}"))),
            };
        }
        Step::ReturnModel { model, from, to } => {
            return return_model(transaction, model, [from, to]).await;
        }
        Step::ForgetMigration { id, .. } => {
            format!("DELETE FROM django_migrations WHERE id = {id}")
        }
        Step::DropTable(name) | Step::DropRecords { table: name, .. } => {
            format!("DROP TABLE {}", quoted(name))
        }
        Step::ForgetVersion { number, table } => {
            format!("DELETE FROM {} WHERE version = {number}", quoted(table))
        }
        Step::EmptyTable(name) => format!("DELETE FROM {}", quoted(name)),
    };
    transaction.execute_unprepared(&sql).await.map(|_| ())
}

/// Returns a model's log entries and permissions, the reverse of the adoption: whoever has a permission
/// on the newer model gets it on the former one, and everybody else loses it there.
async fn return_model(
    transaction: &Transaction,
    model: &str,
    [from, to]: [&str; 2],
) -> Result<(), DbErr> {
    let (Some(new), Some(old)) = (
        content_type(transaction, from, model).await?,
        content_type(transaction, to, model).await?,
    ) else {
        return Ok(());
    };
    let mut statements = vec![format!(
        "UPDATE django_admin_log SET content_type_id = {old} WHERE content_type_id = {new}"
    )];
    for (table, holder) in [
        ("auth_user_user_permissions", "user_id"),
        ("auth_group_permissions", "group_id"),
    ] {
        let pairs = format!(
            "auth_permission AS former JOIN auth_permission AS permission \
             ON permission.codename = former.codename \
             AND permission.content_type_id = {new} AND former.content_type_id = {old}"
        );
        statements.push(format!(
            "DELETE FROM {table} WHERE EXISTS (SELECT 1 FROM {pairs} \
             WHERE former.id = {table}.permission_id AND NOT EXISTS (SELECT 1 FROM {table} AS held \
             WHERE held.{holder} = {table}.{holder} AND held.permission_id = permission.id))"
        ));
        statements.push(format!(
            "INSERT INTO {table} ({holder}, permission_id) \
             SELECT held.{holder}, former.id FROM {table} AS held JOIN ({pairs}) \
             ON permission.id = held.permission_id \
             WHERE NOT EXISTS (SELECT 1 FROM {table} AS there \
             WHERE there.{holder} = held.{holder} AND there.permission_id = former.id)"
        ));
        statements.push(format!(
            "DELETE FROM {table} WHERE permission_id IN \
             (SELECT id FROM auth_permission WHERE content_type_id = {new})"
        ));
    }
    statements.push(format!(
        "DELETE FROM auth_permission WHERE content_type_id = {new}"
    ));
    statements.push(format!("DELETE FROM django_content_type WHERE id = {new}"));
    for sql in statements {
        transaction.execute_unprepared(&sql).await?;
    }
    Ok(())
}

async fn content_type(
    transaction: &Transaction,
    app: &str,
    model: &str,
) -> Result<Option<i64>, DbErr> {
    let [app, model] = [app, model].map(|text| text.replace('\'', "''"));
    let sql = format!(
        "SELECT CAST(id AS bigint) FROM django_content_type \
         WHERE app_label = '{app}' AND model = '{model}'"
    );
    let rows = rows(transaction, &sql).await?;
    rows.first().map(|row| row.try_get_by_index(0)).transpose()
}
