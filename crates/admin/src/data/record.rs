//! Objects in the database: read whole, added, changed, with the rules of their fields.

use std::collections::BTreeMap;

use accounts::user::find_alike;
use chrono::SubsecRound as _;
use db::datetime::now;
use db::rules::{BrokenRule, Lines, TextRule};
use db::{DbErr, Integer, Transaction, rules, stored};
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, Query};
use sea_orm::{ConnectionTrait, DbBackend};
use sha2::{Digest as _, Sha256};
use web::extract;

use crate::data::query::{Select, keys_in};
use crate::description::model::{Field, FieldKind, Limit, Model, WordSet};
use crate::description::registry::Registry;
use crate::description::value::Value;

/// An object: its values by the names of fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) values: BTreeMap<&'static str, Value>,
    /// The sorted keys of each many-to-many field.
    pub(crate) related_keys: BTreeMap<&'static str, Vec<i64>>,
    /// The words of each field of words, in the order of its choices.
    pub(crate) words: BTreeMap<&'static str, Vec<&'static str>>,
}

impl Record {
    /// The value of a field; a null if the record has none.
    pub(crate) fn value(&self, name: &str) -> &Value {
        self.values.get(name).unwrap_or(&Value::Null)
    }

    pub(crate) fn text(&self, name: &str) -> String {
        self.value(name).text()
    }

    /// The key of the object that a relation leads to.
    pub(crate) fn key(&self, name: &str) -> Option<i64> {
        match self.value(name) {
            Value::Integer(key) => Some(*key),
            _ => None,
        }
    }

    /// Whether a field is true.
    pub(crate) fn is(&self, name: &str) -> bool {
        *self.value(name) == Value::Boolean(true)
    }
}

/// Parses a key in an address or a form. `None` if the text is no key, and so names no object.
pub(crate) fn parse_key(text: &str) -> Option<i64> {
    extract::parse_digits(text)
}

/// The first half of a hash, in hexadecimal digits: enough to tell whether something has changed.
pub(crate) fn short_hash(hash: Sha256) -> String {
    let sum = hash.finalize();
    let digits = sum.iter().take(16).map(|byte| format!("{byte:02x}"));
    digits.collect()
}

/// Whether a row is read to be shown, or to be changed by the transaction that reads it, which
/// locks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Show,
    Change,
}

/// Reads an object; `None` if there is none.
pub(crate) async fn find(
    db: &impl ConnectionTrait,
    registry: &Registry,
    model: &'static Model,
    key: i64,
    purpose: Purpose,
) -> Result<Option<Record>, DbErr> {
    let mut select = Select::new(registry, model);
    let columns = model.fields.iter().filter(|field| field.is_column());
    let columns: Vec<_> = columns
        .map(|field| Ok((field.name, select.column(field.name)?)))
        .collect::<Result<_, DbErr>>()?;
    select.with_keys(&[key]);
    let mut rows = match purpose {
        Purpose::Show => select.rows(db, 0, Some(1)).await?,
        Purpose::Change => select.locked_rows(db).await?,
    };
    let Some(mut row) = rows.pop() else {
        return Ok(None);
    };
    let mut record = Record::default();
    for (name, index) in columns {
        let value = std::mem::replace(&mut row[index], Value::Null);
        record.values.insert(name, value);
    }
    for field in model.fields {
        if let FieldKind::ManyToMany(many_to_many) = field.kind {
            let query = Query::select()
                .column(Alias::new(many_to_many.other_column))
                .from(Alias::new(many_to_many.table))
                .and_where(Expr::col(Alias::new(many_to_many.own_column)).eq(key))
                .order_by(Alias::new(many_to_many.other_column), sea_orm::Order::Asc)
                .to_owned();
            let keys = keys_in(&db.query_all(&query).await?)?;
            record.related_keys.insert(field.name, keys);
        }
        if let FieldKind::Words(set) = field.kind {
            record
                .words
                .insert(field.name, stored_words(db, set, key).await?);
        }
    }
    Ok(Some(record))
}

