//! Expressions of defaults, checks, generated columns and indexes: constants, columns of the one
//! table, operators, and functions that compute and do nothing else.
//!
//! Tokens are written in the order in which they are read, so that precedence need not be known here.

use std::collections::BTreeSet;

use super::cursor::Cursor;
use super::text::Sql;
use super::token::Token;
use super::{Dialect, Refusal, postgres_type, sqlite_words};

/// What an expression may refer to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) dialect: Dialect,
    pub(super) table: &'a str,
    pub(super) columns: &'a [String],
    /// Columns whose type was replaced, so that an expression on them would mean something else.
    pub(super) converted: &'a BTreeSet<String>,
    /// The sequences that the backup itself defines.
    pub(super) sequences: &'a BTreeSet<String>,
}

/// Functions of both databases whose results depend on their arguments alone.
const FUNCTIONS: &str = "\
    abs coalesce length lower ltrim max min nullif replace round rtrim sign substr substring \
    trim upper";

const SQLITE_FUNCTIONS: &str = "\
    date datetime hex ifnull iif instr json json_array_length json_extract json_type json_valid \
    julianday quote random strftime time typeof unicode unixepoch";

/// Functions of `pg_catalog`. None of them reads a file, a setting or a table, and none makes a long
/// text from a short one, as `repeat` would.
const POSTGRES_FUNCTIONS: &str = "\
    array_length array_ndims array_position array_remove array_to_tsvector btrim cardinality \
    ceil ceiling char_length character_length clock_timestamp date_part date_trunc daterange div \
    exp floor gen_random_uuid greatest hashtext int4range int8range isempty isfinite \
    json_array_length json_typeof jsonb_array_length jsonb_build_array jsonb_build_object \
    jsonb_exists jsonb_typeof justify_days least left ln lower_inc lower_inf make_date \
    make_interval md5 mod now num_nonnulls num_nulls numrange octet_length position power random \
    reverse right setweight sqrt starts_with statement_timestamp strpos timezone to_tsvector \
    transaction_timestamp translate trunc tsrange tstzrange upper_inc upper_inf uuidv4 uuidv7";

/// Functions that are keywords of PostgreSQL's grammar, so that no schema may stand before them.
const POSTGRES_FORMS: &[&str] = &["coalesce", "greatest", "least", "nullif"];

const CONSTANTS: &[&str] = &[
    "NULL",
    "TRUE",
    "FALSE",
    "CURRENT_DATE",
    "CURRENT_TIME",
    "CURRENT_TIMESTAMP",
];

const POSTGRES_CONSTANTS: &[&str] = &["LOCALTIME", "LOCALTIMESTAMP", "UNKNOWN"];

/// Operators that are words; the longest come first.
const WORD_OPERATORS: &[&str] = &[
    "IS NOT DISTINCT FROM",
    "IS DISTINCT FROM",
    "IS NOT",
    "IS",
    "AND",
    "OR",
    "NOT BETWEEN",
    "BETWEEN SYMMETRIC",
    "BETWEEN",
    "NOT IN",
    "IN",
    "NOT LIKE",
    "LIKE",
    "ESCAPE",
];

const SQLITE_OPERATORS: &[&str] = &["NOT GLOB", "GLOB"];

const POSTGRES_OPERATORS: &[&str] = &["NOT ILIKE", "ILIKE", "AT TIME ZONE"];

/// Symbols that are not operators.
const MARKS: &[&str] = &["(", ")", "[", "]", ",", ".", "::"];

/// Reads an expression and writes it to `out`.
pub(super) fn expression(
    cursor: &mut Cursor<'_>,
    scope: &Scope<'_>,
    out: &mut Sql,
) -> Result<(), Refusal> {
    cursor.enter()?;
    operand(cursor, scope, out)?;
    while operator(cursor, scope, out) {
        operand(cursor, scope, out)?;
    }
    cursor.leave();
    Ok(())
}

/// Expressions separated by commas, up to the end of the present parentheses.
pub(super) fn list(
    cursor: &mut Cursor<'_>,
    scope: &Scope<'_>,
    out: &mut Sql,
) -> Result<(), Refusal> {
    while !cursor.is_symbol(")") && !cursor.is_symbol("]") {
        expression(cursor, scope, out)?;
        if !cursor.take_symbol(",") {
            break;
        }
        out.comma();
    }
    Ok(())
}

