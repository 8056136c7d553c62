//! Adoption and migrations: brings a database to the schema in use, or refuses it.
//!
//! [`plan()`] reads and decides, [`run`] decides again under a lock and acts, in one
//! transaction. Every step only adds. Tables that the schema does not know are not touched.

mod definition;
mod execute;
mod plan;
pub(crate) mod rebuild;
mod refusal;
mod repair;
mod rows;
mod sources;
mod step;

use std::io;
use std::path::PathBuf;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr};

pub use self::plan::{HiddenTable, Plan, ShownPart, StartingPoint};
pub use self::refusal::Refusal;
pub use self::repair::{Fault, Repair};
pub use self::sources::{Source, SourceTables, counted};
pub use self::step::Step;
use crate::address::Address;
use crate::connection::begin;
use crate::error::{is_unavailable, message, needs_recovery};
use crate::inspect::{Findings, inspect};
use crate::new_file::follow_links;
use crate::pool::{Access, Config, Pool, single};
use crate::schema::Schema;
use crate::sqlite_file::{begin_copy, copy_to, lock_folder, make_file, use_write_ahead_log};

/// Why a migration did not take place. The database is as it was.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database cannot be used as it is.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database could not be opened, read or written.
    #[error("cannot {doing} the {address}")]
    Database {
        /// What was tried.
        doing: &'static str,
        /// Where.
        address: Address,
        /// What the database answered.
        source: DbErr,
    },
    /// A step of the plan did not succeed.
    #[error(
        "the step \"{step}\" fails, and the database was left as it was: {}. A rule or a name in the \
         database that Django did not give stands in the way: mend what is named, and run the command \
         again",
        message(cause)
    )]
    Step {
        /// The step, as the plan says it.
        step: String,
        /// What the database answered.
        cause: DbErr,
    },
    /// The file's folder could not be opened or locked, or no copy be put there.
    #[error("cannot work in the folder of the {address}")]
    File {
        /// Where.
        address: Address,
        /// What the system answered.
        source: io::Error,
    },
}

/// What a migration did.
#[derive(Debug)]
pub struct MigrationReport {
    /// The plan that was carried out.
    pub plan: Plan,
    /// The copy of the file that was put beside it before an older form was adopted.
    pub copy: Option<PathBuf>,
}

/// What [`run`] would do. Makes no file, and changes one only by rolling back what a killed program
/// left in a journal. (While a file in WAL mode is read, SQLite keeps a `-shm` and a `-wal` beside it.)
pub async fn plan(config: &Config, schema: &Schema) -> Result<Plan, Error> {
    plan_named(config, schema, &SourceTables::new()).await
}

/// The same, with what an operator says of the tables that parts are filled from.
pub async fn plan_named(
    config: &Config,
    schema: &Schema,
    named: &SourceTables,
) -> Result<Plan, Error> {
    let ask = async |connection: &Pool| decide(connection, schema, named).await;
    match read(config, ask).await? {
        Some(decided) => decided.map(|(plan, _)| plan).map_err(Error::from),
        None => Ok(Plan::with(schema, &Findings::default(), named)?),
    }
}

/// The same, and if rows would be moved the plan is also tried: on SQLite on a temporary copy of the
/// file, on PostgreSQL in a transaction that is rolled back.
pub async fn rehearse(
    config: &Config,
    schema: &Schema,
    named: &SourceTables,
) -> Result<Plan, Error> {
    let plan = plan_named(config, schema, named).await?;
    if !plan.needs_copy() {
        return Ok(plan);
    }
    let Address::Sqlite(path) = &config.address else {
        let connection = Pool::single(config, Access::Recover).await;
        let connection = connection.map_err(|source| database_error(config, "reach", source))?;
        let outcome = Outcome::RollBack;
        let plan = in_transaction(config, schema, named, &connection, outcome).await;
        close(connection).await;
        return plan;
    };
    // If no file can be made here, `run` will fail for the same reason and say so.
    let Ok(copy) = begin_copy(path, BEFORE_ADOPTION) else {
        return Ok(plan);
    };
    let original = single(config, Access::ReadOnly);
    let copied = copy_to(&original, copy.path()).await;
    close(original).await;
    copied.map_err(|source| database_error(config, "copy", source))?;
    let of_the_copy = Config {
        address: Address::Sqlite(copy.path().to_owned()),
        ..config.clone()
    };
    let connection = single(&of_the_copy, Access::Recover);
    let done = execute_on_sqlite(config, schema, named, (&connection, &plan)).await;
    close(connection).await;
    done
}

