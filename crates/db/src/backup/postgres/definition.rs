//! What a schema of PostgreSQL holds, as the statements that make it again. The server itself
//! puts them into words (`PostgreSQL 15 documentation, 9.26, System Catalog Information
//! Functions`), so that a database that any Django made comes back as it was.

use std::borrow::Cow;

use sea_orm::DbErr;

use super::session::Session;
use crate::names::quoted;
use crate::references::{Orphans, Reference};
use crate::schema::OwnTables;

/// The statements that make the schema again, and the names of what they leave out.
#[derive(Debug)]
pub(super) struct Definition {
    /// Made before the tables, whose defaults use them.
    pub(super) sequences: Vec<Sequence>,
    pub(super) tables: Vec<Table>,
    /// Constraints and indexes, made after the rows are there; foreign keys come last.
    pub(super) constraints: Vec<String>,
    /// What the backup does not hold, such as `view sales`.
    pub(super) left_out: Vec<String>,
}

#[derive(Debug)]
pub(super) struct Sequence {
    pub(super) name: String,
    /// The statement that makes it; `None` for an identity column, which makes its own.
    pub(super) create: Option<String>,
    /// The statement that binds it to its column.
    pub(super) own: Option<String>,
}

#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: String,
    /// The statement that makes it, without constraints.
    pub(super) create: String,
    /// `ONLY`, so that rows of tables which inherit are not read twice; empty for a partitioned table,
    /// whose rows are all in its partitions.
    pub(super) only: String,
}

/// The relations of the schema in use that belong to no extension. A backup holds those that
/// have rows of their own, and partitioned tables as plain ones with the rows of all partitions.
const RELATIONS: &str = "WITH relation AS (
    SELECT c.oid, c.relname, c.relkind,
        c.relkind IN ('r', 'p') AND NOT c.relispartition AS is_plain, c.relispartition
    FROM pg_class AS c
    WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
        AND NOT EXISTS (
            SELECT 1 FROM pg_depend AS d
            WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
        )
), sequence AS (
    SELECT r.oid, r.relname, d.refobjid, d.refobjsubid, d.deptype,
        format_type(s.seqtypid, NULL) AS kind,
        format(
            'START WITH %s INCREMENT BY %s MINVALUE %s MAXVALUE %s CACHE %s%s',
            s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache,
            CASE WHEN s.seqcycle THEN ' CYCLE' END
        ) AS options
    FROM relation AS r
    JOIN pg_sequence AS s ON s.seqrelid = r.oid
    LEFT JOIN pg_depend AS d
        ON d.classid = 'pg_class'::regclass AND d.objid = r.oid
        AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
) ";

const SEQUENCES: &str = "SELECT relname::text,
    CASE WHEN deptype = 'i' THEN NULL
        ELSE format('CREATE SEQUENCE %I AS %s %s', relname, kind, options) END,
    CASE WHEN deptype = 'a' THEN format(
        'ALTER SEQUENCE %I OWNED BY %I.%I', relname,
        (SELECT relname FROM pg_class WHERE oid = refobjid),
        (SELECT attname FROM pg_attribute WHERE attrelid = refobjid AND attnum = refobjsubid)
    ) END
FROM sequence ORDER BY relname";

/// A domain is told as the type it stands for.
const TABLES: &str = "SELECT r.relname::text,
    format('CREATE TABLE %I (%s)', r.relname, string_agg(
        format('%I %s', a.attname, CASE WHEN t.typtype = 'd'
            THEN format_type(t.typbasetype, t.typtypmod)
            ELSE format_type(a.atttypid, a.atttypmod) END)
        || CASE WHEN a.attcollation <> t.typcollation THEN ' COLLATE ' || (
            SELECT format('%I.%I', n.nspname, l.collname)
            FROM pg_collation AS l JOIN pg_namespace AS n ON n.oid = l.collnamespace
            WHERE l.oid = a.attcollation
        ) ELSE '' END
        || CASE
            WHEN a.attidentity <> '' THEN format(
                ' GENERATED %s AS IDENTITY (SEQUENCE NAME %I %s)',
                CASE a.attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END,
                s.relname, s.options
            )
            WHEN a.attgenerated <> '' THEN format(
                ' GENERATED ALWAYS AS (%s) STORED', pg_get_expr(e.adbin, e.adrelid)
            )
            WHEN e.adbin IS NOT NULL THEN ' DEFAULT ' || pg_get_expr(e.adbin, e.adrelid)
            ELSE ''
        END
        || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END,
        ', ' ORDER BY a.attnum
    )),
    CASE r.relkind WHEN 'p' THEN '' ELSE 'ONLY' END
FROM relation AS r
JOIN pg_attribute AS a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type AS t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef AS e ON e.adrelid = r.oid AND e.adnum = a.attnum
LEFT JOIN sequence AS s
    ON s.refobjid = r.oid AND s.refobjsubid = a.attnum AND s.deptype = 'i'
WHERE r.is_plain GROUP BY r.relname, r.relkind ORDER BY r.relname";

/// Primary keys first, since foreign keys need them; `n`, a column that is not null, is said
/// with the column.
const CONSTRAINTS: &str = "SELECT statement FROM (
    SELECT strpos('pucxf', k.contype::text) AS place, k.conname AS name, format(
        'ALTER TABLE %I ADD CONSTRAINT %I %s', r.relname, k.conname, pg_get_constraintdef(k.oid)
    ) AS statement
    FROM relation AS r JOIN pg_constraint AS k ON k.conrelid = r.oid
    WHERE r.is_plain AND k.contype IN ('p', 'u', 'c', 'x', 'f')
        -- A foreign key to a partitioned table has one of its own to each partition.
        AND (k.contype <> 'f' OR k.conparentid = 0)
    UNION ALL
    SELECT 4, c.relname, pg_get_indexdef(i.indexrelid, 0, true)
    FROM relation AS r
    JOIN pg_index AS i ON i.indrelid = r.oid
    JOIN pg_class AS c ON c.oid = i.indexrelid
    WHERE r.is_plain AND NOT EXISTS (
        SELECT 1 FROM pg_constraint AS k
        WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')
    )
) AS part ORDER BY place, name";

