//! The files of photos: made by a process of its own, one at a time, and served from memory as long as
//! they fit.

use std::fmt;
use std::fs::File;
use std::io::{Seek as _, SeekFrom};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use db::Database;
use pictures::photo::{PhotoError, Prepared, prepare_in_process};
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};
use tokio::sync::Semaphore;

use crate::domain::home::photo::file;

/// How much of the files is kept in memory, in bytes: about 150 of the middle width.
const KEPT_BYTES: u64 = 16 * 1024 * 1024;

/// How much of the files is in memory at most, in bytes: what is kept, and what is still being sent to slow
/// visitors after it had to go.
const MOST_BYTES: usize = 32 * 1024 * 1024;

/// How many files are kept in that, about.
const TYPICAL_FILES: usize = 256;

/// Makes and finds the files of photos.
pub struct Photos {
    /// The program that prepares a photo when it is called with [`COMMAND`].
    program: PathBuf,
    /// One photo at a time: each may take 200 MB.
    turn: Arc<Semaphore>,
    kept: FileCache,
    /// How many bytes of files are in memory.
    in_memory: Arc<AtomicUsize>,
}

type FileCache = Cache<String, Bytes, Size>;

/// The hidden command that prepares a photo.
pub const COMMAND: &str = "photo-worker";

/// How the worker's allocator, where it is jemalloc, gives memory back: at once. By default it keeps what
/// is freed as address space, which counts against the worker's limit like memory in use, so that a photo
/// of 12 megapixels would be too much.
const ALLOCATOR: (&str, &str) = (
    "_RJEM_MALLOC_CONF",
    "retain:false,dirty_decay_ms:0,muzzy_decay_ms:0,narenas:1,background_thread:false",
);

impl Photos {
    /// With the program of this site.
    pub fn new(program: PathBuf) -> Self {
        Self {
            program,
            turn: Arc::new(Semaphore::new(1)),
            kept: new_cache(),
            in_memory: Arc::default(),
        }
    }

    /// Has a photo of `length` bytes prepared, when it is its turn. Once begun it goes on to its end,
    /// even if nobody waits for it any more.
    pub async fn prepare(&self, mut upload: File, length: usize) -> Result<Prepared, PhotoError> {
        let turn = Arc::clone(&self.turn);
        // Nobody closes the semaphore.
        let turn = turn.acquire_owned().await.ok();
        let mut command = Command::new(&self.program);
        // It is a stranger's file that it reads: it knows no secret, and none of the files we have open.
        command.arg(COMMAND).env_clear();
        command.env(ALLOCATOR.0, ALLOCATOR.1);
        let preparing = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            upload
                .seek(SeekFrom::Start(0))
                .map_err(PhotoError::Unavailable)?;
            prepare_in_process(command, upload, length)
        });
        match preparing.await {
            Ok(prepared) => prepared,
            Err(error) => Err(PhotoError::Unavailable(std::io::Error::other(error))),
        }
    }

    /// The bytes of a file; 404 if there is none of that name, 503 while so many are being sent that there
    /// is no memory for it.
    pub async fn find(&self, db: &Database, content: &str, name: &str) -> web::Result<Bytes> {
        let key = format!("{content}/{name}");
        if let Some(bytes) = self.kept.get(&key) {
            return Ok(bytes);
        }
        if self.in_memory.load(Ordering::Relaxed) > MOST_BYTES {
            return Err(web::Error::Unavailable(anyhow::anyhow!(
                "as many photos as there is memory for are being sent"
            )));
        }
        let found = file::find(db, content, name).await?;
        let bytes = self.counted(found.ok_or(web::Error::NotFound)?);
        self.kept.insert(key, bytes.clone());
        Ok(bytes)
    }

    /// The bytes, counted until nobody has them any more.
    fn counted(&self, bytes: Vec<u8>) -> Bytes {
        let in_memory = Arc::clone(&self.in_memory);
        in_memory.fetch_add(bytes.len(), Ordering::Relaxed);
        Bytes::from_owner(Counted { bytes, in_memory })
    }
}

impl fmt::Debug for Photos {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Photos")
            .field("program", &self.program)
            .finish_non_exhaustive()
    }
}

/// Of few parts, since none keeps a file that is larger than the part.
fn new_cache() -> FileCache {
    let options = OptionsBuilder::new()
        .shards(4)
        .estimated_items_capacity(TYPICAL_FILES)
        .weight_capacity(KEPT_BYTES)
        .build()
        .expect("the capacity is given");
    Cache::with_options(
        options,
        Size,
        DefaultHashBuilder::default(),
        DefaultLifecycle::default(),
    )
}

struct Counted {
    bytes: Vec<u8>,
    in_memory: Arc<AtomicUsize>,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.in_memory
            .fetch_sub(self.bytes.len(), Ordering::Relaxed);
    }
}

#[derive(Clone)]
struct Size;

impl Weighter<String, Bytes> for Size {
    fn weight(&self, key: &String, bytes: &Bytes) -> u64 {
        (key.len() + bytes.len()) as u64
    }
}
