//! Makes files: in their folder, under a random temporary name, readable by the owner alone, and renamed
//! when they are whole. All files of this crate are made here.
//!
//! A link or a file that somebody else has planted is neither followed nor taken over: the name is new
//! (`O_EXCL`), and owner and mode are changed on the open file, not by its path.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, OFlags, RenameFlags, renameat_with};
use rustix::io::Errno;
use rustix::process::geteuid;

use crate::path::{FileIdentity, folder_of, sync_folder, with_suffix};

/// What to do where there is something already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// It stays, and nothing is done.
    Keep,
    /// It is replaced.
    Replace,
}

/// A file that is being written under a temporary name. If it is dropped unfinished, it is removed. If
/// the program is killed, the next `begin` of the same name removes it.
#[derive(Debug)]
pub struct NewFile {
    /// Locked for as long as this lives, so that nobody takes it for a left-over.
    pub file: File,
    path: PathBuf,
    finished: PathBuf,
    existing: Existing,
    has_its_name: bool,
}

impl NewFile {
    /// Makes it, empty, for the owner alone. Fails with `AlreadyExists` where there is a file that
    /// is to be kept.
    pub fn begin(finished: &Path, existing: Existing) -> io::Result<Self> {
        refuse_existing(finished, existing)?;
        remove_left_overs(finished);
        let name = finished.file_name().ok_or(io::ErrorKind::IsADirectory)?;
        // Between creating and locking the file, another program may remove it as a left-over. Then
        // the next attempt makes another.
        for _ in 0..ATTEMPTS {
            let mut temporary = name.to_owned();
            temporary.push(format!(".{:032x}{UNFINISHED}", rand::random::<u128>()));
            let path = folder_of(finished).join(hidden(&temporary));
            let new = Self {
                file: create(&path)?,
                path,
                finished: finished.to_owned(),
                existing,
                has_its_name: false,
            };
            new.check_private()?;
            if new.file.try_lock().is_ok() && new.is_at_its_path() {
                return Ok(new);
            }
        }
        Err(io::ErrorKind::ResourceBusy.into())
    }

    /// The temporary path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Takes over the owner and the group's permissions of another file. If everybody may read that, it
    /// has the system's default mode, which nobody chose for secrets: then only the owner may read.
    pub(crate) fn open_to_those_of(&self, other: &Path) -> io::Result<()> {
        let wanted = fs::metadata(other)?;
        match fchown(&self.file, Some(wanted.uid()), Some(wanted.gid())) {
            // Only root may change the owner.
            Err(error) if error.kind() != io::ErrorKind::PermissionDenied => return Err(error),
            _ => {}
        }
        let is_of_its_group = self.file.metadata()?.gid() == wanted.gid();
        let is_for_all = wanted.mode() & 0o007 != 0;
        let mask = if is_of_its_group && !is_for_all {
            0o660
        } else {
            0o600
        };
        let mode = 0o600 | (wanted.mode() & mask);
        self.file.set_permissions(Permissions::from_mode(mode))
    }

    /// Renames the file to its final name after its content is on the disk, and returns that name.
    pub fn finish(mut self) -> io::Result<PathBuf> {
        self.file.sync_all()?;
        if !self.is_at_its_path() {
            return Err(io::Error::other("somebody else has moved the file away"));
        }
        match self.existing {
            Existing::Replace => fs::rename(&self.path, &self.finished)?,
            Existing::Keep => rename_to_new(&self.path, &self.finished)?,
        }
        self.has_its_name = true;
        sync_folder(&self.finished)?;
        Ok(self.finished.clone())
    }

    /// Fails on a file system that gives every file the same mode, whatever is asked for.
    fn check_private(&self) -> io::Result<()> {
        let metadata = self.file.metadata()?;
        let for_others = metadata.mode() & 0o077;
        if metadata.is_file() && metadata.nlink() == 1 && for_others == 0 {
            return Ok(());
        }
        Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "the file system would let others read the file",
        ))
    }

    fn is_at_its_path(&self) -> bool {
        let opened = self.file.metadata().map(|found| FileIdentity::from(&found));
        let there = fs::symlink_metadata(&self.path).map(|found| FileIdentity::from(&found));
        matches!((opened, there), (Ok(opened), Ok(there)) if opened == there)
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.has_its_name && self.is_at_its_path() {
            // Nobody is left who could handle the error.
            let _ = remove(&self.path);
        }
    }
}

