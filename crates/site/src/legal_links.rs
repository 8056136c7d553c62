//! Which legal pages the foot of every page links to: those that somebody has written. They are kept in
//! memory until the database may hold something else, so that few pages ask for them.

use std::sync::{Arc, Mutex, PoisonError};

use db::changes::Generation;
use db::{Database, DbErr, is_unavailable};

use crate::domain::legal::{self, LegalPage};

/// The pages that are written, in their order. As a request's extension it is what the answer's frame shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WrittenPages(pub Arc<[LegalPage]>);

/// Knows which legal pages are written.
#[derive(Debug, Default)]
pub struct LegalLinks {
    /// What was read last, and the content of the database that it belongs to.
    known: Mutex<Option<(Generation, WrittenPages)>>,
}

impl LegalLinks {
    /// The pages that are written. A page that is cached belongs to a generation that was known before it
    /// was rendered, and so do the links in it.
    pub async fn written(&self, db: &Database) -> Result<WrittenPages, DbErr> {
        let generation = db.known_generation();
        if let Some(generation) = generation
            && let Some(written) = self.of(generation)
        {
            return Ok(written);
        }
        let written = match legal::written(db).await {
            Ok(pages) => WrittenPages(pages.into_iter().map(|(page, _)| page).collect()),
            // This release has not migrated the database yet: the table is missing.
            Err(error) if !is_unavailable(&error) => WrittenPages::default(),
            Err(error) => return Err(error),
        };
        if let Some(generation) = generation {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            *known = Some((generation, written.clone()));
        }
        Ok(written)
    }

    fn of(&self, generation: Generation) -> Option<WrittenPages> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (known_for, written) = known.as_ref()?;
        (*known_for == generation).then(|| written.clone())
    }
}

/// Key of a page's name.
pub fn title_key(page: LegalPage) -> &'static str {
    match page {
        LegalPage::Privacy => "legal-title-privacy",
        LegalPage::Legal => "legal-title-legal",
        LegalPage::Terms => "legal-title-terms",
    }
}
