//! The steps of a handback, carried out within its transaction.

use sea_orm::{ConnectionTrait, DbBackend, DbErr};

use super::catalog::rows;
use super::plan::{Plan, Step};
use super::survey::{differs, missing};
use crate::connection::Transaction;
use crate::names::quoted;
use crate::schema::{Column, Index, Kind, Schema, Table};

/// Makes the rows of every table that takes some those of the table that gives them.
///
/// A row that stays is changed in place, since the table may have further columns. Rows that
/// nobody refers to are deleted first, which frees what is unique; those that others refer to are
/// deleted last, when nobody does any longer.
pub(super) async fn carry(
    transaction: &Transaction,
    schema: &Schema,
    plan: &Plan,
) -> Result<(), DbErr> {
    let mut carried = Vec::new();
    for step in &plan.steps {
        if let Step::CarryRows { from, to, .. } = step
            && let Some(table) = schema.table(from)
        {
            carried.push((table, to));
        }
    }
    let is_referred_to = |name: &str| {
        let mut columns = carried.iter().flat_map(|(table, _)| table.columns);
        columns.any(|column| column.references == Some(name))
    };
    for (table, to) in carried.iter().rev() {
        if !is_referred_to(table.name) {
            delete_missing(transaction, table, to).await?;
        }
    }
    for (table, to) in &carried {
        update_and_insert(transaction, table, to).await?;
    }
    for (table, to) in carried.iter().rev() {
        if is_referred_to(table.name) {
            delete_missing(transaction, table, to).await?;
        }
    }
    Ok(())
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
    for column in table.columns {
        if column.index == Index::Unique {
            free(transaction, column, &here, &there).await?;
        }
    }
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
    transaction.execute_unprepared(&insert).await?;
    count_on(transaction, &there).await
}

/// Two rows may have exchanged a value that is unique, and databases compare row by row: the one
/// that stands in another's way first gets a value that no row has.
async fn free(
    transaction: &Transaction,
    column: &Column,
    here: &str,
    there: &str,
) -> Result<(), DbErr> {
    let name = quoted(column.name);
    let unused = match column.kind {
        Kind::CharField(_) | Kind::TextField => "CAST(-1 - id AS text)",
        _ => "-1 - id",
    };
    let sql = format!(
        "UPDATE {there} SET {name} = {unused} WHERE EXISTS (SELECT 1 FROM {here} AS here \
         WHERE here.{name} = {there}.{name} AND here.id <> {there}.id)"
    );
    transaction.execute_unprepared(&sql).await.map(|_| ())
}

/// New rows must not be given the ids of those that were carried. SQLite's AUTOINCREMENT has seen
/// them.
async fn count_on(transaction: &Transaction, table: &str) -> Result<(), DbErr> {
    if transaction.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let literal = table.replace('\'', "''");
    let sql = format!(
        "SELECT setval(sequence, greatest(max(id), pg_sequence_last_value(sequence))) \
         FROM {table}, (SELECT pg_get_serial_sequence('{literal}', 'id')::regclass AS sequence) AS own \
         WHERE sequence IS NOT NULL GROUP BY sequence"
    );
    transaction.execute_unprepared(&sql).await.map(|_| ())
}

/// Carries out a step, but for [`carry`], which comes before.
pub(super) async fn step(transaction: &Transaction, step: &Step) -> Result<(), DbErr> {
    let sql = match step {
        Step::CarryRows { .. } => return Ok(()),
        Step::ReturnModel { model, from, to } => {
            return return_model(transaction, model, [from, to]).await;
        }
        Step::ForgetMigration { id, .. } => {
            format!("DELETE FROM django_migrations WHERE id = {id}")
        }
        Step::DropTable(name) => format!("DROP TABLE {}", quoted(name)),
        Step::EmptyTable(name) => format!("DELETE FROM {}", quoted(name)),
    };
    transaction.execute_unprepared(&sql).await.map(|_| ())
}

/// The reverse of what an adoption does with permissions: who may do something with the model's
/// objects here may do it there, and nobody else.
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