async fn stored_words(
    db: &impl ConnectionTrait,
    set: WordSet,
    key: i64,
) -> Result<Vec<&'static str>, DbErr> {
    let query = Query::select()
        .column(Alias::new(set.word_column))
        .from(Alias::new(set.table))
        .and_where(Expr::col(Alias::new(set.own_column)).eq(key))
        .to_owned();
    let rows = db.query_all(&query).await?;
    let stored: Vec<_> = rows
        .iter()
        .map(|row| stored::shown(row, 0))
        .collect::<Result<_, _>>()?;
    let words = set.choices.iter().map(|(word, _)| *word);
    Ok(words
        .filter(|word| stored.iter().any(|stored| stored == word))
        .collect())
}

/// Checks the rules by which one field depends on another.
fn check_together(model: &Model, record: &Record) -> Result<(), DbErr> {
    if let Some([other, field]) = first_disordered(model, record) {
        return Err(BrokenRule::Order { field, other }.into());
    }
    if let Some(Limit { field, most, .. }) = first_above(model, record) {
        let allowed = 0..=*most;
        return Err(BrokenRule::Bounds { field, allowed }.into());
    }
    Ok(())
}

/// The first limit that a number is above.
pub(crate) fn first_above(model: &Model, record: &Record) -> Option<&'static Limit> {
    let mut limits = model.limits.iter();
    limits.find(|limit| {
        let (choice, word) = limit.when;
        let number = record.value(limit.field);
        record.text(choice) == word && *number > Value::Integer(limit.most)
    })
}

/// The first pair of fields of which the second is below the first.
pub(crate) fn first_disordered(model: &Model, record: &Record) -> Option<[&'static str; 2]> {
    let mut pairs = model.ordered.iter().copied();
    pairs.find(|[first, second]| {
        let (first, second) = (record.value(first), record.value(second));
        *first != Value::Null && *second != Value::Null && second < first
    })
}

/// Checks the rules of a field again before its row is written, so that no caller skips them.
fn check(field: &Field, value: &Value) -> Result<(), DbErr> {
    match (field.kind, value) {
        (FieldKind::Integer { min, max, .. }, Value::Integer(number)) => {
            rules::number(field.name, *number, min..=max)?;
        }
        (FieldKind::Text { min, max }, Value::Text(text)) => match field.lines {
            Lines::One => rules::text(field.name, text, min..=max)?,
            Lines::Several => TextRule::lines(max).check(field.name, text)?,
        },
        _ => {}
    }
    Ok(())
}

/// The value of a field that the record of a new object does not have.
fn default_of(kind: FieldKind) -> Value {
    match kind {
        FieldKind::Text { .. } => Value::Text(String::new()),
        FieldKind::Choice(choices) => first_of(choices),
        FieldKind::Boolean(value) => Value::Boolean(value),
        FieldKind::DateTime { null: false } => Value::Time(now()),
        _ => Value::Null,
    }
}

/// The value of a new object's field of choices.
pub(crate) fn first_of(choices: &[(&str, &str)]) -> Value {
    choices
        .first()
        .map_or(Value::Null, |(value, _)| Value::Text((*value).to_owned()))
}

/// Adds an object and returns its key.
pub(crate) async fn insert(db: &Transaction, model: &Model, record: &Record) -> Result<i64, DbErr> {
    check_together(model, record)?;
    let mut columns = Vec::new();
    let mut values = Vec::new();
    for field in model.fields.iter().filter(|field| field.is_column()) {
        let default = default_of(field.kind);
        let value = record.values.get(field.name).unwrap_or(&default);
        check(field, value)?;
        columns.push(Alias::new(field.column()));
        values.push(Expr::val(value.sql_value(field.kind)));
    }
    let query = Query::insert()
        .into_table(Alias::new(model.table))
        .columns(columns)
        .values_panic(values)
        .returning_col(Alias::new("id"))
        .to_owned();
    let row = db.query_one(&query).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotInserted)?;
    let Integer(key) = row.try_get_by_index(0)?;
    db.wrote(model.table, &[key]);
    for (name, keys) in &record.related_keys {
        update_pairs(db, model, key, (name, &[], keys)).await?;
    }
    for (name, words) in &record.words {
        update_words(db, model, key, (name, &[], words)).await?;
    }
    Ok(key)
}

