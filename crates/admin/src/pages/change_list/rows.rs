//! The rows of a list, with what the site adds to them.

use std::collections::BTreeMap;

use db::{Database, DbErr};
use web::i18n::Texts;

use super::heads::ColumnHead;
use crate::data::query::KEYS_AT_ONCE;
use crate::data::row::Row;
use crate::description::model::{ExtraCells, Thumbnail};
use crate::description::value::Value;
use crate::list::list_objects::ListObjects;
use crate::list::list_query::List;
use crate::request::draft::{self, Draft};
use crate::words;

#[derive(Debug)]
pub(super) struct ListRow {
    pub(super) key: i64,
    pub(super) label: String,
    pub(super) link: Option<String>,
    pub(super) picture: Option<Thumbnail>,
    pub(super) cells: Vec<Cell>,
}

#[derive(Debug)]
pub(super) struct Cell {
    /// What stands before the text on a phone; `None` where the text says it all.
    pub(super) head: Option<String>,
    pub(super) text: String,
    /// A truth value is shown as a sign, too.
    pub(super) sign: Option<bool>,
}

/// The objects of a page, and what their rows are made with.
pub(super) struct Found<'a> {
    pub(super) list: List<'a>,
    pub(super) objects: &'a ListObjects<'a>,
    pub(super) heads: &'a [ColumnHead],
    /// The draft for which an object is chosen.
    pub(super) draft: Option<&'a Draft>,
}

impl Found<'_> {
    /// The rows as they are shown. What the site adds to them is found for all of them at once.
    pub(super) async fn shown(
        &self,
        db: &Database,
        texts: &Texts,
        rows: &[Row],
    ) -> Result<Vec<ListRow>, DbErr> {
        let mut extras = BTreeMap::new();
        if let Some(given) = self.list.pages.extras {
            let keys: Vec<_> = rows.iter().map(|row| self.objects.key(row)).collect();
            for keys in keys.chunks(KEYS_AT_ONCE) {
                extras.extend((given.find)(db, keys, texts).await?);
            }
        }
        let shown = rows.iter().map(|row| {
            let extra = extras.remove(&self.objects.key(row)).unwrap_or_default();
            self.row(texts, row, extra)
        });
        Ok(shown.collect())
    }

    /// A row with a link to the object's form, or to the draft for which an object is chosen.
    fn row(&self, texts: &Texts, row: &Row, extra: ExtraCells) -> ListRow {
        let Self {
            list,
            objects,
            heads,
            draft,
        } = self;
        let key = objects.key(row);
        let link = if let Some(draft) = draft {
            draft.resume_address(Some(key))
        } else {
            let list_query = list.query.encoded();
            let mut query = form_urlencoded::Serializer::new(String::new());
            if !list_query.is_empty() {
                query.append_pair(draft::FILTERS, &list_query);
            }
            let query = query.finish();
            let sign = if query.is_empty() { "" } else { "?" };
            format!("{}{key}/change/{sign}{query}", objects.model.address())
        };
        let values = objects.cells(row).into_iter().zip(objects.fields());
        let values = values.map(|(value, field)| {
            let sign = match value {
                Value::Boolean(is_true) => Some(is_true),
                _ => None,
            };
            let text = match field {
                Some(field) => words::field_value(texts, list.registry, field, &value),
                None => words::value(texts, &value),
            };
            (text, sign)
        });
        let cells = values.zip(*heads).map(|((text, sign), head)| Cell {
            head: Some(head.text.clone()),
            text,
            sign,
        });
        let added = extra.texts.into_iter().map(|text| Cell {
            head: None,
            text,
            sign: None,
        });
        ListRow {
            key,
            label: objects.label.of(row),
            link: Some(link),
            picture: extra.picture,
            cells: cells.chain(added).collect(),
        }
    }
}
