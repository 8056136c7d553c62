//! What the frame of every page needs: texts in a language, addresses of static files.

use std::sync::Arc;

use fluent_templates::LanguageIdentifier;
use fluent_templates::fluent_bundle::FluentValue;
use web::i18n::Texts;

/// What the frame of a page needs; cheap to clone.
#[derive(Debug, Clone)]
pub struct Frame {
    texts: Texts,
    /// The address of the stylesheet.
    pub stylesheet: Arc<str>,
}

impl Frame {
    /// From the texts of a language and the addresses that the files have now.
    pub fn new(texts: Texts, stylesheet: Arc<str>) -> Self {
        Self { texts, stylesheet }
    }

    /// The language of the page.
    pub fn language(&self) -> &LanguageIdentifier {
        self.texts.language()
    }

    /// A message without variables.
    pub fn text(&self, key: &str) -> String {
        self.texts.get(key)
    }

    /// A message with one variable.
    pub fn text_with<'a>(
        &self,
        key: &str,
        name: &'static str,
        value: impl Into<FluentValue<'a>>,
    ) -> String {
        self.texts.with(key, name, value)
    }
}
