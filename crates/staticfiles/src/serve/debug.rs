//! Serves files from their sources, which are read at each request, so that a change shows at once
//! and nothing has to be collected. Not for production: each answer reads its whole file.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use bytes::Bytes;

use super::conditional::LastModified;
use super::content;
use super::file::{Age, PreparedFile, UnpreparedFile};
use super::header_policy::HeaderPolicy;
use super::path;
use crate::compress::Encoding;
use crate::manifest::Manifest;
use crate::source::Source;

/// A file as it was just read.
#[derive(Debug)]
struct SourceFile {
    bytes: Bytes,
    modified: Option<SystemTime>,
}

/// A file for an address.
#[derive(Debug)]
pub(super) enum SourceHit {
    /// The file of that name.
    Exact(PreparedFile),
    /// The file of the plain name, for a page from before debug mode that has a hashed name.
    Replacement(PreparedFile),
}

/// Looks a file up by the part of its address after the prefix.
pub(super) fn find(
    sources: &[Source],
    encoded: &str,
    header_policy: &HeaderPolicy,
) -> Option<SourceHit> {
    let name = path::name(encoded)?;
    if let Some(read) = read_name(sources, &name) {
        return Some(SourceHit::Exact(prepare(&name, read, header_policy)));
    }
    path::plain_names(&name).find_map(|plain| {
        let read = read_name(sources, &plain)?;
        Some(SourceHit::Replacement(prepare(&plain, read, header_policy)))
    })
}

/// Whether a source has a file of this name.
pub(super) fn contains(sources: &[Source], name: &str) -> bool {
    path::is_name(name) && sources.iter().any(|source| read(source, name).is_some())
}

fn prepare(name: &str, read: SourceFile, header_policy: &HeaderPolicy) -> PreparedFile {
    let now = SystemTime::now();
    let unprepared = UnpreparedFile {
        name,
        age: Age::Debug,
        modified: read.modified.and_then(|time| LastModified::new(time, now)),
        identity: content::of_bytes(read.bytes),
        encoded: Vec::new(),
    };
    PreparedFile::new(unprepared, header_policy)
}

/// Reads a file from the first source that has it.
fn read_name(sources: &[Source], name: &str) -> Option<SourceFile> {
    // As in production, a compressed form is not served under its own name, nor is the manifest.
    let is_encoded_form = Encoding::ALL
        .iter()
        .filter_map(|encoding| name.strip_suffix(encoding.suffix()))
        .any(|plain| contains(sources, plain));
    if is_encoded_form || name == Manifest::FILE_NAME {
        return None;
    }
    sources.iter().find_map(|source| read(source, name))
}

fn read(source: &Source, name: &str) -> Option<SourceFile> {
    match source {
        Source::Folder(folder) => read_below(folder, name),
        Source::Embedded(files) => {
            let file = files.iter().find(|file| file.name == name)?;
            Some(SourceFile {
                bytes: Bytes::from_static(file.content),
                modified: None,
            })
        }
    }
}

/// Reads a file of a folder, unless a link leads out of it. The name was checked before: no part of
/// it is `..`.
fn read_below(folder: &Path, name: &str) -> Option<SourceFile> {
    let root = fs::canonicalize(folder).ok()?;
    let path = fs::canonicalize(root.join(name)).ok()?;
    let metadata = fs::metadata(&path).ok()?;
    if !path.starts_with(&root) || !metadata.is_file() {
        return None;
    }
    Some(SourceFile {
        bytes: fs::read(&path).ok()?.into(),
        modified: metadata.modified().ok(),
    })
}
