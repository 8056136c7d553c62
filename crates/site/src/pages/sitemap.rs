//! `sitemap.xml` (sitemaps.org, 0.9): every public page at each of its addresses, streamed, in parts of
//! 50,000 addresses.
//!
//! The pages are one sequence: the fixed ones, the lettings, the profiles, each in id order, the places. Up to
//! the limit of one file that sequence is the answer; beyond it the answer is an index of parts,
//! `?p=1` and on, each a stretch of the sequence. However long it is, only a batch of rows is in
//! memory.
//!
//! Each address names those in the other languages
//! (<https://developers.google.com/search/docs/specialty/international/localized-versions>), and the
//! day of the last change where Django's log knows it.

use std::fmt::Write as _;
use std::mem;

use crate::addresses::profile_path;
use crate::domain::last_changes::LastChanges;
use crate::domain::search::place as places;
use crate::domain::{legal, letting, profile};
use crate::emails;
use crate::frame::{Alternate, Frame};
use crate::places::Place;
use crate::state::AppState;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use db::{Database, DbErr, Integer, is_unavailable};
use futures_util::stream::{self, Stream};
use http::Uri;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

/// The most addresses that one file may hold, by the protocol.
const ADDRESSES_OF_FILE: u64 = 50_000;

/// The rows read at once.
const BATCH_SIZE: u64 = 1_000;

/// Ten minutes: reading all keys again for each of several crawlers would be wasted work.
const A_WHILE: &str = "public, max-age=600";

const PROFILES: &str = "/profiles/";

/// The pages that are always there; those that the law asks for follow them once they are written.
const FIXED_PATHS: [&str; 3] = ["/", "/lettings/", PROFILES];

