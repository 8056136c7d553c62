//! Reads tables and columns from the database's catalogue.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement};

use super::findings::{FoundColumn, Key, OtherRelation, Reference, Tables, ValueKind};

/// Every table of the schema in use that belongs to no extension.
pub(super) async fn read<C: ConnectionTrait>(connection: &C) -> Result<Tables, DbErr> {
    let backend = connection.get_database_backend();
    let catalogue = match backend {
        DbBackend::Postgres => &POSTGRES,
        _ => &SQLITE,
    };
    let mut tables = Tables::new();
    for row in rows(connection, catalogue.columns).await? {
        let (table, column) = name_of(&row)?;
        let must_be_given: i64 = row.try_get_by_index(3)?;
        let key: i64 = row.try_get_by_index(4)?;
        let is_computed: i64 = row.try_get_by_index(5)?;
        let found = FoundColumn {
            must_be_given: must_be_given == 1,
            is_computed: is_computed == 1,
            key: match key {
                2 => Key::AutoIncrement,
                1 => Key::Primary,
                _ => Key::None,
            },
            ..plain_column(backend, &row.try_get_by_index::<String>(2)?)
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
        // SQLite ignores the case of a table's name in a foreign key.
        let known = tables.keys().find(|name| name.eq_ignore_ascii_case(&table));
        let table = known.cloned().unwrap_or(table);
        if let Some(found) = column_of(&mut tables, &row)? {
            found.references = Some(Reference { table, column });
        }
    }
    Ok(tables)
}

/// Every relation that is not a table. A SQLite view that refers to a missing table gets no columns.
pub(super) async fn read_others<C: ConnectionTrait>(
    connection: &C,
) -> Result<BTreeMap<String, OtherRelation>, DbErr> {
    let backend = connection.get_database_backend();
    let sql = match backend {
        DbBackend::Postgres => POSTGRES_OTHERS,
        _ => SQLITE_OTHERS,
    };
    let mut others = BTreeMap::<String, OtherRelation>::new();
    for row in rows(connection, sql).await? {
        let (name, kind) = name_of(&row)?;
        let other = others.entry(name).or_insert_with(|| OtherRelation {
            kind,
            columns: BTreeMap::new(),
        });
        if let Some(column) = row.try_get_by_index::<Option<String>>(2)? {
            let found = plain_column(backend, &row.try_get_by_index::<String>(3)?);
            other.columns.insert(column, found);
        }
    }
    if backend == DbBackend::Sqlite {
        let views = others.iter_mut().filter(|(_, other)| other.kind == "view");
        for (name, view) in views {
            let sql = "SELECT name, type FROM pragma_table_info($1)";
            let statement = Statement::from_sql_and_values(backend, sql, [name.as_str().into()]);
            for row in connection
                .query_all_raw(statement)
                .await
                .unwrap_or_default()
            {
                let (column, type_name) = name_of(&row)?;
                view.columns
                    .insert(column, plain_column(backend, &type_name));
            }
        }
    }
    Ok(others)
}

/// A column of which only the type is known, as of a view's.
fn plain_column(backend: DbBackend, type_name: &str) -> FoundColumn {
    let type_name = type_name.to_lowercase();
    let keeps = match backend {
        DbBackend::Postgres => kept_by_postgres(&type_name),
        _ => kept_by_sqlite(&type_name),
    };
    FoundColumn {
        type_name,
        value_kinds: keeps,
        must_be_given: false,
        is_computed: false,
        key: Key::None,
        references: None,
    }
}

/// The kinds of values for a declared type, by SQLite's rules of affinity (`sqlite.org/datatype3.html`,
/// 3.1). The width of a number does not matter: sqlx decodes a value by its own type.
fn kept_by_sqlite(type_name: &str) -> &'static [ValueKind] {
    use ValueKind::{Boolean, Bytes, Date, Integer, SmallInteger, Text, Timestamp};
    let has = |parts: &[&str]| parts.iter().any(|part| type_name.contains(part));
    if has(&["int"]) {
        &[Integer, SmallInteger, Boolean]
    } else if has(&["char", "clob", "text"]) {
        &[Text, Timestamp, Date]
    } else if type_name.is_empty() || has(&["blob"]) {
        &[Integer, SmallInteger, Boolean, Text, Timestamp, Date, Bytes]
    } else if has(&["real", "floa", "doub"]) {
        &[]
    } else if has(&["time"]) {
        &[Timestamp]
    } else if has(&["date"]) {
        &[Date]
    } else {
        &[Integer, SmallInteger, Boolean]
    }
}

fn kept_by_postgres(type_name: &str) -> &'static [ValueKind] {
    match type_name {
        "smallint" => &[ValueKind::SmallInteger],
        "integer" => &[ValueKind::Integer, ValueKind::SmallInteger],
        "bigint" => &[ValueKind::Integer],
        "boolean" => &[ValueKind::Boolean],
        "timestamp with time zone" => &[ValueKind::Timestamp],
        "date" => &[ValueKind::Date],
        "character varying" | "character" | "text" => &[ValueKind::Text],
        "bytea" => &[ValueKind::Bytes],
        _ => &[],
    }
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

/// The queries on a catalogue. The first two columns of each result are a table and a column.
struct Catalogue {
    /// Then the type; 1 if an INSERT has to give a value; 1 if the column alone is the primary key, 2 if
    /// the database also numbers it; 1 if it is generated.
    columns: &'static str,
    /// The columns with a unique index of their own.
    unique: &'static str,
    /// Then the table and the column that a foreign key of one column refers to; an empty column stands
    /// for the primary key.
    references: &'static str,
}

/// SQLite numbers only an `INTEGER PRIMARY KEY` of a table with row ids: any other key becomes NULL if
/// it is not given. Django's JSON columns are texts with a `JSON_VALID` check.
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
                   ELSE 1 END AS bigint), \
              CAST(info.hidden IN (2, 3) AS bigint) \
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
                   ELSE 1 END, \
              (found.is_generated = 'ALWAYS')::int::bigint \
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

/// Name and kind; for a view one row for each column, with the column and its type.
const SQLITE_OTHERS: &str = "SELECT name, type, NULL, NULL FROM sqlite_master \
     WHERE type IN ('view', 'index') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";

const POSTGRES_OTHERS: &str = "SELECT class.relname::text, CASE class.relkind WHEN 'v' THEN 'view' \
         WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table' WHEN 'S' THEN 'sequence' \
         WHEN 'c' THEN 'type' ELSE 'index' END, \
     attribute.attname::text, format_type(attribute.atttypid, NULL) \
     FROM pg_class AS class LEFT JOIN pg_attribute AS attribute ON attribute.attrelid = class.oid \
     AND class.relkind IN ('v', 'm', 'f') AND attribute.attnum > 0 AND NOT attribute.attisdropped \
     AND has_table_privilege(class.oid, 'SELECT') \
     WHERE class.relnamespace = current_schema()::regnamespace \
     AND class.relkind IN ('v', 'm', 'f', 'S', 'c', 'i', 'I') \
     AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass \
                     AND objid = class.oid AND deptype = 'e')";
