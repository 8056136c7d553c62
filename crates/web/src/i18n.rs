//! Texts in the reader's language, from a message catalogue of Project Fluent, and the choice
//! of that language: by the address, where it begins with one (`/fr/books/`), else by what the reader
//! has chosen or the browser asks for.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{LanguageIdentifier, Loader};
use http::header::{ACCEPT_LANGUAGE, CONTENT_LANGUAGE, VARY};
use http::{HeaderMap, HeaderValue};

use crate::accept::parse_weighted;
use crate::cookie;

/// The cookie that keeps a visitor's choice: Django's `LANGUAGE_COOKIE_NAME`.
pub const COOKIE_NAME: &str = "django_language";

/// Longer headers are not read (`Django 5.2 utils/translation/trans_real.py`,
/// `ACCEPT_LANGUAGE_HEADER_MAX_LENGTH`).
const MAX_ACCEPT_BYTES: usize = 500;

/// The languages of a site, and the texts in them; cheap to clone.
#[derive(Clone)]
pub struct Languages(Arc<Inner>);

struct Inner {
    catalogue: &'static (dyn Loader + Send + Sync),
    known: Vec<LanguageIdentifier>,
    /// Those of the known languages, in their order.
    tags: Vec<String>,
    /// What the addresses in each of them begin with: `/fr`.
    prefixes: Vec<String>,
    default: usize,
    /// The messages without variables that were asked for, of each language. The catalogue negotiates
    /// the language and formats the message anew each time, which takes a hundred times as long.
    messages: Vec<RwLock<HashMap<String, Box<str>>>>,
}

impl Languages {
    /// A catalogue with the languages that visitors can choose. `default` is for visitors who
    /// choose none; if it is not among `known`, the first language takes its place.
    ///
    /// # Panics
    ///
    /// When there is no language at all.
    pub fn new(
        catalogue: &'static (dyn Loader + Send + Sync),
        known: &[LanguageIdentifier],
        default: &LanguageIdentifier,
    ) -> Self {
        assert!(!known.is_empty(), "a site speaks at least one language");
        let is_default = |known: &LanguageIdentifier| known.language == default.language;
        Self(Arc::new(Inner {
            catalogue,
            known: known.into(),
            tags: known.iter().map(ToString::to_string).collect(),
            prefixes: known.iter().map(|known| format!("/{known}")).collect(),
            default: known.iter().position(is_default).unwrap_or(0),
            messages: known.iter().map(|_| RwLock::default()).collect(),
        }))
    }

    /// Every language, in the order of the switch.
    pub fn known(&self) -> &[LanguageIdentifier] {
        &self.0.known
    }

    /// The texts in a language; in the default language if the site does not have this one.
    pub fn texts(&self, language: &LanguageIdentifier) -> Texts {
        let index = self.0.known.iter().position(|known| known == language);
        self.texts_of(index.unwrap_or(self.0.default), ChosenBy::Reader)
    }

    /// The texts for the answer to a request: in the language that the path begins with, else by the
    /// cookie, then by `Accept-Language`, then in the default language (`Django 5.2
    /// utils/translation`, `get_language_from_request` with `check_path`).
    pub fn choose(&self, path: &str, headers: &HeaderMap) -> Texts {
        match self.split(path) {
            Some((index, _)) => self.texts_of(index, ChosenBy::Address),
            None => self.texts_of(self.read(headers), ChosenBy::Reader),
        }
    }

    /// Appends what of an answer [`Self::choose`] decides to a key.
    pub(crate) fn push_choice(&self, key: &mut String, path: &str, headers: &HeaderMap) {
        match self.split(path) {
            Some((index, _)) => key.push_str(&self.0.prefixes[index]),
            None => key.push_str(&self.0.tags[self.read(headers)]),
        }
    }