/// What a database holds; touches as little as [`plan()`].
pub async fn look(config: &Config, schema: &Schema) -> Result<Findings, Error> {
    let ask = async |connection: &Pool| inspect(connection, schema).await;
    Ok(read(config, ask).await?.unwrap_or_default())
}

/// Inspects and plans. The inner error is a refusal, the outer one a failed query.
async fn decide(
    connection: &impl ConnectionTrait,
    schema: &Schema,
    named: &SourceTables,
) -> Result<Result<(Plan, Findings), Refusal>, DbErr> {
    let found = inspect(connection, schema).await?;
    let mut plan = match Plan::with(schema, &found, named) {
        Ok(plan) => plan,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let context = rows::Context {
        schema,
        found: &found,
        named,
    };
    let wrong = rows::faults(connection, context, &plan).await?;
    // A database that an earlier release has adopted stays usable: its faulty rows are only reported,
    // unless they are about to be copied.
    let may_stay = !found.versions.is_empty() && !wrong.iter().any(|(table, _)| plan.fills(table));
    if !wrong.is_empty() && !may_stay {
        let wrong = wrong.into_iter().map(|(_, fault)| fault);
        return Ok(Err(Refusal::Rows(wrong.collect())));
    }
    plan.give_up_repairs(wrong);
    rows::count_lost(connection, schema, &mut plan).await?;
    Ok(Ok((plan, found)))
}

/// Asks a database without changing it; `None` if there is no file.
async fn read<T>(
    config: &Config,
    ask: impl AsyncFn(&Pool) -> Result<T, DbErr>,
) -> Result<Option<T>, Error> {
    if let Address::Sqlite(path) = &config.address {
        let is_missing = path
            .metadata()
            .is_err_and(|e| e.kind() == io::ErrorKind::NotFound);
        if is_missing {
            return Ok(None);
        }
    }
    // Read-only first, so that a refused file stays byte for byte what it was.
    let answer = match read_with(config, Access::ReadOnly, &ask).await {
        Err(error) if needs_recovery(&error) => read_with(config, Access::Recover, &ask).await,
        answer => answer,
    };
    let answer = answer.map_err(|source| database_error(config, "read", source))?;
    Ok(Some(answer))
}

async fn read_with<T>(
    config: &Config,
    access: Access,
    ask: &impl AsyncFn(&Pool) -> Result<T, DbErr>,
) -> Result<T, DbErr> {
    let connection = Pool::single(config, access).await?;
    let answer = ask(&connection).await;
    close(connection).await;
    answer
}

/// Brings the database to the schema, in one transaction, and says what was done.
///
/// Any number of programs may do so at the same time: an advisory lock on PostgreSQL, a lock on the
/// file's folder on SQLite lets one after the other act, and the later ones find nothing to do.
/// A SQLite file is first inspected read-only, so that a refused one stays byte for byte what
/// it was; an adopted one is put into WAL mode.
pub async fn run(config: &Config, schema: &Schema) -> Result<MigrationReport, Error> {
    run_named(config, schema, &SourceTables::new()).await
}

/// The same, with what an operator says of the tables that parts are filled from.
pub async fn run_named(
    config: &Config,
    schema: &Schema,
    named: &SourceTables,
) -> Result<MigrationReport, Error> {
    let Address::Sqlite(path) = &config.address else {
        let connection = Pool::single(config, Access::Recover).await;
        let connection = connection.map_err(|source| database_error(config, "reach", source))?;
        let outcome = Outcome::Commit;
        let plan = in_transaction(config, schema, named, &connection, outcome).await;
        close(connection).await;
        return plan.map(|plan| MigrationReport { plan, copy: None });
    };
    let file_error = |source| Error::File {
        address: config.address.clone(),
        source,
    };
    // The lock and the copy belong beside the file itself, not beside a link to it.
    let path = match path.canonicalize() {
        Ok(path) => path,
        // `canonicalize` fails for a link to a file that does not exist yet.
        Err(_) => follow_links(path).map_err(file_error)?,
    };
    let _lock = lock_folder(&path).await.map_err(file_error)?;
    let plan = plan_named(config, schema, named).await?;
    // After planning: a refusal must not leave an empty file.
    if !path.try_exists().map_err(file_error)? {
        make_file(&path).map_err(file_error)?;
    }
    let connection = single(config, Access::Recover);
    let done = async {
        let copy = if plan.needs_copy() {
            let copy = begin_copy(&path, BEFORE_ADOPTION).map_err(file_error)?;
            let written = copy_to(&connection, copy.path()).await;
            written.map_err(|source| database_error(config, "copy", source))?;
            Some(copy.finish().map_err(file_error)?)
        } else {
            None
        };
        let plan = if plan.is_empty() {
            plan
        } else {
            execute_on_sqlite(config, schema, named, (&connection, &plan)).await?
        };
        // The change of mode fails if the file is read-only or another program reads it now. The
        // database also works in its old mode.
        if let Err(error) = use_write_ahead_log(&connection).await {
            tracing::warn!(%error, "the {} stays without a write-ahead log", config.address);
        }
        Ok(MigrationReport { plan, copy })
    };
    let done = done.await;
    close(connection).await;
    done
}

/// The suffix of the copy that is made before an adoption.
const BEFORE_ADOPTION: &str = ".before-adoption";

/// Carries a plan out on a SQLite file.
async fn execute_on_sqlite(
    config: &Config,
    schema: &Schema,
    named: &SourceTables,
    (connection, plan): (&DatabaseConnection, &Plan),
) -> Result<Plan, Error> {
    if plan.repairs() {
        for sql in rebuild::BEFORE_REMAKING {
            let done = connection.execute_unprepared(sql).await;
            done.map_err(|source| database_error(config, "migrate", source))?;
        }
    }
    in_transaction(config, schema, named, &connection.into(), Outcome::Commit).await
}

/// How a transaction ends in which every step has succeeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Commit,
    RollBack,
}

