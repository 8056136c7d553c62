//! What a list shows, as a file: CSV (RFC 4180) or JSON. Read and sent piece by piece, so that no
//! list is too long.

use axum::body::{Body, Bytes};
use axum::response::Response;
use futures_util::stream;
use http::HeaderValue;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use serde_json::{Map, json};
use web::Error;

use crate::ask::Ask;
use crate::list_query::ListQuery;
use crate::listed::Listed;
use crate::model::{Model, Pages};
use crate::query::KEYS_AT_ONCE;
use crate::value::Value;

/// Rows that are read at once.
const ROWS: usize = KEYS_AT_ONCE;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Csv,
    Json,
}

/// Where the file is.
struct Progress {
    ask: Ask,
    model: &'static Model,
    pages: &'static Pages,
    query: ListQuery,
    format: Format,
    /// The objects of the list when it was asked for, in its order: what comes or goes while the
    /// file is sent moves no other across the pieces.
    keys: Vec<i64>,
    /// How many of them are done; `None` at the end.
    done: Option<usize>,
    /// Whether the next object is the first in the file.
    is_first: bool,
}

/// The file as an answer.
pub(crate) async fn answer(
    ask: Ask,
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
    let keys = match Listed::new(&ask, model, pages, &query)? {
        Some(listed) => listed.select.keys(&ask.admin.db).await?,
        None => return Err(Error::NotFound),
    };
    let mut progress = Progress {
        ask,
        model,
        pages,
        query,
        format,
        keys,
        done: Some(0),
        is_first: true,
    };
    // The first piece tells whether the database answers.
    let first = piece(&mut progress).await?.unwrap_or_default();
    let rest = stream::unfold(progress, async |mut progress| {
        match piece(&mut progress).await {
            Ok(Some(piece)) => Some((Ok(piece), progress)),
            Ok(None) => None,
            Err(error) => {
                // The answer breaks off, so that nobody takes it for whole.
                tracing::warn!(%error, "an export broke off");
                progress.done = None;
                Some((Err(std::io::Error::other("the export broke off")), progress))
            }
        }
    });
    let pieces = futures_util::StreamExt::chain(stream::iter([Ok(first)]), rest);
    let mut response = Response::new(Body::from_stream(pieces));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    let name = format!("attachment; filename=\"{}.{ending}\"", model.name);
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

async fn piece(progress: &mut Progress) -> web::Result<Option<Bytes>> {
    let Some(done) = progress.done else {
        return Ok(None);
    };
    let Progress {
        ask,
        model,
        pages,
        query,
        format,
        keys,
        ..
    } = &*progress;
    let Some(mut listed) = Listed::new(ask, model, pages, query)? else {
        return Err(Error::NotFound);
    };
    let next = (done + ROWS).min(keys.len());
    listed.select.with_keys(&keys[done..next]);
    let rows = listed.select.rows(&ask.admin.db, 0, None).await?;
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
        let key = listed.key(row);
        let cells = listed.cells(row);
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
        crate::model::LABEL => "label".to_owned(),
        path => path.replace('.', "_"),
    }
}

/// A text that a spreadsheet would take for a formula gets a quotation mark before it
/// (<https://owasp.org/www-community/attacks/CSV_Injection>).
fn safe_text(value: &Value) -> String {
    let text = value.text();
    match value {
        Value::Text(_) if text.starts_with(['=', '+', '-', '@', '\t', '\r']) => format!("'{text}"),
        _ => text,
    }
}

fn csv_line(cells: impl Iterator<Item = String>) -> String {
    let cells = cells.map(|cell| {
        if cell.contains(['"', ',', '\n', '\r']) || cell.starts_with(' ') || cell.ends_with(' ') {
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
        assert_eq!(safe("=1+1"), "'=1+1");
        assert_eq!(safe("@x"), "'@x");
        assert_eq!(safe("a=b"), "a=b");
        assert_eq!(safe_text(&Value::Integer(-1)), "-1");
    }
}
