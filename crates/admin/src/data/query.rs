//! Queries on tables that are known only from their description: paths become joins.

use db::{DbErr, Integer, stored};
use sea_orm::sea_query::{
    Alias, CommonTableExpression, Condition, Expr, ExprTrait as _, Func, JoinType, LikeExpr, Query,
    SelectStatement, WithClause, extension::postgres::PgExpr as _,
};
use sea_orm::{ConnectionTrait, DbBackend, Order, QueryResult};

use crate::data::row::{Piece, Row, RowText};
use crate::data::search::{folded_for, search_words};
use crate::data::span::Span;
use crate::description::model::{Field, FieldKind, ManyToMany, Model, TextPart};
use crate::description::registry::{Registry, Step};
use crate::description::value::Value;

/// The alias of the model's own table in every statement.
pub(super) const ROOT: &str = "t";

/// The most keys in one statement.
pub(crate) const KEYS_AT_ONCE: usize = 500;

/// A select over a model's table and those that its paths lead to.
#[derive(Debug, Clone)]
pub(crate) struct Select<'a> {
    registry: &'a Registry,
    model: &'static Model,
    joins: Vec<Join>,
    columns: Vec<(Expr, Option<FieldKind>)>,
    condition: Condition,
    /// Whether the condition uses joined tables. If not, a count leaves them out: they are left
    /// joins by key, which do not change the number of rows.
    joins_matter: bool,
    order: Vec<(Expr, Order)>,
}

#[derive(Debug, Clone)]
struct Join {
    from: String,
    columns: [String; 2],
    model: &'static Model,
    alias: String,
}

pub(super) fn column(alias: &str, name: &str) -> Expr {
    Expr::col((Alias::new(alias), Alias::new(name)))
}

fn unknown(model: &Model, path: &str) -> DbErr {
    DbErr::Custom(format!("{} has nothing at {path}", model.full_name()))
}

impl<'a> Select<'a> {
    pub(crate) fn new(registry: &'a Registry, model: &'static Model) -> Self {
        Self {
            registry,
            model,
            joins: Vec::new(),
            columns: Vec::new(),
            condition: Condition::all(),
            joins_matter: false,
            order: Vec::new(),
        }
    }

    /// The expression at a path, with its kind. Joins the tables on the way.
    fn expression(&mut self, path: &str) -> Result<(Expr, Option<FieldKind>), DbErr> {
        let resolved = self.registry.resolve(self.model, path);
        let resolved = resolved.ok_or_else(|| unknown(self.model, path))?;
        let mut alias = ROOT.to_owned();
        for (step, model) in resolved.steps {
            alias = self.join(alias, step, model);
        }
        match resolved.field {
            None => Ok((column(&alias, "id"), None)),
            Some(field) => Ok((column(&alias, &field.column()), Some(field.kind))),
        }
    }

    fn join(&mut self, from: String, step: Step, model: &'static Model) -> String {
        let columns = step.columns();
        let known = self.joins.iter();
        let mut known = known.filter(|join| {
            let is_same = join.model.table == model.table && join.columns == columns;
            join.from == from && is_same
        });
        if let Some(join) = known.next() {
            return join.alias.clone();
        }
        let alias = format!("{ROOT}{}", self.joins.len() + 1);
        self.joins.push(Join {
            from,
            columns,
            model,
            alias: alias.clone(),
        });
        alias
    }

    /// Selects the value at a path. Returns its index in a [`Row`].
    pub(crate) fn column(&mut self, path: &str) -> Result<usize, DbErr> {
        let expression = self.expression(path)?;
        self.columns.push(expression);
        Ok(self.columns.len() - 1)
    }

    /// Selects the values that a text is made of.
    pub(crate) fn text(&mut self, parts: &[TextPart]) -> Result<RowText, DbErr> {
        let pieces = parts.iter().map(|part| match part {
            TextPart::Text(text) => Ok(Piece::Text(text)),
            TextPart::Value(path) => self.column(path).map(Piece::Value),
        });
        pieces.collect::<Result<_, _>>().map(RowText)
    }

    pub(crate) fn and(&mut self, condition: impl Into<Condition>) {
        // Moved out and back: with a copy for each, the work would grow with their number's square.
        let condition_so_far = std::mem::replace(&mut self.condition, Condition::all());
        self.condition = condition_so_far.add(condition.into());
    }

    /// Keeps the rows whose value at a path is this one.
    pub(crate) fn equals(&mut self, path: &str, value: &Value) -> Result<(), DbErr> {
        self.add_condition_at(path, |expression, kind| match value {
            Value::Null => expression.is_null(),
            value => expression.eq(value.sql_value(kind.unwrap_or(FieldKind::Relation("")))),
        })
    }