/// Parentheses with an expression in them.
pub(super) fn in_parentheses(
    cursor: &mut Cursor<'_>,
    scope: &Scope<'_>,
    out: &mut Sql,
) -> Result<(), Refusal> {
    cursor.expect_symbol("(")?;
    out.open();
    expression(cursor, scope, out)?;
    cursor.expect_symbol(")")?;
    out.close();
    Ok(())
}

fn operator(cursor: &mut Cursor<'_>, scope: &Scope<'_>, out: &mut Sql) -> bool {
    let own = match scope.dialect {
        Dialect::Sqlite => SQLITE_OPERATORS,
        Dialect::Postgres => POSTGRES_OPERATORS,
    };
    let word = cursor.take_one_of(WORD_OPERATORS);
    if let Some(word) = word.or_else(|| cursor.take_one_of(own)) {
        out.words(word);
        return true;
    }
    match cursor.peek() {
        Some(Token::Symbol(symbol)) if !MARKS.contains(symbol) => {
            cursor.next();
            out.symbol(symbol);
            true
        }
        _ => false,
    }
}

fn operand(cursor: &mut Cursor<'_>, scope: &Scope<'_>, out: &mut Sql) -> Result<(), Refusal> {
    let mut signs = 0;
    loop {
        if cursor.take("not") {
            out.words("NOT");
        } else if let Some(sign) = ["-", "+", "~"].into_iter().find(|s| cursor.take_symbol(s)) {
            out.symbol(sign);
        } else {
            break;
        }
        signs += 1;
        if signs > super::MAX_NESTING {
            return Err(Refusal::form("there are too many signs"));
        }
    }
    if matches!(cursor.peek_second(), Some(Token::Symbol("(")))
        && let Some(word) = cursor.take_one_of(&["ANY", "ALL"])
    {
        out.words(word);
    }
    primary(cursor, scope, out)?;
    while suffix(cursor, scope, out)? {}
    Ok(())
}

/// Reads a cast, a subscript or a collation after an operand; false if there is none.
fn suffix(cursor: &mut Cursor<'_>, scope: &Scope<'_>, out: &mut Sql) -> Result<bool, Refusal> {
    if cursor.take("collate") {
        out.words("COLLATE");
        collation(cursor, scope.dialect, out)?;
        return Ok(true);
    }
    match scope.dialect {
        Dialect::Sqlite => {
            let word = cursor.take_one_of(&["ISNULL", "NOTNULL"]);
            if let Some(word) = word {
                out.words(word);
            }
            Ok(word.is_some())
        }
        Dialect::Postgres if cursor.take_symbol("::") => {
            out.symbol("::");
            // The configuration in `to_tsvector('english'::regconfig, title)`.
            if cursor.take("regconfig") {
                out.words("regconfig");
            } else {
                postgres_type::postgres_type(cursor, out)?;
            }
            Ok(true)
        }
        Dialect::Postgres if cursor.take_symbol("[") => {
            out.symbol("[");
            out.number(&cursor.integer()?.to_string());
            cursor.expect_symbol("]")?;
            out.symbol("]");
            Ok(true)
        }
        Dialect::Postgres => Ok(false),
    }
}

/// The name of a collation that every database of the kind has.
pub(super) fn collation(
    cursor: &mut Cursor<'_>,
    dialect: Dialect,
    out: &mut Sql,
) -> Result<(), Refusal> {
    if dialect == Dialect::Sqlite {
        let name = sqlite_words::name(cursor)?;
        let known = ["BINARY", "NOCASE", "RTRIM"];
        let known = known.into_iter().find(|k| k.eq_ignore_ascii_case(&name));
        let known = known.ok_or_else(|| Refusal::beyond("a collation of its own"))?;
        out.words(known);
        return Ok(());
    }
    let mut name = cursor.name()?;
    if cursor.take_symbol(".") {
        if name != "pg_catalog" {
            return Err(Refusal::beyond("a collation of its own"));
        }
        name = cursor.name()?;
    }
    out.words("pg_catalog");
    out.symbol(".");
    out.name(name);
    Ok(())
}

