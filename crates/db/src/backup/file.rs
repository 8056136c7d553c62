//! A backup as a file: which kind it is, and whether it is whole.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::error::Error;
use crate::new_file::{Existing, NewFile};
use crate::path::{FileIdentity, folder_of, with_suffix};

/// The kind of a backup file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Sqlite,
    Script,
}

/// The first line of a script for PostgreSQL.
pub(super) const SCRIPT_MAGIC: &str = "-- Backup of a Django database, format 1\n";

/// SQLite's database file format, 1.3: the first bytes of every file.
const SQLITE_MAGIC: &[u8] = b"SQLite format 3\0";

/// The kind of a file, by its first bytes.
pub(super) fn kind(path: &Path) -> Result<Kind, Error> {
    let failed = |source| failed("read", path, source);
    let mut head = Vec::new();
    let file = File::open(path).map_err(failed)?;
    // As UTF-16 the first line is twice as long, plus a byte order mark.
    let longest = SCRIPT_MAGIC.len() as u64 * 2 + 2;
    file.take(longest).read_to_end(&mut head).map_err(failed)?;
    if head.starts_with(SQLITE_MAGIC) {
        Ok(Kind::Sqlite)
    } else if head.starts_with(SCRIPT_MAGIC.as_bytes()) {
        Ok(Kind::Script)
    } else if let Some(how) = windows_damage(&head) {
        Err(Error::Damaged {
            path: path.to_owned(),
            what: format!("it was saved anew {how}: take the file as it was written, byte by byte"),
        })
    } else {
        Err(Error::NoBackup {
            path: path.to_owned(),
            what: "it begins as neither a SQLite database nor a script of this program",
        })
    }
}

/// How a program on Windows has re-encoded a script, if its beginning looks like that.
fn windows_damage(head: &[u8]) -> Option<&'static str> {
    const MARK: &[u8] = "\u{feff}".as_bytes();
    let magic = SCRIPT_MAGIC.trim_end();
    let utf_16 =
        |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> { magic.encode_utf16().flat_map(bytes).collect() };
    let holds = |part: &[u8]| head.windows(part.len()).any(|window| window == part);
    if holds(&utf_16(u16::to_le_bytes)) || holds(&utf_16(u16::to_be_bytes)) {
        Some("as UTF-16 text, as PowerShell does it")
    } else if head.starts_with(MARK) && holds(magic.as_bytes()) {
        Some("with a mark at its beginning, as editors of Windows do it")
    } else if head.starts_with(magic.as_bytes()) && head[magic.len()..].starts_with(b"\r") {
        Some("with the line ends of Windows")
    } else {
        None
    }
}

/// Whether a file that can be read begins as a SQLite database does.
pub fn is_sqlite(path: &Path) -> bool {
    kind(path).is_ok_and(|kind| kind == Kind::Sqlite)
}

/// How the last line of a backup begins. The line is a comment to PostgreSQL, and SQLite does not read
/// beyond the last page of its file.
pub(super) const CHECKSUM_PREFIX: &str = "-- sha256: ";
const CHECKSUM_LINE_BYTES: u64 = CHECKSUM_PREFIX.len() as u64 + 64 + 1;

/// What the checksum line of a file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Checksum {
    /// The bytes before the line match it.
    Valid,
    /// The bytes before the line have changed.
    Invalid,
    /// There is no such line: the file was not made by `backup`, or was cut off.
    Missing,
}

/// Reads the whole file and compares its checksum.
pub(super) fn verify_checksum(path: &Path) -> Result<Checksum, Error> {
    let failed = |source| failed("read", path, source);
    let mut file = File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    let Some(length_before) = length.checked_sub(CHECKSUM_LINE_BYTES) else {
        return Ok(Checksum::Missing);
    };
    let sum = digest(&mut file, length_before).map_err(failed)?;
    let mut last = Vec::new();
    file.read_to_end(&mut last).map_err(failed)?;
    Ok(if last == checksum_line(&sum).as_bytes() {
        Checksum::Valid
    } else if last.starts_with(CHECKSUM_PREFIX.as_bytes()) {
        Checksum::Invalid
    } else {
        Checksum::Missing
    })
}

fn digest(file: &mut File, length: u64) -> io::Result<String> {
    file.seek(SeekFrom::Start(0))?;
    let mut sha256 = Sha256::new();
    let mut bytes = BufReader::with_capacity(64 * 1024, file.take(length));
    loop {
        let chunk = bytes.fill_buf()?;
        if chunk.is_empty() {
            break;
        }
        sha256.update(chunk);
        let length = chunk.len();
        bytes.consume(length);
    }
    let digits = sha256.finalize();
    Ok(digits.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn checksum_line(sum: &str) -> String {
    format!("{CHECKSUM_PREFIX}{sum}\n")
}

/// Appends the checksum line.
pub(super) fn append_checksum(new: &mut NewFile) -> io::Result<()> {
    let length = new.file.metadata()?.len();
    let sum = digest(&mut new.file, length)?;
    new.file.write_all(checksum_line(&sum).as_bytes())
}

/// Begins a file that holds what only its owner may read.
pub(super) fn begin(path: &Path, existing: Existing) -> Result<NewFile, Error> {
    NewFile::begin(path, existing).map_err(|source| cannot_write(path, source))
}

/// Gives a file its name.
pub(super) fn finish(new: NewFile, path: &Path) -> Result<(), Error> {
    match new.finish() {
        Ok(_) => Ok(()),
        Err(source) => Err(cannot_write(path, source)),
    }
}

fn cannot_write(path: &Path, source: io::Error) -> Error {
    match source.kind() {
        io::ErrorKind::AlreadyExists => Error::Exists(path.to_owned()),
        _ => failed("write", path, source),
    }
}

/// Refuses a path that is the database itself or a file that SQLite keeps beside it.
pub(super) fn refuse_database(file: &Path, database: &Path) -> Result<(), Error> {
    let is_same = |other: &Path| {
        let identities = FileIdentity::of(file)
            .ok()
            .zip(FileIdentity::of(other).ok());
        canonical_path(file) == canonical_path(other)
            || identities.is_some_and(|(file, other)| file == other)
    };
    let suffixes = ["", "-wal", "-shm", "-journal"];
    if suffixes
        .iter()
        .any(|end| is_same(&with_suffix(database, end)))
    {
        return Err(Error::IsDatabase(file.to_owned()));
    }
    Ok(())
}

/// The path with its folder canonicalised. The file itself need not exist.
fn canonical_path(path: &Path) -> PathBuf {
    let folder = folder_of(path);
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    path.file_name()
        .map_or(folder.clone(), |name| folder.join(name))
}

pub(super) fn failed(doing: &'static str, path: &Path, source: io::Error) -> Error {
    Error::File {
        doing,
        path: path.to_owned(),
        source,
    }
}
