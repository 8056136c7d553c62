//! The history of changes in Django's table, [`LOG_ENTRY`], and in its words
//! (`Django 5.2 contrib/admin/models.py`, `utils.py`).

use accounts::content_type;
use accounts::schema::{CONTENT_TYPE, USER};
use chrono::{DateTime, Utc};
use db::datetime::now;
use db::stored::{self, Stored};
use db::{DbErr, Integer, Transaction};
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, Query, SelectStatement};
use sea_orm::{ConnectionTrait, Order};
use serde_json::Value;

use crate::description::model::{Field, Model};
use crate::description::schema::LOG_ENTRY;

/// The longest label of an object that is stored, in characters: the length of `object_repr`.
const MAX_LABEL: usize = 200;

/// The most entries that one statement inserts.
const ROWS_AT_ONCE: usize = 100;

/// Django's `action_flag`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Addition = 1,
    /// An object was changed, or saved as it was.
    Change = 2,
    Deletion = 3,
}

/// What the entries of one change have in common.
///
/// The history of an object that is a part of another is the whole's: the objects are wholes then.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewLogEntries<'a> {
    pub(crate) user: Integer,
    pub(crate) model: &'a Model,
    pub(crate) action: Action,
    pub(crate) message: &'a str,
}

/// One thing that a message tells.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) action: Action,
    /// The name of the model and the label of the object, if it is another than the entry's.
    pub(crate) about: Option<About>,
    /// What was changed of it, as the history names it.
    pub(crate) fields: Vec<String>,
}

/// An object that stands in the form of another, or is a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct About {
    pub(crate) name: String,
    pub(crate) object: String,
}

/// The names of fields in the history.
pub(crate) fn names_of(fields: &[&Field]) -> Vec<String> {
    fields.iter().map(|field| field.history_name()).collect()
}

/// The message of a change, with the names of the fields as the history shall have them.
pub(crate) fn change_message_of(names: &[String]) -> String {
    message(&[Told {
        action: Action::Change,
        about: None,
        fields: names.to_vec(),
    }])
}

/// A message in Django's form (`Django 5.2 contrib/admin/utils.py`, `construct_change_message`). What
/// was changed in no field is not told.
pub(crate) fn message(told: &[Told]) -> String {
    // Python writes a space after each comma and colon of JSON, which `serde_json` does not.
    let json = |text: &str| Value::from(text).to_string();
    let told = told.iter().filter_map(|told| {
        let (what, is_change) = match told.action {
            Action::Addition => ("added", false),
            Action::Change => ("changed", true),
            Action::Deletion => ("deleted", false),
        };
        let mut entries = Vec::new();
        if let Some(About { name, object }) = &told.about {
            entries.push(format!(
                "\"name\": {}, \"object\": {}",
                json(name),
                json(object)
            ));
        }
        if is_change {
            let names: Vec<_> = told.fields.iter().map(|name| json(name)).collect();
            entries.push(format!("\"fields\": [{}]", names.join(", ")));
        }
        let is_told = !is_change || !told.fields.is_empty();
        is_told.then(|| format!("{{\"{what}\": {{{}}}}}", entries.join(", ")))
    });
    format!("[{}]", told.collect::<Vec<_>>().join(", "))
}

/// Writes an entry for each object, which is given by its key and label.
pub(crate) async fn write(
    db: &Transaction,
    entry: NewLogEntries<'_>,
    objects: &[(i64, String)],
) -> Result<(), DbErr> {
    let (app, name) = entry.model.whole();
    let content_type = content_type::find(db, app, name).await?;
    let content_type = content_type.map(|found| found.id.0);
    for objects in objects.chunks(ROWS_AT_ONCE) {
        let mut query = Query::insert();
        query.into_table(Alias::new(LOG_ENTRY.name)).columns(
            [
                "action_time",
                "user_id",
                "content_type_id",
                "object_id",
                "object_repr",
                "action_flag",
                "change_message",
            ]
            .map(Alias::new),
        );
        for (key, label) in objects {
            let label: String = label.chars().take(MAX_LABEL).collect();
            query.values_panic([
                Expr::val(now()),
                Expr::val(entry.user),
                Expr::val(content_type),
                Expr::val(key.to_string()),
                Expr::val(label),
                Expr::val(entry.action as i64),
                Expr::val(entry.message),
            ]);
        }
        db.execute(&query).await?;
    }
    Ok(())
}

