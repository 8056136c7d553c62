//! The temporary folder in which a release is made, on the file system of its destination.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use tempfile::TempDir;

use super::Error;
use super::digest::{CHUNK_SIZE, Digest, Digester};
use crate::source::Content;

/// The prefix of all temporary names. Such files are hidden, ignored by Django's own collection,
/// and not served.
pub(crate) const PREFIX: &str = ".collectstatic-";

/// How many random letters and digits end a temporary name.
const RANDOM_LENGTH: usize = 6;

/// The temporary names of collections into one root. They contain the root's name, since several
/// roots may be side by side.
#[derive(Debug)]
pub(super) struct TemporaryName {
    prefix: OsString,
}

impl TemporaryName {
    /// The names for a root, which is given by its real path.
    pub(super) fn of_root(root: &Path) -> Self {
        let mut prefix = OsString::from(PREFIX);
        prefix.push(root.file_name().unwrap_or_default());
        prefix.push("-");
        Self { prefix }
    }

    /// Whether a name is one of these.
    pub(super) fn is_of(&self, name: &OsStr) -> bool {
        let rest = name
            .as_encoded_bytes()
            .strip_prefix(self.prefix.as_encoded_bytes());
        rest.is_some_and(|rest| {
            rest.len() == RANDOM_LENGTH && rest.iter().all(u8::is_ascii_alphanumeric)
        })
    }

    /// For a folder that only this user may use, whatever the umask is.
    fn private(&self) -> tempfile::Builder<'_, '_> {
        let mut builder = self.builder();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            builder.permissions(fs::Permissions::from_mode(0o700));
        }
        builder
    }

    fn builder(&self) -> tempfile::Builder<'_, '_> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(&self.prefix).rand_bytes(RANDOM_LENGTH);
        builder
    }
}

/// A temporary folder, which is removed by a drop.
#[derive(Debug)]
pub(super) struct Staging {
    folder: TempDir,
    name: TemporaryName,
    count: AtomicUsize,
}

impl Staging {
    /// Makes the folder beside the root, or in it if files cannot be moved from beside: the root
    /// may be a mount of its own, or the only place that may be written to.
    pub(super) fn for_root(root: &Path) -> Result<Self, Error> {
        let make = || {
            let real = fs::canonicalize(root)?;
            let beside = real.parent().map(|parent| Self::try_in(parent, &real));
            let staging = beside.unwrap_or_else(|| Self::try_in(&real, &real));
            staging.or_else(|_| Self::try_in(&real, &real))
        };
        make().map_err(|error| Error::NotWritable {
            root: root.to_owned(),
            error,
        })
    }

    fn try_in(folder: &Path, root: &Path) -> io::Result<Self> {
        let name = TemporaryName::of_root(root);
        let staging = Self {
            folder: name.private().tempdir_in(folder)?,
            name,
            count: AtomicUsize::new(0),
        };
        staging.probe(root)?;
        Ok(staging)
    }

    /// Checks by a trial whether files can be moved to a folder: two mounts of one file system look
    /// the same otherwise.
    fn probe(&self, folder: &Path) -> io::Result<()> {
        let target = self.name.builder().tempfile_in(folder)?;
        let staged = self.next_path();
        File::create_new(&staged)?;
        fs::rename(staged, target.path())
    }

    /// Fails if the path from the root to a folder in it has a link that belongs neither to this
    /// user nor to root. Whoever may write there could make us write files to wherever the link
    /// leads.
    #[cfg(unix)]
    pub(super) fn check_links(&self, root: &Path, folder: &Path) -> Result<(), Error> {
        use std::os::unix::fs::MetadataExt as _;
        let below = folder.strip_prefix(root).unwrap_or(Path::new(""));
        let user = fs::metadata(self.folder.path()).map_err(|error| write_error(folder, error))?;
        let mut path = root.to_owned();
        for part in below.components() {
            path.push(part);
            let Ok(found) = fs::symlink_metadata(&path) else {
                return Ok(());
            };
            if found.is_symlink() && found.uid() != user.uid() && found.uid() != 0 {
                let what = "it is a link that belongs to somebody else";
                let error = io::Error::new(io::ErrorKind::PermissionDenied, what);
                return Err(write_error(&path, error));
            }
        }
        Ok(())
    }

    /// Links have no owner on this system: there is nothing to check.
    #[cfg(not(unix))]
    pub(super) fn check_links(&self, _: &Path, _: &Path) -> Result<(), Error> {
        Ok(())
    }

    /// Checks that files can be put into a folder of the root.
    pub(super) fn check_folder(&self, folder: &Path) -> Result<(), Error> {
        match self.probe(folder) {
            // The folder is a mount of its own: `put` copies files into it.
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => Ok(()),
            result => result.map_err(|error| write_error(folder, error)),
        }
    }

    /// Puts a file in its place by renaming it. If its folder is a mount of its own, the file is
    /// copied into that folder first, and renamed there.
    pub(super) fn put(&self, staged: &Path, target: &Path) -> Result<(), Error> {
        match fs::rename(staged, target) {
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
                self.copy_over(staged, target)
            }
            result => result,
        }
        .map_err(|error| write_error(target, error))
    }

    fn copy_over(&self, staged: &Path, target: &Path) -> io::Result<()> {
        let folder = target.parent().unwrap_or(Path::new("/"));
        let mut copy = self.name.builder().tempfile_in(folder)?;
        let mut original = File::open(staged)?;
        io::copy(&mut original, &mut copy)?;
        finish(copy.as_file(), original.metadata()?.modified()?)?;
        copy.persist(target).map_err(|error| error.error)?;
        fs::remove_file(staged)
    }

    /// Adds a file with this content and time, and returns its path.
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

    /// Adds a file from a source, in chunks, and returns its path and the digest of what was read.
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

/// Sets the time, and the permissions for everybody to read the file, as in Django 5.2
/// (`FILE_UPLOAD_PERMISSIONS`), whatever the umask is.
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
