//! All files that are served, prepared at the start and found by name. Knows the root, the manifest
//! and the program's own files; nothing of requests.

use std::collections::{BTreeMap, HashMap};
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;

use super::body::{DiskFile, FileVersion};
use super::conditional::LastModified;
use super::config::Config;
use super::content::{self, ContentStore};
use super::file::{Age, FormContent, PreparedFile, Storage, UnpreparedFile};
use super::header_policy::HeaderPolicy;
use super::path;
use super::problem::Problem;
use super::walk::{self, RootFile};
use crate::compress::{self, Encoding};
use crate::manifest::Manifest;
use crate::source::{EmbeddedFile, Source};

/// The files by name.
#[derive(Debug)]
pub(super) struct Index {
    files: HashMap<Box<str>, PreparedFile>,
    manifest: Manifest,
}

/// A file for an address.
#[derive(Debug, Clone, Copy)]
pub(super) enum Hit<'a> {
    /// The file of that name.
    Exact(&'a PreparedFile),
    /// The present file of the plain name, for a hashed name of another release.
    Replacement(&'a PreparedFile),
}

impl Index {
    /// Reads the root and prepares every file.
    pub(super) fn load(
        config: &Config,
        header_policy: &HeaderPolicy,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let mut found = walk::walk(&config.root, problems);
        // The manifest lists all names, and is not served (row WN-H18).
        found.remove(Manifest::FILE_NAME);
        let own = own_files(config, &found, problems);
        let mut file_parts = file_parts(config, &found, problems);
        file_parts.extend(own);
        let plain_names: HashMap<&str, &str> = hashed_names(&config.manifest).collect();
        let files: HashMap<_, _> = file_parts
            .into_iter()
            .map(|(name, parts)| {
                let plain = plain_names.get(&*name);
                let age = match plain {
                    Some(_) => Age::Immutable,
                    None => Age::Plain(config.plain_max_age),
                };
                let unprepared = UnpreparedFile {
                    name: plain.unwrap_or(&&*name),
                    age,
                    modified: parts.modified,
                    identity: parts.identity,
                    encoded: parts.encoded,
                };
                let file = PreparedFile::new(unprepared, header_policy);
                (name.into_boxed_str(), file)
            })
            .collect();
        for (name, hashed) in &config.manifest.paths {
            if !files.contains_key(&**hashed) {
                let (name, hashed) = (name.clone(), hashed.clone());
                problems.push(Problem::HashedMissing { name, hashed });
            }
        }
        let manifest = config.manifest.clone();
        Self { files, manifest }
    }

    /// Looks a file up by the part of its address after the prefix.
    pub(super) fn find(&self, encoded: &str) -> Option<Hit<'_>> {
        // Almost every address is a name without encoding. It needs no check, since all keys are
        // valid names.
        if !encoded.contains('%')
            && let Some(file) = self.files.get(encoded)
        {
            return Some(Hit::Exact(file));
        }
        let name = path::name(encoded)?;
        if let Some(file) = self.files.get(&*name) {
            return Some(Hit::Exact(file));
        }
        path::plain_names(&name)
            .find_map(|plain| self.files.get(self.current_name(&plain)?))
            .map(Hit::Replacement)
    }

    /// The name that a page should use: the hashed one where there is one.
    pub(super) fn current_name<'a>(&'a self, plain: &'a str) -> Option<&'a str> {
        [self.manifest.get(plain), Some(plain)]
            .into_iter()
            .flatten()
            .find(|name| self.files.contains_key(*name))
    }
}

/// The names whose content never changes, each with its plain name. These are the hashed names of
/// the manifest, unless one is also a plain name (row WN-S11).
fn hashed_names(manifest: &Manifest) -> impl Iterator<Item = (&str, &str)> {
    let paths = manifest.paths.iter();
    paths
        .filter(|(_, hashed)| !manifest.paths.contains_key(*hashed))
        .map(|(plain, hashed)| (&**hashed, &**plain))
}

/// The parts of a file, before its headers are prepared.
#[derive(Debug)]
struct FileParts {
    modified: Option<LastModified>,
    identity: FormContent,
    encoded: Vec<(Encoding, FormContent)>,
}

