//! The objects of a list, and the values of its columns.

use db::DbErr;

use crate::data::query::{Select, Text, key_of};
use crate::description::model::{LABEL, Model, Pages};
use crate::description::value::Value;
use crate::list::filters::narrow;
use crate::list::list_query::ListQuery;
use crate::request::ask::Ask;

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
    /// What the object of a relation is called.
    Related(Text),
}

impl<'a> Listed<'a> {
    /// With search and filters, sorted; `None` where a filter's value cannot be meant.
    pub(crate) fn new(
        ask: &'a Ask,
        model: &'static Model,
        pages: &'static Pages,
        query: &ListQuery,
    ) -> Result<Option<Self>, DbErr> {
        let mut select = Select::new(&ask.admin.registry, model);
        let key = select.column("id")?;
        let label = select.parts(model.label)?;
        let mut columns = Vec::new();
        for path in pages.columns {
            columns.push(column(ask, model, &mut select, path)?);
        }
        if !narrow(ask, model, pages, query, &mut select)? {
            return Ok(None);
        }
        for path in query.order_paths(&ask.admin.registry, model) {
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
    pub(crate) fn cells(&self, row: &crate::data::query::Row) -> Vec<Value> {
        let cells = self.columns.iter().map(|column| match column {
            Column::Label => Value::Text(self.label.of(row)),
            Column::Value(index) => row.get(*index).cloned().unwrap_or(Value::Null),
            Column::Related(text) => Value::Text(text.of(row)),
        });
        cells.collect()
    }
}

fn column(
    ask: &Ask,
    model: &'static Model,
    select: &mut Select<'_>,
    path: &str,
) -> Result<Column, DbErr> {
    if path == LABEL {
        return Ok(Column::Label);
    }
    let registry = &ask.admin.registry;
    let target = registry.route(model, path);
    let target = target.and_then(|route| registry.target(route.field?));
    let Some(target) = target else {
        return select.column(path).map(Column::Value);
    };
    // The parts of its label, seen from here.
    let mut pieces = Vec::new();
    for part in target.label {
        pieces.push(match part {
            crate::description::model::Part::Text(text) => Err(*text),
            crate::description::model::Part::Value(end) => {
                Ok(select.column(&format!("{path}.{end}"))?)
            }
        });
    }
    Ok(Column::Related(Text::from_pieces(pieces)))
}
