//! A file that is made beside its place, and takes that when it is whole.

use std::fs::{self, File, OpenOptions, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

use crate::sqlite_file::{FileIdentity, sync_folder, with_suffix};

/// What to do where there is something already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// It stays, and nothing is done.
    Keep,
    /// It gives way.
    Replace,
}

/// A file that is being made. Dropped before its end, it leaves nothing.
#[derive(Debug)]
pub struct NewFile {
    /// Locked for as long as this lives, so that two programs do not make one file.
    pub file: File,
    path: PathBuf,
    finished: PathBuf,
    existing: Existing,
    has_its_name: bool,
}

impl NewFile {
    /// Makes it, empty, for the owner alone. What a program that was killed left of one goes.
    ///
    /// Fails with `AlreadyExists` where there is a file that is to be kept, with `ResourceBusy`
    /// where another program makes the same.
    pub fn begin(finished: &Path, existing: Existing) -> io::Result<Self> {
        let path = with_suffix(finished, ".unfinished");
        refuse_existing(finished, existing)?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let file = options.mode(0o600).open(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(io::ErrorKind::ResourceBusy.into()),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        // Who held the lock may have given the file its name since it was opened here.
        let opened = FileIdentity::from(&file.metadata()?);
        if FileIdentity::of(&path).ok() != Some(opened) {
            return Err(io::ErrorKind::ResourceBusy.into());
        }
        file.set_len(0)?;
        for rest in ["-journal", "-wal", "-shm"] {
            remove(&with_suffix(&path, rest))?;
        }
        Ok(Self {
            file,
            path,
            finished: finished.to_owned(),
            existing,
            has_its_name: false,
        })
    }

    /// Where it is meanwhile.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Opens it to those who may open another file, as far as this program may.
    pub(crate) fn open_to_those_of(&self, other: &Path) -> io::Result<()> {
        let metadata = fs::metadata(other)?;
        match fchown(&self.file, Some(metadata.uid()), Some(metadata.gid())) {
            // Only root gives files away.
            Err(error) if error.kind() != io::ErrorKind::PermissionDenied => return Err(error),
            _ => {}
        }
        let mode = metadata.permissions().mode() & 0o777;
        self.file.set_permissions(Permissions::from_mode(mode))
    }

    /// Gives it its name, once it is on the disk, and returns that.
    pub fn finish(mut self) -> io::Result<PathBuf> {
        self.file.sync_all()?;
        match self.existing {
            Existing::Replace => fs::rename(&self.path, &self.finished)?,
            Existing::Keep => rename_to_new(&self.path, &self.finished)?,
        }
        self.has_its_name = true;
        sync_folder(&self.finished)?;
        Ok(self.finished.clone())
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.has_its_name {
            // There is nobody left to be told.
            let _ = remove(&self.path);
        }
    }
}

/// Removes a file, where there is one.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Gives a file a name that no other has, even if it is made at this moment.
fn rename_to_new(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // Not every file system can do that.
        Err(Errno::INVAL | Errno::NOSYS) => {
            refuse_existing(to, Existing::Keep)?;
            fs::rename(from, to)
        }
        renamed => Ok(renamed?),
    }
}

fn refuse_existing(path: &Path, existing: Existing) -> io::Result<()> {
    if existing == Existing::Keep && path.exists() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_file_is_there_when_it_is_whole_and_not_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("copy");
        let mut new = NewFile::begin(&path, Existing::Keep).unwrap();
        new.file.write_all(b"whole").unwrap();
        assert!(!path.exists());
        assert_eq!(new.finish().unwrap(), path);
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );

        fs::remove_file(&path).unwrap();
        let late = NewFile::begin(&path, Existing::Keep).unwrap();
        fs::write(&path, "other").unwrap();
        let error = late.finish().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"other");

        let kind = |result: io::Result<NewFile>| result.err().map(|error| error.kind());
        let refused = NewFile::begin(&path, Existing::Keep);
        assert_eq!(kind(refused), Some(io::ErrorKind::AlreadyExists));
        let other = NewFile::begin(&path, Existing::Replace).unwrap();
        let second = NewFile::begin(&path, Existing::Replace);
        assert_eq!(kind(second), Some(io::ErrorKind::ResourceBusy));
        drop(other);
        assert_eq!(fs::read(&path).unwrap(), b"other");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "rests");
    }
}