    /// Keeps the rows whose value at a path is not null.
    pub(crate) fn is_not_null(&mut self, path: &str) -> Result<(), DbErr> {
        self.add_condition_at(path, |expression, _| expression.is_not_null())
    }

    /// Keeps the rows whose time at a path is within a span.
    pub(crate) fn within(&mut self, path: &str, span: Span) -> Result<(), DbErr> {
        self.add_condition_at(path, |time, _| match span.end {
            None => time.gte(span.start),
            Some(end) => time.clone().gte(span.start).and(time.lt(end)),
        })
    }

    /// Keeps the rows for whose value at a path the condition holds.
    fn add_condition_at(
        &mut self,
        path: &str,
        condition: impl Fn(Expr, Option<FieldKind>) -> Expr,
    ) -> Result<(), DbErr> {
        let resolved = self.registry.resolve(self.model, path);
        let resolved = resolved.ok_or_else(|| unknown(self.model, path))?;
        let [(step, _)] = resolved.steps[..] else {
            let (expression, kind) = self.expression(path)?;
            self.joins_matter |= !resolved.steps.is_empty();
            self.and(Condition::all().add(condition(expression, kind)));
            return Ok(());
        };
        // One step away, `EXISTS` looks up row by row. With a join, SQLite would scan the other
        // table first, and sort all that it finds before it has the first page.
        let name = resolved
            .field
            .map_or_else(|| "id".to_owned(), Field::column);
        let [here, there] = step.columns();
        let there = Query::select()
            .expr(Expr::val(1))
            .from(Alias::new(resolved.model.table))
            .and_where(Expr::col(Alias::new(there)).eq(column(ROOT, &here)))
            .and_where(condition(
                Expr::col(Alias::new(name)),
                resolved.field.map(|field| field.kind),
            ))
            .to_owned();
        self.and(Condition::all().add(Expr::exists(there)));
        Ok(())
    }

    /// The table of pairs, if the path is a many-to-many field of the model itself.
    fn pairs(&self, path: &str) -> Option<ManyToMany> {
        let resolved = self.registry.resolve(self.model, path)?;
        match resolved.field?.kind {
            FieldKind::ManyToMany(many_to_many) if resolved.steps.is_empty() => Some(many_to_many),
            _ => None,
        }
    }

    /// Keeps the rows that a many-to-many field relates to this key.
    pub(crate) fn has_related(&mut self, path: &str, key: i64) -> Result<(), DbErr> {
        let many_to_many = self.pairs(path).ok_or_else(|| unknown(self.model, path))?;
        let keys = Query::select()
            .column(Alias::new(many_to_many.own_column))
            .from(Alias::new(many_to_many.table))
            .and_where(Expr::col(Alias::new(many_to_many.other_column)).eq(key))
            .to_owned();
        let is_among = column(ROOT, "id").in_subquery(keys);
        self.and(Condition::all().add(is_among));
        Ok(())
    }

    /// Keeps the rows with these keys, of which there may be at most [`KEYS_AT_ONCE`].
    pub(crate) fn with_keys(&mut self, keys: &[i64]) {
        let keys = keys.iter().copied();
        self.and(Condition::all().add(column(ROOT, "id").is_in(keys)));
    }

    /// Keeps the rows in which every word occurs at one of the paths, as in Django's search. `^`
    /// before a path finds a word only at the start of the value, `=` only as the whole value. Case
    /// is ignored as far as the database can. Of too many words the first count.
    pub(crate) fn search(
        &mut self,
        paths: &[&str],
        text: &str,
        backend: DbBackend,
    ) -> Result<(), DbErr> {
        for word in search_words(text).words {
            self.joins_matter = true;
            let mut any = Condition::any();
            let escaped = word.replace('\\', "\\\\");
            let escaped = escaped.replace('%', "\\%").replace('_', "\\_");
            for path in paths {
                let (prefix, path) = path.split_at(usize::from(path.starts_with(['^', '='])));
                let pattern = match prefix {
                    "^" => format!("{escaped}%"),
                    "=" => escaped.clone(),
                    _ => format!("%{escaped}%"),
                };
                let (expression, kind) = self.expression(path)?;
                if let ("=", Some(FieldKind::Integer { .. })) = (prefix, kind) {
                    // Compared as a number, so that leading zeros do not matter.
                    let number = word.parse::<i64>().ok().map(|number| expression.eq(number));
                    any = any.add(number.unwrap_or_else(|| Expr::val(false)));
                    continue;
                }
                let expression = match kind {
                    Some(FieldKind::Text { .. }) => expression,
                    _ => expression.cast_as(Alias::new("text")),
                };
                let pattern = LikeExpr::new(pattern);
                any = any.add(match backend {
                    // PostgreSQL escapes by a backslash without being told, and the query builder
                    // would put the `ESCAPE` into parentheses, which is a syntax error.
                    DbBackend::Postgres => folded_for(&word, expression).ilike(pattern),
                    _ => expression.like(pattern.escape('\\')),
                });
            }
            self.and(any);
        }
        Ok(())
    }