const LEFT_OUT: &str = "SELECT what FROM (
    SELECT CASE relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
        ELSE 'foreign table' END || ' ' || relname AS what
    FROM relation WHERE relkind IN ('v', 'm', 'f')
    UNION ALL
    SELECT 'partitioning of ' || relname FROM relation WHERE relkind = 'p' AND is_plain
    UNION ALL
    SELECT 'inheritance of ' || relname FROM relation AS r
    WHERE is_plain AND EXISTS (SELECT 1 FROM pg_inherits AS i WHERE i.inhrelid = r.oid)
    UNION ALL
    SELECT 'trigger ' || t.tgname FROM relation AS r JOIN pg_trigger AS t ON t.tgrelid = r.oid
    WHERE NOT t.tgisinternal
    UNION ALL
    SELECT 'rule ' || w.rulename FROM relation AS r JOIN pg_rewrite AS w ON w.ev_class = r.oid
    WHERE w.rulename <> '_RETURN'
    UNION ALL
    SELECT 'row security of ' || relname FROM pg_class
    WHERE oid IN (SELECT oid FROM relation) AND relrowsecurity
    UNION ALL
    SELECT CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END || ' ' || t.typname
    FROM pg_type AS t
    WHERE t.typnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
        AND (t.typtype IN ('d', 'e', 'r') OR EXISTS (
            SELECT 1 FROM pg_class AS c WHERE c.oid = t.typrelid AND c.relkind = 'c'
        ))
        AND NOT EXISTS (
            SELECT 1 FROM pg_depend AS d
            WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e'
        )
    UNION ALL
    SELECT 'function ' || p.proname FROM pg_proc AS p
    WHERE p.pronamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
        AND NOT EXISTS (
            SELECT 1 FROM pg_depend AS d
            WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype IN ('e', 'i')
        )
) AS thing ORDER BY what";

/// Every relation that a restore has to move away. A sequence that a column owns moves with its
/// table.
const ALL: &str = "SELECT r.relname::text FROM relation AS r
LEFT JOIN sequence AS s ON s.oid = r.oid
WHERE r.relkind IN ('r', 'p', 'v', 'm', 'f') OR (r.relkind = 'S' AND s.refobjid IS NULL)
ORDER BY r.relname";

/// Reads the definition of the schema in use, but for derived tables.
pub(super) async fn read(session: &Session, own: &OwnTables) -> Result<Definition, DbErr> {
    let relations = &relations_but(own);
    let sequences: Vec<(String, Option<String>, Option<String>)> =
        session.rows(&format!("{relations}{SEQUENCES}")).await?;
    let tables: Vec<(String, String, String)> =
        session.rows(&format!("{relations}{TABLES}")).await?;
    Ok(Definition {
        sequences: sequences
            .into_iter()
            .map(|(name, create, own)| Sequence { name, create, own })
            .collect(),
        tables: tables
            .into_iter()
            .map(|(name, create, only)| Table { name, create, only })
            .collect(),
        constraints: names(session, relations, CONSTRAINTS).await?,
        left_out: names(session, relations, LEFT_OUT).await?,
    })
}

/// The statement of a constraint. If orphans break it, `NOT VALID` is added: the constraint then holds
/// for new rows only.
pub(super) fn bearing<'a>(statement: &'a str, orphans: &[Orphans]) -> Cow<'a, str> {
    let is_broken = orphans.iter().any(|orphans| {
        let Reference { table, column, .. } = &orphans.reference;
        let is_of = |table: &str, column: &str| {
            statement.starts_with(&format!("ALTER TABLE {table} ADD CONSTRAINT "))
                && statement.contains(&format!(" FOREIGN KEY ({column}) REFERENCES "))
        };
        // PostgreSQL quotes the names that need it.
        is_of(table, column)
            || is_of(&quoted(table), column)
            || is_of(table, &quoted(column))
            || is_of(&quoted(table), &quoted(column))
    });
    if is_broken && !statement.ends_with(" NOT VALID") {
        format!("{statement} NOT VALID").into()
    } else {
        statement.into()
    }
}

/// The names of all tables, views and sequences that stand alone.
pub(super) async fn relations(session: &Session) -> Result<Vec<String>, DbErr> {
    names(session, RELATIONS, ALL).await
}

/// The statement that sets a sequence to where it is.
pub(super) async fn value_of(session: &Session, sequence: &Sequence) -> Result<String, DbErr> {
    let sql = format!(
        "SELECT format('SELECT pg_catalog.setval(%L, %s, %s)', '{}', last_value, \
         is_called::text) FROM {}",
        quoted(&sequence.name).replace('\'', "''"),
        quoted(&sequence.name)
    );
    session.value(&sql).await
}

/// [`RELATIONS`] without the derived tables.
fn relations_but(own: &OwnTables) -> String {
    let names = own.derived_names();
    let others = names.map(|name| format!("AND c.relname <> '{name}' "));
    let exception = "AND NOT EXISTS (";
    RELATIONS.replacen(
        exception,
        &format!("{}{exception}", others.collect::<String>()),
        1,
    )
}

async fn names(session: &Session, relations: &str, sql: &str) -> Result<Vec<String>, DbErr> {
    let rows: Vec<(String,)> = session.rows(&format!("{relations}{sql}")).await?;
    Ok(rows.into_iter().map(|(name,)| name).collect())
}
