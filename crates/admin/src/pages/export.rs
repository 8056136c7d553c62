//! The objects of a list as a file: CSV (RFC 4180) or JSON. It is read and sent in chunks, so
//! that a list of any length can be exported.

use axum::body::{Body, Bytes};
use axum::response::Response;
use db::DbErr;
use futures_util::stream;
use http::HeaderValue;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use sea_orm::ConnectionTrait as _;
use serde_json::{Map, json};
use web::Error;

use crate::data::query::KEYS_AT_ONCE;
use crate::description::model::{LABEL, Model, Pages};
use crate::description::value::Value;
use crate::list::list_objects::ListObjects;
use crate::list::list_query::{List, ListQuery};
use crate::request::engine::Admin;

/// Rows that are read at once.
const ROWS_PER_CHUNK: usize = KEYS_AT_ONCE;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Csv,
    Json,
}

/// An export between two chunks.
struct Progress {
    admin: Admin,
    model: &'static Model,
    pages: &'static Pages,
    query: ListQuery,
    format: Format,
    /// The keys of the list's objects when the export began, in the order of the list. With offsets
    /// instead, objects that are added or deleted meanwhile would move others from one chunk to
    /// another, which would then be sent twice or not at all.
    keys: Vec<i64>,
    /// How many of them are done; `None` at the end.
    done: Option<usize>,
    /// Whether the next object is the first in the file.
    is_first: bool,
}

impl Progress {
    fn objects(&self) -> Result<Option<ListObjects<'_>>, DbErr> {
        let list = List {
            registry: &self.admin.registry,
            model: self.model,
            pages: self.pages,
            query: &self.query,
        };
        ListObjects::new(list, self.admin.db.get_database_backend())
    }
}

