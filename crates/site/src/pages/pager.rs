//! Long lists in pages: the links before and after. Reads one row more than it shows, and
//! counts nothing; whoever knows the number of rows may say it.

use web::extract::PageNumber;

use crate::frame::Frame;

/// The links around a page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pager {
    /// The page itself, relative to the site, without a language.
    pub path: String,
    /// Its number, from 1.
    pub number: u64,
    /// How many pages there are, where that is known.
    pub pages: Option<u64>,
    /// The link to the page before.
    pub previous: Option<String>,
    /// The page after.
    pub next: Option<String>,
}

impl Pager {
    /// From the page asked for and the rows read, at most one more than the `size` of a page. That
    /// one is taken off: it says that a page follows. Fails with a 404 for a page without rows, unless
    /// it is the first.
    pub fn new<T>(
        frame: &Frame,
        path: &str,
        page: PageNumber,
        size: u64,
        rows: &mut Vec<T>,
    ) -> web::Result<Self> {
        if rows.is_empty() && page.get() > 1 {
            return Err(web::Error::NotFound);
        }
        let has_next = rows.len() as u64 > size;
        rows.truncate(usize::try_from(size).unwrap_or(usize::MAX));
        let path = |page: PageNumber| match page.get() {
            1 => path.to_owned(),
            number => format!("{path}?page={number}"),
        };
        let link = |page| frame.path(&path(page));
        Ok(Self {
            path: path(page),
            number: page.get(),
            pages: None,
            previous: page.previous().map(link),
            next: has_next.then(|| link(page.next())),
        })
    }

    /// From the page asked for and the number of rows, of which there may be more if that is not known.
    /// Fails with a 404 for a page without rows, unless it is the first.
    pub fn counted(
        frame: &Frame,
        path: impl Fn(u64) -> String,
        page: PageNumber,
        size: u64,
        rows: Rows,
    ) -> web::Result<Self> {
        let (Rows::Exactly(count) | Rows::MoreThan(count)) = rows;
        let pages = count.div_ceil(size).max(1);
        let number = page.get();
        if number > pages {
            return Err(web::Error::NotFound);
        }
        let link = |page| frame.path(&path(page));
        Ok(Self {
            path: path(number),
            number,
            pages: matches!(rows, Rows::Exactly(_)).then_some(pages),
            previous: page.previous().map(|page| link(page.get())),
            next: (number < pages).then(|| link(number + 1)),
        })
    }

    /// The same, with the number of pages.
    #[must_use]
    pub fn of(self, count: u64, size: u64) -> Self {
        let pages = Some(count.div_ceil(size).max(self.number));
        Self { pages, ..self }
    }

    /// Whether there is any other page.
    pub fn is_needed(&self) -> bool {
        self.previous.is_some() || self.next.is_some()
    }
}

/// How many rows a list has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// So many.
    Exactly(u64),
    /// More, which nobody counts.
    MoreThan(u64),
}
