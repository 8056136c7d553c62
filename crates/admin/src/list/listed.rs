//! The objects of a list, and the values of its columns.

use db::DbErr;
use sea_orm::DbBackend;

use super::filters::narrow;
use super::list_query::List;
use crate::data::query::{Row, Select, Text, key_of};
use crate::description::model::{LABEL, Model, Part};
use crate::description::registry::Registry;
use crate::description::value::Value;

/// The objects that a list is about, before it is cut into pages.
pub(crate) struct Listed<'a> {
    pub(crate) select: Select<'a>,
    pub(crate) model: &'static Model,
    key: usize,
    pub(crate) label: Text,
    columns: Vec<Column>,
}

/// A column of the list.
enum Column {
    Label,
    Value(usize),
    /// The label of the related object.
    Related(Text),
}

impl<'a> Listed<'a> {
    /// With search and filters, sorted; `None` if a filter's value is invalid.
    pub(crate) fn new(list: List<'a>, backend: DbBackend) -> Result<Option<Self>, DbErr> {
        let List {
            registry, model, ..
        } = list;
        let mut select = Select::new(registry, model);
        let key = select.column("id")?;
        let label = select.parts(model.label)?;
        let mut columns = Vec::new();
        for path in list.pages.columns {
            columns.push(column(registry, model, &mut select, path)?);
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
            Column::Label => Value::Text(self.label.of(row)),
            Column::Value(index) => row.get(*index).cloned().unwrap_or(Value::Null),
            Column::Related(text) => Value::Text(text.of(row)),
        });
        cells.collect()
    }
}

fn column(
    registry: &Registry,
    model: &'static Model,
    select: &mut Select<'_>,
    path: &str,
) -> Result<Column, DbErr> {
    if path == LABEL {
        return Ok(Column::Label);
    }
    let target = registry.route(model, path);
    let target = target.and_then(|route| registry.target(route.field?));
    let Some(target) = target else {
        return select.column(path).map(Column::Value);
    };
    // The parts of the related object's label, by paths from this model.
    let mut pieces = Vec::new();
    for part in target.label {
        pieces.push(match part {
            Part::Text(text) => Err(*text),
            Part::Value(end) => Ok(select.column(&format!("{path}.{end}"))?),
        });
    }
    Ok(Column::Related(Text::from_pieces(pieces)))
}