fn primary(cursor: &mut Cursor<'_>, scope: &Scope<'_>, out: &mut Sql) -> Result<(), Refusal> {
    match cursor.peek() {
        Some(Token::Number(number)) => out.number(number),
        Some(Token::Text(text)) => out.constant(text),
        Some(Token::Blob(digits)) => out.blob(digits),
        Some(Token::Symbol("(")) => {
            cursor.next();
            out.open();
            list(cursor, scope, out)?;
            cursor.expect_symbol(")")?;
            out.close();
            return Ok(());
        }
        Some(Token::Word(_)) if cursor.take("case") => return case(cursor, scope, out),
        Some(Token::Word(_)) if cursor.take("cast") => return cast(cursor, scope, out),
        Some(Token::Word(_)) if scope.dialect == Dialect::Postgres && cursor.take("array") => {
            cursor.expect_symbol("[")?;
            out.words("ARRAY");
            out.symbol("[");
            list(cursor, scope, out)?;
            cursor.expect_symbol("]")?;
            out.symbol("]");
            return Ok(());
        }
        Some(Token::Word(_) | Token::Name(_)) => return named(cursor, scope, out),
        _ => return Err(cursor.unexpected("a value")),
    }
    cursor.next();
    Ok(())
}

/// A function, with or without the schema of those that are the server's own.
pub(super) fn function_alone(
    cursor: &mut Cursor<'_>,
    scope: &Scope<'_>,
    out: &mut Sql,
) -> Result<(), Refusal> {
    if scope.dialect == Dialect::Postgres && cursor.take("pg_catalog") {
        cursor.expect_symbol(".")?;
    }
    function(cursor, scope, out)
}

/// A function, a constant that has a name, or a column.
fn named(cursor: &mut Cursor<'_>, scope: &Scope<'_>, out: &mut Sql) -> Result<(), Refusal> {
    if scope.dialect == Dialect::Postgres && cursor.take("pg_catalog") {
        cursor.expect_symbol(".")?;
    }
    if matches!(cursor.peek_second(), Some(Token::Symbol("("))) {
        return function(cursor, scope, out);
    }
    let quoted = matches!(cursor.peek(), Some(Token::Name(_)));
    if !quoted {
        let own = match scope.dialect {
            Dialect::Postgres => POSTGRES_CONSTANTS,
            Dialect::Sqlite => &[],
        };
        let constant = cursor.take_one_of(CONSTANTS);
        if let Some(constant) = constant.or_else(|| cursor.take_one_of(own)) {
            out.words(constant);
            return Ok(());
        }
    }
    let mut name = cursor.name()?;
    if cursor.take_symbol(".") {
        if !is_same(scope.dialect, name, scope.table) {
            return Err(Refusal::beyond("a column of another table"));
        }
        name = cursor.name()?;
    }
    let mut columns = scope.columns.iter();
    let column = columns.find(|column| is_same(scope.dialect, column, name));
    match column.filter(|column| !scope.converted.contains(*column)) {
        Some(column) => out.name(column),
        // SQLite reads a quoted name as a text if there is no such column.
        None if quoted && scope.dialect == Dialect::Sqlite => out.constant(name),
        None => {
            let what = format!("`{}`, which it does not have", super::shown(name));
            return Err(Refusal::beyond(what));
        }
    }
    Ok(())
}

/// Whether two names mean the same: SQLite ignores case.
pub(super) fn is_same(dialect: Dialect, one: &str, other: &str) -> bool {
    match dialect {
        Dialect::Sqlite => one.eq_ignore_ascii_case(other),
        Dialect::Postgres => one == other,
    }
}

