//! Public pages from memory, as long as the database would give the same.
//!
//! A page is stored with its headers, its entity tag, and its bytes in each content coding. It belongs
//! to the generation of the database (`db::changes`) that was current before it was rendered, and is
//! sent only while that generation is known to be current. So a page that was rendered during a
//! commit is outdated as soon as the commit is detected.
//!
//! The key holds all that a page depends on. The handler cannot read anything else: the query string
//! is reduced to the parameters that the route declares. Only an answer marked [`crate::page::Cacheable`] is
//! stored, and a request with a session cookie is never answered from memory.
//!
//! [`PageCache::answer`] runs in front of all layers and sends stored pages. The layer [`cache_pages`]
//! renders missing ones, once for all requests that wait for the same page.

mod address;
mod coding;
mod in_flight;
mod page;
mod store;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use axum::body::HttpBody as _;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use db::Database;
use db::changes::Generation;
use http::{HeaderMap, Method};

pub use self::address::CachedRoute;
use self::address::{Address, PageKind};
use self::coding::AcceptedCodings;
use self::in_flight::{InFlight, Role};
use self::page::CachedPage;
use self::store::Store;
use crate::cookie;
use crate::host::AllowedHosts;
use crate::i18n::Languages;
use crate::request_log::CacheUse;
use crate::visit::SESSION_COOKIE;

/// The number of hits after which a page is compressed at the slow levels.
const HITS_BEFORE_BEST: u64 = 4;

/// The share of the memory for the 404 pages of unknown addresses: one sixteenth. With a store of
/// their own, requests for random addresses evict no other pages.
const UNKNOWN_SHARE: usize = 16;

/// The configuration of a [`PageCache`].
#[derive(Debug)]
pub struct Config {
    /// The database that the pages are rendered from.
    pub db: Database,
    /// Chooses the language of a page.
    pub languages: Languages,
    /// The hosts that a page may be for.
    pub hosts: Arc<AllowedHosts>,
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
    unknown: Store,
    in_flight: InFlight,
    hits: AtomicU64,
    /// The newest generation that was seen; older pages have been removed.
    generation: AtomicU64,
    is_compressing: AtomicBool,
}

/// Figures of the cache, for the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Stored pages.
    pub entries: usize,
    /// The memory that they take, in bytes, estimated.
    pub bytes: u64,
    /// Requests that were answered with a stored page.
    pub hits: u64,
    /// Pages that were removed to make room for others.
    pub evictions: u64,
}

/// The key of a request, and the codings that its answer may have.
struct Lookup {
    kind: PageKind,
    key: String,
    accepted: AcceptedCodings,
}

impl PageCache {
    /// An empty cache.
    pub fn new(config: Config) -> Self {
        let unknown_bytes = config.size_bytes / UNKNOWN_SHARE;
        Self(Arc::new(Inner {
            pages: Store::new(config.size_bytes - unknown_bytes),
            unknown: Store::new(unknown_bytes),
            in_flight: InFlight::default(),
            hits: AtomicU64::new(0),
            generation: AtomicU64::new(0),
            is_compressing: AtomicBool::new(false),
            config,
        }))
    }

    /// Figures for the metrics; `None` if the cache is off.
    pub fn counts(&self) -> Option<Counts> {
        let Inner { pages, unknown, .. } = &*self.0;
        self.is_on().then(|| Counts {
            entries: pages.entries() + unknown.entries(),
            bytes: pages.bytes() + unknown.bytes(),
            hits: self.0.hits.load(Ordering::Relaxed),
            evictions: pages.evictions() + unknown.evictions(),
        })
    }

    /// Whether a request might be answered from memory: a cheap check before [`Self::answer`].
    pub fn may_answer(&self, request: &Request) -> bool {
        self.is_on() && is_public(request)
    }

