//! The origin of a database: made new by this program, or adopted. The migration that decides it
//! records it in a table of the program's own.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DbErr, Statement};

use crate::schema::Schema;

/// Whose a database was first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// This program made it.
    MadeNew,
    /// It was there before, with whatever its users agreed to.
    Adopted,
}

impl Origin {
    /// Its name in the table.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::MadeNew => "new",
            Self::Adopted => "adopted",
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::MadeNew => "made new",
            Self::Adopted => "adopted",
        })
    }
}

/// What a migration has recorded; `None` where none has.
pub async fn recorded(
    connection: &impl ConnectionTrait,
    schema: &Schema,
) -> Result<Option<Origin>, DbErr> {
    let sql = format!("SELECT origin FROM \"{}\"", schema.own.origin_table.name);
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let Some(row) = connection.query_one_raw(statement).await? else {
        return Ok(None);
    };
    let name: String = row.try_get_by_index(0)?;
    Ok([Origin::MadeNew, Origin::Adopted]
        .into_iter()
        .find(|origin| origin.name() == name))
}

/// How long a migration from nothing may have taken.
const LONGEST_MIGRATION: TimeDelta = TimeDelta::seconds(60);

/// The origin of a database that an earlier release migrated without recording it, guessed from rows.
/// A database that this program made has Django's migrations in this program's order, recorded in the
/// transaction of the program's first version. Django itself would have recorded them long before.
pub(crate) async fn by_rows(
    connection: &impl ConnectionTrait,
    schema: &Schema,
    migrations: &[(String, String)],
) -> Result<Origin, DbErr> {
    let is_ours = migrations.len() >= schema.migrations.len()
        && migrations
            .iter()
            .zip(schema.migrations)
            .all(|((app, name), ours)| app == ours.app && name == ours.name);
    if !is_ours {
        return Ok(Origin::Adopted);
    }
    let first = "SELECT applied FROM django_migrations ORDER BY id LIMIT 1";
    let version = format!(
        "SELECT applied FROM \"{}\" ORDER BY version LIMIT 1",
        schema.own.version_table.name
    );
    let (Some(first), Some(version)) = (
        time(connection, first).await?,
        time(connection, &version).await?,
    ) else {
        return Ok(Origin::Adopted);
    };
    let took = version - first;
    Ok(if took >= TimeDelta::zero() && took <= LONGEST_MIGRATION {
        Origin::MadeNew
    } else {
        Origin::Adopted
    })
}

/// A point in time; `None` if there is no row, or if SQLite holds something else in the column.
async fn time(
    connection: &impl ConnectionTrait,
    sql: &str,
) -> Result<Option<DateTime<Utc>>, DbErr> {
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let row = connection.query_one_raw(statement).await?;
    Ok(row.and_then(|row| row.try_get_by_index(0).ok()))
}
