//! PostgreSQL's types, as `format_type` writes them: those of the server itself that are written
//! and read as text without looking anywhere else.

use super::Refusal;
use super::cursor::Cursor;
use super::text::Sql;

/// The longest come first.
const TYPES: &[&str] = &[
    "bigint",
    "bit varying",
    "bit",
    "boolean",
    "box",
    "bpchar",
    "bytea",
    "character varying",
    "character",
    "cidr",
    "circle",
    "date",
    "datemultirange",
    "daterange",
    "double precision",
    "inet",
    "int4multirange",
    "int4range",
    "int8multirange",
    "int8range",
    "integer",
    "json",
    "jsonb",
    "jsonpath",
    "line",
    "lseg",
    "macaddr",
    "macaddr8",
    "money",
    "name",
    "nummultirange",
    "numeric",
    "numrange",
    "oid",
    "path",
    "pg_lsn",
    "point",
    "polygon",
    "real",
    "smallint",
    "text",
    "tsmultirange",
    "tsquery",
    "tsrange",
    "tstzmultirange",
    "tstzrange",
    "tsvector",
    "uuid",
    "varchar",
    "xml",
];

/// Fields of `interval`.
const FIELDS: &[&str] = &[
    "year to month",
    "day to hour",
    "day to minute",
    "day to second",
    "hour to minute",
    "hour to second",
    "minute to second",
    "year",
    "month",
    "day",
    "hour",
    "minute",
    "second",
];

/// Reads a type, and writes it.
pub(super) fn postgres_type(cursor: &mut Cursor<'_>, out: &mut Sql) -> Result<(), Refusal> {
    if let Some(base) = cursor.take_one_of(&["timestamp", "time"]) {
        out.words(base);
        modifiers(cursor, out)?;
        if let Some(zone) = cursor.take_one_of(&["with time zone", "without time zone"]) {
            out.words(zone);
        }
    } else if cursor.take("interval") {
        out.words("interval");
        if let Some(field) = cursor.take_one_of(FIELDS) {
            out.words(field);
        }
        modifiers(cursor, out)?;
    } else if let Some(base) = cursor.take_one_of(TYPES) {
        out.words(base);
        modifiers(cursor, out)?;
    } else {
        let name = cursor.name()?;
        // These two are quoted, since the bare words mean other types.
        if !matches!(name, "char" | "bit") {
            let what = format!("the type `{}`", super::shown(name));
            return Err(Refusal::beyond(what));
        }
        out.name(name);
    }
    while cursor.take_symbol("[") {
        cursor.expect_symbol("]")?;
        out.symbol("[");
        out.symbol("]");
    }
    Ok(())
}

/// `(10, 2)`, where there are such numbers.
fn modifiers(cursor: &mut Cursor<'_>, out: &mut Sql) -> Result<(), Refusal> {
    if !cursor.take_symbol("(") {
        return Ok(());
    }
    out.open_call();
    out.number(&cursor.integer()?.to_string());
    if cursor.take_symbol(",") {
        out.comma();
        out.number(&cursor.integer()?.to_string());
    }
    cursor.expect_symbol(")")?;
    out.close();
    Ok(())
}
