//! Servers as operators have them: under every form of address, with certificates of every kind, and
//! behind a pooler. Where `psql` gets, and whether, is what `psql` itself says.

mod addresses;
mod behind_pgbouncer;
mod certificates;

use std::path::Path;
use std::process::Command;

use db::{ConnectionTrait as _, Database};
use sea_orm::{DbBackend, Statement};

use crate::support::database::config;
use crate::support::needed;

/// What a statement of one text gives by `psql`; else what it complains of.
fn by_psql(url: &str, sql: &str) -> Result<String, String> {
    let program = Path::new(&needed("TEST_POSTGRES_PROGRAMS")).join("psql");
    let mut psql = Command::new(program);
    psql.env_clear().args([
        "--no-psqlrc",
        "--tuples-only",
        "--no-align",
        "--dbname",
        url,
    ]);
    let output = psql.args(["--command", sql]).output().unwrap();
    if output.status.success() {
        Ok(String::from_utf8(output.stdout)
            .unwrap()
            .trim_end()
            .to_owned())
    } else {
        Err(String::from_utf8(output.stderr).unwrap())
    }
}

/// The same by ours.
async fn by_ours(url: &str, sql: &str) -> Result<String, String> {
    if let Err(error) = url.parse::<db::Address>() {
        return Err(error.to_string());
    }
    let db = Database::new(config(url));
    let row = db
        .query_one_raw(Statement::from_string(DbBackend::Postgres, sql))
        .await;
    let row = row.map_err(|error| error.to_string())?.unwrap();
    db.close().await.unwrap();
    Ok(row.try_get_by_index(0).unwrap())
}