/// Whether a value is unchanged. A form shows times in whole seconds, so that an untouched one
/// comes back without its fraction (`Django 5.2 forms/boundfield.py`, `initial`).
fn is_same(new: &Value, old: &Value) -> bool {
    match (new, old) {
        (Value::Time(new), Value::Time(old)) => *new == old.trunc_subsecs(0) || new == old,
        _ => new == old,
    }
}

/// Writes the fields in which `new` differs from `old`. Returns them in the order of the form, in
/// which Django's history names them.
pub(crate) async fn update(
    db: &Transaction,
    model: &'static Model,
    key: i64,
    [old, new]: [&Record; 2],
) -> Result<Vec<&'static Field>, DbErr> {
    let mut whole = old.clone();
    whole.values.extend(new.values.clone());
    check_together(model, &whole)?;
    let mut changed = Vec::new();
    let mut query = Query::update();
    query.table(Alias::new(model.table));
    for field in model.fields {
        if let Some(value) = new.values.get(field.name)
            && !is_same(value, old.value(field.name))
        {
            check(field, value)?;
            query.value(Alias::new(field.column()), value.sql_value(field.kind));
            changed.push(field);
        }
    }
    if !changed.is_empty() {
        query.and_where(Expr::col(Alias::new("id")).eq(key));
        db.execute(&query).await?;
        db.wrote(model.table, &[key]);
    }
    for field in model.fields {
        let before = old
            .related_keys
            .get(field.name)
            .map_or(&[][..], Vec::as_slice);
        if let Some(keys) = new.related_keys.get(field.name)
            && keys != before
        {
            update_pairs(db, model, key, (field.name, before, keys)).await?;
            changed.push(field);
        }
        let before = old.words.get(field.name).map_or(&[][..], Vec::as_slice);
        if let Some(words) = new.words.get(field.name)
            && words != before
        {
            update_words(db, model, key, (field.name, before, words)).await?;
            changed.push(field);
        }
    }
    let fieldsets = model.pages.map_or(&[][..], |pages| pages.fieldsets);
    let names: Vec<_> = fieldsets.iter().flat_map(|set| set.fields).collect();
    changed.sort_by_key(|field| names.iter().position(|name| **name == field.name));
    Ok(changed)
}

/// Deletes and inserts the pairs in which `after` differs from `before`.
async fn update_pairs(
    db: &Transaction,
    model: &Model,
    key: i64,
    (name, before, after): (&str, &[i64], &[i64]),
) -> Result<(), DbErr> {
    let Some(FieldKind::ManyToMany(many_to_many)) = model.field(name).map(|field| field.kind)
    else {
        return Err(DbErr::Custom(format!("{name} is no many-to-many field")));
    };
    let removed: Vec<i64> = before
        .iter()
        .copied()
        .filter(|k| !after.contains(k))
        .collect();
    if !removed.is_empty() {
        let query = Query::delete()
            .from_table(Alias::new(many_to_many.table))
            .and_where(Expr::col(Alias::new(many_to_many.own_column)).eq(key))
            .and_where(Expr::col(Alias::new(many_to_many.other_column)).is_in(removed))
            .to_owned();
        db.execute(&query).await?;
    }
    let added: Vec<i64> = after
        .iter()
        .copied()
        .filter(|k| !before.contains(k))
        .collect();
    if !added.is_empty() {
        let mut query = Query::insert();
        query.into_table(Alias::new(many_to_many.table)).columns([
            Alias::new(many_to_many.own_column),
            Alias::new(many_to_many.other_column),
        ]);
        for other in added {
            query.values_panic([Expr::val(key), Expr::val(other)]);
        }
        db.execute(&query).await?;
    }
    Ok(())
}

