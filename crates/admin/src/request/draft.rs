//! Drafts: what was typed in a form that the user leaves for a related object, kept in the session
//! until they come back. So this works in the same tab and without a script, and the related
//! object's form can be left in the same way.

use accounts::messages::level;
use accounts::session::{self, MAX_SESSION_BYTES};
use axum::response::Response;
use serde_json::{Value, json};
use web::form::Form;
use web::visit::Visit;

use super::admin_request::AdminRequest;
use super::staff::{INDEX, redirect};
use crate::description::model::Model;
use crate::form::clean::{NOTE_PREFIX, VERSION};

/// The name under which the session keeps the drafts.
const SESSION_ENTRY: &str = "_admin_drafts";

/// The most drafts of a session. The oldest are dropped.
const MAX_DRAFTS: usize = 16;

/// The longest draft that is kept, in bytes of JSON: a session is read with every request.
const MAX_DRAFT_BYTES: usize = 64 * 1024;

/// The most bytes of all drafts together, as the session stores them: half of what it may hold. The
/// session stores a letter with an accent in six bytes; even of such letters the longest draft
/// fits.
const MAX_TOTAL_BYTES: usize = MAX_SESSION_BYTES / 2;

/// A form that was left.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    /// Its name in addresses.
    pub(crate) id: String,
    /// The form's address.
    pub(crate) form_address: String,
    /// The field for which a related object is looked at.
    pub(crate) field: String,
    pub(crate) form: Form,
}

/// The parameter with the draft that an object is chosen for.
pub(crate) const FOR_DRAFT: &str = "_draft";
/// The parameter with the list's own parameters, under Django's name.
pub(crate) const FILTERS: &str = "_changelist_filters";
/// The parameter with the draft that the form is resumed from.
pub(crate) const RESUME: &str = "_resume";
/// The parameter with the key of the object that was chosen.
pub(crate) const CHOSEN: &str = "_chosen";

impl Draft {
    /// The address that resumes the form, with the key of the object that was chosen for its field.
    pub(crate) fn resume_address(&self, chosen: Option<i64>) -> String {
        let sign = if self.form_address.contains('?') {
            '&'
        } else {
            '?'
        };
        let chosen = chosen.map(|key| format!("&{CHOSEN}={key}"));
        let chosen = chosen.unwrap_or_default();
        format!("{}{sign}{RESUME}={}{chosen}", self.form_address, self.id)
    }

    fn from_json(value: &Value) -> Option<Self> {
        let text = |name: &str| value.get(name)?.as_str().map(str::to_owned);
        let fields = value.get("form")?.as_array()?.iter();
        let fields = fields.filter_map(|pair| {
            let text = |index: usize| pair.get(index)?.as_str().map(str::to_owned);
            Some((text(0)?, text(1)?))
        });
        Some(Self {
            id: text("id")?,
            form_address: text("back")?,
            field: text("field")?,
            form: fields.collect(),
        })
    }

    fn to_json(&self) -> Value {
        let form: Vec<_> = self
            .form
            .fields()
            .iter()
            .map(|(name, value)| json!([name, value]))
            .collect();
        json!({"id": self.id, "back": self.form_address, "field": self.field, "form": form})
    }
}

async fn stored_drafts(visit: &Visit) -> web::Result<Vec<Value>> {
    let found = visit.get(SESSION_ENTRY).await?;
    Ok(found
        .and_then(|found| found.as_array().cloned())
        .unwrap_or_default())
}