/// Reads the files that were found, and joins compressed forms to the files beside them (row
/// WN-H2).
fn file_parts(
    config: &Config,
    found: &BTreeMap<String, RootFile>,
    problems: &mut Vec<Problem>,
) -> BTreeMap<String, FileParts> {
    let now = SystemTime::now();
    let mut stored = read(config, found, problems);
    let mut file_parts = BTreeMap::new();
    for (name, file) in found {
        if is_encoded_form(name, found) {
            continue;
        }
        let Some(identity) = stored.remove(&**name) else {
            continue;
        };
        let encoded = Encoding::ALL.into_iter().filter_map(|encoding| {
            let form_name = format!("{name}{}", encoding.suffix());
            let form = stored.remove(&*form_name)?;
            let is_older = is_older(&found.get(&form_name)?.version, &file.version);
            // A form that is older than its file is used only if it is proven to be of the same
            // content.
            if is_older && !is_form_of(&form, encoding, &identity) {
                problems.push(Problem::StaleForm { name: form_name });
                return None;
            }
            Some((encoding, form))
        });
        let parts = FileParts {
            encoded: encoded.collect(),
            identity,
            modified: file
                .version
                .modified
                .and_then(|time| LastModified::new(time, now)),
        };
        file_parts.insert(name.clone(), parts);
    }
    file_parts
}

/// Reads contents. Small ones come first, so that as many as possible are in memory.
fn read<'a>(
    config: &Config,
    found: &'a BTreeMap<String, RootFile>,
    problems: &mut Vec<Problem>,
) -> HashMap<&'a str, FormContent> {
    let mut store = ContentStore::new(config.memory_limit_bytes);
    let mut by_length: Vec<_> = found.iter().collect();
    by_length.sort_by_key(|(_, file)| file.version.length_bytes);
    let mut stored = HashMap::with_capacity(found.len());
    for (name, RootFile { path, version }) in by_length {
        let file = DiskFile {
            path: path.clone(),
            version: *version,
        };
        match store.read(&file) {
            Ok(content) => {
                stored.insert(&**name, content);
            }
            Err(error) => {
                let path = path.clone();
                problems.push(Problem::Unreadable { path, error });
            }
        }
    }
    stored
}

/// Whether a file is the compressed form of the file beside it.
fn is_encoded_form(name: &str, found: &BTreeMap<String, RootFile>) -> bool {
    Encoding::ALL
        .iter()
        .filter_map(|encoding| name.strip_suffix(encoding.suffix()))
        .any(|plain| found.contains_key(plain))
}

/// Whether a compressed form is older than its file, and so may be of another content. Forms that
/// were collected with their file have its time (row WN-C4).
fn is_older(form: &FileVersion, file: &FileVersion) -> bool {
    // Only seconds are compared: some tools that copy files drop the fraction.
    let seconds = |version: &FileVersion| version.modified?.duration_since(UNIX_EPOCH).ok();
    seconds(form).map(|age| age.as_secs()) < seconds(file).map(|age| age.as_secs())
}

/// Whether a compressed form is of a content. If one of them is not in memory this is not checked,
/// and the form is rather not used.
fn is_form_of(form: &FormContent, encoding: Encoding, identity: &FormContent) -> bool {
    match (&form.storage, &identity.storage) {
        (Storage::Memory(form), Storage::Memory(content)) => {
            compress::is_variant(form, encoding, content)
        }
        _ => false,
    }
}

/// The program's own files that the root lacks: if a release runs before its files are collected,
/// its pages must not be without style.
///
/// Folders among the sources are not served. That would publish files that were left out of the
/// collection on purpose.
fn own_files(
    config: &Config,
    found: &BTreeMap<String, RootFile>,
    problems: &mut Vec<Problem>,
) -> BTreeMap<String, FileParts> {
    let embedded = config.sources.iter().filter_map(|source| match source {
        Source::Embedded(files) => Some(*files),
        Source::Folder(_) => None,
    });
    let mut own = BTreeMap::new();
    for EmbeddedFile { name, content } in embedded.flatten() {
        let is_hidden = *name == Manifest::FILE_NAME || !path::is_name(name);
        if is_hidden || found.contains_key(*name) || own.contains_key(*name) {
            continue;
        }
        let hashed = config.manifest.get(name);
        if !hashed.is_some_and(|hashed| found.contains_key(hashed)) {
            let name = (*name).to_owned();
            problems.push(Problem::NotCollected { name });
        }
        let parts = FileParts {
            modified: None,
            identity: content::of_bytes(Bytes::from_static(content)),
            encoded: Vec::new(),
        };
        own.insert((*name).to_owned(), parts);
    }
    own
}
