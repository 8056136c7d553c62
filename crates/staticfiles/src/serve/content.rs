//! Reads contents at the start: into memory as long as there is room, else only to hash them. Knows
//! nothing of names and headers.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _};

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use super::body::{DiskFile, FileVersion};
use super::file::{FormContent, Storage};

/// How much of a large file is read at once.
const BUFFER_BYTES: usize = 64 * 1024;

/// The bytes of the hash in a tag: enough to rule out a collision between the versions of one file.
const TAG_BYTES: usize = 8;

type ContentHash = [u8; 32];

/// The memory for contents, and what is in it.
#[derive(Debug)]
pub(super) struct ContentStore {
    remaining_bytes: u64,
    /// By hash, so that a content under a plain and a hashed name is held once.
    by_hash: HashMap<ContentHash, Bytes>,
}

impl ContentStore {
    pub(super) fn new(limit_bytes: u64) -> Self {
        Self {
            remaining_bytes: limit_bytes,
            by_hash: HashMap::new(),
        }
    }

    /// Reads a file. Fails if it changes meanwhile.
    pub(super) fn read(&mut self, file: &DiskFile) -> io::Result<FormContent> {
        let length_bytes = file.version.length_bytes;
        let mut opened = open(file)?;
        let (digest, storage) = if length_bytes <= self.remaining_bytes {
            let mut content = Vec::with_capacity(to_usize(length_bytes)?);
            // One byte more would show that the file has grown.
            (&mut opened)
                .take(length_bytes + 1)
                .read_to_end(&mut content)?;
            if content.len() as u64 != length_bytes {
                return Err(changed());
            }
            let digest = ContentHash::from(Sha256::digest(&content));
            (digest, Storage::Memory(self.keep(digest, content)))
        } else {
            let digest = hash(&mut opened, length_bytes)?;
            let storage = self
                .by_hash
                .get(&digest)
                .cloned()
                .map_or_else(|| Storage::Disk(file.clone()), Storage::Memory);
            (digest, storage)
        };
        if FileVersion::new(&opened.metadata()?) != file.version {
            return Err(changed());
        }
        Ok(FormContent {
            storage,
            length_bytes,
            tag: tag(&digest),
        })
    }

    fn keep(&mut self, digest: ContentHash, content: Vec<u8>) -> Bytes {
        let length_bytes = content.len() as u64;
        let kept = self.by_hash.entry(digest).or_insert_with(|| {
            self.remaining_bytes -= length_bytes;
            Bytes::from(content)
        });
        kept.clone()
    }
}

/// Bytes that do not count towards the limit: those of the program itself, or of a single answer.
pub(super) fn of_bytes(bytes: Bytes) -> FormContent {
    FormContent {
        length_bytes: bytes.len() as u64,
        tag: tag(&Sha256::digest(&bytes).into()),
        storage: Storage::Memory(bytes),
    }
}

fn open(file: &DiskFile) -> io::Result<File> {
    let opened = File::open(&file.path)?;
    if FileVersion::new(&opened.metadata()?) == file.version {
        Ok(opened)
    } else {
        Err(changed())
    }
}

fn hash(file: &mut File, length_bytes: u64) -> io::Result<ContentHash> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut hashed_bytes = 0;
    loop {
        let count = match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hasher.update(&buffer[..count]);
        hashed_bytes += count as u64;
    }
    if hashed_bytes != length_bytes {
        return Err(changed());
    }
    Ok(hasher.finalize().into())
}

fn tag(digest: &ContentHash) -> String {
    digest[..TAG_BYTES]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn to_usize(length_bytes: u64) -> io::Result<usize> {
    usize::try_from(length_bytes).map_err(io::Error::other)
}

fn changed() -> io::Error {
    io::Error::other("the file changed while it was read")
}
