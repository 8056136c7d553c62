//! The handback: a database that this program adopted becomes Django's alone again.
//!
//! [`plan()`] reads and decides, [`run`] decides again under the lock of migrations and acts, in one
//! transaction. Rows that were written here are carried to the tables that the owner's code reads, the
//! rows of `django_migrations` are made to fit that code, and the program's own tables are dropped.
//! Before the commit both sides are read and compared.

mod catalog;
mod compare;
mod error;
mod execute;
mod obstacles;
mod options;
mod plan;
mod prove;
mod read;
mod step;
mod survey;

use std::path::{Path, PathBuf};

use sea_orm::{ConnectionTrait as _, DbBackend, DbErr};

pub use self::error::{Error, Refusal};
use self::execute::CarryError;
pub use self::options::{Form, HandbackOptions, OwnTables};
pub use self::plan::{Need, Plan};
use self::read::survey;
pub use self::step::{Changes, Step};
use self::survey::Survey;
use crate::address::Address;
use crate::connection::{Transaction, begin};
use crate::error::{database_message, is_unavailable, needs_recovery};
use crate::migrate::ADVISORY_LOCK;
use crate::migrate::rebuild::BEFORE_REMAKING;
use crate::names::quoted;
use crate::pool::{Access, Config, Pool};
use crate::schema::Schema;
use crate::sqlite_file::{free_path, lock_folder};

/// What a handback did.
#[derive(Debug)]
pub struct HandbackReport {
    /// The plan that was carried out.
    pub plan: Plan,
    /// Whether some other program, such as a running site, has the SQLite file open.
    pub is_file_in_use: bool,
}

/// What [`run`] would do. The plan is executed and rolled back, so that a constraint or a trigger of an
/// old table which would refuse it is found now. Changes nothing.
pub async fn plan(
    config: &Config,
    schema: &Schema,
    options: HandbackOptions,
) -> Result<Plan, Error> {
    let plan = look(config, schema, options).await?;
    if plan.steps.is_empty() {
        return Ok(plan);
    }
    let connection = open(config).await?;
    let tried = async {
        let transaction = begin(&connection).await;
        let transaction =
            transaction.map_err(|error| database_error(config, "try the way back in", error))?;
        let plan = carry_out(config, schema, options, &transaction).await?;
        let undone = transaction.rollback().await;
        undone.map_err(|error| database_error(config, "try the way back in", error))?;
        Ok(plan)
    };
    let tried = tried.await;
    close(connection).await;
    tried
}

/// Surveys the database and plans.
async fn look(config: &Config, schema: &Schema, options: HandbackOptions) -> Result<Plan, Error> {
    if let Address::Sqlite(path) = &config.address
        && !path.exists()
    {
        return Err(Refusal::NoDatabase(config.address.clone()).into());
    }
    let looked = match look_with(config, schema, Access::ReadOnly).await {
        Err(error) if needs_recovery(&error) => look_with(config, schema, Access::Recover).await,
        looked => looked,
    };
    let survey = looked.map_err(|source| database_error(config, "read", source))?;
    Ok(Plan::new(schema, &survey, options)?)
}

async fn look_with(config: &Config, schema: &Schema, access: Access) -> Result<Survey, DbErr> {
    let connection = Pool::single(config, access).await?;
    let survey = survey(&connection, schema).await;
    close(connection).await;
    survey
}

/// The default path of the backup before a handback: beside a SQLite file, otherwise in the working
/// directory, under a name that is free.
pub fn backup_path(config: &Config) -> PathBuf {
    match &config.address {
        Address::Sqlite(path) => free_path(path, ".before-handback"),
        Address::Postgres(_) => free_path(Path::new("database"), ".before-handback"),
    }
}

/// Hands the database back, in one transaction, under the lock of migrations. Does nothing if the plan
/// is empty.
pub async fn run(
    config: &Config,
    schema: &Schema,
    options: HandbackOptions,
) -> Result<HandbackReport, Error> {
    let plan = look(config, schema, options).await?;
    if plan.steps.is_empty() {
        return Ok(HandbackReport {
            plan,
            is_file_in_use: false,
        });
    }
    let file_error = |source| Error::File {
        address: config.address.clone(),
        source,
    };
    let _lock = match &config.address {
        Address::Sqlite(path) => {
            let path = path.canonicalize().map_err(file_error)?;
            Some(lock_folder(&path).await.map_err(file_error)?)
        }
        Address::Postgres(_) => None,
    };
    let connection = open(config).await?;
    let done = async {
        let plan = in_transaction(config, schema, options, &connection).await?;
        let is_file_in_use = options.own_tables == OwnTables::Drop
            && connection.get_database_backend() == DbBackend::Sqlite
            && leave_write_ahead_log(&connection).await.is_err();
        Ok(HandbackReport {
            plan,
            is_file_in_use,
        })
    };
    let done = done.await;
    close(connection).await;
    done
}

/// Sets the journal mode that Django uses, in which the database is a single file that can be copied.
/// SQLite refuses while another program has the file open.
async fn leave_write_ahead_log(connection: &Pool) -> Result<(), DbErr> {
    let sql = "PRAGMA main.journal_mode = delete";
    connection.execute_unprepared(sql).await.map(|_| ())
}

