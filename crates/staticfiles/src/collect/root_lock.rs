//! The lock that allows one collection at a time on a root, and the removal of what killed ones
//! left.

use std::fs::{self, DirEntry, File, TryLockError};
use std::io;
use std::path::Path;

use super::staging::TemporaryName;
use super::{Error, Event};

/// The right to change a root. Other collections wait until it is dropped.
///
/// The lock is on the folder: a lock file in it would stay behind. It ends with the process,
/// however that ends. If the file system has no such locks (NFS has none on folders), nobody waits,
/// and nothing is removed.
#[derive(Debug)]
pub(super) struct RootLock(#[expect(dead_code, reason = "it works by being dropped")] Option<File>);

impl RootLock {
    /// Makes the root if it is missing, waits for the collection that is working in it, and removes
    /// what killed ones left.
    pub(super) fn acquire(root: &Path, progress: &mut dyn FnMut(Event<'_>)) -> Result<Self, Error> {
        let mut acquire = || {
            fs::create_dir_all(root)?;
            let real = fs::canonicalize(root)?;
            let folder = File::open(&real)?;
            let is_ours = lock(&folder, progress)?;
            if is_ours {
                sweep(&real);
            }
            Ok(Self(is_ours.then_some(folder)))
        };
        acquire().map_err(|error| Error::NotWritable {
            root: root.to_owned(),
            error,
        })
    }
}

/// Waits for the lock; false if the file system has no locks.
fn lock(folder: &File, progress: &mut dyn FnMut(Event<'_>)) -> io::Result<bool> {
    match folder.try_lock() {
        Ok(()) => return Ok(true),
        Err(TryLockError::Error(_)) => return Ok(false),
        Err(TryLockError::WouldBlock) => progress(Event::Waiting),
    }
    loop {
        match folder.lock() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result.map(|()| true),
        }
    }
}

/// Removes the temporary folders and files of collections into a root. Those that made them were
/// killed, or would hold the lock. What cannot be removed does no harm, so that errors are ignored.
fn sweep(root: &Path) {
    let name = TemporaryName::of_root(root);
    if let Some(parent) = root.parent() {
        for entry in entries(parent) {
            if name.is_of(&entry.file_name()) {
                remove(&entry);
            }
        }
    }
    // Links are not followed: they may lead to another root, whose collection may be running.
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in entries(&folder) {
            if name.is_of(&entry.file_name()) {
                remove(&entry);
            } else if is_folder(&entry) {
                folders.push(entry.path());
            }
        }
    }
}

fn entries(folder: &Path) -> impl Iterator<Item = DirEntry> {
    fs::read_dir(folder).into_iter().flatten().flatten()
}

fn is_folder(entry: &DirEntry) -> bool {
    entry.file_type().is_ok_and(|kind| kind.is_dir())
}

fn remove(entry: &DirEntry) {
    let _ = if is_folder(entry) {
        fs::remove_dir_all(entry.path())
    } else {
        fs::remove_file(entry.path())
    };
}
