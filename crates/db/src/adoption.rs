//! The record that an adoption makes of its changes, in a table of the program's own. A handback undoes
//! exactly those.

use sea_orm::{ConnectionTrait, DbErr, Statement};

use crate::connection::Transaction;
use crate::schema::Schema;

/// Something that an adoption did or found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it is about.
    pub kind: Kind,
    /// A table, `application.migration` or `table.column`.
    pub name: String,
    /// For a reference: the former target table, empty if there was none. For a migration: its key in
    /// `django_migrations`, which is known once the row is inserted.
    pub detail: String,
}

/// What an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The program made the table of a part.
    Made,
    /// The table of a part was there, without rows.
    Empty,
    /// The table of a part was there, with rows.
    Full,
    /// The program recorded the migration.
    Migration,
    /// The program had the foreign key of a column lead elsewhere.
    Reference,
}

impl Kind {
    const ALL: [Self; 5] = [
        Self::Made,
        Self::Empty,
        Self::Full,
        Self::Migration,
        Self::Reference,
    ];

    /// Its name in the table.
    fn name(self) -> &'static str {
        match self {
            Self::Made => "made",
            Self::Empty => "empty",
            Self::Full => "full",
            Self::Migration => "migration",
            Self::Reference => "reference",
        }
    }
}

/// Inserts entries. An entry replaces a former one of the same kind and name.
pub(crate) async fn record(
    transaction: &Transaction,
    schema: &Schema,
    entries: &[Entry],
) -> Result<(), DbErr> {
    let table = schema.own.adoption_table.name;
    let backend = transaction.get_database_backend();
    for Entry { kind, name, detail } in entries {
        // The key of the row, since Django may later record a migration of the same name again.
        let detail_of = match kind {
            Kind::Migration => {
                "(SELECT CAST(max(id) AS text) FROM django_migrations WHERE app || '.' || name = $3)"
            }
            _ => "$3",
        };
        let sql = format!(
            "INSERT INTO \"{table}\" (kind, name, detail) VALUES ($1, $2, {detail_of}) \
             ON CONFLICT (kind, name) DO UPDATE SET detail = excluded.detail"
        );
        let detail = match kind {
            Kind::Migration => name,
            _ => detail,
        };
        let values = [kind.name().into(), name.as_str().into(), detail.into()];
        let statement = Statement::from_sql_and_values(backend, sql, values);
        transaction.execute_raw(statement).await?;
    }
    Ok(())
}

/// Reads the entries. The table has to exist.
pub(crate) async fn recorded(
    connection: &impl ConnectionTrait,
    schema: &Schema,
) -> Result<Vec<Entry>, DbErr> {
    let sql = format!(
        "SELECT kind, name, detail FROM \"{}\"",
        schema.own.adoption_table.name
    );
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let mut entries = Vec::new();
    for row in connection.query_all_raw(statement).await? {
        let kind: String = row.try_get_by_index(0)?;
        // A later release may have recorded kinds that this one does not know.
        if let Some(kind) = Kind::ALL.into_iter().find(|known| known.name() == kind) {
            entries.push(Entry {
                kind,
                name: row.try_get_by_index(1)?,
                detail: row.try_get_by_index(2)?,
            });
        }
    }
    Ok(entries)
}