/// A connection with the pragmas under which SQLite's tables can be remade.
async fn open(config: &Config) -> Result<Pool, Error> {
    let reach = |source| database_error(config, "reach", source);
    let connection = Pool::single(config, Access::Recover).await.map_err(reach)?;
    if connection.get_database_backend() == DbBackend::Sqlite {
        for sql in BEFORE_REMAKING {
            connection.execute_unprepared(sql).await.map_err(reach)?;
        }
    }
    Ok(connection)
}

async fn in_transaction(
    config: &Config,
    schema: &Schema,
    options: HandbackOptions,
    connection: &Pool,
) -> Result<Plan, Error> {
    let hand_back = |source| database_error(config, "hand back", source);
    let transaction = begin(connection).await.map_err(hand_back)?;
    let plan = carry_out(config, schema, options, &transaction).await?;
    // After the proof: on PostgreSQL a rollback does not undo it.
    let counted = execute::advance_sequences(&transaction, schema, &plan).await;
    counted.map_err(hand_back)?;
    transaction.commit().await.map_err(hand_back)?;
    Ok(plan)
}

/// Plans under the lock, executes the plan and verifies the result. The caller commits or rolls back.
async fn carry_out(
    config: &Config,
    schema: &Schema,
    options: HandbackOptions,
    transaction: &Transaction,
) -> Result<Plan, Error> {
    let hand_back = |source| database_error(config, "hand back", source);
    keep_others_out(transaction, schema)
        .await
        .map_err(hand_back)?;
    let survey = survey(transaction, schema).await.map_err(hand_back)?;
    let plan = Plan::new(schema, &survey, options)?;
    let orphans = async || {
        let found = prove::orphans(transaction, &survey, &plan).await;
        found.map_err(|source| refused(config, "a foreign key stands in the way", source))
    };
    // Orphans that were there before are no reason to refuse.
    let before = orphans().await?;
    let carried = execute::carry(transaction, schema, &survey, &plan).await;
    carried.map_err(|stopped| carry_refused(config, &survey, stopped))?;
    // Rows are compared before the other steps, which drop the tables that they came from.
    prove::carried(transaction, schema, &survey, &plan).await?;
    prove::no_new_orphans(&before, &orphans().await?)?;
    for step in &plan.steps {
        let done = execute::step(transaction, schema, &survey, step).await;
        done.map_err(|source| refused(config, &format!("“{step}” cannot be done"), source))?;
    }
    prove::no_new_orphans(&before, &orphans().await?)?;
    prove::row_counts(transaction, &plan).await?;
    Ok(plan)
}

/// Locks the tables that are carried, so that nobody else writes to them. On SQLite the transaction
/// itself holds the write lock.
async fn keep_others_out(transaction: &Transaction, schema: &Schema) -> Result<(), DbErr> {
    if transaction.get_database_backend() == DbBackend::Sqlite {
        return Ok(());
    }
    let sql = format!("SELECT pg_advisory_xact_lock({ADVISORY_LOCK})");
    transaction.execute_unprepared(&sql).await?;
    transaction
        .execute_unprepared("SET LOCAL lock_timeout = '30s'")
        .await?;
    // Rows are carried table by table: references are checked at the end.
    transaction
        .execute_unprepared("SET CONSTRAINTS ALL DEFERRED")
        .await?;
    let copied = survey(transaction, schema).await?.copied.into_iter();
    for copied in copied.filter(|copied| copied.changes.is_some()) {
        let [target, source] = [copied.target, &copied.source].map(quoted);
        let sql = format!("LOCK TABLE {target}, {source} IN ACCESS EXCLUSIVE MODE");
        transaction.execute_unprepared(&sql).await?;
    }
    Ok(())
}

/// The error for an old table whose constraints or triggers refuse the rows.
fn carry_refused(config: &Config, survey: &Survey, stopped: CarryError) -> Error {
    let CarryError { from, to, source } = stopped;
    let triggers = match survey.triggers_of(&to) {
        Some(names) => format!(", which has the trigger {names},"),
        None => String::new(),
    };
    let what = format!(
        "`{to}`{triggers} does not take the rows of `{from}`. Change the rows, or take away what is \
         in the way and put it back afterwards"
    );
    refused(config, &what, source)
}

/// The error for a failed statement: a refusal that the owner can resolve if the database has said
/// why, otherwise a failure of the database.
fn refused(config: &Config, what: &str, source: DbErr) -> Error {
    match database_message(&source).filter(|_| !is_unavailable(&source)) {
        Some(words) => {
            Refusal::InTheWay(vec![format!("{what}; the database says: {words}")]).into()
        }
        None => database_error(config, "hand back", source),
    }
}

fn database_error(config: &Config, doing: &str, source: DbErr) -> Error {
    Error::Database {
        doing: doing.to_owned(),
        address: config.address.clone(),
        source,
    }
}

/// Closes the connection and waits. A failure is only logged, since it changes nothing that was
/// committed.
async fn close(connection: Pool) {
    if let Err(error) = connection.close().await {
        tracing::debug!(%error, "closing the handback's connection failed");
    }
}