    /// Sorts by a path, after those that were given before; `-` before it for a descending order.
    pub(crate) fn order(&mut self, path: &str) -> Result<(), DbErr> {
        let (path, order) = match path.strip_prefix('-') {
            Some(path) => (path, Order::Desc),
            None => (path, Order::Asc),
        };
        let (expression, _) = self.expression(path)?;
        self.order.push((expression, order));
        Ok(())
    }

    fn base(&self) -> SelectStatement {
        self.base_with(&self.joins)
    }

    fn base_with(&self, joins: &[Join]) -> SelectStatement {
        let mut query = Query::select();
        query.from_as(Alias::new(self.model.table), Alias::new(ROOT));
        for join in joins {
            let [here, there] = &join.columns;
            // Left joins: a row whose relation leads to nothing stays in the list.
            query.join_as(
                JoinType::LeftJoin,
                Alias::new(join.model.table),
                Alias::new(join.alias.as_str()),
                column(&join.from, here).eq(column(&join.alias, there)),
            );
        }
        query.cond_where(self.condition.clone());
        query
    }

    pub(crate) async fn count(&self, db: &impl ConnectionTrait) -> Result<u64, DbErr> {
        let joins = if self.joins_matter {
            &self.joins[..]
        } else {
            &[]
        };
        let mut query = self.base_with(joins);
        query.expr(Expr::cust("COUNT(*)"));
        let row = db.query_one(&query).await?;
        let count = row
            .map(|row| row.try_get_by_index::<Integer>(0))
            .transpose()?;
        Ok(count.map_or(0, |Integer(count)| count.unsigned_abs()))
    }

    /// The table, and whether the rows are all of it, sorted by their keys alone in that order.
    pub(super) fn as_sequence(&self) -> (&'static str, Option<Order>) {
        let order = match &self.order[..] {
            [(by, order)] if *by == column(ROOT, "id") && self.condition.is_empty() => Some(order),
            _ => None,
        };
        (self.model.table, order.cloned())
    }

    /// Keeps the rows from a key on, in the order of the keys.
    pub(super) fn start_at(&mut self, key: i64, order: &Order) {
        let own = column(ROOT, "id");
        let condition = match order {
            Order::Desc => own.lte(key),
            _ => own.gte(key),
        };
        self.and(Condition::all().add(condition));
    }

    /// The rows from `offset`, at most `limit`.
    pub(crate) async fn rows(
        &self,
        db: &impl ConnectionTrait,
        offset: u64,
        limit: Option<u64>,
    ) -> Result<Vec<Row>, DbErr> {
        let mut query = self.base();
        for (expression, _) in &self.columns {
            query.expr(expression.clone());
        }
        self.add_order(&mut query);
        if let Some(limit) = limit.filter(|_| offset == 0) {
            query.limit(limit);
        } else if let Some(limit) = limit {
            // The page's keys first: of rows that are skipped, other tables need not be read.
            let mut keys = self.base();
            keys.expr(column(ROOT, "id")).limit(limit).offset(offset);
            self.add_order(&mut keys);
            query.and_where(column(ROOT, "id").in_subquery(keys));
        }
        self.read(db, &query).await
    }

    /// The keys of all rows, in order.
    pub(crate) async fn keys(&self, db: &impl ConnectionTrait) -> Result<Vec<i64>, DbErr> {
        let mut query = self.base();
        query.expr(column(ROOT, "id"));
        self.add_order(&mut query);
        keys_in(&db.query_all(&query).await?)
    }

    fn add_order(&self, query: &mut SelectStatement) {
        for (expression, order) in &self.order {
            query.order_by_expr(expression.clone(), order.clone());
        }
    }

    /// The rows from `offset`, at most `limit`, and how many there are in all. For conditions that
    /// make the database look at every row: it does so once for both. The materialized query hides
    /// the limit from the planner, whose plan might else be fast for many matches and slow for few.
    pub(crate) async fn rows_with_count(
        &self,
        db: &impl ConnectionTrait,
        offset: u64,
        limit: u64,
    ) -> Result<(Vec<Row>, u64), DbErr> {
        let mut all = self.base();
        all.expr_as(column(ROOT, "id"), Alias::new("key"));
        let mut keys = Query::select();
        keys.column(Alias::new("key")).from(Alias::new("found"));
        for (index, (expression, order)) in self.order.iter().enumerate() {
            let name = format!("order{index}");
            all.expr_as(expression.clone(), Alias::new(name.as_str()));
            keys.order_by(Alias::new(name), order.clone());
        }
        let count = Query::select()
            .expr(Expr::cust("COUNT(*)"))
            .from(Alias::new("found"))
            .to_owned();
        keys.expr(Expr::SubQuery(None, Box::new(count.into())))
            .limit(limit)
            .offset(offset);
        let all = CommonTableExpression::new()
            .query(all)
            .table_name(Alias::new("found"))
            .materialized(true)
            .to_owned();
        let query = keys.with(WithClause::new().cte(all).to_owned());
        let found = db.query_all(&query).await?;
        // Each row carries the count. Without a row, nothing matches, or the offset is too large.
        let Some(first) = found.first() else {
            let is_first = offset == 0;
            return Ok((Vec::new(), if is_first { 0 } else { self.count(db).await? }));
        };
        let Integer(count) = first.try_get_by_index(1)?;
        let keys = keys_in(&found)?;
        let mut page = self.clone();
        page.with_keys(&keys);
        Ok((page.rows(db, 0, None).await?, count.unsigned_abs()))
    }

