//! What the frame of every page needs: texts in the visitor's language, the page's own address,
//! the addresses of static files.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use fluent_templates::fluent_bundle::FluentValue;
use http::request::Parts;
use web::host::SiteAddress;
use web::i18n::Texts;

use crate::domain::legal::LegalPage;
use crate::legal_links::{WrittenPages, title_key};
use crate::letters::Letterhead;
use crate::state::AppState;
use crate::static_files::FileUrls;
use crate::texts::LANGUAGES;

/// What the frame of a page needs; a handler takes it as an extractor.
#[derive(Debug, Clone)]
pub struct Frame {
    texts: Texts,
    /// The addresses of static files.
    pub files: Arc<FileUrls>,
    /// `scheme://host`, for addresses that are written in full.
    pub site: String,
    /// The path and query that the switch of languages leads back to; `None` on an error's page.
    pub current_path: Option<String>,
    /// The legal pages that the foot links to; none on an error's page, which depends on no row.
    legal_pages: WrittenPages,
}

/// Another language that the page can be read in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherLanguage {
    /// Its language tag, such as `fr`.
    pub tag: String,
    /// Its name in the language itself, such as `Français`.
    pub name: &'static str,
}

/// The address of a page in a language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alternate {
    /// The tag of the language, or `x-default` where the reader decides.
    pub language: String,
    /// The whole address.
    pub address: String,
}

impl Frame {
    /// For a page without an address of its own, such as an error's: `site` is empty.
    pub fn without_address(texts: Texts, files: Arc<FileUrls>) -> Self {
        Self {
            texts,
            files,
            site: String::new(),
            current_path: None,
            legal_pages: WrittenPages::default(),
        }
    }

    /// The same frame, whose switch of languages leads back to another path.
    #[must_use]
    pub fn back_to(self, path: &str) -> Self {
        Self {
            current_path: Some(path.to_owned()),
            ..self
        }
    }

    /// The same frame in another language.
    #[must_use]
    pub fn in_language(self, texts: Texts) -> Self {
        Self { texts, ..self }
    }

    /// The texts, for [`web::page::Page`].
    pub fn texts(&self) -> &Texts {
        &self.texts
    }

    /// The head of letters that are written while the page is made.
    pub fn letterhead(&self) -> Letterhead<'_> {
        Letterhead {
            texts: &self.texts,
            site: self.page_address("/"),
        }
    }

    /// The tag of the page's language, for `lang`.
    pub fn language(&self) -> String {
        self.texts.language().to_string()
    }

    /// The language as Open Graph names it, with a territory.
    pub fn locale(&self) -> &'static str {
        match self.texts.language().language.as_str() {
            "fr" => "fr_FR",
            _ => "en_US",
        }
    }

    /// The legal pages that are written: the name and the path of each.
    pub fn legal_pages(&self) -> Vec<(String, String)> {
        let pages = self.legal_pages.0.iter();
        let pages = pages.map(|page| (self.text(title_key(*page)), self.path(page.path())));
        pages.collect()
    }

    /// The path of a legal page, if it is written.
    pub fn legal_path(&self, page: LegalPage) -> Option<String> {
        let is_written = self.legal_pages.0.contains(&page);
        is_written.then(|| self.path(page.path()))
    }

    /// Every other language.
    pub fn other_languages(&self) -> Vec<OtherLanguage> {
        let others = LANGUAGES.into_iter();
        let others = others.filter(|(known, _)| known != self.texts.language());
        let others = others.map(|(known, name)| OtherLanguage {
            tag: known.to_string(),
            name,
        });
        others.collect()
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
        self.texts.with(key, [(name, value.into())])
    }

    /// A message with two variables.
    pub fn text_pair<'a>(
        &self,
        key: &str,
        [first, second]: [&'static str; 2],
        values: (impl Into<FluentValue<'a>>, impl Into<FluentValue<'a>>),
    ) -> String {
        let variables = [(first, values.0.into()), (second, values.1.into())];
        self.texts.with(key, variables)
    }

    /// The number of a page among all of a list.
    pub fn page_of(&self, number: &u64, count: &u64) -> String {
        self.text_pair("page-number-of", ["number", "count"], (*number, *count))
    }

    /// A path of this site as a whole address: of a file or a picture, which has no language.
    pub fn address(&self, path: &str) -> String {
        format!("{}{path}", self.site)
    }

    /// The path of a public page for links: among the addresses of the language if the reader came by
    /// one of them.
    pub fn path(&self, path: &str) -> String {
        format!("{}{path}", self.texts.prefix())
    }

    /// The path of a public page as a whole address.
    pub fn page_address(&self, path: &str) -> String {
        format!("{}{}{path}", self.site, self.texts.prefix())
    }

    /// The addresses of a public page in every language, and the one that goes by the reader.
    pub fn alternates(&self, path: &str) -> Vec<Alternate> {
        let languages = LANGUAGES.into_iter().map(|(language, _)| Alternate {
            address: format!("{}/{language}{path}", self.site),
            language: language.to_string(),
        });
        let by_reader = Alternate {
            language: "x-default".to_owned(),
            address: self.address(path),
        };
        languages.chain([by_reader]).collect()
    }

    /// The path of the page without its language.
    fn path_in_site(&self) -> &str {
        let path = self.current_path.as_deref().unwrap_or_default();
        path.strip_prefix(self.texts.prefix()).unwrap_or(path)
    }

    /// Whether the page has this path, whatever its query.
    pub fn is_at(&self, path: &str) -> bool {
        self.path_in_site().split('?').next() == Some(path)
    }

    /// Whether the page's path begins with this one, so that the navigation marks the link to it.
    pub fn is_in(&self, path: &str) -> bool {
        self.path_in_site().starts_with(path)
    }

    /// The `aria-current` of the navigation's link to this path: `page` on the page itself, `true`
    /// on one below it.
    pub fn current(&self, path: &str) -> &'static str {
        if self.is_at(path) { "page" } else { "true" }
    }
}

impl FromRequestParts<AppState> for Frame {
    type Rejection = web::Error;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> web::Result<Self> {
        let written = match parts.extensions.get::<WrittenPages>() {
            Some(written) => written.clone(),
            None => app.legal_links.written(&app.db).await?,
        };
        let frame = Self::of_request(parts, app)?;
        Ok(Self {
            legal_pages: written,
            ..frame
        })
    }
}

impl Frame {
    /// For the answer to a request, whose layers have found out about the legal pages.
    pub fn of_request(parts: &Parts, app: &AppState) -> web::Result<Self> {
        let SiteAddress(site) = SiteAddress::of(parts)?;
        let current_path = parts.uri.path_and_query().map(ToString::to_string);
        Ok(Self {
            texts: app.languages.choose(parts.uri.path(), &parts.headers),
            files: Arc::clone(&app.files),
            site,
            current_path,
            legal_pages: parts.extensions.get().cloned().unwrap_or_default(),
        })
    }
}

/// The layer around pages that are framed without the database at hand: finds out which legal pages their
/// foot links to.
pub async fn read_legal_links(
    State(app): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    match app.legal_links.written(&app.db).await {
        Ok(written) => {
            request.extensions_mut().insert(written);
            next.run(request).await
        }
        Err(error) => web::Error::from(error).into_response(),
    }
}