/// An entry as it is read from the database.
#[derive(Debug, Clone)]
pub(crate) struct LogEntry {
    time: Stored<DateTime<Utc>>,
    pub(crate) username: String,
    pub(crate) app: String,
    pub(crate) model: String,
    pub(crate) object: Option<String>,
    pub(crate) label: String,
    pub(crate) action: i64,
    pub(crate) message: String,
}

impl LogEntry {
    /// The time, in a format of [`chrono::format::strftime`]; if what is stored is no time, its
    /// text.
    pub(crate) fn time(&self, format: &str) -> String {
        match &self.time {
            Stored::Value(time) => time.format(format).to_string(),
            other => other.text(),
        }
    }
}

fn entries() -> SelectStatement {
    let log = |name: &'static str| Expr::col((Alias::new("l"), Alias::new(name)));
    let kind = |name: &'static str| Expr::col((Alias::new("c"), Alias::new(name)));
    let mut query = Query::select();
    query
        .expr(log("action_time"))
        .expr(Expr::col((Alias::new("u"), Alias::new("username"))))
        .expr(kind("app_label"))
        .expr(kind("model"))
        .expr(log("object_id"))
        .expr(log("object_repr"))
        .expr(log("action_flag"))
        .expr(log("change_message"))
        .from_as(Alias::new(LOG_ENTRY.name), Alias::new("l"))
        .join_as(
            sea_orm::JoinType::InnerJoin,
            Alias::new(USER.name),
            Alias::new("u"),
            Expr::col((Alias::new("u"), Alias::new("id"))).eq(log("user_id")),
        )
        .join_as(
            sea_orm::JoinType::LeftJoin,
            Alias::new(CONTENT_TYPE.name),
            Alias::new("c"),
            kind("id").eq(log("content_type_id")),
        );
    query
}

async fn read(db: &impl ConnectionTrait, query: &SelectStatement) -> Result<Vec<LogEntry>, DbErr> {
    let rows = db.query_all(query).await?;
    let entries = rows.iter().map(|row| {
        let text = |index: usize| stored::shown(row, index);
        Ok(LogEntry {
            time: stored::time(row, 0)?,
            username: text(1)?,
            app: text(2)?,
            model: text(3)?,
            object: Some(text(4)?).filter(|key| !key.is_empty()),
            label: text(5)?,
            action: stored::integer(row, 6)?.value().unwrap_or_default(),
            message: text(7)?,
        })
    });
    entries.collect()
}

/// A user's entries, the latest first, at most `limit`.
pub(crate) async fn recent_entries(
    db: &impl ConnectionTrait,
    user: Integer,
    limit: u64,
) -> Result<Vec<LogEntry>, DbErr> {
    let mut query = entries();
    query
        .and_where(Expr::col((Alias::new("l"), Alias::new("user_id"))).eq(user))
        .order_by((Alias::new("l"), Alias::new("action_time")), Order::Desc)
        .order_by((Alias::new("l"), Alias::new("id")), Order::Desc)
        .limit(limit);
    read(db, &query).await
}

/// The entries of an object, which is a whole and no part, the oldest first, from `offset`, at most `limit`.
pub(crate) async fn entries_of_object(
    db: &impl ConnectionTrait,
    model: &Model,
    key: i64,
    [offset, limit]: [u64; 2],
) -> Result<Vec<LogEntry>, DbErr> {
    let (app, name) = model.whole();
    let mut query = entries();
    query
        .and_where(Expr::col((Alias::new("l"), Alias::new("object_id"))).eq(key.to_string()))
        .and_where(Expr::col((Alias::new("c"), Alias::new("app_label"))).eq(app))
        .and_where(Expr::col((Alias::new("c"), Alias::new("model"))).eq(name))
        .order_by((Alias::new("l"), Alias::new("action_time")), Order::Asc)
        .order_by((Alias::new("l"), Alias::new("id")), Order::Asc)
        .offset(offset)
        .limit(limit);
    read(db, &query).await
}

/// A part of what a message of the history says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum MessagePart {
    Added(Option<About>),
    Changed(Option<About>, Vec<String>),
    Deleted(Option<About>),
    /// Saved without a change.
    Unchanged,
    /// Text that is no list in JSON: of an older Django, or of another program.
    Text(String),
}

