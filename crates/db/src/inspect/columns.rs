//! The tables of a database and their columns, as its own catalogue tells them.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement};

use super::{FoundColumn, Key, Reference, Tables};

/// Every table of the schema in use that belongs to no extension.
pub(super) async fn read<C: ConnectionTrait>(connection: &C) -> Result<Tables, DbErr> {
    let catalogue = match connection.get_database_backend() {
        DbBackend::Postgres => &POSTGRES,
        _ => &SQLITE,
    };
    let mut tables = Tables::new();
    for row in rows(connection, catalogue.columns).await? {
        let (table, column) = name_of(&row)?;
        let type_name: String = row.try_get_by_index(2)?;
        let must_be_given: i64 = row.try_get_by_index(3)?;
        let key: i64 = row.try_get_by_index(4)?;
        let found = FoundColumn {
            type_name: type_name.to_lowercase(),
            must_be_given: must_be_given == 1,
            key: match key {
                2 => Key::Counting,
                1 => Key::Primary,
                _ => Key::None,
            },
            references: None,
        };
        tables.entry(table).or_default().insert(column, found);
    }
    for row in rows(connection, catalogue.unique).await? {
        if let Some(column) = column_of(&mut tables, &row)?
            && column.key == Key::None
        {
            column.key = Key::Unique;
        }
    }
    for row in rows(connection, catalogue.references).await? {
        let table: String = row.try_get_by_index(2)?;
        let column: String = row.try_get_by_index(3)?;
        // SQLite finds a table whatever the case of its name.
        let known = tables.keys().find(|name| name.eq_ignore_ascii_case(&table));
        let table = known.cloned().unwrap_or(table);
        if let Some(found) = column_of(&mut tables, &row)? {
            found.references = Some(Reference { table, column });
        }
    }
    Ok(tables)
}

fn name_of(row: &QueryResult) -> Result<(String, String), DbErr> {
    Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))
}

fn column_of<'a>(
    tables: &'a mut Tables,
    row: &QueryResult,
) -> Result<Option<&'a mut FoundColumn>, DbErr> {
    let (table, column) = name_of(row)?;
    let columns = tables.get_mut(&table);
    Ok(columns.and_then(|columns| columns.get_mut(&column)))
}

async fn rows<C: ConnectionTrait>(connection: &C, sql: &str) -> Result<Vec<QueryResult>, DbErr> {
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    connection.query_all_raw(statement).await
}

/// What a catalogue is asked. Every answer begins with a table and a column.
struct Catalogue {
    /// And the type; 1 where an INSERT has to give a value; 1 where the column alone is the primary
    /// key, 2 where the database counts it.
    columns: &'static str,
    /// The columns that alone are unique.
    unique: &'static str,
    /// And the table and the column that a foreign key of one column refers to; no column where it
    /// is the primary key.
    references: &'static str,
}

/// Only `INTEGER PRIMARY KEY` of a table with row ids counts: any other key is NULL when it is not
/// given. Django keeps JSON in a text with a check of that name.
const SQLITE: Catalogue = Catalogue {
    columns: "SELECT master.name, info.name, \
              CASE WHEN instr(master.sql, 'JSON_VALID(\"' || info.name || '\")') THEN 'json' \
                   ELSE info.type END, \
              CAST(info.\"notnull\" AND info.dflt_value IS NULL AND info.hidden = 0 \
                   AND info.pk = 0 AS bigint), \
              CAST(CASE WHEN info.pk = 0 OR (SELECT count(*) FROM pragma_table_info(master.name) \
                                             AS other WHERE other.pk > 0) > 1 THEN 0 \
                   WHEN upper(info.type) = 'INTEGER' \
                        AND NOT (SELECT max(listed.wr) FROM pragma_table_list(master.name) \
                                 AS listed) THEN 2 \
                   ELSE 1 END AS bigint) \
              FROM sqlite_master AS master, pragma_table_xinfo(master.name) AS info \
              WHERE master.type = 'table' AND master.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    unique: "SELECT master.name, max(info.name) FROM sqlite_master AS master, \
             pragma_index_list(master.name) AS list, pragma_index_info(list.name) AS info \
             WHERE master.type = 'table' AND list.\"unique\" AND NOT list.partial \
             AND info.name IS NOT NULL \
             GROUP BY master.name, list.name HAVING count(*) = 1",
    references: "SELECT master.name, max(key.\"from\"), max(key.\"table\"), \
                 coalesce(max(key.\"to\"), '') \
                 FROM sqlite_master AS master, pragma_foreign_key_list(master.name) AS key \
                 WHERE master.type = 'table' GROUP BY master.name, key.id HAVING count(*) = 1",
};

const POSTGRES: Catalogue = Catalogue {
    columns: "SELECT found.table_name::text, found.column_name::text, found.data_type::text, \
              (found.is_nullable = 'NO' AND found.column_default IS NULL \
               AND found.is_identity = 'NO' AND found.is_generated = 'NEVER')::int::bigint, \
              CASE WHEN NOT EXISTS (SELECT FROM pg_index WHERE indrelid = class.oid AND indisprimary \
                                    AND indnkeyatts = 1 AND indkey[0] = found.ordinal_position) \
                   THEN 0::bigint \
                   WHEN found.column_default IS NOT NULL OR found.is_identity = 'YES' THEN 2 \
                   ELSE 1 END \
              FROM information_schema.columns AS found \
              JOIN information_schema.tables USING (table_schema, table_name) \
              JOIN pg_class AS class ON class.relname = found.table_name \
              AND class.relnamespace = current_schema()::regnamespace \
              WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' \
              AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass \
                              AND objid = class.oid AND deptype = 'e')",
    unique: "SELECT class.relname::text, attribute.attname::text FROM pg_index AS index \
             JOIN pg_class AS class ON class.oid = index.indrelid \
             JOIN pg_attribute AS attribute ON attribute.attrelid = class.oid \
             AND attribute.attnum = index.indkey[0] \
             WHERE class.relnamespace = current_schema()::regnamespace AND index.indisunique \
             AND index.indnkeyatts = 1 AND index.indpred IS NULL AND index.indexprs IS NULL",
    references: "SELECT class.relname::text, attribute.attname::text, target.relname::text, \
                 aim.attname::text FROM pg_constraint AS key \
                 JOIN pg_class AS class ON class.oid = key.conrelid \
                 JOIN pg_attribute AS attribute ON attribute.attrelid = class.oid \
                 AND attribute.attnum = key.conkey[1] \
                 JOIN pg_class AS target ON target.oid = key.confrelid \
                 JOIN pg_attribute AS aim ON aim.attrelid = target.oid \
                 AND aim.attnum = key.confkey[1] \
                 WHERE class.relnamespace = current_schema()::regnamespace AND key.contype = 'f' \
                 AND cardinality(key.conkey) = 1",
};
