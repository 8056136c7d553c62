//! The objects of a list, and the values of its columns.

use db::DbErr;
use sea_orm::DbBackend;

use super::filters::narrow;
use super::list_query::List;
use crate::data::query::{Select, key_of};
use crate::data::row::{Row, RowText};
use crate::description::model::{Field, LABEL, Model, TextPart};
use crate::description::registry::Registry;
use crate::description::value::Value;

/// The objects that a list is about, before it is cut into pages.
pub(crate) struct ListObjects<'a> {
    pub(crate) select: Select<'a>,
    pub(crate) model: &'static Model,
    key: usize,
    pub(crate) label: RowText,
    columns: Vec<ListColumn>,
}

/// A column of the list.
enum ListColumn {
    Label,
    Value(usize, Option<&'static Field>),
    /// The label of the related object.
    Related(RowText),
}

impl<'a> ListObjects<'a> {
    /// With search and filters, sorted; `None` if a filter's value is invalid.
    pub(crate) fn new(list: List<'a>, backend: DbBackend) -> Result<Option<Self>, DbErr> {
        let List {
            registry, model, ..
        } = list;
        let mut select = Select::new(registry, model);
        let key = select.column("id")?;
        let label = select.text(model.label)?;
        let mut columns = Vec::new();
        for path in list.pages.columns {
            columns.push(list_column(registry, model, &mut select, path)?);
        }
        if !narrow(list, backend, &mut select)? {
            return Ok(None);
        }
        for path in list.query.order_paths(registry, model) {
            select.order(&path)?;
        }
        Ok(Some(Self {
            select,
            model,
            key,
            label,
            columns,
        }))
    }

    pub(crate) fn key(&self, row: &[Value]) -> i64 {
        key_of(&row.to_vec(), self.key)
    }

    /// The values of the columns.
    pub(crate) fn cells(&self, row: &Row) -> Vec<Value> {
        let cells = self.columns.iter().map(|column| match column {
            ListColumn::Label => Value::Text(self.label.of(row)),
            ListColumn::Value(index, _) => row.get(*index).cloned().unwrap_or(Value::Null),
            ListColumn::Related(text) => Value::Text(text.of(row)),
        });
        cells.collect()
    }

    /// The fields that the columns show, each `None` for a label or a key.
    pub(crate) fn fields(&self) -> impl Iterator<Item = Option<&'static Field>> {
        self.columns.iter().map(|column| match column {
            ListColumn::Value(_, field) => *field,
            ListColumn::Label | ListColumn::Related(_) => None,
        })
    }
}

fn list_column(
    registry: &Registry,
    model: &'static Model,
    select: &mut Select<'_>,
    path: &str,
) -> Result<ListColumn, DbErr> {
    if path == LABEL {
        return Ok(ListColumn::Label);
    }
    let field = registry.resolve(model, path);
    let field = field.and_then(|resolved| resolved.field);
    let Some(target) = field.and_then(|field| registry.target(field)) else {
        let column = select.column(path)?;
        return Ok(ListColumn::Value(column, field));
    };
    // The parts of the related object's label, by paths from this model.
    let mut pieces = Vec::new();
    for part in target.label {
        pieces.push(match part {
            TextPart::Text(text) => Err(*text),
            TextPart::Value(end) => Ok(select.column(&format!("{path}.{end}"))?),
        });
    }
    Ok(ListColumn::Related(RowText::from_pieces(pieces)))
}