/// Keeps what was typed; `None` if it is too long. Passwords, tokens and buttons are left out.
pub(crate) async fn keep(
    request: &AdminRequest,
    form_address: &str,
    field: &str,
    form: &Form,
) -> web::Result<Option<Draft>> {
    let fields = form.fields().iter();
    let fields = fields.filter(|(name, _)| {
        let is_ours = name.starts_with('_') && name != VERSION && !name.starts_with(NOTE_PREFIX);
        !is_ours && !name.contains("password") && name != web::csrf::FIELD
    });
    let mut drafts = stored_drafts(request.visit()).await?;
    let draft = Draft {
        id: new_id(),
        form_address: form_address.to_owned(),
        field: field.to_owned(),
        form: fields.cloned().collect(),
    };
    if draft.to_json().to_string().len() > MAX_DRAFT_BYTES {
        return Ok(None);
    }
    // It replaces the draft that this form was resumed from.
    let former = request.query.get(RESUME);
    drafts.retain(|draft| former.is_none() || draft.get("id").and_then(Value::as_str) != former);
    drafts.push(draft.to_json());
    let first = first_with_room(&drafts);
    request
        .visit()
        .keep(SESSION_ENTRY, drafts.split_off(first).into())
        .await?;
    if first > 0 {
        request
            .add_message(level::WARNING, request.texts.get("admin-draft-dropped"))
            .await?;
    }
    Ok(Some(draft))
}

/// The index of the oldest draft for which there is room beside all newer ones.
fn first_with_room(drafts: &[Value]) -> usize {
    let mut bytes = 0;
    let newest = drafts.iter().rev().take(MAX_DRAFTS);
    let kept = newest.take_while(|draft| {
        bytes += session::bytes_of(draft);
        bytes <= MAX_TOTAL_BYTES
    });
    drafts.len() - kept.count()
}

/// A random name, so that two forms that are left at the same time do not get the same.
fn new_id() -> String {
    format!("{:016x}", rand::random::<u64>())
}

/// The draft that a parameter of the address names. If the session has lost it, a message says so.
pub(crate) async fn find_named(
    request: &AdminRequest,
    parameter: &str,
) -> web::Result<Option<Draft>> {
    let Some(id) = request.query.get(parameter) else {
        return Ok(None);
    };
    let drafts = stored_drafts(request.visit()).await?;
    let mut drafts = drafts.iter().filter_map(Draft::from_json);
    let found = drafts.find(|draft| draft.id == id);
    if found.is_none() {
        let text = request.texts.get("admin-draft-gone");
        request.add_message(level::WARNING, text).await?;
    }
    Ok(found)
}

/// The draft that this form is resumed from; `None` for a draft of another address.
pub(crate) async fn find_resumed(request: &AdminRequest) -> web::Result<Option<Draft>> {
    let found = find_named(request, RESUME).await?;
    let here = request.parts.uri.path();
    Ok(found.filter(|draft| draft.form_address.split('?').next() == Some(here)))
}

/// Deletes the draft that this form was resumed from, after the form is saved.
pub(crate) async fn forget(request: &AdminRequest) -> web::Result<()> {
    let Some(id) = request.query.get(RESUME) else {
        return Ok(());
    };
    let mut drafts = stored_drafts(request.visit()).await?;
    drafts.retain(|draft| draft.get("id").and_then(Value::as_str) != Some(id));
    request.visit().keep(SESSION_ENTRY, drafts.into()).await?;
    Ok(())
}

/// The query that the address of a next page takes over: the draft for which an object is chosen,
/// and the filters of the list.
pub(crate) fn carried_query(query: &Form) -> String {
    let mut carried_query = form_urlencoded::Serializer::new(String::new());
    for name in [FOR_DRAFT, FILTERS] {
        if let Some(value) = query.get(name) {
            carried_query.append_pair(name, value);
        }
    }
    let carried_query = carried_query.finish();
    if carried_query.is_empty() {
        carried_query
    } else {
        format!("?{carried_query}")
    }
}

/// Answers if an object does not exist (any longer): a message says so, and the user is redirected
/// to the first page, as in Django, or back to the form that waits for the object.
pub(crate) async fn answer_missing_object(
    request: &AdminRequest,
    model: &Model,
    key: &str,
) -> web::Result<Response> {
    let names = [
        ("model", request.texts.get(model.singular).into()),
        ("key", key.into()),
    ];
    request
        .add_message(level::WARNING, request.texts.with("admin-missing", names))
        .await?;
    let draft = find_named(request, FOR_DRAFT).await?;
    let back = draft.map(|draft| draft.resume_address(None));
    Ok(redirect(back.as_deref().unwrap_or(INDEX)))
}