    /// All rows. On PostgreSQL they are locked until the transaction ends.
    pub(crate) async fn locked_rows(&self, db: &impl ConnectionTrait) -> Result<Vec<Row>, DbErr> {
        let mut query = self.base();
        for (expression, _) in &self.columns {
            query.expr(expression.clone());
        }
        if db.get_database_backend() == DbBackend::Postgres {
            query.lock_exclusive();
        }
        self.read(db, &query).await
    }

    /// The sorted values at a path, or the keys of a many-to-many field, and how many rows have
    /// each. At most `limit` values.
    pub(crate) async fn values(
        &mut self,
        db: &impl ConnectionTrait,
        path: &str,
        limit: u64,
    ) -> Result<Vec<(Value, u64)>, DbErr> {
        let many_to_many = self.pairs(path);
        let (expression, kind) = match many_to_many {
            Some(many_to_many) => (column("pairs", many_to_many.other_column), None),
            None => self.expression(path)?,
        };
        let mut query = self.base();
        if let Some(many_to_many) = many_to_many {
            let is_own = column("pairs", many_to_many.own_column).eq(column(ROOT, "id"));
            query.join_as(
                JoinType::InnerJoin,
                Alias::new(many_to_many.table),
                Alias::new("pairs"),
                is_own,
            );
        }
        query.expr(expression.clone());
        query.expr(Expr::cust("COUNT(*)"));
        query.add_group_by([expression.clone()]);
        query.order_by_expr(expression, Order::Asc).limit(limit);
        let rows = db.query_all(&query).await?;
        let values = rows.iter().map(|row| {
            let Integer(count) = row.try_get_by_index(1)?;
            Ok((Value::read(row, 0, kind)?, count.unsigned_abs()))
        });
        values.collect()
    }

    /// The years, months or days of the times at a path, sorted: so many characters of ISO 8601.
    pub(crate) async fn date_prefixes(
        mut self,
        db: &impl ConnectionTrait,
        path: &str,
        length: i32,
    ) -> Result<Vec<String>, DbErr> {
        let (time, _) = self.expression(path)?;
        let date = match db.get_database_backend() {
            DbBackend::Postgres => {
                Expr::cust_with_expr("to_char($1 AT TIME ZONE 'UTC', 'YYYY-MM-DD')", time)
            }
            _ => time,
        };
        let date = Func::cust("substr").args([date, Expr::val(1), Expr::val(length)]);
        let mut query = self.base();
        query.distinct().expr_as(date, Alias::new("date"));
        query.order_by(Alias::new("date"), Order::Asc);
        let rows = db.query_all(&query).await?;
        let dates = rows.iter().map(|row| Ok(stored::text(row, 0)?.value()));
        let dates: Result<Vec<_>, DbErr> = dates.collect();
        Ok(dates?.into_iter().flatten().collect())
    }

    async fn read(
        &self,
        db: &impl ConnectionTrait,
        query: &SelectStatement,
    ) -> Result<Vec<Row>, DbErr> {
        let rows = db.query_all(query).await?;
        let rows = rows.iter().map(|row| {
            let columns = self.columns.iter().enumerate();
            let values = columns.map(|(index, (_, kind))| Value::read(row, index, *kind));
            values.collect::<Result<Row, _>>()
        });
        rows.collect()
    }
}

/// The keys in the first column of rows. A value that is no integer is left out: it is no key.
pub(crate) fn keys_in(rows: &[QueryResult]) -> Result<Vec<i64>, DbErr> {
    let keys = rows.iter().map(|row| Ok(stored::integer(row, 0)?.value()));
    let keys: Result<Vec<_>, DbErr> = keys.collect();
    Ok(keys?.into_iter().flatten().collect())
}

pub(crate) fn key_of(row: &Row, index: usize) -> i64 {
    match row.get(index) {
        Some(Value::Integer(key)) => *key,
        _ => 0,
    }
}