/// A page by itself: its path, and when it was changed, where that is known.
type FixedPage = (&'static str, Option<DateTime<Utc>>);

async fn fixed_pages(db: &Database) -> Result<Vec<FixedPage>, DbErr> {
    let written = match legal::written(db).await {
        Ok(written) => written,
        // This release has not migrated the database yet: the table is missing.
        Err(error) if !is_unavailable(&error) => Vec::new(),
        Err(error) => return Err(error),
    };
    let written = written.into_iter();
    let written = written.map(|(page, changed)| (page.path(), Some(changed)));
    let pages = FIXED_PATHS.into_iter().map(|path| (path, None));
    Ok(pages.chain(written).collect())
}

/// `GET /sitemap.xml?p=N`
pub async fn show_sitemap(
    State(app): State<AppState>,
    frame: Frame,
    uri: Uri,
) -> web::Result<Response> {
    let part = read_part(uri.query())?;
    let lettings = letting::count(&app.db).await?;
    // Of pages that must not be listed, it tells nothing.
    let lists_profiles = emails::are_public(&app).await?;
    let profiles = if lists_profiles {
        profile::count(&app.db).await?
    } else {
        0
    };
    let fixed_pages = fixed_pages(&app.db).await?;
    let fixed = fixed_pages.len() as u64;
    // As long as the table is still to be made, there are none.
    let places = places::count(&app.db).await.unwrap_or(0);
    let total = fixed + lettings + profiles + places;
    // Each page has as many addresses.
    let part_size = ADDRESSES_OF_FILE / frame.alternates("/").len() as u64;
    let start = match part {
        None if total <= part_size => 0,
        None => {
            let index = index(&frame.site, total.div_ceil(part_size));
            return Ok(xml(Body::from(index)));
        }
        Some(part) => (part - 1).saturating_mul(part_size),
    };
    if start >= total {
        return Err(web::Error::NotFound);
    }
    let reader = Reader {
        lists_profiles,
        changes: LastChanges::read(&app.db).await?,
        db: app.db.clone(),
        frame,
        section: Section::Opening,
        after: None,
        after_place: None,
        fixed_pages,
        skip_fixed_pages: start.min(fixed),
        skip_lettings: start.saturating_sub(fixed).min(lettings),
        skip_profiles: start.saturating_sub(fixed + lettings).min(profiles),
        skip_places: start.saturating_sub(fixed + lettings + profiles),
        has_places: places > 0,
        left: part_size.min(total - start),
    };
    Ok(xml(Body::from_stream(reader.into_stream())))
}

fn read_part(query: Option<&str>) -> web::Result<Option<u64>> {
    let Some(value) = query.and_then(|query| query.strip_prefix("p=")) else {
        return Ok(None);
    };
    let part = web::extract::parse_digits(value).and_then(|part| u64::try_from(part).ok());
    match part {
        Some(part) if part > 0 => Ok(Some(part)),
        _ => Err(web::Error::NotFound),
    }
}

fn xml(body: Body) -> Response {
    let headers = [
        (CONTENT_TYPE, "application/xml; charset=utf-8"),
        (CACHE_CONTROL, A_WHILE),
    ];
    (headers, body).into_response()
}

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
const NAMESPACE: &str = "xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"";
const LINKS: &str = "xmlns:xhtml=\"http://www.w3.org/1999/xhtml\"";

fn index(site: &str, parts: u64) -> String {
    let mut text = format!("{DECLARATION}<sitemapindex {NAMESPACE}>\n");
    for part in 1..=parts {
        // Writing into a string cannot fail.
        let _ = writeln!(
            text,
            "<sitemap><loc>{site}/sitemap.xml?p={part}</loc></sitemap>"
        );
    }
    text + "</sitemapindex>\n"
}

/// Where the reading of a part stands.
struct Reader {
    db: Database,
    frame: Frame,
    changes: LastChanges,
    lists_profiles: bool,
    fixed_pages: Vec<FixedPage>,
    section: Section,
    /// The last id read of the section.
    after: Option<Integer>,
    /// The last place read.
    after_place: Option<Place>,
    has_places: bool,
    /// What comes before this part, by section; 0 once it is passed over.
    skip_fixed_pages: u64,
    skip_lettings: u64,
    skip_profiles: u64,
    skip_places: u64,
    /// Pages of the part that are still to be looked at.
    left: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Opening,
    Lettings,
    Profiles,
    Places,
    Closing,
    End,
}

impl Reader {
    fn into_stream(self) -> impl Stream<Item = Result<Bytes, DbErr>> {
        stream::try_unfold(self, |mut reader| async move {
            let chunk = reader.next_chunk().await.inspect_err(|error| {
                // The head of the answer is sent and its line logged, so that no error's page can
                // follow: the client sees the answer cut, and the operator this line.
                tracing::error!(%error, "the sitemap broke off");
            })?;
            Ok(chunk.map(|chunk| (Bytes::from(chunk), reader)))
        })
    }

    async fn next_chunk(&mut self) -> Result<Option<String>, DbErr> {
        let mut text = String::new();
        match self.section {
            Section::Opening => {
                text = format!("{DECLARATION}<urlset {NAMESPACE} {LINKS}>\n");
                let skip = usize::try_from(self.skip_fixed_pages).unwrap_or(0);
                for (path, changed) in self.fixed_pages.iter().skip(skip) {
                    self.left = self.left.saturating_sub(1);
                    if *path != PROFILES || self.lists_profiles {
                        self.write(&mut text, path, *changed);
                    }
                }
                self.section = Section::Lettings;
            }
            Section::Lettings => {
                let skip = mem::take(&mut self.skip_lettings);
                let ids = letting::ids(&self.db, self.after, skip, self.limit()).await?;
                let next = if self.lists_profiles {
                    Section::Profiles
                } else {
                    Section::Places
                };
                self.advance(ids.last().map(|(id, _)| *id), next);
                for (id, address) in ids {
                    self.left = self.left.saturating_sub(1);
                    let changed = self.changes.of_letting(id, address);
                    self.write(&mut text, &format!("/lettings/{id}/"), changed);
                }
            }
            Section::Profiles => {
                let skip = mem::take(&mut self.skip_profiles);
                let rows = profile::entries(&self.db, self.after, skip, self.limit()).await?;
                self.advance(rows.last().map(|entry| entry.id), Section::Places);
                for entry in rows {
                    self.left = self.left.saturating_sub(1);
                    let path = profile_path(&entry.username);
                    if !entry.is_unlisted {
                        self.write(&mut text, &path, self.changes.of_profile(entry.id));
                    }
                }
            }
            Section::Places => text = self.next_places().await?,
            Section::Closing => {
                "</urlset>\n".clone_into(&mut text);
                self.section = Section::End;
            }
            Section::End => return Ok(None),
        }
        Ok(Some(text))
    }

    async fn next_places(&mut self) -> Result<String, DbErr> {
        let mut text = String::new();
        let skip = mem::take(&mut self.skip_places);
        let limit = self.limit();
        if limit == 0 || !self.has_places {
            self.section = Section::Closing;
            return Ok(text);
        }
        let after = self.after_place.as_ref();
        let entries = places::entries(&self.db, after, skip, limit).await?;
        if entries.is_empty() {
            self.section = Section::Closing;
        }
        self.after_place = entries.last().map(|entry| entry.place.clone());
        for entry in entries {
            self.left = self.left.saturating_sub(1);
            if entry.is_there {
                self.write(&mut text, &entry.place.path(), None);
            }
        }
        Ok(text)
    }

    fn limit(&self) -> u64 {
        self.left.min(BATCH_SIZE)
    }

    /// Goes on after the last row read, or with the next section when there was none. In a part
    /// that is full the limit is 0, so that no row is read and the sections come to their end.
    fn advance(&mut self, last: Option<Integer>, next: Section) {
        self.after = last;
        if last.is_none() {
            self.section = next;
        }
    }

    /// Writes the addresses of one page, first the one that goes by the reader. Paths hold
    /// nothing that XML would take for its own: ids are digits, usernames percent-encoded.
    fn write(&self, text: &mut String, path: &str, changed: Option<DateTime<Utc>>) {
        let alternates = self.frame.alternates(path);
        let mut rest = String::new();
        for Alternate { language, address } in &alternates {
            let _ = write!(
                rest,
                "<xhtml:link rel=\"alternate\" hreflang=\"{language}\" href=\"{address}\"/>"
            );
        }
        if let Some(changed) = changed {
            let day = changed.format("%Y-%m-%d");
            rest = format!("<lastmod>{day}</lastmod>{rest}");
        }
        for Alternate { address, .. } in alternates.iter().rev() {
            let _ = writeln!(text, "<url><loc>{address}</loc>{rest}</url>");
        }
    }
}