const UNFINISHED: &str = ".unfinished";

/// How often a file is made again that another program has removed as a left-over.
const ATTEMPTS: u32 = 5;

/// Follows the symbolic links at the end of a path and returns the target, which need not exist. Fails
/// at a link that belongs to neither this user nor root: whoever made it could choose the file that we
/// write.
pub fn follow_links(path: &Path) -> io::Result<PathBuf> {
    let mut place = path.to_owned();
    for _ in 0..MAX_LINKS {
        let found = match fs::symlink_metadata(&place) {
            Ok(found) if found.is_symlink() => found,
            _ => return Ok(place),
        };
        if found.uid() != geteuid().as_raw() && found.uid() != 0 {
            return Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                format!(
                    "{} is a link that belongs to somebody else",
                    place.display()
                ),
            ));
        }
        place = folder_of(&place).join(fs::read_link(&place)?);
    }
    Err(io::Error::other("there are too many links"))
}

/// The kernel's own limit.
const MAX_LINKS: usize = 40;

/// Removes a file, where there is one.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true).mode(0o600);
    options
        .custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
        .open(path)
}

fn hidden(name: &OsStr) -> std::ffi::OsString {
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden
}

/// Removes unfinished files of killed programs. Errors are ignored: a left-over does no harm, since
/// every new file has a random name.
fn remove_left_overs(finished: &Path) {
    let Some(name) = finished.file_name() else {
        return;
    };
    for entry in fs::read_dir(folder_of(finished)).into_iter().flatten() {
        if let Ok(entry) = entry
            && is_left_over(&entry.file_name(), name)
        {
            let _ = remove_left_over(&entry.path());
        }
    }
}

/// Whether a file has the name of one that was being made, or of one that SQLite keeps beside it.
fn is_left_over(found: &OsStr, name: &OsStr) -> bool {
    // The form of the releases up to 0.1.
    if found == with_suffix(Path::new(name), UNFINISHED).as_os_str() {
        return true;
    }
    let rest = found.as_bytes().strip_prefix(b".");
    let rest = rest.and_then(|rest| rest.strip_prefix(name.as_bytes()));
    let Some(rest) = rest.and_then(|rest| rest.strip_prefix(b".")) else {
        return false;
    };
    let Some((random, rest)) = rest.split_at_checked(32) else {
        return false;
    };
    let ends = [
        UNFINISHED.to_owned(),
        format!("{UNFINISHED}-wal"),
        format!("{UNFINISHED}-shm"),
    ];
    random.iter().all(u8::is_ascii_hexdigit) && ends.iter().any(|end| end.as_bytes() == rest)
}

/// Removes a left-over if it is this user's and not locked: a program holds a lock on each file that it
/// is writing.
fn remove_left_over(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    options.read(true).custom_flags(flags.bits().cast_signed());
    let file = options.open(path)?;
    let found = file.metadata()?;
    let is_ours = found.is_file() && found.nlink() == 1 && found.uid() == geteuid().as_raw();
    let is_beside_another = ["-wal", "-shm"].iter().any(|end| {
        let database = path.as_os_str().as_bytes().strip_suffix(end.as_bytes());
        database.is_some_and(|database| Path::new(OsStr::from_bytes(database)).exists())
    });
    if !is_ours || is_beside_another || file.try_lock().is_err() {
        return Ok(());
    }
    // The name may stand for another file by now: only the one that was locked is removed.
    let there = FileIdentity::from(&fs::symlink_metadata(path)?);
    if there == FileIdentity::from(&found) {
        fs::remove_file(path)?;
    }
    Ok(())
}

/// Renames a file, and fails if the new name is taken, even by a file made at this moment.
fn rename_to_new(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // Not every file system has `RENAME_NOREPLACE`. Looking first leaves a short gap, and is the
        // best that is left.
        Err(Errno::INVAL | Errno::NOSYS) => {
            refuse_existing(to, Existing::Keep)?;
            fs::rename(from, to)
        }
        renamed => Ok(renamed?),
    }
}

