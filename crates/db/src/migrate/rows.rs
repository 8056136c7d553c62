//! Finds rows that their new table could not hold. Writes nothing.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

use super::plan::{Plan, ShownPart};
use super::sources::{SourceTables, command};
use super::step::Step;
use crate::inspect::{Findings, number};
use crate::names::quoted;
use crate::schema::{Column, Index, Kind, Schema, Table};

#[derive(Debug, Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) schema: &'a Schema,
    pub(super) found: &'a Findings,
    pub(super) named: &'a SourceTables,
}

/// The faults of rows in tables that are copied or remade, each with the table that the rows would be
/// in.
pub(super) async fn faults(
    connection: &impl ConnectionTrait,
    context: Context<'_>,
    plan: &Plan,
) -> Result<Vec<(&'static str, String)>, DbErr> {
    let schema = context.schema;
    let mut all = Vec::new();
    for step in &plan.steps {
        let (target, from, is_copied) = match step {
            Step::CopyRows(source) => (source.part.table, source.table.as_str(), true),
            Step::Repair(repair) => (repair.table, repair.table, false),
            _ => continue,
        };
        let Some(table) = schema.table(target) else {
            continue;
        };
        let checker = RowChecker {
            connection,
            context,
            from,
            key: table
                .columns
                .iter()
                .find(|of| of.index == Index::PrimaryKey),
        };
        let mut faults = Vec::new();
        for column in table.columns {
            faults.extend(checker.check_column(column).await?);
            // A table that SQLite remakes keeps its orphans, since foreign keys are off meanwhile.
            let is_enforced = is_copied || checker.is_postgres();
            if let Some(target) = column.references.filter(|_| is_enforced) {
                let parent = parent(plan, target);
                if is_there(plan, parent) {
                    faults.extend(checker.orphans(column, parent).await?);
                }
            }
        }
        if !is_copied {
            faults.extend(checker.unique_together(table).await?);
        }
        all.extend(faults.into_iter().map(|fault| (target, fault)));
    }
    Ok(all)
}

/// Counts rows as pages show them, which leave out orphans.
pub(super) async fn count_lost(
    connection: &impl ConnectionTrait,
    schema: &Schema,
    plan: &mut Plan,
) -> Result<(), DbErr> {
    let mut counted = Vec::new();
    for shown in &plan.shown {
        let lost = lost(connection, schema, plan, shown).await?;
        counted.push(ShownPart {
            rows: shown.rows - lost,
            lost,
            ..shown.clone()
        });
    }
    plan.shown = counted;
    Ok(())
}

async fn lost(
    connection: &impl ConnectionTrait,
    schema: &Schema,
    plan: &Plan,
    shown: &ShownPart,
) -> Result<i64, DbErr> {
    let described = schema.table(shown.part.table);
    let columns = described.map_or(&[][..], |table| table.columns);
    let mut conditions = Vec::new();
    for column in columns {
        let Some(target) = column.references.filter(|_| shown.rows > 0) else {
            continue;
        };
        let parent = parent(plan, target);
        if !is_there(plan, parent) {
            return Ok(shown.rows);
        }
        conditions.push(is_orphan(column, parent));
    }
    if conditions.is_empty() {
        return Ok(0);
    }
    let sql = format!(
        "SELECT count(*) FROM {} AS child WHERE {}",
        quoted(&shown.table),
        conditions.join(" OR ")
    );
    number(connection, &sql).await
}

/// The condition that a row of `child` refers to no row of the table.
fn is_orphan(column: &Column, parent: &str) -> String {
    format!(
        "NOT EXISTS (SELECT 1 FROM {} AS parent WHERE parent.id = child.{})",
        quoted(parent),
        quoted(column.name)
    )
}

/// The table that holds a reference's targets before the migration: rows may still have to be copied.
fn parent<'a>(plan: &'a Plan, target: &'a str) -> &'a str {
    let mut shown = plan.shown.iter();
    let found = shown.find(|shown| shown.part.table == target);
    found.map_or(target, |shown| shown.table.as_str())
}

/// Whether a table exists before the plan is executed.
fn is_there(plan: &Plan, table: &str) -> bool {
    !plan
        .steps
        .iter()
        .any(|step| matches!(step, Step::CreateTable(made) if *made == table))
}

struct RowChecker<'a, C> {
    connection: &'a C,
    context: Context<'a>,
    from: &'a str,
    key: Option<&'static Column>,
}