    /// A path without the language that it begins with: `/books/` of `/fr/books/`.
    pub fn without_prefix<'a>(&self, path: &'a str) -> &'a str {
        self.split(path).map_or(path, |(_, rest)| rest)
    }

    /// The address of the same page in another language, if the path begins with one (`Django 5.2
    /// urls/base.py`, `translate_url`).
    pub fn translate(&self, path: &str, language: &LanguageIdentifier) -> Option<String> {
        let (_, rest) = self.split(path)?;
        Some(format!("/{language}{rest}"))
    }

    /// The language that a path begins with, and the rest of it, which begins with a slash.
    fn split<'a>(&self, path: &'a str) -> Option<(usize, &'a str)> {
        let mut prefixes = self.0.prefixes.iter().enumerate();
        prefixes.find_map(|(index, prefix)| {
            let rest = path.strip_prefix(prefix.as_str())?;
            rest.starts_with('/').then_some((index, rest))
        })
    }

    /// The language that a request's headers ask for.
    fn read(&self, headers: &HeaderMap) -> usize {
        let chosen = cookie::find(headers, COOKIE_NAME).and_then(|tag| self.find(tag));
        let index = chosen.or_else(|| self.accepted(headers));
        index.unwrap_or(self.0.default)
    }

    /// The site's language for a tag, if it has one; for `fr-CA` it is `fr`.
    pub fn parse(&self, tag: &str) -> Option<&LanguageIdentifier> {
        self.find(tag).map(|index| &self.0.known[index])
    }

    fn find(&self, tag: &str) -> Option<usize> {
        let tag: LanguageIdentifier = tag.trim().parse().ok()?;
        let same = |known: &LanguageIdentifier| known.language == tag.language;
        self.0.known.iter().position(same)
    }

    /// The first known language of `Accept-Language`, by descending weight. Entries after `*` are
    /// ignored: a browser that accepts any language gets the default.
    fn accepted(&self, headers: &HeaderMap) -> Option<usize> {
        let accept = headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?;
        if accept.len() > MAX_ACCEPT_BYTES {
            return None;
        }
        let mut ranges: Vec<_> = accept.split(',').filter_map(parse_weighted).collect();
        ranges.retain(|(_, weight)| *weight > 0);
        // The sort is stable: of equal weights the first entry wins.
        ranges.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
        let named = ranges.iter().take_while(|(range, _)| *range != "*");
        named.into_iter().find_map(|(range, _)| self.find(range))
    }

    fn texts_of(&self, index: usize, chosen_by: ChosenBy) -> Texts {
        Texts {
            languages: self.clone(),
            index,
            chosen_by,
        }
    }
}

impl fmt::Debug for Languages {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("Languages")
            .field(&self.0.known)
            .finish()
    }
}

/// What says in which language an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ChosenBy {
    /// The address, for everybody.
    Address,
    /// Cookie and headers of the request, or nothing.
    Reader,
}

/// A catalogue read in one language; every page holds one.
#[derive(Clone)]
pub struct Texts {
    languages: Languages,
    /// The place of the language among those known.
    index: usize,
    chosen_by: ChosenBy,
}

impl Texts {
    /// The language, for `lang` attributes and `Content-Language`.
    pub fn language(&self) -> &LanguageIdentifier {
        &self.languages.0.known[self.index]
    }

    /// What the links of the page begin with, so that whoever came by an address of a language stays
    /// among those: `/fr`; empty where the reader chose.
    pub fn prefix(&self) -> &str {
        match self.chosen_by {
            ChosenBy::Address => &self.languages.0.prefixes[self.index],
            ChosenBy::Reader => "",
        }
    }

    /// The text of a message without variables.
    pub fn get(&self, key: &str) -> String {
        let Inner {
            catalogue,
            messages,
            ..
        } = &*self.languages.0;
        let messages = &messages[self.index];
        let found = messages.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(text) = found.get(key) {
            return text.to_string();
        }
        drop(found);
        let Some(text) = catalogue.try_lookup(self.language(), key) else {
            // Not kept, so that there are never more texts than messages in the catalogue.
            return catalogue.lookup(self.language(), key);
        };
        let mut found = messages.write().unwrap_or_else(PoisonError::into_inner);
        found.insert(key.to_owned(), text.as_str().into());
        text
    }

    /// The text of a message with variables.
    pub fn with<const N: usize>(
        &self,
        key: &str,
        variables: [(&'static str, FluentValue<'_>); N],
    ) -> String {
        let variables = variables.map(|(name, value)| (Cow::Borrowed(name), value));
        let catalogue = self.languages.0.catalogue;
        catalogue.lookup_with_args(self.language(), key, &HashMap::from(variables))
    }

    /// Adds the language to an answer (`Content-Language`), and the headers that it depends on
    /// (`Vary`).
    pub fn add_language_headers(&self, headers: &mut HeaderMap) {
        if let Ok(language) = HeaderValue::from_str(&self.languages.0.tags[self.index]) {
            headers.insert(CONTENT_LANGUAGE, language);
        }
        // The session's cookie counts in every language.
        let vary = match self.chosen_by {
            ChosenBy::Address => "Cookie",
            ChosenBy::Reader => "Accept-Language, Cookie",
        };
        headers.append(VARY, HeaderValue::from_static(vary));
    }
}

