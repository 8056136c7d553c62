//! Public pages from memory, as long as the database would give the same.
//!
//! A page is stored with its headers, its entity tag, and its bytes in each content coding. It belongs
//! to the generation of the database (`db::changes`) that was current before it was rendered, and is
//! sent only while that generation is known to be current. So a page that was rendered during a
//! commit is outdated as soon as the commit is detected.
//!
//! A page that is sent without being stored may show a commit that has not been detected yet. Stored
//! pages are not sent after it before the database has been polled again, so that nobody is given a
//! page that is older than one that was given before.
//!
//! An outdated page stays in its place until it is rendered anew or evicted. If it is still the same, to
//! the letter, it is made current with its compressed forms.
//!
//! The key holds all that a page depends on, where it matters even the day. The handler cannot read anything else: the query string
//! is reduced to the parameters that the route declares. The 404 of unknown addresses is one page for all
//! of them. Only an answer marked [`crate::page::Cacheable`] is stored, and a request with a session
//! cookie is never answered from memory.
//!
//! [`PageCache::answer`] runs in front of all layers and sends stored pages. The layer [`cache_pages`]
//! renders missing ones, once for all requests that wait for the same page.

mod address;
mod coding;
mod day;
mod in_flight;
mod page;
mod store;
mod uncacheable;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use axum::body::HttpBody as _;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use db::Database;
use db::changes::Generation;
use http::{HeaderMap, Method};

pub use self::address::CachedRoute;
use self::address::PageKind;
use self::coding::AcceptedCodings;
pub use self::day::DayClock;
use self::in_flight::{InFlight, Role};
use self::page::CachedPage;
use self::store::Store;
use self::uncacheable::Uncacheable;
use crate::accept::prefers_json;
use crate::cookie;
use crate::host::{AllowedHosts, find_host, scheme_of};
use crate::i18n::Languages;
use crate::request_log::CacheUse;
use crate::visit::SESSION_COOKIE;

/// The number of hits after which a page is compressed at the slow levels.
const HITS_BEFORE_BEST: u64 = 4;

/// Pages of searches take this part of the memory: one eighth.
const SEARCH_SHARE: usize = 8;

/// Most keys are not longer, so that they are allocated once.
const TYPICAL_KEY_BYTES: usize = 96;

/// The configuration of a [`PageCache`].
#[derive(Debug)]
pub struct Config {
    /// The database that the pages are rendered from.
    pub db: Database,
    /// Chooses the language of a page.
    pub languages: Languages,
    /// The hosts that a page may be for.
    pub hosts: Arc<AllowedHosts>,
    /// Which day it is, for pages that are another on each.
    pub day: DayClock,
    /// The routes whose pages are stored.
    pub routes: &'static [CachedRoute],
    /// The most memory that pages take, in bytes; 0 stores none.
    pub size_bytes: usize,
}

/// The stored pages. Clones share them.
#[derive(Clone)]
pub struct PageCache(Arc<Inner>);

struct Inner {
    config: Config,
    pages: Store,
    /// Pages of searches, of which there are any number: they evict each other and no other page.
    searches: Store,
    in_flight: InFlight,
    uncacheable: Uncacheable,
    hits: AtomicU64,
    is_compressing: AtomicBool,
}

/// Figures of the cache, for the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Stored pages, outdated ones included.
    pub entries: usize,
    /// The memory that they take, in bytes, estimated.
    pub bytes: u64,
    /// Requests that were answered with a stored page.
    pub hits: u64,
    /// Pages that were removed to make room for others.
    pub evictions: u64,
}

/// The key of a request, and the codings that its answer may have.
#[derive(Clone)]
struct Lookup {
    kind: PageKind,
    key: String,
    /// Whether it is one of the many addresses of searches.
    is_search: bool,
    accepted: AcceptedCodings,
}

impl PageCache {
    /// An empty cache.
    pub fn new(config: Config) -> Self {
        Self(Arc::new(Inner {
            pages: Store::new(config.size_bytes - config.size_bytes / SEARCH_SHARE),
            searches: Store::new(config.size_bytes / SEARCH_SHARE),
            in_flight: InFlight::default(),
            uncacheable: Uncacheable::default(),
            hits: AtomicU64::new(0),
            is_compressing: AtomicBool::new(false),
            config,
        }))
    }

    /// Figures for the metrics; `None` if the cache is off.
    pub fn counts(&self) -> Option<Counts> {
        let Inner {
            pages, searches, ..
        } = &*self.0;
        self.is_on().then(|| Counts {
            entries: pages.entries() + searches.entries(),
            bytes: pages.bytes() + searches.bytes(),
            hits: self.0.hits.load(Ordering::Relaxed),
            evictions: pages.evictions() + searches.evictions(),
        })
    }

    /// Whether a request might be answered from memory: a cheap check before [`Self::answer`].
    pub fn may_answer(&self, request: &Request) -> bool {
        self.is_on() && is_public(request)
    }