fn function(cursor: &mut Cursor<'_>, scope: &Scope<'_>, out: &mut Sql) -> Result<(), Refusal> {
    let name = cursor.name()?;
    cursor.expect_symbol("(")?;
    if scope.dialect == Dialect::Postgres {
        match name {
            "nextval" => return nextval(cursor, scope, out),
            "extract" => return extract(cursor, scope, out),
            _ => {}
        }
    }
    let own = match scope.dialect {
        Dialect::Postgres => POSTGRES_FUNCTIONS,
        Dialect::Sqlite => SQLITE_FUNCTIONS,
    };
    let mut known = FUNCTIONS.split(' ').chain(own.split(' '));
    let known = known.find(|known| is_same(scope.dialect, known, name));
    let Some(known) = known else {
        let what = format!("the function `{}`", super::shown(name));
        return Err(Refusal::beyond(what));
    };
    // With the schema, so that no function of the same name in the search path is called instead.
    let has_schema = scope.dialect == Dialect::Postgres && !POSTGRES_FORMS.contains(&known);
    if has_schema {
        out.words("pg_catalog");
        out.symbol(".");
        out.name(known);
    } else {
        out.words(known);
    }
    out.open_call();
    list(cursor, scope, out)?;
    cursor.expect_symbol(")")?;
    out.close();
    Ok(())
}

/// `nextval('name'::regclass)`, of a sequence that the backup defines.
fn nextval(cursor: &mut Cursor<'_>, scope: &Scope<'_>, out: &mut Sql) -> Result<(), Refusal> {
    let Some(Token::Text(text)) = cursor.next() else {
        return Err(cursor.unexpected("the name of a sequence"));
    };
    cursor.expect_symbol("::")?;
    cursor.expect("regclass")?;
    cursor.expect_symbol(")")?;
    let name = name_in_text(text)?;
    if !scope.sequences.contains(&name) {
        return Err(Refusal::beyond("a sequence that is not in the backup"));
    }
    out.words("pg_catalog.nextval");
    out.open_call();
    out.constant(&crate::names::quoted(&name));
    out.symbol("::");
    out.words("regclass");
    out.close();
    Ok(())
}

/// The name in a text, bare or quoted, as `regclass` reads it.
pub(super) fn name_in_text(text: &str) -> Result<String, Refusal> {
    let tokens = super::token::tokens(text, Dialect::Postgres)?;
    match &tokens[..] {
        [Token::Word(name) | Token::Name(name)] => Ok(name.clone()),
        _ => Err(Refusal::beyond("a sequence of another schema")),
    }
}

const EXTRACTED: &[&str] = &[
    "century", "day", "decade", "dow", "doy", "epoch", "hour", "isodow", "isoyear", "minute",
    "month", "quarter", "second", "week", "year",
];

fn extract(cursor: &mut Cursor<'_>, scope: &Scope<'_>, out: &mut Sql) -> Result<(), Refusal> {
    let field = cursor.take_one_of(EXTRACTED);
    let field = field.ok_or_else(|| cursor.unexpected("a part of a date"))?;
    cursor.expect("from")?;
    out.words("EXTRACT");
    out.open_call();
    out.words(field);
    out.words("FROM");
    expression(cursor, scope, out)?;
    cursor.expect_symbol(")")?;
    out.close();
    Ok(())
}

fn case(cursor: &mut Cursor<'_>, scope: &Scope<'_>, out: &mut Sql) -> Result<(), Refusal> {
    out.words("CASE");
    if !cursor.is_word("when") {
        expression(cursor, scope, out)?;
    }
    while cursor.take("when") {
        out.words("WHEN");
        expression(cursor, scope, out)?;
        cursor.expect("then")?;
        out.words("THEN");
        expression(cursor, scope, out)?;
    }
    if cursor.take("else") {
        out.words("ELSE");
        expression(cursor, scope, out)?;
    }
    cursor.expect("end")?;
    out.words("END");
    Ok(())
}

fn cast(cursor: &mut Cursor<'_>, scope: &Scope<'_>, out: &mut Sql) -> Result<(), Refusal> {
    cursor.expect_symbol("(")?;
    out.words("CAST");
    out.open_call();
    expression(cursor, scope, out)?;
    cursor.expect("as")?;
    out.words("AS");
    match scope.dialect {
        Dialect::Postgres => postgres_type::postgres_type(cursor, out)?,
        Dialect::Sqlite => sqlite_words::column_type(cursor, out)?,
    }
    cursor.expect_symbol(")")?;
    out.close();
    Ok(())
}
