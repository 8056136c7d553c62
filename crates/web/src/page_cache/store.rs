//! Stored pages within a limit of bytes. Pages that were requested once are evicted before pages that
//! were requested again (`quick_cache`: Clock-PRO, S3-FIFO), so that a crawler of all addresses evicts
//! nothing useful.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use quick_cache::sync::Cache;
use quick_cache::{DefaultHashBuilder, Lifecycle, OptionsBuilder, Weighter};

use super::page::CachedPage;

/// The typical size of a page, from which the number of pages is estimated.
const TYPICAL_BYTES: usize = 32 * 1024;

/// A larger store is divided into shards, so that threads do not wait for one lock.
const UNDIVIDED_BYTES: usize = 8 * 1024 * 1024;

/// The largest page may take one eighth of the memory.
const LARGEST_SHARE: usize = 8;

/// The stored pages by their keys.
pub(super) struct Store {
    cache: Cache<String, Arc<CachedPage>, Size, DefaultHashBuilder, CountEvictions>,
    size_bytes: usize,
    evictions: Arc<AtomicU64>,
}

impl Store {
    pub(super) fn new(size_bytes: usize) -> Self {
        let evictions = Arc::<AtomicU64>::default();
        let shards = if size_bytes > UNDIVIDED_BYTES { 4 } else { 1 };
        let options = OptionsBuilder::new()
            .shards(shards)
            .estimated_items_capacity((size_bytes / TYPICAL_BYTES).max(16))
            .weight_capacity(size_bytes as u64)
            .build();
        let options = options.expect("the capacity is given");
        let cache = Cache::with_options(
            options,
            Size,
            DefaultHashBuilder::default(),
            CountEvictions(Arc::clone(&evictions)),
        );
        Self {
            cache,
            size_bytes,
            evictions,
        }
    }

    /// The size of the largest page that is stored, in bytes.
    pub(super) fn most_bytes(&self) -> usize {
        self.size_bytes / LARGEST_SHARE
    }

    pub(super) fn get(&self, key: &str) -> Option<Arc<CachedPage>> {
        self.cache.get(key)
    }

    pub(super) fn insert(&self, key: String, page: Arc<CachedPage>) {
        self.cache.insert(key, page);
    }

    /// Replaces the page of that key, if it is still stored.
    pub(super) fn replace(&self, key: String, page: Arc<CachedPage>) {
        // An error means that it was removed meanwhile.
        let _ = self.cache.replace(key, page, true);
    }

    /// Whether this is the page that is stored under the key. Does not count as a request for it.
    pub(super) fn holds(&self, key: &str, page: &Arc<CachedPage>) -> bool {
        let stored = self.cache.peek(key);
        stored.is_some_and(|stored| Arc::ptr_eq(&stored, page))
    }

    pub(super) fn entries(&self) -> usize {
        self.cache.len()
    }

    pub(super) fn bytes(&self) -> u64 {
        self.cache.weight()
    }

    pub(super) fn evictions(&self) -> u64 {
        self.evictions.load(Ordering::Relaxed)
    }
}

#[derive(Clone)]
struct Size;

impl Weighter<String, Arc<CachedPage>> for Size {
    fn weight(&self, key: &String, page: &Arc<CachedPage>) -> u64 {
        (key.len() + page.size_bytes()) as u64
    }
}

#[derive(Clone)]
struct CountEvictions(Arc<AtomicU64>);

impl Lifecycle<String, Arc<CachedPage>> for CountEvictions {
    type RequestState = ();

    // Not `on_evict`, which is also called for a page that is replaced.
    fn before_evict(&self, (): &mut (), _: &String, _: &mut Arc<CachedPage>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}
