//! What a SQLite database defines, as far as the grammar knows it.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

use super::attached::{text, texts, value};
use crate::backup::grammar::sqlite::{Table, index, plain_table, table};
use crate::backup::grammar::{MAX_DEFINITION, MAX_DEFINITIONS, MAX_LENGTH, Refusal, shown};
use crate::schema::OwnTables;

/// Tables and indexes, and the names of what is left out.
#[derive(Debug, Default)]
pub(super) struct Definition {
    pub(super) tables: Vec<Table>,
    /// `CREATE INDEX` statements.
    pub(super) indexes: Vec<String>,
    /// What the backup does not hold, such as `view sales`.
    pub(super) left_out: Vec<String>,
}

/// What to do with a definition that the grammar does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OnUnknown {
    /// A file that came from elsewhere is refused.
    Refuse,
    /// The rows of the program's own database are kept without it.
    KeepRows,
}

/// Why a definition could not be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error(transparent)]
    Database(#[from] DbErr),
    /// An object, and why the grammar refuses it.
    #[error("{0}")]
    Refused(String),
}

/// One row of `sqlite_schema`.
struct Entry {
    kind: String,
    name: String,
    table: String,
    sql: String,
}

/// Reads the definitions of `main` or of the attached database, but for derived tables and our own
/// triggers, which are made and not copied.
pub(super) async fn read(
    connection: &impl ConnectionTrait,
    schema: &str,
    own: &OwnTables,
    unknown: OnUnknown,
) -> Result<Definition, Error> {
    let mut entries = entries(connection, schema).await?;
    entries.retain(|entry| {
        let is_ours = entry.kind == "trigger" && own.is_trigger(&entry.name);
        !is_ours && !own.is_derived(&entry.table)
    });
    let mut definition = Definition::default();
    for entry in &entries {
        match &*entry.kind {
            "table" if is_virtual(&entry.sql) => {
                definition.leave_out("virtual table", &entry.name);
            }
            "table" => {
                let read = read_table(entry);
                let table = match (read, unknown) {
                    (Ok(table), _) => table,
                    (Err(refusal), OnUnknown::Refuse) => return Err(refused(entry, &refusal)),
                    (Err(_), OnUnknown::KeepRows) => {
                        plain_table(&entry.name, &columns(connection, schema, entry).await?)
                    }
                };
                definition.left_out.extend(table.left_out.iter().cloned());
                definition.tables.push(table);
            }
            _ => {}
        }
    }
    for entry in &entries {
        match (&*entry.kind, unknown) {
            ("table", _) => {}
            ("index", _) => definition.add_index(entry, unknown)?,
            ("view" | "trigger", _) => definition.leave_out(&entry.kind, &entry.name),
            (_, OnUnknown::KeepRows) => definition.leave_out("object", &entry.name),
            (_, OnUnknown::Refuse) => {
                return Err(refused(
                    entry,
                    &Refusal::Form("nobody knows what".to_owned()),
                ));
            }
        }
    }
    Ok(definition)
}

impl Definition {
    fn leave_out(&mut self, kind: &str, name: &str) {
        self.left_out.push(format!("{kind} {}", shown(name)));
    }

    fn add_index(&mut self, entry: &Entry, unknown: OnUnknown) -> Result<(), Error> {
        let read = index(&entry.sql, &self.tables).and_then(|index| {
            if index.name == entry.name && index.table.eq_ignore_ascii_case(&entry.table) {
                return Ok(index);
            }
            Err(Refusal::Form("its text is of another".to_owned()))
        });
        match (read, unknown) {
            (Ok(index), _) => match index.sql {
                Ok(sql) => self.indexes.push(sql),
                Err(_) => self.leave_out("index", &entry.name),
            },
            (Err(refusal), OnUnknown::Refuse) => return Err(refused(entry, &refusal)),
            (Err(_), OnUnknown::KeepRows) => self.leave_out("index", &entry.name),
        }
        Ok(())
    }
}

fn read_table(entry: &Entry) -> Result<Table, Refusal> {
    let table = table(&entry.sql)?;
    if table.name == entry.name {
        return Ok(table);
    }
    Err(Refusal::Form("its text is of another".to_owned()))
}

fn is_virtual(sql: &str) -> bool {
    let start = "create virtual table";
    let found = sql.get(..start.len());
    found.is_some_and(|found| found.eq_ignore_ascii_case(start))
}

fn refused(entry: &Entry, refusal: &Refusal) -> Error {
    let (kind, name) = (shown(&entry.kind), shown(&entry.name));
    Error::Refused(format!("the {kind} {name}: {refusal}"))
}

/// The rows of `sqlite_schema` but for SQLite's own. Their size is checked before they are read into
/// memory.
async fn entries(connection: &impl ConnectionTrait, schema: &str) -> Result<Vec<Entry>, Error> {
    let from = format!("FROM {schema}.sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'");
    let length = "length(CAST(coalesce(sql, '') AS BLOB)) + length(CAST(name AS BLOB)) \
                  + length(CAST(tbl_name AS BLOB))";
    let sizes = format!(
        "SELECT count(*) > {MAX_DEFINITIONS} OR coalesce(max({length}), 0) > 2 * {MAX_DEFINITION} \
         OR coalesce(sum({length}), 0) > {MAX_LENGTH} {from}"
    );
    if value::<bool>(connection, &sizes).await? {
        return Err(Error::Refused("it defines too much".to_owned()));
    }
    let sql = format!("SELECT type, name, tbl_name, coalesce(sql, '') {from} ORDER BY rowid");
    let statement = Statement::from_string(DbBackend::Sqlite, sql);
    let rows = connection.query_all_raw(statement).await?;
    let entry = |row: &sea_orm::QueryResult| {
        Ok(Entry {
            kind: text(row, 0)?,
            name: text(row, 1)?,
            table: text(row, 2)?,
            sql: text(row, 3)?,
        })
    };
    rows.iter().map(entry).collect()
}

/// The columns of a table that the grammar does not know.
async fn columns(
    connection: &impl ConnectionTrait,
    schema: &str,
    entry: &Entry,
) -> Result<Vec<String>, DbErr> {
    let sql = format!(
        "SELECT name FROM pragma_table_info('{}', '{schema}')",
        entry.name.replace('\'', "''")
    );
    texts(connection, &sql).await
}