/// Answers with the file; 404 for an unknown format, or if a filter's value is invalid.
pub(crate) async fn export_list(
    admin: Admin,
    model: &'static Model,
    pages: &'static Pages,
    query: ListQuery,
    format: String,
) -> web::Result<Response> {
    let (format, media_type, ending) = match format.as_str() {
        "csv" => (Format::Csv, "text/csv; charset=utf-8", "csv"),
        "json" => (Format::Json, "application/json", "json"),
        _ => return Err(Error::NotFound),
    };
    let mut progress = Progress {
        admin,
        model,
        pages,
        query,
        format,
        keys: Vec::new(),
        done: Some(0),
        is_first: true,
    };
    progress.keys = match progress.objects()? {
        Some(objects) => objects.select.keys(&progress.admin.db).await?,
        None => return Err(Error::NotFound),
    };
    // The first chunk is read before the answer begins, so that an error of the database is a 500.
    let first = next_chunk(&mut progress).await?.unwrap_or_default();
    let rest = stream::unfold(progress, async |mut progress| {
        match next_chunk(&mut progress).await {
            Ok(Some(chunk)) => Some((Ok(chunk), progress)),
            Ok(None) => None,
            Err(error) => {
                // The answer breaks off, so that nobody takes it for whole.
                tracing::warn!(%error, "an export broke off");
                progress.done = None;
                Some((Err(std::io::Error::other("the export broke off")), progress))
            }
        }
    });
    let chunks = futures_util::StreamExt::chain(stream::iter([Ok(first)]), rest);
    let mut response = Response::new(Body::from_stream(chunks));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    let name = format!("attachment; filename=\"{}.{ending}\"", model.name);
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

async fn next_chunk(progress: &mut Progress) -> web::Result<Option<Bytes>> {
    let Some(done) = progress.done else {
        return Ok(None);
    };
    let Progress {
        admin,
        pages,
        format,
        keys,
        ..
    } = &*progress;
    let Some(mut objects) = progress.objects()? else {
        return Err(Error::NotFound);
    };
    let next = (done + ROWS_PER_CHUNK).min(keys.len());
    objects.select.with_keys(&keys[done..next]);
    let rows = objects.select.rows(&admin.db, 0, None).await?;
    let names: Vec<String> = pages.columns.iter().map(|path| name_of(path)).collect();
    let mut text = String::new();
    if done == 0 {
        match format {
            Format::Csv => text += &csv_line(["id".to_owned()].into_iter().chain(names.clone())),
            Format::Json => text.push('['),
        }
    }
    let mut is_first = progress.is_first;
    for row in &rows {
        let key = objects.key(row);
        let cells = objects.cells(row);
        match format {
            Format::Csv => {
                let cells = cells.iter().map(safe_text);
                text += &csv_line([key.to_string()].into_iter().chain(cells));
            }
            Format::Json => {
                let mut object = Map::from_iter([("id".to_owned(), json!(key))]);
                object.extend(names.iter().cloned().zip(cells.iter().map(Value::json)));
                text += if is_first { "\n" } else { ",\n" };
                text += &serde_json::Value::Object(object).to_string();
            }
        }
        is_first = false;
    }
    let is_last = next == keys.len();
    if is_last && *format == Format::Json {
        text += "\n]\n";
    }
    progress.is_first = is_first;
    progress.done = (!is_last).then_some(next);
    Ok(Some(text.into()))
}

/// The name of a column in a file.
fn name_of(path: &str) -> String {
    match path {
        LABEL => "label".to_owned(),
        path => path.replace('.', "_"),
    }
}

/// The text of a value, with a `'` before each place where a spreadsheet would see a formula begin
/// (<https://owasp.org/www-community/attacks/CSV_Injection>).
///
/// If a program splits at another separator than the comma, or ends a cell at a line's end, it sees
/// several cells in one text, and each may begin with a formula. Invisible characters and quotation
/// marks before a formula do not hide it, since a program may drop them.
fn safe_text(value: &Value) -> String {
    let text = value.text();
    let Value::Text(_) = value else {
        return text;
    };
    let mut safe = String::with_capacity(text.len());
    // A separator at the start belongs to the cell, which must not look empty.
    if text.starts_with(['\t', '\r', '\n']) {
        safe.push('\'');
    }
    for cell in text.split_inclusive(ENDS_CELL) {
        let content = cell.trim_start_matches(|c: char| c == '"' || is_unseen(c));
        if content.starts_with(BEGINS_FORMULA) {
            safe.push('\'');
        }
        safe += cell;
    }
    safe
}

/// What ends a cell in some program or country, and what ends a line.
const ENDS_CELL: [char; 9] = [
    ',', ';', '\t', '\n', '\r', '\u{b}', '\u{c}', '\u{2028}', '\u{2029}',
];

/// What a formula begins with, and the wide and small forms that some programs read as the same.
const BEGINS_FORMULA: [char; 12] = [
    '=', '+', '-', '@', '＝', '＋', '－', '＠', '﹦', '﹢', '﹣', '﹫',
];

/// Whether nothing is seen of a character: white space, control and format characters, and the
/// fillers that Unicode counts as letters.
fn is_unseen(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{70f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
                | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
                | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
        )
}

fn csv_line(cells: impl Iterator<Item = String>) -> String {
    let cells = cells.map(|cell| {
        // What separates cells in other programs or countries is quoted, too.
        let is_quoted = cell.contains('"')
            || cell.contains(ENDS_CELL)
            || cell.starts_with(' ')
            || cell.ends_with(' ');
        if is_quoted {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            cell
        }
    });
    let mut line = cells.collect::<Vec<_>>().join(",");
    line += "\r\n";
    line
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must() {
        let line = |cells: &[&str]| csv_line(cells.iter().map(|cell| (*cell).to_owned()));
        assert_eq!(line(&["1", "a b", ""]), "1,a b,\r\n");
        assert_eq!(
            line(&["a,b", "\"x\"", "a\nb"]),
            "\"a,b\",\"\"\"x\"\"\",\"a\nb\"\r\n"
        );
    }

    #[test]
    fn no_cell_is_a_formula() {
        let safe = |text: &str| safe_text(&Value::Text(text.to_owned()));
        for (text, expected) in [
            ("=1+1", "'=1+1"),
            ("@x", "'@x"),
            ("x;=cmd|' /C calc'!A0", "x;'=cmd|' /C calc'!A0"),
            ("x\n=1", "x\n'=1"),
            ("x\r\n=1", "x\r\n'=1"),
            ("x\t=1", "x\t'=1"),
            ("x,=1", "x,'=1"),
            ("x;\"=1", "x;'\"=1"),
            ("x\"; \"=1", "x\";' \"=1"),
            ("＝1", "'＝1"),
            ("＋1", "'＋1"),
            ("－1", "'－1"),
            ("＠x", "'＠x"),
            ("﹦1", "'﹦1"),
            ("\u{feff}=1", "'\u{feff}=1"),
            ("\u{200b}=1", "'\u{200b}=1"),
            (" \u{a0}\u{2060}\u{3164}+1", "' \u{a0}\u{2060}\u{3164}+1"),
            ("\u{1}=1", "'\u{1}=1"),
            ("x;\u{ad}=1", "x;'\u{ad}=1"),
            ("\tx", "'\tx"),
            ("\rx", "'\rx"),
        ] {
            assert_eq!(safe(text), expected, "{text:?}");
        }
        for honest in [
            "a=b",
            "a-b",
            "1 + 1",
            "ann@example.com",
            "Bay; the house",
            "Villa, 5 rooms",
            "C++",
            "l'été",
            "\"quoted\"",
            " a",
            "été\nsuite",
            "",
        ] {
            assert_eq!(safe(honest), honest);
        }
        assert_eq!(safe_text(&Value::Integer(-1)), "-1");
    }

    proptest! {
        /// Whichever separators a program knows, and whatever it drops before it looks.
        #[test]
        fn no_piece_of_a_text_is_a_formula(text in "[=+＝@ax;,\t\n\r\"' \u{feff}\u{200b}]{0,12}") {
            let safe = safe_text(&Value::Text(text.clone()));
            for separators in [&[','][..], &[';'], &['\t'], &['\n', '\r'], &[',', ';', '\t', '\n', '\r']] {
                for cell in safe.split(separators) {
                    let seen = cell.trim_start_matches(|c: char| c == '"' || is_unseen(c));
                    prop_assert!(!seen.starts_with(BEGINS_FORMULA), "{safe:?}");
                }
            }
            prop_assert_eq!(safe.replace('\'', ""), text.replace('\'', ""));
        }
    }
}
