//! Texts that show which text was asked for, and the plainest frame.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use admin::{FramedPage, Layout};
use axum::response::{IntoResponse as _, Response};
use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{LanguageIdentifier, Loader, langid};
use http::header::CONTENT_TYPE;
use web::i18n::Languages;

/// Its texts are their keys, with the arguments behind: `admin-count(count=2, model=books)`.
struct KeyLoader;

impl Loader for KeyLoader {
    fn lookup_complete(
        &self,
        _: &LanguageIdentifier,
        key: &str,
        arguments: Option<&HashMap<Cow<'static, str>, FluentValue<'_>>>,
    ) -> String {
        let Some(arguments) = arguments else {
            return key.to_owned();
        };
        let is_one = |value: &FluentValue<'_>| *value == FluentValue::from(1_u64);
        if key == "admin-number" && arguments.values().any(is_one) {
            return "one".to_owned();
        }
        let sorted: BTreeMap<_, _> = arguments.iter().collect();
        let told = sorted.into_iter().map(|(name, value)| match value {
            FluentValue::String(text) => format!("{name}={text}"),
            FluentValue::Number(number) => format!("{name}={}", number.as_string()),
            other => panic!("{key} has no such argument: {other:?}"),
        });
        format!("{key}({})", told.collect::<Vec<_>>().join(", "))
    }

    fn try_lookup_complete(
        &self,
        language: &LanguageIdentifier,
        key: &str,
        arguments: Option<&HashMap<Cow<'static, str>, FluentValue<'_>>>,
    ) -> Option<String> {
        Some(self.lookup_complete(language, key, arguments))
    }

    fn locales(&self) -> Box<dyn Iterator<Item = &LanguageIdentifier> + '_> {
        Box::new(std::iter::empty())
    }
}

pub(crate) fn languages() -> Languages {
    Languages::new(&KeyLoader, &[langid!("en")], &langid!("en"))
}

/// Messages, then the page.
pub(crate) struct PlainLayout;

impl Layout for PlainLayout {
    fn show(&self, framed: FramedPage<'_>) -> Response {
        let messages = framed.messages.iter();
        let messages = messages.map(|message| format!("<p>{}</p>", message.text));
        let page = format!(
            "<title>{}</title><header>{}</header><main>{}</main>",
            framed.title,
            messages.collect::<String>(),
            framed.body
        );
        ([(CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
    }
}
