//! The files of photos: made by a process of its own, one at a time, and served from memory as long as
//! they fit.

use std::fmt;
use std::fs::File;
use std::io::{Seek as _, SeekFrom};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use bytes::Bytes;
use db::{Database, DbErr};
use pictures::photo::{PhotoError, Prepared, prepare_in_process};
use quick_cache::sync::Cache;
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};
use tokio::sync::Semaphore;

use crate::domain::home::photo::file;

/// How much of the files is kept in memory, in bytes: about 150 of the middle width.
const KEPT_BYTES: u64 = 16 * 1024 * 1024;

/// The typical size of a file, from which their number is estimated, in bytes.
const TYPICAL_BYTES: u64 = 64 * 1024;

/// Makes and finds the files of photos.
pub struct Photos {
    /// The program that prepares a photo when it is called with [`COMMAND`].
    program: PathBuf,
    /// One photo at a time: each may take 200 MB.
    turn: Arc<Semaphore>,
    kept: Cache<String, Bytes, Size>,
}

/// The hidden command that prepares a photo.
pub const COMMAND: &str = "photo-worker";

impl Photos {
    /// With the program of this site.
    pub fn new(program: PathBuf) -> Self {
        let options = OptionsBuilder::new()
            .shards(4)
            .estimated_items_capacity(usize::try_from(KEPT_BYTES / TYPICAL_BYTES).unwrap_or(256))
            .weight_capacity(KEPT_BYTES)
            .build()
            .expect("the capacity is given");
        Self {
            program,
            turn: Arc::new(Semaphore::new(1)),
            kept: Cache::with_options(
                options,
                Size,
                DefaultHashBuilder::default(),
                quick_cache::sync::DefaultLifecycle::default(),
            ),
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

    /// The bytes of a file; `None` if there is none of that name.
    pub async fn find(
        &self,
        db: &Database,
        content: &str,
        name: &str,
    ) -> Result<Option<Bytes>, DbErr> {
        let key = format!("{content}/{name}");
        if let Some(bytes) = self.kept.get(&key) {
            return Ok(Some(bytes));
        }
        let found = file::find(db, content, name).await?.map(Bytes::from);
        if let Some(bytes) = &found {
            self.kept.insert(key, bytes.clone());
        }
        Ok(found)
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

#[derive(Clone)]
struct Size;

impl Weighter<String, Bytes> for Size {
    fn weight(&self, key: &String, bytes: &Bytes) -> u64 {
        (key.len() + bytes.len()) as u64
    }
}
