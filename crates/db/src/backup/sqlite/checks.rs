//! What SQLite itself finds wrong with a database, and the checks that rows in it break.

use std::path::Path;

use sea_orm::{ConnectionTrait, DbErr};

use super::attached::{close, config_of, texts};
use crate::backup::failure::Failure;
use crate::backup::subject::Subject;
use crate::pool::{Access, single};

/// The checks that rows of a file break which the grammar has made.
pub(super) async fn broken_checks_of(
    subject: Subject<'_>,
    path: &Path,
) -> Result<Vec<String>, Failure> {
    let copy = single(&config_of(subject, path), Access::Recover);
    let found = broken_checks(&copy).await;
    close(copy).await;
    Ok(found?)
}

/// The checks that rows break. SQLite asks them of what it could write to alone.
pub(super) async fn broken_checks(connection: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let checks = "PRAGMA ignore_check_constraints = OFF";
    connection.execute_unprepared(checks).await?;
    let mut found = problems(connection, "quick_check").await?;
    found.retain(|line| line.starts_with("CHECK "));
    found.dedup();
    Ok(found)
}

/// What is stored already is taken as it is, whatever check it breaks, and told of.
pub(super) const NO_CHECKS: &str = "PRAGMA ignore_check_constraints = ON";

/// What SQLite finds wrong with the database itself: pages, indexes.
pub(super) async fn problems(
    connection: &impl ConnectionTrait,
    check: &'static str,
) -> Result<Vec<String>, DbErr> {
    let mut problems = texts(connection, &format!("PRAGMA main.{check}(10)")).await?;
    problems.retain(|line| line != "ok");
    Ok(problems)
}