/// The address of the list that a form was opened from, with its filters; of the first page if the
/// user may not see the list.
pub(crate) fn list_address(request: &AdminRequest, model: &Model) -> String {
    if !request.rights(model).view {
        return INDEX.to_owned();
    }
    let Some(filters) = request.query.get(FILTERS) else {
        return model.address();
    };
    // Parsed and encoded again, since the parameter may hold characters that no address may have.
    let filters = form_urlencoded::parse(filters.as_bytes());
    let mut query = form_urlencoded::Serializer::new(String::new());
    format!(
        "{}?{}",
        model.address(),
        query.extend_pairs(filters).finish()
    )
}

/// An address without the parameters that `resume_address` adds.
pub(crate) fn without_resume_parameters(here: &str) -> String {
    let (path, query) = here.split_once('?').unwrap_or((here, ""));
    let kept: Vec<_> = query
        .split('&')
        .filter(|pair| {
            let name = pair.split('=').next().unwrap_or_default();
            !pair.is_empty() && name != RESUME && name != CHOSEN
        })
        .collect();
    if kept.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", kept.join("&"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resume_parameters_are_not_kept() {
        for (here, expected) in [
            ("/a/", "/a/"),
            ("/a/?", "/a/"),
            ("/a/?b=1&c", "/a/?b=1&c"),
            ("/a/?_resume=1", "/a/"),
            ("/a/?_resume=1&_chosen=2", "/a/"),
            ("/a/?b=1&_resume=1&_chosen=2&_draft=3", "/a/?b=1&_draft=3"),
            ("/a/?_chosen&b=_chosen", "/a/?b=_chosen"),
            ("/a/?_chosen_by=x&b=%3F?", "/a/?_chosen_by=x&b=%3F?"),
        ] {
            assert_eq!(without_resume_parameters(here), expected, "{here}");
        }
    }

    fn draft(form_address: &str) -> Draft {
        let form = [("title", "a\"b"), ("tags", "1"), ("tags", "2")];
        let form = form.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Draft {
            id: "7".to_owned(),
            form_address: form_address.to_owned(),
            field: "author".to_owned(),
            form: form.into_iter().collect(),
        }
    }

    #[test]
    fn the_longest_draft_has_room_and_the_oldest_go() {
        let of = |text: &str, length: usize| json!({"form": [["title", text.repeat(length)]]});
        // The longest draft, of a character that takes six bytes in the session.
        let longest = of("\u{7f}", MAX_DRAFT_BYTES);
        assert_eq!(first_with_room(&[longest]), 0);
        let six = vec![of("é", 31_000); 6];
        assert_eq!(first_with_room(&six), 4);
        assert_eq!(first_with_room(&vec![of("x", 100); 20]), 4);
        assert_eq!(first_with_room(&[]), 0);
    }

    #[test]
    fn a_resume_address_says_what_was_chosen() {
        assert_eq!(draft("/a/").resume_address(None), "/a/?_resume=7");
        let way = draft("/a/?b=1").resume_address(Some(3));
        assert_eq!(way, "/a/?b=1&_resume=7&_chosen=3");
        assert_eq!(without_resume_parameters(&way), "/a/?b=1");
    }

    #[test]
    fn a_draft_is_read_as_it_was_kept() {
        let draft = draft("/a/");
        let read = Draft::from_json(&draft.to_json()).unwrap();
        let all = |draft: &Draft| format!("{draft:?}");
        assert_eq!(all(&read), all(&draft));
        for broken in [
            json!(null),
            json!({"id": "7"}),
            json!({"id": 7, "form": []}),
        ] {
            assert!(Draft::from_json(&broken).is_none(), "{broken}");
        }
    }
}
