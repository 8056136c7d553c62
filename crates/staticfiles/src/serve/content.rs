//! Reads contents at the start: into memory as long as there is room, else only to hash them. Knows
//! nothing of names and headers.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _};

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use super::body::{DiskFile, Stamp};
use super::file::{Place, Stored};

/// How much of a large file is read at once.
const BUFFER_BYTES: usize = 64 * 1024;

/// The bytes of the hash in a tag: enough to rule out a collision between the versions of one file.
const TAG_BYTES: usize = 8;

type Digest = [u8; 32];

/// The memory for contents, and what is in it.
#[derive(Debug)]
pub(super) struct Memory {
    remaining_bytes: u64,
    /// By hash, so that a content under a plain and a hashed name is held once.
    held: HashMap<Digest, Bytes>,
}

impl Memory {
    pub(super) fn new(limit_bytes: u64) -> Self {
        Self {
            remaining_bytes: limit_bytes,
            held: HashMap::new(),
        }
    }

    /// Reads a file. Fails if it changes meanwhile.
    pub(super) fn take(&mut self, file: &DiskFile) -> io::Result<Stored> {
        let length_bytes = file.stamp.length_bytes;
        let mut opened = open(file)?;
        let (digest, place) = if length_bytes <= self.remaining_bytes {
            let mut content = Vec::with_capacity(to_usize(length_bytes)?);
            // One byte more would show that the file has grown.
            (&mut opened)
                .take(length_bytes + 1)
                .read_to_end(&mut content)?;
            if content.len() as u64 != length_bytes {
                return Err(changed());
            }
            let digest = Digest::from(Sha256::digest(&content));
            (digest, Place::Memory(self.keep(digest, content)))
        } else {
            let digest = hash(&mut opened, length_bytes)?;
            let place = self
                .held
                .get(&digest)
                .cloned()
                .map_or_else(|| Place::Disk(file.clone()), Place::Memory);
            (digest, place)
        };
        if Stamp::new(&opened.metadata()?) != file.stamp {
            return Err(changed());
        }
        Ok(Stored {
            place,
            length_bytes,
            tag: tag(&digest),
        })
    }

    fn keep(&mut self, digest: Digest, content: Vec<u8>) -> Bytes {
        let length_bytes = content.len() as u64;
        let kept = self.held.entry(digest).or_insert_with(|| {
            self.remaining_bytes -= length_bytes;
            Bytes::from(content)
        });
        kept.clone()
    }
}

/// Bytes that do not count towards the limit: those of the program itself, or of a single answer.
pub(super) fn of_bytes(bytes: Bytes) -> Stored {
    Stored {
        length_bytes: bytes.len() as u64,
        tag: tag(&Sha256::digest(&bytes).into()),
        place: Place::Memory(bytes),
    }
}

fn open(file: &DiskFile) -> io::Result<File> {
    let opened = File::open(&file.path)?;
    if Stamp::new(&opened.metadata()?) == file.stamp {
        Ok(opened)
    } else {
        Err(changed())
    }
}

fn hash(file: &mut File, length_bytes: u64) -> io::Result<Digest> {
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

fn tag(digest: &Digest) -> String {
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
