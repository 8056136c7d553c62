//! What SQLite's own integrity checks find, and the CHECK constraints that rows violate.

use std::path::Path;

use sea_orm::{ConnectionTrait, DbErr};

use super::attached::{close, config_of, texts};
use crate::backup::failure::Failure;
use crate::backup::subject::Subject;
use crate::pool::{Access, single};

/// The CHECK constraints that rows violate in a file that this program has made.
pub(super) async fn broken_checks_of(
    subject: Subject<'_>,
    path: &Path,
) -> Result<Vec<String>, Failure> {
    let copy = single(&config_of(subject, path), Access::Recover);
    let found = broken_checks(&copy).await;
    close(copy).await;
    Ok(found?)
}

/// The CHECK constraints that rows violate. Needs a writable connection: SQLite does not evaluate them
/// on a read-only one.
pub(super) async fn broken_checks(connection: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let checks = "PRAGMA ignore_check_constraints = OFF";
    connection.execute_unprepared(checks).await?;
    let mut found = problems(connection, "quick_check").await?;
    found.retain(|line| line.starts_with("CHECK "));
    found.dedup();
    Ok(found)
}

/// Rows are copied as they are, even if they violate a CHECK constraint; that is reported afterwards.
pub(super) const NO_CHECKS: &str = "PRAGMA ignore_check_constraints = ON";

/// The messages of `PRAGMA quick_check` or `PRAGMA integrity_check`; none if all is well.
pub(super) async fn problems(
    connection: &impl ConnectionTrait,
    check: &'static str,
) -> Result<Vec<String>, DbErr> {
    let mut problems = texts(connection, &format!("PRAGMA main.{check}(10)")).await?;
    problems.retain(|line| line != "ok");
    Ok(problems)
}