/// Deletes and inserts the words in which `after` differs from `before`.
async fn update_words(
    db: &Transaction,
    model: &Model,
    key: i64,
    (name, before, after): (&str, &[&'static str], &[&'static str]),
) -> Result<(), DbErr> {
    let Some(FieldKind::Words(set)) = model.field(name).map(|field| field.kind) else {
        return Err(DbErr::Custom(format!("{name} is no field of words")));
    };
    let only = |these: &[&'static str], others: &[&'static str]| -> Vec<_> {
        let these = these.iter().copied();
        these.filter(|word| !others.contains(word)).collect()
    };
    let (removed, added) = (only(before, after), only(after, before));
    if !(removed.is_empty() && added.is_empty()) {
        db.wrote(model.table, &[key]);
    }
    if !removed.is_empty() {
        let query = Query::delete()
            .from_table(Alias::new(set.table))
            .and_where(Expr::col(Alias::new(set.own_column)).eq(key))
            .and_where(Expr::col(Alias::new(set.word_column)).is_in(removed))
            .to_owned();
        db.execute(&query).await?;
    }
    for word in added {
        let query = Query::insert()
            .into_table(Alias::new(set.table))
            .columns([Alias::new(set.own_column), Alias::new(set.word_column)])
            .values_panic([Expr::val(key), Expr::val(word)])
            .to_owned();
        db.execute(&query).await?;
    }
    Ok(())
}

/// Whether another object than `own` has this value. If the field is unique in any case, a value
/// that differs only in case or Unicode form counts, too.
pub(crate) async fn is_taken(
    db: &impl ConnectionTrait,
    model: &Model,
    field: &Field,
    value: &Value,
    own: Option<i64>,
) -> Result<bool, DbErr> {
    let mut query = Query::select();
    query
        .expr(Expr::val(1))
        .from(Alias::new(model.table))
        .and_where(Expr::col(Alias::new(field.column())).eq(Expr::val(value.sql_value(field.kind))))
        .limit(1);
    if let Some(own) = own {
        query.and_where(Expr::col(Alias::new("id")).ne(own));
    }
    if db.query_one(&query).await?.is_some() {
        return Ok(true);
    }
    if !field.is_unique_in_any_case {
        return Ok(false);
    }
    let typed = value.text();
    let alike = find_alike(db, (model.table, &field.column()), &typed).await?;
    let is_own = |id: Integer| own == Some(id.0);
    // Django and its database allow such pairs, so that they may be stored already: an object of
    // such a pair may keep its value.
    let is_kept = alike
        .iter()
        .any(|(id, stored)| is_own(*id) && *stored == typed);
    Ok(!is_kept && alike.iter().any(|(id, _)| !is_own(*id)))
}

/// Deletes the rows of a table in which a column holds one of these keys.
pub(crate) async fn delete_where(
    db: &Transaction,
    table: &str,
    column: &str,
    keys: &[i64],
) -> Result<(), DbErr> {
    for keys in keys.chunks(crate::data::query::KEYS_AT_ONCE) {
        let query = Query::delete()
            .from_table(Alias::new(table))
            .and_where(Expr::col(Alias::new(column)).is_in(keys.iter().copied()))
            .to_owned();
        db.execute(&query).await?;
        if column == "id" {
            db.wrote(table, keys);
        }
    }
    Ok(())
}

/// Whether there is a table of that name.
pub(crate) async fn has_table(db: &impl ConnectionTrait, table: &str) -> Result<bool, DbErr> {
    let backend = db.get_database_backend();
    let sql = match backend {
        DbBackend::Postgres => "SELECT 1 WHERE to_regclass($1) IS NOT NULL",
        _ => "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = $1",
    };
    let statement =
        sea_orm::Statement::from_sql_and_values(backend, sql, [table.to_owned().into()]);
    Ok(db.query_one_raw(statement).await?.is_some())
}
