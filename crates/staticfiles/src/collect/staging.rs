//! The temporary folder in which a release is made, on the file system of its destination.

use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use tempfile::TempDir;

use super::Error;
use super::digest::{Digest, Digester};
use crate::source::Content;

/// The start of the folder's name: hidden, and ignored by Django's own collection.
const PREFIX: &str = ".collectstatic-";

/// How much of a large file is in memory at once.
const CHUNK_SIZE: usize = 128 * 1024;

/// A temporary folder; it goes when this does.
#[derive(Debug)]
pub(super) struct Staging {
    folder: TempDir,
    count: AtomicUsize,
}

impl Staging {
    /// Makes the folder beside the root or, when files cannot be moved from there, in it: the
    /// root may be a mount of its own, or the only place where anything may be written.
    pub(super) fn for_root(root: &Path) -> Result<Self, Error> {
        let not_writable = |error| Error::NotWritable {
            root: root.to_owned(),
            error,
        };
        match fs::canonicalize(root) {
            Ok(real) => {
                let beside = real.parent().map(|parent| Self::try_in(parent, &real));
                let staging = beside.unwrap_or_else(|| Self::try_in(&real, &real));
                staging.or_else(|_| Self::try_in(&real, &real))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                std::path::absolute(root).and_then(|root| Self::for_new_root(&root))
            }
            Err(error) => Err(error),
        }
        .map_err(not_writable)
    }

    /// Where the root is going to be made, there is no mount between.
    fn for_new_root(root: &Path) -> io::Result<Self> {
        let mut folders = root.ancestors().skip(1);
        let folder = folders.find(|folder| folder.exists());
        Self::make_in(folder.unwrap_or(Path::new("/")))
    }

    fn try_in(folder: &Path, root: &Path) -> io::Result<Self> {
        let staging = Self::make_in(folder)?;
        staging.probe(root)?;
        Ok(staging)
    }

    fn make_in(folder: &Path) -> io::Result<Self> {
        Ok(Self {
            folder: tempfile::Builder::new().prefix(PREFIX).tempdir_in(folder)?,
            count: AtomicUsize::new(0),
        })
    }

    /// Finds out whether files can be moved to a folder, which only trying tells: two mounts of
    /// one file system look the same.
    fn probe(&self, folder: &Path) -> io::Result<()> {
        let staged = self.next_path();
        File::create_new(&staged)?;
        let target = folder.join(format!("{PREFIX}probe-{}", std::process::id()));
        fs::rename(staged, &target)?;
        fs::remove_file(target)
    }

    /// Finds out whether files can be put into a folder of the root.
    pub(super) fn check_folder(&self, folder: &Path) -> Result<(), Error> {
        match self.probe(folder) {
            // Files are copied there.
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => tempfile::Builder::new()
                .prefix(PREFIX)
                .tempfile_in(folder)
                .map(drop),
            result => result,
        }
        .map_err(|error| write_error(folder, error))
    }

    /// Adds a file.
    pub(super) fn add(&self, content: &[u8], modified: SystemTime) -> Result<PathBuf, Error> {
        let path = self.next_path();
        let write = || {
            let mut file = File::create_new(&path)?;
            file.write_all(content)?;
            finish(&file, modified)
        };
        write().map_err(|error| write_error(&path, error))?;
        Ok(path)
    }

    /// Adds a file from a source without having it in memory, and tells what was read.
    pub(super) fn copy(
        &self,
        content: &Content,
        modified: SystemTime,
    ) -> Result<(PathBuf, Digest), Error> {
        let source = match content {
            Content::Memory(bytes) => {
                let path = self.add(bytes, modified)?;
                return Ok((path, Digest::of(bytes)));
            }
            Content::Disk(source) => source,
        };
        let unreadable = |error| Error::Unreadable {
            path: source.clone(),
            error,
        };
        let path = self.next_path();
        let mut from = File::open(source).map_err(unreadable)?;
        let mut file = File::create_new(&path).map_err(|error| write_error(&path, error))?;
        let mut digester = Digester::default();
        let mut chunk = vec![0; CHUNK_SIZE];
        loop {
            let length = match from.read(&mut chunk) {
                Ok(0) => break,
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(unreadable(error)),
            };
            digester.update(&chunk[..length]);
            file.write_all(&chunk[..length])
                .map_err(|error| write_error(&path, error))?;
        }
        finish(&file, modified).map_err(|error| write_error(&path, error))?;
        Ok((path, digester.finish()))
    }

    fn next_path(&self) -> PathBuf {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        self.folder.path().join(number.to_string())
    }
}

/// Puts a file in its place. A folder of the root may be a mount of its own: then the file is
/// copied into that folder, and renamed there.
pub(super) fn put(staged: &Path, target: &Path) -> Result<(), Error> {
    match fs::rename(staged, target) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => copy_over(staged, target),
        result => result,
    }
    .map_err(|error| write_error(target, error))
}

fn copy_over(staged: &Path, target: &Path) -> io::Result<()> {
    let folder = target.parent().unwrap_or(Path::new("/"));
    let mut copy = tempfile::Builder::new()
        .prefix(PREFIX)
        .tempfile_in(folder)?;
    let mut original = File::open(staged)?;
    io::copy(&mut original, &mut copy)?;
    finish(copy.as_file(), original.metadata()?.modified()?)?;
    copy.persist(target).map_err(|error| error.error)?;
    fs::remove_file(staged)
}

/// Everybody may read the file, whoever collects it, as in Django 5.2
/// (`FILE_UPLOAD_PERMISSIONS`).
fn finish(file: &File, modified: SystemTime) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        file.set_permissions(fs::Permissions::from_mode(0o644))?;
    }
    file.set_modified(modified)
}

pub(super) fn write_error(path: &Path, error: io::Error) -> Error {
    let path = path.to_owned();
    Error::Write { path, error }
}