    /// The stored answer with the headers of [`crate::headers`], if it is known to be current. The
    /// request's scheme has to be known ([`crate::forwarded`]). Sets the request's [`MatchedPath`].
    pub fn answer(&self, request: &mut Request) -> Option<Response> {
        let kind = PageKind::of_path(request.uri().path(), self.0.config.routes);
        if kind == PageKind::Unknown && self.0.unknown.entries() == 0 {
            return None;
        }
        let generation = self.0.config.db.known_generation()?;
        let lookup = self.lookup(request, kind)?;
        let page = self.find(&lookup, generation)?;
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
        let accepted = AcceptedCodings::read(request.headers())?;
        let site = self.0.config.hosts.site_address(request)?;
        let language = self.0.config.languages.choose(request.headers());
        let address = Address::of(request, kind)?;
        Some(Lookup {
            kind,
            key: address.key(&site, language.language(), request.headers()),
            accepted,
        })
    }

    fn store(&self, kind: PageKind) -> &Store {
        match kind {
            PageKind::Page(_) => &self.0.pages,
            PageKind::Unknown => &self.0.unknown,
        }
    }

    fn find(&self, lookup: &Lookup, generation: Generation) -> Option<Arc<CachedPage>> {
        self.empty_before(generation);
        let page = self.store(lookup.kind).get(&lookup.key)?;
        (page.generation == generation).then_some(page)
    }

    /// Frees the memory of earlier generations. [`Self::find`] checks the generation of each page
    /// anyway.
    fn empty_before(&self, generation: Generation) {
        let number = generation.number();
        if self.0.generation.fetch_max(number, Ordering::AcqRel) < number {
            self.0.pages.clear();
            self.0.unknown.clear();
        }
    }

    fn keep(&self, lookup: &Lookup, page: &Arc<CachedPage>) {
        // An outdated page would only take memory.
        if self.0.config.db.is_current(page.generation) {
            self.store(lookup.kind)
                .insert(lookup.key.clone(), Arc::clone(page));
        }
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
        let (kind, key) = (lookup.kind, lookup.key.clone());
        tokio::task::spawn_blocking(move || {
            let CompressionTurn(cache) = &turn;
            let is_current = || cache.0.config.db.is_current(page.generation);
            if let Some(best) = page.with_best_forms(is_current) {
                cache.store(kind).replace(key, Arc::new(best));
            }
        });
    }

    /// Sends the stored page, or renders it, or waits for the request that renders it.
    async fn answer_or_make(&self, lookup: Lookup, request: Request, next: Next) -> Response {
        let (method, headers) = (request.method().clone(), request.headers().clone());
        loop {
            let Some(generation) = self.0.config.db.generation().await else {
                return passed(next.run(request).await);
            };
            if let Some(page) = self.find(&lookup, generation) {
                return self.hit(&lookup, &page, &method, &headers);
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
                    Some(Some(page)) => return self.hit(&lookup, &page, &method, &headers),
                    Some(None) => return passed(next.run(request).await),
                    // The request that rendered it was dropped: try again, perhaps as the maker.
                    None => {}
                },
            }
        }
    }

    /// Renders a page and stores it, or returns an answer that must not be stored.
    async fn make(
        &self,
        lookup: &Lookup,
        generation: Generation,
        mut request: Request,
        next: Next,
    ) -> Result<(Arc<CachedPage>, http::Extensions), Box<Response>> {
        let scheme = request.extensions().get().copied();
        let route = request.extensions().get::<MatchedPath>().cloned();
        // A page that a HEAD request renders is stored for GET requests as well.
        *request.method_mut() = Method::GET;
        let response = next.run(request).await;
        let most_bytes = self.store(lookup.kind).most_bytes();
        if !page::is_cacheable(&response, lookup.kind, most_bytes) {
            return Err(Box::new(response));
        }
        let made = CachedPage::new(response, generation, route, scheme, most_bytes).await;
        let (page, extensions) = made.map_err(Box::new)?;
        let page = Arc::new(page);
        self.keep(lookup, &page);
        Ok((page, extensions))
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
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map(MatchedPath::as_str);
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