impl fmt::Debug for Texts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("Texts")
            .field(self.language())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use fluent_templates::langid;
    use http::header::COOKIE;
    use proptest::prelude::*;

    use super::*;

    struct Nothing;

    impl Loader for Nothing {
        fn lookup_complete(
            &self,
            _: &LanguageIdentifier,
            key: &str,
            _: Option<&HashMap<Cow<'static, str>, FluentValue<'_>>>,
        ) -> String {
            key.to_owned()
        }

        fn try_lookup_complete(
            &self,
            _: &LanguageIdentifier,
            _: &str,
            _: Option<&HashMap<Cow<'static, str>, FluentValue<'_>>>,
        ) -> Option<String> {
            None
        }

        fn locales(&self) -> Box<dyn Iterator<Item = &LanguageIdentifier> + '_> {
            Box::new(std::iter::empty())
        }
    }

    fn languages(default: &LanguageIdentifier) -> Languages {
        Languages::new(&Nothing, &[langid!("en"), langid!("fr")], default)
    }

    #[track_caller]
    fn check(cookie: &str, accept: &str, expected: &str) {
        let mut headers = HeaderMap::new();
        for (name, value) in [(COOKIE, cookie), (ACCEPT_LANGUAGE, accept)] {
            if !value.is_empty() {
                headers.insert(name, value.parse().unwrap());
            }
        }
        let texts = languages(&langid!("en-us")).choose("/", &headers);
        assert_eq!(texts.language().to_string(), expected, "{cookie} {accept}");
    }

    #[test]
    fn the_cookie_counts_before_the_browser_and_that_before_the_default() {
        check("", "", "en");
        check("", "fr", "fr");
        check("", "fr-CA,fr;q=0.8,en;q=0.5", "fr");
        check("", "de, it;q=0.9", "en");
        check("", "de, fr;q=0.1", "fr");
        check("", "en;q=0.4, fr;q=0.5", "fr");
        check("", "fr;q=0.5, en;q=0.5", "fr");
        check("", "fr;q=0", "en");
        check("", "*, fr;q=0.5", "en");
        check("", "FR", "fr");
        check("", &format!("fr,{}", "x".repeat(500)), "en");
        check("django_language=fr", "en", "fr");
        check("a=b; django_language=fr-be", "", "fr");
        check("django_language=en", "fr", "en");
        check("django_language=de", "fr", "fr");
        check("django_language=", "fr", "fr");
        check("not_django_language=fr", "", "en");
    }

    #[test]
    fn a_default_that_the_site_does_not_speak_is_its_first_language() {
        let chosen = |default| {
            let texts = languages(&default).choose("/", &HeaderMap::new());
            texts.language().to_string()
        };
        assert_eq!(chosen(langid!("fr-ca")), "fr");
        assert_eq!(chosen(langid!("de")), "en");
    }

    #[test]
    fn an_address_may_begin_with_its_language() {
        let languages = languages(&langid!("en"));
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::from_static("django_language=en"));
        for (path, language, prefix, rest) in [
            ("/fr/", "fr", "/fr", "/"),
            ("/fr/books/1/", "fr", "/fr", "/books/1/"),
            ("/en/fr/", "en", "/en", "/fr/"),
            ("/fr", "en", "", "/fr"),
            ("/frogs/", "en", "", "/frogs/"),
            ("/FR/", "en", "", "/FR/"),
            ("/de/", "en", "", "/de/"),
            ("/", "en", "", "/"),
            ("", "en", "", ""),
        ] {
            let texts = languages.choose(path, &headers);
            let found = (&*texts.language().to_string(), texts.prefix());
            assert_eq!(found, (language, prefix), "{path}");
            assert_eq!(languages.without_prefix(path), rest, "{path}");
            let other = languages.translate(path, &langid!("en"));
            let expected = (!prefix.is_empty()).then(|| format!("/en{rest}"));
            assert_eq!(other, expected, "{path}");
        }
    }

    proptest! {
        #[test]
        fn no_header_panics(cookie in "[ -~]*", accept in "[ -~]*") {
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, cookie.parse().unwrap());
            headers.insert(ACCEPT_LANGUAGE, accept.parse().unwrap());
            languages(&langid!("en")).choose("/", &headers);
        }
    }
}
