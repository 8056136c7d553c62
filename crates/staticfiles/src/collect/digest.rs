//! Digests that identify contents.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use md5::Md5;
use sha2::{Digest as _, Sha256};

use crate::hash;
use crate::source::Content;

/// How much of a file is read at once.
pub(super) const CHUNK_SIZE: usize = 128 * 1024;

/// The identity of a content. Contents are compared by SHA-256. Names are made of MD5, as in
/// Django, for which different contents with the same hash can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Digest {
    pub(super) size_bytes: u64,
    pub(super) sha256: [u8; 32],
    md5: [u8; 16],
}

impl Digest {
    /// The digest of bytes.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut digester = Digester::default();
        digester.update(bytes);
        digester.finish()
    }

    /// The digest of a file's content, which is read in chunks.
    pub(super) fn of_content(content: &Content) -> io::Result<Self> {
        match content {
            Content::Disk(path) => Self::of_file(path),
            Content::Memory(bytes) => Ok(Self::of(bytes)),
        }
    }

    fn of_file(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let mut digester = Digester::default();
        let mut chunk = vec![0; CHUNK_SIZE];
        loop {
            match file.read(&mut chunk) {
                Ok(0) => return Ok(digester.finish()),
                Ok(length) => digester.update(&chunk[..length]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Whether a path is a regular file with this content. A link to such a file does not count,
    /// nor does a file that cannot be read: both will be replaced.
    pub(super) fn is_of(&self, path: &Path) -> bool {
        let metadata = fs::symlink_metadata(path);
        metadata.is_ok_and(|metadata| metadata.is_file() && metadata.len() == self.size_bytes)
            && Self::of_file(path).is_ok_and(|digest| digest == *self)
    }

    /// The hexadecimal digits for a hashed name.
    pub(super) fn for_name(&self) -> String {
        hash::short(&self.md5)
    }
}

/// Computes a digest from pieces of a content.
#[derive(Debug, Default)]
pub(super) struct Digester {
    size_bytes: u64,
    sha256: Sha256,
    md5: Md5,
}

impl Digester {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.size_bytes += bytes.len() as u64;
        self.sha256.update(bytes);
        self.md5.update(bytes);
    }

    pub(super) fn finish(self) -> Digest {
        Digest {
            size_bytes: self.size_bytes,
            sha256: self.sha256.finalize().into(),
            md5: self.md5.finalize().into(),
        }
    }
}