impl LogEntry {
    /// Parses the message. If it is empty, the action says what was done.
    pub(crate) fn message_parts(&self) -> Vec<MessagePart> {
        let list = serde_json::from_str::<Value>(&self.message).ok();
        let Some(list) = list.as_ref().and_then(Value::as_array) else {
            return match (self.action, self.message.is_empty()) {
                (1, true) => vec![MessagePart::Added(None)],
                (3, true) => vec![MessagePart::Deleted(None)],
                (_, true) => vec![MessagePart::Unchanged],
                _ => vec![MessagePart::Text(self.message.clone())],
            };
        };
        let parts: Vec<_> = list.iter().filter_map(parse_message_part).collect();
        if parts.is_empty() {
            vec![MessagePart::Unchanged]
        } else {
            parts
        }
    }
}

/// Reads one element of the message: an object with one name, `added`, `changed` or `deleted`.
fn parse_message_part(value: &Value) -> Option<MessagePart> {
    let (what, about) = value.as_object()?.iter().next()?;
    let text = |name: &str| about.get(name)?.as_str().map(str::to_owned);
    let object = text("name").zip(text("object"));
    let object = object.map(|(name, object)| About { name, object });
    match what.as_str() {
        "added" => Some(MessagePart::Added(object)),
        "changed" => {
            let fields = about.get("fields").and_then(Value::as_array);
            let fields = fields.into_iter().flatten().filter_map(Value::as_str);
            let fields = fields.map(str::to_owned).collect();
            Some(MessagePart::Changed(object, fields))
        }
        "deleted" => Some(MessagePart::Deleted(object)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDED: Told = Told {
        action: Action::Addition,
        about: None,
        fields: Vec::new(),
    };
    const NAME: Field = Field::text("zip_code", "key", 1..=2);

    #[test]
    fn messages_are_written_as_django_writes_them() {
        assert_eq!(message(&[ADDED]), "[{\"added\": {}}]");
        assert_eq!(change_message_of(&[]), "[]");
        let other = NAME.verbose_name("e-mail \"address\"");
        assert_eq!(
            change_message_of(&names_of(&[&NAME, &other])),
            "[{\"changed\": {\"fields\": [\"Zip code\", \"E-mail \\\"address\\\"\"]}}]"
        );
    }

    fn message_parts(action: i64, message: &str) -> Vec<MessagePart> {
        let log_entry = LogEntry {
            time: Stored::Value(now()),
            username: String::new(),
            app: String::new(),
            model: String::new(),
            object: None,
            label: String::new(),
            action,
            message: message.to_owned(),
        };
        log_entry.message_parts()
    }

    #[test]
    fn messages_are_read_whoever_wrote_them() {
        let names = |names: &[&str]| {
            MessagePart::Changed(None, names.iter().map(ToString::to_string).collect())
        };
        for (action, message, expected) in [
            (1, message(&[ADDED]), vec![MessagePart::Added(None)]),
            (2, change_message_of(&[]), vec![MessagePart::Unchanged]),
            (
                2,
                change_message_of(&names_of(&[&NAME])),
                vec![names(&["Zip code"])],
            ),
            (1, String::new(), vec![MessagePart::Added(None)]),
            (2, String::new(), vec![MessagePart::Unchanged]),
            (3, String::new(), vec![MessagePart::Deleted(None)]),
            (
                2,
                "Changed a.".to_owned(),
                vec![MessagePart::Text("Changed a.".to_owned())],
            ),
            // JSON, and yet no list.
            (2, "7".to_owned(), vec![MessagePart::Text("7".to_owned())]),
            (
                2,
                "[7, {}, {\"moved\": {}}]".to_owned(),
                vec![MessagePart::Unchanged],
            ),
            (2, "[{\"changed\": 7}]".to_owned(), vec![names(&[])]),
            // Django's message of a form with embedded forms.
            (
                2,
                "[{\"changed\": {\"fields\": [\"A\", \"B\"]}}, {\"added\": {\"name\": \"x\"}}, \
                 {\"deleted\": {\"name\": \"x\", \"object\": \"y\"}}]"
                    .to_owned(),
                vec![
                    names(&["A", "B"]),
                    MessagePart::Added(None),
                    MessagePart::Deleted(Some(About {
                        name: "x".to_owned(),
                        object: "y".to_owned(),
                    })),
                ],
            ),
        ] {
            assert_eq!(
                message_parts(action, &message),
                expected,
                "{action} {message}"
            );
        }
    }
}