impl<C: ConnectionTrait> RowChecker<'_, C> {
    fn is_postgres(&self) -> bool {
        self.connection.get_database_backend() == DbBackend::Postgres
    }

    async fn check_column(&self, column: &Column) -> Result<Vec<String>, DbErr> {
        let (from, name) = (quoted(self.from), quoted(column.name));
        let mut faults = Vec::new();
        let is_key = column.index == Index::PrimaryKey;
        if !column.null {
            let what = format!("`{}` is NULL", column.name);
            faults.extend(self.rows(&format!("{name} IS NULL"), &what).await?);
        }
        if is_key || column.index == Index::Unique {
            let condition = format!(
                "{name} IN (SELECT {name} FROM {from} GROUP BY {name} HAVING count(*) > 1)"
            );
            let what = format!("`{}` is the same", column.name);
            faults.extend(self.rows(&condition, &what).await?);
        }
        match column.kind {
            Kind::PositiveIntegerField | Kind::PositiveSmallIntegerField => {
                let what = format!("`{}` is below 0", column.name);
                faults.extend(self.rows(&format!("{name} < 0"), &what).await?);
            }
            Kind::AutoField | Kind::BigAutoField if !self.is_postgres() => {
                let condition = format!("typeof({name}) NOT IN ('integer', 'null')");
                let what = format!("`{}` is no whole number", column.name);
                faults.extend(self.rows(&condition, &what).await?);
            }
            Kind::CharField(length) if self.is_postgres() => {
                let what = format!("`{}` is longer than {length} characters", column.name);
                let condition = format!("char_length({name}) > {length}");
                faults.extend(self.rows(&condition, &what).await?);
            }
            _ => {}
        }
        Ok(faults)
    }

    async fn orphans(&self, column: &Column, parent: &str) -> Result<Option<String>, DbErr> {
        let name = quoted(column.name);
        let condition = format!("{name} IS NOT NULL AND {}", is_orphan(column, parent));
        let what = format!("`{}` leads to nothing in `{parent}`", column.name);
        match self.rows(&condition, &what).await? {
            Some(fault) => {
                let elsewhere = self.elsewhere(column, parent, &condition).await?;
                Ok(Some(fault + &elsewhere))
            }
            None => Ok(None),
        }
    }

    /// A hint if another candidate has the rows that orphans refer to, with the command that uses it.
    async fn elsewhere(&self, column: &Column, parent: &str, lost: &str) -> Result<String, DbErr> {
        let Context {
            schema,
            found,
            named,
        } = self.context;
        let (from, name) = (quoted(self.from), quoted(column.name));
        let candidates = found.candidates.iter();
        let others = candidates.filter(|other| {
            Some(other.part.table) == column.references && other.table != parent && other.rows > 0
        });
        let mut told = String::new();
        for other in others {
            let count =
                format!("SELECT count(*) FROM {from} AS child WHERE {name} IS NOT NULL AND ");
            let nowhere = is_orphan(column, &other.table);
            let there =
                number(self.connection, &format!("{count}{lost} AND NOT {nowhere}")).await?;
            if there == 0 {
                continue;
            }
            let is_whole = number(self.connection, &format!("{count}{nowhere}")).await? == 0;
            let rows = if there == 1 { "row" } else { "rows" };
            told += &format!("; `{}` has what {there} {rows} mean: ", other.table);
            told += &if is_whole && found.rows(other.part, other.part.table) == 0 {
                let command = command(schema, named, other.part, &other.table);
                format!("`{command}` takes it from there")
            } else {
                let columns = schema.table(other.part.table);
                let columns = columns.map_or(&[][..], |table| table.columns).iter();
                let columns: Vec<_> = columns.map(|column| quoted(column.name)).collect();
                let columns = columns.join(", ");
                format!(
                    "add it by `INSERT INTO {to} ({columns}) SELECT {columns} FROM {} WHERE \"id\" IN \
                     (SELECT {name} FROM {from}) AND \"id\" NOT IN (SELECT \"id\" FROM {to})`",
                    quoted(&other.table),
                    to = quoted(parent),
                )
            };
        }
        Ok(told)
    }

    async fn unique_together(&self, table: &Table) -> Result<Vec<String>, DbErr> {
        let mut faults = Vec::new();
        for columns in table.unique_together {
            let names: Vec<String> = columns.iter().map(|name| quoted(name)).collect();
            let names = names.join(", ");
            let condition = format!(
                "({names}) IN (SELECT {names} FROM {} GROUP BY {names} HAVING count(*) > 1)",
                quoted(self.from)
            );
            let what = format!("`{}` are the same", columns.join("` and `"));
            faults.extend(self.rows(&condition, &what).await?);
        }
        Ok(faults)
    }

    /// A message with the number of rows that meet a condition, and the first of them; `None` if there
    /// are none.
    async fn rows(&self, condition: &str, what: &str) -> Result<Option<String>, DbErr> {
        let from = format!("FROM {} AS child WHERE {condition}", quoted(self.from));
        let count = number(self.connection, &format!("SELECT count(*) {from}")).await?;
        if count == 0 {
            return Ok(None);
        }
        let mut which = String::new();
        if let Some(key) = self.key {
            let name = quoted(key.name);
            let sql = format!(
                "SELECT DISTINCT CAST({name} AS text), {name} {from} AND {name} IS NOT NULL \
                 ORDER BY 2 LIMIT {TOLD_ROWS}"
            );
            let backend = self.connection.get_database_backend();
            let rows = self
                .connection
                .query_all_raw(Statement::from_string(backend, sql));
            let keys: Result<Vec<String>, DbErr> = rows
                .await?
                .iter()
                .map(|row| row.try_get_by_index(0))
                .collect();
            let keys = keys?;
            let more = if keys.len() == TOLD_ROWS { ", …" } else { "" };
            if !keys.is_empty() {
                which = format!(" ({} {}{more})", key.name, keys.join(", "));
            }
        }
        let rows = if count == 1 { "row" } else { "rows" };
        Ok(Some(format!(
            "`{}`: {what} in {count} {rows}{which}",
            self.from
        )))
    }
}

/// How many rows are named.
const TOLD_ROWS: usize = 5;