/// Inspects, plans and acts in one transaction. Nothing is written when nothing is to be done.
async fn in_transaction(
    config: &Config,
    schema: &Schema,
    named: &SourceTables,
    connection: &Pool,
    outcome: Outcome,
) -> Result<Plan, Error> {
    let migrate = |source| database_error(config, "migrate", source);
    let transaction = begin(connection).await.map_err(migrate)?;
    if outcome == Outcome::RollBack {
        let waits = transaction.execute_unprepared(SHORT_LOCK_TIMEOUT).await;
        waits.map_err(migrate)?;
    }
    if matches!(config.address, Address::Postgres(_)) {
        let sql = format!("SELECT pg_advisory_xact_lock({ADVISORY_LOCK})");
        transaction
            .execute_unprepared(&sql)
            .await
            .map_err(migrate)?;
    }
    // The plan is made again under the lock: another program may have migrated meanwhile.
    let decided = decide(&transaction, schema, named).await;
    let (plan, found) = decided.map_err(migrate)??;
    for step in &plan.steps {
        let done = execute::step(&transaction, schema, &found, step).await;
        done.map_err(|cause| {
            if is_unavailable(&cause) {
                return migrate(cause);
            }
            let step = step.to_string();
            Error::Step { step, cause }
        })?;
    }
    match outcome {
        Outcome::Commit => transaction.commit().await.map_err(migrate)?,
        Outcome::RollBack => {
            // Deferred foreign keys would otherwise be checked only by a commit.
            let all = "SET CONSTRAINTS ALL IMMEDIATE";
            transaction.execute_unprepared(all).await.map_err(migrate)?;
            transaction.rollback().await.map_err(migrate)?;
        }
    }
    Ok(plan)
}

/// A rehearsal gives up soon: while it waits for a lock, all others wait behind it.
const SHORT_LOCK_TIMEOUT: &str = "SET LOCAL lock_timeout = '2s'";

/// The key of PostgreSQL's advisory lock under which one program at a time migrates. Any
/// number would do, as long as every release uses the same: these are the bytes of `oclt`.
pub(crate) const ADVISORY_LOCK: i64 = 0x6f63_6c74;

fn database_error(config: &Config, doing: &'static str, source: DbErr) -> Error {
    Error::Database {
        doing,
        address: config.address.clone(),
        source,
    }
}

/// Closes the connection and waits, so that SQLite removes its `-wal` file. A failure changes nothing
/// that was committed, and the next program that opens the file cleans up.
async fn close(connection: impl Into<Pool>) {
    if let Err(error) = connection.into().close().await {
        tracing::debug!(%error, "closing the migration's connection failed");
    }
}