    /// The stored answer with the headers of [`crate::headers`], if it is known to be current. The
    /// request's scheme has to be known ([`crate::forwarded`]). Sets the request's [`MatchedPath`].
    pub fn answer(&self, request: &mut Request) -> Option<Response> {
        let path = self.0.config.languages.without_prefix(request.uri().path());
        let route = address::route_of_path(path, self.0.config.routes)?;
        let generation = self.0.config.db.known_generation()?;
        let lookup = self.lookup(request, PageKind::Page(route))?;
        let page = self.find(&lookup, Some(generation))?;
        if let Some(route) = &page.route {
            request.extensions_mut().insert(route.clone());
        }
        Some(self.hit(&lookup, &page, request.method(), request.headers()))
    }

    fn is_on(&self) -> bool {
        self.0.config.size_bytes > 0
    }

    /// `None` for a request that cannot be answered from memory: a host that is not allowed, an
    /// address that is too long, or no coding that the client accepts.
    fn lookup(&self, request: &Request, kind: PageKind) -> Option<Lookup> {
        let Config {
            hosts, languages, ..
        } = &self.0.config;
        let headers = request.headers();
        let accepted = AcceptedCodings::read(headers)?;
        let (host, scheme) = (find_host(request).ok()?, scheme_of(request));
        let mut key = String::with_capacity(TYPICAL_KEY_BYTES);
        // Neither a tag nor a scheme holds a space, so that different keys are different texts.
        languages.push_choice(&mut key, request.uri().path(), headers);
        key.push(' ');
        match kind {
            PageKind::Page(route) => {
                hosts.push_site_address(&mut key, host, scheme)?;
                address::push_address(&mut key, request, route)?;
                if route.depends_on_day {
                    self.0.config.day.push_number(&mut key);
                }
            }
            PageKind::Unknown if !hosts.allows(host) => return None,
            // Errors are HTML or problem details; pages are HTML alone.
            PageKind::Unknown if prefers_json(headers) => {
                key.extend([scheme.as_str(), " unknown json"]);
            }
            PageKind::Unknown => key.extend([scheme.as_str(), " unknown html"]),
        }
        let is_search = match kind {
            PageKind::Page(route) => address::is_search(request, route),
            PageKind::Unknown => false,
        };
        Some(Lookup {
            kind,
            key,
            is_search,
            accepted,
        })
    }

    /// The stored page, if it belongs to the generation. With `None` it is one that does not depend on
    /// the database.
    fn find(&self, lookup: &Lookup, generation: Option<Generation>) -> Option<Arc<CachedPage>> {
        let page = self.store(lookup).get(&lookup.key)?;
        let is_current = generation.is_none_or(|generation| page.belongs_to(generation));
        is_current.then_some(page)
    }

    fn store(&self, lookup: &Lookup) -> &Store {
        if lookup.is_search {
            &self.0.searches
        } else {
            &self.0.pages
        }
    }

    fn is_current(&self, generation: Option<Generation>) -> bool {
        generation.is_none_or(|generation| self.0.config.db.is_current(generation))
    }

    /// Stores a page. If the stored one is outdated but the same, it is made current instead: it has its
    /// compressed forms already.
    fn keep(
        &self,
        lookup: &Lookup,
        made: CachedPage,
        generation: Option<Generation>,
    ) -> Arc<CachedPage> {
        if let (Some(stored), Some(generation)) = (self.store(lookup).get(&lookup.key), generation)
            && stored.equals(&made)
        {
            stored.renew(generation);
            return stored;
        }
        let made = Arc::new(made);
        // An outdated page must not replace a newer one.
        if self.is_current(generation) {
            self.store(lookup)
                .insert(lookup.key.clone(), Arc::clone(&made));
        } else {
            self.0.config.db.expire_polls();
        }
        made
    }

    fn hit(
        &self,
        lookup: &Lookup,
        page: &Arc<CachedPage>,
        method: &Method,
        headers: &HeaderMap,
    ) -> Response {
        self.0.hits.fetch_add(1, Ordering::Relaxed);
        if page.count_hit() >= HITS_BEFORE_BEST {
            self.compress_best(lookup, page);
        }
        let mut response = page.answer(method, headers, lookup.accepted);
        response.extensions_mut().insert(CacheUse::Hit);
        response
    }

    /// Compresses a page at the slow levels, in the background and one page at a time.
    fn compress_best(&self, lookup: &Lookup, page: &Arc<CachedPage>) {
        if page.has_best_forms() || self.0.is_compressing.swap(true, Ordering::AcqRel) {
            return;
        }
        let (turn, page) = (CompressionTurn(self.clone()), Arc::clone(page));
        let lookup = lookup.clone();
        tokio::task::spawn_blocking(move || {
            let CompressionTurn(cache) = &turn;
            let (pages, key) = (cache.store(&lookup), &lookup.key);
            // Even an outdated page may be made current again.
            let is_stored = || pages.holds(key, &page);
            if let Some(best) = page.with_best_forms(is_stored) {
                pages.replace(key.clone(), Arc::new(best));
            }
        });
    }

