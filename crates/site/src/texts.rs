//! The message catalogue of the site: one folder per language under `locales/`.

use fluent_templates::{LanguageIdentifier, langid, static_loader};
use web::i18n::Texts;

/// The language of the catalogue's own texts, and of whoever asks for none.
pub const ENGLISH: LanguageIdentifier = langid!("en-US");

static_loader! {
    static CATALOGUE = {
        locales: "./locales",
        fallback_language: "en",
        // Directional marks around variables would end up in titles and addresses.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

/// The texts in a language, English where the catalogue does not have it.
pub fn texts(language: LanguageIdentifier) -> Texts {
    let speaks = |known: &LanguageIdentifier| known.language == language.language;
    let known = fluent_templates::Loader::locales(&*CATALOGUE).any(speaks);
    Texts::new(&*CATALOGUE, if known { language } else { ENGLISH })
}
