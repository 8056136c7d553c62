//! Texts in the reader's language, from a message catalogue of Project Fluent.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{LanguageIdentifier, Loader};

/// A catalogue read in one language; every page holds one.
#[derive(Clone)]
pub struct Texts {
    catalogue: &'static (dyn Loader + Send + Sync),
    language: LanguageIdentifier,
}

impl Texts {
    /// The texts of a catalogue in a language; where that has none, in the catalogue's own.
    pub fn new(
        catalogue: &'static (dyn Loader + Send + Sync),
        language: LanguageIdentifier,
    ) -> Self {
        Self {
            catalogue,
            language,
        }
    }

    /// The language, for `lang` attributes and `Content-Language`.
    pub fn language(&self) -> &LanguageIdentifier {
        &self.language
    }

    /// The text of a message without variables.
    pub fn get(&self, key: &str) -> String {
        self.catalogue.lookup(&self.language, key)
    }

    /// The text of a message with one variable.
    pub fn with<'a>(
        &self,
        key: &str,
        name: &'static str,
        value: impl Into<FluentValue<'a>>,
    ) -> String {
        let variables = HashMap::from([(Cow::Borrowed(name), value.into())]);
        self.catalogue
            .lookup_with_args(&self.language, key, &variables)
    }
}

impl fmt::Debug for Texts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("Texts")
            .field(&self.language)
            .finish()
    }
}
