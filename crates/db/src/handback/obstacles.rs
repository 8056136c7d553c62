//! Finds what prevents rows from being carried back, in words for the database's owner.

use sea_orm::{ConnectionTrait, DbErr};

use super::catalog::{Reference, count, rows};
use super::compare::{differs, missing};
use super::step::Changes;
use super::survey::{CopiedTable, Fate, Survey, own_tables};
use crate::names::quoted;
use crate::schema::{Schema, Table};

/// Columns that would be lost with the table, and references to it from tables that stay.
pub(super) fn losses(
    schema: &Schema,
    survey: &Survey,
    table: &Table,
    copied: &CopiedTable,
) -> Vec<String> {
    if survey.fate(copied.app, table.name) == Fate::Kept {
        return Vec::new();
    }
    let source = &copied.source;
    let is_known = |name: &str| table.columns.iter().any(|column| column.name == name);
    let columns = survey.found.tables.get(table.name).into_iter().flatten();
    let added = columns.filter(|(name, _)| !is_known(name)).map(|(name, _)| {
        format!(
            "column `{}.{name}` is another program's, and `{source}` has no place for what it holds",
            table.name
        )
    });
    let goes = |name: &str| {
        let mut copied = survey.copied.iter();
        copied.any(|copied| copied.target == name)
            || (survey.is_made_without_source(name) && survey.rows_of(name) == 0)
            || own_tables(schema).any(|table| table.name == name)
    };
    let references = survey.references.iter();
    let left = references.filter(|reference| reference.target == table.name);
    let left = left
        .filter(|reference| !goes(&reference.table) && survey.former_target(reference).is_none())
        .map(|reference| {
            let Reference {
                table,
                column,
                target,
            } = reference;
            format!(
                "column `{table}.{column}` refers to `{target}`, whose rows go back to `{source}`: \
                 take that foreign key away, or have it refer to `{source}`, first"
            )
        });
    added.chain(left).collect()
}

/// Constraints of the source and of tables that refer to it which the carried rows would violate.
pub(super) async fn conflicts(
    connection: &impl ConnectionTrait,
    survey: &Survey,
    table: &Table,
    copied: &CopiedTable,
    changes: Changes,
) -> Result<Vec<String>, DbErr> {
    let source = &copied.source;
    let mut problems = Vec::new();
    if changes.new > 0 {
        problems.extend(columns_without_value(survey, table, source, changes.new));
    }
    if changes.new + changes.changed > 0 {
        problems.extend(duplicates(connection, survey, table, source).await?);
        problems.extend(misdirected(connection, survey, table, source).await?);
    }
    if changes.deleted > 0 {
        problems.extend(referenced_deletions(connection, survey, table, source).await?);
    }
    Ok(problems)
}

/// Further columns of the source that are NOT NULL without a default, which new rows have no value for.
fn columns_without_value(survey: &Survey, table: &Table, source: &str, new: u64) -> Vec<String> {
    let is_known = |name: &str| table.columns.iter().any(|column| column.name == name);
    let columns = survey.found.tables.get(source).into_iter().flatten();
    let obligatory = columns.filter(|(name, column)| column.must_be_given && !is_known(name));
    let told = obligatory.map(|(name, _)| {
        format!(
            "column `{source}.{name}` must have a value and has no default, and the {new} new \
             rows of `{}` have none for it: give it a default first",
            table.name
        )
    });
    told.collect()
}

/// Rows with equal values in columns that are unique in the source.
async fn duplicates(
    connection: &impl ConnectionTrait,
    survey: &Survey,
    table: &Table,
    source: &str,
) -> Result<Vec<String>, DbErr> {
    let mut problems = Vec::new();
    for columns in survey.uniques_of(table, source) {
        let names: Vec<_> = columns.iter().map(|name| quoted(name)).collect();
        let sql = format!(
            "SELECT CAST(min(id) AS text), CAST(max(id) AS text) FROM {} GROUP BY {} \
             HAVING count(*) > 1 ORDER BY min(id) LIMIT {MOST_NAMED}",
            quoted(table.name),
            names.join(", ")
        );
        for row in rows(connection, &sql).await? {
            let (one, other): (String, String) =
                (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            problems.push(format!(
                "rows {one} and {other} of `{}` have the same `{}`, which `{source}` takes only once: \
                 change one of them here first",
                table.name,
                columns.join("` and `")
            ));
        }
    }
    Ok(problems)
}

/// How many pairs of rows are named.
const MOST_NAMED: usize = 5;

/// Rows written here that would be orphans in the source, whose foreign key has another target than the
/// table in use: one that is left over from somebody's change.
async fn misdirected(
    connection: &impl ConnectionTrait,
    survey: &Survey,
    table: &Table,
    source: &str,
) -> Result<Vec<String>, DbErr> {
    let mut problems = Vec::new();
    let columns = survey.found.tables.get(source);
    for column in table.columns {
        let found = columns.and_then(|columns| columns.get(column.name));
        let reference = found.and_then(|found| found.references.as_ref());
        let (Some(target), Some(reference)) = (column.references, reference) else {
            continue;
        };
        let mut copied = survey.copied.iter();
        let copied = copied.find(|copied| copied.target == target);
        let right = copied.map_or(target, |copied| &copied.source);
        let wrong = &reference.table;
        if wrong == right {
            continue;
        }
        let (here, there) = (quoted(table.name), quoted(source));
        let written = format!(
            "FROM {here} AS here WHERE NOT EXISTS (SELECT 1 FROM {there} AS there \
             WHERE there.id = here.id AND NOT {})",
            differs(table, "here", "there")
        );
        let (rows, what) = if survey.found.tables.contains_key(wrong) {
            let key = if reference.column.is_empty() {
                "id"
            } else {
                &reference.column
            };
            let sql = format!(
                "{written} AND NOT EXISTS (SELECT 1 FROM {} AS wrong WHERE wrong.{} = here.{})",
                quoted(wrong),
                quoted(key),
                quoted(column.name)
            );
            (count(connection, &sql).await?, "does not hold")
        } else {
            (count(connection, &written).await?, "is not there for")
        };
        if rows > 0 {
            problems.push(format!(
                "`{source}.{}` refers to `{wrong}`, which {what} what {rows} {} written here \
                 mean: have it refer to `{right}` first",
                column.name,
                noun(rows)
            ));
        }
    }
    Ok(problems)
}

/// Rows of other tables that refer to rows which were deleted here.
async fn referenced_deletions(
    connection: &impl ConnectionTrait,
    survey: &Survey,
    table: &Table,
    source: &str,
) -> Result<Vec<String>, DbErr> {
    let mut problems = Vec::new();
    let comes_along = |name: &str| survey.copied.iter().any(|copied| copied.source == name);
    let references = survey.references.iter();
    let left = references.filter(|reference| reference.target == source);
    for reference in left.filter(|reference| !comes_along(&reference.table)) {
        let (from, column) = (quoted(&reference.table), quoted(&reference.column));
        let (here, there) = (quoted(table.name), quoted(source));
        let deleted = missing("there", &here);
        let sql = format!(
            "FROM {from} AS held JOIN {there} AS there ON there.id = held.{column} WHERE {deleted}"
        );
        let rows = count(connection, &sql).await?;
        if rows > 0 {
            problems.push(format!(
                "`{}.{}` refers, in {rows} {}, to rows of `{source}` that were deleted here: \
                 change or delete those rows first",
                reference.table,
                reference.column,
                noun(rows)
            ));
        }
    }
    Ok(problems)
}

fn noun(rows: u64) -> &'static str {
    if rows == 1 { "row" } else { "rows" }
}
