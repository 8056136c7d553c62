//! The message catalogue of the site: one folder per language under `locales/`.

use fluent_templates::{LanguageIdentifier, Loader as _, langid, static_loader};
use web::i18n::Languages;

/// The language of whoever asks for none, unless `LANGUAGE_CODE` says otherwise: Django's own.
pub const DEFAULT: LanguageIdentifier = langid!("en-US");

/// The languages of the catalogue, each with its own name for itself.
pub const LANGUAGES: [(LanguageIdentifier, &str); 2] =
    [(langid!("en"), "English"), (langid!("fr"), "Français")];

static_loader! {
    static CATALOGUE = {
        locales: "./locales",
        fallback_language: "en",
        // Directional marks around variables would end up in titles and addresses.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

/// The languages of the site, with the language of whoever asks for none.
pub fn languages(default: &LanguageIdentifier) -> Languages {
    Languages::new(
        &*CATALOGUE,
        &LANGUAGES.map(|(language, _)| language),
        default,
    )
}

/// A message without variables in every language, for what is searched in all of them.
pub fn in_every_language(key: &str) -> Vec<String> {
    LANGUAGES
        .map(|(language, _)| CATALOGUE.lookup(&language, key))
        .into()
}
