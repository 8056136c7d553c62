//! Reads foreign keys, unique indexes, views and triggers from the database's catalogue.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement};

use crate::schema::OwnTables;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reference {
    pub(super) table: String,
    pub(super) column: String,
    pub(super) target: String,
}

/// Every foreign key, by its first column.
pub(super) async fn references(connection: &impl ConnectionTrait) -> Result<Vec<Reference>, DbErr> {
    let sql = match connection.get_database_backend() {
        DbBackend::Postgres => {
            "SELECT referring.relname::text, attribute.attname::text, target.relname::text \
             FROM pg_constraint \
             JOIN pg_class AS referring ON referring.oid = conrelid \
             JOIN pg_class AS target ON target.oid = confrelid \
             JOIN pg_attribute AS attribute \
             ON attribute.attrelid = conrelid AND attribute.attnum = conkey[1] \
             WHERE contype = 'f' AND target.relnamespace = current_schema()::regnamespace"
        }
        _ => {
            // SQLite keeps the target as it was typed, which may differ in case from the table's name.
            "SELECT master.name, reference.\"from\", COALESCE(aim.name, reference.\"table\") \
             FROM sqlite_master AS master, pragma_foreign_key_list(master.name) AS reference \
             LEFT JOIN sqlite_master AS aim ON aim.type = 'table' \
             AND aim.name = reference.\"table\" COLLATE NOCASE \
             WHERE master.type = 'table'"
        }
    };
    let rows = rows(connection, sql).await?;
    let references = rows.iter().map(|row| {
        Ok(Reference {
            table: row.try_get_by_index(0)?,
            column: row.try_get_by_index(1)?,
            target: row.try_get_by_index(2)?,
        })
    });
    references.collect()
}

/// Columns whose values are unique together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unique {
    pub(super) table: String,
    pub(super) columns: Vec<String>,
}

/// Every unique index on columns. Indexes on expressions and partial indexes are left out.
pub(super) async fn uniques(connection: &impl ConnectionTrait) -> Result<Vec<Unique>, DbErr> {
    let sql = match connection.get_database_backend() {
        DbBackend::Postgres => {
            "SELECT class.relname::text, key_class.relname::text, attribute.attname::text \
             FROM pg_index JOIN pg_class AS class ON class.oid = indrelid \
             JOIN pg_class AS key_class ON key_class.oid = indexrelid \
             CROSS JOIN LATERAL unnest(indkey::int2[]) WITH ORDINALITY AS key (number, place) \
             JOIN pg_attribute AS attribute \
             ON attribute.attrelid = indrelid AND attribute.attnum = key.number \
             WHERE class.relnamespace = current_schema()::regnamespace AND indisunique \
             AND indpred IS NULL AND indexprs IS NULL AND key.place <= indnkeyatts \
             ORDER BY 1, 2, key.place"
        }
        _ => {
            "SELECT master.name, list.name, info.name FROM sqlite_master AS master, \
             pragma_index_list(master.name) AS list, pragma_index_info(list.name) AS info \
             WHERE master.type = 'table' AND list.\"unique\" AND NOT list.partial \
             AND NOT EXISTS (SELECT 1 FROM pragma_index_info(list.name) AS other \
             WHERE other.name IS NULL) ORDER BY master.name, list.name, info.seqno"
        }
    };
    let mut uniques: Vec<(String, Unique)> = Vec::new();
    for row in rows(connection, sql).await? {
        let (table, index): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let column = row.try_get_by_index(2)?;
        match uniques.last_mut() {
            Some((last, unique)) if *last == index => unique.columns.push(column),
            _ => {
                let columns = vec![column];
                uniques.push((index, Unique { table, columns }));
            }
        }
    }
    Ok(uniques.into_iter().map(|(_, unique)| unique).collect())
}

/// A view or a trigger of an owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ViewOrTrigger {
    /// `view` or `trigger`.
    pub(super) kind: String,
    pub(super) name: String,
    /// The table that a trigger belongs to; for a view its own name.
    pub(super) table: String,
    /// Its definition. On PostgreSQL a trigger's includes the body of its function.
    text: String,
}

impl ViewOrTrigger {
    pub(super) fn is_trigger_of(&self, table: &str) -> bool {
        self.kind == "trigger" && self.table.eq_ignore_ascii_case(table)
    }

    /// Whether the definition contains the name of a table as a word.
    pub(super) fn names(&self, table: &str) -> bool {
        let is_in_name = |character: char| character.is_alphanumeric() || character == '_';
        let mut words = self.text.split(|character| !is_in_name(character));
        words.any(|word| word.eq_ignore_ascii_case(table))
    }
}

/// All but the program's own triggers, which go with their tables.
pub(super) async fn views_and_triggers(
    connection: &impl ConnectionTrait,
    own: &OwnTables,
) -> Result<Vec<ViewOrTrigger>, DbErr> {
    let sql = match connection.get_database_backend() {
        DbBackend::Postgres => {
            "SELECT 'view', relname::text, relname::text, pg_get_viewdef(oid) FROM pg_class \
             WHERE relkind IN ('v', 'm') AND relnamespace = current_schema()::regnamespace \
             UNION ALL SELECT 'trigger', found.tgname::text, class.relname::text, \
             pg_get_triggerdef(found.oid) || ' ' || function.prosrc FROM pg_trigger AS found \
             JOIN pg_class AS class ON class.oid = found.tgrelid \
             JOIN pg_proc AS function ON function.oid = found.tgfoid \
             WHERE NOT found.tgisinternal \
             AND class.relnamespace = current_schema()::regnamespace ORDER BY 1, 2"
        }
        _ => {
            "SELECT type, name, tbl_name, sql FROM sqlite_master \
             WHERE type IN ('view', 'trigger') ORDER BY type, name"
        }
    };
    let rows = rows(connection, sql).await?;
    let views_and_triggers = rows.iter().map(|row| {
        Ok(ViewOrTrigger {
            kind: row.try_get_by_index(0)?,
            name: row.try_get_by_index(1)?,
            table: row.try_get_by_index(2)?,
            text: row.try_get_by_index(3)?,
        })
    });
    let mut found = views_and_triggers.collect::<Result<Vec<ViewOrTrigger>, DbErr>>()?;
    found.retain(|found| found.kind != "trigger" || !own.is_trigger(&found.name));
    Ok(found)
}

/// Counts the rows of a query that is given from its FROM on.
pub(super) async fn count(connection: &impl ConnectionTrait, from: &str) -> Result<u64, DbErr> {
    let rows = rows(connection, &format!("SELECT count(*) {from}")).await?;
    let count: i64 = rows.first().map_or(Ok(0), |row| row.try_get_by_index(0))?;
    Ok(count.unsigned_abs())
}

pub(super) async fn rows(
    connection: &impl ConnectionTrait,
    sql: &str,
) -> Result<Vec<QueryResult>, DbErr> {
    let backend = connection.get_database_backend();
    let statement = Statement::from_string(backend, sql.to_owned());
    connection.query_all_raw(statement).await
}