fn refuse_existing(path: &Path, existing: Existing) -> io::Result<()> {
    if existing == Existing::Keep && fs::symlink_metadata(path).is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::os::unix::fs::symlink;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_file_is_there_when_it_is_whole_and_not_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("copy");
        let mut new = NewFile::begin(&path, Existing::Keep).unwrap();
        new.file.write_all(b"whole").unwrap();
        assert!(!path.exists());
        assert_eq!(mode(new.path()), 0o600);
        assert_eq!(new.finish().unwrap(), path);
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert_eq!(mode(&path), 0o600);

        fs::remove_file(&path).unwrap();
        let late = NewFile::begin(&path, Existing::Keep).unwrap();
        fs::write(&path, "other").unwrap();
        let error = late.finish().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"other");

        let kind = |result: io::Result<NewFile>| result.err().map(|error| error.kind());
        let refused = NewFile::begin(&path, Existing::Keep);
        assert_eq!(kind(refused), Some(io::ErrorKind::AlreadyExists));
        drop(NewFile::begin(&path, Existing::Replace).unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"other");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "rests");
    }

    #[test]
    fn two_that_make_one_file_do_not_meet() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("copy");
        let mut first = NewFile::begin(&path, Existing::Replace).unwrap();
        let mut second = NewFile::begin(&path, Existing::Replace).unwrap();
        assert_ne!(first.path(), second.path());
        first.file.write_all(b"first").unwrap();
        second.file.write_all(b"second").unwrap();
        second.finish().unwrap();
        first.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"first");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "rests");
    }

    #[test]
    fn what_is_planted_is_neither_followed_nor_taken_over() {
        let folder = tempfile::tempdir().unwrap();
        let victim = folder.path().join("victim");
        fs::write(&victim, "precious").unwrap();
        let path = folder.path().join("copy");
        symlink(&victim, folder.path().join("copy.unfinished")).unwrap();
        symlink(&victim, &path).unwrap();
        let kept = NewFile::begin(&path, Existing::Keep).unwrap_err();
        assert_eq!(kept.kind(), io::ErrorKind::AlreadyExists);
        let mut new = NewFile::begin(&path, Existing::Replace).unwrap();
        new.file.write_all(b"secret").unwrap();
        new.finish().unwrap();
        assert_eq!(fs::read(&victim).unwrap(), b"precious");
        assert!(fs::symlink_metadata(&path).unwrap().is_file());
        assert!(fs::symlink_metadata(folder.path().join("copy.unfinished")).is_ok());
    }

    #[test]
    fn what_killed_programs_left_goes_and_what_others_work_on_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("copy");
        let left = format!(".copy.{:032x}.unfinished", 7);
        for name in [&left, &format!("{left}-wal"), "copy.unfinished"] {
            fs::write(folder.path().join(name), "half").unwrap();
        }
        let others = [
            "copy.unfinished.txt",
            ".copy.7.unfinished",
            ".copier.unfinished",
        ];
        for name in others {
            fs::write(folder.path().join(name), "somebody's").unwrap();
        }
        let at_work = NewFile::begin(&path, Existing::Replace).unwrap();
        let second = NewFile::begin(&path, Existing::Replace).unwrap();
        assert!(at_work.path().exists());
        drop((at_work, second));
        // The file beside a left-over goes with the run after it.
        drop(NewFile::begin(&path, Existing::Replace).unwrap());
        let mut names: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(
            names,
            [
                ".copier.unfinished",
                ".copy.7.unfinished",
                "copy.unfinished.txt"
            ]
        );
    }

    #[test]
    fn nobody_else_may_read_what_is_a_copy_of_an_open_file() {
        let folder = tempfile::tempdir().unwrap();
        let open = folder.path().join("open");
        fs::write(&open, "").unwrap();
        for (before, after) in [
            (0o666, 0o600),
            (0o644, 0o600),
            (0o640, 0o640),
            (0o600, 0o600),
        ] {
            fs::set_permissions(&open, Permissions::from_mode(before)).unwrap();
            let new = NewFile::begin(&folder.path().join("copy"), Existing::Replace).unwrap();
            new.open_to_those_of(&open).unwrap();
            assert_eq!(mode(new.path()), after);
        }
    }
}