    /// Sends the stored page, or renders it, or waits for the request that renders it.
    async fn answer_or_make(&self, lookup: Lookup, request: Request, next: Next) -> Response {
        let (method, headers) = (request.method().clone(), request.headers().clone());
        let mut has_waited = false;
        loop {
            let generation = match lookup.kind {
                PageKind::Unknown => None,
                PageKind::Page(_) => match self.0.config.db.generation().await {
                    Some(generation) => Some(generation),
                    None => return self.pass_without_generation(request, next).await,
                },
            };
            if let Some(page) = self.find(&lookup, generation) {
                return self.hit(&lookup, &page, &method, &headers);
            }
            if self.0.uncacheable.contains(&lookup.key, Instant::now()) {
                return passed(next.run(request).await);
            }
            match self.0.in_flight.enter(&lookup.key, generation) {
                Role::Maker(flight) => {
                    let made = self.make(&lookup, generation, request, next).await;
                    return match made {
                        Ok((page, extensions)) => {
                            flight.finish(Some(Arc::clone(&page)));
                            let mut response = page.answer(&method, &headers, lookup.accepted);
                            response.extensions_mut().extend(extensions);
                            response.extensions_mut().insert(CacheUse::Made);
                            response
                        }
                        Err(response) => {
                            flight.finish(None);
                            passed(*response)
                        }
                    };
                }
                Role::Waiter(waiter) => match waiter.outcome().await {
                    Some(Some(page)) if self.is_current(generation) => {
                        return self.hit(&lookup, &page, &method, &headers);
                    }
                    // Something was committed while we waited: try again, but only once, since commits
                    // may go on.
                    Some(Some(_)) if !has_waited => has_waited = true,
                    Some(_) => return self.pass_without_generation(request, next).await,
                    // The request that rendered it was dropped: try again, perhaps as the maker.
                    None => {}
                },
            }
        }
    }

    /// Renders a page that others may have been given from memory, and may be again.
    async fn pass_without_generation(&self, request: Request, next: Next) -> Response {
        let response = next.run(request).await;
        self.0.config.db.expire_polls();
        passed(response)
    }

    /// Renders a page and stores it, or returns an answer that must not be stored.
    async fn make(
        &self,
        lookup: &Lookup,
        generation: Option<Generation>,
        mut request: Request,
        next: Next,
    ) -> Result<(Arc<CachedPage>, http::Extensions), Box<Response>> {
        let scheme = request.extensions().get().copied();
        let route = request.extensions().get::<MatchedPath>().cloned();
        // A page that a HEAD request renders is stored for GET requests as well.
        *request.method_mut() = Method::GET;
        let response = next.run(request).await;
        let most_bytes = self.store(lookup).most_bytes();
        if !page::is_cacheable(&response, lookup.kind, most_bytes) {
            // A failure of ours may be over at once, and then one request is to render for all.
            if !response.status().is_server_error() {
                self.0.uncacheable.add(&lookup.key, Instant::now());
            }
            return Err(Box::new(response));
        }
        let made = CachedPage::new(response, generation, route, scheme, most_bytes).await;
        let (page, extensions) = made.map_err(Box::new)?;
        Ok((self.keep(lookup, page, generation), extensions))
    }
}

/// The turn of the one page that is compressed. It ends when this is dropped, even by a panic.
struct CompressionTurn(PageCache);

impl Drop for CompressionTurn {
    fn drop(&mut self) {
        self.0.0.is_compressing.store(false, Ordering::Release);
    }
}

impl fmt::Debug for PageCache {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("PageCache")
            .field(&self.counts())
            .finish()
    }
}

/// Whether the answer depends on the key alone, and not on the sender of the request.
fn is_public(request: &Request) -> bool {
    matches!(*request.method(), Method::GET | Method::HEAD)
        && request.body().is_end_stream()
        && cookie::find(request.headers(), SESSION_COOKIE).is_none()
}

fn passed(mut response: Response) -> Response {
    response.extensions_mut().insert(CacheUse::Passed);
    response
}

/// The layer, for [`axum::middleware::from_fn_with_state`] with a [`PageCache`]. It belongs outside of
/// the handlers and inside of the layers that compress, log and set headers.
pub async fn cache_pages(
    State(cache): State<PageCache>,
    mut request: Request,
    next: Next,
) -> Response {
    let languages = &cache.0.config.languages;
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map(|route| languages.without_prefix(route.as_str()));
    let Some(kind) = PageKind::of_route(route, cache.0.config.routes) else {
        return next.run(request).await;
    };
    if let PageKind::Page(route) = kind {
        // Even if nothing is stored, a page must not read other parameters.
        address::cut_query(&mut request, route);
    }
    if !cache.is_on() {
        return next.run(request).await;
    }
    let lookup = is_public(&request).then(|| cache.lookup(&request, kind));
    match (lookup.flatten(), kind) {
        (Some(lookup), _) => cache.answer_or_make(lookup, request, next).await,
        (None, PageKind::Page(_)) => passed(next.run(request).await),
        (None, PageKind::Unknown) => next.run(request).await,
    }
}

#[cfg(test)]
mod tests;
